"""One trial out of its registrations: what each register says of it, and the view in which they are put together.

A study may be registered in several registers, and one registration may come from its register and from the WHO's
portal, which passes it on. The view takes each field from whoever is believed first (`dedupe.merge.TRUST`) and says
anything; beside it stands every register's own words, so that nobody has to trust the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from db.record import Record, Trial
from dedupe.merge import by_trust, fullest_trial
from dedupe.text import words
from dedupe.trials import claims

_EMPTY: tuple[object, ...] = ("", (), None, {}, False)


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says of one field of the trial."""

    source: str
    key: str
    value: Any
    """In the register's own words; never empty."""

    @property
    def text(self) -> str:
        """The value as one text: the parts of a list by their names, joined by `; `."""
        if isinstance(self.value, bool):
            return "yes"
        if isinstance(self.value, Mapping):
            return "; ".join(f"{name}: {said}" for name, said in self.value.items())
        if isinstance(self.value, tuple):
            return "; ".join(map(_name, self.value))
        return str(self.value)


@dataclass(frozen=True, slots=True)
class RegisteredTrial:
    """One trial, as its registrations describe it together."""

    numbers: tuple[str, ...]
    """The numbers of its registrations, that of the most believed first."""
    elsewhere: tuple[str, ...]
    """Numbers that the registrations claim besides, of registers from which nothing has come."""
    title: str
    trial: Trial
    """Each field from whoever is believed first and says anything."""
    said: Mapping[str, tuple[Said, ...]]
    """Field of `Trial`, or `title` or `date`, → what each register says, the most believed first."""

    @property
    def disputed(self) -> tuple[str, ...]:
        """Fields of which two registers speak in different words, case and punctuation aside."""
        return tuple(name for name, said in self.said.items() if len({_plain(each) for each in said}) > 1)


def registered(records: Iterable[Record]) -> RegisteredTrial | None:
    """The trial of a study, from all of its records in any order; None when none of them is a registration."""
    ordered = by_trust(record for record in records if record.trial is not None)
    trial = fullest_trial([record.trial for record in ordered])
    if trial is None:
        return None
    claimed = [claims(record, registration=True) for record in ordered]
    numbers = tuple(dict.fromkeys(number for each in claimed for number in each.own))
    others = dict.fromkeys(number for each in claimed for number in each.secondary)
    said = {name: words for name in _NAMES if (words := _said(ordered, name))}
    title = next((record.title for record in ordered if record.title), "")
    return RegisteredTrial(numbers, tuple(n for n in others if n not in numbers), title, trial, said)


_NAMES = ("title", "date", *(f.name for f in fields(Trial)))


def _said(records: Iterable[Record], name: str) -> tuple[Said, ...]:
    values = (
        (record, getattr(record if name in ("title", "date") else record.trial, name)) for record in records
    )
    return tuple(Said(record.source, record.key, value) for record, value in values if value not in _EMPTY)


def _name(part: object) -> str:
    """What an intervention, an arm or an outcome is called; any other part as it stands."""
    return str(
        next((getattr(part, name) for name in ("name", "measure", "label") if hasattr(part, name)), part)
    )


def _plain(said: Said) -> str:
    return " ".join(words(said.text))

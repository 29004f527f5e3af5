"""The log of the rankings, and the proof that each can be made again: `harvest rank log`, `harvest rank check`.

RAISE asks that any automation that suggests a judgement is fully reported. The log says of every order of reading
when, what for and by which version it was made, from which texts, question, labels, parameters and seed, and what of
it was shown to whom; the check makes it again from the log alone and compares the two bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from db.errors import CheckFailed, WrongUse
from db.opinion import LoggedRanking, Ranking, Shown
from db.packed import order_digest
from db.store import Store
from harvest import __version__
from screen.export import harvest_id
from screen.steps import made_again


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of making a ranking again."""

    number: int
    same: bool
    """Every report at the same place with the same score, to the last bit."""
    finding: str
    """One sentence."""
    other_versions: tuple[str, ...] = ()
    """What is not of the version it was made with: `numpy 2.1.0, then 2.0.2`."""

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    """One ranking in the log."""

    logged: LoggedRanking
    shown: tuple[Shown, ...] = field(default=())
    withheld: frozenset[int] = frozenset()
    """Reports whose labels are not told, since somebody has still to judge them alone."""

    def counts(self) -> dict[str, int]:
        """How many labels said what."""
        labels = self.logged.ranking.labels.values()
        included, excluded = sum(x == 1 for x in labels), sum(x == 0 for x in labels)
        return {"included": included, "excluded": excluded, "between": len(labels) - included - excluded}

    def readers(self) -> dict[str, int]:
        """Reviewer → how many different reports of this order they were shown."""
        seen: dict[str, set[int]] = {}
        for shown in self.shown:
            seen.setdefault(shown.reviewer, set()).update(shown.reports)
        return {reviewer: len(seen[reviewer]) for reviewer in sorted(seen)}

    def to_dict(self) -> dict[str, Any]:
        """Everything but the order itself and the texts."""
        kept = self.logged
        ranking = asdict(kept.ranking)
        del ranking["order"]
        learnt = ranking.pop("labels")
        labels = {
            harvest_id(report): label for report, label in learnt.items() if report not in self.withheld
        }
        shown = [{**asdict(x), "reports": [harvest_id(report) for report in x.reports]} for x in self.shown]
        return {
            "ranking": kept.number, "at": kept.at, **ranking, "reports": kept.reports,
            "order_digest": kept.order_digest, "labels_digest": kept.labels_digest, "counts": self.counts(),
            "labels": labels, "labels_withheld": len(learnt) - len(labels), "shown": shown,
        }  # fmt: skip


def log(
    store: Store,
    last: int | None = None,
    number: int | None = None,
    withheld: frozenset[int] = frozenset(),
) -> list[Line]:
    """The last rankings, or all, newest first, each with what was shown of it; or the one of this number.

    Raises:
        WrongUse: there is no ranking of this number.
    """
    if number is not None:
        _kept(store, number)
    shown: dict[int | None, list[Shown]] = {}
    for each in store.shown():
        shown.setdefault(each.ranking, []).append(each)
    listed = store.rankings(last if number is None else None)
    return [
        Line(kept, tuple(shown.get(kept.number, ())), withheld)
        for kept in listed
        if number in (None, kept.number)
    ]


def whole(store: Store, number: int, withheld: frozenset[int] = frozenset()) -> dict[str, Any]:
    """One ranking with all that is kept of it: also its order, and question and texts as they were asked.

    Raises:
        WrongUse: there is no such ranking.
    """
    ranking = _kept(store, number)
    (line,) = log(store, number=number, withheld=withheld)
    asked = store.topic(ranking.topic)
    order = [
        {"rank": place, "id": harvest_id(report), "score": score}
        for place, (report, score) in enumerate(ranking.order, start=1)
    ]
    return {**line.to_dict(), "asked": None if asked is None else json.loads(asked), "order": order}


def numbers(store: Store, number: int | None, *, every: bool) -> list[int]:
    """Which rankings are meant: the one named, the newest, or every one. Raises `WrongUse` when there is none."""
    if number is not None:
        return [number]
    found = [kept.number for kept in store.rankings(None if every else 1)]
    if not found:
        raise WrongUse("Nothing is ranked yet: `harvest rank` makes an order.")
    return found


def check(store: Store, chosen: Sequence[int]) -> Iterator[Checked]:
    """Make rankings again from the log, one after the other. Raises `WrongUse` for one that does not exist."""
    for number in chosen:
        yield _checked(store, number, _kept(store, number))


def _kept(store: Store, number: int) -> Ranking:
    ranking = store.ranking(number)
    if ranking is None:
        raise WrongUse(f"There is no ranking {number}: `harvest rank log` lists them.")
    return ranking


def _checked(store: Store, number: int, kept: Ranking) -> Checked:
    try:
        ranker = made_again(store, kept, __version__)
        made = ranker.rank(kept.labels)
    except (CheckFailed, WrongUse) as error:
        return Checked(number, same=False, finding=f"Ranking {number} cannot be made again. {error}")
    versions = tuple(_others(kept.versions, made.versions))
    if order_digest(made.order) == order_digest(kept.order):
        finding = f"Ranking {number} is the same, bit for bit: {len(kept.order)} reports, from {kept.model}."
        return Checked(number, same=True, finding=finding, other_versions=versions)
    return Checked(number, same=False, finding=_difference(number, kept, made), other_versions=versions)


def _others(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'none')}, now {now.get(name, 'none')}"


def _difference(number: int, kept: Ranking, made: Ranking) -> str:
    """The first place at which two orders differ, or by how much their scores do."""
    for place, ((then, _), (now, _)) in enumerate(zip(kept.order, made.order, strict=False), start=1):
        if then != now:
            return (
                f"Ranking {number} comes out differently from place {place} on: "
                f"{harvest_id(then)} stood there, now {harvest_id(now)}."
            )
    if len(kept.order) != len(made.order):
        return f"Ranking {number} held {len(kept.order)} reports, and now holds {len(made.order)}."
    scores = zip(kept.order, made.order, strict=True)
    most = max(abs(then - now) for (_, then), (_, now) in scores)
    return f"Ranking {number} has the same order with other scores, by {most:.1e} at most."

"""Whether two records are of one trial, and how surely: what ties them, graded A, B or C.

- **A**: links by rule. The number stands in the paper's databank field, in its title, or in the abstract where that
  states the registration, and the paper names no other trial; or the register names the paper as a result or as
  derived from the trial, and the paper names no other one and is not older than the trial. Two papers that both
  name one and the same trial as theirs. Two registrations in two registers, of which one gives the other's number.
- **B**: is asked. A number only mentioned, or among several, or with digits that cannot be right; a paper in the
  background of a registration, or named by it and tied to another trial by its own words; two numbers of one register.
- **C**: is asked, most likely first. No number, but the title, an investigator among the authors, condition and
  treatment, size and dates speak for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import exp
from typing import NamedTuple

from dedupe.names import same_name
from dedupe.normal import Form

LIKELY = 0.6
"""Likelihood from which a registration and a paper without any number are asked about."""


class Ties(NamedTuple):
    """What ties two records to one trial; three-valued where a side may be silent, as everywhere in evidence."""

    trial: str = ""
    """own, secondary, related · databank, statement, result reference, several, disputed, background reference,
    mentioned; or nothing. `disputed`: the register names the paper, which names another trial or is older."""
    grade: str = ""
    investigator: bool | None = None
    """An investigator the registration names is an author."""
    condition: bool | None = None
    """A telling word of the condition stands in title or abstract."""
    treatment: bool | None = None
    size: bool | None = None
    """As many took part; False: the paper speaks of far more only."""
    dates: bool | None = None
    """False: the paper is older than the trial."""
    study: float | None = None
    """0 to 1: how likely the paper reports the registered trial."""


NOTHING = Ties()


def ties(a: Form, b: Form, title: float | None) -> Ties:
    """What ties the two; `title` is the likeness of their titles, 0 to 1."""
    if a.registration != b.registration:
        return _report(a, b, title) if a.registration else _report(b, a, title)
    if a.registration:
        return _registrations(a, b)
    return _papers(a, b)


# -- of one sort -------------------------------------------------------------------------------------


def _registrations(a: Form, b: Form) -> Ties:
    if not set(a.trials).isdisjoint(b.trials):
        return Ties("own", "A")
    claimed = set(a.secondary) & {*b.trials, *b.secondary} | set(b.secondary) & set(a.trials)
    if claimed:
        elsewhere = {*map(_register, a.trials)}.isdisjoint(map(_register, b.trials))
        return Ties("secondary", "A") if elsewhere else Ties("related", "B")
    return Ties("mentioned", "B") if _all(a) & _all(b) else NOTHING


def _papers(a: Form, b: Form) -> Ties:
    if not (a.trials or a.mentioned) or not (b.trials or b.mentioned):
        return NOTHING
    ours, theirs = set(_named(a)), set(_named(b))
    if ours == theirs and len(ours) == 1:
        return Ties("own", "A")
    return Ties("mentioned", "B") if _all(a) & _all(b) else NOTHING


def _named(paper: Form) -> Iterable[str]:
    """The trials a paper claims as its own: those of the databank field, or else those it states."""
    return paper.trials or paper.stated


def _all(form: Form) -> set[str]:
    return {*form.trials, *form.secondary, *form.mentioned}


def _register(number: str) -> str:
    """Letters in front of a number; European numbers have none, and those of the new register begin with 5."""
    letters = re.match("[A-Za-z]*", number)
    return letters[0].upper() if letters and letters[0] else number[4:6]


# -- a registration and a paper ----------------------------------------------------------------------


def _report(register: Form, paper: Form, title: float | None) -> Ties:
    trial, grade = _tie(register, paper)
    if not grade and not _comparable(register, paper, title):
        return NOTHING
    found = Ties(
        trial,
        grade,
        investigator=_investigator(register, paper),
        condition=_speaks_of(paper, register.study.conditions if register.study else ()),
        treatment=_speaks_of(paper, register.study.treatments if register.study else ()),
        size=_size(register, paper),
        dates=_dates(register, paper),
    )
    found = found._replace(study=_likelihood(found, title))
    likely = (found.study or 0.0) >= LIKELY and found.dates is not False
    return found._replace(grade="C") if likely and not grade else found


def _tie(register: Form, paper: Form) -> tuple[str, str]:
    """What ties them, and grade A or B."""
    ours = {*register.trials, *register.secondary}
    named = set(_named(paper))
    if named & ours:
        alone = named <= ours and (paper.trials or ours.issuperset(paper.mentioned))
        if alone:
            return ("databank" if paper.trials else "statement"), "A"
        return "several", "B"
    known = {*paper.dois, *paper.pmids}
    if not known.isdisjoint(register.refers):
        undisputed = not named and _dates(register, paper) is not False
        return ("result reference", "A") if undisputed else ("disputed", "B")
    if not known.isdisjoint(register.background):
        return "background reference", "B"
    return ("mentioned", "B") if not _all(register).isdisjoint(_all(paper)) else ("", "")


def _comparable(register: Form, paper: Form, title: float | None) -> bool:
    """Worth a closer look without a number: neither names another trial, and something is alike."""
    if _named(paper) or paper.notice:
        return False
    return (title or 0.0) >= 0.6 or bool(_investigator(register, paper))


def _investigator(register: Form, paper: Form) -> bool | None:
    people = register.study.people if register.study else register.surnames
    if not people or not paper.surnames:
        return None
    return any(same_name(person, author) for person in people for author in paper.surnames)


def _speaks_of(paper: Form, about: tuple[str, ...]) -> bool | None:
    if not about or not (paper.title or paper.abstract):
        return None
    title = paper.title.split()
    return any(word in title or word in paper.abstract for word in about)


def _size(register: Form, paper: Form) -> bool | None:
    """Equal, or within two of a hundred; nothing follows from another size, unless all of them are far too great."""
    if not (register.study and register.study.sizes and paper.study):
        return None
    planned = register.study.sizes[0]
    if any(abs(size - planned) <= planned // 50 for size in paper.study.sizes):
        return True
    return False if register.study.counted and min(paper.study.sizes) > 2 * planned else None


def _dates(register: Form, paper: Form) -> bool | None:
    """A report may come a year before its trial began, as a protocol; earlier it is of another trial."""
    since = register.study.since if register.study else register.year
    if not since or not paper.year:
        return None
    return paper.year >= since - 1


_TIES = {
    "databank": 3.5,
    "statement": 3.0,
    "result reference": 3.0,
    "several": 1.0,
    "mentioned": 0.6,
    "disputed": 0.4,
    "background reference": -0.4,
    "": -3.5,
}
"""Log odds by the tie alone."""
_FOR = {"investigator": 1.2, "size": 2.0, "condition": 0.2, "treatment": 0.7, "dates": 0.0}
_AGAINST = {"investigator": 0.8, "size": 2.0, "condition": 0.8, "treatment": 0.7, "dates": 4.0}
"""Log odds that an agreement adds and a contradiction takes away.

From 1,135 registrations of one disease in one half-year, each against the public titles of all: what ties two trials
of one institute is common there, so the weights are cautious elsewhere.
"""
_TITLE = 6.0
"""Log odds from a likeness of titles of one half, which says nothing, to a likeness of one and a half."""


def _likelihood(found: Ties, title: float | None) -> float:
    odds = _TIES[found.trial] + _TITLE * max(0.0, (title or 0.0) - 0.5)
    for name, weight in _FOR.items():
        value: bool | None = getattr(found, name)
        odds += 0.0 if value is None else weight if value else -_AGAINST[name]
    return round(1 / (1 + exp(-odds)), 4)


# -- keys --------------------------------------------------------------------------------------------


def referred(form: Form) -> Iterable[str]:
    """PMIDs and DOIs of the papers a registration names; a paper is found by its own."""
    return (*form.refers, *form.background)


def signed_sizes(form: Form) -> Iterable[str]:
    """An investigator and the number of participants: of a registration, or of a paper's first and last authors."""
    if not form.study or not form.study.sizes:
        return ()
    if form.registration:
        people, counts = form.study.people[:4], form.study.sizes
    else:
        people, counts = (*form.surnames[:2], *form.surnames[2:][-1:]), form.study.sizes[:4]
    return {f"{person.split()[-1][:12]} {count}" for person in people for count in counts}

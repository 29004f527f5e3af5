"""When may I stop? Rules that recommend it, over the reading so far.

A reading is a sequence, a number for every report read, in the order read: above 0 for an include, 0 for an exclude;
and the size of the harvest, read or not. Nothing here excludes anything: a rule gives a number between 0 and 1 for "the
target recall is missed", and recommends to stop when that is below 1 − confidence.

curve        `screen.stop.curve`: the usual rule. Assumes a family of recall curves.
strict       `screen.stop.urn`: Callaghan & Müller-Hansen's test. Assumes only that the ranking never does harm.
in a row     so many excludes one after the other. Says nothing about recall; for comparison.
sample       `screen.stop.sample`: reports drawn by lot. Assumes nothing.

docs/stopping.md has how often each reached its target, and what it saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from db.errors import WrongUse
from screen.stop.curve import Curve
from screen.stop.urn import Urn

TARGET = 0.95
"""Share of all includes of the harvest that shall be found."""
CONFIDENCE = 0.95
"""How sure one wants to be of that."""
IN_A_ROW = 200
"""Excludes one after the other, for the simple rule."""


class Rule(Protocol):
    """A rule that follows a reading, include by include."""

    def __init__(self, total: int, target: float) -> None: ...

    def add(self, place: int) -> None:
        """An include was found, `place` = 1 for the first report read; in ascending order."""

    def missed(self, read: int) -> float:
        """How credible it is that the target is missed when so many are read, with the includes added so far."""


RULES: Mapping[str, type[Rule]] = {"curve": Curve, "strict": Urn}
USUAL = "curve"


def stops_at(
    found: Sequence[float], total: int, target: float = TARGET, confidence: float = CONFIDENCE
) -> int:
    """How many reports are read when the usual rule would first let one stop; `total` if never.

    `found` is the reading, complete or not. Raises `WrongUse` for numbers that are no shares, and for more reports read
    than there are.
    """
    return first_stop(USUAL, found, total, target, confidence)


def first_stop(rule: str, found: Sequence[float], total: int, target: float, confidence: float) -> int:
    """As `stops_at`, by the rule of that name in `RULES`."""
    check(len(found), total, target, confidence)
    follower = RULES[rule](total, target)
    for begin, end in _stretches(found):
        if begin:
            follower.add(begin)
        if follower.missed(end) < 1 - confidence:
            return _first(follower, begin, end, 1 - confidence)
    return total


def stops_in_a_row(found: Sequence[float], total: int, in_a_row: int = IN_A_ROW) -> int:
    """How many reports are read when so many excludes have first come one after the other; `total` if never."""
    for begin, end in _stretches(found):
        if end - begin >= in_a_row:
            return begin + in_a_row
    return total


def trace(rule: str, found: Sequence[float], total: int, target: float, at: Sequence[int]) -> list[float]:
    """What a rule said when so many were read, for ascending numbers `at`."""
    check(len(found), total, target)
    follower = RULES[rule](total, target)
    places = iter(sorted({place for place, _ in _stretches(found)} - {0}))
    told, following = [], next(places, None)
    for read in at:
        while following is not None and following <= read:
            follower.add(following)
            following = next(places, None)
        told.append(follower.missed(read))
    return told


def check(read: int, total: int, target: float, confidence: float = CONFIDENCE) -> None:
    """Raises `WrongUse` for numbers with which no rule can be asked."""
    if not 0 < target <= 1:
        raise WrongUse(f"The target recall is a share above 0 and up to 1, such as 0.95, not {target:g}.")
    if not 0 < confidence < 1:
        raise WrongUse(f"The confidence is a share between 0 and 1, such as 0.95, not {confidence:g}.")
    if read > total:
        raise WrongUse(f"{read} reports cannot have been read of a harvest of {total}: give its whole size.")


def _stretches(found: Sequence[float]) -> Iterator[tuple[int, int]]:
    """(place of an include, reports read before the next): first (0, …), before any include; last the end."""
    places = [place for place, label in enumerate(found, start=1) if label > 0]
    for place, following in pairwise((0, *places, len(found) + 1)):
        yield place, following - 1


def _first(follower: Rule, begin: int, end: int, limit: float) -> int:
    """The first place of a stretch at which the rule is below its limit; it falls from place to place."""
    while begin < end:
        middle = (begin + end) // 2
        begin, end = (begin, middle) if follower.missed(middle) < limit else (middle + 1, end)
    return end

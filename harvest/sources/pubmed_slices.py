"""How a listing of more than 9,999 PubMed records is cut into slices that tile it; pure.

Every record has exactly one day on which it was added (CRDT), one entry date (EDAT) and one day of last
change (MDAT). A query limited to ranges of such a day therefore falls into parts that do not overlap and
together are the whole, so that their counts must add up. A range too large is halved; a single day too
large is cut by the next date. Dates of publication would not do: hundreds of thousands of records share
one 1 January.

A place in the listing is the first day not yet listed, one for each date in use: `("2009/01/05",)`, or
`("2009/01/05", "1985/03/01")` within one day. Slices are walked in the order of their places, so a place
says completely what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
_DAY = timedelta(days=1)

Place = tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """A range of days for each date in use; every range but the last is a single day."""

    ranges: tuple[tuple[date, date], ...]
    known: int | None = None
    """How many records are in it, when that was found out already (by subtraction)."""

    def query(self, query: str, fields: Sequence[str]) -> str:
        """The query, limited to this slice."""
        limits = (
            f'("{low:%Y/%m/%d}"[{field}] : "{high:%Y/%m/%d}"[{field}])'
            for field, (low, high) in zip(fields, self.ranges, strict=False)
        )
        return " AND ".join((f"({query})", *limits))

    def halves(self, dates: int) -> tuple[Slice, Slice] | None:
        """Two slices that are this one together; None when nothing is left to cut by.

        `dates` is how many dates there are to cut by.
        """
        *outer, (low, high) = self.ranges
        if low < high:
            middle = low + (high - low) // 2
            return (
                Slice((*outer, (low, middle))),
                Slice((*outer, (middle + _DAY, high))),
            )
        return Slice((*self.ranges, (FIRST, LAST))).halves(dates) if len(self.ranges) < dates else None


def remaining(place: Place) -> list[Slice]:
    """What is left from a place on, in order."""
    slices = []
    outer = tuple((day, day) for day in place[:-1])
    for depth in range(len(place) - 1, -1, -1):
        low = place[depth] if depth == len(place) - 1 else place[depth] + _DAY
        if low <= LAST:
            slices.append(Slice((*outer[:depth], (low, LAST))))
    return slices


def after(done: Slice) -> Place | None:
    """The place after a slice; None after the last one."""
    days = [high for _, high in done.ranges]
    while days and days[-1] >= LAST:
        days.pop()
    return (*days[:-1], days[-1] + _DAY) if days else None


def place_of(text: str) -> Place:
    """A place from ISO dates joined by blanks; the beginning from nothing. Raises `ValueError`."""
    return tuple(date.fromisoformat(day) for day in text.split()) or (FIRST,)

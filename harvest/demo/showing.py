"""What the review decided, and how the order of reading does against it."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.store import Store
from screen.export import harvest_id

SOURCE = "file:zenodo-3625931"
"""As the records of the review are kept; its search in the example's review.toml says so."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One report near the top of an order."""

    rank: int
    id: str
    """H000123."""
    title: str
    decided: bool | None
    """Whether the review included it; None when it was never a record of the review."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How an order of reading does."""

    reports: int
    tenth: int
    """How many reports are a tenth of all, rounded up."""
    includes: int
    """Reports that the review included."""
    in_tenth: int
    """Of these, how many stand in the first tenth."""
    last: int
    """Place of the last one."""
    stranger: int
    """Place of the first report that was never a record of the review."""
    first: tuple[Line, ...]


def decided(store: Store, labels: Path) -> dict[int, bool]:
    """Report → whether the review included it. A report of several records was included when one of them was."""
    keys = store.keys(SOURCE)
    found: dict[int, bool] = {}
    with labels.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            report = store.report_of(keys[row["accession number"]])
            found[report] = found.get(report, False) or row["included"] == "1"
    return found


def ranked(store: Store) -> tuple[int, ...]:
    """Every report, in the order in force."""
    newest = store.newest_ranking()
    assert newest is not None
    return tuple(report for report, _ in newest[1].order)


def show(store: Store, order: Sequence[int], known: Mapping[int, bool]) -> Showing:
    """Look at an order of reading with the decisions of the review in hand."""
    places = [place for place, report in enumerate(order, 1) if known.get(report)]
    strangers = (place for place, report in enumerate(order, 1) if report not in known)
    tenth = math.ceil(len(order) / 10)
    return Showing(
        reports=len(order),
        tenth=tenth,
        includes=sum(known.values()),
        in_tenth=sum(place <= tenth for place in places),
        last=max(places, default=0),
        stranger=next(strangers, 0),
        first=tuple(
            _line(store, place, report, known.get(report)) for place, report in enumerate(order[:SHOWN], 1)
        ),
    )


def _line(store: Store, place: int, report: int, included: bool | None) -> Line:
    record = store.record(report)
    assert record is not None
    return Line(place, harvest_id(report), record.title or record.abstract_text, included)

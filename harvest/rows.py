"""Which report a decision is about, also when the file it came in has lost our identifier, or moved it.

The order is that of the strength of what is left: our identifier; DOI, PMID and registry numbers, which must all mean
one report; title with year and first author, which must mean one report alone. Nothing is guessed between two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from db.record import Record
from db.store import Store
from db.trial_numbers import find as trial_numbers
from dedupe.text import fold
from screen.decisions import DecisionRow
from screen.export import harvest_id, report_of

_BEFORE_DOI = ("https://", "http://", "www.", "dx.", "doi.org/", "doi:")


@dataclass(frozen=True, slots=True)
class Found:
    """A row and the record its decision is about."""

    row: DecisionRow
    record: int
    how: str = ""
    """`DOI`, `PMID` …: what it was found by; empty: by our identifier."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A row whose report was not found, or not for certain."""

    row: DecisionRow
    why: str


@dataclass(frozen=True, slots=True)
class _Named:
    """What a record is known by when identifiers fail."""

    report: int
    year: int | None
    family: str


class Finder:
    """Finds the reports of decisions in one review."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, rows: Sequence[DecisionRow]) -> list[Found | Lost]:
        """The rows, each with its record or with why there is none; in order."""
        numbers = {report_of(row.harvest_id) or 0 for row in rows if row.harvest_id}
        known = self._store.existing(numbers)
        titles = self._titles(known)
        return [
            self._named(row, known, titles) if row.harvest_id else self._by_other_means(row) for row in rows
        ]

    def _named(self, row: DecisionRow, known: set[int], titles: Mapping[int, set[str]]) -> Found | Lost:
        number = report_of(row.harvest_id or "") or 0
        if number not in known:
            return Lost(row, f"{row.harvest_id} is no record of this review")
        title = fold(row.title)
        if title and title not in titles[number]:
            others = {named.report for named in self._by_title.get(title, ())}
            if len(others) == 1:
                other = harvest_id(others.pop())
                why = f"{row.harvest_id} is another report, the title in this row is that of {other}"
                return Lost(row, f"{why}: were some columns sorted without the others?")
        return Found(row, number)  # a title may have been cut or cleaned on the way

    def _by_other_means(self, row: DecisionRow) -> Found | Lost:
        found = [(how, reports) for how, reports in self._identified(row) if reports]
        if not found:
            return self._titled(row)
        meant = set.intersection(*(reports for _, reports in found))
        how = " and ".join(how for how, _ in found)
        if len(meant) == 1:
            return Found(row, meant.pop(), how)
        several = sorted(set.union(*(reports for _, reports in found)))
        return Lost(
            row, f"the harvest_id is gone, and {how} stand for {_listed(several)}: add the harvest_id"
        )

    def _identified(self, row: DecisionRow) -> Iterator[tuple[str, set[int]]]:
        doi = row.doi.strip().lower()
        for lead in _BEFORE_DOI:
            doi = doi.removeprefix(lead)
        yield "DOI", self._carrying("doi", doi)
        yield "PMID", self._carrying("pmid", row.pmid)
        numbers = [number for text in row.numbers for number in trial_numbers(text)]
        yield (
            "registry number",
            {report for number in numbers for report in self._carrying(number.scheme, number.value)},
        )

    def _carrying(self, scheme: str, value: str) -> set[int]:
        """The reports of the records that carry an identifier."""
        if not value:
            return set()
        return {self._reports[record] for record in self._store.with_identifier(scheme, value)}

    def _titled(self, row: DecisionRow) -> Found | Lost:
        same = {named.report for named in self._by_title.get(fold(row.title), ()) if _agree(row, named)}
        if len(same) == 1:
            return Found(row, same.pop(), "title, year and first author")
        what = f" ({row.title[:60]})" if row.title else ""
        if same:
            several = _listed(sorted(same))
            return Lost(row, f"the harvest_id is gone{what}, and it may be {several}: add the right one")
        return Lost(row, f"the harvest_id is gone{what}: copy it from the queue that went out")

    @cached_property
    def _reports(self) -> dict[int, int]:
        """Record → its report; a record that was never grouped is its own."""
        grouped = {record: report for record, (report, _) in self._store.membership().items()}
        return {number: grouped.get(number, number) for number in self._store.numbers()}

    @cached_property
    def _by_title(self) -> dict[str, list[_Named]]:
        found: dict[str, list[_Named]] = defaultdict(list)
        for number, record in self._store.records():
            for title in _titles_of(record):
                found[title].append(_Named(self._reports[number], record.year, _family(record)))
        return found

    def _titles(self, numbers: Iterable[int]) -> dict[int, set[str]]:
        """Record → every title that its report goes by."""
        reports = {number: self._reports[number] for number in numbers}
        wanted = set(reports.values())
        members = [record for record, report in self._reports.items() if report in wanted]
        titles: dict[int, set[str]] = defaultdict(set)
        for number, record in self._store.records(members):
            titles[self._reports[number]].update(_titles_of(record))
        return {number: titles[report] for number, report in reports.items()}


def _titles_of(record: Record) -> set[str]:
    return {folded for title in (record.title, record.vernacular_title) if (folded := fold(title))}


def _family(record: Record) -> str:
    first = record.authors[0] if record.authors else None
    return fold(first.family or first.given) if first else ""


def _agree(row: DecisionRow, named: _Named) -> bool:
    """Year and first author do not speak against each other; what one side does not know cannot."""
    same_year = not row.year[:4].isdigit() or named.year is None or int(row.year[:4]) == named.year
    author = fold(row.author)
    return same_year and (not author or not named.family or f"{author} ".startswith(f"{named.family} "))


def _listed(reports: Sequence[int]) -> str:
    return " or ".join(map(harvest_id, reports))

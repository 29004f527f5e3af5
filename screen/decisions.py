"""Decisions on their way home, from CSV, XLSX or RIS.

Nothing is decided here: every row becomes a decision, a blank, or a problem with its place. The caller
takes the file as a whole or not at all, and looks up what has no `harvest_id`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from db.errors import Problem, WrongUse
from db.opinion import Verdict
from screen.export import harvest_id, report_of
from screen.ris import Tagged, read_ris
from screen.tables import Entry, read_csv, read_xlsx, text_of

_WORDS: dict[Verdict, str] = {
    "include": "include included in yes y true 1 relevant accept accepted asreview_relevant",
    "exclude": "exclude excluded out no n false 0 irrelevant reject rejected asreview_irrelevant",
    "unsure": "unsure maybe ? unclear uncertain undecided",
}
VERDICT_OF: dict[str, Verdict] = {
    word: verdict for verdict, words in _WORDS.items() for word in words.split()
}
"""What people and programs write for a verdict."""

_IDS = ("harvest_id", "accession_number", "an", "id")
_DECISIONS = ("decision", "verdict", "asreview_label")
_REASONS = ("reason", "exclusion_reason")
_NOTES = ("note", "notes", "comment", "asreview_note")
_ASREVIEW = re.compile(r"\bASReview_(?:ir)?relevant\b")
"""ASReview's label, which may stand amid other notes."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision as it came."""

    place: str
    """`row 12`, `record 3 (line 40)`."""
    harvest_id: str | None
    """H000123, or None when the file no longer says."""
    verdict: Verdict
    reason: str = ""
    """A code of the project, in the project's spelling."""
    note: str = ""
    title: str = ""
    doi: str = ""
    pmid: str = ""


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """A whole file of decisions."""

    rows: tuple[DecisionRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What must be put right before the file can be taken."""
    blank: int = 0
    """Rows not decided yet."""
    reviewers: tuple[str, ...] = ()
    """Whose queue it says it is (CSV and XLSX), to be compared with who brings it."""
    stages: tuple[str, ...] = ()

    @property
    def unmatched(self) -> tuple[DecisionRow, ...]:
        """Decisions whose report must be found by other means than its name."""
        return tuple(row for row in self.rows if row.harvest_id is None)


def read_decisions(body: bytes, name: str, reasons: Collection[str]) -> DecisionFile:
    """A file that came back. Never raises for what is in it: see `DecisionFile.problems`.

    `name` stands in the problems; the format is seen from the bytes. `reasons` are the project's codes.
    """
    try:
        entries = _entries(body)
    except WrongUse as error:
        return DecisionFile(problems=(Problem(name, "", str(error)),))
    read = [_decision(entry, name, reasons) for entry in entries]
    rows, clashes = _once([row for row in read if isinstance(row, DecisionRow)], name)
    return DecisionFile(
        rows=rows,
        problems=(*(row for row in read if isinstance(row, Problem)), *clashes),
        blank=sum(row is None for row in read),
        reviewers=_distinct(entries, "reviewer"),
        stages=_distinct(entries, "stage"),
    )


def _entries(body: bytes) -> tuple[Entry, ...]:
    if body.startswith(_OLD_EXCEL):
        raise WrongUse("This is a workbook of the old format (.xls); save it as .xlsx or CSV.")
    if body.startswith(b"PK"):
        return read_xlsx(body, frozenset(_DECISIONS))
    text = text_of(body)
    if re.search(r"^TY  ?-", text, re.MULTILINE):
        return tuple(_entry(record) for record in read_ris(text))
    return read_csv(text, frozenset(_DECISIONS))


def _entry(record: Tagged) -> Entry:
    """A RIS record in the words of a table: notes `harvest_…: value` and ASReview's label count."""
    values: dict[str, str] = {}
    for name, value in _values(record):
        values.setdefault(name, value)  # ASReview puts its newest label in front
    return Entry(f"record {record.number} (line {record.line})", values)


def _values(record: Tagged) -> Iterator[tuple[str, str]]:
    for tag, name in (("AN", "an"), ("ID", "id"), ("TI", "title"), ("T1", "title"), ("DO", "doi")):
        yield from ((name, value) for value in record.all(tag)[:1])
    for note in record.all("N1"):
        for line in note.split("\n"):
            key, _, value = line.partition(":")
            if key in ("harvest_id", "pmid"):
                yield key, value.strip()
            elif key in ("harvest_decision", "harvest_reason", "harvest_note"):
                yield key.removeprefix("harvest_"), value.strip()
            elif label := _ASREVIEW.search(line):
                yield "asreview_label", label[0]


def _decision(entry: Entry, name: str, reasons: Collection[str]) -> DecisionRow | Problem | None:
    """A row's decision, what is wrong with it, or None when it is not decided."""
    said = [entry.values[column] for column in _DECISIONS if entry.values.get(column)]
    reason, note = _first(entry, _REASONS), _first(entry, _NOTES)
    if not said:
        if reason:
            message = (
                f"The reason {reason!r} stands without a decision; add the decision or clear the reason."
            )
            return Problem(name, entry.place, message)
        return None
    verdict = VERDICT_OF.get(said[0].lower())
    report = _report(entry)
    code = _code(reason, reasons)
    wrong = _wrong(entry, said, verdict, reason, code, reasons)
    if wrong or verdict is None:
        return Problem(name, entry.place, wrong)
    return DecisionRow(
        place=entry.place,
        harvest_id=None if report is None else harvest_id(report),
        verdict=verdict,
        reason=code or "",
        note=note,
        title=entry.values.get("title", ""),
        doi=entry.values.get("doi", ""),
        pmid=entry.values.get("pmid", ""),
    )


def _wrong(
    entry: Entry,
    said: Sequence[str],
    verdict: Verdict | None,
    reason: str,
    code: str | None,
    reasons: Collection[str],
) -> str:
    """What is wrong with a decided row; empty when nothing is."""
    name = entry.values.get("harvest_id", "")
    if verdict is None:
        return f"{said[0]!r} is no decision; write include, exclude or unsure, or leave it empty."
    if any(VERDICT_OF.get(word.lower()) != verdict for word in said):
        return f"Two decisions in one row, {' and '.join(map(repr, said))}; leave the one that holds."
    if name and report_of(name) is None:
        return f"{name!r} is no harvest_id; they look like H000123."
    if reason and code is None:
        near = difflib.get_close_matches(reason.lower(), [item.lower() for item in reasons], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"{reason!r} is no reason of this review; the codes are {', '.join(reasons) or 'none'}.{hint}"
    if reason and verdict == "include":
        return f"Included, and yet with the reason {reason!r} to exclude; change one of them."
    return ""


def _report(entry: Entry) -> int | None:
    """The report by the strongest name that the row still has."""
    numbers = (report_of(entry.values.get(column, "")) for column in _IDS)
    return next((number for number in numbers if number is not None), None)


def _code(reason: str, reasons: Collection[str]) -> str | None:
    """The project's spelling of a reason, whatever its case."""
    return next((code for code in reasons if code.casefold() == reason.casefold()), None)


def _once(rows: Sequence[DecisionRow], name: str) -> tuple[tuple[DecisionRow, ...], tuple[Problem, ...]]:
    """Each report's decision once; a report decided in two ways is a problem."""
    first: dict[str, DecisionRow] = {}
    kept: list[DecisionRow] = []
    clashes: list[Problem] = []
    for row in rows:
        earlier = first.setdefault(row.harvest_id, row) if row.harvest_id else row
        if earlier is row:
            kept.append(row)
        elif (earlier.verdict, earlier.reason, earlier.note) != (row.verdict, row.reason, row.note):
            message = f"{row.harvest_id} is decided differently in {earlier.place}; leave one of the two."
            clashes.append(Problem(name, row.place, message))
    return tuple(kept), tuple(clashes)


def _first(entry: Entry, columns: Sequence[str]) -> str:
    """The first of these columns that is filled in."""
    return next((entry.values[column] for column in columns if entry.values.get(column)), "")


def _distinct(entries: Sequence[Entry], column: str) -> tuple[str, ...]:
    return tuple(sorted({entry.values[column] for entry in entries if entry.values.get(column)}))

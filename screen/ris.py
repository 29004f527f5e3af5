"""Queues as RIS, one fixed dialect a file, and the tags read back.

Every dialect writes the year alone in `PY` and a bare `DO`, and one tag for each thing: `TI` beside `T1`, or `AB`
beside `N2`, makes some importers lose both. No byte order mark, which hides the first record from them. The
report's name stands in `ID`, in `AN` (Covidence keeps it) and in a note of its own (Rayyan and ASReview keep
notes). Lines end in CR LF, as the format's description says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from screen.export import QueueRow

_TYPES = {"article": "JOUR", "book": "BOOK"}
_TAG = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|)")
_LABELS = {"include": "ASReview_relevant", "exclude": "ASReview_irrelevant"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which tags a file is written with."""

    title: str = "TI"
    author: str = "AU"
    journal: str = "T2"
    abstract: str = "AB"
    label: str = ""
    """One more tag that carries the report's name."""
    asreview: bool = False
    """Decisions stand in ASReview's words in the first note, `unsure` as not seen: ASReview knows no third label."""


PLAIN = Dialect()
"""What every importer tried takes."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """One record of a RIS file, as far as decisions need it."""

    number: int
    """Which one in the file, from 1."""
    line: int
    """Where it begins, from 1."""
    tags: tuple[tuple[str, str], ...]

    def all(self, tag: str) -> tuple[str, ...]:
        """Values of one tag, in order."""
        return tuple(value for name, value in self.tags if name == tag)


def write_ris(rows: Sequence[QueueRow], dialect: Dialect = PLAIN) -> bytes:
    """A queue as RIS, in order. Decisions already made stand in notes."""
    lines = (line for row in rows for line in (*_lines(row, dialect), "ER  - ", ""))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def read_ris(text: str) -> Iterator[Tagged]:
    """The records of a RIS file. A record begins at `TY` and ends at `ER`, or where the next begins."""
    tags: list[tuple[str, str]] = []
    number, begins = 0, 0
    for place, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        match = _TAG.fullmatch(line.rstrip())
        tag, value = (match[1], (match[2] or "").strip()) if match else ("", line.strip())
        if tag in ("TY", "ER") and tags:
            yield Tagged(number, begins, tuple(tags))
            tags = []
        if tag == "TY":
            number, begins = number + 1, place
        if tag and tag != "ER" and number:
            tags.append((tag, value))
        elif tags and value and not tag:
            tags[-1] = (tags[-1][0], f"{tags[-1][1]}\n{value}".strip())
    if tags:
        yield Tagged(number, begins, tuple(tags))


def _lines(row: QueueRow, dialect: Dialect) -> Iterator[str]:
    for tag, value in _fields(row, dialect):
        if flat := " ".join(value.split()):
            yield f"{tag}  - {flat}"


def _fields(row: QueueRow, dialect: Dialect) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES.get(row.kind, "GEN")
    yield "ID", row.harvest_id
    yield "AN", row.harvest_id
    if dialect.label:
        yield dialect.label, row.harvest_id
    yield dialect.title, row.title
    yield from ((dialect.author, name) for name in row.authors)
    yield "PY", "" if row.year is None else f"{row.year:04d}"
    yield dialect.journal, row.journal
    yield dialect.abstract, row.abstract
    yield from (("KW", keyword) for keyword in row.keywords)
    yield "DO", row.doi
    yield from (("UR", url) for url in row.urls)
    yield "DB", "; ".join(row.sources)
    if dialect.asreview:
        yield "N1", _LABELS.get(row.decision, "ASReview_not_seen")
    yield "N1", f"harvest_id: {row.harvest_id}"
    yield from (("N1", f"{name}: {value}") for name, value in _notes(row, dialect) if value)


def _notes(row: QueueRow, dialect: Dialect) -> Iterator[tuple[str, str]]:
    yield "pmid", row.pmid
    yield from (("registry_number", number) for number in row.registry_numbers)
    if not dialect.asreview:
        yield "harvest_decision", row.decision
        yield "harvest_reason", row.reason
        yield "harvest_note", row.note

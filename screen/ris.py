"""Queues as RIS, in the one profile that every importer tried takes, and the tags read back.

The profile: `TI`, `AB`, `AU`, `PY` (the year alone), bare `DO`; never `T1` or `N2`, which some importers do
not read beside the others, and no byte order mark, which hides the first record from them. The report's name
stands in `ID`, in `AN` (Covidence keeps it) and in a note of its own (Rayyan and ASReview keep notes).
Lines end in CR LF, as the format's description says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from screen.export import QueueRow

_TYPES = {"article": "JOUR", "book": "BOOK"}
_TAG = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|)")


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


def write_ris(rows: Sequence[QueueRow]) -> bytes:
    """A queue as RIS, in order. Decisions already made stand in notes."""
    lines = (line for row in rows for line in (*_lines(row), "ER  - ", ""))
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


def _lines(row: QueueRow) -> Iterator[str]:
    for tag, value in _fields(row):
        if flat := " ".join(value.split()):
            yield f"{tag}  - {flat}"


def _fields(row: QueueRow) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES.get(row.kind, "GEN")
    yield "ID", row.harvest_id
    yield "AN", row.harvest_id
    yield "TI", row.title
    yield from (("AU", name) for name in row.authors)
    yield "PY", "" if row.year is None else f"{row.year:04d}"
    yield "T2", row.journal
    yield "AB", row.abstract
    yield from (("KW", keyword) for keyword in row.keywords)
    yield "DO", row.doi
    yield from (("UR", url) for url in row.urls)
    yield "DB", "; ".join(row.sources)
    yield "N1", f"harvest_id: {row.harvest_id}"
    yield from (("N1", f"{name}: {value}") for name, value in _notes(row) if value)


def _notes(row: QueueRow) -> Iterator[tuple[str, str]]:
    yield "pmid", row.pmid
    yield from (("registry_number", number) for number in row.registry_numbers)
    yield "harvest_decision", row.decision
    yield "harvest_reason", row.reason
    yield "harvest_note", row.note

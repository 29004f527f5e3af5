"""What a queue hands over: one row a report, and the cover that says whose queue it is.

The writers stand in `screen.sheets` (CSV, XLSX) and `screen.ris`; `screen.decisions` reads back what comes
home. A row is known by its `harvest_id` alone, everything else in a file may be changed on the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.opinion import Stage
from db.record import Author, Record

_ID = re.compile(r"\s*[hH]0*([1-9][0-9]{0,17})\s*")
_NOT_REGISTRY = frozenset({"pmid", "doi", "pmcid", "pii", "accession"})


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One report as a reviewer sees it."""

    harvest_id: str
    """H000123: the report's number, as it comes back."""
    rank: int
    """Place in the queue, from 1."""
    title: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    """`Family, Given`."""
    year: int | None = None
    journal: str = ""
    doi: str = ""
    """Bare: 10.1000/xyz."""
    pmid: str = ""
    registry_numbers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Who found it: pubmed, clinicaltrials …"""
    keywords: tuple[str, ...] = ()
    kind: str = "article"
    why: str = ""
    """Terms that lifted or lowered it; never anybody's vote. Nothing is read from it when the file comes back."""
    decision: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """Whose queue it is and what to judge by."""

    review: str = ""
    """Title of the review."""
    question: str = ""
    stage: Stage = "title and abstract"
    reviewer: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Code of an exclusion reason → what it means, in the project's order."""


def harvest_id(report: int) -> str:
    """The name of a report in files: 123 → H000123."""
    return f"H{report:06d}"


def report_of(text: str) -> int | None:
    """The report of such a name, whatever its case and zeros; None when it is no such name."""
    match = _ID.fullmatch(text)
    return int(match[1]) if match else None


def row(report: int, rank: int, record: Record, sources: Sequence[str] = (), why: str = "") -> QueueRow:
    """A report as a row, from the record that speaks for it, the sources that found it and why it stands there."""
    numbers = (i.value for i in record.identifiers if i.scheme not in _NOT_REGISTRY)
    headings = (heading.term for heading in record.headings)
    return QueueRow(
        harvest_id=harvest_id(report),
        rank=rank,
        title=record.title or record.vernacular_title,
        abstract=record.abstract_text,
        authors=tuple(_printed(author) for author in record.authors),
        year=record.year,
        journal=record.journal or record.journal_abbreviation,
        doi=next(iter(record.identifiers_of("doi")), ""),
        pmid=next(iter(record.identifiers_of("pmid")), ""),
        registry_numbers=tuple(dict.fromkeys(numbers)),
        urls=record.urls,
        sources=tuple(sources) or (record.source,),
        keywords=tuple(dict.fromkeys((*record.keywords, *headings))),
        kind="registration" if record.trial is not None else record.kind,
        why=why,
    )


def _printed(author: Author) -> str:
    """`Family, Given`: the form that reference managers take apart again."""
    given = " ".join(part for part in (author.given or author.initials, author.suffix) if part)
    return f"{author.family}, {given}" if author.family and given else author.family or given

"""One report out of several records: each field from whoever knows it best, nothing fuller replaced by less.

The view is derived and never stored in place of the records; what each source said stays as it was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from db.record import Author, Identifier, Record, Section, Trial
from dedupe import places

T = TypeVar("T")

TRUST = (
    *("pubmed", "clinicaltrials", "isrctn", "ctis", "euctr", "anzctr", "drks", "chictr"),
    *("medline", "embase", "wos", "web of science", "scopus", "psycinfo"),
)
"""Sources in the order in which they are believed where records differ; all others follow."""
AGGREGATOR = "ictrp"
"""Passes on what registers say, less of it and later: believed after everybody else."""


def merged(records: Sequence[Record]) -> Record:
    """The view of one report of one or more records; their order makes no difference."""
    ordered = by_trust(records)
    if len(ordered) == 1:
        return ordered[0]
    return Record(
        **{name: choose([getattr(record, name) for record in ordered]) for name, choose in FIELDS.items()}
    )


def by_trust(records: Iterable[Record]) -> list[Record]:
    """The records in the order in which they are believed, which is total: theirs makes no difference."""
    return sorted(records, key=_trust)


def _trust(record: Record) -> tuple[int, int, str, str, str]:
    """Believed first: a trusted source, the fuller record; then by name, so that the order is total."""
    name = record.source.lower().replace("-", " ")
    others = len(TRUST) + (AGGREGATOR in name)
    rank = next((position for position, trusted in enumerate(TRUST) if trusted in name), others)
    missing = sum(getattr(record, field.name) in ("", (), None) for field in fields(Record))
    return rank, missing, record.source, record.key, record.digest


# -- how a value is chosen; every function is given the values in the order of trust ------------------


def first(values: list[T]) -> T:
    """The first that says anything."""
    return next((value for value in values if value not in ("", (), None)), values[0])


def extended(values: list[str]) -> str:
    """The first that says anything, or a longer one that begins with it: 2013, 2013-05."""
    said = first(values)
    return max((value for value in values if value.startswith(said)), key=len)


def fullest_pages(values: list[str]) -> str:
    """The first with a last page, else the first with a page, else the first that says anything."""
    return first(sorted(values, key=lambda value: [part == "" for part in reversed(places.pages(value))]))


def fullest_abstract(values: list[tuple[Section, ...]]) -> tuple[Section, ...]:
    """The first unless another has half as much text again: sources cut abstracts short."""
    said = [value for value in values if value]
    if not said:
        return ()
    fullest = max(said, key=_length)
    return fullest if _length(fullest) > 1.5 * _length(said[0]) else said[0]


def _length(abstract: tuple[Section, ...]) -> int:
    return sum(len(part.text) for part in abstract)


def fullest_authors(values: list[tuple[Author, ...]]) -> tuple[Author, ...]:
    """The longest list, given names rather than initials; of equal ones the first."""
    return max(values, key=lambda authors: (len(authors), sum(len(author.given) for author in authors)))


def united(values: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """All that anybody says, without repeats."""
    return tuple(dict.fromkeys(item for value in values for item in value))


def united_identifiers(values: list[tuple[Identifier, ...]]) -> tuple[Identifier, ...]:
    """All identifiers, each once; DOIs differ by more than capitals."""
    kept: dict[tuple[str, str, str], Identifier] = {}
    for identifier in united(values):
        kept.setdefault((identifier.scheme, identifier.value.lower(), identifier.origin), identifier)
    return tuple(kept.values())


def joined(values: list[Mapping[str, Any]]) -> dict[str, Any]:
    """All entries; where two have the same name, the first."""
    return {name: item for value in reversed(values) for name, item in value.items()}


def collected(values: list[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """All entries; where two have the same name, all their values."""
    names = dict.fromkeys(name for value in values for name in value)
    return {name: united([value.get(name, ()) for value in values]) for name in names}


def fullest_trial(values: Sequence[Trial | None]) -> Trial | None:
    """Each field from the first that says anything, the countries of all; a size keeps its own word for what it is."""
    said = [value for value in values if value is not None]
    if len(said) <= 1:
        return next(iter(said), None)
    sized = next((trial for trial in said if trial.enrollment is not None), said[0])
    together: dict[str, Any] = {
        "design": joined([trial.design for trial in said]),
        "enrollment": sized.enrollment,
        "enrollment_kind": sized.enrollment_kind,
        "countries": united([trial.countries for trial in said]),
        "results_posted": any(trial.results_posted for trial in said),
    }
    alone = {f.name: first([getattr(trial, f.name) for trial in said]) for f in fields(Trial)}
    return Trial(**(alone | together))


def anybody(values: list[bool]) -> bool:
    """True when one of the lists is complete: then the longest is."""
    return any(values)


FIELDS: Mapping[str, Callable[[list[Any]], Any]] = {
    # who and what: the most trusted record lends its name
    "source": first,
    "key": first,
    "kind": first,
    "status": first,
    # text
    "title": first,
    "vernacular_title": first,
    "abstract": fullest_abstract,
    "other_abstracts": united,
    "authors": fullest_authors,
    "authors_complete": anybody,
    # place
    "journal": first,
    "journal_abbreviation": first,
    "issns": united,
    "publisher": first,
    "year": first,
    "date": extended,
    "date_text": first,
    "dates": joined,
    "volume": first,
    "issue": first,
    "pages": fullest_pages,
    "article_number": first,
    # what it is about
    "languages": united,
    "publication_types": united,
    "headings": first,
    "keywords": united,
    "trial": fullest_trial,
    # ties to others
    "identifiers": united_identifiers,
    "grants": united,
    "relations": united,
    "urls": united,
    # the rest
    "extra": collected,
}
"""Which rule serves which field of `Record`; every field stands here."""

"""`harvest find`: a record by its words, its identifiers, or its number in the review."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from db.record import Record
from db.store import Store
from db.trial_numbers import find as trial_numbers
from screen.export import harvest_id, report_of


@dataclass(frozen=True, slots=True)
class Found:
    """One record, in short."""

    id: str
    report: str
    source: str
    key: str
    year: int | None
    title: str

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


def look_up(store: Store, words: str, limit: int) -> list[Found]:
    """Records that match, best first."""
    found = []
    for number in list(_numbers(store, words.strip(), limit))[:limit]:
        record = store.record(number)
        if record is not None:
            found.append(_short(store, number, record))
    return found


def _short(store: Store, number: int, record: Record) -> Found:
    report = harvest_id(store.report_of(number))
    return Found(harvest_id(number), report, record.source, record.key, record.year, record.title)


def _numbers(store: Store, words: str, limit: int) -> Iterable[int]:
    number = report_of(words)
    if number is not None:
        return [number]
    doi = re.search(r"10\.\d{4,9}/\S+", words)
    if doi:
        said = doi[0].lower()  # at the end of a sentence its full stop is copied, too
        return store.with_identifier("doi", said) or store.with_identifier("doi", said.rstrip(".,;)"))
    if words.isdigit():
        return store.with_identifier("pmid", words)
    trials = [record for i in trial_numbers(words) for record in store.with_identifier(i.scheme, i.value)]
    return trials or store.with_words(words, limit)

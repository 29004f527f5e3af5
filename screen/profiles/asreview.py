"""ASReview 3: CSV, XLSX or RIS; one person's labels, relevant or not.

Columns and notes as its readers want them (asreview/data/tabular.py, ris.py of 3.0.8, tried with the package itself):
`title, abstract, authors, keywords, doi, url, year, included`; lists split at `;`, a blank after it would be kept; in
RIS `ASReview_relevant`, `_irrelevant` or `_not_seen` in the first note. It exports every column that went in, with
`asreview_label` and its like beside them, and RIS only when RIS went in. Two reports with the same title and abstract
are one record to it: a label on the one is exported for the other, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from db.opinion import Verdict
from screen.export import Cover, QueueRow
from screen.profiles import own
from screen.profiles.profile import Profile, by_row
from screen.profiles.table import csv_of, xlsx_of
from screen.returned import Entry, Form, Said
from screen.ris import Dialect, write_ris

COLUMNS = (
    "harvest_id", "rank", "title", "abstract", "authors", "keywords", "doi", "url", "year", "journal", "pmid",
    "included",
)  # fmt: skip
_LABEL = {"include": "1", "exclude": "0"}
_VERDICTS: dict[str, Verdict] = {
    "1": "include", "1.0": "include", "asreview_relevant": "include",
    "0": "exclude", "0.0": "exclude", "asreview_irrelevant": "exclude",
}  # fmt: skip
_SEEN_BY = ("asreview_label", "asreview_time", "asreview_user_name")


def _cells(row: QueueRow) -> tuple[str, ...]:
    year = "" if row.year is None else str(row.year)
    lists = ";".join(row.authors), ";".join(row.keywords)
    url, label = next(iter(row.urls), ""), _LABEL.get(row.decision, "")
    return (
        row.harvest_id, str(row.rank), row.title, row.abstract, *lists,
        row.doi, url, year, row.journal, row.pmid, label,
    )  # fmt: skip


def _table(rows: Sequence[QueueRow]) -> list[Sequence[str]]:
    return [COLUMNS, *map(_cells, rows)]


def _csv(rows: Sequence[QueueRow], _: Cover) -> bytes:
    return csv_of(_table(rows))


def _xlsx(rows: Sequence[QueueRow], _: Cover) -> bytes:
    return xlsx_of(_table(rows))


def _ris(rows: Sequence[QueueRow], _: Cover) -> bytes:
    return write_ris(rows, Dialect(asreview=True))


def _recognises(form: Form) -> bool:
    return not form.columns.isdisjoint(_SEEN_BY) or (form.kind == "table" and "included" in form.columns)


def _said(entry: Entry) -> Iterator[Said]:
    """ASReview's label, and our own decision where our table went through it.

    `included` is what went in, and counts only in a file that ASReview has not labelled.
    """
    column = "asreview_label" if "asreview_label" in entry.values else "included"
    word, by = entry.first(column), _spoken(entry.first("asreview_user_name", "asreview_user_email"))
    yield from own.said(entry)
    if word and word.lower() != "asreview_not_seen":
        yield Said(
            word, _VERDICTS.get(word.lower()), by, note=_spoken(entry.first("asreview_note", *own.NOTES))
        )


def _spoken(value: str) -> str:
    """A value that ASReview wrote into a note as JSON, or into a cell as it is."""
    try:
        told = json.loads(value) if value.startswith('"') else value
    except ValueError:
        return value
    return str(told)


ASREVIEW = Profile(
    "asreview",
    "ASReview",
    {"csv": _csv, "ris": _ris, "xlsx": _xlsx},
    _recognises,
    by_row(_said),
    "Every column or tag that went in, and the labels of one person.",
)

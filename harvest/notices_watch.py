"""The Retraction Watch file, when the reviewer puts it into the folder: a CSV of some 60 MB that grows daily.

It is free at https://gitlab.com/crossref/retraction-watch-data; the columns are explained at
https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/. One row is one notice about one paper.
Dates are American with a time (`7/31/2024 14:00`), a PMID of 0 and a DOI `unavailable` stand for none, lists are
separated by `;`. A notice often bears the DOI of the paper itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from db.errors import WrongUse
from db.notice import Notice, NoticeKind
from db.record import Identifier
from harvest.files import legible, whole
from harvest.notices import WATCH, Carriers, kind_of

MAX_BYTES = 1_000_000_000
REPLACED = "retract and replace"
"""A reason, not a nature: such a paper lives on in a corrected form."""

_NEEDED = (
    "RetractionNature", "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionDOI", "RetractionPubMedID",
    "RetractionDate",
)  # fmt: skip
_AGAIN = "download retraction_watch.csv again from https://gitlab.com/crossref/retraction-watch-data"
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b")


def read_watch(path: Path, carriers: Carriers) -> Iterator[Notice]:
    """Every notice about a paper that one of the records carries the DOI or PMID of.

    Raises:
        WrongUse: the file cannot be read, or has not the columns of the Retraction Watch database.
    """
    rows = csv.DictReader(io.StringIO(_text(whole(path, MAX_BYTES)), newline=""))
    try:
        yield from _about(rows, legible(path.name), carriers)
    except csv.Error as error:
        raise WrongUse(f"{legible(path.name)} is no table that can be read ({error}): {_AGAIN}.") from error


def _about(rows: csv.DictReader[str], name: str, carriers: Carriers) -> Iterator[Notice]:
    missing = [column for column in _NEEDED if column not in (rows.fieldnames or ())]
    if missing:
        raise WrongUse(f"{name} has no column {', '.join(missing)}: {_AGAIN}.")
    for row in rows:
        kind = _kind(row)
        names = _names(row, "OriginalPaperDOI", "OriginalPaperPubMedID") if kind else ()
        for number in dict.fromkeys(n for i in names for n in carriers.get((i.scheme, i.value), ())):
            assert kind is not None
            yield _notice(number, kind, row)


def _text(body: bytes) -> str:
    """UTF-8; older copies hold single bytes of Windows-1252."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _kind(row: Mapping[str, str | None]) -> NoticeKind | None:
    kind = kind_of(row["RetractionNature"] or "")
    return "replacement" if kind == "retraction" and REPLACED in (row.get("Reason") or "").lower() else kind


def _notice(number: int, kind: NoticeKind, row: Mapping[str, str | None]) -> Notice:
    said = {column: value for column, value in row.items() if isinstance(value, str) and value}
    match = _DATE.match(row["RetractionDate"] or "")
    date = f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}" if match else ""
    cited = ". ".join(part for part in (row.get("Title"), row.get("Journal")) if part)
    citation = f"Retraction Watch Database, record {row.get('Record ID') or '?'}: {row['RetractionNature']} of {cited}"
    names = _names(row, "RetractionDOI", "RetractionPubMedID")
    evidence = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return Notice(number, kind, WATCH, row["RetractionNature"] or "", citation, names, date, evidence)


def _names(row: Mapping[str, str | None], doi: str, pmid: str) -> tuple[Identifier, ...]:
    """The DOI in lower case and the PMID, as far as there is one."""
    names = (
        [Identifier("doi", value)] if (value := (row[doi] or "").strip().lower()).startswith("10.") else []
    )
    number = (row[pmid] or "").strip().removesuffix(".0")
    return (*names, Identifier("pmid", number)) if number.strip("0").isdigit() else tuple(names)

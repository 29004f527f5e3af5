"""How many records an export file holds, counted without any reader; a part of `dialects.py`.

Each format is told by its first lines and counted by the one mark that begins or ends every record, with a regular
expression or the standard library's `csv`. A count that differs from read + reported is a broken promise, or a
file of which nobody can say where its records end: those are looked at by eye.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TITLE = re.compile(
    r"\W*(?:\w+ )?(?:title|titel|titre|titulo|título|titolo|ti|display_name)\W*", re.IGNORECASE
)
_DELIMITERS = ",;\t|"


class Mark(NamedTuple):
    """By what a format is known, and what stands once in each record."""

    format: str
    sign: re.Pattern[str]
    once: re.Pattern[str]


def _mark(format_: str, sign: str, once: str) -> Mark:
    return Mark(format_, re.compile(sign, re.MULTILINE), re.compile(once, re.MULTILINE))


MARKS = (
    _mark("RIS", r"^TY {1,2}- ", r"^TY {1,2}-"),
    _mark("nbib", r"^PMID- ", r"^PMID-"),
    _mark("nbib of ERIC", r"^OWN - ERIC", r"^OWN - ERIC"),
    _mark("Web of Science text", r"\A\s*FN |^PT [JBSP]$", r"^PT "),
    _mark("Ovid tagged", r"^<\d+\. ?>", r"^<\d+\. ?>"),
    _mark("Ovid labelled", r"^Accession Number *\n ", r"^Accession Number *\n "),
    _mark("Refer", r"^%T .*\n%", r"^%T "),  # AIS eLibrary leaves %0 out
    _mark("EndNote XML", r"<records>", r"<record(?:\s[^>]*)?>"),
    _mark("ICTRP XML", r"<Trials_downloaded_from_ICTRP", r"<Trial(?:\s[^>]*)?>"),
    _mark("BibTeX", r"^\s*@\w+\s*[{(]", r"^\s*@(?!comment|string|preamble)\w+\s*[{(]"),
)
"""The most telling first."""


def counted(body: bytes) -> int | None:
    """Records in the file; `None` when nothing tells where they begin."""
    if body.startswith(b"PK\x03\x04"):
        return _in_workbook(body)
    text = re.sub(r"\r+\n?", "\n", _text(body)).lstrip("\ufeff")
    for mark in MARKS:
        if mark.sign.search(text):
            return len(mark.once.findall(text))
    return _in_table(text)


def _text(body: bytes) -> str:
    for encoding in ("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def _in_table(text: str) -> int | None:
    """Rows that say anything below the row that names titles, with the delimiter that parts it best."""
    csv.field_size_limit(2**31 - 1)
    tables = (list(csv.reader(io.StringIO(text, newline=""), delimiter=each)) for each in _DELIMITERS)
    found = [rows for table in tables if (rows := _below(table)) is not None]
    return max(found, key=lambda rows: rows[0], default=(0, None))[1]


def _in_workbook(body: bytes) -> int | None:
    from openpyxl import load_workbook

    for sheet in load_workbook(io.BytesIO(body)).worksheets:
        rows = [
            ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
        if (found := _below(rows)) is not None:
            return found[1]
    return None


def _below(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Width of the header, and rows below it."""
    for place, row in enumerate(rows[:40]):
        if len(row) > 1 and any(_TITLE.fullmatch(cell) for cell in row):
            return len(row), sum(1 for each in _telling(rows[place + 1 :]) if list(each) != list(row))
    return None


def _telling(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    return (row for row in rows if any(cell.strip() for cell in row))

"""Tables as they come home, whatever a spreadsheet did to them.

Seen after one round through Excel: semicolons for commas (where the decimal sign is a comma), a `sep=` line,
tabs in UTF-16 ("Unicode text"), cp1252, columns moved, added or renamed in case, rows sorted and filtered,
a title line above the header, 1 as 1.0, TRUE for true.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from db.errors import WrongUse
from screen.cells import bare
from screen.returned import Entry, Form

DELIMITERS = (",", ";", "\t")
LARGEST = 256 * 2**20
"""Bytes a workbook may unpack to."""
_HEADER_WITHIN = 10
"""Rows among which the header is looked for."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
)
"""What openpyxl raises for a workbook that is none."""


Rows = Sequence[Sequence[str]]


def text_of(body: bytes) -> str:
    """A file as text: UTF-16 by its mark, else UTF-8, else cp1252."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def read_csv(text: str, wanted: frozenset[str]) -> Form:
    """The rows below the header, which is the first row that names one of the wanted columns.

    Raises:
        WrongUse: no such header.
    """
    delimiter = delimiter_of(text, wanted)
    if not delimiter:
        raise WrongUse(
            f"No column is called {' or '.join(sorted(wanted))}; the header row must name one of them."
        )
    rows = list(_parsed(text, delimiter))
    return Form("table", frozenset(_names(rows, wanted)), tuple(_entries(rows, wanted)))


def delimiter_of(text: str, wanted: frozenset[str]) -> str:
    """What parts the cells of a table whose header names one of the wanted columns; empty when it is no such table."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # the file bounds its cells
    heads = ((each, list(islice(_parsed(text, each), _HEADER_WITHIN))) for each in DELIMITERS)
    return next((each for each, rows in heads if _header(rows, wanted) is not None), "")


def read_xlsx(body: bytes, wanted: frozenset[str]) -> Form:
    """The rows below the header of every sheet that has one.

    Raises:
        WrongUse: the file is no workbook, is too large, or has no such header.
    """
    sheets = {title: rows for title, rows in _sheets(body) if _header(rows, wanted) is not None}
    if not sheets:
        raise WrongUse(f"No sheet has a column called {' or '.join(sorted(wanted))} in its header row.")
    columns = frozenset(name for rows in sheets.values() for name in _names(rows, wanted))
    entries = tuple(
        Entry(entry.place if len(sheets) == 1 else f"sheet {title}, {entry.place}", entry.values)
        for title, rows in sheets.items()
        for entry in _entries(rows, wanted)
    )
    return Form("table", columns, entries)


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _sheets(body: bytes) -> Iterator[tuple[str, Rows]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            size = sum(entry.file_size for entry in package.infolist())
        if size > LARGEST:
            raise WrongUse(f"The workbook unpacks to {size:,} bytes, more than the {LARGEST:,} allowed.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl on colours and lists it does not know: not our concern
            book = load_workbook(io.BytesIO(body), data_only=True)
    except _BROKEN as error:
        raise WrongUse(f"This is no workbook that can be read ({error}); save it as .xlsx or CSV.") from error
    for sheet in book.worksheets:
        yield sheet.title, [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


def _entries(rows: Rows, wanted: frozenset[str]) -> Iterator[Entry]:
    header, names = _header(rows, wanted), _names(rows, wanted)
    assert header is not None
    for place, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row) and [_name(cell) for cell in row] != names:  # files put together repeat their header
            cells = zip(names, row, strict=False)
            yield Entry(f"row {place}", {name: bare(cell).strip() for name, cell in cells if name})


def _names(rows: Rows, wanted: frozenset[str]) -> list[str]:
    """What the columns below the header are called; some may have no name."""
    header = _header(rows, wanted)
    return [] if header is None else [_name(cell) for cell in rows[header]]


def _header(rows: Rows, wanted: frozenset[str]) -> int | None:
    """Which row names one of the wanted columns."""
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        if wanted.intersection(map(_name, row)):
            return place
    return None


def _name(cell: str) -> str:
    """`Harvest ID` → `harvest_id`."""
    return re.sub(r"\W+", "_", cell.strip().lower()).strip("_")


def _text(cell: object) -> str:
    """A workbook's cell as it would stand in a CSV."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)

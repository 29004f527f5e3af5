"""Excel workbooks (.xlsx, .xlsm): from bytes to sheets of texts, and from a sheet to records.

`sheets` is for every reader whose format also comes as a workbook. The traps it avoids are all met in exports:
a wrong `<dimension>` (openpyxl's read-only mode then drops cells), numbers stored as 2013.0, formulas that
nobody has computed yet, archives that unpack to a thousand times their size, and row numbers that no sheet
has. Limits of a sheet: support.microsoft.com, "Excel specifications and limits".
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol
from xml.etree.ElementTree import ParseError

from db.errors import WrongUse
from harvest.readers import cells, columns
from harvest.readers.reading import Reading
from harvest.readers.rows import Row, written

LARGEST = 256 * 2**20
"""Bytes a workbook may unpack to."""
ROWS, CELLS = 1_048_576, 40_000_000
"""What a sheet may have: the first is Excel's own limit, the second bounds the memory."""

_HEAD = 4096
"""Bytes of a part among which a document type would stand: in front of the first element."""
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ParseError, EOFError, OSError, RuntimeError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
)
"""What zipfile and openpyxl raise for a workbook that is none, or that asks for a password."""


class Sheet(NamedTuple):
    """One sheet, every cell as the text that a CSV would hold."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    """Row n of the sheet is `rows[n - 1]`; without the empty cells at its end, so of any length."""


class SheetFormat(Protocol):
    """A reader of sheets: what `Format` is for text."""

    def looks_like_sheet(self, sheet: Sheet) -> bool:
        """True when this sheet is of the format."""
        ...

    def read_sheet(self, sheet: Sheet, name: str, source: str) -> Reading:
        """Read it; the lines of what is reported are rows of the sheet."""
        ...


@dataclass(frozen=True, slots=True)
class SheetTable:
    """Any sheet with a header row."""

    said: Mapping[str, str] = field(default_factory=dict)
    """Column → field, as the reviewer said."""

    def looks_like_sheet(self, sheet: Sheet) -> bool:
        """True when a header with a column of titles is found."""
        return cells.find_header(_rows(sheet), self.said) is not None

    def read_sheet(self, sheet: Sheet, name: str, source: str) -> Reading:
        """Read every row below the header."""
        header = cells.find_header(_rows(sheet), self.said)
        if header is None:
            raise WrongUse(f"{name}, sheet {sheet.name}: {cells.no_titles(_rows(sheet), self.said)}")
        columns.must_be_there(header.names, self.said)
        return cells.read_rows(_rows(sheet), header, "XLSX", source)


def is_workbook(body: bytes) -> bool:
    """True for a package that holds a workbook, whatever the file is called."""
    return body.startswith(b"PK\x03\x04") and b"xl/" in body


def sheets(body: bytes, name: str) -> Iterator[Sheet]:
    """The sheets of a workbook, hidden ones too, in their order.

    Results of formulas are read as they were last computed; a formula that never was stands as its text.

    Raises:
        WrongUse: It is no workbook that can be read, asks for a password, or is larger than `LARGEST` or `CELLS`.
    """
    try:
        plain = not _looked_through(body, name)
        formulas = {} if plain else {sheet.title: sheet for sheet in _opened(body, computed=False)}
        for sheet in _opened(body, computed=True):
            found: Iterable[tuple[str, ...]] = _texts(sheet, name)
            if not plain:
                found = map(_completed, found, _texts(formulas[sheet.title], name))
            yield Sheet(sheet.title, _without_end(found))
    except _BROKEN as error:
        raise WrongUse(
            f"{name} is no workbook that can be read ({error}): save it again, or as CSV."
        ) from error


def read(body: bytes, name: str, source: str, formats: Sequence[SheetFormat]) -> Reading:
    """The first sheet that one of the formats knows; what else is in the workbook is told in a note.

    Raises `WrongUse` when no sheet is known to any of them.
    """
    book = tuple(sheets(body, name))
    known = ((sheet, each) for each in formats for sheet in book if each.looks_like_sheet(sheet))
    sheet, chosen = next(known, (None, None))
    if sheet is None or chosen is None:
        fullest = max(book, key=lambda each: len(each.rows), default=Sheet("", ()))
        said = {key: each.said[key] for each in formats if isinstance(each, SheetTable) for key in each.said}
        raise WrongUse(f"{name}: {cells.no_titles(_rows(fullest), said)}")
    reading = chosen.read_sheet(sheet, name, source)
    others = [f"{each.name} ({len(each.rows)} rows)" for each in book if each is not sheet and each.rows]
    left = f"Sheet {sheet.name} was read; not read: {', '.join(others)}. Save those as files of their own."
    return replace(reading, notes=(*reading.notes, *((left,) if others else ())))


def _rows(sheet: Sheet) -> Iterator[Row]:
    return (Row(number, texts, written(texts)) for number, texts in enumerate(sheet.rows, 1))


# -- the package -------------------------------------------------------------------------------------


def _looked_through(body: bytes, name: str) -> bool:
    """True when there are formulas. Raises `WrongUse` for what must not be opened."""
    formulas = False
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        size = sum(entry.file_size for entry in package.infolist())
        if size > LARGEST:
            raise WrongUse(
                f"{name} unpacks to {size:,} bytes, more than the {LARGEST:,} allowed: save it as CSV."
            )
        for entry in package.infolist():
            if entry.filename.endswith((".xml", ".rels")):
                with package.open(entry) as part:
                    head = part.read(_HEAD)
                    if _DOCTYPE.search(head):
                        raise WrongUse(
                            f"{name} declares a document type, which no workbook does: save it as CSV."
                        )
                    formulas = formulas or ("worksheets/" in entry.filename and _computes(head, part))
    return formulas


def _computes(head: bytes, part: Any) -> bool:
    """True when the rest of a sheet holds a formula; looked for piece by piece."""
    piece = head
    while piece:
        if _FORMULA.search(piece):
            return True
        following = part.read(2**20)
        piece = piece[-40:] + following if following else b""
    return False


def _opened(body: bytes, *, computed: bool) -> list[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and few files are workbooks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl on colours and lists it does not know: not our concern
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=computed, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size is often wrong, and cells would be lost
    return list(book.worksheets)


# -- cells -------------------------------------------------------------------------------------------


def _texts(sheet: Any, name: str) -> Iterator[tuple[str, ...]]:
    """Row by row, without the empty cells at its end; gives up before a row that no memory holds."""
    there = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        there += len(row)
        if number > ROWS or there > CELLS:
            raise WrongUse(f"{name}: a sheet has more than {CELLS:,} cells or {ROWS:,} rows: save it as CSV.")
        texts = [_text(cell) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        yield tuple(texts)


def _completed(computed: tuple[str, ...], as_written: tuple[str, ...]) -> tuple[str, ...]:
    """Where a formula has no result, the formula."""
    return tuple(a or b for a, b in zip_longest(computed, as_written, fillvalue=""))


def _without_end(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    kept = list(rows)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _text(cell: object) -> str:
    """A cell as it would stand in a CSV: whole numbers without a point, days without a time."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat(" ") if isinstance(cell, datetime) else _plain(cell)


def _plain(cell: object) -> str:
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)

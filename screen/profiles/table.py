"""Tables for tools that are no spreadsheet: header, rows, and cells that no spreadsheet computes on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from screen.cells import neutral


def csv_of(table: Sequence[Sequence[str]]) -> bytes:
    """As CSV: UTF-8 without a byte order mark, which hides the first column from some importers, commas, CRLF."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8", "replace")


def xlsx_of(table: Sequence[Sequence[str]]) -> bytes:
    """As the one sheet of a workbook; the same table gives the same bytes."""
    from screen.sheets import plain_workbook  # noqa: PLC0415 - openpyxl is slow to load

    return plain_workbook(table)

"""A report as rows: CSV for spreadsheets, JSON for scripts. Both hold the table `Report.rows`."""

from __future__ import annotations

import csv
import io
import json

from harvest.reports.document import Cell, Report
from screen.cells import neutral


def write_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark (without it Excel takes it for cp1252), commas, rows ended by CR LF.

    A cell keeps the line breaks it has. One that a spreadsheet would take for a formula gets an apostrophe in front,
    which `screen.cells.bare` takes off again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(report.rows.columns)
    writer.writerows([neutral(_cell(cell)) for cell in row] for row in report.rows.rows)
    return text.getvalue().encode("utf-8-sig")


def write_json(report: Report) -> bytes:
    """One JSON document, UTF-8."""
    return (json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n").encode()


def _cell(cell: Cell) -> str:
    return "" if cell is None else str(cell)

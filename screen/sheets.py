"""Queues as tables, for people who live in spreadsheets: CSV and XLSX with the same columns.

Cells that a spreadsheet would take for a formula are made harmless (`screen.cells`). The same rows give the same
bytes.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from screen.cells import neutral
from screen.export import Cover, QueueRow
from screen.plan import FULL_TEXT

COLUMNS: dict[str, int] = {
    "harvest_id": 11,
    "rank": 6,
    "decision": 11,
    "reason": 16,
    "note": 24,
    "title": 50,
    "abstract": 90,
    "authors": 28,
    "year": 7,
    "journal": 22,
    "doi": 22,
    "pmid": 11,
    "registry_numbers": 16,
    "url": 28,
    "sources": 14,
    "keywords": 24,
    "kind": 12,
    "why": 40,
    "reviewer": 12,
    "stage": 17,
}
"""Header → width in a spreadsheet, in characters. Lists stand in one cell, separated by `;` without a blank,
which is how ASReview reads authors and keywords."""

VERDICTS = ("include", "exclude", "unsure")
LONGEST_CELL = 32_767
"""Characters an Excel cell takes."""

_CUT = " […cut: longer than a spreadsheet cell]"
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a file says nothing of when it was written: same rows, same bytes


def write_csv(rows: Sequence[QueueRow], cover: Cover) -> bytes:
    """A queue as CSV: UTF-8 with a byte order mark (without it Excel takes it for cp1252), commas, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([neutral(cell) for cell in _cells(row, cover)] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(rows: Sequence[QueueRow], cover: Cover) -> bytes:
    """A queue as a workbook: the sheet to fill in, and a guide with question, criteria and reasons.

    Decision and reason are chosen from lists, the identifiers refuse typing, header and title stay in
    sight. The sheet is not locked: reviewers sort and filter.
    """
    book = Workbook()
    book.properties.creator = "Harvest"
    book.properties.title = _cell(cover.review)
    book.properties.created = _EPOCH
    sheet = book.worksheets[0]
    sheet.title = "Queue"
    _fill_queue(sheet, rows, cover)
    guide = book.create_sheet("Guide")
    first = _fill_guide(guide, cover)
    _validate(sheet, len(rows), f"=Guide!$A${first}:$A${first + len(cover.reasons) - 1}", bool(cover.reasons))
    if cover.stage == FULL_TEXT:
        _ask_for_reasons(sheet, len(rows))
    return _saved(book)


def plain_workbook(table: Sequence[Sequence[str]]) -> bytes:
    """A table as a workbook of one sheet, for tools that are no spreadsheet."""
    book = Workbook()
    book.properties.created = _EPOCH
    for row in table:
        book.worksheets[0].append([_cell(text) for text in row])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _cells(row: QueueRow, cover: Cover) -> tuple[str, ...]:
    """The row's cells in the order of `COLUMNS`."""
    return (
        row.harvest_id,
        str(row.rank),
        row.decision,
        row.reason,
        row.note,
        row.title,
        row.abstract,
        ";".join(row.authors),
        "" if row.year is None else str(row.year),
        row.journal,
        row.doi,
        row.pmid,
        ";".join(row.registry_numbers),
        ";".join(row.urls),
        ";".join(row.sources),
        ";".join(row.keywords),
        row.kind,
        row.why,
        cover.reviewer,
        cover.stage,
    )


def _cell(text: str) -> str:
    """A text as a workbook holds it: no control characters, no formula, not longer than allowed."""
    clean = neutral(ILLEGAL_CHARACTERS_RE.sub("", text))
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - len(_CUT)] + _CUT


def _fill_queue(sheet: Worksheet, rows: Sequence[QueueRow], cover: Cover) -> None:
    sheet.append(list(COLUMNS))
    for row in rows:
        cells: list[str | int | None] = [_cell(text) for text in _cells(row, cover)]
        cells[1], cells[8] = row.rank, row.year  # numbers, so that they sort as numbers
        sheet.append(cells)
    for cells_of_row in sheet.iter_rows(min_row=2):
        for cell in cells_of_row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(COLUMNS.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6ED")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(rows) + 1}"


def _validate(sheet: Worksheet, rows: int, reasons: str, any_reasons: bool) -> None:
    """Lists to choose from, and identifiers that refuse typing."""
    decision = DataValidation("list", formula1=f'"{",".join(VERDICTS)}"', allow_blank=True)
    decision.error = f"Choose one of: {', '.join(VERDICTS)}. Leave it empty to decide later."
    number = DataValidation("custom", formula1="FALSE", allow_blank=False)
    number.error = "The identifier brings your decision home; please leave it as it is."
    reason = DataValidation("list", formula1=reasons, allow_blank=True)
    reason.error = "Choose one of the codes that stand in the sheet Guide."
    rules = [(decision, "C"), (number, "A"), *([(reason, "D")] if any_reasons else [])]
    for rule, column in rules:
        rule.showErrorMessage = True
        rule.add(f"{column}2:{column}{max(rows + 1, 2)}")
        sheet.add_data_validation(rule)


def _ask_for_reasons(sheet: Worksheet, rows: int) -> None:
    """An exclusion without a reason is coloured: a list cannot require, and at full text a reason is needed."""
    fill = DifferentialStyle(fill=PatternFill("solid", bgColor="F4C7C3"))
    missing = Rule("expression", formula=['AND($C2="exclude",$D2="")'], dxf=fill)
    sheet.conditional_formatting.add(f"D2:D{max(rows + 1, 2)}", missing)


def _fill_guide(sheet: Worksheet, cover: Cover) -> int:
    """The guide; returns the row of the first reason."""
    lines = list(_guide(cover))
    for line in lines:
        sheet.append([_cell(text) for text in line])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    first = len(lines) + 1
    for code, meaning in cover.reasons.items():
        sheet.append([_cell(code), _cell(meaning)])
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 100
    return first


def _guide(cover: Cover) -> Iterator[tuple[str, str]]:
    yield "Review", cover.review
    yield "Question", cover.question
    yield "Stage", cover.stage
    yield "Reviewer", cover.reviewer
    full_text = cover.stage == FULL_TEXT
    reason = "needs the first reason that holds in" if full_text else "may name a reason from"
    yield "How to", f"Choose a decision in the sheet Queue; an exclusion {reason} the list below."
    yield (
        "",
        "Leave the decision empty to come back later. Sort, filter and hide as you like; keep harvest_id.",
    )
    for title, sentences in (("Include", cover.include), ("Exclude", cover.exclude)):
        for place, sentence in enumerate(sentences):
            yield title if place == 0 else "", sentence
    yield (
        "Why",
        "The column says which words moved a report up or down. It has judged nothing: judge by the text.",
    )
    yield "Reason to exclude", "what it means"


def _timeless(workbook: bytes) -> bytes:
    """The same workbook without the hour of its making, in the package and in its properties."""
    out = io.BytesIO()
    stamp = _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            body = before.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, body)
            entry = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
            entry.create_system = 3  # as on Unix, wherever it is written
            after.writestr(entry, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()

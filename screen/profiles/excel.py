"""Excel and every other spreadsheet: our own table, with lists to choose from and the criteria beside it.

A workbook validates what is typed; CSV is for spreadsheets that do not read .xlsx. Both come back by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from screen.export import Cover, QueueRow
from screen.profiles import own
from screen.profiles.profile import Profile, by_row
from screen.returned import Form


def _xlsx(rows: Sequence[QueueRow], cover: Cover) -> bytes:
    from screen.sheets import write_xlsx  # noqa: PLC0415 - openpyxl is slow to load, and most tools need none

    return write_xlsx(rows, cover)


def _csv(rows: Sequence[QueueRow], cover: Cover) -> bytes:
    from screen.sheets import write_csv  # noqa: PLC0415 - as above

    return write_csv(rows, cover)


def _ours(form: Form) -> bool:
    return form.kind == "table" and not form.columns.isdisjoint(own.DECISIONS)


EXCEL = Profile(
    "excel",
    "Excel",
    {"xlsx": _xlsx, "csv": _csv},
    _ours,
    by_row(own.said),
    "Everything, with what was filled in; harvest_id is a column.",
    most_rows=1_048_575,
)

"""Cells that a spreadsheet would take for a formula, made harmless on the way out and restored on the way in.

They get an apostrophe in front, which `bare` takes off again (OWASP, "CSV Injection").
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet computes. `bare` is its exact inverse."""
    return f"'{text}" if _RISKY.match(text) else text


def bare(cell: str) -> str:
    """What `neutral` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell

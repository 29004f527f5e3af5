"""A report as Markdown (CommonMark with tables and footnotes, as GitHub and Pandoc read them)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table, Verbatim

_SPECIAL = re.compile(r"[\\`*<$]|\](?=[(:])|\[(?=\^)|(?<!\w)_|_(?!\w)|~(?=~)|(?<=~)~")
"""What means something wherever it stands; `_` within a word and a lone bracket mean nothing."""
_STARTS = re.compile(r"^(\s*)(\d+(?=[.)](?:\s|$))|(?=[-+](?:\s|$))|(?=[#>=]))", re.MULTILINE)
"""What means something where a line begins."""
_FOOTNOTE = re.compile(r"\\\[\^(\d+)\]")


def write(report: Report) -> bytes:
    """The whole report, UTF-8, lines ended by LF.

    A text to be kept to the byte stands between two fences of backticks: everything after the line break that ends
    the first fence and before the one that begins the second. Where its bytes are not UTF-8, the characters are
    theirs, and the line above says in which encoding they make those bytes.
    """
    parts = [f"# {_inline(report.title)}", *_blocks(report.blocks, 2)]
    notes = [f"[^{number}]: {_inline(note)}" for number, note in enumerate(report.footnotes, 1)]
    return ("\n\n".join([*parts, *notes]) + "\n").encode()


def _blocks(blocks: tuple[Block, ...], level: int) -> Iterator[str]:
    for block in blocks:
        match block:
            case Section():
                yield f"{'#' * min(level, 6)} {_inline(block.heading)}"
                yield from _blocks(block.blocks, level + 1)
            case Paragraph():
                text = _FOOTNOTE.sub(r"[^\1]", _escaped(block.text))
                yield f"**{text}**" if block.warns else text
            case Items():
                yield "\n".join(f"- {_escaped(line)}" for line in block.lines)
            case Table():
                yield _table(block)
            case Verbatim():
                yield _fenced(block)


def _table(table: Table) -> str:
    lines = [
        [_cell(column) for column in table.columns],
        ["---:" if right else "---" for right in table.to_the_right],
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    caption = f"{_escaped(table.caption)}\n\n" if table.caption else ""
    return caption + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: Cell) -> str:
    return (
        shown(cell) if not isinstance(cell, str) else _inline(cell).replace("|", "\\|").replace("\n", "<br>")
    )


def shown(cell: Cell) -> str:
    """A cell for people: 1,234 · 0.25 · an en dash where there is nothing to say."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _fenced(block: Verbatim) -> str:
    longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    caption = f"{_escaped(block.caption)}\n" if block.caption else ""
    return f"{caption}({_escaped(block.proof)})\n\n{fence}text\n{block.text}\n{fence}"


def _escaped(text: str) -> str:
    """Running text as Markdown shows it letter by letter."""
    return _STARTS.sub(r"\1\2\\", _inline(text.replace("\r\n", "\n").replace("\r", "\n")))


def _inline(text: str) -> str:
    return _SPECIAL.sub(lambda sign: f"\\{sign[0]}", text)

r"""A report as a Word file (DOCX), with headings, tables and footnote marks that Word, LibreOffice and Pages know.

A text to be kept to the byte is one paragraph in the style *Strategy*, in a fixed-width font and without
spelling marks. Where lines end stands a line break; the line above says what it stands for, and in which encoding the
characters make the bytes (`characters` undoes what is done here). What XML cannot hold (control characters, a
carriage return among other line ends) is drawn by its picture in Unicode (U+2400 and following, or by signs that the
text does not hold), and said.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harvest.reports.document import Block, Items, Paragraph, Report, Section, Table, Verbatim
from harvest.reports.markdown import shown

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

STRATEGY = "Strategy"
"""Style of what must not change."""
_BREAKS = re.compile(r"\r\n|\n|\r")
_UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]")
_PICTURES = (0x2400, 0xE000, 0xF0000)
"""Where signs for these may begin: pictures of control characters, then what everybody may use as they like."""
_FOOTNOTE = re.compile(r"\[\^(\d+)\]")
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - the same report gives the same file
_RED = (0xB0, 0x00, 0x20)


def write(report: Report) -> bytes:
    """The whole report as a DOCX file."""
    from docx import Document  # noqa: PLC0415 - lxml and its company are needed nowhere else

    document = Document()
    _prepare(document, report.title)
    document.add_heading(report.title, 0)
    _blocks(document, report.blocks, 1)
    if report.footnotes:
        document.add_heading("Notes", 1)
    for number, note in enumerate(report.footnotes, 1):
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{number} ").font.superscript = True
        paragraph.add_run(_printable(note))
    body = io.BytesIO()
    document.save(body)
    return body.getvalue()


def _prepare(document: Document, title: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415 - as above
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    about = document.core_properties
    about.title, about.author, about.comments = _printable(title), "", ""
    about.created = about.modified = _EPOCH
    style: Any = document.styles.add_style(STRATEGY, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.font.name, style.font.size = "Courier New", Pt(9)
    style.element.rPr.append(style.element.makeelement(qn("w:noProof"), {}))
    style.paragraph_format.space_after = Pt(8)


def _blocks(document: Document, blocks: tuple[Block, ...], level: int) -> None:
    for block in blocks:
        match block:
            case Section():
                document.add_heading(_printable(block.heading), min(level, 9))
                _blocks(document, block.blocks, level + 1)
            case Paragraph():
                _paragraph(document, block)
            case Items():
                for line in block.lines:
                    document.add_paragraph(_printable(line), style="List Bullet")
            case Table():
                _table(document, block)
            case Verbatim():
                _verbatim(document, block)


def _paragraph(document: Document, block: Paragraph) -> None:
    from docx.shared import RGBColor  # noqa: PLC0415 - as above

    paragraph = document.add_paragraph()
    for place, piece in enumerate(_FOOTNOTE.split(_printable(block.text))):
        run = paragraph.add_run(piece)
        run.font.superscript = bool(place % 2) or None
        if block.warns:
            run.bold, run.font.color.rgb = True, RGBColor(*_RED)


def _table(document: Document, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 - as above
    from docx.shared import Cm, Pt  # noqa: PLC0415

    if block.caption:
        document.add_paragraph(_printable(block.caption), style="Caption")
    table = document.add_table(rows=1, cols=len(block.columns), style="Light Grid Accent 1")
    lines = [block.columns, *([shown(cell) for cell in row] for row in block.rows)]
    table.autofit = False
    widths, size = widths_of(lines)
    for column, width in zip(
        table.columns, widths, strict=True
    ):  # some programs look here, some at the cells
        column.width = Cm(width)
    for number, line in enumerate(lines):
        cells = (table.rows[0] if number == 0 else table.add_row()).cells
        for cell, text, right, width in zip(cells, line, block.to_the_right, widths, strict=True):
            cell.text, cell.width = "", Cm(width)
            cell.paragraphs[0].add_run(_printable(text)).font.size = Pt(size)
            if right:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _repeat_heading(table)
    document.add_paragraph()


def widths_of(lines: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    """Widths of a table's columns in centimetres, and the size of its letters in points.

    Each column gets what its longest word needs, so that no word is broken; what is left goes to those with more
    to say. Where the words alone are wider than the page, the letters become smaller.
    """
    columns = list(zip(*lines, strict=True))
    needed = [min(max(map(_longest_word, column)), _MOST_LETTERS) + 2 for column in columns]
    wanted = [max(max(map(len, column)) - need, 0) for column, need in zip(columns, needed, strict=True)]
    size = max(7.0, min(10.0, 10.0 * PAGE_WIDTH / (sum(needed) * LETTER)))
    letters = max(PAGE_WIDTH / (LETTER * size / 10), 1)
    spare = max(letters - sum(needed), 0)
    shares = [
        need + spare * min(want, 60) / (sum(min(w, 60) for w in wanted) or 1)
        for need, want in zip(needed, wanted, strict=True)
    ]
    return [PAGE_WIDTH * share / sum(shares) for share in shares], size


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _repeat_heading(table: Any) -> None:
    """On every page that the table runs over."""
    from docx.oxml.ns import qn  # noqa: PLC0415 - as above

    properties = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no name of its own for it
    properties.append(properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))


def _verbatim(document: Document, block: Verbatim) -> None:
    drawn, first = drawing(block)
    proof = f"{block.proof}; control characters are drawn as {first} and following" if first else block.proof
    caption = f"{block.caption} ({proof})" if block.caption else f"({proof})"
    document.add_paragraph(_printable(caption)).paragraph_format.keep_with_next = True
    _write_exactly(document.add_paragraph(style=STRATEGY), drawn)


def drawing(block: Verbatim) -> tuple[str, str]:
    """The characters as they are put on paper, lines ended by LF; and the sign for U+0000, if one is needed."""
    text = block.text
    if block.line_end in ("\r\n", "\r"):
        text = text.replace(block.line_end, "\n")
    if not _UNSHOWN.search(text):
        return text, ""
    first = next(first for first in _PICTURES if not any(0 <= ord(sign) - first < _SIGNS for sign in text))
    return _UNSHOWN.sub(lambda sign: chr(first + _place(sign[0])), text), chr(first)


def characters(paragraph: WordParagraph, line_end: str, first: str = "") -> str:
    """The characters of a paragraph in the style *Strategy*, as they were before they were put on paper."""
    text = "".join(_read(node) for node in paragraph._p.iter())  # noqa: SLF001 - `text` takes tabs and breaks for one
    if first:
        pictures = {ord(first) + _place(sign): sign for sign in map(chr, (*range(32), 0xFFFE, 0xFFFF))}
        text = text.translate(pictures)
    return text.replace("\n", line_end) if line_end in ("\r\n", "\r") else text


PAGE_WIDTH, LETTER = 15.2, 0.23
"""Centimetres between the margins, and of an average letter of 10 points."""
_MOST_LETTERS = 24
"""Of a word that a column is made wide for; longer ones are addresses and digests."""

_SIGNS = 34


def _place(sign: str) -> int:
    """0 to 31 for control characters, then the two that are no characters."""
    return ord(sign) if ord(sign) < 32 else ord(sign) - 0xFFFE + 32


def _read(node: Any) -> str:
    name = node.tag.rpartition("}")[2]
    return {"t": node.text or "", "br": "\n", "tab": "\t"}.get(name, "")


def _write_exactly(paragraph: WordParagraph, text: str) -> None:
    """Lines parted by breaks, blanks kept: python-docx would take every sign of a line's end for the same."""
    run = paragraph.add_run()
    for place, line in enumerate(text.split("\n")):
        if place:
            run.add_break()
        for column, piece in enumerate(line.split("\t")):
            if column:
                run.add_tab()
            if piece:
                run.add_text(piece)


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return _UNSHOWN.sub(" ", _BREAKS.sub("\n", text))

"""The flow as a picture: the layout of the PRISMA 2020 statement, as many of its columns as the review needs.

Page MJ et al., BMJ 2021;372:n71, figure 1 (templates for new and updated reviews, with and without other methods;
CC BY). What is still to be done stands in italics in the box it will leave; a finished review has none of it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape

from harvest.reports.flow import Box, Flow

Place: TypeAlias = Literal["previous", "main", "removed", "other", "other removed"]

WIDTH, GAP, BAR, EDGE = 252, 34, 30, 24
"""Of a column, between columns, of the bars at the left, around everything."""
LINE, PAD, FONT, CHARACTERS = 17, 11, 13, 33
"""Height of a line, room above and below a text, size of letters, how many of them fit into a line."""
BETWEEN = 30
"""Between two rows: room for an arrow."""

_COLUMNS: tuple[Place, ...] = ("previous", "main", "removed", "other", "other removed")
_ARMS: tuple[tuple[Place, Place], ...] = (("main", "removed"), ("other", "other removed"))
_FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_TITLE, _SOFT, _BLUE, _INK = "#f5c242", "#e9ebee", "#b5cbe3", "#22262b"
_BANDS = (("Identification", 1, 1), ("Screening", 2, 4), ("Included", 5, 6))
"""Bar, its first row and its last."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of the picture."""

    row: int
    place: Place
    lines: tuple[tuple[str, bool], ...]
    """Each with whether it stands in italics: still to be done."""
    fill: str = "#ffffff"
    title: bool = False

    @property
    def height(self) -> int:
        """As high as its text needs."""
        return len(self.lines) * LINE + 2 * PAD


def write(flow: Flow, title: str, moment: str) -> bytes:
    """An SVG file; `title` and `moment` are for those who hear a picture."""
    cells = tuple(_cells(flow))
    places = [place for place in _COLUMNS if any(cell.place == place for cell in cells)]
    left = {place: EDGE + BAR + GAP // 2 + at * (WIDTH + GAP) for at, place in enumerate(places)}
    drawing = _Drawing(cells, left)
    width, height = max(left.values()) + WIDTH + EDGE, drawing.bottom + EDGE
    told = escape(f"PRISMA 2020 flow diagram: {title}, as of {moment}")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{_FONTS}" font-size="{FONT}" fill="{_INK}">'
    )
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    boxes = map(drawing.box, cells)
    parts = (
        head,
        f"<title>{told}</title>",
        _TIP,
        paper,
        *drawing.bars(),
        *boxes,
        *drawing.arrows(),
        "</svg>",
    )
    return ("\n".join(parts) + "\n").encode()


# -- what stands in the boxes --------------------------------------------------------------------------


def _cells(flow: Flow) -> Iterator[Cell]:
    yield _head("main", "Identification of new studies via databases and registers", _TITLE)
    yield from _databases(flow)
    if flow.updated:
        yield from _previous(flow)
    if flow.other:
        yield from _others(flow)


def _databases(flow: Flow) -> Iterator[Cell]:
    found = [("Records identified from:", False)]
    for name in ("database_results", "register_results"):
        found += _say([flow[name]], short=name == "register_results" and not flow[name].n)
        found += _say(flow.parts(name), indent="   ")
    yield Cell(1, "main", tuple(found))
    removed = [flow["duplicates"], flow["excluded_automatic"], flow["excluded_other"]]
    yield Cell(1, "removed", (*_wrap("Records removed before screening:"), *_say(removed)))
    yield Cell(2, "main", (*_say([flow["records_screened"]]), *_todo(flow, "records_pending")))
    yield Cell(2, "removed", _say([flow["records_excluded"]]))
    yield from _texts(flow, "dbr", "main", "removed")
    names = ("new_studies", "new_reports")
    beside = [
        flow[name] for name in ("further_reports", "ongoing_studies", "unclassified_studies") if flow[name].n
    ]
    yield Cell(5, "main", (*_say(flow[name] for name in names), *_say(beside)))


def _texts(flow: Flow, arm: str, main: Place, side: Place) -> Iterator[Cell]:
    """From the full texts that are sought to those excluded: the same in both columns."""
    yield Cell(3, main, (*_say([flow[f"{arm}_sought_reports"]]), *_todo(flow, f"{arm}_awaiting_retrieval")))
    yield Cell(3, side, _say([flow[f"{arm}_notretrieved_reports"]]))
    yield Cell(4, main, (*_say([flow[f"{arm}_assessed"]]), *_todo(flow, f"{arm}_undecided")))
    reasons = flow.parts(f"{arm}_excluded")
    excluded = (*_wrap("Reports excluded:"), *_say(reasons)) if reasons else _say([flow[f"{arm}_excluded"]])
    again = flow[f"{arm}_again"]
    yield Cell(4, side, (*excluded, *_say([again] if again.n else ())))


def _previous(flow: Flow) -> Iterator[Cell]:
    yield _head("previous", "Previous studies", _SOFT)
    yield Cell(1, "previous", _say(flow[name] for name in ("previous_studies", "previous_reports")), _SOFT)
    yield Cell(6, "main", _say(flow[name] for name in ("total_studies", "total_reports")), _SOFT)


def _others(flow: Flow) -> Iterator[Cell]:
    yield _head("other", "Identification of new studies via other methods", _SOFT)
    names = ("website_results", "organisation_results", "citations_results", "contacts_results")
    found = [flow[name] for name in names if flow[name].n]
    yield Cell(1, "other", (*_wrap("Records identified from:"), *_say(found)), _SOFT)
    lost = [flow[f"other_{name}"] for name in ("duplicates", "excluded_other", "records_excluded")]
    left = (*_say(box for box in lost if box.n), *_todo(flow, "other_records_pending"))
    if left:
        yield Cell(1, "other removed", (*_wrap("Records not taken further:"), *left), _SOFT)
    for cell in _texts(flow, "other", "other", "other removed"):
        yield Cell(cell.row, cell.place, cell.lines, _SOFT)


def _head(place: Place, text: str, fill: str) -> Cell:
    return Cell(0, place, tuple((line, False) for line in textwrap.wrap(text, 62)), fill, title=True)


def _say(boxes: Iterable[Box], *, indent: str = "", short: bool = False) -> tuple[tuple[str, bool], ...]:
    """`Label (n = 12)`, each in as many lines as it needs; `short` leaves out what is none."""
    said = [f"{indent}{box.label} (n = {box.n:,})" for box in boxes if not (short and not box.n)]
    return tuple(line for text in said for line in _wrap(text))


def _todo(flow: Flow, name: str) -> tuple[tuple[str, bool], ...]:
    """What is still to be done, in italics; nothing when nothing is."""
    box = flow[name]
    return tuple((line, True) for line, _ in _say([box])) if box.n else ()


def _wrap(text: str) -> tuple[tuple[str, bool], ...]:
    """Lines that fit; a number keeps to its `n =`."""
    kept = text.replace("(n = ", "(n\u00a0=\u00a0")
    indent = " " * (len(kept) - len(kept.lstrip()))
    lines = textwrap.wrap(
        kept.strip(), CHARACTERS, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return tuple((line.replace("   ", "\u00a0\u00a0\u00a0"), False) for line in lines)


# -- where they stand ----------------------------------------------------------------------------------


class _Drawing:
    """The boxes in their places: every row as high as its highest box."""

    def __init__(self, cells: Sequence[Cell], left: dict[Place, int]) -> None:
        self._cells = {(cell.row, cell.place): cell for cell in cells}
        self._left = left
        self._top: dict[int, int] = {}
        self._high: dict[int, int] = {}
        y = EDGE
        for row in sorted({cell.row for cell in cells}):
            self._top[row], self._high[row] = y, max(cell.height for cell in cells if cell.row == row)
            y += self._high[row] + BETWEEN
        self.bottom = y - BETWEEN

    def box(self, cell: Cell) -> str:
        """A frame with its text: titles in the middle and rounded, the rest from the left."""
        x, y, width, height = self._frame(cell)
        radius, anchor, at = (12, "middle", x + width / 2) if cell.title else (2, "start", x + PAD)
        frame = (
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{cell.fill}" '
            f'stroke="{cell.fill if cell.title else _INK}"/>'
        )
        first = y + (height - len(cell.lines) * LINE) / 2 + FONT
        weight = ' font-weight="600"' if cell.title else ""
        spans = "".join(
            f'<tspan x="{at:g}" y="{first + number * LINE:g}"{_ITALIC if italic else ""}>{escape(line)}</tspan>'
            for number, (line, italic) in enumerate(cell.lines)
        )
        return f'{frame}<text text-anchor="{anchor}"{weight}>{spans}</text>'

    def bars(self) -> Iterator[str]:
        """The bars at the left that name the phases."""
        for name, first, last in _BANDS:
            rows = [row for row in self._top if first <= row <= last]
            top, bottom = self._top[rows[0]], self._top[rows[-1]] + self._high[rows[-1]]
            middle = (top + bottom) / 2
            yield (
                f'<rect x="{EDGE}" y="{top}" width="{BAR}" height="{bottom - top}" rx="8" fill="{_BLUE}"/>'
                f'<text transform="translate({EDGE + BAR / 2 + 4.5:g} {middle:g}) rotate(-90)" text-anchor="middle" '
                f'font-weight="600">{name}</text>'
            )

    def arrows(self) -> Iterator[str]:
        """Down each column, to the right of each box, and around to what is included."""
        for column, beside in _ARMS:
            rows = sorted(row for row, place in self._cells if place == column and row)
            for row, below in pairwise(rows):
                yield self._down(self._cells[row, column], self._cells[below, column])
            for row in rows:
                if (row, beside) in self._cells:
                    yield self._across(self._cells[row, column], self._cells[row, beside])
        if (4, "other") in self._cells:
            yield self._around(self._cells[4, "other"], self._cells[5, "main"], to_right=True)
        if (1, "previous") in self._cells:
            yield self._around(self._cells[1, "previous"], self._cells[6, "main"], to_right=False)

    def _frame(self, cell: Cell) -> tuple[int, int, int, int]:
        """Left, top, width, height: in a row of titles over all boxes of the column, else as wide as one."""
        high, top = self._high[cell.row], self._top[cell.row]
        width = WIDTH
        if cell.title and cell.place != "previous":
            width = 2 * WIDTH + GAP
        height = high if cell.title else cell.height
        return self._left[cell.place], top + (high - height) // 2, width, height

    def _down(self, above: Cell, below: Cell) -> str:
        x, y, width, height = self._frame(above)
        return _arrow(f"M{x + width / 2:g} {y + height}V{self._frame(below)[1]}")

    def _across(self, cell: Cell, beside: Cell) -> str:
        x, y, width, height = self._frame(cell)
        return _arrow(f"M{x + width} {y + height / 2:g}H{self._frame(beside)[0]}")

    def _around(self, start: Cell, end: Cell, *, to_right: bool) -> str:
        """Down from one box, then sideways to the edge of another."""
        x, y, width, height = self._frame(start)
        left, top, wide, high = self._frame(end)
        edge = left + wide if to_right else left
        return _arrow(f"M{x + width / 2:g} {y + height}V{top + high / 2:g}H{edge}")


_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    f'<path d="M0 0.5 8 4 0 7.5z" fill="{_INK}"/></marker></defs>'
)
_ITALIC = ' font-style="italic" fill="#5b6470"'


def _arrow(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{_INK}" stroke-width="1.2" marker-end="url(#tip)"/>'

"""One screen a pair: two records side by side, what differs in colour, why it is asked, the keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.segment import Segment, SegmentLines
from rich.table import Table
from rich.text import Text

from db.record import Record
from harvest.answers import STUDY
from harvest.files import legible
from harvest.pairs import Pair, Row, meaning

AGREES, DIFFERS, SAYS = "dim", "yellow", ""
"""How a line looks on which the two agree, differ, or on which one is silent."""
_MARKS = {True: "=", False: "≠", None: " "}
_PLAIN = str.maketrans({"≠": "x", "·": "-", "…": "~", "─": "-"})
"""For terminals that know no other letters."""
_LINES, _TITLE_LINES = 3, 6
"""How many lines anything may take, and a title, which is what most is told by."""

KEYS = "s same  t study  d different  k skip  u undo  o more  q leave  ? help"
HELP = """\
s      the same report: one document, counted once
t      the same study: two documents of one investigation; a second key says what they are to each other
d      different
k      skip for now (the space bar, too)
u      undo your last answer of this sitting; nothing is deleted, the question is open again
o      open more: whole abstracts, all the evidence, every opinion there is
q      leave; every answer has been stored already

In the middle, = stands where the two agree, ≠ where they differ, nothing where one of them is silent."""
KIND_KEYS = dict(zip("rpcelmu", STUDY, strict=True))
"""The second key after `t`: a letter of the kind's name, another for each."""


class Screen:
    """A terminal that shows one pair at a time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plain = not console.encoding.lower().startswith("utf")

    def show(self, pair: Pair, place: tuple[int, int], by: str, note: str = "", keys: str = KEYS) -> None:
        """One pair, whole: abstracts take the lines that are left, and the last fields give way to the evidence."""
        said = Text(legible(note), style="bold")
        head = self._lines(self._head(pair, place, by))
        foot = self._lines(Group(self._rule(), self._evidence(pair), said, Text(keys, style="reverse")))
        room = self._console.height - len(head) - len(foot)
        body = self._lines(self._records(pair, _LINES, abstract=0))
        if room - len(body) > 1:
            body = self._lines(self._records(pair, _LINES, room - len(body)))
        self._print([*head, *body[: max(0, room)], *foot])

    def say(self, text: str, keys: str) -> None:
        """Some lines of text, and what can be typed."""
        self._print([*self._lines(Text(text)), *self._lines(Text(f"\n{keys}", style="reverse"))])

    def pages(self, pair: Pair, opinions: Sequence[str]) -> list[list[list[Segment]]]:
        """Everything there is to say about a pair, cut into screens."""
        everything = Group(
            self._records(pair, lines=None),
            Text(),
            *(Text(legible(opinion, keep="\n")) for opinion in opinions),
        )
        lines, height = self._lines(everything), max(1, self._console.height - 2)
        return [lines[start : start + height] for start in range(0, len(lines), height)]

    def show_page(self, page: list[list[Segment]], keys: str) -> None:
        """One of these screens."""
        self._print([*page, *self._lines(Text(keys, style="reverse"))])

    # -- the parts -----------------------------------------------------------------------------------

    def _head(self, pair: Pair, place: tuple[int, int], by: str) -> RenderableType:
        link = pair.link
        kind = f" · {link.kind}?" if link.kind else ""
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(
            Text(f"{place[0]} of {place[1]} · {link.rule or 'asked'} {link.score:.2f}{kind}", style="bold"),
            by,
        )
        said = Text(legible(meaning(link.rule)), style="italic")
        return Group(head, said, self._rule())

    def _rule(self) -> Text:
        return Text("─" * self._console.width, style="dim")

    def _records(self, pair: Pair, lines: int | None, abstract: int | None = None) -> Table:
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(width=8)
        grid.add_column(ratio=1)
        grid.add_column(width=1)
        grid.add_column(ratio=1)
        each = (self._console.width - 12) // 2
        for place, name in enumerate(pair.names):
            record = (pair.left, pair.right)[place]
            heading = Text(f"{name} · {legible(record.source)} {legible(record.key)}", style="bold")
            heading.truncate(each, overflow="ellipsis")
            if not place:
                left = heading
        grid.add_row("", left, "", heading)
        for row in pair.rows():
            most = lines and (_TITLE_LINES if row.name == "title" else lines)
            self._add(grid, row, most and each * most)
        if abstract is None or abstract:
            self._add_abstracts(grid, pair, abstract and each * max(1, abstract - 1))
        return grid

    def _add(self, grid: Table, row: Row, cells: int | None) -> None:
        """A line; where the two differ, exactly what differs."""
        style = {True: AGREES, False: DIFFERS, None: SAYS}[row.agree]
        left, right = _cut_both(row.left, row.right, cells)
        calm = Text(left, style=style), Text(right, style=style)
        shown = differences(left, right) if row.agree is False else calm
        grid.add_row(
            Text(row.name, style=style or "dim"), shown[0], Text(_MARKS[row.agree], style=style), shown[1]
        )

    def _add_abstracts(self, grid: Table, pair: Pair, cells: int | None) -> None:
        texts = [_cut(_abstract(record), cells) for record in (pair.left, pair.right)]
        if any(texts):
            grid.add_row(Text("abstract", style="dim"), texts[0], "", texts[1])

    def _evidence(self, pair: Pair) -> Text:
        """What speaks for one document calmly, what speaks against it in colour."""
        calm = [sign.text for sign in pair.signs if sign.speaks is not False]
        against = [sign.text for sign in pair.signs if sign.speaks is False]
        told = Text("; ".join(calm))
        if calm and against:
            told.append("; ")
        return told.append("; ".join(against), style=DIFFERS)

    # -- the terminal --------------------------------------------------------------------------------

    def _lines(self, shown: RenderableType) -> list[list[Segment]]:
        return self._console.render_lines(shown, pad=False)

    def _print(self, lines: Iterable[list[Segment]]) -> None:
        shown = [[self._known(segment) for segment in line] for line in lines]
        self._console.clear()
        self._console.print(SegmentLines(shown[:-1], new_lines=True), end="")
        self._console.print(SegmentLines(shown[-1:]), end="")

    def _known(self, segment: Segment) -> Segment:
        return Segment(segment.text.translate(_PLAIN), segment.style) if self._plain else segment


def differences(left: str, right: str) -> tuple[Text, Text]:
    """Two texts with the words marked that stand in only one of them; whole words, whatever their case."""
    words = [re.findall(r"\w+|\W+", text) for text in (left, right)]
    shown = Text(style=SAYS), Text(style=SAYS)
    folded = [[word.casefold() for word in each] for each in words]
    for what, a, b, c, d in SequenceMatcher(None, folded[0], folded[1], autojunk=False).get_opcodes():
        style = SAYS if what == "equal" else f"bold {DIFFERS}"
        shown[0].append("".join(words[0][a:b]), style=style)
        shown[1].append("".join(words[1][c:d]), style=style)
    return shown


def _cut_both(left: str, right: str, cells: int | None) -> tuple[str, str]:
    """Two texts cut to a size: what they begin with in common goes first, so that no difference is hidden."""
    differing = (place for place, (one, two) in enumerate(zip(left, right, strict=False)) if one != two)
    head = next(differing, min(len(left), len(right)))
    if cells and left != right and head > cells // 2 and max(cell_len(left), cell_len(right)) > cells:
        start = left.rfind(" ", 0, max(0, head - 20)) + 1
        left, right = f"… {left[start:]}", f"… {right[start:]}"
    return _cut(left, cells), _cut(right, cells)


def _cut(text: str, cells: int | None) -> str:
    text = legible(text)
    if cells is None or cell_len(text) <= cells:
        return text
    return f"{set_cell_size(text, max(1, cells - 8)).rstrip()} …"


def _abstract(record: Record) -> str:
    return record.abstract_text.replace("\n", " ")

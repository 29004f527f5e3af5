"""The reading so far as a picture: includes found against reports read, and below it what the rules say.

SVG by template: no script, no font from elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from string import Template

WIDTH, HEIGHT = 720, 560
LEFT, RIGHT = 76.0, 696.0
TOP, MIDDLE = 56, 300
"""Edges of the upper field: includes found."""
LOW_TOP, LOW_BOTTOM = 352, 500
"""Edges of the lower field: the chance that the target is missed, on a logarithmic scale."""
FLOOR = 0.001
"""The lower field ends here; what is smaller lies on its edge."""
BLUE, RED, GREY = "#0b5394", "#c0392b", "#777777"

_PAGE = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" role="img" font-family="sans-serif" \
font-size="13">
<title>$title</title>
<rect width="$width" height="$height" fill="white"/>
<text x="$left" y="24" font-size="15">$title</text>
$parts
</svg>
""")
_LINE = Template('<line x1="$x1" y1="$y1" x2="$x2" y2="$y2" stroke="$colour"$more/>')
_PATH = Template('<polyline points="$points" fill="none" stroke="$colour" stroke-width="2.2"$more/>')
_WORD = Template('<text x="$x" y="$y" text-anchor="$anchor"$more>$text</text>')
_UNREAD = Template('<rect x="$x" y="$y" width="$width" height="$height" fill="#f1f1f1"/>')


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn."""

    title: str
    total: int
    """Reports in the harvest."""
    found: Sequence[float]
    """The reading: above 0 for an include."""
    at: Sequence[int]
    """Numbers of reports read, ascending, at which the rules were asked."""
    usual: Sequence[float]
    """What the usual rule said there."""
    strict: Sequence[float]
    limit: float
    """Below it a rule lets one stop: 1 − confidence."""


def draw(drawing: Drawing) -> str:
    """The SVG."""
    parts = [*_ground(drawing), *_steps(drawing), *_rules(drawing), *_words(drawing)]
    return _PAGE.substitute(
        width=WIDTH, height=HEIGHT, left=LEFT, title=escape(drawing.title), parts="\n".join(parts)
    )


def _ground(drawing: Drawing) -> Iterator[str]:
    """Fields, the part not read in grey, and the scales."""
    edge = _x(len(drawing.found), drawing.total)
    for top, bottom in ((TOP, MIDDLE), (LOW_TOP, LOW_BOTTOM)):
        yield _UNREAD.substitute(x=edge, y=top, width=round(RIGHT - edge, 1), height=bottom - top)
    for read in ticks(drawing.total):
        x = _x(read, drawing.total)
        for bottom in (MIDDLE, LOW_BOTTOM):
            yield _line(x, bottom, x, bottom + 5)
            yield _word(x, bottom + 19, f"{read:,}")
    for includes in ticks(_most(drawing)):
        y = _up(includes, drawing)
        yield _line(LEFT, y, RIGHT, y, "#dddddd")
        yield _word(LEFT - 8, y + 4, f"{includes:,}", "end")
    for chance in (1, 0.1, 0.01, FLOOR):
        y = _down(chance)
        yield _line(LEFT, y, RIGHT, y, "#dddddd")
        yield _word(LEFT - 8, y + 4, f"{chance:g}", "end")


def _steps(drawing: Drawing) -> Iterator[str]:
    """Includes found, one step an include."""
    points, includes = [(_x(0, drawing.total), _up(0, drawing))], 0
    for place, label in enumerate(drawing.found, start=1):
        if label > 0:
            x = _x(place, drawing.total)
            points += [(x, _up(includes, drawing)), (x, _up(includes + 1, drawing))]
            includes += 1
    points.append((_x(len(drawing.found), drawing.total), _up(includes, drawing)))
    yield _path(points, BLUE)


def _rules(drawing: Drawing) -> Iterator[str]:
    for chances, colour, dashes in ((drawing.strict, GREY, "6 4"), (drawing.usual, RED, "")):
        points = [
            (_x(read, drawing.total), _down(chance)) for read, chance in zip(drawing.at, chances, strict=True)
        ]
        yield _path(points, colour, dashes)
    y = _down(drawing.limit)
    yield _line(LEFT, y, RIGHT, y, "black", "2 3")
    yield _word(RIGHT - 4, y - 5, f"below {drawing.limit:.2g} the rule would let you stop", "end")


def _words(drawing: Drawing) -> Iterator[str]:
    """Titles of the fields, beside their curves' colours, and of the scale that both share."""
    yield _word(
        LEFT, TOP - 10, f"includes found: {sum(label > 0 for label in drawing.found):,}", "start", BLUE
    )
    yield _word(LEFT, LOW_TOP - 10, "chance that the target is missed", "start", RED)
    yield _word(RIGHT, LOW_TOP - 10, "strict test (dashed)", "end", GREY)
    yield _word((LEFT + RIGHT) / 2, LOW_BOTTOM + 44, f"reports read, of {drawing.total:,} (grey: not read)")
    for top, bottom, text in ((TOP, MIDDLE, "includes"), (LOW_TOP, LOW_BOTTOM, "p (log scale)")):
        half = (top + bottom) / 2
        yield _WORD.substitute(
            x=20, y=half, anchor="middle", more=f' transform="rotate(-90 20 {half})"', text=text
        )


def ticks(most: int) -> list[int]:
    """Round numbers from 0 up to `most`, at most six steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0]
    rough = max(most / 6, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(round(size * power) for size in (1, 2, 5, 10) if size * power >= rough)
    return list(range(0, most + 1, step))


def _most(drawing: Drawing) -> int:
    return max(sum(label > 0 for label in drawing.found), 1)


def _x(read: float, total: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * read / max(total, 1), 1)


def _up(includes: float, drawing: Drawing) -> float:
    return round(MIDDLE - (MIDDLE - TOP) * includes / _most(drawing), 1)


def _down(chance: float) -> float:
    depth = math.log10(max(chance, FLOOR)) / math.log10(FLOOR)
    return round(LOW_TOP + (LOW_BOTTOM - LOW_TOP) * depth, 1)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "black", dashes: str = "") -> str:
    return _LINE.substitute(x1=x1, y1=y1, x2=x2, y2=y2, colour=colour, more=_dashed(dashes))


def _path(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    told = " ".join(f"{x},{y}" for x, y in points)
    return _PATH.substitute(points=told, colour=colour, more=_dashed(dashes))


def _word(x: float, y: float, text: str, anchor: str = "middle", colour: str = "") -> str:
    more = f' fill="{colour}"' if colour else ""
    return _WORD.substitute(x=x, y=y, anchor=anchor, more=more, text=escape(text))


def _dashed(pattern: str) -> str:
    return f' stroke-dasharray="{pattern}"' if pattern else ""

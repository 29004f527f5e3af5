"""Recall curves as a picture: how much of what was included is found when so much has been read.

SVG by template: no script, no font from elsewhere. Each ranker has a colour and a kind of stroke of its own,
so that the curves can be told apart in print without colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from statistics import fmean
from string import Template

from db.errors import WrongUse

WIDTH, HEIGHT = 720, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 700, 44, 420
"""Edges of the field in which the curves lie; y grows downwards."""
STROKES = (
    ("#0b5394", ""),
    ("#c0392b", "9 4"),
    ("#2e7d32", "3 3"),
    ("#8e5a00", "12 3 3 3"),
    ("#6a1b9a", "1 4"),
)
"""Colour and dashes, curve by curve."""
STEPS = RIGHT - LEFT
"""A curve has one point a unit across: more would not be seen."""

_PAGE = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" role="img" font-family="sans-serif" \
font-size="13">
<title>$title</title>
<rect width="$width" height="$height" fill="white"/>
<text x="$left" y="26" font-size="15">$title</text>
$parts
<text x="$middle" y="$bottom" text-anchor="middle">records read</text>
<text x="20" y="$half" text-anchor="middle" transform="rotate(-90 20 $half)">includes found (recall)</text>
</svg>
""")
_LINE = Template('<line x1="$x1" y1="$y1" x2="$x2" y2="$y2" stroke="$colour" stroke-width="$wide"$dashes/>')
_CURVE = Template(
    '<polyline points="$points" fill="none" stroke="$colour" stroke-width="$wide" stroke-opacity="$strength"'
    ' stroke-linejoin="round"$dashes/>'
)
_WORD = Template('<text x="$x" y="$y" text-anchor="$anchor">$text</text>')
_STOP = Template(
    '<path d="M $x $y m -6 -6 h 12 l -6 12 z" fill="white" stroke="$colour" stroke-width="2">'
    "<title>$told</title></path>"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """One ranker, with one reading a seed."""

    name: str
    readings: Sequence[Sequence[int]]
    """1 or 0 for every record, in the order read."""
    stops: Sequence[int] = ()
    """Where a stopping rule would have ended the readings: records read, one a reading."""


def recall_plot(curves: Sequence[Curve], title: str, *, singly: bool = True) -> str:
    """The picture: of each curve the mean over its readings and, `singly`, every reading as a thin line behind it.

    Beside them the perfect reading (of the first curve) and what random order gives. Raises `WrongUse` when a
    reading holds nothing to find, or there is none.
    """
    readings = [reading for curve in curves for reading in curve.readings]
    if not readings or not all(any(reading) for reading in readings):
        raise WrongUse("There is no recall to draw: every reading must hold an include.")
    thin = (line for number, curve in enumerate(curves) for line in _thin(curve, number) if singly)
    thick = (line for number, curve in enumerate(curves) for line in _thick(curve, number))
    parts = [*_grid(), *_bounds(curves[0].readings), *thin, *thick, *_legend(curves)]
    return _PAGE.substitute(
        width=WIDTH, height=HEIGHT, title=escape(title), left=LEFT, parts="\n".join(parts),
        middle=(LEFT + RIGHT) // 2, bottom=BOTTOM + 44, half=(TOP + BOTTOM) // 2,
    )  # fmt: skip


def recall_at(reading: Sequence[int], steps: int = STEPS) -> list[float]:
    """Share of the includes found when 0, 1/steps, 2/steps … 1 of the records are read; whole records count."""
    found = [0, *accumulate(reading)]
    return [found[step * len(reading) // steps] / found[-1] for step in range(steps + 1)]


def _mean(readings: Sequence[Sequence[int]]) -> list[float]:
    return [fmean(values) for values in zip(*map(recall_at, readings), strict=True)]


def _thin(curve: Curve, number: int) -> Iterator[str]:
    if len(curve.readings) > 1:
        for reading in curve.readings:
            yield _drawn(recall_at(reading), number, wide=0.8, strength=0.35)


def _thick(curve: Curve, number: int) -> Iterator[str]:
    mean = _mean(curve.readings)
    yield _drawn(mean, number, wide=2.4, strength=1)
    if curve.stops:
        share = fmean(at / len(reading) for at, reading in zip(curve.stops, curve.readings, strict=True))
        told = f"{curve.name}: the stopping rule ends the reading after {share:.0%} of the records (mean)"
        place = mean[round(share * STEPS)]
        colour, _ = STROKES[number % len(STROKES)]
        yield _STOP.substitute(x=_x(share), y=_y(place), colour=colour, told=escape(told))


def _drawn(values: Sequence[float], number: int, wide: float, strength: float) -> str:
    colour, dashes = STROKES[number % len(STROKES)]
    return _CURVE.substitute(
        points=_bends(values), colour=colour, wide=wide, strength=strength,
        dashes=_dashes(dashes if wide > 1 else ""),
    )  # fmt: skip


def _bends(values: Sequence[float]) -> str:
    """The points of a curve, without those amid a level stretch."""
    points = [(_x(step / (len(values) - 1)), _y(value)) for step, value in enumerate(values)]
    ends = (0, len(points) - 1)
    return " ".join(
        f"{x},{y}"
        for place, (x, y) in enumerate(points)
        if place in ends or not points[place - 1][1] == y == points[place + 1][1]
    )


def _grid() -> Iterator[str]:
    for tenth in range(0, 11, 2):
        share = tenth / 10
        x, y = _x(share), _y(share)
        yield _LINE.substitute(x1=x, x2=x, y1=BOTTOM, y2=TOP, colour="#dddddd", wide=1, dashes="")
        yield _LINE.substitute(x1=LEFT, x2=RIGHT, y1=y, y2=y, colour="#dddddd", wide=1, dashes="")
        yield _WORD.substitute(x=x, y=BOTTOM + 20, anchor="middle", text=f"{share:.0%}")
        yield _WORD.substitute(x=LEFT - 8, y=y + 5, anchor="end", text=f"{share:.0%}")


def _bounds(readings: Sequence[Sequence[int]]) -> Iterator[str]:
    """Nobody can be better than the one; by chance one comes to the other."""
    grey = {"colour": "#777777", "wide": 1.2}
    perfect = _mean([sorted(reading, reverse=True) for reading in readings])
    yield _CURVE.substitute(points=_bends(perfect), strength=1, dashes="", **grey)
    yield _LINE.substitute(x1=LEFT, y1=BOTTOM, x2=RIGHT, y2=TOP, dashes=_dashes("2 5"), **grey)


def _legend(curves: Sequence[Curve]) -> Iterator[str]:
    """At the lower right, where no curve of any use comes."""
    lines = [(curve.name, *STROKES[number % len(STROKES)], 2.4) for number, curve in enumerate(curves)]
    lines += [("random order (expected)", "#777777", "2 5", 1.2), ("perfect order", "#777777", "", 1.2)]
    stops = any(curve.stops for curve in curves)
    top = BOTTOM - 16 - 20 * (len(lines) + stops - 1)
    for row, (name, colour, dashes, wide) in enumerate(lines):
        y = top + 20 * row
        yield _LINE.substitute(x1=440, x2=482, y1=y, y2=y, colour=colour, wide=wide, dashes=_dashes(dashes))
        yield _WORD.substitute(x=490, y=y + 4, anchor="start", text=escape(name))
    if stops:
        y = top + 20 * len(lines)
        yield _STOP.substitute(x=461, y=y, colour="#333333", told="stopping rule")
        yield _WORD.substitute(x=490, y=y + 4, anchor="start", text="where the stopping rule ends it")


def _dashes(pattern: str) -> str:
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def _x(share: float) -> float:
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _y(share: float) -> float:
    return round(BOTTOM - share * (BOTTOM - TOP), 1)

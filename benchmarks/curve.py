"""How cost grows with size: the exponent, and a picture of it; a part of `dedupe.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from statistics import fmean
from string import Template

Point = tuple[int, float]
"""Records, CPU seconds."""

WIDTH, HEIGHT, EDGE = 640, 420, 60
COLOURS = ("#1b6ca8", "#c0392b", "#555555")

_PAGE = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" font-family="sans-serif" font-size="12">
<title>$title</title>
<rect width="$width" height="$height" fill="white"/>
$parts
<text x="$middle" y="$bottom" text-anchor="middle">records</text>
<text x="16" y="$half" text-anchor="middle" transform="rotate(-90 16 $half)">CPU seconds</text>
</svg>
""")
_LINE = Template('<line x1="$x1" y1="$y1" x2="$x2" y2="$y2" stroke="$colour" stroke-width="$wide"/>')
_DOT = Template('<circle cx="$x" cy="$y" r="4" fill="$colour"><title>$told</title></circle>')
_WORD = Template('<text x="$x" y="$y" text-anchor="$anchor" fill="$colour">$text</text>')


def exponent(points: Sequence[Point]) -> float | None:
    """Of the power law through the points (least squares of the logarithms); 1 is linear. None for one size."""
    told = [(log10(records), log10(seconds)) for records, seconds in points if records > 0 and seconds > 0]
    if len({x for x, _ in told}) < 2:
        return None
    mx, my = fmean(x for x, _ in told), fmean(y for _, y in told)
    return sum((x - mx) * (y - my) for x, y in told) / sum((x - mx) ** 2 for x, _ in told)


def svg(curves: Mapping[str, Sequence[Point]], title: str) -> str:
    """Both axes logarithmic, so that a power law is a straight line. Raises `ValueError` without a point."""
    points = [point for curve in curves.values() for point in curve]
    if not points:
        raise ValueError("There is nothing to plot.")
    across = _Axis([records for records, _ in points], EDGE + 10, WIDTH - 20)
    up = _Axis([seconds for _, seconds in points], HEIGHT - EDGE, 20)
    parts = [*_grid(across, up), *_curves(curves, across, up)]
    return _PAGE.substitute(
        width=WIDTH, height=HEIGHT, title=escape(title), parts="\n".join(parts), middle=WIDTH // 2,
        bottom=HEIGHT - 14, half=HEIGHT // 2,
    )  # fmt: skip


class _Axis:
    """Powers of ten between two edges of the page."""

    def __init__(self, values: Sequence[float], start: int, end: int) -> None:
        told = [log10(max(value, 1e-3)) for value in values]
        self.low, self.high = floor(min(told)), max(ceil(max(told)), floor(min(told)) + 1)
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        share = (log10(max(value, 1e-3)) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _grid(across: _Axis, up: _Axis) -> Iterator[str]:
    for tick in across.ticks():
        x = across.at(tick)
        yield _LINE.substitute(x1=x, x2=x, y1=up.start, y2=up.end, colour="#dddddd", wide=1)
        yield _WORD.substitute(x=x, y=up.start + 18, anchor="middle", colour="black", text=f"{tick:,.0f}")
    for tick in up.ticks():
        y = up.at(tick)
        yield _LINE.substitute(x1=across.start, x2=across.end, y1=y, y2=y, colour="#dddddd", wide=1)
        yield _WORD.substitute(x=across.start - 8, y=y + 4, anchor="end", colour="black", text=f"{tick:,g}")


def _curves(curves: Mapping[str, Sequence[Point]], across: _Axis, up: _Axis) -> Iterator[str]:
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        placed = [(across.at(records), up.at(seconds)) for records, seconds in sorted(curve)]
        for (x1, y1), (x2, y2) in pairwise(placed):
            yield _LINE.substitute(x1=x1, y1=y1, x2=x2, y2=y2, colour=colour, wide=2)
        for (x, y), (records, seconds) in zip(placed, sorted(curve), strict=True):
            yield _DOT.substitute(x=x, y=y, colour=colour, told=f"{records:,} records: {seconds:.2f} s")
        grows = exponent(curve)
        told = escape(name if grows is None else f"{name}: records to the power of {grows:.2f}")
        yield _WORD.substitute(
            x=across.start + 12, y=36 + 18 * number, anchor="start", colour=colour, text=told
        )

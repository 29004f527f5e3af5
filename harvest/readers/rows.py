"""Rows of a delimited file, with their lines, and no broken row eats its neighbours.

Cells are parsed by the standard library's `csv`. What it does not do is notice that a quotation mark
was never closed: it then takes the following rows for part of a cell. Such a row is reported as broken
and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    line: int
    """Where it begins, counted from 1."""
    cells: tuple[str, ...]
    raw: str
    broken: bool = False
    """A quotation mark is opened in it and never closed."""
    cut: bool = False
    """The file ends inside of it."""

    @property
    def empty(self) -> bool:
        """True when no cell says anything."""
        return not any(cell.strip() for cell in self.cells)


def rows(lines: Sequence[str], delimiter: str, start: int = 0, width: int = 0) -> Iterator[Row]:
    """Rows from `lines[start]` on; `width` is the number of columns, 0 while it is not known."""
    place = start
    while place < len(lines):
        cells, end = _parse(lines, place, delimiter)
        broken = width > 1 and _swallows(lines, place, end, cells, delimiter, width)
        end = place + 1 if broken else end
        raw = "\n".join(lines[place:end])
        cut = end == len(lines) and raw.count('"') % 2 == 1
        yield Row(place + 1, tuple(cells), raw, broken, cut)
        place = end


def alone(lines: Sequence[str], delimiter: str) -> Iterator[Row]:
    """Every line as a row of its own, whatever its quotation marks say."""
    return (Row(number, tuple(_parse([line], 0, delimiter)[0]), line) for number, line in enumerate(lines, 1))


def _parse(lines: Sequence[str], place: int, delimiter: str) -> tuple[list[str], int]:
    """Cells of the row that begins at a place, and the place after it."""
    reader = csv.reader((lines[i] + "\n" for i in range(place, len(lines))), delimiter=delimiter)
    with _large_cells():
        cells = next(reader, [])
    return [cell.removesuffix("\n") for cell in cells], place + max(reader.line_num, 1)


def _swallows(
    lines: Sequence[str], place: int, end: int, cells: Sequence[str], delimiter: str, width: int
) -> bool:
    """True when a row over several lines is odd in itself and holds a line that is a whole row."""
    if end - place < 2:
        return False
    odd = len(cells) > width or sum(line.count('"') for line in lines[place:end]) % 2 == 1
    return odd and any(
        len(_parse([line], 0, delimiter)[0]) == width and line.count('"') % 2 == 0
        for line in lines[place + 1 : end]
    )


@contextmanager
def _large_cells() -> Iterator[None]:
    """`csv` refuses cells over 128 KB; reference lists of Scopus are longer."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def written(cells: Sequence[str]) -> str:
    """Cells as one line of CSV, as they are kept where a row cannot be read."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()

"""CSV and TSV: the exports of databases and screening tools, and whatever reviewers keep in spreadsheets.

The delimiter is the one with which a header row is understood best; what the columns mean is the business
of `harvest.readers.cells`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from db.errors import WrongUse
from harvest.readers import cells, columns
from harvest.readers.reading import Reading
from harvest.readers.rows import DELIMITERS, Row, alone, rows
from harvest.readers.text import Text

_TOP = 1000
"""Lines in which the header is looked for: a quotation mark that is never closed makes one row of all that follow."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """Delimited text with a header row."""

    name: str = "CSV/TSV"
    suffixes: tuple[str, ...] = (".csv", ".tsv")
    said: Mapping[str, str] = field(default_factory=dict)
    """Column → field, as the reviewer said."""

    def looks_like(self, text: Text) -> bool:
        """True when a header row with a column of titles and at least one other column is found."""
        layout = _layout(text, self.said)
        return layout is not None and (len(layout.header.names) > 1 or bool(self.said))

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every row below the header. Raises `WrongUse` when no column holds titles."""
        layout = _layout(text, self.said)
        if layout is None:
            raise WrongUse(f"{name}: {_no_titles(text, self.said)}")
        header, delimiter = layout.header, layout.delimiter
        columns.must_be_there(header.names, self.said)
        above = (Row(number, (line,), line) for number, line in enumerate(text.lines[: header.line - 1], 1))
        below = rows(text.lines, delimiter, header.end, len(header.names))
        kind = "TSV" if delimiter == "\t" else "CSV"
        reading = cells.read_rows(chain(above if header.line else (), below), header, kind, source)
        return replace(reading, notes=(*text.notes, *reading.notes))


class _Layout(NamedTuple):
    delimiter: str
    header: cells.Header


def _layout(text: Text, said: Mapping[str, str]) -> _Layout | None:
    """The header row that is understood best, over all delimiters; `None` when there are no titles."""
    candidates = [
        _Layout(delimiter, header)
        for delimiter in _delimiters(text)
        if (header := _header(text, delimiter, said)) is not None
    ]
    return max(candidates, key=lambda c: _understood(c.header, said), default=None)


def _understood(header: cells.Header, said: Mapping[str, str]) -> tuple[int, int]:
    return columns.recognised(header.names, said), len(header.names)


def _header(text: Text, delimiter: str, said: Mapping[str, str]) -> cells.Header | None:
    """A quotation mark that is never closed must not hide the header: then every line stands for itself."""
    top = text.lines[:_TOP]
    return cells.find_header(rows(top, delimiter), said) or cells.find_header(alone(top, delimiter), said)


def _delimiters(text: Text) -> tuple[str, ...]:
    first = _SEPARATOR_LINE.fullmatch(text.lines[0].strip())
    return (first[1],) if first else DELIMITERS


def _no_titles(text: Text, said: Mapping[str, str]) -> str:
    """The sentence that names the columns there are, by the delimiter that finds most of them."""

    def top(delimiter: str) -> Iterator[Row]:
        return rows(text.lines[:_TOP], delimiter)

    best = max(_delimiters(text), key=lambda each: len(next(top(each)).cells))
    return cells.no_titles(top(best), said)

"""What a report is made of, without any form: a writer decides what it looks like. Pure, and knows no review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None
"""What stands in a table; None where there is nothing to say, which is not 0."""

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
"""Tried in this order; Latin-1 takes any bytes. UTF-16 only with its mark."""
_MARKS: Mapping[str, bytes] = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `[^2]` in it refers to the second footnote of the report."""

    text: str
    warns: bool = False
    """Something is missing or wrong here: shown so that nobody reads over it."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list, one line each."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; numbers stand to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""

    @property
    def to_the_right(self) -> tuple[bool, ...]:
        """Of each column, whether it holds numbers and nothing else."""
        columns = [[row[place] for row in self.rows] for place in range(len(self.columns))]
        return tuple(
            all(isinstance(cell, int | float | None) for cell in column)
            and any(cell is not None for cell in column)
            for column in columns
        )

    def to_dicts(self) -> list[dict[str, Cell]]:
        """One dictionary a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Verbatim:
    """A text that must stand in the report as it is, to the last byte: a search strategy.

    `text` under `encoding` gives exactly the bytes again, a byte order mark and all.
    """

    content: bytes
    caption: str = ""

    @cached_property
    def encoding(self) -> str:
        """The first encoding under which the bytes come back unchanged."""
        return next(name for name in _ENCODINGS if self._comes_back(name))

    @property
    def text(self) -> str:
        """The bytes as characters."""
        return self.content.decode(self.encoding)

    @property
    def sha256(self) -> str:
        """Digest of the bytes, hexadecimal: who has the file can prove that it is this one."""
        return sha256(self.content).hexdigest()

    @property
    def line_end(self) -> str:
        r"""`\n`, `\r\n` or `\r` when all lines end so; `mixed` when they do not; empty without any."""
        rest = self.text.replace("\r\n", "")
        ends = [
            end
            for end, there in (("\r\n", "\r\n" in self.text), ("\r", "\r" in rest), ("\n", "\n" in rest))
            if there
        ]
        return "mixed" if len(ends) > 1 else "".join(ends)

    @property
    def proof(self) -> str:
        """In one line, what the bytes are: number, encoding, line ends, digest."""
        names = {
            "\n": "",
            "": "",
            "\r\n": "line ends CR LF, ",
            "\r": "line ends CR, ",
            "mixed": "line ends mixed, ",
        }
        encoding = "UTF-8" if self.encoding == "utf-8" else self.encoding
        return f"{len(self.content):,} bytes, {encoding}, {names[self.line_end]}SHA-256 {self.sha256}"

    def _comes_back(self, encoding: str) -> bool:
        if not self.content.startswith(_MARKS.get(encoding, b"")):
            return False
        try:
            return self.content.decode(encoding).encode(encoding) == self.content
        except UnicodeError:
            return False


Block: TypeAlias = "Paragraph | Items | Table | Verbatim | Section"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; sections may hold sections."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report, ready to be written."""

    name: str
    """searches, yield …: part of file names."""
    title: str
    blocks: tuple[Block, ...]
    rows: Table
    """The same as one table, for a spreadsheet and for scripts: CSV and JSON hold this."""
    footnotes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """What is still to be said or done before the report is whole, one sentence each."""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "report": self.name,
            "title": self.title,
            "rows": self.rows.to_dicts(),
            "missing": list(self.missing),
        }

    def walk(self) -> Iterator[Block]:
        """Every block in the order of reading, sections before what they hold."""
        waiting = list(reversed(self.blocks))
        while waiting:
            block = waiting.pop()
            yield block
            if isinstance(block, Section):
                waiting += reversed(block.blocks)

"""Lines with tags, as most text exports are made of: from the lines of a file to the tags of one record.

A format says which lines open a value; every other line inside of a record goes on with the value before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from harvest.readers.reading import Entry


class Line(NamedTuple):
    """One line of a file, as a format understands it."""

    number: int
    """Counted from 1."""
    tag: str
    """Empty for a line that goes on with the value before it."""
    value: str
    """What stands behind the tag; the whole line when there is none."""
    whole: str


Join = Callable[[str, list[str]], Iterable[str]]
"""Makes the values of one tag from its lines: one value, or one for each line."""


def paragraph(_tag: str, lines: list[str]) -> tuple[str, ...]:
    """All lines are one value, and the line breaks are kept."""
    return ("\n".join(lines).strip(),)


@dataclass(slots=True)
class Block:
    """The lines of one record; the first of them has a tag."""

    lines: list[Line] = field(default_factory=list)
    _tags: set[str] = field(default_factory=set)

    def add(self, line: Line) -> None:
        """Take in the next line."""
        self.lines.append(line)
        if line.tag:
            self._tags.add(line.tag)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __contains__(self, tag: object) -> bool:
        return tag in self._tags

    @property
    def line(self) -> int:
        """Where it begins, counted from 1."""
        return self.lines[0].number

    @property
    def raw(self) -> str:
        """As it stands in the file, without the blank lines behind it."""
        return "\n".join(line.whole for line in self.lines).rstrip()

    def entry(self, join: Join) -> Entry:
        """Values under their tags, in the order of the file."""
        values: list[tuple[str, list[str]]] = []
        for line in self.lines:
            if line.tag:
                values.append((line.tag, [line.value.strip()]))
            else:
                values[-1][1].append(line.value)
        return Entry(
            self.line, [(tag, value) for tag, lines in values for value in join(tag, lines)], self.raw
        )

"""Where a key stands in a TOML file: `tomllib` reads values and forgets their lines.

No second parser: `tomllib` itself is given the file statement by statement. A statement ends at the first
line with which it can be read, since what is cut inside a list or a text of several lines never can. The
lines of keys inside a longer statement are those of its beginning.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of the file: ("search", 1, "query")."""


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and list item of a TOML text that can be read."""
    lines: dict[Path, int] = {}
    table: Path = ()
    last: dict[Path, int] = {}
    for number, statement in _statements(text):
        said = tomllib.loads(statement)
        if statement.lstrip(" \t").startswith("["):
            table = _header(said, last)
            for end in range(1, len(table) + 1):
                lines.setdefault(table[:end], number)
        else:
            lines |= {table + path: number for path in _paths(said)}
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a place, or of the nearest thing around it that stands in the file."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def spelled(path: Path) -> str:
    """As a person counts: ("search", 1, "query") is `search[2].query`."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each statement; blanks and comments are none."""
    begun, parts = 0, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        begun, parts = (begun, f"{parts}\n{line}") if parts else (number, line)
        try:
            said = tomllib.loads(parts)
        except tomllib.TOMLDecodeError:  # it goes on in the next line
            continue
        if said:
            yield begun, parts
        parts = ""


def _paths(said: Any, here: Path = ()) -> Iterator[Path]:
    """Every key and list item of a value, at any depth."""
    if here:
        yield here
    items = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in items:
        yield from _paths(value, (*here, key))


def _header(said: dict[str, Any], last: dict[Path, int]) -> Path:
    """The place a `[table]` or `[[table]]` opens; `last` knows the newest item of each list of tables."""
    here: Path = ()
    inside: Any = said
    while inside:
        ((key, inside),) = inside.items()
        here = (*here, key)
        if isinstance(inside, list):
            last[here] = last.get(here, -1) + 1
            inside = {}
        if here in last:
            here = (*here, last[here])
    return here

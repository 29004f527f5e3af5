"""What people and scripts see: results on stdout, talk on stderr; tables for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import click

from harvest.files import legible
from harvest.progress import Progress

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """`--json`: the same facts for a script."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")(command)


def dry_run_option(command: F) -> F:
    """`--dry-run`: say what would happen."""
    return click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")(command)


def print_json(value: object) -> None:
    """One JSON document on stdout; what its encoding does not know is spelled as JSON spells it."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    click.echo(json.dumps(value, ensure_ascii=not unicode, indent=2, default=str))


def talk(sentence: str) -> None:
    """A sentence on stderr, where it does not spoil a pipe."""
    click.echo(legible(sentence, keep="\n"), err=True)


UNREADABLE = "`harvest db sql 'SELECT key, line, problem, raw FROM unreadable'`"
STRAY = "`harvest db sql 'SELECT line, text FROM stray'`"
"""Where what could not be read is kept, as it came."""


UNBROKEN = 12
"""Letters of a word that a column of a table is kept wide enough for."""


def count(number: int, noun: str) -> str:
    """`1 record`, `2 records`, `3 studies`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


LOG_WIDTH = 200
"""Characters of a line of a table where there is no terminal."""


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table on stdout; numbers to the right. Obeys NO_COLOR and the width of the terminal."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        right = all(isinstance(row[number], (int, float)) for row in rows) and bool(rows)
        words = [word for cell in (column, *(row[number] for row in rows)) for word in str(cell).split()]
        least = min(
            max(map(len, words), default=1), UNBROKEN
        )  # words are broken only where they are very long
        shown.add_column(column, justify="right" if right else "left", overflow="fold", min_width=least)
    for row in rows:
        shown.add_row(*("" if cell is None else legible(cell, keep="\n") for cell in row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:  # a log or a pipe has no width to keep to
        console.width = LOG_WIDTH
    console.print(shown)


@contextmanager
def watched(*, quiet: bool) -> Iterator[Progress]:
    """Somebody who watches a run: bars in a terminal, plain lines in a log, nobody when `quiet`."""
    from rich.console import Console

    from harvest.progress import Quiet

    console = Console(stderr=True, highlight=False, markup=False)
    if quiet:
        yield Quiet()
    elif console.is_terminal:
        with _Bars(console) as bars:
            yield bars
    else:
        yield _Lines()


class _Lines:
    """Plain lines, one whenever a tenth more is done."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], int] = {}

    def step(self, search: str, doing: str, done: int, expected: int | None) -> None:
        tenth = 10 * done // expected if expected else done // 10_000
        if self._told.get((search, doing)) == tenth:
            return
        self._told[search, doing] = tenth
        of = f" of {expected}" if expected is not None else ""
        talk(f"{search}: {doing} {done}{of}")

    def say(self, sentence: str) -> None:
        talk(sentence)


class _Bars:
    """One bar a search, in a terminal."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console,
        )  # fmt: skip
        self._tasks: dict[tuple[str, str], Any] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def step(self, search: str, doing: str, done: int, expected: int | None) -> None:
        key = (search, doing)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{search}: {doing}", total=expected)
        self._bars.update(self._tasks[key], completed=done, total=expected)

    def say(self, sentence: str) -> None:
        self._bars.console.print(sentence)

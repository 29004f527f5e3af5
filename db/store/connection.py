"""Transactions, parameters and rows of one open database. No business logic."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from db.errors import StoreError
from db.file import BUSY_TIMEOUT, open_for_writing, translated
from db.record import storable

AT_ONCE = 200
"""Rows, or values in one `IN (…)`, of one statement; SQLite takes 32,766 values."""

LARGEST = 2**63 - 1
"""The largest number SQLite knows."""


def utc_now() -> str:
    """This moment, UTC, ISO 8601 with Z, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Connection:
    """One open review database."""

    def __init__(self, db: Database, path: Path, now: Callable[[], str]) -> None:
        self._db = db
        self.path = path
        self.now = now

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = True,
        now: Callable[[], str] = utc_now,
        busy_timeout: float = BUSY_TIMEOUT,
    ) -> Self:
        """Open a review database, bring it up to date, or create it.

        Raises `NotAReview` for another program's file, `FromTheFuture` for a newer version's, `StoreBusy`
        and `StoreError` when the file cannot be used, all before anything is changed.
        """
        if not create and not path.exists():
            raise StoreError(f"{path} does not exist yet: start `harvest run` in the review folder first.")
        return cls(open_for_writing(path, create=create, busy_timeout=busy_timeout), path, now)

    def close(self) -> None:
        """Let go of the file."""
        self._db.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing. Nests.

        Begins IMMEDIATE: a deferred transaction that reads first and then writes while another process
        commits is told "locked" at once, whatever the busy timeout.
        """
        with translated(self.path):
            if self._db.conn.in_transaction:
                with self._db.atomic():
                    yield
                return
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.conn.execute("COMMIT")
            except BaseException:
                self._db.conn.rollback()
                raise

    # -- for the nouns -----------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with translated(self.path):
            return self._execute(sql, values).fetchall()

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with translated(self.path):
            row: tuple[Any, ...] | None = self._execute(sql, values).fetchone()
            return row

    def _value(self, sql: str, *values: object) -> Any:
        row = self._row(sql, *values)
        return row[0] if row else None

    def _each(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Rows one by one, for what does not fit into memory."""
        with translated(self.path):
            yield from self._execute(sql, values)

    def _among(self, sql: str, values: Iterable[object], *before: object) -> Iterator[tuple[Any, ...]]:
        """Rows of a query whose `{}` stands for a list of values, however long; `before` are bound first."""
        waiting = list(values)
        for start in range(0, len(waiting), AT_ONCE):
            some = waiting[start : start + AT_ONCE]
            yield from self._rows(sql.format(", ".join("?" * len(some))), *before, *some)

    def _write(self, sql: str, *values: object) -> int:
        """Execute one statement, in a transaction of its own unless one is open; the new row's id."""
        with translated(self.path):
            if self._db.conn.in_transaction:
                return int(self._execute(sql, values).lastrowid or 0)
        with self.writing():
            return int(self._execute(sql, values).lastrowid or 0)

    def _insert(self, into: str, rows: Iterable[Sequence[object]]) -> int:
        """Add rows as they come, all or none; how many. `into` is an INSERT with its columns and without VALUES.

        Many rows a statement: a table with guards makes SQLite remember, for every statement, how each
        page of the file looked before. Row by row that takes up to three times as long.
        """
        waiting, count = iter(rows), 0
        with self.writing():
            while some := list(islice(waiting, AT_ONCE)):
                count += len(some)
                row = f"({', '.join('?' * len(some[0]))})"
                values = [value for given in some for value in given]
                self._execute(f"{into} VALUES {', '.join([row] * len(some))}", values)
        return count

    def _execute(self, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self._db.conn.execute(sql, values)
        except (UnicodeEncodeError, OverflowError):
            return self._db.conn.execute(sql, _bindable(values))


def _bindable(values: Sequence[object]) -> list[object]:
    """The same values as SQLite takes them: no half characters, and no number that names nothing anyway."""
    return [_taken(value) for value in values]


def _taken(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    return None if isinstance(value, int) and abs(value) > LARGEST else value

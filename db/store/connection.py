"""Opening the file, transactions, and SQLite's errors in a person's words. No business logic."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from db.errors import FromTheFuture, NotAReview, StoreBusy, StoreError
from db.migrations import APPLICATION_ID, STEPS, migrations

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another writer. A page is written in well under one."""


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
        with translated(path):
            raw = sqlite3.connect(path, timeout=busy_timeout)
            try:
                recognise(raw, path)
                db = prepared(raw)
            except BaseException:
                raw.close()
                raise
        return cls(db, path, now)

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

    def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with translated(self.path):
            return self._db.conn.execute(sql, parameters).fetchall()

    def _row(self, sql: str, *parameters: object) -> tuple[Any, ...] | None:
        with translated(self.path):
            row: tuple[Any, ...] | None = self._db.conn.execute(sql, parameters).fetchone()
            return row

    def _value(self, sql: str, *parameters: object) -> Any:
        row = self._row(sql, *parameters)
        return row[0] if row else None

    def _each(self, sql: str, *parameters: object) -> Iterator[tuple[Any, ...]]:
        """Rows one by one, for what does not fit into memory."""
        with translated(self.path):
            yield from self._db.conn.execute(sql, parameters)

    def _add(self, sql: str, *parameters: object) -> int:
        """Execute one statement, in a transaction of its own unless one is open; the new row's id."""
        with translated(self.path):
            if self._db.conn.in_transaction:
                return int(self._db.conn.execute(sql, parameters).lastrowid or 0)
        with self.writing():
            return int(self._db.conn.execute(sql, parameters).lastrowid or 0)

    def _add_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute one statement for every row, all or none."""
        with self.writing():
            self._db.conn.executemany(sql, rows)


def recognise(raw: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no review database, or not one that this version understands."""
    application = raw.execute("PRAGMA application_id").fetchone()[0]
    empty = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != APPLICATION_ID and not (application == 0 and empty):
        raise NotAReview(
            f"{path} is a database of another program: move it away, or name the right review folder."
        )
    if raw.execute("PRAGMA user_version").fetchone()[0] > STEPS:
        raise FromTheFuture(f"{path} was written by a newer Harvest: install that version to open it.")


def prepared(raw: sqlite3.Connection) -> Database:
    """Set what SQLite leaves off by default, and apply the steps that are pending."""
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")  # an acknowledged vote survives a power cut
    raw.execute("PRAGMA cache_size = -65536")  # 64 MB
    db = Database(raw, recursive_triggers=True, execute_plugins=False)
    if raw.execute("PRAGMA user_version").fetchone()[0] < STEPS:
        raw.execute("BEGIN IMMEDIATE")  # two first starts at once: the second waits, and finds it done
        try:
            migrations.apply(db)
            raw.execute(f"PRAGMA user_version = {STEPS}")
            raw.execute("COMMIT")
        except BaseException:
            raw.rollback()
            raise
    return db


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as one sentence that says what, where and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(error, path) from error


# SQLite has codes for these, but raises them under names that say less than its messages do.
_WORDS: tuple[tuple[str, type[StoreError], str], ...] = (
    ("locked", StoreBusy, "{path} is being written by somebody else for too long: try again in a moment."),
    ("full", StoreError, "The disk that holds {path} is full: free some space and start again; what was stored stays."),
    ("readonly", StoreError, "{path} cannot be written (read-only file or folder): change its permissions."),
    ("unable to open", StoreError, "{path} cannot be opened: check that the folder exists and may be written."),
    ("not a database", NotAReview, "{path} is not a database: move it away, or name the right review folder."),
    ("malformed", StoreError, "{path} is damaged: restore your last backup (`harvest db backup` makes them)."),
    ("I/O error", StoreError, "The disk that holds {path} reports an error: check the disk, then start again."),
)  # fmt: skip


def _in_words(error: sqlite3.Error, path: Path) -> StoreError:
    for part, kind, sentence in _WORDS:
        if part in str(error):
            return kind(sentence.format(path=path))
    return StoreError(f"{path}: the database refused: {error}.")

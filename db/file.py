"""The database file: opened for writing or only for reading, and SQLite's errors in a person's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from db.drive import network_drive
from db.errors import FromTheFuture, NotAReview, StoreBusy, StoreError
from db.migrations import APPLICATION_ID, STEPS, migrations

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another writer. A page is written in well under one."""

NEEDED = (3, 37)
"""SQLite of the end of 2021: the first with STRICT tables."""


def open_for_writing(path: Path, *, create: bool, busy_timeout: float = BUSY_TIMEOUT) -> Database:
    """Open a review database and bring it up to date, or create it.

    A file on a read-only medium is opened all the same unless it is to be created: questions are answered,
    and the first attempt to write says why it cannot be.
    """
    with translated(path):
        raw = _connected(path, "rwc" if create else "rw", busy_timeout)
        try:
            return _prepared(raw, path, busy_timeout)
        except BaseException:
            raw.close()
            raise


@contextmanager
def opened_for_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A review database on a connection that cannot change it. Raises `StoreError` when there is none."""
    with translated(path), closing(_connected(path, "ro", BUSY_TIMEOUT)) as raw:
        if _version(raw) < STEPS:
            raise StoreError(
                f"{path} is empty or of an older version: `harvest status` brings it up to date."
            )
        yield raw


def _connected(path: Path, mode: str, timeout: float) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < NEEDED:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old: use a Python that comes with 3.37 or newer."
        )
    try:
        return _recognised(path, f"mode={mode}", timeout)
    except sqlite3.OperationalError as error:
        if mode == "rwc" or not _lies_still(path, error):
            raise
    return _recognised(path, "immutable=1", timeout)


def _lies_still(path: Path, error: sqlite3.OperationalError) -> bool:
    """Whether a file that cannot be opened may be read as it lies there.

    SQLite wants to put a file for its index of pages beside the database, even to read it, and a read-only
    folder refuses that. Where no write-ahead log lies beside it either, nobody is writing and nothing is
    missing from the file itself.
    """
    refused = _code(error).startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
    return refused and path.is_file() and not path.with_name(f"{path.name}-wal").exists()


def _recognised(path: Path, how: str, timeout: float) -> sqlite3.Connection:
    # No implicit transactions: every one is begun in words, IMMEDIATE.
    uri = f"{path.absolute().as_uri()}?{how}"
    raw = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
    try:
        _recognise(raw, path)
    except BaseException:
        raw.close()
        raise
    return raw


def _recognise(raw: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no review database, or not one that this version understands."""
    raw.execute("BEGIN")  # one look: somebody else may be creating it just now
    (application,) = raw.execute("PRAGMA application_id").fetchone()
    (version,) = raw.execute("PRAGMA user_version").fetchone()
    (tables,) = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
    raw.execute("ROLLBACK")
    if application != APPLICATION_ID and (application or version or tables):
        raise NotAReview(
            f"{path} is a database of another program: move it away, or name the right review folder."
        )
    if version > STEPS:
        raise FromTheFuture(f"{path} was written by a newer Harvest: install that version to open it.")


def _prepared(raw: sqlite3.Connection, path: Path, busy_timeout: float) -> Database:
    """Set what SQLite leaves off by default, and apply the steps that are pending."""
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA synchronous = FULL")  # an acknowledged vote survives a power cut
    raw.execute("PRAGMA cache_size = -65536")  # 64 MB
    db = Database(raw, recursive_triggers=True, execute_plugins=False)
    _log_ahead(raw, path, busy_timeout)
    if _version(raw) < STEPS:
        raw.execute("BEGIN IMMEDIATE")  # two first starts at once: the second waits, and finds it done
        try:
            migrations.apply(db)
            raw.execute(f"PRAGMA user_version = {STEPS}")
            raw.execute("COMMIT")
        except BaseException:
            raw.rollback()
            raise
    return db


def _log_ahead(raw: sqlite3.Connection, path: Path, patience: float) -> None:
    """Switch to a write-ahead log; that stays with the file. On a network drive, switch away from it.

    Of two connections that do this at once SQLite tells one "busy" without waiting, lest both wait for ever.
    """
    patient = Retrying(
        retry=retry_if_exception(lambda error: _code(error) == "SQLITE_BUSY"),
        stop=stop_after_delay(patience), wait=wait_random(0, 0.1), reraise=True,
    )  # fmt: skip
    mode = "DELETE" if network_drive(path) else "WAL"
    try:
        patient(raw.execute, f"PRAGMA journal_mode = {mode}")
    except sqlite3.OperationalError as error:
        if not _code(error).startswith("SQLITE_READONLY"):  # what can only be read is left as it is
            raise


def _version(raw: sqlite3.Connection) -> int:
    return int(raw.execute("PRAGMA user_version").fetchone()[0])


# -- errors ------------------------------------------------------------------------------------------


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as one sentence that says what, where and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(error, path) from error


_BUSY = "{path} is being written by somebody else for too long: try again in a moment."

_WORDS: dict[str, tuple[type[StoreError], str]] = {
    "BUSY": (StoreBusy, _BUSY),
    "LOCKED": (StoreBusy, _BUSY),
    "PROTOCOL": (StoreBusy, _BUSY),
    "FULL": (StoreError, "The disk that holds {path} is full: free some space and start again; what was stored stays."),
    "READONLY": (StoreError, "{path} cannot be written (read-only file or folder): change its permissions."),
    "CANTOPEN": (StoreError, "{path} cannot be opened: check that the folder exists and may be written."),
    "NOTADB": (NotAReview, "{path} is not a database: move it away, or name the right review folder."),
    "CORRUPT": (StoreError, "{path} is damaged: restore your last backup (`harvest db backup` makes them)."),
    "IOERR": (StoreError, "The disk that holds {path} reports an error: check the disk, then start again."),
    "CONSTRAINT_TRIGGER": (StoreError, "{path} keeps facts and opinions for good ({error}): add a new one instead."),
    "CONSTRAINT_FOREIGNKEY": (StoreError, "{path}: nothing was kept, for it names a record or run that is not there."),
}  # fmt: skip
"""By SQLite's result code; where it has an extended one that matters, by that."""


def _in_words(error: sqlite3.Error, path: Path) -> StoreError:
    code = _code(error).removeprefix("SQLITE_")
    otherwise = (StoreError, "{path}: the database refused: {error}.")
    kind, sentence = _WORDS.get(code) or _WORDS.get(code.split("_")[0]) or otherwise
    return kind(sentence.format(path=path, error=error))


def _code(error: BaseException) -> str:
    """SQLite's extended result code by its name; empty for what Python's module says of itself."""
    return str(getattr(error, "sqlite_errorname", ""))

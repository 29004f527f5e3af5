"""A whole copy of a database that may be in use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from db.errors import StoreError, WrongUse
from db.file import opened_for_reading, translated
from db.store.connection import utc_now


def backup(path: Path, target: Path | None = None, now: Callable[[], str] = utc_now) -> Path:
    """Copy the database with SQLite's own backup, prove the copy, then give it its name.

    `target` defaults to `review-<time>.db` beside the original. Raises `WrongUse` when it exists already,
    `StoreError` when it cannot be written or the original is damaged; nothing half-written is left.
    """
    if target is None:
        stamp = now()[:19].replace(":", "").replace("-", "")
        target = path.with_name(f"{path.stem}-{stamp}Z.db")
    if target.exists():
        raise WrongUse(f"{target} exists already: choose another name.")
    partial = target.with_name(f".{target.name}.part")
    with opened_for_reading(path) as source:
        try:
            with translated(target):
                _copy(source, partial)
            partial.replace(target)
        except OSError as error:
            raise StoreError(
                f"{target} cannot be written ({error.strerror}): check the folder and the disk."
            ) from error
        finally:
            partial.unlink(missing_ok=True)
    return target


def _copy(source: sqlite3.Connection, partial: Path) -> None:
    with closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole, wherever it is carried
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"The database is damaged ({found}): no copy was kept; go back to an older backup.")
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())

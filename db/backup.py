"""A whole copy of a database that may be in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from db.errors import WrongUse
from db.store.connection import recognise, translated, utc_now


def backup(path: Path, target: Path | None = None) -> Path:
    """Copy the database with SQLite's own backup, prove the copy, then give it its name.

    `target` defaults to `review-<time>.db` beside the original. Raises `WrongUse` when it exists already,
    `StoreError` when it cannot be written; nothing half-written is left.
    """
    if target is None:
        stamp = utc_now()[:19].replace(":", "").replace("-", "")
        target = path.with_name(f"{path.stem}-{stamp}Z.db")
    if target.exists():
        raise WrongUse(f"{target} exists already: choose another name.")
    partial = target.with_name(f".{target.name}.part")
    try:
        with translated(target):
            _copy(path, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _copy(path: Path, partial: Path) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source:
        recognise(source, path)
        with closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole, wherever it is carried
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("malformed copy")
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())

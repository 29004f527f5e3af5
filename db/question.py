"""A question of the user's own, in SQL, on a connection that can only read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from db.errors import WrongUse
from db.store.connection import recognise, translated


def ask(path: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of one SELECT. Raises `WrongUse` when SQLite does not understand or refuses it."""
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        recognise(db, path)
        db.execute("PRAGMA query_only = ON")
        try:
            cursor = db.execute(query)
            rows = cursor.fetchall()
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise WrongUse(
                f"SQLite does not answer this ({error}): docs/schema.md shows tables and views."
            ) from error
        return [column[0] for column in cursor.description or ()], rows

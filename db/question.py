"""A question of the user's own, in SQL, on a connection that can only read."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from db.errors import WrongUse
from db.file import opened_for_reading
from db.record import storable


def ask(path: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of one SELECT. Raises `WrongUse` when SQLite does not understand or refuses it."""
    with opened_for_reading(path) as db:
        db.execute("PRAGMA query_only = ON")
        db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)  # ATTACH and VACUUM INTO would make files
        db.text_factory = _readable
        try:
            cursor = db.execute(storable(query))
            rows = cursor.fetchall()
        except _NO_ANSWER as error:
            raise WrongUse(
                f"SQLite does not answer this ({error}): docs/schema.md shows tables and views."
            ) from error
        if cursor.description is None:
            raise WrongUse("This is no question: begin with SELECT; docs/schema.md shows tables and views.")
        return [column[0] for column in cursor.description], rows


_NO_ANSWER = (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.Warning)
"""Not understood, or several statements at once, which is a warning up to Python 3.11."""


def _readable(text: bytes) -> str:
    """Functions of SQLite can make text that is no UTF-8, such as half a character out of JSON."""
    return text.decode("utf-8", "replace")

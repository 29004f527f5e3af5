"""A second database beside the first: what is carried over into it, and how the two compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from db.file import open_for_writing, opened_for_reading, translated
from db.migrations import DERIVED

READ = ("revision", "unreadable", "stray")
"""Facts that a reader makes of the pages: the same bytes give them again."""

_COMPARED: Mapping[str, str] = MappingProxyType(
    {
        "record": "SELECT id, source, key FROM {0}.record",
        "content": "SELECT v.record_id, v.page_id, v.stamp, v.digest FROM {0}.revision v WHERE v.id = "
        "(SELECT max(id) FROM {0}.revision WHERE record_id = v.record_id)",
        "identifier": "SELECT record_id, scheme, value, origin FROM {0}.identifier",
        "unreadable": "SELECT page_id, position, line, key, problem, raw FROM {0}.unreadable",
        "stray": "SELECT page_id, line, text FROM {0}.stray",
        "blocking": "SELECT record_id, keys, place FROM {0}.blocking",
        "membership": "SELECT record_id, report_id, study_id FROM {0}.membership",
    }
)
"""What is made anew, by name: everything in it but the moment at which it was read."""


def carry_over(old: Path, new: Path) -> None:
    """Make a new database with all that another one holds but what is read from pages or derived.

    Runs, searches, answers, numbers of records, sightings, opinions, votes and hand-overs are facts of their
    own: no page tells them. Raises `StoreError` when it cannot be written.
    """
    db = open_for_writing(new, create=True).conn
    with translated(new), closing(db):
        _beside(db, old)
        db.execute("BEGIN IMMEDIATE")
        db.execute("PRAGMA defer_foreign_keys = ON")  # votes stand before the files they came in with
        for table in _ours(db):
            if table not in {*READ, *DERIVED}:
                columns = ", ".join(name for _, name, *_ in db.execute(f"PRAGMA table_info({table})"))
                db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM old.{table}")
        db.execute("COMMIT")


def compared(old: Path, new: Path) -> dict[str, tuple[int, int]]:
    """What was made anew beside what the first database holds: by name, rows there and rows that differ."""
    with opened_for_reading(new) as db:
        _beside(db, old)
        return {name: _differing(db, rows) for name, rows in _COMPARED.items()}


def read_differently(old: Path, new: Path) -> list[tuple[int, str, str]]:
    """Records whose newest content is not what the first database holds: number, reader there, reader here."""
    newest = "(SELECT max(id) FROM {0}.revision WHERE record_id = r.id)"
    sql = (
        "SELECT r.id, coalesce(a.reader, ''), coalesce(b.reader, '') FROM old.record r "
        f"LEFT JOIN old.revision a ON a.id = {newest.format('old')} "
        f"LEFT JOIN main.revision b ON b.id = {newest.format('main')} WHERE a.digest IS NOT b.digest ORDER BY r.id"
    )
    with opened_for_reading(new) as db:
        _beside(db, old)
        return list(db.execute(sql))


def _differing(db: sqlite3.Connection, rows: str) -> tuple[int, int]:
    there, here = rows.format("old"), rows.format("main")
    (count,) = db.execute(f"SELECT count(*) FROM ({there})").fetchone()
    (differing,) = db.execute(
        f"SELECT (SELECT count(*) FROM ({there} EXCEPT {here})) + (SELECT count(*) FROM ({here} EXCEPT {there}))"
    ).fetchone()
    return count, differing


def _ours(db: sqlite3.Connection) -> list[str]:
    """Our tables, in the order of the schema; those of the search box and of sqlite-utils are not STRICT."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY rowid"
    return [name for (name,) in db.execute(sql)]


def _beside(db: sqlite3.Connection, old: Path) -> None:
    """Have the first database under the name `old`, for reading only, as long as the connection lives."""
    db.execute("ATTACH ? AS old", (f"{old.absolute().as_uri()}?mode=ro",))

"""How a database of one version becomes one of the next: one function a step, one transaction each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib import resources

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x48525653
"""`HRVS`: how a review database is recognised (PRAGMA application_id)."""

APPEND_ONLY = (
    "search", "page", "record", "revision", "unreadable", "stray", "sighting", "link",
    "ranking", "rank", "decision", "handover", "export", "event",
)  # fmt: skip
"""Facts and opinions: rows are added, and nothing else ever happens to them."""

KEPT = ("run", "fetch")
"""State that moves on, and never goes away."""

UNIQUE_KEYS = {"record": "source = NEW.source AND key = NEW.key", "search": "digest = NEW.digest"}
"""Other ways than the id by which INSERT OR REPLACE could hit an existing row."""

migrations = Migrations("harvest")


@migrations()
def m001_schema(db: Database) -> None:
    """The tables and views of schema.sql, and the guards on what is append-only."""
    for statement in _statements(resources.files("db").joinpath("schema.sql").read_text("utf-8")):
        db.execute(statement)
    for table in APPEND_ONLY:
        _guard(db, table)
    for table in KEPT:
        _refuse(db, table, "DELETE", "")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


STEPS = 1
"""How many steps this version knows; kept in PRAGMA user_version."""


def _guard(db: Database, table: str) -> None:
    """Refuse everything but a plain INSERT of a new row, on any connection that keeps triggers on."""
    _refuse(db, table, "UPDATE", "")
    _refuse(db, table, "DELETE", "")
    # INSERT OR REPLACE deletes silently where recursive_triggers is off: it must not get that far.
    same = "ranking_id = NEW.ranking_id AND position = NEW.position" if table == "rank" else "id = NEW.id"
    if table in UNIQUE_KEYS:
        same = f"{same} OR ({UNIQUE_KEYS[table]})"
    _refuse(db, table, "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})")


def _refuse(db: Database, table: str, verb: str, when: str) -> None:
    what = "REPLACE" if verb == "INSERT" else verb
    db.execute(
        f"CREATE TRIGGER {table}_refuses_{what.lower()} BEFORE {verb} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to: {what} refused'); END"
    )


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the step's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

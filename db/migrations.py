"""How a database of one version becomes one of the next: one function a step.

Pending steps run in one transaction, each in a savepoint of its own: a database is never between versions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import groupby
from operator import itemgetter

from sqlite_utils import Database, Migrations

from db.packed import digest_of, order_bytes, packed

APPLICATION_ID = 0x48525653
"""`HRVS`: how a review database is recognised (PRAGMA application_id)."""

APPEND_ONLY = (
    "search", "page", "record", "revision", "unreadable", "stray", "sighting", "link",
    "corpus", "topic", "ranking", "ordering", "decision", "handover", "export", "showing", "event", "notice",
    "tally", "known_item", "resolution", "postponement", "pilot", "unblinding", "retrieval", "study_note",
)  # fmt: skip
"""Facts and opinions: rows are added, and nothing else ever happens to them."""

KEPT = ("run", "fetch")
"""State that moves on, and never goes away."""

DERIVED = ("identifier", "blocking", "membership", "word")
"""What can be recomputed from the rest."""

UNIQUE_KEYS = {
    "record": "id = NEW.id OR (source = NEW.source AND key = NEW.key)",
    "search": "id = NEW.id OR digest = NEW.digest",
    "corpus": "digest = NEW.digest",
    "topic": "digest = NEW.digest",
    "ordering": "ranking_id = NEW.ranking_id",
}
"""The ways by which INSERT OR REPLACE could hit an existing row, where there are others than the id."""

migrations = Migrations("harvest")


@migrations()
def m001_schema(db: Database) -> None:
    """The tables and views of schema.sql, and the guards on what is append-only."""
    for statement in _statements(_schema()):
        db.execute(statement)
    for statement in guards().values():
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@migrations()
def m002_kinds_and_blocking(db: Database) -> None:
    """Links say what two documents are to each other; blocking keys are kept. A new database has both already."""
    if "kind" not in db["link"].columns_dict:
        db.execute("ALTER TABLE link ADD COLUMN kind TEXT NOT NULL DEFAULT ''")
        db.execute(_statement("CREATE TABLE blocking"))


@migrations()
def m003_words_taken_back(db: Database) -> None:
    """The opinion in force passes over what a person has taken back."""
    db.execute("DROP VIEW opinion")
    db.execute(_statement("CREATE VIEW opinion"))
    if "link_said" not in {index.name for index in db.table("link").indexes}:
        db.execute(_statement("CREATE INDEX link_said"))


@migrations()
def m004_rankings_made_again(db: Database) -> None:
    """A ranking keeps all that it was made of; its order stands in one row, and what was shown can be noted.

    The orders of earlier versions, one row a report, are packed into the new table; nothing of them is lost.
    """
    if "ordering" in db.table_names():
        return
    for table in ("corpus", "topic", "ordering", "showing"):
        db.execute(_statement(f"CREATE TABLE {table} "))
    db.execute(_statement("CREATE INDEX showing_ranking"))
    for column in (
        "corpus TEXT REFERENCES corpus (digest)",
        "topic TEXT REFERENCES topic (digest)",
        "features INTEGER NOT NULL DEFAULT 0",
        "labels_digest TEXT NOT NULL DEFAULT ''",
        "because TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE ranking ADD COLUMN {column}")
    for number, rows in groupby(_ranks(db), key=itemgetter(0)):
        content = order_bytes([(report, score) for _, report, score in rows])
        values = (number, len(content) // 16, digest_of(content), packed(content))
        db.execute("INSERT INTO ordering (ranking_id, reports, digest, content) VALUES (?, ?, ?, ?)", values)
    db.execute("DROP TABLE rank")
    for name, statement in guards().items():
        if name.startswith(("corpus_", "topic_", "ordering_", "showing_")):
            db.execute(statement)


@migrations()
def m005_counts_and_known_items(db: Database) -> None:
    """Counts that were asked for without listing, and what the test with known records found."""
    if "tally" in db.table_names():
        return
    for table in ("tally", "known_item"):
        db.execute(_statement(f"CREATE TABLE {table} "))
    for index in ("tally_search", "known_item_search", "known_item_run"):
        db.execute(_statement(f"CREATE INDEX {index}"))
    for name, statement in guards().items():
        if name.startswith(("tally_", "known_item_")):
            db.execute(statement)


def _ranks(db: Database) -> Iterator[tuple[int, int, float]]:
    """(ranking, report, score) of every order, as versions before the fourth kept them."""
    rows: Iterator[tuple[int, int, float]] = db.execute(
        "SELECT ranking_id, report_id, score FROM rank ORDER BY ranking_id, position"
    )
    return rows


@migrations()
def m006_notices(db: Database) -> None:
    """What became of the papers is kept: retractions, concerns, corrections, each with who said so."""
    if "notice" in db.table_names():
        return
    for what in ("TABLE notice", "INDEX notice_record", "INDEX notice_run", "VIEW noticed"):
        db.execute(_statement(f"CREATE {what}"))
    for name, statement in guards().items():
        if name.startswith("notice_"):
            db.execute(statement)


@migrations()
def m007_screening(db: Database) -> None:
    """Votes can be taken back; resolutions, postponements, pilots, unblinding, full texts and studies have tables."""
    if "resolution" in db.table_names():
        return
    for what in (
        "VIEW vote",
        "INDEX decision_record",
        *(f"TRIGGER {name}" for name in guards() if "decision_" in name),
    ):
        db.execute(f"DROP {what}")
    db.execute("ALTER TABLE decision RENAME TO earlier_decision")  # a CHECK cannot be altered
    tables = ("decision", "resolution", "postponement", "pilot", "unblinding", "retrieval", "study_note")
    for table in tables:
        db.execute(_statement(f"CREATE TABLE {table} "))
    db.execute("INSERT INTO decision SELECT * FROM earlier_decision ORDER BY id")
    db.execute("DROP TABLE earlier_decision")
    for table, column in (
        ("decision", "record"), ("decision", "reviewer"), ("resolution", "record"), ("postponement", "reviewer"),
        ("retrieval", "record"), ("study_note", "record"),
    ):  # fmt: skip
        db.execute(_statement(f"CREATE INDEX {table}_{column} "))
    db.execute(_statement("CREATE VIEW vote"))
    for name, statement in guards().items():
        if name.startswith(tuple(f"{table}_refuses" for table in tables)):
            db.execute(statement)


STEPS = 7
"""How many steps this version knows; kept in PRAGMA user_version."""


def guards() -> Mapping[str, str]:
    """Triggers that refuse everything but a plain INSERT of a new row: name → statement.

    They hold on every connection, also one that is not ours.
    """
    refused = [(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE", "REPLACE")]
    refused += [(table, verb) for table in KEPT for verb in ("DELETE", "REPLACE")]
    return {f"{table}_refuses_{verb.lower()}": _guard(table, verb) for table, verb in refused}


def _guard(table: str, verb: str) -> str:
    event, when = verb, ""
    if verb == "REPLACE":
        # It deletes silently where recursive_triggers is off: it must not get that far.
        same = UNIQUE_KEYS.get(table, "id = NEW.id")
        event, when = "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
    return (
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {event} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to: {verb} refused'); END"
    )


def _schema() -> str:
    return resources.files("db").joinpath("schema.sql").read_text("utf-8")


def _statement(beginning: str) -> str:
    """The statement of the schema that holds these words."""
    return next(text for text in _statements(_schema()) if beginning in text)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the step's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

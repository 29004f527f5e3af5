"""Prove the database: digests of what came, guards, foreign keys, counts, files that went out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from db.errors import CheckFailed
from db.file import opened_for_reading
from db.migrations import guards
from db.packed import labels_digest, unpacked
from db.record import digest_of
from db.store.provenance import checked


def verify(path: Path) -> Iterator[str]:
    """Everything wrong with a review database, one sentence each; nothing when all is well.

    Opens the file without changing it. Raises `StoreError` when it cannot be read at all.
    """
    with opened_for_reading(path) as db:
        yield from _structure(db)
        yield from _guards(db)
        yield from _pages(db)
        yield from _tallies(db)
        yield from _contents(db)
        yield from _rankings(db)
        yield from _counts(db)
        yield from _exports(db, path.parent)


def _structure(db: sqlite3.Connection) -> Iterator[str]:
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"SQLite finds the file damaged: {line}."
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        which = "A row" if row is None else f"Row {row}"
        yield f"{which} of {table} points to a row of {parent} that does not exist."


def _guards(db: sqlite3.Connection) -> Iterator[str]:
    present = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    for name, statement in guards().items():
        if present.get(name) != statement:
            yield f"The guard {name} is {'changed' if name in present else 'gone'}: facts could have been changed."


def _pages(db: sqlite3.Connection) -> Iterator[str]:
    for number, sha256, body in db.execute("SELECT id, sha256, body FROM page"):
        try:
            checked(number, sha256, body)
        except CheckFailed as error:
            yield str(error)


def _tallies(db: sqlite3.Connection) -> Iterator[str]:
    for number, sha256, body in db.execute("SELECT id, sha256, body FROM tally"):
        try:
            unpacked(body, sha256)
        except CheckFailed:
            yield f"The answer to count {number} is not what was stored: restore a backup of the database."


def _contents(db: sqlite3.Connection) -> Iterator[str]:
    for number, digest, content in db.execute("SELECT id, digest, content FROM revision"):
        if digest_of(content) != digest:
            yield f"Revision {number} is not what was stored."
    for (number,) in db.execute("SELECT id FROM record WHERE id NOT IN (SELECT record_id FROM revision)"):
        yield f"Record {number} has no content."
    for (number,) in db.execute("SELECT id FROM record WHERE id NOT IN (SELECT id FROM word_docsize)"):
        yield f"Record {number} cannot be found by its words."


def _rankings(db: sqlite3.Connection) -> Iterator[str]:
    for name, digest, content in db.execute(
        "SELECT 'Corpus ' || digest, digest, content FROM corpus "
        "UNION ALL SELECT 'Topic ' || digest, digest, content FROM topic "
        "UNION ALL SELECT 'The order of ranking ' || ranking_id, digest, content FROM ordering"
    ):
        try:
            unpacked(content, digest)
        except CheckFailed:
            yield f"{name} is not what was stored: restore a backup of the database."
    for number, digest, labels in db.execute(
        "SELECT id, labels_digest, labels FROM ranking WHERE labels_digest <> ''"
    ):
        if labels_digest({int(report): label for report, label in json.loads(labels).items()}) != digest:
            yield f"The labels of ranking {number} are not what was stored: restore a backup of the database."


def _counts(db: sqlite3.Connection) -> Iterator[str]:
    sql = (
        "SELECT f.id, s.name, f.promised, f.listed, f.stored FROM fetch f JOIN search s ON s.id = f.search_id "
        "WHERE f.state = 'complete' AND (f.promised <> f.listed OR f.listed <> f.stored)"
    )
    for number, name, promised, listed, stored in db.execute(sql):
        counts = f"{promised} promised, {listed} listed, {stored} stored"
        yield f"Fetch {number} of '{name}' is marked complete with {counts}."


def _exports(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    # Only that they went out: what a reviewer has written into them since is theirs.
    known = {path for (path,) in db.execute("SELECT path FROM export")}
    for file in sorted((folder / "queues").rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not file.name.startswith(".") and name not in known:
            yield f"{name} lies among the queues, but was never recorded as exported."

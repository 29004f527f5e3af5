"""Prove the database: digests of what came, guards, foreign keys, counts, files that went out."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from db.errors import CheckFailed
from db.migrations import APPEND_ONLY, KEPT
from db.store.connection import recognise, translated
from db.store.provenance import checked


def verify(path: Path) -> Iterator[str]:
    """Everything wrong with a review database, one sentence each; nothing when all is well.

    Opens the file without changing it. Raises `StoreError` when it cannot be read at all.
    """
    with translated(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        recognise(db, path)
        yield from _structure(db)
        yield from _guards(db)
        yield from _pages(db)
        yield from _contents(db)
        yield from _counts(db)
        yield from _exports(db, path.parent)


def _structure(db: sqlite3.Connection) -> Iterator[str]:
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"SQLite finds the file damaged: {line}."
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"Row {row} of {table} points to a row of {parent} that does not exist."


def _guards(db: sqlite3.Connection) -> Iterator[str]:
    present = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    wanted = [f"{table}_refuses_{verb}" for table in APPEND_ONLY for verb in ("update", "delete", "replace")]
    wanted += [f"{table}_refuses_delete" for table in KEPT]
    for name in wanted:
        if name not in present:
            yield f"The guard {name} is gone: facts could have been changed."


def _pages(db: sqlite3.Connection) -> Iterator[str]:
    for number, sha256, body in db.execute("SELECT id, sha256, body FROM page"):
        try:
            checked(number, sha256, body)
        except CheckFailed as error:
            yield str(error)


def _contents(db: sqlite3.Connection) -> Iterator[str]:
    for number, digest, content in db.execute("SELECT id, digest, content FROM revision"):
        if hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            yield f"Revision {number} is not what was stored."
    for (number,) in db.execute("SELECT id FROM record WHERE id NOT IN (SELECT record_id FROM revision)"):
        yield f"Record {number} has no content."


def _counts(db: sqlite3.Connection) -> Iterator[str]:
    sql = (
        "SELECT f.id, s.name, f.promised, f.listed, f.stored FROM fetch f JOIN search s ON s.id = f.search_id "
        "WHERE f.state = 'complete' AND (f.promised <> f.listed OR f.listed <> f.stored)"
    )
    for number, name, promised, listed, stored in db.execute(sql):
        counts = f"{promised} promised, {listed} listed, {stored} stored"
        yield f"Fetch {number} of '{name}' is marked complete with {counts}."


def _exports(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    known: dict[str, set[str]] = {}
    for path, sha256 in db.execute("SELECT path, sha256 FROM export"):
        known.setdefault(path, set()).add(sha256)
    for file in sorted((folder / "queues").glob("*")):
        if file.name.startswith("."):
            continue
        if file.relative_to(folder).as_posix() not in known:
            yield f"{file.relative_to(folder)} lies among the queues, but was never recorded as exported."

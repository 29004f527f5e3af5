"""The review as it was at a moment: the same file, of which every table shows only the rows that were there then.

Facts and opinions are only ever added and carry their time, so the past needs no copy: on a connection that cannot
write, views of the same names stand before the tables, and whatever asks the store asks them. Of derived tables,
`membership` is an empty one of its own, to be filled from the links of then; identifiers are those known today of
the records of then; the search box stays that of today.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from sqlite_utils import Database

from db.file import opened_for_reading
from db.store import Store

_NOW = "(SELECT at FROM moment)"

_CLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "search": "created_at",
        "page": "fetched_at",
        "sighting": "seen_at",
        "notice": "seen_at",
        "tally": "asked_at",
        "known_item": "tested_at",
        "link": "said_at",
        "ranking": "ranked_at",
        "resolution": "resolved_at",
        "postponement": "postponed_at",
        "pilot": "drawn_at",
        "unblinding": "at",
        "retrieval": "at",
        "study_note": "at",
        "handover": "came_at",
        "export": "went_at",
        "showing": "shown_at",
        "event": "at",
    }
)
"""Table → the column that says since when a row is there."""

_VIEWS: Mapping[str, str] = MappingProxyType(
    {
        **{table: f"SELECT * FROM main.{table} WHERE {at} <= {_NOW}" for table, at in _CLOCKS.items()},
        "run": "SELECT id, command, version, started_at, iif(over, finished_at, NULL) AS finished_at, "
        f"iif(over, exit_code, NULL) AS exit_code FROM (SELECT *, finished_at <= {_NOW} AS over FROM main.run) "
        f"WHERE started_at <= {_NOW}",
        "fetch": "SELECT id, run_id, search_id, iif(over, state, 'fetching') AS state, cursor, promised, "
        "iif(over, listed, NULL) AS listed, iif(over, stored, NULL) AS stored, iif(over, missing, '[]') AS missing, "
        "translation, warnings, iif(over, failure, '') AS failure, started_at, "
        "iif(over, finished_at, NULL) AS finished_at "
        f"FROM (SELECT *, finished_at <= {_NOW} AS over FROM main.fetch) WHERE started_at <= {_NOW}",
        # What a record said first came with its answer, even where a rebuilt database has read it later; one that
        # could not be read for a while has been there since somebody could.
        "revision": "SELECT v.* FROM main.revision v JOIN main.page p ON p.id = v.page_id "
        f"WHERE p.fetched_at <= {_NOW} AND (v.read_at <= {_NOW} OR NOT EXISTS ("
        "SELECT 1 FROM main.revision e WHERE e.record_id = v.record_id AND e.id < v.id) AND NOT EXISTS ("
        "SELECT 1 FROM main.unreadable u WHERE u.page_id = v.page_id AND u.position = v.position))",
        "record": "SELECT r.* FROM main.record r WHERE EXISTS (SELECT 1 FROM revision v WHERE v.record_id = r.id)",
        "unreadable": "SELECT u.* FROM main.unreadable u JOIN page p ON p.id = u.page_id",
        "stray": "SELECT s.* FROM main.stray s JOIN page p ON p.id = s.page_id",
        "ordering": "SELECT o.* FROM main.ordering o JOIN ranking r ON r.id = o.ranking_id",
        # A vote that came in a file was unknown to the review until the file came, whenever it was given.
        "decision": "SELECT d.* FROM main.decision d LEFT JOIN main.handover h ON h.id = d.handover_id "
        f"WHERE coalesce(h.came_at, d.decided_at) <= {_NOW}",
        **{
            table: f"SELECT d.* FROM main.{table} d WHERE EXISTS (SELECT 1 FROM record r WHERE r.id = d.record_id)"
            for table in ("identifier", "blocking")
        },
    }
)  # fmt: skip
"""Table → what stands before it. Not here: `corpus` and `topic`, which are named by their content alone."""


@contextmanager
def as_of(path: Path, moment: str) -> Iterator[Store]:
    """The store as it was at a moment (UTC, ISO 8601 with Z), not yet grouped; its clock stands still there.

    `harvest.past.past` groups it, too. Everything but the groups refuses to be written. Raises `StoreError` when there
    is no database, or one of an older version.
    """
    with opened_for_reading(path) as raw:
        _look_back(raw, moment)
        yield Store(Database(raw, execute_plugins=False), path, lambda: moment)


def _look_back(raw: sqlite3.Connection, moment: str) -> None:
    raw.execute("CREATE TEMP TABLE moment (at TEXT NOT NULL)")
    raw.execute("INSERT INTO moment VALUES (?)", (moment,))
    for table, rows in _VIEWS.items():
        raw.execute(f"CREATE TEMP VIEW {table} AS {rows}")
    raw.execute(
        "CREATE TEMP TABLE membership (record_id INTEGER PRIMARY KEY, report_id INTEGER, study_id INTEGER)"
    )
    questions = raw.execute("SELECT sql FROM main.sqlite_master WHERE type = 'view'").fetchall()
    for (sql,) in questions:  # they name no schema, so that made anew they ask the views
        raw.execute(str(sql).replace("CREATE VIEW", "CREATE TEMP VIEW", 1))

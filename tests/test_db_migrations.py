"""The schema: nothing is forgotten by the guards, and the guards hold on connections that are not ours."""

from __future__ import annotations

import gzip
import re
import sqlite3
from importlib import resources
from pathlib import Path

import pytest
from sqlite_utils import Database
from stores import filled, raw, tables

from db.migrations import APPEND_ONLY, DERIVED, KEPT, STEPS, guards, migrations
from db.store import Store

DATA = Path(__file__).parent / "data" / "store"
SCHEMA = resources.files("db").joinpath("schema.sql").read_text("utf-8")


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


def test_every_table_is_a_fact_an_opinion_state_or_derived(path):
    with raw(path) as db:
        assert sorted(tables(db)) == sorted((*APPEND_ONLY, *KEPT, *DERIVED))


def test_the_schema_says_of_every_table_what_it_is():
    mark, said = "", {"FACT": set(), "OPINION": set(), "STATE": set(), "DERIVED": set()}
    for line in SCHEMA.splitlines():
        if found := re.match("-- (FACT|OPINION|STATE|DERIVED)", line):
            mark = found[1]
        elif found := re.match(r"CREATE (?:VIRTUAL )?TABLE (\w+)", line):
            said[mark].add(found[1])
    assert said["FACT"] | said["OPINION"] == set(APPEND_ONLY)
    assert (said["STATE"], said["DERIVED"]) == (set(KEPT), set(DERIVED))


def test_every_table_is_strict_and_has_a_row_in_these_tests(path):
    with raw(path) as db:
        strict = dict(db.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"))
        for table in (*APPEND_ONLY, *KEPT, *DERIVED):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
            assert table == "word" or strict[table] == 1, table


def columns(db, table):
    return [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]


def everything(path, table):
    with raw(path) as db:
        return db.execute(f"SELECT * FROM {table}").fetchall()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", [
    "UPDATE {0} SET {1} = {1}",
    "DELETE FROM {0}",
    "INSERT OR REPLACE INTO {0} SELECT * FROM {0}",
    "REPLACE INTO {0} SELECT * FROM {0} LIMIT 1",
    "INSERT INTO {0} SELECT * FROM {0} WHERE true ON CONFLICT DO UPDATE SET {1} = {1}",
    "UPDATE OR IGNORE {0} SET {1} = {1}",
])  # fmt: skip
def test_what_was_said_stays_said_on_any_connection(path, table, statement):
    before = everything(path, table)
    with raw(path) as db, pytest.raises(sqlite3.IntegrityError, match=f"{table} is only ever added to"):
        db.execute(statement.format(table, columns(db, table)[1]))
    assert everything(path, table) == before


@pytest.mark.parametrize(("table", "key"), [
    ("record", "99, source, key, page_id"),
    ("search", "99, name, source, query, stored, options, digest, 'later'"),
    ("corpus", "digest, 7, content"),
    ("topic", "digest, x'00'"),
    ("ordering", "ranking_id, 7, digest, content"),
])  # fmt: skip
def test_replacing_by_another_key_than_the_id_is_refused_too(path, table, key):
    before = everything(path, table)
    with raw(path) as db, pytest.raises(sqlite3.IntegrityError, match="REPLACE refused"):
        db.execute(f"INSERT OR REPLACE INTO {table} SELECT {key} FROM {table}")
    assert everything(path, table) == before


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "REPLACE INTO {0} SELECT * FROM {0}"])
def test_runs_and_fetches_move_on_and_never_go_away(path, table, statement):
    with raw(path) as db:
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is only ever added to"):
            db.execute(statement.format(table))
        db.execute(f"UPDATE {table} SET finished_at = 'later'")


def test_a_new_row_is_welcome_on_any_connection(path):
    with raw(path) as db:
        db.execute("INSERT INTO event (kind, detail, at) VALUES ('note', '{}', 'now')")
        db.execute("INSERT INTO record (id, source, key, page_id) VALUES (77, 's', 'k', 1)")
        assert db.execute("SELECT count(*) FROM event").fetchone() == (2,)


def test_there_is_one_guard_for_every_way_of_changing(path):
    assert len(guards()) == 3 * len(APPEND_ONLY) + 2 * len(KEPT)
    with raw(path) as db:
        assert dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")) == dict(
            guards()
        )


def test_stages_verdicts_and_relations_are_those_of_the_field(path):
    with raw(path) as db:
        for table, column in [
            ("decision", "verdict"),
            ("decision", "stage"),
            ("link", "relation"),
            ("fetch", "state"),
            ("sighting", "event"),
            ("sighting", "reason"),
            ("page", "kind"),
            ("notice", "kind"),
            ("resolution", "verdict"),
            ("postponement", "stage"),
            ("retrieval", "state"),
            ("study_note", "field"),
        ]:
            names = [c for c in columns(db, table) if c != "id"]
            values = ["'nonsense'" if name == column else name for name in names]
            with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
                db.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}"
                )


def test_applying_the_steps_again_changes_nothing(path):
    with raw(path) as db:
        before = db.execute("SELECT * FROM sqlite_master").fetchall()
        migrations.apply(Database(db, execute_plugins=False))
        assert db.execute("SELECT * FROM sqlite_master").fetchall() == before
        assert (
            db.execute("PRAGMA user_version").fetchone()
            == (STEPS,)
            == (len(migrations.applied(Database(db))),)
        )


def test_a_review_of_the_first_schema_is_brought_up_to_date_with_all_it_holds(tmp_path):
    path = tmp_path / "review.db"
    path.write_bytes(gzip.decompress((DATA / "review_of_schema_1.db.gz").read_bytes()))
    with raw(path) as db:
        kept = [table for table in APPEND_ONLY if table in tables(db)]
        before = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in kept}
        ranks = db.execute("SELECT report_id, score FROM rank ORDER BY position").fetchall()
        assert "kind" not in columns(db, "link")
    with Store.open(path) as store:
        (link,) = store.links()
        assert (link.relation, link.kind) == ("ask", "")
        number, ranking = store.newest_ranking()
        assert (number, list(ranking.order), ranking.corpus) == (1, ranks, "")
        assert len(ranks) == 2
    with raw(path) as db, raw(filled(tmp_path / "new.db")) as new:
        assert db.execute("PRAGMA user_version").fetchone() == (STEPS,)
        assert {table: columns(db, table) for table in tables(db)} == {
            table: columns(new, table) for table in tables(new)
        }
        assert sorted(tables(db)) == sorted(tables(new))
        assert dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")) == dict(
            guards()
        )
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name"
        assert db.execute(indexes).fetchall() == new.execute(indexes).fetchall()
        views = "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY name"
        assert db.execute(views).fetchall() == new.execute(views).fetchall()
        for table, rows in before.items():
            assert [row[: len(rows[0])] for row in db.execute(f"SELECT * FROM {table}")] == rows

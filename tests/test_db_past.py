"""The review as it was: tables show what was there, nothing can be written, and nothing is copied."""

from __future__ import annotations

import pytest
from stores import TITLE, article, begun, filled, kept, opened, raw

from db.errors import StoreError, WrongUse
from db.migrations import APPEND_ONLY, KEPT
from db.opinion import Decision
from db.past import _VIEWS, as_of
from db.store import Store
from harvest.past import moment_of, past


def test_every_table_that_only_grows_has_a_past():
    named_by_content = {"corpus", "topic"}
    assert {*APPEND_ONLY, *KEPT} - named_by_content <= _VIEWS.keys()


def test_before_the_beginning_there_is_nothing_and_now_is_now(tmp_path):
    path = filled(tmp_path / "review.db")
    tables = sorted({*_VIEWS, "membership"} - {"identifier", "blocking"})
    with past(path, moment_of("2026-11-21")) as store:
        assert [store._value(f"SELECT count(*) FROM {table}") for table in tables] == [0] * len(tables)
    with past(path, moment_of("2026-11-22")) as store, Store.open(path) as today:
        assert store.now() == "2026-11-22T23:59:59.999Z"
        for table in tables:
            assert store._rows(f"SELECT * FROM {table} ORDER BY 1") == today._rows(
                f"SELECT * FROM {table} ORDER BY 1"
            )
        assert store.decisions(TITLE) == today.decisions(TITLE)
        assert [*store.records()] == [*today.records()]


def test_every_second_adds_and_none_takes_away(tmp_path):
    path, before = filled(tmp_path / "review.db"), {}
    for second in range(30):
        with as_of(path, f"2026-11-22T00:00:{second:02}.000Z") as store:
            now = {table: store._value(f"SELECT count(*) FROM {table}") for table in _VIEWS}
        assert all(now[table] >= count for table, count in before.items())
        before = now
    assert min(before.values()) > 0


def test_a_run_that_had_not_ended_is_shown_as_running(tmp_path):
    with opened(tmp_path / "review.db") as store:
        fetch = begun(store)
        kept(store, article("1"), fetch=fetch)
        moment = store.now()
        store.move_fetch(fetch, "complete", listed=1, stored=1)
        store.end_run(1, 0)
        with past(store.path, moment) as then:
            assert [row[3:] for row in then.runs()] == [(None, None)]
            assert (then.fetch(fetch).state, then.fetch(fetch).stored) == ("fetching", None)
            assert then.numbers() == [1]


def test_a_vote_from_a_file_was_unknown_until_the_file_came(tmp_path):
    with opened(tmp_path / "review.db") as store:
        kept(store, article("1"), fetch=begun(store))
        before = store.now()
        handover = store.add_handover("ana.csv", "ab", "ana", 1)
        store.add_decisions([Decision(1, TITLE, "ana", "include", at="2026-11-21T00:00:00.000Z")], handover)
        with past(store.path, before) as then:
            assert then.decisions(TITLE) == []
        with past(store.path, store.now()) as then:
            assert len(then.decisions(TITLE)) == 1


def test_records_read_again_later_were_there_and_rescued_ones_were_not(tmp_path):
    path = filled(tmp_path / "review.db")
    with Store.open(path, now=lambda: "2026-11-25T00:00:00.000Z") as store:
        page, position = store._row("SELECT page_id, position FROM unreadable")
        rescued = "INSERT INTO record (source, key, page_id) VALUES ('pubmed', '99', ?)"
        number = store._write(rescued, page)
        store._write(
            "INSERT INTO revision (record_id, page_id, position, reader, stamp, read_at, digest, content) "
            "VALUES (?, ?, ?, 'pubmed 2', '', ?, 'x', '{}')", number, page, position, store.now(),
        )  # fmt: skip
    with past(path, moment_of("2026-11-22")) as store:
        assert number not in store.numbers()
        assert len(store.unreadable()) == 1
    with past(path, moment_of("2026-11-25")) as store:
        assert number in store.numbers()
        assert store.unreadable() == []


@pytest.mark.parametrize("table", ["decision", "record", "event", "run", "identifier"])
def test_the_past_refuses_to_be_written(tmp_path, table):
    path = filled(tmp_path / "review.db")
    with as_of(path, moment_of("2026-11-22")) as store, pytest.raises(StoreError, match="cannot modify"):
        store._write(f"DELETE FROM {table}")


def test_the_file_stays_as_it_was(tmp_path):
    path = filled(tmp_path / "review.db")
    with raw(path) as db:
        before = list(db.iterdump())
    with past(path, moment_of("2026-11-22")):
        pass
    with raw(path) as db:
        assert list(db.iterdump()) == before


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", "2026-11-22T23:59:59.999Z"),
        ("2026-11-22T15:30", "2026-11-22T15:30:00.000Z"),
        ("2026-11-22T15:30+02:00", "2026-11-22T13:30:00.000Z"),
        ("2026-11-22T15:30:00.250Z", "2026-11-22T15:30:00.250Z"),
    ],
)
def test_a_moment_is_a_day_to_its_end_or_a_time_in_its_zone(text, moment):
    assert moment_of(text) == moment


@pytest.mark.parametrize("text", ["monday", "", "2026-13-01", "22.11.2026"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(WrongUse, match="is no moment"):
        moment_of(text)

"""A backup is the whole of what was committed, whoever is writing, or there is none."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from stores import article, files, filled, kept, opened, raw, tables

from db import backup as module
from db.backup import backup
from db.errors import NotAReview, StoreError, WrongUse
from db.verify import verify


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


def contents(path):
    with raw(path) as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables(db)}


def test_a_copy_while_somebody_writes_holds_what_was_committed(path, tmp_path):
    with opened(path) as store:
        kept(store, article("13", "committed, and still only in the log"))
        committed = contents(path)
        with store.writing():
            kept(store, article("14", "under way"))
            copy = backup(path, tmp_path / "copy.db")
        assert contents(copy) == committed != contents(path)
    assert list(verify(copy)) == []
    with opened(copy) as store:
        assert store.with_words("committed") == [3]


def test_a_copy_is_one_file_with_a_name_that_tells_when(path):
    copy = backup(path, now=lambda: "2026-11-22T08:09:10.123Z")
    assert copy == path.with_name("review-20261122T080910Z.db")
    with raw(copy) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert files(path.parent) == [copy.name, "review.db"]


def test_nothing_is_overwritten(path, tmp_path):
    (tmp_path / "taken.db").write_text("mine")
    with pytest.raises(WrongUse, match="exists already"):
        backup(path, tmp_path / "taken.db")
    assert (tmp_path / "taken.db").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(path, tmp_path):
    with pytest.raises(StoreError, match=r"nowhere.copy\.db cannot be opened: check that the folder exists"):
        backup(path, tmp_path / "nowhere" / "copy.db")


def test_what_is_no_review_is_not_copied(tmp_path):
    (tmp_path / "review.db").write_text("a letter to a friend, long enough to be looked at")
    with pytest.raises(NotAReview):
        backup(tmp_path / "review.db")
    assert files(tmp_path) == ["review.db"]


def test_a_disk_that_fails_at_the_last_step_leaves_nothing_half_written(path, tmp_path, monkeypatch):
    def fail(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreError, match="No space left"):
        backup(path, tmp_path / "copy.db")
    assert files(tmp_path) == ["review.db"]


def test_a_full_disk_is_told(path, tmp_path, monkeypatch):
    whole = module.sqlite3.connect

    def small(target, *args, **options):
        connection = whole(target, *args, **options)
        if not options.get("uri"):
            connection.execute("PRAGMA max_page_count = 5")
        return connection

    monkeypatch.setattr(module.sqlite3, "connect", small)
    with pytest.raises(StoreError, match="full"):
        backup(path, tmp_path / "copy.db")
    assert files(tmp_path) == ["review.db"]


def test_a_damaged_database_is_not_kept_as_a_backup(path, tmp_path):
    with raw(path) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_master SET sql = 'CREATE INDEX fetch_run ON fetch (search_id, state)' WHERE name = 'fetch_run'"
        )
    with pytest.raises(StoreError, match="damaged"):
        backup(path, tmp_path / "copy.db")
    assert files(tmp_path) == ["review.db"]

"""Opening: the wrong file, an old or a new one, one that cannot be written, two starts at once."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from stores import begun, filled, opened, raw

from db import file
from db.errors import FromTheFuture, NotAReview, StoreBusy, StoreError
from db.file import opened_for_reading
from db.migrations import APPLICATION_ID, STEPS
from db.store import Store


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


def test_a_new_database_is_ours_and_up_to_date(tmp_path):
    with Store.open(tmp_path / "with ? and # and %20.db") as store, raw(store.path) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (STEPS,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_our_connection_has_on_what_sqlite_leaves_off(path):
    with Store.open(path) as store:
        for setting in ("foreign_keys", "recursive_triggers"):
            assert store._db.conn.execute(f"PRAGMA {setting}").fetchone() == (1,)
        assert store._db.conn.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_empty_file_becomes_a_review_and_can_not_be_read_before(tmp_path):
    (tmp_path / "review.db").touch()
    with (
        pytest.raises(StoreError, match="is empty or of an older version"),
        opened_for_reading(tmp_path / "review.db"),
    ):
        pass
    with Store.open(tmp_path / "review.db") as store:
        assert store.runs() == []


def other_program(path, *statements):
    with raw(path) as db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize("statements", [
    ("CREATE TABLE theirs (a)",),
    ("PRAGMA application_id = 5",),
    ("PRAGMA user_version = 3",),
    ("CREATE TABLE record (id)", "PRAGMA user_version = 1"),
])  # fmt: skip
def test_another_program_s_database_is_refused_and_left_alone(tmp_path, statements):
    path = tmp_path / "review.db"
    other_program(path, *statements)
    before = path.read_bytes()
    with pytest.raises(NotAReview, match="another program"):
        Store.open(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["review.db"]


@pytest.mark.parametrize("body", [b"PMID- 1\nTI  - Sepsis\n", b"\x00" * 100 + b"x" * 4000, b"<xml>" * 9999])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path, body):
    path = tmp_path / "review.db"
    path.write_bytes(body)
    with pytest.raises(NotAReview, match="is not a database"):
        Store.open(path)
    assert path.read_bytes() == body


def test_a_file_from_the_future_is_refused_and_left_alone(path):
    other_program(path, f"PRAGMA user_version = {STEPS + 1}")
    for opening in (Store.open, lambda path: opened_for_reading(path).__enter__()):
        with pytest.raises(FromTheFuture, match="newer Harvest"):
            opening(path)
    with raw(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (STEPS + 1,)


def test_a_torn_file_says_what_to_do(path):
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(StoreError, match="damaged: restore your last backup"):
        Store.open(path)


def test_a_folder_a_missing_folder_and_a_missing_file(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "nowhere" / "review.db")
    with pytest.raises(StoreError, match="does not exist yet"):
        Store.open(tmp_path / "review.db", create=False)
    with pytest.raises(StoreError, match="cannot be opened"), opened_for_reading(tmp_path / "review.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_old_sqlite_is_told_before_anything_else(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(StoreError, match="too old"):
        Store.open(tmp_path / "review.db")


def test_a_step_that_fails_leaves_nothing_and_can_be_done_again(tmp_path, monkeypatch):
    def apply(db):
        db.execute("CREATE TABLE half (a)")
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(file.migrations, "apply", apply)
        with pytest.raises(StoreError, match="the database refused"):
            Store.open(tmp_path / "review.db")
    with raw(tmp_path / "review.db") as db:
        assert db.execute("SELECT * FROM sqlite_master").fetchall() == []
    with Store.open(tmp_path / "review.db") as store:
        assert store.runs() == []


def test_four_first_starts_at_once(tmp_path):
    barrier = Barrier(4)

    def start(path):
        barrier.wait()
        with Store.open(path) as store:
            return store.begin_run("run", "0.1")

    with ThreadPoolExecutor(4) as pool:
        for attempt in range(4):
            assert sorted(pool.map(start, [tmp_path / f"{attempt}.db"] * 4)) == [1, 2, 3, 4]


def test_a_copy_without_a_log_gets_one_again(path):
    other_program(path, "PRAGMA journal_mode = DELETE")
    with Store.open(path) as store:
        assert store._db.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_log_is_waited_for_and_not_for_ever(path):
    other_program(path, "PRAGMA journal_mode = DELETE")
    with raw(path) as db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM run").fetchall()
        with pytest.raises(StoreBusy):
            Store.open(path, busy_timeout=0.01)


def unwritable(path):
    """As in a folder where nothing can be made: neither the log nor its index can be put beside the file."""
    for name in ("review.db-wal", "review.db-shm"):
        (path.parent / name).symlink_to(path.parent / "nowhere" / name)


@pytest.mark.skipif(sys.platform == "win32", reason="made with symbolic links")
def test_a_read_only_folder_can_be_read_and_a_write_says_why_not(path):
    unwritable(path)
    with Store.open(path, create=False) as store:
        assert store.keys("pubmed") == {"11": 1, "12": 2}
        with pytest.raises(StoreError, match="read-only file or folder"):
            store.begin_run("run", "0.1")
    with opened_for_reading(path) as db:
        assert db.execute("SELECT count(*) FROM record").fetchone() == (2,)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path)


@pytest.mark.skipif(sys.platform == "win32", reason="made with symbolic links")
def test_a_read_only_folder_with_a_log_is_not_read_without_it(path):
    (path.parent / "review.db-shm").symlink_to(path.parent / "nowhere" / "shm")
    (path.parent / "review.db-wal").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path, create=False)


def test_a_file_that_can_only_be_read_is_opened(path, monkeypatch):
    other_program(path, "PRAGMA journal_mode = DELETE")  # a backup, on a medium that is written once
    whole = file._recognised
    monkeypatch.setattr(file, "_recognised", lambda path, how, timeout: whole(path, "mode=ro", timeout))
    with Store.open(path, create=False) as store:
        assert len(store.runs()) == 1
        with pytest.raises(StoreError, match="read-only"):
            begun(store)


def test_a_guard_speaks_in_a_sentence(path):
    with (
        opened(path) as store,
        pytest.raises(StoreError, match=r"for good \(search is only .* refused\): add a new one"),
    ):
        store._write("DELETE FROM search")

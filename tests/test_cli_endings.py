"""How a command ends when the world stops it: rights, other files, a second run, Ctrl-C, a full disk.

Each time: one sentence, the documented exit code, nothing half-written, and what was stored stays.
"""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import server_corpus as corpus
import server_faults as faults
from reviews import contents, harvest, rows, told, write
from terminal import closed, copied, ended, files, harvested, sentence, served, started

from db.store import Store


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


# -- rights ------------------------------------------------------------------------------------------


def test_a_queue_that_cannot_be_written_is_no_hand_over(review):
    queues = review / "queues"
    queues.mkdir()
    with closed(queues, 0o500):
        said = sentence(harvest(review, "queue", "export", "--reviewer", "ana", code=1).stderr)
    assert "cannot be written (Permission denied): check the folder and the disk" in said
    assert files(queues) == set()
    assert rows(review, "SELECT count(*) FROM export") == [(0,)]


def test_decisions_that_may_not_be_read_are_named(review, tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text("harvest_id,decision\nH000001,include\n")
    with closed(path, 0o000):
        assert "decisions.csv" in harvest(review, "queue", "import", path, "--reviewer", "ana", code=2).stderr


def test_a_folder_without_rights_can_be_asked_and_not_changed(review):
    before = (review / "review.db").read_bytes()
    with closed(review, 0o500), closed(review / "review.db", 0o400), closed(review / ".harvest.lock", 0o400):
        assert "11 records" in harvest(review, "status").stdout
        said = sentence(harvest(review, "run", code=1).stderr)
        assert ".harvest.lock cannot be written (Permission denied)" in said
        said = sentence(harvest(review, "decide", "H000001", "include", "--reviewer", "ana", code=1).stderr)
        assert "review.db cannot be written" in said
    assert (review / "review.db").read_bytes() == before


def test_a_review_that_may_not_be_read_says_so(tmp_path):
    review = write(tmp_path / "review")
    with closed(review / "review.toml", 0o000):
        assert "review.toml: cannot be read (Permission denied)" in harvest(review, "run", code=2).stderr


# -- the database ------------------------------------------------------------------------------------


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 99)


def _somebody_elses(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE diary (entry)")


def _of_the_future(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


@pytest.mark.parametrize(("spoil", "said"), [
    (_not_a_database, "is not a database: move it away"), (_somebody_elses, "is a database of another program: move it away"),
    (_of_the_future, "was written by a newer Harvest: install that version"), (_cut_off, "is damaged: restore your last backup"),
])  # fmt: skip
def test_a_file_that_is_not_our_database_is_left_alone(review, spoil, said):
    spoil(review / "review.db")
    before = (review / "review.db").read_bytes()
    for words in (
        ["run"],
        ["status"],
        ["find", "the"],
        ["rank"],
        ["same", "list"],
        ["db", "verify"],
        ["db", "backup"],
        ["db", "sql", "SELECT * FROM record"],
    ):
        result = harvest(review, *words, code=1)
        assert said in sentence(result.stderr)
    assert (review / "review.db").read_bytes() == before
    assert not list(review.glob("*.part"))


def test_a_folder_called_review_db_is_no_database(review):
    (review / "review.db").unlink()
    (review / "review.db").mkdir()
    assert "review.db" in sentence(harvest(review, "run", code=1).stderr)
    assert "does not exist yet" in sentence(harvest(review, "status", code=2).stderr)


# -- two at once, and ends -----------------------------------------------------------------------------


def test_a_second_run_is_told_who_is_at_work_and_everything_else_goes_on(review):
    arrived, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        go_on.wait(30)

    with served() as server:
        server.pubmed.put(corpus.article(20), corpus.day(20))
        server.pubmed.match("the", [*corpus.articles(8), corpus.pmid(20)])
        server.inject(faults.call(hold), on=faults.efetch)
        more = {"HARVEST_PUBMED_URL": server.pubmed_url, "HARVEST_CLINICALTRIALS_URL": server.trials_url}
        process = started(review, "run", **more)
        try:
            assert arrived.wait(30)
            said = sentence(harvest(review, "run", code=5).stderr)
            assert f"Another run is at work in {review}: process {process.pid} on " in said
            assert said.endswith("Wait until it has ended, then start again.")
            assert sentence(harvest(review, "db", "reread", code=5).stderr).startswith("Another run")
            assert sentence(harvest(review, "add", __file__, code=2).stderr)  # looked at before anybody waits
            assert "fetching" in harvest(review, "status").stdout
            harvest(review, "decide", "H000001", "include", "--reviewer", "ana")
        finally:
            go_on.set()
        assert ended(process)[0] == 0
    assert len(contents(review)) == 12
    assert (review / ".harvest.lock").read_text() == ""
    assert rows(review, "SELECT count(*) FROM decision") == [(1,)]


def test_ctrl_c_is_one_sentence_and_the_same_command_goes_on(tmp_path):
    victim: list[int] = []
    with served() as server:
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        server.inject(faults.call(lambda: os.kill(victim[0], signal.SIGINT)), on=faults.efetch)
        process = started(review, "run")
        victim.append(process.pid)
        code, out, err = ended(process)
        assert (code, out) == (130, "")
        assert sentence(err) == "Interrupted. What was stored stays; give the same command again to go on."
        assert rows(review, "SELECT finished_at, exit_code FROM run") == [(None, None)]
        assert rows(review, "SELECT state FROM fetch") == [("fetching",)]
        asked = len(server.requests)
        result = harvest(review, "run")
        assert not any(faults.esearch(request) for request in server.requests[asked:])
    assert "complete (gone on)" in result.stdout
    assert len(contents(review)) == 11
    assert rows(review, "SELECT state FROM fetch") == [("complete",), ("complete",)]


# -- a full disk -------------------------------------------------------------------------------------


def test_a_database_that_cannot_grow_keeps_what_it_has(review, monkeypatch):
    before = contents(review)
    real = Store.open.__func__

    def full(cls, *args, **options):
        store = real(cls, *args, **options)
        (pages,) = store._rows("PRAGMA page_count")[0]
        store._rows(f"PRAGMA max_page_count = {pages}")
        return store

    (review / "imports" / "large.ris").write_text(
        "".join(
            f"TY  - JOUR\nTI  - A trial of treatment {n}\nAB  - {'Long text. ' * 300}{n}\nER  - \n"
            for n in range(60)
        )
    )
    with monkeypatch.context() as patch:
        patch.setattr(Store, "open", classmethod(full))
        said = sentence(harvest(review, "run", code=1).stderr)
    assert (
        said
        == f"The disk that holds {review}/review.db is full: free some space and start again; what was stored stays."
    )
    assert contents(review) == before
    assert harvest(review, "db", "verify").stdout == ""
    assert told(review, "run", code=3)["records"] == 71


def test_a_process_that_may_write_no_more_keeps_what_it_has(review):
    resource = pytest.importorskip("resource")
    (review / "imports" / "large.ris").write_text(
        "".join(
            f"TY  - JOUR\nTI  - A trial of treatment {n}\nAB  - {'Long text. ' * 300}{n}\nER  - \n"
            for n in range(400)
        )
    )
    before = contents(review)
    limit = (review / "review.db").stat().st_size + 50_000
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        process = started(review, "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    code, _, err = ended(process)
    assert code == 1
    assert f"The disk that holds {review}/review.db" in sentence(err)
    assert contents(review) == before
    assert harvest(review, "db", "verify").stdout == ""
    assert told(review, "run", code=3)["records"] == 411


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_queue_on_a_full_disk_is_no_hand_over_and_leaves_nothing_behind(review, monkeypatch, call):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full) if call == "fsync" else patch.setattr(Path, "replace", full)
        said = sentence(harvest(review, "queue", "export", "--reviewer", "ana", code=1).stderr)
    assert "cannot be written (No space left on device): check the folder and the disk" in said
    assert not list((review / "queues").iterdir())
    assert rows(review, "SELECT count(*) FROM export") == [(0,)]
    harvest(review, "queue", "export", "--reviewer", "ana")


@pytest.mark.parametrize("words", [["status", "--json"], ["--version"]], ids=" ".join)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_what_cannot_be_printed_is_one_sentence(review, words):
    with Path("/dev/full").open("wb") as full:
        code, _, err = ended(started(review, *words, stdout=full))
    assert code == 1
    assert sentence(err) == "the disk is full: free some space and start again; what was stored stays."

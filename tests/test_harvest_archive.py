"""What was answered is read again, and a second database is made of it, without asking anybody."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
import server_corpus as corpus
from reviews import contents, harvest, rows, told, write
from server import Server
from shelf import Clock, Shelf, sweep

from db.errors import BadAnswer, SearchError, WrongUse
from db.facts import Search
from db.store import Store
from db.verify import verify
from harvest.guarded import Guarded
from harvest.progress import Quiet
from harvest.rebuilding import rebuild
from harvest.rereading import reread

RIS = "TY  - JOUR\nTI  - {}\nAU  - Fonagy, Peter\nPY  - 2016\nER  - \n"


@pytest.fixture
def shelf():
    shelf = Shelf()
    shelf.put("1", "2", "3", "4", "5")
    return shelf


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db", now=Clock()) as store:
        yield store


def again(store, shelf, **how):
    return reread(store, lambda _: shelf, **how)


# -- reading again -----------------------------------------------------------------------------------


def test_a_better_reader_reads_what_nobody_could(store, shelf):
    shelf.put("2", broken=True)
    sweep(store, shelf)
    assert [r.key for r in store.unreadable()] == ["2"]
    better = Shelf(version="2")
    better.records = lambda body: Shelf.records(
        better, json.dumps({k: i | {"broken": False} for k, i in json.loads(body).items()}).encode()
    )
    assert again(store, better, dry_run=True).rescued == 1
    assert store.keys("shelf").keys() == {"1", "3", "4", "5"}
    assert (again(store, better).rescued, again(store, better).rescued) == (1, 0)
    assert store.keys("shelf").keys() == {"1", "2", "3", "4", "5"}
    assert store.unreadable() == []


def test_what_was_unreadable_and_came_readable_later_is_not_read_from_the_older_page(store, shelf):
    shelf.put("2", broken=True)
    sweep(store, shelf)
    shelf.put("2", title="Whole by now")
    sweep(store, shelf)
    better = Shelf()
    better.records = lambda body: Shelf.records(
        better, json.dumps({k: i | {"broken": False} for k, i in json.loads(body).items()}).encode()
    )
    assert (again(store, better).rescued, again(store, better).changed) == (0, 0)
    assert store.record(store.keys("shelf")["2"]).title == "Whole by now"


def test_a_file_s_record_that_can_be_read_now_is_found_by_its_search(tmp_path, monkeypatch):
    from harvest.readers import reading

    review = write(tmp_path / "review")
    (review / "two.ris").write_text(
        RIS.format("One") + "TY  - JOUR\nN9  - all there is\nER  - \n" + RIS.format("Three")
    )
    harvest(review, "add", review / "two.ris", "--database", "Embase", "--platform", "Ovid", code=3)
    monkeypatch.setattr(reading, "usable", lambda _: True)
    assert "1 record could not be read before" in harvest(review, "db", "reread").stdout
    assert [n for (n,) in rows(review, "SELECT count(*) FROM finding WHERE name = 'embase'")] == [3]
    place = "SELECT position FROM revision v JOIN record r ON r.id = v.record_id ORDER BY r.id"
    assert rows(review, place) == [(1,), (3,), (2,)]


def test_a_page_that_cannot_be_read_any_more_is_named_and_keeps_what_was_read(store, shelf):
    sweep(store, shelf)

    def unforeseen(body):
        raise KeyError("title")

    shelf.records = unforeseen
    done = again(store, shelf)
    assert (done.pages, done.changed, len(done.failed)) == (3, 0, 3)
    assert "KeyError: 'title'" in done.failed[0]
    assert len(store.keys("shelf")) == 5


# -- a second database -------------------------------------------------------------------------------


@pytest.fixture
def review(tmp_path):
    """Two runs over changing sources, an export file, a vote, an opinion, a hand-over."""
    with Server(corpus.articles(40), corpus.created(40), corpus.studies(6)) as server:
        server.pubmed.match("the", corpus.articles(30))
        server.trials.match("trial", corpus.studies(6))
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        (review / "imports" / "2026-01-02_embase_ovid.ris").write_text(
            "Exported today\n" + RIS.format("One") * 2
        )
        harvest(review, "run")
        server.pubmed.match("the", [*corpus.articles(40)][5:])
        harvest(review, "run")
    harvest(review, "decide", "H3", "include", "--reviewer", "ana")
    harvest(review, "decide", "H3", "exclude", "--reviewer", "ana", "--reason", "design")
    harvest(review, "same", "join", "H1", "H2", "--by", "ben")
    harvest(review, "queue", "export", "--reviewer", "ana")
    return review


def test_from_the_stored_answers_alone_an_identical_database_is_built_offline(review):
    target = review.parent / "proof" / "review.db"
    target.parent.mkdir()
    done = told(review, "db", "rebuild", target)
    assert done["identical"]
    assert done["tables"]["record"] == [48, 0]
    assert all(differ == 0 for _, differ in done["tables"].values())
    assert contents(target.parent) == contents(review)
    assert list(verify(target)) == []
    with closing(sqlite3.connect(target)) as new:
        for fact in ("sighting", "decision", "page", "export"):
            assert new.execute(f"SELECT * FROM {fact}").fetchall() == rows(review, f"SELECT * FROM {fact}")


def test_the_copy_is_a_review_like_the_first(review):
    target = review.parent / "proof.db"
    harvest(review, "db", "rebuild", target)
    now = told(review, "status")
    target.replace(review / "review.db")
    assert told(review, "status") == now
    assert harvest(review, "rank", "check").exit_code == 0


def test_one_byte_of_difference_in_what_was_read_is_found(review):
    # As somebody would do it who wants to: around the guards, and with a digest that fits.
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("DROP TRIGGER revision_refuses_update")
        db.execute(
            "UPDATE revision SET content = replace(content, 'One', 'Two'), digest = 'ab' WHERE content LIKE '%\"One\"%'"
        )
        db.commit()
    result = harvest(review, "db", "rebuild", review.parent / "proof.db", code=4)
    assert "H000037 is read differently" in result.stderr
    assert "is not what" in result.stderr


def test_a_page_that_was_changed_is_named(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("DROP TRIGGER page_refuses_update")
        db.execute("UPDATE page SET body = zeroblob(10) WHERE kind = 'file'")
        db.commit()
    result = harvest(review, "db", "rebuild", review.parent / "proof.db", code=4)
    assert "is not what was stored: restore a backup" in result.stderr


def test_nothing_is_written_over_and_nothing_half_made_stays(review, monkeypatch):
    taken = review.parent / "proof.db"
    taken.write_text("mine")
    assert "exists already" in harvest(review, "db", "rebuild", taken, code=2).stderr
    assert taken.read_text() == "mine"
    harvest(review, "db", "rebuild", review.parent / "nowhere" / "proof.db", code=1)
    monkeypatch.setattr("harvest.rebuilding.deduplicate", _killed)
    with Store.open(review / "review.db") as store, pytest.raises(KeyboardInterrupt):
        rebuild(store, review.parent / "new.db", lambda _: Shelf(), Quiet())
    assert sorted(path.name for path in review.parent.iterdir()) == ["proof.db", "review"]


def _killed(_):
    raise KeyboardInterrupt


def test_what_newer_readers_read_differently_is_expected(store, shelf, tmp_path):
    sweep(store, shelf)
    newer = Shelf(version="2")
    newer.records = lambda body: Shelf.records(newer, body.replace(b"Trial 3", b"Trial three"))
    done = rebuild(store, tmp_path / "new.db", lambda _: newer, Quiet())
    assert (done.newer, done.wrong, done.identical) == ((3,), (), False)


# -- a source that does what nobody foresaw ----------------------------------------------------------


def test_a_source_that_breaks_stops_its_own_search_and_no_other(tmp_path, monkeypatch):
    from harvest.sources import clinicaltrials_json

    def broken(_):
        raise TypeError("'NoneType' object is not subscriptable")

    with Server(corpus.articles(5), corpus.created(5), corpus.studies(4)) as server:
        server.pubmed.match("the", corpus.articles(5))
        server.trials.match("trial", corpus.studies(4))
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        with monkeypatch.context() as patch:
            patch.setattr(clinicaltrials_json, "record", broken)
            outcome = told(review, "run", code=3)
        pubmed, register = outcome["searches"]
        assert (pubmed["state"], pubmed["new"]) == ("complete", 5)
        assert register["state"] == "failed"
        assert (
            "TypeError: 'NoneType' object is not subscriptable, in test_harvest_archive.py"
            in register["failure"]
        )
        assert rows(review, "SELECT count(*) FROM page WHERE kind = 'unreadable'") == [(1,)]
        assert told(review, "run")["searches"][1]["new"] == 4


@pytest.mark.parametrize("verb", ["list", "fetch", "hits", "records", "check"])
def test_every_verb_of_a_source_is_fenced(verb, shelf):
    def broken(*_):
        raise ZeroDivisionError

    setattr(shelf, verb, broken)
    source = Guarded(shelf)
    asked = {"list": Search("main", "shelf", "all"), "fetch": ["1"], "check": Search("main", "shelf", "all")}
    with pytest.raises(
        BadAnswer, match=r"The shelf: .* version 1 of its reader .*ZeroDivisionError"
    ) as caught:
        list(getattr(source, verb)(asked.get(verb, b"{}")))
    assert caught.value.body == (b"{}" if verb in {"hits", "records"} else b"")


def test_what_a_source_says_in_our_words_goes_through(shelf):
    shelf.garbled = True
    with pytest.raises(SearchError, match="The shelf sent nonsense"):
        list(Guarded(shelf).list(Search("main", "shelf", "all")))
    shelf.list = lambda *_: (_ for _ in ()).throw(MemoryError)
    with pytest.raises(MemoryError):
        list(Guarded(shelf).list(Search("main", "shelf", "all")))


def test_a_second_database_over_the_first_is_refused(store, shelf):
    sweep(store, shelf)
    with pytest.raises(WrongUse, match="choose another name"):
        rebuild(store, store.path, lambda _: shelf, Quiet())

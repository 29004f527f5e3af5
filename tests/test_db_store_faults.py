"""The store under faults: somebody else writes, the disk is full, the process is killed.

A method that is added to `Store` needs its case here: `test_every_method_has_its_case` says so.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from stores import SEARCH, TITLE, answer, article, begun, clock, filled, kept, opened, raw, tables

from db.errors import HarvestError, StoreBusy, StoreError
from db.facts import Search
from db.notice import Notice
from db.opinion import (
    Decision,
    Link,
    Pilot,
    Postponement,
    Ranking,
    Resolution,
    Retrieval,
    Ruling,
    StudyNote,
    Unblinding,
)
from db.store import Store
from db.store.tallies import KnownItem

RANKING = Ranking("bm25 2", {}, 7, {}, {}, "d2", ((1, 0.9),))

WRITES = {
    "add_decisions": lambda s: s.add_decisions([Decision(2, TITLE, "ben", "include")]),
    "add_export": lambda s: s.add_export("queues/x", "csv", "ana", TITLE, None, [1], "ab"),
    "add_handover": lambda s: s.add_handover("x.csv", "ab", "ana", 3),
    "add_notices": lambda s: s.add_notices([Notice(2, "retraction", "Crossref", "retraction")], 1),
    "add_links": lambda s: s.add_links([Link(1, 2, "different")]),
    "set_blocking": lambda s: s.set_blocking([(1, b"87654321", "")]),
    "add_page": lambda s: s.add_page(1, answer("list")),
    "add_ranking": lambda s: s.add_ranking(RANKING),
    "add_pilot": lambda s: s.add_pilot(Pilot(TITLE, 2, (1,), "cleo")),
    "add_resolution": lambda s: s.add_resolution(Resolution(2, TITLE, "cleo", "exclude", votes=(1, 2))),
    "add_retrievals": lambda s: s.add_retrievals([Retrieval(2, "sought", "ana")]),
    "add_study_notes": lambda s: s.add_study_notes([StudyNote(2, "state", "ongoing", "ana")]),
    "postpone": lambda s: s.postpone([Postponement(1, TITLE, "ben")]),
    "unblind": lambda s: s.unblind(Unblinding(TITLE, "cleo", "all is read")),
    "add_rulings": lambda s: s.add_rulings([Ruling(1, 2, "different", "r", "1", 0.5, "{}", "part")]),
    "add_records": lambda s: s.add_records(1, "pubmed 1", [article("99")]),
    "add_sightings": lambda s: s.add_sightings(1, 1, "appeared", [(1, "newly matching")]),
    "add_showing": lambda s: s.add_showing(1, "ben", TITLE, 1, 1),
    "add_tally": lambda s: s.add_tally(1, 1, "known", None, "pmid:1", "1[uid]", answer("list", promised=0)),
    "add_known": lambda s: s.add_known(1, [(1, KnownItem("main", "pmid:1", "not found"))]),
    "add_strays": lambda s: s.add_strays(1, [(1, "text")]),
    "adopt_fetch": lambda s: s.adopt_fetch(1, 1),
    "begin_fetch": lambda s: s.begin_fetch(1, 1),
    "begin_run": lambda s: s.begin_run("run", "0.1"),
    "end_run": lambda s: s.end_run(1, 4),
    "fail_fetch": lambda s: s.fail_fetch(1, "no answer"),
    "keep_corpus": lambda s: s.keep_corpus({1: (1,)}),
    "keep_topic": lambda s: s.keep_topic("{}"),
    "move_fetch": lambda s: s.move_fetch(1, "abandoned"),
    "note": lambda s: s.note("kind", {}),
    "search_id": lambda s: s.search_id(Search("new", "pubmed", "x")),
    "set_membership": lambda s: s.set_membership({1: (1, 1), 2: (1, 1)}),
}

READS = {
    "added_later": lambda s: s.added_later("main", "pubmed"),
    "appearances": lambda s: s.appearances(),
    "asked": lambda s: s.asked(1),
    "answered": lambda s: s.answered(),
    "blocking": lambda s: list(s.blocking()),
    "body": lambda s: s.body(1),
    "found_since": lambda s: s.found_since("main"),
    "sayings": lambda s: s.sayings([1]),
    "carrying": lambda s: s.carrying("pmid", "11"),
    "complete_before": lambda s: s.complete_before(1),
    "known_items": lambda s: [s.known_items(), s.known_items(1)],
    "lost": lambda s: s.lost(),
    "newest_wording": lambda s: s.newest_wording("main", "pubmed"),
    "tallies": lambda s: s.tallies("main"),
    "wording": lambda s: s.wording(1),
    "changed_since": lambda s: s.changed_since(0),
    "contents": lambda s: list(s.contents()),
    "contents_of": lambda s: list(s.contents_of([1, 2])),
    "corpus": lambda s: s.corpus(s.newest_ranking()[1].corpus),
    "decisions": lambda s: s.decisions(TITLE),
    "file_search": lambda s: s.file_search("ab"),
    "study_of": lambda s: s.study_of(1),
    "decisions_seen_by": lambda s: s.decisions_seen_by("ana", TITLE),
    "pilots": lambda s: s.pilots(TITLE),
    "postponed": lambda s: s.postponed(TITLE, "ana"),
    "resolutions": lambda s: s.resolutions(TITLE),
    "retrievals": lambda s: s.retrievals(),
    "study_notes": lambda s: s.study_notes(),
    "unblinded": lambda s: s.unblinded("full text"),
    "existing": lambda s: s.existing([1, 2]),
    "fetch": lambda s: s.fetch(1),
    "fetches_of_run": lambda s: s.fetches_of_run(1),
    "first_request": lambda s: s.first_request(1),
    "askings": lambda s: s.askings("main", "pubmed"),
    "file_page": lambda s: s.file_page("ab"),
    "first_read": lambda s: s.first_read(),
    "never_read": lambda s: s.never_read(),
    "file_digests": lambda s: s.file_digests("main", "pubmed"),
    "finders": lambda s: s.finders([1, 2]),
    "found_by": lambda s: s.found_by("main", "pubmed"),
    "identified": lambda s: list(s.identified(["pmid"])),
    "keys": lambda s: s.keys("pubmed"),
    "keys_of": lambda s: s.keys_of([1, 2]),
    "keys_on": lambda s: s.keys_on(1),
    "last_complete": lambda s: s.last_complete("main", "pubmed"),
    "last_note": lambda s: s.last_note("alarm"),
    "links": lambda s: s.links(),
    "links_of": lambda s: s.links_of(1, 2),
    "questions": lambda s: s.questions(),
    "said": lambda s: s.said(),
    "membership": lambda s: s.membership(),
    "newest_ranking": lambda s: s.newest_ranking(),
    "newest_revision": lambda s: s.newest_revision(),
    "newest_stamp": lambda s: s.newest_stamp("main", "pubmed"),
    "notes": lambda s: s.notes("alarm"),
    "notices": lambda s: s.notices(),
    "numbers": lambda s: s.numbers(),
    "places_of": lambda s: s.places_of([1, 2]),
    "pages": lambda s: list(s.pages(1, "records")),
    "ranking": lambda s: s.ranking(1),
    "rankings": lambda s: s.rankings(),
    "record": lambda s: s.record(1),
    "records": lambda s: list(s.records()),
    "records_of": lambda s: s.records_of(1),
    "report_of": lambda s: s.report_of(1),
    "reports": lambda s: s.reports(),
    "revisions": lambda s: s.revisions(1),
    "ruled": lambda s: [list(s.ruled()), list(s.ruled([2]))],
    "ruling": lambda s: s.ruling(1, 2),
    "runs": lambda s: s.runs(),
    "searches": lambda s: s.searches(),
    "shown": lambda s: s.shown(),
    "sightings_of_run": lambda s: s.sightings_of_run(1),
    "size": lambda s: s.size(),
    "sources_of": lambda s: s.sources_of([1]),
    "speaking_of_notices": lambda s: list(s.speaking_of_notices()),
    "standing": lambda s: [list(s.standing()), list(s.standing([1]))],
    "stamps": lambda s: s.stamps("pubmed"),
    "taken": lambda s: s.taken("ab", "ana", "title and abstract"),
    "texts": lambda s: s.texts(),
    "topic": lambda s: s.topic(s.newest_ranking()[1].topic),
    "unfinished": lambda s: s.unfinished("main", "pubmed"),
    "unreadable": lambda s: s.unreadable(),
    "unread_on": lambda s: s.unread_on(1),
    "unreadable_keys": lambda s: s.unreadable_keys(1),
    "with_identifier": lambda s: s.with_identifier("pmid", "11"),
    "with_words": lambda s: s.with_words("sepsis"),
}


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


def state(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything a database holds."""
    with raw(path) as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables(db)}


def test_every_method_has_its_case():
    public = {name for name in dir(Store) if not name.startswith("_") and callable(getattr(Store, name))}
    assert public - {"open", "close", "writing"} == WRITES.keys() | READS.keys()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_while_somebody_else_writes_says_busy_and_changes_nothing(path, name):
    before = state(path)
    with opened(path, busy_timeout=0) as store, raw(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="written by somebody else"):
            WRITES[name](store)
        other.execute("ROLLBACK")
        assert state(path) == before
        WRITES[name](store)
    assert state(path) != before


@pytest.mark.parametrize("name", READS)
def test_a_question_is_answered_while_somebody_else_writes(path, name):
    with opened(path, busy_timeout=0) as store, raw(path) as other:
        told = READS[name](store)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE run SET exit_code = 99")
        assert READS[name](store) == told


def test_a_file_that_somebody_keeps_for_himself_is_not_opened(path):
    with raw(path) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            Store.open(path, busy_timeout=0)


def test_a_full_disk_is_told_and_the_old_state_stays_readable(path):
    before = state(path)
    with opened(path) as store:
        fill_up(store)
        with pytest.raises(StoreError, match=r"The disk that holds .*review.db is full: free some space"):
            store.add_page(1, answer(body=os.urandom(100_000)))
        assert state(path) == before
        assert store.keys("pubmed") == {"11": 1, "12": 2}


def fill_up(store: Store) -> None:
    """No page can be added to the file any more."""
    (size,) = store._db.conn.execute("PRAGMA page_count").fetchone()
    store._db.conn.execute(f"PRAGMA max_page_count = {size}")


def test_a_full_disk_in_the_middle_of_a_page_leaves_none_of_it(path):
    before = state(path)
    with opened(path) as store:
        fill_up(store)
        with pytest.raises(StoreError, match="full"):
            kept(store, *(article(str(key), abstract="word " * 300) for key in range(100)))
        assert not store._db.conn.in_transaction
        store._db.conn.execute("PRAGMA max_page_count = 1000000")
        assert state(path) == before
        assert len(kept(store, article("100")).new) == 1


def note_and_fail(store: Store) -> None:
    with store.writing():
        store.note("inner", {})
        store.add_links([Link(1, 99, "ask")])


def test_an_error_inside_an_inner_transaction_can_be_survived_by_the_outer_one(path):
    with opened(path) as store, store.writing():
        store.note("outer", {})
        with pytest.raises(HarvestError, match="nothing was kept"):
            note_and_fail(store)
    with raw(path) as db:
        assert db.execute("SELECT kind FROM event").fetchall() == [("alarm",), ("outer",)]


def test_who_reads_first_and_writes_then_cannot_be_overtaken(path):
    """A deferred transaction would be told "locked" at once, had the other one committed in between."""
    with opened(path) as store, opened(path, busy_timeout=0) as other:
        with store.writing():
            before = store.newest_revision()
            with pytest.raises(StoreBusy):
                kept(other, article("98"))
            kept(store, article("99"))
            assert store.newest_revision() == before + 1
        assert kept(other, article("98")).new == [4]


VICTIM = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from stores import answer, article, begun, opened
store = opened(Path(sys.argv[1]))
begun(store)
def page(number, told):
    with store.writing():
        page = store.add_page(1, answer("list", b"bytes", cursor=f"after {number}"))
        if told == "page": strike()
        kept = store.add_records(page, "r", [article(f"{number}-{n}", "Sepsis", "text " * 200) for n in range(200)])
        if told == "records": strike()
        store.add_sightings(1, 1, "appeared", [(n, "first search") for n in kept.new])
        if told == "sightings": strike()
def strike():
    print("inside", flush=True)
    sys.stdin.read()
page(1, "")
page(2, sys.argv[2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("place", ["page", "records", "sightings"])
def test_killed_inside_a_page_there_are_only_whole_pages(tmp_path, place):
    path = tmp_path / "review.db"
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(path), place, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    with victim:
        assert victim.stdout.readline() == b"inside\n"
        victim.send_signal(signal.SIGKILL)
    with Store.open(path, now=clock().__next__) as store:
        assert store.fetch(1).cursor == "after 1"
        assert store.unfinished("main", "pubmed") == [store.fetch(1)]
        assert (
            len(store.numbers())
            == len(store.sightings_of_run(1))
            == len(store.with_words("sepsis", 999))
            == 200
        )
        assert kept(store, article("2-0")).new == [201]
        assert begun(store, SEARCH) == 2

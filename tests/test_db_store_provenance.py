"""Where it came from: runs, searches, fetches, pages, sightings."""

from __future__ import annotations

from hashlib import sha256

import pytest
from stores import SEARCH, answer, article, begun, kept, opened, raw

from db.errors import CheckFailed
from db.facts import LISTED, Search
from db.store.provenance import Sighting


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        yield store


def test_runs_are_told_newest_first(store):
    first, second = store.begin_run("run", "0.1"), store.begin_run("add", "0.1")
    store.end_run(first, 3)
    assert [(number, command, code) for number, command, _, _, code in store.runs()] == [
        (second, "add", None),
        (first, "run", 3),
    ]
    assert [number for number, *_ in store.runs(1)] == [second]


def test_notes_are_kept_and_the_newest_is_found(store):
    assert store.last_note("alarm") == {}
    store.note("alarm", {"of": "ü", "n": 1})
    store.note("alarm", {"n": 2})
    store.note("other", {"n": 3})
    assert store.last_note("alarm") == {"n": 2}


def test_a_new_wording_is_a_new_row_and_an_old_one_is_not(store):
    first = store.search_id(SEARCH)
    edited = store.search_id(
        Search("main", "pubmed", "sepsis OR septic", b"sepsis OR septic\n", {"field": "title"})
    )
    assert store.search_id(SEARCH) == first != edited
    assert store.search_id(Search("main", "pubmed", "sepsis", b"sepsis\n", {"field": "all"})) not in {
        first,
        edited,
    }


def test_the_life_of_a_fetch(store):
    number = begun(store)
    begin = store.fetch(number)
    assert (begin.state, begin.cursor, begin.promised, begin.finished_at) == ("listing", "", None, None)
    store.add_page(
        number, answer("list", cursor="200", promised=3, translation="sepsis[All]", warnings=("cut",))
    )
    store.add_page(number, answer("list", cursor=LISTED, translation="other", warnings=("cut", "long")))
    listed = store.fetch(number)
    assert (listed.cursor, listed.promised, listed.translation) == (LISTED, 3, "sepsis[All]")
    assert listed.warnings == ("cut", "long")
    store.move_fetch(number, "fetching", listed=3)
    assert store.unfinished("main", "pubmed") == [store.fetch(number)]
    store.move_fetch(number, "complete", stored=3)
    done = store.fetch(number)
    assert (done.state, done.listed, done.stored) == ("complete", 3, 3)
    assert done.finished_at > done.started_at
    assert store.unfinished("main", "pubmed") == []
    assert store.last_complete("main", "pubmed") == done


def test_a_page_of_records_moves_no_cursor(store):
    number = begun(store)
    store.add_page(number, answer("list", cursor="200"))
    store.add_page(number, answer(asked=("1", "2"), missing=("2",)))
    store.add_page(number, answer(asked=("3",)))
    assert store.fetch(number).cursor == "200"
    assert store.asked(number) == ({"1", "2", "3"}, {"2"})


def test_a_fetch_that_fails_says_why_and_what_is_missing(store):
    number = begun(store)
    store.fail_fetch(number, "no answer", ["7", "8"])
    failed = store.fetch(number)
    assert (failed.state, failed.failure, failed.missing) == ("failed", "no answer", ("7", "8"))
    assert store.last_complete("main", "pubmed") is None


def test_a_fetch_that_was_cut_off_goes_on_in_another_run(store):
    number = begun(store)
    run = store.begin_run("run", "0.1")
    assert store.adopt_fetch(number, run).run_id == run
    assert store.last_note("resumed") == {"fetch": number, "from_run": 1}
    assert [(name, source, fetch.id) for name, source, fetch in store.fetches_of_run(run)] == [
        ("main", "pubmed", number)
    ]
    assert store.fetches_of_run(1) == []


def test_searches_are_told_by_name_with_the_newest_wording(store):
    number = begun(store)
    kept(store, article("1"), article("2"))
    store.add_sightings(number, 1, "appeared", [(1, "first search"), (2, "first search")])
    store.move_fetch(number, "complete")
    began = store.fetch(number).started_at
    edited = store.begin_fetch(1, store.search_id(Search("main", "pubmed", "new")))
    store.add_sightings(edited.id, edited.search_id, "disappeared", [(2, "no longer matching")])
    store.search_id(Search("never", "clinicaltrials", "x"))
    assert store.searches() == [
        ("main", "pubmed", 1, "listing", began),
        ("never", "clinicaltrials", 0, "never asked", ""),
    ]


def test_a_search_that_came_later_is_told_from_one_that_was_there_first(store):
    number = begun(store)
    store.search_id(Search("with it", "pubmed", "x"))
    begun(store, Search("file", "file:embase", "x"))
    store.move_fetch(number + 1, "complete")
    assert not store.added_later("with it", "pubmed")
    store.move_fetch(number, "complete")
    store.search_id(Search("afterwards", "pubmed", "y"))
    assert store.added_later("afterwards", "pubmed")
    assert not store.added_later("with it", "pubmed")
    assert not store.added_later("main", "pubmed")


def test_pages_come_back_byte_for_byte_in_order(store):
    number = begun(store)
    bodies = [b"", b"\x00\xff" * 999, "ü".encode()]
    for body in bodies:
        store.add_page(number, answer(body=body))
    store.add_page(number, answer("list"))
    assert [body for _, body in store.pages(number, "records")] == bodies
    assert store.body(2) == bodies[1]
    assert list(store.pages(number)) == []


@pytest.mark.parametrize(
    "damage", ["zeroblob(9)", "CAST('x' AS BLOB)", "(SELECT body FROM page WHERE id = 2)"]
)
def test_a_page_that_is_not_what_came_is_refused(store, damage):
    number = begun(store)
    store.add_page(number, answer(body=b"one"))
    store.add_page(number, answer(body=b"two"))
    with raw(store.path) as db:
        db.execute("DROP TRIGGER page_refuses_update")
        db.execute(f"UPDATE page SET body = {damage} WHERE id = 1")
    with pytest.raises(CheckFailed, match="Page 1 is not what was stored"):
        store.body(1)
    with pytest.raises(CheckFailed, match="backup"):
        list(store.pages(number, "records"))


def test_a_file_is_known_by_its_bytes(store):
    number = begun(store)
    page = store.add_page(number, answer("file", b"TY  - JOUR"))
    store.add_page(number, answer("records", b"<xml/>"))
    assert store.file_page(sha256(b"TY  - JOUR").hexdigest()) == page
    assert store.file_page(sha256(b"TY  - BOOK").hexdigest()) is None
    assert store.file_page(sha256(b"<xml/>").hexdigest()) is None


def test_the_pages_that_hold_the_newest_content(store):
    begun(store)
    kept(store, article("1"), article("2"))
    kept(store, article("2", "new"), article("3"))
    kept(store, article("3"))
    assert [(answer.page, answer.source, answer.is_file) for answer in store.answered()] == [
        (number, "pubmed", False) for number in (1, 2, 3)
    ]
    assert (store.keys_on(1), store.keys_on(2), store.keys_on(3)) == ({"1"}, {"2", "3"}, set())


def test_what_a_search_finds_today(store):
    number = begun(store)
    kept(store, article("1", dates={"revised": "2020-01-01"}), article("2", dates={"revised": "2021-01-01"}))
    assert store.newest_stamp("main", "pubmed") == ""
    store.add_sightings(number, 1, "appeared", [(1, "first search"), (2, "first search")])
    assert store.newest_stamp("main", "pubmed") == "2021-01-01"
    store.add_sightings(number, 1, "disappeared", [(2, "withdrawn by the source")])
    assert store.found_by("main", "pubmed") == {"1": 1}
    assert store.newest_stamp("main", "pubmed") == "2020-01-01"
    edited = store.search_id(Search("main", "pubmed", "another wording"))
    store.add_sightings(number, edited, "appeared", [(2, "strategy edited")])
    assert store.found_by("main", "pubmed") == {"1": 1, "2": 2}
    assert store.found_by("nothing", "pubmed") == {}
    assert [(s.record, s.event, s.reason) for s in store.sightings_of_run(1)] == [
        (1, "appeared", "first search"),
        (2, "appeared", "first search"),
        (2, "disappeared", "withdrawn by the source"),
        (2, "appeared", "strategy edited"),
    ]
    assert store.sightings_of_run(2) == []
    assert store.sightings_of_run(1)[0] == Sighting(
        1, "appeared", "first search", "main", store.sightings_of_run(1)[1].at, number, "pubmed"
    )

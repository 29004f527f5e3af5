"""An old run asked again: what is compared, what has drifted, why, and what is left behind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import Clock, Ledger, Shelf, sweep
from stores import answer

from db.errors import WrongUse
from db.facts import Search
from db.record import Record
from db.store import Store
from harvest.progress import Quiet
from harvest.reproduction import Repeated, Reproduction, reproduce


@pytest.fixture
def clock():
    return Clock("2020-06-01T08:00:00.000Z")


@pytest.fixture
def store(tmp_path, clock):
    with Store.open(tmp_path / "review.db", now=clock) as opened:
        yield opened


@pytest.fixture
def ledger(store, clock):
    """Twenty records, all found in run 1; then years pass."""
    ledger = Ledger()
    ledger.put(*(f"{number:02}" for number in range(20)), created="2015-01-01")
    sweep(store, ledger)
    clock.at = "2026-01-01T08:00:00.000Z"
    return ledger


def again(store, ledger, run=1, only=()):
    return reproduce(store, run, lambda _name: ledger, Quiet(), only)


def one(store, ledger, run=1):
    (search,) = again(store, ledger, run).searches
    return search


def causes(drifted):
    return {each.key: each.cause for each in drifted}


def test_nothing_has_changed(store, ledger):
    ledger.put("new", created="2021-05-05")  # came later: not held then
    done = again(store, ledger)
    (search,) = done.searches
    assert (search.state, search.as_of) == ("asked", "2020-06-01")
    assert (search.then, search.now, search.today, search.drift, search.within) == (20, 20, 21, 0.0, True)
    assert (search.added, search.vanished, done.exit_code) == ((), (), 0)


def test_it_writes_one_note_and_nothing_else(store, ledger):
    def rows():
        tables = ("run", "fetch", "page", "record", "revision", "sighting", "tally", "event")
        return {table: store._value(f"SELECT count(*) FROM {table}") for table in tables}

    before = rows()
    again(store, ledger)
    assert rows() == before | {"event": before["event"] + 1}
    (said,) = store.last_note("reproduced")["searches"]
    assert (said["name"], said["then"], said["drift_percent"], said["within_10_percent"]) == (
        "main",
        20,
        0.0,
        True,
    )
    assert ledger.asked == [f"{number:02}" for number in range(20)]  # no record was fetched again


def test_what_drifts_is_named_with_its_likely_cause(store, ledger):
    ledger.put("late", created="2019-01-01")
    del ledger.items["00"]
    ledger.queries["all"] = [key for key in ledger.items if key != "01"]
    ledger.put("02", created="2024-01-01")  # its date was changed
    search = one(store, ledger)
    assert causes(search.added) == {
        "late": "held then by its own date, and matching only since: indexed or changed"
    }
    assert causes(search.vanished) == {
        "00": "withdrawn by the source",
        "01": "no longer matching",
        "02": "still matching, but dated later now",
    }
    assert [each.title for each in search.vanished] == ["Trial 00", "Trial 01", "Trial 02"]
    assert (search.then, search.now, search.drift, search.within) == (20, 18, -10.0, True)


def test_what_a_later_run_found_says_since_when(store, ledger):
    ledger.put("late", created="2019-01-01")
    sweep(store, ledger)
    search = one(store, ledger)
    assert causes(search.added) == {"late": "found since run 2 (newly matching)"}
    assert search.added[0].title == "Trial late"
    assert one(store, ledger, run=2).added == ()


def test_a_drift_over_ten_percent_is_exit_4(store, ledger):
    del ledger.items["00"], ledger.items["01"]
    assert again(store, ledger).exit_code == 0
    del ledger.items["02"]
    done = again(store, ledger)
    assert (done.searches[0].drift, done.exit_code) == (-15.0, 4)
    assert done.to_dict()["searches"][0]["within_10_percent"] is False
    json.dumps(done.to_dict())


def test_a_source_that_cannot_go_back_is_asked_for_all_of_today(store, ledger):
    ledger.dated = False
    ledger.put("new", created="2021-05-05")
    search = one(store, ledger)
    assert (search.as_of, search.now, search.today) == ("", 21, None)
    assert causes(search.added)["new"].startswith("new in the source, or matching only since")


def test_a_source_that_does_not_count_is_compared_all_the_same(store, clock):
    shelf = Shelf()
    shelf.put("1", "2")
    sweep(store, shelf)
    del shelf.items["2"]
    search = one(store, shelf)
    assert (search.then, search.now, causes(search.vanished)) == (2, 1, {"2": "not asked about"})


def test_a_string_that_is_read_differently_is_shown(store, ledger):
    store._write("UPDATE fetch SET translation = 'sepsis[mh]'")
    search = one(store, ledger)
    assert (search.reading_then, search.reading_now) == ("sepsis[mh]", "<all>")


def test_a_vanished_record_that_cannot_be_asked_about_is_not_called_withdrawn(store, ledger):
    del ledger.items["00"]
    ledger.refused.add("key=00")
    assert causes(one(store, ledger).vanished)["00"].startswith("not known: The shelf does not understand")


def test_a_wording_of_then_is_asked_and_not_that_of_today(store, ledger):
    ledger.queries["other"] = ["05"]
    sweep(store, ledger, query="other")
    assert one(store, ledger).now == 20
    assert one(store, ledger, run=2).now == 1


def test_a_source_that_refuses_is_an_outcome(store, ledger):
    ledger.refused.add("all until 2020-06-01")
    done = again(store, ledger)
    assert (done.searches[0].state, done.exit_code) == ("failed", 3)
    assert "does not understand" in done.searches[0].failure

    def gone(_name):
        raise WrongUse("There is no source 'ledger'.")

    assert reproduce(store, 1, gone, Quiet()).searches[0].failure == "There is no source 'ledger'."


def test_what_was_not_complete_then_is_said_and_not_compared(store, ledger):
    ledger.claims = 3
    sweep(store, ledger, "second")
    ledger.claims = 0
    done = again(store, ledger, run=2)
    assert (done.searches[0].state, done.exit_code) == ("not complete", 0)


def test_a_listing_that_is_damaged_is_exit_4(store, ledger):
    store._db.execute("DROP TRIGGER page_refuses_update")
    store._db.execute("UPDATE page SET body = x'00' WHERE id = 1")
    done = again(store, ledger)
    assert (done.searches[0].state, done.exit_code) == ("damaged", 4)


def test_a_file_is_proved_instead(store):
    fetch = store.begin_fetch(
        store.begin_run("add", "test"), store.search_id(Search("e", "file:embase", "e.ris"))
    )
    with store.writing():
        store.add_records(store.add_page(fetch.id, answer("file")), "ris 1", [Record("file:embase", "1")])
    store.move_fetch(fetch.id, "complete", promised=1, listed=1, stored=1)
    done = again(store, None)
    assert [(s.state, s.then, s.now) for s in done.searches] == [("file", 1, 1)]
    assert done.exit_code == 0
    store._db.execute("DROP TRIGGER page_refuses_update")
    store._db.execute("UPDATE page SET sha256 = 'ab'")
    done = again(store, None)
    assert (done.searches[0].state, done.exit_code) == ("damaged", 4)
    assert "restore a backup" in done.searches[0].failure


def test_a_run_that_is_not_there_or_asked_nothing_is_wrong_use(store, ledger):
    with pytest.raises(WrongUse, match=r"There is no run 7; they are 1 to 1\."):
        again(store, ledger, run=7)
    with pytest.raises(WrongUse, match=r"Run 1 has no search other; it has main\."):
        again(store, ledger, only=["other"])
    store.begin_run("run", "test")
    with pytest.raises(WrongUse, match=r"Run 2 asked nothing\."):
        again(store, ledger, run=2)


def test_a_run_that_was_cut_off_names_the_one_that_went_on(store, ledger):
    cut = store.begin_run("run", "test")
    fetch = store.begin_fetch(cut, store.search_id(Search("main", "shelf", "x")))
    store.adopt_fetch(fetch.id, store.begin_run("run", "test"))
    with pytest.raises(
        WrongUse, match=rf"Run {cut} was cut off, and run {cut + 1} went on with it: `harvest repro"
    ):
        again(store, ledger, run=cut)


def test_many_vanished_records_are_not_all_asked_about(store, clock):
    ledger = Ledger()
    ledger.put(*(f"{number:02}" for number in range(40)), created="2015-01-01")
    sweep(store, ledger)
    ledger.items.clear()
    ledger.put("x", created="2015-01-01")
    search = one(store, ledger)
    assert sorted(causes(search.vanished).values()).count("withdrawn by the source") == 25
    assert len(search.vanished) == 40


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_within_is_exactly_ten_percent_of_the_number_then(then, now):
    search = Repeated("s", "pubmed", "asked", then=then, now=now)
    assert search.within == (10 * abs(now - then) <= then)
    assert Reproduction(1, "2020", (search,)).exit_code == (0 if search.within else 4)
    told = search.to_dict()
    assert (told["drift_percent"] is None) == (then == 0 != now)

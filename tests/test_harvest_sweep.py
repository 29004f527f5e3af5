"""One search after another: what is asked for, what is kept, why a record is new, how a cut-off run goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import Clock, Shelf, sweep

from db.store import Store


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store.open(tmp_path / "review.db", now=clock) as opened:
        yield opened


@pytest.fixture
def shelf():
    shelf = Shelf()
    shelf.put("1", "2", "3", "4", "5", stamp="2025-12-01")
    return shelf


def sightings(store):
    return [(s.search, s.event, s.reason) for run in store.runs() for s in store.sightings_of_run(run[0])]


def states(store):
    return [fetch.state for run in reversed(store.runs()) for _, _, fetch in store.fetches_of_run(run[0])]


# -- reasons -------------------------------------------------------------------------------------------


def test_the_first_search_explains_everything_it_finds(store, shelf):
    outcome = sweep(store, shelf)
    assert dict(outcome.appeared) == {"first search": 5}
    assert (outcome.matched, outcome.new, outcome.fetched, outcome.exit_code) == (5, 5, 5, 0)


def test_a_search_that_came_later_was_added(store, shelf, clock):
    sweep(store, shelf)
    clock.at = "2026-01-02T08:00:00.000Z"
    outcome = sweep(store, shelf, "second")
    assert dict(outcome.appeared) == {"source added": 5}
    assert (outcome.new, outcome.fetched) == (0, 0)  # what the other search brought is not asked for again


def test_two_searches_of_the_first_run_are_both_first(store, shelf):
    for name in ("main", "second"):
        assert dict(sweep(store, shelf, name).appeared) == {"first search": 5}
    assert shelf.asked == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(("created", "edited", "reason"), [
    ("2026-02-03", False, "new in the source"), ("2025-12-31", False, "new in the source"), ("2025-12-30", False, "newly matching"),
    ("", False, "newly matching"), ("2026-02", False, "new in the source"), ("2026-02-03", True, "new in the source"),
    ("1999-05-01", True, "strategy edited"), ("long ago", False, "newly matching"), ("long ago, it is said", True, "strategy edited"),
])  # fmt: skip
def test_what_appears_later_is_new_or_matches_newly_or_was_asked_for_otherwise(
    store, shelf, clock, created, edited, reason
):
    sweep(store, shelf)
    clock.at = "2026-03-01T08:00:00.000Z"
    shelf.put("6", created=created)
    if edited:
        shelf.queries["all"] = ["1", "2", "3", "4", "5"]
    outcome = sweep(store, shelf, query="all of them" if edited else "all")
    assert dict(outcome.appeared) == {reason: 1}


def test_what_the_wording_before_finds_today_as_well_is_not_the_doing_of_an_edit(store, shelf, clock):
    shelf.queries |= {"old": ["1", "2", "3"], "new": ["2", "4", "5"]}
    sweep(store, shelf, query="old")
    clock.at = "2026-03-01T08:00:00.000Z"
    shelf.queries["old"] = ["2", "3", "4"]  # 4 was indexed late, 1 was reworded; 3 and 5 are the edit's
    outcome = sweep(store, shelf, query="new")
    assert dict(outcome.appeared) == {"newly matching": 1, "strategy edited": 1}
    assert dict(outcome.disappeared) == {"no longer matching": 1, "strategy edited": 1}
    said = store.last_note("old wording asked")
    assert (said["finds"], said["of"]) == (3, ["3", "4"])
    assert store.last_complete("main", "shelf").search_id == store.newest_wording("main", "shelf") == 2


def test_an_old_wording_that_is_refused_today_stops_nothing(store, shelf, clock):
    shelf.queries |= {"old": ["1", "2"], "new": ["2", "3"]}
    sweep(store, shelf, query="old")
    shelf.refused.add("old")
    outcome = sweep(store, shelf, query="new")
    assert (outcome.state, dict(outcome.appeared)) == ("complete", {"strategy edited": 1})
    assert dict(outcome.disappeared) == {"no longer matching": 1}


def test_a_known_record_that_matches_newly_is_seen_and_not_fetched(store, shelf):
    shelf.queries["some"] = ["1", "2"]
    sweep(store, shelf, "wide")
    sweep(store, shelf, "narrow", "some")
    asked = len(shelf.asked)
    shelf.queries["some"] = ["1", "2", "3"]
    assert dict(sweep(store, shelf, "narrow", "some").appeared) == {"newly matching": 1}
    assert len(shelf.asked) == asked


def test_what_disappears_matches_no_longer_or_was_withdrawn(store, shelf):
    shelf.queries["all"] = ["1", "2", "3", "4", "5"]
    sweep(store, shelf)
    shelf.queries["all"] = ["1", "2", "3"]
    del shelf.items["5"]
    outcome = sweep(store, shelf)
    assert dict(outcome.disappeared) == {"no longer matching": 1, "withdrawn by the source": 1}
    assert shelf.asked[5:] == ["4", "5"]
    assert store.found_by("main", "shelf").keys() == {"1", "2", "3"}
    assert not sweep(store, shelf).disappeared  # told once
    shelf.queries["all"] = ["1", "2", "3", "4"]
    assert dict(sweep(store, shelf).appeared) == {"newly matching": 1}


def test_the_other_search_keeps_what_one_no_longer_finds(store, shelf):
    shelf.queries["some"] = ["1", "2"]
    sweep(store, shelf, "main")
    sweep(store, shelf, "second", "some")
    shelf.queries["some"] = ["1"]
    assert sweep(store, shelf, "second", "some").no_longer == 1
    assert "2" in store.found_by("main", "shelf")
    assert "2" not in store.found_by("second", "shelf")


# -- changes -------------------------------------------------------------------------------------------


def test_only_what_bears_another_stamp_is_fetched_again(store, shelf):
    sweep(store, shelf)
    shelf.put("3", title="Another title", stamp="2026-01-05")
    outcome = sweep(store, shelf)
    assert (outcome.changed, outcome.new, shelf.asked[5:]) == (1, 0, ["3"])
    shelf.put("3", title="Another title", stamp="2026-01-06")  # touched, and nothing is different
    assert sweep(store, shelf).changed == 1  # the stamp itself is part of what the source says
    assert sweep(store, shelf).fetched == 0


def test_back_again_is_one_more_change(store, shelf):
    sweep(store, shelf)
    for title, stamp in (("B", "2026-01-05"), ("Trial 3", "2025-12-01")):
        shelf.put("3", title=title, stamp=stamp)
        assert sweep(store, shelf).changed == 1
    assert [r.title for r in store.revisions(store.keys("shelf")["3"])] == ["Trial 3", "B", "Trial 3"]


def test_a_source_that_lists_no_stamps_is_asked_what_it_touched(store, shelf):
    shelf.stamped = False
    assert sweep(store, shelf).changed == 0
    shelf.put("2", title="B", stamp="2026-01-05")
    outcome = sweep(store, shelf)
    assert outcome.changed == 1
    assert shelf.since == ["", "2025-12-01"]


def test_a_change_that_a_failed_run_did_not_bring_is_not_lost(store, shelf, clock):
    shelf.stamped = False
    sweep(store, shelf)
    clock.at = "2026-01-20T08:00:00.000Z"
    shelf.put("5", title="Old news", stamp="2026-01-05")
    shelf.put("1", title="Fresh news", stamp="2026-01-19")
    shelf.size, shelf.dies_after = 1, 7  # five pages of listing, one of changes, and the first of records
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    assert store.record(store.keys("shelf")["1"]).title == "Fresh news"
    clock.at = "2026-01-22T08:00:00.000Z"  # too late to go on: the listing begins anew
    sweep(store, shelf)
    assert store.record(store.keys("shelf")["5"]).title == "Old news"


def test_a_first_search_that_failed_twice_loses_no_change_either(store, shelf, clock):
    shelf.stamped, shelf.size, shelf.dies_after = False, 1, 6
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    assert list(store.keys("shelf")) == ["1"]
    clock.at = "2026-01-20T08:00:00.000Z"
    shelf.put("1", title="Changed", stamp="2026-01-05")
    shelf.put("2", stamp="2026-01-19")
    shelf.queries["all"] = ["2", "1", "3", "4", "5"]
    shelf.dies_after = 7  # 2 is fetched, 1 is not
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    clock.at = "2026-01-30T08:00:00.000Z"
    sweep(store, shelf)
    assert store.record(store.keys("shelf")["1"]).title == "Changed"
    assert shelf.since[-1] <= "2026-01-05"


# -- going on ------------------------------------------------------------------------------------------


@given(st.integers(0, 9), st.booleans())
def test_cut_after_any_answer_nothing_is_lost_and_nothing_doubled(tmp_path_factory, answers, stamped):
    shelf = Shelf(stamped=stamped, size=2)
    shelf.put(*"1234567", stamp="2025-12-01")
    with Store.open(tmp_path_factory.mktemp("cut") / "review.db", now=Clock()) as store:
        shelf.dies_after = answers
        try:
            sweep(store, shelf)
        except KeyboardInterrupt:
            shelf.dies_after = None
            outcome = sweep(store, shelf)
            assert outcome.resumed
            assert outcome.state == "complete"
        assert store.keys("shelf").keys() == set("1234567") == store.found_by("main", "shelf").keys()
        assert sorted(shelf.asked) == list("1234567")
        assert [s[1:] for s in sightings(store)] == [("appeared", "first search")] * 7


def test_within_a_day_a_listing_goes_on_and_after_it_begins_anew(store, shelf, clock):
    for later, resumed, ends in (
        ("2026-01-02T07:59:59.000Z", True, ["complete"]),
        ("2026-02-02T08:00:01.000Z", False, ["abandoned", "complete"]),
    ):
        shelf.dies_after = 1
        with pytest.raises(KeyboardInterrupt):
            sweep(store, shelf)
        shelf.dies_after = None
        clock.at = later
        outcome = sweep(store, shelf)
        assert outcome.resumed is resumed
        assert states(store)[-len(ends) :] == ends
        clock.at = "2026-02-01T08:00:00.000Z"


def test_a_clock_that_went_back_begins_anew(store, shelf, clock):
    shelf.dies_after = 1
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    clock.at = "2025-06-01T08:00:00.000Z"
    assert not sweep(store, shelf).resumed
    assert states(store) == ["abandoned", "complete"]


def test_another_wording_does_not_go_on_where_the_old_one_stopped(store, shelf):
    shelf.dies_after = 1
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    assert not sweep(store, shelf, query="all of them").resumed
    assert states(store) == ["abandoned", "complete"]


def test_what_was_missing_before_a_cut_is_not_taken_for_withdrawn_or_found(store, shelf):
    sweep(store, shelf)
    del shelf.items["5"]
    shelf.queries["all"] = ["1", "2"]
    del shelf.items["3"]
    shelf.dies_after = 2  # the listing, and a first page of what is gone: 3 is withdrawn, 4 is not
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    assert dict(sweep(store, shelf).disappeared) == {"no longer matching": 1, "withdrawn by the source": 2}


def test_a_source_that_forgets_the_place_is_listed_anew_and_not_for_ever(store, shelf):
    shelf.forgets = 2
    outcome = sweep(store, shelf)
    assert (outcome.matched, outcome.state) == (5, "complete")
    assert states(store) == ["abandoned", "abandoned", "complete"]
    shelf.forgets = 3
    failed = sweep(store, shelf)
    assert (failed.state, failed.exit_code) == ("failed", 3)
    assert "forgot the place" in failed.failure


# -- proof ---------------------------------------------------------------------------------------------


def test_a_promise_that_is_not_kept_is_told_with_both_numbers(store, shelf):
    shelf.claims = 2
    outcome = sweep(store, shelf)
    assert (outcome.state, outcome.exit_code, outcome.new) == ("failed", 4, 0)
    assert "says that 7 records match, but lists 5" in outcome.failure


def test_what_was_not_delivered_is_named_and_asked_for_again(store, shelf):
    shelf.put("6", "7", "8")
    shelf.lost = {"1", "2", "3", "4", "5", "6"}
    outcome = sweep(store, shelf)
    assert (outcome.exit_code, outcome.new, outcome.missing) == (4, 2, ("1", "2", "3", "4", "5", "6"))
    assert "6 of 8 listed records were not delivered: 1, 2, 3, 4, 5 and 1 more." in outcome.failure
    shelf.lost = {"1"}
    assert "1 of 8 listed records were not delivered: 1." in sweep(store, shelf).failure
    shelf.lost = set()
    assert sweep(store, shelf).state == "complete"
    assert sightings(store).count(("main", "appeared", "first search")) == 8


def test_an_answer_that_is_none_is_kept_and_stops_the_search(store, shelf):
    shelf.garbled = True
    outcome = sweep(store, shelf)
    assert (outcome.state, outcome.exit_code) == ("failed", 3)
    assert store.body(1) == b"\x00nonsense"
    assert states(store) == ["failed"]
    shelf.garbled = False
    assert sweep(store, shelf).state == "complete"


def test_a_record_that_cannot_be_read_is_named_and_all_others_are_kept(store, shelf):
    shelf.put("3", broken=True)
    outcome = sweep(store, shelf)
    assert (outcome.state, outcome.exit_code, outcome.new, outcome.unreadable) == ("complete", 3, 4, 1)
    assert outcome.reported == ("3: It has no title: it is kept as it came.",)
    shelf.put("3")
    healed = sweep(store, shelf)
    assert (healed.new, healed.exit_code, healed.reported) == (1, 0, ())


def test_what_could_not_be_read_before_a_cut_is_told_by_the_run_that_ends_it(store, shelf):
    shelf.put("1", broken=True)
    shelf.dies_after = 4  # the listing, and the first page of records
    with pytest.raises(KeyboardInterrupt):
        sweep(store, shelf)
    shelf.dies_after = None
    outcome = sweep(store, shelf)
    assert (outcome.reported, outcome.exit_code) == (("1: It has no title: it is kept as it came.",), 3)


def test_an_empty_answer_is_a_whole_one(store, shelf):
    shelf.items.clear()
    outcome = sweep(store, shelf)
    assert (outcome.state, outcome.matched, outcome.exit_code) == ("complete", 0, 0)

"""Why a record is found now and was not found before."""

from __future__ import annotations

from datetime import date

import pytest
from shelf import Clock, Shelf, sweep
from stores import SEARCH, answer, article, begun, opened

from db.facts import Search
from db.store import Store
from harvest.progress import Quiet
from harvest.sweep import Sweep
from harvest.why import Why, edits, news

EDITED = Search("main", "pubmed", "sepsis OR septic")
LISTED = date(2026, 11, 22)


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        yield store


def why(**said):
    return Why(**{"first": False, "added_later": False, "edited": False, "last_listed": LISTED, **said})


def created(day, name="created"):
    return article("1", dates={name: day} if day else {})


@pytest.mark.parametrize(("context", "record", "reason"), [
    (why(first=True, last_listed=None), created("2026-12-01"), "first search"),
    (why(first=True, last_listed=None, added_later=True), created("1999"), "source added"),
    (why(), created("2026-11-23"), "new in the source"),
    (why(), created("2026-11-22"), "new in the source"),
    (why(), created("2026-11-21T23:59:00Z"), "new in the source"),  # sources know no time zones: a day more
    (why(), created("2026-11-20"), "newly matching"),
    (why(edited=True), created("2026-11-23"), "new in the source"),
    (why(edited=True), created("2026-11-20"), "strategy edited"),
    (why(added_later=True), created("2020-01-01"), "newly matching"),
    (why(), created("2026-12", "first_posted"), "new in the source"),
    (why(), created("2026-11", "first_posted"), "newly matching"),
    (why(), article("1", dates={"first_posted": "2020-01-01", "created": "2026-11-23"}), "newly matching"),
    (why(), created(""), "newly matching"),
    (why(), created("2027"), "newly matching"),
    (why(), created("last spring, they say"), "newly matching"),
    (why(edited=True), created("2026-13-45"), "strategy edited"),
    (why(last_listed=date(2024, 3, 1)), created("2024-02-29"), "new in the source"),
])  # fmt: skip
def test_every_rule(context, record, reason):
    assert context.appeared(record) == reason


def test_what_the_old_wording_finds_today_is_not_new_because_of_the_edit():
    context = why(edited=True, old_finds=frozenset({"1"}))
    assert context.appeared(created("2020-01-01")) == "newly matching"
    assert context.appeared(article("2", dates={"created": "2020-01-01"})) == "strategy edited"
    assert context.appeared(created("2026-11-23")) == "new in the source"
    assert context.gone("1", withdrawn=False) == "strategy edited"
    assert context.gone("2", withdrawn=False) == "no longer matching"
    assert context.gone("1", withdrawn=True) == "withdrawn by the source"
    assert why(edited=True).gone("1", withdrawn=False) == "no longer matching"


def complete(store, search=SEARCH):
    number = begun(store, search)
    store.add_page(number, answer("list"))
    store.move_fetch(number, "complete")


def before(store, search=SEARCH):
    return Why.before(store, search, store.search_id(search))


def test_a_search_that_never_came_to_its_end_is_a_first_one(store):
    assert before(store) == Why(first=True, added_later=False, edited=False, last_listed=None)
    store.fail_fetch(begun(store), "no answer")
    assert before(store).first


def test_a_search_that_was_complete(store):
    complete(store)
    assert before(store) == Why(first=False, added_later=False, edited=False, last_listed=LISTED)


def test_a_search_with_another_wording(store):
    complete(store)
    assert before(store, EDITED).edited
    complete(store, EDITED)
    assert not before(store, EDITED).edited
    assert before(store, SEARCH).edited  # and back again is one more edit


def test_a_search_that_came_after_another_was_complete(store):
    complete(store)
    late = Search("late", "clinicaltrials", "sepsis")
    assert before(store, late) == Why(first=True, added_later=True, edited=False, last_listed=None)


# -- the evidence --------------------------------------------------------------------------------------


class TestEvidence:
    """What a run tells of each record: its title, and the days on which the reason rests."""

    @pytest.fixture
    def clock(self):
        return Clock("2016-01-13T09:00:00.000Z")

    @pytest.fixture
    def reviewed(self, tmp_path, clock):
        with Store.open(tmp_path / "years.db", now=clock) as store:
            yield store

    @pytest.fixture
    def shelf(self):
        shelf = Shelf()
        shelf.put("1", "2", "3", "4", created="2015-02-03")
        shelf.queries |= {"old": ["1", "2", "3"], "new": ["2", "3", "4"]}
        return shelf

    def told(self, store, run):
        return {n.key: (n.event, n.reason, n.because) for n in news(store, run)}

    def test_the_first_run_needs_none(self, reviewed, shelf):
        sweep(reviewed, shelf, query="old")
        assert self.told(reviewed, 1)["1"] == ("appeared", "first search", "")
        assert edits(reviewed, 1) == ()
        assert [n.title for n in news(reviewed, 1)] == ["Trial 1", "Trial 2", "Trial 3"]

    def test_an_update_after_years(self, reviewed, shelf, clock):
        sweep(reviewed, shelf, query="old")
        clock.at = "2026-01-13T09:00:00.000Z"
        shelf.put("new", created="2020-05-06")
        shelf.put("late", created="1999-01-02", stamp="2018-07-08")
        shelf.put("undated", created="")
        del shelf.items["1"]
        shelf.put("2", created="2015-02-03", stamp="2017-01-01")
        shelf.queries["old"] = ["3", "new", "late", "undated"]
        sweep(reviewed, shelf, query="old")
        assert self.told(reviewed, 2) == {
            "new": ("appeared", "new in the source", "there since 2020-05-06; listed before on 2016-01-13"),
            "late": (
                "appeared", "newly matching",
                "there since 1999-01-02; not listed on 2016-01-13; last changed there 2018-07-08",
            ),
            "undated": (
                "appeared", "newly matching",
                "the source does not say since when it holds it; not listed on 2016-01-13",
            ),
            "1": (
                "disappeared", "withdrawn by the source",
                "asked for by its key on 2026-01-13 and not delivered; listed on 2016-01-13",
            ),
            "2": (
                "disappeared", "no longer matching",
                "still in the source on 2026-01-13; listed on 2016-01-13; last changed there 2017-01-01",
            ),
        }  # fmt: skip

    def test_an_edited_strategy_is_shown_line_by_line(self, reviewed, shelf, clock):
        for day, query, stored in (("2016", "old", b"1. a\n2. b\n"), ("2026", "new", b"1. a\n2. c\n")):
            clock.at = f"{day}-01-13T09:00:00.000Z"
            run = reviewed.begin_run("run", "test")
            Sweep(reviewed, shelf, Search("main", "shelf", query, stored), run, Quiet()).run()
        assert self.told(reviewed, 2) == {
            "4": (
                "appeared",
                "strategy edited",
                "there since 2015-02-03; the wording of 2016-01-13 did not find it",
            ),
            "1": ("disappeared", "strategy edited", "the wording of 2016-01-13 still finds it on 2026-01-13"),
        }
        (edit,) = edits(reviewed, 2)
        assert (edit.search, edit.run, edit.day) == ("main", 1, "2016-01-13")
        assert edit.difference.splitlines()[-2:] == ["-2. b", "+2. c"]

    def test_a_source_added_later(self, reviewed, shelf, clock):
        sweep(reviewed, shelf, query="old")
        clock.at = "2017-01-13T09:00:00.000Z"
        sweep(reviewed, shelf, "second", query="new")
        assert self.told(reviewed, 2)["4"] == ("appeared", "source added", "")

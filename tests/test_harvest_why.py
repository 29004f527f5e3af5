"""Why a record is found now and was not found before."""

from __future__ import annotations

from datetime import date

import pytest
from stores import SEARCH, answer, article, begun, opened

from db.facts import Search
from harvest.why import Why

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

"""Included records that a search has lost: at which stage, where they are still found, and when the alarm ends."""

from __future__ import annotations

import pytest
from reviews import write
from screenings import designed
from shelf import Clock, Shelf, sweep

from db.opinion import Decision
from db.store import Store
from dedupe.steps import deduplicate
from harvest.losses import lost_includes, still_lost

TITLE, FULL = "title and abstract", "full text"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db", now=Clock()) as opened:
        yield opened


@pytest.fixture
def shelf(store):
    shelf = Shelf()
    for key, title in {"1": "Massage of infants in Oslo", "2": "Video feedback in Lima"}.items():
        shelf.put(key, title=title)
    sweep(store, shelf)
    deduplicate(store)
    return shelf


@pytest.fixture
def project(tmp_path):
    write(tmp_path / "review")
    return designed(tmp_path / "review", 'reviewers = ["ana", "ben"]\nper_record = 1\n')


def vote(store, verdict, stage=TITLE, reviewer="ana", record=1):
    store.add_decisions([Decision(record, stage, reviewer, verdict)])


def lose(store, shelf):
    shelf.queries["all"] = ["2"]
    sweep(store, shelf)


@pytest.mark.parametrize(("votes", "stage"), [
    ([("include", TITLE, "ana")], TITLE),
    ([("include", TITLE, "ana"), ("exclude", TITLE, "ben")], TITLE),
    ([("include", TITLE, "ana"), ("include", FULL, "ana")], FULL),
    ([("include", FULL, "ana"), ("exclude", FULL, "ben")], FULL),
    ([("exclude", TITLE, "ana"), ("include", TITLE, "ana")], TITLE),
    ([], None),
    ([("exclude", TITLE, "ana")], None),
    ([("unsure", TITLE, "ana")], None),
    ([("include", TITLE, "ana"), ("exclude", TITLE, "ana")], None),
    ([("include", TITLE, "ana"), ("exclude", FULL, "ana"), ("exclude", FULL, "ben")], None),
])  # fmt: skip
def test_who_counts_as_included(store, project, shelf, votes, stage):
    for verdict, at, reviewer in votes:
        vote(store, verdict, at, reviewer)
    lose(store, shelf)
    expected = f"H000001 Massage of infants in Oslo (main: no longer matching; included at {stage})"
    assert lost_includes(store, project, 2) == still_lost(store, project) == ((expected,) if stage else ())


def test_where_it_is_still_found_is_said(store, project, shelf):
    vote(store, "include")
    sweep(store, shelf, "second", "everything")
    lose(store, shelf)
    assert lost_includes(store, project, 3)[0].endswith(
        "; included at title and abstract; still found by second)"
    )


def test_the_alarm_of_a_run_is_its_own_and_that_of_the_review_stays_until_it_is_found_again(
    store, project, shelf
):
    vote(store, "include")
    lose(store, shelf)
    sweep(store, shelf)
    assert lost_includes(store, project, 3) == ()
    assert len(still_lost(store, project)) == 1
    del shelf.queries["all"]
    sweep(store, shelf)
    assert still_lost(store, project) == ()


def test_an_include_on_a_duplicate_counts(store, project, shelf):
    vote(store, "include", record=2)
    store.set_membership({1: (1, 1), 2: (1, 1)})
    lose(store, shelf)
    assert lost_includes(store, project, 2)[0].startswith("H000001 ")
    assert (
        "still found by" not in lost_includes(store, project, 2)[0]
    )  # the search itself finds the duplicate only


def test_no_alarm_says_what_one_has_said_while_the_other_has_yet_to_judge_alone(
    tmp_path, store, project, shelf
):
    two = designed(tmp_path / "review", 'reviewers = ["ana", "ben"]\nper_record = 2\n')
    vote(store, "include")
    lose(store, shelf)
    assert still_lost(store, two) == ()
    vote(store, "exclude", reviewer="ben")
    assert len(still_lost(store, two)) == len(still_lost(store, project)) == 1

"""The pilot: drawn by lot, read first by everybody, told of when all have read it."""

from __future__ import annotations

import pytest
from reviews import harvest, rows, told
from screenings import FULL_TEXT, TITLE, both, designed, screening, vote
from stores import opened

from db.errors import WrongUse
from harvest.pilot import draw, rounds
from harvest.project import load
from harvest.screening import states
from harvest.voting import decide
from harvest.waiting import waiting_for

TEAM = 'reviewers = ["ana", "ben", "dee"]\nper_record = 2\narbiter = "cleo"\n'


@pytest.fixture
def folder(tmp_path):
    return screening(tmp_path / "review", TEAM)


@pytest.fixture
def project(folder):
    return load(folder, environ={})


@pytest.fixture
def store(folder):
    with opened(folder / "review.db") as store:
        yield store


def test_everybody_reads_the_same_random_reports_first(store, project):
    vote(store, 5, "include", "ana")
    drawn = draw(store, project, 4, "cleo")
    assert len(set(drawn.reports)) == 4
    assert 5 not in drawn.reports
    for reviewer in project.reviewers:
        assert waiting_for(store, project, reviewer)[:4] == drawn.reports
    for reviewer in ("ana", "ben"):
        decide(store, project, f"H{drawn.reports[0]}", "include", reviewer)
    assert states(store, project)[drawn.reports[0]].outcome == "open"  # all three read it
    assert waiting_for(store, project, "dee")[0] == drawn.reports[0]


def test_the_draw_can_be_made_again_and_a_second_round_is_another_one(store, project):
    planned = draw(store, project, 4, "cleo", dry_run=True)
    assert store.pilots(TITLE) == []
    first, second = draw(store, project, 4, "cleo"), draw(store, project, 4, "cleo")
    assert first.reports == planned.reports
    assert not set(first.reports) & set(second.reports)
    with pytest.raises(WrongUse, match=r"^4 reports at title and abstract have no vote"):
        draw(store, project, 5, "cleo")


def test_how_far_it_has_come_tells_no_verdict_before_all_are_given(store, project):
    (one, two) = draw(store, project, 2, "cleo").reports
    for reviewer, verdict in (("ana", "include"), ("ben", "exclude")):
        decide(store, project, f"H{one}", verdict, reviewer)
    (round_,) = rounds(store, project)
    assert (round_.read, round_.settled, round_.conflicts) == ({"ana": 1, "ben": 1, "dee": 0}, 0, 0)
    decide(store, project, f"H{one}", "include", "dee")
    for reviewer in project.reviewers:
        decide(store, project, f"H{two}", "exclude", reviewer)
    (round_,) = rounds(store, project)
    assert (round_.settled, round_.conflicts, round_.complete) == (2, 1, True)


def test_a_pilot_of_full_texts_is_drawn_from_what_can_be_read(folder, store):
    pair = designed(folder, 'reviewers = ["ana", "ben"]\n')
    both(store, pair, 1, "include", "include")
    assert draw(store, pair, 1, "ana", FULL_TEXT).reports == (1,)
    both(store, pair, 1, "exclude design", "exclude population", FULL_TEXT)
    (round_,) = rounds(store, pair, FULL_TEXT)
    assert (round_.settled, round_.conflicts) == (1, 1)


def test_a_pilot_needs_somebody_who_draws_and_somebody_who_reads(folder, store, project):
    with pytest.raises(WrongUse, match="say --by"):
        draw(store, project, 1, " ")
    with pytest.raises(WrongUse, match="Nobody screens yet"):
        draw(store, designed(folder, "reviewers = []\n"), 1, "cleo")


def test_pilots_at_the_command_line(folder):
    assert "No pilot was drawn yet" in harvest(folder, "pilot", "status").stderr
    names = harvest(folder, "pilot", "draw", 3, "--by", "cleo").stdout.split()
    assert len(names) == 3
    for name in names:
        for reviewer in ("ana", "ben", "dee"):
            harvest(folder, "decide", name, "include", "--reviewer", reviewer)
    (round_,) = told(folder, "pilot", "status")
    assert (round_["reports"], round_["complete"], round_["seed"]) == (3, True, 1)
    assert "harvest report agreement" in harvest(folder, "pilot", "status").stderr
    assert told(folder, "pilot", "draw", 1, "--by", "cleo", "--dry-run")["by"] == "cleo"
    assert rows(folder, "SELECT count(*) FROM pilot") == [(1,)]

"""The arbiter: what waits for them, what they settle, and how long that holds."""

from __future__ import annotations

import pytest
from reviews import harvest, rows, told
from screenings import DESIGN, FULL_TEXT, TITLE, both, designed, screening, vote
from stores import opened

from db.errors import WrongUse
from harvest.project import load
from harvest.resolving import cases, resolve
from harvest.screening import states
from harvest.voting import decide


@pytest.fixture
def folder(tmp_path):
    return screening(tmp_path / "review")


@pytest.fixture
def project(folder):
    return load(folder, environ={})


@pytest.fixture
def store(folder):
    with opened(folder / "review.db") as store:
        yield store


def test_conflicts_second_looks_and_doubts_wait_with_everything_the_arbiter_needs(store, project):
    decide(store, project, "H1", "include", "ana", note="mothers, too")
    decide(store, project, "H1", "exclude", "ben", "population")
    both(store, project, 2, "unsure", "unsure")
    both(store, project, 3, "include", "include")
    decide(store, project, "H4", "exclude", "ben")  # lacks a vote
    both(store, project, 5, "include", "include")
    both(store, project, 6, "exclude", "include")
    store.set_membership({6: (5, 5)})
    first, second, third = cases(store, project)
    assert [(c.id, c.why) for c in (first, second, third)] == [
        ("H000001", "conflict"), ("H000002", "unsure"), ("H000005", "second look"),
    ]  # fmt: skip
    assert (first.title, first.abstract) == ("A trial of the number 1", "We tried.")
    assert [(v.reviewer, v.verdict, v.reason, v.note) for v in first.votes] == [
        ("ana", "include", "", "mothers, too"), ("ben", "exclude", "population", ""),
    ]  # fmt: skip
    assert [v.record for v in third.votes if v.reviewer == "ana"] == ["H000005", "H000006"]


def test_a_resolution_stands_beside_the_votes_and_holds_while_they_are_the_newest(store, project):
    both(store, project, 1, "include", "exclude")
    said = resolve(store, project, "H1", "include", "cleo", note="see protocol")
    assert (said.votes, said.stage) == ((1, 2), TITLE)
    assert states(store, project)[1].outcome == "include"
    assert [d.verdict for d in store.decisions(TITLE)] == ["include", "exclude"]
    assert cases(store, project) == []
    resolve(store, project, "H1", "exclude", "cleo", "design")  # the arbiter, too, may change their mind
    assert states(store, project)[1].reason == "design"
    decide(store, project, "H1", "unsure", "ben")
    assert [c.id for c in cases(store, project)] == ["H000001"]


def test_a_full_text_is_settled_with_a_reason_at_the_stage_where_it_waits(store, project):
    both(store, project, 1, "include", "include")
    both(store, project, 1, "exclude design", "exclude population", FULL_TEXT)
    with pytest.raises(WrongUse, match="needs its reason"):
        resolve(store, project, "H1", "exclude", "cleo")
    assert resolve(store, project, "H1", "exclude", "cleo", "design").stage == FULL_TEXT
    assert states(store, project, FULL_TEXT)[1].reason == "design"


@pytest.mark.parametrize(
    ("by", "record", "why"),
    [
        ("ana", "H1", "'ana' is not the arbiter of this review: .* names cleo"),
        ("", "H1", "'' is not the arbiter"),
        ("cleo", "H2", "The reviewers agree on H2"),
        ("cleo", "H3", "H3 still lacks a vote at title and abstract"),
        ("cleo", "H4", "Nobody has voted on H4 yet"),
        ("cleo", "H99", "There is no record H99"),
    ],
)
def test_nobody_else_and_nothing_else_is_settled(store, project, by, record, why):
    both(store, project, 1, "include", "exclude")
    both(store, project, 2, "include", "include")
    vote(store, 3, "include", "ana")
    with pytest.raises(WrongUse, match=why):
        resolve(store, project, record, "include", by)
    assert store.resolutions(TITLE) == []


def test_without_an_arbiter_the_sentence_says_where_to_name_one(folder, store):
    alone = designed(folder, DESIGN)
    both(store, alone, 1, "include", "exclude")
    with pytest.raises(WrongUse, match=r"Nobody is to settle conflicts yet: .*arbiter = "):
        resolve(store, alone, "H1", "include", "cleo")
    assert "an arbiter, whom nobody has named" in harvest(folder, "resolve").stderr


def test_settling_at_the_command_line(folder, store, project):
    both(store, project, 1, "include", "exclude design")
    shown = harvest(folder, "resolve").stdout
    assert (
        "H000001  A trial of the number 1\ntitle and abstract: conflict\n  ana include\n  ben exclude (design)"
        in shown
    )
    assert [c["id"] for c in told(folder, "resolve", "--stage", "title-abstract")] == ["H000001"]
    assert told(folder, "resolve", "--stage", "full-text") == []
    (title, _) = told(folder, "status")["stages"]
    assert (title["conflicts"], title["to_resolve"], title["resolved"]) == (1, 1, 0)
    assert "1 report at title and abstract wait" in harvest(folder, "status").stderr
    harvest(folder, "resolve", "H1", "include", "--by", "cleo", "--dry-run")
    assert rows(folder, "SELECT count(*) FROM resolution") == [(0,)]
    said = harvest(folder, "resolve", "H1", "include", "--by", "cleo")
    assert said.stdout == "Noted: cleo settles H000001 at title and abstract: include.\n"
    again = told(folder, "resolve", "H1", "exclude", "--by", "cleo", "--reason", "design")
    assert again == {"id": "H000001", "stage": TITLE, "verdict": "exclude", "reason": "design"}
    assert "Name a record and say" in harvest(folder, "resolve", "H1", code=2).stderr
    assert "is not the arbiter" in harvest(folder, "resolve", "--by", "ben", code=2).stderr

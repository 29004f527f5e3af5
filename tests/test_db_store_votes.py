"""What was said: decisions, files that came back, queues that went out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import TITLE, article, begun, kept, opened, raw

from db.errors import StoreError
from db.opinion import Decision, Pilot, Postponement, Unblinding

VOTE = Decision(1, TITLE, "ana", "exclude", "design", "a letter", "2026-01-02T03:04:05Z")


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        begun(store)
        kept(store, article("1"), article("2"))
        yield store


def test_a_vote_comes_back_as_it_was_given(store):
    assert store.add_decisions([VOTE]) == 1
    assert store.decisions(TITLE) == [VOTE]
    assert store.decisions("full text") == []


def test_a_vote_without_a_time_gets_one(store):
    store.add_decisions([replace(VOTE, at="")])
    assert store.decisions(TITLE)[0].at.startswith("2026-11-22T")


def test_saying_it_again_is_no_new_vote_and_a_change_of_mind_is(store):
    other = replace(VOTE, verdict="include", reason="")
    assert store.add_decisions([VOTE, replace(VOTE, at="later")]) == 1
    assert [store.add_decisions([vote]) for vote in (VOTE, other, other, VOTE)] == [0, 1, 0, 1]
    assert store.add_decisions([replace(VOTE, stage="full text"), replace(VOTE, reviewer="ben")]) == 2
    assert [d.verdict for d in store.decisions(TITLE, "ana")] == ["exclude", "include", "exclude"]
    assert [d.reviewer for d in store.decisions(TITLE)] == ["ana", "ana", "ana", "ben"]


def test_votes_are_kept_all_or_none(store):
    with pytest.raises(StoreError, match="nothing was kept"):
        store.add_decisions([VOTE, replace(VOTE, record=99)])
    with pytest.raises(StoreError, match="CHECK"):
        store.add_decisions([VOTE, replace(VOTE, verdict="perhaps")])
    assert store.decisions(TITLE) == []


def test_the_view_of_votes_shows_each_reviewer_s_newest_on_each_record(store):
    store.add_decisions(
        [VOTE, replace(VOTE, record=2), replace(VOTE, reviewer="ben"), replace(VOTE, stage="full text")]
    )
    store.add_decisions([replace(VOTE, verdict="include", reason="")])
    with raw(store.path) as db:
        rows = db.execute("SELECT record_id, stage, reviewer, verdict FROM vote ORDER BY id").fetchall()
    assert rows == [
        (2, TITLE, "ana", "exclude"), (1, TITLE, "ben", "exclude"), (1, "full text", "ana", "exclude"), (1, TITLE, "ana", "include"),
    ]  # fmt: skip


def test_a_vote_knows_the_file_it_came_in_with(store):
    number = store.add_handover("decisions/ana.csv", "ab" * 32, "ana", 1)
    store.add_decisions([VOTE], number)
    with raw(store.path) as db:
        assert db.execute(
            "SELECT d.record_id, h.path FROM decision d JOIN handover h ON h.id = d.handover_id"
        ).fetchall() == [(1, "decisions/ana.csv")]


def test_a_queue_that_went_out_can_be_replayed(store):
    number = store.add_export("queues/ana.csv", "csv", "ana", TITLE, None, [2, 1], "cd" * 32)
    with raw(store.path) as db:
        assert db.execute("SELECT id, path, reviewer, ranking_id, reports FROM export").fetchall() == [
            (number, "queues/ana.csv", "ana", None, "[2, 1]")
        ]


# -- blind -------------------------------------------------------------------------------------------


PEOPLE = ("ana", "ben", "cy")
REPORT = {1: 1, 2: 1, 3: 3, 4: 4}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(PEOPLE),
            st.integers(1, 4),
            st.sampled_from(["include", "exclude", "unsure", "withdrawn"]),
        ),
        max_size=12,
    )
)
def test_nobody_sees_another_s_vote_before_they_have_voted_themselves(said):
    """Records 1 and 2 are one report: a vote on either is a vote on it."""
    with TemporaryDirectory() as folder, opened(Path(folder) / "review.db") as store:
        kept(store, *(article(str(n)) for n in range(1, 5)), fetch=begun(store))
        store.set_membership({record: (report, report) for record, report in REPORT.items()})
        store.add_decisions([Decision(record, TITLE, who, verdict) for who, record, verdict in said])
        given_votes = store.decisions(TITLE)
        for viewer in PEOPLE:
            newest = {vote.record: vote for vote in given_votes if vote.reviewer == viewer}
            mine = {REPORT[record] for record, vote in newest.items() if vote.verdict != "withdrawn"}
            seen = store.decisions_seen_by(viewer, TITLE)
            assert seen == [v for v in given_votes if v.reviewer == viewer or REPORT[v.record] in mine]
            assert store.decisions_seen_by(viewer, "full text") == []
        store.unblind(Unblinding(TITLE, "cleo", "screening is over"))
        assert store.decisions_seen_by("ana", TITLE) == given_votes


# -- beside the votes --------------------------------------------------------------------------------


def test_what_was_put_off_comes_back_by_a_vote_or_by_being_taken_up(store):
    store.postpone(
        [Postponement(1, TITLE, "ana"), Postponement(2, TITLE, "ana", "2026-12-01", "ask the authors")]
    )
    assert [(p.record, p.until) for p in store.postponed(TITLE, "ana")] == [(1, ""), (2, "2026-12-01")]
    assert store.postponed(TITLE, "ben") == store.postponed("full text", "ana") == []
    store.add_decisions([Decision(1, TITLE, "ana", "exclude")])
    assert [p.record for p in store.postponed(TITLE, "ana")] == [2]
    store.postpone([Postponement(2, TITLE, "ana", "now")])
    assert store.postponed(TITLE, "ana") == []


def test_a_pilot_keeps_its_draw(store):
    store.add_pilot(Pilot(TITLE, 7, (2, 1), "cleo"))
    (pilot,) = store.pilots(TITLE)
    assert (pilot.id, pilot.seed, pilot.reports, pilot.by) == (1, 7, (2, 1), "cleo")
    assert store.pilots("full text") == []

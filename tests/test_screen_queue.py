from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.agree import ReportState
from screen.plan import Plan
from screen.queue import asked, queue, workload

TEAM = ("ana", "ben", "cy")
VERDICTS = st.sampled_from(["include", "exclude", "unsure"])
STATES = st.dictionaries(
    st.integers(1, 30),
    st.dictionaries(st.sampled_from([*TEAM, "gone"]), VERDICTS).map(lambda said: ReportState("open", said)),
)


def test_the_ranked_order_is_kept_and_what_was_voted_on_left_out():
    states = {3: ReportState("open", {"ana": "include"}), 1: ReportState("open", {"ben": "exclude"})}
    assert queue([3, 1, 2], states, "ana", Plan(2, ("ana", "ben"))) == (1, 2)
    assert queue([3, 1, 2], states, "ben", Plan(2, ("ana", "ben"))) == (3, 2)


def test_what_enough_have_voted_on_is_asked_of_nobody():
    states = {1: ReportState("conflict", {"ana": "include", "gone": "exclude"})}
    assert queue([1], states, "ben", Plan(2, ("ana", "ben"))) == ()


def test_what_came_after_the_ranking_stands_at_the_end():
    states = {9: ReportState(), 4: ReportState()}
    assert queue([5, 2, 5], states, "ana", Plan(1, ("ana",))) == (5, 2, 4, 9)


def test_work_is_split_evenly_where_one_vote_is_enough():
    load = workload(range(1, 3001), {}, Plan(1, TEAM))
    assert sum(load.values()) == 3000
    assert all(abs(count - 1000) < 100 for count in load.values())


def test_when_somebody_leaves_only_their_share_moves():
    for report in range(200):
        before = asked(report, ReportState(), Plan(1, TEAM))
        if before != ("cy",):
            assert asked(report, ReportState(), Plan(1, ("ana", "ben"))) == before


def test_strangers_have_no_queue():
    with pytest.raises(WrongUse, match="'dan' is no reviewer of this review; they are ana, ben, cy"):
        queue([1], {}, "dan", Plan(2, TEAM))


@given(STATES, st.integers(1, 4))
def test_every_report_finds_its_voters_and_nobody_is_asked_twice(states, per_record):
    queues = {name: queue(range(1, 31), states, name, Plan(per_record, TEAM)) for name in TEAM}
    for report in range(1, 31):
        voters = states.get(report, ReportState()).voters
        now = {name for name in TEAM if report in queues[name]}
        assert not now & voters
        free = set(TEAM) - voters
        assert len(now) == min(max(per_record - len(voters), 0), len(free))
    assert workload(range(1, 31), states, Plan(per_record, TEAM)) == {
        name: len(queues[name]) for name in TEAM
    }


@given(STATES, st.data())
def test_a_queue_does_not_depend_on_what_others_said(states, data):
    others = {
        report: ReportState("conflict", {who: data.draw(VERDICTS) for who in one.verdicts})
        for report, one in states.items()
    }
    for name in TEAM:
        assert queue(range(1, 31), states, name, Plan(2, TEAM)) == queue(
            range(1, 31), others, name, Plan(2, TEAM)
        )


# -- designs -----------------------------------------------------------------------------------------


def test_one_reader_and_a_tenth_read_by_two():
    plan = Plan(1, TEAM, doubled=0.1)
    twice = [report for report in range(1, 5001) if plan.needed(report) == 2]
    assert 430 < len(twice) < 570
    assert twice == [
        report for report in range(1, 5001) if Plan(1, TEAM[:2], doubled=0.1).needed(report) == 2
    ]
    assert twice != [
        report for report in range(1, 5001) if Plan(1, TEAM, doubled=0.1, seed=2).needed(report) == 2
    ]
    load = workload(range(1, 5001), {}, plan)
    assert sum(load.values()) == 5000 + len(twice)


def test_everybody_reads_the_pilot():
    plan = Plan(2, TEAM, pilot=frozenset({7}))
    assert (plan.needed(7), plan.needed(8)) == (3, 2)
    assert set(asked(7, ReportState(), plan)) == set(TEAM)
    assert len(asked(8, ReportState(), plan)) == 2


def test_no_report_is_settled_by_nobody():
    with pytest.raises(WrongUse, match="at least, not 0"):
        Plan(0, TEAM)

"""Votes and duplicates that are found late: whatever is joined keeps all votes, and what is split again is as before."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from stores import TITLE, article, begun, kept, opened

from db.opinion import Decision
from screen.plan import Plan
from screen.queue import asked
from screen.steps import states

RECORDS = range(1, 7)
PLAN = Plan(2, ("ana", "ben", "dee"), TITLE)
VOTES = st.lists(
    st.tuples(
        st.sampled_from(RECORDS),
        st.sampled_from(PLAN.reviewers),
        st.sampled_from(["include", "exclude", "unsure", "withdrawn"]),
    ),
    max_size=20,
)
GROUPS = st.lists(st.sampled_from(RECORDS), min_size=6, max_size=6)
"""Record → a number; records with the same number are one report."""


def membership(numbers):
    """The groups these numbers make, each called after its first record."""
    lead = {number: record for record, number in reversed(list(zip(RECORDS, numbers, strict=True)))}
    return {record: (lead[number], lead[number]) for record, number in zip(RECORDS, numbers, strict=True)}


@settings(max_examples=60)
@given(VOTES, GROUPS, GROUPS, VOTES)
def test_joining_keeps_all_votes_and_splitting_brings_the_exact_state_back(votes, before, joined, more):
    with TemporaryDirectory() as folder, opened(Path(folder) / "review.db") as store:
        begun(store)
        kept(store, *(article(str(number)) for number in RECORDS))
        store.set_membership(membership(before))
        store.add_decisions(Decision(number, TITLE, who, verdict) for number, who, verdict in votes)
        said, standing = store.decisions(TITLE), states(store, PLAN)
        store.set_membership(membership(joined))
        assert store.decisions(TITLE) == said
        _second_looks_are_those_who_differ(store)
        _nobody_is_asked_twice(store)
        store.set_membership(membership(before))
        assert states(store, PLAN) == standing
        store.set_membership(membership(joined))
        store.add_decisions(Decision(number, TITLE, who, verdict) for number, who, verdict in more)
        assert store.decisions(TITLE)[: len(said)] == said
        _second_looks_are_those_who_differ(store)


def _second_looks_are_those_who_differ(store):
    groups = store.membership()
    for lead, state in states(store, PLAN).items():
        newest = {
            (vote.reviewer, vote.record): vote.verdict
            for vote in store.decisions(TITLE)
            if groups[vote.record][0] == lead
        }
        for who in state.verdicts:
            said = {verdict for (name, _), verdict in newest.items() if name == who} - {"withdrawn"}
            assert (who in state.second_look) == (len(said) > 1)


def _nobody_is_asked_twice(store):
    for lead, state in states(store, PLAN).items():
        assert not set(asked(lead, state, PLAN)) & state.voters

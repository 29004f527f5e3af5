from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.opinion import Decision, Resolution
from screen.agree import state, training_labels
from screen.plan import FULL_TEXT, TITLE

VERDICTS = ("include", "exclude", "unsure")


def votes(*said):
    return [Decision(record, TITLE, who, verdict, id=n) for n, (who, record, verdict) in enumerate(said, 1)]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ([], "open"),
        ([("ana", 1, "include")], "open"),
        ([("ana", 1, "include"), ("ana", 1, "include")], "open"),
        ([("ana", 1, "include"), ("ben", 1, "include")], "include"),
        ([("ana", 1, "exclude"), ("ben", 2, "exclude")], "exclude"),
        ([("ana", 1, "unsure"), ("ben", 1, "unsure")], "unsure"),
        ([("ana", 1, "include"), ("ben", 1, "unsure")], "conflict"),
        ([("ana", 1, "include"), ("ben", 2, "exclude")], "conflict"),
        ([("ana", 1, "exclude"), ("ben", 1, "include"), ("ana", 1, "include")], "include"),
        ([("ana", 1, "include"), ("ben", 1, "include"), ("cy", 2, "exclude")], "conflict"),
    ],
)
def test_two_independent_votes_settle_a_report(said, outcome):
    assert state(votes(*said), 2).outcome == outcome


def test_one_vote_settles_where_one_is_asked():
    settled = state(votes(("ana", 1, "exclude")), 1)
    assert (settled.outcome, settled.verdicts) == ("exclude", {"ana": "exclude"})


def test_who_judged_merged_records_differently_looks_again():
    said = [("ana", 1, "include"), ("ben", 1, "exclude"), ("ana", 2, "exclude")]
    seen = state(votes(*said), 2)
    assert (seen.outcome, seen.second_look) == ("conflict", ("ana",))
    assert seen.verdicts == {"ana": "exclude", "ben": "exclude"}
    settled = state(votes(*said, ("ana", 1, "exclude"), ("ana", 2, "exclude")), 2)
    assert (settled.outcome, settled.second_look) == ("exclude", ())


# -- taken back, resolved, reasons -------------------------------------------------------------------


def test_who_takes_a_vote_back_has_not_voted():
    said = votes(("ana", 1, "include"), ("ben", 1, "exclude"), ("ana", 1, "withdrawn"))
    assert state(said, 2).verdicts == {"ben": "exclude"}
    assert state(said, 2).outcome == "open"
    again = votes(
        ("ana", 1, "include"), ("ben", 1, "exclude"), ("ana", 1, "withdrawn"), ("ana", 1, "exclude")
    )
    assert state(again, 2).outcome == "exclude"
    assert state(votes(("ana", 1, "include"), ("ana", 1, "withdrawn")), 1).outcome == "open"


def test_a_vote_taken_back_on_one_record_leaves_the_vote_on_the_other_when_they_are_found_to_be_one():
    said = votes(("ana", 1, "include"), ("ana", 2, "exclude"), ("ben", 1, "include"), ("ana", 2, "withdrawn"))
    assert state(said, 2).verdicts == {"ana": "include", "ben": "include"}
    assert state(said, 2).outcome == "include"


def resolved(*ids, verdict="include", reason="", stage=TITLE):
    return Resolution(1, stage, "cleo", verdict, reason, votes=ids)


CONFLICT = (("ana", 1, "include"), ("ben", 1, "exclude"))


def test_a_resolution_ends_a_conflict_and_leaves_the_votes():
    seen = state(votes(*CONFLICT), 2, [resolved(1, 2)])
    assert (seen.outcome, seen.verdicts) == ("include", {"ana": "include", "ben": "exclude"})
    assert (seen.to_resolve, state(votes(*CONFLICT), 2).to_resolve) == (False, True)


def test_the_newest_resolution_of_these_votes_counts():
    said = [resolved(1, 2), resolved(1, 2, verdict="exclude", reason="design")]
    assert (state(votes(*CONFLICT), 2, said).outcome, state(votes(*CONFLICT), 2, said).reason) == (
        "exclude",
        "design",
    )


def test_a_newer_vote_or_a_merge_opens_the_conflict_again_and_a_split_ends_it():
    said = [resolved(1, 2)]
    assert state(votes(*CONFLICT, ("ben", 1, "unsure")), 2, said).outcome == "conflict"
    assert state(votes(*CONFLICT, ("cy", 2, "exclude")), 2, said).outcome == "conflict"
    assert state(votes(*CONFLICT), 2, said).outcome == "include"


def test_agreement_needs_no_arbiter_and_follows_none():
    said = votes(("ana", 1, "include"), ("ben", 1, "include"))
    assert state(said, 2, [resolved(1, 2, verdict="exclude")]).outcome == "include"


def test_two_who_are_both_unsure_need_the_arbiter():
    said = votes(("ana", 1, "unsure"), ("ben", 1, "unsure"))
    assert state(said, 2).to_resolve
    assert state(said, 2, [resolved(1, 2)]).outcome == "include"


def excluded(*reasons):
    return [
        Decision(1, FULL_TEXT, who, "exclude", reason, id=number)
        for number, (who, reason) in enumerate(zip(("ana", "ben"), reasons, strict=True), start=1)
    ]


def test_at_full_text_different_reasons_are_a_conflict():
    differ, agree = excluded("design", "population"), excluded("design", "design")
    assert state(differ, 2).outcome == "exclude"
    assert state(differ, 2, by_reason=True).outcome == "conflict"
    settled = state(
        differ, 2, [resolved(1, 2, verdict="exclude", reason="population", stage=FULL_TEXT)], by_reason=True
    )
    assert (settled.outcome, settled.reason) == ("exclude", "population")
    assert (state(agree, 2, by_reason=True).outcome, state(agree, 2, by_reason=True).reason) == (
        "exclude",
        "design",
    )


@pytest.mark.parametrize(("verdict", "label"), [("include", 1.0), ("exclude", 0.0), ("unsure", 0.25)])
def test_what_the_arbiter_said_is_what_is_learnt(verdict, label):
    assert training_labels({7: state(votes(*CONFLICT), 2, [resolved(1, 2, verdict=verdict)])}) == {7: label}


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ([], None),
        ([("ana", 1, "include")], 1),
        ([("ana", 1, "include"), ("ben", 2, "include")], 1),
        ([("ana", 1, "include"), ("ben", 1, "unsure")], 0.75),
        ([("ana", 1, "include"), ("ben", 1, "exclude")], 0.5),
        ([("ana", 1, "include"), ("ben", 1, "exclude"), ("cy", 1, "unsure")], 0.5),
        ([("ana", 1, "unsure")], 0.25),
        ([("ana", 1, "unsure"), ("ben", 1, "unsure")], 0.25),
        ([("ana", 1, "unsure"), ("ben", 1, "exclude")], None),
        ([("ana", 1, "exclude")], 0),
        ([("ana", 1, "exclude"), ("ben", 1, "exclude")], 0),
        ([("ana", 1, "exclude"), ("ana", 1, "include")], 1),
        ([("ana", 1, "exclude"), ("ana", 2, "include")], 0.5),
    ],
)
def test_votes_become_labels_with_the_stated_weights(said, label):
    labels = training_labels({7: state(votes(*said), 2)})
    assert labels == ({} if label is None else {7: label})


@given(
    st.lists(
        st.tuples(st.sampled_from(["ana", "ben", "cy"]), st.integers(1, 3), st.sampled_from(VERDICTS)),
        max_size=9,
    )
)
def test_an_include_more_never_lowers_a_label_and_an_exclude_more_never_lifts_it(said):
    def label(*more):
        return training_labels({1: state(votes(*said, *more), 1)}).get(1)

    before = label()
    if before is not None:
        lifted, after = label(("dan", 1, "include")), label(("dan", 1, "exclude"))
        assert lifted is not None
        assert lifted >= before
        assert after is None or after <= before


@pytest.mark.parametrize("verdicts", [("unsure", "unsure"), ("include", "exclude")])
def test_a_review_in_which_nobody_is_sure_or_nobody_agrees_still_learns(verdicts):
    states = {
        report: state(votes(("ana", report, verdicts[0]), ("ben", report, verdicts[1])), 2)
        for report in range(1, 30)
    }
    assert set(training_labels(states).values()) == {0.25 if verdicts[0] == "unsure" else 0.5}
    assert list(training_labels(states)) == list(range(1, 30))

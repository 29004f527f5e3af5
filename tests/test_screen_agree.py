from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from db.errors import WrongUse
from db.opinion import Decision
from screen.agree import ReportState, agreement, state, training_labels

VERDICTS = ("include", "exclude", "unsure")


def votes(*said):
    return [Decision(record, "title and abstract", who, verdict) for who, record, verdict in said]


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
    assert state(votes(("ana", 1, "exclude")), 1) == ReportState("exclude", {"ana": "exclude"})


def test_who_judged_merged_records_differently_looks_again():
    said = [("ana", 1, "include"), ("ben", 1, "exclude"), ("ana", 2, "exclude")]
    seen = state(votes(*said), 2)
    assert (seen.outcome, seen.second_look) == ("conflict", ("ana",))
    assert seen.verdicts == {"ana": "exclude", "ben": "exclude"}
    settled = state(votes(*said, ("ana", 1, "exclude"), ("ana", 2, "exclude")), 2)
    assert (settled.outcome, settled.second_look) == ("exclude", ())


def test_no_report_is_settled_by_nobody():
    with pytest.raises(WrongUse, match="at least, not 0"):
        state([], 0)


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


def test_agreement_of_the_textbook():
    """Fifty proposals, 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, kappa 0.4 (a common worked example)."""
    counts = {
        ("include", "include"): 20,
        ("include", "exclude"): 5,
        ("exclude", "include"): 10,
        ("exclude", "exclude"): 15,
    }
    states = [ReportState("open", {"ana": a, "ben": b}) for (a, b), n in counts.items() for _ in range(n)]
    found = agreement([*states, ReportState("open", {"ana": "include"})], "ana", "ben")
    assert (found.reports, found.table) == (50, counts)
    assert found.observed == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)


def test_agreement_without_meaning_is_none():
    assert agreement([], "ana", "ben").observed is None
    assert agreement([], "ana", "ben").kappa is None
    always = agreement([ReportState("include", {"ana": "include", "ben": "include"})], "ana", "ben")
    assert (always.observed, always.kappa) == (1.0, None)


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=1, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs):
    found = agreement([ReportState("open", {"ana": a, "ben": b}) for a, b in pairs], "ana", "ben")
    if found.kappa is None:
        assert len({verdict for pair in pairs for verdict in pair}) == 1
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)

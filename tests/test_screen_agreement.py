"""How well reviewers agree: against scikit-learn, against textbooks, and where it means nothing."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from db.opinion import Decision
from screen.agreement import (
    VERDICTS,
    Agreement,
    agreement,
    by_month,
    by_number,
    fleiss,
    in_order,
    independent,
)
from screen.plan import FULL_TEXT, TITLE

PAIRS = st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=1, max_size=60)


def vote(who, verdict, reason="", at="2026-11-01T10:00:00.000Z", number=0, record=1):
    return Decision(record, FULL_TEXT if reason else TITLE, who, verdict, reason, at=at, id=number)


def ballots(pairs):
    return [{"ana": vote("ana", a), "ben": vote("ben", b)} for a, b in pairs]


def of(counts):
    return Agreement(counts)


# -- figures -----------------------------------------------------------------------------------------


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs):
    found = agreement(ballots(pairs), "ana", "ben")
    if found.kappa is None:
        assert len({verdict for pair in pairs for verdict in pair}) == 1
        assert "always said" in found.without_kappa
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)
        assert found.without_kappa == ""


@given(PAIRS)
def test_who_is_named_first_makes_no_difference(pairs):
    one, other = agreement(ballots(pairs), "ana", "ben"), agreement(ballots(pairs), "ben", "ana")
    assert (one.observed, one.kappa, one.pabak) == (other.observed, other.kappa, other.pabak)
    assert (one.standard_error or 0) == pytest.approx(other.standard_error or 0)
    assert one.table == {(a, b): count for (b, a), count in other.table.items()}


@given(PAIRS)
def test_the_interval_holds_kappa_and_stays_between_its_ends(pairs):
    found = agreement(ballots(pairs), "ana", "ben")
    if found.interval:
        low, high = found.interval
        assert -1 <= low <= found.kappa <= high <= 1


@given(PAIRS, st.integers(2, 5))
def test_the_interval_shrinks_with_the_root_of_the_number(pairs, times):
    one, more = agreement(ballots(pairs), "ana", "ben"), agreement(ballots(pairs * times), "ana", "ben")
    if one.standard_error:
        assert isclose(one.standard_error / more.standard_error, times**0.5, rel_tol=1e-6)


@given(st.integers(0, 50), st.integers(0, 50))
def test_with_verdicts_in_equal_shares_kappa_is_pabak(alike, apart):
    counts = {
        ("include", "include"): alike, ("exclude", "exclude"): alike,
        ("include", "exclude"): apart, ("exclude", "include"): apart,
    }  # fmt: skip
    found = of({pair: count for pair, count in counts.items() if count})
    if found.reports:
        assert found.kappa == pytest.approx(found.pabak)


def test_a_table_by_hand():
    """20 + 15 of 50 alike: observed 0.7; chance 25/50 × 30/50 + 25/50 × 20/50 = 0.5; kappa (0.7 − 0.5) / 0.5."""
    counts = {
        ("include", "include"): 20, ("include", "exclude"): 5,
        ("exclude", "include"): 10, ("exclude", "exclude"): 15,
    }  # fmt: skip
    found = of(counts)
    assert (found.reports, found.verdicts) == (50, ("include", "exclude"))
    assert (found.observed, found.chance) == (pytest.approx(0.7), pytest.approx(0.5))
    assert (found.kappa, found.pabak) == (pytest.approx(0.4), pytest.approx(0.4))


def kappa_of(shares):
    """Kappa of a table of shares, which need not add up to 1: for its slopes."""
    whole = sum(shares.values())
    rows = {v: sum(p for (a, _), p in shares.items() if a == v) / whole for v in VERDICTS}
    columns = {v: sum(p for (_, b), p in shares.items() if b == v) / whole for v in VERDICTS}
    chance = sum(rows[v] * columns[v] for v in VERDICTS)
    return (sum(p for (a, b), p in shares.items() if a == b) / whole - chance) / (1 - chance)


@given(st.lists(st.integers(1, 40), min_size=9, max_size=9))
def test_the_standard_error_is_that_of_the_delta_method(counts):
    """Variance of a function of multinomial shares: the variance of its slopes (Agresti, Categorical Data Analysis, 16.1)."""
    table = {(a, b): counts[3 * m + n] for m, a in enumerate(VERDICTS) for n, b in enumerate(VERDICTS)}
    size = sum(counts)
    shares, step = {pair: count / size for pair, count in table.items()}, 1e-6
    slopes = {
        pair: (kappa_of({**shares, pair: p + step}) - kappa_of({**shares, pair: p - step})) / (2 * step)
        for pair, p in shares.items()
    }
    mean = sum(shares[pair] * slopes[pair] for pair in shares)
    variance = sum(shares[pair] * (slopes[pair] - mean) ** 2 for pair in shares) / size
    assert of(table).standard_error == pytest.approx(variance**0.5, rel=1e-3)


def test_the_interval_of_a_table_by_hand():
    """Observed 0.89, chance 0.8 × 0.8 + 0.1 × 0.05 + 0.1 × 0.15 = 0.66: kappa 0.23 / 0.34."""
    counts = {
        ("include", "include"): 75, ("include", "exclude"): 1, ("include", "unsure"): 4,
        ("exclude", "include"): 5, ("exclude", "exclude"): 4, ("exclude", "unsure"): 1,
        ("unsure", "unsure"): 10,
    }  # fmt: skip
    found = of(counts)
    assert found.kappa == pytest.approx(0.23 / 0.34)
    assert found.interval == (pytest.approx(0.5046, abs=5e-5), pytest.approx(0.8484, abs=5e-5))
    assert found.pabak == pytest.approx((3 * 0.89 - 1) / 2)


def test_what_has_no_meaning_is_none_and_said_in_words():
    nothing = agreement([], "ana", "ben")
    assert [nothing.observed, nothing.chance, nothing.kappa, nothing.interval, nothing.pabak] == [None] * 5
    assert nothing.without_kappa == "no report has been judged by both"
    always = of({("include", "include"): 3})
    assert (always.observed, always.kappa, always.interval, always.pabak) == (1.0, None, None, 1.0)
    assert always.without_kappa == "both always said “include”, so that chance alone explains all agreement"
    perfect = of({("include", "include"): 3, ("exclude", "exclude"): 7})
    assert (perfect.kappa, perfect.interval, perfect.without_kappa) == (1.0, None, "")


def test_reasons_count_where_both_exclude_with_one():
    said = [
        ("exclude", "design", "exclude", "design"),
        ("exclude", "design", "exclude", "population"),
        ("exclude", "design", "exclude", ""),
        ("exclude", "design", "include", ""),
    ]
    cast = [{"ana": vote("ana", a, b), "ben": vote("ben", c, d)} for a, b, c, d in said]
    assert agreement(cast, "ana", "ben").reasons == (1, 2)


def test_a_vote_taken_back_is_no_verdict():
    cast = [{"ana": vote("ana", "withdrawn"), "ben": vote("ben", "include")}]
    with pytest.raises(ValueError, match="no verdict"):
        agreement(cast, "ana", "ben")


# -- which vote counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("ana include, ben exclude, ana exclude", {"ana": "include", "ben": "exclude"}),
        ("ana include, ana exclude, ben exclude", {"ana": "include", "ben": "exclude"}),
        ("ana include, ana withdrawn, ana exclude, ben include", {"ana": "exclude", "ben": "include"}),
        ("ana include, ben exclude, ana withdrawn, ana exclude", {"ana": "include", "ben": "exclude"}),
        ("ana withdrawn, ben unsure", {"ben": "unsure"}),
        ("", {}),
    ],
)
def test_the_first_vote_counts_unless_it_was_taken_back_unseen(said, counted):
    votes = [vote(*each.split()) for each in said.split(", ") if each]
    assert {who: each.verdict for who, each in independent(votes).items()} == counted


SAID = st.tuples(st.sampled_from(("ana", "ben", "cy")), st.sampled_from((*VERDICTS, "withdrawn")))


@given(st.lists(SAID, max_size=8), st.lists(SAID, max_size=8))
def test_once_two_have_voted_nothing_they_say_moves_their_votes(before, after):
    votes = [vote(*each) for each in before]
    then = independent(votes)
    now = independent([*votes, *(vote(*each) for each in after)])
    if len(then) > 1:
        assert {who: now[who] for who in then} == then
    assert all(each.verdict != "withdrawn" for each in now.values())


def test_what_is_said_after_the_stage_was_opened_is_not_independent():
    votes = [vote("ana", "include", at="2026-11-01"), vote("ben", "include", at="2026-11-03")]
    assert set(independent(votes, "2026-11-02")) == {"ana"}
    assert set(independent(votes, "2026-11-03")) == {"ana"}
    assert set(independent(votes, "2026-11-04")) == {"ana", "ben"}


# -- over time ---------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(VERDICTS), st.sampled_from(VERDICTS))))
def test_the_parts_of_time_add_up_to_the_whole(said):
    cast = [
        {"ana": vote("ana", a, at="2026-01-01"), "ben": vote("ben", b, at=f"2026-{month:02}-09", number=n)}
        for n, (month, a, b) in enumerate(said, 1)
    ]
    whole = agreement(cast, "ana", "ben").reports
    months, hundreds = by_month(cast, "ana", "ben"), by_number(cast, "ana", "ben", 7)
    assert sum(each.reports for _, each in months) == sum(each.reports for _, each in hundreds) == whole
    assert [month for month, _ in months] == sorted({f"2026-{month:02}" for month, *_ in said})
    assert [each.reports for _, each in hundreds[:-1]] == [7] * (len(hundreds) - 1)


def test_a_report_counts_when_the_later_of_the_two_has_voted():
    late = {"ana": vote("ana", "include", at="2026-01-05"), "ben": vote("ben", "include", at="2026-03-01")}
    soon = {"ana": vote("ana", "include", at="2026-02-05"), "ben": vote("ben", "include", at="2026-01-01")}
    alone = {"ana": vote("ana", "include", at="2026-02-05")}
    assert in_order([late, soon, alone], "ana", "ben") == [soon, late]
    assert [month for month, _ in by_month([late, soon, alone], "ana", "ben")] == ["2026-02", "2026-03"]
    assert by_number([late, soon, alone], "ana", "ben")[0][0] == "1–2"


# -- more than two -----------------------------------------------------------------------------------


def test_fleiss_of_the_paper_that_everybody_copies():
    """Fourteen raters, ten subjects, five categories; kappa 0.210 (Fleiss 1971's measure, much reprinted example)."""
    counts = (
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    )  # fmt: skip
    rows = [[name for name, n in zip("abcde", row, strict=True) for _ in range(n)] for row in counts]
    assert fleiss(rows) == pytest.approx(0.210, abs=0.0005)


def test_fleiss_without_meaning():
    assert fleiss([]) is None
    assert fleiss([["include"] * 3] * 4) is None
    assert fleiss([["include", "include"], ["exclude", "exclude"]]) == 1.0
    for rows in ([["include"]], [["include", "include"], ["include"]]):
        with pytest.raises(ValueError, match="same number"):
            fleiss(rows)

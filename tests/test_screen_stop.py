from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.stop.curve import Curve
from screen.stop.estimate import estimate
from screen.stop.rules import RULES, first_stop, stops_at, stops_in_a_row, trace
from screen.stop.target import enough, fewest_missed

EIGHT = (1, 3, 6, 10, 18, 41, 67, 120)
"""Where a review of 2,000 reports found its eight trials."""
FORTY = (
    4, 6, 11, 14, 16, 20, 23, 24, 25, 32, 44, 46, 49, 53, 62, 64, 65, 72, 73, 74, 77, 109, 110, 122, 131, 152, 169,
    174, 188, 194, 200, 219, 229, 240, 242, 256, 287, 365, 371, 455,
)  # fmt: skip


def read(places, number):
    """A reading of so many reports with includes at these places."""
    return [float(place in places) for place in range(1, number + 1)]


# What `buscarpy` 0.0.2 (calculate_h0), by the authors of the test, makes of these readings at .95 and at .8.
@pytest.mark.parametrize(
    ("places", "number", "total", "at_95", "at_80"),
    [
        ((1, 2, 7, 9, 10, 15, 18, 20), 60, 100, 0.5, 0.12025316455696203),
        ((18, 34, 56, 106, 129, 151, 335, 411), 900, 2000, 0.6922592825676526, 0.3314678380199287),
        ((107, 135, 140, 147, 179, 211, 253, 327), 1950, 2000, 0.029886431560071723, 2.5159306030142932e-05),
        (FORTY, 700, 1000, 0.16604028706621785, 0.0012927609685633838),
        ((), 480, 500, 0.04, 0.04),
        (EIGHT, 400, 2000, 0.851063829787234, 0.6162614537336324),
        (EIGHT, 1907, 2000, 0.04946808510638298, 0.00011736320231022617),
    ],
)
def test_the_strict_test_is_that_of_its_authors(places, number, total, at_95, at_80):
    found = read(places, number)
    assert trace("strict", found, total, 0.95, [number]) == pytest.approx([at_95], rel=1e-9)
    assert trace("strict", found, total, 0.8, [number]) == pytest.approx([at_80], rel=1e-9)


def test_with_eight_includes_of_two_thousand_the_strict_test_asks_for_nearly_everything():
    found = read(EIGHT, 2000)
    assert first_stop("strict", found, 2000, 0.95, 0.95) in {
        1906,
        1907,
    }  # p is .05 at 1906, but for the last bit
    assert 1000 < stops_at(found, 2000) < 1700
    assert stops_at(found, 2000, target=0.8) < stops_at(found, 2000, target=0.95)
    assert stops_at(found, 2000, confidence=0.8) < stops_at(found, 2000, confidence=0.95)


def test_a_ranking_that_finds_many_and_then_nothing_saves_work():
    found = read(range(1, 101), 2000)
    assert stops_at(found, 2000) < 800
    assert first_stop("strict", found, 2000, 0.95, 0.95) < 1000


def test_it_goes_on_as_long_as_includes_come():
    assert stops_at(read(range(10, 2001, 10), 2000), 2000) > 1800


def test_a_reading_cut_short_has_not_stopped():
    assert stops_at(read(EIGHT, 300), 2000) == 2000
    assert stops_in_a_row(read(EIGHT, 300), 2000, 181) == 2000
    assert stops_in_a_row(read(EIGHT, 300), 2000, 180) == 300


def test_so_many_excludes_in_a_row():
    assert stops_in_a_row([0, 1, 0, 0, 1, 0, 0, 0], 9, 3) == 8
    assert stops_in_a_row([0, 0, 1], 9, 2) == 2
    assert stops_in_a_row([], 9, 2) == 9


def test_any_label_above_0_is_an_include():
    assert stops_at([1, 0.25, 0.5] + [0] * 97, 100) == stops_at([1, 1, 1] + [0] * 97, 100)


@pytest.mark.parametrize("found", [[], [0.0], [1.0], [0.0] * 5, [1.0] * 5, [0, 1, 0, 0, 0]])
@pytest.mark.parametrize("rule", RULES)
def test_the_smallest_harvests(rule, found):
    assert trace(rule, found, len(found), 0.95, [len(found)]) == [0.0]
    assert first_stop(rule, found, len(found), 0.95, 0.95) == len(found)
    assert 0 < trace(rule, found, len(found) + 1, 0.95, [len(found)])[0] <= 1


@pytest.mark.parametrize(
    ("target", "confidence", "total", "said"),
    [
        (0.0, 0.95, 10, "target recall is a share above 0"),
        (1.5, 0.95, 10, "not 1.5"),
        (0.95, 1.0, 10, "confidence is a share between 0 and 1"),
        (0.95, 0.95, 1, "2 reports cannot have been read of a harvest of 1"),
    ],
)
def test_what_no_rule_can_be_asked(target, confidence, total, said):
    with pytest.raises(WrongUse, match=said):
        stops_at([0, 1], total, target, confidence)


def test_a_target_in_whole_includes():
    assert [fewest_missed(found, 0.95) for found in (0, 1, 18, 19, 37, 38, 100)] == [1, 1, 1, 2, 2, 3, 6]
    assert [enough(includes, 0.95) for includes in (1, 8, 19, 20, 21, 100)] == [1, 8, 19, 19, 20, 95]
    assert fewest_missed(7, 1.0) == 1


@given(st.integers(0, 2000), st.floats(0.01, 1))
def test_one_less_than_that_would_still_reach_the_target(found, target):
    missed = fewest_missed(found, target)
    assert found >= enough(found + missed - 1, target)
    assert found < (found + missed) * target + 1e-6


@pytest.mark.parametrize("rule", RULES)
@given(places=st.sets(st.integers(1, 120), max_size=15), more=st.integers(0, 200))
def test_a_rule_stops_at_the_first_place_below_its_limit(rule, places, more):
    found = read(places, 120)
    told = trace(rule, found, 120 + more, 0.8, range(121))
    assert all(0 <= chance <= 1 + 1e-9 for chance in told)
    below = [at for at, chance in enumerate(told) if chance < 1 - 0.9]
    assert first_stop(rule, found, 120 + more, 0.8, 0.9) == (below[0] if below else 120 + more)


def test_over_reviews_that_follow_the_model_the_chance_is_kept():
    """One in twenty is allowed; the seed is fixed."""
    dice = random.Random(4)
    missed = 0
    for _ in range(60):
        places = {min(1000, 1 + int(dice.expovariate(1 / 90))) for _ in range(30)}
        found = read(places, 1000)
        missed += sum(found[: stops_at(found, 1000)]) < enough(len(places), 0.95)
    assert missed <= 3


# -- estimates ---------------------------------------------------------------------------------------


def test_nothing_is_estimated_before_the_first_include():
    assert estimate([0, 0], 10, 0.95, 0.95) is None


def test_when_everything_is_read_everything_is_known():
    known = estimate(read(EIGHT, 2000), 2000, 0.95, 0.95)
    assert (known.left.estimate, known.left.low, known.left.high) == (0, 0, 0)
    assert (known.recall.estimate, known.recall.low, known.recall.high) == (1, 1, 1)


@given(st.sets(st.integers(1, 150), min_size=1), st.integers(0, 300))
def test_estimates_lie_between_their_bounds_and_fit_what_is_unread(places, unread):
    known = estimate(read(places, 150), 150 + unread, 0.95, 0.9)
    assert 0 <= known.left.low <= known.left.estimate <= known.left.high <= unread
    assert 0 < known.recall.low <= known.recall.estimate <= known.recall.high <= 1
    assert known.recall.low == len(places) / (len(places) + known.left.high)


def test_the_bound_and_the_rule_say_the_same():
    found = read(EIGHT, 2000)
    at = stops_at(found, 2000)
    assert estimate(found[:at], 2000, 0.95, 0.95).recall.low >= 0.95
    assert estimate(found[: at - 1], 2000, 0.95, 0.95).recall.low < 0.95


def test_a_quantile_is_the_first_number_that_is_not_exceeded():
    curve = Curve(2000, 0.95)
    for place in EIGHT:
        curve.add(place)
    most = curve.quantile(400, 0.05)
    assert curve.unread(400, most + 1) <= 0.05 < curve.unread(400, most)

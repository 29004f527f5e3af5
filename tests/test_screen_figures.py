from __future__ import annotations

import itertools
from dataclasses import astuple, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.figures import (
    NAMES,
    Difference,
    Figures,
    by_chance,
    mean,
    measure,
    oracle,
    paired,
    spread,
    stopped,
)

READINGS = st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(
    lambda found: 0 < sum(found) < len(found)
)


def test_figures_of_a_perfect_and_of_the_worst_reading():
    best = measure([1, 1] + [0] * 18)
    assert (best.loss, best.recall10, best.first, best.last, best.atd) == (0, 1, 0.05, 0.1, 1.5)
    assert best.wss95 == pytest.approx(0.85)
    assert best.ndcg == pytest.approx(1)
    worst = measure([0] * 18 + [1, 1])
    assert (worst.loss, worst.recall10, worst.recall20, worst.recall50, worst.last) == (1, 0, 0, 0, 1)


def test_figures_worked_out_by_hand():
    told = measure([1, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    assert (told.recall10, told.recall20, told.recall50) == pytest.approx((1 / 3, 1 / 3, 2 / 3))
    assert told.wss95 == pytest.approx(0.95 - 0.9)
    assert told.atd == pytest.approx(14 / 3)
    assert told.loss == pytest.approx((14 / 3 - 2) / 7)
    assert told.ndcg == pytest.approx((1 + 1 / 2.321928 + 1 / 3.321928) / (1 + 1 / 1.584963 + 1 / 2))


def test_95_percent_of_twenty_includes_are_nineteen():
    found = [1] * 19 + [0] * 80 + [1]
    assert measure(found).wss95 == pytest.approx(0.95 - 0.19)
    assert oracle(found).read == 19


@given(READINGS)
def test_figures_keep_their_bounds(found):
    told = measure(found)
    assert 0 <= told.loss <= 1
    assert 0 < told.ndcg <= 1 + 1e-9
    assert told.recall10 <= told.recall20 <= told.recall50 <= 1
    assert told.first <= told.last <= 1
    area = sum(itertools.accumulate(found))  # ASReview's own way to the loss
    total, includes = len(found), sum(found)
    assert told.loss == pytest.approx(
        (includes * (total - (includes - 1) / 2) - area) / (includes * (total - includes))
    )


@pytest.mark.parametrize(("total", "includes"), [(5, 2), (7, 1), (6, 5), (8, 3)])
def test_chance_is_the_mean_over_all_orders(total, includes):
    orders = itertools.combinations(range(total), includes)
    every = [measure([int(place in chosen) for place in range(total)]) for chosen in orders]
    assert astuple(by_chance(total, includes)) == pytest.approx(astuple(mean(every)))


@pytest.mark.parametrize("found", [[], [1], [0, 0], [1, 1]])
def test_what_has_no_figures(found):
    for figure in (measure, oracle, lambda found: by_chance(len(found), sum(found)), lambda f: stopped(f, 1)):
        with pytest.raises(WrongUse, match="nothing to tell apart"):
            figure(found)


def test_stopping_early():
    told = stopped([1, 1, 0, 0, 1, 0, 0, 0, 0, 0], 4)
    assert (told.read, told.recall, told.saved) == (4, pytest.approx(2 / 3), pytest.approx(0.6))
    assert stopped([1, 0], 99).saved == 0


# -- several readings --------------------------------------------------------------------------------


def test_mean_and_spread():
    readings = [measure([1, 0, 0, 0]), measure([0, 0, 0, 1])]
    assert mean(readings).loss == 0.5
    assert spread(readings).loss == pytest.approx(0.7071068)
    assert spread(readings[:1]) == Figures(*[0.0] * 9)


def test_paired_differences_have_an_interval_of_students_t():
    told = paired([3, 5, 7], [1, 2, 3])
    assert (told.mean, told.pairs, told.above) == (3, 3, 3)
    assert told.half == pytest.approx(4.302653 / 3**0.5)
    assert paired([1], [2]) == Difference(-1, None, 1, 0)
    with pytest.raises(WrongUse, match="2 figures cannot be compared with 1"):
        paired([1, 2], [1])


def test_every_figure_has_a_name():
    assert list(NAMES) == [field.name for field in fields(Figures)]

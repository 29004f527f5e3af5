from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.mix import mixed
from screen.stop.sample import by_lot

ORDERS = st.lists(st.integers(1, 10**6), unique=True, max_size=120)
SHARES = st.tuples(st.integers(0, 10), st.integers(0, 10)).filter(lambda pair: sum(pair) <= 10)


def scores(order):
    return [1.0 - place / (len(order) or 1) for place in range(len(order))]


@given(ORDERS, st.integers(0, 9), SHARES)
def test_nothing_is_lost_and_nothing_comes_twice(order, seed, shares):
    random, uncertain = shares[0] / 10, shares[1] / 10
    mixture = mixed(order, scores(order), seed, random, uncertain)
    assert sorted(mixture) == sorted(order)
    assert mixture == mixed(order, scores(order), seed, random, uncertain)


@given(ORDERS, st.integers(0, 9), st.integers(0, 10))
def test_every_beginning_holds_its_share_of_the_draw(order, seed, tenths):
    mixture = mixed(order, scores(order), seed, random=tenths / 10)
    drawn = by_lot(order, seed)
    for size in range(1, len(order) + 1):
        assert set(drawn[: size * tenths // 10]) <= set(mixture[:size])


@given(ORDERS, st.integers(0, 9), SHARES)
def test_what_is_neither_drawn_nor_unsure_keeps_its_order(order, seed, shares):
    """Of n reports at least so many are the foremost ones."""
    random, uncertain = shares[0] / 10, shares[1] / 10
    mixture = mixed(order, scores(order), seed, random, uncertain)
    for size in range(1, len(order) + 1):
        ranked = size - math.ceil(size * random) - math.ceil(size * uncertain)
        assert set(order[: max(ranked, 0)]) <= set(mixture[:size])


def test_the_least_sure_lie_halfway_between_the_best_and_the_median():
    order, marks = [1, 2, 3, 4, 5], [10.0, 6.0, 2.0, 1.0, 0.0]
    assert mixed(order, marks, 0, random=0, uncertain=0.5) == (1, 2, 3, 4, 5)
    assert mixed([1, 2, 3, 4, 5, 6, 7], [9.0, 8.0, 5.5, 2.0, 1.0, 0.0, 0.0], 0, 0, 0.5) == (
        1,
        3,
        2,
        4,
        5,
        6,
        7,
    )


def test_without_shares_the_order_stays():
    assert mixed([3, 1, 2], [3, 2, 1], 0, 0.0) == (3, 1, 2)
    assert mixed([], [], 0) == ()


@given(ORDERS, SHARES)
def test_the_least_sure_have_their_share_too(order, shares):
    """Seen by their places: with scores that fall evenly, the least sure stand around the first quarter."""
    random, uncertain = shares[0] / 10, shares[1] / 10
    marks = dict(zip(order, scores(order), strict=True))
    mixture = mixed(order, scores(order), 0, random, uncertain)
    middle = (max(marks.values(), default=0) + sorted(marks.values())[len(marks) // 2]) / 2 if marks else 0
    nearest = sorted(order, key=lambda report: abs(marks[report] - middle))
    for size in range(1, len(order) + 1):
        due = max(size * shares[1] // 10 - 1, 0)
        got = set(mixture[:size])
        assert len(got & set(nearest[: due + 1])) >= due


@pytest.mark.parametrize(
    ("order", "marks", "shares", "said"),
    [
        ([1, 2], [1, 0], (0.7, 0.4), "0.7 random and 0.4 uncertain"),
        ([1, 2], [1, 0], (-0.1, 0.0), "between 0 and 1"),
        ([1, 1], [1, 0], (0.1, 0.0), "every report once"),
        ([1, 2], [1], (0.1, 0.0), "one score for each"),
    ],
)
def test_what_cannot_be_mixed(order, marks, shares, said):
    with pytest.raises(WrongUse, match=said):
        mixed(order, marks, 0, *shares)

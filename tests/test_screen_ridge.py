from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import Ridge

from screen import ridge
from screen.ridge import Votes, balanced, direction


def votes(seed: int, reports: int = 30, terms: int = 80, *, own: float = 0.0) -> Votes:
    dice = np.random.default_rng(seed)
    rows = sparse.random(reports, terms, density=0.2, format="csr", rng=dice)
    targets = np.where(dice.random(reports) < 0.3, 1.0, -1.0)
    targets[:2] = 1.0, -1.0
    return Votes(rows, np.full(reports, own), targets, dice.choice([0.25, 0.5, 1.0], reports))


def exact(told: Votes, weights: np.ndarray, strength: float) -> np.ndarray:
    """The same, from the textbook: β of (K + 1 + diagonal) β = targets, by elimination."""
    kernel = (told.rows @ told.rows.T).toarray() + 1.0
    diagonal = 1.0 / (2.0 * strength * weights) + told.own
    return np.asarray(told.rows.T @ np.linalg.solve(kernel + np.diag(diagonal), told.targets))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.05, 1.0, 20.0]), st.sampled_from([0.0, 0.4]))
def test_the_direction_is_that_of_the_equations(seed, strength, own):
    told = votes(seed, own=own)
    weights = balanced(told, 20.0)
    found, wanted = direction(told, weights, strength), exact(told, weights, strength)
    assert np.linalg.norm(found - wanted) <= 0.01 * np.linalg.norm(wanted)


def test_it_agrees_with_scikit_learn():
    told = votes(1)
    weights = balanced(told, 20.0)
    with_constant = sparse.hstack([told.rows, np.ones((told.rows.shape[0], 1))], format="csr")
    model = Ridge(alpha=1 / (2 * 0.05), fit_intercept=False, solver="cholesky")
    model.fit(with_constant.toarray(), told.targets, sample_weight=weights)
    found = direction(told, weights, 0.05)
    assert np.linalg.norm(found - model.coef_[:-1]) <= 0.01 * np.linalg.norm(model.coef_[:-1])


def test_the_same_votes_give_the_same_bits():
    first, second = (direction(votes(3), balanced(votes(3), 20.0), 0.05) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@given(st.integers(0, 1_000), st.floats(0.5, 50))
def test_includes_together_weigh_so_many_times_the_excludes_whatever_there_are_of_each(seed, ratio):
    told = votes(seed)
    weights = balanced(told, ratio)
    inside = weights[told.targets > 0].sum()
    assert inside / weights[told.targets < 0].sum() == pytest.approx(
        ratio * told.excluded.sum() / told.excluded.sum()
    )
    assert weights.mean() == pytest.approx(1.0)


def test_what_a_report_has_for_itself_lets_it_teach_less():
    alone, among = votes(5), votes(5, own=4.0)
    weights = balanced(alone, 20.0)
    assert np.linalg.norm(direction(among, weights, 1.0)) < np.linalg.norm(direction(alone, weights, 1.0))


def test_the_search_ends(monkeypatch):
    monkeypatch.setattr(ridge, "ENOUGH", 0.0)
    told = votes(2)
    assert np.isfinite(direction(told, balanced(told, 20.0), 1e6)).all()


def test_columns_that_no_vote_touches_change_nothing():
    told = votes(7)
    wide = sparse.csr_matrix((told.rows.data, told.rows.indices * 100, told.rows.indptr), shape=(30, 8_000))
    weights = balanced(told, 20.0)
    found = direction(Votes(wide, told.own, told.targets, told.weights), weights, 0.05)
    assert found[::100].tobytes() == direction(told, weights, 0.05).tobytes()
    assert np.count_nonzero(found) <= 80

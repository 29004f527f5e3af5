"""Weighted least squares with a penalty on length: what a linear model learns from votes.

Wanted is the direction w that makes the sum of weight · (target − row·w − b)² plus (|w|² + b²)/2C smallest
(Hoerl & Kennard 1970, doi 10.1080/00401706.1970.10488634; as a classifier Rifkin et al. 2003). On screening data the
squared error ranks like the squared hinge of a support vector machine: with so few includes and so strong a
penalty hardly any report gets beyond its margin (`docs/ranking.md`).

There are far fewer votes than terms, so the solution is sought as a sum of voted rows, one number a vote
("dual" form). It solves (rows·rowsᵀ + 1 + diagonal) β = targets, symmetric and positive, by conjugate gradients
(Hestenes & Stiefel 1952, doi 10.6028/jres.049.044), which take a handful of products with the voted rows.
The start is always zero: the same votes give the same numbers, whatever was voted or asked before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Vector = NDArray[np.float64]

ENOUGH = 1e-3
"""The error left, as a share of the error at the start, at which the search ends."""

MANY = 10
"""So many times more columns than the votes have terms are worth leaving out while solving."""

MOST_STEPS = 100
"""Far more than are needed: about six."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What is learnt from: one entry a voted report."""

    rows: sparse.csr_matrix
    """Features."""
    own: Vector
    """Squared length of what a report has for itself, outside the columns of `rows`."""
    targets: Vector
    """1 included, -1 excluded."""
    weights: Vector
    """How much each counts, above 0."""

    @property
    def included(self) -> Vector:
        """The weights of the includes, 0 for the others."""
        return np.where(self.targets > 0, self.weights, 0.0)

    @property
    def excluded(self) -> Vector:
        """The weights of the excludes, 0 for the others."""
        return np.where(self.targets < 0, self.weights, 0.0)


def balanced(votes: Votes, ratio: float) -> Vector:
    """A weight for every vote: the includes together weigh `ratio` times the excludes; the mean is 1."""
    inside, outside = float(votes.included.sum()), float(votes.excluded.sum())
    weights = votes.included + votes.excluded * (inside / (ratio * outside))
    return np.asarray(weights * (len(weights) / weights.sum()))


def direction(votes: Votes, weights: Vector, strength: float) -> Vector:
    """The direction that fits the votes: one weight a column. `strength` is C: the higher, the closer the fit."""
    columns = votes.rows.shape[1]
    diagonal = 1.0 / (2.0 * strength * weights)
    if columns < MANY * votes.rows.nnz:
        return np.asarray(votes.rows.T @ _solved(votes.rows, votes, diagonal))
    used = np.unique(votes.rows.indices)
    rows = _only(votes.rows, used)
    whole = np.zeros(columns)
    whole[used] = rows.T @ _solved(rows, votes, diagonal)
    return whole


def _only(rows: sparse.csr_matrix, used: NDArray[np.int32]) -> sparse.csr_matrix:
    """Rows without the columns in which they hold nothing: a million reports have millions of columns."""
    shape = (rows.shape[0], len(used))
    return sparse.csr_matrix((rows.data, np.searchsorted(used, rows.indices), rows.indptr), shape=shape)


def _solved(rows: sparse.csr_matrix, votes: Votes, diagonal: Vector) -> Vector:
    """β, one number a vote."""
    across = rows.T
    diagonal = diagonal + votes.own
    squared = np.bincount(
        np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)),
        weights=rows.data * rows.data, minlength=rows.shape[0],
    )  # fmt: skip
    scale = 1.0 / (diagonal + squared + 1.0)  # Jacobi: the votes differ much in weight
    beta = np.zeros(len(diagonal))
    rest = votes.targets.copy()
    step = scale * rest
    left = _product(rest, step)
    enough = ENOUGH * ENOUGH * left
    for _ in range(MOST_STEPS):
        if left <= enough:
            break
        image = rows @ (across @ step) + step.sum() + diagonal * step
        length = left / _product(step, image)
        beta += length * step
        rest -= length * image
        turned = scale * rest
        before, left = left, _product(rest, turned)
        step = turned + (left / before) * step
    return beta


def _product(one: Vector, other: Vector) -> float:
    # no BLAS here: its sums depend on the number of threads
    return float(np.sum(one * other))

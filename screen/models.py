"""The models, by name. Each turns what is known into a direction: one weight for every term.

A report's score is its row of features times that direction. So every model is explained the same way, by
the terms that moved a report up or down, and several are mixed by adding directions. A name carries its
version: whoever changes what a model computes gives it the next number and leaves the old one in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from db.errors import WrongUse

Direction = NDArray[np.float64]
"""One weight a column of the features."""
Number = float | int
Parameters = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a model may use. All rows are in the columns of the harvest's features."""

    reports: sparse.csr_matrix
    """The whole harvest, voted on or not."""
    wanted: Direction
    """Question and inclusion criteria, at length 1; zeros when nothing was written down."""
    unwanted: Direction
    """Exclusion criteria, likewise."""
    included: sparse.csr_matrix
    """Reports voted in, and the known relevant ones."""
    excluded: sparse.csr_matrix
    """Reports voted out."""


@dataclass(frozen=True, slots=True)
class Model:
    """A way from evidence to a direction, with the parameters it understands."""

    direction: Callable[[Evidence, Parameters, int], Direction]
    """(evidence, parameters, seed) → direction."""
    parameters: Parameters = field(default_factory=dict)
    """Names and values when the reviewer sets none."""


def model(name: str) -> Model:
    """The model of that name.

    Raises:
        WrongUse: there is none; the sentence lists those there are.
    """
    if name not in MODELS:
        raise WrongUse(f"There is no ranking model {name!r}; the models are {', '.join(sorted(MODELS))}.")
    return MODELS[name]


def topic(evidence: Evidence, parameters: Parameters, seed: int) -> Direction:  # noqa: ARG001 - one shape
    """Likeness to the question and to what was included, less that to what was excluded.

    Rocchio's relevance feedback (1971; Manning, Raghavan & Schütze 2008, ch. 9): it needs no vote, and takes
    includes alone or excludes alone. As long as nothing is included, the reports nearest to the question stand
    in for includes ("pseudo relevance feedback"), which brings in the words that the question does not use.
    """
    wanted = evidence.wanted - parameters["unwanted"] * evidence.unwanted
    if evidence.included.shape[0]:
        likeness = parameters["included"] * unit(_mean(evidence.included))
    else:
        likeness = parameters["echo"] * unit(_mean(_foremost(wanted, evidence.reports)))
    return np.asarray(wanted + likeness - parameters["excluded"] * unit(_mean(evidence.excluded)))


def svm(evidence: Evidence, parameters: Parameters, seed: int) -> Direction:
    """Linear support vector machine, squared hinge."""
    return _learned(
        LinearSVC(C=parameters["C"], loss="squared_hinge", random_state=seed, max_iter=20_000),
        evidence,
        parameters,
        seed,
    )


def logistic(evidence: Evidence, parameters: Parameters, seed: int) -> Direction:
    """Logistic regression."""
    classifier = LogisticRegression(C=parameters["C"], solver="liblinear", random_state=seed, max_iter=20_000)
    return _learned(classifier, evidence, parameters, seed)


def _learned(classifier: Any, evidence: Evidence, parameters: Parameters, seed: int) -> Direction:
    """What the votes teach, mixed with the likeness to the topic; that alone until both kinds were voted.

    The topic's share falls as votes come: half when there are `patience` votes of the rarer kind.
    """
    cold = topic(evidence, parameters, seed)
    includes, excludes = evidence.included.shape[0], evidence.excluded.shape[0]
    if not includes or not excludes or not len(cold):
        return cold
    rows = sparse.vstack([evidence.included, evidence.excluded], format="csr")
    truth = np.repeat([1, 0], [includes, excludes])
    classifier.fit(rows, truth, sample_weight=_balance(includes, excludes, parameters["ratio"]))
    learned = np.asarray(classifier.coef_, dtype=np.float64).ravel()
    share = parameters["patience"] / (parameters["patience"] + min(includes, excludes))
    mixed = (1 - share) * _spread(learned, evidence) + share * _spread(cold, evidence)
    return np.asarray(mixed)


def _balance(includes: int, excludes: int, ratio: float) -> Direction:
    """A weight for every vote: the includes together weigh `ratio` times the excludes; the mean is 1."""
    weights: Direction = np.repeat([1.0, includes / (ratio * excludes)], [includes, excludes])
    return np.asarray(weights * (len(weights) / weights.sum()))


def _foremost(direction: Direction, reports: sparse.csr_matrix) -> sparse.csr_matrix:
    """The reports that score highest, a twentieth and 30 at most; none when nothing scores."""
    scores = np.round(reports @ direction, 9)
    order = np.argsort(-scores, kind="stable")[: min(30, reports.shape[0] // 20)]
    return reports[order[scores[order] > 0]]


def _spread(direction: Direction, evidence: Evidence) -> Direction:
    """The direction, scaled so that the scores of the harvest have standard deviation 1."""
    deviation = float(np.std(evidence.reports @ direction))
    return np.asarray(direction / deviation) if deviation > 0 else direction


def _mean(rows: sparse.csr_matrix) -> Direction:
    """The mean row; zeros when there is none."""
    total: Direction = np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()
    return np.asarray(total / max(rows.shape[0], 1))


def unit(vector: Direction) -> Direction:
    """The same direction at length 1; zeros stay zeros."""
    # no BLAS here: its sums depend on the number of threads
    length = float(np.sqrt(np.sum(vector * vector)))
    return np.asarray(vector / length) if length > 0 else vector


_TOPIC: Parameters = {"criteria": 2.0, "echo": 0.7, "unwanted": 0.1, "included": 1.0, "excluded": 0.25}

MODELS: Mapping[str, Model] = {
    "topic-1": Model(topic, _TOPIC),
    "fields-svm-1": Model(svm, {**_TOPIC, "C": 0.05, "ratio": 20.0, "patience": 3.0}),
    "fields-logistic-1": Model(logistic, {**_TOPIC, "C": 0.5, "ratio": 20.0, "patience": 3.0}),
}
DEFAULT = "fields-svm-1"

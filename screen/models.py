"""The models, by name. Each turns question and votes into a direction: one weight for every term.

A report's score is its row of features times that direction. So every model is explained the same way, by
the terms that moved a report up or down, and several are mixed by adding directions. A name carries its
version: whoever changes what a model computes gives it the next number. Rankers of other packages, which need not
be linear, stand beside these: `screen.plugins`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.errors import WrongUse
from screen import ridge
from screen.plugins import Plugin, rankers
from screen.ridge import Votes
from screen.text import Features, Recipe
from screen.topic import Prior, Topic, Weights, deviation

Vector = NDArray[np.float64]
Number = float | int
Parameters = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Model:
    """A way from question and votes to an order."""

    learns: bool
    """From the votes, by least squares; otherwise they only move the likeness to the topic."""
    own: Parameters = field(default_factory=dict)
    """Its own parameters, with the values they have when the reviewer sets none."""

    @property
    def parameters(self) -> Parameters:
        """All that may be set: its own, those of the topic and those of the features."""
        return {**asdict(Recipe()), **asdict(Weights()), **self.own}


MODELS: Mapping[str, Model] = {
    "fields-ridge-1": Model(learns=True, own={"C": 0.05, "doubling": 80.0, "ratio": 20.0, "patience": 12.0}),
    "topic-2": Model(learns=False),
}
DEFAULT = "fields-ridge-1"

MOST = 1e6
"""No parameter is larger: beyond it sums overflow, and nothing is gained long before."""
LEAST: Mapping[str, float] = {"C": 1e-6, "doubling": 1e-6, "ratio": 1e-6, "words": 1, "title_times": 1}
"""What is divided by, or has to be there at least once; no other parameter is below 0."""
WHOLE = ("words", "title_times", "likely")
"""Parameters that count something."""


def check_parameters(values: Parameters) -> None:
    """Raises `WrongUse` for the first value of a model of ours that is out of its range."""
    for name, value in values.items():
        least, most = LEAST.get(name, 0), 2 if name == "words" else MOST
        kind = "whole number" if name in WHOLE else "number"
        if not least <= value <= most or (name in WHOLE and value != int(value)):
            raise WrongUse(f"The parameter {name!r} is a {kind} from {least:g} to {most:.7g}, not {value:g}.")


def model(name: str) -> Model | Plugin:
    """The model of that name: one of ours, or one that an installed package brings.

    Raises:
        WrongUse: there is none (the sentence lists those there are), or its package is broken.
    """
    if name in MODELS:
        return MODELS[name]
    others = rankers()
    if name in others:
        return others[name]
    raise WrongUse(
        f"There is no ranking model {name!r}; the models are {', '.join([*sorted(MODELS), *others])}: "
        "name one of these, or none for the usual one."
    )


class Leaning(NamedTuple):
    """Where the evidence points."""

    scores: Vector
    """Of every report: its row times the direction."""
    parts: tuple[tuple[float, Vector], ...]
    """The direction as a sum: factors, and vectors with one weight a column."""

    @property
    def direction(self) -> Vector:
        """One weight a column. Only whoever asks why needs it."""
        return np.asarray(sum(factor * vector for factor, vector in self.parts))

    def times(self, factor: float) -> Leaning:
        """The same, stronger or weaker."""
        return Leaning(factor * self.scores, tuple((factor * each, vector) for each, vector in self.parts))

    def plus(self, other: Leaning) -> Leaning:
        """Both together."""
        return Leaning(self.scores + other.scores, self.parts + other.parts)


class Linear:
    """A harvest and a question, ready to take votes."""

    def __init__(
        self, chosen: Model, harvest: Features, topic: Topic, known: sparse.csr_matrix, parameters: Parameters
    ) -> None:
        """`known` holds the rows of the studies known to be relevant."""
        self._model, self._rows, self._parameters = chosen, harvest.matrix, parameters
        weights = Weights(**{each.name: parameters[each.name] for each in fields(Weights)})  # type: ignore[arg-type]
        self._prior = Prior(topic, harvest, known, weights)

    def leaning(self, votes: Votes | None) -> Leaning:
        """What follows from the votes; None before the first."""
        contrast = self._prior.contrast(votes)
        if votes is None or not self._teaches(votes):
            return self._topical(contrast, self._rows @ contrast)
        weights = ridge.balanced(votes, self._parameters["ratio"])
        learned = ridge.direction(votes, weights, self._strength(votes))
        topical = self._topical(contrast, self._rows @ contrast)
        return _mixed(topical, Leaning(self._rows @ learned, ((1.0, learned),)), self._share(votes))

    def _teaches(self, votes: Votes) -> bool:
        return self._model.learns and bool(votes.included.any() and votes.excluded.any())

    def _topical(self, contrast: Vector, likeness: Vector) -> Leaning:
        """Likeness to what is asked and to what is, or seems, in: Rocchio's way."""
        asked = Leaning(self._prior.first, ((1.0, self._prior.asked),))
        spread = deviation(likeness)
        if not spread:
            return asked
        return asked.plus(Leaning(likeness, ((1.0, contrast),)).times(self._prior.weights.feedback / spread))

    def _strength(self, votes: Votes) -> float:
        """C, the closeness of the fit. It grows with what there is to fit: twice as much at `doubling` includes."""
        return self._parameters["C"] * (1 + float(votes.included.sum()) / self._parameters["doubling"])

    def _share(self, votes: Votes) -> float:
        """Of the topic. It falls as votes come: half when there are `patience` votes of the rarer kind."""
        patience = self._parameters["patience"]
        return patience / (patience + min(float(votes.included.sum()), float(votes.excluded.sum())))


def _mixed(topical: Leaning, learned: Leaning, share: float) -> Leaning:
    """Both at standard deviation 1, then the first with this share and the second with the rest."""
    one, other = deviation(topical.scores), deviation(learned.scores)
    return topical.times(share / one if one else 0.0).plus(
        learned.times((1 - share) / other if other else 0.0)
    )

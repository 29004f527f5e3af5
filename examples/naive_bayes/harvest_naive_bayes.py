"""Naive Bayes for Harvest, as somebody outside of the project would ship it: this file and an entry point.

Multinomial naive Bayes (Manning, Raghavan & Schütze 2008, ch. 13) asks of every word how much more often it
stands in what was included than in what was not. It was ASReview's model for years, with the smoothing
that is used here. Before any vote, the question of the review is its only include, and the whole harvest stands
for what is not wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from screen.document import Document
from screen.rank import Topic

Row = NDArray[np.float64]
Weight = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class NaiveBayes:
    """The ranker: keeps `screen.plugins.Plugin`."""

    name: str = "naive-bayes"
    version: str = "1"
    parameters: Mapping[str, float] = field(
        default_factory=lambda: {"alpha": 3.822, "question": 1.0, "background": 1.0}
    )
    """Smoothing · weight of the question as an include · weight of the whole harvest as one exclude."""

    def ready(
        self,
        documents: Sequence[Document],
        topic: Topic,
        parameters: Mapping[str, float],
        seed: int,  # noqa: ARG002 - nothing is left to chance
    ) -> _Scores:
        """Count the words of the harvest and of the question, once."""
        words = TfidfVectorizer(stop_words="english")
        try:
            reports = words.fit_transform([_text(item) for item in documents])
            asked = words.transform([" ".join((topic.title, topic.question, *topic.include))])
        except ValueError:  # no document holds a word
            reports, asked = sparse.csr_matrix((len(documents), 1)), sparse.csr_matrix((1, 1))
        place = {item.id: row for row, item in enumerate(documents)}
        return _Scores(reports, _total(asked), place, parameters)


@dataclass(frozen=True, slots=True)
class _Scores:
    """A harvest that has been read: labels in, scores out."""

    reports: sparse.csr_matrix
    """One row a document: TF-IDF of its words."""
    asked: Row
    """The question, as a row."""
    place: Mapping[int, int]
    """Id → row."""
    parameters: Mapping[str, float]

    def __call__(self, labels: Mapping[int, float]) -> list[float]:
        """The log odds of every document, without the prior odds, which are the same for all."""
        wanted = self.parameters["question"] * self.asked + self._sum(labels, lambda label: label)
        unwanted = self._sum(labels, lambda label: float(label == 0))
        unwanted += self.parameters["background"] * _total(self.reports) / max(self.reports.shape[0], 1)
        odds = _log_share(wanted, self.parameters["alpha"]) - _log_share(unwanted, self.parameters["alpha"])
        return [float(score) for score in self.reports @ odds]

    def _sum(self, labels: Mapping[int, float], weight: Weight) -> Row:
        """The labelled rows together, each with its weight; in the order of the rows, so that sums repeat."""
        weights = np.zeros(self.reports.shape[0])
        for number, label in labels.items():
            weights[self.place[number]] = weight(label)
        return np.asarray(self.reports.T @ weights)


def _log_share(counts: Row, alpha: float) -> Row:
    """How likely each word is, smoothed so that no word is impossible."""
    return np.asarray(np.log(counts + alpha) - np.log(np.sum(counts) + alpha * len(counts)))


def _total(rows: sparse.csr_matrix) -> Row:
    return np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()


def _text(item: Document) -> str:
    return " ".join((item.title, item.abstract, *item.keywords, *item.publication_types))


RANKER = NaiveBayes()

"""Our models at work on one harvest: labels in, scores and reasons out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from screen.document import Document
from screen.models import Leaning, Linear, Model, Number, Vector
from screen.ridge import Votes
from screen.text import Recipe, features
from screen.topic import Topic, texts
from screen.why import Near, Reason

DIGITS = 9
"""Likeness is rounded to so many decimals before reports are put in order by it."""


class Fields:
    """Documents as numbers, the question beside them, and what is known from before."""

    versions: Mapping[str, str] = {}
    """Of what takes part beside the libraries that every model uses."""

    def __init__(
        self, chosen: Model, documents: Sequence[Document], topic: Topic, parameters: Mapping[str, Number]
    ) -> None:
        """Documents stand in the order of their ids."""
        recipe = Recipe(**{each.name: parameters[each.name] for each in fields(Recipe)})  # type: ignore[arg-type]
        asked = Document(0, title=f"{topic.title} . {topic.question}", abstract=texts(topic))
        self._harvest = features(documents, recipe, (asked, *topic.known, *topic.rejected))
        self._ids = np.array(self._harvest.ids, dtype=np.int64)
        here = set(self._harvest.ids)
        before = {item.id: 0.0 for item in topic.rejected} | {item.id: 1.0 for item in topic.known}
        self._before = {report: label for report, label in before.items() if report in here}
        known, rejected = self._outside(topic.known), self._outside(topic.rejected)
        self._strangers = sparse.vstack([known, rejected], format="csr")
        self._told = np.repeat([1.0, 0.0], [known.shape[0], rejected.shape[0]])
        inside = self._places([item.id for item in topic.known if item.id in here])
        everywhere = sparse.vstack([self._harvest.matrix[inside], known], format="csr")
        self._linear = Linear(chosen, self._harvest, topic, everywhere, parameters)
        self._last: tuple[dict[int, float], Leaning] | None = None

    @property
    def width(self) -> int:
        """How many columns the features have."""
        return int(self._harvest.matrix.shape[1])

    def scores(self, labels: Mapping[int, float]) -> Vector:
        """One score a document."""
        return self._leaning(labels).scores

    def reasons(self, row: int, labels: Mapping[int, float], most: int) -> tuple[Reason, ...]:
        """The terms that moved a document most, the strongest first."""
        own = self._harvest.matrix[row]
        parts = own.data * self._leaning(labels).direction[own.indices]
        strongest = np.lexsort((own.indices, -np.abs(parts)))[:most]
        return tuple(
            Reason(*self._harvest.term(int(own.indices[at])), float(parts[at]))
            for at in strongest
            if parts[at]
        )

    def nearest(self, row: int, labels: Mapping[int, float], most: int) -> tuple[Near, ...]:
        """Labelled documents by their likeness; those with nothing in common are left out."""
        own, others = self._harvest.matrix[row], sorted(labels)
        places = self._places(others)
        rows = self._harvest.matrix[places]
        squared = np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel()
        lengths = np.sqrt(
            (squared + self._harvest.own[places]) * (own.multiply(own).sum() + self._harvest.own[row])
        )
        alike = np.round((rows @ own.T).toarray().ravel() / np.where(lengths > 0, lengths, 1.0), DIGITS)
        order = np.lexsort((others, -alike))[:most]
        found = ((others[at], float(alike[at])) for at in order if alike[at] > 0)
        return tuple(Near(other, likeness, float(labels[other])) for other, likeness in found)

    def _leaning(self, labels: Mapping[int, float]) -> Leaning:
        """What the labels come to; the last answer is remembered, for whoever asks why next."""
        if self._last is None or self._last[0] != labels:
            self._last = dict(labels), self._linear.leaning(self._votes(labels))
        return self._last[1]

    def _votes(self, labels: Mapping[int, float]) -> Votes | None:
        """Labels and what is known from before, as rows in the order of the documents."""
        told = {**self._before, **labels} if self._before else labels
        reports = np.fromiter(told.keys(), dtype=np.int64, count=len(told))
        values = np.fromiter(told.values(), dtype=np.float64, count=len(told))
        order = np.argsort(reports)
        places = np.searchsorted(self._ids, reports[order])
        values = np.concatenate([values[order], self._told])
        if not len(values):
            return None
        rows = self._harvest.matrix[places]
        if len(self._told):
            rows = sparse.vstack([rows, self._strangers], format="csr")
        own = np.concatenate([self._harvest.own[places], np.zeros(len(self._told))])
        included = values > 0
        return Votes(rows, own, np.where(included, 1.0, -1.0), np.where(included, values, 1.0))

    def _outside(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        """The rows of those that are not in the harvest."""
        here = set(self._harvest.ids)
        return self._harvest.project([item for item in documents if item.id not in here])

    def _places(self, reports: Sequence[int]) -> NDArray[np.int64]:
        """The rows of reports of the harvest."""
        return np.asarray(np.searchsorted(self._ids, np.array(reports, dtype=np.int64)))

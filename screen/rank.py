"""The order of reading: most likely inclusion first.

A ranking only orders. It never decides and never leaves a report out, voted on or not. It is a pure
function: the same documents, labels, topic and settings give the same order and scores, bit for bit, and
everything needed to make it again stands in the `Ranking`.

`Ranker` holds a harvest's features, computed once, and ranks it as often as there are new votes; `rank`
does both at one go. Loads scikit-learn: import it where a ranking is made.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import scipy
import sklearn
from scipy import sparse

from db.errors import WrongUse
from db.opinion import Ranking
from screen import models
from screen.document import Document
from screen.models import Direction, Evidence, Number
from screen.text import Features, Recipe, features

DIGITS = 9
"""Scores are rounded to so many decimals, so that the last bits, which differ between machines, order nothing."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What the review asks, in the reviewers' words. Empty fields are simply not used."""

    title: str = ""
    question: str = ""
    population: str = ""
    intervention: str = ""
    comparison: str = ""
    outcomes: str = ""
    design: str = ""
    include: tuple[str, ...] = ()
    """Inclusion criteria, one sentence each."""
    exclude: tuple[str, ...] = ()
    """Exclusion criteria."""
    known: tuple[Document, ...] = ()
    """Studies known to be relevant. One that is in the harvest has its report's id, others an id below 0."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which model, and how it is set."""

    model: str = models.DEFAULT
    """A name in `screen.models.MODELS`."""
    seed: int = 0
    parameters: Mapping[str, Number] = field(default_factory=dict)
    """Those that differ from the model's and the recipe's own values."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One term's part in a report's score."""

    block: str
    """text, title or headings: where the term stands."""
    term: str
    part: float
    """Above 0: moved the report up. The parts of all its terms add up to the score."""


class Ranker:
    """A harvest, ready to be ranked again and again. Its cost is paid when it is made."""

    def __init__(
        self,
        documents: Sequence[Document],
        topic: Topic,
        settings: Settings | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """`versions` are added to those of the libraries; the caller's own belongs there.

        Raises:
            WrongUse: unknown model or parameter, or a report given twice.
        """
        self.settings = settings or Settings()
        self._model = models.model(self.settings.model)
        self.parameters = _parameters(self.settings, self._model)
        self.features = features(documents, _recipe(self.parameters))
        self.versions = {**library_versions(), **(versions or {})}
        self._row = {report: row for row, report in enumerate(self.features.ids)}
        self._known = topic.known
        outside = [item for item in topic.known if item.id not in self._row]
        self._outside = self.features.project(outside)
        self._wanted = _wanted(topic, self.features, self.parameters["criteria"])
        self._unwanted = _criteria(topic.exclude, self.features)
        ordered = sorted(documents, key=lambda item: item.id)
        self._digest = _digest([[asdict(item) for item in ordered], asdict(topic)])

    def rank(self, labels: Mapping[int, int]) -> Ranking:
        """The order of reading after these votes (report id → 1 included, 0 excluded).

        Raises:
            WrongUse: a label for a report that is not in the harvest, or neither 0 nor 1.
        """
        scores = np.round(self.features.matrix @ self._direction(labels), DIGITS) + 0.0
        order = np.lexsort((self.features.ids, -scores))
        ordered = dict(sorted(labels.items()))
        inputs = [
            self._digest,
            ordered,
            self.settings.model,
            self.settings.seed,
            self.parameters,
            self.versions,
        ]
        return Ranking(
            model=self.settings.model,
            parameters=self.parameters,
            seed=self.settings.seed,
            versions=self.versions,
            labels=ordered,
            input_digest=_digest(inputs),
            order=tuple((self.features.ids[row], float(scores[row])) for row in order),
        )

    def why(self, report: int, labels: Mapping[int, int], most: int = 10) -> tuple[Reason, ...]:
        """The terms that moved a report most, up or down, the strongest first.

        Raises:
            WrongUse: the report is not in the harvest.
        """
        if report not in self._row:
            raise WrongUse(f"Report {report} is not among those that were ranked.")
        row = self.features.matrix[self._row[report]].multiply(self._direction(labels)).tocsr()
        strongest = sorted(zip(row.indices, row.data, strict=True), key=lambda cell: (-abs(cell[1]), cell[0]))
        names = tuple(self.features.terms())
        found = ((*names[column], float(part)) for column, part in strongest[:most] if part)
        return tuple(Reason(block, term, part) for block, term, part in found)

    def _direction(self, labels: Mapping[int, int]) -> Direction:
        _check(labels, self._row)
        known = {item.id: 1 for item in self._known if item.id in self._row}
        votes = {**known, **labels}
        return self._model.direction(self._evidence(votes), self.parameters, self.settings.seed)

    def _evidence(self, votes: Mapping[int, int]) -> Evidence:
        matrix = self.features.matrix
        included = [self._row[report] for report in sorted(votes) if votes[report]]
        excluded = [self._row[report] for report in sorted(votes) if not votes[report]]
        return Evidence(
            reports=matrix,
            wanted=self._wanted,
            unwanted=self._unwanted,
            included=sparse.vstack([matrix[included], self._outside], format="csr"),
            excluded=matrix[excluded],
        )


def rank(
    documents: Sequence[Document],
    labels: Mapping[int, int],
    topic: Topic,
    settings: Settings | None = None,
    versions: Mapping[str, str] | None = None,
) -> Ranking:
    """One ranking of a harvest; see `Ranker`, which is what to keep when more than one is wanted."""
    return Ranker(documents, topic, settings, versions).rank(labels)


def library_versions() -> dict[str, str]:
    """Of everything that takes part in the arithmetic."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _parameters(settings: Settings, model: models.Model) -> dict[str, Number]:
    """Every parameter with its value, by name."""
    known = {**asdict(Recipe()), **model.parameters}
    if unknown := sorted(settings.parameters.keys() - known.keys()):
        raise WrongUse(
            f"The model {settings.model!r} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(known))}."
        )
    return dict(sorted({**known, **settings.parameters}.items()))


def _recipe(parameters: Mapping[str, Number]) -> Recipe:
    """The part of the parameters that makes the features."""
    return Recipe(
        words=int(parameters["words"]),
        title_times=int(parameters["title_times"]),
        title_weight=parameters["title_weight"],
        heading_weight=parameters["heading_weight"],
    )


def _check(labels: Mapping[int, int], rows: Mapping[int, int]) -> None:
    if strangers := sorted(labels.keys() - rows.keys()):
        raise WrongUse(
            f"There are labels for reports that are not to be ranked: {strangers[:5]}; leave them out."
        )
    if wrong := {report: label for report, label in labels.items() if label not in (0, 1)}:
        raise WrongUse(f"A label is 1 (included) or 0 (excluded), not {wrong}.")


def _wanted(topic: Topic, harvest: Features, weight: Number) -> Direction:
    """Question and criteria as one direction; what is spelt out has a weight of its own."""
    spelt_out = (topic.population, topic.intervention, topic.comparison, topic.outcomes, topic.design)
    asked = Document(-1, title=topic.title, abstract=topic.question, keywords=(topic.title, topic.question))
    criteria = _criteria((*spelt_out, *topic.include), harvest)
    return models.unit(models.unit(_row(asked, harvest)) + weight * criteria)


def _criteria(texts: Sequence[str], harvest: Features) -> Direction:
    """Sentences as one direction of length 1, looked for in abstracts and among the headings."""
    return models.unit(_row(Document(-1, abstract=" ".join(texts), keywords=tuple(texts)), harvest))


def _row(item: Document, harvest: Features) -> Direction:
    return np.asarray(harvest.project([item]).toarray(), dtype=np.float64).ravel()


def _digest(value: object) -> str:
    """SHA-256 of a value's JSON, hexadecimal."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

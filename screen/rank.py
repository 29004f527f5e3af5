"""The order of reading: most likely inclusion first.

A ranking only orders. It never decides and never leaves a report out, voted on or not. It is a pure
function: the same documents, labels, topic and settings give the same order and scores, bit for bit, and
everything needed to make it again stands in the `Ranking`.

`Ranker` holds a harvest's features, computed once, and ranks it as often as there are new votes; `rank`
does both at one go. Loads scipy: import it where a ranking is made.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from db.errors import WrongUse
from db.opinion import Ranking
from screen import models
from screen.document import Document
from screen.fields import Fields
from screen.foreign import Foreign
from screen.models import Number, Vector
from screen.plugins import Plugin
from screen.topic import Topic
from screen.why import Why

__all__ = ["Ranker", "Settings", "Topic", "library_versions", "rank"]

DIGITS = 9
"""Scores are rounded to so many decimals, so that the last bits, which differ between machines, order nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which model, and how it is set."""

    model: str = models.DEFAULT
    """A name in `screen.models.MODELS`, or of an installed ranker (`screen.plugins`)."""
    seed: int = 0
    parameters: Mapping[str, Number] = field(default_factory=dict)
    """Those that differ from the model's own values."""


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
            WrongUse: unknown model or parameter, one out of its range, or a report given twice.
        """
        self.settings = settings or Settings()
        chosen = models.model(self.settings.model)
        self.parameters = _parameters(self.settings, chosen)
        ordered = sorted(documents, key=lambda item: item.id)
        self._model = (
            Fields(chosen, ordered, topic, self.parameters)
            if isinstance(chosen, models.Model)
            else Foreign(chosen, ordered, topic, self.parameters, self.settings.seed)
        )
        self.ids = np.array([item.id for item in ordered], dtype=np.int64)
        """Reports, ascending: scores stand in this order."""
        self._known = {item.id for item in ordered}
        self.versions = {**library_versions(), **self._model.versions, **(versions or {})}
        self._digest = _digest_of(ordered, topic)
        self._last: tuple[dict[int, float], dict[int, int]] | None = None

    def scores(self, labels: Mapping[int, float]) -> Vector:
        """One score a report in the order of `ids`, after these votes: the higher, the earlier it is read.

        A label is 1 for included, 0 for excluded, and between them an include of that weight.

        Raises:
            WrongUse: a label for a report that is not in the harvest, or not within 0 and 1.
        """
        _check(labels, self._known)
        return np.asarray(np.round(self._model.scores(labels), DIGITS) + 0.0)

    def order(self, labels: Mapping[int, float]) -> list[int]:
        """Every report, most likely inclusion first. The quick way, for those who rank after every vote."""
        ordered: list[int] = self.ids[_descending(self.scores(labels))].tolist()
        return ordered

    def rank(self, labels: Mapping[int, float]) -> Ranking:
        """The order after these votes, with everything needed to make it again. Raises as `scores`."""
        scores = self.scores(labels)
        order = _descending(scores)
        told = dict(sorted(labels.items()))
        inputs = [self._digest, told, self.settings.model, self.settings.seed, self.parameters, self.versions]
        return Ranking(
            model=self.settings.model,
            parameters=self.parameters,
            seed=self.settings.seed,
            versions=self.versions,
            labels=told,
            input_digest=_digest(inputs),
            order=tuple(zip(self.ids[order].tolist(), scores[order].tolist(), strict=True)),
            features=self._model.width,
        )

    def why(self, report: int, labels: Mapping[int, float], most: int = 10, near: int = 5) -> Why:
        """Place and score of a report, the terms that moved it most, and those most like it among the labelled.

        Asked again with the same labels it costs next to nothing. A ranker of another package gives no terms.

        Raises:
            WrongUse: the report is not in the harvest; or as `scores`.
        """
        if report not in self._known:
            raise WrongUse(f"Report {report} is not among those that were ranked.")
        row = int(np.searchsorted(self.ids, report))
        others = {other: label for other, label in labels.items() if other != report}
        return Why(
            report,
            float(self.scores(labels)[row]),
            self._places(labels)[report],
            self._model.reasons(row, labels, most),
            self._model.nearest(row, others, near),
        )

    def _places(self, labels: Mapping[int, float]) -> dict[int, int]:
        """Place by report; those of the last labels are remembered."""
        if self._last is None or self._last[0] != labels:
            self._last = dict(labels), {item: at for at, item in enumerate(self.order(labels), start=1)}
        return self._last[1]


def rank(
    documents: Sequence[Document],
    labels: Mapping[int, float],
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
    }


def _parameters(settings: Settings, chosen: models.Model | Plugin) -> dict[str, Number]:
    """Every parameter with its value, by name."""
    known = dict(chosen.parameters)
    if unknown := sorted(settings.parameters.keys() - known.keys()):
        raise WrongUse(
            f"The model {settings.model!r} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(known))}."
        )
    if isinstance(chosen, models.Model):
        models.check_parameters(settings.parameters)
    return dict(sorted({**known, **settings.parameters}.items()))


def _check(labels: Mapping[int, float], known: AbstractSet[int]) -> None:
    if strangers := sorted(labels.keys() - known):
        raise WrongUse(
            f"There are labels for reports that are not to be ranked: {strangers[:5]}; leave them out."
        )
    if labels and not 0 <= min(labels.values()) <= max(labels.values()) <= 1:
        wrong = {report: label for report, label in labels.items() if not 0 <= label <= 1}
        raise WrongUse(f"A label is 1 (included), 0 (excluded) or between, not {wrong}.")


def _descending(scores: Vector) -> NDArray[np.int64]:
    """Rows by score, the highest first; equal ones by report, for rows stand in that order."""
    return np.asarray(np.argsort(-scores, kind="stable"))


def _digest_of(documents: Sequence[Document], topic: Topic) -> str:
    """SHA-256 of all that is read, document by document: a harvest may be larger than one text should be."""
    digest = hashlib.sha256(_digest(asdict(topic)).encode())
    for item in documents:
        parts = (item.id, item.title, item.abstract, item.keywords, item.publication_types, item.kind)
        digest.update(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _digest(value: object) -> str:
    """SHA-256 of a value's JSON, hexadecimal."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

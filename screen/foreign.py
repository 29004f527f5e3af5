"""A ranker of another package at work on one harvest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from db.errors import WrongUse
from screen.document import Document
from screen.models import Number, Vector
from screen.plugins import Plugin
from screen.topic import Topic
from screen.why import Near, Reason


class Foreign:
    """What `Fields` is for our models. It is believed in nothing: what it gives is checked."""

    width = 0
    """Its features are its own affair."""

    def __init__(
        self,
        plugin: Plugin,
        documents: Sequence[Document],
        topic: Topic,
        parameters: Mapping[str, Number],
        seed: int,
    ) -> None:
        self._plugin, self._reports = plugin, len(documents)
        self.versions: Mapping[str, str] = {plugin.name: plugin.version}
        self._scores = plugin.ready(documents, topic, parameters, seed)

    def scores(self, labels: Mapping[int, float]) -> Vector:
        """One score a document. Raises `WrongUse` when there are more or fewer, or one that is no number."""
        found = np.asarray(self._scores(labels), dtype=np.float64)
        if found.shape != (self._reports,) or not np.isfinite(found).all():
            raise WrongUse(
                f"The ranker '{self._plugin.name}' {self._plugin.version} gave no usable scores for {self._reports} "
                "reports: repair it, or name another model under [ranking]."
            )
        return found

    def reasons(self, row: int, labels: Mapping[int, float], most: int) -> tuple[Reason, ...]:  # noqa: ARG002
        """None: it is not asked for any."""
        return ()

    def nearest(self, row: int, labels: Mapping[int, float], most: int) -> tuple[Near, ...]:  # noqa: ARG002
        """None: the same."""
        return ()

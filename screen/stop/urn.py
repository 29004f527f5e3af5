"""The strict test: is the target reached even if the ranking has been worth nothing since some moment?

Callaghan & Müller-Hansen 2020 (doi 10.1186/s13643-020-01521-4), as their package `buscarpy` computes it.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import hypergeom

from screen.stop.target import fewest_missed


class Urn:
    """A p-value for "the target is missed", from every tail of the reading.

    Take any moment of the past, and what was unread then as an urn. Had the reading since then been drawn from it
    blindly, and held the urn as many includes as it takes to miss the target, then so few includes as were found would
    be rare: how rare is the hypergeometric probability. The smallest over all moments counts.

    It assumes that from each moment on the next report was at least as likely to be an include as one drawn blindly.
    It fails where includes sink below the average, and it forgives itself the many looks: a ranking that was worth
    nothing from the start misses the target more often than the confidence says (docs/stopping.md has by how much). A
    ranking that is worth something makes it cautious.
    """

    def __init__(self, total: int, target: float) -> None:
        self._total = total
        self._target = target
        self._starts = [0]
        """How many were read when each urn was filled: at the beginning, and after every include."""

    def add(self, place: int) -> None:
        """An include was found, `place` = 1 for the first report read."""
        self._starts.append(place)

    def missed(self, read: int) -> float:
        """The p-value when so many reports are read."""
        found = len(self._starts) - 1
        more = fewest_missed(found, self._target)
        if more > self._total - read:
            return 0.0
        starts = np.array(self._starts)
        since = found - np.arange(found + 1)  # includes found since each urn was filled
        return float(hypergeom.cdf(since, self._total - starts, since + more, read - starts).min())

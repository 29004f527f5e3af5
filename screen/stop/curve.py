"""How many includes are still unread, judged by how the finding has slowed down.

A ranking that works finds includes fast at first and ever more slowly. How fast it slows down is the shape of its
recall curve, and the shape says what is still to come. Nobody knows the shape, so all shapes of a family are kept,
each weighted by how well it explains the places at which includes were found so far.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtr, ndtri

from screen.stop.target import fewest_missed

LEADS = np.linspace(-0.5, 5.0, 12)
"""The ROC curve's `a`: how far includes stand above excludes, in standard deviations of the includes."""
SPREADS = np.linspace(0.2, 1.8, 9)
"""The ROC curve's `b`: the smaller it is, the more includes differ, and the later the last ones come."""
HIDDEN = {0.0: 0.4, 0.03: 0.3, 0.1: 0.2, 0.25: 0.1}
"""Share of the includes that the ranking cannot see (no abstract, other words) → how likely before looking."""
TRUST = 100
"""So many includes' worth of evidence about the shape is believed, no more: no review follows the family exactly."""


class Curve:
    """The chance that the target is missed, given every include's place.

    The model: a share `h` of the includes comes in random order; of the others, the share found by the time a share `f`
    of the excludes is read is Φ(a + b·Φ⁻¹(f)), the binormal ROC curve (Dorfman & Alf 1969, doi
    10.1016/0022-2496(69)90019-4). Before looking, all `a` and `b` of the grid are equally likely, `h` as in `HIDDEN`,
    and a harvest with R includes as likely as 1/R. Then for one shape of which the share G is behind us, the number of
    includes ahead is negative binomial (r found, G); over shapes it is a mixture, by Bayes' rule. The family is only
    near the truth, so many includes must not settle on one shape: the likelihood of r places is raised to the power
    TRUST / (TRUST + r) (the coarsened posterior of Miller & Dunson 2019, doi 10.1080/01621459.2018.1469995).

    The chance is one of the model: it is kept on average over reviews whose curves are spread like that, whenever and
    however often one looks. It is not kept for includes that the ranking puts below the excludes.
    """

    def __init__(self, total: int, target: float) -> None:
        self._total = total
        self._target = target
        grid = np.array([(a, b, h, np.log(p)) for a, b, (h, p) in product(LEADS, SPREADS, HIDDEN.items())])
        self._lead, self._spread, self._hidden, self._prior = grid.T.copy()
        self._evidence = np.zeros(len(grid))
        """Of every shape, the logarithm of the likelihood of the places."""
        self.found = 0

    def add(self, place: int) -> None:
        """An include was found, `place` = 1 for the first report read."""
        self.found += 1
        share = (place - self.found + 0.5) / (self._total - self.found + 1)  # of the excludes, read before it
        normal = ndtri(share)
        above = self._lead + self._spread * normal
        seen = (1 - self._hidden) * self._spread * np.exp((normal**2 - above**2) / 2)
        self._evidence += np.log(seen + self._hidden)

    def missed(self, read: int) -> float:
        """The chance when so many reports are read; before the first include, of one include that lies anywhere."""
        return self.unread(read, fewest_missed(self.found, self._target))

    def unread(self, read: int, least: int) -> float:
        """The chance that at least so many includes (1 or more) are still unread."""
        ahead = self._total - read
        if least > ahead:
            return 0.0
        if not self.found:
            return ahead / self._total
        behind, weight = self._shapes(read)
        return float(np.average(betainc(least, self.found, 1 - behind), weights=weight))

    def expected(self, read: int) -> float:
        """The mean number of unread includes; of no shape more than there are unread reports."""
        ahead = self._total - read
        if not (self.found and ahead):
            return 0.0
        behind, weight = self._shapes(read)
        return float(np.average(np.minimum(self.found * (1 - behind) / behind, ahead), weights=weight))

    def quantile(self, read: int, chance: float) -> int:
        """The smallest number of unread includes that is exceeded with no more than this chance."""
        low, high = 0, self._total - read
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.unread(read, middle + 1) <= chance else (middle + 1, high)
        return low

    def _shapes(self, read: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of every shape, the share of the includes that it puts behind us, and its weight by now."""
        behind = self._behind((read - self.found) / (self._total - self.found))
        evidence = self._evidence - self.found * np.log(behind)  # given that they came by now
        weight = self._prior + evidence * TRUST / (TRUST + self.found)
        return behind, np.exp(weight - weight.max())

    def _behind(self, share: float) -> NDArray[np.float64]:
        """Of every shape, the share of the includes that comes with this share of the excludes."""
        normal = ndtri(min(max(share, 1e-9), 1 - 1e-9))
        seen = ndtr(self._lead + self._spread * normal)
        return np.asarray((1 - self._hidden) * seen + self._hidden * share)

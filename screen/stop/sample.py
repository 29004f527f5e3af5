"""What a random sample shows about the rest. It assumes nothing, and so it asks for much.

Every report has a lot: a number that depends on the seed and the report alone. Whoever reads by ascending lot reads a
random sample, today and after any re-ranking, and without a list to keep: the reports whose lot is below every unread
one's are a random sample of the harvest; if the last ones read are such, they are one of what was unread before them.
(One that the ranking had brought forward anyway may be counted with it. Those hold more includes than the rest, so the
bound is a little too high, never too low.) The bounds hold for a sample whose size was fixed beforehand.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

from scipy.stats import hypergeom


@dataclass(frozen=True, slots=True)
class Sample:
    """Reports drawn by lot, all of them read."""

    size: int
    found: int
    """Includes among them."""
    of: int
    """How many reports they were drawn from."""


def lot(seed: int, report: int) -> int:
    """A report's place in the draw: the first eight bytes of a SHA-256, the same on every computer."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{report}".encode()).digest()[:8], "big")


def by_lot(reports: Collection[int], seed: int) -> list[int]:
    """Reports in the order of the draw: the first so many of them are a random sample."""
    return sorted(reports, key=lambda report: (lot(seed, report), report))


def of_harvest(history: Sequence[tuple[int, bool]], unread: Collection[int], seed: int) -> Sample:
    """The random sample of the whole harvest that has been read: from (report, included) in the order read."""
    limit = _limit(unread, seed)
    drawn = [included for report, included in history if lot(seed, report) < limit]
    return Sample(len(drawn), sum(drawn), len(history) + len(unread))


def of_unread(history: Sequence[tuple[int, bool]], unread: Collection[int], seed: int) -> Sample:
    """The random sample read last, of what was unread before it: the audit."""
    limit = _limit(unread, seed)
    drawn = [included for _, included in takewhile(lambda it: lot(seed, it[0]) < limit, reversed(history))]
    return Sample(len(drawn), sum(drawn), len(drawn) + len(unread))


def at_most(sample: Sample, confidence: float) -> int:
    """The exact upper bound on the includes in what the sample was drawn from, with this confidence.

    The largest number of includes with which so few would be drawn with a chance above 1 − confidence (hypergeometric;
    Clopper & Pearson's bound, 1934, doi 10.1093/biomet/26.4.404, for a finite harvest).
    """
    low, high = sample.found, sample.found + sample.of - sample.size
    while low < high:
        middle = (low + high + 1) // 2
        chance = hypergeom.cdf(sample.found, sample.of, middle, sample.size)
        low, high = (middle, high) if chance > 1 - confidence else (low, middle - 1)
    return low


def size_for(most: int, of: int, confidence: float) -> int:
    """How many of so many reports to draw, so that a sample without an include shows: at most `most` are there."""
    low, high = 0, of
    while low < high:
        middle = (low + high) // 2
        enough = at_most(Sample(middle, 0, of), confidence) <= most
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def _limit(unread: Collection[int], seed: int) -> float:
    """The smallest lot of an unread report; everything below it is read."""
    return min((lot(seed, report) for report in unread), default=math.inf)

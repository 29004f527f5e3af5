"""Mixed order: a fixed share of what is read next is drawn by lot, or is what the model is least sure of.

A ranked reading says little about what lies at its end. Some random reports woven into it find includes that the
ranking does not see, and are a random sample of the harvest (`screen.stop.sample.of_harvest`). Uncertain ones teach
the model more than those it is sure of (Lewis & Gale 1994, doi 10.1007/978-1-4471-2099-5_1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from db.errors import WrongUse
from screen.stop.sample import by_lot

_ROUNDING = 1e-9
"""So that a tenth of ten is one, whatever the binary fraction says."""


def mixed(
    order: Sequence[int],
    scores: Sequence[float],
    seed: int,
    random: float = 0.1,
    uncertain: float = 0.0,
) -> tuple[int, ...]:
    """The same reports in mixed order.

    Give it what is **still to be read**, best first (a queue, not the whole ranking: what is read already would use up
    the random places). `scores` stand beside `order`. Of the first n reports, exactly ⌊n · random⌋ are drawn by lot and
    at least ⌊n · uncertain⌋ − 1 for uncertainty; the others keep their order. The draw is by lot, so that
    a report's turn does not depend on the ranking. Least sure is the score halfway between the best and the median.

    Raises:
        WrongUse: shares below 0 or above 1 together, a report twice, or not one score a report.
    """
    _check(order, scores, random, uncertain)
    turns = {"random": iter(by_lot(order, seed)), "uncertain": _unsure(order, scores), "ranked": iter(order)}
    mixture: dict[int, None] = {}
    for kind in _kinds(len(order), random, uncertain):
        mixture[next(report for report in turns[kind] if report not in mixture)] = None
    return tuple(mixture)


def _check(order: Sequence[int], scores: Sequence[float], random: float, uncertain: float) -> None:
    if min(random, uncertain) < 0 or random + uncertain > 1:
        raise WrongUse(
            "Shares of a mixed order lie between 0 and 1, together too, "
            f"not {random:g} random and {uncertain:g} uncertain."
        )
    if len(set(order)) < len(order) or len(scores) != len(order):
        raise WrongUse("An order to be mixed names every report once and has one score for each.")


def _kinds(length: int, random: float, uncertain: float) -> Iterator[str]:
    """For every place, how it is filled; a random place that is due goes before an uncertain one."""
    drawn = unsure = 0
    for place in range(1, length + 1):
        if math.floor(place * random + _ROUNDING) > drawn:
            drawn += 1
            yield "random"
        elif math.floor(place * uncertain + _ROUNDING) > unsure:
            unsure += 1
            yield "uncertain"
        else:
            yield "ranked"


def _unsure(order: Sequence[int], scores: Sequence[float]) -> Iterator[int]:
    """Reports, the least sure first; ties by report."""
    middle = (max(scores, default=0.0) + median(scores or (0.0,))) / 2
    pairs = sorted(zip(order, scores, strict=True), key=lambda pair: (abs(pair[1] - middle), pair[0]))
    return (report for report, _ in pairs)

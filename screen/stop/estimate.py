"""What is credible of the recall so far, by the usual rule's model (`screen.stop.curve`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screen.stop.curve import Curve
from screen.stop.rules import check


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate between two bounds. Each bound, taken alone, holds with the stated confidence."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a reading with at least one include."""

    left: Span
    """Includes among the reports not read; the estimate is the mean, and never above the upper bound."""
    recall: Span
    """Included so far, over that and what is left; 0 to 1."""


def estimate(found: Sequence[float], total: int, target: float, confidence: float) -> Estimate | None:
    """What is left and what that makes of the recall; None before the first include.

    `found` and `total` as in `screen.stop`; raises `WrongUse` as there. Both follow from where the includes were found
    so far, so they are only as good as the model.
    """
    check(len(found), total, target, confidence)
    curve = Curve(total, target)
    for place, label in enumerate(found, start=1):
        if label > 0:
            curve.add(place)
    if not curve.found:
        return None
    read = len(found)
    low, high = sorted(curve.quantile(read, chance) for chance in (confidence, 1 - confidence))
    left = Span(max(low, min(curve.expected(read), high)), low, high)
    recall = (curve.found / (curve.found + missing) for missing in (left.estimate, high, low))
    return Estimate(left, Span(*recall))

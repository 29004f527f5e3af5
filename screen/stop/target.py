"""What it takes to miss a target recall, in whole includes."""

from __future__ import annotations

import math

_ROUNDING = 1e-9
"""So that 19 of 20 is .95, whatever the binary fraction says."""


def fewest_missed(found: int, target: float) -> int:
    """The smallest number of unread includes with which the recall is below the target; 1 at least.

    With 19 found and a target of .95 it is 2, with 18 found it is 1: until 19 are found, .95 means all of them.
    """
    return math.floor(found / target + _ROUNDING) + 1 - found


def enough(includes: int, target: float) -> int:
    """How many of all includes must be found for the target."""
    return math.ceil(includes * target - _ROUNDING)

"""Cutting a listing that is too long into spans of time that tile it.

Sources list so many records of a query and no more. A date that every record has exactly once cuts the query
into parts that neither overlap nor leave anything out; that they add up to the whole is then counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment on (included) until another (not included)."""

    start: datetime
    end: datetime

    def halves(self, grain: timedelta) -> tuple[Span, Span] | None:
        """Two spans that are this one together, cut at a whole number of grains; None when it is one grain."""
        grains = (self.end - self.start) // grain
        if grains < 2:
            return None
        middle = self.start + grains // 2 * grain
        return Span(self.start, middle), Span(middle, self.end)

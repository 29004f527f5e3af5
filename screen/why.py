"""Why a report stands where it stands, as it is told to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BRIEF = 3
"""How many terms a queue names."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One term's part in a report's score."""

    block: str
    """text, title or headings: where the term stands; or the name of a feature that is no term."""
    term: str
    part: float
    """Above 0: moved the report up. The parts of all its terms add up to the score."""


@dataclass(frozen=True, slots=True)
class Near:
    """A report that the ranking learnt from, and how much alike the two are."""

    report: int
    likeness: float
    """0 to 1: cosine of the features."""
    label: float
    """What the ranking was told of it: 1 included, 0 excluded. Told to nobody who is still to vote on it."""


@dataclass(frozen=True, slots=True)
class Why:
    """One report's place in an order, and what brought it there."""

    report: int
    score: float
    place: int
    """From 1."""
    reasons: tuple[Reason, ...]
    """The strongest first."""
    nearest: tuple[Near, ...] = ()
    """The most alike first; empty before the first votes."""

    @property
    def lifted(self) -> tuple[Reason, ...]:
        """What moved it up, the strongest first."""
        return tuple(reason for reason in self.reasons if reason.part > 0)

    @property
    def lowered(self) -> tuple[Reason, ...]:
        """What moved it down, the strongest first."""
        return tuple(reason for reason in self.reasons if reason.part < 0)

    @property
    def others(self) -> float:
        """What the terms that are not named bring together."""
        return self.score - sum(reason.part for reason in self.reasons)


def brief(why: Why, most: int = BRIEF) -> str:
    """A line for a queue: `parent-infant, randomised; lowered by: cohort`. It names terms and no vote."""
    lifted, lowered = _named(why.lifted, most), _named(why.lowered, most)
    return "; ".join(filter(None, (lifted, f"lowered by: {lowered}" if lowered else "")))


def _named(reasons: Sequence[Reason], most: int) -> str:
    """Terms, each once, and none that stands within one named before: `sepsis` says nothing after `sepsis bundle`."""
    named: list[str] = []
    for term in dict.fromkeys(reason.term for reason in reasons):
        if not any(set(term.split()) <= set(other.split()) for other in named):
            named.append(term)
    return ", ".join(named[:most])

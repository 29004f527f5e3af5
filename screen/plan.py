"""Who reads: how many votes a report needs at a stage, as the project says before the first vote."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from db.errors import WrongUse
from db.opinion import Stage

TITLE: Stage = "title and abstract"
FULL_TEXT: Stage = "full text"


@dataclass(frozen=True, slots=True)
class Plan:
    """The design of one stage of screening.

    Raises:
        WrongUse: `per_record` is below 1.
    """

    per_record: int = 2
    """How many different people vote on a report."""
    reviewers: tuple[str, ...] = ()
    stage: Stage = TITLE
    doubled: float = 0.0
    """Share of the reports, drawn by lot, that one person more reads: with 1 and 0.1 a tenth is read twice."""
    seed: int = 1
    """Of that lot."""
    pilot: frozenset[int] = frozenset()
    """Reports that every reviewer reads."""

    def __post_init__(self) -> None:
        if self.per_record < 1:
            raise WrongUse(
                f"A report needs one reviewer at least, not {self.per_record}; change the project file."
            )

    def needed(self, report: int) -> int:
        """How many different people must have voted before this report is settled or a conflict."""
        if report in self.pilot:
            return max(self.per_record, len(self.reviewers))
        return self.per_record + (self.doubled > 0 and self._lot(report) < self.doubled)

    def _lot(self, report: int) -> float:
        """A number between 0 and 1 that depends on the report and the seed alone."""
        digest = hashlib.sha256(f"{self.seed}\n{report}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64

"""What the votes on a report come to: who has voted, whether they agree, and how well two people agree.

Votes hang on records and are read through the present grouping, so a report's votes may lie on several of
its records. Nothing here changes a vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from db.errors import WrongUse
from db.opinion import Decision, Verdict

Outcome: TypeAlias = Literal["open", "include", "exclude", "unsure", "conflict"]
"""open: fewer people have voted than the review asks for · conflict: enough have, and they differ."""


@dataclass(frozen=True, slots=True)
class ReportState:
    """Where one report stands at one stage."""

    outcome: Outcome = "open"
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """Reviewer → their newest verdict."""
    second_look: tuple[str, ...] = ()
    """Reviewers who judged two of the report's records differently (before these were found to be one).

    Such a report is no agreement, whatever the newest verdicts say. It is settled when the reviewer's
    newest votes on all these records are the same: who votes again, votes on each of them.
    """

    @property
    def voters(self) -> frozenset[str]:
        """Who has voted."""
        return frozenset(self.verdicts)


def state(votes: Sequence[Decision], per_record: int) -> ReportState:
    """Where a report stands, from all votes on its records at one stage, oldest first.

    Oldest first is the order of keeping, not of the clock: clocks lie. `per_record` is how many different
    people must have voted. When more have (records were merged), all of them count.

    Raises:
        WrongUse: `per_record` is below 1.
    """
    if per_record < 1:
        raise WrongUse(f"A report needs one reviewer at least, not {per_record}; change the project file.")
    newest: dict[tuple[str, int], Verdict] = {(vote.reviewer, vote.record): vote.verdict for vote in votes}
    verdicts = {vote.reviewer: vote.verdict for vote in votes}
    second_look = tuple(
        reviewer
        for reviewer in sorted(verdicts)
        if len({verdict for (who, _), verdict in newest.items() if who == reviewer}) > 1
    )
    return ReportState(_outcome(verdicts, second_look, per_record), verdicts, second_look)


def _outcome(verdicts: Mapping[str, Verdict], second_look: Sequence[str], per_record: int) -> Outcome:
    if len(verdicts) < per_record:
        return "open"
    said = set(verdicts.values())
    return "conflict" if second_look or len(said) > 1 else said.pop()


def training_labels(states: Mapping[int, ReportState]) -> dict[int, int]:
    """What a ranking learns from: report → 1 or 0.

    Every vote counts at once, also a first one. One include, disputed or not, makes a 1: reading a
    report too many costs a minute, missing a study may cost the review. Only excludes make a 0. Reports on
    which somebody is unsure and nobody includes teach nothing.
    """
    labels = {}
    for report in sorted(states):
        said = set(states[report].verdicts.values())
        if "include" in said:
            labels[report] = 1
        elif said == {"exclude"}:
            labels[report] = 0
    return labels


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two reviewers judged the reports both have voted on."""

    table: Mapping[tuple[Verdict, Verdict], int]
    """(verdict of the first, verdict of the second) → reports."""

    @property
    def reports(self) -> int:
        """How many both have judged."""
        return sum(self.table.values())

    @property
    def observed(self) -> float | None:
        """Share judged alike, 0 to 1; None without common reports."""
        alike = sum(count for (first, second), count in self.table.items() if first == second)
        return alike / self.reports if self.reports else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960, doi 10.1177/001316446002000104): agreement beyond chance, 1 at best.

        None where it has no meaning: without common reports, or when both always said the same one thing.
        """
        if self.observed is None:
            return None
        first = Counter[Verdict]()
        second = Counter[Verdict]()
        for (one, other), count in self.table.items():
            first[one] += count
            second[other] += count
        chance = sum(first[verdict] * second[verdict] for verdict in first)
        every = self.reports**2
        return None if chance == every else (self.observed * every - chance) / (every - chance)


def agreement(states: Iterable[ReportState], first: str, second: str) -> Agreement:
    """The table of two reviewers' newest verdicts."""
    pairs = Counter(
        (one.verdicts[first], one.verdicts[second])
        for one in states
        if first in one.verdicts and second in one.verdicts
    )
    return Agreement(dict(sorted(pairs.items())))

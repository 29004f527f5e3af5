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


HOPEFUL, DISPUTED, DOUBTFUL = 0.75, 0.5, 0.25
"""Weights of an include that somebody is unsure of · that somebody excludes · that nobody has said, only doubted."""


def training_labels(states: Mapping[int, ReportState]) -> dict[int, float]:
    """What a ranking learns from: report → 1 included, 0 excluded, between them an include of that weight.

    Every vote counts at once, also a first one. The weights are stated, not fitted, and they lean towards the
    include: a report read too many costs a minute, a study missed may cost the review.

    =========================  =====  ===================================================================
    votes                      label  because
    =========================  =====  ===================================================================
    include only               1      that is what to find more of
    include and unsure         0.75   nobody is against it, and not everybody is sure
    include and exclude        0.5    one of them is wrong, and who is not known yet; with unsure, too
    unsure only                0.25   worth a look is what the review wants to see early, but it says little
    unsure and exclude         none   one points up a little, one down: nothing to learn
    exclude only               0      that is what to find less of
    =========================  =====  ===================================================================

    A report that somebody judged in two ways (`ReportState.second_look`) stands like one that two people dispute.
    """
    found = ((report, _label(states[report])) for report in sorted(states))
    return {report: label for report, label in found if label is not None}


def _label(state: ReportState) -> float | None:
    said = set(state.verdicts.values())
    if state.second_look or said >= {"include", "exclude"}:
        return DISPUTED
    if "include" in said:
        return HOPEFUL if "unsure" in said else 1.0
    if "unsure" in said:
        return None if "exclude" in said else DOUBTFUL
    return 0.0 if said else None


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

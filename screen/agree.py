"""What the votes on a report come to: who has voted, and whether they agree.

Votes hang on records and are read through the present grouping, so a report's votes may lie on several of
its records. Nothing here changes a vote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from db.opinion import Decision, Resolution, Verdict

Outcome: TypeAlias = Literal["open", "include", "exclude", "unsure", "conflict"]
"""open: fewer people have voted than the review asks for · conflict: enough have, and they differ."""


@dataclass(frozen=True, slots=True)
class ReportState:
    """Where one report stands at one stage."""

    outcome: Outcome = "open"
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """Reviewer → their newest verdict; who took it back is not here."""
    second_look: tuple[str, ...] = ()
    """Reviewers who judged two of the report's records differently (before these were found to be one).

    Such a report is no agreement, whatever the newest verdicts say. It is settled when the reviewer's
    newest votes on all these records are the same: who votes again, votes on each of them.
    """
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Reviewer → the reason of their newest exclusion; empty where they gave none."""
    votes: tuple[int, ...] = ()
    """Ids of the votes in force, sorted: what a resolution settles."""
    resolution: Resolution | None = None
    """How the arbiter ended the conflict."""

    @property
    def voters(self) -> frozenset[str]:
        """Who has voted."""
        return frozenset(self.verdicts)

    @property
    def reason(self) -> str:
        """Why the report is excluded: the arbiter's reason, or the one on which all agree; empty otherwise."""
        if self.outcome != "exclude":
            return ""
        if self.resolution:
            return self.resolution.reason
        given = {reason for reason in self.reasons.values() if reason}
        return given.pop() if len(given) == 1 else ""

    @property
    def to_resolve(self) -> bool:
        """Whether only the arbiter can go on: enough people have voted, and they differ or are all unsure."""
        return self.outcome in {"conflict", "unsure"} and self.resolution is None


def state(
    votes: Sequence[Decision], needed: int, resolutions: Sequence[Resolution] = (), *, by_reason: bool = False
) -> ReportState:
    """Where a report stands, from all votes on its records at one stage, oldest first.

    Oldest first is the order of keeping, not of the clock: clocks lie. `needed` is how many different
    people must have voted. When more have (records were merged), all of them count. A resolution holds while the
    votes it settled are the newest ones: who votes again, or a merge that brings more votes, opens the
    conflict again, and taking the merge back ends it again. `by_reason`: two exclusions for different
    reasons are a conflict, too, as at full text.
    """
    newest: dict[tuple[str, int], Decision] = {}
    for vote in votes:
        newest.pop((vote.reviewer, vote.record), None)  # so that they stand in the order of the newest votes
        newest[vote.reviewer, vote.record] = vote
    standing = [vote for vote in newest.values() if vote.verdict != "withdrawn"]
    last = {vote.reviewer: vote for vote in standing}
    verdicts: dict[str, Verdict] = {
        who: vote.verdict for who, vote in last.items() if vote.verdict != "withdrawn"
    }
    second_look = tuple(
        reviewer
        for reviewer in sorted(verdicts)
        if len({vote.verdict for vote in standing if vote.reviewer == reviewer}) > 1
    )
    reasons = {who: last[who].reason for who, verdict in verdicts.items() if verdict == "exclude"}
    ids = tuple(sorted(vote.id for vote in standing))
    outcome = _outcome(verdicts, second_look, needed)
    if by_reason and outcome == "exclude" and len(set(reasons.values())) > 1:
        outcome = "conflict"
    settles = outcome in {"conflict", "unsure"}
    resolution = next((said for said in reversed(resolutions) if settles and said.votes == ids), None)
    return ReportState(
        resolution.verdict if resolution else outcome, verdicts, second_look, reasons, ids, resolution
    )


def _outcome(verdicts: Mapping[str, Verdict], second_look: Sequence[str], needed: int) -> Outcome:
    if not verdicts or len(verdicts) < needed:
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

    A report that somebody judged in two ways (`ReportState.second_look`) stands like one that two people dispute. What
    the arbiter said goes before what the two said.
    """
    found = ((report, _label(states[report])) for report in sorted(states))
    return {report: label for report, label in found if label is not None}


def _label(state: ReportState) -> float | None:
    said = {state.resolution.verdict} if state.resolution else set(state.verdicts.values())
    if state.resolution and said != {"unsure"}:
        return 1.0 if "include" in said else 0.0
    if state.second_look or said >= {"include", "exclude"}:
        return DISPUTED
    if "include" in said:
        return HOPEFUL if "unsure" in said else 1.0
    if "unsure" in said:
        return None if "exclude" in said else DOUBTFUL
    return 0.0 if said else None

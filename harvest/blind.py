"""Who may know what of the votes: nothing leaves for anybody's eyes that a reviewer still has to judge alone.

Two rules, and everything that prints asks one of them. What is made for nobody in particular (a status, an alarm, a
list of related papers) knows a verdict once nobody is left to vote on the report: `told`. What is made for one
reviewer knows their own votes, and others' on reports they have voted on themselves: `Store.decisions_seen_by`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from db.errors import WrongUse
from db.opinion import Decision, Stage, Unblinding
from db.store import Store
from harvest.project import Project
from harvest.screening import states
from screen.agree import ReportState
from screen.export import harvest_id
from screen.plan import TITLE

_UNREAD = ReportState()


def told(store: Store, project: Project, stage: Stage = TITLE) -> Mapping[int, ReportState]:
    """Where every report stands, as anybody may know it: one that still lacks a vote is open, and says no more.

    Once the stage is unblinded by a recorded event, it is all there.
    """
    found = states(store, project, stage)
    if store.unblinded(stage):
        return found
    return {lead: _UNREAD if state.outcome == "open" else state for lead, state in found.items()}


def withheld(store: Store, project: Project) -> frozenset[int]:
    """Records of which nothing may be told that follows from the votes: somebody has still to judge them alone."""
    if store.unblinded(TITLE):
        return frozenset()
    unread = {lead for lead, state in states(store, project).items() if state.outcome == "open"}
    return frozenset(record for record, (lead, _) in store.membership().items() if lead in unread)


@dataclass(frozen=True, slots=True)
class Seen:
    """One vote that a reviewer may see."""

    at: str
    report: str
    """H000123, as the reports are today."""
    record: str
    """The record the vote was given on."""
    reviewer: str
    verdict: str
    """include, exclude, unsure or withdrawn."""
    reason: str
    note: str
    in_force: bool
    """Whether it is the reviewer's newest word on that record."""
    second_look: bool
    """Whether the reviewer judged another record of the report differently: one of the two is to be changed."""

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


def votes(store: Store, project: Project, viewer: str, stage: Stage, report: int | None = None) -> list[Seen]:
    """The votes that a reviewer may see, oldest first; on one report, when named."""
    groups = {number: lead for number, (lead, _) in store.membership().items()}
    visible = store.decisions_seen_by(viewer, stage)
    newest = {(vote.reviewer, vote.record): vote.id for vote in visible}
    standing = states(store, project, stage)
    return [
        _seen(vote, groups[vote.record], newest[vote.reviewer, vote.record], standing)
        for vote in visible
        if report in (None, groups[vote.record])
    ]


def _seen(vote: Decision, lead: int, newest: int, standing: Mapping[int, ReportState]) -> Seen:
    in_force = vote.id == newest and vote.verdict != "withdrawn"
    twice = in_force and vote.reviewer in standing[lead].second_look
    return Seen(
        vote.at, harvest_id(lead), harvest_id(vote.record), vote.reviewer, vote.verdict, vote.reason, vote.note,
        in_force, twice,
    )  # fmt: skip


def unblind(
    store: Store, project: Project, stage: Stage, by: str, because: str, *, dry_run: bool = False
) -> Unblinding:
    """Let reviewers see each other's votes at a stage from now on; it is kept who opened it, when and why.

    Raises `WrongUse` when it is open already, without a reason, and for a name that may not: where an arbiter is named
    in review.toml it is theirs to do, else any reviewer's.
    """
    screening = project.screening
    may = (screening.arbiter,) if screening.arbiter else screening.reviewers
    if by not in may:
        raise WrongUse(
            f"'{by}' cannot open the votes of this review: {' or '.join(may) or 'nobody yet'} can."
        )
    if not because.strip():
        raise WrongUse("Opening the votes needs a reason for the record: say --because.")
    if earlier := store.unblinded(stage):
        raise WrongUse(f"The votes at {stage} are open since {earlier.at[:10]}, by {earlier.by}.")
    said = Unblinding(stage, by, because.strip())
    if not dry_run:
        store.unblind(said)
    return said

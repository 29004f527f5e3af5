"""What the arbiter ends: reports that enough people have read and judge differently, or are all unsure of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from db.errors import WrongUse
from db.opinion import Decision, Resolution, Stage, Verdict
from db.store import Store
from harvest.answers import known_record
from harvest.project import Project
from harvest.screening import states
from harvest.voting import STAGES, wrong_reason
from harvest.waiting import at_stage
from screen.agree import ReportState
from screen.export import harvest_id
from screen.plan import FULL_TEXT
from screen.steps import report


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote in force on a report that waits for the arbiter."""

    reviewer: str
    verdict: str
    reason: str
    note: str
    at: str
    record: str
    """H000123: differs within a report only where records were joined after votes."""


@dataclass(frozen=True, slots=True)
class Case:
    """One report that waits for the arbiter, with all that they need to judge."""

    id: str
    stage: str
    why: str
    """conflict, second look (somebody judged two of its records differently) or unsure (all are)."""
    votes: tuple[Vote, ...]
    title: str
    abstract: str
    urls: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


def cases(store: Store, project: Project, stages: tuple[Stage, ...] = STAGES) -> list[Case]:
    """Everything that waits for the arbiter, stage by stage, in the order of the reports' numbers.

    Only reports on which nobody is left to vote: the list makes no blind reviewer see.
    """
    return [case for stage in stages for case in _cases(store, project, stage)]


def _cases(store: Store, project: Project, stage: Stage) -> Iterator[Case]:
    found = to_resolve(store, project, stage)
    given = {vote.id: vote for vote in store.decisions(stage)} if found else {}
    for lead, state in sorted(found.items()):
        whole = report(store, store.records_of(lead))
        votes = tuple(_vote(given[number]) for number in state.votes)
        title = whole.title or whole.vernacular_title
        yield Case(harvest_id(lead), stage, _why(state), votes, title, whole.abstract_text, whole.urls)


def to_resolve(store: Store, project: Project, stage: Stage) -> Mapping[int, ReportState]:
    """The reports of a stage that only the arbiter can go on with."""
    here = at_stage(store, project, stage)
    found = states(store, project, stage).items()
    return {lead: state for lead, state in found if state.to_resolve and lead in here}


def _why(state: ReportState) -> str:
    return "second look" if state.second_look else state.outcome


def _vote(said: Decision) -> Vote:
    return Vote(said.reviewer, said.verdict, said.reason, said.note, said.at, harvest_id(said.record))


def resolve(
    store: Store,
    project: Project,
    name: str,
    verdict: Verdict,
    by: str,
    reason: str = "",
    note: str = "",
    *,
    stage: Stage | None = None,
    dry_run: bool = False,
) -> Resolution:
    """The arbiter's word on a report, kept beside the votes; it holds as long as these are the newest.

    Without a stage it is the one at which the report waits. A resolution may be given anew while the votes stand.
    Raises `WrongUse` for anybody but the arbiter, a report that nobody disputes, and a reason that does not fit.
    """
    must_be_arbiter(project, by)
    lead = store.report_of(known_record(store, name))
    found, state = _disputed(store, project, lead, name, stage)
    if wrong := wrong_reason(project, found, verdict, reason):
        raise WrongUse(wrong)
    said = Resolution(lead, found, by, verdict, reason, note, state.votes)
    if not dry_run:
        store.add_resolution(said)
    return said


def must_be_arbiter(project: Project, by: str) -> None:
    """Raises `WrongUse` for anybody else, and where nobody is named."""
    arbiter = project.screening.arbiter
    if not arbiter:
        raise WrongUse(
            'Nobody is to settle conflicts yet: name somebody in review.toml, [screening] arbiter = "…".'
        )
    if by != arbiter:
        raise WrongUse(f"'{by}' is not the arbiter of this review: [screening] arbiter names {arbiter}.")


def _disputed(
    store: Store, project: Project, lead: int, name: str, stage: Stage | None
) -> tuple[Stage, ReportState]:
    """The stage at which a report waits for the arbiter, or was settled by them; and how it stands there."""
    by_stage = {
        each: found
        for each in ([stage] if stage else STAGES)
        if (found := states(store, project, each).get(lead)) and lead in at_stage(store, project, each)
    }
    waiting = [each for each, state in by_stage.items() if state.to_resolve]
    settled = [each for each, state in by_stage.items() if state.resolution]
    for each in (*waiting, *reversed(settled)):
        return each, by_stage[each]
    raise WrongUse(_nothing_to_resolve(name, by_stage))


def _nothing_to_resolve(name: str, by_stage: Mapping[Stage, ReportState]) -> str:
    """Why a report is none for the arbiter; never what anybody said of it."""
    if not by_stage:
        return f"Nobody has voted on {name} yet: there is nothing to settle."
    stage = FULL_TEXT if FULL_TEXT in by_stage else next(iter(by_stage))
    if by_stage[stage].outcome == "open":
        return f"{name} still lacks a vote at {stage}: the arbiter comes after the reviewers."
    return f"The reviewers agree on {name} at {stage}: only their own new votes can change that."

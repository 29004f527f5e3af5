"""`harvest status`: the review at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from db.errors import WrongUse
from db.opinion import Stage
from db.store import Store
from db.store.tallies import Tally
from harvest.imports import UNKNOWN, later_stated
from harvest.known import told as as_told
from harvest.losses import still_judged, still_lost
from harvest.notices_review import alarms
from harvest.outcome import Edit, Known, News
from harvest.project import Project
from harvest.refresh import count
from harvest.screening import plan, states
from harvest.voting import design_changes
from harvest.waiting import at_stage, postponed, readable
from harvest.why import edits, news
from screen.agree import ReportState
from screen.plan import FULL_TEXT, TITLE
from screen.queue import queue, workload

STALE_DAYS = 275
"""Nine months: MECIR C37 wants the search repeated within twelve months of publication."""


@dataclass(frozen=True, slots=True)
class SearchStatus:
    """One search, or one database that comes in files."""

    name: str
    source: str
    finds: int
    """Records it finds today."""
    new: int
    """Records that appeared in the run that is told about."""
    gone: int
    last_complete: str
    """Day of the newest complete listing; empty when there was none."""
    days: int | None
    """How long ago."""
    state: str
    """complete, failed, listing … of the newest fetch."""


@dataclass(frozen=True, slots=True)
class ReviewerStatus:
    """One reviewer's share of a stage."""

    name: str
    voted: int
    to_read: int
    """Postponed ones among them."""
    postponed: int
    """Until a day to come, or the end of the queue."""
    second_look: int
    """Reports of which they judged two records differently, before these were found to be one."""


@dataclass(frozen=True, slots=True)
class StageStatus:
    """How far a stage has come. No verdict can be told from it that somebody still has to give alone."""

    stage: str
    reports: int
    """To be judged here: all, or those that title and abstract included."""
    not_retrieved: int
    """Of these, full texts that could not be had."""
    included: int
    excluded: int
    unsure: int
    conflicts: int
    open: int
    """Reports that still lack a vote."""
    to_resolve: int
    """What waits for the arbiter: the conflicts, and what all are unsure of."""
    resolved: int
    """What the arbiter has settled."""
    unblinded: str
    """Since which day reviewers may see each other's votes; empty while they are blind."""
    reviewers: tuple[ReviewerStatus, ...]
    """As review.toml names them, then those who have voted and are no longer named."""


@dataclass(frozen=True, slots=True)
class Status:
    """The review at a glance."""

    title: str
    run: int | None
    searches: tuple[SearchStatus, ...]
    records: int
    reports: int
    duplicates: int
    studies: int
    to_ask: int
    stages: tuple[StageStatus, StageStatus]
    """Title and abstract, then full text."""
    unreadable: int
    """Records that came and could not be read; they are kept as they came."""
    alarms: tuple[str, ...]
    news: tuple[News, ...]
    """What the run that is told about brought and lost, record by record."""
    edits: tuple[Edit, ...] = ()
    """Strategies that were reworded before that run."""
    known: tuple[Known, ...] = ()
    """What became of the records known to be relevant: in that run, or newest of each search."""

    @property
    def included(self) -> int:
        """At title and abstract."""
        return self.stages[0].included

    @property
    def excluded(self) -> int:
        """At title and abstract."""
        return self.stages[0].excluded

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def standing(store: Store, project: Project, run: int | None = None) -> Status:
    """Everything that a reviewer wants to know first; `run` defaults to the newest one."""
    runs = store.runs(1)
    newest = runs[0][0] if runs else None
    if run is not None and not 1 <= run <= (newest or 0):
        raise WrongUse(
            f"There is no run {run}; {f'they are 1 to {newest}' if newest else 'there was none yet'}."
        )
    number = newest if run is None else run
    searches = tuple(_searches(store, number))
    now = count(store, project)
    return Status(
        project.title, number, searches, now.records, now.reports, now.records - now.reports, now.studies, now.to_ask,
        (_stage(store, project, TITLE), _stage(store, project, FULL_TEXT)), len(store.unreadable()),
        (*_alarms(store, searches), *_lost(store, project), *alarms(store, project), *design_changes(store, project)),
        news(store, number) if number is not None else (), edits(store, number) if number is not None else (),
        as_told(store.known_items(run)),
    )  # fmt: skip


def hits_per_line(store: Store, name: str = "") -> dict[str, list[Tally]]:
    """Newest hits of every line, by search; of one search, when named. Raises `WrongUse` when there is none."""
    names = [known for known, *_ in store.searches()]
    if name and name not in names:
        raise WrongUse(f"There is no search '{name}'; there are {', '.join(names)}.")
    wanted = [name] if name else names
    return {known: lines for known in wanted if (lines := store.tallies(known))}


def _searches(store: Store, run: int | None) -> list[SearchStatus]:
    seen = (
        Counter((s.search, s.source, s.event) for s in store.sightings_of_run(run))
        if run is not None
        else Counter()
    )
    today = date.fromisoformat(store.now()[:10])
    told = []
    for name, source, finds, state, complete in store.searches():
        days = (
            max(0, (today - date.fromisoformat(complete[:10])).days) if complete else None
        )  # clocks go back
        told.append(
            SearchStatus(
                name,
                source,
                finds,
                seen[name, source, "appeared"],
                seen[name, source, "disappeared"],
                complete[:10],
                days,
                state,
            )
        )
    return told


def _stage(store: Store, project: Project, stage: Stage) -> StageStatus:
    here, reading = at_stage(store, project, stage), readable(store, project, stage)
    found = {lead: state for lead, state in states(store, project, stage).items() if lead in here}
    tally = Counter(state.outcome for state in found.values())
    opened = store.unblinded(stage)
    return StageStatus(
        stage, len(here), len(here - reading),
        tally["include"], tally["exclude"], tally["unsure"], tally["conflict"],
        len(here) - sum(tally[outcome] for outcome in ("include", "exclude", "unsure", "conflict")),
        sum(state.to_resolve for state in found.values()),
        sum(state.resolution is not None for state in found.values()),
        opened.at[:10] if opened else "", _reviewers(store, project, stage, found, reading),
    )  # fmt: skip


def _reviewers(
    store: Store,
    project: Project,
    stage: Stage,
    found: Mapping[int, ReportState],
    here: Collection[int],
) -> tuple[ReviewerStatus, ...]:
    order, design = sorted(here), plan(store, project, stage)
    waiting = {lead: state for lead, state in found.items() if lead in here}
    left = workload(order, waiting, design)
    voted = Counter(reviewer for state in found.values() for reviewer in state.voters)
    twice = Counter(reviewer for state in found.values() for reviewer in state.second_look)

    def put_off(name: str) -> int:
        off = postponed(store, name, stage) if name in left else ()
        return len(set(off).intersection(queue(order, waiting, name, design))) if off else 0

    names = (*project.reviewers, *sorted(voted.keys() - set(project.reviewers)))
    return tuple(
        ReviewerStatus(name, voted[name], left.get(name, 0), put_off(name), twice[name]) for name in names
    )


def _lost(store: Store, project: Project) -> list[str]:
    """Records that a search has lost and not found again: included ones, and those that are being judged."""
    judged = "ALARM: a record that reviewers are judging is no longer found: "
    return [
        *(f"ALARM: an included record is no longer found: {name}" for name in still_lost(store, project)),
        *(f"{judged}{name}" for name in still_judged(store, project)),
    ]


def _alarms(store: Store, searches: tuple[SearchStatus, ...]) -> list[str]:
    told = []
    for search in searches:
        if search.state == "failed":
            told.append(f"The last asking of '{search.name}' failed: start `harvest run` again.")
        elif search.days is not None and search.days > STALE_DAYS:
            told.append(
                f"'{search.name}' was last searched {search.days} days ago; MECIR C37 allows twelve months."
            )
        if search.source == UNKNOWN and not all(said.database for said in later_stated(store, search.name)):
            told.append(
                f"'{search.name}' finds what came in files without a stated database (PRISMA-S item 1)."
            )
    return told

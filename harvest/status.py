"""`harvest status`: the review at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from db.errors import WrongUse
from db.store import Store
from db.store.tallies import Tally
from harvest.imports import UNKNOWN, later_stated
from harvest.known import told as as_told
from harvest.losses import still_lost
from harvest.notices_review import alarms
from harvest.outcome import Edit, Known, News
from harvest.project import Project
from harvest.refresh import count
from harvest.why import edits, news
from screen.agree import ReportState
from screen.queue import workload
from screen.steps import states

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
    """One reviewer's share."""

    name: str
    voted: int
    to_read: int


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
    reviewers: tuple[ReviewerStatus, ...]
    included: int
    excluded: int
    unsure: int
    conflicts: int
    open: int
    unreadable: int
    """Records that came and could not be read; they are kept as they came."""
    alarms: tuple[str, ...]
    news: tuple[News, ...]
    """What the run that is told about brought and lost, record by record."""
    edits: tuple[Edit, ...] = ()
    """Strategies that were reworded before that run."""
    known: tuple[Known, ...] = ()
    """What became of the records known to be relevant: in that run, or newest of each search."""

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
    by_report = states(store, project.screening.per_record)
    tally = Counter(state.outcome for state in by_report.values())
    settled = sum(tally[outcome] for outcome in ("include", "exclude", "unsure", "conflict"))
    return Status(
        project.title, number, searches, now.records, now.reports, now.records - now.reports, now.studies, now.to_ask,
        _reviewers(store, project, by_report), tally["include"], tally["exclude"], tally["unsure"], tally["conflict"],
        now.reports - settled, len(store.unreadable()),
        (*_alarms(store, searches), *_lost(store), *alarms(store, project.screening.per_record)),
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


def _reviewers(
    store: Store, project: Project, by_report: Mapping[int, ReportState]
) -> tuple[ReviewerStatus, ...]:
    screening = project.screening
    order = sorted(store.reports())
    left = workload(order, by_report, screening.reviewers, screening.per_record)
    voted = Counter(reviewer for state in by_report.values() for reviewer in state.voters)
    return tuple(ReviewerStatus(name, voted[name], left[name]) for name in screening.reviewers)


def _lost(store: Store) -> list[str]:
    """Included records that a search has lost and not found again."""
    return [f"ALARM: an included record is no longer found: {name}" for name in still_lost(store)]


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

"""The demonstration from its first file to its last figure. Nothing in it is drawn by lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from db.opinion import Decision
from db.store import Store
from harvest import catalogue, queues, sameness
from harvest.demo import packaged
from harvest.demo.replay import Replay
from harvest.demo.showing import Showing, decided, ranked, show
from harvest.outcome import Outcome
from harvest.progress import Progress
from harvest.project import Project, load
from harvest.refresh import rerank
from harvest.run import run
from harvest.source import Source
from screen.plan import TITLE

VOTES = 50
"""Reports that both reviewers vote on before the order is made anew: two per cent of all."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What happened, for people and for scripts."""

    folder: Path
    outcome: Outcome
    """Of the run."""
    before: Showing
    """The order before any vote, from the question and the criteria alone."""
    votes: int
    """Reports voted on, from the top of that order."""
    found: int
    """Of these, how many the review included."""
    after: Showing
    """The reports voted on, then all others in the new order: what a reviewer has read at each place."""
    reviewer: str
    queue: Path
    """What that reviewer reads next."""
    waiting: int
    """Reports in the queue."""
    example: tuple[str, ...]
    """Records of one report that several databases sent."""

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"outcome": self.outcome.to_dict()}


def demonstrate(folder: Path, progress: Progress) -> Demonstration:
    """Copy the example into a new folder, run the review in it, let the reviewers vote, rank again.

    Raises:
        WrongUse: the folder is used already.
        HarvestError: as any run.
    """
    packaged.copy(folder)
    project = load(folder, environ={})
    replay = Replay(packaged.answer("pubmed.xml"), packaged.answer("clinicaltrials.json"))
    outcome = run(project, lambda name: cast(Source, catalogue.kind(name)(replay, {})), progress)
    with Store.open(project.database, create=False) as store:
        known = decided(store, folder / "labels.csv")
        cold = ranked(store)
        before = show(store, cold, known)
        read = [report for report in cold if report in known][:VOTES]
        progress.say(f"Entering the review's own decisions on the first {len(read)}, and ranking again …")
        vote(store, project, read, known)
        rerank(store, project, "demo")
        after = show(store, list(dict.fromkeys([*read, *ranked(store)])), known)
        reviewer = project.reviewers[0]
        exported = queues.export(store, project, reviewer, "csv")
        example = _example(store)
    found = sum(known[report] for report in read)
    return Demonstration(
        folder, outcome, before, len(read), found, after, reviewer, exported.path, exported.reports, example
    )


def vote(store: Store, project: Project, reports: Sequence[int], known: Mapping[int, bool]) -> None:
    """Enter the review's decisions as votes of every reviewer."""
    note = "the review's own decision, after full text"
    store.add_decisions(
        Decision(report, TITLE, reviewer, "include" if known[report] else "exclude", note=note)
        for report in reports
        for reviewer in project.reviewers
    )


def _example(store: Store) -> tuple[str, ...]:
    """The report that most databases sent."""
    return tuple(max(sameness.groups(store), key=lambda group: len(group["sources"]))["members"])

"""Replay a finished review with one ranker or several, and say how early each would have found what was included.

The set is a file of labels (`harvest.labelled`) or the review itself (`settled_review`). Every seed shuffles it anew
and draws other priors; all rankers get the same. Loads scipy: import it where a replay is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import fmean
from typing import Any

from db.errors import WrongUse
from db.store import Store
from harvest.labelled import Labelled
from harvest.progress import Progress
from harvest.project import Project
from harvest.refresh import question
from harvest.screening import states
from screen.curve import Curve, recall_plot
from screen.document import document
from screen.figures import Figures, Stopped, by_chance, mean, measure, oracle, spread, stopped
from screen.rank import Ranker, Settings, Topic
from screen.simulate import Labels, Order, Reading, Schedule, drawn, replay, shuffled
from screen.steps import USUAL, reports
from screen.stop.rules import CONFIDENCE, TARGET, stops_at

FEW = 10
"""Includes under which figures say little of the ranking and much of these few records."""
WIDEST = 45
"""Characters of the name of a set above its picture: a review's whole title would run out of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set is replayed."""

    seeds: int = 5
    priors: int = 1
    """So many includes and as many excludes are told beforehand; 0 is a cold start."""
    schedule: Schedule = field(default_factory=Schedule)
    target: float = TARGET
    """Recall at which the stopping rule aims."""
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Run:
    """One replay."""

    seed: int
    reading: Reading
    figures: Figures
    stop: Stopped
    """Where the stopping rule would have ended it."""
    oracle: Stopped
    """Where somebody who knows the labels would have: at the target."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One ranker, with one run a seed."""

    ranker: str
    runs: tuple[Run, ...]

    @property
    def mean(self) -> Figures:
        """Over the seeds."""
        return mean([run.figures for run in self.runs])

    @property
    def spread(self) -> Figures:
        """Standard deviation over the seeds."""
        return spread([run.figures for run in self.runs])

    @property
    def milliseconds(self) -> float:
        """Of one re-ranking, by the clock."""
        return fmean(run.reading.milliseconds for run in self.runs)

    def to_dict(self) -> dict[str, Any]:
        """All of it but the readings."""
        runs = [
            {"seed": run.seed, "figures": asdict(run.figures), "stop": asdict(run.stop), "oracle": asdict(run.oracle)}
            for run in self.runs
        ]  # fmt: skip
        return {
            "ranker": self.ranker, "mean": asdict(self.mean), "spread": asdict(self.spread),
            "milliseconds": round(self.milliseconds, 2), "runs": runs,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Simulation:
    """A set, replayed."""

    title: str
    records: int
    included: int
    unlabelled: int
    plan: Plan
    outcomes: tuple[Outcome, ...]

    @property
    def chance(self) -> Figures:
        """What random order comes to, exactly."""
        told = self.plan.priors
        return by_chance(self.records - self.unlabelled - 2 * told, self.included - told)

    def to_dict(self) -> dict[str, Any]:
        """For a script."""
        plan = {
            "seeds": self.plan.seeds, "priors": self.plan.priors, "every": str(self.plan.schedule),
            "target": self.plan.target, "confidence": self.plan.confidence,
        }  # fmt: skip
        return {
            "set": self.title, "records": self.records, "included": self.included, "unlabelled": self.unlabelled,
            **plan, "rankers": [outcome.to_dict() for outcome in self.outcomes], "random": asdict(self.chance),
        }  # fmt: skip

    def plot(self) -> str:
        """The recall curves as SVG."""
        curves = [
            Curve(
                outcome.ranker,
                [run.reading.found for run in outcome.runs],
                [run.stop.read for run in outcome.runs],
            )
            for outcome in self.outcomes
        ]
        name = self.title if len(self.title) <= WIDEST else f"{self.title[: WIDEST - 1].rstrip()}…"
        told = f"{name}: {self.included} of {self.records - self.unlabelled} records included"
        return recall_plot(curves, told)


def simulate(
    labelled: Labelled, topic: Topic, rankers: Sequence[Settings], plan: Plan, progress: Progress
) -> Simulation:
    """Replay a set with every ranker, once a seed; the seed of a ranker's settings is that of the run.

    Raises:
        WrongUse: too few records of a kind, an unknown model or parameter, or the same ranker twice.
    """
    names = [settings.model for settings in rankers]
    if len(set(names)) < len(names):
        raise WrongUse("A ranker is named twice: name each model once.")
    outcomes = tuple(
        Outcome(
            settings.model, tuple(_run(labelled, topic, settings, plan, seed, progress) for seed in range(plan.seeds))
        )
        for settings in rankers
    )  # fmt: skip
    size = len(labelled.documents)
    return Simulation(labelled.title, size, labelled.included, labelled.unlabelled, plan, outcomes)


def _run(
    labelled: Labelled, topic: Topic, settings: Settings, plan: Plan, seed: int, progress: Progress
) -> Run:
    documents, truth = shuffled(labelled.documents, labelled.labels, str(seed))
    priors = drawn(truth, plan.priors, str(seed))
    ranker = Ranker(documents, topic, Settings(settings.model, seed, settings.parameters))
    order = _watched(ranker.order, settings.model, progress, seed * len(truth), plan.seeds * len(truth))
    reading = replay(truth, order, priors, plan.schedule)
    progress.step(settings.model, "replaying", (seed + 1) * len(truth), plan.seeds * len(truth))
    at = stops_at(reading.found, len(reading.found), plan.target, plan.confidence)
    end, best = stopped(reading.found, at), oracle(reading.found, round(100 * plan.target))
    return Run(seed, reading, measure(reading.found), end, best)


def _watched(order: Order, name: str, progress: Progress, before: int, expected: int) -> Order:
    def told(labels: Labels) -> Sequence[int]:
        progress.step(name, "replaying", before + len(labels), expected)
        return order(labels)

    return told


# -- what is replayed -----------------------------------------------------------------------------------


def settled_review(store: Store, project: Project) -> Labelled:
    """The review itself: what has a settled decision on title and abstract is labelled, the rest is not.

    Raises:
        WrongUse: nothing is settled as included, or nothing as excluded.
    """
    outcomes = {number: state.outcome for number, state in states(store, project).items()}
    found = reports(store)
    kinds = {"include": 1, "exclude": 0}
    labels = {number: kinds[said] for number in found if (said := outcomes.get(number, "")) in kinds}
    if len(set(labels.values())) < 2:
        raise WrongUse(
            f"{sum(labels.values())} reports are settled as included and {list(labels.values()).count(0)} as "
            "excluded: a replay needs both; name a file of labels, or come back when more is screened."
        )
    documents = tuple(document(number, record) for number, record in found.items())
    return Labelled(project.title, documents, labels, tuple(found.values()))


def asked(project: Project) -> Topic:
    """What the review asks. Its known studies are left out: to be told them is no finding."""
    said = question(project)
    return Topic(**said.texts, include=said.include, exclude=said.exclude, known=(), rejected=())


def stated(title: str, criteria: str) -> Topic:
    """A topic from two texts; the sentences that begin with "Exclude" are criteria against."""
    sentences = [part.strip() for part in re.split(r"(?<=[.;])\s+|\n", criteria) if part.strip()]
    against = [part for part in sentences if part.casefold().startswith("exclu")]
    wanted = tuple(part for part in sentences if part not in against)
    return Topic(title=title, include=wanted, exclude=tuple(against))


def chosen(models: Sequence[str], values: Mapping[str, float], project: Project | None) -> list[Settings]:
    """Each model with these values; the review's own model, with its own values under these, when none is named."""
    if project and not models:
        models, values = (project.ranking.model,), {**project.ranking.parameters, **values}
    known = [Settings().model if name == USUAL else name for name in models or (USUAL,)]
    return [Settings(name, parameters=dict(values)) for name in known]


def planned(seeds: int, priors: int, every: str, project: Project | None) -> Plan:
    """A plan, with target and confidence of the review. Raises `WrongUse` for an `every` that says nothing."""
    plan = Plan(seeds, priors, Schedule.of(every))
    if project:
        return replace(plan, target=project.ranking.target, confidence=project.ranking.confidence)
    return plan

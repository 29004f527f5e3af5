"""When may I stop: where the screening of titles and abstracts stands, by every rule of `screen.stop`.

A report counts as **read** when it is settled: as many people as the review asks for have voted, and they agree on
include or on exclude. What is open, unsure or in conflict counts as not read, and it is for the reviewers to settle;
so no rule rests on it, and none lets one stop for it. Its place in the reading is the vote by which it first had people
enough; a change of mind later changes the outcome, never the place.

Everything here recommends. It leaves no report out and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from db.opinion import Decision, Resolution
from db.store import Store
from harvest import __version__
from harvest.project import Project
from harvest.screening import plan
from screen.agree import state
from screen.export import harvest_id
from screen.models import MODELS
from screen.plan import TITLE, Plan
from screen.stop.estimate import Estimate, estimate
from screen.stop.plot import Drawing, draw
from screen.stop.rules import IN_A_ROW, check, trace
from screen.stop.sample import Sample, at_most, by_lot, of_harvest, of_unread, size_for
from screen.stop.target import fewest_missed

GO_ON = "go on reading"
MAY_STOP = "the rule would let you stop"
FEWEST = 10
"""Reports drawn by lot of which a sample is told; fewer come together by chance."""
POINTS = 300
"""Of a curve in the picture."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What has been read, in order, and what has not."""

    history: tuple[tuple[int, bool], ...]
    """(report, included), in the order in which they were settled."""
    unread: frozenset[int]
    unsettled: int
    """Of the unread: reports that have votes."""

    @property
    def found(self) -> list[float]:
        """The reading as the rules take it."""
        return [float(included) for _, included in self.history]

    @property
    def total(self) -> int:
        """Reports in the harvest."""
        return len(self.history) + len(self.unread)

    @property
    def included(self) -> int:
        """Reports settled as included."""
        return sum(included for _, included in self.history)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says now."""

    rule: str
    asks: str
    """When it would let one stop."""
    now: str
    value: float | None
    """The chance or p-value; None for a rule without one."""
    stop: bool

    @property
    def told(self) -> str:
        """In words."""
        return MAY_STOP if self.stop else GO_ON


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the screening stands."""

    reading: Reading
    target: float
    confidence: float
    seed: int
    """Of the lots."""
    ranked_by: str
    """The ranking in force: model, changed parameters, seed, version; empty without one."""
    per_record: int
    """How many people read each report."""
    mixed: str
    """What of each queue did not follow the ranking; empty for nothing."""
    estimate: Estimate | None
    """None before the first include."""
    verdicts: tuple[Verdict, ...]
    """The usual rule first."""

    @property
    def saved(self) -> float:
        """Work saved so far: the share of the harvest that is not read."""
        return len(self.reading.unread) / self.reading.total if self.reading.total else 0.0

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: shares and chances from 0 to 1."""
        known = self.estimate
        return {
            "reports": self.reading.total,
            "read": len(self.reading.history),
            "not_settled": self.reading.unsettled,
            "included": self.reading.included,
            "recall": asdict(known.recall) if known else None,
            "left": asdict(known.left) if known else None,
            "work_saved": self.saved,
            "target": self.target,
            "confidence": self.confidence,
            "rules": [{**asdict(verdict), "verdict": verdict.told} for verdict in self.verdicts],
        }


def standing(
    store: Store, project: Project, target: float | None = None, confidence: float | None = None
) -> Standing:
    """Where the screening stands; target and confidence from the project file unless given.

    Raises:
        WrongUse: target or confidence is no share.
    """
    wanted = project.ranking.target if target is None else target
    sure = project.ranking.confidence if confidence is None else confidence
    seed = project.ranking.seed
    read = reading(store.decisions(TITLE), store.reports(), plan(store, project), store.resolutions(TITLE))
    check(len(read.history), read.total, wanted, sure)
    return Standing(
        reading=read,
        target=wanted,
        confidence=sure,
        seed=seed,
        ranked_by=_ranked_by(store),
        per_record=project.screening.per_record,
        mixed=_mixed(project.ranking.mix_random, project.ranking.mix_uncertain),
        estimate=estimate(read.found, read.total, wanted, sure),
        verdicts=(*_tests(read, wanted, sure), *_samples(read, wanted, sure, seed)),
    )


def reading(
    votes: Sequence[Decision],
    reports: Mapping[int, Sequence[int]],
    plan: Plan,
    resolutions: Sequence[Resolution] = (),
) -> Reading:
    """The reading that these votes and resolutions, oldest first, make of the reports (report → its records)."""
    report_of = {record: report for report, records in reports.items() for record in records}
    cast: dict[int, list[Decision]] = {}
    voters: dict[int, set[str]] = {}
    enough: dict[int, None] = {}
    for vote in votes:
        report = report_of.get(vote.record, vote.record)
        cast.setdefault(report, []).append(vote)
        voters.setdefault(report, set()).add(vote.reviewer)
        if len(voters[report]) >= plan.needed(report):
            enough.setdefault(report)
    settled: dict[int, list[Resolution]] = {}
    for said in resolutions:
        settled.setdefault(report_of.get(said.record, said.record), []).append(said)
    outcomes = {
        report: state(cast[report], plan.needed(report), settled.get(report, ())).outcome for report in enough
    }
    history = tuple(
        (report, outcome == "include")
        for report, outcome in outcomes.items()
        if outcome in {"include", "exclude"}
    )
    unread = frozenset(reports) - {report for report, _ in history}
    return Reading(history, unread, len(unread & cast.keys()))


def audit(standing: Standing, size: int) -> list[str]:
    """The next reports to read for a random sample of what is not read, by their names in files, in order."""
    return [harvest_id(report) for report in by_lot(standing.reading.unread, standing.seed)[:size]]


def audit_size(standing: Standing) -> int:
    """How many reports an audit without a further include would need to show that the target is reached."""
    allowed = fewest_missed(standing.reading.included, standing.target) - 1
    return size_for(allowed, len(standing.reading.unread), standing.confidence)


def plot(standing: Standing) -> str:
    """The reading so far as SVG."""
    read, total, found = len(standing.reading.history), standing.reading.total, standing.reading.found
    at = sorted({round(read * step / POINTS) for step in range(POINTS + 1)})
    usual, strict = (trace(rule, found, total, standing.target, at) for rule in ("curve", "strict"))
    title = f"{read:,} of {total:,} reports read, {standing.reading.included:,} included"
    return draw(Drawing(title, total, found, at, usual, strict, 1 - standing.confidence))


# -- rules -------------------------------------------------------------------------------------------


def _tests(read: Reading, target: float, confidence: float) -> Iterator[Verdict]:
    limit = 1 - confidence
    asks = {
        "recall curve": ("curve", f"chance that recall is below {target:.0%} under {limit:.2g}"),
        "strict test": ("strict", f"p for recall below {target:.0%} under {limit:.2g}"),
    }
    for name, (rule, when) in asks.items():
        (value,) = trace(rule, read.found, read.total, target, [len(read.history)])
        yield Verdict(name, when, f"{value:.3g}", value, value < limit)
    row = next((back for back, (_, yes) in enumerate(reversed(read.history)) if yes), len(read.history))
    stop = row >= IN_A_ROW or not read.unread
    yield Verdict("excludes in a row", f"{IN_A_ROW}, whatever the target", f"{row}", None, stop)


def _samples(read: Reading, target: float, confidence: float, seed: int) -> Iterator[Verdict]:
    """The two random samples, where enough was drawn."""
    whole, last = (sample(read.history, read.unread, seed) for sample in (of_harvest, of_unread))
    for name, sample, outside in (
        ("random sample", whole, 0),
        ("audit of the unread", last, read.included - last.found),
    ):
        if sample.size >= FEWEST:
            most = max(outside + at_most(sample, confidence), read.included)
            yield _sampled(name, sample, most, read.included, target, confidence)


def _sampled(
    name: str, sample: Sample, most: int, included: int, target: float, confidence: float
) -> Verdict:
    """`most`: the bound on all includes of the harvest."""
    recall = included / most if most else 1.0
    now = (
        f"{sample.size} of {sample.of} drawn, {sample.found} included: "
        f"{most - included} left at most, recall {recall:.1%} at least"
    )
    asks = f"recall {target:.0%} at least, with {confidence:.0%} confidence"
    return Verdict(name, asks, now, None, recall >= target)


def _ranked_by(store: Store) -> str:
    """Model, changed parameters, seed and version of the ranking in force."""
    newest = next(iter(store.rankings(1)), None)
    if newest is None:
        return ""
    made = newest.ranking
    version = made.versions.get("harvest", __version__)
    own = MODELS[made.model].parameters if made.model in MODELS else made.parameters
    changed = [f"{name} = {value:g}, " for name, value in made.parameters.items() if own.get(name) != value]
    return f"model {made.model}, {''.join(changed)}seed {made.seed}, made by version {version}"


def _mixed(random: float, uncertain: float) -> str:
    shares = (random, "drawn by lot"), (uncertain, "those on which the model was least sure")
    return " and ".join(f"{share:.0%} of the reports were {what}" for share, what in shares if share)

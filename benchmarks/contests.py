"""Who is compared, and what became of it: figures of every set, means, paired differences; a part of `ranking.py`."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from review_sets import ReviewSet, Task

from screen.figures import NAMES, Figures, Stopped, by_chance, mean, measure, oracle, paired, spread, stopped
from screen.simulate import Reading
from screen.stop.rules import CONFIDENCE, IN_A_ROW, RULES, TARGET, first_stop, stops_in_a_row

RANDOM, ORACLE = "random", "oracle"
U4 = "ELAS u4"
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Player:
    """A ranker and how it is started."""

    name: str
    key: str
    python: str = sys.executable
    script: str = "run_ranking.py"
    needs_topic: bool = False
    told: bool = True
    """Whether it is given the priors."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """In front of the tasks."""
        return (self.key,) if self.script == "run_ranking.py" else ()


def players(peer: str | None) -> list[Player]:
    """All of them. Ends the benchmark when the peer that was named has no ASReview."""
    if peer and not _has_asreview(peer):
        raise SystemExit(f"{peer} has no ASReview 3: `{peer} -m pip install asreview` gives it one.")
    theirs = Player(U4, "asreview", peer, "run_asreview.py") if peer else Player(f"{U4}, written again", "u4")
    return [
        Player("ours", "ours"),
        Player("no protocol", "bare"),
        theirs,
        Player("cold start", "cold", needs_topic=True, told=False),
        Player("no learning", "still", needs_topic=True, told=False),
    ]


def _has_asreview(python: str) -> bool:
    code = "import importlib.metadata as m; assert m.version('asreview').startswith('3.')"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Run:
    """One replay."""

    seed: int
    found: tuple[int, ...]
    shared: tuple[int, ...]
    """The same without the records that are told to others as priors: what is compared with theirs."""
    milliseconds: float
    cpu_milliseconds: float

    @property
    def figures(self) -> Figures:
        """Of the reading."""
        return measure(self.found)

    @property
    def stops(self) -> Mapping[str, Stopped]:
        """Where each stopping rule would have ended the reading, and where whoever knows the labels would."""
        total = len(self.found)
        at = {name: first_stop(name, self.found, total, TARGET, CONFIDENCE) for name in RULES}
        at |= {f"{IN_A_ROW} in a row": stops_in_a_row(self.found, total)}
        told = {name: stopped(self.found, place) for name, place in at.items()}
        return told | {ORACLE: oracle(self.found, round(100 * TARGET))}

    def to_dict(self) -> Found:
        """For a script."""
        return {"seed": self.seed, **asdict(self.figures)}


@dataclass(frozen=True, slots=True)
class Contest:
    """One ranker on one set."""

    set: str
    player: str
    tool: str
    """With its version, where it says so."""
    records: int
    included: int
    """To be found, the priors left out; so the records."""
    runs: tuple[Run, ...]
    peak_mb: float

    @classmethod
    def of(cls, one: ReviewSet, player: Player, laid: Sequence[Task], outcomes: Sequence[Found]) -> Contest:
        """From what the worker wrote."""
        told = 2 if player.told else 0
        return cls(
            set=one.starred,
            player=player.name,
            tool=outcomes[0].get("tool", player.name),
            records=len(laid[0].truth) - told,
            included=sum(laid[0].truth.values()) - told // 2,
            runs=tuple(_run(task, outcome) for task, outcome in zip(laid, outcomes, strict=True)),
            peak_mb=max(outcome["peak_mb"] for outcome in outcomes),
        )

    @property
    def mean(self) -> Figures:
        """Over the seeds."""
        return mean([run.figures for run in self.runs])

    @property
    def shared(self) -> Figures:
        """As `mean`, over the records that every ranker had to find."""
        return mean([measure(run.shared) for run in self.runs])

    def to_dict(self) -> Found:
        """For a script, and for the tables."""
        return {
            "set": self.set, "ranker": self.player, "tool": self.tool, "records": self.records,
            "included": self.included, "mean": asdict(self.mean),
            "spread": asdict(spread([run.figures for run in self.runs])),
            "ms": round(statistics.fmean(run.milliseconds for run in self.runs), 2),
            "cpu_ms": round(statistics.fmean(run.cpu_milliseconds for run in self.runs), 2),
            "peak_mb": round(self.peak_mb), "runs": [run.to_dict() for run in self.runs],
        }  # fmt: skip


def _run(task: Task, outcome: Found) -> Run:
    found = tuple(task.truth[number] for number in outcome["ids"])
    shared = tuple(task.truth[number] for number in outcome["ids"] if number not in task.priors)
    if len(set(outcome["ids"])) != len(found) or len(found) < len(task.truth) - len(task.priors):
        raise SystemExit(f"{task.path.name}: the reading that came back does not hold every record once.")
    reading = Reading((), found, tuple(outcome["seconds"]), tuple(outcome["cpu"]))
    return Run(task.seed, found, shared, reading.milliseconds, reading.cpu_milliseconds)


# -- over sets ------------------------------------------------------------------------------------------


def means(contests: Sequence[Contest]) -> list[Found]:
    """Of each ranker over its sets; random order over the sets of the first."""
    names = list(dict.fromkeys(contest.player for contest in contests))
    found = [_mean(name, [contest for contest in contests if contest.player == name]) for name in names]
    of_first = [contest for contest in contests if contest.player == names[0]]
    by_set = [by_chance(contest.records, contest.included) for contest in of_first]
    return [*found, {"ranker": RANDOM, "sets": len(by_set), "mean": asdict(mean(by_set))}]


def _mean(name: str, of_ranker: Sequence[Contest]) -> Found:
    return {
        "ranker": name,
        "sets": len(of_ranker),
        "mean": asdict(mean([contest.mean for contest in of_ranker])),
        "median_first": statistics.median(contest.mean.first for contest in of_ranker),
        "ms": statistics.median(contest.to_dict()["ms"] for contest in of_ranker),
        "cpu_ms": statistics.median(contest.to_dict()["cpu_ms"] for contest in of_ranker),
        "peak_mb": round(max(contest.peak_mb for contest in of_ranker)),
    }


def differences(contests: Sequence[Contest]) -> list[Found]:
    """Each ranker less ELAS u4, figure by figure, paired by set, over the same records."""
    theirs = {contest.set: contest for contest in contests if contest.player.startswith(U4)}
    found = []
    for name in dict.fromkeys(contest.player for contest in contests):
        pairs = [(c, theirs[c.set]) for c in contests if c.player == name and c.set in theirs]
        if pairs and not name.startswith(U4):
            found.append({"ranker": name, "sets": len(pairs), "less": _less(pairs)})
    return found


def _less(pairs: Sequence[tuple[Contest, Contest]]) -> Mapping[str, Found]:
    ours, theirs = zip(*((astuple(a.shared), astuple(b.shared)) for a, b in pairs), strict=True)
    columns = zip(NAMES, zip(*ours, strict=True), zip(*theirs, strict=True), strict=True)
    return {name: asdict(paired(mine, yours)) for name, mine, yours in columns}


def stopping(contests: Sequence[Contest]) -> list[Found]:
    """What each stopping rule would have done to every reading, and whoever knows the labels."""
    found = []
    for name in dict.fromkeys(contest.player for contest in contests):
        runs = [run.stops for contest in contests if contest.player == name for run in contest.runs]
        found += [_stopped(name, rule, [stops[rule] for stops in runs]) for rule in runs[0]]
    return found


def _stopped(name: str, rule: str, stops: Sequence[Stopped]) -> Found:
    return {
        "ranker": name, "rule": rule, "runs": len(stops), "target": TARGET, "confidence": CONFIDENCE,
        "met": statistics.fmean(stop.recall >= TARGET for stop in stops),
        "recall": _quartiles([stop.recall for stop in stops]), "saved": _quartiles([stop.saved for stop in stops]),
    }  # fmt: skip


def _quartiles(values: Sequence[float]) -> Found:
    told = sorted(values)
    low, middle, high = statistics.quantiles(told, n=4, method="inclusive") if len(told) > 1 else told * 3
    return {"median": middle, "quarter": low, "three_quarters": high, "least": told[0]}

"""The tools that are compared, each in a process of its own, and their figures; a part of `dedupe.py`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counting import Count, Grouped, Queue
from labelled import Labelled, Row, rows
from measuring import Failed, watched

HERE = Path(__file__).resolve().parent
Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """An interpreter and the script that measures the tool under it."""

    name: str
    python: str
    script: Path

    def run(self, *arguments: str | Path) -> list[Outcome]:
        """What came out for each table. Ends the benchmark when the tool fails."""
        names = [argument.parent.name for argument in arguments if isinstance(argument, Path)]
        told = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        print(f"{self.name}: {told}", file=sys.stderr, flush=True)
        try:
            return watched(self.python, self.script, *map(str, arguments))
        except Failed as failure:
            raise SystemExit(f"{self.name} could not be measured. {failure}") from failure


def ours() -> Tool:
    """Harvest, as it lies here."""
    return Tool("harvest", sys.executable, HERE / "run_dedupe.py")


def bib_dedupe(python: str) -> Tool | None:
    """The peer, if this interpreter has it."""
    try:
        found = subprocess.run([python, "-c", "import bib_dedupe"], capture_output=True, check=False)
    except OSError:
        return None
    return Tool("bib-dedupe", python, HERE / "run_bib_dedupe.py") if found.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Result:
    """What one tool did with one set."""

    name: str
    tool: str
    records: int
    pairs: Count
    removed: Count
    """`wrong`: papers that vanished into another one."""
    queue: Queue | None
    """None when nobody looked at the questions."""
    cpu: float
    """Seconds of the process and its children."""
    seconds: float
    load_seconds: float
    """Spent before, and not counted: getting the records to where the tool reads them."""
    peak_mb: float

    def to_dict(self) -> dict[str, Any]:
        """All figures by name."""
        asked = self.queue.to_dict() if self.queue else None
        if asked:
            asked["asked_per_1000_records"] = round(1000 * asked["asked"] / self.records, 1)
        return {
            "set": self.name, "tool": self.tool, "records": self.records, "pairs": self.pairs.to_dict(),
            "removed": self.removed.to_dict(), "lost": self.removed.wrong, "queue": asked,
            "cpu_seconds": round(self.cpu, 2), "seconds": round(self.seconds, 2),
            "load_seconds": round(self.load_seconds, 2), "peak_mb": round(self.peak_mb),
        }  # fmt: skip


def result(one: Labelled, outcome: Outcome, name: str = "") -> Result:
    """The figures of one tool on one set."""
    grouped = grouping(one, outcome)
    return Result(
        name=name or one.starred,
        tool=outcome["tool"],
        records=len(grouped.group),
        pairs=grouped.pairs(),
        removed=grouped.removed(),
        queue=grouped.queue(outcome["asked"]) if "asked" in outcome else None,
        cpu=outcome["cpu"],
        seconds=outcome["seconds"],
        load_seconds=outcome["load_seconds"],
        peak_mb=outcome["peak_mb"],
    )


def grouping(one: Labelled, outcome: Outcome) -> Grouped:
    """The groups of the tool in the order of the table."""
    group = dict(outcome["groups"])
    return Grouped(one.truth, {record: group[record] for record in one.truth})


def total(results: Sequence[Result]) -> Result:
    """All sets of one tool together; the largest peak, the sum of all else."""
    return Result(
        name="all",
        tool=results[0].tool,
        records=sum(one.records for one in results),
        pairs=sum((one.pairs for one in results), Count()),
        removed=sum((one.removed for one in results), Count()),
        queue=sum((one.queue for one in results if one.queue), Queue()),
        cpu=sum(one.cpu for one in results),
        seconds=sum(one.seconds for one in results),
        load_seconds=sum(one.load_seconds for one in results),
        peak_mb=max(one.peak_mb for one in results),
    )


# -- what went wrong ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair that tool and labels see differently."""

    name: str
    tool: str
    what: str
    """false merge or missed."""
    why: str
    """Our rule about this very pair; empty for other tools."""
    a: Row
    b: Row


def disagreements(one: Labelled, outcome: Outcome) -> Iterator[Disagreement]:
    """Every false merge and every missed pair, with the records."""
    grouped = grouping(one, outcome)
    wrong = [("false merge", pair) for pair in grouped.wrong_pairs()]
    missed = [("missed", pair) for pair in grouped.missed_pairs()]
    if not (wrong or missed):
        return
    table = {row["id"]: row for row in rows(one.records)}
    why = reasons(outcome)
    for what, (a, b) in (*wrong, *missed):
        yield Disagreement(
            one.starred, outcome["tool"], what, why.get(frozenset((a, b)), ""), table[a], table[b]
        )


def reasons(outcome: Outcome) -> dict[frozenset[str], str]:
    """Pair → relation, kind and rule, where the tool says so."""
    return {
        frozenset((a, b)): f"{relation}{f' ({kind})' if kind else ''} by {rule}"
        for a, b, relation, kind, rule, _ in outcome.get("links", [])
    }


def outcomes_of(tools: Iterable[Tool], one: Labelled) -> list[Outcome]:
    """What every tool makes of a set, one after the other."""
    return [outcome for tool in tools for outcome in tool.run(one.records)]

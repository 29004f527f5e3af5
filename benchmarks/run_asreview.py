"""Replays of ASReview's ELAS u4, the real one: `python benchmarks/run_asreview.py OUT TASK.json …`.

`ranking.py --peer PYTHON` starts it with an interpreter that has ASReview 3 (`python -m venv peer && peer/bin/pip
install asreview`) and lays out the tasks; nothing of ours is imported but the measuring, which needs the standard
library alone. The learning cycle is ASReview's own (`get_ai_config("elas_u4")`), and so is the simulation
(`asreview.simulation.simulate.Simulate`): it is given the records and priors of the task, and the seed as `asreview
simulate --seed` takes it. It ends with the last include.

OUT gets one line of JSON for each task: the ids in the order read, and what each order (fit and rank) took.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import pandas as pd
from measuring import keep, measured

# synergy_dataset, which ASReview imports, opens a cache in the working directory: not in that of whoever measures.
with TemporaryDirectory() as elsewhere, chdir(elsewhere):
    from asreview.learner import ActiveLearningCycle
    from asreview.models.models import get_ai_config
    from asreview.simulation.simulate import Simulate


class TimedCycle(ActiveLearningCycle):
    """ASReview's cycle, with a stop-watch around what makes an order."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self.seconds: list[float] = []
        self.cpu: list[float] = []

    def fit(self, rows: Any, labels: Any) -> Any:
        """Begin an order."""
        self.seconds.append(-time.perf_counter())
        self.cpu.append(-time.process_time())
        return super().fit(rows, labels)

    def rank(self, rows: Any) -> Any:
        """End it."""
        ranked = super().rank(rows)
        self.seconds[-1] += time.perf_counter()
        self.cpu[-1] += time.process_time()
        return ranked


def outcome(task: dict[str, Any]) -> dict[str, Any]:
    """One replay."""
    np.random.seed(task["seed"])  # noqa: NPY002 - where ASReview takes its chance from
    ids = [item["id"] for item in task["documents"]]
    row = {number: place for place, number in enumerate(ids)}
    truth = dict(task["truth"])
    if len(truth) < len(ids):
        raise SystemExit("ASReview simulates sets in which every record has a label.")
    texts = pd.DataFrame([{name: item[name] for name in ("title", "abstract")} for item in task["documents"]])
    cycle = TimedCycle.from_meta(get_ai_config("elas_u4")["value"])
    cycle.n_query = _n_query(task["every"])
    simulation = Simulate(texts, [truth[number] for number in ids], [cycle], print_progress=False)
    simulation.label([row[number] for number, _ in task["priors"]])
    simulation.review()
    measured()
    read = [ids[place] for place in simulation._results["record_id"]][len(task["priors"]) :]  # noqa: SLF001 - no other way
    told = set(read).union(number for number, _ in task["priors"])
    return {
        "tool": f"ASReview {version('asreview')} ELAS u4", "seed": task["seed"],
        "ids": [*read, *(number for number in ids if number not in told)], "seconds": cycle.seconds, "cpu": cycle.cpu,
    }  # fmt: skip


def _n_query(every: str) -> Any:
    """How many records are read in one order, as `screen.simulate.Schedule` has it."""
    if every.endswith("%"):
        return lambda results: max(1, int(len(results) * (float(every[:-1]) / 100)))
    return int(every)


def outcomes(tasks: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """One task after the other."""
    for path in tasks:
        yield outcome(json.loads(path.read_text("utf-8")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what came out."""
    parser = argparse.ArgumentParser(description="Replay tasks with ASReview's ELAS u4.")
    parser.add_argument("out")
    parser.add_argument("tasks", type=Path, nargs="+")
    said = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # scikit-learn on the number of iterations: it is ASReview's own setting
    keep(said.out, outcomes(said.tasks))
    return 0


if __name__ == "__main__":
    sys.exit(main())

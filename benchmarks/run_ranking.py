"""Replays of our own ranking, in a process of its own: `python benchmarks/run_ranking.py OUT RANKER TASK.json …`.

`ranking.py` starts it and lays out the tasks (`review_sets.py`). RANKER is

ours       with the protocol, where the set has one
bare       with the labels alone
cold       with the protocol and no label at all to begin with
still      with the protocol, and never told a label
u4         ELAS u4 as it stands in `u4.py`

OUT gets one line of JSON for each task: the ids in the order read, and what each order took.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import keep, measured
from u4 import u4

from screen.document import Document
from screen.rank import Ranker, Settings, Topic
from screen.simulate import Order, Schedule, replay

Laid = Mapping[str, Any]


def ours(task: Laid, *, protocol: bool = True) -> Order:
    """Our ranker on one task."""
    said = task["topic"] if protocol else None
    topic = (
        Topic(**(said | {name: tuple(said[name]) for name in ("include", "exclude")})) if said else Topic()
    )
    return Ranker(_documents(task), topic, Settings(seed=task["seed"], **task["settings"])).order


RANKERS: Mapping[str, Callable[[Laid], Order]] = {
    "ours": ours,
    "bare": lambda task: ours(task, protocol=False),
    "cold": ours,
    "still": ours,
    "u4": lambda task: u4(_documents(task)),
}


def outcome(task: Laid, name: str) -> dict[str, Any]:
    """One replay."""
    order = RANKERS[name](task)
    truth = {int(number): label for number, label in task["truth"]}
    priors = {} if name in ("cold", "still") else {int(number): label for number, label in task["priors"]}
    schedule = Schedule(every=len(truth)) if name == "still" else Schedule.of(task["every"])
    reading = replay(truth, order, priors, schedule)
    measured()
    return {"seed": task["seed"], "ids": reading.ids, "seconds": reading.seconds, "cpu": reading.cpu}


def outcomes(name: str, tasks: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """One task after the other."""
    for path in tasks:
        yield outcome(json.loads(path.read_text("utf-8")), name)


def _documents(task: Laid) -> list[Document]:
    lists = ("keywords", "publication_types")
    return [Document(**(item | {name: tuple(item[name]) for name in lists})) for item in task["documents"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what came out."""
    parser = argparse.ArgumentParser(description="Replay tasks with one of our rankers.")
    parser.add_argument("out")
    parser.add_argument("ranker", choices=RANKERS)
    parser.add_argument("tasks", type=Path, nargs="+")
    said = parser.parse_args(arguments)
    keep(said.out, outcomes(said.ranker, said.tasks))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Labelled reviews, read from a folder and laid out for every ranker alike; a part of `ranking.py`.

A folder holds one `NAME.csv` or `NAME.csv.gz` a review, with the columns title, abstract, label (1 included) and what
else there is, and may hold `PROTOCOLS.json`: name → title and criteria. Files without a label column (a table about the
sets) are no sets.

A task is one replay of one set: the records shuffled, the priors drawn, all in a file of JSON that rankers in other
processes and under other interpreters read. So every ranker gets the very same.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harvest.labelled import Labelled, read_labelled
from harvest.simulation import stated
from screen.rank import Topic
from screen.simulate import drawn, shuffled

TUNED_ON = frozenset(
    {
        *("Cohen_ACEInhibitors", "Cohen_ADHD", "Cohen_AtypicalAntipsychotics", "Cohen_Opiods"),
        *("Cohen_ProtonPumpInhibitors", "Cohen_Triptans", "BannachBrown_2019", "Nagtegaal_2019"),
        *("Kitchenham_2010", "Radjenovic_2013", "AppenzellerHerzog_2020", "Wallace_COPD"),
        *("Wallace_MicroNutrients", "Wilkins_suicide", "CDSS_RO", "Isel"),
    }
)
"""Recipe and parameters were chosen on these: figures for them flatter. Marked * in the tables."""


@dataclass(frozen=True, slots=True)
class ReviewSet:
    """One finished review."""

    name: str
    labelled: Labelled
    topic: Topic | None
    """None where the folder has no protocol of it."""

    @property
    def starred(self) -> str:
        """The name, with a star when something was tuned on the set."""
        return self.name + ("*" if self.name in TUNED_ON else "")


@dataclass(frozen=True, slots=True)
class Task:
    """One replay of one set."""

    seed: int
    path: Path
    truth: Mapping[int, int]
    priors: Mapping[int, float]


def sets(folder: Path, names: Collection[str] | None = None) -> Iterator[ReviewSet]:
    """The sets of a folder by name, or those named. Ends the benchmark when one is not there."""
    files = {path.name.partition(".")[0]: path for path in sorted(folder.glob("*.csv*")) if _is_set(path)}
    if missing := sorted(set(names or ()) - files.keys()):
        raise SystemExit(
            f"There is no set in {folder} called {', '.join(missing)}; there are {', '.join(files)}."
        )
    protocols = folder / "PROTOCOLS.json"
    known = json.loads(protocols.read_text("utf-8")) if protocols.exists() else {}
    for name in files if names is None else [name for name in files if name in names]:
        yield ReviewSet(name, read_labelled(files[name], "label"), _topic(known.get(name)))


def tasks(
    one: ReviewSet, seeds: int, priors: int, every: str, work: Path, settings: Mapping[str, Any]
) -> list[Task]:
    """Lay out a set, once a seed; the files stand in `work`."""
    return [_task(one, seed, priors, every, work, settings) for seed in range(seeds)]


def _task(
    one: ReviewSet, seed: int, priors: int, every: str, work: Path, settings: Mapping[str, Any]
) -> Task:
    key = f"{one.name}:{seed}"
    documents, truth = shuffled(one.labelled.documents, one.labelled.labels, key)
    told = drawn(truth, priors, key)
    task = Task(seed, work / f"{one.name}-{seed}.json", truth, told)
    laid_out = {
        "seed": seed,
        "documents": [asdict(item) for item in documents],
        "truth": list(truth.items()),
        "priors": list(told.items()),
        "every": every,
        "topic": asdict(one.topic) if one.topic else None,
        "settings": dict(settings),
    }
    task.path.write_text(json.dumps(laid_out), encoding="utf-8")
    return task


def _is_set(path: Path) -> bool:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return "label" in next(csv.reader(file), [])


def _topic(protocol: Mapping[str, str] | None) -> Topic | None:
    return None if protocol is None else stated(protocol["title"], protocol["criteria"])

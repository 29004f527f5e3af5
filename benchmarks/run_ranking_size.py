"""One harvest of any size, ranked and ranked again: `python benchmarks/run_ranking_size.py OUT DOCUMENTS [--labels N]`.

`ranking.py --sizes` starts it. The harvest is made up (`abstracts.py`); making it is not measured, holding it in
memory is. Measured: a `Ranker` made and asked for its first order, from a title and two criteria; then orders with
labels, each with one label more than the one before. OUT gets one line of JSON.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from abstracts import THEME, abstracts, word
from measuring import keep, measured, timed

from screen.document import Document
from screen.rank import Ranker, Topic
from screen.simulate import Order

AGAIN = 10
"""How often it is ranked again."""


def labels(truth: Sequence[int], wanted: int) -> dict[int, float]:
    """Drawn at random, one in twenty an include: about what a reviewer has who reads in ranked order."""
    dice = random.Random(1)
    places = list(range(len(truth)))
    dice.shuffle(places)
    includes = [place for place in places if truth[place]]
    excludes = [place for place in places if not truth[place]]
    few = min(max(wanted // 20, 1), len(includes))
    chosen = [*islice(includes, few), *islice(excludes, wanted - few)]
    dice.shuffle(chosen)
    return {place + 1: float(truth[place]) for place in chosen}


def outcome(size: int, wanted: int) -> Iterator[dict[str, Any]]:
    """Make it, rank it, rank it again."""
    documents: list[Document] = []
    truth: list[int] = []
    for document, label in abstracts(size):
        documents.append(document)
        truth.append(label)
    theme = [word(rank) for rank in THEME]
    topic = Topic(
        title=" ".join(theme[:6]), include=(" ".join(theme[6:20]),), exclude=(" ".join(theme[-6:]),)
    )

    def first() -> Order:
        order = Ranker(documents, topic).order
        order({})
        return order

    order, cost = timed(first)
    told = list(labels(truth, min(wanted + AGAIN, size)).items())
    costs = []
    for more in range(AGAIN):
        some = dict(told[: max(len(told) - AGAIN + more + 1, 1)])
        costs.append(timed(lambda some=some: order(some))[1])
    measured()
    again = {name: statistics.median(one[name] for one in costs) for name in ("seconds", "cpu")}
    yield {
        "documents": size, "labels": len(told), "included": sum(truth), "first": cost, "again": again, "costs": costs,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what came out."""
    parser = argparse.ArgumentParser(description="Rank a made-up harvest and measure it.")
    parser.add_argument("out")
    parser.add_argument("documents", type=int)
    parser.add_argument("--labels", type=int, default=1_000)
    said = parser.parse_args(arguments)
    keep(said.out, outcome(said.documents, said.labels))
    return 0


if __name__ == "__main__":
    sys.exit(main())

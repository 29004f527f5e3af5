"""How often the stopping rules reach their target, and what they save, on labelled reviews.

    python benchmarks/stopping.py FOLDER [--sets NAME …] [--seeds 4] [--target 0.95] [--confidence 0.95] [--json]

FOLDER is laid out as for `ranking.py`. Every set is read with our ranking (without its protocol, one include and one
exclude told, ranked again whenever the labels have grown by 2 %), and every rule says where it would first let one
stop. Besides the readings as they are, each is read as if only `FEW` of its includes were ones (drawn at random, the
others taken for excludes), and both in random order, where a ranking is worth nothing.

met           share of readings in which the target was reached when the rule let one stop
recall        the lowest recall in any of them
saved         share of the records not read: mean, and median
oracle        the same for somebody who knows the labels and stops at the target

The second table is about the estimates, in the readings as ranked, when a tenth, a fifth … is read:

not more      share of readings in which no more includes were left than the upper bound
not fewer     likewise, and the lower bound
off           mean distance of the estimated recall from the true one
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parent.parent))

from review_sets import ReviewSet, sets

from screen.figures import oracle, stopped
from screen.rank import Ranker, Settings, Topic
from screen.simulate import Schedule, drawn, replay, shuffled
from screen.stop.estimate import estimate
from screen.stop.rules import RULES, first_stop, stops_in_a_row

FEW = 8
IN_A_ROW = (50, 100, 200)
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Of the records read, at which the estimates are looked at."""
ORDERS = ("as ranked", f"{FEW} includes", "random order", f"{FEW} includes, random order")
Found: TypeAlias = dict[str, Any]
Ends: TypeAlias = Mapping[str, Callable[[Sequence[int]], int]]
"""Rule → where it ends a reading."""


def rules(target: float, confidence: float) -> Ends:
    """Every rule, and the same number of excludes in a row."""
    tests: dict[str, Callable[[Sequence[int]], int]] = {
        name: lambda found, name=name: first_stop(name, found, len(found), target, confidence)
        for name in RULES
    }
    rows = {f"{n} in a row": lambda found, n=n: stops_in_a_row(found, len(found), n) for n in IN_A_ROW}
    return tests | rows


def readings(one: ReviewSet, seed: int) -> Iterator[tuple[str, list[int]]]:
    """The orders in which a set is read."""
    key = f"{one.name}:{seed}"
    dice = random.Random(key)
    documents, truth = shuffled(one.labelled.documents, one.labelled.labels, key)
    ranker = Ranker(documents, Topic(), Settings(seed=seed))
    read = replay(
        truth,
        lambda labels: [number for number, _ in ranker.rank(labels).order],
        drawn(truth, 1, key),
        Schedule.of("2%"),
    )
    found = list(read.found)
    places = [place for place, label in enumerate(found) if label]
    few = set(dice.sample(places, min(FEW, len(places))))
    yield ORDERS[0], found
    yield ORDERS[1], [int(place in few) for place in range(len(found))]
    yield ORDERS[2], dice.sample(found, len(found))
    yield ORDERS[3], dice.sample([1] * len(few) + [0] * (len(found) - len(few)), len(found))


def judged(one: ReviewSet, seeds: int, ends: Ends, target: float, confidence: float) -> Iterator[Found]:
    """What every rule came to in every reading of a set, and how the estimates did."""
    for seed in range(seeds):
        for order, found in readings(one, seed):
            if order == ORDERS[0]:
                yield from estimated(found, target, confidence)
            best = oracle(found, round(100 * target))
            for rule, end in ends.items():
                stop = stopped(found, end(found))
                yield {
                    "set": one.starred, "seed": seed, "order": order, "rule": rule, "recall": stop.recall,
                    "met": math.isclose(stop.recall, target) or stop.recall > target, "saved": stop.saved,
                    "oracle": best.saved,
                }  # fmt: skip


def estimated(found: Sequence[int], target: float, confidence: float) -> Iterator[Found]:
    """The estimates beside the truth, at every share read at which there is one."""
    for share in SHARES:
        read = int(share * len(found))
        known, left = estimate(found[:read], len(found), target, confidence), sum(found[read:])
        if known:
            yield {
                "share": share, "not_more": left <= known.left.high, "not_fewer": left >= known.left.low,
                "off": abs(known.recall.estimate - (1 - left / sum(found))),
            }  # fmt: skip


def bounds(looks: Sequence[Found]) -> Iterator[str]:
    """How the estimates did, for people; Markdown."""
    yield "| share read | readings | not more | not fewer | off |"
    yield "| --- | --- | --- | --- | --- |"
    for share in SHARES:
        of_share = [look for look in looks if look["share"] == share]
        if of_share:
            cells = (
                statistics.fmean(look[name] for look in of_share) for name in ("not_more", "not_fewer", "off")
            )
            yield f"| {share:.0%} | {len(of_share)} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"


def summary(runs: Sequence[Found]) -> list[Found]:
    """Over all readings of one order by one rule."""
    cells = dict.fromkeys((run["order"], run["rule"]) for run in runs)
    return [
        _cell(order, rule, [r for r in runs if (r["order"], r["rule"]) == (order, rule)])
        for order, rule in cells
    ]


def _cell(order: str, rule: str, runs: Sequence[Found]) -> Found:
    saved, best = [run["saved"] for run in runs], [run["oracle"] for run in runs]
    return {
        "order": order, "rule": rule, "readings": len(runs), "met": statistics.fmean(run["met"] for run in runs),
        "recall": min(run["recall"] for run in runs), "saved": statistics.fmean(saved),
        "saved_median": statistics.median(saved), "oracle": statistics.fmean(best),
        "oracle_median": statistics.median(best),
    }  # fmt: skip


def table(cells: Sequence[Found]) -> Iterator[str]:
    """For people; Markdown."""
    yield "| order | rule | readings | met | lowest recall | saved, mean / median | oracle |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for c in cells:
        yield (
            f"| {c['order']} | {c['rule']} | {c['readings']} | {c['met']:.1%} | {c['recall']:.2f} "
            f"| {c['saved']:.3f} / {c['saved_median']:.3f} | {c['oracle']:.3f} / {c['oracle_median']:.3f} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="*", help="names; all of FOLDER when left out")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--target", type=float, default=0.95)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    ends = rules(chosen.target, chosen.confidence)
    found: list[Found] = []
    for one in sets(chosen.folder, chosen.sets):
        found += judged(one, chosen.seeds, ends, chosen.target, chosen.confidence)
        print(f"{one.starred}: done", file=sys.stderr)
    runs, looks = [each for each in found if "rule" in each], [each for each in found if "share" in each]
    if chosen.json:
        print(json.dumps({"runs": runs, "summary": summary(runs), "estimates": looks}, indent=1))
    else:
        print("\n".join([*table(summary(runs)), "", *bounds(looks)]))


if __name__ == "__main__":
    main()

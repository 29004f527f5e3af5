"""How early our ranking finds the includes, beside ASReview's ELAS u4: `python benchmarks/ranking.py FOLDER [--json]`.

FOLDER is laid out as `review_sets.py` says: one table of labelled records a review. Every set is replayed, once a seed,
by

ours         with the title and criteria of the review, where the folder has them; one include and one exclude told
no protocol  ours with the two labels alone
ELAS u4      ASReview's own, told the same two; `--peer PYTHON` names an interpreter that has it
             (`python -m venv peer && peer/bin/pip install asreview`), else `u4.py` stands in, which is said
cold start   ours with title and criteria and no label at all, learning as labels come
no learning  the very first order of the cold start, kept to the end
random       what random order comes to: an expectation, not a replay

and ranked again after every record (`--every 1`; `--every 2%` is quick and about as good). The definitions of all
figures stand in `screen/figures.py`. Means over sets are means of the means over seeds; differences are paired by set,
with a 95 % interval by Student's t, over the same records: what the others are told is left out of a cold start, too.
Then: what each stopping rule would have done to the readings, what a re-ranking takes (clock and CPU time; every ranker
and set in a fresh process, one thread each) and the largest memory.

--sizes N …  made-up harvests of these sizes (`abstracts.py`): first ranking, re-ranking with 1,000 labels, memory
--sets       with no name behind it: no set, only the sizes
--jobs 2     so many processes at once; with more than one, only CPU times are comparable

Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ranking_tables
from contests import Contest, Player, differences, means, players, stopping
from measuring import Failed, watched
from review_sets import TUNED_ON, ReviewSet, sets, tasks

from screen.curve import Curve, recall_plot

HERE = Path(__file__).resolve().parent
Found = dict[str, Any]


# -- labelled sets --------------------------------------------------------------------------------------


def measure_sets(said: argparse.Namespace, work: Path) -> tuple[Found, list[Contest]]:
    """Every set, every ranker."""
    settings = {
        "parameters": {name: float(value) for name, value in (pair.split("=", 1) for pair in said.set)}
    }
    if said.model:
        settings["model"] = said.model
    with ThreadPoolExecutor(said.jobs) as pool:
        waiting = [
            pool.submit(_contest, one, player, said, work, settings)
            for one in sets(said.folder, said.sets)
            for player in players(said.peer)
            if one.topic or not player.needs_topic
        ]
        try:
            contests = [_told(future.result()) for future in waiting]
        except SystemExit:
            pool.shutdown(wait=False, cancel_futures=True)  # one that cannot be measured ends it all
            raise
    found = {
        "seeds": said.seeds, "every": said.every, "settings": settings, "tuned_on": sorted(TUNED_ON),
        "sets": [contest.to_dict() for contest in contests],
        "means": means(contests), "differences": differences(contests), "stopping": stopping(contests),
    }  # fmt: skip
    return found, contests


def _contest(
    one: ReviewSet, player: Player, said: argparse.Namespace, work: Path, settings: Mapping[str, Any]
) -> Contest:
    """One ranker on one set, all seeds in one process."""
    folder = work / player.key
    folder.mkdir(exist_ok=True)
    laid = tasks(one, said.seeds, 1, said.every, folder, settings)
    try:
        outcomes = watched(
            player.python, HERE / player.script, *player.arguments, *(str(task.path) for task in laid)
        )
    except Failed as failure:
        raise SystemExit(f"{player.name} could not be measured on {one.name}. {failure}") from failure
    for task in laid:
        task.path.unlink()
    return Contest.of(one, player, laid, outcomes)


def _told(contest: Contest) -> Contest:
    print(ranking_tables.line(contest.to_dict()), file=sys.stderr, flush=True)
    return contest


def plot(contests: Sequence[Contest], title: str) -> str:
    """The mean recall curve of each ranker over all sets that all of them have read."""
    names = dict.fromkeys(contest.player for contest in contests)
    common = set.intersection(*({c.set for c in contests if c.player == name} for name in names))
    curves = [
        Curve(name, [run.found for c in contests if c.player == name and c.set in common for run in c.runs])
        for name in names
    ]
    return recall_plot(curves, f"{title} ({len(common)} sets)", singly=False)


# -- size -----------------------------------------------------------------------------------------------


def measure_sizes(sizes: Sequence[int], labels: int) -> list[Found]:
    """Made-up harvests, each in a process of its own."""
    found = []
    for size in sorted(sizes):
        print(f"{size:,} documents", file=sys.stderr, flush=True)
        try:
            found += watched(sys.executable, HERE / "run_ranking_size.py", str(size), "--labels", str(labels))
        except Failed as failure:
            found.append({"documents": size, "failed": str(failure)})
    return found


# -- asking and telling ---------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    made = argparse.ArgumentParser(description="Measure the ranking.")
    made.add_argument("folder", type=Path, help="holds one table per review, with labels")
    made.add_argument("--json", action="store_true", help="figures for scripts")
    made.add_argument("--sets", nargs="*", metavar="NAME", help="these sets; all of them when left out")
    made.add_argument("--seeds", type=int, default=5, help="replays of every set (5)")
    made.add_argument("--every", default="1", help="rank again after N records, or at P%% growth (1)")
    made.add_argument("--peer", metavar="PYTHON", help="an interpreter that has ASReview 3")
    made.add_argument("--model", default="", help="one of our models instead of the usual one")
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="parameters of the model")
    made.add_argument("--sizes", type=int, nargs="+", default=[], metavar="N", help="made-up harvests")
    made.add_argument("--labels", type=int, default=1_000, help="labels told of a made-up harvest (1000)")
    made.add_argument("--plot", type=Path, metavar="FILE", help="where to draw the recall curves (SVG)")
    made.add_argument("--jobs", type=int, default=1, help="processes at once (1)")
    return made


def measure(said: argparse.Namespace, work: Path) -> Iterator[tuple[str, Any]]:
    """What was asked for, part by part."""
    if said.sets is None or said.sets:
        found, contests = measure_sets(said, work)
        if said.plot:
            said.plot.write_text(plot(contests, "Recall by records read"), encoding="utf-8")
        yield "sets", found
    if said.sizes:
        yield "sizes", measure_sizes(said.sizes, said.labels)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or everything as JSON."""
    said = parser().parse_args(arguments)
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # for the workers
    found: Found = {"machine": _machine(), "jobs": said.jobs}
    with tempfile.TemporaryDirectory(prefix="harvest-benchmark-") as work:
        for name, part in measure(said, Path(work)):
            found[name] = part
            if not said.json:
                print("\n".join(ranking_tables.PARTS[name](part)), flush=True)
    if said.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _machine() -> Found:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


if __name__ == "__main__":
    sys.exit(main())

"""How well and how fast duplicates are found, beside bib-dedupe: `python benchmarks/dedupe.py FOLDER [--json]`.

FOLDER is laid out as `labelled.py` says: one folder per set. What is measured:

(nothing else asked)  every set and the hard cases
--related             related but distinct papers made from the sets (`related.py`): how many are merged, and how many
                      are shown for what they are
--scale N …           synthetic sets of these sizes (`lookalikes.py`), the exponent, and with `--plot` a picture
--incremental N NEW   so many new records arriving at a review that holds N
--sets                the sets as well, when one of the others is asked for

Every tool works in a fresh process; CPU seconds are those of the process and all its children, memory is the largest
sum over them. Ours is measured from outside its door: `deduplicate(store)` on a review database, which reads the
records from SQLite, compares, keeps the opinions and groups; writing the records there is loading, told apart.
bib-dedupe is measured from `prep` to `cluster` on a table in memory. `--peer PYTHON` names an interpreter that has it
(`python -m venv peer && peer/bin/pip install bib-dedupe`); without one, ours is measured alone, which is said.
Progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # in front: this file bears the name of a package

import related as partners
import tables
from corpus import learned
from curve import exponent, svg
from labelled import TUNED_ON, Labelled, hard_cases, labelled, rows, sets, write
from lookalikes import parted, write_set
from tools import (
    Disagreement,
    Outcome,
    Result,
    Tool,
    bib_dedupe,
    disagreements,
    grouping,
    ours,
    outcomes_of,
    result,
    total,
)

Found = dict[str, Any]


# -- labelled sets --------------------------------------------------------------------------------------


def measure_sets(folder: Path, tools: Sequence[Tool], *, errors: bool) -> Found:
    """Every set, every tool."""
    results: list[Result] = []
    wrong: list[Disagreement] = []
    for one in sets(folder):
        for outcome in outcomes_of(tools, one):
            results.append(result(one, outcome))
            print(tables.line(results[-1]), file=sys.stderr, flush=True)
            if errors:
                wrong += disagreements(one, outcome)
    if not results:
        raise SystemExit(f"{folder} holds no set (…/records.csv with truth.csv).")
    names = dict.fromkeys(one.tool for one in results)
    results += [total([one for one in results if one.tool == name]) for name in names]
    return {"results": results, "errors": wrong, "tuned_on": sorted(TUNED_ON)}


def measure_hard(folder: Path, tools: Sequence[Tool], work: Path) -> list[Found]:
    """Pairs written by hand: how many are decided as expected, and which are not."""
    cases = hard_cases(folder)
    if not cases:
        return []
    paths = [work / f"case{number:03}" / "records.csv" for number in range(len(cases))]
    for path, case in zip(paths, cases, strict=True):
        path.parent.mkdir()
        write(path, case.rows)
    return [_hard(tool.run(*paths), cases) for tool in tools]


def _hard(outcomes: Sequence[Outcome], cases: Sequence[Any]) -> Found:
    wrong = [
        case.name
        for outcome, case in zip(outcomes, cases, strict=True)
        if (len({group for _, group in outcome["groups"]}) == 1) != case.same
    ]
    return {
        "tool": outcomes[0]["tool"], "right": len(cases) - len(wrong), "cases": len(cases), "otherwise": wrong,
    }  # fmt: skip


# -- related papers -------------------------------------------------------------------------------------


def measure_related(folder: Path, tools: Sequence[Tool], work: Path, per_kind: int, seed: int) -> Found:
    """Partners of real papers: merged, shown with the right kind, shown otherwise, asked, or not shown at all."""
    made = list(partners.made(partners.originals(folder, seed), per_kind, seed))
    partners.write_set(work / "related", made)
    one = labelled(work / "related" / "records.csv", work / "related" / "truth.csv")
    pairs = list(rows(work / "related" / "pairs.csv"))
    told = [_related(one, outcome, pairs) for outcome in outcomes_of(tools, one)]
    return {"seed": seed, "per_kind": per_kind, "pairs": len(pairs), "tools": told}


def _related(one: Labelled, outcome: Outcome, pairs: Sequence[dict[str, str]]) -> Found:
    group = grouping(one, outcome).group
    links = {frozenset((a, b)): (relation, kind) for a, b, relation, kind, *_ in outcome.get("links", [])}
    asked = {frozenset((a, b)) for a, b, _ in outcome["asked"]}
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in partners.KINDS}
    for pair in pairs:
        both = frozenset((pair["a"], pair["b"]))
        merged = group[pair["a"]] == group[pair["b"]]
        counts[pair["kind"]][_shown(merged, links.get(both), both in asked, pair["kind"])] += 1
    return {"tool": outcome["tool"], "kinds": {kind: dict(count) for kind, count in counts.items()}}


def _shown(merged: bool, link: tuple[str, str] | None, asked: bool, kind: str) -> str:
    if merged:
        return "merged"
    relation, typed = link or ("", "")
    right = typed == partners.KINDS[kind]
    if asked or relation == "ask":
        return "asked typed" if right else "asked"
    if typed or relation == "same study":
        return "typed" if right else "other type"
    return "kept apart" if relation else "not seen"


# -- size -----------------------------------------------------------------------------------------------


def measure_scale(said: argparse.Namespace, tools: Sequence[Tool], work: Path) -> Found:
    """Synthetic sets, ours at every size, the peer as far as it may go."""
    corpus = learned(said.folder, said.titles)
    results: list[Result] = []
    for size in sorted(said.scale):
        folder = work / f"synthetic-{size}"
        print(f"making {size:,} records", file=sys.stderr, flush=True)
        write_set(folder, corpus, size, said.seed)
        one = labelled(folder / "records.csv", folder / "truth.csv")
        for tool in tools:
            if tool.name == "harvest":
                results += [result(one, outcome) for outcome in tool.run("--brief", one.records)]
            elif size <= said.peer_limit:
                results += [result(one, outcome) for outcome in tool.run(one.records)]
        (folder / "records.csv").unlink()
    curves = {name: _curve(results, name) for name in dict.fromkeys(one.tool for one in results)}
    return {
        "seed": said.seed, "titles_learned": corpus.titles, "results": results,
        "exponents": {name: exponent(curve) for name, curve in curves.items()}, "curves": curves,
    }  # fmt: skip


def _curve(results: Sequence[Result], tool: str) -> list[tuple[int, float]]:
    return [(one.records, one.cpu) for one in results if one.tool == tool]


def measure_incremental(said: argparse.Namespace, tool: Tool, work: Path) -> Found:
    """New records in a new process, as weeks later."""
    stored, new = said.incremental
    folder = work / "arriving"
    print(f"making {stored + new:,} records", file=sys.stderr, flush=True)
    write_set(folder, learned(said.folder, said.titles), stored + new, said.seed)
    one = labelled(folder / "records.csv", folder / "truth.csv")
    database = str(folder / "review.db")
    there, arriving = parted(one.records, new, said.seed)
    (first,) = tool.run("--brief", "--store", database, there)
    (then,) = tool.run("--brief", "--store", database, arriving)
    return {
        "stored": stored,
        "new": new,
        "first": _cost(first),
        "then": _cost(then),
        "result": result(one, then),
    }


def _cost(outcome: Outcome) -> Found:
    names = ("compared", "seconds", "cpu", "load_seconds", "peak_mb")
    return {name: round(outcome[name], 2) for name in names}


# -- asking and telling ---------------------------------------------------------------------------------


def measure(said: argparse.Namespace, tools: Sequence[Tool], work: Path) -> Iterator[tuple[str, Any]]:
    """What was asked for, part by part."""
    parts: dict[str, tuple[bool, Callable[[], Any]]] = {
        "sets": (said.sets, lambda: measure_sets(said.folder, tools, errors=said.errors)),
        "hard": (said.sets, lambda: measure_hard(said.folder, tools, work)),
        "related": (
            said.related, lambda: measure_related(said.folder, tools, work, said.per_kind, said.seed),
        ),
        "scale": (bool(said.scale), lambda: measure_scale(said, tools, work)),
        "incremental": (bool(said.incremental), lambda: measure_incremental(said, tools[0], work)),
    }  # fmt: skip
    for name, (wanted, work_) in parts.items():
        if wanted:
            yield name, work_()


def parser() -> argparse.ArgumentParser:
    """What may be asked."""
    made = argparse.ArgumentParser(description="Measure the deduplication.")
    made.add_argument("folder", type=Path, help="holds one folder per set")
    made.add_argument("--json", action="store_true", help="figures for scripts")
    made.add_argument(
        "--errors", action="store_true", help="every false merge and every missed pair of the sets"
    )
    made.add_argument(
        "--peer", metavar="PYTHON", default=sys.executable, help="an interpreter that has bib-dedupe"
    )
    made.add_argument(
        "--sets", action="store_true", help="the labelled sets; what is done when nothing else is asked"
    )
    made.add_argument("--related", action="store_true", help="related but distinct papers")
    made.add_argument("--per-kind", type=int, default=partners.PER_KIND, help="so many of each kind")
    made.add_argument(
        "--scale", type=int, nargs="+", metavar="N", default=[], help="synthetic sets of these sizes"
    )
    made.add_argument(
        "--titles", type=Path, nargs="+", default=[], help="folders of tables with further real titles"
    )
    made.add_argument("--peer-limit", type=int, default=2_000, help="largest synthetic set for bib-dedupe")
    made.add_argument("--plot", type=Path, metavar="FILE", help="where to draw the curve (SVG)")
    made.add_argument(
        "--incremental", type=int, nargs=2, metavar=("N", "NEW"), help="new records for a large review"
    )
    made.add_argument("--seed", type=int, default=partners.SEED)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or everything as JSON."""
    said = parser().parse_args(arguments)
    said.sets = said.sets or not (said.related or said.scale or said.incremental)
    peer = bib_dedupe(said.peer)
    tools = [ours(), *([peer] if peer else [])]
    found: Found = {"machine": _machine(), "peer": None if peer else tables.NO_PEER.format(said.peer)}
    with tempfile.TemporaryDirectory(prefix="harvest-benchmark-") as work:
        for name, part in measure(said, tools, Path(work)):
            found[name] = part
            if not said.json:
                print("\n".join(tables.PARTS[name](part)), flush=True)
    if said.plot and "scale" in found:
        curves = {name: curve for name, curve in found["scale"]["curves"].items() if curve}
        said.plot.write_text(svg(curves, "Deduplication: CPU seconds by number of records"), encoding="utf-8")
    if said.json:
        print(json.dumps(tables.plain(found), ensure_ascii=False, indent=1))
    elif found["peer"]:
        print(found["peer"])
    return 0


def _machine() -> Found:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


if __name__ == "__main__":
    sys.exit(main())

"""Results as lines to read and as plain JSON; a part of `dedupe.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from counting import Count, Queue
from labelled import Row
from tools import Disagreement, Result

NO_PEER = (
    "bib-dedupe was not measured: {} does not have it. Make an interpreter that does "
    "(`python -m venv peer && peer/bin/pip install bib-dedupe`) and name it: `--peer peer/bin/python`."
)
STAR = "* the rules were written with sight of this set; only other sets judge them"
SHOWN = ("merged", "typed", "asked typed", "other type", "asked", "kept apart", "not seen")
_COUNT = f"{'TP':>6} {'FP':>5} {'FN':>5} {'prec.':>6} {'recall':>6} {'F1':>6}"
_HEAD = (
    f"{'set':16} {'records':>9} {'tool':26} | {'pairs':^39} | {'records removed (FP: papers lost)':^39} | "
    f"{'asked of a person':^36} | {'cost':^31}"
)
_NAMES = (
    f"{'':16} {'':>9} {'':26} | {_COUNT} | {_COUNT} | "
    f"{'asked':>6} {'/1000':>6} {'true':>4} {'closed':>6} {'of':>4} {'AP':>5} | "
    f"{'CPU s':>8} {'clock s':>7} {'load':>6} {'MB':>6}"
)


def line(one: Result) -> str:
    """One tool on one set."""
    cost = f"{one.cpu:8.2f} {one.seconds:7.2f} {one.load_seconds:6.1f} {one.peak_mb:6.0f}"
    return (
        f"{one.name:16} {one.records:9,} {one.tool:26} | {_count(one.pairs)} | {_count(one.removed)} | "
        f"{_queue(one.queue, one.records)} | {cost}"
    )


def _count(count: Count) -> str:
    shares = f"{count.precision:6.4f} {count.recall:6.4f} {count.f1:6.4f}"
    return f"{count.right:6} {count.wrong:5} {count.missed:5} {shares}"


def _queue(queue: Queue | None, records: int) -> str:
    if queue is None:
        return f"{'–':^36}"
    ap = "–" if queue.average_precision is None else f"{queue.average_precision:.3f}"
    per = 1000 * queue.asked / records
    return f"{queue.asked:6} {per:6.1f} {len(queue.ranks):4} {queue.closed:6} {queue.missed:4} {ap:>5}"


def of_sets(found: Mapping[str, Any]) -> Iterator[str]:
    """All sets, tool by tool."""
    yield from (_HEAD, _NAMES, *map(line, found["results"]), STAR)
    yield "asked: pairs not joined · true: duplicates among them · closed, of: missed pairs that yes to these joins"
    for one in found["errors"]:
        yield from _disagreement(one)


def _disagreement(one: Disagreement) -> Iterator[str]:
    yield f"{one.what} · {one.name} · {one.tool}{f' · {one.why}' if one.why else ''}"
    yield from (f"    {_cited(row)}" for row in (one.a, one.b))


def _cited(row: Row) -> str:
    place = f"{row['journal']} {row['year']};{row['volume']}({row['issue']}):{row['pages']}"
    return (
        f"{row['id']} {row['title'] or '(no title)'} — {row['authors'][:60]} — {place} {row['doi']}".rstrip()
    )


def of_hard(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Cases as expected, by tool."""
    for one in found:
        otherwise = ", ".join(one["otherwise"]) or "none"
        yield f"hard cases*: {one['tool']} {one['right']} of {one['cases']}; otherwise: {otherwise}"


def of_related(found: Mapping[str, Any]) -> Iterator[str]:
    """What became of the partners, by kind."""
    yield f"related papers: {found['pairs']} pairs, {found['per_kind']} of each kind, seed {found['seed']}"
    for one in found["tools"]:
        yield f"{one['tool']:22} " + " ".join(f"{name:>11}" for name in SHOWN)
        for kind, counts in one["kinds"].items():
            yield f"  {kind:20} " + _shown(counts)
        together = {name: sum(counts.get(name, 0) for counts in one["kinds"].values()) for name in SHOWN}
        yield f"  {'all':20} " + _shown(together)
    yield "typed: an opinion that names the kind · asked typed: a question that names it · other type: another kind"
    yield "kept apart: judged different, without a kind · not seen: never judged"


def _shown(counts: Mapping[str, int]) -> str:
    return " ".join(f"{counts.get(name, 0):11}" for name in SHOWN)


def of_scale(found: Mapping[str, Any]) -> Iterator[str]:
    """Cost by size."""
    yield f"synthetic sets, learned from {found['titles_learned']:,} titles, seed {found['seed']}"
    yield from (_HEAD, _NAMES, *map(line, found["results"]))
    for tool, grows in found["exponents"].items():
        if grows is not None:
            yield f"{tool}: CPU seconds grow with records to the power of {grows:.2f}"


def of_incremental(found: Mapping[str, Any]) -> Iterator[str]:
    """New records."""
    first, then, one = found["first"], found["then"], found["result"]
    yield f"{found['stored']:,} records: {_cost(first)}"
    yield f"{found['new']:,} new ones:  {_cost(then)}"
    yield f"both together: pairs F1 {one.pairs.f1:.4f}, removed F1 {one.removed.f1:.4f}"


def _cost(cost: Mapping[str, float]) -> str:
    return (
        f"{cost['seconds']:.1f} s on the clock, {cost['cpu']:.1f} s of CPU, {cost['peak_mb']:.0f} MB, "
        f"{cost['compared']:,.0f} pairs compared (loading: {cost['load_seconds']:.1f} s)"
    )


PARTS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "sets": of_sets, "hard": of_hard, "related": of_related, "scale": of_scale, "incremental": of_incremental,
}  # fmt: skip
"""Part of what was found → its lines."""


def plain(found: Any) -> Any:
    """The same as JSON knows it."""
    if isinstance(found, Result):
        return found.to_dict()
    if isinstance(found, Disagreement):
        told = {"set": found.name, "tool": found.tool, "what": found.what, "why": found.why}
        return told | {"a": found.a, "b": found.b}
    if isinstance(found, Mapping):
        return {name: plain(value) for name, value in found.items()}
    return [plain(value) for value in found] if isinstance(found, (list, tuple)) else found

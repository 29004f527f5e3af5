"""Results as lines to read; a part of `ranking.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from screen.figures import NAMES

STAR = "* recipe and parameters were chosen on this set among others: figures for it flatter"
_FIGURES = " ".join(f"{name:>9}" for name in NAMES.values())
_HEAD = f"{'set':26} {'N':>6} {'R':>5} {'ranker':22} {_FIGURES} {'ms':>8} {'CPU ms':>8} {'MB':>6}"
Found = Mapping[str, Any]


def line(one: Found) -> str:
    """One ranker on one set."""
    cost = f"{one['ms']:8.1f} {one['cpu_ms']:8.1f} {one['peak_mb']:6}"
    return f"{one['set']:26} {one['records']:6} {one['included']:5} {one['ranker']:22} {_row(one['mean'])} {cost}"


def _row(figures: Mapping[str, float]) -> str:
    return " ".join(_number(name, figures[name]) for name in NAMES)


def _number(name: str, value: float) -> str:
    return f"{value:9.1f}" if name == "atd" else f"{value:9.4f}"


def of_sets(found: Found) -> Iterator[str]:
    """Everything measured on labelled sets."""
    yield f"{found['seeds']} seeds, ranked again every {found['every']}; N and R without the priors"
    yield _HEAD
    yield from map(line, found["sets"])
    yield STAR
    yield ""
    yield from _means(found["means"])
    yield ""
    yield from _differences(found["differences"])
    yield ""
    yield from _stopping(found["stopping"])


def _means(found: Sequence[Found]) -> Iterator[str]:
    yield f"{'means over sets':22} {'sets':>4} {_FIGURES} {'ms':>8} {'CPU ms':>8} {'MB':>6}"
    yield "(ms of the median set, MB of the largest)"
    for one in found:
        cost = f"{one['ms']:8.1f} {one['cpu_ms']:8.1f} {one['peak_mb']:6}" if "ms" in one else ""
        yield f"{one['ranker']:22} {one['sets']:4} {_row(one['mean'])} {cost}".rstrip()
    for one in found:
        if "median_first" in one:
            told = f"the first include within {one['median_first']:.2%} of the records in the median set"
            yield f"{one['ranker']}: {told}"


def _differences(found: Sequence[Found]) -> Iterator[str]:
    yield f"{'less ELAS u4':22} {'sets':>4} {_FIGURES}"
    for one in found:
        less = one["less"]
        yield f"{one['ranker']:22} {one['sets']:4} " + " ".join(
            _number(name, less[name]["mean"]) for name in NAMES
        )
        halves = [less[name]["half"] for name in NAMES]
        told = (_number(name, half) for name, half in zip(NAMES, halves, strict=True) if half is not None)
        yield f"{'  ±':27} " + (" ".join(told) or "no interval for one set")
        yield f"{'  sets above 0':27} " + " ".join(f"{less[name]['above']:9}" for name in NAMES)


def _stopping(found: Sequence[Found]) -> Iterator[str]:
    if found:
        first = found[0]
        yield f"stopping rule: target {first['target']:.0%} recall, {first['confidence']:.0%} confidence"
    yield f"{'':22} {'rule':14} {'runs':>5} {'met':>7} {'recall then':>25} {'work saved':>25}"
    for one in found:
        parts = " ".join(f"{_quartiles(one[name]):>25}" for name in ("recall", "saved"))
        yield f"{one['ranker']:22} {one['rule']:14} {one['runs']:5} {one['met']:7.1%} {parts}"
    yield "median (quarter to three quarters) over runs · oracle: whoever knows the labels"


def _quartiles(one: Mapping[str, float]) -> str:
    return f"{one['median']:.3f} ({one['quarter']:.3f}–{one['three_quarters']:.3f})"


def of_sizes(found: Sequence[Found]) -> Iterator[str]:
    """Cost by size."""
    yield f"{'documents':>10} {'labels':>7} {'first s':>9} {'CPU s':>9} {'again s':>9} {'CPU s':>9} {'MB':>8}"
    for one in found:
        if "failed" in one:
            yield f"{one['documents']:10,} {one['failed']}"
            continue
        first, again = one["first"], one["again"]
        yield (
            f"{one['documents']:10,} {one['labels']:7,} {first['seconds']:9.1f} {first['cpu']:9.1f} "
            f"{again['seconds']:9.3f} {again['cpu']:9.3f} {one['peak_mb']:8.0f}"
        )
    yield "first: features and the order before any label · again: the median of the re-rankings, one more label each"


PARTS: Mapping[str, Callable[[Any], Iterator[str]]] = {"sets": of_sets, "sizes": of_sizes}
"""Part of what was found → its lines."""

"""Where records that are not like the others stand in the order: `python benchmarks/places.py FOLDER [--read 10]`.

FOLDER is laid out as `review_sets.py` says. Looked at are records without an abstract, those whose abstract is among
the longest twentieth, and those whose title has letters of another script, each kind beside the other records of the
same set with the same label. A place is the share of the unread records that stand before a record: 0 is first, 1 last.
Told are means over sets: before any vote, from title and criteria; and after `--read` per cent of the set were read in
ranked order. A place that differs from that of the others says that such records sink (higher) or float (lower).

Nothing was chosen by these figures.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from review_sets import ReviewSet, sets

from screen.document import Document
from screen.rank import Ranker, Topic

Places = Mapping[int, float]
LABELS = {1: "included", 0: "excluded"}
_OTHER = re.compile(r"[^\W\d_a-zà-öø-ÿ]", re.IGNORECASE)


def kinds(documents: Sequence[Document]) -> Mapping[str, set[int]]:
    """Kind of record → ids."""
    lengths = sorted(len(item.abstract) for item in documents)
    long = lengths[int(0.95 * len(lengths))]
    tests: Mapping[str, Callable[[Document], bool]] = {
        "no abstract": lambda item: not item.abstract.strip(),
        "longest 5 %": lambda item: len(item.abstract) >= long > 0,
        "other script": lambda item: len(_OTHER.findall(item.title)) > 3,
    }
    return {name: {item.id for item in documents if test(item)} for name, test in tests.items()}


def places(order: Sequence[int], read: Sequence[int]) -> Places:
    """Id → share of those still to read that stand before it."""
    left = [number for number in order if number not in set(read)]
    return {number: at / max(len(left) - 1, 1) for at, number in enumerate(left)}


def looked_at(found: ReviewSet, share: float) -> Iterator[dict[str, Any]]:
    """Mean places in one set, at both moments."""
    documents, truth = found.labelled.documents, found.labelled.labels
    ranker = Ranker(documents, found.topic or Topic())
    labels: dict[int, float] = {}
    for moment in ("before any vote", f"after {share:g} %"):
        yield from _means(found, moment, places(ranker.order(labels), list(labels)))
        while len(labels) < share / 100 * len(truth):
            batch = max(1, len(labels) // 50)
            unread = (number for number in ranker.order(labels) if number in truth and number not in labels)
            labels |= {number: float(truth[number]) for number, _ in zip(unread, range(batch), strict=False)}


def _means(found: ReviewSet, moment: str, at: Places) -> Iterator[dict[str, Any]]:
    for kind, members in kinds(found.labelled.documents).items():
        for label, called in LABELS.items():
            alike = [number for number in at if found.labelled.labels.get(number) == label]
            these = [at[number] for number in alike if number in members]
            others = [at[number] for number in alike if number not in members]
            if these and others:
                yield {
                    "set": found.name, "when": moment, "kind": kind, "label": called, "records": len(these),
                    "place": statistics.fmean(these), "others": statistics.fmean(others),
                }  # fmt: skip


def summary(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Means over sets, kind by kind."""
    for key in dict.fromkeys((row["when"], row["kind"], row["label"]) for row in rows):
        these = [row for row in rows if (row["when"], row["kind"], row["label"]) == key]
        yield {
            **dict(zip(("when", "kind", "label"), key, strict=True)), "sets": len(these),
            "records": sum(row["records"] for row in these),
            "place": statistics.fmean(row["place"] for row in these),
            "others": statistics.fmean(row["others"] for row in these),
        }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--read", type=float, default=10.0, help="per cent of the set (10)")
    parser.add_argument("--sets", nargs="*", help="these sets; all of them when left out")
    parser.add_argument("--json", action="store_true", help="figures for scripts, set by set")
    said = parser.parse_args(arguments)
    rows = [row for found in sets(said.folder, said.sets) for row in looked_at(found, said.read)]
    if said.json:
        print(json.dumps(rows, indent=2))
        return 0
    print("| when | kind | label | sets | records | mean place | the others |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in summary(rows):
        told = (row["when"], row["kind"], row["label"], row["sets"], row["records"])
        print("| " + " | ".join(map(str, told)) + f" | {row['place']:.2f} | {row['others']:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

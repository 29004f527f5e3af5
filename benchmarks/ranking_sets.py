"""Replay labelled reviews with our ranking and, beside it, with ASReview's ELAS u4.

    python benchmarks/ranking_sets.py DIR [--sets Cohen_ADHD CDSS_RO] [--seeds 2] [--model NAME]

DIR holds one `<set>.csv.gz` (or `.csv`) a review with the columns title, abstract, label (1 included) and
perhaps keywords, and may hold `PROTOCOLS.json` (set → title and criteria). A replay gives one random include
and one random exclude as priors, the same for every ranker, then reads in ranked order and ranks again
whenever the labels have grown by 2 %. Three rankers read each set: `u4`, `ours` without a word of the
protocol, and `ours+topic` with it (where there is one). Printed per set and as paired means over sets:

loss       area between the recall curve and the perfect one, over that between perfect and worst; 0 is best
recall@p   share of the includes among the first p % read
WSS@95     0.95 less the share read when 95 % of the includes are found
last       share read when the last include is found

The cold start is the order before any vote, from title and criteria alone.

ELAS u4 is written down again here from its published parameters (ASReview 3, github.com/asreview/asreview:
TF-IDF of 1–2-grams, sublinear, max_df 0.95; linear SVM, squared hinge, C 0.11; balanced weights, ratio 9.8).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from screen import models
from screen.document import Document
from screen.rank import Ranker, Settings, Topic

TUNED_ON = frozenset(
    {
        *("Cohen_ACEInhibitors", "Cohen_ADHD", "Cohen_AtypicalAntipsychotics", "Cohen_Opiods"),
        *("Cohen_ProtonPumpInhibitors", "Cohen_Triptans", "BannachBrown_2019", "Nagtegaal_2019"),
        *("Kitchenham_2010", "Radjenovic_2013", "AppenzellerHerzog_2020", "Wallace_COPD"),
        *("Wallace_MicroNutrients", "Wilkins_suicide", "CDSS_RO", "Isel"),
    }
)
"""Recipe and parameters were chosen on these: figures for them flatter. Marked * in the table."""

GROWTH = 1.02
"""Rank again when there are so many times as many labels."""

Labels = dict[int, int]
Order = Callable[[Labels], Sequence[int]]
"""Labels so far → ids, most likely include first."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One finished review."""

    name: str
    documents: tuple[Document, ...]
    truth: Mapping[int, int]
    topic: Topic | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a replay measured."""

    loss: float
    recall10: float
    recall20: float
    wss95: float
    last: float


HEADER = ("loss", "recall@10", "recall@20", "WSS@95", "last")


def load(path: Path, protocols: Mapping[str, Mapping[str, str]]) -> Labelled:
    """A set from its file, shuffled once and for all so that ids say nothing."""
    csv.field_size_limit(sys.maxsize)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    name = path.name.partition(".")[0]
    random.Random(name).shuffle(rows)
    documents = tuple(
        Document(number, row["title"], row["abstract"], _keywords(row.get("keywords") or ""))
        for number, row in enumerate(rows, start=1)
    )
    truth = {number: int(row["label"]) for number, row in enumerate(rows, start=1)}
    return Labelled(name, documents, truth, _topic(protocols.get(name)))


def measure(found: Sequence[int]) -> Figures:
    """Figures of one reading: 1 or 0 for every record, in the order read, priors left out."""
    read = np.asarray(found)
    places = np.flatnonzero(read) + 1
    total, includes = len(read), len(places)
    most = places[int(np.ceil(0.95 * includes)) - 1]
    loss = (places.mean() - (includes + 1) / 2) / (total - includes)
    return Figures(
        loss=float(loss),
        recall10=float(np.mean(places <= 0.10 * total)),
        recall20=float(np.mean(places <= 0.20 * total)),
        wss95=float(0.95 - most / total),
        last=float(places[-1] / total),
    )


def replay(order: Order, truth: Mapping[int, int], seed: str) -> tuple[list[int], float]:
    """Read a whole set; returns what was found, in order, and the mean milliseconds of a ranking."""
    dice = random.Random(seed)
    labels = {
        dice.choice([number for number, label in truth.items() if label == kind]): kind for kind in (1, 0)
    }
    found: list[int] = []
    spent: list[float] = []
    while len(labels) < len(truth):
        started = time.perf_counter()
        ranked = order(labels)
        spent.append(time.perf_counter() - started)
        batch = max(1, int(len(labels) * (GROWTH - 1)))
        for number in [item for item in ranked if item not in labels][:batch]:
            labels[number] = truth[number]
            found.append(truth[number])
    return found, 1000 * float(np.mean(spent))


def u4(documents: Sequence[Document]) -> Order:
    """ASReview's ELAS u4, from its parameters."""
    texts = [f"{item.title} {item.abstract}" for item in documents]
    matrix = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts)
    row = {item.id: place for place, item in enumerate(documents)}

    def order(labels: Labels) -> Sequence[int]:
        rows, truth = [row[number] for number in labels], np.array(list(labels.values()))
        weights = np.where(truth == 1, 1.0, truth.sum() / (9.8 * (truth == 0).sum()))
        weights *= len(truth) / weights.sum()
        svm = LinearSVC(C=0.11, loss="squared_hinge", random_state=0, max_iter=20_000)
        svm.fit(matrix[rows], truth, sample_weight=weights)
        scores = matrix @ svm.coef_.ravel()
        return [documents[place].id for place in np.argsort(-scores, kind="stable")]

    return order


def ours(ranker: Ranker) -> Order:
    """This ranker, as a function of the labels."""
    return lambda labels: [number for number, _ in ranker.rank(labels).order]


def cold(labelled: Labelled, ranker: Ranker) -> tuple[float, int]:
    """Before any vote: recall within the first 10 % and the place of the first include."""
    found = [labelled.truth[number] for number in ours(ranker)({})]
    return measure(found).recall10, found.index(1) + 1


def run(labelled: Labelled, seeds: int, settings: Settings) -> dict[str, list[Figures]]:
    """Replay one set with every ranker and print its lines."""
    bare = Ranker(labelled.documents, Topic(), settings)
    rankers = {"u4": u4(labelled.documents), "ours": ours(bare)}
    print(f"\n{labelled.name}{'*' if labelled.name in TUNED_ON else ''}: ", end="")
    print(f"{len(labelled.truth)} records, {sum(labelled.truth.values())} included", end="")
    if labelled.topic is not None:
        asked = Ranker(labelled.documents, labelled.topic, settings)
        rankers["ours+topic"] = ours(asked)
        recall, first = cold(labelled, asked)
        print(f"; cold start: recall@10 {recall:.3f}, first include at {first}", end="")
    print()
    results: dict[str, list[Figures]] = {}
    for name, order in rankers.items():
        replays = [replay(order, labelled.truth, f"{labelled.name}:{seed}") for seed in range(seeds)]
        results[name] = [measure(found) for found, _ in replays]
        spent = float(np.mean([milliseconds for _, milliseconds in replays]))
        print(_line(name, _mean(results[name])) + f" {spent:9.1f} ms", flush=True)
    return results


def summary(results: Sequence[Mapping[str, Sequence[Figures]]]) -> Iterator[str]:
    """Means over sets, and of the paired differences from u4 with a 95 % interval over sets."""
    for name in ("u4", "ours", "ours+topic"):
        sets = [result for result in results if name in result]
        if not sets:
            continue
        yield _line(f"{name} ({len(sets)})", np.mean([_mean(result[name]) for result in sets], axis=0))
        if name != "u4" and len(sets) > 1:
            gaps = np.array([_mean(result[name]) - _mean(result["u4"]) for result in sets])
            yield _line("  less u4", gaps.mean(axis=0))
            yield _line("  ±", 1.96 * gaps.std(axis=0, ddof=1) / np.sqrt(len(sets)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--sets", nargs="*", help="names; all of DIR when left out")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--model", default=models.DEFAULT)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="parameters of the model")
    chosen = parser.parse_args(arguments)
    protocols = chosen.directory / "PROTOCOLS.json"
    known = json.loads(protocols.read_text("utf-8")) if protocols.exists() else {}
    files = [path for path in sorted(chosen.directory.glob("*.csv*")) if path.name != "SETS.csv"]
    names = set(chosen.sets or [path.name.partition(".")[0] for path in files])
    if missing := names - {path.name.partition(".")[0] for path in files}:
        parser.error(f"no such set in {chosen.directory}: {', '.join(sorted(missing))}")
    changed = dict(pair.split("=", 1) for pair in chosen.set)
    settings = Settings(chosen.model, parameters={name: float(value) for name, value in changed.items()})
    print(f"{chosen.model}, {chosen.seeds} seed(s); * the recipe was tuned on this set")
    print(f"{'':22}" + "".join(f"{title:>11}" for title in HEADER))
    wanted = [path for path in files if path.name.partition(".")[0] in names]
    results = [run(load(path, known), chosen.seeds, settings) for path in wanted]
    print("\nmeans over sets")
    print("\n".join(summary(results)))


def _keywords(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;|]", text) if part.strip())


def _topic(protocol: Mapping[str, str] | None) -> Topic | None:
    """Title and criteria; what follows "Exclude" is a criterion against."""
    if protocol is None:
        return None
    include, _, exclude = protocol["criteria"].partition("Exclude")
    return Topic(title=protocol["title"], include=(include,), exclude=(exclude,) if exclude else ())


def _mean(figures: Sequence[Figures]) -> np.ndarray:
    rows = [(item.loss, item.recall10, item.recall20, item.wss95, item.last) for item in figures]
    return np.asarray(np.mean(rows, axis=0))


def _line(name: str, values: Sequence[float] | np.ndarray) -> str:
    return f"  {name:20}" + "".join(f"{value:11.4f}" for value in values)


if __name__ == "__main__":
    main()

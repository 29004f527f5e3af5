"""How right groups and questions are, given the true clusters; a part of `dedupe.py`.

Pairs: all pairs of records in one group, against all pairs in one cluster. Records removed: each group keeps its first
record; of a cluster of which k records are kept, all but max(k, 1) were rightly removed and k - 1 were missed, and a
cluster of which none is kept was lost: it has vanished into another paper. This is how the authors of ASySD and of
bib-dedupe count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from math import comb
from statistics import fmean
from typing import Any

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was said that is right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was said."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    def __add__(self, other: Count) -> Count:
        return Count(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    def to_dict(self) -> dict[str, float]:
        """All figures by name."""
        shares = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return asdict(self) | {name: round(share, 6) for name, share in shares.items()}


@dataclass(frozen=True, slots=True)
class Queue:
    """The pairs that were put to a person, most likely first."""

    asked: int = 0
    """Pairs of records that are not in one group anyway."""
    ranks: tuple[int, ...] = ()
    """Places of the true ones among them, from 1."""
    precisions: tuple[float, ...] = ()
    """At each true one, the share of true ones so far; over several queues, one after the other."""
    missed: int = 0
    """True pairs that were not joined."""
    closed: int = 0
    """Those of them that would be joined once a person has said yes to every true pair that was asked."""

    @property
    def average_precision(self) -> float | None:
        """1 when all true ones come first; None when there is none."""
        return fmean(self.precisions) if self.precisions else None

    def __add__(self, other: Queue) -> Queue:
        """Two queues side by side: every place is that in its own queue."""
        return Queue(
            self.asked + other.asked,
            self.ranks + other.ranks,
            self.precisions + other.precisions,
            self.missed + other.missed,
            self.closed + other.closed,
        )

    def to_dict(self) -> dict[str, Any]:
        """All figures by name."""
        ap = self.average_precision
        return {
            "asked": self.asked, "true": len(self.ranks), "missed": self.missed, "closed": self.closed,
            "average_precision": None if ap is None else round(ap, 4),
            "mean_rank_of_true": round(fmean(self.ranks), 1) if self.ranks else None,
            "last_rank_of_true": max(self.ranks, default=None),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grouped:
    """Records in the order of their table: id → true cluster, and id → group that a tool made."""

    truth: Mapping[str, str]
    group: Mapping[str, Hashable]
    clusters: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clusters", [self.truth[record] for record in self.group])

    def pairs(self) -> Count:
        """Pairs of the transitive closure."""
        right = _pairs(zip(self.clusters, self.group.values(), strict=True))
        return Count(right, _pairs(self.group.values()) - right, _pairs(self.clusters) - right)

    def removed(self) -> Count:
        """Records taken away; `wrong` are the papers lost."""
        sizes, kept = Counter(self.clusters), Counter(self._kept())
        right = sum(size - max(kept[cluster], 1) for cluster, size in sizes.items())
        missed = sum(count - 1 for count in kept.values())
        return Count(right, len(sizes) - len(kept), missed)

    def wrong_pairs(self) -> list[Pair]:
        """Pairs in one group that are two papers."""
        return [(a, b) for a, b in _within(self.group) if self.truth[a] != self.truth[b]]

    def missed_pairs(self) -> list[Pair]:
        """Pairs of one paper in two groups."""
        known = {record: self.truth[record] for record in self.group}
        return [(a, b) for a, b in _within(known) if self.group[a] != self.group[b]]

    def queue(self, asked: Sequence[tuple[str, str, float]]) -> Queue:
        """What was put to a person, in that order."""
        open_ = [(a, b) for a, b, _ in asked if self.group[a] != self.group[b]]
        true = [(a, b) for a, b in open_ if self.truth[a] == self.truth[b]]
        ranks = tuple(place for place, (a, b) in enumerate(open_, 1) if self.truth[a] == self.truth[b])
        precisions = tuple(count / rank for count, rank in enumerate(ranks, 1))
        missed = self.pairs().missed
        return Queue(len(open_), ranks, precisions, missed, missed - self._answered(true).pairs().missed)

    def _answered(self, true: Iterable[Pair]) -> Grouped:
        """The groups after these pairs were joined."""
        lead: dict[Hashable, Hashable] = {}

        def of(group: Hashable) -> Hashable:
            while group in lead:
                group = lead[group]
            return group

        for a, b in true:
            left, right = of(self.group[a]), of(self.group[b])
            if left != right:
                lead[right] = left
        return Grouped(self.truth, {record: of(group) for record, group in self.group.items()})

    def _kept(self) -> Iterator[str]:
        """Cluster of the first record of every group."""
        seen: set[Hashable] = set()
        for cluster, group in zip(self.clusters, self.group.values(), strict=True):
            if group not in seen:
                seen.add(group)
                yield cluster


def _pairs(labels: Iterable[Hashable]) -> int:
    """How many pairs bear one label."""
    return sum(comb(size, 2) for size in Counter(labels).values())


def _within(labels: Mapping[str, Hashable]) -> Iterator[Pair]:
    """All pairs under one label, in the order of the table."""
    members: dict[Hashable, list[str]] = defaultdict(list)
    for record, label in labels.items():
        members[label].append(record)
    for together in members.values():
        yield from combinations(together, 2)

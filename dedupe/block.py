"""Which pairs are worth looking at: records that share a key, and neighbours where too many share it.

The pairs that are candidates depend on the records that are there and on nothing else: not on their order, nor on
whether they came together or one by one. When records come, change or go on saying the same, `candidates` gives the
pairs that have to be looked at again for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from dedupe.keys import KINDS, Digests

Numbers = NDArray[np.int64]
"""Record numbers, or pairs of them as one number each: see `paired`."""

WINDOW = 3
"""In a block that is too large, each record is compared with so many that follow it in order of their places."""
LARGEST = np.array([kind.largest for kind in KINDS], dtype=np.int64)
"""Records in a block that is paired in full, by the kind of the key."""
_STRONG = np.array([kind.strong for kind in KINDS])


class Entries(NamedTuple):
    """Keys and the records that bear them, side by side: one entry for every key of every record."""

    keys: Digests
    records: Numbers

    @classmethod
    def of(cls, records: Numbers, keys: list[bytes]) -> Self:
        """The entries of records, each with its digests one after another."""
        sizes = np.array([len(held) // 8 for held in keys], dtype=np.int64)
        return cls(np.frombuffer(b"".join(keys), dtype="<u8"), np.repeat(records, sizes))

    def with_keys(self, wanted: Digests) -> Entries:
        """Those with one of these keys, which are sorted."""
        return self.where(is_in(self.keys, wanted))

    def where(self, mask: NDArray[np.bool_]) -> Entries:
        """Some of the entries."""
        return Entries(self.keys[mask], self.records[mask])

    def and_(self, other: Entries) -> Entries:
        """These and others."""
        return Entries(np.concatenate((self.keys, other.keys)), np.concatenate((self.records, other.records)))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs to be looked at, as `paired` writes them, sorted, each once."""

    strong: Numbers
    """They share a key that many others hardly have."""
    weak: Numbers
    """The others: worth comparing when their titles are alike."""
    crowded: Numbers
    """Records, sorted, between which others may have come in blocks that are too large to be paired in full."""
    crowds: int
    """How many such blocks."""
    skipped: int
    """Pairs in these blocks that are not looked at, unless another key finds them."""

    @property
    def pairs(self) -> Numbers:
        """All of them, sorted."""
        return np.union1d(self.strong, self.weak)


def paired(a: Numbers, b: Numbers) -> Numbers:
    """Two record numbers as one, the smaller one first."""
    return np.minimum(a, b) << 32 | np.maximum(a, b)


def parted(pairs: Numbers) -> tuple[Numbers, Numbers]:
    """The record numbers of pairs: the smaller ones, the greater ones."""
    return pairs >> 32, pairs & 0xFFFFFFFF


def is_in(values: NDArray[np.generic], among: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which of the values are among others that are sorted: without sorting the values, which may be many."""
    if not len(among):
        return np.zeros(len(values), dtype=np.bool_)
    position = np.searchsorted(among, values)
    position[position == len(among)] = 0
    return np.asarray(among[position] == values)


def touches(pairs: Numbers, records: Numbers) -> NDArray[np.bool_]:
    """Which pairs hold one of these records, which are sorted."""
    a, b = parted(pairs)
    return is_in(a, records) | is_in(b, records)


def candidates(now: Entries, before: Entries, dirty: Numbers, place: Callable[[int], str]) -> Candidates:
    """The pairs that are candidates now and hold a dirty record, or were no candidates before.

    `now` and `before` are the entries of whole blocks: of every block that a dirty record (new, or not what it was) is
    in or was in, with all its other records. `dirty` is sorted; `place` tells where a record stands.
    """
    blocks = _Blocks.of(now)
    were = blocks.sizes_in(before)
    moved = is_in(blocks.keys, np.unique(before.keys[is_in(before.records, dirty)]))
    small = blocks.sizes <= blocks.largest
    # Where nobody has left or stands elsewhere, newcomers bring only pairs of their own: all others were pairs before.
    only_new = np.where(small, were <= blocks.largest, were > blocks.largest) & ~moved
    found: dict[bool, list[Numbers]] = {True: [], False: []}
    crowded = [blocks.records_of(np.flatnonzero(~small & (were <= blocks.largest)))]
    for strong in (True, False):
        for only in (True, False):
            mine = (blocks.strong == strong) & (only_new == only) & (blocks.sizes > 1)
            pairs = [blocks.full_pairs(mine & small)]
            for close, members in blocks.neighbours(mine & ~small, place):
                pairs.append(close)
                crowded.append(_close_to(dirty, members))
            every = np.concatenate(pairs)
            found[strong].append(every[touches(every, dirty)] if only else every)
    strong_pairs, weak_pairs = (np.unique(np.concatenate(found[strong])) for strong in (True, False))
    sizes = blocks.sizes[~small]
    return Candidates(
        strong=strong_pairs,
        weak=weak_pairs[~is_in(weak_pairs, strong_pairs)],
        crowded=np.unique(np.concatenate(crowded)),
        crowds=len(sizes),
        skipped=int((sizes * (sizes - 1) // 2 - _neighbours(sizes)).sum()),
    )


def _close_to(dirty: Numbers, members: Numbers) -> Numbers:
    """The members, in order of their places, that a dirty one may have pushed away from others."""
    at = np.flatnonzero(is_in(members, dirty))
    near = (at[:, None] + np.arange(-WINDOW, WINDOW + 1)).ravel()
    return members[np.unique(near[(near >= 0) & (near < len(members))])]


def _neighbours(sizes: Numbers) -> Numbers:
    """How many pairs of neighbours a large block has."""
    return WINDOW * np.asarray(sizes) - WINDOW * (WINDOW + 1) // 2


class _Blocks:
    """Entries in order of their keys: each run of equal keys is a block."""

    def __init__(self, keys: Digests, records: Numbers, starts: Numbers) -> None:
        self.keys = keys
        """One for each block, sorted."""
        self.records = records
        """Of all blocks, one block after another."""
        self.starts = starts
        """Where each block begins."""
        self.sizes: Numbers = np.diff(np.append(starts, len(records)))
        kinds = (keys >> np.uint64(56)).astype(np.int64)
        self.largest: Numbers = LARGEST[kinds]
        self.strong: NDArray[np.bool_] = _STRONG[kinds]

    @classmethod
    def of(cls, entries: Entries) -> Self:
        order = np.lexsort((entries.records, entries.keys))
        keys = entries.keys[order]
        starts = (
            np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
        )
        return cls(keys[starts], entries.records[order], starts)

    def sizes_in(self, before: Entries) -> Numbers:
        """How many records the same blocks had."""
        keys, counts = np.unique(before.keys, return_counts=True)
        sizes = np.zeros(len(self.keys), dtype=np.int64)
        sizes[is_in(self.keys, keys)] = counts[is_in(keys, self.keys)]
        return sizes

    def records_of(self, blocks: Numbers) -> Numbers:
        """The records of some blocks, given by their places in the list of blocks."""
        sizes = self.sizes[blocks]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.asarray(self.records[np.repeat(self.starts[blocks], sizes) + within])

    def full_pairs(self, which: NDArray[np.bool_]) -> Numbers:
        """Every pair of records of one block, for blocks of the same size in one go; some come more than once."""
        found = [np.empty(0, np.int64)]
        for size in np.unique(self.sizes[which]):
            starts = self.starts[which & (self.sizes == size)]
            members = self.records[starts[:, None] + np.arange(size)]
            one, other = np.triu_indices(int(size), 1)
            found.append(paired(members[:, one], members[:, other]).ravel())
        return np.concatenate(found)

    def neighbours(
        self, which: NDArray[np.bool_], place: Callable[[int], str]
    ) -> Iterator[tuple[Numbers, Numbers]]:
        """For each block that is too large for all its pairs: those of neighbours, and its records in order."""
        for start, size in zip(self.starts[which], self.sizes[which], strict=True):
            records = self.records[start : start + size].tolist()
            members = np.array(sorted(records, key=lambda record: (place(record), record)), dtype=np.int64)
            close = [paired(members[:-step], members[step:]) for step in range(1, WINDOW + 1)]
            yield np.concatenate(close), members

"""Which of the pairs that share a weak key are worth comparing: titles that are alike, of people who are not strangers.

A rule of `dedupe.rules` that has something to say of a pair asks for a key that few others have, which makes the
pair strong, or for titles as alike as this; and for a title that is only loosely alike, for somebody who signed both.
It costs a few microseconds a pair, a small part of what weighing all evidence takes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from dedupe.block import Numbers, parted
from dedupe.keys import people, title
from dedupe.signs import CONTAINED, LOOSE, NEAR, SHORT

BATCH = 65536
"""Pairs looked at in one go."""
STEM = 3
"""Letters at the beginning or at the end of a surname that survive most ways of writing it."""
_LONGER = 2 * CONTAINED / (2 - CONTAINED) / LOOSE - 1
"""A title that holds another one, and is longer by no more than this, is alike by its letters already.

So well contained, `CONTAINED / (2 - CONTAINED)` of the shorter one's letters stand in the longer one in their order.
"""


def worth_comparing(pairs: Numbers, place: Callable[[int], str]) -> Numbers:
    """Those of the pairs that are; `place` tells where a record stands (`dedupe.keys.place`)."""
    kept = [pairs[:0]]
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        a, b = ([place(record) for record in records.tolist()] for records in parted(some))
        kept.append(some[_worth(a, b)])
    return np.concatenate(kept)


def _worth(a: list[str], b: list[str]) -> NDArray[np.bool_]:
    """Titles that are nearly one, or loosely alike when somebody may have signed both."""
    likeness = _likeness(list(map(title, a)), list(map(title, b)))
    worth = likeness >= NEAR
    for position in np.flatnonzero((likeness >= LOOSE) & ~worth).tolist():
        worth[position] = acquainted(people(a[position]), people(b[position]))
    return worth


def _likeness(a: list[str], b: list[str]) -> NDArray[np.float64]:
    """0 to 1: by their letters, by their words in any order, or one as a part of the other; under `LOOSE` 0."""
    letters_a, letters_b = ([words.replace(" ", "") for words in titles] for titles in (a, b))
    likeness = np.maximum(_ratios(letters_a, letters_b, fuzz.ratio), _ratios(a, b, fuzz.token_sort_ratio))
    one, two = (np.fromiter(map(len, letters), np.int64) for letters in (letters_a, letters_b))
    short, long = np.minimum(one, two), np.maximum(one, two)
    for position in np.flatnonzero((likeness == 0) & (short >= SHORT) & (long > _LONGER * short)).tolist():
        pair = letters_a[position], letters_b[position]
        if contained(min(pair, key=len), max(pair, key=len)):
            likeness[position] = LOOSE
    return likeness


def _ratios(a: list[str], b: list[str], scorer: Callable[..., float]) -> NDArray[np.float64]:
    return (
        np.asarray(cpdist(a, b, scorer=scorer, score_cutoff=100 * LOOSE, dtype=np.float64, workers=-1)) / 100
    )


def contained(short: str, long: str) -> bool:
    """True when the shorter title stands in the longer one, but for slips of the pen, with its beginning or end."""
    if short in long:
        return True
    near = short[:12] in long or short[-12:] in long
    return near and fuzz.partial_ratio(short, long, score_cutoff=100 * CONTAINED) >= 100 * CONTAINED


def acquainted(a: str, b: str) -> bool:
    """Whether one of the surnames of each may be the same name, or one of the two names nobody."""
    one, two = a.split(), b.split()
    return not one or not two or not _stems(one).isdisjoint(_stems(two))


def _stems(names: list[str]) -> set[str]:
    return {stem for name in names for stem in (name[:STEM], f"…{name[-STEM:]}")}

"""Which of the pairs that share a weak key are worth comparing: those whose titles are alike.

A rule of `dedupe.rules` that has something to say of a pair asks for a key that few others have, which makes the
pair strong, or for titles as alike as this: so nothing is lost here that a rule would have kept. It costs about
three microseconds a pair, a small part of what weighing all evidence takes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from dedupe.block import Numbers, parted
from dedupe.keys import title
from dedupe.signs import CONTAINED, LOOSE, SHORT

BATCH = 65536
"""Pairs looked at in one go."""
_LONGER = 2 * CONTAINED / (2 - CONTAINED) / LOOSE - 1
"""A title that holds another one, and is longer by no more than this, is alike by its letters already.

So well contained, `CONTAINED / (2 - CONTAINED)` of the shorter one's letters stand in the longer one in their order.
"""


def worth_comparing(pairs: Numbers, place: Callable[[int], str]) -> Numbers:
    """Those of the pairs whose titles are alike; `place` tells where a record stands (`dedupe.keys.place`)."""
    kept = [pairs[:0]]
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        a, b = ([title(place(record)) for record in records.tolist()] for records in parted(some))
        kept.append(some[_alike(a, b)])
    return np.concatenate(kept)


def _alike(a: list[str], b: list[str]) -> NDArray[np.bool_]:
    """By their letters, by their words in any order, or one as a part of the other."""
    letters_a, letters_b = ([words.replace(" ", "") for words in titles] for titles in (a, b))
    alike = _reach(letters_a, letters_b, fuzz.ratio, LOOSE) | _reach(a, b, fuzz.token_sort_ratio, LOOSE)
    one, two = (np.fromiter(map(len, letters), np.int64) for letters in (letters_a, letters_b))
    short, long = np.minimum(one, two), np.maximum(one, two)
    for position in np.flatnonzero(~alike & (short >= SHORT) & (long > _LONGER * short)).tolist():
        pair = letters_a[position], letters_b[position]
        alike[position] = contained(min(pair, key=len), max(pair, key=len))
    return alike


def _reach(a: list[str], b: list[str], scorer: Callable[..., float], least: float) -> NDArray[np.bool_]:
    """Which pairs of texts are at least so alike."""
    values = cpdist(a, b, scorer=scorer, score_cutoff=100 * least, dtype=np.float64, workers=-1)
    return np.asarray(values >= 100 * least)


def contained(short: str, long: str) -> bool:
    """True when the shorter title stands in the longer one, but for slips of the pen, with its beginning or end."""
    if short in long:
        return True
    near = short[:12] in long or short[-12:] in long
    return near and fuzz.partial_ratio(short, long, score_cutoff=100 * CONTAINED) >= 100 * CONTAINED

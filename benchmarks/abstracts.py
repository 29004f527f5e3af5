"""Made-up abstracts in any number, to measure sizes that no labelled review has; a part of `ranking.py`.

Words follow the frequencies of 33,000 real titles and abstracts (a power law with a bend, so that new words keep
coming as in real text), and more than half of the words follow the one before out of habit, so that pairs of words
repeat as real ones do. In 10,000 documents there are 46,700 words and 658,000 pairs, in as many real ones 43,200 and
639,000. Nothing here means anything. A theme runs through one document in a hundred (these are "included"), and weakly
through one in ten, so that there is something to learn.

The same numbers always give the same documents, however many of them are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from screen.document import Document

WORDS = 1_000_000
LENGTH = 203
"""Words of a document on the mean, title and all, as in the real ones: 1,350 characters (real: 1,420)."""
TITLE = 13
CHUNK = 2_000
"""Documents made at once."""
THEME = range(400, 480)
"""Ranks of the words that a theme is made of: neither rare nor everywhere."""
_HABIT, _HABITS = 0.62, 40
_SYLLABLES = [first + vowel + last for first in "bcdfglmnprstvz" for vowel in "aeiou" for last in "lnrs"]
_MIX = np.uint64(0x9E3779B97F4A7C15)

Ranks = NDArray[np.int64]
Chances = NDArray[np.float64]


def abstracts(documents: int, seed: int = 1) -> Iterator[tuple[Document, int]]:
    """Documents with ids 1, 2, …, and 1 for an included one, else 0; made as they are taken."""
    return islice(_endless(seed), documents)


def _endless(seed: int) -> Iterator[tuple[Document, int]]:
    frequencies = _frequencies()
    words = [word(rank) for rank in range(WORDS)]
    number = 0
    while True:
        dice = np.random.default_rng([seed, number // CHUNK])
        kinds = dice.random(CHUNK)
        ranks = _texts(dice, frequencies, np.where(kinds < 0.01, 0.08, np.where(kinds < 0.1, 0.025, 0.0)))
        lengths = np.clip(dice.normal(LENGTH, 60, CHUNK), 30, 2 * LENGTH - 1).astype(int)
        for kind, length, row in zip(kinds, lengths, ranks, strict=True):
            number += 1
            text = [words[rank] for rank in row[:length]]
            abstract = " ".join(text[TITLE:]).capitalize() + "."
            yield Document(number, " ".join(text[:TITLE]).capitalize(), abstract), int(kind < 0.01)


def _frequencies() -> Chances:
    """Cumulated: how likely a word is among the first so many."""
    ranks = np.arange(1, WORDS + 1, dtype=np.float64)
    weights = 1 / (ranks**0.85 * (1 + ranks / 4_000) ** 1.15)
    return np.asarray(np.cumsum(weights) / np.sum(weights))


def _texts(dice: np.random.Generator, frequencies: Chances, theme: Chances) -> Ranks:
    """Ranks of the words of one chunk, a row a document, each as long as the longest may be."""
    columns = []
    before = np.zeros(CHUNK, dtype=np.int64)
    for _ in range(2 * LENGTH):
        how, which, chance = dice.random((3, CHUNK))
        habit = np.floor(_HABITS**which).astype(np.uint64)
        chance = np.where(how < _HABIT, _hashed(before, habit), chance)
        before = np.minimum(np.searchsorted(frequencies, chance), WORDS - 1)
        themed = dice.integers(THEME.start, THEME.stop, CHUNK)
        before = np.where(dice.random(CHUNK) < theme, themed, before)
        columns.append(before)
    return np.stack(columns, axis=1)


def _hashed(before: Ranks, habit: NDArray[np.uint64]) -> Chances:
    """A number between 0 and 1 that is always the same for a word and one of its habits."""
    mixed = (before.astype(np.uint64) * np.uint64(64) + habit) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX
    return np.asarray((mixed >> np.uint64(11)) / 2.0**53)


def word(rank: int) -> str:
    """Of one to three syllables, the frequent ones short."""
    count = 1 if rank < 40 else 2 if rank < 2_000 else 3
    said = []
    for _ in range(count):
        rank, syllable = divmod(rank, len(_SYLLABLES))
        said.append(_SYLLABLES[syllable])
    return "".join(reversed(said))

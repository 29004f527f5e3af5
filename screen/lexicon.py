"""Words as numbers, so that a harvest is counted by arithmetic instead of by comparing texts.

A term is a word or two words that follow each other. It has a key, one whole number of 64 bits: that of a word
is the word's number; that of a pair holds the first word's number, raised by one, in its upper half.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Keys = NDArray[np.int64]

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]{{2,}}")
"""A word of two letters or digits at least; where words are not set apart, each character counts as one."""

_HALF = 32
UNKNOWN = -1
"""In place of the number of a word that the lexicon does not have: no term is made with it."""

Piece = tuple[Sequence[int], int]
"""A text as numbers of words, and how many times it counts."""


class Lexicon:
    """Every word of a harvest, numbered in the order in which they are first met."""

    def __init__(self) -> None:
        self._numbers = defaultdict[str, int](itertools.count().__next__)
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def learn(self, text: str) -> list[int]:
        """The numbers of a text's words; new words get the next ones."""
        return list(map(self._numbers.__getitem__, WORD.findall(text.lower())))

    def read(self, text: str) -> list[int]:
        """The numbers of a text's words, `UNKNOWN` for those that were never learnt."""
        return [self._numbers.get(word, UNKNOWN) for word in WORD.findall(text.lower())]

    @property
    def words(self) -> list[str]:
        """All words, the place of each being its number."""
        if len(self._words) < len(self._numbers):
            self._words = list(self._numbers)
        return self._words


def name(key: int, words: Sequence[str]) -> str:
    """The term of a key, in words."""
    first, second = key >> _HALF, key & ((1 << _HALF) - 1)
    return f"{words[first - 1]} {words[second]}" if first else words[second]


def pair(first: int, second: int) -> int:
    """The key of two words that follow each other, by their numbers."""
    return ((first + 1) << _HALF) | second


def is_pair(keys: Keys) -> NDArray[np.bool_]:
    """Which of these keys are pairs."""
    return np.asarray(keys >> _HALF != 0)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each of some texts has each term."""

    keys: Keys
    """The terms that occur, ascending."""
    times: sparse.csr_matrix
    """One row a text, one column a key; whole numbers."""


def count(texts: Sequence[Sequence[Piece]], *, pairs: bool) -> Counts:
    """The terms of texts, each text given as its pieces. No pair reaches from one piece into the next."""
    pieces = [(row, numbers, weight) for row, text in enumerate(texts) for numbers, weight in text]
    lengths = np.array([len(numbers) for _, numbers, _ in pieces], dtype=np.int64)
    words = np.fromiter(
        itertools.chain.from_iterable(numbers for _, numbers, _ in pieces),
        dtype=np.int64,
        count=int(lengths.sum()),
    )
    place = np.repeat(np.arange(len(pieces)), lengths)
    keys, at = words, place
    if pairs and len(words) > 1:
        follows = (place[:-1] == place[1:]) & (words[:-1] >= 0) & (words[1:] >= 0)
        both = ((words[:-1] + 1) << _HALF) | words[1:]
        keys, at = np.concatenate([words, both[follows]]), np.concatenate([place, place[:-1][follows]])
    keys, at = keys[keys >= 0], at[keys >= 0]
    known, columns = np.unique(keys, return_inverse=True)
    rows = np.array([row for row, _, _ in pieces], dtype=np.int64)[at]
    weights = np.array([weight for _, _, weight in pieces], dtype=np.int32)[at]
    times = sparse.coo_matrix((weights, (rows, columns)), shape=(len(texts), len(known))).tocsr()
    times.sum_duplicates()
    return Counts(known, times)

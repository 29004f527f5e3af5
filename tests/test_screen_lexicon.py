from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.lexicon import UNKNOWN, WORD, Lexicon, count, is_pair, name, pair

texts = st.lists(st.text(alphabet="ab c母é-9", max_size=20), max_size=3)


def test_words_are_numbered_as_they_are_met():
    lexicon = Lexicon()
    assert lexicon.learn("Mother and MOTHER, 母子") == [0, 1, 0, 2, 3]
    assert lexicon.words == ["mother", "and", "母", "子"]
    assert lexicon.read("and father") == [1, UNKNOWN]
    assert len(lexicon) == 4
    assert lexicon.learn("father") == [4]
    assert lexicon.words[-1] == "father"


def test_a_key_says_its_term():
    words = ["mother", "infant"]
    assert name(1, words) == "infant"
    assert name(pair(0, 1), words) == "mother infant"
    assert is_pair(np.array([1, pair(0, 0)])).tolist() == [False, True]


@given(st.lists(texts, max_size=6), st.sampled_from([1, 3]))
def test_terms_are_counted_as_by_hand(documents, times):
    lexicon = Lexicon()
    read = [
        [(lexicon.learn(part), times if at == 0 else 1) for at, part in enumerate(parts)]
        for parts in documents
    ]
    found = count(read, pairs=True)
    assert (np.diff(found.keys) > 0).all()
    for row, parts in enumerate(documents):
        by_hand: Counter[str] = Counter()
        for at, part in enumerate(parts):
            words = WORD.findall(part.lower())
            for term in (*words, *(" ".join(two) for two in pairwise(words))):
                by_hand[term] += times if at == 0 else 1
        counted = found.times[row]
        terms = [name(int(found.keys[column]), lexicon.words) for column in counted.indices]
        assert dict(zip(terms, counted.data.tolist(), strict=True)) == by_hand


@pytest.mark.parametrize("read", [[], [[]], [[([], 1)]], [[([UNKNOWN, UNKNOWN], 1)]]])
def test_nothing_to_count_is_counted(read):
    found = count(read, pairs=True)
    assert (len(found.keys), found.times.shape[0]) == (0, len(read))


def test_no_pair_reaches_over_a_word_that_is_not_known():
    found = count([[([3, UNKNOWN, 4], 1)]], pairs=True)
    assert found.keys.tolist() == [3, 4]

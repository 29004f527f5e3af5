"""What the sieve lets through: everything that a rule of titles could have something to say about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import PAPER, paper

from dedupe import sieve
from dedupe.block import paired
from dedupe.compare import compare
from dedupe.keys import place
from dedupe.normal import form
from dedupe.sieve import worth_comparing
from dedupe.signs import loose


def passes(*titles):
    """Whether each title passes together with the first one."""
    forms = [form(number, paper(title=title)) for number, title in enumerate(titles)]
    pairs = paired(np.zeros(len(titles) - 1, np.int64), np.arange(1, len(titles)))
    kept = worth_comparing(pairs, lambda number: place(forms[number]))
    return [pair in kept for pair in pairs]


@pytest.mark.parametrize(("title", "kept"), [
    (PAPER.title.upper(), True),
    (PAPER.title.replace("depression", "depresion"), True),
    ("a randomised controlled trial: Mother-infant psychotherapy after postnatal depression", True),
    ("Mother-infant psychotherapy after postnatal depression", True),
    (f"{PAPER.title} in two hundred mothers of preterm infants who were followed until school age: study protocol", True),
    ("Mother-infant psychotherapy in prisons", False),
    ("Mother", False),
    ("", False),
])  # fmt: skip
def test_titles_that_are_alike_pass(title, kept):
    assert passes(PAPER.title, title) == [kept]


def test_nothing_to_look_at():
    assert worth_comparing(np.empty(0, np.int64), lambda _: "").tolist() == []


def test_many_pairs_are_looked_at_in_portions(monkeypatch):
    monkeypatch.setattr(sieve, "BATCH", 2)
    assert passes(PAPER.title, *[PAPER.title, "Touch"] * 3) == [True, False] * 3


WORDS = st.lists(
    st.sampled_from(
        [
            "mother",
            "infant",
            "psychotherapy",
            "depression",
            "trial",
            "of",
            "after",
            "a",
            "controlled",
            "preterm",
        ]
    ),
    max_size=9,
).map(" ".join)


@given(WORDS, WORDS)
def test_no_pair_with_alike_titles_is_held_back(one, two):
    forms = {0: form(0, paper(title=one)), 1: form(1, paper(title=two))}
    (evidence,) = compare(forms, [(0, 1)])
    if loose(evidence) and one and two:
        assert passes(one, two) == [True]

"""What the sieve lets through: everything that a rule of titles could have something to say about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import PAPER, paper

from db.record import Author, Record
from dedupe import sieve
from dedupe.block import paired
from dedupe.compare import compare
from dedupe.keys import place
from dedupe.normal import form
from dedupe.rules import judge
from dedupe.sieve import acquainted, worth_comparing


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


@pytest.mark.parametrize(("one", "two", "known"), [
    ("cooper murray", "wilson murray", True),
    ("cooper", "couper", True),       # the end
    ("muller", "mullerschmidt", True),  # the beginning
    ("cooper", "murray", False),
    ("", "murray", True),
    ("cooper", "", True),
])  # fmt: skip
def test_who_may_have_signed_both(one, two, known):
    assert acquainted(one, two) is known


def test_loosely_alike_titles_of_strangers_are_held_back_and_nearly_equal_ones_are_not():
    reworded = PAPER.title.replace("after postnatal depression", "for depressed mothers")
    others = (Author("Adams", "Douglas"),)
    forms = [form(0, PAPER), form(1, paper(title=reworded)), form(2, paper(title=reworded, authors=others)),
             form(3, paper(title=PAPER.title + "s", authors=others))]  # fmt: skip
    pairs = paired(np.zeros(3, np.int64), np.arange(1, 4))
    kept = worth_comparing(pairs, lambda number: place(forms[number]))
    assert [pair in kept for pair in pairs] == [True, False, True]


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


PEOPLE = st.lists(st.sampled_from(["Cooper", "Couper", "Murray", "Wilson", "Adams"]), max_size=3, unique=True)


@given(WORDS, WORDS, PEOPLE, PEOPLE)
def test_no_pair_is_held_back_of_which_a_rule_has_something_to_say(one, two, these, those):
    """Without a key in common but what titles have: no place, no identifier, no abstract."""
    forms = {
        number: form(
            number,
            Record(
                "pubmed", str(number), title=title, year=2000 + number, authors=tuple(map(Author, people))
            ),
        )
        for number, (title, people) in enumerate(((one, these), (two, those)))
    }
    (evidence,) = compare(forms, [(0, 1)])
    if one and two and one != two and judge(evidence):
        assert worth_comparing(paired(np.array([0]), np.array([1])), lambda number: place(forms[number])).size


@pytest.mark.parametrize(("title", "exchanged"), [
    (PAPER.title.replace("postnatal", "psotnatal"), False),
    (PAPER.title.replace("postnatal", "opstnatal"), False),
    (PAPER.title.replace("postnatal", "antenatal"), True),
    (PAPER.title.replace("postnatal", "perinatal"), True),
])  # fmt: skip
def test_letters_in_each_others_place_are_a_slip_and_another_word_is_not(title, exchanged):
    (evidence,) = compare({0: form(0, PAPER), 1: form(1, paper(title=title))}, [(0, 1)])
    assert evidence.swap is exchanged

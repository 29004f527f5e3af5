"""Surnames: one key per person, however a source writes the name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.record import Author
from dedupe.names import is_among, same_name, split, surnames

syllables = st.sampled_from(["ma", "me", "mu", "el", "er", "sch", "son", "o", " "])
keys = (
    st.lists(syllables, min_size=1, max_size=4).map("".join).filter(lambda name: name == name.strip() != "")
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zuna, R E; Wang, S S", ["Zuna, R E", "Wang, S S"]),
        ("Campbell J. E. and Doe A.", ["Campbell J. E.", "Doe A."]),
        ("Smith J.Doe A. B.", ["Smith J.", "Doe A. B."]),
        ("Smith J.de Boer A.", ["Smith J.", "de Boer A."]),
        ("Ng, A. & Ong, B.|Li, C.", ["Ng, A.", "Ong, B.", "Li, C."]),
        ("Anderson, B.", ["Anderson, B."]),
        (" , ; ", []),
        ("Ng A\nOng B", ["Ng A", "Ong B"]),
    ],
)
def test_names_in_one_string_are_taken_apart(text, names):
    assert split(text) == names


@pytest.mark.parametrize(
    ("author", "key"),
    [
        (Author("van der Maas-Ölund", "Anna"), "maasolund"),
        (Author("Mueller", "A"), "muller"),
        (Author("Müller A. B."), "muller"),
        (Author("J.-P. Müller"), "muller"),
        (Author("Downey, Robert Jr."), "downey"),
        (Author("Downey Jr. R."), "downey"),
        (Author("JA Smith"), "smith"),
        (Author("Sylvia Omulo"), "sylvia omulo"),
        (Author("de la Cruz"), "cruz"),
        (Author("Van", "Thi"), "van"),
    ],
)
def test_one_key_per_person(author, key):
    assert surnames([author]) == (key,)


@pytest.mark.parametrize(
    "author",
    [
        Author("The Sepsis Group", collective=True),
        Author("Stroke Prevention Trialists"),
        Author("Cochrane Collaboration"),
        Author("Collaborators", "for the HOPE study"),
        Author("Antithrombotic", "Trialists' Collaborative"),
        Author("Anonymous"),
        Author("et al."),
        Author("Jr."),
        Author(),
    ],
)
def test_groups_and_nobodies_have_no_surname(author):
    assert surnames([author]) == ()


@given(keys, st.lists(keys, max_size=6))
@settings(max_examples=300)
def test_to_be_among_names_is_to_be_the_same_as_one_of_them(name, others):
    assert is_among(name, others) == any(same_name(name, other) for other in others)


@given(keys, keys)
def test_to_be_the_same_name_is_mutual(one, other):
    assert same_name(one, one)
    assert same_name(one, other) == same_name(other, one)

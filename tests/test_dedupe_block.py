from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import ABSTRACT, PAPER, doi, paper, pmid, registration, trial

from db.record import Author
from dedupe import block
from dedupe.block import candidates
from dedupe.normal import form

OTHER = paper(
    title="Blood pressure in hamsters",
    authors=(Author("Adams", "Douglas"),),
    volume="7",
    pages="42",
    year=1979,
)


def found(*records, new=None):
    return set(candidates([form(number, record) for number, record in enumerate(records)], new))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"identifiers": doi("10.1000/A")}, {"identifiers": doi("https://doi.org/10.1000/a")}),
        ({"identifiers": pmid("12")}, {"identifiers": pmid("012")}),
        ({"title": PAPER.title}, {"title": f"[{PAPER.title}]. [Review]"}),
        ({"title": PAPER.title}, {"title": f"{PAPER.title} in Cambridge"}),
        ({"title": PAPER.title}, {"title": f"A pioneering {PAPER.title}"}),
        (
            {"title": "Trial of psychotherapy, counselling, breastfeeding"},
            {"title": "Breastfeeding, counselling: psychotherapy trial"},
        ),
        ({"vernacular_title": "Psychothérapie de la mère"}, {"title": "Psychotherapie de la mere"}),
        ({"abstract": ABSTRACT}, {"abstract": ABSTRACT}),
        ({"volume": "9", "pages": "1-9"}, {"volume": "9", "pages": "1-9"}),
        ({"identifiers": trial("NCT00000001")}, {"title": "Later results (NCT00000001)"}),
    ],
)
def test_one_thing_in_common_is_enough(one, two):
    first = replace(OTHER, **({"title": "x"} | one))
    second = replace(paper(authors=(), pages="99"), **({"title": "y"} | two))
    assert found(first, second) == {(0, 1)}


def test_first_author_year_and_beginning_find_each_other():
    assert found(PAPER, paper(title="Mother-infant psychotherapy, revisited", volume="", pages="")) == {
        (0, 1)
    }


def test_first_author_and_page_find_each_other():
    assert found(PAPER, paper(title="Psychothérapie", year=None)) == {(0, 1)}


def test_registers_find_each_other_by_the_number_of_the_other():
    other = registration("ISRCTN00000002", title="Touch", identifiers=trial("NCT00000001", "secondary"))
    assert found(registration("NCT00000001"), other) == {(0, 1)}


def test_nothing_in_common():
    assert found(PAPER, OTHER, replace(OTHER, title="", authors=(), pages="")) == set()


def test_forms_may_come_as_a_mapping():
    forms = {5: form(5, PAPER), 9: form(9, paper())}
    assert list(candidates(forms)) == [(5, 9)]


def test_with_newcomers_only_their_pairs():
    assert found(PAPER, paper(), paper(), OTHER, new=[2]) == {(0, 2), (1, 2)}
    assert found(PAPER, paper(), OTHER, new=[2]) == set()
    assert found(PAPER, paper(), new=[]) == set()


def test_a_large_block_is_compared_among_neighbours():
    many = [
        paper(title="Editorial", authors=(), pages="", volume="", year=1900 + number)
        for number in range(block.LARGEST + 1)
    ]
    pairs = found(*many)
    assert (0, 1) in pairs
    assert (0, block.WINDOW) in pairs
    assert len(pairs) == block.WINDOW * len(many) - sum(range(block.WINDOW + 1))


RECORDS = st.builds(
    lambda word, year, pages, name: paper(
        title=word, year=year, pages=pages, authors=(Author(name, "A"),), volume="1"
    ),
    st.sampled_from(["Editorial", PAPER.title, PAPER.title + " now", "Touch"]),
    st.sampled_from([1999, 2000, 2001]),
    st.sampled_from(["7", "9-11", ""]),
    st.sampled_from(["Cooper", "Murray"]),
)


@given(st.lists(RECORDS, min_size=2, max_size=12), st.data())
def test_each_pair_once_and_in_order(records, data):
    order = data.draw(st.permutations(range(len(records))))
    forms = [form(number, records[number]) for number in order]
    pairs = list(candidates(forms))
    assert len(pairs) == len(set(pairs))
    assert all(a < b for a, b in pairs)
    assert set(pairs) <= set(combinations(range(len(records)), 2))


@pytest.mark.parametrize("largest", [block.LARGEST, 3])
@given(records=st.lists(RECORDS, min_size=2, max_size=12), data=st.data())
def test_going_step_by_step_finds_what_going_at_once_finds(largest, records, data):
    cut = data.draw(st.integers(1, len(records) - 1))
    forms = [form(number, record) for number, record in enumerate(records)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "LARGEST", largest)
        at_once = set(candidates(forms))
        steps = set(candidates(forms[:cut])) | set(candidates(forms, range(cut, len(forms))))
        backwards = set(candidates(forms[::-1]))
    assert at_once <= steps
    assert backwards == at_once
    assert largest == 3 or steps == at_once

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import ABSTRACT, PAPER, doi, paper, pmid, registration, trial

from db.record import Author
from dedupe import block
from dedupe.block import Entries, candidates, is_in, paired, parted, touches
from dedupe.keys import KINDS, digests, place
from dedupe.normal import form

OTHER = paper(
    title="Blood pressure in hamsters",
    authors=(Author("Adams", "Douglas"),),
    volume="7",
    pages="42",
    year=1979,
)


NOTHING = Entries.of(np.empty(0, np.int64), [])


def look(records, dirty=None, before=NOTHING):
    """The candidates among records that are numbered from 0; those that are not dirty were there before."""
    forms = [form(number, record) for number, record in enumerate(records)]
    numbers = np.arange(len(forms))
    now = Entries.of(numbers, [digests(form) for form in forms])
    dirty = numbers if dirty is None else np.array(sorted(dirty), dtype=np.int64)
    return candidates(now, before, dirty, lambda number: place(forms[number]))


def pairs_of(numbers):
    a, b = parted(numbers)
    return set(zip(a.tolist(), b.tolist(), strict=True))


def found(*records):
    return pairs_of(look(records).pairs)


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


def editorials(number):
    return [paper(title="Editorial", authors=(), pages="", volume="", year=1900 + n) for n in range(number)]


def test_a_large_block_is_compared_among_neighbours_and_says_so():
    many = editorials(61)
    told = look(many)
    pairs = pairs_of(told.pairs)
    assert (0, 1) in pairs
    assert (0, block.WINDOW) in pairs
    assert len(pairs) == block.WINDOW * len(many) - sum(range(block.WINDOW + 1))
    assert told.crowded.tolist() == list(range(61))
    assert (told.crowds, told.skipped) == (1, 61 * 60 // 2 - len(pairs))


def test_a_block_up_to_the_limit_is_compared_in_full():
    told = look(editorials(60))
    assert len(told.pairs) == 60 * 59 // 2
    assert (told.crowds, told.skipped, len(told.crowded)) == (0, 0, 0)


def test_titles_that_only_begin_alike_make_a_weak_pair_and_one_place_a_strong_one():
    alike = paper(title=f"{PAPER.title[:40]} or not", volume="", pages="", authors=())
    told = look([PAPER, alike, paper(title="Another thing")])
    assert pairs_of(told.weak) == {(0, 1)}
    assert pairs_of(told.strong) == {(0, 2)}


def test_pairs_are_written_as_one_number_each():
    pairs = paired(np.array([7, 2**31 - 1]), np.array([3, 1]))
    assert pairs_of(pairs) == {(3, 7), (1, 2**31 - 1)}
    assert touches(pairs, np.array([3, 4])).tolist() == [True, False]
    assert is_in(np.array([1, 5]), np.array([], dtype=np.int64)).tolist() == [False, False]


RECORDS = st.builds(
    lambda word, year, pages, name: paper(
        title=word, year=year, pages=pages, authors=(Author(name, "A"),), volume="1"
    ),
    st.sampled_from(["Editorial", PAPER.title, PAPER.title + " now", "Touch"]),
    st.sampled_from([1999, 2000, 2001]),
    st.sampled_from(["7", "9-11", ""]),
    st.sampled_from(["Cooper", "Murray"]),
)


def plainly(forms, largest):
    """The definition, as slow as it is simple: who shares a key, and among too many of them who stands near."""
    blocks = defaultdict(list)
    for one in forms:
        for number, kind in enumerate(KINDS):
            for key in set(kind.keys(one)):
                blocks[number, key].append(one)
    pairs = set()
    for members in blocks.values():
        if len(members) <= largest:
            pairs |= {(min(a.id, b.id), max(a.id, b.id)) for a, b in combinations(members, 2)}
        members.sort(key=lambda one: (place(one), one.id))
        for step in range(1, block.WINDOW + 1):
            pairs |= {
                (min(a.id, b.id), max(a.id, b.id)) for a, b in zip(members, members[step:], strict=False)
            }
    return pairs


@pytest.mark.parametrize("largest", [60, 4])
@given(records=st.lists(RECORDS, min_size=2, max_size=12))
def test_the_candidates_are_those_of_the_definition(largest, records):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "LARGEST", np.full(len(KINDS), largest))
        told = look(records)
    forms = [form(number, record) for number, record in enumerate(records)]
    assert pairs_of(told.pairs) == plainly(forms, largest)
    assert not set(told.weak.tolist()) & set(told.strong.tolist())
    assert (np.diff(told.pairs) > 0).all()


@pytest.mark.parametrize("largest", [60, 4])
@given(records=st.lists(RECORDS, min_size=2, max_size=12), data=st.data())
def test_a_newcomer_brings_every_pair_that_was_none_before(largest, records, data):
    cut = data.draw(st.integers(1, len(records) - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "LARGEST", np.full(len(KINDS), largest))
        early = [form(number, record) for number, record in enumerate(records[:cut])]
        before = Entries.of(np.arange(cut), [digests(form) for form in early])
        told = pairs_of(look(records, range(cut, len(records)), before).pairs)
        at_once, earlier = found(*records), found(*records[:cut])
    assert at_once - earlier <= told <= at_once
    assert {pair for pair in at_once if pair[1] >= cut} <= told


def test_a_record_is_never_paired_with_itself():
    """Its title and the one in its own language begin alike, and so do its two DOIs."""
    own = "Parent-infant psychotherapy for mothers"
    record = paper(
        title=f"{own} at risk", vernacular_title=f"{own}: autre titre", identifiers=doi("10.1000/a") * 2
    )
    assert found(record) == set()
    assert found(record, OTHER, record) == {(0, 2)}

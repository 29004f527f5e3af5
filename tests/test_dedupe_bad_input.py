"""Records as bad as they come: no false merge, no explosion of pairs, no crash, and a word about what was passed over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pairs import ABSTRACT, PAPER, doi, pmid
from stores import begun, kept, opened

from db.record import Author, Record, Section
from dedupe.steps import deduplicate


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        begun(store)
        yield store


def numbered(records):
    return [replace(record, source="file:any", key=str(number)) for number, record in enumerate(records)]


def reports(store, *records):
    """How many reports become of the records, and what the deduplication says of itself."""
    kept(store, *numbered(records))
    done = deduplicate(store)
    return len(store.reports()), done


NOTHING = Record("", "")


@pytest.mark.parametrize("record", [
    NOTHING,
    replace(NOTHING, title="Editorial"),
    replace(NOTHING, title="Parent-infant psychotherapy for mothers with depression"),
    replace(NOTHING, year=2003, journal="Lancet"),
    replace(NOTHING, authors=(Author("Murray", "Lynne"),)),
    replace(NOTHING, title="Reply", authors=(Author("Murray", "Lynne"),), journal="Lancet"),
    replace(NOTHING, title="Abstracts", journal="Lancet", year=2003, volume="12"),
    replace(NOTHING, title="Poster session", pages="1", year=2003),
    replace(NOTHING, title="?!"),
    replace(NOTHING, title="𝔘𝔫𝔦 \ud800 \x00 \u200f"),
])  # fmt: skip
def test_records_that_say_next_to_nothing_are_not_merged(store, record):
    assert reports(store, record, record, record)[0] == 3


def test_a_doi_of_a_supplement_does_not_make_its_fifty_abstracts_one(store):
    topics = (
        "sleep",
        "feeding",
        "crying",
        "attachment",
        "weaning",
        "colic",
        "play",
        "language",
        "growth",
        "touch",
    )
    abstracts = [
        replace(PAPER, title=f"Effects of {topic} on mothers of {whose} in a cohort", authors=(Author(f"{whose}{topic}", "A"),),
                pages="", identifiers=doi("10.1000/supplement"))
        for topic in topics for whose in ("preterm infants", "twins", "firstborns", "toddlers", "adolescents")
    ]  # fmt: skip
    assert reports(store, *abstracts)[0] == 50


def test_a_pmid_in_the_place_of_the_doi_is_no_doi(store):
    one = replace(PAPER, identifiers=doi("12724244"))
    other = replace(NOTHING, title="Blood pressure in hamsters", identifiers=doi("12724244"))
    assert reports(store, one, other, replace(PAPER, identifiers=pmid("12724244")))[0] == 2


def test_the_same_records_from_the_same_export_twice_are_one_report_each(store):
    papers = [
        PAPER,
        replace(PAPER, title="Touch in hamsters: a randomised controlled trial", pages="1-9", volume="7"),
    ]
    assert reports(store, *papers, *papers)[0] == 2


def test_a_title_of_ten_thousand_signs(store):
    long = " ".join(f"word{number}" for number in range(1300))
    assert len(long) > 10_000
    first, second = (replace(PAPER, title=f"{long} {end}", pages="", authors=()) for end in ("alpha", "beta"))
    assert reports(store, first, second, PAPER)[0] == 3


def test_a_block_where_everything_looks_alike_does_not_explode_and_is_told(store):
    editorials = [
        replace(PAPER, title="Editorial", authors=(), volume="", pages="", year=None) for _ in range(400)
    ]
    count, done = reports(store, *editorials)
    assert count == 400
    assert done.compared < 4 * 400
    assert done.crowds >= 1
    assert done.skipped > 400 * 399 // 2 - 4 * 400


def test_one_text_under_many_names_asks_rather_than_merges(store):
    """An abstract of a template: the same words in every record of a series."""
    series = [
        replace(PAPER, title=f"Annual report of the {place} registry", abstract=ABSTRACT, authors=(), pages="", volume=str(n))
        for n, place in enumerate(("Oslo", "Bergen", "Tromso", "Stavanger"))
    ]  # fmt: skip
    assert reports(store, *series)[0] == 4


def test_a_record_without_an_abstract_of_its_own_publishers_words(store):
    said = Section("© 2003 Elsevier. All rights reserved.")
    one = replace(PAPER, abstract=(said,))
    other = replace(
        PAPER, title="Touch in hamsters", authors=(Author("Adams", "D"),), pages="7", abstract=(said,)
    )
    assert reports(store, one, other)[0] == 2

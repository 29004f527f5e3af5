from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import ABSTRACT, PAPER, doi, paper, pmid

from db.record import Author, Heading, Identifier, Record, Section, Trial
from dedupe.merge import FIELDS, merged


def test_every_field_of_a_record_has_its_rule():
    assert FIELDS.keys() == {field.name for field in fields(Record)}


def test_a_single_record_is_its_own_view():
    assert merged([PAPER]) == PAPER


def test_pubmed_is_believed_first_and_others_fill_what_it_does_not_say():
    pubmed = replace(
        PAPER, title="Short title.", abstract=(), issue="", headings=(Heading("Depression, Postpartum"),)
    )
    other = paper(
        title="A much longer title than that",
        abstract=ABSTRACT,
        headings=(Heading("puerperal depression"),),
        publisher="RCP",
    )
    view = merged([other, pubmed])
    assert (view.source, view.key, view.title) == ("pubmed", "1", "Short title.")
    assert (view.abstract, view.issue, view.publisher) == (ABSTRACT, "5", "RCP")
    assert view.headings == (Heading("Depression, Postpartum"),)


def test_an_abstract_that_was_cut_short_gives_way_to_the_whole():
    cut = (Section(ABSTRACT[0].text[:90]),)
    assert merged([replace(PAPER, abstract=cut), paper(abstract=ABSTRACT)]).abstract == ABSTRACT
    nearly = (Section(ABSTRACT[0].text[:-20]),)
    assert merged([replace(PAPER, abstract=nearly), paper(abstract=ABSTRACT)]).abstract == nearly
    assert merged([PAPER, paper()]).abstract == ()


def test_identifiers_of_all_are_united():
    view = merged(
        [
            replace(PAPER, identifiers=pmid("1") + doi("10.1000/A")),
            paper(identifiers=doi("10.1000/a", "10.1000/b")),
        ]
    )
    assert view.identifiers_of("doi") == ("10.1000/A", "10.1000/b")
    assert view.identifiers_of("pmid") == ("1",)


def test_the_fuller_place_wins():
    view = merged(
        [
            replace(PAPER, pages="412", date="2003"),
            paper(pages="11-Sep", date="2003-05"),
            paper(key="3", pages="412-9", date="2004-01-01"),
        ]
    )
    assert (view.pages, view.date) == ("412-9", "2003-05")
    assert merged([replace(PAPER, pages=""), paper(pages="")]).pages == ""


def test_authors_with_given_names_and_all_of_them():
    cut = (Author("Cooper", initials="PJ"),)
    view = merged([replace(PAPER, authors=cut, authors_complete=False), paper()])
    assert view.authors == PAPER.authors
    assert view.authors_complete


def test_what_has_no_field_of_its_own_is_kept():
    view = merged(
        [
            replace(PAPER, extra={"PT": ("a",)}, dates={"created": "2003"}),
            paper(extra={"PT": ("b",), "C1": ("c",)}, dates={"created": "2004", "entry": "2005"}),
        ]
    )
    assert view.extra == {"PT": ("a", "b"), "C1": ("c",)}
    assert view.dates == {"created": "2003", "entry": "2005"}


def test_two_records_of_one_registration():
    one = Record(source="file:ictrp", key="NCT00000001", kind="registration", title="Touch")
    other = Record(
        source="clinicaltrials", key="NCT00000001", kind="registration", trial=Trial(status="COMPLETED")
    )
    assert merged([one, other]).trial == Trial(status="COMPLETED")
    assert merged([one, other]).title == "Touch"


TEXT = st.sampled_from(["", "a", "ab", "abc"])
RECORDS = st.builds(
    Record,
    source=st.sampled_from(["pubmed", "file:embase", "file:x"]),
    key=TEXT,
    title=TEXT,
    abstract=st.sampled_from([(), (Section("short"),), ABSTRACT]),
    authors=st.sampled_from([(), (Author("A", "Ada"),), (Author("A", initials="A"), Author("B"))]),
    pages=st.sampled_from(["", "1", "1-9", "11-Sep"]),
    date=st.sampled_from(["", "2003", "2003-05", "2004"]),
    year=st.sampled_from([None, 2003, 2004]),
    identifiers=st.lists(
        st.builds(Identifier, st.just("doi"), st.sampled_from(["10.1/a", "10.1/A", "10.1/b"])), max_size=2
    ).map(tuple),
    keywords=st.lists(TEXT, max_size=2).map(tuple),
    extra=st.dictionaries(st.sampled_from("xy"), st.just(("1",))),
)


@given(st.lists(RECORDS, min_size=1, max_size=5), st.data())
def test_the_order_of_records_makes_no_difference(records, data):
    shuffled = data.draw(st.permutations(records))
    assert merged(records) == merged(shuffled)


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_nothing_that_anybody_says_is_blanked(records):
    view = merged(records)
    for field in fields(Record):
        if any(getattr(record, field.name) for record in records):
            assert getattr(view, field.name)
    assert {i.value.lower() for record in records for i in record.identifiers} == {
        i.value.lower() for i in view.identifiers
    }


@pytest.mark.parametrize("source", ["file:medline", "file:Embase"])
def test_known_databases_go_before_unknown_files(source):
    assert merged([paper(source="file:aaa", title="x"), paper(source=source, title="y")]).title == "y"

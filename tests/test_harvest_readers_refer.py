"""Refer: tags with a percent sign, and records that only blank lines part."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import body

from db.errors import WrongUse
from db.record import Author
from harvest import readers


def read(*lines):
    return readers.read("\n".join(lines).encode(), "x.enw", "file:x")


def test_records_that_do_not_begin_with_their_type():
    found = readers.read(body("bepress.enl"), "x.enl", "file:x")
    first, second, third = found.records
    assert found.platform == "AIS eLibrary"
    assert first.title.startswith("How Trust Leads to Commitment on Microsourcing Platforms")
    assert first.authors[1] == Author("Straub", "Detmar W.")
    assert (first.journal, first.date, first.pages) == (
        "Management Information Systems Quarterly",
        "2021-09-01",
        "1309-1348",
    )
    assert (first.volume, first.issue, first.kind) == ("45", "3", "article")
    assert first.urls == ("https://aisel.aisnet.org/misq/vol45/iss3/13",)
    assert second.year == 2009
    assert (third.kind, third.authors) == ("article", ())


def test_a_book():
    (record,) = readers.read(body("refer.enw"), "x.enw", "file:x").records
    assert (record.kind, record.publisher, record.pages) == ("book", "dpunkt.verlag", "XX, 327")
    assert record.identifiers_of("isbn") == ("9783864903113",)
    assert record.extra["%["] == ("20151028",)
    assert record.extra["%0"] == ("Book",)


def test_abstracts_with_blank_lines_and_every_identifier():
    found = read(
        "%0 Journal Article",
        "%T A title that",
        "goes on",
        "%X First.",
        "",
        "Second, of NCT00012345.",
        "%K one",
        "two; three",
        "%R https://doi.org/10.1000/X.1",
        "%M 26575548",
        "%W NLM",
        "%~ PubMed",
        "%@ 1549-9618",
        "%G eng",
        "%9 Review",
        "%2 PMC77",
        "%E Editor, An",
        "",
        "%0 Thesis",
        "%T Another",
        "%M 26575549",
    )
    one, two = found.records
    assert (found.database, found.platform) == ("PubMed", "NLM")
    assert one.title == "A title that goes on"
    assert one.abstract_text == "First.\nSecond, of NCT00012345."
    assert one.keywords == ("one", "two", "three")
    assert {(i.scheme, i.value) for i in one.identifiers} == {
        ("pmid", "26575548"),
        ("doi", "10.1000/x.1"),
        ("pmcid", "PMC77"),
        ("nct", "NCT00012345"),
    }
    assert (one.languages, one.publication_types, one.issns) == (("eng",), ("Review",), ("1549-9618",))
    assert one.extra["%E"] == ("Editor, An",)
    assert (two.kind, two.identifiers_of("accession")) == ("thesis", ("26575549",))


def test_where_a_record_ends():
    assert [r.title for r in read("%T A", "%0 Book", "%T B", "%0 Book", "%T C").records] == ["A", "C"]
    assert [r.title for r in read("%A X, Y", "%T A", "", "%A Z, Y", "%T B").records] == ["A", "B"]
    assert [r.title for r in read("%0 Book", "", "%T A", "", "", "%0 Book", "%T B").records] == ["A", "B"]


def test_what_stands_in_front_is_set_aside():
    refer = readers.refer.Refer()
    found = refer.read(readers.decode(b"Results\n\n%T A\n%D 2001\n"), "x", "file:x")
    assert [(s.line, s.text) for s in found.stray] == [(1, "Results")]
    with pytest.raises(WrongUse, match="no record with % tags"):
        refer.read(readers.decode(b"Results\n"), "x", "file:x")
    with pytest.raises(WrongUse, match="of no known format"):
        readers.read(b"%0\n", "x", "file:x")


def test_a_record_without_anything_is_reported():
    found = read("%0 Book", "%C Heidelberg", "", "%0 Book", "%T B")
    assert [(u.line, u.raw) for u in found.unreadable] == [(1, "%0 Book\n%C Heidelberg")]


WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


@given(
    st.lists(
        st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3), st.integers(1900, 2099)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_records_come_back_as_they_were_written(written, glue, coded):
    lines = []
    for title, paragraphs, year in written:
        lines += [
            "%0 Report",
            f"%T {title}",
            f"%D {year}",
            "%X " + "\n\n".join(paragraphs),
            f"%z {title}",
            "",
        ]
    found = readers.read("\n".join(lines).replace("\n", glue).encode(coded), "x", "file:x")
    assert [(r.title, r.year, r.abstract_text, r.extra["%z"]) for r in found.records] == [
        (title, year, "\n".join(paragraphs), (title,)) for title, paragraphs, year in written
    ]


LINES = st.sampled_from(
    ["%0 Book", "%T A", "%A X, Y", "%X words", "more words", "", "%", "%% x", "%D 2001", "%?"]
)


@given(st.lists(LINES, max_size=20))
def test_every_line_is_in_a_record_or_reported(lines):
    found = readers.refer.Refer().read(
        readers.decode("\n".join(["%T first", *lines]).encode()), "x", "file:x"
    )
    said = [line for u in found.unreadable for line in u.raw.split("\n")] + [s.text for s in found.stray]
    kept = " ".join(r.to_json() for r in found.records)
    words = {line: re.findall(r"[A-Za-z]+|\d+", re.sub(r"^%. ", "", line)) for line in lines}
    assert all(line in said or all(word in kept for word in words[line]) for line in lines)

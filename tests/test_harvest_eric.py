"""Asking ERIC and reading what it says: one real answer, and a server that says as little as it does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import server_eric as other_side
from server import Server
from server_eric import DATA, Eric

from db.errors import BadAnswer, Refused, TokenExpired
from db.record import Author, Grant, Heading, Identifier, Record, Unreadable
from harvest.source import LISTED, Search
from harvest.sources import eric, eric_json
from harvest.transport import Patience, Transport

SEARCH = Search("main", "eric", "parents AND infants")


@pytest.fixture
def there(monkeypatch):
    monkeypatch.setattr(Eric, "most", 10)
    here = Eric()
    for position in range(25):
        here.put(other_side.doc(position))
    here.match("parents AND infants", here.keys)
    return here


@pytest.fixture
def server(there):
    with Server() as running:
        running.mount(other_side.PATH, there.answer)
        yield running


@pytest.fixture
def source(server):
    settings = {"url": server.url + other_side.PATH, "requests_per_second": "10000"}
    return eric.Eric(Transport(Patience(attempts=2, backoff=0)), settings)


def page(*docs: dict, start: int = 0) -> bytes:
    return json.dumps({"response": {"numFound": len(docs), "start": start, "docs": docs}}).encode()


def one(**fields: object) -> Record:
    (record,) = eric_json.read(page({"id": "EJ1", **fields}))
    assert isinstance(record, Record)
    return record


# -- asking ------------------------------------------------------------------------------------------


def test_a_listing_goes_on_by_what_was_delivered(source, server):
    pages = list(source.list(SEARCH))
    assert [asked.params["start"] for asked in server.requests] == ["0", "10", "20"]
    assert {asked.params["rows"] for asked in server.requests} == {"200"}
    assert (pages[-1].cursor, pages[-1].promised) == (LISTED, 25)


def test_all_that_is_read_is_asked_for(source, server):
    list(source.list(SEARCH))
    assert set(server.requests[0].params["fields"].split(",")) >= {
        "url",
        "source",
        "e_fulltextauth",
        "description",
    }


def test_a_total_that_moves_makes_the_listing_begin_again(source, there):
    first, *_ = source.list(SEARCH)
    there.remove(there.keys[-1])
    with pytest.raises(TokenExpired, match="25 matched when this listing began, 24 do now"):
        list(source.list(SEARCH, first.cursor))


def test_a_page_of_another_place_or_without_documents_is_asked_for_again(source, server):
    for spoiled in (page({"id": "EJ1"}, start=10), b'{"response": {"numFound": 25, "start": 0, "docs": []}}'):
        server.inject(lambda asked, reply, said=spoiled: replace(reply, body=said), times=1)
        assert len(list(source.list(SEARCH))) == 3
        server.heal()
    server.inject(lambda asked, reply: replace(reply, body=page({"id": "EJ1"}, start=10)), times=99)
    with pytest.raises(BadAnswer, match="1 of 1 came, from 10 on instead of 0"):
        list(source.list(SEARCH))


def test_a_string_that_cannot_be_read_is_refused_with_status_200(source, server):
    with pytest.raises(Refused, match=r"ERIC cannot read the search string: Cannot parse 'parents \('"):
        list(source.list(replace(SEARCH, query="parents (")))
    assert len(server.requests) == 1


def test_trouble_at_their_side_is_asked_again(source, server):
    said = b'{"error": {"msg": "shard is down", "code": 503}}'
    server.inject(lambda asked, reply: replace(reply, body=said), times=99)
    with pytest.raises(BadAnswer, match="shard is down"):
        source.count(SEARCH)
    assert len(server.requests) == 2


def test_a_key_of_somebody_else_is_not_sent(source, server):
    with pytest.raises(Refused, match="'NCT00000001' is no ERIC number"):
        list(source.fetch(["EJ1", "NCT00000001"]))
    assert server.requests == []


def test_names_of_records(source):
    assert source.naming(Identifier("accession", "ED659153")) == "id:ED659153"
    assert source.naming(Identifier("accession", "CN-00001")) is None
    assert source.naming(Identifier("doi", "10.1002/imhj.20291")) is None


def test_a_listed_record_that_cannot_be_read_has_a_stamp_of_its_own(source):
    strange, fine = source.hits(page({"id": "EJ1", "title": {"a": 1}}, {"id": "EJ2", "title": "Two"}))
    assert strange.stamp
    assert fine.stamp == next(r for r in source.records(page({"id": "EJ2", "title": "Two"}))).digest
    with pytest.raises(BadAnswer, match="without its ERIC number"):
        source.hits(page({"title": "Nameless"}))


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("parents[ti]", '"[ti]" is a field tag of PubMed'),
        ("parents AND infant.ti.", '".ti." is a field of Ovid'),
        ('DE "Parents" AND infants', '"DE" is a field of EBSCOhost'),
        ("descriptor:parents", "write subject: or description:"),
        ("parent$ AND infants", '"parent$" truncates in Ovid'),
        ("parents or infants", '"or" is an operator only in capitals'),
        ("parents infants AND therapy", "parents infants: no operator stands between them"),
        ("(parents OR mothers) (infants)", "no operator stands between them"),
        ('subject:"Parents" infants', "no operator stands between them"),
    ],
)  # fmt: skip
def test_what_will_not_do_what_it_seems_to(source, query, doubt):
    assert any(doubt in said for said in source.check(replace(SEARCH, query=query)))


def test_what_is_right_is_not_doubted(source):
    right = '(title:"parents and infants" OR subject:"Parent Child Relationship") AND publicationdateyear:[2010 TO 2020] NOT thesis*'
    assert source.check(replace(SEARCH, query=right)) == []
    assert source.check(replace(SEARCH, options={"fields": "x"})) == [
        '"fields" is no option of ERIC, which has none.'
    ]


# -- reading -----------------------------------------------------------------------------------------


def test_the_real_answer_is_read_whole():
    (record,) = eric_json.read(DATA.read_bytes())
    assert eric_json.answer(DATA.read_bytes()).total == 56
    assert (record.key, record.kind, record.year, record.date) == ("EJ1286736", "article", 2021, "2021")
    assert record.authors == (Author("Çulha", "Davut"),)
    assert record.issns == ("2618-6586",)
    assert record.headings[:2] == (Heading("Competition"), Heading("Teaching Methods"))
    assert record.publication_types == ("Journal Articles", "Reports - Descriptive")
    assert record.languages == ("English",)
    assert record.extra["peerreviewed"] == ("T",)
    assert record.abstract_text.startswith("Blockchain, which is a disruptive technology")
    assert record.dates == {}


def test_a_document_with_all_fields():
    record = one(
        title="Students&apos; Perceptions &amp; Views",
        source="Family Journal",
        sourceid="v20 n1 p51-57 Jan 2012",
        url="https://doi.org/10.1177%2F1066480711425472",
        e_fulltextauth=1,
        iesgrantcontractnum=["R305A080196"],
        sponsor=["Ford Foundation"],
        issn=["ISSN-1066-4807", "EISSN-1552-3950", "ISSN-1066-4807"],
        isbn=["ISBN-978-1-6062-3694-9"],
        author=["Post, Phyllis B.", "National Center for Education Statistics (ED)"],
        publicationdateyear="2012",
        description="Registered as NCT00923559.",
    )
    assert record.title == "Students' Perceptions & Views"
    assert (record.journal, record.volume, record.issue, record.pages) == (
        "Family Journal",
        "20",
        "1",
        "51-57",
    )
    assert record.issns == ("1066-4807", "1552-3950")
    assert record.identifiers == (
        Identifier("doi", "10.1177/1066480711425472", "article"),
        Identifier("accession", "EJ1"),
        Identifier("nct", "NCT00923559", "abstract"),
    )
    assert record.grants == (
        Grant("R305A080196", "Institute of Education Sciences"),
        Grant("", "Ford Foundation"),
    )
    assert record.urls[-1] == "https://files.eric.ed.gov/fulltext/EJ1.pdf"
    assert record.authors[1] == Author("National Center for Education Statistics (ED)")
    assert (record.year, record.extra["sourceid"]) == (2012, ("v20 n1 p51-57 Jan 2012",))


@pytest.mark.parametrize(
    ("types", "kind"),
    [(["Books"], "book"), (["Dissertations/Theses - Doctoral Dissertations"], "thesis"), ("Reports - Research", "report")],
)  # fmt: skip
def test_what_is_no_article(types, kind):
    (record,) = eric_json.read(page({"id": "ED1", "publicationtype": types, "source": "Online Submission"}))
    assert (record.kind, record.journal, record.extra["source"]) == (kind, "", ("Online Submission",))


def test_one_document_that_cannot_be_read_spoils_no_other():
    first, nameless, third = eric_json.read(
        page({"id": "EJ1", "author": [["Post"]]}, {"title": "x"}, {"id": "EJ3"})
    )
    assert isinstance(first, Unreadable)
    assert (first.position, first.key) == (1, "EJ1")
    assert "`author` should hold texts" in first.problem
    assert isinstance(nameless, Unreadable)
    assert third.key == "EJ3"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"response": []}', b'{"response": {"numFound": "3"}}', b"<html>"]
)
def test_what_is_no_answer(body):
    with pytest.raises(BadAnswer):
        eric_json.answer(body)

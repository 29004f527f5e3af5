"""Asking Europe PMC and reading what it says: real answers, and a server that speaks as it does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import server_europepmc as other_side
from server import Server
from server_europepmc import DATA, EuropePmc

from db.errors import BadAnswer, CountMismatch, Refused, TokenExpired, WrongUse
from db.record import Author, Grant, Heading, Identifier, Record, Relation, Section, Unreadable
from harvest.source import Search
from harvest.sources import europepmc, europepmc_json
from harvest.transport import Patience, Transport

SEARCH = Search("main", "europepmc", "parents")


@pytest.fixture
def there():
    pmc = EuropePmc(other_side.results(25))
    pmc.match("parents", pmc.keys)
    return pmc


@pytest.fixture
def server(there):
    with Server() as running:
        running.mount(other_side.PATH, there.answer)
        yield running


@pytest.fixture
def source(server, monkeypatch):
    monkeypatch.setattr(europepmc, "PAGE", 10)
    settings = {"url": server.url + other_side.PATH, "requests_per_second": "10000"}
    return europepmc.EuropePmc(Transport(Patience(attempts=2, backoff=0)), settings)


@pytest.fixture
def records():
    return {record.key: record for record in europepmc_json.read((DATA / "core.json").read_bytes())}


def page(*results: dict, **more: object) -> bytes:
    return json.dumps({"hitCount": len(results), "resultList": {"result": results}} | more).encode()


# -- asking ------------------------------------------------------------------------------------------


def test_the_question_is_posted_as_it_stands_without_synonyms(source, server):
    list(source.list(SEARCH))
    (first, *_) = server.requests
    assert (first.method, first.params["query"], first.params["synonym"]) == ("POST", "parents", "false")


def test_synonyms_are_an_option_and_another_question(source, server):
    with_them = replace(SEARCH, options={"synonym": "true"})
    pages = list(source.list(with_them))
    assert server.requests[0].params["synonym"] == "true"
    assert not pages[0].warnings
    with pytest.raises(TokenExpired):
        list(source.list(SEARCH, pages[0].cursor))


def test_what_was_changed_is_asked_for_from_a_week_before(source, server):
    pages = list(source.list(SEARCH, since="2024-03"))
    assert [page.kind for page in pages][-1] == "changed"
    assert "(parents) AND UPDATE_DATE:[2024-02-23 TO 3000-12-31]" in server.requests[-1].params["query"]


def test_a_question_that_was_run_differently_is_told(source, server):
    def rewritten(asked, reply):
        answer = json.loads(reply.body)
        answer["request"] |= {"queryString": "parent", "internalQuery": "parent OR parents", "synonym": True}
        return replace(reply, body=json.dumps(answer).encode())

    server.inject(rewritten, times=99)
    counted = source.count(SEARCH)
    assert counted.translation == "parent OR parents"
    assert counted.warnings == (
        "Europe PMC ran another question than it was sent: parent",
        "Europe PMC added synonyms, although it was asked not to.",
    )


def test_more_than_was_said_is_no_listing(source, server):
    def fewer(asked, reply):
        return replace(reply, body=reply.body.replace(b'"hitCount": 25', b'"hitCount": 12'))

    server.inject(fewer, times=99)
    with pytest.raises(CountMismatch, match="12 are said to match, but 20 are listed"):
        list(source.list(SEARCH))


def test_a_listing_gone_on_with_that_does_not_add_up_begins_again(source, there):
    first, *_ = source.list(SEARCH)
    there.remove(there.keys[0])
    with pytest.raises(TokenExpired, match="24 are said to match, but 25 are listed"):
        list(source.list(SEARCH, first.cursor))


@pytest.mark.parametrize(
    ("code", "error"), [(404, Refused), (400, Refused), (429, BadAnswer), (503, BadAnswer)]
)
def test_mistakes_come_with_status_200_and_only_trouble_of_theirs_is_asked_again(source, server, code, error):
    said = json.dumps({"errCode": code, "errMsg": "Something"}).encode()
    server.inject(lambda asked, reply: replace(reply, body=said), times=99)
    with pytest.raises(error, match="Something"):
        list(source.list(SEARCH))
    assert len(server.requests) == (1 if error is Refused else 2)


def test_an_envelope_without_an_answer_is_no_answer():
    with pytest.raises(BadAnswer, match="a question it cannot read is one cause"):
        europepmc_json.answer(b'{"version": "6.9"}')


def test_a_key_of_somebody_else_is_not_sent(source, server):
    with pytest.raises(Refused, match="NCT00000001"):
        list(source.fetch(["MED:1", "NCT00000001"]))
    assert server.requests == []


def test_names_of_records(source):
    names = {
        Identifier("pmid", "2022136"): "(EXT_ID:2022136 AND SRC:MED)",
        Identifier("doi", "10.1002/imhj.20291"): 'DOI:"10.1002/imhj.20291"',
        Identifier("pmcid", "PMC3040717"): "PMCID:PMC3040717",
        Identifier("accession", "PPR:PPR1036674"): "(EXT_ID:PPR1036674 AND SRC:PPR)",
        Identifier("accession", "CN-00001"): None,
        Identifier("doi", " "): None,
    }
    assert {name: source.naming(name) for name in names} == names


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("parents[tiab] AND infant", '"[tiab]" is a field tag of PubMed'),
        ("parents adj3 infant", '"adj3" is a proximity operator'),
        ("parents.ti,ab. AND infant", '".ti,ab." is a field of Ovid'),
        ("exp Parents/ AND infant", '"exp Parents/" is a heading of Ovid'),
        ("parent$ AND infant", '"parent$" truncates in Ovid'),
        ("parents or infant", '"or" is an operator for certain only in capitals'),
    ],
)
def test_the_syntax_of_others_is_doubted(source, query, doubt):
    (said,) = source.check(replace(SEARCH, query=query))
    assert doubt in said


def test_an_unknown_option_is_doubted_and_what_is_right_is_not(source):
    assert source.check(replace(SEARCH, options={"fields": "x"})) == [
        '"fields" is no option of Europe PMC; there is synonym.'
    ]
    right = 'TITLE:"parents and infants" AND (KW:depression OR ABSTRACT:depress*) AND SRC:PPR'
    assert source.check(replace(SEARCH, query=right)) == []


@pytest.mark.parametrize("rate", ["0", "-1", "often", "nan"])
def test_a_pace_that_is_none(rate):
    with pytest.raises(WrongUse, match="requests_per_second"):
        europepmc.EuropePmc(Transport(), {"requests_per_second": rate})


# -- reading -----------------------------------------------------------------------------------------


def test_real_results_are_read_whole(records):
    assert len(records) == 5
    assert all(isinstance(record, Record) for record in records.values())
    paper = records["MED:40468710"]
    assert (paper.journal_abbreviation, paper.year, paper.date) == ("Br J Health Psychol", 2025, "2025-09-01")
    labels = ["Objective", "Design", "Methods", "Results", "Conclusions"]
    assert [part.label for part in paper.abstract] == labels
    assert "<h4>" not in paper.abstract_text
    assert "p < .001" in paper.abstract_text
    assert paper.dates["revised"] == "2025-06-09"
    assert (paper.date_text, paper.dates["print"]) == ("", "2025-09-01")
    assert paper.authors[0].orcid == "0000-0002-6307-9196"
    assert len(paper.authors[0].affiliations) == 2
    assert Identifier("pmid", "40468710", "article") in paper.identifiers
    neoplasms = next(heading for heading in paper.headings if heading.term == "Neoplasms")
    assert neoplasms == Heading("Neoplasms", major=True, qualifiers=("psychology", "therapy"))
    assert paper.extra["subset"] == ("Index Medicus",)


def test_a_correction_names_what_it_corrects(records):
    correction = records["MED:39709208"]
    assert correction.grants == (Grant("P30 CA008748", "NCI NIH HHS"),)
    (relation,) = correction.relations
    assert (relation.kind, relation.identifiers) == ("Erratum for", (Identifier("pmid", "39293462"),))


def test_a_preprint_names_its_server_and_its_article():
    body = page(
        {
            "id": "PPR1036674",
            "source": "PPR",
            "doi": "10.1101/2024.01.01.24300001",
            "title": "Video feedback <i>for</i> par\u00adents: NCT00923559",
            "abstractText": "Before.<h4>Methods</h4>We asked&nbsp;parents.",
            "bookOrReportDetails": {"publisher": "medRxiv", "yearOfPublication": 2024},
            "versionNumber": 2,
            "commentCorrectionList": {
                "commentCorrection": [
                    {"id": "39000001", "source": "MED", "type": "Preprint of", "orderIn": 1},
                    {"id": "PMC1", "source": "PMC", "type": "Update of"},
                    {"id": "PPR9", "source": "PPR", "type": "Cites"},
                    {"type": "Comment in", "reference": "J Psychol. 2024", "note": "a letter"},
                ]
            },
            "chemicalList": {"chemical": [{"name": "Aspirin", "registryNumber": "R16CO5Y76E"},
                                          {"name": "Hormones", "registryNumber": "0"}]},
        }
    )  # fmt: skip
    (preprint,) = europepmc_json.read(body)
    assert (preprint.kind, preprint.publisher, preprint.extra["version"]) == ("preprint", "medRxiv", ("2",))
    assert preprint.abstract == (Section("Before."), Section("We asked parents.", "Methods"))
    assert Identifier("nct", "NCT00923559", "title") in preprint.identifiers
    assert preprint.extra["chemical"] == ("Aspirin (R16CO5Y76E)", "Hormones")
    assert preprint.relations == (
        Relation("Preprint of", "", (Identifier("pmid", "39000001"),)),
        Relation("Update of", "", (Identifier("pmcid", "PMC1"),)),
        Relation("Cites", "", (Identifier("accession", "PPR:PPR9"),)),
        Relation("Comment in", "J Psychol. 2024", (), "a letter"),
    )


def test_groups_lines_of_names_and_printed_dates():
    body = page(
        {"id": "1", "source": "MED", "authorList": {"author": [{"collectiveName": "The Group"}]}},
        {"id": "2", "source": "AGR", "authorString": "Lee MS, Green R.", "journalInfo": {"dateOfPublication": "Spring 2010"}},
    )  # fmt: skip
    group, line = europepmc_json.read(body)
    assert group.authors == (Author(family="The Group", collective=True),)
    assert line.authors == (Author(family="Lee MS"), Author(family="Green R"))
    assert (line.kind, line.date_text) == ("article", "Spring 2010")


def test_what_changes_without_the_document_changing_is_not_read(records):
    answer = json.loads((DATA / "core.json").read_bytes())
    for result in answer["resultList"]["result"]:
        result |= {"citedByCount": 99, "hasPDF": "Y", "inEPMC": "Y", "fullTextReceivedDate": "2030-01-01"}
    assert list(europepmc_json.read(json.dumps(answer).encode())) == list(records.values())


@pytest.mark.parametrize(
    ("result", "key"), [({"id": "1", "source": "MED", "title": 7}, "MED:1"), ({"title": "Nameless"}, "")]
)
def test_one_result_that_cannot_be_read_spoils_no_other(result, key):
    first, second = europepmc_json.read(page(result, {"id": "2", "source": "MED"}))
    assert isinstance(first, Unreadable)
    assert (first.position, first.key, json.loads(first.raw)) == (1, key, result)
    assert second.key == "MED:2"


def test_real_listings(source):
    hits = source.hits((DATA / "idlist.json").read_bytes())
    assert (len(hits), hits[0].key) == (25, "MED:39709209")
    assert source.hits((DATA / "no_results.json").read_bytes()) == []
    with pytest.raises(BadAnswer, match="without its number"):
        source.hits(page({"title": "Nameless"}))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"hitCount": 3, "resultList": []}', b'{"hitCount": "3"}']
)
def test_what_is_no_answer(body):
    with pytest.raises(BadAnswer):
        europepmc_json.answer(body)

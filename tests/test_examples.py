"""The source of an outsider, as docs/new-source.md walks through it: built, found, asked, read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import server_europepmc as other_side
from reviews import contents, harvest, rows, told
from server_europepmc import DATA, WithEuropePmc
from wheels import built

from db.errors import BadAnswer, Refused
from db.record import Author, Grant, Heading, Identifier, Record, Relation, Unreadable
from harvest import catalogue
from harvest.source import Search

EXAMPLE = Path(__file__).parent.parent / "examples" / "europepmc"
REVIEW = """
title = "Parenting support after birth"
question = "Does support for parents improve mental health?"
contact.email = "ana@example.org"

[[search]]
name = "preprints"
source = "europepmc"
query = "searches/preprints.txt"

[screening]
reviewers = ["ana", "ben"]

[sources.europepmc]
requests_per_second = 10000
url = "{url}"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The wheel of the example on Python's path: what an installation comes to, without installing."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(built(EXAMPLE, folder)))
    yield catalogue.kind("europepmc")
    sys.modules.pop("harvest_europepmc")


@pytest.fixture
def server():
    with WithEuropePmc(other_side.results(30)) as running:
        running.europepmc.match("SRC:PPR AND parents", running.europepmc.keys)
        yield running


@pytest.fixture
def review(tmp_path, server, installed):
    folder = tmp_path / "review"
    (folder / "searches").mkdir(parents=True)
    (folder / "searches" / "preprints.txt").write_text("SRC:PPR AND parents")
    (folder / "review.toml").write_text(REVIEW.format(url=server.europepmc_url))
    return folder


# -- from outside ------------------------------------------------------------------------------------


def test_without_the_wheel_nobody_knows_it():
    assert "europepmc" not in catalogue.names()


def test_with_the_wheel_it_is_a_source_like_ours(installed, tmp_path):
    assert installed.label == "Europe PMC"
    assert "europepmc" in {line["name"] for line in told(tmp_path, "sources")}
    assert "TITLE:" in harvest(tmp_path, "sources", "europepmc").stdout


def test_a_review_that_asks_it_is_run_and_proved(review, server):
    assert told(review, "check") == []
    (search,) = told(review, "run")["searches"]
    assert (search["matched"], search["new"], search["state"]) == (30, 30, "complete")
    assert search["translation"] == "SRC:PPR AND parents"
    assert rows(review, "SELECT promised, listed, stored FROM fetch") == [(30, 30, 30)]
    assert harvest(review, "db", "verify").stdout == ""


def test_the_next_run_fetches_what_was_changed_and_nothing_else(review, server):
    harvest(review, "run")
    before, asked = contents(review), len(server.requests)
    server.europepmc.put(other_side.result(3, revised="2026-03-01") | {"title": "Another title"})
    (search,) = told(review, "run")["searches"]
    assert (search["new"], search["changed"]) == (0, 1)
    assert len(contents(review) ^ before) == 2
    fetched = [r.params["query"] for r in server.requests[asked:] if "EXT_ID" in r.params["query"]]
    assert "EXT_ID:50000004 AND SRC:MED" in fetched[0]
    assert len(fetched) == 1


def test_what_is_kept_can_be_read_again(review):
    harvest(review, "run")
    assert "0 records read differently" in harvest(review, "db", "reread").stdout


def test_a_better_reader_is_rehearsed_and_then_used(review, installed, monkeypatch):
    harvest(review, "run")
    before, read = contents(review), installed.records
    monkeypatch.setattr(
        installed, "records", lambda self, body: (replace(r, title=r.title.upper()) for r in read(self, body))
    )
    rehearsed = harvest(review, "db", "reread", "--dry-run")
    assert "30 records read differently" in rehearsed.stdout
    assert "nothing was written" in rehearsed.stderr
    assert contents(review) == before
    assert "30 records read differently" in harvest(review, "db", "reread").stdout
    assert len(contents(review) ^ before) == 60


# -- reading -----------------------------------------------------------------------------------------


@pytest.fixture
def source(installed):
    return installed(None, {})


@pytest.fixture
def records(source):
    return {record.key: record for record in source.records((DATA / "core.json").read_bytes())}


def test_real_results_are_read_whole(records):
    assert len(records) == 5
    assert all(isinstance(record, Record) for record in records.values())
    paper = records["MED:40468710"]
    assert (paper.journal_abbreviation, paper.year, paper.date) == ("Br J Health Psychol", 2025, "2025-09-01")
    assert [part.label for part in paper.abstract] == [
        "Objective",
        "Design",
        "Methods",
        "Results",
        "Conclusions",
    ]
    assert "<h4>" not in paper.abstract_text
    assert "p < .001" in paper.abstract_text
    assert paper.dates["revised"] == "2025-06-09"
    assert paper.authors[0].orcid == "0000-0002-6307-9196"
    assert len(paper.authors[0].affiliations) == 2
    assert Identifier("pmid", "40468710", "article") in paper.identifiers
    neoplasms = next(heading for heading in paper.headings if heading.term == "Neoplasms")
    assert neoplasms == Heading("Neoplasms", major=True, qualifiers=("psychology", "therapy"))


def test_a_correction_names_what_it_corrects(records):
    correction = records["MED:39709208"]
    assert correction.grants == (Grant("P30 CA008748", "NCI NIH HHS"),)
    (relation,) = correction.relations
    assert (relation.kind, relation.identifiers) == ("Erratum for", (Identifier("pmid", "39293462"),))
    assert isinstance(relation, Relation)


def test_what_changes_without_the_document_changing_is_not_read(source):
    answer = json.loads((DATA / "core.json").read_bytes())
    before = list(source.records(json.dumps(answer).encode()))
    for result in answer["resultList"]["result"]:
        result |= {"citedByCount": 99, "hasPDF": "Y", "inEPMC": "Y"}
    assert list(source.records(json.dumps(answer).encode())) == before


def test_a_group_that_signs_is_no_person(source):
    body = _page({"id": "1", "source": "PPR", "authorList": {"author": [{"collectiveName": "The Group"}]}})
    (record,) = source.records(body)
    assert record.authors == (Author(family="The Group", collective=True),)
    assert (record.kind, record.key) == ("preprint", "PPR:1")


@pytest.mark.parametrize(
    ("result", "key"), [({"id": "1", "source": "MED", "title": 7}, "MED:1"), ({"title": "Nameless"}, "")]
)
def test_one_result_that_cannot_be_read_spoils_no_other(source, result, key):
    first, second = source.records(_page(result, {"id": "2", "source": "MED"}))
    assert isinstance(first, Unreadable)
    assert (first.position, first.key, json.loads(first.raw)) == (1, key, result)
    assert second.key == "MED:2"


def test_real_listings(source):
    hits = source.hits((DATA / "idlist.json").read_bytes())
    assert (len(hits), hits[0].key) == (25, "MED:39709209")
    assert source.hits((DATA / "no_results.json").read_bytes()) == []
    with pytest.raises(BadAnswer, match="without its number"):
        source.hits(_page({"title": "Nameless"}))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"version": "6.9"}', b'{"hitCount": 3, "resultList": []}'])
def test_what_is_no_answer(source, body):
    with pytest.raises(BadAnswer):
        source.hits(body)


def test_a_mistake_that_is_told_with_status_200_is_asked_once(source):
    with pytest.raises(Refused, match="Invalid page size"):
        source.hits(
            b'{"errCode":404,"errMsg":"Invalid page size provided. Valid size is between 1 and 1000"}'
        )


def test_a_key_of_somebody_else_is_not_sent(source):
    with pytest.raises(Refused, match="NCT00000001"):
        list(source.fetch(["MED:1", "NCT00000001"]))


def test_field_tags_of_pubmed_are_doubted(source):
    assert "field tag of PubMed" in source.check(Search("s", "europepmc", "parents[tiab]"))[0]


def _page(*results):
    return json.dumps({"hitCount": len(results), "resultList": {"result": results}}).encode()

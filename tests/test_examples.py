"""The source of an outsider, as docs/new-source.md walks through it: built, found, asked, read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import server_semanticscholar as other_side
from reviews import contents, harvest, rows, told
from server import Server
from server_semanticscholar import DATA, SemanticScholar
from wheels import built

from db.errors import BadAnswer, Refused, TokenExpired
from db.record import Author, Identifier, Record, Unreadable
from harvest import catalogue
from harvest.source import Search
from harvest.transport import Patience, Transport

EXAMPLE = Path(__file__).parent.parent / "examples" / "semanticscholar"
KEY = "s3cret0123456789"
REVIEW = """
title = "Parenting support after birth"
question = "Does support for parents improve mental health?"
contact.email = "ana@example.org"

[[search]]
name = "papers"
source = "semanticscholar"
query = "searches/papers.txt"

[screening]
reviewers = ["ana", "ben"]

[sources.semanticscholar]
requests_per_second = 10000
api_key_env = "S2_API_KEY"
url = "{url}"
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The wheel of the example on Python's path: what an installation comes to, without installing."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(built(EXAMPLE, folder)))
    yield catalogue.kind("semanticscholar")
    sys.modules.pop("harvest_semanticscholar")


@pytest.fixture
def there():
    papers = SemanticScholar(other_side.paper(position) for position in range(30))
    papers.match("parents + infants", papers.keys)
    return papers


@pytest.fixture
def server(there):
    with Server() as running:
        running.mount(other_side.PATH, there.answer)
        yield running


@pytest.fixture
def review(tmp_path, server, installed, monkeypatch):
    monkeypatch.setenv("S2_API_KEY", KEY)
    folder = tmp_path / "review"
    (folder / "searches").mkdir(parents=True)
    (folder / "searches" / "papers.txt").write_text("parents + infants")
    (folder / "review.toml").write_text(REVIEW.format(url=server.url + other_side.PATH))
    return folder


# -- from outside ------------------------------------------------------------------------------------


def test_without_the_wheel_nobody_knows_it():
    assert "semanticscholar" not in catalogue.names()


def test_with_the_wheel_it_is_a_source_like_ours(installed, tmp_path):
    assert installed.label == "Semantic Scholar"
    assert "semanticscholar" in {line["name"] for line in told(tmp_path, "sources")}
    assert "+ for AND" in harvest(tmp_path, "sources", "semanticscholar").stdout


def test_a_review_that_asks_it_is_run_and_proved(review, server):
    assert told(review, "check") == []
    (search,) = told(review, "run")["searches"]
    assert (search["matched"], search["new"], search["state"]) == (30, 30, "complete")
    assert rows(review, "SELECT promised, listed, stored FROM fetch") == [(30, 30, 30)]
    assert harvest(review, "db", "verify").stdout == ""


def test_the_key_is_sent_and_never_kept(review, server):
    harvest(review, "run")
    assert {asked.headers.get("x-api-key") for asked in server.requests} == {KEY}
    kept = rows(review, "SELECT request FROM page")
    assert kept
    assert KEY not in repr(kept)


def test_the_next_run_fetches_what_was_changed_and_nothing_else(review, server, there):
    harvest(review, "run")
    before, asked = contents(review), len(server.requests)
    changed = other_side.paper(3, titled="Another title")
    there.put(changed)
    (search,) = told(review, "run")["searches"]
    assert (search["new"], search["changed"]) == (0, 1)
    assert len(contents(review) ^ before) == 2
    documents = [json.loads(r.document) for r in server.requests[asked:] if r.document]
    assert documents == [{"ids": [changed["paperId"]]}]


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


# -- asking ------------------------------------------------------------------------------------------


def test_a_token_that_is_refused_makes_the_listing_begin_again(installed, server, there, monkeypatch):
    monkeypatch.setattr(SemanticScholar, "page", 10)
    settings = {"url": server.url + other_side.PATH, "requests_per_second": "10000"}
    source = installed(Transport(Patience(attempts=1)), settings)
    search = Search("papers", "semanticscholar", "parents + infants")
    first, *_ = source.list(search)
    there.forgotten.add(json.loads(first.cursor)["token"])
    with pytest.raises(TokenExpired, match="no longer known"):
        list(source.list(search, first.cursor))


# -- reading -----------------------------------------------------------------------------------------


@pytest.fixture
def source(installed):
    return installed(None, {})


def test_real_papers_are_read_whole(source):
    """Of four that were asked for, the first is not there."""
    paper, *others = source.records((DATA / "batch.json").read_bytes())
    assert len(others) == 2
    assert isinstance(paper, Record)
    assert paper.title == "How Much Should We Trust Differences-in-Differences Estimates?"
    assert paper.authors[0] == Author("Marianne Bertrand")
    assert (paper.journal, paper.year, paper.date) == (
        "Experimental & Empirical Studies eJournal",
        2001,
        "2001-10-01",
    )
    assert paper.identifiers == (
        Identifier("doi", "10.2139/ssrn.288970", "article"),
        Identifier("accession", "c31c87c591a25c64fbaa82e8ac6a81831b6ac7ce"),
    )
    assert paper.abstract_text.startswith("Most Difference-in-Difference (DD) papers")


def test_real_listings(source):
    hits = source.hits((DATA / "bulk.json").read_bytes())
    assert (len(hits), hits[0].key) == (5, "0018ce3db8f9957b520d6b7e0cec84abfa230e1c")
    assert source.hits((DATA / "no_results.json").read_bytes()) == []


def test_names_that_pubmed_knows(source):
    known = {"PubMed": "20516115", "PubMedCentral": "3040717", "DOI": "10.1158/0008-5472.CAN-09-4563"}
    (paper,) = source.records(json.dumps([{"paperId": "a1", "externalIds": known}]).encode())
    assert paper.identifiers_of("pmid") == ("20516115",)
    assert paper.identifiers_of("pmcid") == ("PMC3040717",)


@pytest.mark.parametrize(
    ("paper", "key"), [({"paperId": "a1", "title": 7}, "a1"), ({"title": "Nameless"}, "")]
)
def test_one_paper_that_cannot_be_read_spoils_no_other(source, paper, key):
    body = json.dumps([paper, {"paperId": "b2"}]).encode()
    first, second = source.records(body)
    assert isinstance(first, Unreadable)
    assert (first.position, first.key, json.loads(first.raw)) == (1, key, paper)
    assert second.key == "b2"
    strange, fine = source.hits(body)
    assert (bool(strange.stamp), fine.stamp) == (True, second.digest)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[7]", b'{"total": "3"}', (DATA / "bad_fields.json").read_bytes()]
)
def test_what_is_no_answer(source, body):
    with pytest.raises(BadAnswer):
        source.hits(body)


def test_a_key_of_somebody_else_is_not_sent(source):
    with pytest.raises(Refused, match="NCT00000001"):
        list(source.fetch(["0018ce3db8f9957b520d6b7e0cec84abfa230e1c", "NCT00000001"]))


def test_operators_of_others_are_doubted(source):
    (said,) = source.check(Search("s", "semanticscholar", "parents AND infants"))
    assert '"AND" is no operator of Semantic Scholar' in said

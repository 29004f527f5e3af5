"""Everything a source can do wrong, against the whole program: whole set or loud failure, and it heals."""

from __future__ import annotations

import pytest
import server_corpus as corpus
import server_faults as faults
from reviews import contents, harvest, rows, told, write
from server import Server

INF = float("inf")


@pytest.fixture
def server():
    with Server(corpus.articles(40), corpus.created(40), corpus.studies(6)) as running:
        running.pubmed.match("the", corpus.articles(40))
        running.trials.match("trial", corpus.studies(6))
        yield running


@pytest.fixture
def review(tmp_path, server):
    return write(tmp_path / "review", server.pubmed_url, server.trials_url)


PLACES = {
    "esearch": faults.esearch, "efetch": faults.efetch, "listing": faults.listing, "fetching": faults.fetching,
}  # fmt: skip
FAULTS = {
    "429 without Retry-After": faults.too_many_requests(),
    "429 with seconds": faults.too_many_requests("0"),
    "429 with a date": faults.too_many_requests("Sun, 06 Nov 1994 08:49:37 GMT"),
    "500 with a page": faults.server_error,
    "a page with 200": faults.html_page,
    "an error with 200": faults.rate_limit_with_200,
    "empty": faults.empty,
    "truncated": faults.truncated,
    "cut short": faults.cut_short,
    "reset": faults.reset,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_by_itself_costs_nothing(review, server, place, fault):
    server.inject(FAULTS[fault], on=PLACES[place])
    outcome = told(review, "run")
    assert [s["matched"] for s in outcome["searches"]] == [40, 6]
    assert outcome["records"] == 46
    assert not list(harvest(review, "db", "verify").stdout)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_stays_stops_one_search_and_heals(review, server, place, fault):
    server.inject(FAULTS[fault], on=PLACES[place], times=INF)
    outcome = told(review, "run", code=3)
    failed = [s for s in outcome["searches"] if s["state"] == "failed"]
    assert len(failed) == 1
    assert failed[0]["failure"].count("\n") == 0
    whole = {"pubmed": 40, "register": 6}
    for search in outcome["searches"]:
        if search["state"] != "failed":
            assert search["new"] == whole[search["name"]]
    server.heal()
    again = told(review, "run")
    assert [s["matched"] for s in again["searches"]] == [40, 6]
    assert again["records"] == 46
    assert rows(review, "SELECT count(*) FROM sighting") == [(46,)]


@pytest.mark.parametrize(("place", "name"), [("esearch", "pubmed"), ("listing", "register")])
def test_a_count_that_does_not_fit_is_exit_4(review, server, place, name):
    server.inject(faults.counting(3), on=PLACES[place], times=INF)
    outcome = told(review, "run", code=4)
    failed = next(s for s in outcome["searches"] if s["state"] == "failed")
    assert failed["name"] == name
    server.heal()
    told(review, "run")


@pytest.mark.parametrize(
    ("place", "key", "name"), [("efetch", corpus.pmid(3), "pubmed"), ("fetching", corpus.nct(3), "register")]
)
def test_promised_and_not_delivered_is_told_by_name(review, server, place, key, name):
    server.inject(faults.without(key), on=PLACES[place], times=INF)
    outcome = told(review, "run", code=4)
    failed = next(s for s in outcome["searches"] if s["state"] == "failed")
    assert failed["missing"] == [key]
    assert key in failed["failure"]
    server.heal()
    assert told(review, "run")["records"] == 46


def test_missing_once_is_asked_again(review, server):
    server.inject(faults.without(corpus.pmid(3)), on=faults.efetch)
    assert told(review, "run")["records"] == 46


def test_a_wrong_key_is_one_sentence_without_the_key(review, server, monkeypatch):
    monkeypatch.setenv("NCBI_API_KEY", "very-secret-0123456789")
    invalid = '{"error":"API key invalid","api-key":"very-secret-0123456789","type":"api"}'
    server.inject(faults.refused(400, invalid), on=faults.esearch, times=INF)
    result = harvest(review, "run", code=3)
    assert "NCBI_API_KEY" in result.stderr
    assert "very-secret" not in result.stdout + result.stderr
    server.heal()
    harvest(review, "run")
    assert any(r.params.get("api_key") == "very-secret-0123456789" for r in server.requests)
    for path in review.rglob("*"):
        if path.is_file():
            assert b"very-secret" not in path.read_bytes()


def test_an_expired_token_begins_the_listing_again(tmp_path):
    with Server(studies=corpus.studies(1100)) as server:
        server.trials.match("trial", corpus.studies(1100))
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        server.inject(faults.expired_token, on=lambda asked: "pageToken" in asked.params)
        outcome = told(review, "run", "--only", "register")
        assert outcome["searches"][0]["new"] == 1100
        assert rows(review, "SELECT state FROM fetch ORDER BY id") == [("abandoned",), ("complete",)]


def test_no_network_is_one_sentence_and_what_was_stored_stays(review, server, tmp_path, monkeypatch):
    harvest(review, "run")
    before = contents(review)
    monkeypatch.setenv("HARVEST_PUBMED_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("HARVEST_CLINICALTRIALS_URL", "http://127.0.0.1:9/")
    result = harvest(review, "run", code=1)
    assert result.stderr.count("FAILED") == 2
    assert contents(review) == before


def test_a_dripping_answer_is_given_up(review, server, monkeypatch):
    monkeypatch.setenv("HARVEST_DEADLINE", "0.2")
    monkeypatch.setenv("HARVEST_ATTEMPTS", "1")
    server.inject(faults.drip(), on=faults.efetch, times=INF)
    assert "not complete" in harvest(review, "run", "--only", "pubmed", code=1).stderr


def test_nine_thousand_nine_hundred_ninety_nine_is_no_ceiling(tmp_path):
    number = 10_500
    template = corpus.articles(3)
    with Server(template, corpus.created(3)) as server:
        # Only the listing is looked at: the same three bodies stand for all.
        for position in range(number):
            server.pubmed.put(corpus.article(position), corpus.day(position))
        server.pubmed.match("the", [corpus.pmid(p) for p in range(number)])
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        outcome = told(review, "run", "--only", "pubmed", "--dry-run")
        assert outcome["searches"][0]["matched"] == number
        assert not outcome["searches"][0]["failure"]


def test_a_damaged_page_is_kept_and_not_passed(review, server):
    server.inject(faults.cut_short, on=faults.efetch, times=INF)
    told(review, "run", code=3)
    assert rows(review, "SELECT count(*) FROM page WHERE kind = 'unreadable'") == [(1,)]
    server.heal()
    assert told(review, "run")["records"] == 46

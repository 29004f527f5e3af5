"""Every fault the local test server can be told to have, seen from outside."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from threading import Event

import pytest
import requests
import server_corpus as corpus
import server_faults as faults
from server import Server


@pytest.fixture
def server():
    with Server(corpus.articles(30), corpus.created(30), corpus.studies(25)) as server:
        yield server


def get(url, **params):
    return requests.get(url, params=params, timeout=5)


def efetch(server, pmids):
    answer = get(server.pubmed_url + "/efetch.fcgi", id=",".join(pmids), retmode="xml")
    return [node.text for node in ET.fromstring(answer.content).findall("PubmedArticle/MedlineCitation/PMID")]


def keys(answer):
    return [study["protocolSection"]["identificationModule"]["nctId"] for study in answer.json()["studies"]]


def listing(server, **params):
    return get(server.trials_url + "/studies", countTotal="true", **params)


def searching(server, **params):
    return get(server.pubmed_url + "/esearch.fcgi", term="yoga", **params)


def test_a_fault_strikes_the_requests_it_is_meant_for_and_no_others(server):
    server.inject(faults.server_error, on=faults.listing, nth=2, times=2)
    codes = [listing(server).status_code for _ in range(5)]
    assert codes == [200, 500, 500, 200, 200]
    server.inject(faults.empty, on=faults.efetch, times=float("inf"))
    assert searching(server).content
    assert not get(server.pubmed_url + "/efetch.fcgi", id="1", retmode="xml").content
    server.heal()
    assert get(server.pubmed_url + "/efetch.fcgi", id="1", retmode="xml").content


@pytest.mark.parametrize(
    ("path", "params", "on"),
    [
        ("/entrez/eutils/esearch.fcgi", {"term": "yoga"}, faults.esearch),
        ("/entrez/eutils/efetch.fcgi", {"id": "1"}, faults.efetch),
        ("/api/v2/studies", {}, faults.studies),
        ("/api/v2/studies", {}, faults.listing),
        ("/api/v2/studies", {"filter.ids": "NCT00000001"}, faults.fetching),
    ],
)
def test_predicates_tell_requests_apart(server, path, params, on):
    get(server.url + path, **params)
    assert on(server.requests[0])
    assert faults.listing(server.requests[0]) != faults.fetching(server.requests[0]) or "/api/" not in path


@pytest.mark.parametrize("after", [None, "2", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_429_says_when_to_come_back_or_not(server, after):
    server.inject(faults.too_many_requests(after))
    answer = searching(server)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, after)
    assert answer.json()["error"] == "API rate limit exceeded"


def test_refusals_and_answers_that_only_look_good(server):
    for fault in (
        faults.refused(403, "No."),
        faults.expired_token,
        faults.html_page,
        faults.rate_limit_with_200,
    ):
        server.inject(fault, nth=1)
    # each fault counts requests from when it was injected, so all four strike the first; the last one wins
    assert searching(server).json()["error"] == "API rate limit exceeded"
    server.inject(faults.refused(403, "No."))
    answer = searching(server)
    assert (answer.status_code, answer.text) == (403, "No.")
    server.inject(faults.expired_token)
    assert listing(server).status_code == 400
    server.inject(faults.html_page)
    assert searching(server).text.startswith("<!DOCTYPE html>")
    server.inject(faults.esearch_error)
    assert "<ERROR>" in searching(server).text


def test_counts_that_are_too_large(server):
    server.inject(faults.counting(3), times=3)
    server.pubmed.match("yoga", server.pubmed.pmids)
    assert ET.fromstring(searching(server).content).findtext("Count") == "33"
    assert searching(server, retmode="json").json()["esearchresult"]["count"] == "33"
    assert listing(server).json()["totalCount"] == 28


def test_records_that_do_not_come(server):
    lost = corpus.pmid(2)
    server.inject(faults.without(lost, corpus.nct(24)), times=2)
    assert efetch(server, [corpus.pmid(n) for n in (1, 2, 3)]) == [corpus.pmid(1), corpus.pmid(3)]
    assert keys(listing(server, pageSize="2")) == [corpus.nct(23)]
    assert lost in efetch(server, [lost])


def test_a_body_that_breaks_off(server):
    server.inject(faults.truncated)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        listing(server)
    server.inject(faults.cut_short)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        listing(server).json()


def test_a_connection_that_breaks(server):
    server.inject(faults.reset)
    with pytest.raises(requests.exceptions.ConnectionError, match="reset"):
        listing(server)


def test_a_dripping_body_never_ends_by_itself(server):
    server.inject(faults.drip(0.001))
    with requests.get(server.trials_url + "/studies", stream=True, timeout=5) as answer:
        came = answer.raw.read(3)
    assert came == b'{"s'


def test_closing_the_server_ends_the_drip():
    with Server(corpus.articles(1)) as server:
        server.inject(faults.drip(3600.0))
        answer = requests.get(
            server.pubmed_url + "/esearch.fcgi", params={"term": "yoga"}, stream=True, timeout=5
        )
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content


@pytest.mark.parametrize("after", [False, True])
def test_a_process_can_be_killed_around_a_reply(server, after):
    code = "import sys, urllib.request as u; print(len(u.urlopen(sys.argv[1]).read()), flush=True); input()"
    asking = [sys.executable, "-c", code, server.trials_url + "/version"]
    victims: list[int] = []
    server.inject(faults.kill(lambda: victims[0], after=after))
    with subprocess.Popen(
        asking, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as victim:
        victims.append(victim.pid)
        assert victim.wait(20) == -9
    assert len(server.requests) == 1


def test_the_world_may_change_right_before_and_right_after_an_answer(server):
    rebuilt = Event()

    def rebuild():
        server.trials.rebuild()
        rebuilt.set()

    server.inject(faults.call(lambda: server.trials.remove(corpus.nct(24))))
    server.inject(faults.call(rebuild, after=True), nth=2)
    assert corpus.nct(24) in keys(listing(server))  # the answer was made before
    token = listing(server, pageSize="1").json()["nextPageToken"]
    assert rebuilt.wait(20)
    assert listing(server, pageSize="1", pageToken=token).status_code == 400

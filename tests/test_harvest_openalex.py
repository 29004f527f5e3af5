"""OpenAlex: whole listings or loud failures, a key and a budget, and what a work says."""

import json
from pathlib import Path

import pytest
import server_faults as faults
import server_openalex
from hypothesis import given, settings
from hypothesis import strategies as st
from server import Server
from server_wire import HTML, JSON, Reply

from db.errors import BadAnswer, CountMismatch, Refused, TokenExpired, Unreachable
from db.record import Author, Grant, Heading, Identifier, Record, Unreadable
from harvest.project.environment import source_settings
from harvest.project.settings import ReviewFile
from harvest.source import LISTED, Hit, Search
from harvest.sources import openalex, openalex_json
from harvest.sources.openalex import OpenAlex
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "openalex"
SEARCH = Search("open", "openalex", "a OR b")
WORKS = (DATA / "works.json").read_bytes()
KEY = server_openalex.KEY


@pytest.fixture
def server():
    with Server() as server:
        server.index = server_openalex.OpenAlex()
        server.address = server.mount(server_openalex.PATH, server.index.answer)
        for position in range(25):
            server.index.put(server_openalex.work(position))
        server.index.match("a OR b", server.index.keys)
        yield server


def asking(server, **settings: str) -> OpenAlex:
    patience = Patience(timeout=5, deadline=5, attempts=2, backoff=0)
    return OpenAlex(Transport(patience), {"url": server.address, "requests_per_second": "10000", **settings})


@pytest.fixture
def source(server, monkeypatch):
    monkeypatch.setattr(openalex, "PAGE", 10)
    monkeypatch.setattr(openalex, "BATCH", 4)
    return asking(server, api_key=KEY)


def listed(source, pages):
    return [hit.key for page in pages for hit in source.hits(page.body)]


# -- the key and the budget --------------------------------------------------------------------------


def test_without_a_key_one_sentence_says_what_to_do_and_nobody_is_asked(server):
    source = asking(server)
    for asked in (source.list(SEARCH), source.fetch(["W70000001"])):
        with pytest.raises(Refused, match=r"An API key of your own is needed .*: set OPENALEX_API_KEY"):
            list(asked)
    assert server.requests == []
    assert source.check(SEARCH) == [openalex._NO_KEY]


def test_the_key_is_read_from_the_environment():
    environ = {"OPENALEX_API_KEY": "k3y"}
    assert source_settings(ReviewFile(), "openalex", environ)["api_key"] == "k3y"


def test_a_key_that_is_not_accepted_is_told(server):
    with pytest.raises(
        Refused, match=r"answered 401 \(An API key is required\.\): check the key in OPENALEX_API_KEY"
    ):
        list(asking(server, api_key="wrong").list(SEARCH))


def test_a_spent_budget_says_when_it_is_filled_again(server, source):
    server.inject(faults.too_many_requests(), times=9)
    with pytest.raises(Unreachable, match="answers again from 00:00 UTC on"):
        list(source.list(SEARCH))


def test_another_outage_says_nothing_of_budgets(server, source):
    server.inject(faults.server_error, times=9)
    with pytest.raises(Unreachable) as caught:
        list(source.list(SEARCH))
    assert "UTC" not in str(caught.value)


def test_what_a_listing_cost_is_told_with_its_last_page(source):
    pages = list(source.list(SEARCH))
    assert [page.warnings for page in pages[:-1]] == [(), ()]
    assert pages[-1].warnings == ("This listing cost 0.0030 US dollars of the day's budget of your key.",)


# -- listing -----------------------------------------------------------------------------------------


def test_a_listing_goes_on_by_cursor_and_tells_how_the_question_was_read(server, source):
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.index.keys
    assert server.requests[0].params["cursor"] == "*"
    assert server.requests[0].params["select"] == "id,updated_date"
    assert pages[0].translation == "works where text has (a OR b)"
    assert [page.promised for page in pages] == [25, 25, 25]
    assert pages[-1].cursor == LISTED
    assert source.hits(pages[0].body)[0] == Hit("W70000001", "2015-01")


def test_a_filter_stands_beside_the_search_or_alone(server, source):
    source.count(Search("s", "openalex", "a OR b", options={"filter": "type:article"}))
    source.count(Search("s", "openalex", "", options={"filter": "type:article"}))
    assert [("search" in asked.params, asked.params["filter"]) for asked in server.requests] == [
        (True, "type:article"), (False, "type:article"),
    ]  # fmt: skip


@pytest.mark.parametrize(("query", "options"), [("", {}), ("a OR b", {"sort": "cited_by_count"})])
def test_what_cannot_be_asked_is_refused_before_it_costs_anything(server, source, query, options):
    with pytest.raises(Refused, match="openalex: "):
        list(source.list(Search("s", "openalex", query, options=options)))
    assert server.requests == []


def test_a_question_that_openalex_refuses_is_told_in_its_words(source):
    search = Search("s", "openalex", "a OR b", options={"filter": "author_name:x"})
    with pytest.raises(Refused, match="refused the question with 400: author_name:x is not a valid filter"):
        list(source.list(search))


def test_a_place_that_openalex_has_forgotten_is_listed_again(server, source):
    first = next(source.list(SEARCH))
    server.inject(faults.refused(400, '{"error": "Invalid cursor"}'), times=9)
    with pytest.raises(TokenExpired, match=r"no longer knows the place .*Invalid cursor"):
        list(source.list(SEARCH, first.cursor))


def test_another_refusal_within_a_listing_is_no_lost_place(server, source):
    first = next(source.list(SEARCH))
    server.inject(faults.refused(404, "no JSON"), times=9)
    with pytest.raises(Refused, match="refused the question with 404: no JSON"):
        list(source.list(SEARCH, first.cursor))


@pytest.mark.parametrize(("resumed", "error"), [(False, CountMismatch), (True, TokenExpired)])
def test_a_listing_that_does_not_add_up_is_a_mismatch_and_after_a_cut_a_lost_place(
    server, source, resumed, error
):
    going = source.list(SEARCH)
    first = next(going)
    server.index.remove(*server.index.keys[:3])
    with pytest.raises(error, match="22"):
        list(source.list(SEARCH, first.cursor) if resumed else going)


# -- records -----------------------------------------------------------------------------------------


def test_works_are_fetched_by_number(server, source):
    list(source.fetch(server.index.keys[:2]))
    assert server.requests[0].params["filter"] == "ids.openalex:W70000001|W70000002"
    with pytest.raises(Refused, match=r"'10\.5555/x' is no number of a work"):
        list(source.fetch(["10.5555/x"]))


# -- when it goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Reply(b"<html>", HTML), "a web page came instead of works"),
        (Reply(b"", JSON), "something else came"),
        (Reply(b"[]", JSON), "should be a JSON object"),
        (Reply(b'{"meta": {"count": 3}}', JSON), "lists nothing"),
        (Reply(b'{"meta": {}, "results": []}', JSON), "does not say how many match"),
        (Reply(b'{"meta": {"count": "3"}, "results": []}', JSON), "`count` should be a whole number"),
        (
            Reply(b'{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/A1"}]}', JSON),
            "without its number",
        ),
    ],
)
def test_an_answer_that_is_none_is_told_and_never_nothing(server, source, answer, sentence):
    server.inject(lambda asked, reply: answer, times=9)
    with pytest.raises(BadAnswer, match=sentence):
        list(source.list(SEARCH))


def test_the_same_page_again_and_again_ends(server, source):
    page = b'{"meta": {"count": 2, "next_cursor": "x"}, "results": [{"id": "https://openalex.org/W1"}]}'
    server.inject(lambda asked, reply: Reply(page, JSON), times=99)
    pages = list(source.list(SEARCH))
    assert len(pages) == 2


# -- search strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("depress* AND mother", "wildcard"),
        ("what helps?", "wildcard"),
        ("depression[tiab]", "field tag of PubMed"),
        ("depression.tw.", "field of Ovid"),
        ("depression and mother", "in capitals"),
        ("", "The search is empty"),
    ],
)
def test_a_doubtful_search_string_is_told(query, doubt):
    (sentence,) = OpenAlex(Transport(), {"api_key": "k"}).check(Search("s", "openalex", query))
    assert doubt in sentence


def test_an_unknown_option_is_told():
    (sentence,) = OpenAlex(Transport(), {"api_key": "k"}).check(
        Search("s", "openalex", "a", options={"sort": "x"})
    )
    assert "sort is no option" in sentence


# -- reading -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two():
    return tuple(openalex_json.read(WORKS))


def test_a_work_becomes_a_record(two):
    work, _ = two
    assert (work.key, work.kind, work.year, work.date) == ("W2741809807", "article", 2018, "2018-02-13")
    assert work.abstract_text.startswith(
        "Despite growing interest in Open Access (OA) to scholarly literature, there"
    )
    assert work.abstract_text.endswith("address this need using")
    assert (work.journal, work.issns, work.publisher) == ("PeerJ", ("2167-8359",), "PeerJ, Inc.")
    assert (work.volume, work.issue, work.pages) == ("6", "", "e4375")
    assert work.identifiers == (
        Identifier("openalex", "W2741809807"),
        Identifier("doi", "10.7717/peerj.4375", "article"),
        Identifier("pmid", "29456894", "article"),
        Identifier("pmcid", "PMC5815332", "article"),
    )
    assert work.authors == (
        Author(
            "Heather Piwowar", orcid="0000-0003-1613-5981", affiliations=("Impactstory, Sanford, NC, USA",)
        ),
        Author("Priem", "Jason"),
    )
    assert work.headings == (
        Heading("Publishing", "D011642", qualifiers=("methods", "trends*")),
        Heading("Humans", "D006801"),
    )
    assert work.grants == (Grant("1247675", "National Science Foundation"),)
    assert work.extra == {
        "type_crossref": ("journal-article",),
        "license": ("cc-by",),
        "mag": ("2741809807",),
    }
    assert Record.from_json(work.to_json()) == work


def test_a_count_of_citations_that_grows_changes_no_record(two):
    later = json.loads(WORKS)
    later["results"][0] |= {"cited_by_count": 9999, "updated_date": "2026-10-31T23:00:00"}
    first, *_ = openalex_json.read(json.dumps(later).encode())
    assert first == two[0]
    assert first.dates["revised"] == "2026-10"


def test_a_retraction_is_a_publication_type(two):
    assert two[1].publication_types == ("article", "Retracted Publication")
    assert two[1].abstract == ()
    assert two[0].publication_types == ("article",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("abstract_inverted_index", {"word": [10**12]}),
        ("abstract_inverted_index", {"word": "0"}),
        ("publication_year", "2018"),
        ("authorships", {"a": 1}),
        ("is_retracted", "no"),
    ],
)
def test_a_work_with_a_field_of_another_shape_is_kept_as_it_came_and_the_next_is_read(field, value):
    answer = json.loads(WORKS)
    answer["results"][0][field] = value
    first, second = openalex_json.read(json.dumps(answer).encode())
    assert isinstance(first, Unreadable)
    assert first.key == "W2741809807"
    assert second.key == "W1977709885"


words = st.lists(st.text("abcdeé,.()", min_size=1, max_size=6), max_size=60)


@given(words)
def test_a_text_comes_back_from_its_inverted_index(text):
    index: dict[str, list[int]] = {}
    for at, word in enumerate(text):
        index.setdefault(word, []).append(at)
    assert openalex_json.text_of(index) == " ".join(text)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_value_of_another_type_anywhere_spoils_no_more_than_its_work(data):
    answer = json.loads(WORKS)
    places = [(answer["results"][0], name) for name in answer["results"][0] if name != "id"]
    for node, name in places:
        if isinstance(node[name], dict) and name != "abstract_inverted_index":
            places += [(node[name], key) for key in node[name]]
    node, name = data.draw(st.sampled_from(places))
    node[name] = data.draw(st.sampled_from([None, 1, "x", [], {}, [1], {"a": 1}, True, [{}], "\ud800"]))
    first, second = openalex_json.read(json.dumps(answer).encode())
    assert first.key == "W2741809807"
    assert isinstance(second, Record)

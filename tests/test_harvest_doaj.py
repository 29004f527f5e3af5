"""DOAJ: whole listings or loud failures, and what an article says."""

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
import server_doaj
import server_faults as faults
from direct import Direct
from hypothesis import given, settings
from hypothesis import strategies as st
from server import Server
from server_wire import HTML, JSON, Reply

from db.errors import BadAnswer, CountMismatch, Miscounted, Refused, SearchError, TokenExpired, Unreachable
from db.record import Author, Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Search
from harvest.sources import doaj, doaj_json
from harvest.sources.doaj import Doaj
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "doaj"
SEARCH = Search("open", "doaj", "a OR b")
ANSWER = (DATA / "search.json").read_bytes()


@pytest.fixture
def server():
    with Server() as server:
        server.directory = server_doaj.Doaj()
        server.address = server.mount(server_doaj.PATH, server.directory.answer)
        for position in range(25):
            server.directory.put(server_doaj.article(position))
        server.directory.match("a OR b", server.directory.keys)
        yield server


@pytest.fixture
def source(server, monkeypatch):
    monkeypatch.setattr(doaj, "PAGE", 4)
    monkeypatch.setattr(doaj, "CEILING", 10)
    monkeypatch.setattr(doaj, "BATCH", 4)
    patience = Patience(timeout=5, deadline=5, attempts=2, backoff=0)
    return Doaj(Transport(patience), {"url": server.address, "requests_per_second": "10000"})


def listed(source, pages):
    return [hit.key for page in pages if page.counts for hit in source.hits(page.body)]


def queries(server):
    return [unquote(asked.path.partition("/search/articles/")[2]) for asked in server.requests]


# -- listing -----------------------------------------------------------------------------------------


def test_what_can_be_listed_is_listed_without_cutting(server, source):
    server.directory.remove(*server.directory.keys[9:])
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.directory.keys
    assert set(queries(server)) == {"a OR b"}
    assert [asked.params["page"] for asked in server.requests[1:]] == ["1", "2", "3"]
    assert pages[0].translation == "a OR b"
    assert source.hits(pages[1].body)[0] == Hit(server.directory.keys[0], "2015-01-01T03:24:44Z")


def test_a_long_listing_is_cut_into_days(server, source):
    pages = list(source.list(SEARCH))
    assert sorted(listed(source, pages)) == sorted(server.directory.keys)
    assert queries(server)[1] == "(a OR b) AND created_date:[2000-01-01 TO 2049-12-31}"
    assert pages[-1].cursor == LISTED


def test_a_day_that_holds_too_much_cannot_be_listed_and_that_is_said(server, source):
    for position in range(40, 52):
        late = server_doaj.article(position)
        server.directory.put(late | {"created_date": "2024-03-01T00:00:00Z"})
    server.directory.match("a OR b", server.directory.keys)
    with pytest.raises(
        SearchError, match="12 articles that match were added on 2024-03-01, and DOAJ lists 10 at most"
    ):
        list(source.list(SEARCH))


def test_an_index_that_moves_within_a_part_is_listed_again(server, source):
    going = source.list(SEARCH)
    first = next(page for page in going if page.counts)
    server.directory.remove(*[hit.key for hit in source.hits(first.body)][:1])
    with pytest.raises(TokenExpired, match="did a moment ago"):
        list(going)


@pytest.mark.parametrize(("resumed", "error"), [(False, CountMismatch), (True, TokenExpired)])
def test_parts_that_do_not_add_up_are_a_mismatch_and_after_a_cut_a_lost_place(server, source, resumed, error):
    going = source.list(SEARCH)
    first, part = next(going), next(going)
    gone = source.hits(part.body)[0].key
    pages = [part]
    while json.loads(pages[-1].cursor)["page"] != 1:
        pages.append(next(going))
    server.directory.remove(gone)
    with pytest.raises(error, match="hold 25 articles together, but DOAJ says that 24 match"):
        list(source.list(SEARCH, pages[-1].cursor) if resumed else going)
    assert first.promised == 25


def test_a_total_that_was_too_low_at_first_is_settled_at_the_end(server, source):
    def fewer(asked, reply):
        return Reply(json.dumps(json.loads(reply.body) | {"total": 11}).encode(), JSON)

    server.inject(fewer)
    pages = list(source.list(SEARCH))
    assert sorted(listed(source, pages)) == sorted(server.directory.keys)
    assert (pages[0].promised, pages[-1].promised, pages[-1].cursor) == (11, 25, LISTED)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20_000), max_size=60), st.data())
def test_whenever_articles_were_added_a_listing_names_each_once_also_in_two_goes(days, data):
    directory = server_doaj.Doaj()
    for position, day in enumerate(days):
        added = f"{2001 + day // 372}-{day // 31 % 12 + 1:02}-{day % 28 + 1:02}T00:00:00Z"
        directory.put(server_doaj.article(position) | {"created_date": added})
    directory.match("a OR b", directory.keys)
    source = Doaj(Direct(directory.answer), {"url": f"http://here{server_doaj.PATH}"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doaj, "PAGE", 3)
        patch.setattr(doaj, "CEILING", 60 if len(set(days)) < len(days) else 7)
        pages = list(source.list(SEARCH))
        cut = data.draw(st.integers(1, len(pages)))
        rest = list(source.list(SEARCH, pages[cut - 1].cursor))
    assert sorted(listed(source, pages)) == sorted(directory.keys)
    assert sorted(listed(source, pages[:cut] + rest)) == sorted(directory.keys)


# -- records -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("finds_ids", [True, False])
def test_articles_are_fetched_together_or_else_one_by_one(server, source, finds_ids):
    server.directory.finds_ids = finds_ids
    wanted = server.directory.keys[:3]
    server.directory.remove(wanted[1])
    pages = list(source.fetch(wanted))
    assert sorted(record.key for page in pages for record in source.records(page.body)) == sorted(
        [wanted[0], wanted[2]]
    )
    assert {key for page in pages for key in page.missing} == {wanted[1]}
    with pytest.raises(Refused, match=r"'10\.5555/x' is no id"):
        list(source.fetch(["10.5555/x"]))


# -- when it goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Reply(b"<html>", HTML), "a web page came instead of articles"),
        (Reply(b"", JSON), "an empty answer came"),
        (Reply(b"[]", JSON), "should be a JSON object"),
        (Reply(b'{"total": 3}', JSON), "does not say how many match"),
        (Reply(b'{"total": "3", "results": []}', JSON), "`total` should be a whole number"),
        (Reply(b'{"total": 1, "results": [{"bibjson": {}}]}', JSON), "without its id"),
    ],
)
def test_an_answer_that_is_none_is_told_and_never_nothing(server, source, answer, sentence):
    server.inject(lambda asked, reply: answer, times=9)
    with pytest.raises(BadAnswer, match=sentence):
        list(source.list(SEARCH))


def test_a_page_that_holds_less_than_it_must_is_a_mismatch(server, source):
    def lose(asked, reply):
        answer = json.loads(reply.body)
        return Reply(json.dumps(answer | {"results": answer["results"][1:]}).encode(), JSON)

    server.inject(lose, on=lambda asked: "sort" in asked.params, times=9)
    with pytest.raises(Miscounted, match=r"a page holds [0-9] articles and not [0-9]"):
        list(source.list(SEARCH))


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.refused(400, '{"status": "bad_request", "error": "Query contains disallowed Lucene features (ref: 2)"}'),
         r"refused the question with 400: Query contains .* It takes no wildcards"),
        (faults.refused(400, "no JSON"), "refused the question with 400: no JSON"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_words_of_doaj(server, source, fault, sentence):
    server.inject(fault, times=9)
    with pytest.raises(Refused, match=sentence):
        list(source.list(SEARCH))


def test_the_server_refuses_wildcards_as_doaj_does(source):
    with pytest.raises(Refused, match="disallowed Lucene features"):
        list(source.list(Search("s", "doaj", "depress*")))


def test_a_storm_of_429_ends_in_a_sentence(server, source):
    server.inject(faults.too_many_requests(), times=9)
    with pytest.raises(Unreachable, match=r"doaj: .* answered 429"):
        list(source.list(SEARCH))


# -- search strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("depress* AND mother", '"depress*" is a wildcard'),
        ("what helps?", "wildcard"),
        ('"hip pain"~3', "fuzzy or proximity"),
        ("depression[tiab]", "field tag of PubMed"),
        ("depression.tw.", "field of Ovid"),
        ("depression and mother", "in capitals"),
        (" OR ".join(["depression"] * 300), "more than 4,000 characters"),
        (" ", "The search string is empty."),
    ],
)
def test_a_doubtful_search_string_is_told(query, doubt):
    (sentence,) = Doaj(Transport(), {}).check(Search("s", "doaj", query))
    assert doubt in sentence


# -- reading -----------------------------------------------------------------------------------------


def test_an_article_becomes_a_record():
    (article,) = doaj_json.read(ANSWER)
    assert (article.key, article.kind) == ("b6810d1e6072415f92f9ef25cdb67524", "article")
    assert (article.year, article.date) == (2025, "2025")
    assert (article.journal, article.volume, article.issue, article.pages) == (
        "PLoS ONE",
        "20",
        "6",
        "e0326790",
    )
    assert (article.issns, article.languages) == (("1932-6203",), ("EN",))
    assert article.authors == (Author("Gregory Vallée"), Author("David Xi"))
    assert article.identifiers == (
        Identifier("doaj", "b6810d1e6072415f92f9ef25cdb67524"),
        Identifier("doi", "10.1371/journal.pone.0326790", "article"),
    )
    assert article.dates == {"created": "2025-06-27", "revised": "2025-08-20T03:24:44Z"}
    assert article.extra == {"journal.country": ("US",), "subject": ("Medicine", "Science")}
    assert Record.from_json(article.to_json()) == article


@pytest.mark.parametrize(
    ("year", "month", "date"),
    [
        ("2025", "0", "2025"),
        ("2025", "6", "2025-06"),
        ("2025", "13", "2025"),
        ("2025", "June", "2025"),
        ("", "6", ""),
    ],
)
def test_a_month_is_a_text_and_may_be_none(year, month, date):
    answer = json.loads(ANSWER)
    answer["results"][0]["bibjson"] |= {"year": year, "month": month}
    (article,) = doaj_json.read(json.dumps(answer).encode())
    assert article.date == date


def test_one_article_by_itself_is_read_the_same():
    alone = json.dumps(json.loads(ANSWER)["results"][0]).encode()
    assert list(doaj_json.read(alone)) == list(doaj_json.read(ANSWER))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_value_of_another_type_anywhere_spoils_no_more_than_its_article(data):
    answer = json.loads(ANSWER)
    answer["results"].append(json.loads(ANSWER)["results"][0] | {"id": "0" * 32})
    first = answer["results"][0]
    places = [(first, name) for name in first if name != "id"]
    places += [(first["bibjson"], name) for name in first["bibjson"]]
    places += [(first["bibjson"]["journal"], name) for name in first["bibjson"]["journal"]]
    node, name = data.draw(st.sampled_from(places))
    node[name] = data.draw(st.sampled_from([None, 1, "x", [], {}, [1], {"a": 1}, True, [{}]]))
    found, other = doaj_json.read(json.dumps(answer).encode())
    assert found.key == "b6810d1e6072415f92f9ef25cdb67524"
    assert isinstance(found, Record | Unreadable)
    assert isinstance(other, Record)

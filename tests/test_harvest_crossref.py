"""Asking Crossref and reading what it says: real answers, and a server that speaks as it does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import server_crossref as other_side
from server import Server
from server_crossref import DATA, Crossref
from wire import FakeClock

from db.errors import BadAnswer, CountMismatch, Refused, TokenExpired, Unreachable, WrongUse
from db.record import Author, Grant, Identifier, Record, Relation, Section, Unreadable
from harvest.source import LISTED, Search
from harvest.sources import crossref, crossref_json
from harvest.transport import Patience, Transport

SEARCH = Search("main", "crossref", "parents")


@pytest.fixture
def there():
    here = Crossref()
    for position in range(25):
        here.put(other_side.work(position))
    here.match("parents", here.keys)
    return here


@pytest.fixture
def server(there):
    with Server() as running:
        running.mount(other_side.PATH, there.answer)
        yield running


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def source(server, clock, monkeypatch):
    monkeypatch.setattr(crossref, "PAGE", 10)
    settings = {"url": server.url + other_side.PATH, "requests_per_second": "10000"}
    return crossref.Crossref(Transport(Patience(attempts=2, backoff=0), clock), settings)


@pytest.fixture
def records():
    return {record.key: record for record in crossref_json.read((DATA / "works.json").read_bytes())}


def one(**fields: object) -> Record:
    body = {"status": "ok", "message-type": "work", "message": {"DOI": "10.5555/A", **fields}}
    (record,) = crossref_json.read(json.dumps(body).encode())
    assert isinstance(record, Record)
    return record


# -- asking ------------------------------------------------------------------------------------------


def test_a_listing_ends_when_everything_promised_is_listed(source, server):
    pages = list(source.list(SEARCH))
    assert [asked.params["cursor"] for asked in server.requests] == ["*", "AoJ10", "AoJ20"]
    assert {asked.params["select"] for asked in server.requests} == {"DOI"}
    assert (pages[-1].cursor, pages[-1].promised, pages[-1].translation) == (LISTED, 25, "parents")


def test_options_narrow_the_search_and_are_sent_as_they_stand(source, server):
    narrow = replace(SEARCH, options={"filter": "until-created-date:2020-01-01", "query.title": "infants"})
    list(source.list(narrow, since="2024-03-10"))
    first, last = server.requests[0].params, server.requests[-1].params
    assert (first["query.title"], first["filter"]) == ("infants", "until-created-date:2020-01-01")
    assert last["filter"] == "until-created-date:2020-01-01,from-index-date:2024-03-07"


def test_what_crossref_held_on_a_day_is_what_was_registered_by_then(source, server):
    then = source.as_of(replace(SEARCH, options={"filter": "doi:10.5555/cr.3"}), "2020-01-01")
    assert then.options == {"filter": "doi:10.5555/cr.3,until-created-date:2020-01-01"}
    assert source.naming(Identifier("doi", "10.5555/cr.3")) is None


def test_a_cursor_that_crossref_has_forgotten_is_not_sent(source, server, clock):
    first, *_ = source.list(SEARCH)
    asked = len(server.requests)
    clock.sleep(timedelta(minutes=4, seconds=1).total_seconds())
    with pytest.raises(TokenExpired, match="after five minutes"):
        list(source.list(SEARCH, first.cursor))
    assert len(server.requests) == asked


def test_a_cursor_that_is_forgotten_all_the_same(source, there):
    first, *_ = source.list(SEARCH)
    there.forgotten.add("AoJ10")
    with pytest.raises(TokenExpired, match="no longer knows the place"):
        list(source.list(SEARCH, first.cursor))


def test_a_java_stack_is_no_answer(source, server, clock):
    stack = (DATA / "bad_cursor.json").read_bytes()
    server.inject(lambda asked, reply: replace(reply, body=stack, status=500), times=99)
    with pytest.raises(Unreachable, match="it answered 500"):
        list(source.list(SEARCH))


def test_a_search_that_means_everything_is_refused(source, monkeypatch):
    monkeypatch.setattr(crossref, "MOST", 20)
    with pytest.raises(Refused, match="25 works hold any of the words"):
        list(source.list(SEARCH))
    assert len(list(source.list(replace(SEARCH, options={"most": "30"})))) == 3
    with pytest.raises(WrongUse, match="write a number"):
        list(source.list(replace(SEARCH, options={"most": "many"})))
    with pytest.raises(Refused, match="would match every work"):
        source.count(replace(SEARCH, query=" "))


def test_more_than_was_said_is_no_listing(source, server):
    def fewer(asked, reply):
        return replace(reply, body=reply.body.replace(b'"total-results": 25', b'"total-results": 9'))

    server.inject(fewer)
    with pytest.raises(CountMismatch, match="9 are said to match, but 10 are listed"):
        list(source.list(SEARCH))


def test_a_mistake_is_told_in_the_words_of_crossref(source, server):
    wrong = replace(SEARCH, options={"filter": "kind:article"})
    with pytest.raises(Refused, match="Filter kind specified but there is no such filter"):
        list(source.list(wrong))
    assert len(server.requests) == 1
    said = crossref_json.mistakes((DATA / "validation_failure.json").read_bytes())
    assert said.startswith("Integer specified as 200")
    assert crossref_json.mistakes(b"Resource not found.") == ""


def test_a_question_that_was_run_differently_is_told(source, server):
    server.inject(lambda asked, reply: replace(reply, body=reply.body.replace(b'"parents"', b'"parent"')))
    assert source.count(SEARCH).warnings == ("Crossref ran another question than it was sent: parent",)


def test_the_pace_is_what_crossref_allows(source, there, clock):
    there.limit = "2"
    list(source.list(SEARCH))
    assert max(clock.slept) == pytest.approx(0.5)


def test_an_address_opens_the_faster_pool(server):
    settings = {"url": server.url + other_side.PATH}
    polite = crossref.Crossref(Transport(), settings | {"email": "ana@example.org"})
    assert polite._pace.interval < crossref.Crossref(Transport(), settings)._pace.interval


def test_a_doi_that_a_filter_would_take_apart_is_asked_for_by_itself(source, server, there):
    wiley = "10.1002/1097-0355(199023)11:3<278::aid-imhj2280110309>3.0.co;2-h"
    comma, gone = "10.5555/a,b", "10.5555/gone,c"
    for doi in (wiley, comma):
        there.put(other_side.work(40, doi=doi))
    pages = list(source.fetch([wiley, "10.5555/cr.1", comma, gone, "10.5555/lost"]))
    came = [record.key for page in pages for record in source.records(page.body)]
    assert sorted(came) == sorted([wiley, "10.5555/cr.1", comma])
    assert [key for page in pages for key in page.missing] == ["10.5555/lost", gone]
    assert pages[-1].body == b"Resource not found."
    assert [asked.params.get("filter", asked.path.split("/")[-1]) for asked in server.requests] == [
        "doi:10.5555/cr.1,doi:10.5555/lost",
        "doi:10.5555/lost",
        "10.1002%2F1097-0355%28199023%2911%3A3%3C278%3A%3Aaid-imhj2280110309%3E3.0.co%3B2-h",
        "10.5555%2Fa%2Cb",
        "10.5555%2Fgone%2Cc",
    ]


def test_a_wrong_address_is_no_missing_doi(source, server):
    server.inject(lambda asked, reply: replace(reply, body=b"<h1>Not here</h1>", status=404), times=99)
    with pytest.raises(Refused, match="404: Not here"):
        list(source.fetch(["10.5555/a,b"]))


def test_a_key_of_somebody_else_is_not_sent(source, server):
    with pytest.raises(Refused, match="'MED:1' is no DOI"):
        list(source.fetch(["10.5555/cr.1", "MED:1"]))
    assert server.requests == []


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("parents AND infants", '"AND" is no operator of Crossref'),
        ('"video feedback"', "Quotation marks mean nothing"),
        ("parent* infants", '"parent*" is not truncated'),
        ("parents[tiab]", '"[tiab]" is a field tag of PubMed'),
        ("parents.ti,ab.", '".ti,ab." is a field of Ovid'),
        ("(parents)", "Brackets mean nothing"),
    ],
)
def test_what_crossref_takes_for_words_is_doubted(source, query, doubt):
    assert any(doubt in said for said in source.check(replace(SEARCH, query=query)))
    other = replace(SEARCH, options={"query.title": query, "fields": "x"})
    assert source.check(other)[-1] == '"fields" is no option of Crossref.'
    assert any(doubt in said for said in source.check(other))


# -- reading -----------------------------------------------------------------------------------------


def test_real_works_are_read_whole(records):
    assert len(records) == 8
    paper = records["10.2196/22081"]
    assert (paper.kind, paper.year, paper.date, paper.pages) == ("article", 2020, "2020-11-26", "e22081")
    assert [part.label for part in paper.abstract] == ["Background", "Objective"]
    assert paper.abstract[0].text.startswith("The COVID-19 crisis has drastically changed care")
    assert paper.authors[0] == Author("Grenier Ouimet", "Antoine", orcid="0000-0002-2947-0386")
    assert paper.relations == (
        Relation("has-preprint", "", (Identifier("doi", "10.2196/preprints.22081"),), "object"),
    )
    assert paper.dates == {"electronic": "2020-11-26", "created": "2020-11-02", "revised": "2020-11-26"}
    assert (paper.journal, paper.journal_abbreviation) == (
        "Journal of Medical Internet Research",
        "J Med Internet Res",
    )
    assert "indexed" not in paper.to_json()


def test_groups_theses_chapters_subtitles_and_registrations(records):
    assert Author("Paderborn University", collective=True) in records["10.17705/1cais.04607"].authors
    thesis = records["10.17077/etd.89e52p7n"]  # issued: [[null]]
    assert (thesis.kind, thesis.date, thesis.extra["institution"]) == (
        "thesis",
        "2013-05-01",
        ("University of Iowa",),
    )
    assert thesis.title.endswith(
        "Flamboyant style: decoration, meaning, and exchange in Late Gothic architecture"
    )
    assert records["10.4159/harvard.9780674288980.c7"].kind == "book chapter"
    trial = records["10.1186/isrctn11093872"]
    assert Identifier("isrctn", "ISRCTN11093872", "databank") in trial.identifiers
    assert trial.grants == (Grant("", "National Institute for Health Research"),)


def test_a_retracted_paper_and_its_notice_are_told_apart():
    """As Crossref tells of 10.1016/s0140-6736(97)11096-0, which Retraction Watch reported."""
    told = {"type": "retraction", "label": "Retraction", "source": "retraction-watch", "record-id": "4036",
            "updated": {"date-parts": [[2010, 2, 6]]}}  # fmt: skip
    paper = one(**{"updated-by": [told | {"DOI": "10.1016/S0140-6736(10)60175-4"}]})
    notice = one(**{"update-to": [told | {"DOI": "10.1016/s0140-6736(97)11096-0"}, {"type": "correction"}]})
    citation = "Retraction, 2010-02-06, 4036"
    assert paper.relations == (
        Relation(
            "retraction", citation, (Identifier("doi", "10.1016/s0140-6736(10)60175-4"),), "retraction-watch"
        ),
    )
    assert notice.relations == (
        Relation(
            "retraction of",
            citation,
            (Identifier("doi", "10.1016/s0140-6736(97)11096-0"),),
            "retraction-watch",
        ),
        Relation("correction of"),
    )


def test_a_preprint_its_article_its_trial_and_its_money():
    preprint = one(
        type="posted-content",
        subtype="preprint",
        posted={"date-parts": [[2024, 1, 2]]},
        issued={"date-parts": [[None]]},
        title=["Feedback <i>for</i> parents?", "Rückmeldung für Eltern"],
        subtitle=["A trial"],
        **{
            "clinical-trial-number": [
                {"clinical-trial-number": "nct00923559", "registry": "10.18810/clinical-trials-gov"},
                {"clinical-trial-number": "isrctn12345", "registry": "10.18810/isrctn"},
            ],
            "relation": {
                "is-preprint-of": [
                    {"id-type": "doi", "id": "https://doi.org/10.5555/VOR", "asserted-by": "subject"}
                ],
                "is-supplemented-by": [{"id-type": "uri", "id": "https://osf.io/abc"}],
            },
            "funder": [{"name": "NIHR", "award": ["A1", "A2"]}, {"name": "DFG", "award": []}],
            "author": [{"name": "", "sequence": "first"}, {"given": "Cher"}],
            "editor": [{"family": "Ed", "given": "Itor"}],
        },
    )
    assert (preprint.kind, preprint.date, preprint.title) == (
        "preprint",
        "2024-01-02",
        "Feedback for parents? A trial",
    )
    assert preprint.extra["title"] == ("Rückmeldung für Eltern",)
    assert preprint.identifiers == (
        Identifier("doi", "10.5555/a", "article"), Identifier("nct", "NCT00923559", "databank"),
    )  # fmt: skip
    assert preprint.extra["clinical-trial-number"] == ("isrctn12345",)
    assert preprint.relations == (
        Relation("is-preprint-of", "", (Identifier("doi", "10.5555/vor"),), "subject"),
        Relation("is-supplemented-by", "", (Identifier("uri", "https://osf.io/abc"),)),
    )
    assert preprint.grants == (Grant("A1", "NIHR"), Grant("A2", "NIHR"), Grant("", "DFG"))
    assert preprint.authors == (Author("Cher"),)
    assert preprint.extra["editor"] == ("Ed Itor",)


def test_abstracts_in_jats():
    said = (
        "<jats:title>Abstract</jats:title>\n <jats:p>We found <jats:italic>p</jats:italic> &lt; .05 in"
        "<mml:math><mml:mi>x</mml:mi></mml:math>.</jats:p><jats:sec><jats:title>Methods:</jats:title>"
        "<jats:p>One.</jats:p><jats:p>Two.</jats:p></jats:sec>"
    )
    assert one(abstract=said).abstract == (Section("We found p < .05 inx."), Section("One. Two.", "Methods"))


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ([[1998, 2, 6]], "1998-02-06"), ([[1998, 2]], "1998-02"), ([[1998]], "1998"), ([[None]], ""), ([], ""),
        ([[0, 1]], ""), ([[1998, None]], ""), (None, ""), ("1998", ""),
    ],
)  # fmt: skip
def test_partial_dates(parts, day):
    assert crossref_json.iso_date({"issued": {"date-parts": parts}}, "issued") == day


def test_one_work_that_cannot_be_read_spoils_no_other():
    works = [{"DOI": "10.5555/a", "title": "no list"}, {"title": ["x"]}, {"DOI": "10.5555/b"}]
    body = {"message-type": "work-list", "message": {"total-results": 3, "items": works}}
    first, nameless, third = crossref_json.read(json.dumps(body).encode())
    assert isinstance(first, Unreadable)
    assert (first.key, first.position) == ("10.5555/a", 1)
    assert isinstance(nameless, Unreadable)
    assert third.key == "10.5555/b"


def test_real_listings(source):
    assert len(source.hits((DATA / "select.json").read_bytes())) == 20
    assert source.hits((DATA / "no_results.json").read_bytes()) == []
    with pytest.raises(BadAnswer, match="without its DOI"):
        source.hits(b'{"message-type": "work-list", "message": {"total-results": 1, "items": [{}]}}')


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"Resource not found.", b'{"message": [{"type": "x"}]}', b'{"message-type": "work-list"}']
)  # fmt: skip
def test_what_is_no_answer(body):
    with pytest.raises(BadAnswer):
        crossref_json.answer(body)

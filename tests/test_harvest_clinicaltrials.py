"""Asking ClinicalTrials.gov: whole listings or loud failures, over a real socket."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import server_corpus as corpus
import server_faults as faults
from server import Server
from server_wire import JSON, Reply

from db.errors import BadAnswer, CountMismatch, Refused, TokenExpired, Unreachable, WrongUse
from db.record import Record
from harvest.source import LISTED, Hit, Search
from harvest.sources import clinicaltrials
from harvest.sources.clinicaltrials import ClinicalTrials
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "clinicaltrials"
SEARCH = Search("register", "clinicaltrials", "a OR b")
NUMBER = 25


@pytest.fixture
def server():
    with Server(studies=corpus.studies(NUMBER)) as server:
        server.trials.match("a OR b", server.trials.keys)
        yield server


@pytest.fixture
def source(server, monkeypatch):
    """The source, ten studies a page, four a fetch."""
    monkeypatch.setitem(clinicaltrials.LISTING, "pageSize", "10")
    monkeypatch.setattr(clinicaltrials, "BATCH", 4)
    patience = Patience(timeout=5, deadline=5, attempts=3, backoff=0)
    return ClinicalTrials(
        Transport(patience), {"url": server.trials_url + "/", "requests_per_second": "10000"}
    )


def listed(source, pages):
    return [hit.key for page in pages if page.counts for hit in source.hits(page.body)]


# -- listing -----------------------------------------------------------------------------------------


def test_a_listing_names_every_study_once_with_its_stamp(server, source):
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.trials.keys
    assert source.hits(pages[0].body)[0] == Hit(corpus.nct(24), "2015-01-04")
    assert [page.promised for page in pages] == [25, None, None]
    assert pages[-1].cursor == LISTED
    assert {page.kind for page in pages} == {"list"}


@pytest.mark.parametrize("path", ["", "/", "/api/v2", "/api/v2/"])
def test_an_address_that_names_only_a_host_keeps_the_path_of_the_api(server, path):
    source = ClinicalTrials(
        Transport(Patience(backoff=0)), {"url": server.url + path, "requests_per_second": "10000"}
    )
    assert listed(source, source.list(SEARCH)) == server.trials.keys


def test_stamps_are_the_days_the_records_say(server, source):
    stamps = {hit.key: hit.stamp for page in source.list(SEARCH) for hit in source.hits(page.body)}
    for page in source.fetch(list(stamps)):
        for record in source.records(page.body):
            assert record.dates["revised"] == stamps[record.key]


def test_the_question_is_sent_as_the_api_wants_it(server, source):
    list(
        source.list(
            Search("s", "clinicaltrials", " a OR b ", options={"filter.advanced": "AREA[Phase]PHASE2"})
        )
    )
    first, second, _ = (asked.params for asked in server.requests)
    assert first == {
        "query.term": "a OR b",
        "filter.advanced": "AREA[Phase]PHASE2",
        "fields": "NCTId|LastUpdatePostDate",
        "pageSize": "10",
        "countTotal": "true",
    }
    assert set(second) == set(first) - {"countTotal"} | {"pageToken"}


def test_a_search_may_be_an_option_alone(server, source):
    pages = list(
        source.list(Search("s", "clinicaltrials", "", options={"query.titles": "Lima", "query.cond": ""}))
    )
    assert listed(source, pages) == [
        key for key in server.trials.keys if "Lima" in corpus.title(int(key[3:]) - corpus.FIRST_NCT)
    ]


def test_nothing_found_is_a_page_that_says_zero(server, source):
    (page,) = source.list(Search("s", "clinicaltrials", "nowhere"))
    assert (page.promised, page.cursor, source.hits(page.body)) == (0, LISTED, [])


def test_a_listing_that_ends_with_a_full_page(server, source):
    server.trials.remove(*server.trials.keys[20:])
    pages = list(source.list(SEARCH))
    assert (len(pages), len(listed(source, pages))) == (2, 20)


@pytest.mark.parametrize("cut", range(4))
def test_cut_after_every_page_and_gone_on_with_nothing_is_lost(server, source, cut):
    whole = list(source.list(SEARCH))
    kept = whole[:cut]
    cursor = kept[-1].cursor if kept else ""
    rest = list(source.list(SEARCH, cursor))
    assert listed(source, kept + rest) == server.trials.keys
    assert [page.body for page in kept + rest] == [page.body for page in whole]


def test_a_listing_that_is_done_is_not_asked_again(server, source):
    assert list(source.list(SEARCH, LISTED, since="2020-01-01")) == []
    assert server.requests == []


@pytest.mark.parametrize(
    "cursor", ["not JSON", '"text"', "[]", '{"query": "x", "where": 1}', '{"query": "x"}']
)
def test_a_cursor_of_something_else_means_to_begin_again(server, source, cursor):
    with pytest.raises(TokenExpired):
        list(source.list(SEARCH, cursor))
    assert server.requests == []


def test_a_cursor_of_another_query_means_to_begin_again(source):
    first = next(source.list(SEARCH))
    with pytest.raises(TokenExpired, match="another query"):
        list(source.list(Search("register", "clinicaltrials", "a OR c"), first.cursor))


def test_a_token_that_is_refused_means_to_begin_again_and_is_asked_once(server, source):
    pages = source.list(SEARCH)
    first = next(pages)
    server.trials.rebuild()
    with pytest.raises(TokenExpired, match="no longer knows the place in the listing") as caught:
        next(pages)
    assert caught.value.body
    assert len(server.requests) == 2
    with pytest.raises(TokenExpired):
        list(source.list(SEARCH, first.cursor))


def test_another_refusal_of_a_page_stays_a_refusal(server, source):
    server.inject(faults.refused(403, "Forbidden"), nth=2)
    with pytest.raises(Refused, match="403: Forbidden"):
        list(source.list(SEARCH))


def test_a_query_the_register_cannot_read_is_refused_with_its_words(server, source):
    with pytest.raises(Refused, match="cannot read AREA"):
        list(source.list(Search("s", "clinicaltrials", "x", options={"filter.advanced": "AREA[Nowhere]x"})))
    assert len(server.requests) == 1


# -- counts ------------------------------------------------------------------------------------------


def test_a_total_that_was_wrong_at_first_is_asked_for_again(server, source):
    server.inject(faults.counting(1))
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.trials.keys
    assert [(page.promised, page.counts) for page in pages] == [
        (26, True),
        (None, True),
        (None, True),
        (25, False),
    ]
    assert server.requests[-1].params["pageSize"] == "1"
    assert listed(source, [*pages[:3], *source.list(SEARCH, pages[2].cursor)]) == [
        *server.trials.keys,
        *server.trials.keys[20:],
    ]


def test_a_total_that_stays_wrong_is_told_with_both_numbers(server, source):
    server.inject(faults.counting(1), times=99)
    with pytest.raises(CountMismatch, match="says that 26 studies match, but lists 25"):
        list(source.list(SEARCH))


def test_a_study_that_comes_while_we_list(server, source):
    server.inject(faults.call(lambda: server.trials.put(corpus.study(-1))))
    server.trials.match("a OR b", [*server.trials.keys, corpus.nct(-1)])
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.trials.keys
    assert pages[-1].promised == 26


def test_a_study_that_goes_while_we_list(server, source):
    server.inject(faults.call(lambda: server.trials.remove(corpus.nct(0))))
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.trials.keys
    assert pages[-1].promised == 24


def test_a_listing_that_was_gone_on_with_and_does_not_add_up_begins_again(server, source):
    server.inject(faults.counting(1), times=99)
    first = next(source.list(SEARCH))
    with pytest.raises(TokenExpired, match="says that 26 studies match, but lists 25"):
        list(source.list(SEARCH, first.cursor))


def test_a_register_that_goes_round_in_circles_is_left(source, server):
    page = {"studies": [corpus.study(1)], "nextPageToken": "t", "totalCount": 9}
    server.inject(lambda asked, reply: Reply(json.dumps(page).encode(), JSON), times=99)
    with pytest.raises(BadAnswer, match="again and again"):
        list(source.list(SEARCH))


# -- bad answers -------------------------------------------------------------------------------------

NO_ANSWERS = {
    "429": faults.too_many_requests(),
    "429 with seconds": faults.too_many_requests("0"),
    "500": faults.server_error,
    "page": faults.html_page,
    "rate limit in 200": faults.rate_limit_with_200,
    "truncated": faults.truncated,
    "cut short": faults.cut_short,
    "empty": faults.empty,
    "reset": faults.reset,
}


@pytest.mark.parametrize("fault", NO_ANSWERS.values(), ids=NO_ANSWERS)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_passing_fault_is_lived_through(server, source, fault, nth):
    server.inject(fault, nth=nth, times=2)
    assert listed(source, source.list(SEARCH)) == server.trials.keys
    assert len(server.requests) == 5


@pytest.mark.parametrize("fault", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_a_lasting_fault_is_told_and_never_zero_hits(server, source, fault):
    server.inject(fault, times=99)
    with pytest.raises((BadAnswer, Unreachable)):
        list(source.list(SEARCH))
    with pytest.raises((BadAnswer, Unreachable)):
        list(source.fetch([corpus.nct(1)]))
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"studies": {}},
        {"studies": []},
        {"studies": [], "totalCount": 7},
        {"studies": [corpus.study(1)], "totalCount": 0},
        {"studies": [corpus.study(1)]},
        {"studies": [corpus.study(1)], "totalCount": "1"},
        {"studies": [{"protocolSection": {}}], "totalCount": 1},
        {"studies": [], "totalCount": 0, "nextPageToken": "t"},
        {"studies": [corpus.study(1)], "totalCount": 2, "nextPageToken": 3},
    ],
)
def test_json_that_is_no_first_page_is_a_bad_answer_with_its_bytes(server, source, answer):
    body = json.dumps(answer).encode()
    server.inject(lambda asked, reply: replace(reply, body=body), times=99)
    with pytest.raises(BadAnswer) as caught:
        list(source.list(SEARCH))
    assert caught.value.body == body


def test_hits_need_numbers(source):
    with pytest.raises(BadAnswer, match="without its NCT number"):
        source.hits(b'{"studies": [{}]}')


def test_real_listings_are_read(source):
    hits = source.hits((DATA / "search_phelan_limit5.json").read_bytes())
    assert [hit.key for hit in hits] == [
        "NCT02710084",
        "NCT05105685",
        "NCT01525901",
        "NCT03493607",
        "NCT07119606",
    ]


# -- fetching ----------------------------------------------------------------------------------------


def test_studies_are_fetched_whole_in_batches(server, source):
    keys = [corpus.nct(n) for n in range(10)]
    pages = list(source.fetch(keys))
    assert [page.asked for page in pages] == [tuple(keys[:4]), tuple(keys[4:8]), tuple(keys[8:])]
    assert not any(page.missing for page in pages)
    records = [record for page in pages for record in source.records(page.body)]
    assert {record.key for record in records} == set(keys)
    assert all(isinstance(record, Record) and record.trial for record in records)
    assert list(source.fetch([])) == []


def test_what_does_not_come_is_asked_for_again_and_then_missing(server, source):
    keys = [corpus.nct(1), "NCT99999999", corpus.nct(2)]
    first, second = source.fetch(keys)
    assert (first.asked, first.missing) == ((keys[0], keys[2]), ())
    assert (second.asked, second.missing) == (("NCT99999999",), ("NCT99999999",))
    assert [asked.params["filter.ids"] for asked in server.requests] == [",".join(keys), "NCT99999999"]


def test_what_was_forgotten_once_comes_the_second_time(server, source):
    server.inject(faults.without(corpus.nct(2)))
    first, second = source.fetch([corpus.nct(1), corpus.nct(2)])
    assert (first.asked, second.asked) == ((corpus.nct(1),), (corpus.nct(2),))
    assert not second.missing


def test_a_batch_of_which_nothing_is_there(server, source):
    (page,) = source.fetch(["NCT99999998", "NCT99999999"])
    assert page.asked == page.missing == ("NCT99999998", "NCT99999999")
    assert len(server.requests) == 2


def test_a_server_with_shorter_pages_is_served_too(server, source):
    def shorter(asked, reply):
        answer = json.loads(reply.body)
        return replace(
            reply, body=json.dumps({"studies": answer["studies"][:1], "nextPageToken": "t"}).encode()
        )

    server.inject(shorter, times=99)
    keys = [corpus.nct(n) for n in range(6)]
    pages = list(source.fetch(keys))
    assert sorted(key for page in pages for key in page.asked) == keys
    assert not any(page.missing for page in pages)


def test_a_study_under_its_new_number_counts_as_delivered(server, source):
    study = corpus.study(50)
    study["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000007"]
    server.trials.put(study)
    (page,) = source.fetch(["NCT00000007"])
    assert (page.asked, page.missing) == (("NCT00000007",), ())
    assert [record.key for record in source.records(page.body)] == [corpus.nct(50)]


def test_a_study_nobody_asked_for_is_a_bad_answer(server, source):
    body = json.dumps({"studies": [corpus.study(1), corpus.study(2)]}).encode()
    server.inject(lambda asked, reply: replace(reply, body=body))
    (page,) = source.fetch([corpus.nct(1)])  # asked again
    assert page.asked == (corpus.nct(1),)
    server.inject(lambda asked, reply: replace(reply, body=body), times=99)
    with pytest.raises(BadAnswer, match=f"sent {corpus.nct(2)}, which was not asked for"):
        list(source.fetch([corpus.nct(1)]))


def test_a_study_without_a_number_does_not_spoil_its_page(server, source):
    def nameless(asked, reply):
        answer = json.loads(reply.body)
        answer["studies"].append({"protocolSection": {}})
        return replace(reply, body=json.dumps(answer).encode())

    server.inject(nameless)
    (page,) = source.fetch([corpus.nct(1)])
    record, unreadable = source.records(page.body)
    assert (record.key, unreadable.position) == (corpus.nct(1), 2)


def test_what_is_no_nct_number_is_not_sent(server, source):
    with pytest.raises(Refused, match="'ISRCTN1' is no NCT number"):
        list(source.fetch([corpus.nct(1), "ISRCTN1"]))
    assert server.requests == []


def test_an_update_is_seen_by_its_stamp(server, source):
    server.trials.put(corpus.study(3, updated=date(2026, 1, 5)))
    stamps = {hit.key: hit.stamp for page in source.list(SEARCH) for hit in source.hits(page.body)}
    assert stamps[corpus.nct(3)] == "2026-01-05"


# -- settings ----------------------------------------------------------------------------------------


def test_one_request_a_second_and_the_register_itself_by_default():
    source = ClinicalTrials(Transport(), {"url": "", "requests_per_second": ""})
    assert source._pace.interval == 1
    assert source._url == "https://clinicaltrials.gov/api/v2/studies"


@pytest.mark.parametrize("rate", ["0", "-1", "often", "nan", "inf"])
def test_a_rate_that_cannot_be_kept(rate):
    with pytest.raises(WrongUse, match="requests_per_second"):
        ClinicalTrials(Transport(), {"requests_per_second": rate})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "the search is empty"),
        ({"query.cond": " "}, "empty"),
        ({"filter.phase": "2"}, "AREA.Phase."),
        ({"filter.ids": "NCT1"}, "leave it out"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_asking(server, source, options, words):
    with pytest.raises(Refused, match=words):
        list(source.list(Search("s", "clinicaltrials", "  ", options=options)))
    assert server.requests == []

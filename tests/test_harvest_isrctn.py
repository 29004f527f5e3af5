"""The ISRCTN registry: whole listings or loud failures, and what a trial says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import server_corpus as corpus
import server_faults as faults
import server_isrctn
from direct import Direct
from hypothesis import given, settings
from hypothesis import strategies as st
from server import Server
from server_wire import Reply

from db.errors import (
    BadAnswer,
    CountMismatch,
    Miscounted,
    Refused,
    SearchError,
    TokenExpired,
    Unreachable,
    WrongUse,
)
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Search
from harvest.sources import isrctn, isrctn_xml
from harvest.sources.isrctn import Isrctn
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "isrctn"
SEARCH = Search("register", "isrctn", "a OR b")
TWO = (DATA / "two_trials.xml").read_bytes()


@pytest.fixture
def server():
    with Server() as server:
        server.registry = server_isrctn.Isrctn()
        server.address = server.mount(server_isrctn.PATH, server.registry.answer)
        for position in range(25):
            server.registry.put(server_isrctn.trial(position))
        server.registry.match("a OR b", server.registry.keys)
        yield server


@pytest.fixture
def source(server, monkeypatch):
    monkeypatch.setattr(isrctn, "PAGE", 10)
    monkeypatch.setattr(isrctn, "BATCH", 4)
    patience = Patience(timeout=5, deadline=5, attempts=2, backoff=0)
    return Isrctn(Transport(patience), {"url": server.address, "requests_per_second": "10000"})


def listed(source, pages):
    return [hit.key for page in pages if page.counts for hit in source.hits(page.body)]


# -- listing -----------------------------------------------------------------------------------------


def test_what_fits_into_a_page_is_asked_for_without_cutting(server, source):
    server.registry.remove(*server.registry.keys[7:])
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.registry.keys
    assert [asked.params["limit"] for asked in server.requests] == ["1", "10"]
    assert all(asked.params["q"] == "a OR b" for asked in server.requests)


def test_a_long_listing_is_cut_by_the_moment_of_the_last_edit(server, source):
    pages = list(source.list(SEARCH))
    assert sorted(listed(source, pages)) == server.registry.keys
    assert server.requests[1].params["q"] == "(a OR b) AND lastEdited GE 2100-01-01T00:00:00.000Z"
    assert all(int(asked.params["limit"]) <= 10 for asked in server.requests)
    assert [page.promised for page in pages] == [25] * len(pages)


def test_a_register_that_ignores_time_is_asked_for_everything_at_once(server, source):
    server.registry.knows_time = False
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == server.registry.keys
    assert [page.cursor for page in pages][-1] == LISTED
    assert server.requests[-1].params == {"q": "a OR b", "limit": "25"}
    rest = list(source.list(SEARCH, pages[0].cursor))
    assert listed(source, rest) == server.registry.keys


def test_everything_at_once_is_asked_again_when_the_register_grew_meanwhile(server, source):
    server.registry.knows_time = False
    (first, *_) = source.list(SEARCH)
    server.registry.put(server_isrctn.trial(30))
    server.registry.match("a OR b", server.registry.keys)
    with pytest.raises(TokenExpired, match="26 records match now"):
        list(source.list(SEARCH, first.cursor))


def test_more_trials_in_one_second_than_fit_into_a_page_are_asked_for_together(server, source):
    for position in range(25, 40):
        server.registry.put(server_isrctn.trial(position, updated="2024-03-01"))
    server.registry.match("a OR b", server.registry.keys)
    assert sorted(listed(source, list(source.list(SEARCH)))) == server.registry.keys


def test_a_part_that_grew_since_it_was_counted_is_cut_after_all(server, source):
    later = server.registry.keys[7:]
    server.registry.match("a OR b", server.registry.keys[:7])

    def grow() -> None:
        server.registry.match("a OR b", server.registry.keys)

    server.inject(faults.call(grow, after=True), nth=1)
    pages = list(source.list(SEARCH))
    assert sorted(listed(source, pages)) == server.registry.keys
    assert (pages[-1].promised, len(later)) == (25, 18)


@pytest.mark.parametrize(("resumed", "error"), [(False, CountMismatch), (True, TokenExpired)])
def test_parts_that_do_not_add_up_are_a_mismatch_and_after_a_cut_a_lost_place(server, source, resumed, error):
    going = source.list(SEARCH)
    part = next(page for page in going if page.counts)
    server.registry.remove(source.hits(part.body)[0].key, server.registry.keys[-1])
    with pytest.raises(error, match="hold 24 records together, but the register says that 23 match"):
        list(source.list(SEARCH, part.cursor) if resumed else going)


def test_a_total_that_moved_while_it_was_listed_is_settled_at_the_end(server, source):
    going = source.list(SEARCH)
    part = next(page for page in going if page.counts)
    server.registry.remove(server.registry.keys[-1])
    pages = [part, *going]
    assert sorted(listed(source, pages)) == server.registry.keys
    assert (pages[-1].promised, pages[-1].cursor, pages[-1].counts) == (24, LISTED, False)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3_000_000_000), max_size=40))
def test_whenever_trials_were_edited_a_listing_names_each_once(seconds):
    registry = server_isrctn.Isrctn()
    for position, moment in enumerate(seconds):
        full = server_isrctn.trial(position)
        edited = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)
        full.find(f"{server_isrctn._TAG}trial").set(
            "lastUpdated", edited.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
        )
        registry.put(full)
    registry.match("a OR b", registry.keys)
    source = Isrctn(Direct(registry.answer), {"url": f"http://here{server_isrctn.PATH}"})
    pages = list(source.list(SEARCH))
    assert sorted(listed(source, pages)) == registry.keys
    assert pages[-1].cursor == LISTED


# -- records -----------------------------------------------------------------------------------------


def test_trials_that_only_mention_what_is_asked_for_are_not_taken(server, source):
    first, second, third = server.registry.keys[:3]
    other = server_isrctn.trial(2)
    other.find(f".//{server_isrctn._TAG}studyHypothesis").text = f"As in {first[:6]} {first[6:]}."
    server.registry.put(other)
    pages = list(source.fetch([first, second]))
    assert [record.key for page in pages for record in source.records(page.body)] == [first, second]
    assert [page.request.url.rpartition("/api")[2] for page in pages] == [
        f"/trial/{key}/format/default" for key in (first, second)
    ]
    server.registry.remove(first)
    (missing,) = source.fetch([first])
    assert (missing.missing, list(source.records(missing.body))) == ((first,), [])
    assert third in server.registry.keys


def test_many_trials_that_mention_one_are_asked_for_with_a_limit_that_takes_them_all(server, source):
    wanted = server.registry.keys[0]
    for position in range(1, 20):
        other = server_isrctn.trial(position)
        other.find(f".//{server_isrctn._TAG}studyHypothesis").text = f"See {wanted}."
        server.registry.put(other)
    (page,) = source.fetch([wanted])
    assert [record.key for record in source.records(page.body)] == [wanted]


def test_a_register_that_sends_records_where_none_are_asked_for_is_not_believed(server, source):
    gone = server.registry.keys[0]
    server.registry.remove(gone)
    stray = Reply(TWO.replace(b"Is pacing more effective", gone.encode()))
    server.inject(lambda asked, reply: stray, on=lambda asked: asked.params.get("limit") == "0", times=9)
    with pytest.raises(Miscounted, match="holds 2 of them, where 0 were asked for"):
        list(source.fetch([gone]))


def test_what_is_no_number_of_the_register_is_not_asked_for(server, source):
    with pytest.raises(Refused, match="'NCT00000001' is no ISRCTN"):
        list(source.fetch(["NCT00000001"]))
    assert server.requests == []


# -- when it goes wrong ------------------------------------------------------------------------------


def body(text: str) -> faults.Fault:
    return lambda asked, reply: Reply(text.encode())


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("<html><body>Maintenance</body></html>", "<html> and no trials"),
        ("<allTrials totalCount='1'", "no complete XML"),
        ("", "no complete XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><allTrials totalCount="0"/>', "declares entities"),
        ('<allTrials xmlns="http://other.example" totalCount="0"/>', "and no trials of the register"),
        ("<allTrials/>", "does not say how many match"),
        ('<allTrials totalCount="many"/>', "'many' and no number"),
        ('<allTrials totalCount="1"><fullTrial/></allTrials>', "without its number"),
        ("<allTrials totalCount='0'>" + "<a>" * 80 + "</a>" * 80 + "</allTrials>", "nested deeper than 64"),
    ],
)
def test_an_answer_that_is_none_is_told_and_never_nothing(server, source, answer, sentence):
    server.inject(body(answer), times=9)
    with pytest.raises(BadAnswer, match=sentence):
        list(source.list(SEARCH))


def test_an_answer_that_holds_less_than_it_says_is_a_mismatch(server, source):
    server.inject(body('<allTrials xmlns="http://www.67bricks.com/isrctn" totalCount="3"/>'), times=9)
    with pytest.raises(Miscounted, match="says that 3 match and holds 0") as caught:
        list(source.list(SEARCH))
    assert isinstance(caught.value, SearchError)
    assert caught.value.exit_code == 4


def test_a_storm_of_429_ends_in_a_sentence(server, source):
    server.inject(faults.too_many_requests(), times=9)
    with pytest.raises(Unreachable, match=r"isrctn: .* answered 429"):
        list(source.list(SEARCH))


def test_a_pace_that_makes_no_sense_is_refused():
    with pytest.raises(WrongUse):
        Isrctn(Transport(), {"requests_per_second": "never"})


# -- search strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "doubt"),
    [
        ("depression[tiab] AND mother", "[tiab]"),
        ("depression and mother", '"and"'),
        ("exp depression.tw.", ".tw."),
        ('trialStatus:"Ongoing"', "trialStatus:"),
        ("cancer AND overallStartDate GE 2020-01-01T00:00:00", "overallStartDate GE"),
    ],
)
def test_a_doubtful_search_string_is_told(query, doubt):
    (sentence,) = Isrctn(Transport(), {}).check(Search("s", "isrctn", query))
    assert doubt in sentence


def test_a_field_of_the_register_is_not_doubted():
    query = '(title:"mother and infant" OR condition:depression) AND lastEdited GE 2020-01-01T00:00:00'
    assert Isrctn(Transport(), {}).check(Search("s", "isrctn", query)) == []


# -- reading -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pace_and_hmbd():
    return tuple(isrctn_xml.read(TWO))


def test_a_trial_becomes_a_registration(pace_and_hmbd):
    pace, _ = pace_and_hmbd
    assert (pace.key, pace.kind, pace.year, pace.date) == (
        "ISRCTN54285094",
        "registration",
        2003,
        "2003-05-22",
    )
    assert pace.title.startswith("A randomised controlled trial of adaptive pacing")
    assert [section.label for section in pace.abstract] == ["Study hypothesis"]
    assert pace.dates == {
        "created": "2003-05-22", "revised": "2015-11-03T11:48:02.697Z", "start": "2004-06-14",
        "recruitment_end": "2008-11-28", "completion": "2011-07-01",
    }  # fmt: skip
    assert [(relation.kind, relation.identifiers) for relation in pace.relations] == [
        ("result", (Identifier("pmid", "21334061", "reference"),)),
        ("result", (Identifier("pmid", "23363640", "reference"),)),
    ]
    assert pace.grants[0].agency == "Medical Research Council (MRC) (UK)"
    assert pace.urls == ("https://www.isrctn.com/ISRCTN54285094",)


def test_what_only_a_registration_says(pace_and_hmbd):
    pace, hmbd = (record.trial for record in pace_and_hmbd)
    assert (pace.enrollment, pace.enrollment_kind) == (600, "ESTIMATED")
    assert (hmbd.enrollment, hmbd.enrollment_kind) == (25, "ACTUAL")
    assert pace.sponsor == "Queen Mary University of London (UK)"
    assert pace.countries == ("United Kingdom", "England")
    assert hmbd.conditions[1] == "Triple Negative Breast Cancer"
    assert (hmbd.minimum_age, hmbd.maximum_age, hmbd.sex) == ("16 Years", "110 Years", "All")
    assert hmbd.design["allocation"] == "Non-randomized controlled trial"
    assert hmbd.interventions[0].name == "HMBD-001"
    assert pace.interventions[0].name.startswith("PACE is a multicentre")
    assert [outcome.measure[:12] for outcome in hmbd.outcomes] == ["Hypoxic vent", "1. Number of"]
    assert hmbd.outcomes[0].time_frame == "2-3 hours after taking gefapixant or placebo"
    assert hmbd.results_posted
    assert not pace.results_posted
    assert pace.eligibility.startswith("Inclusion criteria:\nConsent:")


def test_numbers_of_other_registers_are_told_by_their_shape(pace_and_hmbd):
    _, hmbd = pace_and_hmbd
    assert hmbd.identifiers == (
        Identifier("isrctn", "ISRCTN62918594"),
        Identifier("doi", "10.1186/ISRCTN62918594"),
        Identifier("nct", "NCT05057013", "secondary"),
        Identifier("eudract", "2020-005891-36", "secondary"),
        Identifier("iras", "298897", "secondary"),
        Identifier("cpms", "49816", "secondary"),
        Identifier("other", "CRUKD/22/002", "secondary"),
    )


def read_with(old: str, new: str) -> Record:
    first, *_ = isrctn_xml.read(TWO.decode().replace(old, new, 1).encode())
    assert isinstance(first, Record)
    return first


def test_what_the_form_says_for_an_empty_field_is_nothing(pace_and_hmbd):
    unsaid = "Plain English summary of protocol not provided at time of registration"
    record = read_with("Not provided at time of registration", unsaid)
    assert [section.label for section in record.abstract] == ["Study hypothesis"]
    ethics = "Committee of X (Spain) - not provided at time of registration"
    kept = read_with("UK West Midlands Multicentre Research Ethics Committee, 31/03/2003", ethics)
    assert kept.extra["trialDescription/ethicsApproval"] == (ethics,)
    assert "results/dataPolicies/dataPolicy" not in pace_and_hmbd[0].extra


@pytest.mark.parametrize(
    ("old", "new", "status", "derived"),
    [
        ("", "", "Completed", True),
        ("2011-07-01T", "2031-07-01T", "No longer recruiting", True),
        ("2008-11-28T00:00:00.000Z</recruitmentEnd>", "2031-01-01</recruitmentEnd>", "Completed", True),
        ("<recruitmentStatusOverride />", "<recruitmentStatusOverride>Suspended</recruitmentStatusOverride>", "Suspended", False),
        (' lastUpdated="2015-11-03T11:48:02.697Z"', "", "", False),
        ('lastUpdated="2015-11-03T11:48:02.697Z"', 'lastUpdated="2004-01-01T00:00:00Z"', "Not yet recruiting", True),
        ('lastUpdated="2015-11-03T11:48:02.697Z"', 'lastUpdated="2006-01-01T00:00:00Z"', "Recruiting", True),
    ],
)  # fmt: skip
def test_a_status_is_set_by_hand_or_derived_from_the_dates_and_then_it_says_so(old, new, status, derived):
    record = read_with(old, new) if old else read_with("PACE", "PACE")
    assert record.trial.status == status
    assert ("status_derived" in record.extra) == derived


def test_the_day_of_registration_stands_in_two_places():
    assert read_with(' publicIdentifierDateAssigned="2003-05-22T00:00:00.000Z"', "").date == "2003-05-22"


def test_who_answers_for_the_science_is_named_and_no_address_is_kept():
    contact = (
        '<contact id="1"><forename>Ana</forename><surname>Silva</surname><contactType>Principal investigator'
        "</contactType><contactDetails><email>ana@example.org</email></contactDetails></contact>"
    )
    record = read_with("    <sponsor id=", contact + "    <sponsor id=")
    assert record.trial.officials == ("Ana Silva (Principal investigator)",)
    assert "example.org" not in record.to_json()
    public = contact.replace("Principal investigator", "Public")
    assert read_with("    <sponsor id=", public + "    <sponsor id=").trial.officials == ()


def test_a_field_the_register_adds_is_kept_under_its_path():
    outputs = (
        '<outputs><output id="7" outputType="resultsarticle" dateCreated="2011-03-05"><externalLink url="https://x.example"/>'
        "<description>results</description></output></outputs><newField><inner>said</inner></newField>"
    )
    record = read_with("      <parties>", outputs + "      <parties>")
    assert record.extra["newField/inner"] == ("said",)
    assert record.extra["outputs/output"] == (
        "outputType: resultsarticle; dateCreated: 2011-03-05; https://x.example; results",
    )


def test_a_trial_whose_date_is_none_is_kept_as_it_came_and_the_next_is_read():
    first, second = isrctn_xml.read(TWO.replace(b"2004-06-14T00:00:00.000Z", b"soon"))
    assert isinstance(first, Unreadable)
    assert (first.key, first.position) == ("ISRCTN54285094", 1)
    assert "'soon'" in first.problem
    assert second.key == "ISRCTN62918594"


@pytest.mark.parametrize("position", [0, 1])
def test_what_is_read_is_stored_exactly(position):
    record = tuple(isrctn_xml.read(TWO))[position]
    assert Record.from_json(record.to_json()) == record
    assert corpus.DATA.exists()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_make_reading_fail_in_another_way(noise):
    for answer in (noise, TWO[: len(noise)], TWO.replace(b"600", noise, 1)):
        try:
            records = list(isrctn_xml.read(answer))
        except BadAnswer:
            continue
        assert all(isinstance(record, Record | Unreadable) for record in records)

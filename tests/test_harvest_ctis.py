"""The EU register: whole listings or loud failures, and what a trial says."""

import copy
import json
from pathlib import Path

import pytest
import server_ctis
import server_faults as faults
from hypothesis import given, settings
from hypothesis import strategies as st
from server import Server
from server_wire import HTML, JSON, Reply

from db.errors import BadAnswer, CountMismatch, Miscounted, Refused, TokenExpired, Unreachable
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Search
from harvest.sources import ctis, ctis_json
from harvest.sources.ctis import Ctis
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "ctis"
SEARCH = Search("register", "ctis", "a, b")
TRIAL = (DATA / "retrieve.json").read_bytes()
KEY = "2023-505613-24-00"


@pytest.fixture
def server():
    with Server() as server:
        server.register = server_ctis.Ctis()
        server.address = server.mount(server_ctis.PATH, server.register.answer)
        for position in range(25):
            server.register.put(server_ctis.trial(position))
        server.register.match("a, b", server.register.keys)
        yield server


@pytest.fixture
def source(server, monkeypatch):
    monkeypatch.setattr(ctis, "PAGE", 10)
    patience = Patience(timeout=5, deadline=5, attempts=2, backoff=0)
    return Ctis(Transport(patience), {"url": server.address, "requests_per_second": "10000"})


def listed(source, pages):
    return [hit.key for page in pages for hit in source.hits(page.body)]


def questions(server):
    return [json.loads(asked.document) for asked in server.requests if asked.document]


# -- listing -----------------------------------------------------------------------------------------


def test_a_listing_is_asked_for_page_by_page_from_1(server, source):
    pages = list(source.list(SEARCH))
    assert listed(source, pages) == list(reversed(server.register.keys))
    assert questions(server)[0] == {
        "pagination": {"page": 1, "size": 10},
        "sort": {"property": "decisionDate", "direction": "DESC"},
        "searchCriteria": {"containAll": "a, b"},
    }
    assert [question["pagination"]["page"] for question in questions(server)] == [1, 2, 3]
    assert server.requests[0].headers["Content-Type"] == "application/json"
    assert source.hits(pages[-1].body)[-1] == Hit("2023-500001-24-00", "2015-01-01")


def test_the_question_is_kept_with_its_page(server, source):
    page = next(source.list(SEARCH))
    kept = json.loads(page.request.to_json())
    assert json.loads(kept["document"])["searchCriteria"] == {"containAll": "a, b"}


@pytest.mark.parametrize(("number", "ceiling"), [(15, 10), (20, 10), (25, 20)])
def test_what_lies_beyond_the_ceiling_is_listed_from_the_other_end(
    server, source, monkeypatch, number, ceiling
):
    monkeypatch.setattr(ctis, "CEILING", ceiling)
    server.register.remove(*server.register.keys[number:])
    pages = list(source.list(SEARCH))
    assert set(listed(source, pages)) == set(server.register.keys)
    assert pages[-1].cursor == LISTED
    assert [question["sort"]["direction"] for question in questions(server)][-1] == "ASC"


def test_more_than_both_ends_hold_is_said_before_anything_else(server, source, monkeypatch):
    monkeypatch.setattr(ctis, "CEILING", 10)
    with pytest.raises(CountMismatch, match=r"25 trials match .* 20 at most: 5 would be missing"):
        list(source.list(SEARCH))
    assert len(server.requests) == 1


def test_a_register_that_changes_while_it_is_listed_is_listed_again(server, source):
    pages = source.list(SEARCH)
    first = next(pages)
    server.register.remove(server.register.keys[3])
    with pytest.raises(TokenExpired, match="24 trials match now, 25 did a moment ago"):
        list(source.list(SEARCH, first.cursor))
    with pytest.raises(TokenExpired):
        list(pages)


def test_a_page_that_holds_less_than_it_must_is_a_mismatch(server, source):
    def lose(asked, reply):
        answer = json.loads(reply.body)
        return Reply(json.dumps(answer | {"data": answer["data"][1:]}).encode(), JSON)

    server.inject(lose, times=9)
    with pytest.raises(Miscounted, match="page 1 of 25 trials holds 9 and not 10"):
        list(source.list(SEARCH))


def test_criteria_are_sent_as_the_register_wants_them(server, source):
    options = {"medicalCondition": "influenza", "status": "3, 4", "hasStudyResults": "yes"}
    source.count(Search("s", "ctis", "", options=options))
    assert questions(server)[0]["searchCriteria"] == {
        "medicalCondition": "influenza", "status": [3, 4], "hasStudyResults": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "options", "sentence"),
    [
        ("", {}, "the search is empty"),
        ("a", {"status": "ongoing"}, "status takes numbers, not 'ongoing': 1 Under evaluation"),
        ("a", {"msc": "DE"}, "msc takes numbers, not 'DE'."),
        ("a", {"phase": "2"}, "phase is no criterion"),
    ],
)
def test_what_the_register_would_answer_with_nothing_is_refused(server, source, query, options, sentence):
    with pytest.raises(Refused, match=sentence):
        list(source.list(Search("s", "ctis", query, options=options)))
    assert server.requests == []


# -- records -----------------------------------------------------------------------------------------


def test_a_trial_that_is_not_there_is_missing_after_two_questions(server, source):
    (page,) = source.fetch(["2023-599999-24-00"])
    assert (page.missing, page.body) == (("2023-599999-24-00",), b"{}")
    assert list(source.records(page.body)) == []
    assert len(server.requests) == 2


def test_a_404_is_missing_too(server, source):
    server.inject(faults.refused(404, "Not found"), times=9)
    (page,) = source.fetch([KEY])
    assert page.missing == (KEY,)


def test_another_refusal_is_none_of_a_missing_trial(server, source):
    server.inject(faults.refused(403, "Forbidden"), times=9)
    with pytest.raises(Refused, match="403"):
        list(source.fetch([KEY]))


def test_what_is_no_number_of_the_register_is_not_asked_for(server, source):
    with pytest.raises(Refused, match="'2019-003842-34' is no EU CT number"):
        list(source.fetch(["2019-003842-34"]))


# -- when it goes wrong ------------------------------------------------------------------------------


def changed(**values: object) -> faults.Fault:
    def change(asked, reply):
        answer = json.loads(reply.body) | values
        return Reply(
            json.dumps({name: value for name, value in answer.items() if value != "gone"}).encode(), JSON
        )

    return change


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (changed(pagination="gone"), "structure .* has changed: `pagination.totalRecords` is missing"),
        (changed(pagination={"totalRecords": "25"}), "`totalRecords` should be a whole number"),
        (changed(data="gone"), "has changed: `data` is missing"),
        (changed(data={"a": 1}), "`data` should list JSON objects"),
        (changed(data=[{"ctNumber": 7}]), "`ctNumber` should be a text"),
        (changed(data=[{"number": KEY}]), r"`data\.ctNumber` is ''"),
        (
            changed(data=[{"ctNumber": KEY, "lastUpdated": "yesterday"}]),
            "'yesterday' stands where a date should",
        ),
        (lambda asked, reply: Reply(b"[1, 2]", JSON), "`answer` should be a JSON object"),
        (lambda asked, reply: Reply(b"<html>", HTML), "a web page came"),
        (lambda asked, reply: Reply(b" ", JSON), "the answer is empty"),
    ],
)
def test_an_answer_whose_structure_is_another_is_told_by_its_field(server, source, fault, sentence):
    server.inject(fault, times=9)
    with pytest.raises(BadAnswer, match=sentence):
        list(source.list(SEARCH))


def test_a_field_that_the_register_adds_harms_nothing(server, source):
    server.inject(changed(newField={"a": [1]}), times=99)
    assert len(listed(source, list(source.list(SEARCH)))) == 25


def test_a_storm_of_429_ends_in_a_sentence(server, source):
    server.inject(faults.too_many_requests(), times=9)
    with pytest.raises(Unreachable, match=r"ctis: .* answered 429"):
        list(source.list(SEARCH))


@pytest.mark.parametrize("answer", [b"[]", b'{"ctNumber": 7}', b'{"error": "x"}'])
def test_an_answer_to_a_fetch_that_is_no_trial_is_told(server, source, answer):
    server.inject(lambda asked, reply: Reply(answer, JSON), times=9)
    with pytest.raises(BadAnswer, match="`ctNumber` is missing"):
        list(source.fetch([KEY]))


# -- search strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "options", "doubt"),
    [
        ("depression AND mothers", {}, '"AND": CTIS knows no operators'),
        ("depression[tiab]", {}, "[tiab]"),
        ("(depression)", {}, "brackets"),
        ("depress*", {}, "truncates"),
        ("", {}, "The search is empty"),
        ("a", {"phase": "2"}, "phase is no criterion"),
    ],
)
def test_a_doubtful_search_is_told(query, options, doubt):
    (sentence, *_) = Ctis(Transport(), {}).check(Search("s", "ctis", query, options=options))
    assert doubt in sentence


# -- reading -----------------------------------------------------------------------------------------


def reading(change=lambda trial: None) -> Record | Unreadable:
    trial = json.loads(TRIAL)
    change(trial)
    (found,) = ctis_json.read(json.dumps(trial).encode())
    return found


def test_a_trial_becomes_a_registration():
    record = reading()
    assert (record.key, record.kind, record.year, record.date) == (KEY, "registration", 2024, "2024-04-12")
    assert record.title.startswith("A Phase 2, Open-Label, Single-Arm")
    assert record.extra["brief_title"] == (
        "Posaconazole (MK-5592) IV and oral in children (less than 2 years) with IFI",
    )
    assert [section.label for section in record.abstract] == ["Main objective", "Secondary objectives"]
    assert record.identifiers == (
        Identifier("ctis", KEY),
        Identifier("eudract", "2019-003842-34", "secondary"),
        Identifier("nct", "NCT04665037", "secondary"),
        Identifier("other", "75,061; 125,097", "secondary"),
    )
    assert record.dates["revised"] == "2025-08-20"
    assert record.dates["start"] == "2021-04-28"
    assert record.headings[0].term == "Fungal infection NOS"
    assert Record.from_json(record.to_json()) == record
    assert "@" not in record.to_json()


def test_the_stamp_of_a_listing_is_what_the_trial_says():
    hits = Ctis(Transport(), {}).hits((DATA / "search.json").read_bytes())
    assert hits == [Hit(KEY, reading().dates["revised"])]


def test_what_only_a_registration_says():
    trial = reading().trial
    assert (trial.status, trial.phases) == ("Ongoing, recruiting", ("Therapeutic exploratory (Phase II)",))
    assert (trial.enrollment, trial.enrollment_kind) == (32, "ESTIMATED")
    assert trial.countries[:4] == ("Belgium", "Poland", "Greece", "Philippines")
    assert trial.sponsor == "Merck Sharp & Dohme LLC"
    assert trial.sex == "Female, Male"
    assert {intervention.kind for intervention in trial.interventions} == {"Test"}
    assert trial.interventions[0].other_names == ("POSACONAZOLE",)
    assert [outcome.kind for outcome in trial.outcomes] == ["primary", "primary", "secondary", "secondary"]
    assert trial.eligibility.startswith("Inclusion criteria:\n1. Panel A")
    assert not trial.results_posted


@pytest.mark.parametrize(
    ("code", "word", "expected"),
    [
        (8, "Authorised", "Ended"),
        ("11", "", "Not authorised"),
        (99, "", "99"),
        (None, "Authorised", "Authorised"),
    ],
)
def test_a_state_nobody_knows_stays_a_number(code, word, expected):
    def change(trial):
        trial |= {"ctPublicStatusCode": code, "ctStatus": word}

    assert reading(change).trial.status == expected


def test_arms_and_a_phase_nobody_knows():
    def change(trial):
        details = trial["authorizedApplication"]["authorizedPartI"]["trialDetails"]
        details["trialInformation"]["trialCategory"]["trialPhase"] = 17
        arm = {"title": "Panel A", "description": "single dose"}
        details["protocolInformation"]["studyDesign"]["periodDetails"] = [
            {"title": "Period 1", "armDetails": [arm]}
        ]

    trial = reading(change).trial
    assert trial.phases == ("17",)
    assert [(arm.label, arm.kind, arm.description) for arm in trial.arms] == [
        ("Panel A", "Period 1", "single dose")
    ]


@pytest.mark.parametrize(
    "path",
    [
        ("authorizedApplication",),
        ("authorizedApplication", "authorizedPartI"),
        ("authorizedApplication", "authorizedPartI", "trialDetails"),
    ],
)
def test_a_part_that_every_trial_has_is_missed_by_its_path(path):
    def change(trial):
        *parents, last = path
        for name in parents:
            trial = trial[name]
        del trial[last]

    found = reading(change)
    assert isinstance(found, Unreadable)
    assert found.key == KEY
    assert f"`{'.'.join(path)}`" in found.problem


def test_dates_come_in_two_ways_and_anything_else_is_told():
    def european(trial):
        trial["decisionDate"] = "ES: 24/04/2024, IT: 23/10/2023"

    assert reading(european).dates["created"] == "2023-10-23"

    def wrong(trial):
        trial["publishDate"] = "soon"

    assert "'soon' stands where a date should" in reading(wrong).problem


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_value_of_another_type_anywhere_spoils_no_more_than_its_trial(data):
    trial = json.loads(TRIAL)
    places = [(trial, name) for name in trial]
    for node, name in places:
        inner = node[name]
        if isinstance(inner, dict):
            places += [(inner, key) for key in inner]
        elif isinstance(inner, list):
            places += [(inner, position) for position in range(len(inner))]
    node, name = data.draw(st.sampled_from(places))
    node[name] = data.draw(st.sampled_from([None, 1, "x", [], {}, [1], {"a": 1}, True]))
    broken = copy.deepcopy(trial)
    try:
        records = list(ctis_json.read(json.dumps(broken).encode()))
    except BadAnswer:
        assert name == "ctNumber"
        return
    assert all(isinstance(record, Record | Unreadable) and record.key == KEY for record in records)

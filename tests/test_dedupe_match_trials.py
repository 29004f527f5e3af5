"""Registrations and reports: graded evidence, on a real registration and the paper its register names."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import evidence, opinion, paper, pmid, registration, trial

from db.record import Author, Identifier, Record, Relation, Section
from dedupe.match_trials import referred, signed_sizes
from dedupe.normal import form
from harvest.sources.clinicaltrials_json import record

NUMBER = "NCT00716976"
REGISTERED = record(
    json.loads((Path(__file__).parent / "data" / "clinicaltrials" / "ctrdata_NCT00716976.json").read_text())
)
REPORT = Record(
    source="file:wos",
    key="1",
    title="Effects of sodium thiosulfate versus observation on development of cisplatin-induced hearing loss in children"
    " with cancer (ACCL0431): a multicentre, randomised, controlled, open-label, phase 3 trial",
    authors=(Author("Freyer", "DR"), Author("Chen", "L"), Author("Krailo", "MD"), Author("Sung", "L")),
    journal="Lancet Oncology",
    year=2017,
    volume="18",
    issue="1",
    pages="63-74",
)
"""As the register cites it, under PMID 27914822."""
LINKED, ASKED = "same study: report of registration", "ask: perhaps registration"


def report(*sections, **changes):
    return replace(REPORT, abstract=tuple(Section(text, label) for label, text in sections), **changes)


@pytest.mark.parametrize(
    ("changed", "tie"),
    [
        (report(identifiers=trial(NUMBER)), "databank"),
        (report(("FUNDING", "ClinicalTrials.gov, number NCT00716976.")), "statement"),
        (report(identifiers=pmid("27914822")), "result reference"),
        (report(identifiers=pmid("27914822") + trial(NUMBER)), "databank"),
    ],
)
def test_grade_a_links_by_rule(changed, tie):
    found = evidence(REGISTERED, changed)
    assert (found.trial, found.grade) == (tie, "A")
    assert opinion(REGISTERED, changed) == opinion(changed, REGISTERED) == LINKED


@pytest.mark.parametrize(
    ("changed", "tie"),
    [
        (report(identifiers=trial(NUMBER) + trial("NCT00923559")), "several"),
        (report(("REGISTRATION", NUMBER), ("", "See also NCT00923559.")), "several"),
        (report(("", "Unlike NCT00716976, nobody was deaf.")), "mentioned"),
        (report(identifiers=pmid("27914822") + trial("NCT00923559")), "disputed"),
        (report(identifiers=pmid("27914822"), year=1999), "disputed"),
        (report(identifiers=trial(NUMBER), title="Hearing: a review"), "mentioned"),
    ],
)
def test_grade_b_is_asked(changed, tie):
    found = evidence(REGISTERED, changed)
    assert (found.trial, found.grade) == (tie, "B")
    assert opinion(REGISTERED, changed) == ASKED


def test_what_stands_in_the_background_of_a_registration_is_asked():
    cited = (Relation("background", identifiers=pmid("5")),)
    found = evidence(replace(REGISTERED, relations=cited), report(identifiers=pmid("5")))
    assert (found.trial, found.grade) == ("background reference", "B")


def test_grade_c_is_asked_and_says_why():
    told = report(
        ("", "In this randomised trial, 131 children with neuroblastoma got sodium thiosulfate or nothing.")
    )
    found = evidence(REGISTERED, told)
    assert (found.trial, found.grade) == ("", "C")
    assert (found.investigator, found.condition, found.treatment, found.size, found.dates) == (True,) * 5
    assert opinion(REGISTERED, told) == ASKED
    features = found.features()
    assert features["grade"] == "C"
    assert features["size"] is True


@pytest.mark.parametrize(
    "changed",
    [
        report(year=2001),
        report(authors=(Author("Nobody", "N"),)),
        report(identifiers=trial("NCT00923559")),
        report(title="Blood pressure in hamsters"),
    ],
)
def test_without_a_number_much_must_agree(changed):
    assert opinion(REGISTERED, changed) == ""


def test_the_surer_the_tie_the_higher_the_score():
    told = ("", "In this randomised trial, 131 children got sodium thiosulfate or nothing.")
    ladder = [
        report(told, identifiers=trial(NUMBER)),
        report(told, identifiers=trial(NUMBER) + trial("NCT00923559")),
        report(told, ("", "Unlike NCT00716976.")),
        report(told),
        report(("", "In this randomised trial, 920 children got sodium thiosulfate.")),
    ]
    scores = [evidence(REGISTERED, each).study for each in ladder]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_two_papers_of_one_trial():
    one = paper(identifiers=trial(NUMBER), title="Hearing of children")
    other = report(("REGISTRATION", NUMBER), title="Survival after cisplatin")
    assert (evidence(one, other).trial, evidence(one, other).grade) == ("own", "A")
    both = paper(identifiers=trial(NUMBER) + trial("NCT00923559"), title="Hearing of children")
    assert (evidence(both, other).trial, evidence(both, other).grade) == ("mentioned", "B")


def test_two_registrations_of_one_trial():
    european = registration(
        "2007-003941-34",
        identifiers=(Identifier("eudract", "2007-003941-34"), Identifier("nct", NUMBER, "secondary")),
        source="file:euctr",
    )
    assert opinion(REGISTERED, european) == "same study: registered twice"
    extension = registration(
        "NCT00923559", identifiers=(*trial("NCT00923559", ""), *trial(NUMBER, "secondary"))
    )
    found = evidence(REGISTERED, extension)
    assert (found.trial, found.grade) == ("related", "B")
    assert opinion(REGISTERED, extension) == ASKED


def test_keys_by_which_registration_and_report_meet():
    told = form(2, report(("", "A randomised trial of 131 children."), identifiers=pmid("27914822")))
    registered = form(1, REGISTERED)
    assert set(referred(registered)) & set(told.pmids)
    assert set(signed_sizes(registered)) & set(signed_sizes(told)) == {"freyer 131"}
    assert signed_sizes(form(3, REPORT)) == ()


@given(
    st.lists(st.sampled_from([NUMBER, "NCT00923559", "ISRCTN63718836"]), unique=True),
    st.sampled_from(["databank", "abstract", ""]),
    st.sampled_from([1999, 2008, 2017, None]),
    st.booleans(),
)
def test_evidence_is_the_same_from_both_sides_and_only_grade_a_links(numbers, origin, year, known):
    given_ids = tuple(Identifier("nct", number, origin) for number in numbers)
    told = report(identifiers=given_ids + (pmid("27914822") if known else ()), year=year)
    one, other = evidence(REGISTERED, told), evidence(told, REGISTERED)
    assert (one.trial, one.grade, one.study) == (other.trial, other.grade, other.study)
    assert (opinion(REGISTERED, told) == LINKED) == (one.grade == "A")
    assert one.study is None or 0 <= one.study <= 1

"""What records claim about trials: whose number it is, which papers a register names, people, subject and size."""

import json
from pathlib import Path

import pytest
from pairs import paper, registration

from db.record import Identifier, Intervention, Record, Relation, Section, Trial
from dedupe.trials import Claims, Study, claims, references, study
from harvest.sources.clinicaltrials_json import record

DATA = Path(__file__).parent / "data" / "clinicaltrials"
NUMBER = "NCT00716976"


def said(*parts, title="Touch", **changes):
    sections = tuple(Section(text, label) for label, text in parts)
    return claims(paper(title=title, abstract=sections, **changes), registration=False)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("TRIAL REGISTRATION", "NCT00716976."),
        ("Registration", "Netherlands Trial Register, and NCT00716976 too."),
        ("", "It works. Trial registration: ClinicalTrials.gov NCT00716976."),
        ("FUNDING", "National Cancer Institute. ClinicalTrials.gov Identifier: NCT00716976"),
        ("", "(Funded by the National Cancer Institute; ClinicalTrials.gov number, NCT00716976.)"),
        ("", "The trial was registered at www.clinicaltrials.gov (NCT00716976)."),
        ("", "This trial is NCT00716976 at ClinicalTrials.gov."),
    ],
)
def test_an_abstract_states_its_registration(label, text):
    assert said((label, text)).stated == (NUMBER,)


@pytest.mark.parametrize(
    "text",
    [
        "A phase 3 trial is ongoing (ClinicalTrials.gov identifier: NCT00716976).",
        "Results of a previous trial, registered as NCT00716976, were mixed.",
        "Children of NCT00716976 and of the hospital were compared.",
    ],
)
def test_a_number_of_another_trial_is_only_mentioned(text):
    assert said(("", text)) == Claims(mentioned=(NUMBER,))


def test_a_title_states_the_registration():
    assert said(title="Thiosulfate for hearing (NCT00716976)").stated == (NUMBER,)


@pytest.mark.parametrize(
    "changes",
    [
        {"publication_types": ("Journal Article", "Systematic Review")},
        {"publication_types": ("Meta-Analysis",)},
        {"title": "Thiosulfate: a review"},
    ],
)
def test_a_review_states_no_trial_as_its_own(changes):
    databank = (Identifier("nct", NUMBER, "databank"),)
    found = said(("REGISTRATION", NUMBER), **({"identifiers": databank} | changes))
    assert found == Claims(mentioned=(NUMBER,))


def test_a_number_that_cannot_be_right_is_only_mentioned():
    slip = (Identifier("nct", "NCT00716975", "databank"), Identifier("isrctn", "ISRCTN0000607", "databank"))
    assert said(identifiers=slip) == Claims(mentioned=("ISRCTN0000607", "NCT00716975"))
    assert said(("REGISTRATION", "NCT00716975")).stated == ()
    own = registration("NCT00716975")
    assert claims(own, registration=True).own == ("NCT00716975",)


def test_a_ctis_number_is_one_however_often_it_was_submitted():
    first, second = (
        claims(registration(number, identifiers=(Identifier("ctis", number),)), registration=True)
        for number in ("2023-508143-51-00", "2023-508143-51-01")
    )
    assert first.own == second.own == ("2023-508143-51",)


def test_the_sponsors_own_number_may_be_that_of_another_register():
    given = (Identifier("nct", NUMBER), Identifier("eudract", "2007-003941-34", "organization"))
    found = claims(registration(NUMBER, identifiers=given), registration=True)
    assert (found.own, found.secondary) == ((NUMBER,), ("2007-003941-34",))


def test_a_registration_told_by_another_database():
    given = (Identifier("nct", NUMBER, "databank"),)
    told = Record(source="file:central", key="CN-1", title="Touch", identifiers=given)
    assert claims(told, registration=True).own == (NUMBER,)


def test_papers_a_register_names():
    named = (
        Relation("result", identifiers=(Identifier("pmid", "027914822"),)),
        Relation("derived", identifiers=(Identifier("doi", "https://doi.org/10.1000/ABC"),)),
        Relation("background", identifiers=(Identifier("pmid", "1"), Identifier("pmid", "27914822"))),
        Relation("background", citation="No identifier"),
    )
    found = references(registration(NUMBER, relations=named))
    assert found == (("10.1000/abc", "27914822"), ("1",))


def test_a_registration_says_whom_what_and_how_many():
    read = record(json.loads((DATA / "ctrdata_NCT00716976.json").read_text()))
    found = study(read, registration=True)
    assert found is not None
    assert (found.people, found.sizes, found.counted, found.since) == (("freyer",), (131,), True, 2008)
    assert {"ototoxicity", "neuroblastoma"} <= set(found.conditions)
    assert {"sodium", "thiosulfate"} <= set(found.treatments)


def test_an_office_is_no_investigator():
    trial = Trial(
        officials=("Pfizer CT.gov Call Center (STUDY_DIRECTOR, Pfizer)", "Björn Salomonsson, MD (PI)"),
        interventions=(Intervention("Placebo tablets"), Intervention("Psychoanalysis")),
    )
    found = study(registration(NUMBER, trial=trial), registration=True)
    assert found == Study(people=("salomonsson",), treatments=("psychoanalysis",))


def test_a_paper_says_how_many_when_it_looks_like_a_trial():
    told = paper(abstract=(Section("In a randomised trial, 131 children were seen."),))
    assert study(told, registration=False) == Study(sizes=(131,))
    assert study(paper(abstract=(Section("We saw 131 children."),)), registration=False) is None
    assert study(registration(NUMBER), registration=True) is None

"""Text downloads of the EU Clinical Trials Register: one record a block, one study a EudraCT number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from db.record import Grant, Identifier, Intervention, Outcome
from harvest.readers import read
from harvest.readers.euctr import Euctr
from harvest.readers.text import decode

FULL = (Path(__file__).parent / "data" / "euctr" / "full.txt").read_bytes()
SUMMARY = """

EudraCT Number:          2015-001314-10
Sponsor Protocol Number: EFC14280
Sponsor Name:            SANOFI-AVENTIS RECHERCHE ET DEVELOPPEMENT
Full Title:              A Randomized, Double-blind, 52-week Study of Dupilumab, in Patients with
Bilateral Nasal Polyposis
Start Date:              2016-11-29
Medical condition:       Bilateral nasal polyposis
Disease:                 Version: 19.0, SOC Term: 10038738 - Respiratory, Classification Code: 10028756, Term: Nasal polyps, Level: PT
Population Age:          Adults, Elderly
Gender:                  Male, Female
Trial protocol:          SE(Completed) PT(Completed) GB(GB - no longer in EU/EEA)
Trial results:           View results
Link:                    https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:2015-001314-10

EudraCT Number:          2010-018900-10
Sponsor Name:            Laboratoires Mayoly Spindler
Full Title:              Safety in pancreatic cancer
Trial protocol:          FR(Ongoing)
"""


def block(*lines: str) -> str:
    return "\n".join(("Summary", "EudraCT Number: 2022-002568-62", *lines, ""))


def only(*lines: str):
    (record,) = read(block(*lines).encode(), "x.txt", "file:euctr").records
    return record


def test_a_download_of_full_details_has_a_record_for_every_country():
    reading = read(FULL, "full.txt", "file:euctr")
    assert [record.key for record in reading.records] == ["2022-002568-62-ES", "2022-002568-62-SE"]
    assert reading.unreadable == ()
    assert [stray.line for stray in reading.stray] == [1], "the sentence above the first trial"
    assert (reading.database, reading.platform) == ("EUCTR", "EMA")


def test_a_full_protocol_fills_a_registration():
    spain = read(FULL, "full.txt", "file:euctr").records[0]
    trial = spain.trial
    assert trial is not None
    assert spain.title.startswith("A Phase 1/2 Open-Label, Ascending Dose, Multicenter Study")
    assert (spain.date, spain.dates) == ("2023-01-16", {"created": "2023-01-16", "authorised": "2023-05-18"})
    assert spain.identifiers == (
        Identifier("accession", "2022-002568-62-ES"),
        Identifier("eudract", "2022-002568-62"),
        Identifier("org_study_id", "AVB-PGRN-001", "organization"),
    )
    assert spain.grants == (Grant(agency="AviadoBio Limited"),)
    assert [part.label for part in spain.abstract] == ["Main objective", "Secondary objectives"]
    assert (trial.status, trial.study_type) == ("Ongoing", "EEA CTA")
    assert trial.phases == ("Human pharmacology (Phase I)", "Therapeutic exploratory (Phase II)")
    assert trial.design["randomised"] == "No"
    assert (trial.enrollment, trial.enrollment_kind) == (15, "TARGET")
    assert trial.interventions == (
        Intervention(
            "Recombinant AAV-9 vector expressing the human progranulin protein", other_names=("AVB-101",)
        ),
    )
    assert [(outcome.kind, outcome.time_frame) for outcome in trial.outcomes] == [
        ("primary", "26 weeks and 5 years"),
        ("secondary", "26 weeks and 5 years"),
    ]
    assert trial.eligibility.startswith("Inclusion criteria:\n1. Male or female, 30 to 75")
    assert "Exclusion criteria:\n1. Classification of the mutation" in trial.eligibility
    assert (trial.sex, trial.countries, trial.sponsor) == ("Female, Male", ("Spain",), "AviadoBio Ltd")
    assert not trial.results_posted


def test_what_has_no_field_is_kept_under_its_question_and_contacts_are_not():
    extra = read(FULL, "full.txt", "file:euctr").records[0].extra
    assert extra["A.3 Full title of the trial (es)"][0].startswith("Estudio de fase 1/2")
    assert extra["F.4.1 In the member state"] == ("5",)
    assert "E.8.1.7 Other" not in extra, "it says that nothing is said"
    assert not [tag for tag in extra if tag.startswith(("B.5.3", "B.5.4", "B.5.6"))]
    assert "Medical condition or disease under investigation" not in str(extra)


def test_a_summary_has_a_record_for_every_trial():
    one, two = read(SUMMARY.encode(), "summary.txt", "file:euctr").records
    assert (one.key, two.key) == ("2015-001314-10", "2010-018900-10")
    assert one.title.endswith("in Patients with Bilateral Nasal Polyposis")
    assert one.dates == {"start": "2016-11-29"}
    assert one.trial is not None
    assert one.trial.countries == ("SE", "PT", "GB")
    assert one.trial.status == "Completed, GB - no longer in EU/EEA"
    assert one.trial.conditions == ("Bilateral nasal polyposis", "Nasal polyps")
    assert (one.trial.sex, one.trial.enrollment) == ("Male, Female", None)
    assert one.trial.results_posted
    assert two.trial is not None
    assert (two.trial.status, two.trial.results_posted) == ("Ongoing", False)


def test_numbers_in_other_registers_are_secondary_ones():
    record = only(
        "A.5.1 ISRCTN (International Standard Randomised Controlled Trial) Number: ISRCTN88261002",
        "A.5.2 US NCT (ClinicalTrials.gov registry) number: NCT05437510",
        "A.5.3 WHO Universal Trial Reference Number (UTRN): U1111-1272-2514",
        "A.5.4 Other Identifiers: IRAS 12",
        "Link: https://www.clinicaltrialsregister.eu/ctr-search/trial/2022-002568-62/3rd/",
    )
    assert record.key == "2022-002568-62-3RD"
    assert [(i.scheme, i.value) for i in record.identifiers if i.origin == "secondary"] == [
        ("isrctn", "ISRCTN88261002"),
        ("nct", "NCT05437510"),
        ("utn", "U1111-1272-2514"),
        ("other", "IRAS 12"),
    ]


def test_products_are_told_apart_and_a_placebo_is_one_of_them():
    record = only(
        "D. IMP Identification", "D.IMP: 1", "D.2.1.1.1 Trade name: Influvac", "D.3.8 INN - Proposed INN: INFLUENZA VACCINE",
        "D.IMP: 2", "D.3.1 Product name: Other", "D.IMP: 3", "D.8 Placebo: 1", "D.8.1 Is a Placebo used in this Trial? Yes",
        "D.8.3 Pharmaceutical form of the placebo: Tablet", "B.1.1 Name of Sponsor: One", "B.1.1 Name of Sponsor: Two",
    )  # fmt: skip
    assert record.trial is not None
    assert record.trial.interventions == (
        Intervention("Influvac", other_names=("INFLUENZA VACCINE",)),
        Intervention("Other"),
        Intervention("Placebo", description="Tablet"),
    )
    assert (record.trial.sponsor, record.trial.collaborators) == ("One", ("Two",))


def test_lists_within_an_answer_are_part_of_it():
    record = only(
        "E.3 Principal inclusion criteria: Adults:",
        "A. with disease",
        "C. difficile negative",
        "N.B.: not before",
        "E.5.1 Primary end point(s): Death",
        "P. Date of the global end of the trial: 2020-04-01",
    )
    assert record.trial is not None
    assert record.trial.eligibility == (
        "Inclusion criteria:\nAdults:\nA. with disease\nC. difficile negative\nN.B.: not before"
    )
    assert record.trial.outcomes == (Outcome("Death", "primary"),)
    assert record.dates == {"completion": "2020-04-01"}


def test_lines_under_a_heading_are_kept():
    record = only("MedDRA Classification", "lonely words", "A.1 Member State Concerned: Spain - AEMPS")
    assert record.extra["text"] == ("lonely words",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(end):
    records = read(FULL.replace(b"\n", end.encode()), "x.txt", "file:euctr").records
    assert records == read(FULL, "x.txt", "file:euctr").records


def test_a_file_without_a_trial_is_refused():
    with pytest.raises(WrongUse, match="no line begins with `EudraCT Number:`"):
        Euctr().read(decode(b"EudraCT Number: unknown\n"), "x.txt", "file:euctr")


lines = st.lists(
    st.sampled_from(
        ["EudraCT Number: 2022-002568-62", "EudraCT Number:", "Summary", "", "A.3 Full title of the trial: X", "words", "E.1.2",
         "D.IMP: 1", "D.IMP", "N. Ethics Committee Opinion: Reason(s) for unfavourable opinion:", "Link: /trial/x/ES/", "P. End of Trial"]
    ),
    max_size=20,
)  # fmt: skip


@given(lines)
def test_every_block_is_a_record(said):
    text = "\n".join(("EudraCT Number: 2015-001314-10", *said))
    reading = Euctr().read(decode(text.encode()), "x.txt", "file:euctr")
    assert len(reading.records) == text.count("EudraCT Number: 20")
    assert len({record.key for record in reading.records}) == len(reading.records)

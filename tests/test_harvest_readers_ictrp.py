"""Exports of the WHO ICTRP: every trial is kept or reported, in whatever form the portal hands it out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from db.errors import WrongUse
from db.record import Grant, Identifier, Intervention, Outcome, Record
from harvest.readers import read
from harvest.readers.ictrp import FULL_EXPORT, Ictrp
from harvest.readers.reading import Reading
from harvest.readers.text import decode
from harvest.readers.workbook import Sheet

DATA = Path(__file__).parent / "data" / "ictrp"
ROOT = "Trials_downloaded_from_ICTRP"


def portal(kind: str) -> Reading:
    return read((DATA / f"portal.{kind}").read_bytes(), f"portal.{kind}", "file:ictrp")


def by_key(reading: Reading) -> dict[str, Record]:
    return {record.key: record for record in reading.records}


def xml(*trials: str, head: str = "<?xml version='1.0' encoding='UTF-8' ?>") -> bytes:
    return f"{head}<{ROOT}>\n{''.join(trials)}</{ROOT}>\n".encode()


def trial(number: str = "NCT04246242", /, **said: str) -> str:
    fields = "".join(f"    <{tag}>{value}</{tag}>\n" for tag, value in said.items())
    return f"  <Trial>\n    <TrialID>{number}</TrialID>\n{fields}  </Trial>\n"


def only(body: bytes) -> Record:
    (record,) = read(body, "x.xml", "file:ictrp").records
    return record


def table(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


# -- the portal's own files ----------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "number"), [("xml", 5), ("csv", 10), ("xlsx", 6)])
def test_every_trial_of_a_real_export_is_read(kind, number):
    reading = portal(kind)
    assert (len(reading.records), reading.unreadable, reading.stray) == (number, (), ())
    assert (reading.dialect, reading.database, reading.platform) == (
        f"{kind.upper()} of WHO ICTRP",
        "ICTRP",
        "WHO",
    )
    for record in reading.records:
        assert record.kind == "registration"
        assert record.title
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", record.date)
        assert record.identifiers[0] == Identifier("accession", record.key)
        assert record.identifiers[1].origin == ""
        assert record.trial is not None
        assert record.trial.sponsor
        assert record.trial.eligibility
        assert record.urls
        assert not any("_x000D_" in str(value) or "<br" in str(value) for value in record.extra.values())


def test_a_trial_of_clinicaltrials_gov_as_the_portal_passes_it_on():
    record = by_key(portal("xml"))["NCT04246242"]
    assert record.identifiers == (Identifier("accession", "NCT04246242"), Identifier("nct", "NCT04246242"))
    assert (record.date, record.year) == ("2020-01-27", 2020)
    assert record.dates == {"start": "2020-01-25", "refreshed": "2020-02-03"}
    assert record.urls == ("https://clinicaltrials.gov/show/NCT04246242",)
    assert record.trial is not None
    assert record.trial.phases == ("Phase 4",)
    assert (record.trial.enrollment, record.trial.enrollment_kind) == (500, "TARGET")
    assert record.trial.interventions == (
        Intervention("Conventional treatment group", "Drug"),
        Intervention("arbidol,200mg,tid", "Drug"),
        Intervention("arbidol,400mg,tid", "Drug"),
    )
    assert record.trial.outcomes == (Outcome("mortality", "primary"),)
    assert record.extra["Source_Register"] == ("ClinicalTrials.gov",)
    assert "Export_date" not in record.extra
    assert "Contact_Email" not in record.extra


def test_a_trial_of_chictr_with_padded_titles_and_sizes_by_group():
    record = by_key(portal("xml"))["ChiCTR2000029953"]
    assert record.title == (
        "Construction and Analysis of Prognostic Predictive Model of Novel Coronavirus Pneumonia (COVID-19)"
    )
    assert "Public_title" not in record.extra, "it repeats the scientific one"
    assert record.trial is not None
    assert record.trial.enrollment == 400
    assert record.extra["Target_size"] == ("survival group:200;died:200;",)
    assert len(record.trial.outcomes) == 4


def test_a_trial_of_the_eu_register_in_its_own_words():
    record = by_key(portal("csv"))["EUCTR2020-000890-25-FR"]
    assert Identifier("eudract", "2020-000890-25") in record.identifiers
    assert record.trial is not None
    assert record.trial.phases == ("Therapeutic confirmatory - (Phase III)",)
    assert record.trial.sex == "Female: yes, Male: yes"
    assert [given.name for given in record.trial.interventions] == ["Plaquenil 200 mg, comprimé pelliculé"]
    (outcome,) = record.trial.outcomes
    assert (outcome.measure, outcome.kind) == ("Results of SARS-COV2 virus detection", "primary")
    assert outcome.time_frame == "Day 1, Day 4, Day 7 and Day 14"
    assert "Main Objective" in record.extra["Primary outcome"][0], "objectives have no field"


def test_a_workbook_says_where_the_spreadsheet_has_made_a_date_of_a_phase():
    reading = portal("xlsx")
    record = by_key(reading)["IRCT20200509047366N1"]
    assert record.trial is not None
    assert record.trial.phases == ()
    assert record.extra["Phase"] == ("2020-02-01",)
    assert reading.notes == (
        "A spreadsheet has made a date of the phase, which is kept as it stands (line 2).",
    )


def test_the_same_trial_has_the_same_fields_from_every_form():
    (one,) = (r for r in portal("csv").records if r.key == "EUCTR2020-000890-25-FR")
    (other,) = (r for r in portal("xlsx").records if r.key == one.key)
    assert one.trial is not None
    assert other.trial is not None
    assert (one.date, one.identifiers, one.trial.phases) == (
        other.date,
        other.identifiers,
        other.trial.phases,
    )


# -- fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "exact", "date"),
    [
        ("27/01/2020", "20200127", "2020-01-27"),
        ("03/04/2020", "", "2020-04-03"),
        ("03-04-2020", "", "2020-04-03"),
        ("2020-04-03", "", "2020-04-03"),
        ("2020-04-03 00:00:00", "", "2020-04-03"),
        ("3 April 2020", "", "2020-04-03"),
        ("April 3, 2020", "", "2020-04-03"),
        ("April 2020", "", "2020-04"),
        ("soon", "20200403", "2020-04-03"),
        ("soon", "", ""),
        ("31/02/2020", "", "2020-02"),
    ],
)
def test_dates_are_never_read_month_first(printed, exact, date):
    record = only(xml(trial(Date_registration=printed, Date_registration3=exact, Date_enrollement=printed)))
    assert record.date == date
    if not exact:
        assert record.dates.get("start", "") == date
    if printed == "soon":
        assert record.extra["Date_registration"] == ("soon",)


def test_secondary_numbers_name_the_trial_in_other_registers():
    said = trial(
        "ISRCTN50189673",
        Secondary_ID="nct 04381936; 2020-001113-21;IRAS 281712;2020-001113-21",
        Source_Support="NIHR;UKRI",
    )
    record = only(xml(said))
    assert record.identifiers == (
        Identifier("accession", "ISRCTN50189673"),
        Identifier("isrctn", "ISRCTN50189673"),
        Identifier("nct", "NCT04381936", "secondary"),
        Identifier("eudract", "2020-001113-21", "secondary"),
        Identifier("other", "IRAS 281712", "secondary"),
    )
    assert record.grants == (Grant(agency="NIHR"), Grant(agency="UKRI"))


@pytest.mark.parametrize(
    ("number", "scheme", "value"),
    [
        ("CTIS2023-505613-24-00", "ctis", "2023-505613-24-00"),
        ("EUCTR2024-500001-12-DE", "ctis", "2024-500001-12"),
        ("JPRN-jRCTs031190226", "jrct", "jRCTs031190226"),
        ("NL8536", "ntr", "NL8536"),
    ],
)
def test_numbers_of_registers_are_known_behind_the_portals_prefixes(number, scheme, value):
    record = only(xml(trial(number, Public_title="A trial")))
    assert (record.key, record.identifiers[1]) == (number, Identifier(scheme, value))


def test_what_only_newer_exports_say():
    said = trial(
        Internal_Number="16104120\n    ", Secondary_Sponsor="One;Two", Secondary_outcome="Survival;Pain;",
        results_yes_no="Yes", results_date_completed="30/04/2020", Phase="Phase 2/Phase 3", Inclusion_gender="-",
        Ethics_review_contact_email="someone@example.org", Countries="Peru;Spain;Peru",
        Contact_Firstname="Ana;", Contact_Lastname="Lopez;Who", Contact_Affiliation="Clinic;",
    )  # fmt: skip
    record = only(xml(said))
    assert record.trial is not None
    assert record.trial.collaborators == ("One", "Two")
    assert record.trial.outcomes == (Outcome("Survival", "secondary"), Outcome("Pain", "secondary"))
    assert record.trial.results_posted
    assert record.trial.phases == ("Phase 2", "Phase 3")
    assert record.trial.sex == ""
    assert record.trial.countries == ("Peru", "Spain")
    assert record.trial.officials == ("Ana Lopez (contact, Clinic)", "Who (contact)")
    assert record.dates == {"completion": "2020-04-30"}
    assert record.extra["Internal_Number"] == ("16104120",)
    assert "Ethics_review_contact_email" not in record.extra


@pytest.mark.parametrize(
    ("size", "number"),
    [("120", 120), ("a:30;b:30;", 60), ("Group 1:30;Group 2", None), ("about 100", None), ("", None)],
)
def test_a_size_is_a_number_or_a_sum_of_groups(size, number):
    record = only(xml(trial(Target_size=size, Public_title="A trial")))
    assert record.trial is not None
    assert record.trial.enrollment == number
    if number is None and size:
        assert record.extra["Target_size"] == (size,)


def test_how_many_took_part_outranks_how_many_were_wanted():
    record = only(xml(trial(Target_size="120", results_actual_enrollment="97")))
    assert record.trial is not None
    assert (record.trial.enrollment, record.trial.enrollment_kind) == (97, "ACTUAL")
    assert record.extra["Target_size"] == ("120",)


def test_codes_of_a_condition_and_of_a_product_are_kept_beside_their_names():
    said = trial(
        "EUCTR2020-001162-12-FR",
        Condition="Infection &lt;br&gt;MedDRA version: 20.1&#x0D;&lt;br&gt;Level: PT&lt;br&gt;Term: Corona virus infection",
        Intervention="&lt;br&gt;Trade Name: Kevzara&lt;br&gt;Strength: 200&lt;br&gt;INN or Proposed INN: SARILUMAB&lt;br&gt;"
        "Trade Name: Other&lt;br&gt;",
    )
    record = only(xml(said))
    assert record.trial is not None
    assert record.trial.conditions == ("Infection", "Corona virus infection")
    assert record.trial.interventions == (
        Intervention("Kevzara", other_names=("SARILUMAB",)),
        Intervention("Other"),
    )
    assert "MedDRA version: 20.1" in record.extra["Condition"][0]
    assert "Strength: 200" in record.extra["Intervention"][0]


def test_prose_is_one_intervention():
    record = only(xml(trial(Intervention="Group A: rest; group B: none")))
    assert record.trial is not None
    assert record.trial.interventions == (Intervention("Group A: rest; group B: none"),)


# -- XML that is not as it should be -------------------------------------------------------------------


def test_a_file_that_breaks_off_loses_one_trial_and_says_so():
    body = xml(trial("NCT04246242"), trial("NCT04252885"))
    cut = body[: body.rindex(b"</TrialID>")]
    reading = read(cut, "x.xml", "file:ictrp")
    assert [record.key for record in reading.records] == ["NCT04246242"]
    (broken,) = reading.unreadable
    assert (broken.line, broken.position) == (5, 2)
    assert "does not end" in broken.problem
    assert broken.raw.endswith("NCT04252885")


def test_a_trial_that_is_no_xml_is_reported_and_takes_no_other_with_it():
    body = xml(
        trial("NCT04246242"), "<Trial><TrialID>NCT04252885</Trial>\n", trial("NCT04255940"), "Loose words\n"
    )
    reading = read(body, "x.xml", "file:ictrp")
    assert [record.key for record in reading.records] == ["NCT04246242", "NCT04255940"]
    assert [(odd.position, odd.line) for odd in reading.unreadable] == [(2, 5)]
    assert [(stray.line, stray.text) for stray in reading.stray] == [(9, "Loose words")]


def test_a_trial_inside_of_which_another_begins_is_reported():
    reading = read(
        xml("<Trial><TrialID>NCT04252885</TrialID>\n", trial("NCT04246242")), "x.xml", "file:ictrp"
    )
    assert [record.key for record in reading.records] == ["NCT04246242"]
    assert [odd.line for odd in reading.unreadable] == [2]


def test_an_end_without_a_beginning_is_set_aside():
    reading = read(xml("</Trial>\n", trial("NCT04246242")), "x.xml", "file:ictrp")
    assert len(reading.records) == 1
    assert [stray.text for stray in reading.stray] == ["</Trial>"]


def test_control_characters_are_left_out_with_a_note():
    reading = read(xml(trial(Public_title="A\x0b trial&#x1F; of&#8; rest")), "x.xml", "file:ictrp")
    assert [record.title for record in reading.records] == ["A trial of rest"]
    assert "left out of a trial (line 2)" in reading.notes[0]


def test_words_beside_the_fields_and_fields_in_fields_are_kept():
    body = xml("<Trial>loose<TrialID>NCT04246242</TrialID><New_field>a <b>b</b></New_field>end</Trial>")
    assert only(body).extra == {"New_field": ("a b",), "text": ("loose end",)}


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "http://example.org/x.dtd">',
        '<!DOCTYPE x [<!ENTITY m SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_nothing_outside_of_a_trial_is_ever_expanded(head):
    hostile = trial("NCT04252885", Public_title="&m;")
    reading = read(xml(trial(Public_title="Safe"), hostile, head=head), "x.xml", "file:ictrp")
    assert [record.title for record in reading.records] == ["Safe"]
    assert "undefined entity" in reading.unreadable[0].problem
    assert "DOCTYPE" in reading.stray[0].text


def test_a_document_type_within_a_trial_makes_it_unreadable():
    reading = read(xml(f"<Trial>{BOMB}<TrialID>&m;</TrialID></Trial>"), "x.xml", "file:ictrp")
    assert (reading.records, len(reading.unreadable)) == ((), 1)


def test_depth_harms_nobody():
    deep = "<a>" * 50_000 + "</a>" * 50_000
    assert only(xml(f"<Trial><TrialID>NCT04246242</TrialID>{deep}</Trial>")).key == "NCT04246242"


def test_a_trial_that_says_nothing_is_reported():
    assert len(read(xml("<Trial></Trial>"), "x.xml", "file:ictrp").unreadable) == 1


pieces = st.lists(
    st.sampled_from(
        [trial("NCT04246242"), trial("ChiCTR2000029953", Public_title="x"), "<Trial>", "</Trial>", "<TrialID>NCT04252885",
         "&amp;", "&x;", "<![CDATA[", "]]>", "\n", "words", f"</{ROOT}>", "<", "\x00", "\ud800"]
    ),
    max_size=12,
)  # fmt: skip


@given(pieces)
def test_every_trial_that_begins_is_kept_or_reported(parts):
    text = f"<{ROOT}>{''.join(parts)}"
    reading = Ictrp().read(decode(text.encode("utf-8", "surrogatepass")), "x.xml", "file:ictrp")
    begun = len(re.findall(r"<Trial>", text))
    assert len(reading.records) + len(reading.unreadable) == begun
    assert len({record.key for record in reading.records}) == len(reading.records)


# -- tables --------------------------------------------------------------------------------------------

FULL_ROW = dict.fromkeys(FULL_EXPORT, "") | {
    "TrialID": "ACTRN12620000443998", "last_updated": "23 March 2020", "SecondaryIDs": "U1111-1250-1234;NCT04246242",
    "public_title": "Rehabilitation at home", "url": "https://anzctr.org.au/x", "Date_registration": "03/04/2020",
    "Conditions": "COVID-19", "Age_min": "18 Years", "Gender": "Both", "Childs": "ISRCTN50189673",
    "Scientific_Contact_Firstname": "Ana", "Scientific_Contact_Tel": "000", "Ethics_Status": "Approved",
    "Inclusion_Criteria": "Adults\nat home",
}  # fmt: skip


def test_the_full_data_csv_has_no_header():
    assert len(FULL_EXPORT) == 63
    row = list(FULL_ROW.values())
    reading = read(table([row, [*row[:3], *row[3:]]]), "ICTRPFullExport.csv", "file:ictrp")
    record, again = reading.records
    assert (record.key, again.key) == ("ACTRN12620000443998", "ACTRN12620000443998~2")
    assert reading.columns == FULL_EXPORT
    assert record.title == "Rehabilitation at home"
    assert record.date == "2020-04-03"
    assert record.dates == {"refreshed": "2020-03-23"}
    assert [i.value for i in record.identifiers if i.origin == "secondary"] == [
        "U1111-1250-1234",
        "NCT04246242",
        "ISRCTN50189673",
    ]
    assert record.trial is not None
    assert (record.trial.minimum_age, record.trial.sex, record.trial.eligibility) == (
        "18 Years",
        "Both",
        "Adults\nat home",
    )
    assert record.trial.officials == ("Ana (scientific contact)",)
    assert record.extra["Ethics_Status"] == ("Approved",)
    assert "Scientific_Contact_Tel" not in record.extra


def test_a_csv_saved_anew_with_semicolons_and_columns_of_ones_own():
    rows = [
        ["TrialID", "Public title", "Date registration", "Mine", ""],
        ["NCT04246242", "A trial", "03/04/2020", "yes", "x", "beyond"],
        ["", "", "", "", ""],
        ["TrialID", "Public title", "Date registration", "Mine", "column 5"],
    ]
    text = "\n".join(";".join(row) for row in rows)
    reading = read(text.encode(), "x.csv", "file:ictrp")
    (record,) = reading.records
    assert record.extra == {"Mine": ("yes",), "column 5": ("x",), "column 6": ("beyond",)}
    assert len(reading.stray) == 2
    assert reading.unreadable == ()


def test_a_row_whose_quotation_is_never_closed_is_reported():
    text = 'TrialID,Public title\nNCT04246242,"A trial\nNCT04252885,Another\n'
    reading = read(text.encode(), "x.csv", "file:ictrp")
    assert [record.key for record in reading.records] == ["NCT04252885"]
    assert [odd.line for odd in reading.unreadable] == [2]


def test_a_row_in_which_the_file_ends_is_read_as_far_as_it_goes():
    reading = read(b'TrialID,Public title\nNCT04255940,"Cut', "x.csv", "file:ictrp")
    assert [record.title for record in reading.records] == ["Cut"]
    assert reading.notes == ("The file ends inside a row, which was read as far as it goes (line 2).",)


def test_a_list_of_numbers_is_no_full_data_csv():
    with pytest.raises(WrongUse, match="of no known format"):
        read(b"NCT04246242 is a trial\nNCT04252885 is another\n", "x.dat", "file:ictrp")


def test_only_exports_of_the_portal_are_read():
    for call in (
        lambda: Ictrp().read(decode(b"TY  - JOUR"), "x.ris", "file:ictrp"),
        lambda: Ictrp().read_sheet(Sheet("one", (("Title",),)), "x.xlsx", "file:ictrp"),
    ):
        with pytest.raises(WrongUse, match=r"x\.(ris|xlsx)"):
            call()


def test_a_workbook_and_its_csv_say_the_same():
    rows = [*load_workbook(DATA / "portal.xlsx").active.iter_rows(values_only=True)][:3]
    book = Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    sheet = read(kept.getvalue(), "x.xlsx", "file:ictrp")
    text = read(
        table([["" if cell is None else str(cell) for cell in row] for row in rows]), "x.csv", "file:ictrp"
    )
    assert [(r.key, r.date, r.identifiers) for r in sheet.records] == [
        (r.key, r.date, r.identifiers) for r in text.records
    ]

"""Studies of ClinicalTrials.gov become records, and lose nothing that matters on the way."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadAnswer, RecordError
from db.record import Grant, Heading, Identifier, Record, Relation, Unreadable
from harvest.sources import clinicaltrials_json as reader

DATA = Path(__file__).parent / "data" / "clinicaltrials"
FILES = sorted(DATA.glob("*.json"))
FULL = DATA / "ctrdata_NCT03275402.json"


def made(**modules):
    """A study that never was, for what the real ones at hand do not have."""
    identity = {"nctId": "NCT00000001", "briefTitle": "Brief"} | modules.pop("identificationModule", {})
    return {"protocolSection": {"identificationModule": identity, **modules}}


# -- real studies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_golden_pairs(file):
    records = [json.loads(record.to_json()) for record in reader.read(file.read_bytes())]
    assert records == json.loads((DATA / "golden" / file.name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_record_survives_its_own_json(file):
    for record in reader.read(file.read_bytes()):
        assert Record.from_json(record.to_json()) == record


def test_what_a_screener_and_a_linker_want():
    record = next(iter(reader.read(FULL.read_bytes())))
    trial = record.trial
    assert (record.source, record.key, record.kind) == ("clinicaltrials", "NCT03275402", "registration")
    assert record.title.startswith("A Multicenter Phase 2/3 Trial")
    assert record.extra["brief_title"][0].startswith("131I-omburtamab Radioimmunotherapy")
    assert [part.label for part in record.abstract] == ["Brief summary", "Detailed description"]
    assert (record.year, record.date) == (2017, "2017-09-07")
    assert record.dates["revised"] == "2024-02-13"
    assert record.headings[0] == Heading("Neuroblastoma", "D009447")
    assert (trial.status, trial.why_stopped[:18]) == ("TERMINATED", "Corporate business")
    assert (trial.phases, trial.enrollment, trial.enrollment_kind) == (("PHASE2", "PHASE3"), 52, "ACTUAL")
    assert trial.countries == ("United States", "Denmark", "Japan", "Spain")
    assert trial.officials == ("John Roemer, MD (STUDY_DIRECTOR, Y-mAbs Therapeutics)",)
    assert trial.interventions[0].other_names[0] == "131I-8H9"
    assert trial.results_posted
    assert record.relations[0].identifiers == (Identifier("pmid", "39083105", "reference"),)
    assert record.identifiers_of("pmid") == ()  # a cited paper is not this trial


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_text_of_a_protocol_is_lost(file):
    for study in reader.studies(file.read_bytes()):
        kept = [text.lower() for text in texts(json.loads(reader.record(study).to_json()))]
        protocol = copy.deepcopy(study["protocolSection"])
        places = protocol.pop("contactsLocationsModule", {}).get("locations", [])
        for text in [*texts(protocol), *(place["country"] for place in places if "country" in place)]:
            plain = reader._prose({"": text}, "").lower()
            assert any(plain in one for one in kept), text


def texts(value):
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def test_escapes_of_markdown_are_taken_out_of_prose():
    record = next(iter(reader.read((DATA / "get_nct02576665.json").read_bytes())))
    assert "[rHGG]" in record.abstract_text
    assert "< 30 days" in record.trial.eligibility
    assert "\\" not in record.abstract_text + record.trial.eligibility


def test_the_day_of_the_registers_build_does_not_make_a_revision():
    study = json.loads(FULL.read_text(encoding="utf-8"))
    before = reader.record(study).digest
    study["derivedSection"]["miscInfoModule"]["versionHolder"] = "2031-01-01"
    assert reader.record(study).digest == before


# -- shapes of an answer -----------------------------------------------------------------------------


def test_an_answer_a_download_and_a_single_study_read_alike():
    study = json.loads(FULL.read_text(encoding="utf-8"))
    shapes = (study, [study], {"studies": [study], "totalCount": 1})
    one, download, answer = (list(reader.read(json.dumps(shape).encode())) for shape in shapes)
    assert one == download == answer
    assert list(reader.read(b"\xef\xbb\xbf[]")) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty answer"),
        (b" \n", "an empty answer"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (FULL.read_bytes()[:5000], "not whole JSON"),
        (b"\xff\xfe[]", "not whole JSON"),
        (b"[" * 200_000, "not whole JSON"),
        (b'{"error": "API rate limit exceeded"}', "without a list of studies"),
        (b'"studies"', "without a list of studies"),
        (b'{"studies": {}}', "without a list of studies"),
    ],
    ids=["empty", "blank", "page", "truncated", "bytes", "nested", "error", "text", "object"],
)
def test_what_is_no_list_of_studies_is_a_bad_answer_with_its_bytes(body, words):
    with pytest.raises(BadAnswer, match=words) as caught:
        list(reader.read(body))
    assert caught.value.body == body


def test_a_study_that_cannot_be_read_is_kept_and_the_others_are_read():
    nameless = {"protocolSection": {"identificationModule": {"briefTitle": "Nobody"}}}
    twisted = made(designModule={"phases": "PHASE2"})
    page = {"studies": [nameless, made(), twisted, 7]}
    first, second, third, fourth = reader.read(json.dumps(page).encode())
    assert first == Unreadable(1, first.problem, json.dumps(nameless))
    assert "without an NCT number" in first.problem
    assert second.key == "NCT00000001"
    assert (third.position, third.key) == (3, "NCT00000001")
    assert third.problem == '`phases` should list texts and is "PHASE2".'
    assert (fourth.position, fourth.raw, fourth.key) == (4, "7", "")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ({"statusModule": []}, "`statusModule` should be a JSON object"),
        ({"statusModule": {"overallStatus": 1}}, "`overallStatus` should be a text"),
        ({"designModule": {"enrollmentInfo": {"count": "12"}}}, "`count` should be a whole number"),
        (
            {"outcomesModule": {"primaryOutcomes": ["x" * 99]}},
            "`primaryOutcomes` should list JSON objects .*…",
        ),
    ],
)
def test_an_unknown_shape_is_named(module, words):
    with pytest.raises(RecordError, match=words):
        reader.record(made(**module))


def test_has_results_must_be_true_or_false():
    with pytest.raises(RecordError, match="`hasResults` should be true or false"):
        reader.record(made() | {"hasResults": "yes"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_in_a_study_it_is_read_or_reported(data):
    study = json.loads(FULL.read_text(encoding="utf-8"))
    node = study
    while True:
        name = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not node[name] or not isinstance(node[name], dict | list) or data.draw(st.booleans()):
            break
        node = node[name]
    node[name] = data.draw(VALUES)
    (read,) = reader.read(json.dumps([study]).encode())
    assert isinstance(read, Unreadable) or Record.from_json(read.to_json()) == read


# -- names and numbers -------------------------------------------------------------------------------


def test_numbers_of_other_registers_are_known_by_their_pattern_not_their_type():
    infos = [
        {"id": "2022-501884-41-00", "type": "REGISTRY", "domain": "CTIS (EU)"},
        {"id": "EudraCT 2009-011277-33", "type": "OTHER"},
        {"id": "ISRCTN12345678", "type": "REGISTRY"},
        {"id": "R01MH000000", "type": "NIH", "link": "https://reporter.nih.gov/x"},
        {"id": "ABC-1"},
        {"type": "OTHER"},
    ]
    record = reader.record(
        made(
            identificationModule={
                "nctIdAliases": ["nct00000009"],
                "secondaryIdInfos": infos,
                "orgStudyIdInfo": {"id": "S-7"},
            }
        )
    )
    assert record.identifiers == (
        Identifier("nct", "NCT00000001"),
        Identifier("nct", "NCT00000009", "alias"),
        Identifier("org_study_id", "S-7", "organization"),
        Identifier("ctis", "2022-501884-41-00", "secondary"),
        Identifier("eudract", "2009-011277-33", "secondary"),
        Identifier("isrctn", "ISRCTN12345678", "secondary"),
        Identifier("nih", "R01MH000000", "secondary"),
        Identifier("other", "ABC-1", "secondary"),
    )
    assert (
        "id: 2022-501884-41-00; type: REGISTRY; domain: CTIS (EU)"
        in record.extra["identificationModule.secondaryIdInfos"]
    )
    assert record.grants == (Grant("R01MH000000", "NIH"),)


def test_names_are_those_a_study_answers_to():
    assert reader.names(made(identificationModule={"nctIdAliases": ["NCT00000009"]})) == (
        "NCT00000001",
        "NCT00000009",
    )
    assert reader.names({}) == reader.names(7) == reader.names({"protocolSection": 7}) == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [({"lastUpdatePostDateStruct": {"date": "2024-02"}}, "2024-02"), ({}, ""), ("broken", "")],
)
def test_the_stamp_is_the_day_of_the_last_posted_change_as_given(status, expected):
    assert reader.stamp(made(statusModule=status)) == expected


def test_an_acronym_and_a_brief_title_only():
    record = reader.record(made(identificationModule={"acronym": "BRAVE"}))
    assert (record.title, record.extra["acronym"]) == ("Brief", ("BRAVE",))
    assert (record.year, record.date, record.dates) == (None, "", {})


def test_dates_may_end_with_the_month():
    status = {"studyFirstSubmitDate": "1999-11", "startDateStruct": {"date": "1999-12", "type": "ESTIMATED"}}
    record = reader.record(made(statusModule=status))
    assert (record.year, record.date) == (1999, "1999-11")
    assert record.dates == {"created": "1999-11", "start": "1999-12"}
    assert record.extra["statusModule.startDateStruct.type"] == ("ESTIMATED",)


def test_papers_links_and_expanded_access():
    references = {
        "references": [
            {
                "pmid": "1",
                "type": "RESULT",
                "citation": "A.",
                "retractions": [{"pmid": "2", "source": "J 2020"}],
            },
            {"citation": "B."},
        ],
        "seeAlsoLinks": [{"label": "Home", "url": "https://example.org/"}, {"label": "None"}],
        "availIpds": [{"id": "9", "type": "Data", "url": "https://example.org/ipd"}],
    }
    access = {
        "expandedAccessInfo": {
            "hasExpandedAccess": True,
            "nctId": "NCT00000002",
            "statusForNctId": "AVAILABLE",
        }
    }
    record = reader.record(made(referencesModule=references, statusModule=access))
    assert record.relations == (
        Relation("result", "A.", (Identifier("pmid", "1", "reference"),), "retracted: PMID 2 (J 2020)"),
        Relation("reference", "B."),
        Relation("expanded_access", "", (Identifier("nct", "NCT00000002"),), "AVAILABLE"),
    )
    assert record.urls == ("https://example.org/",)
    assert record.extra["referencesModule.seeAlsoLinks"][0] == "label: Home; url: https://example.org/"
    assert record.extra["referencesModule.availIpds"] == ("id: 9; type: Data; url: https://example.org/ipd",)


def test_all_kinds_of_outcomes_and_of_masking():
    outcome = {"measure": "M", "description": r"\<5", "timeFrame": "1 y"}
    modules = {
        "outcomesModule": {f"{kind}Outcomes": [outcome] for kind in ("other", "secondary", "primary")},
        "designModule": {
            "designInfo": {"maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "INVESTIGATOR"]}}
        },
        "contactsLocationsModule": {"overallOfficials": [{"name": "Ann"}]},
    }
    trial = reader.record(made(**modules)).trial
    assert [(o.kind, o.measure, o.description) for o in trial.outcomes] == [
        ("primary", "M", "<5"),
        ("secondary", "M", "<5"),
        ("other", "M", "<5"),
    ]
    assert trial.design == {"masking": "DOUBLE", "who_masked": "PARTICIPANT, INVESTIGATOR"}
    assert trial.officials == ("Ann",)


def test_parts_the_register_may_add_are_kept_under_their_path():
    study = made(futureModule={"novelty": {"deep": [[1, None], "x"]}, "none": None, "blank": "", "list": []})
    study["annotationSection"] = {
        "annotationModule": {"violationAnnotation": {"violationEvents": [{"type": "ISSUED"}]}}
    }
    extra = reader.record(study).extra
    assert extra["futureModule.novelty.deep"] == ("1, null", "x")
    assert extra["annotationModule.violationAnnotation.violationEvents"] == ("type: ISSUED",)
    assert not [
        name
        for name in extra
        if name.startswith(("futureModule.n", "futureModule.b", "futureModule.l")) and "novelty" not in name
    ]

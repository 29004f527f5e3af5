"""The reports on studies: included, excluded, ongoing; from a review with a real registration in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from reviews import harvest, rows, told, write
from stores import article, begun, kept, opened

from db.notice import Notice
from db.opinion import Decision, Resolution, Retrieval
from db.record import Arm, Author, Identifier, Intervention, Outcome, Record, Trial
from harvest.project import load
from harvest.reports import excluded, included, ongoing
from harvest.reports.citing import cited
from harvest.reports.writing import FORMATS
from harvest.sources import clinicaltrials_json
from harvest.studies import studies
from screen.plan import FULL_TEXT, TITLE

DATA = Path(__file__).parent / "data" / "clinicaltrials"


def real(name):
    (record,) = clinicaltrials_json.read((DATA / name).read_bytes())
    return record


def paper(key, family, year):
    return article(
        key, f"Psychotherapy {key}", authors=(Author(family, "Dante"),), year=year, journal="Infant"
    )


@pytest.fixture
def review(tmp_path):
    """1 Cicchetti 1999 with the registration 2; 3 Cohen 1999; 4 and 5 Sleed 2013; 6 a trial under way; 7 Cooper 2003."""
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        begun(store)
        kept(
            store, paper("1", "Cicchetti", 1999), real("ctrdata_NCT00716976.json"), paper("3", "Cohen", 1999),
            paper("4", "Sleed", 2013), paper("5", "Sleed", 2014), trial(), paper("7", "Cooper", 2003),
        )  # fmt: skip
        store.set_membership({1: (1, 1), 2: (2, 1), 3: (3, 3), 4: (4, 4), 5: (5, 4), 6: (6, 6), 7: (7, 7)})
        vote(store, "include", *range(1, 8))
        yield store, project


def trial():
    return Record(
        "isrctn", "ISRCTN12345678", kind="registration", title="A trial", date="2024-03-01", year=2024,
        dates={"study_start": "2024-05-01", "completion": "2027-12-31", "revised": "2026-01-02"},
        identifiers=(Identifier("isrctn", "ISRCTN12345678"),),
        trial=Trial(
            status="Ongoing", enrollment=80, sponsor="A university",
            interventions=(Intervention("psychotherapy", description="weekly"), Intervention("usual care")),
            outcomes=(Outcome("attachment", "primary", time_frame="12 months"), Outcome("depression")),
        ),
    )  # fmt: skip


def vote(store, verdict, *reports, stage=TITLE, reason="", note=""):
    for who in ("ana", "ben"):
        store.add_decisions(Decision(n, stage, who, verdict, reason, note) for n in reports)


def texts(report):
    return [block.text for block in report.walk() if hasattr(block, "text")]


def headings(report):
    return [block.heading for block in report.walk() if hasattr(block, "heading")]


# -- included ----------------------------------------------------------------------------------------


def test_included_studies_have_their_reports_and_what_the_register_says(review):
    store, project = review
    vote(store, "include", 1, 2, 4, stage=FULL_TEXT)
    vote(store, "exclude", 5, stage=FULL_TEXT, reason="design")
    made = included.build(store, project)
    table = made.rows.to_dicts()
    assert [(row["study"], row["report"], row["primary"], row["kind"]) for row in table] == [
        ("Cicchetti 1999", "H000001", "yes", "article"), ("Cicchetti 1999", "H000002", "", "registration"),
        ("Sleed 2013", "H000004", "yes", "article"),
    ]  # fmt: skip
    registered, sleed = table[0], table[2]
    register = real("ctrdata_NCT00716976.json").trial
    assert registered["registrations"] == "NCT00716976"
    assert f"number: {register.enrollment}" in registered["participants"]
    assert register.outcomes[0].measure in registered["outcomes"]
    assert register.study_type in registered["design"]
    assert all(name in registered["interventions"] for name in (arm.label for arm in register.arms))
    assert [sleed[name] for name in included.CHARACTERISTICS] == [None] * 4
    assert headings(made) == ["Cicchetti 1999", "Sleed 2013"]
    assert "No registration of this study is known: fill in from the full texts." in texts(made)
    assert "Studies: 2 included, 0 excluded, 1 ongoing, 2 awaiting classification." in texts(made)


def test_a_retracted_included_study_is_named(review):
    store, project = review
    vote(store, "include", 1, 4, stage=FULL_TEXT)
    store.add_notices([Notice(1, "retraction", "pubmed", "RetractionIn", "Infant. 2005;1:2.")], None)
    made = included.build(store, project)
    (sentence,) = made.missing
    assert sentence.startswith("Cicchetti 1999: H000001 Psychotherapy 1: ")
    assert "Infant. 2005;1:2." in sentence


def test_what_a_register_says_without_arms():
    store_free = included._interventions(trial().trial)
    assert store_free == "psychotherapy: weekly\nusual care"
    with_arms = Trial(arms=(Arm("A", description="weekly"), Arm("B")))
    assert included._interventions(with_arms) == "A: weekly\nB"
    assert included._outcomes(trial().trial) == "primary: attachment (12 months)\ndepression"


# -- excluded ----------------------------------------------------------------------------------------


def test_excluded_studies_stand_in_the_projects_order_of_reasons(review):
    store, project = review
    vote(store, "exclude", 3, stage=FULL_TEXT, reason="population", note="infants of 30 months")
    vote(store, "exclude", 7, stage=FULL_TEXT, reason="design")
    vote(store, "include", 4, stage=FULL_TEXT)
    vote(store, "exclude", 5, stage=FULL_TEXT, reason="population")
    store.add_notices([Notice(3, "retraction", "pubmed", "RetractionIn", "Infant. 2005;1:2.")], None)
    made = excluded.build(store, project)
    assert [(row["study"], row["code"], row["reason"]) for row in made.rows.to_dicts()] == [
        ("Cooper 2003", "design", "Not a controlled trial"),
        ("Cohen 1999", "population", "Other participants"),
        ("Sleed 2013", "population", "Other participants"),
    ]
    assert headings(made) == ["Reasons", "Excluded studies", "Excluded reports of other studies"]
    text = FORMATS["md"](made).decode()
    assert (
        "Studies excluded on the full text: 2, with 2 reports in all. Reports of other studies excluded on the full text: 1."
        in text
    )
    assert "| Other participants | 1 | 2 |" in text
    assert "Other participants<br>infants of 30 months<br>H000003 Psychotherapy 3: " in text
    assert made.missing == ()


def test_the_first_reason_in_order_stands_for_a_study_of_several_reports(review):
    store, project = review
    vote(store, "exclude", 4, stage=FULL_TEXT, reason="population")
    vote(store, "exclude", 5, stage=FULL_TEXT, reason="design")
    made = excluded.build(store, project)
    (table,) = (block for block in made.walk() if getattr(block, "columns", ())[:1] == ("study",))
    ((label, why, reports),) = table.rows
    assert (label, why) == ("Sleed 2013", "Not a controlled trial")
    assert [line[:7] for line in reports.splitlines()] == ["H000004", "H000005"]


def test_the_arbiters_remark_goes_before_the_reviewers_and_a_missing_reason_is_named(review):
    store, project = review
    store.add_decisions(
        [
            Decision(3, FULL_TEXT, "ana", "include", note="fits"),
            Decision(3, FULL_TEXT, "ben", "exclude", "design"),
        ]
    )
    ids = tuple(sorted(vote.id for vote in store.decisions(FULL_TEXT)))
    store.add_resolution(Resolution(3, FULL_TEXT, "cleo", "exclude", "design", "quasi-random", ids))
    vote(store, "exclude", 7, stage=FULL_TEXT)
    made = excluded.build(store, project)
    first, second = made.rows.to_dicts()
    assert (first["study"], first["remarks"]) == ("Cohen 1999", "quasi-random")
    assert (second["study"], second["reason"]) == ("Cooper 2003", "no reason given")
    assert made.missing == ("H000007 (Cooper 2003) is excluded without a reason.",)


def test_single_reports_may_be_all_there_is(review):
    store, project = review
    vote(store, "include", 1, 4, stage=FULL_TEXT)
    vote(store, "exclude", 5, stage=FULL_TEXT, reason="design")
    assert headings(excluded.build(store, project)) == ["Reasons", "Excluded reports of other studies"]


def test_without_exclusions_it_says_so(review):
    store, project = review
    made = excluded.build(store, project)
    assert (made.rows.rows, headings(made)) == ((), [])


# -- ongoing -----------------------------------------------------------------------------------------


def test_ongoing_studies_are_told_as_registered_and_the_others_with_what_they_wait_for(review):
    store, project = review
    vote(store, "include", 1, 2, 4, 7, stage=FULL_TEXT)
    store.add_retrievals([Retrieval(3, "not retrieved", "ana")])
    made = ongoing.build(store, project)
    trial_row, cohen = made.rows.to_dicts()
    assert list(trial_row.values()) == [
        "ISRCTN12345678", "H000006", "ongoing", "H000006", "ISRCTN12345678", "A trial", "Ongoing", "2024-03-01", "2024-05-01",
        "2027-12-31", "2026-01-02", "A university", "full text to be sought", "",
    ]  # fmt: skip
    assert (cohen["study"], cohen["state"], cohen["waits for"]) == (
        "Cohen 1999", "awaiting classification", "full text not retrieved",
    )  # fmt: skip
    assert headings(made) == ["Ongoing studies", "Studies awaiting classification", "Cohen 1999"]


def test_none_is_said(review):
    store, project = review
    vote(store, "exclude", *range(1, 8))
    assert texts(ongoing.build(store, project)) == ["None.", "None."]


# -- citations ---------------------------------------------------------------------------------------


def test_citations():
    seven = tuple(Author(f"Name{n}", "Ada Bea") for n in range(7))
    full = Record(
        "pubmed", "1", title="A trial.", authors=seven, journal="Infant", year=1999, volume="3", issue="2", pages="1-9",
        identifiers=(Identifier("doi", "10.1/x"), Identifier("pmid", "1")),
    )  # fmt: skip
    names = ", ".join(f"Name{n} AB" for n in range(6))
    assert cited(full) == f"{names}, et al. A trial. Infant 1999;3(2):1-9. doi:10.1/x."
    assert cited(article("7", "A trial")) == "A trial. PMID 7."
    assert cited(trial()) == "A trial. ISRCTN12345678, registered 2024-03-01."
    assert cited(Record("file:x", "1", title="Untold")) == "Untold."


# -- as it is typed ----------------------------------------------------------------------------------


def test_what_a_report_shows_is_kept_and_a_rehearsal_keeps_nothing(review):
    store, project = review
    vote(store, "include", 1, 4, stage=FULL_TEXT)
    vote(store, "exclude", 3, stage=FULL_TEXT, reason="design")
    assert {study.label_by for study in studies(store, project)} == {""}
    store.close()
    folder = project.folder
    harvest(folder, "report", "included", "--dry-run", "--out", "included.docx")
    assert rows(folder, "SELECT count(*) FROM study_note") == [(0,)]
    assert told(folder, "report", "included")["rows"][0]["study"] == "Cicchetti 1999"
    kept_ones = "SELECT value FROM study_note WHERE by = 'harvest' AND field = 'label' ORDER BY 1"
    assert rows(folder, kept_ones) == [("Cicchetti 1999",), ("Sleed 2013",)]
    harvest(folder, "report", "excluded")
    harvest(folder, "report", "ongoing")
    assert [value for (value,) in rows(folder, kept_ones)] == [
        "Cicchetti 1999", "Cohen 1999", "Cooper 2003", "ISRCTN12345678", "Sleed 2013",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["agreement", "included", "excluded", "ongoing"])
@pytest.mark.parametrize("kind", ["md", "docx", "csv", "json"])
def test_every_report_is_written_in_every_format(review, tmp_path, name, kind):
    store, project = review
    vote(store, "include", 1, stage=FULL_TEXT)
    vote(store, "exclude", 3, stage=FULL_TEXT, reason="design")
    store.close()
    path = tmp_path / f"{name}.{kind}"
    assert harvest(project.folder, "report", name, "--out", path).stdout.strip() == str(path)
    assert path.stat().st_size > 100

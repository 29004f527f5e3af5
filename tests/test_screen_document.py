from __future__ import annotations

from db.record import Arm, Heading, Intervention, Outcome, Record, Section, Trial
from screen.document import Document, document
from screen.rank import Topic, rank


def test_an_article_is_read_with_headings_and_keywords_once_each():
    record = Record(
        "pubmed",
        "1",
        title="A title",
        abstract=(Section("We asked.", "AIM"), Section("We know.")),
        keywords=("infant", "Mothers"),
        headings=(Heading("Mothers"), Heading("Psychotherapy")),
        publication_types=("Journal Article",),
    )
    assert document(7, record) == Document(
        7, "A title", "AIM: We asked.\nWe know.", ("infant", "Mothers", "Psychotherapy"), ("Journal Article",)
    )


def test_a_title_in_another_language_stands_in_for_a_missing_one():
    assert document(1, Record("pubmed", "1", vernacular_title="Eltern")).title == "Eltern"


def test_a_registration_is_read_with_what_is_studied_how_and_in_whom():
    trial = Trial(
        study_type="INTERVENTIONAL",
        phases=("PHASE2",),
        design={"masking": "DOUBLE_BLIND", "allocation": "RANDOMIZED"},
        conditions=("Depression",),
        interventions=(Intervention("PIP", description="dyadic", other_names=("Psychotherapy",)),),
        arms=(Arm("Control", description="waiting list"),),
        outcomes=(Outcome("Attachment"),),
        eligibility="Infants under 24 months",
    )
    registration = Record(
        "clinicaltrials",
        "NCT1",
        kind="registration",
        title="PIP trial",
        abstract=(Section("We ask."),),
        keywords=("dyads",),
        trial=trial,
    )
    read = document(4, registration)
    assert read.kind == "registration"
    assert read.keywords == ("dyads", "Depression", "PIP", "Psychotherapy")
    assert read.publication_types == ("INTERVENTIONAL", "PHASE2", "RANDOMIZED", "DOUBLE BLIND")
    assert read.abstract.split("\n") == [
        "We ask.",
        "dyadic",
        "Control waiting list",
        "Attachment",
        "Infants under 24 months",
    ]


def test_a_registration_without_details_is_still_one():
    assert document(1, Record("file:ictrp", "1", kind="registration")).kind == "registration"


def test_a_registration_is_found_by_what_it_studies_and_how_as_an_article_is():
    trial = Trial(
        study_type="INTERVENTIONAL",
        design={"allocation": "RANDOMIZED"},
        conditions=("Postpartum Depression",),
        interventions=(Intervention("Parent-infant psychotherapy"),),
        eligibility="Mothers. " * 2_000,
    )
    registration = Record("clinicaltrials", "NCT1", kind="registration", title="The Swan study", trial=trial)
    article = Record(
        "pubmed",
        "1",
        title="The Swan study",
        headings=(Heading("Depression, Postpartum"),),
        keywords=("Parent-infant psychotherapy",),
        publication_types=("Randomized Controlled Trial",),
    )
    other = [Document(number, f"Wheat {number}", "Yield of wheat in dry years") for number in range(3, 30)]
    topic = Topic(
        population="postpartum depression", intervention="parent-infant psychotherapy", design="randomized"
    )
    ranking = rank([document(1, registration), document(2, article), *other], {}, topic)
    assert {report for report, _ in ranking.order[:2]} == {1, 2}

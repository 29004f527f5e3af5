"""What became of a paper: four things told apart, and none of the milder three ever taken for a retraction."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.notice import Notice
from db.record import Identifier, Record, Relation
from harvest.notices import KINDS, WORDS, by_paper, fate, kind_of, stated
from harvest.sources.crossref import Crossref
from harvest.sources.pubmed import PubMed

NOTICE = (Identifier("pmid", "20137807"),)
LANCET = "Lancet. 2010 Feb 6;375(9713):445"


def record(*relations, source="pubmed", key="9500320", title="Ileal-lymphoid-nodular hyperplasia", **fields):
    return Record(
        source, key, title=title, identifiers=(Identifier("pmid", key),), relations=relations, **fields
    )


def told(*records, carriers=None):
    return list(stated(enumerate(records, 1), carriers or {}))


def kinds(*records, **more):
    return [notice.kind for notice in told(*records, **more)]


# -- labelled examples: the sources' own words ---------------------------------------------------------

LABELLED = {
    # PubMed's RefType and its tags as the .nbib reader names them: NLM, "Errata, Retractions, and Other Linked Citations"
    "RetractionIn": "retraction",
    "RetractedandRepublishedIn": "replacement",
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "correction",
    "CorrectedandRepublishedIn": "correction",
    "PartialRetractionIn": "correction",
    # Europe PMC, commentCorrectionList
    "Retraction in": "retraction",
    "Expression of concern in": "concern",
    "Erratum in": "correction",
    # Crossref, updated-by
    "retraction": "retraction",
    "withdrawal": "retraction",
    "removal": "retraction",
    "expression_of_concern": "concern",
    "correction": "correction",
    "corrigendum": "correction",
    "erratum": "correction",
    "addendum": "correction",
    "clarification": "correction",
    "partial_retraction": "correction",
}
SILENT = (
    "CommentIn", "CommentOn", "Cites", "UpdateIn", "UpdateOf", "RepublishedIn", "RepublishedFrom", "OriginalReportIn",
    "SummaryForPatientsIn", "AssociatedDataset", "result", "derived", "background", "new_version", "new_edition",
    "is-preprint-of", "Preprint of", "",
)  # fmt: skip
ABOUT_ANOTHER = (
    "RetractionOf", "RetractedandRepublishedFrom", "ExpressionOfConcernFor", "ErratumFor", "CorrectedandRepublishedFrom",
    "PartialRetractionOf", "Retraction of", "retraction of", "expression_of_concern of", "correction of",
)  # fmt: skip


@pytest.mark.parametrize(("word", "kind"), LABELLED.items())
def test_each_source_is_understood_in_its_own_words(word, kind):
    (notice,) = told(record(Relation(word, LANCET, NOTICE)))
    assert (notice.kind, notice.word, notice.said_by) == (kind, word, "pubmed")
    assert (notice.citation, notice.identifiers, notice.date) == (LANCET, NOTICE, "2010-02-06")
    assert word in notice.evidence
    assert fate([notice]) == kind


@pytest.mark.parametrize("word", SILENT)
def test_other_links_are_no_notices(word):
    assert told(record(Relation(word, LANCET, NOTICE))) == []


@pytest.mark.parametrize("word", ABOUT_ANOTHER)
def test_a_notice_is_no_retracted_paper_and_speaks_of_its_own(word):
    notice = record(
        Relation(word, "Lancet. 1998 Feb 28;351(9103):637-41", (Identifier("pmid", "9500320"),)),
        key="20137807", title="Retraction--Ileal-lymphoid-nodular hyperplasia.", date="2010-02-06",
        journal="Lancet", volume="375", issue="9713", pages="445", publication_types=("Retraction of Publication",),
    )  # fmt: skip
    assert told(notice) == []
    (said,) = told(notice, carriers={("pmid", "9500320"): [7]})
    assert said.record == 7
    assert said.identifiers == (Identifier("pmid", "20137807"),)
    assert (
        said.citation == "Retraction--Ileal-lymphoid-nodular hyperplasia. Lancet. 2010-02-06. 375(9713):445"
    )
    assert said.date == "2010-02-06"


def test_no_word_but_those_of_retractions_comes_to_a_retraction():
    assert {word for word, kind in KINDS.items() if kind == "retraction"} == {
        "retraction",
        "withdrawal",
        "removal",
    }
    assert set(KINDS.values()) == set(WORDS)
    assert kind_of("Reinstatement") == "reinstatement"
    assert kind_of("Expression of Concern") == "concern"


def test_a_type_or_a_title_says_it_where_no_notice_is_named():
    assert kinds(record(publication_types=("Journal Article", "Retracted Publication"))) == ["retraction"]
    assert kinds(record(title="RETRACTED: Ileal-lymphoid-nodular hyperplasia", source="file:embase")) == [
        "retraction"
    ]
    assert kinds(record(title="[Retracted] Hyperplasia")) == ["retraction"]
    assert kinds(record(title="Retracted and republished: Hyperplasia")) == ["replacement"]
    (notice,) = told(record(title="RETRACTED: Hyperplasia"))
    assert notice.word == "title: RETRACTED:"


@pytest.mark.parametrize("title", [
    "Retraction: Hyperplasia", "Retraction of publication: x", "Retracted papers in trials: a survey", "Withdrawn: x",
    "Erratum: Hyperplasia", "Expression of concern: Hyperplasia", "A retracted gene", "",
])  # fmt: skip
def test_other_titles_say_nothing(title):
    assert told(record(title=title)) == []


def test_a_replaced_paper_is_not_retracted_though_pubmed_types_it_so():
    paper = record(
        Relation("RetractedandRepublishedIn", LANCET), publication_types=("Retracted Publication",)
    )
    assert kinds(paper) == ["replacement"]


def test_a_type_adds_nothing_to_the_notice_that_is_named():
    paper = record(Relation("RetractionIn", LANCET, NOTICE), publication_types=("Retracted Publication",))
    assert [notice.word for notice in told(paper)] == ["RetractionIn"]


def test_who_told_crossref_is_told():
    relations = [
        Relation(
            "retraction",
            "Retraction, 2010-02-06, 4036",
            (Identifier("doi", "10.1016/s0140-6736(10)60175-4"),),
            by,
        )
        for by in ("publisher", "retraction-watch")
    ]
    said = told(record(*relations, source="crossref"))
    assert [notice.said_by for notice in said] == ["crossref (publisher)", "crossref (retraction-watch)"]
    assert {notice.date for notice in said} == {"2010-02-06"}
    assert len({notice.key for notice in said}) == 2


def test_a_registration_tells_of_its_retracted_paper_and_is_not_retracted_itself():
    link = Relation(
        "result", "Smith J 2015", (Identifier("pmid", "77"),), "retracted: PMID 88 (Lancet. 2016 May;1:2)"
    )
    registration = Record(
        "clinicaltrials", "NCT00000001", kind="registration", title="A trial", relations=(link,)
    )
    assert told(registration) == []
    (notice,) = told(registration, carriers={("pmid", "77"): [5]})
    assert (notice.record, notice.kind, notice.date) == (5, "retraction", "2016-05")
    assert notice.identifiers == (Identifier("pmid", "88"),)


# -- what it comes to --------------------------------------------------------------------------------


def notice(kind, date="", by="pubmed", *names):
    return Notice(1, kind, by, identifiers=tuple(Identifier("doi", name) for name in names), date=date)


def test_the_gravest_counts_but_for_what_took_it_back():
    assert fate([]) is None
    assert fate([notice("correction", "2004-03-06"), notice("retraction", "2010-02-06")]) == "retraction"
    assert fate([notice("correction"), notice("concern")]) == "concern"
    assert fate([notice("retraction", "2010"), notice("reinstatement", "2012-05")]) == "reinstatement"
    assert fate([notice("retraction"), notice("reinstatement", "2012-05")]) == "reinstatement"
    assert fate([notice("retraction", "2015"), notice("reinstatement", "2012-05")]) == "retraction"
    assert fate([notice("retraction", "2012-05"), notice("reinstatement", "2012")]) == "reinstatement"
    assert (
        fate([notice("retraction", "2010"), notice("reinstatement", "2012"), notice("concern")]) == "concern"
    )


def test_what_one_calls_retracted_and_another_republished_lives_on():
    retracted = notice("retraction", "2016-03-01", "Retraction Watch", "10.5555/new")
    assert fate([retracted, notice("replacement")]) == "replacement"
    assert fate([retracted, notice("replacement", "2015-01", "pubmed", "10.5555/new")]) == "replacement"
    assert fate([retracted, notice("replacement", "2015-01", "pubmed", "10.5555/other")]) == "retraction"


@given(
    st.lists(
        st.builds(
            notice, st.sampled_from(list(WORDS)), st.sampled_from(["", "2010", "2012-05", "2015-01-02"])
        )
    )
)
def test_what_it_comes_to_does_not_hang_on_the_order_and_is_never_made_up(said):
    orders = [list(order) for order in permutations(said[:4])]
    assert len({fate(order) for order in orders}) == 1
    result = fate(said)
    assert (result is None) == (not said)
    assert result in {None, *(each.kind for each in said)}


def test_notices_hang_on_records_and_are_read_by_report():
    one, other = Notice(3, "retraction", "pubmed"), Notice(9, "correction", "Crossref (publisher)")
    assert by_paper([other, one], {3: 1, 9: 1}) == {1: [other, one]}
    assert by_paper([one], {}) == {3: [one]}


# -- as the readers of the house deliver it ------------------------------------------------------------

DATA = Path(__file__).parent / "data"


def test_the_sample_of_the_library_of_medicine_holds_one_retracted_paper_and_a_notice_that_was_corrected():
    body = (DATA / "pubmed" / "nlm_sample_2018.xml").read_bytes()
    records = [record for record in PubMed(None, {}).records(body) if isinstance(record, Record)]
    said = [
        (records[n.record - 1].key, n.kind, n.date, [i.value for i in n.identifiers]) for n in told(*records)
    ]
    assert said == [
        ("8655018", "retraction", "1998-07", ["9867474"]),
        ("9634358", "correction", "1998-08", []),  # itself the retraction of 8393056, and later corrected
    ]
    assert told(*records, carriers={("pmid", "8393056"): [99]})[-1].record == 99


def test_crossref_as_a_source_says_who_is_the_paper_and_who_the_notice():
    update = {"DOI": "10.5555/other", "type": "retraction", "label": "Retraction", "source": "publisher",
              "updated": {"date-parts": [[2010, 2, 6]]}}  # fmt: skip
    kinds = {}
    for tag in ("updated-by", "update-to"):
        body = json.dumps(
            {"message-type": "work", "message": {"DOI": "10.5555/this", "title": ["x"], tag: [update]}}
        ).encode()
        (record,) = Crossref(None, {}).records(body)
        kinds[tag] = [
            (n.record, n.kind, n.date) for n in told(record, carriers={("doi", "10.5555/other"): [7]})
        ]
    assert kinds == {
        "updated-by": [(1, "retraction", "2010-02-06")],
        "update-to": [(7, "retraction", "")],
    }

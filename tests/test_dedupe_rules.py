from dataclasses import replace

import pytest
from pairs import ABSTRACT, PAPER, doi, evidence, opinion, paper, pmid, registration, trial

from db.record import Author, Record, Section
from dedupe.rules import TABLE, VERSION, judge
from dedupe.signs import WEIGHTS, score

NOBODY = (Author("Zaphod", "B"),)

SAME = "same report: "
ASK = "ask: "
DIFFERENT = "different: "
STUDY = "same study: "


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, SAME + "same place"),
        ({"title": f"[{PAPER.title}]. [Review] [33 refs]"}, SAME + "same place"),
        ({"authors": ()}, SAME + "same place"),
        ({"journal": "Br J Psychiatry", "issue": "", "pages": "412"}, SAME + "same place"),
        ({"issue": "6"}, SAME + "same place"),
        ({"volume": "", "title": PAPER.title.split(":")[0]}, SAME + "same pages"),
        ({"title": ""}, SAME + "translation"),
        ({"title": "Psychothérapie après la dépression postnatale"}, SAME + "translation"),
        ({"volume": "", "issue": "", "pages": "1-17", "year": 2002}, SAME + "same title and names"),
        ({"journal": "", "volume": "", "issue": "", "pages": ""}, SAME + "same title and names"),
        (
            {"journal": "", "volume": "", "issue": "", "pages": "", "kind": "unpublished"},
            ASK + "alike",
        ),
        ({"volume": "", "issue": "", "pages": "", "year": 2002}, ASK + "alike"),
        ({"title": PAPER.title.replace("after", "without"), "pages": ""}, ASK + "same volume"),
        ({"title": PAPER.title.replace("postnatal", "antenatal"), "pages": ""}, ASK + "same volume"),
        ({"title": PAPER.title.replace("randomised", "small randomised"), "pages": ""}, ASK + "same volume"),
        ({"pages": "812-419"}, SAME + "one slip"),
        ({"volume": "", "issue": "", "pages": "", "journal": "Stroke"}, ASK + "alike"),
        ({"volume": "", "issue": "", "pages": "", "journal": "", "year": 2004}, ASK + "alike"),
        ({"pages": "612-19"}, ASK + "alike"),
        ({"authors": NOBODY, "journal": "", "volume": "", "pages": ""}, ASK + "alike"),
        ({"journal": "Stroke", "pages": "9-12", "volume": "3"}, DIFFERENT + "elsewhere"),
        ({"volume": "183", "issue": "1", "pages": "9-12", "year": 2008}, DIFFERENT + "elsewhere"),
        ({"title": f"Erratum: {PAPER.title}", "pages": "512"}, DIFFERENT + "notice of"),
        ({"title": f"{PAPER.title} (vol 182, pg 412, 2003)", "pages": "512"}, DIFFERENT + "notice of"),
        ({"title": f"Comment on: {PAPER.title}", "authors": NOBODY}, DIFFERENT + "notice of"),
        ({"title": f"{PAPER.title} (letter to the editor)"}, ASK + "perhaps notice"),
        ({"title": f"{PAPER.title}: part II", "pages": "420-7"}, DIFFERENT + "other number"),
        ({"title": "Blood pressure in hamsters", "authors": NOBODY}, ""),
        ({"title": "Blood pressure in hamsters", "authors": NOBODY, "pages": "1"}, ""),
        (
            {"kind": "conference abstract", "journal": "Annual Congress", "volume": "", "pages": ""},
            STUDY + "abstract of paper",
        ),
        (
            {"journal": f"{PAPER.journal}. Conference: Annual Meeting", "issue": "Suppl 1", "pages": "S7"},
            STUDY + "abstract of paper",
        ),
    ],
)
def test_the_paper_and_another_record(changes, said):
    assert opinion(PAPER, paper(**changes)) == said
    assert opinion(paper(**changes), PAPER) == said


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (
            {"identifiers": pmid("1")},
            {"identifiers": pmid("1"), "title": "", "volume": "", "pages": ""},
            SAME + "same PMID",
        ),
        (
            {"identifiers": pmid("1")},
            {"identifiers": pmid("1"), "title": "Blood in hamsters", "authors": NOBODY},
            ASK + "shared identifier",
        ),
        ({"identifiers": pmid("1")}, {"identifiers": pmid("2")}, ASK + "two identifiers"),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/A"), "volume": "4 (1) (no pagination)"},
            SAME + "same DOI",
        ),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/a"), "title": "Blood in hamsters", "authors": NOBODY, "pages": "9"},
            "",
        ),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/b")},
            ASK + "two identifiers",
        ),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/b"), "pages": "512-9"},
            DIFFERENT + "other identifier",
        ),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/b"), "title": "Blood in hamsters"},
            "",
        ),
        (
            {"identifiers": doi("10.1000/a")},
            {"identifiers": doi("10.1000/a"), "title": f"Erratum: {PAPER.title}"},
            DIFFERENT + "notice of",
        ),
        (
            {"abstract": ABSTRACT},
            {"abstract": ABSTRACT, "title": "The longer-term impact of therapies"},
            SAME + "translation",
        ),
        (
            {"abstract": ABSTRACT, "pages": ""},
            {"abstract": ABSTRACT, "title": PAPER.title.split(":")[0], "pages": ""},
            SAME + "same abstract",
        ),
        (
            {"identifiers": trial("NCT00000001")},
            {"identifiers": trial("NCT00000001"), "title": "Outcome in infants at two years", "pages": "9"},
            STUDY + "same trial",
        ),
        (
            {"journal": ""},
            {"title": PAPER.title, "volume": "", "pages": "", "abstract": ABSTRACT},
            SAME + "same title and names",
        ),
    ],
)
def test_two_records_of_the_paper(one, two, said):
    assert opinion(paper(**one), paper(**two)) == said
    assert opinion(paper(**two), paper(**one)) == said


def test_a_preprint_needs_the_same_abstract():
    bare = {"journal": "", "volume": "", "issue": "", "pages": ""}
    other = (
        Section(
            "We assigned 193 women to one of four arms and looked at mood and at the bond with the infant over five years, at home and in the clinic, in Cambridge and in London."
        ),
    )
    assert (
        opinion(paper(abstract=ABSTRACT), paper(abstract=ABSTRACT, **bare)) == SAME + "same title and names"
    )
    assert opinion(paper(abstract=ABSTRACT), paper(abstract=other, **bare)) == ASK + "alike"


def test_a_paper_and_a_meeting_without_a_common_journal_are_not_merged_for_their_title():
    bare = {"volume": "", "issue": "", "pages": ""}
    assert (
        opinion(paper(**bare), paper(kind="conference paper", journal="", **bare)) == ASK + "perhaps abstract"
    )


def test_anonymous_items_need_their_place():
    book = Record(
        source="file:embase",
        key="1",
        title="2015 BioIron Meeting Abstracts",
        journal="Am J Hematol",
        year=2016,
        volume="91",
        issue="3",
    )
    assert opinion(book, replace(book, journal="American Journal of Hematology")) == SAME + "unsigned"
    assert opinion(book, replace(book, issue="4")) == ASK + "alike"


def test_what_many_papers_are_called_is_not_merged_for_its_title():
    editorial = paper(title="Editor's comments", authors=(Author("Weber", "Ron"),), issue="2", pages="iii-xi")
    assert opinion(editorial, editorial) == SAME + "same place"
    assert opinion(editorial, replace(editorial, issue="3", pages="iii-xii")) == ""
    series = paper(
        title="Remarks of the new editor of this journal",
        authors=(Author("Weber", "Ron"),),
        issue="2",
        pages="",
    )
    assert opinion(series, replace(series, issue="3")) == ASK + "same volume"


def test_robert_tissot_1996_and_fonagy_2016_share_a_journal_and_pages():
    one = paper(
        title="Outcome evaluation in brief mother-infant psychotherapies: report on 75 cases",
        authors=(Author("Robert-Tissot", "C"),),
        journal="Infant Mental Health Journal",
        year=1996,
        volume="17",
        issue="2",
        pages="97-114",
    )
    other = paper(
        title="Randomized controlled trial of parent-infant psychotherapy for parents with mental health problems",
        authors=(Author("Fonagy", "P"),),
        journal="Infant Mental Health Journal",
        year=2016,
        volume="37",
        issue="2",
        pages="97-114",
    )
    assert opinion(one, other) == ""


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (registration("NCT00000001", source="file:ictrp", title="Another title"), SAME + "same registration"),
        (
            registration(
                "ISRCTN00000002", source="file:isrctn", identifiers=trial("NCT00000001", "secondary")
            ),
            STUDY + "registered twice",
        ),
        (registration("NCT00000003", identifiers=()), ASK + "perhaps registration"),
        (registration("NCT00000003", title="Blood pressure in hamsters"), ""),
        (paper(identifiers=trial("NCT00000001")), STUDY + "report of registration"),
        (paper(identifiers=trial("NCT00000001") + trial("NCT00000002")), ASK + "perhaps registration"),
        (paper(title="Touch (NCT00000001)"), STUDY + "report of registration"),
        (paper(title="Psychotherapy for mothers with depression"), ASK + "perhaps registration"),
        (paper(), ""),
    ],
)
def test_a_registration_is_never_the_report(other, said):
    assert opinion(registration("NCT00000001"), other) == said
    assert opinion(other, registration("NCT00000001")) == said


def test_a_registration_that_shares_everything_with_its_paper_is_still_not_merged():
    shared = doi("10.1000/a") + pmid("1")
    assert (
        opinion(paper(kind="registration", identifiers=shared), paper(identifiers=shared))
        == ASK + "perhaps registration"
    )


def test_a_link_says_by_which_rule_and_on_what_evidence():
    link = judge(evidence(PAPER, paper()))
    assert (link.a, link.b, link.rule, link.version, link.by_person) == (1, 2, "same place", VERSION, False)
    assert link.evidence["volume"] is True
    assert 0.8 < link.score <= 1


def test_every_rule_is_named_once_and_says_what_it_means():
    assert len({rule.name for rule in TABLE}) == len(TABLE)
    assert all(rule.meaning.endswith(".") for rule in TABLE)


def test_the_score_orders_by_likeness():
    twin, cousin, stranger = (
        paper(),
        paper(pages="9-12", journal="Stroke"),
        paper(
            title="Blood in hamsters",
            authors=NOBODY,
            year=1979,
            volume="1",
            issue="1",
            pages="42",
            journal="Stroke",
        ),
    )
    scores = [score(evidence(PAPER, other)) for other in (twin, cousin, stranger)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= value <= 1 for value in scores)
    silent = Record(source="file:x", key="9")
    assert score(evidence(silent, silent)) == 0.5
    assert WEIGHTS.keys() <= set(type(evidence(silent, silent)).__slots__)

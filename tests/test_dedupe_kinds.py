"""Documents that bear one title and are not one document: what they are to each other, and that they never merge."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import ABSTRACT, PAPER, doi, evidence, opinion, paper, pmid, registration

from db.record import Author, Identifier, Record, Relation
from dedupe import kinds
from dedupe.normal import form
from dedupe.rules import judge
from dedupe.text import fold

TITLE = PAPER.title
NOBODY = (Author("Zaphod", "B"),)
NOWHERE = {"journal": "", "volume": "", "issue": "", "pages": ""}
LATER = {"volume": "190", "issue": "2", "pages": "77", "year": 2004}


def typed(a, b):
    """`relation: kind` of the rules on two records; empty when they keep nothing."""
    link = judge(evidence(a, b))
    return f"{link.relation}: {link.kind}" if link else ""


LOOKALIKES = [
    ({"title": f"Erratum: {TITLE}", **LATER}, "different: erratum"),
    ({"title": f"Erratum to: {TITLE}"}, "different: erratum"),
    ({"title": f"{TITLE} (vol 182, pg 412, 2003)", **LATER}, "different: erratum"),
    ({"publication_types": ("Published Erratum",), **LATER}, "different: erratum"),
    ({"title": f"Retraction notice to “{TITLE}”", **LATER}, "different: retraction"),
    ({"title": f"Expression of concern: {TITLE}", **LATER}, "different: concern"),
    ({"title": f"Comment on: {TITLE}", "authors": NOBODY, **LATER}, "different: comment"),
    ({"title": f"Letter to the editor: {TITLE}", "authors": NOBODY, **LATER}, "different: comment"),
    ({"title": f"{TITLE} - Reply", **LATER}, "different: reply"),
    ({"title": f"Authors’ reply: {TITLE}", "pages": ""}, "different: reply"),
    ({"title": f"{TITLE}: part II", "pages": "420-7"}, "different: part"),
    ({"title": f"{TITLE} (II)", "pages": "420-7"}, "different: part"),
    ({"title": f"{TITLE}. 2nd edition", **NOWHERE}, "different: edition"),
    ({"title": f"{TITLE}: phase 3", "pages": "420-7"}, "different: "),
    ({**NOWHERE, "identifiers": doi("10.1101/2002.03.04.123456")}, "same study: preprint"),
    ({**NOWHERE, "journal": "medRxiv : the preprint server"}, "same study: preprint"),
    ({**NOWHERE, "publication_types": ("Preprint",)}, "same study: preprint"),
    ({"title": f"{TITLE}: study protocol", "journal": "Trials", **LATER}, "same study: protocol"),
    ({"title": f"Rationale and design of the {TITLE}", **NOWHERE}, "same study: protocol"),
    ({"title": f"Study protocol for {TITLE}", "pages": ""}, "same study: protocol"),
    ({"issue": "Suppl 1", "pages": "S12", "volume": "181"}, "same study: conference abstract"),
    ({"journal": "Annual Congress", "volume": "", "pages": "P-12"}, "same study: conference abstract"),
    ({"kind": "conference abstract", "volume": "", "pages": ""}, "ask: conference abstract"),
    ({"title": f"{TITLE} [abstract]", "volume": "", "pages": ""}, "ask: conference abstract"),
    (
        {"journal": "Nervenarzt", "volume": "75", "pages": "12-19", "languages": ("ger",)},
        "same study: translation",
    ),
    (
        {"title": f"[{TITLE}].", "journal": "Nervenarzt", "volume": "75", "pages": "12-19"},
        "same study: translation",
    ),
    ({"kind": "registration", **NOWHERE}, "ask: registration"),
]


@pytest.mark.parametrize(("changes", "said"), LOOKALIKES)
def test_what_bears_the_title_of_a_paper_is_typed(changes, said):
    assert typed(PAPER, paper(**changes)) == said
    assert typed(paper(**changes), PAPER) == said


@given(
    st.sampled_from([changes for changes, _ in LOOKALIKES]),
    st.sets(st.sampled_from(["year", "authors", "issue", "abstract"])),
    st.sets(st.sampled_from(["year", "authors", "volume", "issue", "abstract"])),
)
def test_what_bears_the_title_of_a_paper_is_never_merged_whatever_is_missing(changes, lost, lacking):
    empty = {"year": None, "authors": (), "volume": "", "issue": "", "pages": "", "abstract": ()}
    partner = replace(
        paper(**{"abstract": ABSTRACT} | changes), **{name: empty[name] for name in lost - changes.keys()}
    )
    original = replace(PAPER, **{"abstract": ABSTRACT} | {name: empty[name] for name in lacking})
    assert not opinion(original, partner).startswith("same report")


def test_two_versions_of_a_cochrane_review_are_one_study():
    review = paper(journal="Cochrane Database Syst Rev", volume="", issue="1", pages="CD004307")
    second, third = (
        replace(review, year=year, identifiers=doi(f"10.1002/14651858.CD004307.pub{number}"))
        for number, year in ((2, 2004), (3, 2009))
    )
    assert typed(second, third) == "same study: update"
    assert typed(review, replace(review, year=2005, issue="3")) == "same study: update"
    assert typed(second, replace(second, source="pubmed")) == "same report: "
    assert typed(review, replace(review, source="pubmed")) == "same report: "


def test_a_preprint_described_twice_is_one_report():
    server = paper(**NOWHERE | {"journal": "medRxiv"})
    assert typed(server, paper(**NOWHERE | {"kind": "unpublished"})) == "same report: "


def test_a_protocol_printed_under_a_title_cut_short_is_one_report():
    assert typed(PAPER, paper(title=f"{TITLE}: study protocol")) == "same report: "


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("ErratumFor", "different: erratum"),
        ("RetractionIn", "different: retraction"),
        ("CommentOn", "different: comment"),
        ("UpdateOf", "same study: update"),
        ("Cites", ""),
    ],
)
def test_what_a_source_says_of_another_document_is_believed(relation, said):
    about = Relation(relation, identifiers=(Identifier("pmid", "1"),))
    other = paper(
        title="Five years later", authors=NOBODY, relations=(about,), identifiers=pmid("2"), **LATER
    )
    assert typed(paper(identifiers=pmid("1")), other) == said
    assert typed(other, paper(identifiers=pmid("1"))) == said


def test_a_preprint_that_has_become_an_article_is_known_by_what_its_source_says():
    about = Relation("UpdateIn", identifiers=(Identifier("pmid", "1"),))
    early = paper(title="Touch", journal="bioRxiv", relations=(about,), identifiers=pmid("2"))
    assert typed(paper(identifiers=pmid("1")), early) == "same study: preprint"


# -- one record ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Effects of touch in infants: study protocol for a randomised controlled trial", "effects of touch in infants randomised controlled trial"),
        ("Study protocol for a randomised trial of touch in infants", "randomised trial of touch in infants"),
        ("Effects of touch in infants (Protocol)", "effects of touch in infants"),
        ("Touch in infants: a systematic review protocol", "touch in infants a systematic review"),
        ("Rationale and design of the TOUCH trial of infants", "touch trial of infants"),
        ("The effects of touch: rationale, design, and methods", "the effects of touch"),
        ("Effects of touch in infants: trial design", "effects of touch in infants"),
    ],
)  # fmt: skip
def test_a_protocol_is_known_by_its_title(said, left):
    assert kinds.without_protocol(fold(said)) == (left, True)


@pytest.mark.parametrize(
    "said",
    [
        "A new dosing protocol for insulin in infants",
        "Comparison of two protocols",
        "A novel trial design in use",
    ],
)
def test_a_protocol_of_treatment_is_none(said):
    assert kinds.without_protocol(fold(said)) == (fold(said), False)


def test_a_title_that_is_nothing_but_a_protocol_keeps_its_words():
    assert kinds.without_protocol("study protocol") == ("study protocol", True)
    assert kinds.without_protocol("touch", ("Clinical Trial Protocol",)) == ("touch", True)


@pytest.mark.parametrize(
    ("said", "left", "number"),
    [
        ("textbook of touch 2nd ed", "textbook of touch", "2"),
        ("textbook of touch second edition", "textbook of touch", "2"),
        ("textbook of touch edition 3", "textbook of touch", "3"),
        ("textbook of touch", "textbook of touch", ""),
    ],
)
def test_editions(said, left, number):
    assert kinds.without_edition(said) == (left, number)


@pytest.mark.parametrize(
    ("dois", "start", "found"),
    [
        (["10.1002/14651858.cd004307.pub3"], "", ("cd4307", "3")),
        (["10.1002/14651858.cd004307"], "", ("cd4307", "1")),
        (["10.21203/rs.3.rs-1234/v2"], "", ("10.21203/rs.3.rs-1234", "2")),
        (["10.1000/a"], "cd4307", ("cd4307", "")),
        ([], "s12", ("", "")),
    ],
)
def test_versions(dois, start, found):
    assert kinds.version(dois, start) == found


@pytest.mark.parametrize(
    ("changes", "preprint"),
    [
        ({**NOWHERE, "identifiers": doi("10.1101/123456")}, True),
        ({**NOWHERE, "identifiers": doi("10.1101/gr.123456")}, False),
        ({**NOWHERE, "identifiers": doi("10.64898/2026.01.01.123456")}, True),
        ({**NOWHERE, "identifiers": doi("10.2139/ssrn.1", "10.1000/a")}, False),
        ({"identifiers": doi("10.2139/ssrn.1")}, False),
        ({"journal": "SSRN Electronic Journal"}, True),
        ({"journal": "", "publisher": "Research Square"}, True),
        ({"publication_types": ("Preprint",)}, True),
    ],
)
def test_preprints(changes, preprint):
    assert form(1, paper(**changes)).preprint is preprint


@pytest.mark.parametrize(
    ("pages", "issue", "brief"),
    [
        ("S12", "", True),
        ("A345-A346", "", True),
        ("900A", "", True),
        ("512-512", "", True),
        ("512-13", "", False),
        ("512", "", False),
        ("", "Suppl 1", True),
        ("S12-S19", "Suppl 1", False),
        ("109057-109057", "", False),
        ("e12", "", False),
    ],
)
def test_pages_of_an_abstract(pages, issue, brief):
    assert form(1, paper(pages=pages, issue=issue)).brief is brief


@pytest.mark.parametrize(
    ("changes", "english"),
    [
        ({}, None),
        ({"languages": ("eng",)}, True),
        ({"languages": ("German", "English")}, True),
        ({"languages": ("ger",)}, False),
        ({"vernacular_title": "Wirkung der Berührung"}, False),
        ({"title": f"[{TITLE}]. [German]"}, False),
        ({"title": "[18F]FDG uptake in infants"}, None),
    ],
)
def test_language(changes, english):
    assert form(1, paper(**changes)).english is english


def test_an_empty_record_is_of_no_type():
    made = form(1, Record(source="file:x", key="1"))
    assert not any((made.preprint, made.protocol, made.brief, made.conference, made.about))


def test_a_registration_and_its_paper_keep_the_name_of_their_relation():
    assert typed(
        registration("NCT00000001"), paper(title="Psychotherapy for Mothers With Depression")
    ).endswith(": registration")


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Touch in preterm infants. 1. Methods", "Touch in preterm infants. 2. Results", "different: part"),
        ("Touch in preterm infants I", "Touch in preterm infants II", "different: part"),
        ("Touch in preterm infants: phase 2", "Touch in preterm infants: phase 3", "different: "),
        ("Touch in preterm infants 2009", "Touch in preterm infants 2010", "different: "),
    ],
)
def test_parts_are_told_from_phases_and_years(one, other, said):
    assert typed(paper(title=one), paper(title=other, pages="420-7")) == said

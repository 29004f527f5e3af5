"""Reading EFetch: golden pairs, the edge cases by hand, and Biopython as an independent witness.

`HARVEST_GOLDEN=write pytest tests/test_harvest_pubmed_xml.py` writes the golden files anew; the diff is
then what changed in reading.
"""

import dataclasses
import io
import json
import os

import pytest
from Bio import Entrez
from hypothesis import given
from hypothesis import strategies as st
from pubmed_pages import DATA, article, body, one, records

from db.errors import BadAnswer
from db.record import Record, Unreadable
from harvest.sources import pubmed_xml

PAGES = sorted(
    path.name
    for path in DATA.glob("*.xml")
    if path.name.startswith(("efetch_", "nlm_", "pubmed25n0001", "citation_"))
)

TAGS = [
    "PubmedArticle",
    "MedlineCitation",
    "PMID",
    "Article",
    "AuthorList",
    "Author",
    "PubmedData",
    "History",
    "PubMedPubDate",
    "BookDocument",
    "PubmedBookArticle",
    "Book",
    "AuthorList",
    "ELocationID",
    "Journal",
    "JournalIssue",
    "PubDate",
    "Year",
    "Abstract",
    "AbstractText",
]


# -- golden pairs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_stored_answer_gives_the_same_records_for_ever(name):
    read = [
        json.loads(r.to_json()) if isinstance(r, Record) else dataclasses.asdict(r)
        for r in pubmed_xml.read(body(name))
    ]
    golden = (DATA / name).with_suffix(".json")
    if os.environ.get("HARVEST_GOLDEN") == "write":
        golden.write_text(
            json.dumps(read, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )
    assert read == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_every_record_survives_its_json(name):
    for record in records(name).values():
        assert Record.from_json(record.to_json()) == record


# -- an independent witness --------------------------------------------------------------------------


def known_to_biopython():
    """Pages whose DTD Biopython has packed in: it would ask the network for any other."""
    return [
        name
        for name in PAGES
        if b"pubmed_250101.dtd" in body(name)
        or b"pubmed_180101.dtd" in body(name)
        or b"190101.dtd" in body(name)
    ]


@pytest.mark.parametrize("name", known_to_biopython())
def test_biopython_reads_the_same(name):
    ours = records(name)
    theirs = Entrez.read(io.BytesIO(body(name)), validate=False)["PubmedArticle"]
    assert [str(entry["MedlineCitation"]["PMID"]) for entry in theirs] == list(ours)
    for entry in theirs:
        citation = entry["MedlineCitation"]
        there, here = citation["Article"], ours[str(citation["PMID"])]
        issue = there["Journal"]["JournalIssue"]["PubDate"]
        assert plain(there["ArticleTitle"]) == plain(here.title)
        assert plain(there["Journal"].get("Title", "")) == here.journal
        assert str(here.year) == issue.get("Year", issue.get("MedlineDate", "")[:4])
        assert [t.strip() for t in there["PublicationTypeList"]] == list(here.publication_types)
        assert [plain(a.get("LastName") or a["CollectiveName"]) for a in valid(there)] == [
            a.family for a in here.authors
        ]
        assert [str(h["DescriptorName"]) for h in citation.get("MeshHeadingList", [])] == [
            h.term for h in here.headings if not h.id.startswith("C")
        ]
        theirs_doi = {
            str(i).lower() for i in entry["PubmedData"]["ArticleIdList"] if i.attributes["IdType"] == "doi"
        }
        theirs_doi |= {str(i).lower() for i in there["ELocationID"] if i.attributes["EIdType"] == "doi"}
        assert theirs_doi == set(here.identifiers_of("doi"))


def valid(article):
    return [a for a in article.get("AuthorList", []) if a.attributes.get("ValidYN", "Y") == "Y"]


def plain(text):
    """Biopython keeps inline markup as text."""
    for tag in ("i", "b", "sub", "sup", "u"):
        text = text.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    return " ".join(text.split())


# -- the rest ----------------------------------------------------------------------------------------


def test_pages_as_printed_and_numbers_of_articles():
    pages = "<Pagination><StartPage>637</StartPage><EndPage>641</EndPage>{}</Pagination>"
    assert article(pages.format("<MedlinePgn>637-41</MedlinePgn>")).pages == "637-41"
    assert article(pages.format("")).pages == "637-641"
    assert article("<ELocationID EIdType='pii'>e5807</ELocationID>").article_number == "e5807"
    assert article("<ELocationID EIdType='pii'>S0002-9297(23)00279-3</ELocationID>").article_number == ""


def test_journal_with_issns_hyphenated_and_without_repeats():
    record = article(
        journal="<ISSN>00150282</ISSN><Title>Fertil</Title><ISOAbbreviation>F.</ISOAbbreviation>",
        citation="<MedlineJournalInfo><MedlineTA>F</MedlineTA><ISSNLinking>0015-0282</ISSNLinking></MedlineJournalInfo>",
    )
    assert (record.journal, record.journal_abbreviation, record.issns) == ("Fertil", "F.", ("0015-0282",))
    assert record.extra == {"MedlineTA": ("F",)}


def test_headings_with_starred_qualifiers_and_supplementary_concepts():
    record = article(
        citation="<MeshHeadingList><MeshHeading><DescriptorName UI='D003863' MajorTopicYN='Y'>Depression"
        "</DescriptorName><QualifierName MajorTopicYN='Y'>therapy</QualifierName><QualifierName MajorTopicYN='N'>"
        "genetics</QualifierName></MeshHeading><MeshHeading/></MeshHeadingList>"
        "<SupplMeshList><SupplMeshName Type='Protocol' UI='C1'>CHOP</SupplMeshName></SupplMeshList>"
    )
    first, empty, last = record.headings
    assert (first.term, first.id, first.major, first.qualifiers) == (
        "Depression",
        "D003863",
        True,
        ("therapy*", "genetics"),
    )
    assert (empty.term, last.term, last.id) == ("", "CHOP", "C1")


def test_retractions_errata_and_updates():
    sample = records("nlm_sample_2018.xml")
    assert "RetractionOf" in {relation.kind for relation in sample["9634358"].relations}
    (retraction,) = [r for r in sample["8655018"].relations if r.kind == "RetractionIn"]
    assert retraction.citation.startswith("Ginekol Pol. 1998")
    assert retraction.identifiers[0].scheme == "pmid"
    assert "ErratumFor" in {r.kind for r in records("efetch_38833988.xml")["38833988"].relations}
    no_pmid = article(
        citation="<CommentsCorrectionsList><CommentsCorrections RefType='ErratumIn'><RefSource>J. 1;2:3</RefSource>"
        "<Note>spelling</Note></CommentsCorrections></CommentsCorrectionsList>"
    )
    (erratum,) = no_pmid.relations
    assert (erratum.kind, erratum.identifiers, erratum.note) == ("ErratumIn", (), "spelling")


def test_grants_are_unescaped_once_more_and_titles_are_not():
    record = article(
        "<ArticleTitle>R&amp;amp;D</ArticleTitle><GrantList><Grant><GrantID>1</GrantID>"
        "<Agency>R&amp;amp;D Office</Agency></Grant></GrantList>"
    )
    assert (record.grants[0].agency, record.title) == ("R&D Office", "R&amp;D")


def test_what_has_no_field_is_kept_under_its_tag():
    sample = records("nlm_sample_2018.xml")
    assert "SpaceFlightMission" in sample["12369570"].extra
    assert "Investigator" in sample["12369570"].extra
    record = article(
        citation="<ChemicalList><Chemical><RegistryNumber>R16CO5Y76E</RegistryNumber><NameOfSubstance>Aspirin"
        "</NameOfSubstance></Chemical></ChemicalList><CoiStatement>None.</CoiStatement>"
    )
    assert record.extra == {"Chemical": ("Aspirin (R16CO5Y76E)",), "CoiStatement": ("None.",)}
    assert record.status == "MEDLINE"


def test_of_several_versions_the_newest_counts():
    (record,) = [
        r for r in pubmed_xml.read(body("pubmed25n0002.xml")) if isinstance(r, Record) and r.key == "1001"
    ]
    assert record.extra["Version"] == ("2",)
    versions = [
        f"<PubmedArticle><MedlineCitation><PMID Version='{v}'>7</PMID><Article><ArticleTitle>v{v}</ArticleTitle>"
        "</Article></MedlineCitation></PubmedArticle>"
        for v in (10, 9)
    ]
    assert one("".join(versions)).title == "v10"


def test_a_book_is_never_dropped():
    book = next(pubmed_xml.read(body("efetch_book.xml").replace(b"21413195", b"5", 1)))
    assert (book.kind, book.key, book.publisher) == ("book", "5", "Royal College of Physicians (UK)")
    assert (book.title, book.date) == ("Title for some article", "2009-02")
    assert book.journal.startswith("Rheumatoid Arthritis")
    assert book.authors[0].collective
    assert book.identifiers_of("isbn") == ("9781860163593",)
    assert book.identifiers_of("bookaccession") == ("NBK51812",)
    assert book.dates["contributed"] == "2012-03-27"


def test_a_book_without_chapter_title_has_its_own_and_editors_are_no_authors():
    book = one(
        "<PubmedBookArticle><BookDocument><PMID>3</PMID><Book><BookTitle>Whole</BookTitle><AuthorList Type='editors'>"
        "<Author><LastName>Ed</LastName></Author></AuthorList></Book></BookDocument></PubmedBookArticle>"
    )
    assert (book.title, book.journal, book.authors, book.extra["Editor"]) == ("Whole", "", (), ("Ed",))
    assert (
        one("<PubmedBookArticle><BookDocument><PMID>4</PMID></BookDocument></PubmedBookArticle>").title == ""
    )


# -- what cannot be read -----------------------------------------------------------------------------


def test_one_unreadable_article_is_kept_and_the_others_are_read():
    good = "<PubmedArticle><MedlineCitation><PMID>2</PMID><Article/></MedlineCitation></PubmedArticle>"
    bad, nameless, record, stranger = pubmed_xml.read(
        f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID></MedlineCitation></PubmedArticle>"
        f"<PubmedArticle>?</PubmedArticle>{good}<DeleteCitation><PMID>9</PMID></DeleteCitation></PubmedArticleSet>".encode()
    )
    assert (bad.position, bad.key, bad.problem) == (1, "1", "PMID 1 has no <Article>: it is kept as it came.")
    assert nameless == Unreadable(
        2,
        "<PubmedArticle> holds no number as PMID: it is kept as it came.",
        "<PubmedArticle>?</PubmedArticle>",
    )
    assert record.key == "2"
    assert "<PMID>9</PMID>" in stranger.raw


def test_minimal_entry_is_unreadable_and_not_an_accident():
    (unreadable,) = pubmed_xml.read(body("minimal.xml"))
    assert isinstance(unreadable, Unreadable)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (body("malformed.xml"), "no complete XML"),
        (body("efetch_38866711.xml")[:-40], "no complete XML"),
        (b"", "no complete XML"),
        (b"<eLinkResult/>", "no set of articles"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><PubmedArticleSet>&x;</PubmedArticleSet>', "declares entities"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><PubmedArticleSet/>'.encode("utf-16"), "declares entities"),
        (
            b"<PubmedArticleSet>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</PubmedArticleSet>",
            "nested deeper",
        ),
    ],
)
def test_what_is_no_page_of_records_is_a_bad_answer_with_its_bytes(answer, problem):
    with pytest.raises(BadAnswer, match=problem) as caught:
        pubmed_xml.read(answer)
    assert caught.value.body == answer


def test_nothing_outside_is_loaded(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = f'<!DOCTYPE PubmedArticleSet SYSTEM "{secret.as_uri()}"><PubmedArticleSet/>'
    assert list(pubmed_xml.read(text.encode())) == []


@given(
    st.recursive(
        st.just(""),
        lambda inner: st.builds("<{0}>{1}</{0}>".format, st.sampled_from(TAGS), inner),
        max_leaves=9,
    )
)
def test_any_elements_in_any_place_are_records_or_reported(inside):
    page = f"<PubmedArticleSet>{inside}</PubmedArticleSet>".encode()
    assert all(isinstance(record, Record | Unreadable) for record in pubmed_xml.read(page))


@given(st.binary(max_size=200))
def test_any_other_bytes_are_a_bad_answer_or_reported(data):
    bodies, contents = [], []
    try:
        contents += pubmed_xml.read(data)
    except BadAnswer as bad:
        bodies.append(bad.body)
    # Chance may well write an empty set, or one empty article.
    assert bodies == [data] or all(isinstance(content, Unreadable) for content in contents)

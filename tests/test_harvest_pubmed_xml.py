"""Reading EFetch: golden pairs, the edge cases by hand, and Biopython as an independent witness.

`HARVEST_GOLDEN=write pytest tests/test_harvest_pubmed_xml.py` writes the golden files anew; the diff is
then what changed in reading.
"""

import dataclasses
import io
import json
import os
from pathlib import Path

import pytest
from Bio import Entrez
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadAnswer
from db.record import Author, Identifier, Record, Section, Unreadable
from harvest.sources import pubmed_xml
from harvest.sources.pubmed_fields import doi_of

DATA = Path(__file__).parent / "data" / "pubmed"
PAGES = sorted(
    path.name
    for path in DATA.glob("*.xml")
    if path.name.startswith(("efetch_", "nlm_", "pubmed25n0001", "citation_"))
)


def body(name):
    return (DATA / name).read_bytes()


def records(name):
    return {record.key: record for record in pubmed_xml.read(body(name)) if isinstance(record, Record)}


def one(inside, *, root="PubmedArticleSet"):
    """The only thing read from a page with this inside."""
    (record,) = pubmed_xml.read(f"<{root}>{inside}</{root}>".encode())
    return record


def article(inside="", *, pmid="1", citation="", data="", journal=""):
    return one(
        f"<PubmedArticle><MedlineCitation Status='MEDLINE'><PMID Version='1'>{pmid}</PMID><Article>"
        f"<Journal>{journal}</Journal>{inside}</Article>{citation}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )


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


# -- titles and abstracts ----------------------------------------------------------------------------


def test_an_empty_title_keeps_its_vernacular_one():
    """The shape of PMID 28304499."""
    record = article("<ArticleTitle/><VernacularTitle>Zur Frage der Säuglingspflege.</VernacularTitle>")
    assert (record.title, record.vernacular_title) == ("", "Zur Frage der Säuglingspflege.")


def test_genuine_records_without_a_title_are_read():
    assert records("nlm_sample_2018.xml")["23203861"].title == ""


def test_markup_is_taken_out_of_texts_and_blanks_are_made_one():
    record = article("<ArticleTitle>H<sub>2</sub>O\n\t in  <i>E. coli</i>.</ArticleTitle>")
    assert record.title == "H2O in E. coli."


def test_formulas_are_read_as_text():
    (record,) = pubmed_xml.read(body("citation_mathml.xml"))
    assert "<" not in record.abstract_text
    assert "\n" not in record.abstract[0].text


def test_a_structured_abstract_keeps_labels_and_categories_and_drops_empty_parts():
    record = article(
        "<Abstract><AbstractText Label='AIM' NlmCategory='OBJECTIVE'>To see.</AbstractText>"
        "<AbstractText Label='NOTE'/><AbstractText>Rest.</AbstractText>"
        "<CopyrightInformation>© 2020</CopyrightInformation></Abstract>"
    )
    assert record.abstract == (Section("To see.", "AIM", "OBJECTIVE"), Section("Rest."))
    assert record.extra["CopyrightInformation"] == ("© 2020",)


def test_other_abstracts_say_whose_they_are():
    record = article(
        citation="<OtherAbstract Type='Publisher' Language='ger'><AbstractText Label='ZIEL'>Sehen.</AbstractText>"
        "</OtherAbstract>"
    )
    assert record.other_abstracts == (Section("Sehen.", "Publisher, ger, ZIEL"),)


# -- authors -----------------------------------------------------------------------------------------


def test_people_groups_and_their_marks():
    record = article(
        "<AuthorList CompleteYN='N'>"
        "<Author ValidYN='Y'><LastName>Muñoz</LastName><ForeName>Ana</ForeName><Initials>A</Initials>"
        "<Suffix>Jr</Suffix><Identifier Source='ORCID'>https://orcid.org/000000021825009x</Identifier>"
        "<AffiliationInfo><Affiliation>Lima.</Affiliation></AffiliationInfo>"
        "<AffiliationInfo><Affiliation>Quito.</Affiliation></AffiliationInfo></Author>"
        "<Author><CollectiveName>The Group</CollectiveName></Author>"
        "<Author ValidYN='N'><LastName>Munoz</LastName><Initials>A</Initials></Author></AuthorList>"
    )
    assert record.authors == (
        Author("Muñoz", "Ana", "A", "Jr", "0000-0002-1825-009X", ("Lima.", "Quito.")),
        Author("The Group", collective=True),
    )
    assert not record.authors_complete
    assert record.extra["InvalidAuthor"] == ("Munoz A",)


def test_a_name_that_an_erratum_replaced_is_no_second_author():
    record = records("nlm_sample_2018.xml")["9634358"]
    assert record.extra["InvalidAuthor"] == ("Whitely R J",)
    assert "Whitley" in [author.family for author in record.authors]


# -- dates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "year", "date", "text"),
    [
        ("<Year>2013</Year><Month>May</Month><Day>7</Day>", 2013, "2013-05-07", ""),
        ("<Year>2013</Year><Month>05</Month>", 2013, "2013-05", ""),
        ("<Year>2013</Year>", 2013, "2013", ""),
        ("<Year>2013</Year><Month>Feb</Month><Day>30</Day>", 2013, "2013-02", ""),
        ("<Year>2013</Year><Season>Spring</Season>", 2013, "2013", "2013 Spring"),
        ("<Year>2013</Year><Month>Trinity</Month>", 2013, "2013", "2013 Trinity"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998, "1998", "1998 Dec-1999 Jan"),
        ("<MedlineDate>Spring 1999</MedlineDate>", 1999, "1999", "Spring 1999"),
        ("<MedlineDate>undated</MedlineDate>", None, "", "undated"),
        ("", None, "", ""),
    ],
)
def test_dates_of_publication_in_every_form(printed, year, date, text):
    record = article(journal=f"<JournalIssue><PubDate>{printed}</PubDate></JournalIssue>")
    assert (record.year, record.date, record.date_text) == (year, date, text)


def test_created_is_the_day_of_adding_and_entry_is_the_entry_date():
    """PMID 36644330: published 2020, added 2023, with an entry date of 2020."""
    day = "<PubMedPubDate PubStatus='{}'><Year>{}</Year><Month>{}</Month><Day>{}</Day></PubMedPubDate>"
    history = (
        day.format("entrez", 2023, 1, 16)
        + day.format("pubmed", 2020, 7, 1)
        + day.format("medline", 2020, 7, 1)
    )
    record = article(
        "<ArticleDate DateType='Electronic'><Year>2020</Year><Month>06</Month><Day>30</Day></ArticleDate>",
        citation="<DateRevised><Year>2023</Year><Month>02</Month><Day>01</Day></DateRevised>",
        data=f"<History>{history}{day.format('revised', 2020, 5, 1)}</History>",
    )
    assert record.dates == {
        "created": "2023-01-16",
        "entry": "2020-07-01",
        "indexed": "2020-07-01",
        "manuscript revised": "2020-05-01",
        "electronic": "2020-06-30",
        "revised": "2023-02-01",
    }


# -- identifiers -------------------------------------------------------------------------------------


def test_two_different_dois_are_both_kept_with_their_places():
    """The shape of PMID 33388160."""
    record = article(
        "<ELocationID EIdType='doi' ValidYN='Y'>10.1016/J.A.2020.1</ELocationID>",
        data="<ArticleIdList><ArticleId IdType='pubmed'>1</ArticleId>"
        "<ArticleId IdType='doi'>10.1016/j.a.2020.2</ArticleId></ArticleIdList>",
    )
    assert record.identifiers == (
        Identifier("pmid", "1"),
        Identifier("doi", "10.1016/j.a.2020.1", "elocation"),
        Identifier("doi", "10.1016/j.a.2020.2", "idlist"),
    )


def test_what_is_no_doi_is_kept_aside():
    """The shape of PMID 36820854: marked valid, and no DOI."""
    record = article(
        "<ELocationID EIdType='doi' ValidYN='Y'>e22.00123</ELocationID>"
        "<ELocationID EIdType='doi' ValidYN='N'>10.1000/wrong</ELocationID>"
    )
    assert record.identifiers_of("doi") == ()
    assert record.extra["invalid"] == ("doi e22.00123", "doi 10.1000/wrong")


def test_identifiers_of_cited_papers_are_not_the_record_s():
    record = article(
        data="<ArticleIdList><ArticleId IdType='pmc'>PMC7</ArticleId></ArticleIdList><ReferenceList><Reference>"
        "<ArticleIdList><ArticleId IdType='doi'>10.1000/cited</ArticleId></ArticleIdList></Reference></ReferenceList>"
    )
    assert record.identifiers == (Identifier("pmid", "1"), Identifier("pmcid", "PMC7", "idlist"))


def test_genuine_record_with_references_has_one_doi():
    body_text = body("efetch_29768149.xml")
    assert body_text.count(b'IdType="doi"') > 1
    assert records("efetch_29768149.xml")["29768149"].identifiers_of("doi") == ("10.1056/nejmoa1715274",)


def test_accession_numbers_and_a_bank_with_two_names():
    record = records("efetch_11119751.xml")["11119751"]
    assert record.identifiers_of("genbank") == ("AF078607", "AF078608", "AF078609")
    assert record.identifiers_of("genbankclinicaltrials.gov") == ("NTC00078607",)


def test_trial_numbers_from_banks_titles_and_abstracts():
    record = article(
        "<ArticleTitle>A trial (NCT00000419)</ArticleTitle><Abstract><AbstractText>See ISRCTN 63718836, "
        "NCT00000419 and ACTRN12605000123456.</AbstractText></Abstract><DataBankList><DataBank><DataBankName>ISRCTN"
        "</DataBankName><AccessionNumberList><AccessionNumber>63718836</AccessionNumber></AccessionNumberList>"
        "</DataBank></DataBankList>"
    )
    assert record.identifiers[1:] == (
        Identifier("isrctn", "ISRCTN63718836", "databank"),
        Identifier("nct", "NCT00000419", "title"),
        Identifier("actrn", "ACTRN12605000123456", "abstract"),
    )


@given(st.text())
def test_a_doi_is_a_doi_only_once(text):
    assert doi_of(doi_of(text)) == doi_of(text)


def test_doi_without_what_stands_in_front():
    assert doi_of("https://doi.org/10.1000/ABC") == doi_of("doi: 10.1000/abc") == "10.1000/abc"
    assert doi_of("10.10/short") == ""


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


@given(st.binary(max_size=200))
def test_any_bytes_are_records_or_a_bad_answer(data):
    try:
        assert all(isinstance(record, Record | Unreadable) for record in pubmed_xml.read(data))
    except BadAnswer as error:
        assert error.body == data

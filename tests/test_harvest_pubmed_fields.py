"""The parts of a PubMed record, each in every form it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pubmed_pages import article, body, records

from db.record import Author, Identifier, Section
from harvest.sources import pubmed_xml
from harvest.sources.pubmed_fields import doi_of

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
        "<ELocationID EIdType='doi' ValidYN='N'>10.1000/wrong</ELocationID><ELocationID EIdType='pii'/>"
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

"""MEDLINE text of PubMed and ERIC."""

from reader_files import body

from db.record import Author, Grant, Heading, Identifier, Relation, Section
from harvest import readers


def nbib(*lines):
    return readers.read("\n".join(lines).encode(), "x.nbib", "file:x")


def only(*lines):
    (record,) = nbib("PMID- 1", *lines).records
    return record


def test_a_whole_record():
    record = readers.read(body("pubmed_saved_as.ris"), "x.ris", "file:pubmed").records[0]
    assert record.key == "30922926"
    assert record.authors[0] == Author(
        "Griffin",
        "Darren K",
        "DK",
        affiliations=(
            "School of Biosciences, University of Kent, Canterbury, CT2 7NJ, UK. Electronic address: d.k.griffin@kent.ac.uk.",
        ),
    )
    assert (record.date, record.year, record.volume, record.issue, record.pages) == (
        "2020-02",
        2020,
        "63",
        "2",
        "103640",
    )
    assert record.dates == {
        "created": "2019-03-30",
        "entry": "2019-03-30",
        "indexed": "2020-10-06",
        "completed": "2020-10-05",
        "revised": "2021-01-09",
        "electronic": "2019-03-25",
        "received": "2019-01-21",
        "accepted": "2019-03-10",
        "pmc-release": "2020-02-01",
    }
    assert {(i.scheme, i.value) for i in record.identifiers} >= {
        ("pmid", "30922926"),
        ("doi", "10.1016/j.ejmg.2019.03.004"),
        ("pii", "S1769-7212(19)30059-X"),
        ("pmcid", "PMC7026692"),
    }
    assert record.grants == (
        Grant("BB/E010652/1/BB_", "Biotechnology and Biological Sciences Research Council", "United Kingdom"),
    )
    assert record.issns == ("1878-0849", "1769-7212")
    assert (record.status, record.languages) == ("MEDLINE", ("eng",))
    assert "DOI" not in record.extra
    assert record.extra["OWN"] == ("NLM",)
    assert record.abstract_text.startswith(
        "For the purpose of this review, 'time-lapse' refers to the reconstruction of ancestral (in"
    )


def test_headings_with_their_qualifiers():
    record = readers.read(body("medline_complete.txt"), "x.txt", "file:x").records[0]
    assert Heading("Occupational Health", qualifiers=("history*",)) in record.headings
    assert Heading("Women, Working", qualifiers=("history*", "psychology")) in record.headings
    assert only("MH  - *Software").headings == (Heading("Software", major=True),)


def test_comments_and_corrections_by_the_names_of_the_xml():
    record = only(
        "TI  - T",
        "CIN - Nature. 2023 Apr;616(7958):632. doi: 10.1038/d41586-023-01282-9. PMID: ",
        "      37081273",
        "ROF - Some J. 1999",
        "UOF - Cochrane Database Syst Rev. PMID: 5",
    )
    assert record.relations == (
        Relation(
            "CommentIn",
            "Nature. 2023 Apr;616(7958):632. doi: 10.1038/d41586-023-01282-9. PMID: 37081273",
            (Identifier("pmid", "37081273"), Identifier("doi", "10.1038/d41586-023-01282-9")),
        ),
        Relation("RetractionOf", "Some J. 1999"),
        Relation("UpdateOf", "Cochrane Database Syst Rev. PMID: 5", (Identifier("pmid", "5"),)),
    )


def test_authors_keep_what_belongs_to_them():
    record = only(
        "TI  - T",
        "AD  - An address before any name",
        "FAU - Long, Vicky",
        "AU  - Long V",
        "AUID- ORCID: https://orcid.org/0000-0002-1825-0097",
        "AUID- ISNI: 1",
        "AD  - One",
        "AD  - Two",
        "AU  - Marland H",
        "CN  - The Study Group",
    )
    assert record.authors == (
        Author("Long", "Vicky", "V", orcid="0000-0002-1825-0097", affiliations=("One", "Two")),
        Author("Marland", initials="H"),
        Author("The Study Group", collective=True),
    )
    assert record.extra == {"AD": ("An address before any name",), "AUID": ("ISNI: 1",)}


def test_trials_other_abstracts_and_titles():
    record = only(
        "TT  - Titre",
        "SI  - ClinicalTrials.gov/NCT00923559",
        "SI  - figshare/10.6084/m9.figshare.1",
        "OAB - In plain words",
        "OABL- plain-language-summary",
        "OAB - Sans étiquette",
        "OT  - *one",
        "OT  - two",
    )
    assert record.vernacular_title == "Titre"
    assert Identifier("nct", "NCT00923559", "databank") in record.identifiers
    assert len(record.extra["SI"]) == 2
    assert record.other_abstracts == (
        Section("In plain words", "plain-language-summary"),
        Section("Sans étiquette"),
    )
    assert record.keywords == ("one", "two")


def test_dates_that_are_no_calendar_dates():
    record = only("TI  - T", "DP  - 1998 Dec-1999 Jan")
    assert (record.year, record.date, record.date_text) == (1998, "1998", "1998 Dec-1999 Jan")
    assert only("TI  - T", "DP  - soon").extra == {"DP": ("soon",)}


def test_a_book():
    record = only(
        "BTI - The Book", "PB  - Press", "ISBN- 9781482253269", "PHST- 2020/01/02 00:00 [pmc-release]"
    )
    assert (record.kind, record.title, record.publisher) == ("book", "The Book", "Press")
    assert record.identifiers_of("isbn") == ("9781482253269",)
    assert record.dates == {"pmc-release": "2020-01-02"}


def test_eric_writes_no_pmid():
    found = readers.read(
        body("eric.nbib") + body("eric.nbib").replace(b"EJ1131633", b"EJ1"), "x", "file:eric"
    )
    assert [r.key for r in found.records] == ["EJ1131633", "EJ1"]
    assert found.platform == "ERIC"
    assert found.records[0].identifiers_of("doi") == ("10.1000/123456789",)
    assert found.records[0].issns == ("1234-4567",)
    assert found.records[0].urls == ("http://eric.ed.gov/?id=EJ1131633",)


def test_lines_that_are_none_are_told():
    found = readers.read(body("medline_strange_lines.txt"), "x.txt", "file:x")
    assert [(s.line, s.text) for s in found.stray] == [
        (3, "SO  invalid line"),
        (7, "SO- another invalid line"),
    ]
    assert [r.title for r in found.records] == ["This is a test title", "This is also a test title"]


def test_repeated_titles_are_kept():
    found = readers.read(body("medline_no_pmid.txt"), "x.txt", "file:x")
    assert found.records[0].title == "This is a Testtitle"
    assert len(found.records[0].extra["TI"]) == 4


def test_a_file_that_lost_its_first_lines():
    found = nbib("TI  - Without a number", "", "PMID- 2", "TI  - With one")
    assert [r.title for r in found.records] == ["Without a number", "With one"]
    assert found.notes == ("A record begins without PMID (line 1).",)
    lost = nbib("SO  - the end of something", "      that was cut", "", "PMID- 2", "TI  - T")
    assert [(s.line, s.text) for s in lost.stray] == [
        (1, "SO  - the end of something"),
        (2, "      that was cut"),
    ]


def test_blank_lines_inside_a_record_do_not_end_it():
    assert only("TI  - T", "", "AB  - Text").abstract_text == "Text"


def test_a_record_with_a_wrong_number_and_nothing_else_is_reported():
    found = nbib("PMID- x", "PMID- 2", "TI  - T")
    assert [u.raw for u in found.unreadable] == ["PMID- x"]

"""CSV and TSV of databases, of screening tools, and of people."""

import csv

import pytest
from reader_files import body

from db.errors import WrongUse
from db.record import Author, Heading, Identifier
from harvest import readers
from harvest.readers.rows import rows


def table(*lines, name="x.csv"):
    return readers.read("\n".join(lines).encode(), name, "file:x")


def first(name):
    return readers.read(body(name), name, "file:x").records[0]


def test_pubmed():
    record = first("pubmed.csv")
    assert record.key == "30922926"
    assert record.authors[2] == Author("O'Connor", initials="RE")
    assert (record.journal, record.year) == ("Eur J Med Genet", 2020)
    assert record.identifiers_of("pmcid") == ("PMC7026692",)
    assert record.extra["Create Date"] == ("2019/03/30",)


def test_embase_with_the_search_in_front():
    found = readers.read(body("embase_excel.csv"), "x.csv", "file:x")
    assert found.stray[0].text.startswith("SEARCH QUERY;dinosaur:ti")
    assert [s.line for s in found.stray] == [1, 2, 3]
    record = found.records[0]
    assert record.key == "L2029880245"
    assert (record.date, record.publisher, record.issns) == ("2024-12-01", "Nature Research", ("2041-1723",))
    assert Heading("keratin", qualifiers=("endogenous compound",)) in record.headings
    assert Heading("dinosaur", major=True) in record.headings


def test_embase_without_any_number_and_with_paragraphs():
    record = first("embase.csv")
    assert record.key.startswith("sha256:")
    assert record.abstract_text.startswith("TEST\nGastrointestinal")
    assert record.authors == (Author("Liu", initials="R"), Author("Adler", initials="DG"))


def test_scopus():
    record = first("scopus.csv")
    assert record.key == "2-s2.0-27344436659"
    assert (record.pages, record.journal_abbreviation) == ("1781-1802", "J. Comput. Chem.")
    assert record.extra["Source"] == ("Scopus",)


def test_zotero_rayyan_covidence_abstrackr():
    assert first("zotero.csv").publication_types == ("journalArticle",)
    assert first("rayyan.csv").identifiers_of("doi") == (
        "10.1038/s41467-024-48400-3",
    )  # swallowed RIS lines behind
    assert first("rayyan.csv").identifiers_of("accession") == ("L2029880245",)
    assert first("rayyan.csv").extra["notes"] == ('RAYYAN-INCLUSION: {"Emily"=>"Included"}',)
    assert first("covidence.csv").extra["Covidence #"] == ("#1",)
    assert len(first("abstrackr.csv").authors) == 4
    assert first("abstrackr.csv").identifiers_of("pmid") == ()  # 0 means none


def test_columns_beyond_the_known_ones():
    record = first("semicolon.csv")
    assert record.authors == (Author("Marx", "Karl"), Author("Lindgren", "Astrid"))
    assert record.keywords == ("Pippi", "Nordwind", "Piraten")
    assert record.extra["secondary_authors"] == ("['Glattauer, Daniel']",)
    found = table("title,title,x", "One,Two,Three")
    assert (found.records[0].title, dict(found.records[0].extra)) == (
        "One",
        {"title": ("Two",), "x": ("Three",)},
    )


def test_central():
    found = table(
        "CENTRAL ID,Author(s),Title,Source,Year,PubMed ID,CTgov ID,ICTRP ID,DOI",
        'CN-1,"Bywater, T; Hutchings, J",T,Trials,2011,PUBMED 21314913,NCT00923559,ISRCTN96803379,10.1186/1745-6215-12-39',
    )
    (record,) = found.records
    assert (found.database, found.platform, record.key, record.journal) == (
        "CENTRAL",
        "Cochrane Library",
        "CN-1",
        "Trials",
    )
    assert record.identifiers_of("pmid") == ("21314913",)
    assert Identifier("nct", "NCT00923559", "databank") in record.identifiers
    assert Identifier("isrctn", "ISRCTN96803379", "databank") in record.identifiers
    assert len(record.authors) == 2


def test_ebsco_guards_numbers_against_excel():
    record = table("Title,ISSN,Accession Number", '"T","=""19326203""","=""176404503"""').records[0]
    assert (record.issns, record.key) == (("1932-6203",), "176404503")


def test_excel_names_its_separator():
    found = table("sep=;", "title;year", "A, B;2001")
    assert (found.records[0].title, found.records[0].year) == ("A, B", 2001)
    assert found.stray[0].text == "sep=;"


def test_a_header_in_the_middle_is_stray():
    found = table("Title,Year", "One,2001", "Title,Year", "Two,2002")
    assert [r.title for r in found.records] == ["One", "Two"]
    assert [(s.line, s.text) for s in found.stray] == [(3, "Title,Year")]


def test_rows_may_be_ragged():
    found = table("title,year,doi", "Short", "Long,2001,10.1000/x,more,", "")
    assert found.records[0].title == "Short"
    assert found.records[1].extra == {"column 4": ("more",)}


def test_rows_with_nothing_usable_are_reported_and_rows_of_commas_set_aside():
    found = table("title,colour", ",red", ",,,", "T,")
    assert [(u.line, u.raw) for u in found.unreadable] == [(2, ",red")]
    assert [(s.line, s.text) for s in found.stray] == [(3, ",,,")]
    assert [r.title for r in found.records] == ["T"]


def test_a_quotation_mark_that_is_never_closed_does_not_eat_the_rows_that_follow():
    found = table("title,abstract", 'One,"fine"', 'Two,"never closed', "Three,fine", 'Four,"fine, too"')
    assert [r.title for r in found.records] == ["One", "Three", "Four"]
    assert [(u.line, u.raw) for u in found.unreadable] == [(3, 'Two,"never closed')]


def test_a_file_that_ends_inside_a_row():
    found = table("title,abstract", 'One,"fine"', 'Two,"cut in the', "middle of")
    assert [r.title for r in found.records] == ["One", "Two"]
    assert found.records[1].abstract_text == "cut in the\nmiddle of"
    assert found.notes[-1] == "The file ends inside a row, which was read as far as it goes (line 3)."


def test_line_breaks_inside_cells_keep_the_lines_right():
    found = table("title,abstract", 'One,"a', "", 'b"', ",", "Two,c")
    assert found.records[0].abstract_text == "a\nb"
    assert found.stray[0].line == 5


def test_dates_over_several_columns():
    record = table("title,year,month,day", "T,2001,5,17").records[0]
    assert record.date == "2001-05-17"
    assert table("title,year,month", "T,2001,May").records[0].date == "2001-05"


def test_what_was_taken_for_what_is_told():
    found = table("Title,Journal/Book,Colour", "T,J,red")
    assert found.mapping == {"Title": "title", "Journal/Book": "journal", "Colour": ""}
    assert found.columns == ("Title", "Journal/Book", "Colour")


def test_without_titles_the_columns_are_named():
    with pytest.raises(WrongUse, match="abstract, file_attachments2, authors"):
        readers.read(body("no_title.csv"), "no_title.csv", "file:x")


def test_one_column_is_enough_when_it_comes_first():
    assert [r.title for r in table("Title", "One", "Two").records] == ["One", "Two"]
    with pytest.raises(WrongUse, match="no column of titles"):
        table("Something else", "Title", "One")


def test_cells_larger_than_the_library_allows():
    before = csv.field_size_limit()
    found = table("title,abstract", f'T,"{"x" * 200_000}"')
    assert len(found.records[0].abstract_text) == 200_000
    assert csv.field_size_limit() == before


def test_zotero_keeps_pmids_in_its_notes():
    lines = ("Item Type,Abstract Note,Library Catalog,Title,Extra", 'journalArticle,,,T,"PMID: 123"')
    assert table(*lines).records[0].identifiers_of("pmid") == ("123",)


def test_rows_know_their_lines():
    found = list(rows(["a,b", '"1', '2",3', "", "x"], ","))
    assert [(r.line, r.cells) for r in found] == [(1, ("a", "b")), (2, ("1\n2", "3")), (4, ()), (5, ("x",))]
    assert found[2].empty

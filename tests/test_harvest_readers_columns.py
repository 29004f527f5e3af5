"""Columns by name, in several languages, and by what the reviewer says; citations in one cell."""

import pytest

from db.errors import WrongUse
from harvest import readers
from harvest.readers import columns
from harvest.readers.citation import Citation, understood
from harvest.readers.languages import LOCAL


def table(*lines, **said):
    return readers.read("\n".join(lines).encode(), "x.csv", "file:x", **said)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Titel;Zusammenfassung;Autoren;Zeitschrift;Jahr;Seiten", "T;A;Li, X;J;2001;1-2"),
        ("Titre;Résumé;Auteur(s);Revue;Année;Pages", "T;A;Li, X;J;2001;1-2"),
        ("Título;Resumen;Autores;Revista;Año;Páginas", "T;A;Li, X;J;2001;1-2"),
        ("Título;Resumo;Autor(es);Periódico;Ano;Páginas", "T;A;Li, X;J;2001;1-2"),
        ("TITOLO;RIASSUNTO;AUTORI;RIVISTA;ANNO;PAGINE", "T;A;Li, X;J;2001;1-2"),
        ("titel;samenvatting;auteurs;tijdschrift;jaar;pagina's", "T;A;Li, X;J;2001;1-2"),
    ],
)
def test_headers_in_other_languages(header, row):
    record = table(header, row).records[0]
    assert (record.title, record.abstract_text, record.journal) == ("T", "A", "J")
    assert (record.year, record.pages, record.authors[0].family) == (2001, "1-2", "Li")


def test_every_name_is_written_as_it_is_compared_and_means_one_field():
    seen = {}
    for known in (columns.COLUMNS, LOCAL):
        for field, names in known.items():
            assert field in columns.COLUMNS
            for name in names:
                assert columns.normal(name) == name
                assert seen.setdefault(name, field) == field


@pytest.mark.parametrize(
    ("header", "row", "dialect", "database"),
    [
        (
            "Rank,Publication ID,DOI,PMID,Title,Abstract,Source title,PubYear,Volume,Pagination,Authors,Dimensions URL",
            '1,pub.1,10.1/x,7,T,A,J,2020,4,5-9,"Li, X; Yu, B",https://app.dimensions.ai/details/publication/pub.1',
            *("CSV of Dimensions", "Dimensions"),
        ),
        (
            "Lens ID,Title,Date Published,Publication Year,Source Title,Author/s,Abstract,Start Page,End Page,PMID,DOI",
            "000-1,T,2020-01-02,2020,J,Xi Li; B Yu,A,5,9,7,10.1/x",
            *("CSV of Lens", "Lens.org"),
        ),
        (
            "PT\tAU\tTI\tSO\tAB\tPY\tBP\tEP\tDI\tPM\tUT",
            "J\tLi, X; Yu, B\tT\tJ\tA\t2020\t5\t9\t10.1/x\t7\tWOS:1",
            *("TSV of Web of Science", "Web of Science"),
        ),
    ],
)
def test_tables_of_databases(header, row, dialect, database):
    found = table('"About the data: exported today"', header, row)
    record = found.records[0]
    assert (found.dialect, found.database) == (dialect, database)
    assert (record.title, record.abstract_text, record.journal, record.year) == ("T", "A", "J", 2020)
    assert (record.pages, len(record.authors)) == ("5-9", 2)
    assert (record.identifiers_of("doi"), record.identifiers_of("pmid")) == ((), ("7",)) or record.identifiers
    assert record.identifiers_of("accession")


def test_openalex_writes_links_and_lists():
    header = "ids.openalex,display_name,title,authorships.author.display_name,ids.pmid,biblio.first_page,biblio.last_page"
    row = "https://openalex.org/W1,T,T,Li X|Yu B,https://pubmed.ncbi.nlm.nih.gov/12345,5,9"
    record = table(header, row).records[0]
    assert [author.family for author in record.authors] == ["Li", "Yu"]
    assert (record.identifiers_of("pmid"), record.pages) == (("12345",), "5-9")


# -- what the reviewer says ----------------------------------------------------------------------------


def test_what_the_reviewer_says_comes_first():
    lines = ("Title,Long title,Journal", "T,The long one,J")
    found = table(*lines, columns={"long_TITLE": "title", "Journal": "extra"})
    assert found.records[0].title == "The long one"
    assert found.records[0].extra == {"Title": ("T",), "Journal": ("J",)}
    assert found.mapping == {"Title": "title", "Long title": "title", "Journal": ""}


def test_a_table_without_a_header():
    found = table("1;Eine Studie;10.1000/x", "2;Noch eine;", columns={"2": "title", "3": "doi"})
    assert [record.title for record in found.records] == ["Eine Studie", "Noch eine"]
    assert found.records[0].key == "10.1000/x"
    assert found.records[1].extra == {"column 1": ("2",)}
    with pytest.raises(
        WrongUse, match="There is no column '9'; the columns are column 1, column 2, column 3"
    ):
        table("1;Eine Studie;10.1000/x", columns={"2": "title", "9": "doi"})


def test_a_table_without_titles_is_read_when_the_reviewer_speaks_of_it():
    lines = ("PMID;Note", "7;x")
    with pytest.raises(WrongUse, match="no column of titles"):
        table(*lines)
    assert table(*lines, columns={"PMID": "pmid"}).records[0].key == "7"


def test_a_field_that_there_is_not_is_refused():
    with pytest.raises(WrongUse, match="Column 'Titel' cannot fill 'titel': the fields are title, "):
        table("Titel,x", "T,1", columns={"Titel": "titel"})


def test_what_is_no_table_has_no_columns():
    with pytest.raises(WrongUse, match=r"x\.ris is no table: --column has no meaning here"):
        readers.read(b"TY  - JOUR\nTI  - T\nER  - \n", "x.ris", "file:x", {"TI": "title"})


def test_an_open_quotation_mark_above_the_header_does_not_hide_it():
    found = table('"SEARCH QUERY, dinosaur', "Title,Year", "T,2001")
    assert (found.records[0].title, found.stray[0].line) == ("T", 1)


# -- citations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        (
            "Eur J Med Genet. 2020 Feb;63(2):103640. doi: 10.1016/j.ejmg.2019.03.004. Epub 2019 Mar 25.",
            ("Eur J Med Genet", "2020 Feb", "63", "2", "103640"),
        ),
        (
            "Elife. 2022 Nov 30;11:e80092. doi: 10.7554/eLife.80092.",
            ("Elife", "2022 Nov 30", "11", "", "e80092"),
        ),
        (
            "Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014",
            ("Endoscopic Ultrasound", "2014", "3", "3", "152-160"),
        ),
        (
            "Cases (2019) 54 (83-86). Date of Publication: 1 Jan 2019",
            ("Cases", "1 Jan 2019", "54", "", "83-86"),
        ),
        ("Somewhere, some day", ("",) * 5),
        ("x" * 2000 + " (2014) 3:3", ("",) * 5),
    ],
)
def test_citations(printed, parts):
    assert understood(printed)[:5] == parts


def test_an_article_number_in_a_citation():
    printed = "Nature Communications (2024) 15:1 Article Number: 4063. Date of Publication: 1 Dec 2024"
    assert understood(printed) == Citation("Nature Communications", "1 Dec 2024", "15", "1", "", "4063")


def test_a_citation_fills_what_has_no_column():
    lines = (
        "PMID,Title,Citation,Create Date,Publication Year",
        "7,T,J Med. 2020 Feb 3;63(2):5-9.,2020/01/01,2020",
    )
    record = table(*lines).records[0]
    assert (record.journal, record.volume, record.issue, record.pages) == ("J Med", "63", "2", "5-9")
    assert record.date == "2020-02-03"
    assert record.extra["Citation"] == ("J Med. 2020 Feb 3;63(2):5-9.",)


def test_a_column_that_is_not_there_is_named_with_those_that_are():
    for header in ("Title;Jahr", "Arbeit;Jahr"):
        with pytest.raises(WrongUse, match=r"no column 'Nope'; the columns are (?:Title|Arbeit), Jahr"):
            table(header, "T;2001", columns={"Nope": "title"})

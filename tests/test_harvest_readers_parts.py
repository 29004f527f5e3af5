"""Dates, names, pages, numbers and bytes: one printed value at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import RecordError
from db.record import Author, Identifier
from harvest.readers import fields
from harvest.readers.dates import When, best, when
from harvest.readers.names import author, listed
from harvest.readers.reading import Entry, Gathering
from harvest.readers.text import decode, paragraphs, plain


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2013", When(2013, "2013")),
        ("2013/05/17/", When(2013, "2013-05-17")),
        ("2013///", When(2013, "2013")),
        ("2019/10//undefined", When(2019, "2019-10")),
        ("2020///nan", When(2020, "2020")),
        ("2013///Spring", When(2013, "2013", "2013///Spring")),
        ("2022/09/12/09:02:50", When(2022, "2022-09-12")),
        ("2011/01/22 06:00", When(2011, "2011-01-22")),
        ("2013-05-17", When(2013, "2013-05-17")),
        ("20100526", When(2010, "2010-05-26")),
        ("Start date: 20170812", When(2017, "2017-08-12", "Start date: 20170812")),
        ("2013 May 17", When(2013, "2013-05-17")),
        ("2002 Sep", When(2002, "2002-09")),
        ("Mar. 2017", When(2017, "2017-03")),
        ("1 Dec 2024", When(2024, "2024-12-01")),
        ("4-8 Aug. 2020", When(2020, "2020-08", "4-8 Aug. 2020")),
        ("1 Jan.-Feb. 2019", When(2019, "2019", "1 Jan.-Feb. 2019")),
        ("1998 Dec-1999 Jan", When(1998, "1998", "1998 Dec-1999 Jan")),
        ("2013 Spring", When(2013, "2013", "2013 Spring")),
        ("17/05/2013", When(2013, "2013-05-17")),
        ("05/17/2013", When(2013, "2013-05-17")),
        ("05/05/2013", When(2013, "2013-05-05")),
        ("04/05/2013", When(2013, "2013", "04/05/2013")),
        ("30/02/2013", When(2013, "2013-02", "30/02/2013")),
        ("2013-02-30", When(2013, "2013-02", "2013-02-30")),
        ("2013-13", When(2013, "2013", "2013-13")),
        ("2013/00/00", When(2013, "2013")),
        ("10 15", When()),
        ("", When()),
        ("forthcoming", When()),
    ],
)
def test_dates_are_read_as_far_as_they_go(printed, expected):
    assert when(printed) == expected


def test_the_most_exact_date_of_the_first_year_wins():
    assert best(["2010", "SEP 22"]) == When(2010, "2010-09-22")
    assert best(["2019", "2019/04", "2020/01/01"]) == When(2019, "2019-04")
    assert best(["2013", "2013 Spring"]) == When(2013, "2013", "2013 Spring")
    assert best([]) == When()


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates(text):
    found = when(text, 2001)
    assert found.iso == "" or found.iso.startswith(f"{found.year:04}")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Yang, Z.", Author("Yang", initials="Z")),
        ("McNamara, M.E.", Author("McNamara", initials="ME")),
        ("Jalil, N.-E.", Author("Jalil", initials="NE")),
        ("Sampson, SD", Author("Sampson", initials="SD")),
        ("Keefer, Amy", Author("Keefer", given="Amy")),
        ("Dobrokhotova, Yu E.", Author("Dobrokhotova", given="Yu E.")),
        ("Smith, John, Jr.", Author("Smith", given="John", suffix="Jr.")),
        ("van der Torren, Adelheid ME", Author("van der Torren", given="Adelheid ME")),
        ("Griffin DK", Author("Griffin", initials="DK")),
        ("Smith JR Jr", Author("Smith", initials="JR", suffix="Jr")),
        ("Liu R.", Author("Liu", initials="R")),
        ("Brownstein C D", Author("Brownstein", initials="CD")),
        ("Abd-Alrazaq AA", Author("Abd-Alrazaq", initials="AA")),
        ("P. Kogge", Author("Kogge", initials="P")),
        ("A. S. Z. Belloum", Author("Belloum", initials="ASZ")),
        ("Catarina Barata", Author("Catarina Barata")),
        ("CAIZHI SHEN", Author("CAIZHI SHEN")),
        (", Given", Author("Given")),
        ("ISIS-2 Collaborative Group", Author("ISIS-2 Collaborative Group", collective=True)),
        ("Madonna", Author("Madonna")),
        ("--", None),
        ("", None),
    ],
)
def test_names_in_every_spelling(printed, expected):
    assert author(printed) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Yang, Z.; Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Yang Z., Jiang B.", ["Yang Z.", "Jiang B."]),
        ("Yang, Z., Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Griffin DK, Larkin DM, O'Connor RE.", ["Griffin DK", "Larkin DM", "O'Connor RE."]),
        ("Keefer, Amy", ["Keefer, Amy"]),
        ("Yang, Z. and Jiang, B.", ["Yang, Z.", "Jiang, B."]),
        ("Longrich, N.R.\n and Bardet, N.\n", ["Longrich, N.R.", "Bardet, N."]),
        ("['Marx, Karl', 'Lindgren, Astrid']", ["Marx, Karl", "Lindgren, Astrid"]),
        ("[broken", ["[broken"]),
        ("['broken]", ["['broken]"]),
        ("A|B", ["A", "B"]),
        ("One, Two, Three", ["One", "Two", "Three"]),
        ("", []),
    ],
)
def test_names_in_one_cell(cell, expected):
    assert listed(cell) == expected


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_names(text):
    for name in listed(text):
        found = author(name)
        assert found is None or found.family


SICI = "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"


@pytest.mark.parametrize(
    ("printed", "expected", "alone"),
    [
        ("10.1000/ABC", "10.1000/abc", True),
        ("doi:10.1000/abc.", "10.1000/abc", True),
        ("http://dx.doi.org/10.1002%2Fcpp.2398", "10.1002/cpp.2398", True),
        ("https://doi.org/10.1000/x?nosfx=y", "10.1000/x", False),
        ("10.1000/x     LK  - https://example.org", "10.1000/x", False),
        (SICI.upper(), SICI, True),
        ("e22.00123", "", False),
        ("", "", False),
    ],
)
def test_dois(printed, expected, alone):
    assert fields.doi(printed) == expected
    assert fields.is_doi(printed) == alone


@pytest.mark.parametrize(
    ("printed", "serials", "books", "all_read"),
    [
        ("0894-9867, 0894-9867", ("0894-9867",), (), True),
        ("03064530 (ISSN)", ("0306-4530",), (), True),
        ("1747938x", ("1747-938X",), (), True),
        ("1999-7777(Electronic),0222-6666(Print)", ("1999-7777", "0222-6666"), (), True),
        ("978-1-4822-5326-9", (), ("9781482253269",), True),
        ("9798373627394", (), ("9798373627394",), True),
        ("080442957X", (), ("080442957X",), True),
        ("ISSN-1234-4567", ("1234-4567",), (), True),
        ("see 1234-4567", ("1234-4567",), (), False),
        ("20120101123", (), (), False),
    ],
)
def test_issns_and_isbns(printed, serials, books, all_read):
    assert fields.issns(printed) == (serials, books)
    assert fields.only_issns(printed) == all_read


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("637", "641", "637-641"),
        ("637-641", "", "637-641"),
        ("637-641", "641", "637-641"),
        ("1279‐1297", "", "1279‐1297"),
        ("674", "674", "674"),
        ("e1", "", "e1"),
        ("", "9", "9"),
        ("No", "Specified", ""),
    ],
)
def test_pages(start, end, expected):
    assert fields.pages(start, end) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("http://www.ncbi.nlm.nih.gov/pubmed/25979631", [Identifier("pmid", "25979631")]),
        ("https://pubmed.ncbi.nlm.nih.gov/25979631/", [Identifier("pmid", "25979631")]),
        ("https://europepmc.org/article/MED/22752652", [Identifier("pmid", "22752652")]),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7026692/", [Identifier("pmcid", "PMC7026692")]),
        ("https://europepmc.org/articles/PMC7026692", [Identifier("pmcid", "PMC7026692")]),
        ("http://dx.doi.org/10.1000/x", [Identifier("doi", "10.1000/x")]),
        ("http://sfx.example.org/?id=doi:10.1000/x", []),
    ],
)
def test_identifiers_in_links(link, expected):
    assert list(fields.linked([link])) == expected


def test_accession_numbers_in_links():
    assert (
        fields.accession_in_link("http://www.embase.com/search/results?subaction=viewrecord&id=L373791783")
        == "L373791783"
    )
    assert (
        fields.accession_in_link("https://search.ebscohost.com/login.aspx?db=aph&AN=176404503") == "176404503"
    )
    assert fields.accession_in_link("http://[broken") == ""
    assert fields.accession_in_link("https://example.org/?id=7") == ""


def test_links_only_when_there_is_nothing_else():
    assert fields.links("http://a.org;http://b.org") == ("http://a.org", "http://b.org")
    assert fields.links("http://a.org     U2  - L2029880245") == ()


def test_terms():
    assert fields.terms("a; b ;a") == ("a", "b")
    assert fields.terms("cyst (diagnosis, surgery), colon", commas=True) == (
        "cyst (diagnosis, surgery)",
        "colon",
    )
    assert fields.terms("a, b") == ("a, b",)
    assert fields.terms("""['it', "it's"]""") == ("it", "it's")


def test_bytes_in_every_encoding():
    for data in (
        "é€".encode(),
        "\ufeffé€".encode(),
        "é€".encode("cp1252"),
        b"\xff\xfe" + "é€".encode("utf-16-le"),
        b"\xfe\xff" + "é€".encode("utf-16-be"),
    ):
        assert decode(data).lines == ("é€",)
    assert decode(b"caf\xe9").notes == ("1 of 1 lines are not UTF-8 and were read as Windows-1252.",)
    assert decode(b"\x81\x93").lines == ("\x81“",)
    assert decode("é".encode("utf-16")).notes == ("Read as utf-16-le, as its byte-order mark says.",)


def test_two_encodings_in_one_file():
    assert decode("né\n".encode() + "né".encode("cp1252")).lines == ("né", "né")


def test_line_breaks_and_nul():
    found = decode(b"a\r\nb\rc\nd\r\r\ne\0")
    assert found.lines == ("a", "b", "c", "d", "e")
    assert found.notes == ("1 NUL characters were left out.",)


@given(st.binary(max_size=200))
def test_no_bytes_break_decoding(data):
    assert decode(data).lines


def test_plain_words():
    assert plain(" A&amp;B  &lt;x&gt;\n<b>c</b> ") == "A&B <x> c"
    assert plain("R&D; a < b > c") == "R&D; a < b > c"
    assert paragraphs("a\n\n  b  c ") == "a\nb c"


def test_entry_gives_each_value_once():
    entry = Entry(1, [("A", "1"), ("B", "1"), ("A", "2"), ("A", "nan"), ("C", "")], "")
    assert entry.first("A", "B") == "1"
    assert entry.look("A", "B") == ("2",)
    assert entry.rest() == {"A": ("2", "nan")}


def test_a_reader_may_refuse_a_record_and_it_is_reported():
    def refuse(entry):
        raise RecordError(f"The tag {entry.pairs[0][0]} makes no sense.")

    gathering = Gathering(refuse)
    gathering.add(Entry(7, [("A", "1")], "A 1"))
    gathering.set_aside(8, "  ")
    assert [(u.line, u.problem, u.raw) for u in gathering.unreadable] == [
        (7, "The tag A makes no sense.", "A 1")
    ]
    assert gathering.stray == []

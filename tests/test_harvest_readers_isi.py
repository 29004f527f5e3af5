"""Plain text of the Web of Science, in several of its collections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import body

from db.errors import WrongUse
from db.record import Author, Grant, Heading
from harvest import readers

HEAD = ("FN Clarivate Analytics Web of Science", "VR 1.0")


def read(*lines):
    return readers.read("\n".join(lines).encode(), "savedrecs.txt", "file:x")


def only(*lines):
    (record,) = read(*HEAD, "PT J", *lines, "ER", "", "EF").records
    return record


def test_a_record_of_the_core_collection():
    first, second = readers.read(body("web_of_science_core.isi"), "x.isi", "file:x").records
    assert first.key == "ISI:000238592600006"
    assert first.title == "Optical and photoelectric spectroscopy of photorefractive Sn2P2S6 crystals"
    assert first.authors[0] == Author("Gamernyk", initials="RV")
    assert (first.date, first.volume, first.issue, first.pages) == ("2006-06-14", "18", "23", "5323-5331")
    assert (first.issns, first.languages, first.publication_types) == (
        ("0953-8984",),
        ("English",),
        ("Article",),
    )
    assert (first.journal, first.journal_abbreviation) == (
        "JOURNAL OF PHYSICS-CONDENSED MATTER",
        "J. Phys.-Condes. Matter",
    )
    assert len(first.extra["CR"]) == 17
    assert first.extra["C1"] == (
        "NAS Ukraine, Inst Phys, UA-03028 Kiev, Ukraine.",
        "Lviv Natl Univ, UA-29005 Lvov, Ukraine.",
    )
    assert first.extra["PG"] == ("9",)
    assert second.keywords[-1] == "MODES"
    assert "indices of the waveguide have been determined" in second.abstract_text


def test_what_belongs_to_an_author():
    record = only(
        "AU Delea, MG",
        "   Solomon, AW",
        "   Solomon, AW",
        "AF Delea, Maryann G.",
        "   Solomon, Anthony W.",
        "   Solomon, A. W.",
        "CA WHO Study Grp",
        "TI T",
        "C1 [Delea, Maryann G.; Solomon, Anthony W.] Emory Univ, Atlanta, GA 30322 USA.",
        "   [Solomon, Anthony W.] WHO, Dept Control Neglected Trop Dis,",
        "   Geneva, Switzerland.",
        "   [Unknown, Person] Elsewhere.",
        "OI Solomon, Anthony W./0000-0001-7101-6649",
        "RP Delea, MG (corresponding author), Emory Univ.",
    )
    assert record.authors == (
        Author("Delea", "Maryann G.", "MG", affiliations=("Emory Univ, Atlanta, GA 30322 USA",)),
        Author(
            "Solomon",
            "Anthony W.",
            "AW",
            orcid="0000-0001-7101-6649",
            affiliations=(
                "Emory Univ, Atlanta, GA 30322 USA",
                "WHO, Dept Control Neglected Trop Dis, Geneva, Switzerland",
            ),
        ),
        Author("Solomon", initials="AW"),
        Author("WHO Study Grp", collective=True),
    )
    assert record.extra["C1"] == ("[Unknown, Person] Elsewhere.",)
    assert "OI" not in record.extra
    assert record.extra["RP"] == ("Delea, MG (corresponding author), Emory Univ.",)


def test_names_and_orcids_that_cannot_be_given_away_are_kept():
    record = only("AU A, B", "AF A, Bea", "   C, Dea", "TI T", "OI Nobody, N/0000-0001-7101-6649")
    assert record.authors == (Author("A", initials="B"),)
    assert record.extra == {
        "PT": ("J",),
        "AF": ("A, Bea", "C, Dea"),
        "OI": ("Nobody, N/0000-0001-7101-6649",),
    }
    assert only("AF A, Bea", "TI T").authors == (Author("A", "Bea"),)


def test_structured_abstracts_keep_their_paragraphs():
    long = (
        "A qualitative interview with semi-structured interviews were conducted for twenty caregivers in all."
    )
    record = only("TI T", "AB Methods", f"   {long}", "   Results", f"   {long}")
    assert record.abstract_text == f"Methods\n{long}\nResults\n{long}"
    assert only("TI T", "AB Wrapped at", "   some sixty").abstract_text == "Wrapped at some sixty"


def test_every_other_field():
    record = only(
        "TI T of NCT00012345",
        "DT Article; Early Access",
        "DE one; two",
        "ID THREE",
        "EA FEB 2022",
        "PY 2022",
        "PD MAR 1",
        "AR e17",
        "SN 1935-2735",
        "EI 1935-2743",
        "BN 978-1-4822-5326-9",
        "PM 29377890",
        "DI 10.1371/Journal.pntd.0006219",
        "FU World Health Organization [2015/1, 2015/2]; European Union",
        "UT WOS:000424022700066",
        "SI SI",
        "WC Infectious Diseases",
    )
    assert (record.date, record.dates) == ("2022-03-01", {"early access": "2022-02"})
    assert record.publication_types == ("Article", "Early Access")
    assert record.keywords == ("one", "two", "THREE")
    assert (record.article_number, record.issns) == ("e17", ("1935-2735", "1935-2743"))
    assert record.grants == (
        Grant("2015/1", "World Health Organization"),
        Grant("2015/2", "World Health Organization"),
        Grant("", "European Union"),
    )
    assert {(i.scheme, i.value) for i in record.identifiers} == {
        ("accession", "WOS:000424022700066"),
        ("pmid", "29377890"),
        ("doi", "10.1371/journal.pntd.0006219"),
        ("isbn", "9781482253269"),
        ("nct", "NCT00012345"),
    }
    assert record.extra["WC"] == ("Infectious Diseases",)


def test_biosis():
    """The shape of a real record; its words are made up."""
    found = read(
        "FN Thomson Reuters Web of Knowledge",
        "VR 1.0",
        "PT P",
        "UT BIOSIS:PREV201100469175",
        "DT Patent",
        "TI A catheter",
        "AU Solar, Matthew S. (solar@example.org)",
        "Parmer, Kari",
        "PN US 07967789",
        "PD JUN 28 2011",
        "PY 2011",
        "AB An insertion device",
        "not set in",
        "MC Human Medicine (Medical Sciences); Equipment Apparatus Devices and",
        "   Instrumentation",
        "CC 12502, Pathology - General",
        "DS anxiety: behavioral and mental disorders",
        "ER",
        "EF",
    )
    (record,) = found.records
    assert (found.database, found.platform) == ("BIOSIS Previews", "Web of Science")
    assert record.kind == "patent"
    assert record.authors == (Author("Solar", "Matthew S."), Author("Parmer", "Kari"))
    assert record.extra["AU"] == ("Solar, Matthew S. (solar@example.org)",)
    assert record.abstract_text == "An insertion device not set in"
    assert record.date == "2011-06-28"
    assert record.headings == (
        Heading("Human Medicine (Medical Sciences)"),
        Heading("Equipment Apparatus Devices and Instrumentation"),
    )
    assert record.keywords == ("anxiety: behavioral and mental disorders",)
    assert record.extra["CC"] == ("12502, Pathology - General",)


def test_medline_within_the_web_of_science():
    first, second = readers.read(body("web_of_science_medline.isi"), "x.isi", "file:x").records
    assert first.identifiers_of("pmid") == ("16842170",)
    assert [a.family for a in second.authors][:2] == ["Joffe", "Hall"]
    assert (second.date_text, second.pages) == ("2006 May-Jun", "411-22")


def test_files_put_together_and_records_without_end():
    found = read(
        *HEAD, "PT J", "TI A", "UT BCI:1", "ER", "", f"EF{HEAD[0]}", HEAD[1], "PT B", "TI B", "UT BCI:2",
        "PT J", "TI C", "UT BCI:3", "ER", "   lost", "TI D", "UT BCI:4", "EF",
    )  # fmt: skip
    assert [r.title for r in found.records] == ["A", "B", "C", "D"]
    assert found.database == "BIOSIS Citation Index"
    assert [r.kind for r in found.records] == ["article", "book", "article", "article"]
    assert found.notes == (
        "A record ends without ER and was read as far as it goes (2 times: lines 10, 18).",
    )
    assert [(s.line, s.text) for s in found.stray] == [(17, "   lost")]


def test_files_that_are_none_or_lost_their_head():
    assert read("PT J", "TI A", "ER").dialect == "Web of Science text"
    with pytest.raises(WrongUse, match="no record of the Web of Science"):
        read(*HEAD, "EF")
    found = read(*HEAD, "PT J", "VL 3", "ER", "PT J", "TI A", "ER")
    assert [u.raw for u in found.unreadable] == ["PT J\nVL 3"]


WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=6), min_size=1, max_size=30)


@given(
    st.lists(st.tuples(WORDS, WORDS, st.integers(1900, 2099)), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_records_come_back_as_they_were_written(written, glue, coded):
    def wrapped(words):
        return "\n   ".join(" ".join(words[at : at + 8]) for at in range(0, len(words), 8))

    lines = list(HEAD)
    for number, (title, abstract, year) in enumerate(written):
        lines += [
            "PT J",
            f"TI {wrapped(title)}",
            f"AB {wrapped(abstract)}",
            f"ZZ {wrapped(title)}",
            f"PY {year}",
        ]
        lines += [f"UT WOS:{number}", "ER", ""]
    found = readers.read("\n".join([*lines, "EF"]).replace("\n", glue).encode(coded), "x", "file:x")
    assert found.stray == found.unreadable == ()
    assert [(r.title, r.abstract_text, r.year, r.extra["ZZ"][0]) for r in found.records] == [
        (" ".join(title), " ".join(abstract), year, " ".join(title)) for title, abstract, year in written
    ]


LINES = st.sampled_from(
    [
        "PT J",
        "PT B",
        "ER",
        "EF",
        "FN x",
        "VR 1.0",
        "TI A",
        "AU A, B",
        "   C, D",
        "AF A, Bo",
        "C1 [A, Bo] x",
        "",
        "x",
        "ER y",
    ]
)


@given(st.lists(LINES, max_size=25))
def test_as_many_records_as_begin(lines):
    found = read(*HEAD, "PT J", "TI first", "ER", *lines)
    told = len(found.records) + len(found.unreadable)
    assert told >= 1 + sum(line.startswith("PT") for line in lines)
    assert {s.text for s in found.stray} <= {"   C, D", "x", "ER", "ER y"}

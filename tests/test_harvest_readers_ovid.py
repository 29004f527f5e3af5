"""Text of Ovid, tagged and labelled. Tagged samples have the shape of real exports; their words are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import body

from db.errors import WrongUse
from db.record import Author, Heading, Section
from harvest import readers
from harvest.readers.citation import Citation
from harvest.readers.ovid_source import understood

EMBASE = """<3001. >
VN  - Ovid Technologies
DB  - Embase <1974 to 2024>
UI  - 621381829
ST  - CONFERENCE ABSTRACT
TI  - Quality of life in patients: A systematic review.
SO  - BMC Proceedings. Conference: 2nd Conference and 3rd School: Part 2. Spain. 12 (Supplement 3) (no pagination), 2018. Date of Publication: 2018.
AU  - Behan L.
AU  - Lucas J.S.
IN  - (Behan, Rubbo, Lucas) NIHR Centre, Southampton
      (Behan, Galvin) School of Psychology, Cork, Ireland
PB  - BioMed Central Ltd.
MH  - anxiety
MH  - *quality of life
AB  - Background: As in most rare diseases.
Method(s): We searched MEDLINE.
IS  - 1753-6561
DO  - http://dx.doi.org/10.1186/s12919-018-0099-8
LG  - English
PT  - Conference Abstract
YR  - 2018

<3002. >
VN  - Ovid Technologies
DB  - Embase <1974 to 2024>
UI  - 621381823
TI  - Another.
"""
MEDLINE = """VN  - Ovid Technologies
DB  - Ovid MEDLINE(R)
UI  - 26419527
FA  - Adelman, Eric E
FA  - Scott, Phillip A
AU  - Adelman EE
AU  - Scott PA
TI  - Protocol Deviations in Community Hospitals.
SO  - Journal of Stroke & Cerebrovascular Diseases. 25(1):67-71, 2016 Jan.
MH  - *Hypertension/dt, pc [Drug Therapy, Prevention & Control]
MH  - Humans
AB  - BACKGROUND: Common.
AB  - METHODS: We used NCT00012345.
PT  - Journal Article
SI  - ClinicalTrials.gov/NCT00999999
XL  - http://ovidsp.ovid.com/ovidweb.cgi?T=JS&CSC=Y&PAGE=fulltext&D=medl&AN=26419527
XL  - http://sfx.example.org/x?sid=OVID:medline&id=pmid:26419527&id=doi:10.1016%2Fj.jstrokecerebrovasdis.2015.08.036&issn=1052

VN  - Ovid Technologies
DB  - Ovid MEDLINE(R)
UI  - 26810770
TI  - Second.
"""
PSYCINFO = """ <7. >
 VN  - Ovid Technologies
 DB  - PsycINFO
 AN  - Peer Reviewed Journal: 2015-33942-012.
 TI  - A comparison of reassurance seeking. [References].
 DP  - Sep 2015
 YR  - 2015
 AU  - Kobori, Osamu
 IN  - Kobori, Osamu: Chiba University, Chiba, Japan

       Sawamiya, Yoko: University of Tsukuba, Tsukuba, Japan
 SO  - Behavioural and Cognitive Psychotherapy. Vol.43(5), Sep 2015, pp. 623-634.
 IS  - 1352-4658
 IT  - 1469-1833
 DT  - Journal Article
 PM  - 24892981
 ID  - Obsessive-compulsive disorder, depression
 LG  - English
"""
BIOSIS = """<1. >
VN  - Ovid Technologies
DB  - BIOSIS Previews
AN  - PREV200400473722
AU  - Werner, S. M. [Author, Reprint Author; E-mail: w@example.org]
AU  - Raffa, K. F. [Author]
TI  - Comparison of methods.
SO  - Forest Ecology & Management. 201(2-3):327-334, November 15, 2004.
PT  - Article
IS  - 0378-1127 (ISSN print)
MC  - Forestry
DS  - accidental iron poisoning: toxicity
YR  - 2004
"""


def read(text):
    return readers.read(text if isinstance(text, bytes) else text.encode(), "x.cit", "file:x")


def test_embase():
    found = read(EMBASE.replace("\n", "\r\n"))
    first, second = found.records
    assert (found.database, found.platform, found.dialect) == ("Embase", "Ovid", "Ovid text")
    assert (first.key, second.key) == ("621381829", "621381823")
    assert first.kind == "conference"
    assert first.authors == (Author("Behan", initials="L"), Author("Lucas", initials="JS"))
    assert (first.journal, first.volume, first.issue, first.date) == (
        "BMC Proceedings",
        "12",
        "Supplement 3",
        "2018",
    )
    assert first.abstract == (
        Section("Background: As in most rare diseases.\nMethod(s): We searched MEDLINE."),
    )
    assert first.headings == (Heading("anxiety"), Heading("quality of life", major=True))
    assert first.identifiers_of("doi") == ("10.1186/s12919-018-0099-8",)
    assert first.extra["IN"] == (
        "(Behan, Rubbo, Lucas) NIHR Centre, Southampton\n(Behan, Galvin) School of Psychology, Cork, Ireland",
    )


def test_medline_without_numbers_of_records():
    found = read(MEDLINE)
    first, second = found.records
    assert found.database == "Ovid MEDLINE(R)"
    assert first.authors == (Author("Adelman", "Eric E", "EE"), Author("Scott", "Phillip A", "PA"))
    assert (first.journal, first.volume, first.issue, first.pages, first.date) == (
        "Journal of Stroke & Cerebrovascular Diseases",
        "25",
        "1",
        "67-71",
        "2016-01",
    )
    assert [part.text for part in first.abstract] == ["BACKGROUND: Common.", "METHODS: We used NCT00012345."]
    assert first.headings[0] == Heading(
        "Hypertension", major=True, qualifiers=("Drug Therapy", "Prevention & Control")
    )
    assert {(i.scheme, i.value) for i in first.identifiers} == {
        ("pmid", "26419527"),
        ("doi", "10.1016/j.jstrokecerebrovasdis.2015.08.036"),
        ("nct", "NCT00012345"),
        ("nct", "NCT00999999"),
    }
    assert len(first.urls) == 2
    assert second.key == "26810770"


def test_headings_in_other_forms():
    (record,) = read(
        "<1. >\nVN  - Ovid\nTI  - T\nMH  - *a [b] [c]\nMH  - x/dt\nXL  - http://x.org/?id=pii:1"
    ).records
    assert record.headings == (Heading("a [b] [c]", major=True), Heading("x", qualifiers=("dt",)))
    assert record.identifiers == ()


def test_psycinfo_with_lines_set_in():
    (record,) = read(PSYCINFO).records
    assert record.key == "2015-33942-012"
    assert record.title == "A comparison of reassurance seeking."
    assert record.extra["title as printed"] == ("A comparison of reassurance seeking. [References].",)
    assert (record.journal, record.volume, record.issue, record.pages, record.date) == (
        "Behavioural and Cognitive Psychotherapy",
        "43",
        "5",
        "623-634",
        "2015-09",
    )
    assert record.issns == ("1352-4658", "1469-1833")
    assert record.identifiers_of("pmid") == ("24892981",)
    assert record.keywords == ("Obsessive-compulsive disorder", "depression")


def test_biosis():
    (record,) = read(BIOSIS).records
    assert record.authors == (Author("Werner", initials="SM"), Author("Raffa", initials="KF"))
    assert len(record.extra["AU"]) == 2
    assert (record.date, record.issns, record.keywords) == ("2004-11-15", ("0378-1127",), ("Forestry",))
    assert record.extra["DS"] == ("accidental iron poisoning: toxicity",)


def test_labels():
    (record,) = readers.read(body("ovid_labelled.txt"), "x.txt", "file:x").records
    assert record.key == "00012097-900000000-99899"
    assert (
        record.title
        == "Comparing Computer Adaptive and Curriculum-Based Measures of Math in Progress Monitoring."
    )
    assert record.authors[0] == Author("Shapiro", "Edward S.")
    assert (record.journal, record.year, record.date) == ("School Psychology Quarterly", 2015, "2015-03-16")
    assert record.status == "Publish Ahead of Print, published online before print, 16 March 2015"
    assert record.identifiers_of("doi") == ("10.1037/spq0000116",)
    assert record.languages == ("English",)
    assert record.extra["Institution"] == (
        "(1)Center for Promoting Research to Practice, College of Education, Lehigh University",
    )


def test_labels_without_numbers_of_records():
    found = readers.read(body("ovid_unnumbered.txt"), "x.txt", "file:x")
    assert [r.key for r in found.records] == ["00005131-900000000-99049", "00012097-900000000-99899"]
    assert [a.name for a in found.records[0].authors] == [
        "Verbeek Jan",
        "Hermans Erik",
        "van Vugt Arie",
        "Frolke Jan Paul",
    ]
    assert found.records[1].abstract_text.endswith("(C) 2015 by the American Psychological Association")
    assert found.stray == ()


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (
            "Ecohydrology.   8(6):1048-1064, September 2015.",
            ("Ecohydrology", "September 2015", "8", "6", "1048-1064"),
        ),
        ("Patents. 1288(3), Nov. 16, 2004.", ("Patents", "Nov. 16, 2004", "1288", "3", "")),
        (
            "Acta Biochimica August 2011;43(8):647-653",
            ("Acta Biochimica", "August 2011", "43", "8", "647-653"),
        ),
        (
            "ACSM'S Journal January/February 2010;14(1):56",
            ("ACSM'S Journal", "January/February 2010", "14", "1", "56"),
        ),
        ("Acta November/December 2010;6:611-613", ("Acta", "November/December 2010", "6", "", "611-613")),
        ("Psychotherapy. Vol.43, 2015, ArtID e17.", ("Psychotherapy", "2015", "43", "", "", "e17")),
        (
            "European Journal of Pain. 20 (3) (pp 427-436), 2016. Date of Publication: 01 Mar 2016.",
            ("European Journal of Pain", "01 Mar 2016", "20", "3", "427-436"),
        ),
        (
            "Child Development v62 n1 p199-209 Feb 1991",
            ("Child Development", "Feb 1991", "62", "1", "199-209"),
        ),
        ("Journal of Orthopaedic Trauma. ", ("Journal of Orthopaedic Trauma",)),
        ("Journal of Political Studies 12, Winter 2007: 7-14.", ()),
        ("Kamp, Roza [Editor]. Methods.:371-397, 2004.", ()),
        ("x" * 600, ()),
    ],
)
def test_citations(printed, meant):
    assert understood(printed) == Citation(*meant)


def test_names_lose_what_is_no_part_of_them():
    record = read(
        "<1>\nTitle\n  T\nAuthor\n  Peterson, James A. Ph.D., FACSM; Zhang, Weijia 1,2,+; (1); Park MD, Min"
    ).records[0]
    assert [a.name for a in record.authors] == ["Peterson James A.", "Zhang Weijia", "Park"]
    assert record.extra["Author"] == (
        "Peterson, James A. Ph.D., FACSM; Zhang, Weijia 1,2,+; (1); Park MD, Min",
    )
    assert read("<1>\nTitle\n  T\nAuthor\n  " + "A " * 400).records[0].authors[0].family.startswith("A A")


def test_what_is_none():
    with pytest.raises(WrongUse, match="no record of Ovid"):
        readers.ovid.Ovid().read(readers.decode(b"words"), "x", "file:x")
    found = readers.ovid.Ovid().read(
        readers.decode(b"words\n<1. >\nVN  - Ovid\nTI  - T\n<2. >\nVN  - Ovid"), "x", "y"
    )
    assert [(s.line, s.text) for s in found.stray] == [(1, "words")]
    assert [u.line for u in found.unreadable] == [6]
    assert readers.read(b"<1. >\nTY  - JOUR\nTI  - T\nER  - \n", "x", "y").dialect == "RIS"
    assert read("<1. >\nVN  - Ovid\nTI  - T\nXL  - http://[x").records[0].title == "T"


WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=6), min_size=1, max_size=5).map(" ".join)


@given(
    st.lists(
        st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3, unique=True), st.integers(1900, 2099)),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_records_come_back_as_they_were_written(written, labelled, glue, coded):
    lines = []
    for number, (title, paragraphs, year) in enumerate(written, 1):
        if labelled:
            lines += [f"<{number}>", "Title", f"  {title}", "Abstract", *(f"  {text}" for text in paragraphs)]
            lines += ["Year of Publication", f"  {year}", "Some Label", f"  {title}", ""]
        else:
            lines += [f"<{number}. >", "VN  - Ovid Technologies", f"TI  - {title}"]
            lines += [*(f"AB  - {text}" for text in paragraphs), f"YR  - {year}", f"ZZ  - {title}", ""]
    found = readers.read("\n".join(lines).replace("\n", glue).encode(coded), "x", "file:x")
    assert found.stray == found.unreadable == ()
    tag = "Some Label" if labelled else "ZZ"
    assert [(r.title, r.abstract_text, r.year, r.extra[tag]) for r in found.records] == [
        (title, "\n".join(paragraphs), year, (title,)) for title, paragraphs, year in written
    ]


LINES = st.sampled_from(
    [
        "<2. >",
        "VN  - Ovid Technologies",
        "TI  - A",
        "AB  - b",
        "      more",
        "more",
        "",
        "Title",
        "  T",
        "AU  - A, B MD *",
        "<x>",
    ]
)


@given(st.lists(LINES, max_size=25))
def test_any_order_of_lines(lines):
    found = read("\n".join(["<1. >", "VN  - Ovid Technologies", "TI  - first", *lines]))
    assert found.records[0].title.startswith("first")
    assert len(found.records) + len(found.unreadable) <= 1 + sum(
        line.startswith(("<2", "VN")) for line in lines
    )

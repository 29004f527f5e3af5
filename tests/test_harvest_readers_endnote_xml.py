"""EndNote's XML: runs of style, one-line files, broken and hostile ones."""

import contextlib
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import body

from db.errors import WrongUse
from db.record import Author
from harvest import readers

HEAD, FOOT = '<?xml version="1.0" encoding="UTF-8"?><xml><records>', "</records></xml>"


def read(text):
    return readers.read(text if isinstance(text, bytes) else text.encode(), "x.xml", "file:x")


def only(*elements):
    (record,) = read(
        f"{HEAD}<record><ref-type name='Journal Article'>17</ref-type>{''.join(elements)}</record>{FOOT}"
    ).records
    return record


def test_a_file_of_endnote():
    first, second = read(body("endnote_articles.xml")).records
    assert first.key == "ISI:000200148800007"
    assert (
        first.title
        == "An ecological basis for reforestation of submariginal lands in the Central Hardwood Region"
    )
    assert first.authors == (Author("Chapman", initials="AG"),)
    assert (first.journal, first.journal_abbreviation, first.date) == ("Ecology", "", "1937-01")
    assert (first.volume, first.issue, first.pages, first.languages) == ("18", "1", "93-105", ("English",))
    assert (first.kind, second.kind) == ("article", "book")
    assert first.extra["notes"] == ("some notes",)
    assert first.extra["source-app@version"] == ("15.0",)
    assert read(body("endnote.xml")).records[0].kind == "report"


def test_every_field_that_endnote_has_a_place_for():
    found = read(
        HEAD + "<record><rec-number>2</rec-number>"
        "<contributors><authors><author>Mullinax, J. W.</author><author>World Health Organization,</author>"
        "<author>...</author></authors><secondary-authors><author>Ed, A</author></secondary-authors></contributors>"
        "<titles><title><style>CO</style><style face='subscript'>2</style><style> in <b>x</b></style></title>"
        "<translated-title>Titre</translated-title></titles>"
        "<periodical><full-title>J Chem</full-title><abbr-1>JC</abbr-1></periodical>"
        "<dates><year>2015</year><pub-dates><date>Jun 9</date></pub-dates></dates>"
        "<isbn>1549-9618&#xD;978-1-4822-5326-9</isbn><accession-num>26575548</accession-num>"
        "<abstract>BACKGROUND: one&#xD;RESULTS: NCT00012345\n      wrapped</abstract>"
        "<keywords><keyword>*a</keyword><keyword>b; c</keyword></keywords>"
        "<urls><related-urls><url>https://www.ncbi.nlm.nih.gov/pubmed/26575548</url></related-urls>"
        "<pdf-urls><url>internal-pdf://x.pdf</url></pdf-urls></urls>"
        "<custom2>PMC123</custom2><custom7>e17</custom7><work-type>Review</work-type>"
        "<electronic-resource-num>DOI 10.1021/ACS.1</electronic-resource-num>"
        "<remote-database-name>Medline</remote-database-name>"
        "<remote-database-provider>Ovid</remote-database-provider></record>" + FOOT
    )
    (record,) = found.records
    assert (found.database, found.platform) == ("Medline", "Ovid")
    assert record.title == "CO2 in x"
    assert record.vernacular_title == "Titre"
    assert record.authors == (
        Author("Mullinax", initials="JW"),
        Author("World Health Organization", collective=True),
    )
    assert record.abstract_text == "BACKGROUND: one\nRESULTS: NCT00012345 wrapped"
    assert record.date == "2015-06-09"
    assert record.issns == ("1549-9618",)
    assert record.keywords == ("*a", "b", "c")
    assert (record.journal, record.journal_abbreviation, record.article_number) == ("J Chem", "JC", "e17")
    assert {(i.scheme, i.value) for i in record.identifiers} == {
        ("pmid", "26575548"),
        ("doi", "10.1021/acs.1"),
        ("pmcid", "PMC123"),
        ("isbn", "9781482253269"),
        ("nct", "NCT00012345"),
    }
    assert record.key == "26575548"
    assert record.extra["contributors/secondary-authors/author"] == ("Ed, A",)
    assert record.extra["urls/pdf-urls/url"] == ("internal-pdf://x.pdf",)


def test_text_beside_elements_is_kept():
    record = only("<titles><title>T</title></titles><zz a='1'>own<style>s</style><sub>t</sub>tail</zz>")
    assert record.extra["zz"] == ("owntail", "s")
    assert (record.extra["zz/sub"], record.extra["zz@a"]) == (("t",), ("1",))


def test_types_without_a_name():
    def kind(element):
        return (
            read(f"{HEAD}<record>{element}<titles><title>T</title></titles></record>{FOOT}").records[0].kind
        )

    assert kind("<ref-type>32</ref-type>") == "thesis"
    assert kind("<ref-type>Journal Article</ref-type>") == "journal article"
    assert kind("<ref-type name='Podcast'>99</ref-type>") == "podcast"
    assert kind("") == "article"


def test_a_broken_record_costs_no_other():
    good = "<record><titles><title>Good {}</title></titles></record>"
    found = read(
        HEAD
        + "\n"
        + good.format(1)
        + "\n<record><titles><title>Bad</titles></record>\nloose words\n"
        + good.format(2)
        + FOOT
    )
    assert [r.title for r in found.records] == ["Good 1", "Good 2"]
    assert [(u.line, "no readable XML" in u.problem) for u in found.unreadable] == [(3, True)]
    assert [(s.line, s.text) for s in found.stray] == [(4, "loose words")]


def test_a_file_that_is_cut_off():
    whole = body("endnote_articles.xml")
    found = read(whole[: whole.rindex(b"</record>")])
    assert (len(found.records), len(found.unreadable)) == (1, 1)
    assert found.unreadable[0].problem == "The record is cut off: its </record> is missing."
    unended = read(
        f"{HEAD}<record><titles><title>A</title></titles>\n<record><titles><title>B</title></titles></record>{FOOT}"
    )
    assert [u.line for u in unended.unreadable] == [1]
    assert [r.title for r in unended.records] == ["B"]


def test_signs_that_xml_forbids_are_left_out_and_told():
    found = read(f"{HEAD}<record><titles><title>A\x02B&#x1F;C &nbsp;&amp; D</title></titles></record>{FOOT}")
    assert found.records[0].title == "ABC & D"
    assert found.notes == ("A record holds signs that XML forbids, which were left out (line 1).",)


def test_hostile_files_do_no_harm():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    record = "<record><titles><title>&b;</title></titles></record>"
    with pytest.raises(WrongUse, match="declares XML entities"):
        read("<?xml version='1.0'?>" + bomb + "<xml><records>" + record + FOOT)
    outside = '<!DOCTYPE xml SYSTEM "http://example.org/x.dtd">'
    assert (
        read("<?xml version='1.0'?>" + outside + "<xml><records>" + record + FOOT).records[0].title == "&b;"
    )
    deep = "<a>" * 5000 + "</a>" * 5000
    (broken,) = read(f"{HEAD}<record><titles/>{deep}</record>{FOOT}").unreadable
    assert "nested deeper than 16 levels" in broken.problem
    styled = "<style>" * 3000 + "T" + "</style>" * 3000
    assert only(f"<titles><title>{styled}</title></titles>").title == "T"


def test_other_xml_is_none():
    with pytest.raises(WrongUse, match="seems to be XML"):
        read("<xml><records><entry>x</entry></records></xml>")
    with pytest.raises(WrongUse, match=r"no <record> of EndNote"):
        readers.endnote_xml.EndNoteXml().read(readers.decode(b"<xml/>"), "x.xml", "file:x")


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(TEXT, TEXT, st.integers(1900, 2099)), min_size=1, max_size=5), st.booleans(), st.data()
)
def test_records_come_back_as_they_were_written(written, styled, data):
    def element(name, value):
        text = escape(str(value))
        inside = f"<style size='100%'>{text}</style>" if styled else text
        return f"<{name}>{inside}</{name}>"

    glue = data.draw(st.sampled_from(["", "\n", "\r\n"]))
    records = (
        f"<record>{glue}<ref-type name='Book'>6</ref-type><titles>{element('title', 'T ' + title)}</titles>"
        f"<dates>{element('year', year)}</dates>{glue}{element('zz', tag)}</record>"
        for title, tag, year in written
    )
    whole = HEAD + glue.join(records) + FOOT
    found = read(whole.encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))))
    assert len(found.records) == len(written)
    for record, (title, tag, year) in zip(found.records, written, strict=True):
        assert record.year == year
        assert record.kind == "book"
        assert title.split() == record.title.split()[1:] or "&" in title or "<" in title
        assert record.extra["zz"] == (tag,) or tag in ("nan", "undefined")


JUNK = st.sampled_from(
    ["<", ">", "&", "</record>", "<record>", "<style>", "&#2;", '"', "\0", "words", "]]>", "<!--"]
)


@given(st.sampled_from(["endnote.xml", "endnote_articles.xml"]), st.data())
def test_mangled_files_neither_crash_nor_lose_records(name, data):
    text = body(name).decode()
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(len("<?xml version='1.0'?><xml><records>") + 40, len(text)))
        text = text[:place] + data.draw(JUNK) + text[place:]
    with contextlib.suppress(WrongUse):
        found = read(text)
        begun = text.count("<record>")
        assert len(found.records) + len(found.unreadable) >= min(begun, 1)
        assert all(1 <= one.line <= text.count("\n") + 1 for one in (*found.stray, *found.unreadable))

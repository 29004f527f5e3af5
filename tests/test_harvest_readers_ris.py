"""RIS: what each dialect hides where, and what broken files still give."""

import pytest
from reader_files import body

from db.record import Author, Heading, Identifier
from harvest import readers


def ris(*lines, name="x.ris"):
    return readers.read("\n".join(lines).encode(), name, "file:x")


def only(*lines):
    (record,) = ris("TY  - JOUR", *lines, "ER  - ").records
    return record


def first(name):
    return readers.read(body(name), name, "file:x").records[0]


def ids(record):
    return {(i.scheme, i.value) for i in record.identifiers}


def test_cochrane_central():
    record = first("cochrane.ris")
    assert record.key == "CN-00778158"
    assert record.authors[0] == Author("Bywater", initials="T")
    assert ids(record) == {
        ("accession", "CN-00778158"),
        ("pmid", "21314913"),
        ("doi", "10.1186/1745-6215-12-39"),
        ("isrctn", "ISRCTN96803379"),
    }
    assert record.journal == "Trials"
    assert Heading("school health service", major=True) in record.headings
    assert Heading("Conduct Disorder", qualifiers=("prevention & control*", "psychology")) in record.headings
    assert record.extra["C3"] == ("PUBMED 21314913",)


def test_what_stands_in_front_of_cochrane_records_is_stray_with_its_line():
    found = readers.read(body("cochrane.ris"), "x", "file:x")
    assert [(s.line, s.text) for s in found.stray[:2]] == [
        (1, "Record #3 of 18"),
        (2, "Provider: John Wiley & Sons, Ltd."),
    ]


def test_ebsco():
    record = first("ebsco.ris")
    assert record.key == "176404503"
    assert record.identifiers_of("doi") == ("10.1371/journal.pone.0298242",)
    assert (record.date, record.year, record.pages, record.issns) == (
        "2024-04-03",
        2024,
        "1-60",
        ("1932-6203",),
    )
    assert len(record.abstract) == 1
    assert record.extra["AB"][0].startswith("Copyright of PLoS ONE")


def test_embase():
    record = first("embase.ris")
    assert record.key == "L2029880245"
    assert record.identifiers_of("pmid") == ("38773066",)
    assert (record.journal, record.journal_abbreviation) == ("Nature Communications", "Nat. Commun.")
    assert record.authors[3] == Author("McNamara", initials="ME")
    assert record.publication_types == ("Article",)
    assert record.extra["M3"] == ("Article",)
    assert first("embase_bom.ris").authors[0] == Author("Liu", initials="R")


def test_ovid():
    found = readers.read(body("ovid_psycinfo.ris"), "x", "file:x")
    record = found.records[0]
    assert record.key == "2019-65183-001"
    assert record.pages == ""  # No Pagination Specified
    assert (record.extra["SP"], record.extra["EP"]) == (("No",), ("Specified",))
    assert record.publication_types == ()  # M3 is a code of the classification
    assert record.identifiers_of("doi") == ("10.1002/cpp.2398",)
    assert all("Andres" not in author.family for r in found.records for author in r.authors)  # cited authors
    assert found.platform == "Ovid"
    assert any(s.text.startswith("NL  - Clin Psychol") for s in found.stray)


def test_proquest():
    record = first("proquest.ris")
    assert record.identifiers_of("accession") == ("2214991469", "51887")
    assert record.issns == ("0894-9867",)
    assert record.identifiers_of("doi") == ("10.1002/jts.22387",)


def test_web_of_science():
    record = first("web_of_science.ris")
    assert record.key == "WOS:000282053100002"
    assert record.date == "2010-09-22"  # DA "SEP 22" and PY "2010"
    assert (record.article_number, record.journal_abbreviation) == ("e12292", "PLoS One")
    assert len(record.extra["C3"]) > 1
    assert "\n" in record.abstract_text


def test_scopus():
    record = first("scopus.ris")
    assert record.key == "2-s2.0-85189760133"
    assert (record.article_number, record.identifiers_of("pmid")) == ("2864", ("38580657",))
    assert record.issns == ("2041-1723",)


def test_managers_and_screening_tools():
    assert first("endnote.ris").issns == ("1932-8494", "1932-8486")  # one tag, two lines
    assert first("endnote.ris").key == "L2030246463"  # not EndNote's own running number
    assert (
        first("refworks.ris").urls[1] == "http://dx.doi.org/10.1002/ar.25520"
    )  # one tag, links apart by blanks
    assert first("eppi_reviewer.ris").authors == (Author("Brownstein", initials="CD"),)
    assert first("covidence.ris").journal == "Nature Communications"
    assert first("asreview_zotero.ris").dates == {"access": "2022-09-20"}
    assert ("nct", "NCT00442637") in ids(first("asreview_zotero.ris"))


def test_a_pmid_in_a_link_is_found():
    records = readers.read(body("asreview_zotero.ris"), "x", "file:x").records
    assert "25979631" in {pmid for r in records for pmid in r.identifiers_of("pmid")}


def test_apa_writes_the_pmid_in_a_tag_of_four_letters():
    record = first("apa_psycnet.ris")
    assert record.identifiers_of("pmid") == ("33355555",)
    assert record.issns == ("1999-7777", "0222-6666")
    assert record.publication_types == ()  # M3 holds the DOI


def test_without_er_the_next_ty_ends_the_record_and_a_comment_is_stray():
    found = readers.read(body("no_er.ris"), "x", "file:x")
    assert found.records[0].keywords == ("keyword2", "keyword3")
    assert found.records[0].identifiers_of("pmid") == ("12345678",)
    assert [s.text for s in found.stray] == ["% Comment"]
    assert any("ends without ER" in note and "line 2" in note for note in found.notes)


def test_without_ty_a_block_that_ends_and_has_a_title_is_a_record():
    found = readers.read(body("no_ty.ris"), "x", "file:x")
    assert found.records[0].title == "Editorial: Open Source and Empirical Software Engineering"
    assert (found.records[0].date, found.records[0].pages) == ("2001-09-01", "193-194")
    assert any("begins without TY" in note for note in found.notes)


def test_preambles_of_the_next_record_are_no_part_of_a_record_without_er():
    found = ris(
        "TY  - JOUR",
        "TI  - One",
        "",
        "Record #2 of 2",
        "Provider: X",
        "2. ",
        "TY  - JOUR",
        "TI  - Two",
        "ER  - ",
    )
    assert [r.title for r in found.records] == ["One", "Two"]
    assert [s.line for s in found.stray] == [4, 5, 6]


def test_the_last_record_may_be_cut():
    found = ris("TY  - JOUR", "TI  - Whole", "ER  - ", "TY  - JOUR", "TI  - Cut in the mid")
    assert found.records[1].title == "Cut in the mid"
    assert found.notes == ("A record ends without ER and was read as far as it goes (line 4).",)


def test_lines_without_a_tag_go_on_with_the_value_before():
    record = only("AB  - One.", "  Two.", "", "Three.", "KW  - a", "b", "TI  - T")
    assert record.abstract_text == "One.\nTwo.\nThree."
    assert record.keywords == ("a", "b")


@pytest.mark.parametrize("begin", ["TY  - JOUR", "TY  -  JOUR", "TY - JOUR", "\ufeffTY  - JOUR"])
@pytest.mark.parametrize("end", ["ER  - ", "ER  -", "ER -", "ER  -  "])
def test_spellings_of_begin_and_end(begin, end):
    found = ris(begin, "TI  - T", end)
    assert ([r.title for r in found.records], found.stray) == (["T"], ())


def test_a_record_with_nothing_in_it_is_reported():
    found = ris("TY  - JOUR", "ER  - ", "", "TY  - JOUR", "TI  - T", "ER  - ")
    assert [(u.line, u.position, u.raw) for u in found.unreadable] == [(1, 1, "TY  - JOUR")]
    assert "no title" in found.unreadable[0].problem


def test_unknown_and_repeated_tags_are_kept():
    record = only("TI  - T", "ZZ  - one", "ZZ  - two", "T1  - Another title", "A2  - Editor, E.")
    assert record.extra["ZZ"] == ("one", "two")
    assert record.extra["T1"] == ("Another title",)
    assert record.extra["A2"] == ("Editor, E.",)


def test_one_key_twice_in_a_file_swallows_nothing():
    same = ("TY  - JOUR", "TI  - T", "ER  - ")
    keys = [r.key for r in ris(*same, *same, *same).records]
    assert keys[0].startswith("sha256:")
    assert keys[1:] == [f"{keys[0]}~2", f"{keys[0]}~3"]


def test_the_key_is_accession_then_pmid_then_doi():
    everything = ["TI  - T", "AN  - WOS:1", "PMID  - 77", "DO  - 10.1000/x"]
    assert only(*everything).key == "WOS:1"
    assert only(everything[0], *everything[2:]).key == "77"
    assert only(everything[0], everything[3]).key == "10.1000/x"


def test_accession_numbers_of_medline_are_pmids():
    assert ids(only("TI  - T", "DB  - MEDLINE", "AN  - 123456")) == {("pmid", "123456")}
    assert ids(only("TI  - T", "DB  - PsycINFO", "AN  - 123456")) == {("accession", "123456")}


def test_a_sici_doi_is_not_cut():
    sici = "10.1002/1097-0355(199023)11:3<278::aid-imhj2280110309>3.0.co;2-h"
    record = only("TI  - T", f"DO  - https://doi.org/{sici.upper()}")
    assert record.identifiers_of("doi") == (sici,)


def test_trial_numbers_say_where_they_stood():
    record = only("TI  - T (NCT00923559)", "DO  - NCT01087112")
    assert Identifier("nct", "NCT00923559", "abstract") in record.identifiers
    assert Identifier("nct", "NCT01087112") in record.identifiers
    assert record.extra["DO"] == ("NCT01087112",)


def test_markup_is_taken_out_of_words_and_nowhere_else():
    record = only(
        "TI  - Effects of <i>H. pylori</i> &amp; H<sub>2</sub>O when p < 0.05", "AB  - <p>One.</p><p>Two.</p>"
    )
    assert record.title == "Effects of H. pylori & H2O when p < 0.05"
    assert record.abstract_text == "One.\nTwo."


def test_kinds():
    def kind(word):
        return ris(f"TY  - {word}", "TI  - T", "ER  - ").records[0].kind

    assert [kind(w) for w in ("JOUR", "CHAP", "THES", "Journal Article")] == [
        "article",
        "chapter",
        "thesis",
        "journal article",
    ]


def test_isbn_and_unknown_numbers_in_sn():
    assert ids(first("jabref_chapter.ris")) == {("doi", "10.1201/b19107-2"), ("isbn", "9781482253269")}
    assert only("TI  - T", "SN  - none").extra["SN"] == ("none",)


def test_text_after_er_on_its_line_is_stray():
    assert ris("TY  - JOUR", "TI  - T", "ER  - End").stray[0].text == "ER  - End"


def test_several_authors_in_one_tag_and_the_same_author_twice():
    assert len(only("TI  - T", "AU  - Joffe, Hadine; Hall, Janet E").authors) == 2
    assert len(only("TI  - T", "AU  - Li, X", "AU  - Li, X").authors) == 2
    assert only("TI  - T", "A1  - Li, X", "AU  - Li, X").extra == {"TY": ("JOUR",)}

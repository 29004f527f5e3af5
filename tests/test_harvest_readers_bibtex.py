"""BibTeX: what is written comes back, and what is broken is told with its line."""

import contextlib
import logging
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_files import body

from db.errors import WrongUse
from db.record import Author, Identifier
from harvest import readers
from harvest.readers import bibtex, latex
from harvest.readers.filling import filled


def read(text, name="x.bib"):
    return readers.read(text if isinstance(text, bytes) else text.encode(), name, "file:x")


def only(*fields, kind="article"):
    (record,) = read(f"@{kind}{{key,\n" + ",\n".join(fields) + "\n}").records
    return record


def test_a_record_of_the_web_of_science():
    first, second = read(body("web_of_science.bib")).records
    assert second.key == "WOS:000444488888888"
    assert second.authors == (Author("Articlewriter", "Julian"), Author("Guestwriter", "Paul"))
    assert (second.date, second.dates) == ("2022-03-01", {"early access": "2022-02"})
    assert (second.title, second.article_number) == ("A dummy title's", "6756")
    assert second.issns == ("4444-1221", "4444-1223")
    assert first.identifiers_of("doi") == ("10.1007/999-9-999-99999-9_3",)
    assert (first.kind, first.journal) == ("conference", "A BOOKTITLE")
    assert first.extra["editor"] == ("Editorone, M and Editortwo, M",)


def test_numbers_where_each_platform_puts_them():
    assert read(body("scopus.bib")).records[6].key == "2-s2.0-85116700878"
    assert read(body("europe_pmc.bib")).records[0].key == "18888888"
    assert read(body("europe_pmc.bib")).records[1].key == "PPR666666"
    assert read(body("europe_pmc.bib")).records[0].identifiers_of("pmcid") == ("PMC7777777",)
    assert read(body("taylor_francis.bib")).records[0].identifiers_of("pmid") == ("33355555",)
    assert read(body("wiley.bib")).records[1].identifiers_of("doi") == ("10.1111/gps.4444",)
    assert read(body("ebsco.bib")).records[0].identifiers_of("accession") == ("11111111111111111",)
    assert only("eid = {2-s2.0-1}", "title = {T}").identifiers_of("accession") == ("2-s2.0-1",)
    sici = r"doi = {10.1002/1097-0355(199023)11:3{\textless}278::aid-x{\textgreater}3.0.co;2-h}"
    assert only(sici, "title = {T}").identifiers_of("doi") == (
        "10.1002/1097-0355(199023)11:3<278::aid-x>3.0.co;2-h",
    )
    assert only("eid = {e17}", "title = {T}").article_number == "e17"
    assert read("@article{WOS:000072095400011, title={T}}").records[0].key == "WOS:000072095400011"


def test_months_strings_and_joined_values():
    assert read(body("bibtex.bib")).records[0].date == "2013-01"
    assert only("title={T}", "year = 2013", "month = 3").date == "2013-03"
    assert only("title={T}", "year = 2013", 'month = "8~" # jan').date.startswith("2013-01")
    assert only("title={T}", "date = {2013-05-17}").date == "2013-05-17"
    found = read(
        '@string(JM = "J. Med.")\n@string{all = jm # { and Law}}\n@article{k, title={T}, journal=ALL}'
    )
    assert found.records[0].journal == "J. Med. and Law"
    assert found.stray == ()


def test_values_of_odd_shape():
    assert only('title = "a { b"', "year = 2001").title == "a b"
    assert only("title = # {T}").title == "#T"
    assert only('title = "a {"}b{"} c"').title == 'a "b" c'
    assert only("title = {a} b").title == "ab"


def test_comments_and_preambles_are_told_with_their_lines():
    found = read(body("bibtex.bib") + b'\n@preamble{"\\newcommand"}\nSome words\n')
    assert [(s.line, s.text) for s in found.stray] == [
        (1, "@comment{"),
        (2, "    This is my example comment."),
        (3, "}"),
        (15, '@preamble{"\\newcommand"}'),
        (16, "Some words"),
    ]


def test_authors_in_every_spelling_of_bibtex():
    record = only(
        "author = {Ludwig van Beethoven and King, Jr, Martin Luther and {Simon and Schuster} "
        'and M{\\"u}ller, J. and {World Health Organization} and Articlewriter, Laura, III and others}',
        "title={T}",
    )
    assert record.authors == (
        Author("van Beethoven", "Ludwig"),
        Author("King", "Martin Luther", suffix="Jr"),
        Author("Simon and Schuster", collective=True),
        Author("Müller", initials="J"),
        Author("World Health Organization", collective=True),
        Author("Articlewriter", "Laura", suffix="III"),
    )
    assert not record.authors_complete
    assert only("author={The CARE Study Group}", "title={T}").authors[0].collective
    assert len(only("author={{Smith, J and Doe, K}}", "title={T}").authors) == 2
    assert only("author={{1234} and Plato}", "title={T}").authors == (Author("Plato"),)


def test_fields_of_the_book_come_to_its_chapters():
    found = read(body("several_writers.bib")).records
    assert found[2].journal == "Proceedings of the 34th International Cosmic Ray Conference"
    assert (found[2].year, found[3].year) == (2015, None)
    assert found[4].title == "Proceedings of the 34th International Cosmic Ray Conference"
    assert found[0].key != found[1].key  # two entries with one key are two records
    assert only("crossref = {key}", "title = {T}").title == "T"


def test_an_entry_that_cannot_be_read_is_reported_whole_and_costs_no_other():
    (broken,) = read(body("ebsco.bib")).unreadable
    assert broken.line == 15
    assert broken.problem.startswith("The entry cannot be read: Expected a `=`")
    assert broken.raw.endswith("Title = {When sharing fixes prices.},\n}")
    found = read("@article{a, title={open {brace},\n year={2001}\n}\n\n@article{b, title={B}}")
    assert [u.line for u in found.unreadable] == [1]
    assert "year={2001}" in found.unreadable[0].raw
    assert [r.title for r in found.records] == ["B"]


def test_slips_that_leave_no_doubt_are_read_and_told():
    found = read("@article{\n title = {A},\n year = 2001\n}\n@article{b,\n title = {B}\n year = {2002}\n}\n")
    assert [(r.title, r.year) for r in found.records] == [("A", 2001), ("B", 2002)]
    assert found.notes == (
        "A comma is missing between two fields, which were read (line 5).",
        "An entry has no key and was read without one (line 1).",
    )
    open_ended = read("@article{a,\n title={A},\n year={2001}\n\n@article{b, title={B}}")
    assert [r.title for r in open_ended.records] == ["A", "B"]
    assert open_ended.notes == ("The last brace of an entry is missing (line 1).",)


def test_repeated_and_unknown_fields_are_kept():
    record = only("title={A}", "title={B}", "mendeley-tags = {x}", "note={cited By 3}")
    assert record.title == "A"
    assert record.extra["title"] == ("B",)
    assert record.extra["mendeley-tags"] == ("x",)


def test_bytes_that_are_no_utf8_are_told():
    found = read(body("gbk.bib"))
    assert found.records[0].title == "Test Title"
    assert found.notes == ("3 of 7 lines are not UTF-8 and were read as Windows-1252.",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"C{\'e}sar \textit{in vivo}", "César in vivo"),
        (r"{\"o} \"{o} \o{} \ss{} Erd{\H o}s \v{c} \c c", "ö ö ø ß Erdős č ç"),
        (r"{DNA} repair in {{HeLa}}", "DNA repair in HeLa"),
        (r"{{All of {\'e} it}}", "All of é it"),
        (r"50\% of A \& B a\_b", "50% of A & B a_b"),
        (r"50% of A & B, #3 and \'e", "50% of A & B, #3 and é"),
        (r"$\alpha$ and $x^2$, $P < 0.05$, $n$", "α and x^2, P < 0.05, n"),
        (r"US$5 and $10 and \'e", "US$5 and $10 and é"),
        (r"\textless 0.05 \copyright{} {\em all}", "< 0.05 © all"),
        (r"C:\Users\me and \unknown{x}", r"C:\Users\me and \unknownx"),
        (r"open { and \'e", "open  and é"),
        (r"closed } and \'e", "closed  and é"),
        (r"\c  c {\'e  e}", "ç é  e"),
        (r"\url{https://x.org/a_b}", "https://x.org/a_b"),
        ("a plain -- text ~ of ``words''", "a plain -- text ~ of ``words''"),
    ],
)
def test_latex(written, meant):
    assert latex.decoded(written) == meant


@given(st.text(st.sampled_from("ab {}\\$%&'`~-\"^_\n"), max_size=60))
def test_any_latex_is_read_or_left(value):
    assert isinstance(latex.decoded(value), str)
    letters = re.sub(r"\\[a-zA-Z]+", "", value)
    assert set(re.findall("[ab]", letters)) <= set(re.findall("[ab]", latex.decoded(value))) | set(
        "ab" * ("\\" in value)
    )


def test_braces_without_bottom_are_only_taken_off():
    assert latex.decoded("{" * 900 + r"\'e" + "}" * 900) == r"\'e"
    assert latex.decoded(r"\'e " + "x" * 3000 + "{y}") == "é " + "x" * 3000 + "y"


def test_the_warnings_of_the_library_stay_quiet(caplog):
    with caplog.at_level(logging.INFO):
        read("@article{a, title={x}\n@article{b, title={B}}")
    assert caplog.records == []


def test_a_file_that_only_is_called_so():
    with pytest.raises(WrongUse, match="no entry of BibTeX"):
        read(b"nothing of the kind")


WORD = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=9)
TEXT = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
ENTRY = st.fixed_dictionaries(
    {
        "title": TEXT,
        "abstract": TEXT,
        "journal": TEXT,
        "year": st.integers(1900, 2099).map(str),
        "volume": st.integers(1, 400).map(str),
        "doi": st.integers(1, 10**6).map(lambda number: f"10.1000/x{number}"),
        "zz-tag": TEXT,
    }
)


@given(st.lists(ENTRY, min_size=1, max_size=5), st.data())
def test_entries_come_back_as_they_were_written(entries, data):
    def written(number, entry):
        marks = data.draw(st.sampled_from([("{", "}"), ('"', '"'), ("{{", "}}")]))
        fields = (f"{name.title()} = {marks[0]}{value}{marks[1]}" for name, value in entry.items())
        opener, closer = data.draw(st.sampled_from(["{}", "()"]))
        return f"@Article{opener}k{number},\n  " + ",\n  ".join(fields) + f"\n{closer}"

    breaks = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    whole = breaks.join(written(number, entry) for number, entry in enumerate(entries)).replace("\n", breaks)
    coded = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    found = read(whole.encode(coded))
    assert found.stray == ()
    for record, entry in zip(found.records, entries, strict=True):
        assert (record.title, record.abstract_text, record.journal) == (
            entry["title"],
            entry["abstract"],
            entry["journal"],
        )
        assert (str(record.year), record.volume) == (entry["year"], entry["volume"])
        assert record.identifiers_of("doi") == (entry["doi"],)
        assert record.extra["zz-tag"] == (entry["zz-tag"],)


JUNK = st.sampled_from(
    ["{", "}", '"', "@article{", "\\", "=", ",", "#", "\n", "@comment{", "(", "$x", "@string{a=b}"]
)


@given(st.sampled_from(["scopus.bib", "web_of_science.bib", "several_writers.bib", "bibtex.bib"]), st.data())
def test_every_line_of_a_mangled_file_is_read_or_reported(name, data):
    text = body(name).decode("utf-8-sig")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(JUNK) + text[place:]
    with contextlib.suppress(WrongUse):
        found = read(text)
        lines = text.split("\n")
        for one in (*found.stray, *found.unreadable):
            assert 1 <= one.line <= len(lines)
        raws = "\n".join((*(s.text for s in found.stray), *(u.raw for u in found.unreadable)))
        said = raws + "".join(r.to_json() for r in found.records)
        for word in ("Erratumwriter", "Guestwriter", "amazing", "iron"):
            assert text.count(word) == 0 or word in said


def test_the_table_names_fields_and_fills_them():
    entry = readers.reading.Entry(1, (("title", "T"), ("pmid", "12"), ("x", "y")), "raw")
    record = filled(entry, bibtex.FIELDS, "file:x")
    assert (record.title, record.identifiers) == ("T", (Identifier("pmid", "12"),))
    assert record.extra == {"x": ("y",)}


def test_the_libraries_wait_until_a_file_needs_them():
    script = "import harvest.readers, sys; print(*{'bibtexparser', 'pylatexenc'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""

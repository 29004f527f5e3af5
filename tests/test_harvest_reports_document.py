"""A report in three forms: what must not change by a byte does not, and the rest reads as it was said."""

from __future__ import annotations

import io
import json
import re

import pytest
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report_reading import from_csv, from_markdown, from_word

from db.errors import StoreError, WrongUse
from harvest.reports import markdown, sheet, word
from harvest.reports.document import Items, Paragraph, Report, Section, Table, Verbatim
from harvest.reports.writing import save, target

NOTHING = Table((), ())


def report(*blocks, rows=NOTHING, **more):
    return Report("searches", "A *title* with_marks | and <b>", blocks, rows, **more)


STRATEGIES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
    st.text(st.sampled_from("a1#`\r\n\t*|_ $'\"=-+“é\ufeff\x0b\u2028\u240d"), max_size=40).map(str.encode),
)


@settings(max_examples=25)
@given(STRATEGIES)
@example("\x00\u2400\ufffe\uffff".encode())
@example(b"1. exp *Mothers/px\n2. mother$.tw.\n3. or/1-2\n")
@example(b'\xef\xbb\xbf1 "a  b"\r\n\r\n2 c\r\n')
@example("é\nü".encode("utf-16"))
@example(b"``` ```` ```\n```text\n")
@example(b"a\rb\nc\r\n\x00\x0c")
@example(b"")
def test_a_strategy_comes_back_from_markdown_and_word_to_the_last_byte(body):
    block = Verbatim(body, "Stored")
    made = report(Section("Strategies", (Paragraph("before"), block, Paragraph("after"))))
    assert from_markdown(markdown.write(made)) == [body]
    assert from_word(word.write(made)) == [body]


@given(STRATEGIES)
@example(b"=1+1\r\n")
@example(b"'=a")
@example(b'-x, "y"\n')
def test_a_strategy_comes_back_from_csv(body):
    block = Verbatim(body)
    made = report(rows=Table(("what", "text"), (("stored", block.text),)))
    (row,) = from_csv(sheet.write_csv(made))
    assert row["text"].encode(block.encoding) == body
    assert row["text"] == block.text


def test_no_cell_of_a_csv_is_a_formula():
    body = sheet.write_csv(report(rows=Table(("text",), (("=cmd|' /C calc'!A0",), ("@SUM(A1)",), ("ok",)))))
    assert body.startswith(b"\xef\xbb\xbf")
    assert [line[:2] for line in body.decode("utf-8-sig").splitlines()[1:]] == ["'=", "'@", "ok"]


def test_what_the_bytes_are_is_said():
    assert "3 bytes, UTF-8, SHA-256 ba7816bf" in Verbatim(b"abc").proof
    assert "cp1252" in Verbatim("“a”".encode("cp1252")).proof
    assert "line ends CR LF" in Verbatim(b"a\r\nb\r\n").proof
    assert "utf-16-le" in Verbatim("a".encode("utf-16")).proof


def test_markdown_is_read_as_it_was_meant():
    made = report(
        Paragraph("1. no list, *no stress*, a_b_c, [x](y) # and | <tag> [^1]"),
        Paragraph("Missing!", warns=True),
        Items(("- one", "two\nlines")),
        Table(("n|ame", "hits", "share"), (("a|b", 1234, 0.5), ("line\nbreak", None, 2000.5)), "Caption"),
        Section("Deep", (Section("Deeper", (Paragraph("x"),)),)),
        footnotes=("A *note*.",),
    )
    text = markdown.write(made).decode()
    assert text.startswith(
        "# A \\*title\\* with_marks | and \\<b>\n\n1\\. no list, \\*no stress\\*, a_b_c, [x\\](y) # and"
    )
    assert "<tag> [^1]\n" in text.replace("\\<", "<")
    assert "**Missing!**" in text
    assert "- \\- one\n- two\nlines" in text
    assert (
        "| n\\|ame | hits | share |\n| --- | ---: | ---: |\n| a\\|b | 1,234 | 0.5 |\n| line<br>break | – | 2,000 |"
        in text
    )
    assert "## Deep\n\n### Deeper\n\nx\n" in text
    assert text.endswith("[^1]: A \\*note\\*.\n")


def test_word_has_headings_a_repeated_table_head_marks_of_footnotes_and_no_spelling_in_strategies():
    made = report(
        Section("Deep", (Paragraph("See[^1] there\x00."), Paragraph("Missing", warns=True), Items(("one",)))),
        Table(("name", "hits"), (("a", 12), ("b", None)), "Caption"),
        Verbatim(b"mother$.tw.", "Stored"),
        footnotes=("A note.",),
    )
    document = Document(io.BytesIO(word.write(made)))
    styles = {p.text: p.style.name for p in document.paragraphs if p.text}
    assert styles["Deep"] == "Heading 1"
    assert styles["Notes"] == "Heading 1"
    assert styles["one"] == "List Bullet"
    assert styles["mother$.tw."] == "Strategy"
    (see,) = [p for p in document.paragraphs if p.text.startswith("See")]
    assert [run.text for run in see.runs if run.font.superscript] == ["1"]
    (missing,) = [p for p in document.paragraphs if p.text == "Missing"]
    assert str(missing.runs[0].font.color.rgb) == "B00020"
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["name", "hits"],
        ["a", "12"],
        ["b", "–"],
    ]
    assert "tblHeader" in table.rows[0]._tr.xml
    assert table.rows[1].cells[1].paragraphs[0].alignment is not None
    assert "noProof" in document.styles["Strategy"].element.xml
    assert document.core_properties.title == made.title


def test_the_same_report_gives_the_same_word_file_but_for_the_time_of_packing():
    made = report(Paragraph("x"), Verbatim(b"y"))
    first, second = (Document(io.BytesIO(word.write(made))) for _ in range(2))
    assert first.element.xml == second.element.xml
    assert first.core_properties.created == second.core_properties.created


def test_scripts_get_rows():
    made = report(rows=Table(("a", "b"), (("x", 1), ("y", None))), missing=("Item 4 is missing",))
    said = json.loads(sheet.write_json(made))
    assert said["rows"] == [{"a": "x", "b": 1}, {"a": "y", "b": None}]
    assert said["missing"] == ["Item 4 is missing"]


def test_every_block_is_met_in_the_order_of_reading():
    inner, outer = Section("in", (Paragraph("b"),)), Paragraph("a")
    whole = Section("out", (outer, inner))
    assert list(report(whole, Items(())).walk()) == [whole, outer, inner, Paragraph("b"), Items(())]


# -- where it goes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("out", "kind", "path", "written"), [
    (None, None, None, "md"),
    (None, "csv", None, "csv"),
    (None, "docx", "reports/searches.docx", "docx"),
    ("there", None, "there/searches.md", "md"),
    ("there", "csv", "there/searches.csv", "csv"),
    ("new", "docx", "new/searches.docx", "docx"),
    ("appendix.DOCX", None, "appendix.DOCX", "docx"),
    ("appendix.md", "md", "appendix.md", "md"),
])  # fmt: skip
def test_a_report_goes_where_it_is_wanted(tmp_path, out, kind, path, written):
    (tmp_path / "there").mkdir()
    asked = None if out is None else tmp_path / out
    wanted = None if path is None else tmp_path / path
    assert target(asked, kind, "searches", tmp_path / "reports") == (wanted, written)


@pytest.mark.parametrize(("out", "kind"), [("review.toml", None), ("review.db", "md"), ("a.md", "docx")])
def test_a_report_never_lands_on_something_else(tmp_path, out, kind):
    with pytest.raises(WrongUse, match=re.escape(f"{out} is no name for this report")):
        target(tmp_path / out, kind, "searches", tmp_path)


def test_a_file_is_whole_or_not_there(tmp_path):
    made = report(Paragraph("x"))
    save(made, "md", tmp_path / "new" / "a.md")
    save(made, "md", tmp_path / "new" / "a.md")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.md"]
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        save(made, "md", tmp_path / "file" / "a.md")


WORDS = st.text(st.sampled_from("abc"), min_size=1, max_size=14)
CELLS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_the_columns_of_a_word_table_fill_the_page_and_break_no_word_that_fits(lines):
    widths, size = word.widths_of(lines)
    assert sum(widths) == pytest.approx(word.PAGE_WIDTH)
    assert 7 <= size <= 10
    longest = [max(len(each) for line in lines for each in line[n].split()) for n in range(len(lines[0]))]
    if sum(longest) + 2 * len(longest) <= word.PAGE_WIDTH / word.LETTER:
        assert all(width >= letters * word.LETTER for width, letters in zip(widths, longest, strict=True))

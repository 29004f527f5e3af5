from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screen import tables
from screen.decisions import VERDICT_OF, read_decisions
from screen.export import Cover, QueueRow, harvest_id
from screen.ris import write_ris
from screen.sheets import write_csv, write_xlsx

DATA = Path(__file__).parent / "data" / "screen"
REASONS = {"design": "not a controlled trial", "age": "infant older than 24 months"}
COVER = Cover(reviewer="ana", reasons=dict.fromkeys(REASONS, ""))
ROWS = [
    QueueRow("H000001", 1, "One", doi="10.1/one", pmid="11", decision="include", note="=looks good"),
    QueueRow("H000002", 2, "Zwei; „Müller“", decision="exclude", reason="age"),
    QueueRow("H000003", 3, "Three"),
    QueueRow("H000004", 4, "Four", decision="unsure"),
]
EXPECTED = [
    ("H000001", "include", "", "=looks good"),
    ("H000002", "exclude", "age", ""),
    ("H000004", "unsure", "", ""),
]
WRITERS = {
    "csv": lambda rows: write_csv(rows, COVER),
    "xlsx": lambda rows: write_xlsx(rows, COVER),
    "ris": write_ris,
}


def read(body):
    return read_decisions(body if isinstance(body, bytes) else body.encode(), "ana.csv", REASONS)


def said(file):
    return [(row.harvest_id, row.verdict, row.reason, row.note) for row in file.rows]


def messages(file):
    return [str(problem) for problem in file.problems]


def saved(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_what_was_handed_over_comes_back(form):
    file = read(WRITERS[form](ROWS))
    assert said(file) == EXPECTED
    assert (file.problems, file.blank, file.unmatched) == ((), 1, ())
    assert (file.rows[0].title, file.rows[0].doi, file.rows[0].pmid) == ("One", "10.1/one", "11")
    if form != "ris":
        assert (file.reviewers, file.stages) == (("ana",), ("title and abstract",))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["include", "exclude", "unsure", ""]), st.text(max_size=20)),
        max_size=8,
    )
)
def test_every_row_is_a_decision_or_a_blank(choices):
    rows = [
        QueueRow(harvest_id(n), n, decision=verdict, note=note)
        for n, (verdict, note) in enumerate(choices, start=1)
    ]
    file = read(write_csv(rows, COVER))
    assert file.problems == ()
    assert file.blank == sum(not verdict for verdict, _ in choices)
    assert [(row.verdict, row.note) for row in file.rows] == [(v, note.strip()) for v, note in choices if v]


@pytest.mark.parametrize(
    "text",
    [
        "decision;harvest_id;Extra;reason\r\nInclude;h1;x;\r\nEXCLUDED;H000002;;Age\r\n",
        "sep=;\r\nDecision;Harvest ID;Reason\r\n1;H1;\r\n0;H2;AGE\r\n",
        "\ufeffReason\tHarvest-ID\tDecision\n\tH1\tyes\nage\tH2\tno\n",
        "Queue of Ana\n\nharvest_id,decision,reason\nH000001,in,\nharvest_id,decision,reason\nH000002,out,age\n",
        '"harvest_id","decision","reason"\n"H1","include",""\n,,\n"H2","exclude","age"',
    ],
)
def test_what_a_spreadsheet_did_is_undone(text):
    expected = [("H000001", "include", "", ""), ("H000002", "exclude", "age", "")]
    assert said(read(text)) == expected
    assert said(read(text.removeprefix("\ufeff").encode("utf-16"))) == expected


def test_cp1252_is_read():
    file = read("harvest_id;decision;note\nH1;include;schön – gut\n".encode("cp1252"))
    assert said(file) == [("H000001", "include", "", "schön – gut")]


def test_workbooks_are_read_sheet_by_sheet_with_whatever_types():
    header = ["harvest_id", "decision", "note"]
    first = [header, ["H1", 1, date(2026, 1, 2)]]
    second = [header, ["H2", False, None], ["H3", 0.5]]
    file = read(saved([["notes only"]], first, second))
    assert said(file) == [
        ("H000001", "include", "", "2026-01-02T00:00:00"),
        ("H000002", "exclude", "", ""),
    ]
    (message,) = messages(file)
    assert message.startswith("ana.csv: sheet S2, row 3: '0.5' is no decision")


def test_a_one_that_some_programs_write_with_a_point_is_a_one():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved([["harvest_id", "decision"], ["H1", 1]]))) as before,
        zipfile.ZipFile(out, "w") as after,
    ):
        for name in before.namelist():
            after.writestr(
                name,
                before.read(name).replace(
                    b"<v>1</v></c></row></sheetData>", b"<v>1.0</v></c></row></sheetData>"
                ),
            )
    assert b"<v>1.0</v>" in zipfile.ZipFile(io.BytesIO(out.getvalue())).read("xl/worksheets/sheet1.xml")
    assert said(read(out.getvalue())) == [("H000001", "include", "", "")]


def test_asreview_labels_are_read_wherever_they_stand_in_the_notes():
    file = read((DATA / "asreview_labels.ris").read_bytes())
    counts = {verdict: sum(row.verdict == verdict for row in file.rows) for verdict in ("include", "exclude")}
    assert counts == {"include": 10, "exclude": 10}
    assert all((row.verdict == "include") == ('"relevant"' in row.title) for row in file.rows)
    assert file.unmatched == file.rows
    assert file.problems == ()
    assert file.blank == 12


def test_asreview_puts_the_newest_label_first():
    text = "TY  - JOUR\nID  - H1\nN1  - ASReview_relevant\nN1  - ASReview_irrelevant\nER  - "
    assert said(read(text)) == [("H000001", "include", "", "")]


def test_a_vote_of_ours_and_another_of_asreview_are_a_problem():
    text = "TY  - JOUR\nID  - H1\nN1  - ASReview_relevant\nN1  - harvest_decision: exclude\nER  - "
    assert messages(read(text)) == [
        "ana.csv: record 1 (line 1): Two decisions in one row, 'exclude' and 'ASReview_relevant'; leave the one that holds."
    ]


def test_asreview_adds_its_columns_to_ours():
    text = "harvest_id,decision,title,asreview_label,asreview_note\nH1,,One,1,good\nH2,,Two,0,\nH3,,Three,,\n"
    assert said(read(text)) == [("H000001", "include", "", "good"), ("H000002", "exclude", "", "")]


def test_covidence_keeps_only_the_accession_number():
    text = "TY  - JOUR\nAN  - H000007\nN1  - harvest_decision: include\nER  - \n"
    assert said(read(text)) == [("H000007", "include", "", "")]


def test_numbers_of_other_programs_do_not_outrank_ours():
    text = "TY  - JOUR\nAN  - rayyan-12345678\nID  - 99\nN1  - harvest_id: H7\nN1  - ASReview_relevant\nER  -"
    assert said(read(text)) == [("H000007", "include", "", "")]


@pytest.mark.parametrize("word", sorted(VERDICT_OF))
def test_words_for_verdicts_in_any_case(word):
    assert read(f"harvest_id,decision\nH1,{word.upper()}\n").rows[0].verdict == VERDICT_OF[word]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("H1,perhaps,,", "'perhaps' is no decision"),
        (
            "H1,exclude,Desing,",
            "'Desing' is no reason of this review; the codes are design, age. Did you mean 'design'?",
        ),
        ("H1,exclude,zzz,", "'zzz' is no reason of this review; the codes are design, age."),
        ("H1,include,age,", "Included, and yet with the reason 'age'"),
        ("H1,,age,", "The reason 'age' stands without a decision"),
        ("X1,include,,", "'X1' is no harvest_id"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named(line, sentence):
    file = read(f"harvest_id,decision,reason,note\nH9,include,,\n{line}\n")
    (message,) = messages(file)
    assert message.startswith(f"ana.csv: row 3: {sentence}")
    assert [row.harvest_id for row in file.rows] == ["H000009"]


def test_a_row_without_a_name_is_left_to_the_caller_to_match():
    (row,) = read("harvest_id,decision,title\n,include,Lost\n").unmatched
    assert (row.harvest_id, row.title, row.verdict) == (None, "Lost", "include")


def test_a_report_decided_twice_is_taken_once_or_is_a_problem():
    same = read("harvest_id,decision\nH1,include\nh01,yes\nH1,\n")
    assert (said(same), same.blank, same.problems) == ([("H000001", "include", "", "")], 1, ())
    clash = read("harvest_id,decision\nH1,include\nH2,include\nH1,exclude\n")
    assert messages(clash) == [
        "ana.csv: row 4: H000001 is decided differently in row 2; leave one of the two."
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "No column is called"),
        (b"title,year\nOne,1999\n", "No column is called article_id or asreview_label or"),
        (b"\xd0\xcf\x11\xe0old", "old format (.xls)"),
        (b"PK\x03\x04 torn", "This is no workbook that can be read"),
        (saved([["title"]]), "No sheet has a column called"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(body, sentence):
    file = read(body)
    assert sentence in messages(file)[0]
    assert file == replace(file, rows=(), blank=0, problems=file.problems[:1])


def test_a_torn_workbook_and_another_package_are_told():
    whole = write_xlsx(ROWS, COVER)
    assert "no workbook" in messages(read(whole[: len(whole) // 2]))[0]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert "no workbook" in messages(read(out.getvalue()))[0]


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "LARGEST", 1000)
    assert "more than the 1,000 allowed" in messages(read(write_xlsx(ROWS, COVER)))[0]


def test_a_very_long_cell_is_read():
    file = read(f"harvest_id,decision,note\nH1,include,{'x' * 200_000}\n")
    assert len(file.rows[0].note) == 200_000

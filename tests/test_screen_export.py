from __future__ import annotations

import csv
import io
from dataclasses import replace

import openpyxl
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from db.record import Author, Heading, Identifier, Record, Section, Trial
from screen.cells import bare, neutral
from screen.export import Cover, QueueRow, harvest_id, report_of, row
from screen.ris import read_ris, write_ris
from screen.sheets import COLUMNS, LONGEST_CELL, write_csv, write_xlsx

COVER = Cover(
    review="Parent-infant psychotherapy",
    question="Does it help?",
    reviewer="ana",
    include=("dyads", "randomised"),
    exclude=("not dyadic",),
    reasons={"design": "not a controlled trial", "age": "infant older than 24 months"},
)
ROW = QueueRow(
    "H000123",
    1,
    "Mothers & infants: =SUM(1)",
    "AIM: to ask.\nRESULTS: we know.",
    ("Cicchetti, Dante", "PIP Study Group"),
    1999,
    "Attachment",
    "10.1080/14616739900134201",
    "10101010",
    ("NCT00000123",),
    ("https://example.org/1",),
    ("pubmed", "clinicaltrials"),
    ("Infant", "Mothers"),
)
TRICKY = (
    "=1+1",
    "+1",
    "-1",
    "@a",
    "\ttab",
    "\rcr",
    "'=1+1",
    "''@",
    "'plain",
    "Ünïcode 母",
    'a "quoted"; b, c\r\nd',
    "",
)


def table(body):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def workbook(body):
    return openpyxl.load_workbook(io.BytesIO(body))


def test_names_of_reports_come_back_whatever_was_done_to_them():
    assert harvest_id(123) == "H000123"
    assert [report_of(text) for text in ("H000123", " h123 ", "H1234567")] == [123, 123, 1234567]
    assert [report_of(text) for text in ("", "H", "H0", "123", "H12x")] == [None] * 5


def test_a_record_becomes_a_row():
    record = Record(
        "pubmed",
        "10101010",
        title="A title",
        abstract=(Section("We asked."),),
        authors=(
            Author("Cicchetti", "Dante", suffix="Jr"),
            Author("PIP Group", collective=True),
            Author(given="Ana"),
        ),
        journal_abbreviation="Attach",
        year=1999,
        keywords=("infant",),
        headings=(Heading("Mothers"), Heading("infant")),
        identifiers=(
            Identifier("doi", "10.1/x"),
            Identifier("pmid", "10101010"),
            Identifier("nct", "NCT00000123"),
        ),
    )
    made = row(123, 4, record, ("pubmed", "file:embase"))
    assert made.authors == ("Cicchetti, Dante Jr", "PIP Group", "Ana")
    assert (made.harvest_id, made.rank, made.journal, made.doi) == ("H000123", 4, "Attach", "10.1/x")
    assert (made.pmid, made.registry_numbers, made.keywords) == (
        "10101010",
        ("NCT00000123",),
        ("infant", "Mothers"),
    )
    assert made.sources == ("pubmed", "file:embase")
    bare_trial = row(5, 1, Record("clinicaltrials", "NCT1", kind="registration", trial=Trial()))
    assert (bare_trial.kind, bare_trial.sources, bare_trial.year) == (
        "registration",
        ("clinicaltrials",),
        None,
    )


@given(st.text())
def test_a_neutral_cell_is_no_formula_and_comes_back(text):
    cell = neutral(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert bare(cell) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.sampled_from(TRICKY)), max_size=5))
def test_csv_gives_back_exactly_what_was_written(texts):
    rows = [
        QueueRow(harvest_id(n + 1), n, title, abstract, note=note)
        for n, (title, abstract, note) in enumerate(texts)
    ]
    read = table(write_csv(rows, COVER))
    assert [(bare(one["title"]), bare(one["abstract"]), bare(one["note"])) for one in read] == texts


def test_csv_opens_in_excel_and_asreview():
    body = write_csv([ROW], COVER)
    assert body.startswith(b"\xef\xbb\xbfharvest_id,rank,decision,reason,note,title,abstract,")
    (read,) = table(body)
    assert list(read) == list(COLUMNS)
    assert read["authors"] == "Cicchetti, Dante;PIP Study Group"
    assert (read["year"], read["reviewer"], read["stage"]) == ("1999", "ana", "title and abstract")


def test_a_surrogate_does_not_stop_an_export():
    assert b"bad ?" in write_csv([replace(ROW, title="bad \ud800")], COVER)
    assert b"bad ?" in write_ris([replace(ROW, title="bad \ud800")])


def test_a_workbook_offers_lists_and_keeps_the_header_in_sight():
    book = workbook(write_xlsx([ROW, replace(ROW, harvest_id="H000124", year=None)], COVER))
    sheet, guide = book["Queue"], book["Guide"]
    assert sheet.freeze_panes == "B2"
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert (sheet["A2"].value, sheet["B2"].value, sheet["I2"].value, sheet["I3"].value) == (
        "H000123",
        1,
        1999,
        None,
    )
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["C2:C3"].formula1 == '"include,exclude,unsure"'
    assert rules["A2:A3"].formula1 == "FALSE"
    chosen = rules["D2:D3"].formula1.removeprefix("Guide!").replace("$", "").removeprefix("=Guide!")
    assert [cells[0].value for cells in guide[chosen]] == ["design", "age"]
    said = [value for values in guide.iter_rows(values_only=True) for value in values]
    assert {"Does it help?", "dyads", "randomised", "not dyadic", "ana", "title and abstract"} <= set(said)


def test_a_workbook_computes_nothing_and_holds_what_excel_can():
    rows = [replace(ROW, title=title, note="\x00bell\x07") for title in TRICKY] + [
        replace(ROW, abstract="x" * 40_000)
    ]
    sheet = workbook(write_xlsx(rows, replace(COVER, reasons={})))["Queue"]
    cells = [cell for cells in sheet.iter_rows(min_row=2) for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sheet["E2"].value == "bell"
    assert len(sheet.cell(len(rows) + 1, 7).value) == LONGEST_CELL
    assert sheet.cell(len(rows) + 1, 7).value.endswith("[…cut: longer than a spreadsheet cell]")
    assert not [rule for rule in sheet.data_validations.dataValidation if "D2" in str(rule.sqref)]


def test_the_same_rows_give_the_same_bytes():
    assert write_xlsx([ROW], COVER) == write_xlsx([ROW], COVER)
    assert write_csv([ROW], COVER) == write_csv([ROW], COVER)


def test_an_empty_queue_is_a_file_all_the_same():
    assert workbook(write_xlsx([], COVER))["Queue"].max_row == 1
    assert table(write_csv([], COVER)) == []
    assert write_ris([]) == b""


def test_ris_keeps_to_the_profile():
    text = write_ris([ROW, QueueRow("H000124", 2, "No more", kind="registration")]).decode("utf-8")
    lines = text.split("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert lines[0] == "TY  - JOUR"
    assert {"PY  - 1999", "DO  - 10.1080/14616739900134201", "ID  - H000123", "AN  - H000123"} <= set(lines)
    assert lines.count("N1  - harvest_id: H000123") == 1
    assert "AB  - AIM: to ask. RESULTS: we know." in lines
    assert "TY  - GEN" in lines
    assert not {line[:2] for line in lines} & {"T1", "N2", "Y1", "A1"}


def test_ris_is_read_by_rispy_record_for_record():
    rows = [replace(ROW, harvest_id=harvest_id(n), title=f"Title {n}") for n in range(1, 30)]
    read = rispy.loads(write_ris(rows).decode("utf-8"))
    assert [one["title"] for one in read] == [one.title for one in rows]
    assert {tuple(one["authors"]) for one in read} == {ROW.authors}
    assert {(one["year"], one["abstract"]) for one in read} == {("1999", "AIM: to ask. RESULTS: we know.")}


def test_ris_values_of_several_lines_and_missing_ends_are_read():
    text = "junk\nTY  - JOUR\nAB  - one\n  two\n\nTY  - JOUR\rTI  - second\rER  -\n"
    assert [(one.number, one.line, one.tags) for one in read_ris(text)] == [
        (1, 2, (("TY", "JOUR"), ("AB", "one\ntwo"))),
        (2, 6, (("TY", "JOUR"), ("TI", "second"))),
    ]
    assert [one.all("TI") for one in read_ris("TY  - JOUR\nTI  - last")] == [("last",)]


@pytest.mark.parametrize("hostile", ["x\nER  - \nTY  - JOUR", "x\r\nN1  - harvest_id: H000999"])
def test_no_title_breaks_out_of_its_line(hostile):
    (one,) = read_ris(write_ris([replace(ROW, title=hostile)]).decode())
    assert [note for note in one.all("N1") if note.startswith("harvest_id")] == ["harvest_id: H000123"]

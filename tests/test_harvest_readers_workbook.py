"""Excel workbooks: what spreadsheets and programs write, and what no spreadsheet would."""

import datetime as dt
import io
import re
import zipfile

import pytest
from openpyxl import Workbook

from db.errors import WrongUse
from harvest import readers
from harvest.readers import workbook


def saved(**by_sheet):
    made = Workbook()
    made.remove(made.active)
    for title, rows in by_sheet.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def changed(body, part, change):
    """The package with one part changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename.endswith(part) else content)
    return made.getvalue()


def read(body, name="x.xlsx", **said):
    return readers.read(body, name, "file:x", **said)


def test_a_sheet_is_read_like_a_csv():
    rows = [
        ["Handsearch of 2026"],
        [],
        ["Titel", "Autoren", "Jahr", "Zusammenfassung", "DOI", "Seiten", "Anmerkung"],
        ["Eine Studie", "Müller, A; Meier, B", 2013.0, "Absatz eins\nAbsatz zwei", "10.1000/abc", 12, "gut"],
        [],
        ["Noch eine", None, dt.datetime.fromisoformat("2014-05-01"), None, None, "3-9"],
    ]
    found = read(saved(Liste=rows))
    first, second = found.records
    assert (first.title, first.year, first.pages, first.key) == ("Eine Studie", 2013, "12", "10.1000/abc")
    assert [author.family for author in first.authors] == ["Müller", "Meier"]
    assert first.abstract_text == "Absatz eins\nAbsatz zwei"
    assert first.extra == {"Anmerkung": ("gut",)}
    assert (second.date, second.pages) == ("2014-05-01", "3-9")
    assert (found.dialect, found.stray[0].text, found.stray[0].line) == ("XLSX", "Handsearch of 2026", 1)
    assert found.mapping["Titel"] == "title"
    assert found.mapping["Anmerkung"] == ""


def test_the_first_sheet_with_a_header_is_read_and_the_others_are_named():
    body = saved(About=[["made by hand"]], One=[["Title", "Year"], ["A", 1]], Two=[["Title"], ["B"], ["C"]])
    found = read(body)
    assert [record.title for record in found.records] == ["A"]
    assert found.notes == (
        "Sheet One was read; not read: About (1 rows), Two (3 rows). Save those as files of their own.",
    )


def test_cells_are_the_texts_of_a_csv():
    row = [
        "T",
        True,
        1.5,
        10**15,
        dt.time(12, 30),
        dt.datetime.fromisoformat("2020-01-02 03:04"),
        dt.date(2020, 1, 2),
        "#N/A",
    ]
    sheet = next(workbook.sheets(saved(x=[row]), "x.xlsx"))
    assert sheet.rows == (
        ("T", "True", "1.5", str(10**15), "12:30:00", "2020-01-02 03:04:00", "2020-01-02", "#N/A"),
    )


def test_a_formula_that_was_never_computed_stands_as_it_is():
    found = read(saved(x=[["Title", "Link"], ["A", '="19326203"'], ["B", "=A1&A2"]]))
    assert [record.extra["Link"] for record in found.records] == [("19326203",), ("=A1&A2",)]


def test_a_wrong_dimension_loses_no_cell():
    body = saved(x=[["Title", "Year"], ["A", 2001]])
    lying = changed(
        body, "sheet1.xml", lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml)
    )
    assert read(lying).records[0].year == 2001


def test_columns_are_named_by_the_reviewer():
    body = saved(x=[["Arbeit", "Nr"], ["A", 1]])
    with pytest.raises(WrongUse, match=r"x\.xlsx: no column of titles was found among Arbeit, Nr"):
        read(body)
    assert read(body, columns={"Arbeit": "title"}).records[0].title == "A"
    with pytest.raises(WrongUse, match="There is no column 'Titel'; the columns are Arbeit, Nr"):
        read(body, columns={"Arbeit": "title", "Titel": "title"})


@pytest.mark.parametrize("name", ["x.xlsx", "x.xlsm", "x.csv"])
def test_it_is_known_by_its_content(name):
    assert read(saved(x=[["Title", "Year"], ["A", 1]]), name).dialect == "XLSX"


def test_an_empty_workbook_and_one_without_records():
    with pytest.raises(WrongUse, match="no column of titles"):
        read(saved(x=[]))
    assert read(saved(x=[["Title", "Year"]])).records == ()


def test_a_reader_of_sheets_says_what_it_misses():
    with pytest.raises(WrongUse, match=r"x\.xlsx, sheet y: no column of titles was found among a, b"):
        workbook.SheetTable().read_sheet(workbook.Sheet("y", (("a", "b"),)), "x.xlsx", "file:x")


# -- what nobody should open ---------------------------------------------------------------------------


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbook, "LARGEST", 10_000_000)
    body = changed(saved(x=[["Title"], ["A"]]), "sheet1.xml", lambda xml: xml + b" " * 10_000_000)
    assert len(body) < 100_000
    with pytest.raises(
        WrongUse, match=r"x\.xlsx unpacks to 10,\d+,\d+ bytes, more than the 10,000,000 allowed"
    ):
        read(body)


def test_entities_are_never_declared():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    body = changed(
        saved(x=[["Title"], ["A"]]), "sheet1.xml", lambda xml: bomb + xml[xml.index(b"<worksheet") :]
    )
    with pytest.raises(WrongUse, match="declares a document type"):
        read(body)


@pytest.mark.parametrize(
    "row",
    [
        '<row r="99999999"><c r="A99999999"><v>1</v></c></row>',
        '<row r="3"><c r="XFD3"/></row><row r="4"><c r="XFD4"/></row>',
    ],
)
def test_rows_that_no_sheet_has_are_refused(monkeypatch, row):
    monkeypatch.setattr(workbook, "ROWS", 1000)
    monkeypatch.setattr(workbook, "CELLS", 20_000)
    end = b"</sheetData>"
    body = changed(
        saved(x=[["Title"], ["A"]]), "sheet1.xml", lambda xml: xml.replace(end, row.encode() + end)
    )
    with pytest.raises(WrongUse, match="a sheet has more than 20,000 cells or 1,000 rows"):
        read(body)


@pytest.mark.parametrize("damage", [b"", b"<nothing/>", b"<worksheet><sheetData><row r='x'>"])
def test_a_broken_part_is_told(damage):
    with pytest.raises(
        WrongUse, match=r"x\.xlsx (?:is no workbook that can be read|: no column)|no column of titles"
    ):
        read(changed(saved(x=[["Title"], ["A"]]), "sheet1.xml", lambda _: damage))

"""Every kind of export file there is, read whole: records + reported = records in the file."""

import io

import pytest
import rispy
from Bio import Medline
from reader_files import EVERY, FOLDER, NBIB, RIS, TABLES, body, nbib_count, ris_count, table_count

from db.errors import WrongUse
from db.record import Record
from harvest import readers


def reading(name):
    return readers.read(body(name), name, "file:test")


@pytest.mark.parametrize("name", EVERY)
def test_the_file_is_read_whole_and_recognised(name):
    records, unreadable, dialect, database = EVERY[name]
    found = reading(name)
    assert (len(found.records), len(found.unreadable)) == (records, unreadable)
    assert (found.dialect, found.database) == (dialect, database)


@pytest.mark.parametrize("name", RIS)
def test_as_many_as_there_are_ty_lines(name):
    found = reading(name)
    assert len(found.records) + len(found.unreadable) == ris_count(body(name))


@pytest.mark.parametrize("name", NBIB)
def test_as_many_as_there_are_pmids(name):
    assert len(reading(name).records) == nbib_count(body(name))


@pytest.mark.parametrize("name", TABLES)
def test_as_many_as_there_are_rows(name):
    delimiter = {"tab.tsv": "\t", "semicolon.csv": ";", "duplicates.csv": ";", "embase_excel.csv": ";"}.get(
        name, ","
    )
    found = reading(name)
    rows = table_count(body(name), delimiter, preamble=3 if name == "embase_excel.csv" else 0)
    assert len(found.records) + len(found.unreadable) == rows


@pytest.mark.parametrize("name", EVERY)
def test_keys_are_unique_and_the_same_every_time(name):
    first, again = reading(name), reading(name)
    keys = [record.key for record in first.records]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert again == first
    assert all(record.source == "file:test" for record in first.records)


@pytest.mark.parametrize("name", EVERY)
def test_records_survive_json(name):
    for record in reading(name).records:
        assert Record.from_json(record.to_json()) == record


@pytest.mark.parametrize("name", EVERY)
def test_reported_lines_are_lines_of_the_file(name):
    found = reading(name)
    lines = [
        line.strip(b" \t\xef\xbb\xbf")
        for line in body(name).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    ]
    for stray in found.stray:
        assert stray.text.split("\n")[0].strip().encode() == lines[stray.line - 1]
    for broken in found.unreadable:
        assert broken.line is not None
        assert broken.raw.split("\n")[0].strip().encode() == lines[broken.line - 1]


# rispy stumbles over BOMs, two blanks after the dash, missing ER and text between records: see its issues
RISPY_CAN = [
    name
    for name in RIS
    if name
    not in (
        "cochrane.ris",
        "no_er.ris",
        "every_tag.ris",
        "apa_psycnet.ris",
        "jstor.ris",
        "lone_cr.ris",
        "web_of_science.ris",
    )
]


@pytest.mark.parametrize("name", RISPY_CAN)
def test_rispy_reads_the_same_titles_years_and_authors(name):
    theirs = rispy.loads(body(name).decode("utf-8-sig").replace("\r\n", "\n"))
    ours = [r for r in reading(name).records if r.title]
    theirs = [r for r in theirs if r.get("title") or r.get("primary_title")]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.title.split() == (other.get("title") or other["primary_title"]).split()
        named = [name for name in other.get("authors") or other.get("first_authors") or [] if name.strip()]
        assert len(mine.authors) == len(named)
        year = other.get("year") or other.get("publication_year") or ""
        assert not year[:4].isdigit() or mine.year == int(year[:4])


@pytest.mark.parametrize(
    "name", [n for n in NBIB if n not in ("medline_no_blank.txt", "medline_strange_lines.txt")]
)
def test_biopython_reads_the_same_records(name):
    theirs = {r.get("PMID"): r for r in Medline.parse(io.StringIO(body(name).decode())) if r.get("PMID")}
    for mine in reading(name).records:
        other = theirs[mine.identifiers_of("pmid")[0]]
        assert mine.title.split() == other.get("TI", "").lstrip("-").split()
        assert mine.abstract_text.split() == other.get("AB", "").split()
        assert len(mine.authors) == len(other.get("FAU", other.get("AU", [])))
        assert [h.term for h in mine.headings] == [h.split("/")[0].lstrip("*") for h in other.get("MH", [])]
        assert mine.volume == other.get("VI", "")
        assert mine.pages == other.get("PG", "")
        assert list(mine.publication_types) == other.get("PT", [])


def test_what_can_be_read_is_listed():
    with pytest.raises(WrongUse) as caught:
        readers.read(b"Dear all, here are the results.", "results", "file:x")
    for known in ("RIS (.ris)", "nbib (.nbib)", "CSV/TSV (.csv, .tsv)", "Excel (.xlsx, .xlsm)"):
        assert known in str(caught.value)


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"%PDF-1.7 \x00\x00", "a PDF"),
        (b"PK\x03\x04....xl/workbook.xml", "no workbook that can be read"),
        (b"PK\x03\x04....", "a ZIP archive: unpack it"),
        (b"PK\x03\x04..word/document.xml..", "a Word document: save the list in it as a table"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"abc\0\0\0def", "a binary file"),
        (b"<!DOCTYPE html><title>Sign in</title>", "a web page"),
        (b"<?xml version='1.0'?><article/>", "XML"),
        (b'[{"title": "x"}]', "JSON"),
        (b"Dear all, here are the results.", "of no known format"),
    ],
)
def test_what_is_no_export_is_called_by_its_name(data, seems):
    with pytest.raises(WrongUse, match=seems):
        readers.read(data, "results.ris" if b"<" in data else "results", "file:x")


@pytest.mark.parametrize("data", [b"", b"\n\n  \r\n", b"\xef\xbb\xbf", b"\xff\xfe\r\x00\n\x00"])
def test_an_empty_file_is_told(data):
    with pytest.raises(WrongUse, match=r"x\.ris: the file is empty"):
        readers.read(data, "x.ris", "file:x")


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.ris", "no RIS record"), ("a.nbib", "no MEDLINE record"), ("a.csv", "no column of titles")],
)
def test_a_file_that_is_not_what_its_name_says(name, says):
    with pytest.raises(WrongUse, match=says):
        readers.read(b"nothing of the kind", name, "file:x")


def test_every_file_here_has_its_provenance():
    told = (FOLDER / "PROVENANCE.md").read_text(encoding="utf-8")
    untold = [file.name for file in FOLDER.iterdir() if f"`{file.name}`" not in told]
    assert untold == ["PROVENANCE.md"]

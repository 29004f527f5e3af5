"""What each tool is given, and what is read from its own export, for real or as its documentation says."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.cells import bare
from screen.codes import Codes
from screen.decisions import read_decisions
from screen.export import Cover, QueueRow, harvest_id
from screen.profiles import PROFILES, TARGETS
from screen.profiles.covidence import COVIDENCE
from screen.ris import read_ris

DATA = Path(__file__).parent / "data" / "screen"
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
REASONS = {"design": "Not a controlled trial", "population": "Other participants, older or ill"}
COVER = Cover(reviewer="ana", reasons=REASONS)
ROW = QueueRow(
    "H000123", 1, "=Mothers & infants", "AIM: to ask.\nRESULTS: we know.", ("Cicchetti, Dante", "PIP Study Group"),
    1999, "Attachment", "10.1080/1461", "10101010", ("NCT00000123",), ("https://example.org/1",), ("pubmed",),
    ("Infant", "Mothers"),
)  # fmt: skip
WAYS = [(name, kind) for name in TARGETS for kind in PROFILES[name].writers]


def written(name, kind, rows, cover=COVER):
    (part,) = PROFILES[name].parts(kind, rows, cover)
    return part.body


def cells(body):
    """Every cell of a table that is no RIS."""
    if body.startswith(b"PK"):
        sheets = openpyxl.load_workbook(io.BytesIO(body)).worksheets
        return [
            cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
    return [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) for cell in row]


def read(body, **more):
    return read_decisions(body if isinstance(body, bytes) else body.encode(), "back", REASONS, **more)


def said(file):
    return [(row.by, row.harvest_id, row.verdict, row.reason) for row in file.rows]


def messages(file):
    return [str(problem) for problem in file.problems]


@pytest.mark.parametrize("name", [name for name in TARGETS if "ris" in PROFILES[name].writers])
def test_one_fixed_dialect_a_file_with_the_name_wherever_a_tool_may_keep_it(name):
    body = written(name, "ris", [ROW, replace(ROW, harvest_id="H000124", year=None, abstract="")])
    for record in read_ris(body.decode()):
        tags = dict(record.tags)
        assert tags["ID"] == tags["AN"] == record.all("N1")[-3].removeprefix("harvest_id: ")
        assert not {"T1", "TI"} <= tags.keys()
        assert "N2" not in tags
        assert tags["DO"] == "10.1080/1461"
        assert tags.get("PY", "1999") == "1999"
    assert [one["id"] for one in rispy.loads(body.decode())] == ["H000123", "H000124"]
    assert not body.startswith(b"\xef\xbb\xbf")


def test_eppi_has_its_own_dialect_and_endnote_a_label():
    assert b"\r\nT1  - =Mothers" in written("eppi", "ris", [ROW])
    assert b"\r\nJF  - Attachment" in written("eppi", "ris", [ROW])
    assert b"\r\nLB  - H000123\r\n" in written("endnote", "ris", [ROW])


def test_rayyans_table_has_its_columns():
    head, row = csv.reader(io.StringIO(written("rayyan", "csv", [ROW]).decode(), newline=""))
    assert ",".join(head).startswith("key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,")
    told = dict(zip(head, row, strict=True))
    assert (told["authors"], told["notes"]) == ("Cicchetti, Dante and PIP Study Group", "harvest_id: H000123")
    assert (told["title"], told["pubmed_id"]) == ("'=Mothers & infants", "10101010")


def test_asreviews_table_has_its_columns_and_labels():
    rows = [replace(ROW, decision=decision) for decision in ("include", "exclude", "unsure", "")]
    table = list(csv.DictReader(io.StringIO(written("asreview", "csv", rows).decode(), newline="")))
    assert [row["included"] for row in table] == ["1", "0", "", ""]
    assert table[0]["authors"] == "Cicchetti, Dante;PIP Study Group"
    labels = [record.all("N1")[0] for record in read_ris(written("asreview", "ris", rows).decode())]
    assert labels == ["ASReview_relevant", "ASReview_irrelevant", "ASReview_not_seen", "ASReview_not_seen"]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([way for way in WAYS if way[1] != "ris"]),
    st.sampled_from(["=", "+", "-", "@", "\t=", "\r+", "'=", "＝"]),
    st.text(max_size=12),
)
def test_no_cell_of_any_table_is_a_formula(way, lead, text):
    row = QueueRow(
        "H000001", 1, lead + text, lead + text, (lead + text,), journal=lead, keywords=(lead,), note=lead
    )
    body = written(*way, [row])
    for cell in cells(body):
        value = cell if isinstance(cell, str) else cell.value
        assert not str(value).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert isinstance(cell, str) or cell.data_type != "f"
    if way[1] == "csv":
        assert lead + text in [bare(cell) for cell in cells(body)]


def test_a_queue_is_cut_where_a_tool_takes_no_more():
    rows = [replace(ROW, harvest_id=harvest_id(n)) for n in range(1, 8)]
    small = replace(COVIDENCE, most_rows=3)
    parts = small.parts("ris", rows, COVER)
    assert [len(part.rows) for part in parts] == [3, 3, 1]
    light = replace(COVIDENCE, most_bytes=1200)
    assert [row.harvest_id for part in light.parts("ris", rows, COVER) for row in part.rows] == [
        row.harvest_id for row in rows
    ]
    assert all(len(part.body) <= 1200 or len(part.rows) == 1 for part in light.parts("ris", rows, COVER))
    assert [len(part.rows) for part in COVIDENCE.parts("ris", [], COVER)] == [0]
    with pytest.raises(WrongUse, match="Covidence takes ris, not csv"):
        COVIDENCE.parts("csv", rows, COVER)
    assert (COVIDENCE.most_rows, COVIDENCE.most_bytes) == (15_000, 50_000_000)


def test_a_full_text_workbook_asks_for_reasons():
    body = written("excel", "xlsx", [ROW], replace(COVER, stage="full text"))
    book = openpyxl.load_workbook(io.BytesIO(body))
    (rule,) = [rule for rules in book["Queue"].conditional_formatting for rule in rules.rules]
    assert rule.formula == ['AND($C2="exclude",$D2="")']
    assert any("needs the first reason" in str(cell.value) for cell in book["Guide"]["B"])


@pytest.mark.parametrize(
    ("name", "tool", "verdicts", "blank"),
    [
        (
            "rayyan_articles.csv",
            "Rayyan",
            ["include", "include", "unsure", "unsure", "exclude", "exclude"],
            2,
        ),
        ("abstrackr.csv", "Abstrackr", ["include", "include", "exclude", "exclude", "unsure", "unsure"], 2),
        ("covidence.csv", "Covidence", [], 4),
        ("covidence_endnote.ris", "Covidence", [], 3),
        ("covidence_refworks.ris", "Covidence", [], 3),
        ("eppi.ris", "EPPI-Reviewer", [], 3),
    ],
)
def test_real_exports_are_recognised(name, tool, verdicts, blank):
    file = read((DATA / name).read_bytes())
    assert (file.tool, [row.verdict for row in file.rows], file.blank) == (tool, verdicts, blank)
    assert file.problems == ()
    assert all(row.title and row.year if tool == "Rayyan" else row.title for row in file.rows)
    if not verdicts:
        assert "--verdict" in file.remarks[0]
        listed = read((DATA / name).read_bytes(), verdict="exclude")
        assert [row.verdict for row in listed.rows] == ["exclude"] * blank
        assert all(row.title for row in listed.rows)


def test_people_in_real_exports_are_named():
    assert read((DATA / "rayyan_articles.csv").read_bytes()).reviewers == ("Emily",)
    assert read((DATA / "abstrackr.csv").read_bytes()).reviewers == ("anonymous",)


ARTICLES = (
    "key,title,year,notes,pubmed_id,pmc_id\n"
    'rayyan-1,One,1999,"harvest_id: H000001 | RAYYAN-INCLUSION: {""Ann""=>""Excluded"", ""Bob""=>""Excluded""} '
    '| RAYYAN-EXCLUSION-REASONS: Other participants, older or ill,design | USER-NOTES: {""Ann""=>[""a"", ""b""]}",,\n'
    'rayyan-2,Two,1999,"RAYYAN-INCLUSION: {""Bob""=>""Maybe""}",22,\n'
    "rayyan-3,Three,1999,harvest_id: H000003,,\n"
)
LOG = (
    "created_at,user_id,user_email,article_id,key,value\n"
    "2026-01-02,1,ann@x.org,1,included,-1\n"
    "2026-01-03,1,ann@x.org,1,__EXR__design,1\n"
    "2026-01-01,1,ann@x.org,1,included,1\n"
    '2026-01-02,2,bob@x.org,1,"""__EXR__Other participants, older or ill""",1\n'
    "2026-01-02,2,bob@x.org,1,__EXR__design,1\n"
    "2026-01-03,2,bob@x.org,1,__EXR__design,deleted\n"
    "2026-01-02,2,bob@x.org,1,included,-1\n"
    "2026-01-02,2,bob@x.org,2,included,0\n"
    "2026-01-02,2,bob@x.org,3,included,1\n"
    "2026-01-03,2,bob@x.org,3,included,deleted\n"
)


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in members.items():
            package.writestr(name.replace("_csv", ".csv"), text)
    return out.getvalue()


def test_rayyans_notes_say_who_and_why():
    file = read(ARTICLES)
    assert said(file) == [
        ("Ann", "H000001", "exclude", "design"),
        ("Bob", "H000001", "exclude", "design"),
        ("Bob", None, "unsure", ""),
    ]
    assert [row.note for row in file.rows] == ["a; b; also: population", "also: population", ""]
    assert (file.blank, file.rows[2].pmid) == (1, "22")
    assert "not whose they are" in file.remarks[0]


def test_rayyans_log_knows_whose_reason_it_is_and_what_was_taken_back():
    file = read(zipped(articles_csv=ARTICLES, customizations_log_csv=LOG))
    assert said(file) == [
        ("ann@x.org", "H000001", "exclude", "design"),
        ("bob@x.org", "H000001", "exclude", "population"),
        ("bob@x.org", None, "unsure", ""),
    ]
    assert (file.rows[0].place, file.remarks) == ("articles.csv, row 2", ())
    assert "log alone" in messages(read(LOG))[0]


def test_covidence_keeps_a_reason_in_the_notes_and_more_in_the_accession_number():
    text = (
        "Title,Accession Number,Covidence #,Study,Notes,Tags\n"
        "One,H000001. Language: English.,#1,Heslop 1990,Exclusion reason: not a controlled trial; ,\n"
        "Two,H000002,#2,Troiano 2024,,harvest:include\n"
    )
    assert said(read(text)) == [("", "H000001", "exclude", "design"), ("", "H000002", "include", "")]


@pytest.mark.parametrize(
    "keywords", ["KW  - infant\nKW  - harvest:exclude:design\n", "KW  - infant\nharvest: exclude: design\n"]
)
def test_a_library_says_it_in_tags(keywords):
    text = f"TY  - JOUR\nTI  - One\n{keywords}N1  - <p>harvest_id: H000007</p>\nID  - 12\nER  - \n"
    assert said(read(text)) == [("", "H000007", "exclude", "design")]


def test_asreviews_words_are_json_in_a_note():
    text = (
        'TY  - JOUR\nAN  - H000001\nN1  - ASReview_irrelevant\nN1  - asreview_note: "too old"\n'
        'N1  - asreview_user_name: "Ana Díaz"\nER  - \n'
    )
    (row,) = read(text).rows
    assert (row.verdict, row.note, row.by) == ("exclude", "too old", "Ana Díaz")
    assert read(text.replace('"too old"', '"torn')).rows[0].note == '"torn'


def test_a_file_that_says_what_was_decided_is_no_list():
    assert "leave --verdict out" in messages(read("harvest_id,decision\nH1,include\n", verdict="exclude"))[0]


def test_two_reports_in_one_row_are_a_problem():
    text = "TY  - JOUR\nN1  - harvest_id: H1\nN1  - harvest_id: H2\nN1  - ASReview_relevant\nER  - \n"
    assert "Two reports in one row, H000001 and H000002" in messages(read(text))[0]


def test_zips_that_hold_nothing_or_too_much_are_told(monkeypatch):
    assert "no file in the zip ends in" in messages(read(zipped(readme="x")))[0]
    broken = bytearray(zipped(articles_csv=ARTICLES * 20))
    broken[60:90] = b"\0" * 30
    assert "cannot be read" in messages(read(bytes(broken)))[0]
    monkeypatch.setattr("screen.unpacked.LARGEST", 10)
    assert "more than the 10 allowed" in messages(read(zipped(articles_csv=ARTICLES)))[0]


@given(
    st.permutations(["design", "Not a Controlled  trial", "other participants, older or ill", "wrong pop."])
)
def test_reasons_are_read_by_code_meaning_or_what_was_said(texts):
    codes = Codes.of(REASONS, {"wrong pop.": "population"})
    assert codes.read(",".join(texts)) == ("design", "population")
    assert codes.read(f"{texts[0]},nothing") is None
    assert codes.read("  ") == ()


def loaded(name):
    """A script of benchmarks/, as a module; `round_trip` starts `run_asreview_trip` with ASReview's own interpreter."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize("name", ["rayyan", "covidence", "eppi", "zotero", "endnote", "excel"])
def test_every_vote_comes_back_from_a_simulated_tool(name):
    trips = loaded("round_trip")
    trip = trips.simulated(name, trips.made(60))
    assert (trip.matched, trip.votes) == (trip.out, trip.given)
    assert trip.given > 40


def test_the_table_tells_every_tool(monkeypatch, capsys):
    trips = loaded("round_trip")
    monkeypatch.setattr(sys, "argv", ["round_trip.py", "--records", "20"])
    with pytest.raises(SystemExit) as ended:
        trips.main()
    assert ended.value.code == 0
    table = capsys.readouterr().out
    assert all(f"| {PROFILES[name].label} | " in table for name in TARGETS if name != "asreview")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "back"), [("csv", "csv"), ("ris", "ris"), ("xlsx", "xlsx")])
def test_asreview_itself_reads_everything_and_every_vote_comes_back(kind, back, tmp_path):
    python = os.environ.get("ASREVIEW_PYTHON", "")
    if (
        not python
        or subprocess.run([python, "-c", "import asreview"], capture_output=True, check=False).returncode
    ):
        pytest.skip("ASREVIEW_PYTHON names no interpreter that has ASReview 3")
    trips = loaded("round_trip")
    rows = trips.made(60)
    trip = trips.really(python, rows, kind, back, tmp_path)
    assert (trip.matched, trip.votes) == (trip.out, trip.given)
    assert trip.remark.startswith(f"read 60 of 60 titles, {sum(bool(row.abstract) for row in rows)} of ")
    read_labels, labels = trip.remark.split(", ")[-1].removesuffix(" labels").split(" of ")
    assert read_labels == labels
    assert json.loads((tmp_path / "votes.json").read_text())

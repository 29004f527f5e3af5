"""The flow as people get it: a table, a picture, the CSV of the flow-diagram tool, a list, and the past."""

from __future__ import annotations

import csv
import io
import shutil
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from review_histories import TOML, History, history, small
from reviews import harvest, told

from db.errors import WrongUse
from harvest.reports import builder, prisma_csv, prisma_png, prisma_svg
from harvest.reports.flow import Flow, flow
from harvest.reports.prisma import counted
from screen.plan import TITLE

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATE = [
    "prevstud",
    "previous_studies",
    "previous_reports",
    "newstud",
    "database_results",
    "database_specific_results",
    "register_results",
    "register_specific_results",
    "othstud",
    "website_results",
    "organisation_results",
    "citations_results",
    "duplicates",
    "excluded_automatic",
    "excluded_other",
    "records_screened",
    "records_excluded",
    "dbr_sought_reports",
    "dbr_notretrieved_reports",
    "other_sought_reports",
    "other_notretrieved_reports",
    "dbr_assessed",
    "dbr_excluded",
    "other_assessed",
    "other_excluded",
    "new_studies",
    "new_reports",
    "total_studies",
    "total_reports",
    "identification",
    "screening",
    "included",
]
"""Rows of inst/extdata/PRISMA.csv of prisma-flowdiagram/PRISMA2020, commit 696d35e6: `data`, or `box` where that is NA."""

UPDATE = TOML + "\n[previous]\nstudies = 8\nreports = 19\n"


@pytest.fixture
def folder(tmp_path):
    with history(tmp_path) as said:
        small(said)
    return tmp_path


def made_of(folder, toml: str = TOML, what=small) -> Flow:
    with history(folder, toml) as said:
        what(said)
        return flow(said.store, said.project)


def nothing(_: History) -> None:
    """A review that has not begun."""


# -- the CSV of the flow-diagram tool ----------------------------------------------------------------


def rows(made: Flow) -> dict[str, dict[str, str]]:
    read = csv.DictReader(io.StringIO(prisma_csv.write(made).decode()))
    assert tuple(read.fieldnames) == prisma_csv.COLUMNS
    return {row["box"] if row["data"] == "NA" else row["data"]: row for row in read}


def test_the_csv_has_every_row_of_the_template_in_its_order(tmp_path):
    found = rows(made_of(tmp_path))
    assert list(found) == TEMPLATE
    assert found["dbr_excluded"]["node"] == "node14"
    assert found["records_screened"] == {
        "data": "records_screened", "node": "node9", "box": "box4",
        "description": "Records screened (databases and registers)", "boxtext": "Records screened",
        "tooltips": "Records screened (databases and registers)", "url": "records_screened.html", "n": "7",
    }  # fmt: skip


def test_the_csv_tells_the_numbers_of_the_flow(tmp_path):
    found = {name: row["n"] for name, row in rows(made_of(tmp_path, UPDATE)).items() if row["n"] != "0"}
    assert found == {
        "previous_studies": "8", "previous_reports": "19",
        "database_results": "9", "database_specific_results": "PubMed, 6; Embase, 3",
        "register_results": "2", "register_specific_results": "ClinicalTrials.gov, 2; Other registers, 0",
        "citations_results": "2", "duplicates": "1", "excluded_other": "1", "records_screened": "7",
        "records_excluded": "1", "dbr_sought_reports": "6", "dbr_notretrieved_reports": "1", "dbr_assessed": "5",
        "dbr_excluded": "Other participants – or none, 1; Not a controlled trial, 1",
        "other_sought_reports": "1", "other_assessed": "1", "other_excluded": "Other reasons, 0; Others, 0",
        "new_studies": "2", "new_reports": "3", "total_studies": "10", "total_reports": "22",
    }  # fmt: skip


def test_the_tool_finds_each_row_by_a_name_that_no_other_row_holds():
    """It looks for names within the first column; the two it ends with `$` have no such row beside them."""
    names = [row[0] for row in prisma_csv._TEMPLATE if row[0] != "NA"]
    assert {name for name in names if sum(name in other for other in names) > 1} == set()


def test_names_that_would_be_taken_apart_are_written_otherwise(tmp_path):
    awkward = TOML.replace("Not a controlled trial", 'Author\'s \\"own\\" trial; uncontrolled, small')

    def one(said: History) -> None:
        (record,) = said.arrive("pubmed", "1")
        said.agree(record, TITLE, "include")
        said.agree(record, "full text", "exclude", "design")

    cell = rows(made_of(tmp_path, awkward, one))["dbr_excluded"]["n"]
    assert cell == "Author’s ”own” trial / uncontrolled – small, 1; Other reasons, 0"


def test_contacts_stand_with_organisations_and_say_so(tmp_path):
    found = rows(made_of(tmp_path, what=lambda said: said.arrive("contacts", "1", "2")))
    assert (found["organisation_results"]["n"], found["organisation_results"]["boxtext"]) == (
        "2", "Organisations and contacts",
    )  # fmt: skip


# -- the picture -------------------------------------------------------------------------------------


def texts(body: bytes) -> list[str]:
    return [
        " ".join(span.text for span in each) or each.text for each in ET.fromstring(body).iter(f"{SVG}text")
    ]


def drawn(made: Flow) -> bytes:
    return prisma_svg.write(made, "A <review> & more", "2026-11-22")


def test_the_picture_says_every_number_that_a_finished_review_shows(tmp_path):
    said = " ".join(texts(drawn(made_of(tmp_path, UPDATE)))).replace("\u00a0", " ")
    for part in (
        "Databases (n = 9)", "PubMed (n = 6)", "Registers (n = 2)", "Duplicate records (n = 1)",
        "Records screened (n = 7)", "Records still to be screened or settled (n = 2)", "Records excluded (n = 1)",
        "Reports sought for retrieval (n = 6)", "Reports not retrieved (n = 1)", "Not a controlled trial (n = 1)",
        "New studies included in review (n = 2)", "Reports of new included studies (n = 3)", "Ongoing studies (n = 1)",
        "Citation searching (n = 2)", "Total studies included in review (n = 10)", "version of review (n = 8)",
    ):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("toml", "what", "columns"),
    [(TOML, nothing, 1), (UPDATE, nothing, 2), (TOML, small, 2), (UPDATE, small, 3)],
)
def test_the_picture_has_the_columns_that_the_review_needs(tmp_path, toml, what, columns):
    heads = [
        text for text in texts(drawn(made_of(tmp_path, toml, what))) if text.startswith(("Ident", "Prev"))
    ]
    assert len(heads) == columns + 1  # with the bar of the phase


@pytest.mark.parametrize(("toml", "what"), [(TOML, nothing), (UPDATE, small)])
def test_boxes_lie_apart_and_inside_and_lines_fit(tmp_path, toml, what):
    picture = ET.fromstring(drawn(made_of(tmp_path, toml, what)))
    wide, high = int(picture.get("width")), int(picture.get("height"))
    frames = [
        [float(each.get(name, 0)) for name in ("x", "y", "width", "height")]
        for each in picture.iter(f"{SVG}rect")
    ][1:]
    assert len(frames) >= 12
    for number, (x, y, width, height) in enumerate(frames):
        assert x >= 0 and y >= 0 and x + width <= wide and y + height <= high  # noqa: PT018 - one rectangle
        for a, b, c, d in frames[number + 1 :]:
            assert x + width <= a or a + c <= x or y + height <= b or b + d <= y
    assert max(len(span.text) for span in picture.iter(f"{SVG}tspan") if span.get("x").isdigit()) <= 62


def test_titles_of_reviews_do_not_break_the_picture(tmp_path):
    assert (
        ET.fromstring(drawn(made_of(tmp_path)))
        .find(f"{SVG}title")
        .text.endswith("A <review> & more, as of 2026-11-22")
    )


# -- the picture in pixels ---------------------------------------------------------------------------


def pixels(png: bytes) -> tuple[int, int, set[bytes]]:
    """Width, height and the different rows of bytes of a PNG: a blank one has one or two."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + size
    body = zlib.decompress(data)
    row = len(body) // height
    return width, height, {body[start : start + row] for start in range(0, len(body), row)}


@pytest.mark.skipif(not shutil.which("chromium"), reason="no browser here to draw it")
def test_a_browser_draws_the_picture(tmp_path, monkeypatch):
    body = drawn(made_of(tmp_path, UPDATE))
    monkeypatch.setattr(prisma_png, "PROGRAMS", {"chromium": prisma_png.PROGRAMS["chromium"]})
    width, height, different = pixels(prisma_png.drawn(body))
    picture = ET.fromstring(body)
    assert (width, height) == (3 * int(picture.get("width")), 3 * int(picture.get("height")))
    assert len(different) > 200


def test_without_a_program_that_draws_the_way_out_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUse, match="take --format svg"):
        prisma_png.drawn(drawn(made_of(tmp_path)))


SCRIPT = "#!/bin/sh\n{}\n"


@pytest.mark.parametrize("name", ["rsvg-convert", "inkscape"])
def test_other_programs_are_told_where_to_write(tmp_path, monkeypatch, name):
    program = tmp_path / name
    program.write_text(
        SCRIPT.format('for word; do case $word in *=*.png) printf drawn > "${word#*=}";; esac; done')
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert prisma_png.drawn(drawn(made_of(tmp_path))) == b"drawn"


@pytest.mark.parametrize(("does", "why"), [("echo no memory >&2", "no memory"), ("exit 7", "ended with 7")])
def test_a_program_that_does_not_draw_is_named_with_what_it_said(tmp_path, monkeypatch, does, why):
    program = tmp_path / "rsvg-convert"
    program.write_text(SCRIPT.format(does))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUse, match=f"rsvg-convert did not draw the PNG .*{why}"):
        prisma_png.drawn(drawn(made_of(tmp_path)))


def test_a_program_that_cannot_be_started_is_named(tmp_path, monkeypatch):
    (tmp_path / "inkscape").write_bytes(b"\x00 no program")
    (tmp_path / "inkscape").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WrongUse, match="inkscape did not draw"):
        prisma_png.drawn(drawn(made_of(tmp_path)))


def test_only_pictures_of_ours_are_drawn(monkeypatch):
    monkeypatch.setattr(prisma_png.shutil, "which", lambda _: "rsvg-convert")
    with pytest.raises(WrongUse, match="does not say its size"):
        prisma_png.drawn(b"<svg/>")


# -- the command -------------------------------------------------------------------------------------


def test_the_command_prints_a_table_and_json_of_the_same_numbers(folder):
    shown = harvest(folder, "report", "prisma").stdout
    said = {row["box"]: row["n"] for row in told(folder, "report", "prisma")["rows"]}
    assert said["records_screened"] == 7
    for box, number in said.items():
        assert [line.split()[-1] for line in shown.splitlines() if line.startswith(f"{box} ")] == [
            str(number)
        ]


def test_the_command_lists_a_box(folder):
    assert harvest(folder, "report", "prisma", "--list", "dbr_excluded:design").stdout.splitlines()[-1].split() == [
        "H000002", "Paper", "12",
    ]  # fmt: skip
    assert told(folder, "report", "prisma", "--list", "excluded_other") == [
        {"id": "U000001", "title": "could not be read"}
    ]
    assert (
        "There is no box nowhere" in harvest(folder, "report", "prisma", "--list", "nowhere", code=2).stderr
    )


def test_the_command_shows_the_past(folder):
    was = told(folder, "report", "prisma", "--at", "2026-11-22T00:00:09Z")
    assert {row["box"]: row["n"] for row in was["rows"]}["database_results"] == 6
    assert told(folder, "report", "prisma", "--at", "2026-11-21", "--list", "database_results") == []
    assert "is no moment" in harvest(folder, "report", "prisma", "--at", "then", code=2).stderr


@pytest.mark.parametrize(
    ("kind", "begins"), [("svg", b"<svg "), ("docx", b"PK"), ("csv", b"data,node"), ("md", b"# PRISMA")]
)
def test_the_command_writes_every_form(folder, kind, begins):
    path = folder / f"flow.{kind}"
    assert harvest(folder, "report", "prisma", "--out", path, "--dry-run").stdout.strip() == str(path)
    assert not path.exists()
    harvest(folder, "report", "prisma", "--out", path)
    assert path.read_bytes().startswith(begins)


def test_a_picture_without_a_place_goes_to_the_reports_and_a_folder_gets_a_picture(folder):
    harvest(folder, "report", "prisma", "--format", "svg")
    picture = (folder / "reports" / "prisma.svg").read_bytes()
    (folder / "elsewhere").mkdir()
    harvest(folder, "report", "prisma", "--out", folder / "elsewhere")
    assert len((folder / "elsewhere" / "prisma.svg").read_bytes()) == len(picture)
    assert harvest(folder, "report", "prisma", "--format", "csv").stdout.startswith("data,node,box")
    assert (
        "is no name for this report" in harvest(folder, "report", "prisma", "--out", "a.bmp", code=2).stderr
    )


def test_numbers_that_do_not_add_up_are_not_shown_and_end_with_4(folder, monkeypatch):
    monkeypatch.setattr("harvest.reports.flow.arms.Arm.pending", frozenset())
    failed = harvest(folder, "report", "prisma", code=4)
    assert "does not add up: identified = removed" in failed.stderr
    assert failed.stdout == ""


def test_the_report_is_among_the_others_as_a_document(tmp_path):
    with history(tmp_path) as said:
        small(said)
        made = builder("prisma")(said.store, said.project)
        assert counted(said.store, said.project)["new_studies"].n == 2
    assert ("new_studies", "New studies included in review", "studies", 2) in made.rows.rows


def example(said: History) -> None:
    """The small history, with another citation found and a database more."""
    small(said)
    said.arrive("contacts", "51")


def test_the_picture_in_the_docs_is_the_one_we_draw(tmp_path):
    root = Path(__file__).parent.parent
    made = prisma_svg.write(made_of(tmp_path, UPDATE, example), "An example", "2026-11-22")
    assert (root / "docs" / "prisma-example.svg").read_bytes() == made

"""Export files as the command line takes them in: origin, columns, queues of our own, the same file again."""

import json

import pytest
from reviews import harvest, write

from db.errors import WrongUse
from harvest import imports
from harvest.imports import Origin

TABLE = "Nr;Titel der Arbeit;Autoren;Jahr\n1;Eine Studie;Li, X;2013\n2;Noch eine;Yu, B;2014\n"
RIS = "TY  - JOUR\nTI  - One\nER  - \n"


@pytest.fixture
def review(tmp_path):
    folder = tmp_path / "review"
    write(folder)
    return folder


def put(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_rehearsal_shows_every_column(review, tmp_path):
    path = put(tmp_path, "hand.csv", TABLE)
    done = harvest(review, "add", str(path), "--column", "Titel der Arbeit=title", "--dry-run")
    assert "Titel der Arbeit  title" in done.stdout
    assert "Nr                (kept as it is)" in done.stdout
    shown = harvest(review, "add", str(path), "--column", "Titel der Arbeit=title", "--dry-run", "--json")
    assert json.loads(shown.stdout)["searches"][0]["columns"] == {
        "Nr": "", "Titel der Arbeit": "title", "Autoren": "authors", "Jahr": "date",
    }  # fmt: skip


def test_what_is_said_of_columns_is_remembered_with_the_file(review, tmp_path):
    path = put(tmp_path, "hand.csv", TABLE)
    done = harvest(review, "add", str(path), "--column", "Titel der Arbeit=title")
    assert "Titel der Arbeit → title, Autoren → authors, Jahr → date; 1 column kept as it is." in done.stderr
    again = harvest(review, "db", "reread")
    assert "1 page read again, 0 records read differently" in again.stdout
    told = harvest(review, "add", str(path), "--column", "Titel der Arbeit=title")
    assert "already read" in told.stdout
    assert "what is said of its columns now changes nothing" in told.stderr


def test_columns_of_review_toml(review, tmp_path):
    toml = review / "review.toml"
    said = '\n[[search]]\nname = "hand"\nsource = "file"\ndatabase = "Handsearch"\nplatform = "none"\n'
    said += 'files = "imports/hand.csv"\ncolumns = { "Titel der Arbeit" = "title", Nr = "extra" }\n'
    toml.write_text(toml.read_text("utf-8") + said, "utf-8")
    (review / "imports").mkdir(exist_ok=True)
    put(review / "imports", "hand.csv", TABLE)
    done = harvest(review, "run", "--dry-run", code=3)
    assert "hand (hand.csv)" in done.stdout
    assert "Titel der Arbeit  title" in done.stdout
    toml.write_text(toml.read_text("utf-8").replace('= "title"', '= "titel"'), "utf-8")
    assert "'titel' is no field: the fields are title" in harvest(review, "check", code=2).stdout


@pytest.mark.parametrize("said", ["Titel", "=title", "Titel="])
def test_a_column_without_a_field_is_refused(review, tmp_path, said):
    path = put(tmp_path, "hand.csv", TABLE)
    assert "says no column and field" in harvest(review, "add", str(path), "--column", said, code=2).stderr


def test_nobody_says_the_database(review, tmp_path):
    path = put(tmp_path, "x.ris", RIS)
    done = harvest(review, "add", str(path))
    assert "No database is stated for x.ris, and PRISMA-S item 1 asks for it" in done.stderr
    assert "'unknown' finds what came in files without a stated database" in harvest(review, "status").stderr
    assert "says no database, and PRISMA-S item 1 asks for it" in harvest(review, "check").stdout


def test_whoever_is_asked_is_asked_for_what_is_open(tmp_path):
    asked = []

    def ask(name, told):
        asked.append((name, told.database, told.platform))
        return Origin("CINAHL", "EBSCOhost")

    path = put(tmp_path, "x.ris", RIS)
    file = imports.open_file(path, Origin(), ask)
    assert (file.origin.database, file.origin.platform) == ("CINAHL", "EBSCOhost")
    assert {record.source for record in file.reading.records} == {"file:cinahl"}
    imports.open_file(path, Origin("Embase"), ask)
    imports.open_file(path, Origin("Embase", "Ovid"), ask)
    assert asked == [("x.ris", "", ""), ("x.ris", "Embase", "")]


def test_at_a_terminal_it_is_asked_once_for_each_file(review, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from harvest.cli.app import cli

    path = put(tmp_path, "x.ris", RIS)
    runner = CliRunner()
    monkeypatch.setattr("harvest.cli.running._at_a_terminal", lambda: True)
    done = runner.invoke(cli, ["-C", str(review), "add", str(path), "--dry-run"], input="CINAHL\n\n")
    assert "x.ris does not say where it comes from; Enter leaves it open." in done.stderr
    assert "cinahl (x.ris)" in done.stdout


def test_a_copy_without_a_database_says_none():
    assert Origin.of_name("2026-11-22_unknown.csv") == Origin(searched="2026-11-22")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.csv", "harvest_id,rank,decision,title\nH000001,1,include,One\n"),
        ("q.ris", "TY  - JOUR\nID  - H000001\nTI  - One\nN1  - harvest_id: H000001\nER  - \n"),
    ],
)
def test_a_queue_of_our_own_is_no_export(tmp_path, name, text):
    with pytest.raises(WrongUse, match="is a queue that Harvest wrote: take its decisions in"):
        imports.open_file(put(tmp_path, name, text), Origin())


def test_the_same_records_in_another_file_are_not_new(review, tmp_path):
    first, second, third = (
        "".join(f"TY  - JOUR\nTI  - Title {n}\nAN  - WOS:{n}\nER  - \n" for n in numbers)
        for numbers in (range(10), range(8, 18), range(17, 20))
    )
    paths = [str(put(tmp_path, f"{n}.ris", text)) for n, text in enumerate((first, second, third))]
    done = json.loads(harvest(review, "add", *paths, "--json").stdout)
    assert [search["matched"] for search in done["searches"]] == [10, 10, 3]
    assert [search["new"] for search in done["searches"]] == [10, 8, 2]
    assert done["records"] == 20
    again = json.loads(harvest(review, "add", *paths, "--json").stdout)
    assert [search["new"] for search in again["searches"]] == [0, 0, 0]

"""Which search an export file belongs to: one of review.toml, one of its own name, or one that is stated afterwards."""

from __future__ import annotations

import pytest
import server_corpus as corpus
from click.testing import CliRunner
from reviews import harvest, rows, told, write
from server import Server
from terminal import closed, sentence

from db.errors import WrongUse
from harvest import imports
from harvest.cli.app import cli
from harvest.imports import Origin
from harvest.project import load

CSV = "PMID,Title,Authors\n9001,One,Li X\n9002,Two,Yu B\n"
RIS = "TY  - JOUR\nTI  - {}\nER  - \n"
EMBASE = "TY  - JOUR\nTI  - One\nU2  - L2009876543\nER  - \n"
BY_HAND = '\n[[search]]\nname = "{}"\nsource = "file"\ndatabase = "Embase"\nplatform = "{}"\nfiles = "{}"\n'


@pytest.fixture
def server():
    with Server(corpus.articles(5), corpus.created(5), corpus.studies(2)) as running:
        yield running


@pytest.fixture
def review(tmp_path, server):
    return write(tmp_path / "review", server.pubmed_url, server.trials_url)


@pytest.fixture
def offline(tmp_path):
    return write(tmp_path / "review")


def put(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


def plan(review, *tables, more=""):
    with (review / "review.toml").open("a", encoding="utf-8") as toml:
        toml.write("".join(BY_HAND.format(*table) for table in tables) + more)


def searches(review):
    return {(name, source): n for name, source, n in rows(
        review, "SELECT s.name, s.source, count(DISTINCT g.record_id) FROM search s "
        "LEFT JOIN sighting g ON g.search_id = s.id GROUP BY 1, 2")}  # fmt: skip


# -- a name of its own ---------------------------------------------------------------------------------


def test_a_file_of_a_source_that_is_asked_is_a_search_of_its_own(review, tmp_path):
    path = put(tmp_path, "pubmed.csv", CSV)
    rehearsed = told(review, "add", path, "--database", "PubMed", "--dry-run")
    assert rehearsed["searches"][0]["name"] == "pubmed-file"
    added = told(review, "add", path, "--database", "PubMed")
    assert (added["searches"][0]["name"], added["searches"][0]["new"]) == ("pubmed-file", 2)
    outcome = told(review, "run")
    assert {(n["search"], n["reason"]) for n in outcome["news"]} == {
        ("pubmed", "first search"),
        ("register", "first search"),
    }
    assert outcome["edits"] == []
    assert searches(review) == {
        ("pubmed", "pubmed"): 5,
        ("pubmed-file", "file:pubmed"): 2,
        ("register", "clinicaltrials"): 2,
    }


def test_a_file_after_the_source_was_asked(review, tmp_path):
    told(review, "run")
    told(review, "add", put(tmp_path, "a.csv", CSV), "--database", "PubMed")
    more = CSV.replace("9002", "9003")
    again = told(review, "add", put(tmp_path, "b.csv", more), "--database", "PubMed")
    assert (again["searches"][0]["name"], again["searches"][0]["new"]) == ("pubmed-file", 1)
    outcome = told(review, "run")
    assert (outcome["news"], outcome["edits"], outcome["exit_code"]) == ([], [], 0)
    assert [(s["name"], s["finds"]) for s in told(review, "status")["searches"]] == [
        ("pubmed", 5),
        ("register", 2),
        ("pubmed-file", 3),
    ]


def test_a_search_that_takes_the_name_of_a_file_is_another_search(review, tmp_path):
    """The file came first, under the name that was free; the search of PubMed is put into review.toml afterwards."""
    toml = review / "review.toml"
    whole = toml.read_text("utf-8")
    toml.write_text(whole.replace('name = "pubmed"', 'name = "main"'), "utf-8")
    told(review, "add", put(tmp_path, "a.csv", CSV), "--database", "PubMed")
    toml.write_text(whole, "utf-8")
    outcome = told(review, "run")
    assert {n["reason"] for n in outcome["news"]} == {"first search"}
    assert (outcome["edits"], outcome["exit_code"]) == ([], 0)
    assert searches(review)["pubmed", "file:pubmed"] == 2
    shown = told(review, "status")["searches"]
    assert [(s["source"], s["finds"]) for s in shown if s["name"] == "pubmed"] == [
        ("file:pubmed", 2),
        ("pubmed", 5),
    ]
    harvest(review, "report", "yield")
    third = told(review, "add", put(tmp_path, "c.csv", CSV.replace("9001", "9009")), "--database", "PubMed")
    assert third["searches"][0]["name"] == "pubmed"  # goes on where the files of this source are


def test_another_source_under_the_same_name_is_a_new_search(review):
    told(review, "run")
    toml = review / "review.toml"
    text = toml.read_text("utf-8").replace(
        'name = "pubmed"\nsource = "pubmed"', 'name = "pubmed"\nsource = "clinicaltrials"'
    )
    toml.write_text(text, "utf-8")
    (review / "searches" / "pubmed.txt").write_text("term: trial", "utf-8")
    outcome = told(review, "run")
    assert {(n["search"], n["event"], n["reason"]) for n in outcome["news"]} == {
        ("pubmed", "appeared", "source added")
    }
    assert (outcome["edits"], outcome["exit_code"]) == ([], 0)


def test_names_go_on_until_one_is_free(tmp_path):
    file = imports.open_file(tmp_path.joinpath(put(tmp_path, "x.ris", RIS.format("One"))), Origin("Embase"))
    assert imports.named(file, set()).origin.search().name == "embase"
    asked = {("embase", "a"), ("embase-file", "b"), ("embase-file-2", "c")}
    assert imports.named(file, asked).origin.search().name == "embase-file-3"
    assert imports.named(file, {*asked, ("embase-file-2", "file:embase")}).origin.name == "embase-file-2"


# -- a search of review.toml -----------------------------------------------------------------------------


def test_a_file_is_taken_by_the_search_of_its_database(offline, tmp_path):
    more = 'query = "searches/hand.txt"\ndate = "2026-10-01"\n'
    plan(offline, ("main-embase", "Ovid", "imports/*embase*.ris"), more=more)
    (offline / "searches" / "hand.txt").write_bytes(b"exp depression/\n")
    path = put(tmp_path, "x.ris", RIS.format("One"))
    added = told(offline, "add", path, "--database", "embase")
    assert [(s["name"], s["source"]) for s in added["searches"]] == [("main-embase", "file:embase")]
    told(offline, "run", code=3)
    options = '{"database": "Embase", "platform": "Ovid", "searched": "2026-10-01"}'
    assert rows(offline, "SELECT name, stored, options FROM search WHERE source LIKE 'file:%'") == [
        ("main-embase", b"exp depression/\n", options)
    ]


def test_a_file_is_taken_by_the_search_whose_files_mean_it(offline, tmp_path):
    plan(
        offline, ("hand", "Ovid", "imports/hand.csv"), more='columns = { Nr = "title", Titel = "abstract" }\n'
    )
    path = put(offline / "imports", "hand.csv", "Nr;Titel\n1;One\n")
    shown = told(offline, "add", path, "--dry-run")["searches"][0]
    assert (shown["name"], shown["columns"]) == ("hand", {"Nr": "title", "Titel": "abstract"})
    other = told(offline, "add", path, "--database", "Scopus", "--dry-run")["searches"][0]
    assert other["name"] == "scopus"
    plan(offline, ("other", "none", "imports/*_unknown.ris"))
    silent = put(tmp_path, "x.ris", RIS.format("One"))
    assert told(offline, "add", silent, "--dry-run")["searches"][0]["name"] == "other"


def test_several_searches_fit(offline, tmp_path, monkeypatch):
    plan(offline, ("first", "Ovid", "imports/a*"), ("second", "Embase.com", "imports/b*"))
    path = put(tmp_path, "x.ris", RIS.format("One"))
    said = sentence(harvest(offline, "add", path, "--database", "Embase", code=2).stderr)
    assert said.startswith("x.ris fits several searches of review.toml: first, second. State its --platform")
    by_platform = told(offline, "add", path, "--database", "Embase", "--platform", "ovid", "--dry-run")
    assert by_platform["searches"][0]["name"] == "first"
    monkeypatch.setattr("harvest.cli.running._at_a_terminal", lambda: True)
    words = ["-C", str(offline), "add", path, "--database", "Embase", "--dry-run"]
    assert "second (x.ris)" in CliRunner().invoke(cli, words, input="second\n").stdout
    asked = ["-C", str(offline), "add", path, "--dry-run"]
    assert "first (x.ris)" in CliRunner().invoke(cli, asked, input="Embase\nOvid\n").stdout


# -- what is stated, and what the file says ----------------------------------------------------------------


def test_a_statement_against_the_file_is_doubted(offline, tmp_path):
    path = put(tmp_path, "x.ris", EMBASE)
    done = harvest(offline, "add", path, "--database", "Scopus")
    assert "Scopus is stated as its database, but by its own words it comes from Embase" in done.stderr
    assert rows(offline, "SELECT options FROM search") == [('{"database": "Scopus"}',)]


@pytest.mark.parametrize(
    ("database", "platform", "kept"),
    [("Embase Classic", "", "Embase.com"), ("MEDLINE", "embase.com", "embase.com"), ("", "", "Embase.com")],
)
def test_a_statement_that_goes_with_the_file_is_not(tmp_path, database, platform, kept):
    file = imports.open_file(tmp_path.joinpath(put(tmp_path, "x.ris", EMBASE)), Origin(database, platform))
    assert file.reading.notes == ()
    assert file.origin.platform == kept


def test_initials_are_a_name(tmp_path):
    path = tmp_path.joinpath(put(tmp_path, "x.ris", "TY  - JOUR\nTI  - One\nAN  - WOS:000123\nER  - \n"))
    assert imports.open_file(path, Origin("WoS")).reading.notes == ()


# -- stated afterwards -------------------------------------------------------------------------------------


def test_the_database_of_a_file_that_was_read_can_be_stated(offline, tmp_path):
    path = put(tmp_path, "x.ris", RIS.format("One"))
    harvest(offline, "add", path)
    assert "says no database" in harvest(offline, "check").stdout
    stating = ("add", path, "--database", "CINAHL", "--platform", "EBSCOhost")
    assert "That it comes from CINAHL, EBSCOhost is noted" in harvest(offline, *stating, "--dry-run").stderr
    done = harvest(offline, *stating)
    assert "That it comes from CINAHL, EBSCOhost is noted" in done.stderr
    assert "No database is stated" not in done.stderr
    assert "is noted" not in harvest(offline, *stating).stderr
    assert "says no database" not in harvest(offline, "check").stdout
    assert "without a stated database" not in harvest(offline, "status").stderr
    report = harvest(offline, "report", "searches").stdout
    assert "CINAHL" in report
    assert "EBSCOhost" in report
    assert rows(offline, "SELECT count(*) FROM event WHERE kind = 'origin stated'") == [(1,)]


def test_a_file_that_was_read_states_its_database_by_a_new_name(offline):
    path = put(offline / "imports", "x.ris", RIS.format("One"))
    told(offline, "run", code=3)
    (offline / "imports" / "x.ris").rename(offline / "imports" / "2026-11-22_cinahl_ebscohost.ris")
    assert path
    assert "That it comes from cinahl, ebscohost is noted" in harvest(offline, "run", code=3).stderr
    assert "without a stated database" not in harvest(offline, "status").stderr


def test_another_database_than_it_was_read_as_changes_nothing_and_is_said(offline, tmp_path):
    path = put(tmp_path, "x.ris", RIS.format("One"))
    harvest(offline, "add", path, "--database", "Embase")
    done = harvest(offline, "add", path, "--database", "CINAHL")
    assert "was read before as of embase: to state cinahl now changes nothing" in done.stderr
    assert searches(offline) == {("embase", "file:embase"): 1}


# -- rehearsals --------------------------------------------------------------------------------------------


def test_a_rehearsal_needs_a_folder_that_can_be_read(review, tmp_path):
    told(review, "run")
    path = put(tmp_path, "x.ris", RIS.format("One"))
    with closed(review / "review.db", 0o444), closed(review, 0o555):
        assert told(review, "add", path, "--database", "Embase", "--dry-run")["searches"][0]["new"] == 1
        rehearsed = told(review, "run", "--dry-run")["searches"]
        assert [search["new"] for search in rehearsed] == [0, 0]


# -- known records -----------------------------------------------------------------------------------------


def test_the_last_word_of_searches_that_were_not_asked_stands(review, tmp_path):
    pmid = next(iter(corpus.articles(5)))
    with (review / "review.toml").open("a", encoding="utf-8") as toml:
        toml.write(f"\n[known]\npmids = [{pmid}]\n")
    told(review, "run")
    assert "1 of 1 known record found" in harvest(review, "run", "--only", "register").stdout
    added = harvest(review, "add", put(tmp_path, "x.ris", RIS.format("One")), "--database", "Embase")
    assert "1 of 1 known record found" in added.stdout


def test_the_wrong_use_is_one_sentence(offline, tmp_path):
    plan(offline, ("first", "Ovid", "imports/a*"), ("second", "Ovid", "imports/b*"))
    with pytest.raises(WrongUse, match="fits several"):
        imports.open_for(
            load(offline), tmp_path.joinpath(put(tmp_path, "x.ris", EMBASE)), Origin("Embase", "Ovid")
        )

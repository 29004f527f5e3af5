"""Bad input, as a reviewer meets it: one sentence that says what, where and what to do, and nothing half-done."""

from __future__ import annotations

import os

import pytest
import server_faults as faults
from click.testing import CliRunner
from reviews import contents, harvest, rows, told, write
from terminal import copied, files, harvested, sentence, served

from harvest.cli import cli

BEFORE_THE_FIRST_RUN = [
    ["status"], ["find", "the"], ["rank"], ["same", "list"], ["same", "list", "--ask"], ["same", "show", "H1", "H2"],
    ["same", "join", "H1", "H2", "--by", "ana"], ["same", "split", "H1", "H2", "--by", "ana"],
    ["queue", "export", "--reviewer", "ana"], ["decide", "H1", "include", "--reviewer", "ana"],
    ["db", "verify"], ["db", "backup"], ["db", "reread"], ["db", "sql", "SELECT 1"],
]  # fmt: skip


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


# -- the folder --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", BEFORE_THE_FIRST_RUN, ids=" ".join)
def test_before_the_first_run_nothing_can_be_asked_and_nothing_is_made(tmp_path, words):
    review = write(tmp_path / "review")
    before = files(review)
    said = sentence(harvest(review, *words, code=2).stderr)
    assert "review.db does not exist yet: start `harvest run`" in said
    assert files(review) == before


@pytest.mark.parametrize(
    "words", [["run"], ["check"], ["add", __file__], ["schedule"], *BEFORE_THE_FIRST_RUN], ids=" ".join
)
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_no_review_stays_as_it_is(tmp_path, words, there):
    folder = tmp_path / "review"
    if there:
        folder.mkdir()
    result = harvest(folder, *words, code=2)
    assert "no review folder" in result.stdout + result.stderr
    assert "harvest new NAME" in result.stdout + result.stderr
    assert list(tmp_path.rglob("*")) == ([folder] if there else [])


def test_one_folder_too_deep_is_told_where_the_review_is(tmp_path):
    review = write(tmp_path / "review")
    assert f"the review seems to be {review}" in harvest(review / "searches", "run", code=2).stderr


def test_everything_wrong_in_the_files_is_said_at_once_with_its_place(tmp_path):
    review = write(tmp_path / "review")
    (review / "searches" / "pubmed.txt").write_text('("reflective function" OR attachment')
    toml = (review / "review.toml").read_text()
    broken = toml.replace("searches/register.txt", "searches/registr.txt").replace("per_record", "per_recrod")
    (review / "review.toml").write_text(broken)
    for words in (["run"], ["check"]):
        result = harvest(review, *words, code=2)
        said = (result.stdout + result.stderr).lower().replace("error: ", "").splitlines()
        assert said[:3] == [
            "review.toml: search[2].query (line 27): there is no file searches/registr.txt; did you mean searches/register.txt?",
            "review.toml: screening.per_recrod (line 31): there is no such key; did you mean `per_record`?",
            "searches/pubmed.txt: line 1, column 1: this bracket is never closed.",
        ]
    assert files(review) == {
        "imports",
        "review.toml",
        "searches",
        "searches/pubmed.txt",
        "searches/register.txt",
    }


def test_a_file_of_the_wrong_encoding_says_so_and_a_mark_in_front_is_nothing(tmp_path):
    review = write(tmp_path / "review")
    toml = (review / "review.toml").read_text().replace("Parenting", "Élan parental")
    (review / "review.toml").write_bytes(toml.encode("cp1252"))
    assert "UTF-8" in sentence(harvest(review, "run", code=2).stderr)
    (review / "review.toml").write_bytes(toml.encode("utf-8-sig"))
    assert "Nothing is wrong" in harvest(review, "check").stderr


def test_the_review_can_be_named_by_the_environment_and_the_option_goes_before_it(
    review, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    other = CliRunner(env={"HARVEST_REVIEW": str(tmp_path / "elsewhere")})
    assert (
        CliRunner(env={"HARVEST_REVIEW": str(review)}).invoke(cli, ["status"]).stdout.count("11 records") == 1
    )
    assert "elsewhere" in other.invoke(cli, ["status"]).stderr
    assert other.invoke(cli, ["-C", str(review), "status"]).exit_code == 0


# -- what is typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "said"), [
    (["rnu"], "Did you mean `run`?"), (["xyzzy"], "`harvest --help` lists them"), (["--nonsense"], "--nonsense"),
    (["same", "lst"], "Did you mean 'list'?"), (["run", "--onyl", "pubmed"], "--only"),
    (["run", "--only", "scopus"], "no such search; it has pubmed, register"),
    (["add", "no-such.ris"], "'no-such.ris' does not exist"), (["add"], "Missing argument"),
    (["add", __file__, "--date", "yesterday"], "'yesterday' is no day: write it as 2026-11-22"),
    (["add", __file__, "--date", "../../2026"], "is no day"), (["add", __file__, "--date", "2026-02-30"], "is no day"),
    (["sources", "pubmd"], "There is no source 'pubmd'"), (["status", "--run", "99"], "There is no run 99; they are 1 to 1"),
    (["status", "--run", "0"], "There is no run 0"), (["find", "x", "--limit", "0"], "--limit"), (["rank", "--top", "-3"], "--top"),
    (["same", "join", "H000001", "H000099", "--by", "ana"], "There is no record H000099"),
    (["same", "join", "first", "H000001", "--by", "ana"], "There is no record first: records are called H000123"),
    (["same", "show", "H000001", "H0"], "There is no record H0"),
    (["same", "join", "H000001", "H1", "--by", "ana"], "are one record: name two"),
    (["same", "join", "H000001", "H000002", "--by", "rules"], "'rules' cannot sign an opinion"),
    (["same", "split", "H000001", "H000002", "--by", "  "], "cannot sign an opinion"),
    (["decide", "H000001", "include", "--reviewer", "eve"], "'eve' is no reviewer of this review: [screening] reviewers names ana, ben"),
    (["decide", "H000099", "include", "--reviewer", "ana"], "There is no record H000099"),
    (["decide", "H000001", "maybe", "--reviewer", "ana"], "'maybe' is not one of"),
    (["decide", "H000001", "exclude", "--reviewer", "ana", "--reason", "boring"], "There is no exclusion reason 'boring' at title and abstract; review.toml has design, population"),
    (["decide", "H000001", "include", "--reviewer", "ana", "--reason", "design"], "'design' is a reason to exclude"),
    (["queue", "export", "--reviewer", "eve"], "'eve' is no reviewer"), (["queue", "export", "--reviewer", "ana", "--limit", "0"], "--limit"),
    (["queue", "import", "no-such.csv", "--reviewer", "ana"], "'no-such.csv' does not exist"),
    (["queue", "import", __file__, "--reviewer", "eve"], "'eve' is no reviewer"),
    (["db", "sql", "DELETE FROM record"], "readonly"), (["db", "sql", "SELEKT"], "syntax error"), (["db", "sql", ""], "This is no question"),
    (["db", "sql", "SELECT 1; SELECT 2"], "one statement at a time"), (["db", "sql", "VACUUM INTO 'copy.db'"], "SQLite does not answer"),
])  # fmt: skip
def test_what_cannot_be_meant_is_exit_2_and_changes_nothing(review, words, said):
    before, there = contents(review), files(review)
    assert said in harvest(review, *words, code=2).stderr
    assert (contents(review), files(review)) == (before, there)
    assert (
        rows(review, "SELECT count(*) FROM decision")
        == rows(review, "SELECT count(*) FROM link WHERE by <> 'rules'")
        == [(0,)]
    )


def test_two_people_who_contradict_each_other_are_told_whose_word_stands_against_whose(review):
    harvest(review, "same", "split", "H000001", "H000002", "--by", "ben")
    harvest(review, "same", "join", "H000002", "H000003", "--by", "ana")
    refused = sentence(harvest(review, "same", "join", "H000001", "H000003", "--by", "ana", code=4).stderr)
    assert refused == (
        "H000001 and H000003 cannot be same report, for ben said that H000001 and H000002 are different: settle that "
        "pair first (`harvest same show H000001 H000002`)."
    )
    assert rows(review, "SELECT a, b FROM link WHERE by = 'ana'") == [(2, 3)]
    harvest(review, "same", "join", "H000001", "H000002", "--by", "ana")
    parted = harvest(review, "same", "split", "H000001", "H000003", "--by", "ben").stdout
    assert "This goes before what ana said of H000001 and H000002 (same report)." in parted


def test_a_paper_and_its_trial_cannot_be_one_study_against_a_persons_word(review):
    harvest(review, "same", "split", "H000001", "H000009", "--by", "ben")
    harvest(review, "same", "join", "H000009", "H000010", "--by", "ana")
    said = harvest(review, "same", "join", "H000001", "H000010", "--study", "--by", "ana", code=4).stderr
    assert "cannot be same study, for ben said that H000001 and H000009 are different" in said


# -- sources -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no network", "web page", "empty", "refused"])
def test_a_source_that_fails_leaves_what_is_stored_as_it_was(review, tmp_path, fault):
    before = contents(review)
    with served() as server:
        spoilt = {
            "web page": faults.html_page,
            "empty": faults.empty,
            "refused": faults.refused(400, "Bad query"),
        }
        if fault in spoilt:
            server.inject(spoilt[fault], on=faults.listing, times=float("inf"))
        url = "http://127.0.0.1:9/" if fault == "no network" else server.trials_url
        toml = (review / "review.toml").read_text()
        lines = [f'url = "{server.pubmed_url}"' if "eutils" in line else f'url = "{url}"' if "/api/v2" in line else line
                 for line in toml.splitlines()]  # fmt: skip
        (review / "review.toml").write_text("\n".join(lines))
        failed = [line for line in harvest(review, "run", code=3).stderr.splitlines() if "FAILED" in line]
    assert len(failed) == 1
    assert failed[0].startswith("register FAILED: ")
    assert failed[0].endswith("what is stored stays.") or "Bad query" in failed[0]
    assert contents(review) == before
    status = harvest(review, "status")
    assert "The last asking of 'register' failed: start `harvest run` again." in status.stderr


# -- files -------------------------------------------------------------------------------------------


def test_an_export_that_is_something_else_stops_none_of_the_others(review):
    imports = review / "imports"
    imports.joinpath("good.ris").write_text(
        "TY  - JOUR\nTI  - A trial of something new\nPY  - 2020\nER  - \n"
    )
    imports.joinpath("paper.ris").write_bytes(b"%PDF-1.7 \x00\x01")
    imports.joinpath("book.csv").write_bytes(b"PK\x03\x04\x14\x00 xl/workbook.xml")
    imports.joinpath("empty.ris").write_bytes(b"")
    imports.joinpath("page.ris").write_bytes(b"<!DOCTYPE html><html>Please log in</html>")
    imports.joinpath("gone.ris").symlink_to("/nowhere/at/all")
    imports.joinpath("line\nbreak.ris").write_bytes(b"nothing of use")
    os.mkfifo(imports / "pipe.ris")
    outcome = told(review, "run", code=3)
    files = {search["query"]: search for search in outcome["searches"] if search["source"].startswith("file")}
    assert files.pop("good.ris")["new"] == 1
    assert {
        name: search["failure"].split(";")[0].split(" What is read: ")[0] for name, search in files.items()
    } == {
        "paper.ris": "paper.ris seems to be a PDF: export it again.",
        "book.csv": "book.csv is no workbook that can be read (File is not a zip file): save it again, or as CSV.",
        "empty.ris": "empty.ris: the file is empty",
        "page.ris": "page.ris seems to be a web page: export it again.",
        "gone.ris": f"{imports}/gone.ris cannot be read (No such file or directory): check its name and permissions.",
        r"line\nbreak.ris": r"line\nbreak.ris: no RIS record was found in it",
        "pipe.ris": f"{imports}/pipe.ris is no file: name an export file.",
    }
    assert outcome["records"] == 12
    rehearsed = told(review, "run", "--dry-run", code=3)
    assert [s["failure"] for s in rehearsed["searches"]][2:] == [s["failure"] for s in outcome["searches"]][
        2:
    ]
    said = harvest(review, "run", code=3).stderr
    assert said.count("empty.ris: the file is empty") == 1


def test_a_record_that_cannot_be_read_is_named_with_its_line_and_only_once(review):
    (review / "imports" / "two.ris").write_text(
        "TY  - JOUR\nTI  - A trial\nER  - \n\nTY  - JOUR\nER  - \nbetween the records\n"
    )
    before = len(contents(review))
    said = harvest(review, "run", code=3).stderr
    assert "unknown (two.ris): record 2 (line 5): The record has no title" in said
    assert "1 record could not be read; what came is kept: `harvest db sql" in said
    assert "1 piece of text outside of records" in said
    assert len(contents(review)) == before + 1
    assert told(review, "db", "sql", "SELECT key, line, problem, raw FROM unreadable")[0]["line"] == 5
    assert told(review, "db", "sql", "SELECT line, text FROM stray") == [
        {"line": 7, "text": "between the records"}
    ]
    again = told(review, "run", code=3)  # the sources are gone; the file is not read a second time
    assert [s["state"] for s in again["searches"]] == ["failed", "failed", "already read"]
    assert [s["exit_code"] for s in again["searches"]] == [3, 3, 0]
    assert rows(review, "SELECT count(*) FROM unreadable") == [(1,)]
    assert "1 record came and could not be read" in harvest(review, "status").stderr


def test_one_export_counts_once_whatever_it_is_called(review, tmp_path):
    export = tmp_path / "savedrecs.ris"
    export.write_text("TY  - JOUR\nTI  - A trial of something new\nPY  - 2020\nER  - \n")
    words = ["add", export, "--database", "Web of Science", "--platform", "Clarivate", "--date", "2026-11-20"]
    assert told(review, *words, "--dry-run")["searches"][0]["new"] == 1
    assert told(review, *words)["searches"][0]["new"] == 1
    assert [p.name for p in (review / "imports").iterdir()] == ["2026-11-20_web-of-science_clarivate.ris"]
    for again in (words, ["add", export]):
        assert told(review, *again)["searches"][0]["state"] == "already read"
    (review / "imports" / "the same.ris").write_bytes(export.read_bytes())
    states = [s["state"] for s in told(review, "run", code=3)["searches"]]
    assert states == ["failed", "failed", "already read", "already read"]
    assert rows(review, "SELECT count(*) FROM record WHERE source = 'file:web-of-science'") == [(1,)]
    assert rows(review, "SELECT count(*) FROM sighting WHERE reason = 'file added'") == [(1,)]


def test_one_bad_file_among_those_added_stops_them_all(review, tmp_path):
    good, bad = tmp_path / "good.ris", tmp_path / "bad.ris"
    good.write_text("TY  - JOUR\nTI  - A trial\nER  - \n")
    bad.write_bytes(b"%PDF-1.7")
    before = contents(review)
    assert "bad.ris seems to be a PDF" in sentence(harvest(review, "add", good, bad, code=2).stderr)
    assert contents(review) == before
    assert files(review / "imports") == set()


def test_names_of_files_are_told_so_that_they_can_be_read(review, tmp_path):
    odd = tmp_path / os.fsdecode(b"red\x1b[31m\nalert \xff.ris")
    odd.write_text("TY  - JOUR\nTI  - Blue \x1b[34mtitle\x07\nPY  - 2020\nER  - \n")
    said = harvest(review, "add", odd)
    assert r"unknown (red\x1b[31m\nalert \udcff.ris)" in said.stdout
    assert "\x1b" not in harvest(review, "find", "blue").stdout
    odd.write_bytes(b"%PDF")
    assert sentence(harvest(review, "add", odd, code=2).stderr).startswith(
        r"red\x1b[31m\nalert \udcff.ris seems to be a PDF"
    )
    assert harvest(review, "db", "verify").stdout == ""


@pytest.mark.parametrize(("body", "said"), [
    (b"", "is empty: save the queue once more"), (b" \n\n", "is empty"), (b"\x00\xff\xfe" * 900, "No column is called"),
    (b"%PDF-1.7 ...", "No column is called"), (b"PK\x03\x04zip", "This is no workbook that can be read"), (b"a,b\n1,2\n", "No column is called"),
    (b"\xd0\xcf\x11\xe0" * 9, "old format (.xls)"), (b"harvest_id,decision\nH000001,include\nH000001,exclude\n", "decided differently"),
    (b"harvest_id,decision\nH000099,include\n", "H000099 is no record of this review"), (b"title,decision\nX,include\n", "the harvest_id is gone (X)"),
    (b"harvest_id,decision,reviewer\nH000001,include,ben\n", "this is the queue of ben"),
    (b"harvest_id,decision,stage\nH000001,include,abstracts of posters\n", "abstracts of posters"),
    (b"harvest_id,decision,reason\nH000001,exclude,dsign\n", "Did you mean 'design'"),
], ids=str)  # fmt: skip
def test_decisions_that_are_none_are_refused_whole(review, tmp_path, body, said):
    path = tmp_path / "decisions.csv"
    path.write_bytes(body)
    assert said in harvest(review, "queue", "import", path, "--reviewer", "ana", code=2).stderr
    assert rows(review, "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM handover)") == [(0, 0)]


def test_a_queue_cannot_go_into_a_folder_that_is_a_file(review):
    (review / "queues").write_text("mine")
    said = sentence(harvest(review, "queue", "export", "--reviewer", "ana", code=1).stderr)
    assert said == f"{review}/queues is a file where a folder is needed: move it away."
    assert (review / "queues").read_text() == "mine"
    assert rows(review, "SELECT count(*) FROM export") == [(0,)]

"""What people and scripts see: tables, JSON, progress; in any encoding, through any pipe, without colour."""

from __future__ import annotations

import io
import json
import sys

import pytest
from click.testing import CliRunner
from reviews import harvest, rows, told
from rich.console import Console
from terminal import copied, ended, harvested, sentence, started

from harvest.cli import app, cli, main
from harvest.cli.output import count, watched


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    harvest(review, "same", "join", "H000001", "H000002", "--by", "ana")
    harvest(review, "same", "join", "H000004", "H000005", "--study", "--by", "ana")
    export = "TY  - JOUR\nTI  - Étude randomisée → Ελλάδα 中文\nAU  - Łoś, Ðan\nPY  - 2020\nER  - \n"
    (review / "imports" / "greek.ris").write_text(export, encoding="utf-8")
    harvest(review, "run", code=3)
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


# -- JSON and tables -----------------------------------------------------------------------------------

ASKED = {
    "status": "searches", "find the": None, "same list": None, "same list --studies": None, "same list --ask": None,
    "rank --dry-run": "order", "sources": None, "db sql 'SELECT source, key FROM record'": None,
}  # fmt: skip


@pytest.mark.parametrize("words", ASKED)
def test_a_script_is_told_what_the_table_shows(once, words):
    typed = ["db", "sql", "SELECT source, key FROM record"] if words.startswith("db") else words.split()
    shown = harvest(once, *typed).stdout
    for line in told(once, *typed)[ASKED[words]] if ASKED[words] else told(once, *typed):
        for name in ("id", "source", "key", "title", "name", "label", "rank"):
            assert str(line.get(name, "")) in shown


@pytest.mark.parametrize("words", [
    ["run", "--dry-run"], ["status"], ["check"], ["find", "the"], ["same", "list"], ["same", "show", "H1", "H2"], ["rank", "--dry-run"],
    ["sources"], ["sources", "pubmed"], ["db", "verify"], ["queue", "export", "--reviewer", "ana", "--dry-run"],
    ["add", __file__, "--dry-run"],
])  # fmt: skip
def test_json_is_the_only_thing_on_stdout(once, words):
    result = CliRunner().invoke(cli, ["-C", str(once), *words, "--json"])
    if words[0] == "add":
        assert (result.stdout, result.exit_code) == ("", 2)
    else:
        json.loads(result.stdout)


def test_columns_of_one_name_are_both_told_and_bytes_are_written_as_sql_writes_them(once):
    assert told(once, "db", "sql", "SELECT 1 AS a, 2 AS a, x'00ff' AS b") == [
        {"a": 1, "a:2": 2, "b": "X'00FF'"}
    ]
    assert "X'00FF'" in harvest(once, "db", "sql", "SELECT x'00ff' AS b").stdout
    assert harvest(once, "db", "sql", "SELECT id, key FROM record WHERE false").stdout.split() == [
        "id",
        "key",
    ]
    assert told(once, "db", "sql", "SELECT id FROM record WHERE false") == []


def test_numbers_are_counted_as_people_count():
    assert [count(n, "study") for n in (0, 1, 2)] == ["0 studies", "1 study", "2 studies"]
    assert count(1, "record") == "1 record"


def test_nothing_is_coloured_when_nobody_wants_it(once):
    env = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm-256color"}
    with_colour = CliRunner(env={**env, "NO_COLOR": None}).invoke(cli, ["-C", str(once), "find", "the"])
    without = CliRunner(env=env).invoke(cli, ["-C", str(once), "find", "the"])
    assert "\x1b[" in with_colour.stdout
    assert "\x1b[3" not in without.stdout


# -- encodings and pipes -------------------------------------------------------------------------------


class Screen(io.BytesIO):
    """Bytes that can be looked at after the end."""

    def close(self):
        pass


def shown(encoding, *words):
    """What a terminal of this encoding gets: exit code and bytes."""
    out, err = Screen(), Screen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["harvest", *words])
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, write_through=True))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding, write_through=True))
        with pytest.raises(SystemExit) as end:
            main()
    assert b"fault of its own" not in err.getvalue()
    return end.value.code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8", "utf-16"])
def test_no_terminal_is_too_old(once, encoding):
    for words in (
        ["--help"],
        ["status"],
        ["find", "randomisée"],
        ["rank", "--dry-run"],
        ["same", "show", "H000001", "H000012"],
    ):
        assert shown(encoding, "-C", str(once), *words)[0] == 0
    code, out, _ = shown(encoding, "-C", str(once), "find", "randomisée", "--json")
    assert code == 0
    if encoding != "utf-16":
        assert json.loads(out.decode(encoding))[0]["title"] == "Étude randomisée → Ελλάδα 中文"


def test_an_odd_name_is_told_in_any_encoding(review, tmp_path):
    code, _, err = shown("ascii", "-C", str(tmp_path / "früher\udcff"), "run")
    assert code == 2
    assert b"\\udcff" in err


@pytest.mark.parametrize(
    "words", [["status"], ["db", "sql", "SELECT content FROM revision, run"]], ids=" ".join
)
def test_whoever_reads_along_may_leave(review, words):
    process = started(review, *words)
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 1
    assert "Traceback" not in err
    assert "Error" not in err


# -- progress ------------------------------------------------------------------------------------------


def test_a_log_gets_a_line_for_each_tenth(capsys):
    with watched(quiet=False) as progress:
        for done in range(201):
            progress.step("pubmed", "fetching", done, 200)
        progress.step("pubmed", "listing", 12_000, None)
        progress.say("The source forgot the place.")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 13
    assert said[0] == "pubmed: fetching 0 of 200"
    assert said[-2:] == ["pubmed: listing 12000", "The source forgot the place."]


def test_a_terminal_gets_a_bar_for_each_search(capsys, monkeypatch):
    monkeypatch.setattr(Console, "is_terminal", True)
    with watched(quiet=False) as progress:
        progress.step("pubmed", "listing", 3, None)
        progress.step("pubmed", "listing", 3, 3)
        progress.step("register", "fetching", 1, 7)
        progress.say("A sentence.")
    said = capsys.readouterr().err
    assert "pubmed: listing" in said
    assert "1/7" in said
    assert "A sentence." in said


def test_nobody_watches_a_script(capsys):
    with watched(quiet=True) as progress:
        progress.step("pubmed", "listing", 3, None)
        progress.say("A sentence.")
    assert capsys.readouterr() == ("", "")


# -- faults of our own ---------------------------------------------------------------------------------


def test_a_fault_of_our_own_is_a_sentence_and_a_traceback_for_those_who_ask(once, monkeypatch):
    def broken(*_args):
        raise KeyError("pages")

    monkeypatch.setattr("harvest.lookup.look_up", broken)
    said = sentence(harvest(once, "find", "x", code=1).stderr)
    assert said.startswith("Harvest met a fault of its own (KeyError: 'pages'). What was stored stays.")
    monkeypatch.setenv("HARVEST_DEBUG", "1")
    with pytest.raises(KeyError):
        harvest(once, "find", "x")


@pytest.mark.parametrize(("error", "said", "code"), [
    (PermissionError(13, "Permission denied", "a\nb"), r"a\nb: Permission denied: check the path and its permissions.", 1),
    (OSError(28, "No space left on device"), "the disk is full: free some space and start again; what was stored stays.", 1),
    (OSError(27, "File too large"), "no file may become that large here: lift that limit and start again; what was stored stays.", 1),
    (OSError("odd"), "odd: check the path and its permissions.", 1),
    (KeyboardInterrupt(), "Interrupted. What was stored stays; give the same command again to go on.", 130),
])  # fmt: skip
def test_what_the_system_says_is_told_with_what_to_do(once, monkeypatch, error, said, code):
    def broken(*_args):
        raise error

    monkeypatch.setattr("harvest.lookup.look_up", broken)
    assert sentence(harvest(once, "find", "x", code=code).stderr) == said


def test_a_pipe_that_is_closed_is_no_fault(once, monkeypatch):
    def broken(*_args):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("harvest.lookup.look_up", broken)
    assert "Error" not in harvest(once, "find", "x", code=1).stderr


def test_a_command_that_does_not_exist_is_no_module(once):
    assert app.cli.get_command(None, "xyzzy") is None
    assert harvest(once, code=2).stderr.startswith("Usage: harvest")
    assert rows(once, "SELECT count(*) FROM run") == [(2,)]


def test_a_closed_review_is_ended_in_one_call(review):
    code, out, err = ended(started(review, "db", "verify"))
    assert (code, out, err) == (0, "", "Everything is as it was stored.\n")

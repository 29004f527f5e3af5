"""The rules of the house, which no single room can keep for itself."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
import socket
import statistics
import subprocess
import sys
from pathlib import Path

import click
import pytest
import requests

import harvest.cli
from db import errors
from harvest.catalogue import BUILT_IN
from harvest.cli import cli, fence, main
from harvest.project import folder as project_folder

ROOT = Path(__file__).parent.parent
PACKAGES = ("harvest", "dedupe", "screen", "db")
HEAVY = (
    "sklearn", "scipy", "numpy", "rapidfuzz", "openpyxl", "requests", "Bio", "pydantic", "rich", "sqlite_utils",
    "tenacity", "docx", "flask",
)  # fmt: skip

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in MODULES}


def _python(code: str, folder: Path, *before: Path) -> subprocess.CompletedProcess[str]:
    """Another Python, started in a folder; `before` stands in front of our checkout on its path."""
    path = os.pathsep.join(map(str, (*before, ROOT)))
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip


# -- sizes -------------------------------------------------------------------------------------------


def test_functions_are_short():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    sizes = {
        f"{path.relative_to(ROOT)}: {node.name}": node.end_lineno - node.lineno + 1
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, functions)
    }
    ordered = sorted(sizes.values())
    assert len(ordered) > 500
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert statistics.median(ordered) <= 9
    assert ordered[len(ordered) * 9 // 10] <= 30


def test_files_are_short():
    lines = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {str(path): size for path, size in lines.items() if size > 450} == {}


def test_every_module_says_what_it_is_for():
    silent = [str(path.relative_to(ROOT)) for path, tree in TREES.items() if not ast.get_docstring(tree)]
    assert silent == []


# -- what knows what ---------------------------------------------------------------------------------


def test_imports_point_down(tmp_path):
    done = _python(
        "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])", ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_way_in_is_quick_because_nothing_heavy_is_imported(tmp_path):
    code = (
        "import sys; sys.argv = ['harvest', '--help']\n"
        "from harvest.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = _python(code, tmp_path)
    assert "Stored search strings in" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_the_project_file_knows_the_same_sources_as_the_catalogue():
    assert set(project_folder.BUILT_IN) == set(BUILT_IN)


def test_no_file_names_a_place_of_the_computer_it_was_written_on():
    places = {str(place) for place in (ROOT, Path(sys.prefix), Path.home()) if len(place.parts) > 1}
    named = [
        f"{path.relative_to(ROOT)}: {place}"
        for path in _texts()
        for place in places
        if re.search(rf"{re.escape(place)}(?![\w-])", path.read_text("utf-8", "replace"))
    ]
    assert named == []


def _texts() -> list[Path]:
    """Every text of the project but recorded answers."""
    folders = (*PACKAGES, "tests", "docs", "examples", "benchmarks", ".ci")
    kinds = {".py", ".md", ".toml", ".sql", ".txt", ""}
    found = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".coverage")]
    found += [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    caches = re.compile(r"__pycache__|\.\w+_cache|tests/data")
    return [path for path in found if path.suffix in kinds and not caches.search(path.as_posix())]


# -- the command line --------------------------------------------------------------------------------

NO_JSON = {
    **dict.fromkeys(
        ("study label", "study primary", "study state"), "one sentence; `study show --json` tells the rest"
    ),
    "fulltext set": "one sentence; `fulltext list --json` tells the rest",
    "new": "prints paths, one a line",
    "schedule": "prints a text for another program",
    "same join": "one sentence; `same show --json` tells the rest",
    "same split": "as `same join`",
    "same undo": "as `same join`",
    "decide": "one sentence; `votes --json` tells the rest",
    "postpone": "as `decide`; `status --json` counts",
    "desk": "prints one address",
    "db backup": "prints one path",
    "db reread": "one sentence",
}
NO_DRY_RUN = {
    **dict.fromkeys(
        (
            "check",
            "filters",
            "status",
            "find",
            "sources",
            "schedule",
            "same list",
            "same show",
            "same trial",
            "fulltext list",
            "study show",
            "rank why",
            "rank log",
            "rank check",
            "db verify",
            "db sql",
            "pilot status",
            "votes",
        ),
        "writes nothing",
    ),
    "study list": "writes nothing but the labels that --keep asks for",
    "reproduce": "writes nothing but a note that it was done",
    "desk": "every key is one vote, and `z` takes it back",
    "db backup": "writes one new file, and never over another",
    "db rebuild": "as `db backup`",
    "simulate": "writes nothing but the picture that --plot asks for",
    "rank status": "as `simulate`",
    "bundle verify": "writes nothing",
    "same review": "every key is one answer, and `u` takes it back; `same answer` can be rehearsed",
}


def _commands() -> dict[str, click.Command]:
    """Every command and group by the words one types."""
    found: dict[str, click.Command] = {}

    def walk(group: click.Group, words: tuple[str, ...]) -> None:
        context = click.Context(group, info_name=" ".join(words))
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found[" ".join((*words, name))] = command
            if isinstance(command, click.Group):
                walk(command, (*words, name))

    walk(cli, ())
    return found


COMMANDS = _commands()
LEAVES = {name: command for name, command in COMMANDS.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example_and_stands_in_the_docs(name):
    command = COMMANDS[name]
    summary, _, example = inspect.cleandoc(command.help or "").partition("\b\n")
    assert summary.strip().endswith(".")
    assert example.startswith(f"harvest {name}")
    assert f"## harvest {name}\n" in (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


@pytest.mark.parametrize("name", LEAVES)
def test_every_example_can_be_typed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, file in (
        ("decisions", "ana.xlsx"),
        ("decisions", "rayyan.zip"),
        ("decisions", "covidence_irrelevant.csv"),
        (".", "embase.ris"),
        (".", "handsearch.xlsx"),
        (".", "answers.json"),
        (".", "fulltexts.csv"),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / file).touch()
    _, _, examples = inspect.cleandoc(LEAVES[name].help or "").partition("\b\n")
    for line in examples.strip().splitlines():
        words = shlex.split(line.partition(">>")[0])[1 + len(name.split()) :]
        LEAVES[name].make_context(name, words)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_speaks_to_scripts_and_can_be_rehearsed(name):
    options = {option for parameter in LEAVES[name].params for option in parameter.opts}
    assert ("--json" in options) != (name in NO_JSON)
    assert ("--dry-run" in options) != (name in NO_DRY_RUN)


def test_the_exceptions_are_about_commands_that_exist():
    assert (NO_JSON.keys() | NO_DRY_RUN.keys()) - LEAVES.keys() == set()


def _codes_of_errors() -> dict[str, int]:
    found, waiting = {}, [errors.HarvestError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind.exit_code
        waiting += [sub for sub in kind.__subclasses__() if sub.__module__ == errors.__name__]
    return found


def test_exit_codes_in_the_docs_are_those_of_the_errors():
    table = (ROOT / "docs" / "cli.md").read_text("utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    done, news, interrupted = 0, 10, 130
    assert told == {done, news, interrupted, *_codes_of_errors().values()}


def test_the_tree_of_errors_is_drawn_as_it_stands():
    drawn = re.findall(r"^[│ ]*[├└]── (\w+)(?: +\((\d)\))?", errors.__doc__ or "", re.MULTILINE)
    real = _codes_of_errors()
    assert {name for name, _ in drawn} | {"HarvestError"} == set(real)
    assert {name: int(code) for name, code in drawn if code} == {
        name: real[name] for name, code in drawn if code
    }


# -- the fence ---------------------------------------------------------------------------------------

START = "import sys; sys.argv = ['harvest', '--version']; from harvest.cli import main; main()"


def test_among_its_own_it_starts(tmp_path):
    assert _python(START, tmp_path).stdout.startswith("harvest, version")


@pytest.mark.parametrize("name", ["db", "dedupe", "screen"])
def test_a_stranger_of_the_same_name_stops_it_with_a_sentence(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("raise RuntimeError('never run')")
    done = _python(START, tmp_path, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: the package '{name}' that Python finds")
    assert f"a folder that holds a '{name}.py'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_project_installed_over_it_stops_it_with_a_sentence(tmp_path):
    information = tmp_path / "dedupe-3.0.3.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: dedupe\nVersion: 3.0.3\n")
    done = _python(START, tmp_path, tmp_path)
    assert done.returncode == 1
    assert "the project 'dedupe' 3.0.3 is installed in the same environment" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_fence_is_asked_first(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["harvest", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "harvest, version" in capsys.readouterr().out
    monkeypatch.setattr(fence, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="the package 'harvest' that Python finds \\(nowhere\\)"):
        main()


def test_the_fence_sees_who_was_installed(monkeypatch, tmp_path):
    information = tmp_path / "db-0.1.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: db\nVersion: 0.1.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SystemExit, match=r"the project .db. 0\.1\.1 is installed"):
        fence.check_siblings()


def test_the_command_line_gives_nothing_else_away():
    with pytest.raises(AttributeError, match="no attribute 'clo'"):
        _ = harvest.cli.clo


# -- the door ----------------------------------------------------------------------------------------


def test_the_network_is_a_closed_door():
    with pytest.raises(AssertionError, match=r"tried to look up eutils\.ncbi"):
        requests.get("https://eutils.ncbi.nlm.nih.gov", timeout=1)
    with socket.socket() as line, pytest.raises(AssertionError, match=r"tried to reach 192\.0\.2\.1"):
        line.connect(("192.0.2.1", 80))


def test_the_environment_says_nothing():
    assert [name for name in os.environ if name.startswith(("HARVEST_", "NCBI_"))] == []
    assert os.environ["NO_COLOR"]

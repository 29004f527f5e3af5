"""The docs say what is: generated parts are fresh, links lead somewhere, examples can be typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from harvest.catalogue import BUILT_IN
from harvest.cli import cli
from harvest.project.settings import ReviewFile

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    prose = _FENCED.sub("", page.read_text("utf-8"))
    targets = [target for target in _LINK.findall(prose) if not target.startswith(("http", "mailto:"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_generated_parts_are_fresh():
    pages = [_name(page) for page in PAGES if page.parent in (ROOT, ROOT / "docs")]
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", *pages],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_in_the_docs_can_be_typed(page):
    lines = [
        line.removeprefix("$ ").partition(" #")[0]
        for language, block in _FENCED.findall(page.read_text("utf-8"))
        for line in block.splitlines()
        if language in ("sh", "bash", "console")
    ]
    for line in lines:
        if line.startswith("harvest "):
            _type(shlex.split(line.partition(" >")[0])[1:])


def _type(words: list[str]) -> None:
    """Parse as far as the file system is not needed."""
    group: click.Command = cli
    while isinstance(group, click.Group):
        context = click.Context(group, info_name="harvest")
        parser = group.make_parser(context)
        parser.allow_interspersed_args = False
        _, words, _ = parser.parse_args(list(words))
        if not words:
            return
        found = group.get_command(context, words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        group, words = found, words[1:]
    _, rest, _ = group.make_parser(click.Context(group)).parse_args(list(words))
    assert rest == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_review_toml_in_the_docs_is_one(page):
    for language, block in _FENCED.findall(page.read_text("utf-8")):
        if language == "toml" and "[project" not in block:
            ReviewFile.model_validate(tomllib.loads(block))


def test_every_key_of_review_toml_is_explained():
    explained = set(
        re.findall(r"^\| `([\w.]+)` \|", (ROOT / "docs" / "review-toml.md").read_text("utf-8"), re.MULTILINE)
    )
    assert explained == set(_keys(ReviewFile.model_json_schema()))


def _keys(schema: dict, node: dict | None = None, above: str = "") -> list[str]:
    """Paths of all keys that hold a value, without the numbers of list items."""
    node = node or schema
    found = []
    for name, shape in node.get("properties", {}).items():
        inner = _table(schema, shape)
        found += _keys(schema, inner, f"{above}{name}.") if inner else [above + name]
        if name == "exclude" and inner:
            found.append(above + name)
    return found


def _table(schema: dict, shape: dict) -> dict | None:
    """The table behind a key; None when it holds a plain value."""
    for part in (shape, shape.get("items", {}), shape.get("additionalProperties") or {}):
        if isinstance(part, dict) and "$ref" in part:
            target = schema["$defs"][part["$ref"].rpartition("/")[2]]
            return target if "properties" in target else None
    return None


def test_every_source_has_its_paragraph():
    text = (ROOT / "docs" / "sources.md").read_text("utf-8")
    assert [name for name in BUILT_IN if f'`source = "{name}"`' not in text] == []


def test_no_line_is_endless():
    """Generated tables aside, prose is broken where a diff can show what was changed."""
    printed = {  # what a program prints, with strategies as they are
        ROOT / "docs" / "prisma-s-example.md", ROOT / "docs" / "worked-example" / "searches.md",
    }  # fmt: skip
    long = [
        f"{_name(page)}:{number}"
        for page in PAGES
        if page not in printed
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if len(line) > 160
        and not line.startswith(("|", "- **", "Dates, ", "Comments and", "Only ever", "Never deleted"))
    ]
    assert long == []

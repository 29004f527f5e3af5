"""Review folders for tests: a small good one to be spoilt, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from db.errors import Problem
from harvest.project import problems

DATA = Path(__file__).parent / "data" / "projects"

SMALL = """\
title = "A review"
question = "Does it help?"
contact.email = "ana@example.org"

[[search]]
name = "pubmed"
source = "pubmed"
query = "searches/pubmed.txt"

[screening]
reviewers = ["ana", "ben"]
"""


def make(folder: Path, toml: str | bytes = SMALL, **files: str) -> Path:
    """Make a review folder of a `review.toml` and other files."""
    for name in ("searches", "imports"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "review.toml").write_bytes(toml.encode() if isinstance(toml, str) else toml)
    for path, text in ({"searches/pubmed.txt": "psychotherapy[tiab]\n"} | files).items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def said(found: Iterable[Problem]) -> list[str]:
    """Problems as lines."""
    return [f"{'warning' if problem.warning else 'error'}: {problem}" for problem in found]


def only(folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """The one thing wrong with a folder."""
    (line,) = said(problems(folder, environ or {}))
    return line

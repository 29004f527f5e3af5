"""The worked example: it plays as it is written down, and shows what it promises."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from db.verify import verify

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "worked-example"


@pytest.fixture(scope="module")
def walk():
    sys.path.insert(0, str(ROOT / "examples" / "parent_infant_psychotherapy"))
    spec = importlib.util.spec_from_file_location(
        "walk", ROOT / "examples" / "parent_infant_psychotherapy" / "walk.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.pop(0)


def test_the_walk_comes_out_as_it_is_written_down(walk, tmp_path, capsys):
    folder = tmp_path / "walk"
    walk.main(folder)
    said = capsys.readouterr().out
    again = "python examples/parent_infant_psychotherapy/walk.py FOLDER > docs/worked-example/transcript.txt"
    assert said == (PAGES / "transcript.txt").read_text("utf-8"), again
    for name in ("prisma.svg", "searches.md"):
        assert (folder / "reports" / name).read_bytes() == (PAGES / name).read_bytes(), name
    for promised in (
        "title and abstract: conflict", "second look", "the library has no copy", "Reports not retrieved",
        "NCT00923559", "Cicchetti 1999a", "is not retrieved", "10 records → 8 reports",
    ):  # fmt: skip
        assert promised in said
    assert list(verify(folder / "review.db")) == []

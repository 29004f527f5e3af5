"""The transcripts in the docs: each scene still plays as it is written down, and shows what it promises."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_SPEC = importlib.util.spec_from_file_location("run_transcripts", ROOT / "benchmarks" / "run_transcripts.py")
assert _SPEC
assert _SPEC.loader
scenes = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(scenes)

SHOWN = {
    "update": (
        "new in the source", "newly matching", "strategy edited", "withdrawn by the source", "no longer matching",
        "there since 2024-03-02; listed", "+3. video feedback[tiab]", "[exit code 0]",
    ),
    "lost": ("ALARM: an included record is no longer found: H0000", "included at title and abstract", "[exit code 4]"),
    "known": ("not matched", "line 4: postnatal depression[tiab]", "line 3: #1 OR #2", "not in this source"),
    "lines": ("#3 AND #4 AND #5", "hits per line, 2016-01-13"),
    "reproduced": ("what was held by 2016-01-13", "+8.3 %", "-16.7 %", "NO", "withdrawn by the source", "[exit code 4]"),
    "archive": ("0 records read differently", "nothing differs", "The guard revision_refuses_update is gone", "is not what was stored"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_a_scene_shows_what_it_promises_and_stands_in_the_docs(name):
    said = scenes.transcript(name)
    assert [words for words in SHOWN[name] if words not in said] == []
    written = (scenes.TARGET / f"{name}.txt").read_text("utf-8")
    assert said == written, f"python benchmarks/run_transcripts.py {name}"


def test_every_scene_has_a_transcript():
    assert {path.stem for path in scenes.TARGET.glob("*.txt")} == set(scenes.SCENES)

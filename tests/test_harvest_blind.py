"""Two people are blind to each other: whatever is made for Ana, or for nobody in particular, holds nothing of Ben's."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from reviews import harvest, rows, told
from screenings import FULL_TEXT, TITLE, both, designed, screening
from stores import opened

from db.errors import WrongUse
from db.opinion import Link
from harvest import blind
from harvest.project import load
from harvest.voting import decide

SECRET = "Zwiebelkuchen"
"""A note of Ben's."""


@pytest.fixture
def folder(tmp_path):
    return screening(tmp_path / "review")


@pytest.fixture
def project(folder):
    return load(folder, environ={})


@pytest.fixture
def store(folder):
    with opened(folder / "review.db") as store:
        yield store


def packed(path: Path) -> bytes:
    """Everything in a file, also what a workbook packs away."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


AS_ANA = (
    ("queue", "export", "--reviewer", "ana", "--format", "csv"),
    ("queue", "export", "--reviewer", "ana", "--format", "xlsx"),
    ("queue", "export", "--reviewer", "ana", "--format", "ris"),
    ("queue", "export", "--reviewer", "ana", "--audit", "5", "--format", "csv"),
    ("queue", "export", "--reviewer", "ana", "--stage", "full-text", "--format", "xlsx"),
    ("votes", "--reviewer", "ana"),
    ("votes", "H000001", "--reviewer", "ana"),
    ("votes", "--reviewer", "ana", "--stage", "full-text"),
    ("resolve",),
    ("status",),
    ("pilot", "status"),
    ("find", "trial"),
    ("same", "list", "--related"),
    ("same", "show", "H000001", "H000002"),
    ("rank", "why", "H000003", "--reviewer", "ana"),
    ("report", "notices"),
    ("report", "yield"),
)


@pytest.mark.parametrize("words", AS_ANA, ids=" ".join)
def test_nothing_that_is_made_for_ana_changes_with_what_ben_has_said(tmp_path, words):
    shown = {verdict: _seen_by_ana(tmp_path / verdict, verdict, words) for verdict in ("include", "exclude")}
    for seen in shown.values():
        assert SECRET.encode() not in seen
    assert shown["include"] == shown["exclude"]


def _seen_by_ana(folder: Path, verdict: str, words: tuple[str, ...]) -> bytes:
    """What one command shows Ana, and the files it writes, after Ben has voted on four of the twelve."""
    screening(folder)
    with opened(folder / "review.db") as store:
        project = load(folder, environ={})
        store.add_links([Link(1, 2, "same study", by="cleo", kind="retraction")])
        for number in range(9, 11):
            both(store, project, number, "include", "include")
        harvest(folder, "rank")
        for number in (1, 2, 3, 4):
            decide(store, project, f"H{number}", verdict, "ben", note=SECRET)
        decide(
            store,
            project,
            "H9",
            verdict,
            "ben",
            "design" if verdict == "exclude" else "",
            SECRET,
            stage=FULL_TEXT,
        )
    said = harvest(folder, *words)
    files = sorted((folder / "queues").glob("*")) if (folder / "queues").is_dir() else []
    made = b"".join(
        packed(path) for path in files if path.suffix != ".xlsx" or SECRET.encode() in packed(path)
    )
    told_all = f"{said.stdout}{said.stderr}".replace(str(folder), "")
    return told_all.encode() + made


def test_votes_are_seen_by_whoever_has_voted_and_no_sooner(folder, store, project):
    decide(store, project, "H1", "exclude", "ben", "design", SECRET)
    assert told(folder, "votes", "--reviewer", "ana") == []
    decide(store, project, "H1", "include", "ana")
    seen = told(folder, "votes", "H1", "--reviewer", "ana")
    assert [(v["reviewer"], v["verdict"], v["note"]) for v in seen] == [
        ("ben", "exclude", SECRET),
        ("ana", "include", ""),
    ]
    decide(store, project, "H1", "withdrawn", "ana")  # to judge anew is to judge alone
    assert {v["reviewer"] for v in told(folder, "votes", "--reviewer", "ana")} == {"ana"}
    assert "changed since" in harvest(folder, "votes", "--reviewer", "ana").stdout


def test_a_second_look_is_listed_to_whoever_has_to_take_it(folder, store, project):
    both(store, project, 1, "include", "include")
    both(store, project, 2, "exclude", "include")
    store.set_membership({2: (1, 1)})
    twice = told(folder, "votes", "--second-look", "--reviewer", "ana")
    assert [(v["record"], v["verdict"]) for v in twice] == [("H000001", "include"), ("H000002", "exclude")]
    assert told(folder, "votes", "--second-look", "--reviewer", "ben") == []
    (title, _) = told(folder, "status")["stages"]
    assert [(r["name"], r["second_look"]) for r in title["reviewers"]] == [("ana", 1), ("ben", 0)]
    decide(store, project, "H1", "include", "ana")
    assert told(folder, "votes", "--second-look", "--reviewer", "ana") == []


def test_a_stage_is_opened_by_a_recorded_event_and_only_that_stage(folder, store, project):
    decide(store, project, "H1", "exclude", "ben", note=SECRET)
    harvest(
        folder,
        "unblind",
        "--stage",
        "title-abstract",
        "--by",
        "cleo",
        "--because",
        "all is read",
        "--dry-run",
    )
    assert told(folder, "votes", "--reviewer", "ana") == []
    assert blind.told(store, project)[1].verdicts == {}
    opening = ("unblind", "--stage", "title-abstract", "--by", "cleo", "--because", "all is read")
    assert told(folder, *opening)["stage"] == TITLE
    assert [v["note"] for v in told(folder, "votes", "--reviewer", "ana")] == [SECRET]
    assert blind.told(store, project)[1].verdicts == {"ben": "exclude"}
    assert rows(folder, "SELECT stage, by, because FROM unblinding") == [(TITLE, "cleo", "all is read")]
    assert "are open since 2026-11-22, by cleo" in harvest(folder, *opening, code=2).stderr
    assert store.unblinded(FULL_TEXT) is None
    assert "open to all since" in harvest(folder, "status").stderr
    assert "Say which stage" in harvest(folder, "unblind", "--by", "cleo", "--because", "x", code=2).stderr


def test_who_may_open_the_votes(folder, store, project):
    with pytest.raises(WrongUse, match="'ana' cannot open the votes of this review: cleo can"):
        blind.unblind(store, project, TITLE, "ana", "curious")
    with pytest.raises(WrongUse, match="needs a reason"):
        blind.unblind(store, project, TITLE, "cleo", " ")
    alone = designed(folder, 'reviewers = ["ana", "ben"]\n')
    assert blind.unblind(store, alone, TITLE, "ben", "there is no arbiter").by == "ben"


def test_the_log_of_the_rankings_withholds_what_it_learnt_from_a_vote_that_stands_alone(
    folder, store, project
):
    both(store, project, 1, "include", "include")
    decide(store, project, "H2", "exclude", "ben")
    harvest(folder, "rank")
    newest = told(folder, "rank", "log")[0]
    assert (newest["labels"], newest["labels_withheld"]) == ({"H000001": 1.0}, 1)
    decide(store, project, "H2", "exclude", "ana")
    assert told(folder, "rank", "log", newest["ranking"])["labels"] == {"H000001": 1.0, "H000002": 0.0}
    decide(store, project, "H3", "include", "ben")
    harvest(folder, "rank")
    assert "H000003" not in told(folder, "rank", "log", 2)["labels"]
    harvest(folder, "unblind", "--stage", "title-abstract", "--by", "cleo", "--because", "all is read")
    assert told(folder, "rank", "log", 2)["labels"]["H000003"] == 1.0

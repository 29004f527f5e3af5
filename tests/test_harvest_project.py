"""A review folder is loaded whole: settings, strategies, export files."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from review_folders import DATA, SMALL, make, only, said

from harvest.project import load, problems
from harvest.source import Search


@pytest.fixture
def write(tmp_path):
    return partial(make, tmp_path)


@pytest.fixture
def example(tmp_path):
    folder = Path(shutil.copytree(DATA / "parent-infant", tmp_path / "parent-infant"))
    (folder / "imports").mkdir()
    return folder


# -- a good folder ------------------------------------------------------------------------------------


def test_a_review_is_loaded_with_its_strategies(example):
    project = load(example, {})
    assert project.title == "Parent-infant psychotherapy for improving parental and infant mental health"
    assert project.question.startswith("Does parent-infant psychotherapy improve parents' and infants'")
    assert project.protocol.date == "2013"
    assert project.contact.name == "Ana"
    assert project.criteria.comparison[-1] == "Other treatment"
    assert project.criteria.design == ("Randomised and quasi-randomised controlled trials",)
    assert [reason.code for reason in project.criteria.reasons("title and abstract")] == ["design", "age"]
    assert [reason.code for reason in project.criteria.reasons("full text")] == ["design", "age", "no-dyad"]
    assert project.methods.citations.startswith("Reference lists")
    assert project.reviewers == ("ana", "ben")
    assert (project.screening.per_record, project.screening.arbiter) == (2, "cleo")
    ranking = project.ranking
    assert (ranking.model, ranking.seed, ranking.parameters) == ("topic-2", 7, {"criteria": 1.0})
    assert (ranking.mix_random, ranking.mix_uncertain, ranking.why, project.earlier) == (0.05, 0.0, False, ())
    assert (ranking.target, ranking.confidence) == (0.95, 0.95)
    assert not project.duplicates.ask
    assert (project.schedule.every, project.schedule.day, project.schedule.time) == (
        "weekly",
        "Tuesday",
        "03:30",
    )


def test_known_records_come_in_one_form(example):
    known = load(example, {}).known
    assert known.pmids == ("2022136", "12724244")
    assert known.dois == ("10.1002/imhj.20291",)
    assert known.nct == ("NCT00923559",)


def test_searches_are_what_sources_are_asked(example):
    project = load(example, {})
    pubmed, trials, medline = project.plans
    assert project.searches == (pubmed.search, trials.search, medline.search)
    assert isinstance(pubmed.search, Search)
    assert pubmed.search.stored == (example / "searches/pubmed.txt").read_bytes()
    assert pubmed.search.query
    assert (pubmed.file, pubmed.limits) == ("searches/pubmed.txt", "No limits of language or date")
    assert not pubmed.by_hand
    assert trials.search.options["query.intr"] == "psychotherapy"
    assert trials.search.options["filter.overallStatus"] == "COMPLETED"


def test_a_search_by_hand_keeps_its_strategy_as_it_was_written(example):
    plan = load(example, {}).plans[2]
    assert plan.by_hand
    assert plan.search.stored == (example / "searches/medline_ovid.txt").read_bytes()
    assert plan.search.query.splitlines()[-1] == "41 29 and 40"
    assert plan.search.options == {"database": "MEDLINE", "platform": "Ovid"}
    assert plan.date == "2014-01-13"


def test_export_files_are_found_by_glob_and_hidden_ones_are_not(example):
    project = load(example, {})
    assert project.files_of(project.plans[2]) == ()
    for name in (
        "2014_medline_b.ris",
        "2014_medline_a.ris",
        ".medline.ris",
        "~$medline.xlsx",
        "2014_embase.ris",
    ):
        (project.imports / name).write_text("")
    (project.imports / "medline").mkdir()
    names = [path.name for path in project.files_of(project.plans[2])]
    assert names == ["2014_medline_a.ris", "2014_medline_b.ris"]
    assert project.files_of(project.plans[0]) == ()


def test_the_folder_knows_its_parts(example, monkeypatch):
    monkeypatch.chdir(example)
    project = load(Path(), {})
    assert project.folder == example
    parts = (project.review_toml, project.database, project.imports, project.queues, project.decisions)
    assert [part.name for part in parts] == ["review.toml", "review.db", "imports", "queues", "decisions"]
    assert project.reports == example / "reports"


def test_warnings_are_kept_and_do_not_stop(example):
    project = load(example, {})
    assert said(project.warnings) == [
        "warning: review.toml: search[3].files (line 56): no file is called imports/*medline* yet; imports/ is empty"
    ]
    assert problems(example, {}) == project.warnings


def test_a_project_cannot_be_changed(example):
    project = load(example, {})
    with pytest.raises(AttributeError):
        project.folder = Path()  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        project.review.title = "Another"  # type: ignore[misc]


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf" + SMALL.encode(), SMALL.replace("\n", "\r\n").encode()])
def test_what_windows_editors_write_is_read(write, body):
    assert load(write(body), {}).title == "A review"


# -- files --------------------------------------------------------------------------------------------


def test_what_is_wrong_in_a_strategy_is_a_problem_of_the_folder(write):
    assert only(write(**{"searches/pubmed.txt": "\n\n"})).startswith("error: searches/pubmed.txt: ")
    line = only(write(**{"searches/pubmed.txt": "#1 a[ti]\n#2 b[ti]\n#3 #1 OR #2 OR #9\n"}))
    assert line.startswith("error: searches/pubmed.txt: line 3")


def test_where_nothing_is_sent_a_strategy_stops_no_run(write):
    folder = write(
        SMALL + by_hand("embase", "imports/*"),
        **{"imports/a.ris": "", "searches/x.txt": "1 (a\n2 b\n3 1 or 7\n"},
    )
    toml = (
        (folder / "review.toml")
        .read_text()
        .replace('files = "imports/*"\nquery = "searches/pubmed', 'files = "imports/*"\nquery = "searches/x')
    )
    (folder / "review.toml").write_text(toml)
    found = problems(folder, {})
    assert found
    assert all(problem.warning and problem.file == "searches/x.txt" for problem in found)
    assert load(folder, {}).searches[1].query == "1 (a\n2 b\n3 1 or 7"


def test_an_option_is_said_in_one_place(write):
    toml = SMALL.replace('source = "pubmed"', 'source = "clinicaltrials"\noptions.query.cond = "anxiety"')
    folder = write(toml, **{"searches/pubmed.txt": "cond: depression\nintr: psychotherapy\n"})
    assert only(folder) == (
        "error: review.toml: search[1].options.query.cond (line 8): says something else about query.cond than "
        "searches/pubmed.txt does: say it in one place"
    )
    (folder / "searches/pubmed.txt").write_text("cond: anxiety\nintr: psychotherapy\n")
    (search,) = load(folder, {}).searches
    assert search.query == ""
    assert search.options == {"query.cond": "anxiety", "query.intr": "psychotherapy"}


def test_a_link_out_of_the_folder_is_refused(write, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.txt"
    outside.write_text("a secret")
    folder = write()
    (folder / "searches/pubmed.txt").unlink()
    (folder / "searches/pubmed.txt").symlink_to(outside)
    assert "is a link that leaves the review folder" in only(folder)


def by_hand(name: str, files: str) -> str:
    return (
        f'\n[[search]]\nname = "{name}"\nsource = "file"\ndatabase = "Embase"\nplatform = "Ovid"\n'
        f'files = "{files}"\nquery = "searches/pubmed.txt"\n'
    )


def test_a_file_two_searches_take_would_count_twice(write):
    folder = write(SMALL + by_hand("embase", "imports/*embase*") + by_hand("ovid", "imports/*ovid*"))
    (folder / "imports" / "2026_embase_ovid.ris").write_text("")
    assert only(folder) == (
        "error: imports/2026_embase_ovid.ris: is taken by the searches embase, ovid and would count twice: "
        "narrow their `files`"
    )


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            "imports/*cinahl*",
            "warning: review.toml: search[2].files (line 18): no file is called imports/*cinahl* yet; imports/ holds a.ris",
        ),
        ("../*.ris", "error: review.toml: search[2].files (line 18): ../*.ris leaves the review folder"),
        ("imports/**.ris", "names no file"),
    ],
)
def test_a_glob_is_looked_at(write, files, line):
    folder = write(SMALL + by_hand("hand", files))
    (folder / "imports" / "a.ris").write_text("")
    assert line in only(folder)


def test_a_glob_does_not_follow_links_out_of_the_folder(write, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "a.ris"
    outside.write_text("")
    folder = write(SMALL + by_hand("hand", "imports/*.ris"))
    (folder / "imports" / "a.ris").symlink_to(outside)
    project = load(folder, {})
    assert project.files_of(project.plans[1]) == ()

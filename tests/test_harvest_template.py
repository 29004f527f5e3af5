"""A new review folder: complete, good from the start, never over anything, never half."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import WrongUse
from harvest import template
from harvest.project import load, problems


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_new_review_has_all_its_parts(tmp_path):
    folder = tmp_path / "reviews" / "mine"
    written = template.create(folder, None)
    assert [path.relative_to(folder).as_posix() for path in written] == template.files()
    assert template.files()[-1] == "review.toml"
    assert everything(folder) == sorted([*template.files(), *template.FOLDERS])


def test_a_new_review_loads_with_warnings_only(tmp_path):
    template.create(tmp_path / "mine", None)
    project = load(tmp_path / "mine", {})
    places = [problem.place.partition(" (")[0] or problem.file for problem in project.warnings]
    assert places == [
        "title",
        "question",
        "contact.email",
        "criteria.population",
        "criteria.intervention",
        "criteria.comparison",
        "criteria.outcomes",
        "screening.reviewers",
        "searches/pubmed.txt",
        "searches/clinicaltrials.txt",
    ]


def test_the_strategies_of_a_new_review_are_what_they_should_be(tmp_path):
    template.create(tmp_path / "mine", None)
    pubmed, trials = load(tmp_path / "mine", {}).searches
    # The filter as it stands in the Cochrane Handbook, 2008 revision for PubMed
    for line in (
        "randomized controlled trial[pt]",
        "controlled clinical trial[pt]",
        "randomized[tiab]",
        "placebo[tiab]",
        "drug therapy[sh]",
        "randomly[tiab]",
        "trial[tiab]",
        "groups[tiab]",
        "animals[mh] NOT humans[mh]",
    ):
        assert line in pubmed.query
    assert set(trials.options) == {"query.cond", "query.intr"}


def test_an_example_strategy_that_was_changed_draws_no_warning(tmp_path):
    template.create(tmp_path, "Mine")
    for name in ("pubmed", "clinicaltrials"):
        path = tmp_path / "searches" / f"{name}.txt"
        path.write_bytes(path.read_bytes().replace(b"infant", b"toddler"))
    assert [p for p in problems(tmp_path, {}) if p.file != "review.toml"] == []


@given(st.text(st.characters(codec="utf-8"), max_size=40).filter(str.strip))
@settings(max_examples=50, deadline=None)
def test_any_title_is_written_so_that_it_is_read_again(tmp_path_factory, title):
    folder = tmp_path_factory.mktemp("new")
    template.create(folder, title)
    assert load(folder, {}).title == " ".join(title.split())


def test_a_title_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(WrongUse, match="no text"):
        template.create(tmp_path / "mine", "\udcff")
    assert everything(tmp_path) == []


@pytest.mark.parametrize("title", [None, "", "  "])
def test_without_a_title_the_placeholder_stays(tmp_path, title):
    template.create(tmp_path, title)
    assert load(tmp_path, {}).title == "<Title of the review>"


def test_an_empty_folder_may_be_there_already(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    template.create(Path(), "Mine")
    assert load(tmp_path, {}).title == "Mine"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(WrongUse, match="is not empty"):
        template.create(tmp_path, None)
    with pytest.raises(WrongUse, match="is a file"):
        template.create(tmp_path / "thesis.docx", None)
    template.create(tmp_path / "mine", None)
    with pytest.raises(WrongUse, match="is a review already"):
        template.create(tmp_path / "mine", None)
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


@pytest.mark.parametrize("failing", [*template.files(), *template.FOLDERS])
def test_what_fails_halfway_leaves_nothing(tmp_path, monkeypatch, failing):
    open_, mkdir = Path.open, Path.mkdir

    def full(self, *args, **kwargs):
        if self.as_posix().endswith(f"/mine/{failing}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return (mkdir if self.name in template.FOLDERS or self.name in ("a", "mine") else open_)(
            self, *args, **kwargs
        )

    monkeypatch.setattr(Path, "open", full)
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(WrongUse, match="No space left on device"):
        template.create(tmp_path / "a" / "mine", None)
    assert everything(tmp_path) == []


def test_an_interrupt_leaves_nothing_either(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(template, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        template.create(tmp_path / "mine", None)
    assert everything(tmp_path) == []

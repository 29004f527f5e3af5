"""`harvest check`: everything wrong or doubtful, in the files and in the search strings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from db.errors import Problem, ProjectError, WrongUse
from harvest.catalogue import make
from harvest.project import Project, load, problems
from harvest.refresh import must_be_rankable
from harvest.transport import Transport


def look_through(folder: Path) -> list[Problem]:
    """Every error and warning of a review folder; asks nobody, writes nothing."""
    found = list(problems(folder))
    try:
        project = load(folder)
    except ProjectError:
        return found  # the search strings are looked at when the files are right
    return [*found, *_doubts(project)]


def _doubts(project: Project) -> Iterator[Problem]:
    """A model that nobody knows, and what each source finds doubtful in its search string."""
    try:
        must_be_rankable(project)
    except WrongUse as error:
        yield Problem("review.toml", "ranking", str(error))
    transport = Transport()
    for plan in project.plans:
        if plan.by_hand:
            continue
        source = make(plan.search.source, transport, {})
        for doubt in source.check(plan.search):
            yield Problem(plan.file or "review.toml", f"search {plan.search.name}", doubt, warning=True)

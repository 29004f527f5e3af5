"""From the `[[search]]` tables to what is asked: strategy files are read here, and only inside the folder."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from db.errors import Problem
from harvest import template
from harvest.project.checks import FILE_SOURCE
from harvest.project.reading import Finding
from harvest.project.settings import Method, ReviewFile, SearchTable
from harvest.source import Search
from harvest.strategy import Strategy, filters_of, read_strategy
from harvest.strategy.filters import described, written_for_others

USED_FILTERS = "filters"
"""The option that records which packaged filters a search has put in: name, version, digest."""

_NOT_EXPORTS = (".", "~$", "README")
"""Beginnings of file names in `imports/` that are no export files."""


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """One search of the project: what is asked, and what PRISMA-S wants to know about it."""

    search: Search
    file: str = ""
    """Path of the strategy file inside the review folder; empty when there is none."""
    database: str = ""
    """For export files: the database they come from …"""
    platform: str = ""
    """… and the platform it was searched on (PRISMA-S item 1)."""
    files: str = ""
    """Glob of the export files, relative to the review folder."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of these files → the field it fills, where the reviewer says so."""
    limits: str = ""
    """Limits and restrictions with their justification (item 9)."""
    filters: str = ""
    """Search filters with their citation (item 10)."""
    accept: Mapping[str, str] = field(default_factory=dict)
    """Code of a check → why what it finds here may stay."""
    date: str = ""
    """When it was run by hand (item 13)."""
    note: str = ""
    method: Method = ""
    """Which of PRISMA's other methods this is; empty for a database or a register."""

    @property
    def by_hand(self) -> bool:
        """True when somebody exports the records, and nobody is asked."""
        return self.search.source == FILE_SOURCE


def plans(folder: Path, review: ReviewFile) -> tuple[tuple[SearchPlan, ...], list[Finding], list[Problem]]:
    """The searches, what is wrong in their tables, and what is wrong in their strategy files."""
    found: list[SearchPlan] = []
    findings: list[Finding] = []
    problems: list[Problem] = []
    for index, table in enumerate(review.search):
        here = ("search", index)
        body, complaint = _stored(folder, table.query)
        findings += [Finding((*here, "query"), complaint)] if complaint else []
        strategy = Strategy(b"") if body is None else read_strategy(body, table.query)
        problems += _of_strategy(strategy, table)
        findings += _said_twice(strategy, table, here)
        findings += [Finding((*here, "files"), *rest) for rest in _glob_complaints(folder, table.files)]
        found.append(_plan(table, strategy))
    return tuple(found), findings, problems


def files_of(folder: Path, glob: str) -> tuple[Path, ...]:
    """The files inside the folder that a glob of `review.toml` means, sorted; hidden ones are left alone."""
    if not glob or _leaves(glob):
        return ()
    root = folder.resolve()
    inside = (path for path in folder.glob(glob) if path.is_file() and path.resolve().is_relative_to(root))
    return tuple(sorted(path for path in inside if not path.name.startswith(_NOT_EXPORTS)))


def counted_twice(folder: Path, searches: tuple[SearchPlan, ...]) -> Iterator[Problem]:
    """Export files that several searches take."""
    takers: dict[Path, list[str]] = {}
    for plan in searches:
        for path in files_of(folder, plan.files):
            takers.setdefault(path, []).append(plan.search.name)
    for path, names in sorted(takers.items()):
        if len(names) > 1:
            message = (
                f"is taken by the searches {', '.join(names)} and would count twice: narrow their `files`"
            )
            yield Problem(path.relative_to(folder).as_posix(), "", message)


def _plan(table: SearchTable, strategy: Strategy) -> SearchPlan:
    """A search by hand is never asked: its strategy is kept as it was written, in whatever dialect."""
    query, options = strategy.query, {**strategy.options, **table.options}
    if table.source == FILE_SOURCE:
        query = strategy.stored.decode("utf-8-sig", "replace").strip()
        options = {"database": table.database, "platform": table.platform, **table.options}
    elif used := filters_of(strategy):
        options = {**options, USED_FILTERS: described(used)}
    return SearchPlan(
        Search(table.name, table.source, query, strategy.stored, options),
        table.query,
        table.database,
        table.platform,
        table.files,
        table.columns,
        table.limits,
        table.filters,
        table.accept,
        table.date,
        table.note,
        table.method,
    )


# -- files --------------------------------------------------------------------------------------------


def earlier_missing(folder: Path, review: ReviewFile) -> Iterator[Finding]:
    """Files of an earlier version of the review that cannot be had."""
    for index, path in enumerate(review.ranking.earlier):
        if complaint := _leaves(path) or _absent(folder, path):
            yield Finding(("ranking", "earlier", index), complaint)


def known_missing(folder: Path, review: ReviewFile) -> Iterator[Finding]:
    """A file of known records that cannot be had: no run begins without it, and what only reads goes on."""
    path = review.known.file
    if path and (complaint := _leaves(path)):
        yield Finding(("known", "file"), complaint)
    elif path and (complaint := _absent(folder, path)):
        yield Finding(("known", "file"), complaint, True)


def previous_missing(folder: Path, review: ReviewFile) -> Iterator[Finding]:
    """The file of what the previous version included, when it cannot be had."""
    path = review.previous.file
    if path and (complaint := _leaves(path) or _absent(folder, path)):
        yield Finding(("previous", "file"), complaint)


def watch_missing(folder: Path, review: ReviewFile) -> Iterator[Finding]:
    """A Retraction Watch file that cannot be had: runs say so and go on, one that leaves the folder is an error."""
    path = review.notices.retraction_watch
    if path and (complaint := _leaves(path)):
        yield Finding(("notices", "retraction_watch"), complaint)
    elif path and (complaint := _absent(folder, path)):
        yield Finding(("notices", "retraction_watch"), complaint, True)


def _absent(folder: Path, path: str) -> str:
    """Why a file of records cannot be had; empty when it can."""
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        return f"{path} is a link that leaves the review folder: copy the file into it"
    return "" if (folder / path).is_file() else f"there is no file {path}: copy it into the review folder"


def _leaves(path: str) -> str:
    """Why a path of `review.toml` may not be used; empty when it may."""
    if "\\" in path:
        return "write the path with / on every computer, so that the folder can move"
    parts = PurePosixPath(path).parts
    if not parts or not path.isprintable() or "**" in path.replace("**/", ""):
        return "names no file: write a path from the review folder, such as searches/pubmed.txt"
    if parts[0] == "/" or ":" in parts[0] or ".." in parts:
        return f"{path} leaves the review folder: copy the file into it and write the path from there"
    return ""


def _stored(folder: Path, query: str) -> tuple[bytes | None, str]:
    """The strategy file byte for byte, or why it cannot be had."""
    if not query:
        return None, ""
    if complaint := _leaves(query):
        return None, complaint
    path = folder / query
    if not path.resolve().is_relative_to(folder.resolve()):
        return None, f"{query} is a link that leaves the review folder: copy the file into it"
    try:
        return path.read_bytes(), ""
    except FileNotFoundError:
        return None, f"there is no file {query}{_similar(folder, query)}"
    except OSError as error:
        return None, f"{query} cannot be read ({error.strerror}): look at what it is and at its rights"


def _similar(folder: Path, query: str) -> str:
    """Files a missing one may have been meant to be."""
    present = {
        path.name: f"searches/{path.name}" for path in sorted(folder.glob("searches/*")) if path.is_file()
    }
    close = difflib.get_close_matches(PurePosixPath(query).name, present, n=1)
    if close:
        return f"; did you mean {present[close[0]]}?"
    return f"; there are: {', '.join(present.values())}" if present else ": put the search string into it"


def _glob_complaints(folder: Path, glob: str) -> Iterator[tuple[str, bool]]:
    """What is wrong with the `files` of a search, and whether it is only a warning."""
    if not glob:
        return
    if complaint := _leaves(glob):
        yield complaint, False
    elif not files_of(folder, glob):
        present = ", ".join(path.name for path in files_of(folder, "imports/*"))
        there = f"imports/ holds {present}" if present else "imports/ is empty"
        yield f"no file is called {glob} yet; {there}", True


# -- strategies ---------------------------------------------------------------------------------------


def _said_twice(strategy: Strategy, table: SearchTable, here: tuple[str, int]) -> Iterator[Finding]:
    for key, value in strategy.options.items():
        if table.options.get(key, value) != value:
            message = f"says something else about {key} than {table.query} does: say it in one place"
            yield Finding((*here, "options", key), message)


def _of_strategy(strategy: Strategy, table: SearchTable) -> Iterator[Problem]:
    """What is wrong in the strategy file; where nothing is sent, it stops no run."""
    by_hand = table.source == FILE_SOURCE
    yield from (replace(problem, warning=problem.warning or by_hand) for problem in strategy.problems)
    if not by_hand:
        yield from written_for_others(strategy, table.source, table.query)
    if strategy.stored in template.strategies():
        message = "is still the example of the template: replace it by your own search string"
        yield Problem(table.query, "", message, warning=True)

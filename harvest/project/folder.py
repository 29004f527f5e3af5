"""A review folder → one frozen `Project`, or every problem at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from db.errors import Problem, ProjectError
from harvest.patience import Patience
from harvest.project import environment
from harvest.project.checks import FILE_SOURCE, check, unspoilt
from harvest.project.reading import FILE, read
from harvest.project.searches import (
    SearchPlan,
    counted_twice,
    earlier_missing,
    files_of,
    known_missing,
    plans,
    previous_missing,
    watch_missing,
)
from harvest.project.settings import (
    Contact,
    Criteria,
    Duplicates,
    Known,
    Methods,
    Network,
    Previous,
    Protocol,
    Ranking,
    ReviewFile,
    Schedule,
    Screening,
)
from harvest.source import Search

BUILT_IN = ("clinicaltrials", "crossref", "ctis", "doaj", "eric", "europepmc", "isrctn", "openalex", "pubmed")
"""Sources of our own; others announce themselves as entry points in the group `harvest.sources`."""


@dataclass(frozen=True, slots=True)
class Project:
    """One review, as its folder describes it."""

    folder: Path
    """Absolute."""
    review: ReviewFile
    """All that `review.toml` says."""
    plans: tuple[SearchPlan, ...]
    """The searches in the order of the file, with their strategies read."""
    network: Network
    """`[network]` with what the environment overrules."""
    warnings: tuple[Problem, ...] = ()
    """What should be changed, and does not stop a run."""

    @property
    def searches(self) -> tuple[Search, ...]:
        """What is asked, search by search."""
        return tuple(plan.search for plan in self.plans)

    @property
    def patience(self) -> Patience:
        """How long to wait and how often to ask again."""
        return Patience(**self.network.model_dump())

    @property
    def title(self) -> str:
        """Of the review."""
        return self.review.title

    @property
    def question(self) -> str:
        """The question the review answers; the ranking starts from it."""
        return self.review.question

    @property
    def protocol(self) -> Protocol:
        """Where the review was registered."""
        return self.review.protocol

    @property
    def contact(self) -> Contact:
        """Who answers for the review."""
        return self.review.contact

    @property
    def criteria(self) -> Criteria:
        """What belongs into the review, and the coded reasons for exclusion."""
        return self.review.criteria

    @property
    def methods(self) -> Methods:
        """What was searched by hand."""
        return self.review.methods

    @property
    def known(self) -> Known:
        """Records known to be relevant."""
        return self.review.known

    @property
    def previous(self) -> Previous:
        """What the version before this one included."""
        return self.review.previous

    @property
    def duplicates(self) -> Duplicates:
        """How careful to be with look-alikes."""
        return self.review.duplicates

    @property
    def screening(self) -> Screening:
        """Who reads."""
        return self.review.screening

    @property
    def ranking(self) -> Ranking:
        """In which order, how it is mixed, and when enough is read."""
        return self.review.ranking

    @property
    def earlier(self) -> tuple[Path, ...]:
        """Files with the decisions of an earlier version of the review."""
        return tuple(self.folder / path for path in self.review.ranking.earlier)

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Names of those who vote."""
        return self.review.screening.reviewers

    @property
    def schedule(self) -> Schedule:
        """When the searches shall run."""
        return self.review.schedule

    @property
    def review_toml(self) -> Path:
        """The file all this was read from."""
        return self.folder / FILE

    @property
    def database(self) -> Path:
        """What the review remembers; made by the first run."""
        return self.folder / "review.db"

    @property
    def imports(self) -> Path:
        """Export files from databases that are searched by hand."""
        return self.folder / "imports"

    @property
    def queues(self) -> Path:
        """What reviewers shall read next."""
        return self.folder / "queues"

    @property
    def decisions(self) -> Path:
        """Votes that come back."""
        return self.folder / "decisions"

    @property
    def reports(self) -> Path:
        """Diagrams, appendices, tables."""
        return self.folder / "reports"

    def files_of(self, plan: SearchPlan) -> tuple[Path, ...]:
        """The export files a search takes, sorted by name; none for a source that is asked."""
        return files_of(self.folder, plan.files)

    def source_settings(self, name: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """What a source needs to be told: url, requests_per_second, email, api_key; only what is set.

        The key is read here and now, and kept nowhere: show this to nobody.
        """
        return environment.source_settings(self.review, name, environ)


def load(
    folder: Path, environ: Mapping[str, str] = os.environ, sources: Collection[str] | None = None
) -> Project:
    """The review in a folder; `sources` are the names that may be asked (default: all installed ones).

    Raises `ProjectError` with everything that must be changed first.
    """
    project, found = look_through(folder, environ, sources)
    errors = [problem for problem in found if not problem.warning]
    if project is None or errors:
        raise ProjectError(errors)
    return project


def problems(
    folder: Path, environ: Mapping[str, str] = os.environ, sources: Collection[str] | None = None
) -> tuple[Problem, ...]:
    """Everything wrong or doubtful in a review folder, errors and warnings, file by file."""
    return look_through(folder, environ, sources)[1]


def known_sources() -> frozenset[str]:
    """Names that may stand as `source` of a search."""
    announced = {entry.name for entry in entry_points(group="harvest.sources")}
    return frozenset({FILE_SOURCE, *BUILT_IN, *announced})


def look_through(
    folder: Path, environ: Mapping[str, str] = os.environ, sources: Collection[str] | None = None
) -> tuple[Project | None, tuple[Problem, ...]]:
    """The review as far as it can be read, whatever is wrong with it, and everything that is wrong.

    None when there is no file that could be read at all.
    """
    folder = folder.absolute()
    known = known_sources() if sources is None else frozenset({FILE_SOURCE, *sources})
    try:
        body = (folder / FILE).read_bytes()
    except OSError as error:
        return None, (Problem(FILE, "", _absent(folder, error)),)
    reading = read(body)
    if reading.broken:
        return None, reading.broken
    review = reading.review
    network, beside = environment.network(review, environ)
    beside += environment.problems(review, known - {FILE_SOURCE}, environ)
    searches, findings, in_files = plans(folder, review)
    findings += [
        *check(review, known),
        *environment.unsaid(review, environ),
        *earlier_missing(folder, review),
        *watch_missing(folder, review),
        *known_missing(folder, review),
        *previous_missing(folder, review),
    ]
    inside = reading.problems([*reading.findings, *unspoilt(reading, findings)])
    found = [*inside, *in_files, *counted_twice(folder, searches), *beside]
    warnings = tuple(problem for problem in found if problem.warning)
    return Project(folder, review, searches, network, warnings), tuple(found)


def _absent(folder: Path, error: OSError) -> str:
    """Why there is no review here, and where there may be one."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"cannot be read ({error.strerror}): look at the rights of the file"
    above = next((parent for parent in folder.parents if (parent / FILE).is_file()), None)
    if above:
        return f"is not in {folder}: the review seems to be {above}, go there first"
    return f"is not in {folder}, so this is no review folder: make one with `harvest new NAME`"

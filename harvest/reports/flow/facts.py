"""What the flow of a review is counted from: read from the store once, with no number in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from db.store import Store
from harvest.fulltext import retrievals
from harvest.project import Project
from harvest.project.settings import Method
from harvest.reports.facts import searched
from harvest.reports.flow.previous import found_again
from harvest.screening import states
from harvest.studies import studies
from screen.agree import ReportState
from screen.plan import FULL_TEXT, TITLE

Column: TypeAlias = Literal["databases and registers", "other methods"]
DATABASES: Column = "databases and registers"
OTHER: Column = "other methods"

ONGOING, CLASSIFICATION = "ongoing", "awaiting classification"
"""States of a study that is no included study: the words of Cochrane."""


@dataclass(frozen=True, slots=True)
class Found:
    """By which search something came into the review."""

    search: str
    label: str
    """The database, the register, or what the method is called."""
    register: bool
    method: Method

    @property
    def column(self) -> Column:
        """In which column of the diagram it is counted."""
        return OTHER if self.method else DATABASES


@dataclass(frozen=True, slots=True)
class Facts:
    """The review at one moment."""

    found: Mapping[int, Found]
    """Record → the search that counts it: the first that found it, databases and registers before other methods.

    Below 0: what came as a record and could not be read, by the negative number of its row in `unreadable`.
    """
    groups: Mapping[int, tuple[int, int]]
    """Record → report and study."""
    columns: Mapping[int, Column]
    """Report → its column: databases and registers whenever one of its records came from there."""
    titles: Mapping[int, ReportState]
    """Report → where it stands by title and abstract; absent without votes."""
    texts: Mapping[int, ReportState]
    """The same for the full text."""
    retrieved: Mapping[int, str]
    """Report → the newest word on its full text."""
    studies: Mapping[int, str]
    """Study → ongoing, or awaiting classification; absent when it is neither."""
    again: frozenset[int]
    """Reports that the previous version of the review had included …"""
    earlier: frozenset[int]
    """… and the studies of these."""

    def report(self, record: int) -> int:
        """The report of a record; one not yet grouped stands for itself."""
        return self.groups.get(record, (record, record))[0]

    def study(self, report: int) -> int:
        """The study of a report."""
        return self.groups.get(report, (report, report))[1]


def facts(store: Store, project: Project) -> Facts:
    """Read what the flow is counted from."""
    groups = store.membership()
    found = _found(store, project)
    again = [groups.get(record, (record, record)) for record in found_again(store, project)]
    columns: dict[int, Column] = {}
    for record, by in found.items():
        report = groups.get(record, (record, record))[0]
        if record > 0 and columns.get(report) != DATABASES:
            columns[report] = by.column
    return Facts(
        found=found,
        groups=groups,
        columns=columns,
        titles=states(store, project, TITLE),
        texts=states(store, project, FULL_TEXT),
        retrieved={report: said.state for report, said in retrievals(store).items()},
        studies={
            study.number: study.standing
            for study in studies(store, project)
            if study.standing in (ONGOING, CLASSIFICATION)
        },
        again=frozenset(report for report, _ in again),
        earlier=frozenset(study for _, study in again),
    )


def _found(store: Store, project: Project) -> dict[int, Found]:
    """Which search counts what. A run may not have come to its end yet: then the answer that was read counts."""
    known = {
        (s.name, s.source): Found(s.name, s.label, s.register, s.plan.method if s.plan else "")
        for s in searched(store, project)
    }
    sighted: dict[int, Found] = {}
    for record, search, _ in store.appearances():
        by = known[search]
        if record not in sighted or (sighted[record].column, by.column) == (OTHER, DATABASES):
            sighted[record] = by
    read = {record: known[search] for record, search in store.first_read().items()}
    unread = {-row: known[search] for row, search in store.never_read().items()}
    return read | sighted | unread

"""All boxes of the flow of a review, by name, each with the ids it counts.

Where the flow-diagram tool of PRISMA 2020 has a name for a box (the column `data` of its template), it is ours; a part
of a box has a colon: `database_results:PubMed`, `dbr_excluded:design`. What the statement has no box for, because it
draws finished reviews only, has one here, so that the numbers add up at every moment: `records_pending`,
`dbr_awaiting_retrieval`, `dbr_undecided`; and so have `dbr_ongoing` and `dbr_unclassified`, which Cochrane counts
apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from db.store import Store
from harvest.project import Project
from harvest.project.settings import Previous
from harvest.reports.flow.arms import Arm, Ids
from harvest.reports.flow.facts import DATABASES, OTHER, Facts, Found, facts

Unit: TypeAlias = Literal["records", "reports", "studies"]

METHODS: Mapping[str, str] = {
    "websites": "website_results",
    "organisations": "organisation_results",
    "citation searching": "citations_results",
    "contacts": "contacts_results",
}
"""`method` of a search → the box of its records."""


@dataclass(frozen=True, slots=True)
class Box:
    """One number of the diagram, and what it is the number of."""

    name: str
    label: str
    unit: Unit
    ids: Ids
    """Ids of records, reports or studies (the smallest id of its records stands for a report or study). Below 0: what
    could not be read."""
    stated: int = 0
    """Counted besides, because `review.toml` says so: what a previous version included."""

    @property
    def n(self) -> int:
        """The number in the box."""
        return len(self.ids) + self.stated


@dataclass(frozen=True, slots=True)
class Flow:
    """The boxes of a review at one moment, in the order of the diagram."""

    boxes: Mapping[str, Box]

    def __getitem__(self, name: str) -> Box:
        return self.boxes[name]

    def parts(self, name: str) -> tuple[Box, ...]:
        """The boxes that a box is made of: databases, or reasons."""
        return tuple(box for box in self.boxes.values() if box.name.startswith(f"{name}:"))

    @property
    def updated(self) -> bool:
        """Whether the review has a previous version."""
        return self["previous_studies"].n + self["previous_reports"].n > 0

    @property
    def other(self) -> bool:
        """Whether anything was found by other methods than databases and registers."""
        return self["other_results"].n > 0


_STEPS: tuple[tuple[str, str, str, Unit, Callable[[Arm], Ids]], ...] = (
    ("duplicates", "other_duplicates", "Duplicate records", "records", lambda arm: arm.duplicates),
    ("excluded_automatic", "other_excluded_automatic", "Records marked as ineligible by automation tools", "records",
     lambda arm: arm.by_automation),
    ("excluded_other", "other_excluded_other", "Records that could not be read", "records",
     lambda arm: arm.unreadable),
    ("records_screened", "other_records_screened", "Records screened", "records", lambda arm: arm.screened),
    ("records_pending", "other_records_pending", "Records still to be screened or settled", "records",
     lambda arm: arm.pending),
    ("records_excluded", "other_records_excluded", "Records excluded", "records", lambda arm: arm.excluded),
    ("dbr_sought_reports", "other_sought_reports", "Reports sought for retrieval", "reports",
     lambda arm: arm.sought),
    ("dbr_notretrieved_reports", "other_notretrieved_reports", "Reports not retrieved", "reports",
     lambda arm: arm.not_retrieved),
    ("dbr_awaiting_retrieval", "other_awaiting_retrieval", "Reports awaiting retrieval", "reports",
     lambda arm: arm.awaiting),
    ("dbr_assessed", "other_assessed", "Reports assessed for eligibility", "reports", lambda arm: arm.assessed),
    ("dbr_undecided", "other_undecided", "Reports not settled yet", "reports", lambda arm: arm.undecided),
    ("dbr_excluded", "other_excluded", "Reports excluded", "reports", lambda arm: arm.rejected),
    ("dbr_ongoing", "other_ongoing", "Reports of ongoing studies", "reports", lambda arm: arm.ongoing),
    ("dbr_unclassified", "other_unclassified", "Reports of studies awaiting classification", "reports",
     lambda arm: arm.unclassified),
    ("dbr_again", "other_again", "Reports of the previous version, found again", "reports", lambda arm: arm.again),
    ("dbr_further", "other_further", "New reports of studies of the previous version", "reports",
     lambda arm: arm.further),
    ("dbr_included", "other_included", "Reports of new included studies", "reports", lambda arm: arm.included),
)  # fmt: skip
"""Box among databases and registers, box among other methods, words, unit, query."""
_BY_REASON = ("dbr_excluded", "other_excluded")


def flow(store: Store, project: Project) -> Flow:
    """Count the review as it stands in the store; whoever prints numbers of it asks `identities.proved` first."""
    words = {reason.code: reason.reason for reason in project.criteria.exclude}
    return counted(facts(store, project), words, project.previous)


def counted(known: Facts, words: Mapping[str, str], before: Previous) -> Flow:
    """The same from facts, wherever they were read: `words` says what each code of a reason means."""
    databases, other = Arm(known, DATABASES), Arm(known, OTHER)
    boxes = [
        Box("previous_studies", "Studies included in previous version of review", "studies", frozenset(),
            before.studies),
        Box("previous_reports", "Reports of studies included in previous version of review", "reports", frozenset(),
            before.reports),
        *_sources(databases, known),
        *_steps(databases, words),
        *_methods(other, known),
        *_steps(other, words),
        *_included(known, databases, other, before.studies, before.reports),
    ]  # fmt: skip
    return Flow({box.name: box for box in boxes})


def _sources(arm: Arm, known: Facts) -> Iterator[Box]:
    """Databases, each database, registers, each register."""
    for name, label, register in (
        ("database_results", "Databases", False),
        ("register_results", "Registers", True),
    ):
        found = [by for by in _searches(known) if not by.method and by.register == register]
        yield Box(name, label, "records", arm.identified_by(*found))
        for each in dict.fromkeys(by.label for by in found):
            by_label = [by for by in found if by.label == each]
            yield Box(f"{name}:{each}", each, "records", arm.identified_by(*by_label))


def _methods(arm: Arm, known: Facts) -> Iterator[Box]:
    yield Box("other_results", "Records identified by other methods", "records", arm.identified)
    for method, name in METHODS.items():
        found = [by for by in _searches(known) if by.method == method]
        yield Box(name, method.capitalize(), "records", arm.identified_by(*found))


def _searches(known: Facts) -> list[Found]:
    """The searches that count anything, in the order in which their records came."""
    return list(dict.fromkeys(known.found[record] for record in sorted(known.found, key=abs)))


def _steps(arm: Arm, words: Mapping[str, str]) -> Iterator[Box]:
    """What became of what was found, reasons in the order of the project, then those it does not list."""
    for databases, other, label, unit, query in _STEPS:
        name = databases if arm.column == DATABASES else other
        yield Box(name, label, unit, query(arm))
        if name in _BY_REASON:
            given = set(arm.reasons)
            for code in [*(c for c in words if c in given), *sorted(given - words.keys())]:
                reason = words.get(code) or code or "No reason given"
                yield Box(f"{name}:{code or 'no-reason'}", reason, unit, arm.rejected_for(code))


def _included(known: Facts, databases: Arm, other: Arm, studies: int, reports: int) -> Iterator[Box]:
    """What both columns come to, in both units."""
    new = databases.included | other.included
    further = databases.further | other.further
    of = {name: frozenset(map(known.study, ids)) for name, ids in (
        ("new", new),
        ("ongoing", databases.ongoing | other.ongoing),
        ("unclassified", databases.unclassified | other.unclassified),
    )}  # fmt: skip
    yield Box("new_studies", "New studies included in review", "studies", of["new"])
    yield Box("new_reports", "Reports of new included studies", "reports", new)
    yield Box("further_reports", "New reports of studies of the previous version", "reports", further)
    yield Box("ongoing_studies", "Ongoing studies", "studies", of["ongoing"])
    yield Box("unclassified_studies", "Studies awaiting classification", "studies", of["unclassified"])
    yield Box("total_studies", "Total studies included in review", "studies", of["new"], studies)
    yield Box("total_reports", "Reports of total included studies", "reports", new | further, reports)

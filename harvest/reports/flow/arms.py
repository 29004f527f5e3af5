"""One column of the diagram: every box a query over the facts, asked on its own and not by subtraction.

So that what must add up can be checked: a report that fell into two boxes, or into none, breaks an identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from harvest.reports.flow.facts import CLASSIFICATION, ONGOING, Column, Facts, Found
from screen.agree import ReportState

Ids: TypeAlias = frozenset[int]

_SETTLED = ("include", "exclude")
_OPEN = ReportState()


@dataclass(frozen=True)
class Arm:
    """What databases and registers brought, or what the other methods did."""

    facts: Facts
    column: Column

    # -- identification: records -------------------------------------------------------------------

    @cached_property
    def identified(self) -> Ids:
        """Records, those among them that could not be read too."""
        return frozenset(record for record, by in self.facts.found.items() if by.column == self.column)

    def identified_by(self, *found: Found) -> Ids:
        """Records that these searches count."""
        return frozenset(record for record in self.identified if self.facts.found[record] in found)

    @cached_property
    def duplicates(self) -> Ids:
        """Records beside the one that stands for the report, and those whose report is counted in the other column."""
        first: dict[int, int] = {}
        for record in sorted(self._read):
            first.setdefault(self.facts.report(record), record)
        return frozenset(
            record
            for record in self._read
            if self.facts.columns[self.facts.report(record)] != self.column
            or first[self.facts.report(record)] != record
        )

    @cached_property
    def by_automation(self) -> Ids:
        """Nothing, ever: a ranking orders, and no program excludes."""
        return frozenset()

    @cached_property
    def unreadable(self) -> Ids:
        """What came as a record and could not be read, below 0."""
        return frozenset(record for record in self.identified if record < 0)

    # -- screening: one report a record ------------------------------------------------------------

    @cached_property
    def screened(self) -> Ids:
        """Reports settled by title and abstract: enough people agree, or the arbiter has spoken."""
        return frozenset(report for report in self._reports if self._title(report) in _SETTLED)

    @cached_property
    def pending(self) -> Ids:
        """Reports that nobody has read, that somebody still has to read, or on which the arbiter has to speak."""
        return frozenset(report for report in self._reports if self._title(report) not in _SETTLED)

    @cached_property
    def excluded(self) -> Ids:
        """Reports excluded by title and abstract."""
        return frozenset(report for report in self._reports if self._title(report) == "exclude")

    # -- full texts: reports -----------------------------------------------------------------------

    @cached_property
    def sought(self) -> Ids:
        """Reports included by title and abstract: their full texts are wanted."""
        return frozenset(report for report in self._reports if self._title(report) == "include")

    @cached_property
    def not_retrieved(self) -> Ids:
        """Full texts that could not be had; one that somebody voted on was there."""
        return frozenset(
            r for r in self.sought if not self._had(r) and self.facts.retrieved.get(r) == "not retrieved"
        )

    @cached_property
    def awaiting(self) -> Ids:
        """Full texts that are still looked for, or not yet."""
        return frozenset(
            r for r in self.sought if not self._had(r) and self.facts.retrieved.get(r) in (None, "sought")
        )

    @cached_property
    def assessed(self) -> Ids:
        """Reports whose full text is there: retrieved, or voted on."""
        return frozenset(r for r in self.sought if self._had(r))

    @cached_property
    def undecided(self) -> Ids:
        """Reports whose full text is there, and on which there is no verdict yet."""
        return frozenset(r for r in self.assessed if self._text(r).outcome not in _SETTLED)

    @cached_property
    def rejected(self) -> Ids:
        """Reports excluded on their full text."""
        return frozenset(r for r in self.assessed if self._text(r).outcome == "exclude")

    def rejected_for(self, reason: str) -> Ids:
        """Reports excluded on their full text for one reason, by its code."""
        return frozenset(r for r in self.rejected if self._text(r).reason == reason)

    @property
    def reasons(self) -> Iterable[str]:
        """Codes of the reasons given."""
        return {self._text(report).reason for report in self.rejected}

    # -- included ----------------------------------------------------------------------------------

    @cached_property
    def included(self) -> Ids:
        """Reports of studies that are new in the review."""
        return frozenset(r for r in self._new if self._state(r) not in (ONGOING, CLASSIFICATION))

    @cached_property
    def ongoing(self) -> Ids:
        """Reports that are eligible, of studies that go on."""
        return frozenset(r for r in self._new if self._state(r) == ONGOING)

    @cached_property
    def unclassified(self) -> Ids:
        """Reports that are eligible, of studies that await classification."""
        return frozenset(r for r in self._new if self._state(r) == CLASSIFICATION)

    @cached_property
    def again(self) -> Ids:
        """Reports that the previous version of the review had included, found again."""
        return frozenset(r for r in self._taken if r in self.facts.again)

    @cached_property
    def further(self) -> Ids:
        """Reports that are new, of studies that the previous version had included."""
        return frozenset(
            r for r in self._taken if r not in self.facts.again and self.facts.study(r) in self.facts.earlier
        )

    # -- what these are made of --------------------------------------------------------------------

    @cached_property
    def _read(self) -> Ids:
        return frozenset(record for record in self.identified if record > 0)

    @cached_property
    def _reports(self) -> Ids:
        return frozenset(r for r, column in self.facts.columns.items() if column == self.column)

    @cached_property
    def _taken(self) -> Ids:
        return frozenset(r for r in self.assessed if self._text(r).outcome == "include")

    @cached_property
    def _new(self) -> Ids:
        return frozenset(r for r in self._taken if self.facts.study(r) not in self.facts.earlier)

    def _title(self, report: int) -> str:
        return self.facts.titles.get(report, _OPEN).outcome

    def _text(self, report: int) -> ReportState:
        return self.facts.texts.get(report, _OPEN)

    def _had(self, report: int) -> bool:
        return self.facts.retrieved.get(report) == "retrieved" or bool(self._text(report).verdicts)

    def _state(self, report: int) -> str:
        return self.facts.studies.get(self.facts.study(report), "")

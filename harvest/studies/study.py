"""What a study is to the review: its reports, its label, where it stands; and how many there are, in both units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from db.opinion import Retrieval
from db.record import Record
from dedupe.registrations import RegisteredTrial
from harvest.studies.kinds import FULLEST_FIRST, ReportKind
from screen.agree import ReportState
from screen.export import harvest_id

Standing: TypeAlias = Literal["included", "excluded", "ongoing", "awaiting classification"]
STANDINGS: tuple[Standing, ...] = ("included", "excluded", "ongoing", "awaiting classification")


@dataclass(frozen=True, slots=True)
class StudyReport:
    """One report of a study."""

    number: int
    record: Record
    """As its records together tell it."""
    kind: ReportKind
    title_stage: ReportState
    full_text: ReportState
    retrieval: Retrieval | None = None

    @property
    def id(self) -> str:
        """H000123."""
        return harvest_id(self.number)

    @property
    def candidate(self) -> bool:
        """Whether it has come to full text."""
        return self.title_stage.outcome == "include"

    @property
    def standing(self) -> Literal["included", "excluded", "pending", "no candidate"]:
        """What became of it: only candidates are included, excluded or pending at full text."""
        if not self.candidate:
            return "no candidate"
        outcome = self.full_text.outcome
        if outcome == "include":
            return "included"
        return "excluded" if outcome == "exclude" else "pending"

    @property
    def place(self) -> tuple[bool, int, str, int]:
        """Sorts reports as they are cited: not excluded, full articles before abstracts, the earliest first."""
        return (
            self.standing in ("excluded", "no candidate"),
            FULLEST_FIRST.index(self.kind),
            self.date,
            self.number,
        )

    @property
    def date(self) -> str:
        """Of publication or registration, ISO 8601 as far as known; behind all others where it is not."""
        return self.record.date or str(self.record.year or 9999)

    @property
    def why_pending(self) -> str:
        """What it waits for, in words; empty when it waits for nothing."""
        if self.standing != "pending":
            return ""
        if self.full_text.to_resolve:
            return "waits for the arbiter"
        state = self.retrieval.state if self.retrieval else "to be sought"
        return "waits for votes on the full text" if state == "retrieved" else f"full text {state}"


@dataclass(frozen=True, slots=True)
class Study:
    """One study that has come to full text."""

    number: int
    """The smallest number of its reports."""
    label: str
    """Cicchetti 1999a."""
    label_by: str
    """Who gave the label: a person, `harvest` when it was shown and is kept, empty while it is only derived."""
    standing: Standing
    standing_by: str
    """The person whose word it is; empty when it follows from votes and registrations."""
    reports: tuple[StudyReport, ...]
    """Of any standing: the primary first, then the fullest and earliest first."""
    primary_by: str = ""
    """The person who chose the primary report; empty when it is the fullest."""
    trial: RegisteredTrial | None = None
    """What its registrations say."""
    records: tuple[int, ...] = field(default=(), repr=False)
    """All its records."""

    @property
    def id(self) -> str:
        """H000123: the name of any of its reports names the study; this is the smallest."""
        return harvest_id(self.number)

    @property
    def primary(self) -> StudyReport:
        """The report to cite first."""
        return self.reports[0]

    @property
    def candidates(self) -> tuple[StudyReport, ...]:
        """Its reports that have come to full text."""
        return tuple(report for report in self.reports if report.candidate)

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "id": self.id, "label": self.label, "label_by": self.label_by, "state": self.standing,
            "state_by": self.standing_by, "primary": self.primary.id, "primary_by": self.primary_by,
            "reports": [
                {
                    "id": r.id, "kind": r.kind, "standing": r.standing, "waits_for": r.why_pending,
                    "title": r.record.title, "year": r.record.year,
                }
                for r in self.reports
            ],
            "registrations": list(self.trial.numbers) if self.trial else [],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """The same in both units."""

    studies: Mapping[Standing, int]
    reports: Mapping[str, int]
    """Candidates by what became of them: included, excluded, pending."""

    @property
    def sentences(self) -> tuple[str, str]:
        """For people."""
        studies = ", ".join(f"{number} {name}" for name, number in self.studies.items())
        reports = ", ".join(f"{number} {name}" for name, number in self.reports.items())
        return f"Studies: {studies}.", f"Reports at full text: {reports}."


def counts(found: Iterable[Study]) -> Counts:
    """How many studies, and how many of their reports, stand where. Every study and every candidate is counted once."""
    known = list(found)
    reports = [report.standing for study in known for report in study.candidates]
    return Counts(
        {each: sum(study.standing == each for study in known) for each in STANDINGS},
        {each: reports.count(each) for each in ("included", "excluded", "pending")},
    )

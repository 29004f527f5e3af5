"""`harvest report ongoing`: ongoing studies, as their registrations tell them, and studies that await classification.

For Cochrane's “Characteristics of ongoing studies” and “… of studies awaiting classification”. Names and addresses of
people are left out: they stand in the register, where they can be kept up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.record import Record
from db.store import Store
from harvest.project import Project
from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table
from harvest.reports.included import line, shown
from harvest.studies import Study, StudyReport, studies

NAME = "ongoing"
COLUMNS = (
    "study", "study id", "state", "report", "number", "title", "status", "registered", "start", "completion",
    "last changed", "sponsor", "waits for", "said by",
)  # fmt: skip
_ONGOING = ("study", "number", "title", "status", "registered", "start", "completion", "last changed")


def build(store: Store, project: Project) -> Report:
    """Ongoing studies by label, then those that await classification."""
    every = studies(store, project)
    ongoing = [study for study in every if study.standing == "ongoing"]
    awaiting = [study for study in every if study.standing == "awaiting classification"]
    rows = tuple(row for study in (*ongoing, *awaiting) for row in _rows(study))
    return Report(
        NAME,
        f"Ongoing studies and studies awaiting classification: {project.title}",
        (
            Section("Ongoing studies", tuple(_ongoing(ongoing))),
            Section("Studies awaiting classification", tuple(_awaiting(awaiting))),
        ),
        Table(COLUMNS, rows),
    )


def _ongoing(found: Sequence[Study]) -> Iterator[Block]:
    if not found:
        yield Paragraph("None.")
        return
    places = [COLUMNS.index(name) for name in _ONGOING]
    rows = tuple(tuple(row[place] for place in places) for study in found for row in _rows(study))
    yield Table(_ONGOING, rows)


def _awaiting(found: Sequence[Study]) -> Iterator[Block]:
    if not found:
        yield Paragraph("None.")
    for study in found:
        yield Section(study.label, (Items(tuple(line(report, study) for report in shown(study))),))


def _rows(study: Study) -> Iterator[tuple[Cell, ...]]:
    """One row a report; the columns of a registration are empty for papers."""
    for report in shown(study):
        yield (
            study.label, study.id, study.standing, report.id, *_registration(report),
            report.why_pending, study.standing_by,
        )  # fmt: skip


def _registration(report: StudyReport) -> tuple[Cell, ...]:
    told = report.record
    if told.trial is None:
        return ("", told.title, "", "", "", "", "", "")
    dates = told.dates
    return (
        told.key, told.title, told.trial.status, told.date or _first(told, "created", "first_posted"),
        _first(told, "start", "study_start"), dates.get("completion") or dates.get("primary_completion", ""),
        dates.get("revised", ""), told.trial.sponsor,
    )  # fmt: skip


def _first(told: Record, *names: str) -> str:
    return next((day for name in names if (day := told.dates.get(name))), "")

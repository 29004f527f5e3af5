"""The studies of a review, put together from groups, votes, full texts, registrations and what people said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from db.opinion import Retrieval, StudyNote
from db.record import Record
from db.store import Store
from dedupe.registrations import RegisteredTrial, registered
from harvest.fulltext import retrievals
from harvest.project import Project
from harvest.screening import states
from harvest.studies.kinds import is_running, kind_of
from harvest.studies.labels import Claim, labels
from harvest.studies.study import STANDINGS, Standing, Study, StudyReport
from screen.agree import ReportState
from screen.export import report_of
from screen.plan import FULL_TEXT, TITLE
from screen.steps import report as merged_report

DERIVED = "derived"
"""Word of a person on the state of a study that takes back what they said."""
_UNREAD = ReportState()


def studies(store: Store, project: Project) -> list[Study]:
    """Every study that has come to full text, by label."""
    groups = _groups(store, project)
    named = labels([Claim(group.number, group.reports, group.notes) for group in groups])
    found = []
    for group in groups:
        label, by = named[group.number]
        found.append(replace(_study(group), label=label, label_by=by))
    return sorted(found, key=lambda study: (study.label.casefold(), study.number))


def study_with(found: Iterable[Study], record: int) -> Study | None:
    """The study that a record belongs to; None when it has not come to full text."""
    return next((study for study in found if record in study.records), None)


# -- from the store ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    number: int
    reports: tuple[StudyReport, ...]
    records: tuple[int, ...]
    notes: tuple[StudyNote, ...]
    """Said of any of its records, in the order given."""
    leads: Mapping[int, int]
    """Record → its report."""


def _groups(store: Store, project: Project) -> list[_Group]:
    membership = store.membership()
    at_title, at_full = states(store, project, TITLE), states(store, project, FULL_TEXT)
    wanted = {
        membership[r][1] for r, state in at_title.items() if state.outcome == "include" and r in membership
    }
    texts, notes = retrievals(store), store.study_notes()
    members: dict[int, dict[int, list[int]]] = {study: {} for study in sorted(wanted)}
    for record, (report, study) in sorted(membership.items()):
        if study in members:
            members[study].setdefault(report, []).append(record)
    made = []
    for study, reports in members.items():
        told = tuple(
            _report(
                number, merged_report(store, records), at_title.get(number, _UNREAD), at_full.get(number, _UNREAD),
                texts.get(number),
            )
            for number, records in reports.items()
        )  # fmt: skip
        leads = {record: report for report, records in reports.items() for record in records}
        said = tuple(note for note in notes if note.record in leads)
        made.append(_Group(study, told, tuple(leads), said, leads))
    return made


def _report(
    number: int, record: Record, title: ReportState, full: ReportState, text: Retrieval | None
) -> StudyReport:
    return StudyReport(number, record, kind_of(record), title, full, text)


def _study(group: _Group) -> Study:
    chosen, primary_by = _chosen(group)
    ordered = sorted(group.reports, key=lambda report: (report.number != chosen, report.place))
    trial = registered([report.record for report in group.reports])
    state = _newest(group.notes, "state")
    said = state.value if state and state.value != DERIVED else None
    derived = _derived(group.reports, trial)
    by_word: Standing | None = next((each for each in STANDINGS if each == said), None)
    standing = by_word or (_settled(group.reports) if said == "" else derived)
    by = state.by if state and said is not None else ""
    return Study(group.number, "", "", standing, by, tuple(ordered), primary_by, trial, group.records)


def _chosen(group: _Group) -> tuple[int, str]:
    """The report that a person calls primary, if it is still one of the study's; 0 for none."""
    note = _newest(group.notes, "primary")
    named = report_of(note.value) if note else None
    report = group.leads.get(named or 0, 0)
    return (report, note.by) if note and report else (0, "")


def _newest(notes: Sequence[StudyNote], name: str) -> StudyNote | None:
    return next((note for note in reversed(notes) if note.field == name), None)


def _derived(reports: Sequence[StudyReport], trial: RegisteredTrial | None) -> Standing:
    """As votes and registrations have it: see docs/studies.md."""
    left = [report for report in reports if report.standing in ("included", "pending")]
    announced = all(report.kind in ("registration", "protocol") for report in left)
    if left and announced and trial is not None and is_running(trial.trial.status):
        return "ongoing"
    return _settled(reports)


def _settled(reports: Sequence[StudyReport]) -> Standing:
    standings = {report.standing for report in reports}
    if "included" in standings:
        return "included"
    return "awaiting classification" if "pending" in standings else "excluded"

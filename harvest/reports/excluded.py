"""`harvest report excluded`: what was excluded on the full text, and why.

Studies as in Cochrane's “Characteristics of excluded studies”, one row each with the reason, in the project's order of
reasons; then single reports that were excluded from studies of another standing. What was retracted has its notice
cited. Where the reports of a study were excluded for different reasons, the first in the project's order stands for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.store import Store
from harvest.notices_review import papers
from harvest.project import Project
from harvest.reports.citing import cited
from harvest.reports.document import Block, Cell, Paragraph, Report, Section, Table
from harvest.studies import Study, StudyReport, studies
from screen.plan import FULL_TEXT

NAME = "excluded"
COLUMNS = (
    "study",
    "study id",
    "study's state",
    "report",
    "kind",
    "citation",
    "code",
    "reason",
    "remarks",
    "notice",
)
UNSTATED = "no reason given"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One report that was excluded on the full text."""

    study: Study
    report: StudyReport
    code: str
    """Of the reason; empty where nobody gave one."""
    reason: str
    remarks: str
    """What the arbiter or the reviewers wrote beside it."""
    notice: str
    """What became of the paper, with who says so; empty when nothing did."""


def build(store: Store, project: Project) -> Report:
    """Every exclusion on the full text, in the project's order of reasons, then by label."""
    found = exclusions(store, project)
    whole = [each for each in found if each.study.standing == "excluded"]
    single = [each for each in found if each.study.standing != "excluded"]
    unstated = tuple(
        f"{each.report.id} ({each.study.label}) is excluded without a reason."
        for each in found
        if not each.code
    )
    return Report(
        NAME,
        f"Characteristics of excluded studies: {project.title}",
        tuple(_blocks(whole, single, unstated)),
        Table(COLUMNS, tuple(map(_row, found))),
        missing=unstated,
    )


def exclusions(store: Store, project: Project) -> list[Exclusion]:
    """Every report excluded on the full text, in the project's order of reasons, then by label and number."""
    reasons = {reason.code: reason.reason for reason in project.criteria.exclude}
    notes, fates = _notes(store), {paper.report: paper.sentence for paper in papers(store, project)}
    found = [
        Exclusion(
            study,
            report,
            report.full_text.reason,
            reasons.get(report.full_text.reason, report.full_text.reason) or UNSTATED,
            _remarks(report, notes),
            fates.get(report.number, ""),
        )
        for study in studies(store, project)
        for report in study.reports
        if report.standing == "excluded"
    ]
    place = {code: number for number, code in enumerate([*reasons])}
    return sorted(
        found,
        key=lambda each: (place.get(each.code, len(place)), each.study.label.casefold(), each.report.number),
    )


def _remarks(report: StudyReport, notes: Mapping[int, str]) -> str:
    """What the arbiter wrote, or else what the reviewers did, each remark once."""
    resolution = report.full_text.resolution
    if resolution and resolution.note:
        return resolution.note
    return "; ".join(dict.fromkeys(notes[vote] for vote in report.full_text.votes if vote in notes))


def _notes(store: Store) -> Mapping[int, str]:
    return {vote.id: vote.note for vote in store.decisions(FULL_TEXT) if vote.note}


def _blocks(
    whole: Sequence[Exclusion], single: Sequence[Exclusion], unstated: Sequence[str]
) -> Iterator[Block]:
    first: dict[int, Exclusion] = {}
    for each in whole:
        first.setdefault(each.study.number, each)
    yield Paragraph(
        f"Studies excluded on the full text: {len(first)}, with {len(whole)} reports in all. Reports of other studies "
        f"excluded on the full text: {len(single)}."
    )
    yield from (Paragraph(sentence, warns=True) for sentence in unstated)
    if not first and not single:
        return
    studies_for = Counter(each.reason for each in first.values())
    reports_for = Counter(each.reason for each in (*whole, *single))
    reasons = tuple((reason, studies_for[reason], reports_for[reason]) for reason in reports_for)
    yield Section("Reasons", (Table(("reason for exclusion", "studies", "reports"), reasons),))
    if first:
        rows = tuple(_shown(each, whole) for each in first.values())
        yield Section("Excluded studies", (Table(("study", "reason for exclusion", "reports"), rows),))
    if single:
        told = tuple(
            (each.study.label, _why(each), f"{each.report.id} {cited(each.report.record)}") for each in single
        )
        table = Table(("study", "reason for exclusion", "report"), told)
        yield Section("Excluded reports of other studies", (table,))


def _shown(each: Exclusion, whole: Sequence[Exclusion]) -> tuple[Cell, ...]:
    of_study = sorted(
        (other for other in whole if other.study.number == each.study.number),
        key=lambda other: other.report.place,
    )
    why = "\n".join(dict.fromkeys([_why(each), *(other.notice for other in of_study if other.notice)]))
    return each.study.label, why, "\n".join(f"{x.report.id} {cited(x.report.record)}" for x in of_study)


def _why(each: Exclusion) -> str:
    parts = (each.reason, each.remarks, each.notice)
    return "\n".join(part for part in parts if part)


def _row(each: Exclusion) -> tuple[Cell, ...]:
    return (
        each.study.label, each.study.id, each.study.standing, each.report.id, each.report.kind,
        cited(each.report.record), each.code, each.reason, each.remarks, each.notice,
    )  # fmt: skip

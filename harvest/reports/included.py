"""`harvest report included`: the studies that the review includes, and what registrations say of each.

A stub of Cochrane's “Characteristics of included studies”: label, all reports with the primary one first, and design,
participants, interventions and outcomes as far as a registration says. What no register says stays empty, to be
filled in from the full texts: nothing here was extracted by a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from db.record import Trial
from db.store import Store
from harvest.notices_review import Paper, papers
from harvest.project import Project
from harvest.reports.citing import cited
from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table
from harvest.studies import Study, StudyReport, counts, studies

NAME = "included"
CHARACTERISTICS = ("design", "participants", "interventions", "outcomes")
COLUMNS = (
    "study", "study id", "report", "primary", "kind", "citation", "state", "registrations", *CHARACTERISTICS,
)  # fmt: skip


def build(store: Store, project: Project) -> Report:
    """Every included study, by label."""
    every = studies(store, project)
    found = [study for study in every if study.standing == "included"]
    fates = {paper.report: paper for paper in papers(store, project)}
    doubted = tuple(_doubts(found, fates))
    blocks = [Paragraph(sentence) for sentence in counts(every).sentences]
    return Report(
        NAME,
        f"Characteristics of included studies: {project.title}",
        (
            *blocks,
            *(Paragraph(sentence, warns=True) for sentence in doubted),
            *(Section(study.label, tuple(_study(study))) for study in found),
        ),
        Table(COLUMNS, tuple(row for study in found for row in _rows(study))),
        missing=doubted,
    )


def shown(study: Study) -> tuple[StudyReport, ...]:
    """The reports of a study that belong under its name: all that nobody has excluded."""
    return tuple(
        report
        for report in study.reports
        if report.standing != "excluded" and report.title_stage.outcome != "exclude"
    )


def _doubts(found: list[Study], fates: Mapping[int, Paper]) -> Iterator[str]:
    """Cochrane wants retracted studies among the excluded ones: somebody must look at these."""
    for study in found:
        for report in shown(study):
            paper = fates.get(report.number)
            if paper and paper.kind in ("retraction", "replacement", "concern"):
                yield f"{study.label}: {paper.sentence}."


def _study(study: Study) -> Iterator[Block]:
    said = characteristics(study)
    yield Table(
        ("characteristic", "as registered"), tuple((name, said.get(name)) for name in CHARACTERISTICS)
    )
    if study.trial is None:
        yield Paragraph("No registration of this study is known: fill in from the full texts.")
    yield Items(tuple(line(report, study) for report in shown(study)))


def line(report: StudyReport, study: Study) -> str:
    """A report in the list under its study: number, kind, citation, what it still waits for."""
    notes = [report.kind, *(["primary"] if report == study.primary else [])]
    notes += [report.why_pending] if report.why_pending else []
    return f"{report.id} ({', '.join(notes)}) {cited(report.record)}"


def _rows(study: Study) -> Iterator[tuple[Cell, ...]]:
    said = characteristics(study)
    numbers = "; ".join(study.trial.numbers) if study.trial else ""
    for report in shown(study):
        yield (
            study.label, study.id, report.id, "yes" if report == study.primary else "", report.kind,
            cited(report.record), report.standing if report.candidate else "not judged", numbers,
            *(said.get(name) for name in CHARACTERISTICS),
        )  # fmt: skip


# -- what a registration says ------------------------------------------------------------------------


def characteristics(study: Study) -> dict[str, str]:
    """What the registrations of a study say of it, by the names in `CHARACTERISTICS`; what nobody says is left out."""
    if study.trial is None:
        return {}
    trial = study.trial.trial
    told = {
        "design": _design(trial),
        "participants": _participants(trial),
        "interventions": _interventions(trial),
        "outcomes": _outcomes(trial),
    }
    return {name: text for name, text in told.items() if text}


def _design(trial: Trial) -> str:
    parts = [trial.study_type, *(f"{name}: {word}" for name, word in trial.design.items())]
    return "; ".join(part for part in (*parts, ", ".join(trial.phases)) if part)


def _participants(trial: Trial) -> str:
    size = f"{trial.enrollment} {trial.enrollment_kind}".strip() if trial.enrollment is not None else ""
    ages = " to ".join(age for age in (trial.minimum_age, trial.maximum_age) if age)
    parts = {
        "number": size, "conditions": ", ".join(trial.conditions), "sex": trial.sex, "age": ages,
        "countries": ", ".join(trial.countries), "eligibility": trial.eligibility,
    }  # fmt: skip
    return "\n".join(f"{name}: {said}" for name, said in parts.items() if said)


def _interventions(trial: Trial) -> str:
    if trial.arms:
        lines = (": ".join(p for p in (arm.label, arm.description) if p) for arm in trial.arms)
    else:
        lines = (": ".join(p for p in (each.name, each.description) if p) for each in trial.interventions)
    return "\n".join(lines)


def _outcomes(trial: Trial) -> str:
    return "\n".join(
        f"{f'{outcome.kind}: ' if outcome.kind else ''}{outcome.measure}"
        f"{f' ({outcome.time_frame})' if outcome.time_frame else ''}"
        for outcome in trial.outcomes
    )

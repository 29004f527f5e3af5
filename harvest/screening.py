"""Who reads what, as `[screening]` in review.toml says and as the store knows it today."""

from __future__ import annotations

from collections.abc import Mapping

from db.opinion import Stage
from db.store import Store
from harvest.project import Project
from screen import steps
from screen.agree import ReportState
from screen.plan import FULL_TEXT, TITLE, Plan


def plan(store: Store, project: Project, stage: Stage = TITLE) -> Plan:
    """The design of a stage, with its pilot rounds."""
    said = project.screening
    per_record = said.per_record_full_text if stage == FULL_TEXT else None
    design = Plan(per_record or said.per_record, said.reviewers, stage, said.doubled, project.ranking.seed)
    return steps.plan_of(store, design)


def states(store: Store, project: Project, stage: Stage = TITLE) -> Mapping[int, ReportState]:
    """Where every report stands that has votes at a stage."""
    return steps.states(store, plan(store, project, stage))

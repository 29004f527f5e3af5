"""The readable part of a report: what a ranking is given of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from db.record import Record, Trial

Kind = Literal["article", "registration"]


@dataclass(frozen=True, slots=True)
class Document:
    """The readable part of one report."""

    id: int
    """Of the report; below 0 for a document outside the harvest (a known study that was not found)."""
    title: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    """Keywords and subject headings, whole terms."""
    publication_types: tuple[str, ...] = ()
    kind: Kind = "article"


def document(report_id: int, record: Record) -> Document:
    """What there is to read of a record.

    A registration has fields that an article has not. What it studies (conditions, interventions) stands with the
    keywords, where an article has its subject headings; how it does so (type, phases, allocation, masking) with the
    publication types; in whom and with what outcome, in its text. So both kinds are compared field by field, and
    the length of a register's forms drowns nothing.
    """
    headings = (heading.term for heading in record.headings)
    trial = record.trial or Trial()
    texts = (record.abstract_text, *_described(trial))
    return Document(
        id=report_id,
        title=record.title or record.vernacular_title,
        abstract="\n".join(text for text in texts if text),
        keywords=tuple(dict.fromkeys((*record.keywords, *headings, *_studied(trial)))),
        publication_types=(*record.publication_types, *_designed(trial)),
        kind="registration" if record.trial is not None or record.kind == "registration" else "article",
    )


def _studied(trial: Trial) -> Iterator[str]:
    """Conditions and interventions, under all their names."""
    yield from trial.conditions
    for intervention in trial.interventions:
        yield from filter(None, (intervention.name, *intervention.other_names))


def _designed(trial: Trial) -> Iterator[str]:
    """The register's words on the design, in an order that does not depend on the register's."""
    values = (trial.study_type, *trial.phases, *(trial.design[key] for key in sorted(trial.design)))
    return (value.replace("_", " ") for value in values if value)


def _described(trial: Trial) -> Iterator[str]:
    """Interventions, arms, outcomes and population in sentences, one part a line."""
    yield from (intervention.description for intervention in trial.interventions)
    for arm in trial.arms:
        yield " ".join(filter(None, (arm.label, arm.description)))
    yield from (outcome.measure for outcome in trial.outcomes)
    yield trial.eligibility

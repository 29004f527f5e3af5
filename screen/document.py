"""The readable part of a report: what a ranking is given of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """What there is to read of a record; of a registration also what is studied, how, and in whom."""
    parts = [record.abstract_text]
    if record.trial is not None:
        parts.extend(_trial_text(record.trial))
    headings = (heading.term for heading in record.headings)
    return Document(
        id=report_id,
        title=record.title or record.vernacular_title,
        abstract="\n".join(part for part in parts if part),
        keywords=tuple(dict.fromkeys((*record.keywords, *headings))),
        publication_types=record.publication_types,
        kind="registration" if record.trial is not None or record.kind == "registration" else "article",
    )


def _trial_text(trial: Trial) -> Iterator[str]:
    """What only a registration says, one part a line."""
    yield ", ".join(trial.conditions)
    for intervention in trial.interventions:
        yield " ".join(filter(None, (intervention.name, *intervention.other_names, intervention.description)))
    for arm in trial.arms:
        yield " ".join(filter(None, (arm.label, arm.description)))
    yield from (outcome.measure for outcome in trial.outcomes)
    yield " ".join(filter(None, (trial.study_type, *trial.phases, *_values(trial.design)))).replace("_", " ")
    yield trial.eligibility


def _values(design: Mapping[str, str]) -> Iterator[str]:
    """The register's words on the design, in an order that does not depend on the register's."""
    return (design[key] for key in sorted(design))

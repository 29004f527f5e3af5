"""What people say of studies: their label, the report to cite first, where they stand; and labels kept once shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from db.errors import WrongUse
from db.opinion import RULES, StudyNote
from db.store import Store
from harvest.answers import known_record
from harvest.project import Project
from harvest.studies.gathering import DERIVED, studies, study_with
from harvest.studies.labels import KEPT
from harvest.studies.study import Study
from screen.export import harvest_id

STATES = {"ongoing": "ongoing", "awaiting": "awaiting classification", "none": "", DERIVED: DERIVED}
"""Word on the command line → as it is kept. none: neither of the two, as the votes have it; derived: nothing said."""
_LONGEST = 80


def study_of(store: Store, project: Project, name: str) -> Study:
    """The study of a record called H000123, or of this label. Raises `WrongUse` when there is none."""
    found = studies(store, project)
    labelled = [study for study in found if _same(study.label, name)]
    if len(labelled) == 1:
        return labelled[0]
    study = study_with(found, known_record(store, name))
    if study is None:
        raise WrongUse(
            f"The study of {name} has not come to full text: none of its reports is included at title and abstract."
        )
    return study


def call(
    store: Store,
    project: Project,
    name: str,
    label: str,
    by: str,
    because: str = "",
    *,
    dry_run: bool = False,
) -> StudyNote:
    """Give a study a label; an empty one takes back what was given.

    Raises `WrongUse` for an unknown study, a label that another study has, or one that is no single short line.
    """
    study, wanted = study_of(store, project, name), " ".join(label.split())
    if len(wanted) > _LONGEST or any(not sign.isprintable() for sign in wanted):
        raise WrongUse(f"'{wanted[:40]}…' is no label: one short line such as Cicchetti 1999a.")
    for other in studies(store, project):
        if wanted and other.number != study.number and _same(other.label, wanted):
            raise WrongUse(
                f"{other.id} is called {other.label} already: choose another label, or rename it first."
            )
    return _note(store, study, name, "label", wanted, by, because, dry_run=dry_run)


def cite_first(
    store: Store, project: Project, name: str, by: str, because: str = "", *, dry_run: bool = False
) -> StudyNote:
    """Say that this report is the primary one of its study. Raises `WrongUse` for an unknown study."""
    report = store.report_of(known_record(store, name))
    study = study_of(store, project, harvest_id(report))
    return _note(
        store, study, harvest_id(report), "primary", harvest_id(report), by, because, dry_run=dry_run
    )


def settle(
    store: Store,
    project: Project,
    name: str,
    state: str,
    by: str,
    because: str = "",
    *,
    dry_run: bool = False,
) -> StudyNote:
    """Say that a study is ongoing, awaits classification, is neither, or is what votes and registrations make of it.

    `state` is one of `STATES`. Raises `WrongUse` for another one, and for an unknown study.
    """
    if state not in STATES:
        raise WrongUse(f"'{state}' is no state of a study: {', '.join(STATES)} are.")
    study = study_of(store, project, name)
    return _note(store, study, name, "state", STATES[state], by, because, dry_run=dry_run)


def keep(store: Store, shown: Iterable[Study]) -> int:
    """Keep the labels of studies that are shown to somebody, so that they stay; returns how many were new.

    A label hangs on the primary report, which is what it was made for.
    """
    notes = [
        StudyNote(study.primary.number, "label", study.label, KEPT, "shown")
        for study in shown
        if not study.label_by
    ]
    return store.add_study_notes(notes)


def _note(
    store: Store, study: Study, name: str, field: Literal["label", "primary", "state"], value: str, by: str,
    because: str, *, dry_run: bool,
) -> StudyNote:  # fmt: skip
    signed = by.strip()
    if not signed or signed.casefold() in (RULES, KEPT):
        raise WrongUse(f"'{by}' cannot sign this: give the name of the person who says so.")
    record = study.primary.number if _same(study.label, name) else known_record(store, name)
    note = StudyNote(record, field, value, signed, because)
    if not dry_run:
        store.add_study_notes([note])
    return note


def _same(a: str, b: str) -> bool:
    return " ".join(a.split()).casefold() == " ".join(b.split()).casefold()

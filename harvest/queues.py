"""Queues out, decisions in: the files that travel between the review and its reviewers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import CheckFailed, WrongUse
from db.opinion import Stage
from db.store import Store
from harvest import files
from harvest.project import Project
from harvest.reasons import Reasons
from harvest.waiting import sample_for, waiting_for
from screen.export import Cover, QueueRow, report_of, row
from screen.plan import FULL_TEXT, TITLE
from screen.profiles import PROFILES, TARGETS, Part, Profile
from screen.steps import report

_FILED: dict[Stage, str] = {TITLE: "title-abstract", FULL_TEXT: "full-text"}
"""What files are called after their stage, and what the command line calls it."""
_USUAL = {"csv": "excel", "xlsx": "excel", "ris": "rayyan"}
"""Whose file a format alone stands for; Rayyan's RIS is the plain one."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A queue that went out."""

    path: Path
    reports: int
    left: int
    """Reports the reviewer still has to read that are not in this file."""
    remark: str = ""
    """What the reviewer's file lacks, in a sentence; empty when it lacks nothing."""
    more: tuple[Path, ...] = ()
    """Further files, where the tool takes no more in one."""


def profile_for(target: str, kind: str) -> tuple[Profile, str]:
    """The tool a queue is made for, and the format: without a tool the one that suits the format, and the reverse.

    Raises `WrongUse` for a tool nobody knows, and for a format that it does not take.
    """
    if target and target not in TARGETS:
        raise WrongUse(f"'{target}' is none of the tools a queue is made for: {', '.join(TARGETS)}.")
    profile = PROFILES[target or _USUAL.get(kind, "excel")]
    chosen = kind or next(iter(profile.writers))
    profile.must_take(chosen)
    return profile, chosen


def export(
    store: Store,
    project: Project,
    reviewer: str,
    kind: str = "",
    limit: int | None = None,
    *,
    target: str = "",
    stage: Stage = TITLE,
    audit: int | None = None,
) -> Exported:
    """Write what a reviewer reads next into `queues/`, in the order in force, and remember the hand-over.

    It is written as the tool `target` wants it (`screen.profiles`), in as many files as its limits ask for.

    With `audit`, the reviewer's part of a random sample of so many reports that are not settled, in the order of the
    draw. The reviewer's own votes are not in it, and nobody else's ever are. Raises `WrongUse` for somebody who
    is no reviewer, for an audit of full texts and as `profile_for`, `StoreError` when a file cannot be written.
    """
    profile, chosen_kind = profile_for(target, kind)
    reports = to_hand_out(store, project, reviewer, stage, audit)
    chosen = reports[:limit]
    whys, remark = _whys(store, project, chosen)
    rows = [_row(store, number, place, whys.get(number, "")) for place, number in enumerate(chosen, start=1)]
    parts = profile.parts(chosen_kind, rows, cover(project, reviewer, stage))
    marks = [reviewer, *([target] if target else []), *(["audit"] if audit else []), store.now()[:10]]
    stem = "_".join([_FILED[stage], *marks])
    stems = [stem] if len(parts) == 1 else [f"{stem}_part{number}" for number in range(1, len(parts) + 1)]
    paths = [
        files.free(project.queues, name, f".{chosen_kind}", part.body)
        for name, part in zip(stems, parts, strict=True)
    ]
    for path, part in zip(paths, parts, strict=True):
        files.put(path, part.body)
    with store.writing():
        for path, part in zip(paths, parts, strict=True):
            _remember(store, project, path, part, reviewer, stage, audit)
    return Exported(paths[0], len(chosen), len(reports) - len(chosen), remark, tuple(paths[1:]))


def _remember(
    store: Store, project: Project, path: Path, part: Part, reviewer: str, stage: Stage, audit: int | None
) -> None:
    """Note a file that went out: to whom, with which reports, and how they were drawn."""
    newest = store.newest_ranking()
    name = path.relative_to(project.folder).as_posix()
    handed = [report_of(row.harvest_id) or 0 for row in part.rows]
    digest = hashlib.sha256(part.body).hexdigest()
    store.add_export(name, path.suffix[1:], reviewer, stage, newest[0] if newest else None, handed, digest)
    if audit:
        store.note("queue drawn by lot", {"path": name, "audit": audit, "seed": project.ranking.seed})
    elif stage == TITLE and (project.ranking.mix_random or project.ranking.mix_uncertain):
        store.note("queue mixed", {"path": name, **_mixture(project)})


def to_hand_out(
    store: Store, project: Project, reviewer: str, stage: Stage = TITLE, audit: int | None = None
) -> tuple[int, ...]:
    """What waits for a reviewer, or their part of an audit. Raises `WrongUse` as `export`."""
    if audit and stage == FULL_TEXT:
        raise WrongUse("An audit is a sample of what waits at title and abstract: leave --stage out.")
    return (
        sample_for(store, project, reviewer, audit) if audit else waiting_for(store, project, reviewer, stage)
    )


def _whys(store: Store, project: Project, chosen: Sequence[int]) -> tuple[dict[int, str], str]:
    """Report → the terms that moved it, and what is to be said when there are none.

    The queue matters more than its reasons: it goes out without them when the order in force cannot be made again.
    """
    if not (project.ranking.why and chosen) or store.newest_ranking() is None:
        return {}, ""
    try:
        reasons = Reasons.in_force(store)
    except CheckFailed as error:
        return {}, f"The column `why` is empty: {error}"
    return {number: reasons.brief(number) for number in chosen}, ""


def _mixture(project: Project) -> dict[str, float]:
    ranking = project.ranking
    return {"random": ranking.mix_random, "uncertain": ranking.mix_uncertain, "seed": ranking.seed}


def cover(project: Project, reviewer: str, stage: Stage = TITLE) -> Cover:
    """What a reviewer needs beside the records."""
    criteria = project.criteria
    picos = ("population", "intervention", "comparison", "outcomes", "design")
    wanted = [f"{name}: {'; '.join(getattr(criteria, name))}" for name in picos if getattr(criteria, name)]
    reasons = {reason.code: reason.reason for reason in criteria.reasons(stage)}
    return Cover(
        project.title,
        project.question,
        stage,
        reviewer,
        (*wanted, *criteria.include),
        tuple(reasons.values()),
        reasons,
    )


def _row(store: Store, number: int, place: int, why: str) -> QueueRow:
    members = store.records_of(number)
    searches = sorted({name for names in store.sources_of(members).values() for name in names})
    return row(number, place, report(store, members), searches, why)

"""Queues out, decisions in: the files that travel between the review and its reviewers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import CheckFailed, Problem, WrongUse
from db.opinion import Decision, Stage, Verdict
from db.store import Store
from harvest import files
from harvest.project import Project
from harvest.reasons import Reasons
from screen.agree import ReportState
from screen.export import Cover, QueueRow, report_of, row
from screen.queue import queue
from screen.steps import TITLE, report, states, votes_for

if TYPE_CHECKING:
    from screen.decisions import DecisionFile


@dataclass(frozen=True, slots=True)
class Exported:
    """A queue that went out."""

    path: Path
    reports: int
    left: int
    """Reports the reviewer still has to read that are not in this file."""
    remark: str = ""
    """What the reviewer's file lacks, in a sentence; empty when it lacks nothing."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of decisions that came back."""

    decided: int
    """Rows with a decision."""
    added: int
    """Votes that are new or changed; the others repeat what was there."""
    blank: int
    """Rows without a decision."""


def write(kind: str, rows: Sequence[QueueRow], cover: Cover) -> bytes:
    """A queue in one of the formats csv, xlsx and ris."""
    from screen import ris, sheets  # noqa: PLC0415 - openpyxl is not needed to look or to vote

    writers: Mapping[str, Callable[[], bytes]] = {
        "csv": lambda: sheets.write_csv(rows, cover),
        "xlsx": lambda: sheets.write_xlsx(rows, cover),
        "ris": lambda: ris.write_ris(rows),
    }
    return writers[kind]()


def export(
    store: Store,
    project: Project,
    reviewer: str,
    kind: str,
    limit: int | None = None,
    *,
    audit: int | None = None,
) -> Exported:
    """Write what a reviewer reads next into `queues/`, in the order in force, and remember the hand-over.

    With `audit`, the reviewer's part of a random sample of so many reports that are not settled, in the order of the
    draw. The reviewer's own votes are not in it, and nobody else's ever are. Raises `WrongUse` for somebody who
    is no reviewer, `StoreError` when the file cannot be written.
    """
    reports = sample_for(store, project, reviewer, audit) if audit else waiting_for(store, project, reviewer)
    chosen = reports[:limit]
    whys, remark = _whys(store, project, chosen)
    rows = [_row(store, number, place, whys.get(number, "")) for place, number in enumerate(chosen, start=1)]
    body = write(kind, rows, cover(project, reviewer))
    day = store.now()[:10]
    stem = f"title-abstract_{reviewer}{'_audit' if audit else ''}_{day}"
    path = files.free(project.queues, stem, f".{kind}", body)
    files.put(path, body)
    newest = store.newest_ranking()
    name = path.relative_to(project.folder).as_posix()
    with store.writing():
        store.add_export(
            name,
            kind,
            reviewer,
            TITLE,
            newest[0] if newest else None,
            chosen,
            hashlib.sha256(body).hexdigest(),
        )
        if audit:
            store.note("queue drawn by lot", {"path": name, "audit": audit, "seed": project.ranking.seed})
        elif project.ranking.mix_random or project.ranking.mix_uncertain:
            store.note("queue mixed", {"path": name, **_mixture(project)})
    return Exported(path, len(chosen), len(reports) - len(chosen), remark)


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


def waiting_for(store: Store, project: Project, reviewer: str) -> tuple[int, ...]:
    """Reports a reviewer still has to read, most likely inclusions first, mixed as `[ranking]` says.

    Raises `WrongUse` for a stranger.
    """
    known_reviewer(project, reviewer)
    screening = project.screening
    newest = store.newest_ranking()
    groups = store.reports()
    scores = {number: score for number, score in newest[1].order if number in groups} if newest else {}
    order = list(dict.fromkeys([*scores, *groups]))  # what is not ranked yet stands at the end, never outside
    voted: Mapping[int, ReportState] = states(store, screening.per_record)
    waiting = queue(order, voted, reviewer, screening.reviewers, screening.per_record)
    return _mixed(waiting, scores, project)


def sample_for(store: Store, project: Project, reviewer: str, size: int) -> tuple[int, ...]:
    """Of a random sample of so many reports that are not settled, those this reviewer is still to read, by lot.

    It is the sample that `harvest rank status --audit` names: the same for every reviewer, until it is settled. Raises
    `WrongUse` for a stranger.
    """
    from screen.stop.sample import by_lot  # noqa: PLC0415 - it loads scipy, which no other queue needs

    waiting = set(waiting_for(store, project, reviewer))
    voted = states(store, project.screening.per_record).items()
    read = {report for report, state in voted if state.outcome in {"include", "exclude"}}
    drawn = by_lot(store.reports().keys() - read, project.ranking.seed)[:size]
    return tuple(report for report in drawn if report in waiting)


def _mixture(project: Project) -> dict[str, float]:
    ranking = project.ranking
    return {"random": ranking.mix_random, "uncertain": ranking.mix_uncertain, "seed": ranking.seed}


def _mixed(waiting: tuple[int, ...], scores: Mapping[int, float], project: Project) -> tuple[int, ...]:
    """What is read next in mixed order: the ranking itself stays as it is."""
    shares = project.ranking.mix_random, project.ranking.mix_uncertain
    if not any(shares):
        return waiting
    from screen.mix import mixed  # noqa: PLC0415 - it loads scipy, which no other queue needs

    last = min(scores.values(), default=0.0)
    return mixed(waiting, [scores.get(number, last) for number in waiting], project.ranking.seed, *shares)


def cover(project: Project, reviewer: str) -> Cover:
    """What a reviewer needs beside the records."""
    criteria = project.criteria
    picos = ("population", "intervention", "comparison", "outcomes", "design")
    wanted = [f"{name}: {'; '.join(getattr(criteria, name))}" for name in picos if getattr(criteria, name)]
    reasons = {reason.code: reason.reason for reason in criteria.reasons(TITLE)}
    return Cover(
        project.title,
        project.question,
        TITLE,
        reviewer,
        (*wanted, *criteria.include),
        tuple(reasons.values()),
        reasons,
    )


def take_in(store: Store, project: Project, path: Path, reviewer: str, *, dry_run: bool = False) -> Imported:
    """Take a file of decisions in, whole or not at all; taken twice it changes nothing.

    Raises `WrongUse` naming every row that cannot be matched or understood.
    """
    from screen.decisions import read_decisions  # noqa: PLC0415 - openpyxl is not needed to look or to vote

    known_reviewer(project, reviewer)
    body, name = _read(path), files.legible(path.name)
    file = read_decisions(body, name, [reason.code for reason in project.criteria.reasons(TITLE)])
    wrong = [*_misplaced(file, name, reviewer), *file.problems, *_strangers(store, file, name)]
    if wrong:
        told = "\n  ".join(str(problem) for problem in wrong)
        raise WrongUse(f"Nothing was taken in; this must be put right first:\n  {told}")
    votes = [
        Decision(report_of(line.harvest_id or "") or 0, TITLE, reviewer, line.verdict, line.reason, line.note)
        for line in file.rows
    ]
    if dry_run:
        return Imported(len(votes), _news(store, votes_for(store, votes)), file.blank)
    with store.writing():
        handover = store.add_handover(name, hashlib.sha256(body).hexdigest(), reviewer, len(file.rows))
        added = store.add_decisions(votes_for(store, votes), handover)
    return Imported(len(votes), added, file.blank)


def _read(path: Path) -> bytes:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise WrongUse(
            f"{files.legible(path)} cannot be read ({error.strerror}): check its name and permissions."
        ) from error
    if not body.strip():
        raise WrongUse(f"{files.legible(path)} is empty: save the queue once more, then bring it again.")
    return body


def _misplaced(file: DecisionFile, name: str, reviewer: str) -> Iterator[Problem]:
    """A queue made for somebody else, or for another stage, is brought in by mistake."""
    others = [who for who in file.reviewers if who != reviewer]
    if others:
        yield Problem(name, "", f"this is the queue of {', '.join(others)}: name them with --reviewer")
    if any(stage != TITLE for stage in file.stages):
        yield Problem(name, "", f"these decisions are for {', '.join(file.stages)}, not for {TITLE}")


def _strangers(store: Store, file: DecisionFile, name: str) -> Iterator[Problem]:
    """Rows whose report is none of ours, or that no longer say which it is."""
    known = store.existing({report_of(line.harvest_id or "") or 0 for line in file.rows})
    for line in file.rows:
        if line.harvest_id is None:
            what = f" ({line.title[:60]})" if line.title else ""
            yield Problem(
                name, line.place, f"the harvest_id is gone{what}: copy it from the queue that went out"
            )
        elif report_of(line.harvest_id) not in known:
            yield Problem(name, line.place, f"{line.harvest_id} is no record of this review")


def decide(
    store: Store,
    project: Project,
    name: str,
    verdict: Verdict,
    reviewer: str,
    reason: str = "",
    note: str = "",
    *,
    dry_run: bool = False,
) -> Decision:
    """One vote. Raises `WrongUse` for an unknown record, reviewer or reason, and for an include with a reason."""
    known_reviewer(project, reviewer)
    number = report_of(name)
    if number is None or not store.existing([number]):
        raise WrongUse(
            f"There is no record {name}: records are called H000123; `harvest find` looks them up."
        )
    stage: Stage = TITLE
    codes = [each.code for each in project.criteria.reasons(stage)]
    if reason and reason not in codes:
        raise WrongUse(
            f"There is no exclusion reason '{reason}'; review.toml has {', '.join(codes) or 'none'}."
        )
    if reason and verdict == "include":
        raise WrongUse(f"'{reason}' is a reason to exclude: leave it out, or exclude the record.")
    vote = Decision(number, stage, reviewer, verdict, reason, note)
    if not dry_run:
        store.add_decisions(votes_for(store, [vote]))
    return vote


def _news(store: Store, votes: Sequence[Decision]) -> int:
    newest = {(d.record, d.reviewer): (d.verdict, d.reason, d.note) for d in store.decisions(TITLE)}
    return sum(newest.get((v.record, v.reviewer)) != (v.verdict, v.reason, v.note) for v in votes)


def known_reviewer(project: Project, reviewer: str) -> None:
    """Raises `WrongUse` for somebody who is no reviewer of this review."""
    if reviewer not in project.reviewers:
        known = ", ".join(project.reviewers) or "nobody yet"
        raise WrongUse(f"'{reviewer}' is no reviewer of this review: [screening] reviewers names {known}.")


def _row(store: Store, number: int, place: int, why: str) -> QueueRow:
    members = store.records_of(number)
    searches = sorted({name for names in store.sources_of(members).values() for name in names})
    return row(number, place, report(store, members), searches, why)

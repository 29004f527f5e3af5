"""One person's word about one report: a vote, taking it back, putting it off. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from db.errors import WrongUse
from db.opinion import Decision, Postponement, Said, Stage
from db.store import Store
from harvest.answers import known_record
from harvest.project import Project
from harvest.screening import plan
from harvest.waiting import at_stage, known_reviewer, waiting_for
from screen.export import harvest_id
from screen.plan import FULL_TEXT, TITLE
from screen.steps import votes_for

STAGES: tuple[Stage, Stage] = (TITLE, FULL_TEXT)
AGAIN = "now"
"""`Postponement.until` of what is taken up again."""


def codes(project: Project, stage: Stage) -> list[str]:
    """The reasons a reviewer may give at a stage, in the project's order."""
    return [reason.code for reason in project.criteria.reasons(stage)]


def wrong_reason(project: Project, stage: Stage, verdict: Said, reason: str) -> str:
    """What is wrong with a verdict and its reason, in a sentence; empty when nothing is.

    PRISMA 2020 (items 16a, 16b) and MECIR C41 want the reason of every exclusion at full text.
    """
    known = codes(project, stage)
    if reason and reason not in known:
        return f"There is no exclusion reason '{reason}' at {stage}; review.toml has {', '.join(known) or 'none'}."
    if reason and verdict == "include":
        return f"'{reason}' is a reason to exclude: leave it out, or exclude the record."
    if reason and verdict == "withdrawn":
        return f"A vote is taken back without a reason: leave '{reason}' out."
    if stage == FULL_TEXT and verdict == "exclude" and not reason:
        some = (
            f"one of {', '.join(known)}"
            if known
            else "but review.toml has none yet: write [[criteria.exclude]]"
        )
        return f"An exclusion at full text needs its reason, {some}."
    return ""


def decide(
    store: Store,
    project: Project,
    name: str,
    verdict: Said,
    reviewer: str,
    reason: str = "",
    note: str = "",
    *,
    stage: Stage = TITLE,
    dry_run: bool = False,
) -> Decision:
    """One vote, or with `withdrawn` that a vote is taken back.

    Raises `WrongUse` for an unknown record or reviewer, a reason that does not go with the verdict, a full text of
    what title and abstract have not included, and a vote taken back that was never given.
    """
    known_reviewer(project, reviewer)
    number = known_record(store, name)
    if wrong := wrong_reason(project, stage, verdict, reason):
        raise WrongUse(wrong)
    if stage == FULL_TEXT and store.report_of(number) not in at_stage(store, project, stage):
        raise WrongUse(f"{name} is not judged at full text: title and abstract have not included it (yet).")
    if verdict == "withdrawn" and not _has_voted(store, number, stage, reviewer):
        raise WrongUse(f"{reviewer} has no vote on {name} at {stage}: there is nothing to take back.")
    vote = Decision(number, stage, reviewer, verdict, reason, note)
    if not dry_run:
        with store.writing():
            keep_design(store, project, stage)
            store.add_decisions(votes_for(store, [vote]))
    return vote


def withdraw(
    store: Store,
    project: Project,
    name: str,
    reviewer: str,
    note: str = "",
    *,
    stage: Stage = TITLE,
    dry_run: bool = False,
) -> Decision:
    """Take a vote back, as if it had never been given; it stays on record. Raises as `decide`."""
    return decide(store, project, name, "withdrawn", reviewer, "", note, stage=stage, dry_run=dry_run)


def _has_voted(store: Store, number: int, stage: Stage, reviewer: str) -> bool:
    members = set(store.records_of(store.report_of(number)))
    newest = {
        vote.record: vote.verdict for vote in store.decisions(stage, reviewer) if vote.record in members
    }
    return any(verdict != "withdrawn" for verdict in newest.values())


def postpone(
    store: Store,
    project: Project,
    names: Sequence[str],
    reviewer: str,
    until: str = "",
    note: str = "",
    *,
    stage: Stage = TITLE,
    dry_run: bool = False,
) -> list[Postponement]:
    """Put reports at the end of a reviewer's queue, until a day, or with `until="now"` back into their places.

    All of them, or none. It is no vote, and nobody else's queue knows of it. Raises `WrongUse` for what does not wait
    for this reviewer, and for a day that is none or is not to come.
    """
    if until not in ("", AGAIN) and not _to_come(until, store.now()[:10]):
        raise WrongUse(
            f"'{until}' is no day to come: write it as 2026-12-01, or leave it out for the end of the queue."
        )
    waiting = frozenset(waiting_for(store, project, reviewer, stage))
    leads = {name: store.report_of(known_record(store, name)) for name in names}
    if strange := [name for name, lead in leads.items() if lead not in waiting]:
        raise WrongUse(
            f"{', '.join(strange)} does not wait for {reviewer} at {stage}: there is nothing to put off."
        )
    said = [Postponement(lead, stage, reviewer, until, note) for lead in leads.values()]
    if not dry_run:
        store.postpone(said)
    return said


def _to_come(day: str, today: str) -> bool:
    try:
        return date.fromisoformat(day).isoformat() == day > today
    except ValueError:
        return False


# -- the design, agreed on in advance ----------------------------------------------------------------


def design(store: Store, project: Project, stage: Stage) -> dict[str, object]:
    """What must not change once somebody has voted: how many read a report, and who is drawn to be read once more."""
    said = plan(store, project, stage)
    return {
        "per_record": said.per_record,
        "doubled": said.doubled,
        "seed": said.seed if said.doubled else None,
    }


def keep_design(store: Store, project: Project, stage: Stage) -> None:
    """Note the design with the first vote of a stage. To be called in the transaction that keeps votes."""
    if not store.last_note(_kept_as(stage)):
        store.note(_kept_as(stage), design(store, project, stage))


def design_changes(store: Store, project: Project) -> Iterator[str]:
    """A sentence for each stage whose design is another one than before its first vote.

    MECIR C39 wants it laid down in advance how many people judge, and how disagreements end.
    """
    for stage in STAGES:
        then, now = store.last_note(_kept_as(stage)), design(store, project, stage)
        changed = [
            f"{key} was {value}, now {now[key]}"
            for key, value in sorted(then.items(), key=lambda item: list(now).index(item[0]))
            if now[key] != value and None not in (value, now[key])
        ]
        if changed:
            yield (
                f"[screening] changed after the first vote at {stage} ({'; '.join(changed)}): MECIR C39 wants it "
                "decided in advance. Say in the report why, or change it back."
            )


def _kept_as(stage: Stage) -> str:
    return f"design of {stage}"


def named(vote: Decision) -> str:
    """A vote in a sentence."""
    said = "takes back what they said of" if vote.verdict == "withdrawn" else f"says {vote.verdict} to"
    at = f" at {vote.stage}" if vote.stage == FULL_TEXT else ""
    return f"{vote.reviewer} {said} {harvest_id(vote.record)}{at}"

"""Which reports are judged at a stage, and in which order a reviewer reads those that wait for them."""

from __future__ import annotations

from collections.abc import Mapping

from db.errors import WrongUse
from db.opinion import Stage
from db.store import Store
from harvest import fulltext
from harvest.project import Project
from harvest.screening import plan, states
from screen.plan import TITLE
from screen.queue import arranged, queue


def known_reviewer(project: Project, reviewer: str) -> None:
    """Raises `WrongUse` for somebody who is no reviewer of this review."""
    if reviewer not in project.reviewers:
        known = ", ".join(project.reviewers) or "nobody yet"
        raise WrongUse(f"'{reviewer}' is no reviewer of this review: [screening] reviewers names {known}.")


def at_stage(store: Store, project: Project, stage: Stage) -> frozenset[int]:
    """Reports that the stage is about: all of them, or those that title and abstract included, by vote or arbiter."""
    if stage == TITLE:
        return frozenset(store.reports())
    return frozenset(fulltext.wanted(store, project))


def readable(store: Store, project: Project, stage: Stage) -> frozenset[int]:
    """Reports of the stage that somebody can read: at full text without those that could not be had."""
    here = at_stage(store, project, stage)
    if stage == TITLE:
        return here
    said = fulltext.retrievals(store)
    return here - {report for report, word in said.items() if word.state == "not retrieved"}


def waiting_for(store: Store, project: Project, reviewer: str, stage: Stage = TITLE) -> tuple[int, ...]:
    """Reports a reviewer still has to read: the pilot first, then most likely inclusions, mixed as `[ranking]` says.

    What the reviewer has postponed stands at the end, until its day has come. Raises `WrongUse` for a stranger.
    """
    known_reviewer(project, reviewer)
    here = readable(store, project, stage)
    newest = store.newest_ranking()
    scores = {number: score for number, score in newest[1].order if number in here} if newest else {}
    order = dict.fromkeys([*scores, *sorted(here)])  # what is not ranked yet stands at the end, never outside
    voted = {lead: state for lead, state in states(store, project, stage).items() if lead in here}
    waiting = queue(list(order), voted, reviewer, plan(store, project, stage))
    if stage == TITLE:
        waiting = _mixed(waiting, scores, project)
    return arranged(waiting, pilot_order(store, stage), postponed(store, reviewer, stage))


def pilot_order(store: Store, stage: Stage) -> tuple[int, ...]:
    """The reports of the pilot rounds, in the order of the draw, as the reports are today."""
    groups = store.membership()
    drawn = (record for pilot in store.pilots(stage) for record in pilot.reports)
    return tuple(dict.fromkeys(groups[record][0] for record in drawn if record in groups))


def postponed(store: Store, reviewer: str, stage: Stage) -> tuple[int, ...]:
    """Reports that a reviewer has put off and whose day has not come, first put off first."""
    today = store.now()[:10]
    groups = store.membership()
    off = (said for said in store.postponed(stage, reviewer) if not said.until or said.until > today)
    return tuple(dict.fromkeys(groups[said.record][0] for said in off if said.record in groups))


def sample_for(store: Store, project: Project, reviewer: str, size: int) -> tuple[int, ...]:
    """Of a random sample of so many reports that are not settled, those this reviewer is still to read, by lot.

    It is the sample that `harvest rank status --audit` names: the same for every reviewer, until it is settled. Raises
    `WrongUse` for a stranger.
    """
    from screen.stop.sample import by_lot  # noqa: PLC0415 - it loads scipy, which no other queue needs

    waiting = set(waiting_for(store, project, reviewer))
    voted = states(store, project).items()
    read = {report for report, state in voted if state.outcome in {"include", "exclude"}}
    drawn = by_lot(store.reports().keys() - read, project.ranking.seed)[:size]
    return tuple(report for report in drawn if report in waiting)


def _mixed(waiting: tuple[int, ...], scores: Mapping[int, float], project: Project) -> tuple[int, ...]:
    """What is read next in mixed order: the ranking itself stays as it is."""
    shares = project.ranking.mix_random, project.ranking.mix_uncertain
    if not any(shares):
        return waiting
    from screen.mix import mixed  # noqa: PLC0415 - it loads scipy, which no other queue needs

    last = min(scores.values(), default=0.0)
    return mixed(waiting, [scores.get(number, last) for number in waiting], project.ranking.seed, *shares)

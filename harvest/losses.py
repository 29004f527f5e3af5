"""Included records that a search has lost: found before, and not found today. An alarm until they are found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from db.opinion import Stage
from db.store import Store
from harvest.blind import told
from harvest.project import Project
from harvest.screening import states
from screen.export import harvest_id
from screen.plan import FULL_TEXT, TITLE

_STAGES: tuple[Stage, ...] = (TITLE, FULL_TEXT)


def lost_includes(store: Store, project: Project, run: int) -> tuple[str, ...]:
    """Included records that disappeared from a search in this run, a line each."""
    gone = _gone(store, run)
    return tuple(_told(store, gone, _included(store, project), "included at")) if gone else ()


def lost_judged(store: Store, project: Project, run: int) -> tuple[str, ...]:
    """Records that disappeared in this run while reviewers are judging them, a line each.

    Somebody may have included them: who has not voted yet must not learn that, so what was said is left out.
    """
    gone = _gone(store, run)
    return tuple(_told(store, gone, _judged(store, project), "being judged at")) if gone else ()


def still_lost(store: Store, project: Project) -> tuple[str, ...]:
    """Included records that some search lost in any run and has not found again, a line each."""
    gone = _lost(store)
    return tuple(_told(store, gone, _included(store, project), "included at")) if gone else ()


def still_judged(store: Store, project: Project) -> tuple[str, ...]:
    """The same for records that are being judged."""
    gone = _lost(store)
    return tuple(_told(store, gone, _judged(store, project), "being judged at")) if gone else ()


def _gone(store: Store, run: int) -> list[tuple[int, str, str]]:
    """Record, search and reason of what disappeared in a run."""
    return [(s.record, s.search, s.reason) for s in store.sightings_of_run(run) if s.event == "disappeared"]


def _lost(store: Store) -> list[tuple[int, str, str]]:
    return [(record, search, reason) for record, search, reason, _ in store.lost()]


def _told(
    store: Store, gone: Sequence[tuple[int, str, str]], stages: Mapping[int, str], how: str
) -> Iterator[str]:
    lost = [each for each in gone if store.report_of(each[0]) in stages]
    names = store.sayings(record for record, _, _ in lost)
    for record, search, reason in lost:
        report = store.report_of(record)
        elsewhere = _found_elsewhere(store, report, search)
        still = f"; still found by {', '.join(elsewhere)}" if elsewhere else ""
        yield f"{harvest_id(record)} {names[record].title} ({search}: {reason}; {how} {stages[report]}{still})"


def _judged(store: Store, project: Project) -> Mapping[int, str]:
    """Report → the stage at which it has votes and lacks others; not what is known to be included."""
    found = {
        report: str(stage)
        for stage in _STAGES
        if not store.unblinded(stage)
        for report, state in states(store, project, stage).items()
        if state.outcome == "open" and state.verdicts
    }
    known = _included(store, project) if found else {}
    return {report: stage for report, stage in found.items() if report not in known}


def _included(store: Store, project: Project) -> Mapping[int, str]:
    """Report → the last stage at which somebody who has voted includes it, of those on which no vote is missing.

    What everybody who read the full text excluded is no loss, whatever was said of its abstract.
    """
    found: dict[int, str] = {}
    for stage in _STAGES:
        for report, state in told(store, project, stage).items():
            said = set(state.verdicts.values())
            if "include" in said:
                found[report] = stage
            elif stage == FULL_TEXT and said == {"exclude"}:
                found.pop(report, None)
    return found


def _found_elsewhere(store: Store, report: int, search: str) -> list[str]:
    """Other searches that find a record of this report today."""
    return sorted(set(store.finders(store.records_of(report))) - {search})

"""Included records that a search has lost: found before, and not found today. An alarm until they are found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from db.opinion import Stage
from db.store import Store
from screen.export import harvest_id

_STAGES: tuple[Stage, ...] = ("title and abstract", "full text")


def lost_includes(store: Store, run: int) -> tuple[str, ...]:
    """Included records that disappeared from a search in this run, a line each."""
    gone = [(s.record, s.search, s.reason) for s in store.sightings_of_run(run) if s.event == "disappeared"]
    return tuple(_told(store, gone))


def still_lost(store: Store) -> tuple[str, ...]:
    """Included records that some search lost in any run and has not found again, a line each."""
    return tuple(_told(store, [(record, search, reason) for record, search, reason, _ in store.lost()]))


def _told(store: Store, gone: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    gone = list(gone)
    included = _included(store) if gone else {}
    lost = [each for each in gone if store.report_of(each[0]) in included]
    names = store.sayings(record for record, _, _ in lost)
    for record, search, reason in lost:
        report = store.report_of(record)
        elsewhere = _found_elsewhere(store, report, search)
        still = f"; still found by {', '.join(elsewhere)}" if elsewhere else ""
        yield f"{harvest_id(record)} {names[record].title} ({search}: {reason}; included at {included[report]}{still})"


def _included(store: Store) -> Mapping[int, str]:
    """Report → the last stage at which somebody's newest vote includes it.

    What everybody who read the full text excluded is no loss, whatever was said of its abstract.
    """
    said: dict[tuple[str, int], dict[tuple[str, int], str]] = {}
    for stage in _STAGES:
        for vote in store.decisions(stage):
            report = store.report_of(vote.record)
            said.setdefault((stage, report), {})[vote.reviewer, vote.record] = vote.verdict
    found = {report: stage for (stage, report), votes in said.items() if "include" in votes.values()}
    excluded = {report for (stage, report), votes in said.items() if _all_out(stage, votes.values())}
    return {report: stage for report, stage in found.items() if report not in excluded}


def _all_out(stage: str, verdicts: Iterable[str]) -> bool:
    return stage == "full text" and set(verdicts) == {"exclude"}


def _found_elsewhere(store: Store, report: int, search: str) -> list[str]:
    """Other searches that find a record of this report today."""
    return sorted(set(store.finders(store.records_of(report))) - {search})

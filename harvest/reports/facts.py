"""What the store knows of the searches of a review, put together once for all reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from db.errors import WrongUse
from db.facts import Request, Search
from db.store import Store
from db.store.history import Asking
from db.store.tallies import Tally
from harvest import catalogue
from harvest.exports_only import is_register
from harvest.imports import UNKNOWN, Origin, asked_as, later_stated
from harvest.project import Project
from harvest.project.searches import SearchPlan
from harvest.strategy import read_strategy
from harvest.strategy.filters import Filter, filters_of

_UNSTATED = ("not stated", "not reported", "unknown", "?")
"""What people write for a platform they do not know; `review.toml` wants something there."""


@dataclass(frozen=True, slots=True)
class LineHits:
    """One line of a strategy, counted alone."""

    number: int
    text: str
    hits: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What a search brought in one run."""

    run: int
    day: str
    """UTC."""
    matched: int | None
    """How many the source said match, or are in the file."""
    appeared: int
    """Records that this search had not found before."""
    new_reports: int
    """Reports that no search had found before, after duplicates were taken together as they are today."""


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: what was planned, what was asked, what it brought."""

    name: str
    source: str
    plan: SearchPlan | None
    """As `review.toml` has it; None for an import that no search there claims, or a search taken out of it."""
    label: str
    """The database or register, as people call it."""
    register: bool
    platform: str
    endpoint: str
    """The address that was asked; empty for export files."""
    wording: Search | None
    """As it was asked last, or else as it is planned; None where nobody wrote it down."""
    edited: bool
    """Whether the strategy file says something else today than what was asked last."""
    searched: str
    """Day of the last search, UTC; empty when it never came to its end."""
    translation: str
    warnings: tuple[str, ...]
    lines: tuple[LineHits, ...]
    filters: tuple[Filter, ...]
    """Packaged filters that the strategy includes by name."""
    visits: tuple[Visit, ...]
    records: int
    """Records it ever found."""
    reports: int
    """The same after taking duplicates together."""

    @property
    def by_hand(self) -> bool:
        """True when somebody exported the records."""
        return self.source.startswith("file")


_Key: TypeAlias = tuple[str, str]
"""By which a search is known again: its name and its source."""


@dataclass(slots=True)
class _Brought:
    """What appeared, counted once: by search, and by search and run."""

    found: dict[_Key, set[int]]
    records: Counter[tuple[_Key, int]]
    new_reports: Counter[tuple[_Key, int]]
    groups: Mapping[int, int]
    """Record → its report, as they are grouped today."""

    @classmethod
    def by(cls, store: Store) -> _Brought:
        groups = {record: report for record, (report, _) in store.membership().items()}
        brought = cls(defaultdict(set), Counter(), Counter(), groups)
        known: set[int] = set()
        for record, search, run in store.appearances():
            report = groups.get(record, record)
            brought.found[search].add(record)
            brought.records[search, run] += 1
            brought.new_reports[search, run] += report not in known
            known.add(report)
        return brought


def searched(store: Store, project: Project) -> list[Searched]:
    """Every search of the project in its order, then what else the store holds."""
    brought = _Brought.by(store)
    plans = {(plan.search.name, asked_as(plan)): plan for plan in project.plans}
    stored = [(name, source) for name, source, *_ in store.searches()]
    return [_searched(store, *key, plans.get(key), brought) for key in dict.fromkeys([*plans, *stored])]


def _searched(store: Store, name: str, source: str, plan: SearchPlan | None, brought: _Brought) -> Searched:
    askings = store.askings(name, source)
    last = askings[-1] if askings else None
    wording = _wording(store, last, plan)
    label, register, endpoint = _of_source(
        source, wording, plan, store.first_request(last.fetch) if last else None
    )
    platform, day = _platform(source, plan, wording, label), _day(store, askings, plan)
    said = later_stated(store, name) if source == UNKNOWN else []
    if any(each.database for each in said):
        label, platform, day = _later(said)
    by_hand = source.startswith("file")
    records = brought.found[name, source]
    return Searched(
        name=name, source=source, plan=plan, label=label, register=register,
        platform=platform, endpoint=endpoint, wording=wording,
        edited=bool(last and plan and wording and not by_hand and plan.search.digest != wording.digest),
        searched=day, translation=last.translation if last else "",
        warnings=last.warnings if last else (),
        lines=tuple(LineHits(t.line or 0, t.text, t.hits) for t in _counted(store, name, last)),
        filters=filters_of(read_strategy(wording.stored, name)) if wording and wording.stored else (),
        visits=_visits((name, source), askings, brought), records=len(records),
        reports=len({brought.groups.get(record, record) for record in records}),
    )  # fmt: skip


def _wording(store: Store, last: Asking | None, plan: SearchPlan | None) -> Search | None:
    """What was asked last; for an import whose strategy was written down afterwards, that."""
    asked = store.wording(last.search) if last else None
    planned = plan.search if plan else None
    if asked and planned and not asked.stored:
        return replace(asked, stored=planned.stored, query=asked.query or planned.query)
    return asked or planned


def _counted(store: Store, name: str, last: Asking | None) -> list[Tally]:
    return store.tallies(name, "line", last.search) if last else []


def _of_source(
    source: str, wording: Search | None, plan: SearchPlan | None, asked: Request | None
) -> tuple[str, bool, str]:
    """What the source is called, whether it is a register, and which address was asked."""
    if source.startswith("file"):
        said = wording.options.get("database", "") if wording else ""
        label = (plan.database if plan else "") or said or source.partition(":")[2]
        return label, is_register(label, plan.platform if plan else ""), ""
    endpoint = f"{asked.method} {asked.url}" if asked else ""
    try:
        kind = catalogue.kind(source)
    except WrongUse:  # an outsider's that is not installed here; its records are in the review all the same
        return source, False, endpoint
    return str(kind.label), bool(kind.register), endpoint


def _later(said: Sequence[Origin]) -> tuple[str, str, str]:
    """Databases, platforms and newest day of files whose origin was stated after they were read, if it was."""
    databases = dict.fromkeys(each.database or UNKNOWN.partition(":")[2] for each in said)
    platforms = dict.fromkeys(each.platform for each in said if each.platform)
    return ", ".join(databases), ", ".join(platforms), max((each.searched for each in said), default="")


def _platform(source: str, plan: SearchPlan | None, wording: Search | None, label: str) -> str:
    if not source.startswith("file"):
        return f"{label}, its programming interface"
    said = (plan.platform if plan else "") or (wording.options.get("platform", "") if wording else "")
    return "" if said.strip().lower() in _UNSTATED else said


def _day(store: Store, askings: Sequence[Asking], plan: SearchPlan | None) -> str:
    """When it was searched last: for export files the day that somebody gives, never that of the import."""
    wordings = [store.wording(asking.search) for asking in askings]
    if wordings and not wordings[-1].source.startswith("file:"):
        return askings[-1].started_at[:10]
    said = [wording.options.get("searched", "") for wording in wordings]
    return max([*said, plan.date if plan else ""])


def _visits(search: _Key, askings: Sequence[Asking], brought: _Brought) -> tuple[Visit, ...]:
    """What each run brought; several files of one search in one run are one visit."""
    visits: dict[int, Visit] = {}
    for asking in askings:
        run, before = asking.run, visits.get(asking.run)
        matched = asking.promised if before is None else (before.matched or 0) + (asking.promised or 0)
        new = brought.records[search, run], brought.new_reports[search, run]
        visits[run] = Visit(run, asking.started_at[:10], matched, *new)
    return tuple(visits.values())

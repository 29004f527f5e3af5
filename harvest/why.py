"""Why a record is new in a search, or gone from it: the context before the run, the rule, and the evidence.

Only a day that the source itself gives (`Record.dates`: first_posted, or created) makes a record "new in the
source". A source that gives none is never said to have got anything new: what appears there is newly matching,
and the evidence says that nobody knows since when it was there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from db.facts import Reason, Search
from db.record import Record
from db.store import Store
from db.store.provenance import Sighting
from harvest.outcome import Edit, News
from harvest.strategy import difference, read_strategy
from screen.export import harvest_id

LATE = timedelta(days=1)
"""Dates of sources carry no time zone: a day more on either side."""


@dataclass(frozen=True, slots=True)
class Why:
    """What was known about a search before it was asked again."""

    first: bool
    """It never came to its end before."""
    added_later: bool
    """It was put into the project after others had been run."""
    edited: bool
    """Its wording is not the one that was complete last."""
    last_listed: date | None
    """The day of the listing before this one."""
    old_finds: frozenset[str] | None = None
    """Keys that the wording before, asked again today, finds; None when it was not asked."""

    @classmethod
    def before(cls, store: Store, search: Search, search_id: int) -> Why:
        """The context of a search that is about to be asked. One that asked another source before is a new one."""
        last = store.last_complete(search.name, search.source)
        return cls(
            first=last is None,
            added_later=store.added_later(search.name, search.source),
            edited=last is not None and last.search_id != search_id,
            last_listed=None if last is None else date.fromisoformat(last.started_at[:10]),
        )

    def appeared(self, record: Record) -> Reason:
        """Why this record is found now and was not found before.

        A record the source created since the last listing is new there, whatever else changed; an older
        one matches because the strategy was edited, or because the source indexed or changed it: then the
        wording before finds it today, too.
        """
        if self.first:
            return "source added" if self.added_later else "first search"
        if self.last_listed and _day(record) >= self.last_listed - LATE:
            return "new in the source"
        by_edit = self.edited and (self.old_finds is None or record.key not in self.old_finds)
        return "strategy edited" if by_edit else "newly matching"

    def gone(self, key: str, *, withdrawn: bool) -> Reason:
        """Why a record is found no more: what the wording before still finds was lost by the edit."""
        if withdrawn:
            return "withdrawn by the source"
        return "strategy edited" if self.old_finds and key in self.old_finds else "no longer matching"


def news(store: Store, run: int) -> tuple[News, ...]:
    """Every appearance and disappearance that a run noted, in order, with its reason and what proves it."""
    seen = store.sightings_of_run(run)
    said = store.sayings(sighting.record for sighting in seen)
    before = {fetch: _Before.of(store, fetch) for fetch in {sighting.fetch for sighting in seen}}
    return tuple(
        News(
            harvest_id(sighting.record), sighting.search, sighting.event, sighting.reason,
            said[sighting.record].key, said[sighting.record].title,
            before[sighting.fetch].because(sighting, said[sighting.record].dates),
        )
        for sighting in seen
    )  # fmt: skip


def edits(store: Store, run: int) -> tuple[Edit, ...]:
    """Strategies that were reworded since the last whole listing before a run, with the lines that changed."""
    found = []
    for name, source, fetch in store.fetches_of_run(run):
        last = None if source.startswith("file:") else store.complete_before(fetch.id)
        if last and last[1] != fetch.search_id:
            old, new = (
                read_strategy(store.wording(search).stored, name) for search in (last[1], fetch.search_id)
            )
            day = last[2][:10]
            found.append(
                Edit(name, last[0], day, difference(old, new, f"run {last[0]}, {day}", f"run {run}"))
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a search was before it was asked: the evidence for its reasons."""

    listed: str
    """Day of the whole listing before; empty when there was none."""
    edited: bool

    @classmethod
    def of(cls, store: Store, fetch: int) -> _Before:
        last = store.complete_before(fetch)
        return cls(last[2][:10], last[1] != store.fetch(fetch).search_id) if last else cls("", edited=False)

    def because(self, sighting: Sighting, dates: Mapping[str, str]) -> str:
        """The days on which a reason rests; empty where it speaks for itself."""
        if not self.listed or sighting.reason in ("first search", "source added", "file added"):
            return ""
        if sighting.event == "disappeared":
            return self._gone(sighting, dates)
        since = _said(dates)
        there = f"there since {since}" if since else "the source does not say since when it holds it"
        if sighting.reason == "new in the source":
            return f"{there}; listed before on {self.listed}"
        if sighting.reason == "strategy edited":
            return f"{there}; the wording of {self.listed} did not find it"
        return f"{there}; not listed on {self.listed}{_changed(dates, self.listed)}"

    def _gone(self, sighting: Sighting, dates: Mapping[str, str]) -> str:
        day = sighting.at[:10]
        if sighting.reason == "withdrawn by the source":
            return f"asked for by its key on {day} and not delivered; listed on {self.listed}"
        if sighting.reason == "strategy edited":
            return f"the wording of {self.listed} still finds it on {day}"
        return f"still in the source on {day}; listed on {self.listed}{_changed(dates, self.listed)}"


def _changed(dates: Mapping[str, str], since: str) -> str:
    revised = dates.get("revised", "")
    return f"; last changed there {revised[:10]}" if revised[:10] >= since[: len(revised)] and revised else ""


def _said(dates: Mapping[str, str]) -> str:
    """Since when the source holds a record, in its own words."""
    return (dates.get("first_posted") or dates.get("created") or "")[:10]


def _day(record: Record) -> date:
    """The day the source made the record public, as far as it says."""
    said = _said(record.dates)
    try:
        return date.fromisoformat(said if len(said) >= 10 else f"{said}-01")
    except ValueError:
        return date.min

"""Why a record is new in a search: the context before the run, and the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.facts import Reason, Search
from db.record import Record
from db.store import Store
from harvest.outcome import News
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

    @classmethod
    def before(cls, store: Store, search: Search, search_id: int) -> Why:
        """The context of a search that is about to be asked."""
        last = store.last_complete(search.name)
        return cls(
            first=last is None,
            added_later=store.added_later(search.name),
            edited=last is not None and last.search_id != search_id,
            last_listed=None if last is None else date.fromisoformat(last.started_at[:10]),
        )

    def appeared(self, record: Record) -> Reason:
        """Why this record is found now and was not found before.

        A record the source created since the last listing is new there, whatever else changed; an older
        one matches because the strategy was edited, or because the source indexed or changed it.
        """
        if self.first:
            return "source added" if self.added_later else "first search"
        if self.last_listed and _day(record) >= self.last_listed - LATE:
            return "new in the source"
        return "strategy edited" if self.edited else "newly matching"


def news(store: Store, run: int) -> tuple[News, ...]:
    """Every appearance and disappearance that a run noted, in order, with its reason."""
    return tuple(
        News(harvest_id(sighting.record), sighting.search, sighting.event, sighting.reason)
        for sighting in store.sightings_of_run(run)
    )


def _day(record: Record) -> date:
    """The day the source made the record public, as far as it says."""
    said = record.dates.get("first_posted") or record.dates.get("created") or ""
    try:
        return date.fromisoformat(said[:10] if len(said) >= 10 else f"{said}-01")
    except ValueError:
        return date.min

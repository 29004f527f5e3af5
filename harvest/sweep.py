"""One search, from its listing to its proof: list everything, fetch what is unknown or changed, explain.

A run is a sweep, not a window: whatever was indexed late or added with an old date is found, because every
identifier that matches today is listed and compared with what is stored. Each page is one transaction
with its cursor, so that a kill costs the page in flight and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from db.errors import BadAnswer, CountMismatch, SearchError, TokenExpired
from db.facts import Page, Request, Search
from db.record import Record, Unreadable
from db.store import Store
from db.store.provenance import Fetch
from db.store.records import Kept
from harvest.outcome import SearchOutcome
from harvest.progress import Progress
from harvest.source import Source
from harvest.why import Why

FRESH_HOURS = 24
"""A listing that was cut off is gone on with for a day; an older one is no picture of today."""

RESTARTS = 2
"""How often a listing is begun again when the source forgets the place."""

NAMED = 5
"""How many keys a sentence names before it says how many more there are."""


@dataclass(slots=True)
class Listing:
    """What matches today, according to the source."""

    stamps: dict[str, str] = field(default_factory=dict)
    """Key → the source's mark of its state (empty when it lists none)."""
    touched: set[str] = field(default_factory=set)
    """Keys the source says it changed since they were fetched."""


class Sweep:
    """One search being asked."""

    def __init__(self, store: Store, source: Source, search: Search, run: int, progress: Progress) -> None:
        self._store = store
        self._source = source
        self._search = search
        self._run = run
        self._progress = progress
        self._search_id = store.search_id(search)
        self._why = Why.before(store, search, self._search_id)
        self._present = store.found_by(search.name, search.source)
        self.outcome = SearchOutcome(search.name, search.source, search.query)
        self._fetch = self._resume_or_begin()

    def run(self) -> SearchOutcome:
        """Ask, keep, prove. A source that fails is an outcome, not an exception."""
        try:
            listing = self._list()
            self._ask_old_wording(listing)
            self._see_known(listing)
            self._get(self._wanted(listing))
            self._note_gone(listing)
            self._prove(listing)
        except SearchError as error:
            self._fail(error)
        return self._told()

    # -- begin -------------------------------------------------------------------------------------

    def _resume_or_begin(self) -> Fetch:
        for cut_off in self._store.unfinished(self._search.name, self._search.source):
            if cut_off.search_id == self._search_id and self._fresh(cut_off) and not self.outcome.resumed:
                self.outcome.resumed = True
                resumed = self._store.adopt_fetch(cut_off.id, self._run)
            else:
                self._store.move_fetch(cut_off.id, "abandoned")
        return resumed if self.outcome.resumed else self._store.begin_fetch(self._run, self._search_id)

    def _fresh(self, fetch: Fetch) -> bool:
        age = datetime.fromisoformat(self._store.now()) - datetime.fromisoformat(fetch.started_at)
        return 0 <= age.total_seconds() < FRESH_HOURS * 3600

    # -- list --------------------------------------------------------------------------------------

    def _list(self) -> Listing:
        for attempt in range(RESTARTS + 1):
            try:
                return self._list_once()
            except TokenExpired:
                if attempt == RESTARTS:
                    raise
                self._progress.say(
                    f"{self._search.name}: the source forgot the place, the listing begins again."
                )
                self._store.move_fetch(self._fetch.id, "abandoned")
                self._fetch = self._store.begin_fetch(self._run, self._search_id)
        raise AssertionError  # the loop returns or raises

    def _list_once(self) -> Listing:
        listed = 0
        for page in self._source.list(self._search, self._fetch.cursor, self._since()):
            self._store.add_page(self._fetch.id, page)
            if page.kind == "list" and page.counts:
                listed += len(self._source.hits(page.body))
                self._progress.step(self._search.name, "listing", listed, page.promised)
        self._fetch = self._store.fetch(self._fetch.id)
        listing = self._read_listing()
        promised = self._fetch.promised
        if promised is not None and promised != len(listing.stamps):
            raise CountMismatch(
                self._search.source,
                f"{self._search.name}: the source says that {promised} records match, but lists "
                f"{len(listing.stamps)}: start the run again; if it stays so, report it to the source.",
            )
        self.outcome.matched = len(listing.stamps)
        self._store.move_fetch(self._fetch.id, "fetching", listed=len(listing.stamps))
        return listing

    def _since(self) -> str:
        """The day from which on changes may be unknown here; empty when nothing of this search is stored.

        The newest change that is stored is not enough: a run that failed may have brought it, and not the
        older ones. All that had changed by the beginning of the last whole listing is stored, whatever its day.
        """
        newest = self._store.newest_stamp(self._search.name, self._search.source)
        if not newest:
            return ""
        whole = self._why.last_listed
        begun = self._store.runs(limit=-1)[-1][2][:10]  # of the review: nothing was fetched before
        return min(newest, whole.isoformat() if whole else begun)

    def _read_listing(self) -> Listing:
        """From the pages as they are kept, so that a resumed listing is whole."""
        listing = Listing()
        for _, body in self._store.pages(self._fetch.id, "list"):
            listing.stamps.update((hit.key, hit.stamp) for hit in self._source.hits(body))
        for _, body in self._store.pages(self._fetch.id, "changed"):
            listing.touched.update(hit.key for hit in self._source.hits(body))
        return listing

    # -- compare -----------------------------------------------------------------------------------

    def _ask_old_wording(self, listing: Listing) -> None:
        """What an edited strategy found before is asked for once more, to tell its doing from the source's own.

        Only where something came or went. What it says of these records is noted; where it cannot be asked, every
        difference counts as the edit's.
        """
        last = self._store.last_complete(self._search.name, self._search.source)
        differing = listing.stamps.keys() ^ self._present.keys()
        if not self._why.edited or last is None or not differing:
            return
        old = self._store.wording(last.search_id)
        try:
            keys = {hit.key for page in self._source.list(old) for hit in self._source.hits(page.body)}
        except SearchError as error:
            self._progress.say(f"{self._search.name}: the wording before cannot be asked any more: {error}")
            return
        self._why = replace(self._why, old_finds=frozenset(keys))
        said = {
            "search": old.name,
            "wording": last.search_id,
            "finds": len(keys),
            "of": sorted(differing & keys),
        }
        self._store.note("old wording asked", said, self._run)

    def _see_known(self, listing: Listing) -> None:
        """Records that other searches brought, or earlier runs, and that this one finds only now."""
        known = self._store.keys(self._search.source)
        seen = [known[key] for key in listing.stamps if key in known and key not in self._present]
        reasons = [(number, self._why.appeared(record)) for number, record in self._store.records(seen)]
        self._store.add_sightings(self._fetch.id, self._search_id, "appeared", reasons)
        self.outcome.appeared.update(reason for _, reason in reasons)
        self._present |= {key: known[key] for key in listing.stamps if key in known}

    def _wanted(self, listing: Listing) -> list[str]:
        """Keys to ask for: unknown, or changed since they were fetched, and not asked for yet."""
        stored = self._store.stamps(self._search.source)
        known = self._store.keys(self._search.source)
        asked, _ = self._store.asked(self._fetch.id)
        return [
            key
            for key, stamp in listing.stamps.items()
            if key not in asked
            and (key not in known or key in listing.touched or (stamp and stamp != stored.get(key)))
        ]

    # -- fetch -------------------------------------------------------------------------------------

    def _get(self, keys: Sequence[str]) -> set[str]:
        """Ask for these records and keep them page by page; returns the keys that did not come."""
        missing: set[str] = set()
        done = 0
        for page in self._source.fetch(keys) if keys else ():
            contents = list(self._source.records(page.body))
            self._keep(page, contents)
            missing = (missing | set(page.missing)) - _keys(contents)
            done += len(contents)
            self.outcome.fetched += len(contents)  # at once: what is kept counts, even if the next page fails
            self._progress.step(self._search.name, "fetching", done, len(keys))
        return missing

    def _keep(self, page: Page, contents: Sequence[Record | Unreadable]) -> None:
        with self._store.writing():
            number = self._store.add_page(self._fetch.id, page)
            kept = self._store.add_records(number, f"{self._source.name} {self._source.version}", contents)
            self._see_fetched(contents, kept)
        self.outcome.new += len(kept.new)
        self.outcome.changed += len(kept.changed)

    def _see_fetched(self, contents: Iterable[Record | Unreadable], kept: Kept) -> None:
        numbers = kept.numbers
        fresh = {c.key: c for c in contents if isinstance(c, Record) and c.key not in self._present}
        reasons = [(numbers[key], self._why.appeared(record)) for key, record in fresh.items()]
        self._store.add_sightings(self._fetch.id, self._search_id, "appeared", reasons)
        self.outcome.appeared.update(reason for _, reason in reasons)
        self._present |= {key: numbers[key] for key in fresh}

    # -- explain and prove -------------------------------------------------------------------------

    def _note_gone(self, listing: Listing) -> None:
        """Records that this search found before: ask once whether the source still has them."""
        gone = [key for key in self._present if key not in listing.stamps]
        asked, missing = self._store.asked(self._fetch.id)
        missing |= self._get([key for key in gone if key not in asked])
        self._store.add_sightings(
            self._fetch.id,
            self._search_id,
            "disappeared",
            [(self._present[key], self._why.gone(key, withdrawn=key in missing)) for key in gone],
        )
        self.outcome.disappeared.update(self._why.gone(key, withdrawn=key in missing) for key in gone)

    def _prove(self, listing: Listing) -> None:
        """Listed = stored, or say what is missing."""
        kept = self._store.keys(self._search.source).keys() | self._store.unreadable_keys(self._fetch.id)
        missing = tuple(sorted(key for key in listing.stamps if key not in kept))
        if missing:
            self.outcome.missing = missing
            raise CountMismatch(
                self._search.source,
                f"{self._search.name}: {len(missing)} of {len(listing.stamps)} listed records were not delivered: "
                f"{_some(missing)}. Start the run again to ask for them once more.",
            )
        self._store.move_fetch(self._fetch.id, "complete", stored=len(listing.stamps))

    def _fail(self, error: SearchError) -> None:
        if isinstance(error, BadAnswer) and error.body:
            self._store.add_page(
                self._fetch.id, Page("unreadable", error.body, Request("GET", self._search.source))
            )
        self._store.fail_fetch(self._fetch.id, str(error), self.outcome.missing)
        self.outcome.state, self.outcome.failure = "failed", str(error)
        self.outcome.exit_code = error.exit_code

    def _told(self) -> SearchOutcome:
        fetch = self._store.fetch(self._fetch.id)
        self.outcome.report(
            self._store.unreadable(fetch.id)
        )  # also of the part that an earlier run was cut off in
        self.outcome.translation, self.outcome.warnings = fetch.translation, fetch.warnings
        return self.outcome


def _keys(contents: Iterable[Record | Unreadable]) -> set[str]:
    return {content.key for content in contents}


def _some(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(keys[:NAMED]) + more

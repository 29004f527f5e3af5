"""A source in memory that keeps the protocol, and a clock that is set by hand: for what follows from answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from db.errors import BadAnswer, Refused, TokenExpired
from db.facts import Page, Request, Search
from db.record import Identifier, Record, Unreadable
from db.store import Store
from harvest.outcome import SearchOutcome
from harvest.progress import Quiet
from harvest.source import LISTED, Hit
from harvest.sweep import Sweep

ALL = "all"
"""The query that everything on the shelf matches."""


@dataclass
class Item:
    """One record on the shelf."""

    title: str
    created: str = "2001-01-01"
    stamp: str = ""
    """The day of its last change; kept with the record, and listed when the shelf lists stamps."""
    broken: bool = False
    """Listed and delivered, but not to be read."""


@dataclass
class Shelf:
    """A source; what it holds and how it fails can be changed at any time."""

    items: dict[str, Item] = field(default_factory=dict)
    queries: dict[str, list[str]] = field(default_factory=dict)
    """Query → keys that match; everything else matches `ALL`."""
    name: str = "shelf"
    label: str = "The shelf"
    register: bool = False
    help: tuple[str, ...] = ("Query: all",)
    version: str = "1"
    stamped: bool = True
    size: int = 2
    """Of a page."""
    claims: int = 0
    """How many more it says it has than it lists."""
    lost: set[str] = field(default_factory=set)
    """Listed, and not delivered."""
    forgets: int = 0
    """How often it forgets the place in a listing."""
    dies_after: int | None = None
    """Answers until the process is killed."""
    garbled: bool = False
    refused: set[str] = field(default_factory=set)
    """Queries it says no to."""
    asked: list[str] = field(default_factory=list)
    """Keys asked for, in order."""
    since: list[str] = field(default_factory=list)
    """What every listing was told of changes."""

    def put(self, *keys: str, **what: str | bool) -> None:
        for key in keys:
            self.items[key] = Item(**({"title": f"Trial {key}"} | what))  # type: ignore[arg-type]

    # -- ask -----------------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        self.since.append(since)
        if cursor == LISTED:
            return
        self._refuse(search)
        changes = since and not self.stamped
        found = self.matching(search.query)
        start = int(cursor or 0)
        while True:
            some = found[start : start + self.size]
            start += self.size
            if self.forgets and start > self.size:
                self.forgets -= 1
                raise TokenExpired(self.name, "The shelf forgot the place.")
            body = {key: self.items[key].stamp if self.stamped else "" for key in some}
            more = start < len(found)
            yield self._page(
                "list", body, str(start) if more else "", len(found) + self.claims, last=not (more or changes)
            )
            if not more:
                break
        if changes:
            touched = {key: "" for key in found if self.items[key].stamp >= since}
            yield self._page("changed", touched, "", None, last=True)

    def matching(self, query: str) -> Sequence[str]:
        """Keys on the shelf that a query finds."""
        return [key for key in self.queries.get(query, self.items) if key in self.items]

    def _refuse(self, search: Search) -> None:
        if search.query in self.refused:
            raise Refused(self.name, f"The shelf does not understand {search.query}: correct it.")

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        for start in range(0, len(keys), self.size):
            some = keys[start : start + self.size]
            here = [key for key in some if key in self.items and key not in self.lost]
            body = {key: vars(self.items[key]) for key in here}
            page = self._page("records", body, "", None)
            self.asked += some
            yield Page(
                "records",
                page.body,
                page.request,
                asked=tuple(some),
                missing=tuple(k for k in some if k not in here),
            )

    def _page(
        self, kind: str, body: object, cursor: str, promised: int | None, *, last: bool = False
    ) -> Page:
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise KeyboardInterrupt
        if self.garbled:
            raise BadAnswer(self.name, "The shelf sent nonsense: start the run again.", b"\x00nonsense")
        request = Request("GET", "https://shelf.example/")
        return Page(kind, json.dumps(body).encode(), request, LISTED if last else cursor, promised)  # type: ignore[arg-type]

    # -- read ----------------------------------------------------------------------------------------

    def hits(self, body: bytes) -> list[Hit]:
        return [Hit(key, stamp) for key, stamp in json.loads(body).items()]

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        for position, (key, item) in enumerate(json.loads(body).items(), start=1):
            if item["broken"]:
                yield Unreadable(position, "It has no title: it is kept as it came.", "<broken/>", key)
            else:
                dates = {"created": item["created"], "revised": item["stamp"]}
                said = {k: v for k, v in dates.items() if v}
                names = (Identifier("pmid", key),) if isinstance(self, Ledger) else ()
                yield Record(self.name, key, title=item["title"], dates=said, identifiers=names)

    def check(self, search: Search) -> list[str]:
        return []


class Ledger(Shelf):
    """A shelf that counts, knows its records by `pmid` and `doi`, and remembers since when it has them."""

    dated = True
    """Whether it can be asked what it held."""

    def __init__(self, **what: object) -> None:
        super().__init__(**what)  # type: ignore[arg-type]
        self.counted: list[str] = []

    def matching(self, query: str) -> Sequence[str]:
        """`(query) AND key=1`, `query until 2020-01-01`, `a AND b`, or as on every shelf."""
        if found := re.fullmatch(r"\((.*)\) AND (key=\w+)|(key=\w+)", query):
            keys = self.matching(found[1]) if found[1] else list(self.items)
            return [key for key in keys if f"key={key}" in (found[2], found[3])]
        if found := re.fullmatch(r"(.*) until (\S+)", query):
            return [key for key in self.matching(found[1]) if self.items[key].created <= found[2]]
        if query not in self.queries and " AND " in query:
            several = [set(self.matching(part.strip("()"))) for part in query.split(" AND ")]
            return sorted(set.intersection(*several))
        return super().matching(query)

    def count(self, search: Search) -> Page:
        """How many match."""
        self._refuse(search)
        self.counted.append(search.query)
        promised = len(self.matching(search.query))
        page = self._page("list", {}, "", promised)
        return replace(page, counts=False, translation=f"<{search.query}>")

    def naming(self, identifier: Identifier) -> str | None:
        """By its key."""
        return f"key={identifier.value}" if identifier.scheme in ("pmid", "doi") else None

    def as_of(self, search: Search, day: str) -> Search | None:
        """What it held."""
        return replace(search, query=f"{search.query} until {day}") if self.dated else None


class Clock:
    """The time, until somebody sets it."""

    def __init__(self, at: str = "2026-01-01T08:00:00.000Z") -> None:
        self.at = at

    def __call__(self) -> str:
        return self.at


def sweep(store: Store, shelf: Shelf, name: str = "main", query: str = ALL) -> SearchOutcome:
    """Ask one search once, in a run of its own."""
    run = store.begin_run("run", "test")
    outcome = Sweep(store, shelf, Search(name, shelf.name, query), run, Quiet()).run()  # type: ignore[arg-type]
    store.end_run(run, outcome.exit_code)
    return outcome

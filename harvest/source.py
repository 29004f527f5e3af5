"""What a source is: somebody who can be asked, first for identifiers, then for exactly these records.

A source has two verbs, each for both kinds of answer:

===========  ==========================  ================================
             identifiers                 records
===========  ==========================  ================================
ask (bytes)  `list(search, cursor)`      `fetch(keys)`
read         `hits(body)`                `records(body)`
===========  ==========================  ================================

Asking touches the network and yields `Page`s: bytes with what is needed to keep, prove and repeat them.
Reading is pure: the same bytes give the same hits and records for ever, so that a better reader can be
run over the pages that are kept. A run keeps every page in one transaction with its cursor before it
asks for the next one; to go on after a kill it calls `list` with the last cursor that was kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from db.facts import LISTED, Page, Request, Search
from db.record import Identifier, Record, Unreadable

__all__ = ["LISTED", "Counting", "Hit", "Page", "Request", "Search", "Source"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a listing."""

    key: str
    stamp: str = ""
    """The source's mark of this state of the record, when it lists one: the date of last change (`revised`), or,
    where no source date tells, `Record.digest` of a listing that holds whole records."""


class Source(Protocol):
    """A database or a register that can be asked. One file in `harvest/sources/` each."""

    name: str
    """As in `review.toml`: pubmed, clinicaltrials."""
    label: str
    """As people call it: PubMed."""
    register: bool
    """True for a register of trials; PRISMA counts databases and registers apart."""
    help: tuple[str, ...]
    """One line each; the first begins `Query: ` and says how a search string is written for it."""
    version: str
    """Of the reader; kept with every revision, raised whenever `records` reads anything differently."""

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """Ask for the identifiers of everything that matches today.

        `cursor` is empty or that of the last page kept. `since` (ISO date) is the newest change known
        among the records of this search; a source whose listing carries no stamps also lists, in pages
        of kind `changed`, what it has touched since then. The last page's cursor is `LISTED`.

        Raises `SearchError`; `TokenExpired` when the cursor is no longer good.
        """
        ...

    def hits(self, body: bytes) -> Sequence[Hit]:
        """Read a page of a listing. Raises `BadAnswer`."""
        ...

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Ask for exactly these records, in batches of the source's own size.

        A page counts only when it parses and holds the keys asked for and no others; what the source
        does not deliver, also when asked again, stands in `Page.missing`. Raises `SearchError`.
        """
        ...

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Read a page of records, in the order of the page. Raises `BadAnswer` if nothing can be read."""
        ...

    def check(self, search: Search) -> Sequence[str]:
        """What is doubtful about this search string for this source, one sentence each; pure."""
        ...


@runtime_checkable
class Counting(Protocol):
    """What a source may offer besides: counting without listing, and pointing at one record.

    From these come hits per line, the test with known items and the repetition of an old search. A source
    that cannot do one of them leaves the others useful: `naming` and `as_of` may answer None.
    """

    def count(self, search: Search) -> Page:
        """Ask how many match, in one cheap request: `promised`, `translation` and `warnings` of the page tell.

        Raises `SearchError`.
        """
        ...

    def naming(self, identifier: Identifier) -> str | None:
        """The clause that matches exactly the record of this name, to be joined by AND: `2022136[uid]`; pure.

        None when the source cannot be asked by names of this scheme.
        """
        ...

    def as_of(self, search: Search, day: str) -> Search | None:
        """The same search, restricted to what the source held by the end of this day (ISO date); pure.

        None when the source has no field that says since when it holds a record.
        """
        ...

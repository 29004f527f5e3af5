"""Where a listing stands that goes on by a mark of the source's own: a token, a cursor, a position."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from db.errors import CountMismatch, TokenExpired
from db.record import digest_of
from harvest.sources.places import cursor_of, place_at


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a listing stands: enough to go on in another process tomorrow."""

    query: str
    """Digest of what is asked: a mark means nothing in another listing."""
    since: str = ""
    """From which day on changes are listed, after everything that matches; empty: not at all."""
    kind: Literal["list", "changed"] = "list"
    mark: str = ""
    """What the source wants to be told to go on; empty at the beginning of a pass."""
    seen: int = 0
    """Listed so far in this pass."""
    total: int = 0
    """How many there are in this pass, as the source said last."""
    at: str = ""
    """When the mark was given (ISO 8601, UTC), for sources that forget it."""
    resumed: bool = False
    """Whether an earlier process began this pass: what it saw may have changed since."""

    @property
    def cursor(self) -> str:
        """As it is kept with a page."""
        return cursor_of(self)

    def after(self, mark: str, listed: int, total: int, at: str = "") -> Marked:
        """The place behind a page that listed so many."""
        return replace(self, mark=mark, seen=self.seen + listed, total=total, at=at)

    def next_pass(self) -> Marked | None:
        """After everything that matches comes what was changed, if there is anything to compare with."""
        return Marked(self.query, self.since, "changed") if self.kind == "list" and self.since else None

    def agree(self, source: str, *, over: bool) -> None:
        """Look whether what was listed so far can be true; `over`: nothing comes after it in this pass.

        Raises:
            TokenExpired: it cannot, and an earlier process began this pass: time has passed between its
                parts, and listed in one go it may well add up.
            CountMismatch: more is listed than there is said to be. Fewer is judged by the run, which counts every
                key once.
        """
        short = over and self.kind == "list" and self.seen < self.total
        if self.seen <= self.total and not (short and self.resumed):
            return
        sentence = (
            f"{source}: {self.total:,} are said to match, but {self.seen:,} are listed: start the run again; "
            "the index may be changing at this moment."
        )
        raise TokenExpired(source, sentence) if self.resumed else CountMismatch(source, sentence)


def marked(source: str, question: Mapping[str, str], cursor: str, since: str = "") -> Marked:
    """The place that a cursor names, or the beginning. Raises `TokenExpired`, as `place_at`."""
    beginning = Marked(digest_of(json.dumps(dict(question), sort_keys=True)), since)
    return replace(place_at(cursor, beginning, source), resumed=bool(cursor))


def earlier(since: str, days: int) -> str:
    """The day so many days before an ISO date, which may be a year or a month.

    >>> earlier("2024-03", 7)
    '2024-02-23'
    """
    whole = (since + "-01-01")[:10]
    return (date.fromisoformat(whole) - timedelta(days=days)).isoformat()

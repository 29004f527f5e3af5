"""Facts about the asking, as they travel from a source to the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from db.record import digest_of

LISTED = "listed"
"""The cursor after the last page of a listing: nothing is left to list."""

Reason: TypeAlias = Literal[
    "first search",
    "new in the source",
    "newly matching",
    "strategy edited",
    "source added",
    "file added",
    "no longer matching",
    "withdrawn by the source",
]
"""Why a record appeared in a search, or disappeared from it."""


@dataclass(frozen=True, slots=True)
class Search:
    """One stored search string, as it is asked today."""

    name: str
    """The reviewer's name for it, unique in the project."""
    source: str
    query: str
    """What is sent, derived from the stored string."""
    stored: bytes = b""
    """The strategy file, byte for byte."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the source needs besides: other query fields, database and platform of an export file."""

    @property
    def digest(self) -> str:
        """SHA-256 over everything: a new wording is a new search under the same name."""
        parts = [self.name, self.source, self.query, self.stored.hex(), dict(self.options)]
        return digest_of(json.dumps(parts, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source, without any secret."""

    method: Literal["GET", "POST"]
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    document: str = ""
    """JSON to POST as it stands; `params` and secrets then go into the address."""

    def to_json(self) -> str:
        """As it is kept with the page."""
        shape = {"method": self.method, "url": self.url, "params": dict(self.params)}
        if self.document:
            shape["document"] = self.document
        return json.dumps(shape, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, exactly as it came, and what it means for the run."""

    kind: Literal["list", "changed", "records", "file", "unreadable"]
    """list: identifiers that match · changed: those the source has touched since · records · file ·
    unreadable: bytes that could not be made sense of."""
    body: bytes
    request: Request
    cursor: str = ""
    """Where to go on after this page: it names its slice completely. Only for listings."""
    promised: int | None = None
    """How many the source says match in all (listings), as far as this page tells."""
    asked: tuple[str, ...] = ()
    """The keys that were asked for (records)."""
    missing: tuple[str, ...] = ()
    """Asked for and not delivered, also when asked again."""
    translation: str = ""
    """The source's own reading of the query."""
    warnings: tuple[str, ...] = ()
    """What the source says it ignored or changed, one sentence each."""
    counts: bool = True
    """False for a page whose hits repeat others (a bare count, say)."""

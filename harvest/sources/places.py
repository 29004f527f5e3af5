"""Places in a listing: what a source keeps with each page, so that another process can go on after it.

A place is a frozen dataclass of texts and numbers, whose `query` is a digest of what was asked: a place means
nothing in another listing.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, ClassVar, Protocol, TypeVar

from db.errors import TokenExpired


class Place(Protocol):
    """A dataclass that knows what was asked."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def query(self) -> str:
        """Digest of the search."""
        ...


P = TypeVar("P", bound=Place)


def cursor_of(place: Place) -> str:
    """The place as it is kept."""
    return json.dumps(asdict(place), sort_keys=True)


def place_at(cursor: str, beginning: P, source: str) -> P:
    """The place that a cursor names; the beginning when there is none.

    Raises:
        TokenExpired: the cursor is of another listing, or of another version of this source.
    """
    if not cursor:
        return beginning
    try:
        found = type(beginning)(**json.loads(cursor))
    except (ValueError, TypeError):
        found = None
    if found is None or found.query != beginning.query:
        raise TokenExpired(source, f"{source}: the place kept in this listing is of another search.")
    return found

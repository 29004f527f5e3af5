"""A fence around a source: whatever its code does wrong stops its own search and no other.

A source is somebody else's code as often as ours, and meets answers that nobody foresaw. An exception that is
none of ours becomes a `BadAnswer` that names the place in the source's code, and keeps the bytes it broke on.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from db.errors import BadAnswer, HarvestError
from db.record import Identifier, Record, Unreadable
from harvest.source import Counting, Hit, Page, Search, Source


class Guarded:
    """A source that raises `SearchError` and nothing else, except when the machine itself gives up."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name, self.label, self.register = source.name, source.label, source.register
        self.help, self.version = source.help, source.version

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """As `Source.list`."""
        with self.fence("listing"):
            yield from self._source.list(search, cursor, since)

    def hits(self, body: bytes) -> Sequence[Hit]:
        """As `Source.hits`."""
        with self.fence("reading a listing", body):
            return self._source.hits(body)

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """As `Source.fetch`."""
        with self.fence("fetching"):
            yield from self._source.fetch(keys)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """As `Source.records`."""
        with self.fence("reading records", body):
            yield from self._source.records(body)

    def check(self, search: Search) -> Sequence[str]:
        """As `Source.check`."""
        with self.fence("checking the search string"):
            return self._source.check(search)

    @property
    def counting(self) -> Counting | None:
        """What the source may offer besides, behind the same fence; None when it offers nothing."""
        return _GuardedCounting(self._source, self.fence) if isinstance(self._source, Counting) else None

    @contextmanager
    def fence(self, doing: str, body: bytes = b"") -> Iterator[None]:
        """Inside of it nothing but errors of ours is raised."""
        try:
            yield
        except (HarvestError, MemoryError):
            raise
        except Exception as error:
            raise BadAnswer(self.name, self._sentence(doing, error), body) from error

    def _sentence(self, doing: str, error: Exception) -> str:
        """What broke and where, for a report to whoever wrote the source."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.replace(chr(92), '/').rpartition('/')[2]}:{place.lineno}"
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return (
            f"{self.label}: {doing} met something that version {self.version} of its reader does not foresee "
            f"({what}, in {where}). What came is kept; the next run tries again. Please report this sentence."
        )


class _GuardedCounting:
    """Counting behind the fence of its source."""

    def __init__(self, source: Counting, fence: Callable[[str], AbstractContextManager[None]]) -> None:
        self._source, self._fence = source, fence

    def count(self, search: Search) -> Page:
        """As `Counting.count`."""
        with self._fence("counting"):
            return self._source.count(search)

    def naming(self, identifier: Identifier) -> str | None:
        """As `Counting.naming`."""
        with self._fence("naming a record"):
            return self._source.naming(identifier)

    def as_of(self, search: Search, day: str) -> Search | None:
        """As `Counting.as_of`."""
        with self._fence("going back to a day"):
            return self._source.as_of(search, day)

"""The archive: answers as they came, to be read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from db.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Answered:
    """A page whose bytes hold records."""

    page: int
    fetch: int
    search: int
    name: str
    """Of the search, as in `review.toml`."""
    source: str
    request: str
    """JSON, as it is kept."""
    options: Mapping[str, str]
    """Of the search: what a reader may need to know besides the bytes."""

    @property
    def is_file(self) -> bool:
        """True for an export file, which nobody can be asked for again."""
        return self.source.startswith("file:")


class Archive(Connection):
    """Pages to be read again."""

    def answered(self) -> list[Answered]:
        """Every page whose bytes hold records, in the order in which they came."""
        return [
            Answered(page, fetch, search, str(name), str(source), str(request), json.loads(options))
            for page, fetch, search, name, source, request, options in self._rows(
                "SELECT p.id, f.id, s.id, s.name, s.source, p.request, s.options FROM page p "
                "JOIN fetch f ON f.id = p.fetch_id JOIN search s ON s.id = f.search_id "
                "WHERE p.kind IN ('records', 'file') ORDER BY p.id"
            )
        ]

    def keys_on(self, page: int) -> set[str]:
        """Keys of the records whose newest content stands on a page."""
        return {str(key) for (key,) in self._rows("SELECT key FROM latest WHERE page_id = ?", page)}

    def unread_on(self, page: int) -> set[int]:
        """Positions on a page of records that could not be read so far."""
        sql = (
            "SELECT position FROM unreadable u WHERE page_id = ? AND NOT EXISTS "
            "(SELECT 1 FROM revision v WHERE v.page_id = u.page_id AND v.position = u.position)"
        )
        return {int(position) for (position,) in self._rows(sql, page)}

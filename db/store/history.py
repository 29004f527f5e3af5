"""What was asked and what it brought, over all runs: the facts that reports are made of."""

from __future__ import annotations

import json
from dataclasses import dataclass

from db.facts import Request
from db.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Asking:
    """One asking of a search that came to its end."""

    fetch: int
    run: int
    search: int
    """The wording that was asked."""
    promised: int | None
    """How many records match, as the source says, or are in the file."""
    listed: int | None
    translation: str
    warnings: tuple[str, ...]
    started_at: str


class History(Connection):
    """Askings, requests and appearances."""

    def askings(self, name: str, source: str) -> list[Asking]:
        """Every complete asking of a search, in any wording, oldest first."""
        return [
            Asking(fetch, run, search, promised, listed, str(said), tuple(json.loads(warnings)), str(at))
            for fetch, run, search, promised, listed, said, warnings, at in self._rows(
                "SELECT f.id, f.run_id, f.search_id, f.promised, f.listed, f.translation, f.warnings, f.started_at "
                "FROM fetch f JOIN search s ON s.id = f.search_id WHERE s.name = ? AND s.source = ? "
                "AND f.state = 'complete' ORDER BY f.id", name, source,
            )
        ]  # fmt: skip

    def first_request(self, fetch: int) -> Request | None:
        """The first question of an asking, as it was sent, without secrets; the path of a file for an import."""
        text = self._value("SELECT request FROM page WHERE fetch_id = ? ORDER BY id LIMIT 1", fetch)
        if text is None:
            return None
        said = json.loads(text)
        return Request(said["method"], said["url"], said["params"])

    def appearances(self) -> list[tuple[int, tuple[str, str], int]]:
        """Record, search (name and source) and run of everything that ever appeared, in the order in which it did."""
        return [
            (int(record), (str(name), str(source)), int(run))
            for record, name, source, run in self._rows(
                "SELECT g.record_id, s.name, s.source, f.run_id FROM sighting g JOIN search s ON s.id = g.search_id "
                "JOIN fetch f ON f.id = g.fetch_id WHERE g.event = 'appeared' ORDER BY g.id"
            )
        ]

    def first_read(self) -> dict[int, tuple[str, str]]:
        """Record → name and source of the search in whose answer it was first read, whether or not that one ended."""
        rows = self._rows(
            "SELECT r.id, s.name, s.source FROM record r JOIN page p ON p.id = r.page_id "
            "JOIN fetch f ON f.id = p.fetch_id JOIN search s ON s.id = f.search_id ORDER BY r.id"
        )
        return {int(record): (str(name), str(source)) for record, name, source in rows}

    def never_read(self) -> dict[int, tuple[str, str]]:
        """What came as a record and has not been read to this day: its row in `unreadable` → who found it, as above.

        What came again, with the same key or as the same text, counts once.
        """
        rows = self._rows(
            "SELECT min(u.id), s.name, s.source FROM unreadable u JOIN page p ON p.id = u.page_id "
            "JOIN fetch f ON f.id = p.fetch_id JOIN search s ON s.id = f.search_id WHERE NOT EXISTS "
            "(SELECT 1 FROM revision v WHERE v.page_id = u.page_id AND v.position = u.position) AND NOT EXISTS "
            "(SELECT 1 FROM record r WHERE u.key <> '' AND r.source = s.source AND r.key = u.key) "
            "GROUP BY s.name, s.source, iif(u.key = '', 'text ' || u.raw, 'key ' || u.key) ORDER BY 1"
        )
        return {int(row): (str(name), str(source)) for row, name, source in rows}

"""What proves a search: hits of its lines, the test with known records, what it lost, how it was worded then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from db.facts import Page, Search
from db.packed import digest_of, packed
from db.store.connection import Connection

Purpose: TypeAlias = Literal["line", "known"]
KnownOutcome: TypeAlias = Literal[
    "found", "not matched", "not in this source", "not in the files", "not found"
]
"""Of one known record in one search.

found · not matched: the source holds it and the search does not find it · not in this source · not in the files:
of a search by hand · not found: and the source could not be asked whether it holds it.
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """One count that a source was asked for."""

    run: int
    search: str
    """Name of the search."""
    search_id: int
    """Its wording."""
    purpose: Purpose
    line: int | None
    text: str
    """The line as the reviewer wrote it, or the name of the known record."""
    query: str
    """What was sent."""
    hits: int
    translation: str
    asked_at: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What became of one known record in one search."""

    search: str
    item: str
    """`pmid:2022136`, `doi:10.1002/imhj.20291`, `nct:NCT00923559`, `title:…`."""
    outcome: KnownOutcome
    record: int | None = None
    """The record it was found as."""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """A record in short."""

    key: str
    title: str
    dates: Mapping[str, str]
    """By name, ISO 8601: created, first_posted, revised …"""


class Tallies(Connection):
    """Counts, known records, what is lost, and the wording of old searches."""

    # -- counts ------------------------------------------------------------------------------------

    def add_tally(
        self, run: int, search: int, purpose: Purpose, line: int | None, text: str, query: str, page: Page
    ) -> int:
        """Keep one count with the answer it stands in; `page` promises how many match."""
        return self._write(
            "INSERT INTO tally (run_id, search_id, purpose, line, text, query, hits, translation, warnings, request, "
            "asked_at, sha256, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            run, search, purpose, line, text, query, page.promised, page.translation,
            json.dumps(page.warnings, ensure_ascii=False), page.request.to_json(), self.now(),
            digest_of(page.body), packed(page.body),
        )  # fmt: skip

    def tallies(self, name: str, purpose: Purpose = "line", search: int | None = None) -> list[Tally]:
        """Newest count of every line (or known record) of a search, in order of the lines.

        `search` is the id of a wording; else it is that of which lines were counted last.
        """
        newest = (
            "SELECT t.search_id FROM tally t JOIN search s ON s.id = t.search_id "
            "WHERE s.name = ? AND t.purpose = ? ORDER BY t.id DESC LIMIT 1"
        )
        wording = self._value(newest, name, purpose) if search is None else search
        rows = self._rows(
            "SELECT t.run_id, s.name, t.search_id, t.purpose, t.line, t.text, t.query, t.hits, t.translation, "
            "t.asked_at, t.warnings FROM tally t JOIN search s ON s.id = t.search_id WHERE t.id IN "
            "(SELECT max(id) FROM tally WHERE search_id = ? AND purpose = ? GROUP BY line, text, query) "
            "ORDER BY t.line, t.id", wording, purpose,
        )  # fmt: skip
        return [_as_tally(*row) for row in rows]

    # -- known records -----------------------------------------------------------------------------

    def add_known(self, run: int, found: Iterable[tuple[int, KnownItem]]) -> None:
        """Keep what a test found: wording of the search and what became of the record."""
        at = self.now()
        self._insert(
            "INSERT INTO known_item (run_id, search_id, item, outcome, record_id, because, tested_at)",
            ((run, search, k.item, k.outcome, k.record, k.because, at) for search, k in found),
        )

    def known_items(self, run: int | None = None) -> list[KnownItem]:
        """What the test found in a run; by default the newest of every search, as it was worded last."""
        newest = (
            "SELECT max(k.run_id) FROM known_item k JOIN search t ON t.id = k.search_id "
            "WHERE t.name = s.name AND t.source = s.source"
        )
        return [
            KnownItem(*row)
            for row in self._rows(
                "SELECT s.name, k.item, k.outcome, k.record_id, k.because FROM known_item k "
                f"JOIN search s ON s.id = k.search_id WHERE k.run_id = coalesce(?, ({newest})) ORDER BY k.id", run,
            )
        ]  # fmt: skip

    def carrying(self, scheme: str, value: str) -> list[int]:
        """Records that carry an identifier as their own: not one they cite, not a number in an abstract."""
        return [
            int(row[0])
            for row in self._rows(
                "SELECT DISTINCT record_id FROM identifier WHERE scheme = ? AND value = ? "
                "AND origin NOT IN ('reference', 'abstract') ORDER BY 1", scheme, value,
            )
        ]  # fmt: skip

    # -- what was there before ---------------------------------------------------------------------

    def lost(self) -> list[tuple[int, str, str, str]]:
        """Records that a search found before and does not find today: record, search, reason, when."""
        return [
            (int(record), str(name), str(reason), str(at))
            for record, name, event, reason, at, _ in self._rows(
                "SELECT g.record_id, s.name, g.event, g.reason, g.seen_at, max(g.id) FROM sighting g "
                "JOIN search s ON s.id = g.search_id GROUP BY s.name, g.record_id ORDER BY 6"
            )
            if event == "disappeared"
        ]

    def found_since(self, name: str) -> dict[int, tuple[int, str]]:
        """Record → the run in which a search found it, for the first time or again, and why."""
        return {
            int(record): (int(run), str(reason))
            for record, run, reason in self._rows(
                "SELECT g.record_id, f.run_id, g.reason FROM sighting g JOIN search s ON s.id = g.search_id "
                "JOIN fetch f ON f.id = g.fetch_id WHERE s.name = ? AND g.event = 'appeared' ORDER BY g.id", name,
            )
        }  # fmt: skip

    def sayings(self, numbers: Iterable[int]) -> dict[int, Saying]:
        """In short, what the newest content of these records says."""
        sql = (
            "SELECT record_id, key, json_extract(content, '$.title'), "
            "coalesce(json_extract(content, '$.dates'), '{{}}') FROM latest WHERE record_id IN ({})"
        )
        return {
            int(number): Saying(str(key), str(title or ""), dict(json.loads(dates)))
            for number, key, title, dates in self._among(sql, sorted(set(numbers)))
        }

    def wording(self, search: int) -> Search:
        """A search exactly as it was worded."""
        row = self._row("SELECT name, source, query, stored, options FROM search WHERE id = ?", search)
        assert row is not None
        name, source, query, stored, options = row
        return Search(str(name), str(source), str(query), bytes(stored), dict(json.loads(options)))

    def newest_wording(self, name: str, source: str) -> int | None:
        """The wording of a search that was asked last."""
        number = self._value(
            "SELECT s.id FROM search s LEFT JOIN fetch f ON f.search_id = s.id WHERE s.name = ? AND s.source = ? "
            "ORDER BY f.id DESC NULLS LAST, s.id DESC LIMIT 1", name, source,
        )  # fmt: skip
        return None if number is None else int(number)

    def complete_before(self, fetch: int) -> tuple[int, int, str] | None:
        """The complete listing of the same search that came before a fetch: run, wording, when it began."""
        row = self._row(
            "SELECT f.run_id, f.search_id, f.started_at FROM fetch f JOIN search s ON s.id = f.search_id "
            "WHERE f.state = 'complete' AND f.id < ?1 AND (s.name, s.source) = (SELECT t.name, t.source FROM fetch g "
            "JOIN search t ON t.id = g.search_id WHERE g.id = ?1) ORDER BY f.id DESC LIMIT 1", fetch,
        )  # fmt: skip
        return None if row is None else (int(row[0]), int(row[1]), str(row[2]))


def _as_tally(*row: Any) -> Tally:
    run, search, search_id, purpose, line, text, query, hits, translation, asked_at, warnings = row
    said = tuple(json.loads(warnings))
    return Tally(run, search, search_id, purpose, line, text, query, hits, translation, asked_at, said)

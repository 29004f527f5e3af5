"""Where it came from: runs, searches, fetches, pages, sightings."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.errors import CheckFailed
from db.facts import Page, Reason, Search
from db.store.connection import Connection

COMPRESSION = 3
"""zlib level: twice as quick as the default for a tenth more space, measured on PubMed XML."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """One asking of one search, as it stands."""

    id: int
    run_id: int
    search_id: int
    state: str
    cursor: str
    promised: int | None
    listed: int | None
    stored: int | None
    missing: tuple[str, ...]
    translation: str
    warnings: tuple[str, ...]
    failure: str
    started_at: str
    finished_at: str | None


_FETCH = (
    "id, run_id, search_id, state, cursor, promised, listed, stored, missing, translation, warnings, failure, "
    "started_at, finished_at"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record that appeared in a search, or disappeared from it."""

    record: int
    event: str
    reason: str
    search: str
    at: str
    fetch: int = 0
    """The asking in which this was seen."""
    source: str = ""
    """Whom the search asks."""


class Provenance(Connection):
    """Runs, searches, fetches, pages and sightings."""

    # -- runs --------------------------------------------------------------------------------------

    def begin_run(self, command: str, version: str) -> int:
        """Note that a run starts; returns its number."""
        return self._write(
            "INSERT INTO run (command, version, started_at) VALUES (?, ?, ?)", command, version, self.now()
        )

    def end_run(self, run: int, exit_code: int) -> None:
        """Note how a run ended."""
        self._write("UPDATE run SET finished_at = ?, exit_code = ? WHERE id = ?", self.now(), exit_code, run)

    def runs(self, limit: int = 20) -> list[tuple[int, str, str, str | None, int | None]]:
        """Newest first: number, command, start, end, exit code."""
        return [
            (int(i), str(c), str(s), f, e)
            for i, c, s, f, e in self._rows(
                "SELECT id, command, started_at, finished_at, exit_code FROM run ORDER BY id DESC LIMIT ?",
                limit,
            )
        ]

    def note(self, kind: str, detail: Mapping[str, object], run: int | None = None) -> None:
        """Remember anything else, as JSON."""
        text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        self._write(
            "INSERT INTO event (run_id, kind, detail, at) VALUES (?, ?, ?, ?)", run, kind, text, self.now()
        )

    def last_note(self, kind: str) -> dict[str, object]:
        """The newest note of a kind; empty when there is none."""
        text = self._value("SELECT detail FROM event WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
        return dict(json.loads(text)) if text else {}

    def notes(self, kind: str) -> list[dict[str, object]]:
        """Every note of a kind, oldest first."""
        texts = self._rows("SELECT detail FROM event WHERE kind = ? ORDER BY id", kind)
        return [dict(json.loads(text)) for (text,) in texts]

    # -- searches and fetches ----------------------------------------------------------------------

    def search_id(self, search: Search) -> int:
        """The row of this wording, added when it is new."""
        with self.writing():
            known = self._value("SELECT id FROM search WHERE digest = ?", search.digest)
            if known is not None:
                return int(known)
            return self._write(
                "INSERT INTO search (name, source, query, stored, options, digest, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                search.name, search.source, search.query, search.stored,
                json.dumps(dict(search.options), ensure_ascii=False, sort_keys=True), search.digest, self.now(),
            )  # fmt: skip

    def begin_fetch(self, run: int, search: int) -> Fetch:
        """Start asking a search."""
        with self.writing():
            number = self._write(
                "INSERT INTO fetch (run_id, search_id, state, started_at) VALUES (?, ?, 'listing', ?)",
                run, search, self.now(),
            )  # fmt: skip
            return self.fetch(number)

    def fetch(self, number: int) -> Fetch:
        """One fetch as it stands."""
        return self._fetches("WHERE id = ?", number)[0]

    # A search is known again by its name and its source: asking another source is another search.

    def unfinished(self, name: str, source: str) -> list[Fetch]:
        """Fetches of a search (any wording) that were cut off, newest first."""
        return self._fetches(
            "WHERE state IN ('listing', 'fetching') "
            "AND search_id IN (SELECT id FROM search WHERE name = ? AND source = ?) ORDER BY id DESC", name, source,
        )  # fmt: skip

    def last_complete(self, name: str, source: str) -> Fetch | None:
        """The newest fetch of a search (any wording) that came to its end."""
        found = self._fetches(
            "WHERE state = 'complete' AND search_id IN (SELECT id FROM search WHERE name = ? AND source = ?) "
            "ORDER BY id DESC LIMIT 1", name, source,
        )  # fmt: skip
        return found[0] if found else None

    def fetches_of_run(self, run: int) -> list[tuple[str, str, Fetch]]:
        """What a run asked: search name, source, fetch."""
        named = {
            int(i): (str(n), str(s))
            for i, n, s in self._rows(
                "SELECT f.id, s.name, s.source FROM fetch f JOIN search s ON s.id = f.search_id"
                " WHERE f.run_id = ?", run)
        }  # fmt: skip
        return [(*named[fetch.id], fetch) for fetch in self._fetches("WHERE run_id = ? ORDER BY id", run)]

    def searches(self) -> list[tuple[str, str, int, str, str]]:
        """Every search: name, source, finds today, state of its newest fetch, start of the newest complete one.

        The state is `never asked`, and the start empty, where there is none.
        """
        return [
            (str(name), str(source), int(finds), str(state), str(complete))
            for name, source, finds, state, complete in self._rows(
                "SELECT s.name, s.source, (SELECT count(*) FROM finding f JOIN record r ON r.id = f.record_id "
                "          WHERE f.name = s.name AND r.source = s.source), "
                "coalesce((SELECT f.state FROM fetch f JOIN search t ON t.id = f.search_id "
                "          WHERE t.name = s.name AND t.source = s.source ORDER BY f.id DESC LIMIT 1), 'never asked'), "
                "coalesce((SELECT max(f.started_at) FROM fetch f JOIN search t ON t.id = f.search_id "
                "          WHERE t.name = s.name AND t.source = s.source AND f.state = 'complete'), '') "
                "FROM search s WHERE s.id IN (SELECT max(id) FROM search GROUP BY name, source) ORDER BY s.id"
            )
        ]

    def added_later(self, name: str, source: str) -> bool:
        """Whether a search came into the project after another one had come to its end."""
        sql = (
            "SELECT 1 FROM fetch f JOIN search s ON s.id = f.search_id WHERE f.state = 'complete' "
            "AND (s.name <> ?1 OR s.source <> ?2) AND s.source NOT LIKE 'file:%' "
            "AND f.finished_at < (SELECT min(created_at) FROM search WHERE name = ?1 AND source = ?2) LIMIT 1"
        )
        return self._value(sql, name, source) is not None

    def adopt_fetch(self, number: int, run: int) -> Fetch:
        """A fetch that an earlier run was cut off in goes on in this one."""
        with self.writing():
            before = self.fetch(number)
            self._write("UPDATE fetch SET run_id = ? WHERE id = ?", run, number)
            self.note("resumed", {"fetch": number, "from_run": before.run_id}, run)
            return self.fetch(number)

    def move_fetch(self, number: int, state: str, **counts: int | None) -> None:
        """A fetch goes on to its next state, with the counts known by then (listed, stored, promised)."""
        done = self.now() if state in {"complete", "failed", "abandoned"} else None
        columns = "".join(f", {name} = ?" for name in counts)
        self._write(
            f"UPDATE fetch SET state = ?, finished_at = ?{columns} WHERE id = ?",
            state, done, *counts.values(), number,
        )  # fmt: skip

    def fail_fetch(self, number: int, failure: str, missing: Sequence[str] = ()) -> None:
        """A fetch cannot go on, or cannot be proved: why, and what is missing."""
        with self.writing():
            self._write(
                "UPDATE fetch SET failure = ?, missing = ? WHERE id = ?",
                failure,
                json.dumps(list(missing)),
                number,
            )
            self.move_fetch(number, "failed")

    # -- pages -------------------------------------------------------------------------------------

    def add_page(self, fetch: int, page: Page) -> int:
        """Keep one answer and move the cursor behind it; returns the page's number."""
        with self.writing():
            number = self._write(
                "INSERT INTO page (fetch_id, kind, request, asked, missing, cursor, sha256, body, fetched_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                fetch, page.kind, page.request.to_json(), json.dumps(page.asked), json.dumps(page.missing),
                page.cursor, hashlib.sha256(page.body).hexdigest(), zlib.compress(page.body, COMPRESSION), self.now(),
            )  # fmt: skip
            if page.kind in {"list", "changed"}:
                self._listed(fetch, page)
            return number

    def _listed(self, fetch: int, page: Page) -> None:
        said = self.fetch(fetch)
        warnings = tuple(dict.fromkeys((*said.warnings, *page.warnings)))
        self._write(
            "UPDATE fetch SET cursor = ?, promised = ?, translation = ?, warnings = ? WHERE id = ?",
            page.cursor,
            said.promised if page.promised is None else page.promised,
            said.translation or page.translation,
            json.dumps(warnings, ensure_ascii=False),
            fetch,
        )

    def pages(self, fetch: int, *kinds: str) -> Iterator[tuple[int, bytes]]:
        """Number and body of the pages kept for a fetch, in order."""
        marks = ", ".join("?" * len(kinds))
        sql = f"SELECT id, sha256, body FROM page WHERE fetch_id = ? AND kind IN ({marks}) ORDER BY id"
        for number, sha256, body in self._each(sql, fetch, *kinds):
            yield int(number), checked(int(number), str(sha256), body)

    def body(self, page: int) -> bytes:
        """The bytes of one page, proved."""
        row = self._row("SELECT sha256, body FROM page WHERE id = ?", page)
        assert row is not None
        return checked(page, str(row[0]), row[1])

    def asked(self, fetch: int) -> tuple[set[str], set[str]]:
        """Keys asked for so far in a fetch, and those among them that did not come."""
        asked: set[str] = set()
        missing: set[str] = set()
        for keys, gone in self._rows(
            "SELECT asked, missing FROM page WHERE fetch_id = ? AND kind = 'records' ORDER BY id", fetch
        ):
            asked.update(json.loads(keys))
            missing.update(json.loads(gone))
        return asked, missing

    def file_page(self, sha256: str) -> int | None:
        """The page of an export file with exactly these bytes, if it was read before."""
        number = self._value("SELECT id FROM page WHERE kind = 'file' AND sha256 = ? LIMIT 1", sha256)
        return None if number is None else int(number)

    def file_search(self, sha256: str) -> tuple[str, str] | None:
        """Name and source of the search that an export file with exactly these bytes was read for."""
        found = self._rows(
            "SELECT s.name, s.source FROM page p JOIN fetch f ON f.id = p.fetch_id JOIN search s ON s.id = f.search_id "
            "WHERE p.kind = 'file' AND p.sha256 = ? LIMIT 1",
            sha256,
        )
        return next(((str(name), str(source)) for name, source in found), None)

    def file_digests(self, name: str, source: str) -> list[str]:
        """Digests of the export files that were read for a search, oldest first."""
        sql = (
            "SELECT p.sha256 FROM page p JOIN fetch f ON f.id = p.fetch_id JOIN search s ON s.id = f.search_id "
            "WHERE p.kind = 'file' AND s.name = ? AND s.source = ? ORDER BY p.id"
        )
        return [str(digest) for (digest,) in self._rows(sql, name, source)]

    # -- sightings ---------------------------------------------------------------------------------

    def add_sightings(self, fetch: int, search: int, event: str, seen: Iterable[tuple[int, Reason]]) -> None:
        """Records that appeared in a search or disappeared from it, each with the reason."""
        at = self.now()
        self._insert(
            "INSERT INTO sighting (search_id, fetch_id, record_id, event, reason, seen_at)",
            ((search, fetch, record, event, reason, at) for record, reason in seen),
        )

    def found_by(self, name: str, source: str) -> dict[str, int]:
        """What a search finds today in its source: key → record id."""
        return {
            str(key): int(record)
            for key, record in self._rows(
                "SELECT r.key, r.id FROM finding f JOIN record r ON r.id = f.record_id "
                "WHERE f.name = ? AND r.source = ?", name, source,
            )
        }  # fmt: skip

    def finders(self, records: Iterable[int]) -> list[str]:
        """Names of the searches that find one of these records today."""
        sql = "SELECT DISTINCT name FROM finding WHERE record_id IN ({})"
        return sorted({str(name) for (name,) in self._among(sql, records)})

    def newest_stamp(self, name: str, source: str) -> str:
        """The newest date of change that the source gives for a record of this search; empty: none."""
        return str(
            self._value(
                "SELECT coalesce(max(l.stamp), '') FROM finding f JOIN latest l ON l.record_id = f.record_id "
                "WHERE f.name = ? AND l.source = ?", name, source,
            )
        )  # fmt: skip

    def sightings_of_run(self, run: int) -> list[Sighting]:
        """Every appearance and disappearance that a run noted."""
        return [
            Sighting(int(record), str(event), str(reason), str(search), str(at), int(fetch), str(source))
            for record, event, reason, search, at, fetch, source in self._rows(
                "SELECT g.record_id, g.event, g.reason, s.name, g.seen_at, g.fetch_id, s.source FROM sighting g "
                "JOIN search s ON s.id = g.search_id JOIN fetch f ON f.id = g.fetch_id WHERE f.run_id = ? "
                "ORDER BY g.id", run,
            )
        ]  # fmt: skip

    # -- reading rows ------------------------------------------------------------------------------

    def _fetches(self, where: str, *parameters: object) -> list[Fetch]:
        rows = self._rows(f"SELECT {_FETCH} FROM fetch {where}", *parameters)
        return [_as_fetch(*row) for row in rows]


def _as_fetch(number: int, run: int, search: int, state: str, cursor: str, *rest: object) -> Fetch:
    promised, listed, stored, missing, translation, warnings, failure, started, finished = rest
    return Fetch(
        number, run, search, state, cursor,
        promised, listed, stored,  # type: ignore[arg-type]  # INTEGER or NULL: the tables are STRICT
        tuple(json.loads(str(missing))), str(translation), tuple(json.loads(str(warnings))),
        str(failure), str(started), None if finished is None else str(finished),
    )  # fmt: skip


def checked(page: int, sha256: str, body: bytes) -> bytes:
    """The body of a page, proved to be what came. Raises `CheckFailed` when it is not."""
    try:
        plain = zlib.decompress(body)
    except zlib.error:
        plain = b""
    if hashlib.sha256(plain).hexdigest() != sha256:
        raise CheckFailed(f"Page {page} is not what was stored: restore a backup of the database.")
    return plain

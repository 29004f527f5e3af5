"""What it says: records, their revisions, what could not be read, the identifiers, the search box."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from db.record import Record, Unreadable, digest_of, storable
from db.store.connection import Connection

_Name: TypeAlias = tuple[str, str]
"""Source and key, as they are stored."""


@dataclass(slots=True)
class Kept:
    """What keeping a page of records did."""

    new: list[int] = field(default_factory=list)
    """Records never seen before."""
    changed: list[int] = field(default_factory=list)
    """Records whose content is not what it was."""
    same: list[int] = field(default_factory=list)
    unreadable: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """Key, as the source spells it → record id."""

    def count(self, key: str, number: int, before: str, now: str) -> None:
        """Count a record by the digests of its content: before (empty: it had none) and now."""
        self.numbers[key] = number
        (self.same if before == now else self.changed if before else self.new).append(number)

    @property
    def all(self) -> list[int]:
        """Every record of the page that could be read."""
        return [*self.new, *self.changed, *self.same]


@dataclass(frozen=True, slots=True)
class Reported:
    """A record that is kept and could not be read."""

    page: int
    position: int
    line: int | None
    key: str
    problem: str


class Records(Connection):
    """Records, revisions, identifiers, unreadable records, words."""

    def add_records(
        self, page: int, reader: str, contents: Iterable[Record | Unreadable], places: Iterable[int] = ()
    ) -> Kept:
        """Keep what a page says, in the order of the page; a changed record becomes one more revision.

        `places` are the positions of `contents` on the page, from 1, where they are not all that stands there.
        """
        placed = list(zip(places or count(1), contents, strict=False))
        records = [(place, content) for place, content in placed if isinstance(content, Record)]
        unreadable = [content for _, content in placed if isinstance(content, Unreadable)]
        with self.writing():
            self._insert(
                "INSERT INTO unreadable (page_id, position, line, key, problem, raw)",
                [(page, u.position, u.line, u.key, u.problem, u.raw) for u in unreadable],
            )
            kept = self._add_revisions(page, reader, records)
        kept.unreadable = len(unreadable)
        return kept

    def _add_revisions(self, page: int, reader: str, records: Sequence[tuple[int, Record]]) -> Kept:
        kept, revisions, newest, at = Kept(), [], {}, self.now()
        standing = self._identified(page, [record for _, record in records])
        for place, record in records:
            text = record.to_json()
            name, digest = _name(record), digest_of(text)
            number, before = standing[name]
            kept.count(record.key, number, before, digest)
            if before == digest:
                continue
            # Only the newest revision is asked, of those in this page too: A → B → A is two changes.
            standing[name] = (number, digest)
            newest[number] = record
            stamp = record.dates.get("revised", "")
            revisions.append((number, page, place, reader, stamp, at, digest, text))
        self._forget(newest.keys() - set(kept.new))
        self._insert(
            "INSERT INTO revision (record_id, page_id, position, reader, stamp, read_at, digest, content)",
            revisions,
        )
        self._learn(newest)
        return kept

    def _identified(self, page: int, records: Iterable[Record]) -> dict[_Name, tuple[int, str]]:
        """Number and newest digest (empty: none yet) of each record, after giving numbers to the new ones."""
        wanted = dict.fromkeys(_name(record) for record in records)
        standing: dict[_Name, tuple[int, str]] = {}
        for source in {source for source, _ in wanted}:
            keys = [key for of, key in wanted if of == source]
            for key, number, digest in self._among(
                "SELECT key, id, coalesce((SELECT digest FROM revision WHERE record_id = record.id "
                "ORDER BY id DESC LIMIT 1), '') FROM record WHERE source = ? AND key IN ({})", keys, source,
            ):  # fmt: skip
                standing[source, str(key)] = (int(number), str(digest))
        free = int(self._value("SELECT coalesce(max(id), 0) + 1 FROM record"))
        new = {name: number for number, name in enumerate((n for n in wanted if n not in standing), free)}
        self._insert(
            "INSERT INTO record (id, source, key, page_id)",
            [(number, *name, page) for name, number in new.items()],
        )
        return standing | {name: (number, "") for name, number in new.items()}

    def add_strays(self, page: int, strays: Iterable[tuple[int, str]]) -> None:
        """Keep the text of a file that stands outside of any record: line and text."""
        self._insert(
            "INSERT INTO stray (page_id, line, text)",
            ((page, line, text) for line, text in strays),
        )

    # -- identifiers and the search box: what is derived from the newest content ----------------------

    def _learn(self, records: Mapping[int, Record]) -> None:
        self._insert(
            "INSERT OR IGNORE INTO identifier (record_id, scheme, value, origin)",
            [(number, i.scheme, i.value, i.origin) for number, r in records.items() for i in r.identifiers],
        )
        self._insert(
            "INSERT INTO word (rowid, title, abstract)",
            [(number, *_words(record)) for number, record in records.items()],
        )

    def _forget(self, numbers: Collection[int]) -> None:
        # An index of words that keeps no copy of the text must be told the old text to forget it.
        self._insert(
            "INSERT INTO word (word, rowid, title, abstract)",
            [("delete", number, *_words(record)) for number, record in self.records(numbers)],
        )
        for number in numbers:
            self._write("DELETE FROM identifier WHERE record_id = ?", number)

    def with_words(self, text: str, limit: int = 50) -> list[int]:
        """Records whose title or abstract holds all these words, best first; words in "" stand together."""
        query = self._db.quote_fts(text.replace("\0", " "))
        sql = "SELECT rowid FROM word WHERE word MATCH ? ORDER BY rank LIMIT ?"
        return [int(number) for (number,) in self._rows(sql, query, limit)] if query else []

    # -- questions ---------------------------------------------------------------------------------

    def record(self, number: int) -> Record | None:
        """The newest content of a record."""
        text = self._value("SELECT content FROM latest WHERE record_id = ?", number)
        return None if text is None else Record.from_json(text)

    def revisions(self, number: int) -> list[Record]:
        """Every content a record ever had, oldest first."""
        return [
            Record.from_json(text)
            for (text,) in self._rows("SELECT content FROM revision WHERE record_id = ? ORDER BY id", number)
        ]

    def records(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Record]]:
        """Newest content of these records, or of all, in order of their numbers."""
        for number, text in self.contents(numbers):
            yield number, Record.from_json(text)

    def contents(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
        """The same as it is stored: what `Record.to_json` wrote."""
        if numbers is None:
            rows = self._each("SELECT record_id, content FROM latest ORDER BY record_id")
        else:
            sql = "SELECT record_id, content FROM latest WHERE record_id IN ({}) ORDER BY record_id"
            rows = self._among(sql, sorted(numbers))
        yield from ((int(number), str(text)) for number, text in rows)

    def contents_of(self, revisions: Iterable[int]) -> Iterator[tuple[int, str]]:
        """These revisions as they are stored, by their numbers; one that is not there is left out."""
        rows = self._among("SELECT id, content FROM revision WHERE id IN ({}) ORDER BY id", sorted(revisions))
        yield from ((int(number), str(text)) for number, text in rows)

    def numbers(self) -> list[int]:
        """Every record's number, in order."""
        return [int(row[0]) for row in self._rows("SELECT id FROM record ORDER BY id")]

    def size(self) -> int:
        """How many records there are."""
        return int(self._value("SELECT count(*) FROM record"))

    def keys(self, source: str) -> dict[str, int]:
        """Every record of a source: key → record id."""
        return {
            str(key): int(number)
            for key, number in self._rows("SELECT key, id FROM record WHERE source = ?", source)
        }

    def existing(self, numbers: Collection[int]) -> set[int]:
        """Those of these numbers that are records."""
        return {int(number) for (number,) in self._among("SELECT id FROM record WHERE id IN ({})", numbers)}

    def unreadable_keys(self, fetch: int) -> set[str]:
        """Keys of records that a fetch brought and nobody could read."""
        return {reported.key for reported in self.unreadable(fetch)}

    def stamps(self, source: str) -> dict[str, str]:
        """What marks the state of every record of a source: its date of last change, else its digest."""
        return {
            str(key): str(stamp)
            for key, stamp in self._rows(
                "SELECT key, CASE stamp WHEN '' THEN digest ELSE stamp END FROM latest WHERE source = ?",
                source,
            )
        }

    def changed_since(self, revision: int) -> list[int]:
        """Records that are new or have new content since a revision was written."""
        return [
            int(row[0])
            for row in self._rows("SELECT DISTINCT record_id FROM revision WHERE id > ? ORDER BY 1", revision)
        ]

    def newest_revision(self) -> int:
        """Number of the newest revision, 0 when there is none."""
        return int(self._value("SELECT coalesce(max(id), 0) FROM revision"))

    def with_identifier(self, scheme: str, value: str) -> list[int]:
        """Records that carry an identifier."""
        return [
            int(row[0])
            for row in self._rows(
                "SELECT DISTINCT record_id FROM identifier WHERE scheme = ? AND value = ? ORDER BY 1",
                scheme,
                value,
            )
        ]

    def sources_of(self, numbers: Sequence[int]) -> dict[int, list[str]]:
        """Names of the searches that ever found each of these records."""
        found: dict[int, list[str]] = {number: [] for number in numbers}
        sql = (
            "SELECT DISTINCT g.record_id, s.name FROM sighting g JOIN search s ON s.id = g.search_id "
            "WHERE g.record_id IN ({}) ORDER BY s.name"
        )
        for number, name in self._among(sql, found):
            found[int(number)].append(str(name))
        return found

    def unreadable(self, fetch: int | None = None) -> list[Reported]:
        """Records that are kept and could not be read so far, of one fetch or of all, oldest first."""
        return [
            Reported(int(page), int(position), line, str(key), str(problem))
            for page, position, line, key, problem in self._rows(
                "SELECT u.page_id, u.position, u.line, u.key, u.problem FROM unreadable u "
                "JOIN page p ON p.id = u.page_id WHERE (?1 IS NULL OR p.fetch_id = ?1) AND NOT EXISTS "
                "(SELECT 1 FROM revision v WHERE v.page_id = u.page_id AND v.position = u.position) "
                "ORDER BY u.id", fetch,
            )
        ]  # fmt: skip


def _name(record: Record) -> _Name:
    return storable(record.source), storable(record.key)


def _words(record: Record) -> tuple[str, str]:
    """Title and abstract, as the search box knows them."""
    return record.title, "\n".join(part.text for part in record.abstract)

"""What it says: records, their revisions, what could not be read, the identifiers, the search box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from db.record import Record, Unreadable, digest_of
from db.store.connection import Connection

_TEXT = (
    "SELECT record_id, coalesce(title, ''), coalesce(abstract, '') FROM words WHERE record_id BETWEEN ? AND ?"
)


@dataclass(slots=True)
class Kept:
    """What keeping a page of records did."""

    new: list[int] = field(default_factory=list)
    """Records never seen before."""
    changed: list[int] = field(default_factory=list)
    """Records whose content is not what it was."""
    same: list[int] = field(default_factory=list)
    unreadable: int = 0

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

    def add_records(self, page: int, reader: str, contents: Iterable[Record | Unreadable]) -> Kept:
        """Keep what a page says, in the order of the page; a changed record becomes one more revision."""
        kept = Kept()
        with self.writing():
            for position, content in enumerate(contents, start=1):
                if isinstance(content, Unreadable):
                    self._add_unreadable(page, content)
                    kept.unreadable += 1
                else:
                    self._add_record(page, position, reader, content, kept)
        return kept

    def _add_record(self, page: int, position: int, reader: str, record: Record, kept: Kept) -> None:
        text = record.to_json()
        digest = digest_of(text)
        known = self._row(
            "SELECT r.id, v.digest FROM record r JOIN revision v ON v.record_id = r.id "
            "WHERE r.source = ? AND r.key = ? ORDER BY v.id DESC LIMIT 1", record.source, record.key,
        )  # fmt: skip
        if known is None:
            number = self._add(
                "INSERT INTO record (source, key, page_id) VALUES (?, ?, ?)", record.source, record.key, page
            )
            kept.new.append(number)
        else:
            number = int(known[0])
            # Only the newest revision is asked: A → B → A is two changes.
            if known[1] == digest:
                kept.same.append(number)
                return
            kept.changed.append(number)
            self._forget_words(number)
            self._add("DELETE FROM identifier WHERE record_id = ?", number)
        self._add(
            "INSERT INTO revision (record_id, page_id, position, digest, content, reader, stamp, read_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            number, page, position, digest, text, reader, record.dates.get("revised", ""), self.now(),
        )  # fmt: skip
        self._add_many(
            "INSERT OR IGNORE INTO identifier (record_id, scheme, value, origin) VALUES (?, ?, ?, ?)",
            [(number, i.scheme, i.value, i.origin) for i in record.identifiers],
        )
        self._add_words(number, record.title, "\n".join(part.text for part in record.abstract))

    def _add_unreadable(self, page: int, content: Unreadable) -> None:
        self._add(
            "INSERT INTO unreadable (page_id, position, line, key, problem, raw) VALUES (?, ?, ?, ?, ?, ?)",
            page, content.position, content.line, content.key, content.problem, content.raw,
        )  # fmt: skip

    def add_strays(self, page: int, strays: Iterable[tuple[int, str]]) -> None:
        """Keep the text of a file that stands outside of any record: line and text."""
        self._add_many(
            "INSERT INTO stray (page_id, line, text) VALUES (?, ?, ?)",
            ((page, line, text) for line, text in strays),
        )

    # -- the search box ----------------------------------------------------------------------------

    def _add_words(self, record: int, title: str, abstract: str) -> None:
        self._add("INSERT INTO word (rowid, title, abstract) VALUES (?, ?, ?)", record, title, abstract)

    def _forget_words(self, record: int) -> None:
        # An external-content index must be told the old text to forget it.
        for _, title, abstract in self._rows(_TEXT, record, record):
            self._add(
                "INSERT INTO word (word, rowid, title, abstract) VALUES ('delete', ?, ?, ?)",
                record, title, abstract,
            )  # fmt: skip

    def with_words(self, text: str, limit: int = 50) -> list[int]:
        """Records whose title or abstract holds all these words, best first."""
        return [
            int(row[0])
            for row in self._rows(
                "SELECT rowid FROM word WHERE word MATCH ? ORDER BY rank LIMIT ?",
                self._db.quote_fts(text),
                limit,
            )
        ]

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
        if numbers is None:
            for number, text in self._each("SELECT record_id, content FROM latest ORDER BY record_id"):
                yield int(number), Record.from_json(text)
            return
        for number in sorted(numbers):
            record = self.record(number)
            if record is not None:
                yield number, record

    def numbers(self) -> list[int]:
        """Every record's number, in order."""
        return [int(row[0]) for row in self._rows("SELECT id FROM record ORDER BY id")]

    def keys(self, source: str) -> dict[str, int]:
        """Every record of a source: key → record id."""
        return {
            str(key): int(number)
            for key, number in self._rows("SELECT key, id FROM record WHERE source = ?", source)
        }

    def keys_of(self, numbers: Iterable[int]) -> dict[str, int]:
        """The source's own names of these records: key → record id."""
        return {str(self._value("SELECT key FROM record WHERE id = ?", n)): n for n in numbers}

    def unreadable_keys(self, fetch: int) -> set[str]:
        """Keys of records that a fetch brought and nobody could read."""
        return {reported.key for reported in self.unreadable(fetch)}

    def stamps(self, source: str) -> dict[str, str]:
        """The source's date of last change of every record of a source, where it gives one."""
        return {
            str(key): str(stamp)
            for key, stamp in self._rows(
                "SELECT key, stamp FROM latest WHERE source = ? AND stamp <> ''", source
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
        for number in numbers:
            found[number] = [
                str(name)
                for (name,) in self._rows(
                    "SELECT DISTINCT s.name FROM sighting g JOIN search s ON s.id = g.search_id "
                    "WHERE g.record_id = ? ORDER BY s.name", number,
                )
            ]  # fmt: skip
        return found

    def unreadable(self, fetch: int | None = None) -> list[Reported]:
        """Records that are kept and could not be read, of one fetch or of all, oldest first."""
        return [
            Reported(int(page), int(position), line, str(key), str(problem))
            for page, position, line, key, problem in self._rows(
                "SELECT u.page_id, u.position, u.line, u.key, u.problem FROM unreadable u "
                "JOIN page p ON p.id = u.page_id WHERE ?1 IS NULL OR p.fetch_id = ?1 ORDER BY u.id", fetch,
            )
        ]  # fmt: skip

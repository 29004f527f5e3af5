"""Export files: the way in for databases that only speak through files. Each file is read once, whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from db.errors import WrongUse
from db.facts import Page, Request, Search
from db.record import Record, Unreadable
from db.store import Store
from harvest import files, readers
from harvest.outcome import SearchOutcome
from harvest.readers.columns import normal
from harvest.readers.reading import Reading

MAX_BYTES = 500_000_000
"""A larger file is a mistake, or wants to be exported in parts."""

UNKNOWN = "file:unknown"
"""The source of records of which nobody says the database."""

_HIDDEN = (".", "~$")
"""How the names of files begin that programs keep for themselves; `~$` is Excel's mark on an open workbook."""

_NAME = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})_(?P<database>[^_.]+)(?:_(?P<platform>[^_.]+))?(?:_[^.]*)?\.")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an export file comes from, as far as somebody or its name says (PRISMA-S items 1 and 13)."""

    database: str = ""
    platform: str = ""
    searched: str = ""
    """The day of the search, ISO 8601."""
    name: str = ""
    """The search it belongs to in `review.toml`."""
    query: str = ""
    stored: bytes = b""
    """The strategy as it was run by hand, when the project keeps it."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of a table → the field it fills, where the reviewer knows better than the readers."""

    @classmethod
    def of_name(cls, file: str) -> Origin:
        """From `<date>_<database>_<platform>.<ext>`; empty where the name says nothing."""
        match = _NAME.match(file)
        if not match:
            return cls()
        database = "" if match["database"] == UNKNOWN.partition(":")[2] else match["database"]
        return cls(database, match["platform"] or "", match["date"])

    def filled(self, other: Origin) -> Origin:
        """This origin, with what it leaves open taken from another one."""
        return Origin(
            self.database or other.database,
            self.platform or other.platform,
            self.searched or other.searched,
            self.name or other.name,
            self.query or other.query,
            self.stored or other.stored,
            self.columns or other.columns,
        )

    @property
    def slug(self) -> str:
        """The database's name as part of a source: `file:web-of-science`."""
        return re.sub(r"[^a-z0-9]+", "-", self.database.casefold()).strip("-") or "unknown"

    @property
    def file_name(self) -> str:
        """The name under which a file from here is kept in `imports/`, without the ending."""
        platform = re.sub(r"[^a-z0-9]+", "-", self.platform.casefold()).strip("-")
        return "_".join(part for part in (self.searched, self.slug, platform) if part)

    def search(self) -> Search:
        """The search that the file's records were found by."""
        said = {"database": self.database, "platform": self.platform, "searched": self.searched}
        options = {key: value for key, value in said.items() if value}
        return Search(self.name or self.slug, f"file:{self.slug}", self.query, self.stored, options)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export file, read and not yet kept."""

    path: Path
    body: bytes
    reading: Reading
    origin: Origin

    @property
    def sha256(self) -> str:
        """Digest of the bytes: a file is known by these, whatever it is called."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def in_file(self) -> int:
        """How many records the file holds: those read and those reported."""
        return len(self.reading.records) + len(self.reading.unreadable)

    @property
    def contents(self) -> list[Record | Unreadable]:
        """Everything the file holds, in its order."""
        return self.reading.contents


Ask: TypeAlias = Callable[[str, Origin], Origin]
"""Asks somebody about what is open in the origin of a file of this name; what they say."""


def open_file(path: Path, said: Origin, ask: Ask | None = None) -> ExportFile:
    """Read an export file. What the user says of its origin outranks its name, and that its content.

    Whoever is asked is asked last, and only for what is open still. Raises `WrongUse` when the file cannot be
    opened or is not what it should be; nothing is written.
    """
    body, name = files.whole(path, MAX_BYTES), files.legible(path.name)
    origin = said.filled(Origin.of_name(path.name))
    reading = readers.read(body, name, f"file:{origin.slug}", origin.columns)
    _must_not_be_a_queue(reading, name)
    told = origin.filled(Origin(reading.database, reading.platform))
    if ask and not (told.database and told.platform):
        told = told.filled(ask(name, told))
    if told.slug != origin.slug:
        reading = _from(reading, f"file:{told.slug}")
    return ExportFile(path, body, reading, told)


def _from(reading: Reading, source: str) -> Reading:
    return replace(reading, records=tuple(replace(record, source=source) for record in reading.records))


def _must_not_be_a_queue(reading: Reading, name: str) -> None:
    """A queue that comes home holds decisions on records of this review; they are no new records."""
    table = {"harvest id", "decision"} <= {normal(column) for column in reading.columns}
    noted = (note for record in reading.records[:1] for note in record.extra.get("N1", ()))
    if table or any(note.startswith("harvest_id: ") for note in noted):
        raise WrongUse(
            f"{name} is a queue that Harvest wrote: take its decisions in with `harvest queue import`."
        )


def unstated(names: Sequence[str]) -> str:
    """The sentence about files of which nobody says the database."""
    return (
        f"No database is stated for {', '.join(names)}, and PRISMA-S item 1 asks for it: say it when adding a file, "
        "--database CINAHL --platform EBSCOhost, or in its name, 2026-11-22_cinahl_ebscohost.ris."
    )


def read_before(store: Store, path: Path) -> SearchOutcome | None:
    """What is told of a file whose very bytes were read before, whatever it is called; it is not read again.

    Raises `WrongUse` when it cannot be opened.
    """
    body = files.whole(path, MAX_BYTES)
    found = store.file_search(hashlib.sha256(body).hexdigest())
    return SearchOutcome(*found, files.legible(path.name), "already read") if found else None


def keep_file(store: Store, file: ExportFile, run: int) -> SearchOutcome:
    """Keep a file and everything in it in one transaction; a file read before changes nothing."""
    search = file.origin.search()
    outcome = SearchOutcome(search.name, search.source, files.legible(file.path.name))
    if store.file_page(file.sha256) is not None:
        return _read_before(outcome, file)
    with store.writing():
        search_id = store.search_id(search)
        fetch = store.begin_fetch(run, search_id)
        request = Request("GET", f"imports/{file.path.name}", file.origin.columns)
        page = store.add_page(fetch.id, Page("file", file.body, request))
        kept = store.add_records(page, f"readers {readers.VERSION}", file.contents)
        store.add_strays(page, [(stray.line, stray.text) for stray in file.reading.stray])
        present = store.found_by(search.name)
        seen = [number for key, number in kept.numbers.items() if key not in present]
        store.add_sightings(fetch.id, search_id, "appeared", [(number, "file added") for number in seen])
        store.move_fetch(
            fetch.id, "complete", promised=file.in_file, listed=file.in_file, stored=file.in_file
        )
    _tell(outcome, file)
    outcome.new, outcome.changed = len(kept.new), len(kept.changed)
    outcome.appeared["file added"] = len(seen)
    return outcome


def preview(store: Store | None, file: ExportFile) -> SearchOutcome:
    """What keeping a file would bring; writes nothing."""
    search = file.origin.search()
    outcome = SearchOutcome(search.name, search.source, files.legible(file.path.name))
    outcome.columns = file.reading.mapping
    if store and store.file_page(file.sha256) is not None:
        return _read_before(outcome, file)
    _tell(outcome, file)
    known = store.keys(search.source) if store else {}
    outcome.new = sum(record.key not in known for record in file.reading.records)
    return outcome


def _read_before(outcome: SearchOutcome, file: ExportFile) -> SearchOutcome:
    outcome.state = "already read"
    if file.origin.columns:
        outcome.warnings = ("The file was read before; what is said of its columns now changes nothing.",)
    return outcome


def _tell(outcome: SearchOutcome, file: ExportFile) -> None:
    outcome.matched = outcome.fetched = file.in_file
    outcome.report(file.reading.unreadable)
    outcome.stray = len(file.reading.stray)
    outcome.warnings, outcome.columns = file.reading.notes, file.reading.mapping


def copy_in(file: ExportFile, imports: Path, today: str) -> Path:
    """Copy a file into `imports/` under a name that says when and where it was searched.

    Raises `StoreError` when the folder cannot be written.
    """
    if file.path.resolve().is_relative_to(imports.resolve()):
        return file.path
    dated = file.origin.filled(Origin(searched=today))
    target = files.free(imports, dated.file_name, file.path.suffix or ".txt", file.body)
    if not target.exists():
        files.put(target, file.body)
    return target


def waiting(imports: Path) -> Sequence[Path]:
    """The files in `imports/` and its folders, in order of their paths.

    Hidden ones and read-me files are no exports. A link to nowhere is a file that cannot be read: it is here, too.
    """
    return sorted(path for path in imports.rglob("*") if not path.is_dir() and _is_export(path, imports))


def _is_export(path: Path, imports: Path) -> bool:
    hidden = any(part.startswith(_HIDDEN) for part in path.relative_to(imports).parts)
    return not hidden and not path.name.casefold().startswith("readme")

"""Export files: the way in for databases that only speak through files. Each file is read once, whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from db.errors import WrongUse
from db.facts import Page, Request, Search
from db.record import Record, Unreadable
from db.store import Store
from db.store.connection import utc_now
from harvest import files, readers
from harvest.outcome import SearchOutcome
from harvest.project import Project, SearchPlan
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

    @classmethod
    def of_plan(cls, plan: SearchPlan) -> Origin:
        """As a search by hand in `review.toml` says it."""
        search = plan.search
        return cls(
            plan.database, plan.platform, plan.date, search.name, search.query, search.stored, plan.columns
        )

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

    def come_from(self, origin: Origin) -> ExportFile:
        """The same file, come from there."""
        source, records = f"file:{origin.slug}", self.reading.records
        if origin.slug != self.origin.slug:
            records = tuple(replace(record, source=source) for record in records)
        return replace(self, origin=origin, reading=replace(self.reading, records=records))


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
    itself = Origin(reading.database, reading.platform)
    if _contradict(origin, itself):
        told = f"{origin.database} is stated as its database, but by its own words it comes from {itself.database}"
        reading = replace(reading, notes=(*reading.notes, f"{told}: look whether it is the right file."))
        itself = Origin()
    file = ExportFile(path, body, reading, origin).come_from(origin.filled(itself))
    return _asked(file, ask) if ask else file


def _asked(file: ExportFile, ask: Ask) -> ExportFile:
    told = file.origin
    if told.database and told.platform:
        return file
    return file.come_from(told.filled(ask(files.legible(file.path.name), told)))


def _contradict(stated: Origin, found: Origin) -> bool:
    """Whether two origins mean two databases.

    Embase and Scopus do. MEDLINE and Ovid MEDLINE(R) ALL do not, nor WoS and Web of Science, nor BIOSIS on the very
    platform that the file names.
    """
    one, other = (re.findall(r"\w+", origin.database.casefold()) for origin in (stated, found))
    same_platform = stated.platform and stated.platform.casefold() == found.platform.casefold()
    if not one or not other or same_platform:
        return False
    names = {*other, "".join(word[0] for word in other), *(["medline"] if other == ["pubmed"] else [])}
    return not (names.issuperset(one) or set(one).issuperset(other))


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


# -- which search it belongs to --------------------------------------------------------------------------


Choose: TypeAlias = Callable[[str, Sequence[str]], str]
"""Asks somebody which of these searches a file of this name belongs to; one of them."""


def open_for(
    project: Project, path: Path, said: Origin, ask: Ask | None = None, choose: Choose | None = None
) -> ExportFile:
    """Read an export file as the search by hand in `review.toml` takes it that it belongs to, when there is one.

    It belongs to the search of its database, on its platform where both say one, and else to the one whose `files`
    mean it. Raises `WrongUse` also when several fit and nobody can be asked.
    """
    file = _claimed(open_file(path, said), said, project, choose)
    if file.origin.name or ask is None:
        return file
    return _claimed(_asked(file, ask), said, project, choose)


def _claimed(file: ExportFile, said: Origin, project: Project, choose: Choose | None) -> ExportFile:
    takes = {plan.search.name: _means(plan, file, project) for plan in project.plans if plan.by_hand}
    plans = {plan.search.name: plan for plan in project.plans if plan.by_hand}
    fit = [name for name in plans if _same_database(plans[name], file.origin)]
    if not said.database:
        fit = fit or [name for name in plans if takes[name]]
    fit = [name for name in fit if takes[name]] or fit
    if not fit:
        return file
    plan = plans[fit[0] if len(fit) == 1 else _chosen(files.legible(file.path.name), fit, choose)]
    stated = Origin(searched=said.searched, columns=said.columns)
    origin = stated.filled(Origin.of_plan(plan)).filled(file.origin)
    return open_file(file.path, origin) if origin.columns != file.origin.columns else file.come_from(origin)


def _same_database(plan: SearchPlan, origin: Origin) -> bool:
    platforms = {plan.platform.casefold(), (origin.platform or plan.platform).casefold()}
    return bool(origin.database) and Origin(plan.database).slug == origin.slug and len(platforms) == 1


def _means(plan: SearchPlan, file: ExportFile, project: Project) -> bool:
    """Whether the `files` of a search mean this file where it lies, or where it is going to be kept."""
    if file.path.resolve() in {path.resolve() for path in project.files_of(plan)}:
        return True
    kept = PurePosixPath(project.imports.name, f"{_dated(file).file_name}{file.path.suffix or '.txt'}")
    return bool(plan.files) and kept.match(plan.files)


def _chosen(name: str, fit: Sequence[str], choose: Choose | None) -> str:
    if choose is None:
        raise WrongUse(
            f"{name} fits several searches of review.toml: {', '.join(fit)}. State its --platform, or put it where "
            "the `files` of one of them mean it and start `harvest run`."
        )
    return choose(name, fit)


def asked_as(plan: SearchPlan) -> str:
    """The source under which the records of a search are kept."""
    return Origin.of_plan(plan).search().source if plan.by_hand else plan.search.source


def taken(project: Project, store: Store | None) -> set[tuple[str, str]]:
    """Name and source of every search, planned or stored."""
    stored = {(name, source) for name, source, *_ in store.searches()} if store else set()
    return stored | {(plan.search.name, asked_as(plan)) for plan in project.plans}


def named(file: ExportFile, searches: Collection[tuple[str, str]]) -> ExportFile:
    """The file under a name that no search of another source has: `pubmed-file` beside a search "pubmed"."""
    if file.origin.name:
        return file
    slug, used = file.origin.slug, {name for name, _ in searches}
    names = chain((slug, f"{slug}-file"), (f"{slug}-file-{number}" for number in count(2)))
    name = next(name for name in names if name not in used or (name, f"file:{slug}") in searches)
    return replace(file, origin=replace(file.origin, name=name))


# -- files that were read before -------------------------------------------------------------------------

STATED = "origin stated"
"""The note that says where a file comes from of which nobody said it when it was read."""


def read_before(store: Store, path: Path, said: Origin, run: int | None = None) -> SearchOutcome | None:
    """What is told of a file whose very bytes were read before, whatever it is called; it is not read again.

    Where nobody said its database then, and somebody or its name does now, that is noted, in a run. Raises
    `WrongUse` when it cannot be opened.
    """
    digest = hashlib.sha256(files.whole(path, MAX_BYTES)).hexdigest()
    found = store.file_search(digest)
    if not found:
        return None
    outcome = SearchOutcome(*found, files.legible(path.name), "already read")
    if outcome.source == UNKNOWN:
        outcome.warnings = _restated(store, digest, said.filled(Origin.of_name(path.name)), run)
    return outcome


def _restated(store: Store, digest: str, origin: Origin, run: int | None) -> tuple[str, ...]:
    """Note where a file comes from that was read without it; the sentence that says so, when it is news."""
    said = Origin(origin.database, origin.platform, origin.searched)
    if not said.database or stated(store).get(digest) == said:
        return ()
    if run is not None:
        facts = {"database": said.database, "platform": said.platform, "searched": said.searched}
        store.note(STATED, {"sha256": digest, **facts}, run)
    where = f"{said.database}, {said.platform}" if said.platform else said.database
    noted = f"The file was read before, without a database. That it comes from {where} is noted, and reports say it"
    return (f"{noted}; its records stay in the search they are in.",)


def stated(store: Store) -> dict[str, Origin]:
    """Digest of a file → what was said of its origin after it had been read without one."""
    return {
        str(note["sha256"]): Origin(str(note["database"]), str(note["platform"]), str(note["searched"]))
        for note in store.notes(STATED)
    }


def says_its_database(store: Store, path: Path) -> bool:
    """Whether it is known of a file that was read which database it comes from. Raises `WrongUse`: not to be opened."""
    digest = hashlib.sha256(files.whole(path, MAX_BYTES)).hexdigest()
    _, source = store.file_search(digest) or ("", UNKNOWN)
    return source != UNKNOWN or digest in stated(store)


def later_stated(store: Store, name: str) -> list[Origin]:
    """Of every file of a search of unknown source, what was said of it afterwards; an empty origin where nothing."""
    said = stated(store)
    return [said.get(digest, Origin()) for digest in store.file_digests(name, UNKNOWN)]


# -- keeping ---------------------------------------------------------------------------------------------


def keep_file(store: Store, file: ExportFile, run: int) -> SearchOutcome:
    """Keep a file and everything in it in one transaction; a file read before changes nothing."""
    search = file.origin.search()
    outcome = SearchOutcome(search.name, search.source, files.legible(file.path.name))
    if found := store.file_search(file.sha256):
        return _again(store, file, found, run)
    with store.writing():
        search_id = store.search_id(search)
        fetch = store.begin_fetch(run, search_id)
        request = Request("GET", f"imports/{file.path.name}", file.origin.columns)
        page = store.add_page(fetch.id, Page("file", file.body, request))
        kept = store.add_records(page, f"readers {readers.VERSION}", file.contents)
        store.add_strays(page, [(stray.line, stray.text) for stray in file.reading.stray])
        present = store.found_by(search.name, search.source)
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
    if store and (found := store.file_search(file.sha256)):
        return _again(store, file, found)
    _tell(outcome, file)
    known = store.keys(search.source) if store else {}
    outcome.new = sum(record.key not in known for record in file.reading.records)
    return outcome


def _again(store: Store, file: ExportFile, found: tuple[str, str], run: int | None = None) -> SearchOutcome:
    """A file that was read before, for a search of this name and source."""
    outcome = SearchOutcome(*found, files.legible(file.path.name), "already read")
    before, now = outcome.source.partition(":")[2], file.origin.slug
    if file.origin.columns:
        outcome.warnings += ("The file was read before; what is said of its columns now changes nothing.",)
    if outcome.source == UNKNOWN:
        outcome.warnings += _restated(store, file.sha256, file.origin, run)
    elif file.origin.database and now != before:
        outcome.warnings += (f"The file was read before as of {before}: to state {now} now changes nothing.",)
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
    target = files.free(imports, _dated(file, today).file_name, file.path.suffix or ".txt", file.body)
    if not target.exists():
        files.put(target, file.body)
    return target


def _dated(file: ExportFile, today: str = "") -> Origin:
    return file.origin.filled(Origin(searched=today or utc_now()[:10]))


def waiting(imports: Path) -> Sequence[Path]:
    """The files in `imports/` and its folders, in order of their paths.

    Hidden ones and read-me files are no exports. A link to nowhere is a file that cannot be read: it is here, too.
    """
    return sorted(path for path in imports.rglob("*") if not path.is_dir() and _is_export(path, imports))


def _is_export(path: Path, imports: Path) -> bool:
    hidden = any(part.startswith(_HIDDEN) for part in path.relative_to(imports).parts)
    return not hidden and not path.name.casefold().startswith("readme")

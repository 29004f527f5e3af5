"""What a reader gives back, and the one promise every reader keeps.

*Records read + records reported = records in the file*, and whatever stands outside of records is
reported with its line. `Gathering` is where the promise is kept: an entry handed to it becomes either a
record with a key of its own or an `Unreadable`, never nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from db.errors import RecordError
from db.record import Record, Unreadable
from harvest.readers.text import Text

_EMPTY = frozenset({"", "nan", "undefined"})
"""`nan` and `undefined` are what scripts write where they had nothing to say."""
_KEY_SCHEMES = ("accession", "pmid", "doi")


@dataclass(frozen=True, slots=True)
class Stray:
    """Text that stands outside of every record."""

    line: int
    """Counted from 1."""
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a file says."""

    records: tuple[Record, ...]
    unreadable: tuple[Unreadable, ...] = ()
    stray: tuple[Stray, ...] = ()
    dialect: str = ""
    """Format and the program that wrote it: `RIS of Embase.com`."""
    database: str = ""
    """As told by the file; empty when unknown."""
    platform: str = ""
    """Who delivered the records: Ovid, EBSCOhost, Embase.com; empty when unknown."""
    notes: tuple[str, ...] = ()
    """What had to be decided or repaired, one sentence each."""
    columns: tuple[str, ...] = ()
    """The header of a table, also of columns that say nothing; empty for a file that is none."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Column of a table → the field it fills, as named in `columns.COLUMNS`; empty where it is kept as it is."""

    @property
    def contents(self) -> list[Record | Unreadable]:
        """Everything the file holds, in its order."""
        odd = {unreadable.position: unreadable for unreadable in self.unreadable}
        records = iter(self.records)
        count = len(self.records) + len(self.unreadable)
        return [odd.get(place) or next(records) for place in range(1, count + 1)]


class Format(Protocol):
    """One export format: one module of `harvest.readers`."""

    @property
    def name(self) -> str:
        """As told to people: `RIS`."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings that promise this format, in lower case."""
        ...

    def looks_like(self, text: Text) -> bool:
        """True when the content, whatever the file is called, is of this format."""
        ...

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read it. Raises `WrongUse` when there is nothing by which records could be told."""
        ...


@dataclass(slots=True)
class Entry:
    """One record of a file before anybody has understood it: tags with values, in order.

    Values are taken out by tag; what nobody takes is left over and becomes `Record.extra`, so that a
    reader loses nothing by not knowing a tag.
    """

    line: int
    """Where it begins, counted from 1."""
    pairs: Sequence[tuple[str, str]]
    raw: str
    _places: dict[str, list[int]] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for place, (tag, _) in enumerate(self.pairs):
            self._places.setdefault(tag, []).append(place)

    def look(self, *tags: str) -> tuple[str, ...]:
        """Values of these tags, tag by tag, without taking them."""
        return tuple(self.pairs[place][1] for place in self._where(tags))

    def take(self, *tags: str, where: Callable[[str], object] = bool) -> tuple[str, ...]:
        """Values of these tags, tag by tag; only those of which `where` is true."""
        places = [place for place in self._where(tags) if where(self.pairs[place][1])]
        self._taken.update(places)
        return tuple(self.pairs[place][1] for place in places)

    def first(self, *tags: str) -> str:
        """The first value of the first tag that has one; values that repeat it are taken with it."""
        found = next(iter(self.look(*tags)), "")
        self.take(*tags, where=lambda value: value == found)
        return found

    def rest(self) -> dict[str, tuple[str, ...]]:
        """What nobody took, under its tag, in the order of the file."""
        left: dict[str, list[str]] = {}
        for place, (tag, value) in enumerate(self.pairs):
            if value and place not in self._taken:
                left.setdefault(tag, []).append(value)
        return {tag: tuple(values) for tag, values in left.items()}

    def _where(self, tags: Iterable[str]) -> list[int]:
        return [
            place
            for tag in tags
            for place in self._places.get(tag, ())
            if place not in self._taken and self.pairs[place][1] not in _EMPTY
        ]


@dataclass(slots=True)
class Gathering:
    """Records, unreadable records and stray lines of one file, as they are found."""

    build: Callable[[Entry], Record]
    """Makes a record of an entry; its key is given here. May raise `RecordError`."""
    records: list[Record] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    stray: list[Stray] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _repeats: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Keep an entry, as a record or as unreadable."""
        try:
            record = self.build(entry)
        except RecordError as error:
            self.report(entry.line, entry.raw, str(error))
            return
        if not usable(record):
            self.report(
                entry.line, entry.raw, "The record has no title, no author, no abstract and no identifier."
            )
            return
        self.records.append(replace(record, key=self._key(record, entry.raw)))

    def report(self, line: int, raw: str, problem: str) -> None:
        """Keep what cannot be read as a record."""
        position = len(self.records) + len(self.unreadable) + 1
        self.unreadable.append(Unreadable(position=position, problem=problem, raw=raw, line=line))

    def set_aside(self, line: int, text: str) -> None:
        """Keep a line that belongs to no record; blank lines say nothing."""
        if text.strip():
            self.stray.append(Stray(line, text))

    def reading(self, dialect: str, database: str, platform: str, notes: Iterable[str]) -> Reading:
        """Everything found, stray lines in the order of the file."""
        stray = tuple(sorted(self.stray, key=lambda s: s.line))
        return Reading(
            tuple(self.records), tuple(self.unreadable), stray, dialect, database, platform, tuple(notes)
        )

    def _key(self, record: Record, raw: str) -> str:
        """Accession number, PMID or DOI, else a digest of the text; repeats get ~2, ~3 … in their order."""
        named = (value for scheme in _KEY_SCHEMES for value in record.identifiers_of(scheme))
        key = wanted = next(named, "") or _digest(raw)
        while key in self._keys:
            self._repeats[wanted] = self._repeats.get(wanted, 1) + 1
            key = f"{wanted}~{self._repeats[wanted]}"
        self._keys.add(key)
        return key


def usable(record: Record) -> bool:
    """True when there is anything by which a person could recognise the document."""
    return bool(
        record.title or record.vernacular_title or record.authors or record.abstract or record.identifiers
    )


def lines_note(what: str, lines: Sequence[int]) -> tuple[str, ...]:
    """`what` with the lines it was seen at, the first ten of them; nothing when there are none."""
    if not lines:
        return ()
    shown = ", ".join(str(line) for line in lines[:10]) + (" …" if len(lines) > 10 else "")
    return (f"{what} ({'line' if len(lines) == 1 else f'{len(lines)} times: lines'} {shown}).",)


def _digest(raw: str) -> str:
    normal = " ".join(raw.split())
    return "sha256:" + hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""Deduplicate what the store holds: the only module of this room that is handed a `Store`."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from db.opinion import Link, Ruling
from db.store import Store
from dedupe.block import Candidates, Entries, Numbers, candidates, is_in, parted, touches
from dedupe.cluster import JOINING, Conflict, group
from dedupe.keys import Digests
from dedupe.processes import Processes, processors
from dedupe.rules import VERSION
from dedupe.sieve import worth_comparing
from dedupe.spool import Spool
from dedupe.tasks import Weighing, formed, records_of, weighed

WITHDRAWN = "no longer alike"
"""The rules take an opinion back because a record has changed: as if it had never been given."""

MANY = 10_000
"""From so many records on, other processes help, and everything is grouped anew instead of what hangs together."""
RECORDS_AT_ONCE, PAIRS_AT_ONCE = 500, 5_000
"""What a process is given in one go."""

_DONE = "deduplicated"


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What one deduplication did."""

    compared: int = 0
    """Pairs that were looked at."""
    opinions: int = 0
    """Opinions that are new, or not what they were."""
    moved: int = 0
    """Records whose group changed."""
    crowds: int = 0
    """Groups of records that share a key and are too many to be compared each with each."""
    skipped: int = 0
    """Pairs within these groups that were not looked at for this key."""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What grouping anew did."""

    moved: int
    """Records whose group changed."""
    conflicts: tuple[Conflict, ...]
    """What people said and what could not be followed, because people also said the contrary."""


def deduplicate(store: Store) -> Deduplicated:
    """Compare what is new or changed with everything, keep the opinions, group anew.

    New versions of the rules look at everything again. What a person said stays in force. Only the keeping is
    a transaction, and it is one: reviewers can vote while thousands of records are being compared.
    """
    done = store.last_note(_DONE)
    newest = store.newest_revision()
    since = int(str(done.get("revision", 0))) if done.get("rules") == VERSION else 0
    dirty = store.changed_since(since)
    if not dirty:
        return Deduplicated()
    with TemporaryDirectory(prefix="harvest-") as folder, Processes(_helping(dirty)) as processes:
        look = _Look(store, np.array(dirty, dtype=np.int64), Path(folder), processes)
        found = look.compare()
        with store.writing():
            opinions = store.add_rulings(look.news())
            store.set_blocking(look.blocking())
            moved = regroup(store, look.touched()).moved
            store.note(_DONE, {"revision": newest, "rules": VERSION})
    return Deduplicated(len(found.pairs), opinions, moved, found.crowds, found.skipped)


def look_at_everything(store: Store) -> None:
    """Have the next `deduplicate` compare all records again, as if it had never been done."""
    store.note(_DONE, {"revision": 0, "rules": VERSION})


def _helping(dirty: list[int]) -> int:
    return processors() if len(dirty) > MANY else 1


class _Look:
    """One look at what is new or changed: everything it finds lies in a temporary folder until it is kept."""

    def __init__(self, store: Store, dirty: Numbers, folder: Path, processes: Processes) -> None:
        self._store = store
        self._dirty = dirty
        self._processes = processes
        self._spool = Spool(folder / "forms")
        self._news = folder / "news"
        self._keys: list[bytes] = []
        self._places: dict[int, str] = {}
        self._touched = {*dirty.tolist()}

    def compare(self) -> Candidates:
        """Find the pairs that have to be looked at for this, and write down the opinions that are new."""
        self._form(self._dirty, new=True)
        now, before = self._entries()
        found = candidates(now, before, self._dirty, self._place)
        worth = self._worth(found)
        held = self._held(worth, found.crowded)
        self._form(self._spool.lacks(records_of(worth)))
        with self._news.open("wb") as file:
            for rulings in self._rulings(worth, held):
                pickle.dump(rulings, file)
        self._spool.close()
        return found

    def news(self) -> Iterator[Ruling]:
        """The opinions that are new, or not what they were."""
        with self._news.open("rb") as file:
            while file.peek(1):
                yield from pickle.load(file)  # noqa: S301 - our own temporary file

    def blocking(self) -> Iterator[tuple[int, bytes, str]]:
        """Keys and places of what is new or changed, to be kept."""
        for number, keys in zip(self._dirty.tolist(), self._keys, strict=True):
            yield number, keys, self._places[number]

    def touched(self) -> set[int]:
        """Records that may stand in another group now."""
        return self._touched

    # -- forms, keys and places ------------------------------------------------------------------------

    def _form(self, records: Numbers, *, new: bool = False) -> None:
        """Put the comparing forms of records into the spool; of new ones note keys and places, too."""
        contents = self._store.contents(records.tolist())
        batches = iter(lambda: list(islice(contents, RECORDS_AT_ONCE)), [])
        for made in self._processes.map(formed, batches):
            self._spool.add(made.records, made.forms)
            if new:
                self._keys += made.keys
                self._places.update(zip(made.records, made.places, strict=True))

    def _entries(self) -> tuple[Entries, Entries]:
        """Every block that something new or changed is in, or was in: as it is now, and as it was."""
        new = Entries.of(self._dirty, self._keys)
        if len(self._dirty) > MANY and len(self._dirty) == self._store.size():
            return new, Entries.of(self._dirty[:0], [])
        old = self._store.keys_of(self._dirty.tolist())
        leaving = Entries.of(np.array(list(old), dtype=np.int64), list(old.values()))
        before = self._kept(np.union1d(new.keys, leaving.keys))
        return self._today(before, new), before

    def _kept(self, wanted: Digests) -> Entries:
        """All that is kept about blocks with these keys, which are sorted; the places of their records are noted."""
        found = [some.with_keys(wanted) for some in self._everything]
        kept = Entries(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
        others = np.unique(kept.records[~is_in(kept.records, self._dirty)])
        self._places |= self._store.places_of(n for n in others.tolist() if n not in self._places)
        return kept

    @cached_property
    def _everything(self) -> list[Entries]:
        """The keys of every record as they are kept: a hundred bytes a record, read once."""
        kept, rows = [Entries.of(self._dirty[:0], [])], self._store.blocking()
        while some := list(islice(rows, MANY)):
            numbers, keys = zip(*some, strict=True)
            kept.append(Entries.of(np.array(numbers, dtype=np.int64), list(keys)))
        return kept

    def _today(self, kept: Entries, new: Entries) -> Entries:
        """What is kept, with what is new or changed in its place."""
        return kept.where(~is_in(kept.records, self._dirty)).and_(new)

    def _place(self, record: int) -> str:
        return self._places[record]

    # -- opinions --------------------------------------------------------------------------------------

    def _worth(self, found: Candidates) -> Numbers:
        """The candidates that are compared in full."""
        return np.union1d(found.strong, worth_comparing(found.weak, self._place))

    def _held(self, worth: Numbers, crowded: Numbers) -> Numbers:
        """Pairs about which an opinion of the rules is in force that has to be given again, or taken back."""
        every = len(self._dirty) > MANY
        held = self._ruled(None if every else self._dirty)
        return np.union1d(held[touches(held, self._dirty)], self._pushed_apart(worth, crowded))

    def _ruled(self, records: Numbers | None) -> Numbers:
        pairs = self._store.ruled(None if records is None else records.tolist())
        return np.unique(np.fromiter((a << 32 | b for a, b, rule in pairs if rule != WITHDRAWN), np.int64))

    def _pushed_apart(self, worth: Numbers, crowded: Numbers) -> Numbers:
        """Pairs in blocks that have become too large that are no candidates any more, for others stand between them."""
        held = self._ruled(crowded)
        a, b = parted(held)
        doubtful = held[
            is_in(a, crowded) & is_in(b, crowded) & ~touches(held, self._dirty) & ~is_in(held, worth)
        ]
        if not len(doubtful):
            return doubtful
        records = records_of(doubtful)
        keys = self._store.keys_of(records.tolist())
        mine = Entries.of(np.array(list(keys), dtype=np.int64), list(keys.values()))
        new = Entries.of(self._dirty, self._keys)
        wanted = np.unique(mine.keys)
        blocks = self._today(self._kept(wanted), new.with_keys(wanted))
        still = self._worth(candidates(blocks, blocks.where(blocks.records < 0), records, self._place))
        return doubtful[~is_in(doubtful, still)]

    def _rulings(self, worth: Numbers, held: Numbers) -> Iterator[list[Ruling]]:
        """What is new of what the rules say; what they held and would not say again is taken back."""
        kept = [held[:0]]
        for rulings in self._processes.map(weighed, self._weighings(worth)):
            pairs = np.array([ruling.a << 32 | ruling.b for ruling in rulings], dtype=np.int64)
            known = is_in(pairs, held)
            kept.append(pairs[known])
            yield self._noted(
                ruling for ruling, old in zip(rulings, known.tolist(), strict=True)
                if not old or self._store.ruling(ruling.a, ruling.b) != ruling
            )  # fmt: skip
        gone = held[~is_in(held, np.unique(np.concatenate(kept)))]
        yield self._noted(
            Ruling(*pair, "different", WITHDRAWN, VERSION, 0.0, "{}", "") for pair in _tuples(gone)
        )

    def _weighings(self, worth: Numbers) -> Iterator[Weighing]:
        for start in range(0, len(worth), PAIRS_AT_ONCE):
            pairs = worth[start : start + PAIRS_AT_ONCE]
            records = records_of(pairs)
            yield Weighing(self._spool.path, pairs, records, *self._spool.where(records))

    def _noted(self, rulings: Iterable[Ruling]) -> list[Ruling]:
        news = list(rulings)
        self._touched.update(end for ruling in news for end in (ruling.a, ruling.b))
        return news


def _tuples(pairs: Numbers) -> Iterator[tuple[int, int]]:
    a, b = parted(pairs)
    yield from zip(a.tolist(), b.tolist(), strict=True)


def regroup(store: Store, touched: Iterable[int] | None = None) -> Regrouped:
    """Let the groups follow from the opinions in force: of all records, or of those that hang together with some.

    Records hang together when opinions join them, whatever parts them; no group reaches farther than that.
    """
    with store.writing():
        start = set(store.numbers() if touched is None else touched)
        if len(start) > MANY:
            records, links = set(store.numbers()), [link for link in store.standing() if _counts(link)]
        else:
            records, links = _hanging_together(store, start)
        groups = group(records, links)
        moved = store.set_membership(
            {record: (report, groups.studies[report]) for record, report in groups.reports.items()}
        )
    return Regrouped(moved, groups.conflicts)


def _hanging_together(store: Store, start: set[int]) -> tuple[set[int], list[Link]]:
    """All records that a chain of joining opinions leads to, and every opinion about these."""
    reached, edge = set(start), set(start)
    links: dict[tuple[int, int], Link] = {}
    while edge:
        found = [link for link in store.standing(sorted(edge)) if _counts(link)]
        links |= {(link.a, link.b): link for link in found}
        edge = {end for link in found if link.relation in JOINING for end in (link.a, link.b)} - reached
        reached |= edge
    return reached, list(links.values())


def _counts(link: Link) -> bool:
    """What the rules took back is as if it had never been given."""
    return link.by_person or link.rule != WITHDRAWN

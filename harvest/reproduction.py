"""`harvest reproduce RUN`: the searches of an old run asked again as they were worded then, and what has drifted.

Of 453 published database searches one in ten could be run again with a result within 10 % of the original number
(Rethlefsen et al. 2024, doi:10.1016/j.jclinepi.2023.111229): that is the criterion here. A source that says since
when it holds a record is asked for what it held at the end of that day; what it has deleted, merged or reworded
since makes the difference. Only identifiers are listed; nothing is kept but a note that this was done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias

from db.errors import CheckFailed, HarvestError, SearchError, WrongUse
from db.facts import Search
from db.record import Identifier
from db.store import Store
from db.store.provenance import Fetch
from harvest.guarded import Guarded
from harvest.progress import Progress
from harvest.source import Source

WITHIN = 10.0
"""Percent of the original number by which a search may drift."""

EXPLAINED = 25
"""Vanished records of a search that the source is asked about, one by one."""

MakeSource = Callable[[str], Source]

State: TypeAlias = Literal["asked", "file", "failed", "damaged", "not complete"]


@dataclass(frozen=True, slots=True)
class Drifted:
    """One identifier that is listed now and was not then, or the other way round."""

    key: str
    title: str
    """Empty for a record that is not in the review."""
    cause: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """One search of the old run, asked again."""

    name: str
    source: str
    state: State
    """asked; file: an export file, whose bytes were proved; failed: the source cannot be asked now; damaged: what was
    stored then is not what it was; not complete: the search had not come to its end then."""
    as_of: str = ""
    """The day whose holdings were asked for; empty where the source cannot go back, and all of today's were."""
    then: int = 0
    now: int = 0
    today: int | None = None
    """How many match today when nothing is asked about dates, for a source that can go back."""
    added: tuple[Drifted, ...] = ()
    vanished: tuple[Drifted, ...] = ()
    reading_then: str = ""
    """How the source read the string then …"""
    reading_now: str = ""
    """… and how it reads the same string now; both empty where it is the same, or the source does not say."""
    failure: str = ""

    @property
    def drift(self) -> float:
        """By how many percent the number has changed; infinite when there was nothing then."""
        if self.then:
            return 100 * (self.now - self.then) / self.then
        return float("inf") if self.now else 0.0

    @property
    def within(self) -> bool:
        """Whether the number stays within 10 % of what it was."""
        return abs(self.now - self.then) * 100 <= WITHIN * self.then

    def to_dict(self) -> dict[str, object]:
        """For `--json`; a drift without a beginning is null, because JSON knows no infinity."""
        drift = round(self.drift, 2) if self.then or not self.now else None
        return {**asdict(self), "drift_percent": drift, "within_10_percent": self.within}


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A whole run, asked again."""

    run: int
    began: str
    """When it was."""
    searches: tuple[Repeated, ...]

    @property
    def exit_code(self) -> int:
        """4: a search drifts by more than 10 %, or what is stored is damaged; 3: a source could not be asked."""
        states = {search.state for search in self.searches}
        if "damaged" in states or not all(
            search.within for search in self.searches if search.state == "asked"
        ):
            return 4
        return 3 if "failed" in states else 0

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        searches = [search.to_dict() for search in self.searches]
        return {"run": self.run, "began": self.began, "exit_code": self.exit_code, "searches": searches}


def reproduce(
    store: Store, run: int, make_source: MakeSource, progress: Progress, only: Collection[str] = ()
) -> Reproduction:
    """Ask the searches of a run again, or prove the files it read; `only` names some of them.

    Writes one note (`event`) with the outcome. Raises `WrongUse` when there is no such run, or nothing in it.
    """
    began = next((start for number, _, start, _, _ in store.runs(limit=-1) if number == run), None)
    asked = store.fetches_of_run(run)
    known = {name for name, _, _ in asked}
    if began is None:
        raise WrongUse(f"There is no run {run}; they are 1 to {max(number for number, *_ in store.runs(1))}.")
    if not asked or set(only) - known:
        what = f"has no search {', '.join(sorted(set(only) - known))}" if asked else _why_nothing(store, run)
        raise WrongUse(f"Run {run} {what}" + (f"; it has {', '.join(sorted(known))}." if asked else "."))
    repeated = tuple(
        _File(store, name, source, fetch).proved()
        if source.startswith("file:")
        else _Search(store, fetch, progress).repeated(make_source)
        for name, source, fetch in asked
        if not only or name in only
    )
    done = Reproduction(run, began, repeated)
    store.note("reproduced", {"searches": [_short(search) for search in repeated]}, run)
    return done


def _why_nothing(store: Store, run: int) -> str:
    """A run that was cut off has nothing of its own once later ones have gone on with its searches."""
    taken = [note["fetch"] for note in store.notes("resumed") if note.get("from_run") == run]
    later = sorted({store.fetch(number).run_id for number in taken if isinstance(number, int)})
    if not later:
        return "asked nothing"
    return f"was cut off, and run {' and '.join(map(str, later))} went on with it: `harvest reproduce {later[0]}`"


def _short(search: Repeated) -> dict[str, object]:
    """What is remembered of it."""
    said = search.to_dict()
    return {**said, "added": [d.key for d in search.added], "vanished": [d.key for d in search.vanished]}


@dataclass(frozen=True, slots=True)
class _File:
    """An export file that the run read: it cannot be asked again, but proved to be what it was."""

    store: Store
    name: str
    source: str
    fetch: Fetch

    def proved(self) -> Repeated:
        try:
            pages = len(list(self.store.pages(self.fetch.id, "file")))
        except CheckFailed as error:
            return Repeated(self.name, self.source, "damaged", failure=str(error))
        if not pages:
            return Repeated(self.name, self.source, "not complete")
        records = self.fetch.listed or 0
        return Repeated(self.name, self.source, "file", then=records, now=records)


class _Search:
    """A search that a source was asked for, and is asked for again."""

    def __init__(self, store: Store, fetch: Fetch, progress: Progress) -> None:
        self._store, self._fetch, self._progress = store, fetch, progress
        self._search = store.wording(fetch.search_id)
        self._day = fetch.started_at[:10]

    def repeated(self, make_source: MakeSource) -> Repeated:
        """Listed, compared, explained. A source that cannot be asked is an outcome, not an exception."""
        name, source_name = self._search.name, self._search.source
        if self._fetch.state != "complete":
            return Repeated(name, source_name, "not complete", failure=self._fetch.failure)
        try:
            return self._compared(Guarded(make_source(source_name)))
        except CheckFailed as error:
            return Repeated(name, source_name, "damaged", failure=str(error))
        except HarvestError as error:
            return Repeated(name, source_name, "failed", failure=str(error))

    def _compared(self, source: Guarded) -> Repeated:
        then = self._then(source)
        restricted = source.counting.as_of(self._search, self._day) if source.counting else None
        now, reading = self._now(source, restricted or self._search)
        today = None
        if restricted and source.counting:
            page = source.counting.count(self._search)
            today, reading = page.promised, page.translation
        added, vanished = sorted(now - then), sorted(then - now)
        differs = bool(reading and self._fetch.translation) and reading != self._fetch.translation
        return Repeated(
            self._search.name, self._search.source, "asked", self._day if restricted else "",
            len(then), len(now), today,
            tuple(self._added(added, restricted=restricted is not None)),
            tuple(self._vanished(source, vanished, restricted=restricted is not None)),
            self._fetch.translation if differs else "", reading if differs else "",
        )  # fmt: skip

    def _then(self, source: Source) -> set[str]:
        """What was listed, read from the answers as they are kept."""
        pages = self._store.pages(self._fetch.id, "list")
        return {hit.key for _, body in pages for hit in source.hits(body)}

    def _now(self, source: Source, search: Search) -> tuple[set[str], str]:
        keys: set[str] = set()
        translation = ""
        for page in source.list(search):
            keys.update(hit.key for hit in source.hits(page.body))
            translation = translation or page.translation
            self._progress.step(search.name, "listing", len(keys), page.promised)
        return keys, translation

    # -- causes ------------------------------------------------------------------------------------

    def _added(self, keys: Sequence[str], *, restricted: bool) -> Iterator[Drifted]:
        numbers = self._numbers(keys)
        said = self._store.sayings(numbers.values())
        since = self._store.found_since(self._search.name)
        for key in keys:
            number = numbers.get(key)
            title = said[number].title if number else ""
            if number in since:
                run, reason = since[number]
                cause = f"found since run {run} ({reason})"
            elif restricted:
                cause = "held then by its own date, and matching only since: indexed or changed"
            else:
                cause = (
                    "new in the source, or matching only since: it does not say since when it holds a record"
                )
            yield Drifted(key, title, cause)

    def _vanished(self, source: Guarded, keys: Sequence[str], *, restricted: bool) -> Iterator[Drifted]:
        numbers = self._numbers(keys)
        said = self._store.sayings(numbers.values())
        names = {key: _own(self._store, numbers[key]) for key in keys[:EXPLAINED] if key in numbers}
        for key in keys:
            title = said[numbers[key]].title if key in numbers else ""
            cause = self._asked(source, names.get(key, ()), restricted=restricted)
            yield Drifted(key, title, cause)

    def _asked(self, source: Guarded, names: Sequence[Identifier], *, restricted: bool) -> str:
        """Why a record is not listed any more, as far as counting it tells."""
        counting = source.counting
        clause = next((c for name in names if (c := counting.naming(name))), "") if counting else ""
        if not counting or not clause:
            return "not asked about"
        alone = Search(self._search.name, self._search.source, clause)
        said = self._search.query.strip()
        both = replace(self._search, query=f"({said}) AND {clause}" if said else clause)
        try:
            if not counting.count(alone).promised:
                return "withdrawn by the source"
            if restricted and counting.count(both).promised:
                return "still matching, but dated later now"
        except SearchError as error:
            return f"not known: {error}"
        return "no longer matching"

    def _numbers(self, keys: Collection[str]) -> dict[str, int]:
        known = self._store.keys(self._search.source)
        return {key: known[key] for key in keys if key in known}


def _own(store: Store, number: int) -> tuple[Identifier, ...]:
    """The names of a record, that of its key first."""
    record = store.record(number)
    assert record is not None  # it was named by its number
    own = [name for name in record.identifiers if name.origin not in ("reference", "abstract")]
    return tuple(sorted(own, key=lambda name: name.value != record.key))

"""The sixteen items of PRISMA-S, each from the facts: what it says, and what is still to be said; pure.

PRISMA-S: Rethlefsen ML et al., Syst Rev 2021;10:39, doi 10.1186/s13643-020-01542-z. An item has a value when the
facts give one, or when somebody wrote one into `review.toml`: "not done" is a value, silence is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from harvest.project import is_placeholder
from harvest.project.settings import Methods, Schedule
from harvest.reports.document import Block, Cell, Items, Paragraph, Table
from harvest.reports.facts import Searched

CITATION = (
    "Rethlefsen ML, Kirtley S, Waffenschmidt S, Ayala AP, Moher D, Page MJ, et al. PRISMA-S: an extension to the "
    "PRISMA Statement for Reporting Literature Searches in Systematic Reviews. Syst Rev 2021;10:39. "
    "doi:10.1186/s13643-020-01542-z"
)
_SEVERAL = re.compile(r"\s*[;+]\s*|\s+/\s+")
_DIGEST = re.compile(r"\b[0-9a-f]{8,64}\b")


class Said(NamedTuple):
    """One statement: of one search, or of the review as a whole."""

    search: str
    what: str
    text: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the items are made of."""

    searches: Sequence[Searched]
    methods: Methods
    schedule: Schedule
    records: int
    reports: int
    studies: int
    rules: str
    """Version of the rules of deduplication."""
    joined_by_people: int
    """Pairs about which a person has said whether they are the same."""
    waiting: int
    """Pairs that wait for a person."""
    version: str
    """Of Harvest."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item with what it says."""

    number: int
    title: str
    says: tuple[Said, ...]
    table: Table | None = None
    """The same as a table, where that reads better."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to be said, one sentence each."""
        return tuple(f"Item {self.number} ({self.title}): {sentence}" for sentence in self._unsaid())

    @property
    def blocks(self) -> Iterator[Block]:
        """How the item reads: what is said of the review, of each search, and what is missing."""
        told = [said for said in self.says if not said.missing]
        yield from (Paragraph(said.text) for said in told if not said.search)
        if self.table:
            yield self.table
        elif of_searches := tuple(f"{said.search}: {said.text}" for said in told if said.search):
            yield Items(of_searches)
        yield from (Paragraph(sentence, warns=True) for sentence in self._unsaid())

    def _unsaid(self) -> Iterator[str]:
        """One sentence for all searches of which the same is missing."""
        missing: dict[str, list[str]] = {}
        for said in self.says:
            if said.missing:
                missing.setdefault(said.text, []).append(said.search)
        for text, searches in missing.items():
            names = ", ".join(filter(None, searches))
            yield f"{names}: {text}" if names else text


def items(facts: Facts) -> tuple[Item, ...]:
    """All sixteen, in their order."""
    return tuple(make(number, title, facts) for number, (title, make) in enumerate(_ITEMS, 1))


def not_stated(key: str) -> str:
    """What to do about something that nobody has said."""
    return f"not stated: write {key} in review.toml (“not done” is an answer, too)"


# -- 1 to 3: where -----------------------------------------------------------------------------------


def _databases(number: int, title: str, facts: Facts) -> Item:
    there = [s for s in facts.searches if not s.register]
    says = (
        *_places(there),
        *([] if there else [Said("", "database", "No database is searched.", missing=True)]),
    )
    return Item(number, title, says, _place_table(there))


def _several(number: int, title: str, facts: Facts) -> Item:
    """A name such as `Embase; MEDLINE` says that one search went through several databases at once."""
    joint = [s for s in facts.searches if s.by_hand and len(_SEVERAL.split(s.label)) > 1]
    says = [
        Said(s.name, "databases searched together", f"{s.label} on {s.platform or 'one platform'}")
        for s in joint
    ]
    each = "Each search was run in one database or register at a time."
    return Item(number, title, tuple(says) or (Said("", "databases searched together", each),))


def _registries(number: int, title: str, facts: Facts) -> Item:
    there = [s for s in facts.searches if s.register]
    none = Said("", "register", "No study register is among the searches of this review.")
    return Item(number, title, (*_places(there), *([] if there else [none])), _place_table(there))


def _places(searches: Sequence[Searched]) -> Iterator[Said]:
    for s in searches:
        yield Said(s.name, "register" if s.register else "database", s.label)
        if s.platform:
            yield Said(s.name, "platform", s.platform)
        else:
            yield Said(s.name, "platform", not_stated(_key(s, "platform")), missing=True)
        if s.endpoint:
            yield Said(s.name, "asked at", s.endpoint)


def _place_table(searches: Sequence[Searched]) -> Table | None:
    rows = [
        (s.name, s.label, s.platform or None, s.endpoint or "export file", s.searched or None)
        for s in searches
    ]
    return Table(("search", "name", "platform", "asked at", "last searched"), tuple(rows)) if rows else None


# -- 4 to 7, 11: by hand -----------------------------------------------------------------------------


def _by_hand(key: str) -> Callable[[int, str, Facts], Item]:
    def item(number: int, title: str, facts: Facts) -> Item:
        text = getattr(facts.methods, key)
        stated = bool(text) and not is_placeholder(text)
        said = Said("", key, text) if stated else Said("", key, not_stated(f"methods.{key}"), missing=True)
        return Item(number, title, (said,))

    return item


# -- 8 to 10: how ------------------------------------------------------------------------------------


def _strategies(number: int, title: str, facts: Facts) -> Item:
    """The texts themselves stand in sections of their own: see `searches`."""
    return Item(number, title, tuple(said for s in facts.searches for said in _strategy(s)))


def _strategy(s: Searched) -> Iterator[Said]:
    wording = s.wording
    if wording is None or not (wording.stored or wording.query or (wording.options and not s.by_hand)):
        told = f"not stated: put the strategy, as it was run, into a file and write {_key(s, 'query')} in review.toml"
        yield Said(s.name, "strategy", told, missing=True)
    if s.edited:
        yield Said(
            s.name, "strategy", "the strategy was edited since it was run: start `harvest run`", missing=True
        )


def _limits(number: int, title: str, facts: Facts) -> Item:
    return Item(
        number, title, tuple(_stated(s, s.plan.limits if s.plan else "", "limits") for s in facts.searches)
    )


def _filters(number: int, title: str, facts: Facts) -> Item:
    return Item(number, title, tuple(said for s in facts.searches for said in _filters_of(s)))


def _filters_of(s: Searched) -> Iterator[Said]:
    """Packaged filters cite themselves; what else was used somebody must say."""
    for used in s.filters:
        text = f"{used.title} ({used.version}), as published, not modified. {used.citation}"
        yield Said(s.name, "filter", text)
    said = s.plan.filters if s.plan else ""
    if said or not s.filters:
        yield _stated(s, said, "filters")


def _stated(s: Searched, text: str, key: str) -> Said:
    if text and not is_placeholder(text):
        return Said(s.name, key, text)
    return Said(s.name, key, not_stated(_key(s, key)), missing=True)


def _key(s: Searched, key: str) -> str:
    """What to write, and where."""
    return f"{key} below its [[search]]" if s.plan else f"a [[search]] for it, with {key},"


# -- 12 to 14: when, and by whom ---------------------------------------------------------------------


def _updates(number: int, title: str, facts: Facts) -> Item:
    runs = {visit.run for s in facts.searches for visit in s.visits}
    told = []
    if any(not s.by_hand for s in facts.searches):
        told.append(
            "Searches through programming interfaces were re-run as a whole: each time everything that matched was "
            "listed and compared with what was listed before, and what was new or changed was fetched; they were not "
            "limited to what came after the run before."
        )
    told.append(f"There were {len(runs)} runs." if len(runs) != 1 else "There was one run.")
    if facts.schedule.every:
        told.append(f"Searches are scheduled {facts.schedule.every}.")
    if facts.schedule.trigger:
        told.append(f"The review is updated when: {facts.schedule.trigger}")
    return Item(number, title, (Said("", "updates", " ".join(told)),))


def _dates(number: int, title: str, facts: Facts) -> Item:
    says = [_dated(s) for s in facts.searches]
    rows = [
        (
            s.name,
            s.label,
            s.searched,
            ", ".join(dict.fromkeys(v.day for v in s.visits)) if not s.by_hand else None,
        )
        for s in facts.searches
        if s.searched
    ]
    columns = ("search", "name", "last searched (UTC)", "all runs (UTC)")
    return Item(number, title, tuple(says), Table(columns, tuple(rows)) if rows else None)


def _dated(s: Searched) -> Said:
    if s.searched:
        return Said(s.name, "last searched", s.searched)
    if s.by_hand:
        return Said(s.name, "last searched", not_stated(_key(s, "date")), missing=True)
    return Said(s.name, "last searched", "never searched to the end: start `harvest run`", missing=True)


def _peer_review(number: int, title: str, facts: Facts) -> Item:
    """What is said of it, and the digest by which a strategy is known again after the review."""
    text = facts.methods.peer_review
    digests = {
        s.name: sha256(s.wording.stored).hexdigest() for s in facts.searches if s.wording and s.wording.stored
    }
    if not text or is_placeholder(text):
        said = [Said("", "peer review", not_stated("methods.peer_review"), missing=True)]
    else:
        said = [Said("", "peer review", text), *_stale(text, digests.values())]
    says = [*said, *(Said(name, "SHA-256 of the strategy", digest) for name, digest in digests.items())]
    rows = tuple(digests.items())
    return Item(
        number, title, tuple(says), Table(("search", "SHA-256 of its strategy"), rows) if rows else None
    )


def _stale(text: str, digests: Collection[str]) -> Iterator[Said]:
    """Who reviewed a strategy may name its digest: then an edit shows."""
    for named in _DIGEST.findall(text):
        if not any(digest.startswith(named) for digest in digests):
            sentence = f"the strategy {named} that was reviewed is none of today's: it was edited since"
            yield Said("", "peer review", sentence, missing=True)


# -- 15 and 16: how many -----------------------------------------------------------------------------


def _totals(number: int, title: str, facts: Facts) -> Item:
    says = [_brought(s) for s in facts.searches]
    rows: list[tuple[Cell, ...]] = [
        (s.name, v.run, v.day, v.matched, v.appeared, v.new_reports) for s in facts.searches for v in s.visits
    ]
    rows += [("all", None, None, None, sum(s.records for s in facts.searches), facts.reports)]
    whole = f"{facts.records} records, {facts.reports} reports after deduplication, {facts.studies} studies"
    columns = ("search", "run", "run on (UTC)", "matched", "records not found by it before", "new reports")
    return Item(number, title, (Said("", "all", whole), *says), Table(columns, tuple(rows)))


def _brought(s: Searched) -> Said:
    if s.visits:
        return Said(s.name, "records before · after deduplication", f"{s.records} · {s.reports}")
    todo = "put its export files into imports/" if s.by_hand else "start `harvest run`"
    return Said(s.name, "records", f"no records came in: {todo}", missing=True)


def _deduplication(number: int, title: str, facts: Facts) -> Item:
    text = (
        f"Records were compared by Harvest {facts.version} (version {facts.rules} of its rules): pairs with an "
        "identifier, a place or much of a title in common were judged by stated rules on title, authors, journal, "
        "year, volume, pages, DOI, PMID and registration numbers; no record was deleted. "
        f"People decided on {facts.joined_by_people} pairs, and {facts.waiting} wait to be decided. "
        f"{facts.records} records were taken together to {facts.reports} reports, of {facts.studies} studies."
    )
    return Item(number, title, (Said("", "deduplication", text),))


_ITEMS: tuple[tuple[str, Callable[[int, str, Facts], Item]], ...] = (
    ("Database name", _databases),
    ("Multi-database searching", _several),
    ("Study registries", _registries),
    ("Online resources and browsing", _by_hand("browsing")),
    ("Citation searching", _by_hand("citations")),
    ("Contacts", _by_hand("contacts")),
    ("Other methods", _by_hand("other")),
    ("Full search strategies", _strategies),
    ("Limits and restrictions", _limits),
    ("Search filters", _filters),
    ("Prior work", _by_hand("prior_work")),
    ("Updates", _updates),
    ("Dates of searches", _dates),
    ("Peer review", _peer_review),
    ("Total records", _totals),
    ("Deduplication", _deduplication),
)
"""As the checklist numbers and calls them."""

TITLES = tuple(title for title, _ in _ITEMS)
"""Of the sixteen, in their order."""

"""A pair of records as evidence: what agrees, what contradicts, what only one of them says.

Three-valued features are `True` (agree), `False` (contradict) and `None` (nothing can be said): a silent side is
never taken for a contradiction. Similarities are 0 to 1, and `None` when a side is empty (`ratio("", "")`
would be 100).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from db.opinion import Kind
from dedupe import match_kinds, match_places, match_titles, match_trials
from dedupe.journals import alike
from dedupe.names import is_among, same_name
from dedupe.normal import Form

SAME_GROUP = 85
"""Likeness in percent of the words of two names of a group."""
SIGNED = 0.75
"""Share of surnames that are the other's first names from which on a source is taken to have exchanged them."""
BATCH = 8192
"""Pairs compared at once: enough to keep the C loops busy, little enough to keep memory flat."""
SAME_JOURNAL, OTHER_JOURNAL = 0.8, 0.5
SHORTEST_ABSTRACT = 100
"""Signs of an abstract that can be compared."""


@dataclass(slots=True)
class Evidence:
    """Two records, `a < b`, and what speaks for and against their being the same."""

    a: int
    b: int
    title: float | None
    """How alike the titles are, blanks left out."""
    title_sorted: float | None
    """The same with the words of both in alphabetical order."""
    title_part: float | None
    """How well the shorter title fits into the longer one."""
    title_length: int
    """Signs of the shorter title."""
    title_exact: bool | None
    swap: bool
    """True when a word of one title stands in the place of quite another word of the other; asked of alike titles."""
    numbers: bool | None
    """The numbers in the titles; None when one title is only cut short."""
    generic: bool
    first_author: bool | None
    authors: float | None
    """Share of the shorter list of surnames found in the longer one."""
    authors_few: int
    """Length of the shorter list."""
    groups: bool | None
    """Whether the groups that sign are the same."""
    journal: bool | None
    abstract: float | None
    """How alike the abstracts are as far as the shorter one goes; None under 100 signs."""
    abstract_length: int
    """Signs of the shorter abstract, of the first 600."""
    years_apart: int | None
    volume: bool | None
    issue: bool | None
    start: bool | None
    end: bool | None
    overlap: bool
    """The first page of one lies within the pages of the other."""
    single_page: bool
    """One of them says that it begins and ends on one page, as many abstracts do."""
    extent: int | None
    """Pages of the longer of the two, as far as they can be counted."""
    own_pages: bool
    """One of them counts its own pages from 1, as papers ahead of print do."""
    bare: int
    """How many of the two stand nowhere in print, as preprints and books do."""
    unplaced: int
    """How many of the two name no volume and no page, as abstracts and papers ahead of print do."""
    doi: bool | None
    pmid: bool | None
    notices: bool | None
    """None: neither is a notice; True: both, of one kind; False: only one of them, or of another kind."""
    registrations: int
    """How many of the two are registrations."""
    conferences: int
    """How many of the two are conference papers or abstracts."""
    trial: str
    """What ties them to one trial: own, secondary, databank …; see `dedupe.match_trials.Ties` for this and the next."""
    grade: str
    """A, B, C, or nothing: how surely they are of one trial."""
    investigator: bool | None
    condition: bool | None
    treatment: bool | None
    size: bool | None
    dates: bool | None
    study: float | None
    """0 to 1: how likely the paper reports the registered trial."""
    same_type: bool
    """Both are articles, or books, …"""
    kind: Kind
    """What the one would be to the other if they belong together; see `dedupe.match_kinds`."""
    claim: Kind
    """What the source of one of them says that it is to the other."""

    def features(self) -> dict[str, str | float | bool | None]:
        """As a plain mapping, for keeping; what says nothing is left out: silence, empty words, counts of none."""
        return {
            name: round(value, 4) if type(value) is float else value
            for name, value in zip(_FEATURES, _values(self), strict=True)
            if value is not None and (value or name in _SPEAKING)
        }


_FEATURES = tuple(name for name in Evidence.__slots__ if name not in {"a", "b"})
_SPEAKING = frozenset(
    {
        "title",
        "title_sorted",
        "title_exact",
        "numbers",
        "first_author",
        "authors",
        "groups",
        "journal",
        "abstract",
    }
    | {"years_apart", "same_type", "volume", "issue", "start", "end", "doi", "pmid", "notices"}
    | {"investigator", "condition", "treatment", "size", "dates", "study"}
)
"""Features whose `False` or 0 says something: a contradiction, or no year apart."""
_values = attrgetter(*_FEATURES)


def compare(forms: Mapping[int, Form], pairs: Iterable[tuple[int, int]]) -> Iterator[Evidence]:
    """Evidence for every pair, in the order of the pairs."""
    waiting = iter(pairs)
    while batch := list(islice(waiting, BATCH)):
        yield from _batch([(forms[a], forms[b]) for a, b in batch])


def _batch(pairs: list[tuple[Form, Form]]) -> Iterator[Evidence]:
    """Likenesses of texts are found for all pairs in one call; equal texts need none."""
    exact = [match_titles.exact(a, b) for a, b in pairs]
    unequal = [pair for pair, same in zip(pairs, exact, strict=True) if not same]
    plain = iter(_ratios([(a.key, b.key) for a, b in unequal]))
    ordered = iter(_ratios([(_alphabetical(a), _alphabetical(b)) for a, b in unequal]))
    for (a, b), same, text in zip(pairs, exact, _abstracts(pairs), strict=True):
        yield _evidence(a, b, same, *((1.0, 1.0) if same else (next(plain), next(ordered))), text)


def _ratios(texts: list[tuple[str, str]]) -> list[float | None]:
    """Similarities 0 to 1 in one call; None where a side is empty."""
    values = cpdist([a for a, _ in texts], [b for _, b in texts], scorer=fuzz.ratio)
    return [float(value) / 100 if a and b else None for value, (a, b) in zip(values, texts, strict=True)]


def _alphabetical(form: Form) -> str:
    return " ".join(sorted(form.title.split()))


def _abstracts(pairs: list[tuple[Form, Form]]) -> list[float | None]:
    """Abstracts cut to the shorter one; under 100 signs they say nothing."""
    found: list[float | None] = [None] * len(pairs)
    unequal = []
    for position, (a, b) in enumerate(pairs):
        size = min(len(a.abstract), len(b.abstract))
        if size >= SHORTEST_ABSTRACT:
            one, two = a.abstract[:size], b.abstract[:size]
            found[position] = 1.0
            if one != two:
                unequal.append((position, one, two))
    ratios = _ratios([(one, two) for _, one, two in unequal])
    for (position, _, _), ratio in zip(unequal, ratios, strict=True):
        found[position] = ratio
    return found


def _evidence(
    a: Form, b: Form, exact: bool | None, one: float | None, two: float | None, text: float | None
) -> Evidence:
    few = min(len(a.surnames), len(b.surnames))
    authors = _overlap(a, b) if few else None
    exchanged = authors is not None and authors < SIGNED and few > 1 and _exchanged(a, b) >= SIGNED
    part = match_titles.part(a, b) if one is not None and one < 0.95 else one
    numbers = match_titles.numbers(a, b)
    start = match_places.start(a, b)
    tied = match_trials.ties(a, b, None if one is None else max(one, two or 0.0))
    return Evidence(
        a=a.id,
        b=b.id,
        title=one,
        title_sorted=two,
        title_part=part,
        title_length=min(len(a.key), len(b.key)),
        title_exact=exact,
        swap=not exact and max(one or 0.0, two or 0.0, part or 0.0) > 0.6 and match_titles.swap(a, b),
        numbers=numbers,
        generic=a.generic or b.generic,
        first_author=(same_name(a.surnames[0], b.surnames[0]) or exchanged) if few else None,
        authors=1.0 if exchanged else authors,
        authors_few=few,
        groups=_groups(a, b),
        journal=_journal(a, b),
        abstract=text,
        abstract_length=min(len(a.abstract), len(b.abstract)),
        years_apart=abs(a.year - b.year) if a.year and b.year else None,
        volume=match_places.volume(a, b),
        issue=match_places.issue(a, b),
        start=start,
        end=match_places.end(a, b),
        overlap=start is not True and match_places.overlap(a, b),
        single_page=any(form.start != "" and form.start == form.end for form in (a, b)),
        extent=match_places.extent(a, b),
        own_pages=match_places.own_pages(a) or match_places.own_pages(b),
        bare=match_places.bare(a) + match_places.bare(b),
        unplaced=match_places.unplaced(a) + match_places.unplaced(b),
        doi=_share(a.dois, b.dois),
        pmid=_share(a.pmids, b.pmids),
        notices=(a.notice == b.notice) if a.notice or b.notice else None,
        registrations=a.registration + b.registration,
        conferences=a.conference + b.conference,
        trial=tied.trial,
        grade=tied.grade,
        investigator=tied.investigator,
        condition=tied.condition,
        treatment=tied.treatment,
        size=tied.size,
        dates=tied.dates,
        study=tied.study,
        same_type=a.kind == b.kind,
        kind=match_kinds.kind(a, b, numbers),
        claim=match_kinds.claim(a, b),
    )


def _overlap(a: Form, b: Form) -> float:
    """The share of the shorter list that is in the longer one."""
    short, long = a.surnames, b.surnames
    if len(short) > len(long):
        short, long = long, short
    if short == long[: len(short)]:
        return 1.0
    known = set(long)
    few = short[:20]
    return sum(name in known or is_among(name, long) for name in few) / len(few)


def _exchanged(a: Form, b: Form) -> float:
    """The share of the surnames of one that are first names of the other: some sources exchange the two."""
    return max(
        sum(is_among(name, other.forenames) for name in one.surnames[:20]) / len(one.surnames[:20])
        for one, other in ((a, b), (b, a))
    )


def _groups(a: Form, b: Form) -> bool | None:
    if not a.groups or not b.groups:
        return None
    return any(fuzz.token_set_ratio(one, two) >= SAME_GROUP for one in a.groups for two in b.groups)


def _journal(a: Form, b: Form) -> bool | None:
    if not a.journals or not b.journals:
        return None
    if a.journals[0] == b.journals[0]:
        return True
    if set(a.issns) & set(b.issns):
        return True
    best = max(alike(one, two) for one in a.journals for two in b.journals)
    return True if best >= SAME_JOURNAL else False if best < OTHER_JOURNAL else None


def _share(a: tuple[str, ...], b: tuple[str, ...]) -> bool | None:
    return not set(a).isdisjoint(b) if a and b else None

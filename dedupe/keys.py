"""By what another record of the same report or study could be found: the keys of a record, and where it stands.

Every key is made from one record alone, never from how often something occurs among the others, so a pair that is
found when all records are looked at together is also found when they arrive one by one. Keys are kept as digests of
eight bytes: a million records have about twelve million of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from dedupe.match_trials import referred, signed_sizes
from dedupe.normal import Form

Digests = NDArray[np.uint64]
"""Keys, one after another: seven bytes of a hash, and the last one (the most significant) says of which kind."""

SIGNS = 24
"""Of the beginning and of the end of a title."""
ABSTRACT = 60
"""Of the beginning of an abstract."""
PEOPLE = 12
"""Authors that are known by a record's place."""


def identifiers(form: Form) -> Iterable[str]:
    """DOIs and PMIDs: its own, those a registration names as its reports, those a notice is about."""
    return (*form.dois, *form.pmids, *referred(form), *(pmid for _, pmid in form.about))


def trials(form: Form) -> Iterable[str]:
    """Registration numbers, wherever they stand."""
    return {*named} if (named := form.trials + form.secondary + form.mentioned) else ()


def titles(form: Form) -> Iterable[str]:
    """The title, and the title in its own language."""
    return _both(form, 1)


def heads(form: Form) -> Iterable[str]:
    """The beginning of the title."""
    return [key[:SIGNS] for key in _both(form, SIGNS)]


def tails(form: Form) -> Iterable[str]:
    """The end of the title."""
    return [key[-SIGNS:] for key in _both(form, SIGNS)]


def _both(form: Form, least: int) -> list[str]:
    """The title and the one in its own language, if they have so many signs."""
    keys = (form.key, form.other_key) if form.other_key else (form.key,)
    return [key for key in keys if len(key) >= least]


def longest(form: Form) -> Iterable[str]:
    """The four longest words of the title, in alphabetical order: they survive another order of words."""
    words = sorted(set(form.title.split()))
    words.sort(key=len, reverse=True)
    return (" ".join(words[:4]),) if len(words) >= 4 else ()


def places(form: Form) -> Iterable[str]:
    """Volume and first page, with the beginning of the title."""
    return (f"{form.volume} {form.start} {form.key[:4]}",) if form.start and form.volume else ()


def extents(form: Form) -> Iterable[str]:
    """Volume, first and last page."""
    return (f"{form.volume} {form.start} {form.end}",) if form.start and form.volume and form.end else ()


def signed_places(form: Form) -> Iterable[str]:
    """First author, volume and first page."""
    return (f"{form.surnames[0][:12]} {form.start} {form.volume}",) if form.surnames and form.start else ()


def signed_pages(form: Form) -> Iterable[str]:
    """First author, first page and year."""
    return (f"{form.surnames[0][:12]} {form.start} {form.year}",) if form.surnames and form.start else ()


def beginnings(form: Form) -> Iterable[str]:
    """First author, year and the first words of the title."""
    if not (form.surnames and form.year and form.title):
        return ()
    return (f"{form.surnames[0][:12]} {form.year} {' '.join(form.title.split(maxsplit=2)[:2])}",)


def abstracts(form: Form) -> Iterable[str]:
    """The beginning of the abstract."""
    return (form.abstract[:ABSTRACT],) if len(form.abstract) >= ABSTRACT else ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of key."""

    keys: Callable[[Form], Iterable[str]]
    strong: bool
    """Who shares it is compared in any case; the others only when their titles are alike (`dedupe.sieve`)."""
    largest: int
    """Records with one key up to this number are paired in full, more of them with their neighbours only."""


_STRONG = (identifiers, titles, places, extents, signed_places, abstracts)
_WEAK = (heads, tails, longest, signed_pages, beginnings)

KINDS: tuple[Kind, ...] = (
    Kind(trials, strong=True, largest=300),  # a great trial has hundreds of reports
    *(Kind(keys, strong=True, largest=60) for keys in _STRONG),
    Kind(signed_sizes, strong=True, largest=20),
    *(Kind(keys, strong=False, largest=20) for keys in _WEAK),
)
_BY_KIND = tuple((kind.keys, bytes([number])) for number, kind in enumerate(KINDS))


def digests(form: Form) -> bytes:
    """Every key of a record, each once, eight bytes each (little-endian), in an order that means nothing."""
    found = {
        blake2b(key.encode(), digest_size=7).digest() + last for keys, last in _BY_KIND for key in keys(form)
    }
    return b"".join(sorted(found))


def place(form: Form) -> str:
    """Where a record stands among others that share a key: by title, year, first page and people."""
    return "\t".join((form.title, str(form.year or ""), form.start, " ".join(form.surnames[:PEOPLE])))


def title(place: str) -> str:
    """The title in a place: folded words."""
    return place.partition("\t")[0]


def people(place: str) -> str:
    """The surnames in a place, those of the first authors, a blank between them."""
    return place.rpartition("\t")[2]

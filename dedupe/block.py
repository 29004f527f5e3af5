"""Which pairs are worth looking at: records that share a key, and neighbours where too many share it.

Every key is made from one record alone, never from how often something occurs among the others, so a pair that is
found when all records are looked at together is also found when they arrive one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from dedupe.normal import Form

LARGEST = 60
"""Blocks up to this size are compared in full."""
WINDOW = 3
"""In larger ones, each record is compared with so many that follow it in order of title, year and page."""
SIGNS = 24
"""Of the beginning and of the end of a title."""

Keys = Callable[[Form], Iterable[Hashable]]


def candidates(
    forms: Mapping[int, Form] | Sequence[Form], new: Collection[int] | None = None
) -> Iterator[tuple[int, int]]:
    """Pairs `(a, b)` of ids, `a < b`, each once, in an order that depends on the records alone.

    With `new`, only pairs with at least one of these ids. In a block over `LARGEST` only neighbours are
    compared; newcomers can only push others apart, so going step by step finds all that going at once does.
    """
    members = list(forms.values() if isinstance(forms, Mapping) else forms)
    wanted = None if new is None else frozenset(new)
    seen: set[tuple[int, int]] = set()
    for keys in KEYS:
        for block in _blocks(members, keys, wanted):
            for pair in _pairs(block):
                if pair not in seen and (wanted is None or pair[0] in wanted or pair[1] in wanted):
                    seen.add(pair)
                    yield pair


def _blocks(members: list[Form], keys: Keys, wanted: frozenset[int] | None) -> Iterator[list[Form]]:
    """Records with a key of one kind in common; one kind at a time keeps memory low."""
    asked = None if wanted is None else {key for form in members if form.id in wanted for key in keys(form)}
    blocks: dict[Hashable, list[Form]] = {}
    for form in members:
        for key in keys(form):
            if asked is None or key in asked:
                blocks.setdefault(key, []).append(form)
    return (block for block in blocks.values() if len(block) > 1)


def _pairs(block: list[Form]) -> Iterator[tuple[int, int]]:
    if len(block) <= LARGEST:
        yield from (_ordered(a, b) for a, b in combinations(block, 2))
        return
    block.sort(key=lambda form: (form.key, form.year or 0, form.start, form.id))
    for position, form in enumerate(block):
        for other in block[position + 1 : position + 1 + WINDOW]:
            yield _ordered(form, other)


def _ordered(a: Form, b: Form) -> tuple[int, int]:
    return (a.id, b.id) if a.id < b.id else (b.id, a.id)


# -- the keys: by any of these another record of the same report or study could be found --------------


def _identifiers(form: Form) -> Iterable[Hashable]:
    return (*form.dois, *form.pmids)


def _trials(form: Form) -> Iterable[Hashable]:
    return (
        {*form.trials, *form.secondary, *form.mentioned}
        if form.trials or form.secondary or form.mentioned
        else ()
    )


def _titles(form: Form) -> Iterable[Hashable]:
    return {form.key, form.other_key} - {""}


def _heads(form: Form) -> Iterable[Hashable]:
    return {key[:SIGNS] for key in (form.key, form.other_key) if len(key) >= SIGNS}


def _tails(form: Form) -> Iterable[Hashable]:
    return {key[-SIGNS:] for key in (form.key, form.other_key) if len(key) >= SIGNS}


def _longest(form: Form) -> Iterable[Hashable]:
    """The four longest words of the title, in alphabetical order: they survive another order of words."""
    words = sorted(set(form.title.split()), key=lambda word: (-len(word), word))[:4]
    return (" ".join(words),) if len(words) == 4 else ()


def _places(form: Form) -> Iterable[Hashable]:
    if not (form.start and form.volume):
        return ()
    return ((form.volume, form.start, form.key[:4]),)


def _extents(form: Form) -> Iterable[Hashable]:
    if not (form.start and form.volume and form.end):
        return ()
    return ((form.volume, form.start, form.end),)


def _first_pages(form: Form) -> Iterable[Hashable]:
    if not (form.surnames and form.start):
        return ()
    first = form.surnames[0][:12]
    return ((first, form.start, f"v{form.volume}"), (first, form.start, form.year))


def _beginnings(form: Form) -> Iterable[Hashable]:
    if not (form.surnames and form.year and form.title):
        return ()
    return ((form.surnames[0][:12], form.year, *form.title.split()[:2]),)


def _abstracts(form: Form) -> Iterable[Hashable]:
    return (form.abstract[:60],) if len(form.abstract) >= 60 else ()


KEYS: tuple[Keys, ...] = (
    _identifiers,
    _trials,
    _titles,
    _heads,
    _tails,
    _longest,
    _places,
    _extents,
    _first_pages,
    _beginnings,
    _abstracts,
)

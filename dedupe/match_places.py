"""Two places: True when they agree, False when they contradict, None when nothing can be said."""

from __future__ import annotations

import re
from string import ascii_lowercase

from dedupe.normal import Form

_ELECTRONIC = re.compile(r"[bce]\d+|a\d{4,}")
"""Locators of articles that are counted beside the pages; `a12` is more often a page of abstracts."""


def volume(a: Form, b: Form) -> bool | None:
    """The number of a supplement, given for the volume by one of them, is no contradiction."""
    if not a.volume or not b.volume or a.volume == b.volume:
        return True if a.volume and b.volume else None
    supplement = (not a.issue and a.volume in b.issue.split()) or (
        not b.issue and b.volume in a.issue.split()
    )
    return None if supplement else False


def issue(a: Form, b: Form) -> bool | None:
    """A number in common is enough: `3` and `3-4`, `Suppl 1` and `8 Suppl 1`; issue 2 is perhaps not supplement 2."""
    if not a.issue or not b.issue or a.issue == b.issue:
        return True if a.issue and b.issue else None
    one, two = set(a.issue.split()), set(b.issue.split())
    supplements = ("s" in one) + ("s" in two)
    one, two = one - {"s"}, two - {"s"}
    if not one or not two:
        return None
    return False if one.isdisjoint(two) else None if supplements == 1 else True


def start(a: Form, b: Form) -> bool | None:
    """Pages counted from 1 are the paper's own, and a single page may be the last: neither contradicts."""
    if not a.start or not b.start:
        return None
    if "1" in (a.start, b.start):
        return True if a.start == b.start and a.end == b.end != "" else None
    if a.start != b.start and (a.start == b.end or b.start == a.end):
        return None
    return _page(a.start, b.start)


def end(a: Form, b: Form) -> bool | None:
    """The same for the last page."""
    if not a.end or not b.end or "1" in (a.start, b.start):
        return True if a.end and a.start == b.start and a.end == b.end else None
    return _page(a.end, b.end)


def _page(a: str, b: str) -> bool | None:
    """Neighbouring pages, `S12` and `12`, a printed page and an electronic one: no agreement, no contradiction."""
    if a == b:
        return True
    one, two = a.strip(ascii_lowercase), b.strip(ascii_lowercase)
    if a.isdigit() and b.isdigit():
        return None if abs(int(a) - int(b)) == 1 else False
    electronic = a.isdigit() != b.isdigit() and _ELECTRONIC.fullmatch(b if a.isdigit() else a) is not None
    return None if one == two or electronic else False


def overlap(a: Form, b: Form) -> bool:
    """The first page of one lies within the pages of the other, both counted in the same way."""
    if not a.start.isdigit() or not b.start.isdigit() or "1" in (a.start, b.start):
        return False
    first, second = sorted((int(form.start), int(form.end) if form.end.isdigit() else 0) for form in (a, b))
    return second[0] <= first[1]


def own_pages(form: Form) -> bool:
    """It counts its own pages from 1, as papers ahead of print do, and abstracts do not."""
    return form.start == "1" and form.extent > 2 and not form.volume


def bare(form: Form) -> bool:
    """It stands nowhere in print: it names no journal and no volume, or is a preprint."""
    return form.preprint or not (form.journals or form.volume)


def unplaced(form: Form) -> bool:
    """It names no volume and no page."""
    return not (form.volume or form.start)


def extent(a: Form, b: Form) -> int | None:
    """Pages of the longer of the two, as far as they can be counted."""
    return max(a.extent, b.extent) or None

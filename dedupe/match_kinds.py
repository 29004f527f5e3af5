"""Two documents: what the one can be to the other, as far as each says what type of document it is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from db.opinion import Kind
from dedupe import titles
from dedupe.normal import Form

_YEAR = 4
"""Digits of a year, which counts no parts."""
_NOTICES: tuple[Kind, ...] = ("reply", "comment", "concern", "retraction", "erratum")


def kind(a: Form, b: Form, numbers: bool | None) -> Kind:
    """The name of their difference, whether or not they have anything to do with each other; empty: none is known.

    `numbers` says whether the numbers of their titles agree (see `dedupe.match_titles.numbers`).
    """
    if a.notice != b.notice:
        return next(name for name in _NOTICES if name in (a.notice, b.notice))
    if numbers is False and _part(a, b):
        return "part"
    return next((name for name, differ in _DIFFERENCES if differ(a, b)), "")


def _silent(form: Form) -> bool:
    """It says nothing by which a preprint could be told from an article."""
    return not (form.dois or form.journals or form.volume or form.start)


def _part(a: Form, b: Form) -> bool:
    """A number that one title alone has is that of a part, or they differ first by one that counts nothing else."""
    if any(number.startswith("part") for number in set(a.numbers) ^ set(b.numbers)):
        return True
    one, two = a.title.split(), b.title.split()
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
    found = [words[same] for words in (one, two) if len(words) > same]
    if same == 0 or not all(len(word) < _YEAR and titles.numbers(word) for word in found):
        return False
    if len(found) == 1:
        return max(len(one), len(two)) == same + 1
    return one[same - 1] not in titles.COUNTED


def _updated(a: Form, b: Form) -> bool:
    """Two versions of one review: by their numbers, else unless the year is the same and the issue no other."""
    if a.series != b.series and a.series and b.series:
        return False
    if a.version and b.version:
        return a.version != b.version
    return a.year is None or a.year != b.year or (a.issue != b.issue and a.issue != "" != b.issue)


_DIFFERENCES: tuple[tuple[Kind, Callable[[Form, Form], bool]], ...] = (
    ("registration", lambda a, b: a.registration != b.registration),
    ("preprint", lambda a, b: a.preprint != b.preprint and not _silent(b if a.preprint else a)),
    ("protocol", lambda a, b: a.protocol != b.protocol),
    ("edition", lambda a, b: a.edition != b.edition),
    ("update", lambda a, b: bool(a.series or b.series) and _updated(a, b)),
    ("conference abstract", lambda a, b: (a.conference or a.brief) != (b.conference or b.brief)),
    ("translation", lambda a, b: (a.english is False) != (b.english is False)),
)
"""The first that holds names the pair."""


def claim(a: Form, b: Form) -> Kind:
    """What the source of one says that it is to the other; a reply and a preprint are known by themselves."""
    said = _said(a, b) or _said(b, a)
    if said == "comment" and "reply" in (a.notice, b.notice):
        return "reply"
    return "preprint" if said == "update" and a.preprint != b.preprint else said


def _said(a: Form, b: Form) -> Kind:
    return next((kind for kind, number in a.about if number in b.pmids), "")

"""A pair of records as evidence: what agrees, what contradicts, what only one of them says.

Three-valued features are `True` (agree), `False` (contradict) and `None` (nothing can be said): a silent side is
never taken for a contradiction. Similarities are 0 to 1, and `None` when a side is empty (`ratio("", "")`
would be 100).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from dedupe import match_places, match_titles
from dedupe.journals import alike
from dedupe.names import same_name
from dedupe.normal import Form

BATCH = 8192
"""Pairs compared at once: enough to keep the C loops busy, little enough to keep memory flat."""
SAME_JOURNAL, OTHER_JOURNAL = 0.8, 0.5


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
    """True when a word of one title stands in the place of quite another word of the other."""
    numbers: bool | None
    """The numbers in the titles; None when one title is only cut short."""
    generic: bool
    first_author: bool | None
    authors: float | None
    """Share of the shorter list of surnames found in the longer one."""
    authors_few: int
    """Length of the shorter list."""
    journal: bool | None
    abstract: float | None
    years_apart: int | None
    volume: bool | None
    issue: bool | None
    start: bool | None
    end: bool | None
    single_page: bool
    """One of them says that it begins and ends on one page, as many abstracts do."""
    doi: bool | None
    pmid: bool | None
    notices: bool | None
    """None: neither is a notice; True: both, of one kind; False: only one of them, or of another kind."""
    registrations: int
    """How many of the two are registrations."""
    conferences: int
    """How many of the two are conference papers or abstracts."""
    trial: str
    """How registration numbers tie them: own, secondary, databank, mentioned, or nothing."""

    def features(self) -> dict[str, str | float | bool | None]:
        """As a plain mapping, for keeping; what both records are silent about is left out."""
        named = {name: getattr(self, name) for name in _FEATURES}
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in named.items()
            if value not in (None, "")
        }


_FEATURES = tuple(name for name in Evidence.__slots__ if name not in {"a", "b"})


def compare(forms: Mapping[int, Form], pairs: Iterable[tuple[int, int]]) -> Iterator[Evidence]:
    """Evidence for every pair, in the order of the pairs."""
    waiting = iter(pairs)
    while batch := list(islice(waiting, BATCH)):
        yield from _batch([(forms[a], forms[b]) for a, b in batch])


def _batch(pairs: list[tuple[Form, Form]]) -> Iterator[Evidence]:
    plain = _ratios([(a.key, b.key) for a, b in pairs])
    ordered = _ratios([(_alphabetical(a), _alphabetical(b)) for a, b in pairs])
    abstracts = _abstracts(pairs)
    for (a, b), one, two, text in zip(pairs, plain, ordered, abstracts, strict=True):
        yield _evidence(a, b, one, two, text)


def _ratios(texts: list[tuple[str, str]]) -> list[float | None]:
    """Similarities 0 to 1 in one call; None where a side is empty."""
    values = cpdist([a for a, _ in texts], [b for _, b in texts], scorer=fuzz.ratio)
    return [float(value) / 100 if a and b else None for value, (a, b) in zip(values, texts, strict=True)]


def _alphabetical(form: Form) -> str:
    return " ".join(sorted(form.title.split()))


def _abstracts(pairs: list[tuple[Form, Form]]) -> list[float | None]:
    """Abstracts cut to the shorter one; under 100 signs they say nothing."""
    texts = []
    for a, b in pairs:
        size = min(len(a.abstract), len(b.abstract))
        texts.append((a.abstract[:size], b.abstract[:size]) if size >= 100 else ("", ""))
    return _ratios(texts)


def _evidence(a: Form, b: Form, one: float | None, two: float | None, text: float | None) -> Evidence:
    exact = match_titles.exact(a, b)
    score = 1.0 if exact else one
    few = min(len(a.surnames), len(b.surnames))
    part = match_titles.part(a, b) if score is not None and score < 0.95 else score
    return Evidence(
        a=a.id,
        b=b.id,
        title=score,
        title_sorted=1.0 if exact else two,
        title_part=part,
        title_length=min(len(a.key), len(b.key)),
        title_exact=exact,
        swap=not exact and score is not None and score > 0.6 and match_titles.swap(a.title, b.title),
        numbers=match_titles.numbers(a, b),
        generic=a.generic or b.generic,
        first_author=_first(a, b),
        authors=_overlap(a, b) if few else None,
        authors_few=few,
        journal=_journal(a, b),
        abstract=text,
        years_apart=abs(a.year - b.year) if a.year and b.year else None,
        volume=match_places.volume(a, b),
        issue=match_places.issue(a, b),
        start=match_places.start(a, b),
        end=match_places.end(a, b),
        single_page=any(form.start != "" and form.start == form.end for form in (a, b)),
        doi=_share(a.dois, b.dois),
        pmid=_share(a.pmids, b.pmids),
        notices=(a.notice == b.notice) if a.notice or b.notice else None,
        registrations=a.registration + b.registration,
        conferences=a.conference + b.conference,
        trial=_trial(a, b),
    )


def _first(a: Form, b: Form) -> bool | None:
    """Whether the first authors are one."""
    if not a.surnames or not b.surnames:
        return None
    return same_name(a.surnames[0], b.surnames[0])


def _overlap(a: Form, b: Form) -> float:
    """The share of the shorter list that is in the longer one."""
    short, long = sorted((a.surnames, b.surnames), key=len)
    if short == long[: len(short)]:
        return 1.0
    known = set(long)
    few = short[:20]
    return sum(name in known or any(same_name(name, other) for other in long) for name in few) / len(few)


def _journal(a: Form, b: Form) -> bool | None:
    if not a.journals or not b.journals:
        return None
    if set(a.issns) & set(b.issns):
        return True
    best = max(alike(one, two) for one in a.journals for two in b.journals)
    return True if best >= SAME_JOURNAL else False if best < OTHER_JOURNAL else None


def _share(a: tuple[str, ...], b: tuple[str, ...]) -> bool | None:
    return bool(set(a) & set(b)) if a and b else None


def _trial(a: Form, b: Form) -> str:
    """How registration numbers tie the two; a paper that names several trials is no report of one of them."""
    shared = set(a.trials) & set(b.trials)
    alone = all(form.registration or len(form.trials) == 1 for form in (a, b))
    if shared and alone:
        return "own" if a.registration == b.registration else "databank"
    if set(a.trials + a.secondary) & set(b.trials + b.secondary) and a.registration and b.registration:
        return "secondary"
    return "mentioned" if _all_trials(a) & _all_trials(b) else ""


def _all_trials(form: Form) -> set[str]:
    return {*form.trials, *form.secondary, *form.mentioned}

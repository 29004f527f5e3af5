"""Two titles: one in two wordings, or two that look alike?"""

from __future__ import annotations

from collections import Counter

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from dedupe.normal import Form
from dedupe.text import words

_SMALL = frozenset(
    words(
        "a an and at by for from in into of on or s the to with within der die das und la le les de des du et"
    )
)
"""Words that may come and go."""


def exact(a: Form, b: Form) -> bool | None:
    """One of the titles of the one is one of the other's, to the letter."""
    if not a.key or not b.key:
        return None
    return a.key == b.key or bool({a.key, a.other_key} & ({b.key, b.other_key} - {""}))


def part(a: Form, b: Form) -> float:
    """How well the shorter title fits into the longer one; 0 unless its beginning or its end is found there."""
    short, long = sorted((a.key, b.key), key=len)
    if short in long:
        return 1.0
    near = short[:12] in long or short[-12:] in long
    return fuzz.partial_ratio(short, long, score_cutoff=90) / 100 if near else 0.0


def swap(a: str, b: str) -> bool:
    """Words on both sides that are no spelling of each other: sensitive, resistant."""
    one, two = Counter(a.split()), Counter(b.split())
    mine, yours = list((one - two).elements()), list((two - one).elements())
    if not mine or not yours or "".join(mine) == "".join(yours):
        return False
    return any(not _spelling(word, yours) for word in mine) and any(
        not _spelling(word, mine) for word in yours
    )


def _spelling(word: str, others: list[str]) -> bool:
    """True when another word could be the same one with a slip of the pen."""
    if word in _SMALL:
        return True
    return any(
        (Levenshtein.normalized_similarity(word, other) >= 0.7 and word[:1] == other[:1])
        or (min(len(word), len(other)) > 3 and (word in other or other in word))
        for other in others
    )


def numbers(a: Form, b: Form) -> bool | None:
    """Whether the numbers agree; what a title that is cut short lacks is no contradiction, but for numbers of parts."""
    if not a.key or not b.key or (not a.numbers and not b.numbers):
        return None
    if a.numbers == b.numbers:
        return True
    short, long = sorted((a, b), key=lambda form: len(form.key))
    more = set(long.numbers) - set(short.numbers)
    cut = len(short.key) < 0.9 * len(long.key) and set(short.numbers) <= set(long.numbers)
    return None if cut and not any(number.startswith("part") for number in more) else False

"""Two titles: one in two wordings, or two that look alike?"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from dedupe import titles
from dedupe.normal import Form
from dedupe.text import words

_SMALL = frozenset(
    words(
        "a an and at by for from in into of on or s the to vs versus with within der die das und la le les de des du et"
    )
)
"""Words that may come and go."""
_DENIALS = frozenset(words("no non not without ohne sans sin"))
"""Words that may not: they turn a title into its contrary."""
_ENDINGS = frozenset(words("s es n en e d ed ing ly al ic ren"))
"""What a word may have more than another one: infant, infants; child, children; random, randomly."""
_TWO_SPELLINGS = re.compile(r"ae|oe|ou|ph|([a-z])\1|[zyk]|tre$|ogue$")
_ONE_SPELLING = {
    "ae": "e",
    "oe": "e",
    "ou": "o",
    "ph": "f",
    "z": "s",
    "y": "i",
    "k": "c",
    "tre": "ter",
    "ogue": "og",
}
"""Of British and American English, and of Latin words in other languages."""
_SLIP = 6
"""Letters a word must have for one of them to be a slip of the pen: Iran is not Iraq."""


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


def swap(a: Form, b: Form) -> bool:
    """Words are exchanged for quite other ones (sensitive, resistant), or one title has more of them in its midst.

    Words that are two spellings of one (haemolytic, hemolytic), differ by their ending, by a slip of the pen or by
    a blank are not exchanged; prefixes that turn the meaning (typical, atypical; hyper, hypo) are. What only one title
    has before its beginning or after its end is a subtitle, unless it is a denial.
    """
    one, two = a.title.split(), b.title.split()
    mine, yours = _only(one, two), _only(two, one)
    if a.numbers == b.numbers:
        mine, yours = ([word for word in some if not titles.numbers(word)] for some in (mine, yours))
    if "".join(mine) == "".join(yours):
        return False
    if not (_DENIALS.isdisjoint(mine) and _DENIALS.isdisjoint(yours)):
        return True
    short, long = (a, b) if len(a.key) < len(b.key) else (b, a)
    if long.key.startswith(short.key) or f" {short.title}" in long.title:
        return False
    return _foreign(mine, yours) or _foreign(yours, mine)


def _only(one: list[str], two: list[str]) -> list[str]:
    """The words of the first that the second lacks, each as often as it lacks them."""
    rest = list(two)
    found = []
    for word in one:
        if word in rest:
            rest.remove(word)
        else:
            found.append(word)
    return found


def _foreign(words: list[str], others: list[str]) -> bool:
    """True when one of the words is no spelling of any of the others, nor of two of them written together."""
    compounds = {one + two for one, two in pairwise(others)}
    parts = {word for pair in pairwise(words) if "".join(pair) in others for word in pair}
    return any(
        word not in _SMALL
        and word not in compounds
        and word not in parts
        and not any(_spelling(word, other) for other in others)
        for word in words
    )


def _spelling(one: str, two: str) -> bool:
    """Whether two words could be one."""
    short, long = sorted((one, two), key=len)
    if len(short) > 2 and long.startswith(short) and long[len(short) :] in _ENDINGS:
        return True
    if one[0] != two[0] and one[-2:] != two[-2:]:
        return False
    plain, other = _plain(one), _plain(two)
    if plain == other:
        return True
    if min(len(plain), len(other)) < _SLIP or OSA.distance(plain, other) != 1:
        return False
    return (
        plain[0] == other[0] or plain[:2] == other[1::-1]
    )  # two letters in each other's place, also the first two


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    return _TWO_SPELLINGS.sub(lambda found: found[1] or _ONE_SPELLING[found[0]], word)


def numbers(a: Form, b: Form) -> bool | None:
    """Whether the numbers agree; what a title that is cut short lacks is no contradiction, but for numbers of parts.

    Nor is the number of a chapter before its title.
    """
    if not a.key or not b.key or (not a.numbers and not b.numbers):
        return None
    if a.numbers == b.numbers:
        return True
    short, long = sorted((a, b), key=lambda form: len(form.key))
    if long.key.lstrip("0123456789") == short.key and not short.key[0].isdigit():
        return None
    more = set(long.numbers) - set(short.numbers)
    cut = len(short.key) < 0.9 * len(long.key) and set(short.numbers) <= set(long.numbers)
    return None if cut and not any(number.startswith("part") for number in more) else False

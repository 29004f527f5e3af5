"""Is it the same journal? Full names, abbreviations and acronyms."""

from __future__ import annotations

import re
from functools import lru_cache

from dedupe.text import fold, words

_CONFERENCE = re.compile(
    r"\bconference\s*(?:publication|start|end|code|location)?\s*:.*|\.\s*conference\s*$",
    re.IGNORECASE | re.DOTALL,
)
"""Embase: `Diabetes. Conference: 77th Scientific Sessions …`, `Stroke. Conference`."""
_ASIDE = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|\s[=/]\s.*|\s*[:;.]\s*(?:the|an?|official|journal of the)\s.*", re.IGNORECASE
)
"""Place in brackets, parallel title, `: the official journal of …`."""
_MEETING = re.compile(r"\b(?:conference|congress|symposium|meeting|workshop)\b")
_STOP = frozenset(
    words(
        "the a an of and annual proceedings proc for in on to"
        " de la le les du des der die das und et y e del di da do dos online journals"
    )
)


@lru_cache(maxsize=65536)
def journal(name: str) -> str:
    """Folded name without articles, places in brackets, parallel titles and conference notes."""
    folded = fold(_ASIDE.sub(" ", _CONFERENCE.sub(" ", name))) or fold(name)
    kept = [word for word in folded.split() if word not in _STOP]
    return " ".join(kept) or folded


@lru_cache(maxsize=262144)
def alike(a: str, b: str) -> float:
    """0 to 1: the share of words of the longer name that stand, in order, for words of the shorter one.

    `a` and `b` come from `journal`. About 1: one journal. Around one half: the one name goes on where the
    other stops (`Diabetes`, `Diabetes Care`), which says little. About 0: two journals.
    """
    if a == b or a.replace(" ", "") == b.replace(" ", ""):
        return 1.0
    one, two = sorted((a.split(), b.split()), key=len)
    if not one:
        return 0.0
    if _acronym(one, two) or _acronym(two, one):
        return 1.0
    found = _aligned(one, two)
    meetings = bool(_MEETING.search(a)) + bool(_MEETING.search(b))
    if found == len(one) > 2 and meetings == 2:
        return 1.0
    if meetings == 1:
        return found / len(two) / 2
    return max(found / len(two), 0.5 if found >= 0.6 * len(one) else 0.0)


def _acronym(one: list[str], two: list[str]) -> bool:
    """`bmj` of `british medical journal`, `icis …` of `international conference information systems`."""
    rest = two[1:] if two[0] == one[0] else two
    return len(one[0]) > 2 and one[0] == "".join(word[0] for word in rest)


def _aligned(one: list[str], two: list[str]) -> int:
    """How many words of the shorter name stand, in order, for a word of the longer one."""
    at = found = 0
    for word in one:
        for position in range(at, len(two)):
            if _abbreviates(word, two[position]):
                found, at = found + 1, position + 1
                break
    return found


def _abbreviates(a: str, b: str) -> bool:
    """`haematol` ~ `haematology`, `natl` ~ `national`, `dtsch` ~ `deutsche`."""
    if len(a) > len(b):
        a, b = b, a
    if b.startswith(a):
        return True
    if a[0] != b[0] or len(a) < 3:
        return False
    letters = iter(b)
    return len(a) < len(b) - 1 and all(letter in letters for letter in a)

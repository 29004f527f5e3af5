"""What the forms of an English word share."""

from __future__ import annotations

_LONG = ("ization", "isation", "ational", "iveness", "ically")
_SHORT = ("ation", "ing", "ment", "ity", "ive", "ic", "al", "ed", "ly", "er", "or")
_SUFFIXES = (*((suffix, 4) for suffix in _LONG), *((suffix, 5) for suffix in _SHORT), ("e", 4), ("y", 4))


def stem(word: str) -> str:
    """What the forms of an English word share: no plural ending, then no common suffix.

    Lighter than Porter's (1980): one suffix at most is cut, and four letters at least are kept, so that
    names of drugs and genes stay whole. Plurals follow Harman 1991 (the "S" stemmer).
    """
    single = _singular(word)
    for suffix, kept in _SUFFIXES:
        if single.endswith(suffix) and len(single) - len(suffix) >= kept:
            return single[: -len(suffix)]
    return single


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word

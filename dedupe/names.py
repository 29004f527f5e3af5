"""Who signed: one surname key per author, whatever the order of names and initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from db.record import Author
from dedupe.text import fold, plain, words

_SEPARATOR = re.compile(r"\s*;\s*|\s+and\s+|\s+&\s+|\s*\|\s*")
_GLUED = re.compile(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_][^\W\d_]+|(?:de|van|von|d|O)['’ ])")
"""`Smith J.Doe A. B.`: a name begins right after a full stop."""
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]*){1,4}")
_NOBODY = frozenset(
    {"", "unknown", "anonymous", "anon", "no authors listed", "et al", "others", "none", "na", "nan"}
)
_PARTICLES = frozenset(
    words("van von der den de la le du di da del della dos das des ten ter te el al bin ibn zu zur y e st")
)
_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv", "2nd", "3rd", "md", "phd"})
_UMLAUT = re.compile(r"(?<=[aou])e")
_GROUP = re.compile(
    r"\b(?:group|consortium|collaborat\w+|committee|investigators?|network|society|association|team|trialists"
    r"|study|initiative|registry|institute|university|department)\b",
)


def split(text: str) -> list[str]:
    """The names in one string: separated by semicolons, `and`, or glued together after initials."""
    parts = [
        part.strip(" ,") for part in _SEPARATOR.split(plain(text).replace("\n", ";")) if part.strip(" ,")
    ]
    return [name.strip() for part in parts for name in (_GLUED.split(part) if "." in part else (part,))]


def surnames(authors: Iterable[Author]) -> tuple[str, ...]:
    """One key per person in the order of the document; groups and nobodies are left out.

    A name whose order cannot be told (`Sylvia Omulo`) gives all its words, separated by blanks.
    """
    keys = [
        key
        for author in authors
        if not author.collective
        for key in _keys(author.family, author.given or author.initials)
    ]
    return tuple(key for key in keys if key)


@lru_cache(maxsize=65536)
def _keys(family: str, given: str) -> tuple[str, ...]:
    if given:
        return (_family(family, given),)
    if ";" in family or " and " in family or "." in family or "\n" in family:
        return tuple(_whole(name) for name in split(family))
    return (_whole(family),)


def _whole(name: str) -> str:
    """Surname key of a name in one string."""
    family, comma, given = name.partition(",")
    if comma and given.strip():
        return _family(family, given)
    tokens = [token for token in name.replace(",", " ").split() if fold(token) not in _SUFFIX]
    if len(tokens) > 1 and not _is_initials(tokens[0]) and _is_initials(tokens[-1]):
        while len(tokens) > 1 and _is_initials(tokens[-1]):
            tokens.pop()
        return _family(" ".join(tokens), "")
    while len(tokens) > 1 and _is_initials(tokens[0]):
        tokens.pop(0)
    certain = len(tokens) < 2 or tokens[0].lower() in _PARTICLES
    return _family(" ".join(tokens), "") if certain else _ambiguous(tokens)


def _is_initials(token: str) -> bool:
    """`J.`, `JA`, `J.-P.`: capitals, at most four."""
    return token.isupper() and _INITIALS.fullmatch(token) is not None and len(token.replace(".", "")) <= 4


def _ambiguous(tokens: list[str]) -> str:
    text = " ".join(tokens)
    return (
        ""
        if _is_group(fold(text))
        else " ".join(_UMLAUT.sub("", fold(token).replace(" ", "")) for token in tokens)
    )


def _family(family: str, given: str) -> str:
    """`van der Maas-Ölund` → maasolund."""
    folded = fold(family)
    if folded in _NOBODY or _is_group(f"{folded} {fold(given)}" if len(given) > 3 else folded):
        return ""
    parts = [part for part in folded.split() if part not in _SUFFIX]
    own = [part for part in parts if part not in _PARTICLES] or parts
    return _UMLAUT.sub("", "".join(own))


def _is_group(folded: str) -> bool:
    return folded in _NOBODY or _GROUP.search(folded) is not None


def same_name(a: str, b: str) -> bool:
    """The same surname, or one with a slip of the pen, a part of it, or an order of names that cannot be told."""
    if a == b:
        return True
    if " " in a or " " in b:
        return any(len(word) > 1 for word in {*a.split()} & {*b.split()})
    if (a[0] != b[0] and a[-1] != b[-1]) or min(len(a), len(b)) < 4:
        return False
    short, long = sorted((a, b), key=len)
    return long.startswith(short) or long.endswith(short) or Levenshtein.normalized_similarity(a, b) >= 0.75

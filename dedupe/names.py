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
_NOT_OWN = _PARTICLES | _SUFFIX
_GROUP = frozenset(
    words(
        "group consortium committee investigator investigators network society association team trialists"
        " study initiative registry institute university department"
    )
)
"""Words of groups; those that begin with `collaborat` are too many to list."""


def split(text: str) -> list[str]:
    """The names in one string: separated by semicolons, `and`, or glued together after initials."""
    text = plain(text).replace("\n", ";")
    several = ";" in text or "and" in text or "&" in text or "|" in text
    parts = [part.strip(" ,") for part in (_SEPARATOR.split(text) if several else (text,))]
    return [
        name.strip()
        for part in parts
        if part
        for name in (_GLUED.split(part) if "." in part[:-1] else (part,))
    ]


def surnames(authors: Iterable[Author]) -> tuple[str, ...]:
    """One key per person in the order of the document; groups and nobodies are left out.

    A name whose order cannot be told (`Sylvia Omulo`) gives all its words, separated by blanks.
    """
    return tuple(
        [
            key
            for author in authors
            if not author.collective
            for key in _keys(author.family, author.given or author.initials)
            if key
        ]
    )


def forenames(authors: Iterable[Author]) -> tuple[str, ...]:
    """First names that are spelled out, folded: some sources put them in the place of the surname."""
    return tuple(
        [
            key
            for author in authors
            if not author.collective and (key := _forename(author.given or author.family.partition(",")[2]))
        ]
    )


@lru_cache(maxsize=65536)
def _forename(given: str) -> str:
    return "" if len(given) < 3 else "".join([word for word in words(plain(given)) if len(word) > 2])


def groups(authors: Iterable[Author]) -> tuple[str, ...]:
    """Names of the groups that sign, folded."""
    names = (
        fold(author.name)
        for author in authors
        if author.collective or not any(_keys(author.family, author.given or author.initials))
    )
    return tuple([name for name in names if name not in _NOBODY])


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
    tokens = name.replace(",", " ").split()
    if not _SUFFIX.isdisjoint(words(plain(name))):
        tokens = [token for token in tokens if fold(token) not in _SUFFIX]
    if len(tokens) > 1 and _is_initials(tokens[-1]) and not _is_initials(tokens[0]):
        while _is_initials(tokens[-1]):
            tokens.pop()
        return _family(" ".join(tokens), "")
    while len(tokens) > 1 and _is_initials(tokens[0]):
        tokens.pop(0)
    certain = len(tokens) < 2 or tokens[0].lower() in _PARTICLES
    return _family(" ".join(tokens), "") if certain else _ambiguous(tokens)


@lru_cache(maxsize=4096)
def _is_initials(token: str) -> bool:
    """`J.`, `JA`, `J.-P.`: capitals, at most four."""
    return token.isupper() and _INITIALS.fullmatch(token) is not None and len(token.replace(".", "")) <= 4


def _ambiguous(tokens: list[str]) -> str:
    if _is_group(words(plain(" ".join(tokens)))):
        return ""
    return " ".join(_without_umlauts(fold(token).replace(" ", "")) for token in tokens)


def _family(family: str, given: str) -> str:
    """`van der Maas-Ölund` → maasolund."""
    parts = words(plain(family))
    if " ".join(parts) in _NOBODY or _is_group(parts + words(plain(given)) if len(given) > 3 else parts):
        return ""
    own = [part for part in parts if part not in _NOT_OWN] or [part for part in parts if part not in _SUFFIX]
    return _without_umlauts("".join(own))


def _without_umlauts(name: str) -> str:
    """`mueller` → muller, as `müller` is folded."""
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _is_group(parts: list[str]) -> bool:
    together = " ".join(parts)
    return together in _NOBODY or not _GROUP.isdisjoint(parts) or " collaborat" in f" {together}"


def same_name(a: str, b: str) -> bool:
    """The same surname, or one with a slip of the pen, a part of it, or an order of names that cannot be told."""
    if a == b:
        return True
    if " " in a or " " in b:
        return any(len(word) > 1 for word in {*a.split()} & {*b.split()})
    if (a[0] != b[0] and a[-1] != b[-1]) or min(len(a), len(b)) < 4:
        return False
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return long.startswith(short) or long.endswith(short) or Levenshtein.normalized_similarity(a, b) >= 0.75


def is_among(name: str, others: Iterable[str]) -> bool:
    """Whether one of the others is the same name; most are told apart by their first and last letters."""
    first, last, whole = name[0], name[-1], " " not in name
    for other in others:
        if whole and other[0] != first and other[-1] != last and " " not in other:
            continue
        if same_name(name, other):
            return True
    return False

"""Names of authors in the spellings of the exports.

`Yang, Z.` (Embase, Scopus) · `Keefer, Amy` (Ovid, EBSCO) · `Griffin DK` (PubMed) · `Liu R.` (older
Embase) · `Brownstein C D` (EPPI-Reviewer) · `P. Kogge` (IEEE). Where a name is not split by the source
and its spelling does not tell (`Catarina Barata`, `CAIZHI SHEN`), the whole stands as family name.
"""

from __future__ import annotations

import ast
import re

from db.record import Author

_SUFFIX = re.compile(r"(?:jr|sr|[1-4](?:st|nd|rd|th)|i{2,3}|iv|esq)\.?", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{1,2}\.(?:[\s-]?[^\W\d_]{1,2}\.)*|[^\W\d_](?:[\s-][^\W\d_])*|[^\W\d_]{2,4}")
_TRAILING = re.compile(
    r"(?P<family>.+?)\s+"
    r"(?P<initials>[^\W\d_](?:[\s-][^\W\d_])+|[^\W\d_]{1,4}|(?:[^\W\d_]{1,2}\.[\s-]?)+)"
    r"(?:\s(?P<suffix>Jr|Sr|2nd|3rd|4th|I{2,3})\.?)?"
)
_LEADING = re.compile(r"(?P<initials>(?:[^\W\d_]\.[\s-]?)+)\s*(?P<family>[^\W\d_].+)")
_GROUP = re.compile(
    r"\b(?:group|study|trial|consorti\w+|collaborat\w+|committee|investigators|network|society|association|"
    r"cent(?:er|re)|universit\w+|institut\w+|organi[sz]ation|department|ministry|team|foundation|council|agency)\b",
    re.IGNORECASE,
)
_SEPARATORS = (re.compile(r"\s*;\s*"), re.compile(r"\s*\|\s*"), re.compile(r"\s*\n\s*(?:and\s+)?|\s+and\s+"))


def author(name: str) -> Author | None:
    """One printed name; `None` when there is no letter in it."""
    name = " ".join(name.split()).strip(" ,;")
    if not re.search(r"[^\W\d_]", name):
        return None
    if "," in name:
        return _split(name)
    if _GROUP.search(name):
        return Author(family=name, collective=True)
    return _unsplit(name)


def authors(names: list[str] | tuple[str, ...]) -> tuple[Author, ...]:
    """Several printed names, in order; what is no name is left out."""
    return tuple(found for name in names if (found := author(name)))


def listed(value: str) -> list[str]:
    """The names in one cell: split at `;`, `|`, ` and `, line breaks, or commas where commas part names."""
    if re.fullmatch(r"\[.*\]", value.strip(), re.DOTALL):
        return _python_list(value.strip())
    for separator in _SEPARATORS:
        if separator.search(value.strip().strip(";|")):
            return [name for name in separator.split(value.strip()) if name]
    return _by_comma([piece for part in value.split(",") if (piece := part.strip())])


def initials(given: str) -> str:
    """Given names that are nothing but initials, without stops and blanks: `M.E.` → `ME`; else empty."""
    if not _LETTERS.fullmatch(given) or (given != given.upper() and "." not in given):
        return ""
    return _bare(given)


def _split(name: str) -> Author:
    family, *parts = (part.strip() for part in name.split(","))
    suffix = parts.pop() if len(parts) > 1 and _SUFFIX.fullmatch(parts[-1]) else ""
    given = ", ".join(part for part in parts if part)
    short = initials(given)
    return Author(
        family=family or given, given="" if short or not family else given, initials=short, suffix=suffix
    )


def _unsplit(name: str) -> Author:
    match = _TRAILING.fullmatch(name)
    if match and _capitals(match["initials"]) and not _capitals(match["family"]):
        return Author(match["family"], initials=_bare(match["initials"]), suffix=match["suffix"] or "")
    match = _LEADING.fullmatch(name)
    if match:
        return Author(match["family"], initials=_bare(match["initials"]))
    return Author(family=name)


def _capitals(text: str) -> bool:
    """True when no letter is small; Russian initials may be two letters (`Yu.`)."""
    return text == text.upper() or bool(re.fullmatch(r"(?:[^\W\d_]{1,2}\.[\s-]?)+", text))


def _bare(text: str) -> str:
    return re.sub(r"[.\s-]", "", text)


def _python_list(value: str) -> list[str]:
    """`['Marx, Karl', 'Lindgren, Astrid']`, as pandas writes a list into a cell."""
    try:
        names = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return [value]
    return [name for name in names if isinstance(name, str)] or [value]


def _by_comma(pieces: list[str]) -> list[str]:
    """`Yang Z., Jiang B.` are two, `Yang, Z., Jiang, B.` are two, `Keefer, Amy` is one."""
    if len(pieces) < 2 or all(" " in piece for piece in pieces):
        return pieces
    if len(pieces) % 2 == 0 and all(initials(given) for given in pieces[1::2]):
        return [f"{family}, {given}" for family, given in zip(pieces[::2], pieces[1::2], strict=True)]
    return [", ".join(pieces)] if len(pieces) == 2 else pieces

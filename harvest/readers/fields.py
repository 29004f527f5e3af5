"""Small things that every export format writes in its own way: DOIs, ISSNs, pages, links, key words.

Each function reads one printed value and says only what is there; a value it does not understand gives
nothing, and stays where it was (see `Entry.rest`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, unquote, urlsplit

from db.record import Heading, Identifier

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_LINK = re.compile(r"https?://(?:[\w-]+\.)*doi\.org/", re.IGNORECASE)
_PMID_LINK = re.compile(
    r"ncbi\.nlm\.nih\.gov/(?:pubmed/)?(\d{1,8})(?!\d)|europepmc\.org/(?:article|abstract)/med/(\d{1,8})(?!\d)",
    re.IGNORECASE,
)
_PMC_LINK = re.compile(
    r"(?:ncbi\.nlm\.nih\.gov/(?:pmc/)?|europepmc\.org/)articles?/(?:PMC/)?(PMC\d+)", re.IGNORECASE
)
_ISBN = re.compile(
    r"(?<![\dX-])(?:97[89][- ]?)(?:\d[- ]?){9}[\dXx](?![\dX])|(?<![\dX-])(?:\d-?){9}[\dXx](?![\dX-])"
)
_ISSN = re.compile(r"(?<![\dX])(?<!\d-)(\d{4})[-\u2010]?(\d{3}[\dXx])(?![\dX-])")
_WORDS_ABOUT_ISSN = re.compile(
    r"\(?\b(?:p-?|e-?)?(?:issn|isbn|print|electronic|online|linking)\b:?\)?", re.IGNORECASE
)
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_RUNNING_NUMBER = re.compile(r"\d{1,6}|RefID:.*|rayyan-\d+", re.IGNORECASE)


def doi(value: str) -> str:
    """The DOI in a value, lower case and without its prefix; empty when there is none.

    SICI DOIs (`10.1002/1097-0355(199023)11:3<278::aid-imhj2280110309>3.0.co;2-h`) are not cut: only
    white space ends a DOI, and of a link its query.
    """
    link = _DOI_LINK.search(value)
    if link:
        value = unquote(value[link.end() :].split("?", maxsplit=1)[0])
    match = _DOI.search(value)
    return match[0].rstrip(".,").lower() if match else ""


def is_doi(value: str) -> bool:
    """True when the value is a DOI and nothing else, with or without its prefix."""
    found = doi(value)
    bare = re.sub(r"^(?:doi:?\s*|https?://(?:dx\.)?doi\.org/)", "", value.strip(), flags=re.IGNORECASE)
    return bool(found) and unquote(bare).rstrip(".,").lower() == found


def issns(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ISSNs (`1234-567X`) and ISBNs (digits only) in a value, without repeats, in order."""
    books = [re.sub(r"[- ]", "", found).upper() for found in _ISBN.findall(value)]
    serials = [f"{a}-{b.upper()}" for a, b in _ISSN.findall(_ISBN.sub(" ", value))]
    return tuple(dict.fromkeys(serials)), tuple(dict.fromkeys(books))


def only_issns(value: str) -> bool:
    """True when nothing is left of the value once its ISSNs and ISBNs are read."""
    rest = _ISSN.sub(" ", _ISBN.sub(" ", value))
    return not re.search(r"\w", _WORDS_ABOUT_ISSN.sub(" ", rest))


def pages(start: str, end: str) -> str:
    """First and last page as one range, as printed; `No`–`Specified` (Ovid) is no page."""
    start, end = start.strip(), end.strip()
    if (start, end) == ("No", "Specified"):
        return ""
    if not start or not end or start == end or re.search(r"\d\s*[-\u2010-\u2015]\s*\w*\d", start):
        return start or end
    return f"{start}-{end}"


def links(value: str) -> tuple[str, ...]:
    """The links in a value that holds nothing but links, else nothing."""
    pieces = re.split(r"\s+|[;,|]\s*(?=https?:)", value.strip())
    return tuple(pieces) if all(_URL.fullmatch(piece) for piece in pieces) else ()


def linked(values: Iterable[str]) -> tuple[Identifier, ...]:
    """Identifiers of this very document that stand in its links: DOI, PMID, PMCID."""
    found: list[Identifier] = []
    for value in values:
        for piece in value.split():
            if _DOI_LINK.match(piece) and doi(piece):
                found.append(Identifier("doi", doi(piece)))
            found += [Identifier("pmid", a or b) for a, b in _PMID_LINK.findall(piece)]
            found += [Identifier("pmcid", number.upper()) for number in _PMC_LINK.findall(piece)]
    return tuple(dict.fromkeys(found))


def accession_in_link(value: str) -> str:
    """The database's own number in a link to its record: Embase `id=L…`, Scopus `eid=`, EBSCO and Ovid `AN=`."""
    try:
        parts = urlsplit(value.strip())
        query, host = parse_qs(parts.query), parts.hostname or ""
    except ValueError:
        return ""
    if host.endswith("embase.com"):
        return _last(query, "id")
    if host.endswith("scopus.com"):
        return _last(query, "eid")
    if host.endswith(("ebscohost.com", "ovid.com")):
        return _last(query, "AN")
    return ""


def is_accession(value: str) -> bool:
    """False for the running numbers that reference managers give (`889`, `RefID:888-…`)."""
    return bool(value) and not re.search(r"\s", value) and not _RUNNING_NUMBER.fullmatch(value)


def terms(value: str, *, commas: bool = False) -> tuple[str, ...]:
    """The key words in one value: parted by line breaks, `;` or `|`, and by commas when that is all there is."""
    value = value.strip()
    if re.fullmatch(r"\[.*\]", value, re.DOTALL):
        quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"", value)
        return tuple(one or other for one, other in quoted if one or other)
    if commas and not re.search(r"[;|\n]", value):
        return _parted(value, r",(?![^(\[]*[)\]])")
    return _parted(value, r"[;|\n]")


def heading(term: str) -> Heading | None:
    """A key word that is marked as a subject heading, else `None`.

    `*Major` (Ovid, CENTRAL), `Term [*qualifier, qualifier]` (CENTRAL).
    """
    match = re.fullmatch(r"(\*?)([^\[\]]+?)(?: \[([^\[\]]+)\])?", term)
    if not match or not (match[1] or match[3]):
        return None
    return Heading(match[2], major=bool(match[1]), qualifiers=qualifiers(match[3] or "", ","))


def qualifiers(value: str, separator: str) -> tuple[str, ...]:
    """Subheadings; a major one, printed with `*` in front, ends in `*` here."""
    parts = (part.strip() for part in value.split(separator))
    return tuple(part[1:] + "*" if part.startswith("*") else part for part in parts if part)


def _parted(value: str, pattern: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(pattern, value))
    return tuple(dict.fromkeys(part for part in parts if part))


def _last(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[-1].strip()

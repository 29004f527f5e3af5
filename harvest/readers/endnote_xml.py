"""EndNote's XML, which Zotero, Citavi, Covidence and many others write as well.

The file is cut at its `<record>` elements, and each is parsed for itself: one broken record costs no other,
a file of one line has as many records as any other, and what stands around the records is never parsed, so
that no document type or entity of its own ever takes effect (a file that declares entities is refused).
Tags are paths here: `titles/title`. Custom fields are EndNote's defaults for journal articles (custom2:
PMCID, custom7: article number); libraries may be set up otherwise, so they count only where their values fit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from db.errors import RecordError, WrongUse
from db.record import Author, Identifier, Record
from harvest.readers.filling import MANAGER_KINDS, filled, without
from harvest.readers.names import author
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.text import Text, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        elements, the most trustworthy first
        "title": ("titles/title",),
        "vernacular_title": ("titles/translated-title",),
        "abstract": ("abstract",),
        "authors": ("contributors/authors/author",),  # not secondary-authors: editors
        "date": ("dates/year", "dates/pub-dates/date"),
        "journal": ("periodical/full-title", "titles/secondary-title", "alt-periodical/full-title"),
        "journal_abbreviation": ("periodical/abbr-1", "alt-periodical/abbr-1", "titles/alt-title"),
        "volume": ("volume",),
        "issue": ("number",),
        "pages": ("pages",),
        "article_number": ("custom7",),
        "issns": ("isbn",),  # and ISBNs, which become identifiers
        "publisher": ("publisher",),
        "languages": ("language",),
        "publication_types": ("work-type",),
        "kind": ("ref-type",),  # kept in extra as well
        "keywords": ("keywords/keyword",),
        "accession": ("accession-num",),
        "pmid of PubMed's records": ("accession-num",),
        "doi": ("electronic-resource-num",),
        "pmcid": ("custom2",),
        "database, platform": (
            "remote-database-name",
            "remote-database-provider",
        ),  # of the file; kept in extra too
        "urls": ("urls/related-urls/url", "urls/web-urls/url"),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("17", "43", "19", "23"), "article"),
        **dict.fromkeys(("6", "28", "44"), "book"),
        **dict.fromkeys(("5", "60"), "chapter"),
        **dict.fromkeys(("10", "47"), "conference"),
        **dict.fromkeys(("27", "46"), "report"),
        "32": "thesis",
        "25": "patent",
        "12": "web page",
        "59": "data set",
        "34": "unpublished",
        "13": "generic",
    }
)
"""EndNote's numbers of reference types, for elements that give no name of the type."""

DEEPEST = 16
"""Levels of elements within a record. Real ones need six."""

_LEFT = without(FIELDS, "authors")
_MARK = re.compile(r"<(/?)record(?=[\s>])[^<>]*?(/?)>")
_LOOKS = re.compile(r"<(?:xml|records)(?:\s[^<>]*)?>\s*(?:<records[^<>]*>\s*)?<record[\s>]")
_INSIDE = re.compile(r"<(?:ref-type|source-app|rec-number|contributors|titles)[\s>/]")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ILLEGAL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    r"|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)
"""Characters that no XML may hold (W3C XML 1.0, section 2.2), plain or by number. EndNote writes them."""
_LOOSE = re.compile(r"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|amp|lt|gt|quot|apos);)")
_LIBRARY = re.compile(r"\.enlx?\b", re.IGNORECASE)
_STYLE = "style"
_PUBMED = re.compile(r"medline|pubmed|\bnlm\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EndNoteXml:
    """EndNote's XML."""

    name: str = "EndNote XML"
    suffixes: tuple[str, ...] = (".xml",)

    def looks_like(self, text: Text) -> bool:
        """True when the first elements are those around records, and a record is of EndNote's kind."""
        head = "\n".join(text.lines[:400])[:20_000]
        return head.lstrip()[:1] == "<" and bool(_LOOKS.search(head)) and bool(_INSIDE.search(head))

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has none, or declares entities."""
        whole = "\n".join(text.lines)
        if _ENTITY.search(whole):
            raise WrongUse(f"{name} declares XML entities of its own, which no export does; it was not read.")
        gathering = Gathering(lambda entry: _record(entry, source))
        repaired = [piece.line for piece in _pieces(whole, gathering) if _gather(piece, gathering)]
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(
                f"{name}: no <record> of EndNote was found in it; check that the export is complete."
            )
        notes = (
            *text.notes,
            *lines_note("A record holds signs that XML forbids, which were left out", repaired),
        )
        database, platform = (
            _most(gathering.records, f"remote-database-{of}") for of in ("name", "provider")
        )
        return gathering.reading(self.name, database, platform, notes)


def _most(records: Iterable[Record], tag: str) -> str:
    said = Counter(value for record in records for value in record.extra.get(tag, ())[:1])
    return next((value for value, _ in said.most_common(1)), "")


# -- the file to records -----------------------------------------------------------------------------


class _Piece(NamedTuple):
    line: int
    raw: str
    whole: bool
    """False when the record never ends."""


def _pieces(whole: str, gathering: Gathering) -> Iterator[_Piece]:
    """The `<record>` elements one after the other; text between them that is no markup is set aside."""
    place, start, line, at = 0, -1, 1, 0

    def number(position: int) -> int:
        nonlocal line, at
        line += whole.count("\n", at, position)
        at = position
        return line

    for mark in _MARK.finditer(whole):
        ends = bool(mark[1] or mark[2])
        if start < 0 and not mark[1]:
            _between(whole[place : mark.start()], number(place), gathering)
            start = mark.start()
        elif start >= 0 and not ends:  # the one before never ended
            yield _Piece(number(start), whole[start : mark.start()], whole=False)
            start = mark.start()
        if start >= 0 and ends:
            yield _Piece(number(start), whole[start : mark.end()], whole=True)
            place, start = mark.end(), -1
    if start >= 0:
        yield _Piece(number(start), whole[start:], whole=False)
    else:
        _between(whole[place:], number(place), gathering)


def _between(text: str, line: int, gathering: Gathering) -> None:
    """Markup around records says nothing; anything else is a line outside of every record."""
    for offset, whole in enumerate(text.split("\n")):
        if re.sub(r"<[^<>]*>", "", whole).strip():
            gathering.set_aside(line + offset, whole)


def _gather(piece: _Piece, gathering: Gathering) -> bool:
    """Keep one record, or report it; true when it had to be repaired."""
    if not piece.whole:
        gathering.report(piece.line, piece.raw, "The record is cut off: its </record> is missing.")
        return False
    clean = _LOOSE.sub("&amp;", _ILLEGAL.sub("", piece.raw))
    try:
        pairs = list(_leaves(ET.fromstring(clean), "", 0))  # noqa: S314 (no document type, no entity: see above)
    except (ET.ParseError, RecordError) as error:
        gathering.report(piece.line, piece.raw, f"The record is no readable XML: {error}.")
        return False
    gathering.add(Entry(piece.line, pairs, piece.raw))
    return clean != piece.raw


def _leaves(element: Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text under the path of its element, and every attribute under `path@name`; runs of style are text."""
    if depth > DEEPEST:
        raise RecordError(f"it is nested deeper than {DEEPEST} levels")
    yield from ((f"{path}@{name}".lstrip("@"), value.strip()) for name, value in element.attrib.items())
    inner = [child for child in element if child.tag != _STYLE]
    if not inner:
        yield path, _text("".join(element.itertext()))
        return
    yield path, _text("".join((element.text or "", *(child.tail or "" for child in element))))
    for child in element:
        below = f"{path}/{child.tag}".lstrip("/")
        if child.tag == _STYLE:
            yield path, _text("".join(child.itertext()))
        else:
            yield from _leaves(child, below, depth + 1)


def _text(value: str) -> str:
    """EndNote's own line breaks are carriage returns; a line that is set in was only wrapped."""
    unwrapped = re.sub(r"\n[ \t]{2,}", " ", value)
    return re.sub(r"\r\n?", "\n", unwrapped).strip()


# -- one record --------------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    kind = _kind(entry)
    people = _people(entry)
    numbers = entry.take("accession-num", where=_is_pmid) if _of_pubmed(entry) else ()
    record = filled(entry, _LEFT, source)
    pmids = (Identifier("pmid", number) for number in numbers)
    return replace(
        record,
        kind=kind,
        authors=people,
        journal_abbreviation=""
        if record.journal_abbreviation == record.journal
        else record.journal_abbreviation,
        identifiers=tuple(dict.fromkeys((*pmids, *record.identifiers))),
    )


def _kind(entry: Entry) -> str:
    """By the name of the type, else by its number."""
    name = next(iter(entry.look("ref-type@name")), "").casefold()
    number = next(iter(entry.look("ref-type")), "17")
    return MANAGER_KINDS.get(name) or KINDS.get(number) or name or number.casefold()


def _people(entry: Entry) -> tuple[Author, ...]:
    """A trailing comma is EndNote's mark of a group: `World Health Organization,`."""
    found = []
    for value in entry.take(*FIELDS["authors"]):
        group = value.rstrip().endswith(",") and "," not in value.rstrip()[:-1]
        person = Author(family=plain(value).rstrip(", "), collective=True) if group else author(plain(value))
        found += [person] if person and person.family else []
    return tuple(found)


def _is_pmid(value: str) -> bool:
    return bool(re.fullmatch(r"\d{1,8}", value))


def _of_pubmed(entry: Entry) -> bool:
    """True when the record says that PubMed or MEDLINE, under whatever name, delivered it."""
    said = entry.look("remote-database-name", "remote-database-provider", "urls/related-urls/url")
    return any(_PUBMED.search(value) for value in said)

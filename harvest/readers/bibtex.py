"""BibTeX, as databases, publishers and reference managers write it.

bibtexparser finds the entries (docs/decisions/009); this file watches over its shoulder that every character of
the file is in an entry, in one that is reported, or set aside with its line. LaTeX is decoded in the words
that people read, never in identifiers. `FIELDS` says which field of an entry fills which field of a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from db.errors import WrongUse
from db.record import Author, Identifier, Record
from harvest.readers.bibtex_entries import Piece, named_apart, pieces
from harvest.readers.dates import When, best, when
from harvest.readers.dialects import EBSCO_DATABASES
from harvest.readers.filling import filled, without
from harvest.readers.latex import decoded, unescaped, unwrapped
from harvest.readers.names import author
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.text import Text, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        fields of an entry, the most trustworthy first
        "title": ("title", "booktitle"),
        "abstract": ("abstract",),
        "authors": ("author",),  # not editor
        "date": ("date", "year", "month", "day", "issue_date"),
        "date of early access": ("earlyaccessdate",),
        "journal": ("journal", "journaltitle", "booktitle", "maintitle"),
        "journal_abbreviation": ("abbrev_source_title", "journal-iso", "shortjournal", "fjournal"),
        "volume": ("volume",),
        "issue": ("number", "issue"),
        "pages": ("pages",),
        "article_number": ("article-number", "art_number", "articleno", "eid"),
        "issns": ("issn", "eissn", "isbn"),  # ISBNs become identifiers
        "publisher": ("publisher", "school", "institution"),
        "languages": ("language", "langid"),
        "publication_types": ("document_type", "type"),
        "kind": ("entry type",),  # kept in extra as well
        "keywords": (
            *("keywords", "author_keywords", "key words", "keyword", "keywords-plus"),
            *("mesh_terms", "mesh", "index_keywords"),
        ),
        "accession": ("unique-id", "accession_number", "an"),
        "accession number in the key": ("entry key",),  # kept in extra as well
        "pmid": ("pmid", "pubmed_id"),
        "pmid in words": ("note",),  # kept in extra as well
        "pmcid": ("pmcid", "pmc"),
        "doi": ("doi", "bdsk-doi"),
        "urls": ("url", "link"),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "article": "article",
        **dict.fromkeys(("book", "proceedings", "collection", "mvbook", "reference"), "book"),
        **dict.fromkeys(("inbook", "incollection", "suppbook"), "chapter"),
        **dict.fromkeys(("inproceedings", "conference"), "conference"),
        **dict.fromkeys(("techreport", "report", "manual", "booklet"), "report"),
        **dict.fromkeys(("phdthesis", "mastersthesis", "thesis"), "thesis"),
        **dict.fromkeys(("online", "electronic", "www"), "web page"),
        "patent": "patent",
        **dict.fromkeys(("dataset", "data"), "data set"),
        "unpublished": "unpublished",
        "misc": "generic",
    }
)

DIALECTS: Sequence[tuple[str, str, re.Pattern[str]]] = tuple(
    (name, platform, re.compile(sign, re.IGNORECASE))
    for name, platform, sign in (
        ("Web of Science", "Web of Science", r"^@\w+\s*\{\s*WOS:"),
        ("Scopus", "Scopus", r"^\s*(?:source\s*=\s*[{\"]Scopus|url\s*=\s*[{\"]\S+scopus\.com/inward)"),
        ("EBSCO", "EBSCOhost", r"^\s*url\s*=\s*[{\"]\S+ebscohost\.com/"),
        ("Europe PMC", "Europe PMC", r"^@\w+\s*\{\s*(?:PMID:\d|PPR:PPR)"),
        ("ProQuest", "ProQuest", r"^\s*url\s*=\s*[{\"]https?://(?:www|search)\.proquest\.com/"),
        ("Taylor & Francis", "Taylor & Francis Online", r"^@\w+\s*\{\s*doi:10\.1080/"),
        ("Wiley", "Wiley Online Library", r"^\s*url\s*=\s*[{\"]https://onlinelibrary\.wiley\.com/"),
        ("ACM", "ACM Digital Library", r"^\s*publisher\s*=\s*[{\"]Association for Computing Machinery"),
    )
)
"""Name, platform, and a line that only its files have."""
_ONE_DATABASE = frozenset({"Web of Science", "Scopus", "Europe PMC"})
"""Dialects of platforms that deliver but one."""

_TITLE_OF_BOOK = without(FIELDS, "authors", "date")
_LEFT = MappingProxyType({**_TITLE_OF_BOOK, "title": ("title",)})
"""The title of a book is the title of the entry only when that has none of its own; else it fills `journal`."""
_WORDS = frozenset(
    {
        "title",
        "booktitle",
        "subtitle",
        "maintitle",
        "abstract",
        "journal",
        "journaltitle",
        "publisher",
        "series",
    }
    | {
        *FIELDS["journal_abbreviation"],
        *FIELDS["keywords"],
        "school",
        "institution",
        "note",
        "annote",
        "address",
    }
)
"""Fields of words, in which LaTeX is decoded."""

_ENTRY = re.compile(r"\s*@\s*(?!(?:comment|preamble|string)\b)[A-Za-z]+\s*[{(]", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:\s*(\d{1,8})\b")
_EBSCO_CODE = re.compile(r"[?&]db=(\w+)")
_KEY = re.compile(r"(PMID|PPR|WOS):([A-Z]*\d+)")
_OTHERS = re.compile(r"(?:and\s+)?(?:others|et al\.?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bibtex:
    """The BibTeX format."""

    name: str = "BibTeX"
    suffixes: tuple[str, ...] = (".bib", ".bibtex")

    def looks_like(self, text: Text) -> bool:
        """True when an entry begins at the beginning of a line."""
        return any(_ENTRY.match(line) for line in text.lines if "@" in line[:80])

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every entry of the file. Raises `WrongUse` when it has none."""
        gathering = Gathering(lambda entry: _record(entry, source))
        found = list(pieces(text))
        parents = _parents(found)
        for piece in found:
            _gather(piece, parents, gathering)
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(f"{name}: no entry of BibTeX was found in it; check that the export is complete.")
        notes = (
            *text.notes,
            *lines_note("A comma is missing between two fields, which were read", _repaired(found, "comma")),
            *lines_note("The last brace of an entry is missing", _repaired(found, "brace")),
            *lines_note("An entry has no key and was read without one", _repaired(found, "key")),
        )
        dialect, platform = _dialect(text)
        title = f"{self.name} of {dialect}" if dialect else self.name
        database = platform if dialect in _ONE_DATABASE else _of_ebsco(gathering.records)
        return gathering.reading(title, database, platform, notes)


def _repaired(found: Sequence[Piece], what: str) -> list[int]:
    return [piece.line for piece in found if what in piece.repaired]


def _dialect(text: Text) -> tuple[str, str]:
    """Whose sign half of the first entries bear, at least: one entry may have been put among others."""
    lines = [line for line in text.lines[:5000] if len(line) < 1000]
    entries = sum(bool(_ENTRY.match(line)) for line in lines)
    for name, platform, sign in DIALECTS:
        if 2 * sum(bool(sign.match(line)) for line in lines) >= entries > 0:
            return name, platform
    return "", ""


def _of_ebsco(records: Iterable[Record]) -> str:
    """The one database that EBSCO's links name; none when they name several."""
    links = (link for record in records for link in record.urls if "ebscohost.com" in link)
    codes = {code for link in links for code in _EBSCO_CODE.findall(link)}
    return EBSCO_DATABASES.get(codes.pop(), "") if len(codes) == 1 else ""


def _gather(piece: Piece, parents: Mapping[str, Piece], gathering: Gathering) -> None:
    if piece.problem:
        gathering.report(piece.line, piece.raw, piece.problem)
    elif piece.kind:
        pairs = (("entry type", piece.kind), ("entry key", piece.key), *_inherited(piece, parents))
        legible = [(name, _legible(name, value)) for name, value in pairs]
        gathering.add(Entry(piece.line, legible, piece.raw))
    else:
        for offset, whole in enumerate(piece.raw.split("\n")):
            gathering.set_aside(piece.line + offset, whole)


def _parents(found: Sequence[Piece]) -> Mapping[str, Piece]:
    """The entries that others refer to, by key in small letters, as BibTeX compares them."""
    wanted = {value.casefold() for piece in found for name, value in piece.pairs if name == "crossref"}
    return {piece.key.casefold(): piece for piece in found if piece.kind and piece.key.casefold() in wanted}


def _inherited(piece: Piece, parents: Mapping[str, Piece]) -> Sequence[tuple[str, str]]:
    """Its own fields, then those of the entry named in `crossref` that it has not; a title is the book's."""
    parent = next((parents.get(value.casefold()) for name, value in piece.pairs if name == "crossref"), None)
    if parent is None or parent is piece:
        return piece.pairs
    own = {name for name, _ in piece.pairs}
    names = {"title": "booktitle"}
    given = [
        (names.get(name, name), value) for name, value in parent.pairs if name not in ("crossref", "author")
    ]
    return (*piece.pairs, *((name, value) for name, value in given if name not in own))


# -- one entry ---------------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    kind = next(iter(entry.look("entry type")), "")
    people, complete = _people(entry)
    date = _date(entry)
    early = entry.take(*FIELDS["date of early access"], where=lambda value: when(value).iso)
    own = tuple(_own_identifiers(entry))
    record = filled(entry, _LEFT if entry.look("title") else _TITLE_OF_BOOK, source)
    return replace(
        record,
        kind=KINDS.get(kind, kind),
        authors=people,
        authors_complete=complete,
        year=date.year,
        date=date.iso,
        date_text=date.text,
        dates={"early access": when(early[0]).iso} if early else {},
        pages=re.sub(r" ?(?:--+|\u2013) ?", "-", record.pages),
        identifiers=tuple(dict.fromkeys((*own, *record.identifiers))),
    )


def _legible(name: str, value: str) -> str:
    """A value as people read it; in `author` the braces still say what belongs together."""
    if name == "author":
        return value
    if name not in _WORDS:
        return unescaped(value)
    parts = re.split(r"\n\s*\n", decoded(value))  # elsewhere a line break means no more than a blank
    return "\n".join(" ".join(part.split()) for part in parts)


def _people(entry: Entry) -> tuple[tuple[Author, ...], bool]:
    """The authors, and whether these are all of them (`and others` says that they are not)."""
    values = (_several(value) for value in entry.take("author"))
    names = [plain(name) for value in values for name in named_apart(value)]
    named = [name for name in names if not _OTHERS.fullmatch(name)]
    return tuple(person for name in named if (person := _person(name))), len(named) == len(names)


def _several(value: str) -> str:
    """Without braces around all names: only a group has them around its one name."""
    inner = unwrapped(value)
    return inner if "," in inner and len(named_apart(inner)) > 1 else value


def _person(name: str) -> Author | None:
    """`Last, First` · `Last, Jr, First` · `First von Last` · `{A Group}`."""
    text = plain(decoded(name))
    if re.fullmatch(r"\{[^{}]*\}", name):
        return Author(family=text, collective=True) if re.search(r"[^\W\d_]", text) else None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 3 and re.fullmatch(r"(?:jr|sr|i{2,3}|iv)\.?", parts[1], re.IGNORECASE):
        text = f"{parts[0]}, {parts[2]}, {parts[1]}"
    person = author(text)
    if person is None or person.collective or person.initials or len(parts) > 1 or " " not in text:
        return person
    return author(_family_first(text))


def _family_first(name: str) -> str:
    """`Ludwig van Beethoven` → `van Beethoven, Ludwig`, as BibTeX itself takes names apart."""
    words = name.split()
    small = [place for place, word in enumerate(words[:-1]) if place and word[:1].islower()]
    cut = small[0] if small else len(words) - 1
    return f"{' '.join(words[cut:])}, {' '.join(words[:cut])}"


def _date(entry: Entry) -> When:
    """From `date`, or from year, month and day; `month` is a name, a number, or `MAR 1`."""
    year = next(iter(entry.look("date", "year")), "")
    month, day = (next(iter(entry.look(name)), "") for name in ("month", "day"))
    glue = "-" if month.isdecimal() else " "
    printed = glue.join(part for part in (year, month, day) if part) if month else year
    date = best([value for value in (year, printed, *entry.look("issue_date")) if value])
    if date.year:
        entry.take("year", "date", where=lambda value: when(value).year == date.year)
    if len(date.iso) > 4 or date.text:
        entry.take("month", "day")
    return date


def _own_identifiers(entry: Entry) -> Iterator[Identifier]:
    """PMIDs in notes (Taylor & Francis), numbers in keys (Europe PMC, Web of Science), EIDs of Scopus."""
    for value in entry.look("entry key"):
        match = _KEY.fullmatch(value)
        if match:
            scheme = "pmid" if match[1] == "PMID" else "accession"
            yield Identifier(scheme, value if match[1] == "WOS" else match[2])
    for value in entry.look("note"):
        yield from (Identifier("pmid", number) for number in _PMID.findall(value))
    for value in entry.take("eid", where=lambda value: value.startswith("2-s2.0-")):
        yield Identifier("accession", value)

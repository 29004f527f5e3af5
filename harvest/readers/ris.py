"""RIS, in every dialect that databases, reference managers and screening tools write.

`FIELDS` says which tags fill which field; the traps of single dialects stand beside the function that
avoids them. The format is only loosely specified (Research Information Systems, 2001), so the reader
believes the file: a record begins at TY and ends at ER, at the next TY or with the file, a line without
a tag goes on with the value before it, and a tag nobody knows is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from db.errors import WrongUse
from db.record import Heading, Identifier, Record, Section
from db.trial_numbers import find
from harvest.readers import fields
from harvest.readers.dates import When, best, when
from harvest.readers.dialects import database_of, delivered_by, dialect_of
from harvest.readers.names import authors
from harvest.readers.reading import Entry, Gathering, Reading, lines_note, usable
from harvest.readers.text import Text, paragraphs, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        tags, the most trustworthy first
        "title": ("TI", "T1", "CT", "BT"),
        "abstract": ("AB", "N2"),  # EBSCO's second AB, a copyright notice, stays in extra
        "authors": ("AU", "A1"),  # not A2: editors, and with Ovid the authors of cited works
        "date": ("PY", "Y1", "DA"),
        "access date": ("Y2",),
        "journal": ("JF", "T2", "BT", "JO", "JA", "J2"),
        "journal_abbreviation": ("J2", "JA", "J1", "JI", "JO", "NL", "J9"),
        "volume": ("VL", "VO"),
        "issue": ("IS",),
        "first page": ("SP", "PG"),
        "last page": ("EP",),
        "article_number": ("C7",),
        "issns": ("SN",),  # and ISBNs, which become identifiers
        "publisher": ("PB", "PU"),
        "languages": ("LA",),
        "publication_types": ("M3", "PT"),  # kept in extra as well
        "kind": ("TY",),  # kept in extra as well
        "keywords": ("KW",),  # with * or [qualifier]: headings
        "urls": ("UR",),
        "doi": ("DO", "L3", "M3"),
        "doi, pmid, pmcid in links": ("UR", "L2"),
        "pmid": ("PMID",),  # and C5 of Embase, C2 of Scopus, C3 of CENTRAL, AN and ID of MEDLINE
        "pmcid": ("PMCID",),
        "accession": ("AN", "U2", "UR", "L2", "N1", "ID"),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("JOUR", "EJOUR", "JFULL", "MGZN", "NEWS", "ABST", "INPR", ""), "article"),
        **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "WHOLE"), "book"),
        **dict.fromkeys(("CHAP", "ECHAP"), "chapter"),
        **dict.fromkeys(("CONF", "CPAPER"), "conference"),
        **dict.fromkeys(("RPRT", "GOVDOC"), "report"),
        **dict.fromkeys(("ELEC", "WEB", "ICOMM"), "web page"),
        "THES": "thesis",
        "PAT": "patent",
        "DATA": "data set",
        "UNPB": "unpublished",
        "GEN": "generic",
    }
)

_TAG = re.compile(r"([A-Z][A-Z0-9]|PMC?ID)(?:[ \t]{2}-[ \t]{0,2}|[ \t]-(?:[ \t]{1,2}|$))(.*)$")
_BEGIN = re.compile(r"TY {1,2}- ")
_PREAMBLE = re.compile(r"\s*$|\d+\.\s*$|Record #\d+ of \d+|(?:Provider|Database|Content): |%")
_COPYRIGHT = re.compile(r"Copyright of .{1,300}? is the property of", re.DOTALL)
_CLASSIFICATION = re.compile(r".*\[\d{4}\]", re.DOTALL)
_EBSCO_NUMBER = re.compile(r"Accession Number: ([\w-]+)")
_PUBMED_NUMBER = re.compile(r"PUBMED (\d{1,8})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ris:
    """The RIS format."""

    name: str = "RIS"
    suffixes: tuple[str, ...] = (".ris",)

    def looks_like(self, text: Text) -> bool:
        """True when a record begins, or when tags are followed by an ER (a file without its first line)."""
        return any(_BEGIN.match(line) for line in text.lines) or self._ends(text)

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has no RIS tag at all."""
        gathering = Gathering(lambda entry: _record(entry, source))
        unended: list[int] = []
        unbegun: list[int] = []
        for block in _blocks(text, gathering):
            if not block.begun and not usable(_record(block.entry(), source)):
                block.set_aside(gathering)
                continue
            gathering.add(block.entry())
            unended += [] if block.ended else [block.line]
            unbegun += [] if block.begun else [block.line]
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(f"{name}: no RIS record was found in it; check that the export is complete.")
        notes = (
            *text.notes,
            *lines_note("A record ends without ER and was read as far as it goes", unended),
            *lines_note("A record begins without TY", unbegun),
        )
        whole = "\n".join(text.lines)
        dialect = dialect_of(whole)
        origin = dialect if dialect.platform else delivered_by(whole)
        named = (values[0] for r in gathering.records if (values := r.extra.get("DB")))
        title = f"{self.name} of {dialect.name}" if dialect.name else self.name
        return gathering.reading(title, database_of(named, origin, whole), origin.platform, notes)

    def _ends(self, text: Text) -> bool:
        tags = [match[1] for line in text.lines if (match := _TAG.match(line))]
        return "ER" in tags and len(tags) > 1 and bool({"TI", "T1"} & set(tags))


# -- lines to blocks ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """The lines of one record: (line number, tag or empty, value, whole line)."""

    lines: list[tuple[int, str, str, str]] = field(default_factory=list)
    ended: bool = False

    @property
    def begun(self) -> bool:
        return self.lines[0][1] == "TY"

    @property
    def line(self) -> int:
        return self.lines[0][0]

    def entry(self) -> Entry:
        """Values with their continuation lines, under their tags."""
        pairs: list[tuple[str, list[str]]] = []
        for _, tag, value, whole in self.lines:
            if tag:
                pairs.append((tag, [value]))
            else:
                pairs[-1][1].append(whole)
        raw = "\n".join(whole for *_, whole in self.lines)
        return Entry(self.line, [(tag, "\n".join(values).strip()) for tag, values in pairs], raw)

    def shed(self, gathering: Gathering) -> None:
        """Give up the lines at the end that announce the next record: needed when ER is missing."""
        while not self.lines[-1][1] and _PREAMBLE.match(self.lines[-1][3]):
            number, _, _, whole = self.lines.pop()
            gathering.set_aside(number, whole)

    def set_aside(self, gathering: Gathering) -> None:
        for number, _, _, whole in self.lines:
            gathering.set_aside(number, whole)


def _blocks(text: Text, gathering: Gathering) -> Iterator[_Block]:
    """Cut the file into records; what stands between them is set aside."""
    block = _Block()
    for number, whole in enumerate(text.lines, 1):
        match = _TAG.match(whole)
        tag, value = (match[1], match[2]) if match else ("", "")
        if tag in ("TY", "ER") and block.lines:
            block.ended = tag == "ER"
            if not block.ended:
                block.shed(gathering)
            yield block
            block = _Block()
            if tag == "ER" and not value.strip():
                continue
        if tag == "ER" or not (tag or block.lines):
            gathering.set_aside(number, whole)
        else:
            block.lines.append((number, tag, value, whole))
    if block.lines:
        block.shed(gathering)
        yield block


# -- blocks to records -------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    title = plain(entry.first(*FIELDS["title"]))
    abstract = _abstract(entry)
    journal = entry.first(*FIELDS["journal"])
    entry.take(*FIELDS["journal"], where=lambda value: value == journal)
    identifiers = _identifiers(entry)
    date = best(list(entry.look(*FIELDS["date"])))
    entry.take(*FIELDS["date"], where=lambda value: _says_nothing_more(value, date))
    serials, books = _issns(entry)
    headings, keywords = _subjects(entry)
    words = "\n".join((title, *(part.text for part in abstract)))
    return Record(
        source=source,
        key="",
        kind=KINDS.get(kind := next(iter(entry.look("TY")), ""), kind.lower()),
        title=title,
        abstract=abstract,
        authors=authors(_names(entry)),
        journal=plain(journal),
        journal_abbreviation=plain(entry.first(*FIELDS["journal_abbreviation"])),
        issns=serials,
        publisher=plain(entry.first(*FIELDS["publisher"])),
        year=date.year,
        date=date.iso,
        date_text=date.text,
        dates=_other_dates(entry),
        volume=entry.first(*FIELDS["volume"]),
        issue=entry.first(*FIELDS["issue"]),
        pages=_pages(entry),
        article_number=entry.first(*FIELDS["article_number"]),
        languages=tuple(word for value in entry.take("LA") for word in fields.terms(value, commas=True)),
        publication_types=_publication_types(entry),
        headings=headings,
        keywords=keywords,
        identifiers=tuple(dict.fromkeys((*identifiers, *books, *find(words, "abstract")))),
        urls=_urls(entry),
        extra=entry.rest(),
    )


def _abstract(entry: Entry) -> tuple[Section, ...]:
    """One part for each AB (Ovid writes one for each paragraph); N2 only when there is no AB."""

    def said(*tags: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.take(*tags, where=lambda value: not _COPYRIGHT.match(value))))

    values = said("AB") or said("N2")
    entry.take("N2", where=lambda value: value in values)
    return tuple(Section(text) for value in values if (text := paragraphs(value)))


def _names(entry: Entry) -> list[str]:
    """AU, or A1 when there is no AU; several names in one tag are parted by semicolons."""
    values = entry.take("AU") or entry.take("A1")
    entry.take("A1", where=lambda value: value in values)
    return [name for value in values for name in re.split(r"[;\n]", value)]


def _says_nothing_more(value: str, chosen: When) -> bool:
    """True for a date that is wholly contained in the one that was chosen."""
    found = when(value, chosen.year)
    return bool(found.iso) and found.text in ("", chosen.text) and chosen.iso.startswith(found.iso)


def _other_dates(entry: Entry) -> dict[str, str]:
    access = best(list(entry.look(*FIELDS["access date"])))
    entry.take(*FIELDS["access date"], where=lambda v: _says_nothing_more(v, access._replace(text="")))
    return {"access": access.iso} if access.iso else {}


def _issns(entry: Entry) -> tuple[tuple[str, ...], tuple[Identifier, ...]]:
    values = [fields.issns(value) for value in entry.look("SN")]
    entry.take("SN", where=fields.only_issns)
    serials = dict.fromkeys(issn for found, _ in values for issn in found)
    return tuple(serials), tuple(Identifier("isbn", isbn) for _, found in values for isbn in found)


def _pages(entry: Entry) -> str:
    starts, ends = entry.look(*FIELDS["first page"]), entry.look(*FIELDS["last page"])
    found = fields.pages(next(iter(starts), ""), next(iter(ends), ""))
    tags = (*FIELDS["first page"], *FIELDS["last page"])
    entry.take(*tags, where=lambda value: value in found.split("-") or value == found)
    return found


def _publication_types(entry: Entry) -> tuple[str, ...]:
    """M3, except where it is a DOI (APA) or a code of the subject classification (PsycINFO on Ovid)."""
    values = entry.look(*FIELDS["publication_types"])
    return tuple(
        dict.fromkeys(v for v in values if not fields.is_doi(v) and not _CLASSIFICATION.fullmatch(v))
    )


def _subjects(entry: Entry) -> tuple[tuple[Heading, ...], tuple[str, ...]]:
    words = dict.fromkeys(plain(word) for value in entry.take("KW") for word in fields.terms(value))
    headings = {word: found for word in words if (found := fields.heading(word))}
    return tuple(headings.values()), tuple(word for word in words if word and word not in headings)


def _urls(entry: Entry) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(link for value in entry.take("UR", where=fields.links) for link in fields.links(value))
    )


# -- identifiers -------------------------------------------------------------------------------------


def _identifiers(entry: Entry) -> tuple[Identifier, ...]:
    trials = find("\n".join(entry.look("DO", "AN", "ID", "UR")))
    dois = (fields.doi(value) for value in entry.take(*FIELDS["doi"], where=fields.is_doi))
    numbers = entry.take("PMCID", where=lambda value: value.upper().startswith("PMC"))
    return (
        *_accessions(entry),
        *_pmids(entry),
        *(Identifier("doi", value) for value in dois),
        *(Identifier("pmcid", value.upper()) for value in numbers),
        *fields.linked(entry.look("UR", "L2")),
        *trials,
    )


def _accessions(entry: Entry) -> Iterator[Identifier]:
    """The database's own numbers; those of MEDLINE and PubMed are PMIDs."""
    medline = any(re.search(r"medline|pubmed", value, re.IGNORECASE) for value in entry.look("DB")[:1])
    for value in _accession_values(entry):
        if medline and re.fullmatch(r"\d{1,8}", value):
            yield Identifier("pmid", value)
        else:
            yield Identifier("accession", value)


def _accession_values(entry: Entry) -> Iterable[str]:
    own = [part.strip() for value in entry.take("AN") for part in value.split(";")]
    own += entry.take("U2", where=lambda value: re.fullmatch(r"L\d+", value))
    own += [
        number
        for value in entry.look("UR", "L2")
        for link in value.split()
        if (number := fields.accession_in_link(link))
    ]
    own += [number for value in entry.look("N1") for number in _EBSCO_NUMBER.findall(value)]
    own += entry.take("ID", where=fields.is_accession)
    return dict.fromkeys(value for value in own if value)


def _pmids(entry: Entry) -> Iterator[Identifier]:
    """From a tag of its own, or where Embase (C5), Scopus (C2) and CENTRAL (C3) put it."""
    databases = " ".join((*entry.look("DB"), *entry.look("UR"), *entry.look("U2"))).lower()
    values = list(entry.look("PMID"))
    entry.take("PMID", where=lambda value: re.fullmatch(r"\d{1,8}", value))
    for tag, database in (("C5", "embase"), ("C2", "scopus")):
        if database in databases:
            values += entry.take(tag, where=lambda value: re.fullmatch(r"\d{1,8}", value))
    values += [number for value in entry.look("C3") for number in _PUBMED_NUMBER.findall(value)]
    return (Identifier("pmid", match[0]) for value in values if (match := re.match(r"\d{1,8}(?!\d)", value)))

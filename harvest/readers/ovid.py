"""Text of Ovid that is not RIS: the tagged export (`.cit`, `.ovd`, `.cgi`) and the one with labels (`.txt`).

    <1. >                           <8>
    VN  - Ovid Technologies         Accession Number
    AN  - PREV200400474164            00005131-900000000-99049.

Tags mean different things in different databases (`UI` is a PMID in MEDLINE only), and journal, year and
pages often stand in one printed citation (`SO`), which `harvest.readers.ovid_source` reads. Tags after real
exports of MEDLINE, Embase, PsycINFO, BIOSIS, Zoological Record and Journals@Ovid; Ovid's own field guides
differ by database. What the editing service adds to a name (`Jan MD *`, `[Reprint Author]`) is cut off in
`authors` and kept in `extra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from db.errors import WrongUse
from db.record import Author, Heading, Identifier, Record
from harvest.readers import fields
from harvest.readers.blocks import Block, Line, paragraph
from harvest.readers.dialects import DIALECTS, database_of
from harvest.readers.filling import dated, filled, with_initials, without
from harvest.readers.names import author
from harvest.readers.ovid_source import understood
from harvest.readers.reading import Entry, Gathering, Reading
from harvest.readers.text import Text, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        tags and labels, the most trustworthy first
        "title": ("TI", "Title"),
        "vernacular_title": ("TT", "OT", "Original Title"),
        "abstract": ("AB", "Abstract"),  # one part for each AB
        "authors": ("FA", "AU", "Author", "Authors"),
        "date": ("DP", "YR", "Date of Publication", "Year of Publication"),
        "journal": ("JN", "JT", "Journal Name"),
        "journal_abbreviation": ("JA", "TA"),
        "volume": ("VO", "VI", "Volume"),
        "issue": ("IP", "Issue"),
        "pages": ("PG", "Pages"),
        "journal, date, volume, issue and pages in a citation": ("SO", "Source"),  # kept in extra as well
        "issns": ("IS", "IT", "IB", "ISSN", "ISSN Print", "ISSN Electronic", "ISBN"),
        "publisher": ("PB", "PU", "Publisher"),
        "languages": ("LG", "LA", "Language"),
        "publication_types": ("PT", "DT", "Publication Type", "Document Type"),
        "headings": ("MH", "SH", "MeSH Subject Headings", "Subject Headings"),
        "keywords": ("KW", "ID", "DE", "MC", "Author Keywords", "Keyword Heading", "Key Concepts"),
        "accession": ("AN", "UI", "Accession Number", "Unique Identifier"),  # a PMID in MEDLINE
        "pmid": ("PM", "PMID"),
        "doi": ("DO", "DI", "DOI Number", "Digital Object Identifier"),
        "trial numbers": ("CN", "SI", "Clinical Trial Number"),  # kept in extra as well
        "status": ("Status",),  # and the date, of what is not yet in an issue
        "urls": ("XL", "Link to the Ovid Full Text or citation"),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "book": "book",
        "edited book": "book",
        "authored book": "book",
        "book chapter": "chapter",
        "chapter": "chapter",
        "conference abstract": "conference",
        "conference paper": "conference",
        "meeting paper": "conference",
        "dissertation": "thesis",
        "dissertation abstract": "thesis",
        "patent": "patent",
        "report": "report",
        "technical report": "report",
    }
)
"""Publication types that say what kind of thing a record is; of every other kind are articles."""

_LEFT = without(FIELDS, "authors", "date", "headings", "accession")
_DIALECT = next(dialect for dialect in DIALECTS if dialect.name == "Ovid")
_NUMBER = re.compile(r"\s*<\s*\d+\s*\.?\s*>\s*$")
_TAG = re.compile(r" ?([A-Z][A-Z0-9])[ ]{2}- ?(.*)$")
_LABEL = re.compile(r"[A-Z][A-Za-z&/(),' -]{1,60}$")
_BEGINS = re.compile(r" ?VN  - ")
_FIRST_LABELS = ("Score", "Accession Number", "Unique Identifier", "Record Owner", "Database")
_SERVICE = re.compile(r"(?<=[.?!])\s*\[[A-Z][\w ,/&-]{2,40}\]\.?$")
_MEDLINE = re.compile(r"medline|pubmed", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}$")
_PEER = re.compile(r"^[A-Z][A-Za-z -]+: (?=\d)")
_DEGREE = re.compile(
    r",?\s(?:M\.?D|Ph\.?\s?D|M\.?P\.?H|M\.?Sc|B\.?Sc|M\.?S|B\.?S|M\.?A|B\.?A|R\.?N|Dr\.?P\.?H|Psy\.?D|Ed\.?D|D\.?O"
    r"|MB|MBBS|MBChB|FRC[A-Z]{1,3}|FACS[A-Z]?|FACC|FAHA|DDS|PharmD|MBA|MSN|DNP|DSc)\.?(?=[\s,*+]|$)"
)
_MARKS = re.compile(r"(?:\s*(?:\[[^\[\]]*\]|\([^()]*\)|[\d*+,\u2020\u2021]))+$")
_NAMES = re.compile(r"(?:[^;\[]|\[[^\]]*\]?)+")
"""Names are parted by semicolons, but not by those in brackets."""
_LONGEST_NAME = 300
"""Characters; what is longer is no name, and is left as it is."""
_QUALIFIED = re.compile(r"(\*?)([^/\[\]]+)(?:/([a-z]{2}(?:, ?[a-z]{2})*))?(?: \[([^\[\]]+)\])?")


@dataclass(frozen=True, slots=True)
class Ovid:
    """Tagged and labelled text of Ovid."""

    name: str = "Ovid text"
    suffixes: tuple[str, ...] = (".cit", ".ovd")

    def looks_like(self, text: Text) -> bool:
        """True when the first lines are the number of a record and a tag or label, or a tag or label of Ovid."""
        head = [line for line in text.lines[:100] if line.strip()][:2]
        if len(head) < 2 or head[1].startswith("TY "):
            return False
        numbered = bool(_NUMBER.match(head[0])) and bool(_TAG.match(head[1]) or _LABEL.match(head[1]))
        labelled = head[0] in _FIRST_LABELS and head[1].startswith(" ")
        return numbered or labelled or bool(_BEGINS.match(head[0]))

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has none."""
        gathering = Gathering(lambda entry: _record(entry, source))
        for block in _blocks(text, gathering):
            gathering.add(block.entry(paragraph))
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(f"{name}: no record of Ovid was found in it; check that the export is complete.")
        named = (
            values[0] for r in gathering.records if (values := r.extra.get("DB") or r.extra.get("Database"))
        )
        database = database_of(named, _DIALECT, "\n".join(text.lines))
        return gathering.reading(self.name, database, _DIALECT.platform, text.notes)


# -- lines to blocks ---------------------------------------------------------------------------------


def _blocks(text: Text, gathering: Gathering) -> Iterator[Block]:
    """Cut the file at the numbers of the records; without them, where the first tag comes again."""
    block, numbered = Block(), False
    for line in _lines(text):
        if _NUMBER.match(line.whole):
            if block:
                yield block
            block, numbered = Block(), True
        elif block and line.tag in block and _opens(line, block, numbered=numbered):
            yield block
            block = Block()
            block.add(line)
        elif line.tag or block:
            block.add(line)
        else:
            gathering.set_aside(line.number, line.whole)
    if block:
        yield block


def _opens(line: Line, block: Block, *, numbered: bool) -> bool:
    """True for a tag that stands once in a record and is there already."""
    return line.tag == "VN" or (not numbered and line.tag == block.lines[0].tag and line.tag in _FIRST_LABELS)


def _lines(text: Text) -> Iterator[Line]:
    """A label is a line of its own in front of one that is set in."""
    below = (*text.lines[1:], "")
    for number, (whole, after) in enumerate(zip(text.lines, below, strict=True), 1):
        match = _TAG.match(whole)
        if match:
            yield Line(number, match[1], match[2], whole)
        elif _LABEL.match(whole) and after.startswith(" "):
            yield Line(number, whole.strip(), "", whole)
        else:
            yield Line(number, "", whole.strip(), whole)


# -- blocks to records -------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    where = understood(next(iter(entry.look("SO", "Source")), ""))
    own = _numbers(entry)
    status = entry.first(*FIELDS["status"])
    printed = where.date or next(iter(_DAY.findall(status)), "")
    date = dated(entry, FIELDS["date"], (printed,) if printed else ())
    people, subjects = _people(entry), tuple(_subjects(entry))
    served = [value for value in entry.look(*FIELDS["title"])[:1] if _SERVICE.search(value)]
    record = filled(entry, _LEFT, source)
    kinds = (KINDS[kind] for value in record.publication_types if (kind := value.casefold()) in KINDS)
    return replace(
        record,
        kind=next(kinds, "article"),
        title=_SERVICE.sub("", record.title).strip(),
        authors=people,
        journal=record.journal or where.journal,
        year=date.year,
        date=date.iso,
        date_text=date.text,
        volume=record.volume or where.volume,
        issue=record.issue or where.issue,
        pages=record.pages or where.pages,
        article_number=record.article_number or where.number,
        languages=tuple(value.rstrip(".") for value in record.languages),
        publication_types=tuple(value.rstrip(".") for value in record.publication_types),
        headings=subjects,
        keywords=tuple(value.rstrip(".") for value in record.keywords),
        identifiers=tuple(dict.fromkeys((*own, *_others(record, own)))),
        status=plain(status),
        extra={**record.extra, **({"title as printed": tuple(served)} if served else {})},
    )


def _people(entry: Entry) -> tuple[Author, ...]:
    """Full names (FA) where there are any, with the initials of the others."""
    tags = [tag for tag in FIELDS["authors"] if entry.look(tag)]
    named = [_named(entry, tag) for tag in tags]
    people = with_initials(*named[:2]) if len(named) > 1 else []
    entry.take(*(tags[:2] if people else tags[:1]), where=_only_names)
    return tuple(people or next(iter(named), ()))


def _named(entry: Entry, tag: str) -> list[Author]:
    names = (name for value in entry.look(tag) for name in _NAMES.findall(value))
    return [person for name in names if (person := author(_bare(name)))]


def _only_names(value: str) -> bool:
    """False where there is more than names, which must not be lost."""
    return all(_bare(name) == name.strip() for name in _NAMES.findall(value))


def _bare(name: str) -> str:
    """A name without degrees, marks of footnotes, roles and e-mail addresses."""
    bare = name = name.strip()
    while bare and len(name) < _LONGEST_NAME:
        shorter = _DEGREE.split(_MARKS.sub("", bare), maxsplit=1)[0].strip()
        if shorter == bare:
            break
        bare = shorter
    return bare or name


def _subjects(entry: Entry) -> Iterable[Heading]:
    """`*Hypertension/dt, pc [Drug Therapy, Prevention & Control]`, `*Kartagener syndrome`."""
    for value in dict.fromkeys(entry.take(*FIELDS["headings"])):
        match = _QUALIFIED.fullmatch(plain(value))
        if match:
            major, qualifiers = bool(match[1]), fields.qualifiers(match[4] or match[3] or "", ",")
            yield Heading(match[2].strip(), major=major, qualifiers=qualifiers)
        else:
            yield Heading(plain(value).lstrip("*"), major=value.startswith("*"))


def _numbers(entry: Entry) -> list[Identifier]:
    """Numbers of the database (those of MEDLINE are PMIDs), and what the links to resolvers say."""
    medline = any(_MEDLINE.search(value) for value in entry.look("DB", "Database"))
    found = []
    for value in entry.take(*FIELDS["accession"]):
        number = _PEER.sub("", value).rstrip(".")
        is_pmid = medline and re.fullmatch(r"\d{1,8}", number)
        found.append(Identifier("pmid" if is_pmid else "accession", number))
    links = [piece for value in entry.look(*FIELDS["urls"]) for piece in value.split()]
    return [*found, *(number for link in links for number in _resolved(link, medline=medline))]


def _others(record: Record, own: Iterable[Identifier]) -> Iterator[Identifier]:
    """What else was found; the number of MEDLINE in a link of Ovid is a PMID and no accession number."""
    pmids = {one.value for one in own if one.scheme == "pmid"}
    return (one for one in record.identifiers if one.scheme != "accession" or one.value not in pmids)


def _resolved(link: str, *, medline: bool) -> Iterator[Identifier]:
    """`id=pmid:26419527&id=doi:10.1016%2Fj…` of a resolver; `AN=26419527` of Ovid, for MEDLINE."""
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:
        return
    for value in query.get("id", ()):
        scheme, _, number = value.partition(":")
        if scheme == "doi" and fields.is_doi(number):
            yield Identifier("doi", fields.doi(number))
        elif scheme == "pmid" and number.isdecimal():
            yield Identifier("pmid", number)
    if medline:
        yield from (Identifier("pmid", number) for number in query.get("AN", ()) if number.isdecimal())

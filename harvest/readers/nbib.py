"""PubMed's own export, `.nbib` or "MEDLINE" text, which ERIC writes too.

Four letters of tag, a hyphen, a blank; six blanks in front of a line that goes on. Tags after NLM's
"MEDLINE/PubMed Data Element (Field) Descriptions" (https://www.nlm.nih.gov/bsd/mms/medlineelements.html).
`Bio.Medline` reads the format as well, but cuts wrapped grants and comments in pieces, joins repeated
identifiers into one text and forgets which ORCID and affiliation belong to whom, so here it only serves
the tests as a second opinion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from db.errors import WrongUse
from db.record import Author, Grant, Heading, Identifier, Record, Relation, Section
from db.trial_numbers import find
from harvest.readers import fields
from harvest.readers.dates import When, best, when
from harvest.readers.names import author
from harvest.readers.reading import Entry, Gathering, Reading, lines_note, usable
from harvest.readers.text import Text, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        tags, the most trustworthy first
        "title": ("TI", "BTI"),
        "vernacular_title": ("TT",),
        "abstract": ("AB",),
        "other_abstracts": ("OAB",),  # OABL says what kind
        "authors": ("FAU", "AU", "CN", "AUID", "AD"),  # in their order: AUID and AD follow their author
        "journal": ("JT",),
        "journal_abbreviation": ("TA",),
        "issns": ("IS", "ISBN", "ISSN"),
        "publisher": ("PB",),
        "date": ("DP",),
        "volume": ("VI",),
        "issue": ("IP",),
        "pages": ("PG",),
        "languages": ("LA",),
        "publication_types": ("PT",),
        "headings": ("MH",),
        "keywords": ("OT",),
        "pmid": ("PMID",),
        "doi, pii": ("LID", "AID"),
        "pmcid": ("PMC",),
        "accession": ("OID",),  # of ERIC: EJ…, ED…
        "trial numbers": ("SI",),  # kept in extra as well
        "grants": ("GR",),
        "status": ("STAT",),
    }
)

DATES: Mapping[str, str] = MappingProxyType(
    {
        "CRDT": "created",
        "EDAT": "entry",
        "MHDA": "indexed",
        "DCOM": "completed",
        "LR": "revised",
        "DEP": "electronic",
        "DRDT": "book revised",
        "CTDT": "contributed",
    }
)
"""Tags of single dates, and their names in `Record.dates`."""

HISTORY: Mapping[str, str] = MappingProxyType(
    {
        "received": "received",
        "accepted": "accepted",
        "revised": "manuscript revised",
        "pmc-release": "pmc-release",
    }
)
"""Steps of `PHST` with a name of their own; the others repeat `DATES` or stay in extra."""

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "CIN": "CommentIn",
        "CON": "CommentOn",
        "EIN": "ErratumIn",
        "EFR": "ErratumFor",
        "ECI": "ExpressionOfConcernIn",
        "ECF": "ExpressionOfConcernFor",
        "CRI": "CorrectedandRepublishedIn",
        "CRF": "CorrectedandRepublishedFrom",
        "RPI": "RepublishedIn",
        "RPF": "RepublishedFrom",
        "RIN": "RetractionIn",
        "ROF": "RetractionOf",
        "PRIN": "PartialRetractionIn",
        "PROF": "PartialRetractionOf",
        "RRI": "RetractedandRepublishedIn",
        "RRF": "RetractedandRepublishedFrom",
        "UIN": "UpdateIn",
        "UOF": "UpdateOf",
        "SPIN": "SummaryForPatientsIn",
        "ORI": "OriginalReportIn",
        "RIP": "ReprintIn",
        "ROP": "ReprintOf",
        "DDIN": "AssociatedDataset",
    }
)
"""Tags of comments and corrections, and the `RefType` by which PubMed's XML calls the same."""

_TAG = re.compile(r"(?=.{4,5}-)([A-Z][A-Z0-9]{1,4}) {0,3}-(?: |(?=\S)|$)(.*)$")
_START = re.compile(r"PMID- ?\d|OWN - ")
_RIS = re.compile(r"(?:TY|ER) {1,2}-")
_CITED_PMID = re.compile(r"PMID: (\d{1,8})")
_CITED_DOI = re.compile(r"doi: (10\.\d{4,9}/\S+)")
_TYPED = re.compile(r"(.+?) \[([\w-]+)\]")


@dataclass(frozen=True, slots=True)
class Nbib:
    """The MEDLINE format of PubMed and ERIC."""

    name: str = "nbib"
    suffixes: tuple[str, ...] = (".nbib",)

    def looks_like(self, text: Text) -> bool:
        """True when a record begins, or when there are MEDLINE tags and none of RIS."""
        if any(_RIS.match(line) for line in text.lines):
            return False
        tags = {match[1] for line in text.lines if (match := _TAG.match(line))}
        return any(_START.match(line) for line in text.lines) or ("TI" in tags and len(tags) > 1)

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has no MEDLINE tag at all."""
        gathering = Gathering(lambda entry: _record(entry, source))
        unbegun: list[int] = []
        opener = "PMID" if any(re.match(r"PMID-", line) for line in text.lines) else ""
        for block in _blocks(text, opener, gathering):
            headless = bool(opener) and block.tag != opener
            if headless and not usable(_record(block.entry(), source)):
                block.set_aside(gathering)
                continue
            gathering.add(block.entry())
            unbegun += [block.line] if headless else []
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(f"{name}: no MEDLINE record was found in it; check that the export is complete.")
        owner = next((r.extra["OWN"][0] for r in gathering.records if r.extra.get("OWN")), "")
        database = "ERIC" if owner == "ERIC" else "PubMed"
        notes = (*text.notes, *lines_note("A record begins without PMID", unbegun))
        return gathering.reading(f"{self.name} of {database}", database, database, notes)


# -- lines to blocks ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """The lines of one record: (line number, tag or empty, value, whole line)."""

    lines: list[tuple[int, str, str, str]] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.lines[0][0]

    @property
    def tag(self) -> str:
        return self.lines[0][1]

    def entry(self) -> Entry:
        """Values under their tags; a value that was wrapped is one line again."""
        pairs: list[tuple[str, list[str]]] = []
        for _, tag, value, _ in self.lines:
            if tag:
                pairs.append((tag, [value.strip()]))
            else:
                pairs[-1][1].append(value.strip())
        raw = "\n".join(whole for *_, whole in self.lines)
        return Entry(self.line, [(tag, " ".join(v for v in values if v)) for tag, values in pairs], raw)

    def set_aside(self, gathering: Gathering) -> None:
        for number, _, _, whole in self.lines:
            gathering.set_aside(number, whole)


def _blocks(text: Text, opener: str, gathering: Gathering) -> Iterator[_Block]:
    """Cut the file at the tag that opens a record, or at blank lines when there is no such tag (ERIC)."""
    block = _Block()
    blank = False
    for number, whole in enumerate(text.lines, 1):
        match = _TAG.match(whole)
        tag = match[1] if match else ""
        if block.lines and tag and (tag == opener if opener else blank):
            yield block
            block = _Block()
        if match:
            block.lines.append((number, tag, match[2], whole))
        elif block.lines and whole[:1] in (" ", "\t") and whole.strip():
            block.lines.append((number, "", whole, whole))
        else:
            gathering.set_aside(number, whole)
        blank = not whole.strip()
    if block.lines:
        yield block


# -- blocks to records -------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    book = bool(entry.look("BTI"))
    title = plain(entry.first(*FIELDS["title"]))
    abstract = tuple(Section(plain(value)) for value in entry.take("AB"))
    date = best(list(entry.take("DP", where=lambda value: when(value).iso)))
    serials = [fields.issns(value) for value in entry.take(*FIELDS["issns"], where=fields.only_issns)]
    identifiers = (
        *_identifiers(entry),
        *(Identifier("isbn", isbn) for _, found in serials for isbn in found),
        *find("\n".join(entry.look("SI")), "databank"),
        *find("\n".join((title, *(part.text for part in abstract))), "abstract"),
    )
    return Record(
        source=source,
        key="",
        kind="book" if book else "article",
        title=title,
        vernacular_title=plain(entry.first("TT")),
        abstract=abstract,
        other_abstracts=_other_abstracts(entry),
        authors=_authors(entry),
        journal=plain(entry.first("JT")),
        journal_abbreviation=plain(entry.first("TA")),
        issns=tuple(dict.fromkeys(issn for found, _ in serials for issn in found)),
        publisher=plain(entry.first("PB")),
        year=date.year,
        date=date.iso,
        date_text=date.text,
        dates=_dates(entry),
        volume=entry.first("VI"),
        issue=entry.first("IP"),
        pages=entry.first("PG"),
        article_number=next(iter(entry.take("LID", where=lambda v: re.fullmatch(r"e?\d+", v))), ""),
        languages=entry.take("LA"),
        publication_types=tuple(plain(value) for value in entry.take("PT")),
        headings=tuple(_heading(value) for value in entry.take("MH")),
        keywords=tuple(dict.fromkeys(plain(value.lstrip("*")) for value in entry.take("OT"))),
        identifiers=tuple(dict.fromkeys(identifiers)),
        grants=tuple(_grant(value) for value in entry.take("GR")),
        relations=_relations(entry),
        status=entry.first("STAT"),
        urls=entry.take("LID", where=fields.links),
        extra=entry.rest(),
    )


def _authors(entry: Entry) -> tuple[Author, ...]:
    """In the order printed: FAU opens an author, AU gives the initials, AUID and AD belong to the last one."""
    found: list[Author] = []
    repeated: set[str] = set()  # values of AU that say no more than their FAU
    full = False  # the last author was opened by FAU and has no AU yet
    for tag, value in entry.pairs:
        person = author(value) if tag in ("FAU", "AU", "CN") else None
        if tag == "AU" and full and person:
            repeated |= {value} if person.family == found[-1].family else set()
            found[-1] = replace(found[-1], initials=person.initials or found[-1].initials)
            full = False
        elif tag == "CN" and person:
            found.append(Author(family=plain(value), collective=True))
        elif person:
            found.append(person)
            repeated.add(value)
            full = tag == "FAU"
        elif found and tag == "AUID" and value.startswith("ORCID:"):
            found[-1] = replace(found[-1], orcid=value.rsplit("/", 1)[-1].removeprefix("ORCID:").strip())
        elif found and tag == "AD":
            found[-1] = replace(found[-1], affiliations=(*found[-1].affiliations, plain(value)))
    _take_authors(entry, found, repeated)
    return tuple(found)


def _take_authors(entry: Entry, found: list[Author], repeated: set[str]) -> None:
    """What was not understood (an AUID that is no ORCID, an address before any name) stays in extra."""
    addresses = {address for person in found for address in person.affiliations}
    entry.take("FAU", "CN", where=author)
    entry.take("AU", where=lambda value: value in repeated)
    entry.take("AD", where=lambda value: plain(value) in addresses)
    entry.take("AUID", where=lambda value: value.startswith("ORCID:") and found)


def _identifiers(entry: Entry) -> Iterator[Identifier]:
    yield from (Identifier("pmid", value) for value in entry.take("PMID", where=lambda v: v.isdecimal()))
    if "ERIC" in entry.look("OWN"):
        yield from (Identifier("accession", value) for value in entry.take("OID"))
    for value in (*entry.look("LID"), *entry.look("AID")):
        match = _TYPED.fullmatch(value)
        kind = match[2] if match else ""
        if kind == "pii" and match:
            yield Identifier("pii", match[1])
        elif fields.doi(value) and kind in ("", "doi"):
            yield Identifier("doi", fields.doi(match[1] if match else value))
    entry.take("LID", "AID", where=lambda v: v.endswith((" [pii]", " [doi]")) or fields.is_doi(v))
    yield from (
        Identifier("pmcid", value) for value in entry.take("PMC", where=lambda v: v.startswith("PMC"))
    )


def _dates(entry: Entry) -> dict[str, str]:
    found = {}
    for tag, name in DATES.items():
        first = next((value for value in entry.look(tag) if when(value).iso), "")
        if first:
            found[name] = when(first).iso
            entry.take(tag, where=_is_only(when(first)._replace(text="")))
    for value in entry.look("PHST"):
        match = _TYPED.fullmatch(value)
        if match and match[2] in HISTORY:
            found.setdefault(HISTORY[match[2]], when(match[1]).iso)
    return found


def _is_only(date: When) -> Callable[[str], bool]:
    """True for a value that is this date, and says nothing besides."""
    return lambda value: when(value) == date


def _other_abstracts(entry: Entry) -> tuple[Section, ...]:
    """OAB with its OABL, which say in pairs what kind of abstract or which language it is."""
    texts, labels = entry.take("OAB"), entry.take("OABL")
    padded = (*labels, *("" for _ in texts))
    return tuple(Section(plain(text), label) for text, label in zip(texts, padded, strict=False))


def _heading(value: str) -> Heading:
    """`Occupational Health/*history`, `*Software`."""
    term, _, subheadings = value.partition("/")
    return Heading(
        term.lstrip("*"), major=term.startswith("*"), qualifiers=fields.qualifiers(subheadings, "/")
    )


def _grant(value: str) -> Grant:
    """`R01 CA123/CA/NCI NIH HHS/United States`: number (with acronym), agency, country."""
    number, agency, country = ("", "", *value.rsplit("/", 2))[-3:]
    return Grant(id=number, agency=agency, country=country)


def _relations(entry: Entry) -> tuple[Relation, ...]:
    return tuple(
        Relation(kind, plain(value), _cited(value))
        for tag, kind in RELATIONS.items()
        for value in entry.take(tag)
    )


def _cited(value: str) -> tuple[Identifier, ...]:
    pmids = (Identifier("pmid", number) for number in _CITED_PMID.findall(value))
    dois = (Identifier("doi", fields.doi(found)) for found in _CITED_DOI.findall(value))
    return (*pmids, *dois)

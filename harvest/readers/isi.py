"""Plain text of the Web of Science (`.ciw`, `.isi`, `savedrecs.txt`), in every collection of that platform.

Two letters of tag and a blank; three blanks in front of a line that goes on; `PT` begins a record, `ER` ends
it, `FN`, `VR` and `EF` frame the file. Tags after Clarivate's "Web of Science Core Collection Field Tags";
those of BIOSIS, MEDLINE and the other collections after real exports, since no list of them is public.
Exports are limited to 1,000 records, so files are often put together: a frame may stand anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from db.errors import WrongUse
from db.record import Author, Grant, Identifier, Record
from harvest.readers import fields
from harvest.readers.blocks import Block, Line
from harvest.readers.dates import when
from harvest.readers.filling import filled, with_initials, without
from harvest.readers.names import author
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.text import Text, plain

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        tags, the most trustworthy first
        "title": ("TI",),
        "vernacular_title": ("FT",),
        "abstract": ("AB",),
        "authors": ("AF", "AU", "CA"),  # CA: groups; not BE, ED: editors
        "affiliations and orcid": ("C1", "OI"),  # of the authors they name; the others stay in extra
        "date": ("PY", "PD"),
        "date of early access": ("EA",),
        "journal": ("SO",),
        "journal_abbreviation": ("JI", "J9"),
        "volume": ("VL",),
        "issue": ("IS",),
        "first page": ("BP",),
        "last page": ("EP",),
        "pages": ("PS",),  # not PG: their number
        "article_number": ("AR",),
        "issns": ("SN", "EI", "BN"),  # BN: ISBNs, which become identifiers
        "publisher": ("PU",),
        "languages": ("LA",),
        "publication_types": ("DT",),
        "kind": ("PT",),  # kept in extra as well
        "headings": ("MH", "MC"),  # MC: major concepts of BIOSIS
        "keywords": ("DE", "ID", "DS", "MI"),  # DS, MI: diseases and other words of BIOSIS
        "grants": ("FU",),
        "accession": ("UT",),
        "pmid": ("PM",),
        "doi": ("DI",),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {"J": "article", "B": "book", "S": "book", "P": "patent", "C": "conference", "": "article"}
)

COLLECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "WOS": "Web of Science",
        "ISI": "Web of Science",
        "BCI": "BIOSIS Citation Index",
        "BIOSIS": "BIOSIS Previews",
        "BIOABS": "Biological Abstracts",
        "MEDLINE": "MEDLINE",
        "CABI": "CAB Abstracts",
        "CCC": "Current Contents Connect",
        "DIIDW": "Derwent Innovations Index",
        "DRCI": "Data Citation Index",
        "FSTA": "FSTA",
        "INSPEC": "Inspec",
        "KJD": "KCI-Korean Journal Database",
        "PPRN": "Preprint Citation Index",
        "SCIELO": "SciELO Citation Index",
        "ZOOREC": "Zoological Record",
    }
)
"""What stands before the colon in `UT`, and the collection it is of."""

_LEFT = without(FIELDS, "authors")
_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*$)")
_FRAME = re.compile(r"(?:EF[ \t\ufeff]*)?(?:FN .*|VR \d.*|EF\s*)$")
_HEAD = re.compile(r"(?:EF)?FN ")
_LISTS = frozenset({"AU", "AF", "BA", "BF", "CA", "BE", "ED", "C1", "C3", "CR"})
"""Tags of which every line is a value of its own."""
_LONGEST_WRAPPED = 80
"""Characters; text that is wrapped at all is wrapped at 75."""
_ADDRESS = re.compile(r"\[([^\]]*)\]\s*(.+)", re.DOTALL)
_MAIL = re.compile(r" ?\([^()\s]*@[^()]*\)")
_ORCID = re.compile(r"\s*([^;/]+)/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\s*")
_FUNDS = re.compile(r"(?:[^;\[]|\[[^\]]*\]?)+")


@dataclass(frozen=True, slots=True)
class Isi:
    """Plain text of the Web of Science."""

    name: str = "Web of Science text"
    suffixes: tuple[str, ...] = (".ciw", ".isi")

    def looks_like(self, text: Text) -> bool:
        """True when the file begins with `FN` and `VR`, or with a record that has a title below its `PT`."""
        head = [line for line in text.lines[:400] if line.strip()]
        framed = len(head) > 1 and bool(_HEAD.match(head[0])) and head[1].startswith("VR ")
        begun = bool(head) and bool(re.match(r"PT [A-Z]\s*$", head[0]))
        return framed or (begun and any(re.match(r"TI \S", line) for line in head))

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has none."""
        gathering = Gathering(lambda entry: _record(entry, source))
        unended: list[int] = []
        for block, ended in _blocks(text, gathering):
            gathering.add(block.entry(_join))
            unended += [] if ended else [block.line]
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(f"{name}: no record of the Web of Science was found in it; export it again.")
        notes = (
            *text.notes,
            *lines_note("A record ends without ER and was read as far as it goes", unended),
        )
        return gathering.reading(self.name, _collection(gathering.records), "Web of Science", notes)


def _blocks(text: Text, gathering: Gathering) -> Iterator[tuple[Block, bool]]:
    """Cut the file at PT and ER; with each record, whether it has its ER."""
    block = Block()
    for number, whole in enumerate(text.lines, 1):
        match = _TAG.match(whole)
        tag, value = (match[1], match[2] or "") if match else ("", whole.strip())
        frame = bool(_FRAME.match(whole))
        if block and (frame or tag in {"ER", "PT"}):
            yield block, tag == "ER"
            block = Block()
            if tag == "ER" and not value.strip():
                continue
        if tag == "ER" or (not block and not tag and not frame):
            gathering.set_aside(number, whole)
        elif not frame:
            block.add(Line(number, tag, value, whole))
    if block:
        yield block, False


def _join(tag: str, lines: list[str]) -> Iterable[str]:
    """Lines of lists are values; long lines are paragraphs; the others were wrapped."""
    said = [line for line in lines if line]
    if tag == "C1" and said and said[0].startswith("["):
        return [part.strip() for part in re.split(r" (?=\[)", " ".join(said))]
    if tag in _LISTS:
        return said
    return ("\n".join(said) if max(map(len, said), default=0) > _LONGEST_WRAPPED else " ".join(said),)


def _collection(records: Iterable[Record]) -> str:
    """The collection of which most records are."""
    prefixes = Counter(
        value.partition(":")[0] for record in records for value in record.identifiers_of("accession")[:1]
    )
    most = next((prefix for prefix, _ in prefixes.most_common(1)), "")
    return COLLECTIONS.get(most, "Web of Science")


# -- one record --------------------------------------------------------------------------------------


def _record(entry: Entry, source: str) -> Record:
    kind = next(iter(entry.look("PT")), "")
    people = _orcids(entry, _addresses(entry, _people(entry)))
    early = entry.take("EA", where=lambda value: when(value).iso)
    money = tuple(_grants(entry))
    pages = fields.pages(entry.first("BP"), entry.first("EP"))
    record = filled(entry, _LEFT, source)
    return replace(
        record,
        kind=KINDS.get(kind, kind.lower()),
        authors=tuple(people),
        dates={"early access": when(early[0]).iso} if early else {},
        pages=pages or record.pages,
        extra={**record.extra, "PS": (record.pages,)} if pages and record.pages else record.extra,
        grants=money,
        identifiers=tuple(dict.fromkeys((*record.identifiers, *_pmids(record)))),
    )


def _pmids(record: Record) -> Iterator[Identifier]:
    """MEDLINE's records go by their PMID here, too: `MEDLINE:16842170`."""
    for value in record.identifiers_of("accession"):
        match = re.fullmatch(r"MEDLINE:(\d{1,8})", value)
        if match:
            yield Identifier("pmid", match[1])


def _people(entry: Entry) -> list[Author]:
    """Full names where every author has one, with the initials of the short ones; groups come last."""
    short, full = _named(entry, "AU"), _named(entry, "AF")
    people = with_initials(full, short) or short or full
    if len(full) == len(short):
        entry.take("AU", "AF", where=_only_names)
    else:
        entry.take("AU" if short else "AF", where=_only_names)
    return [*people, *(Author(family=plain(name), collective=True) for name in entry.take("CA"))]


def _named(entry: Entry, tag: str) -> list[Author]:
    """BIOSIS puts e-mail addresses behind the names; MEDLINE all names in one line."""
    names = (name for value in entry.look(tag) for name in value.split(";"))
    return [person for name in names if (person := author(_MAIL.sub("", name)))]


def _only_names(value: str) -> bool:
    """False where there is more than names, which must not be lost."""
    return "@" not in value and author(value) is not None


def _addresses(entry: Entry, people: list[Author]) -> list[Author]:
    """`[Last, First; Last, First] Address`: an address goes to the authors it names, when it names only such."""
    known = {_printed(person) for person in people}
    of: dict[str, list[str]] = {}

    def given(value: str) -> bool:
        match = _ADDRESS.fullmatch(value)
        names = {_letters(name) for name in match[1].split(";")} if match else set()
        if not match or not names <= known:
            return False
        for name in names:
            of.setdefault(name, []).append(plain(match[2]).rstrip("."))
        return True

    entry.take("C1", where=given)
    return [replace(person, affiliations=tuple(of.get(_printed(person), ()))) for person in people]


def _orcids(entry: Entry, people: list[Author]) -> list[Author]:
    """`Last, First/0000-…`: only where the name is that of one author; what cannot be given away is kept."""
    times = Counter(_printed(person) for person in people)
    of: dict[str, str] = {}

    def given(value: str) -> bool:
        matches = [_ORCID.fullmatch(part) for part in value.split(";")]
        found = {name: m[2] for m in matches if m and times[name := _letters(m[1])] == 1}
        of.update(found)
        return len(found) == len(matches)

    entry.take("OI", where=given)
    return [replace(person, orcid=of.get(_printed(person), "")) for person in people]


def _printed(person: Author) -> str:
    return _letters(person.family + (person.given or person.initials) + person.suffix)


def _letters(name: str) -> str:
    """A name without its stops, blanks and commas: spelled with or without them, it is the same name."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _grants(entry: Entry) -> Iterator[Grant]:
    """`Agency [number, number]; Agency`."""
    for value in entry.take("FU"):
        for part in _FUNDS.findall(plain(value)):
            agency, _, numbers = part.strip().partition(" [")
            ids = (number.strip() for number in numbers.rstrip("]").split(","))
            yield from (Grant(id=number, agency=agency) for number in ids if number or agency)

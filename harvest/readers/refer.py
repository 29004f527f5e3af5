"""Refer, the text with `%` tags that EndNote and many repositories write (`.enw`, `.enl`, `.refer`).

Tags after the chapter "Creating a Tagged EndNote Import File" of EndNote's manual. There a blank line parts
the records, but abstracts hold blank lines too, `%0` need not come first (bepress writes `%T` in front of it)
and may be missing, so a blank line only counts where a new record can begin behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from db.errors import WrongUse
from db.record import Identifier, Record
from harvest.readers.blocks import Block, Line, paragraph
from harvest.readers.filling import MANAGER_KINDS, filled
from harvest.readers.reading import Entry, Gathering, Reading
from harvest.readers.text import Text

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record        tags, the most trustworthy first
        "title": ("%T",),
        "vernacular_title": ("%Q",),
        "abstract": ("%X",),
        "authors": ("%A",),  # not %E, %Y and %?: editors and translators
        "date": ("%D", "%8"),
        "journal": ("%J", "%B", "%S"),  # of a chapter: the book
        "journal_abbreviation": ("%O",),
        "volume": ("%V",),
        "issue": ("%N",),
        "pages": ("%P",),
        "database, platform": ("%~", "%W"),  # of the file; kept in extra as well
        "issns": ("%@",),  # and ISBNs, which become identifiers
        "publisher": ("%I",),
        "languages": ("%G",),
        "publication_types": ("%9",),
        "kind": ("%0",),  # kept in extra as well
        "keywords": ("%K",),
        "urls": ("%U",),
        "doi": ("%R",),
        "accession": ("%M",),
        "pmid of PubMed's records": ("%M",),  # where %W or %~ names PubMed or MEDLINE
        "pmcid": ("%2",),
    }
)

_TAG = re.compile(r"(%[!-~])(?:[ \t]+(.*)|$)")
_OPENERS = frozenset({"%0", "%T", "%A"})
_SAYS = re.compile(r"%[0TA][ \t]+\S")
_PMID = re.compile(r"\d{1,8}")
_PUBMED = re.compile(r"medline|pubmed|\bnlm\b", re.IGNORECASE)
_REPOSITORY = "AIS eLibrary"
"""The one repository that is known to write this format, and names itself in its links only."""
_REPOSITORY_LINK = re.compile(r"%U[ \t]+https?://aisel\.aisnet\.org/")


@dataclass(frozen=True, slots=True)
class Refer:
    """Tagged text of EndNote and its kin."""

    name: str = "EndNote tagged text"
    suffixes: tuple[str, ...] = (".enw", ".enl", ".refer")

    def looks_like(self, text: Text) -> bool:
        """True when the file begins with a tag, and names a type, a title or an author soon after."""
        head = [line for line in text.lines[:200] if line.strip()][:40]
        return bool(head) and bool(_TAG.match(head[0])) and any(_SAYS.match(line) for line in head)

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every record of the file. Raises `WrongUse` when it has none."""
        gathering = Gathering(lambda entry: _record(entry, source))
        for block in _blocks(text, gathering):
            gathering.add(block.entry(paragraph))
        if not gathering.records and not gathering.unreadable:
            raise WrongUse(
                f"{name}: no record with % tags was found in it; check that the export is complete."
            )
        repository = _REPOSITORY if any(_REPOSITORY_LINK.match(line) for line in text.lines[:200]) else ""
        database, platform = (_most(gathering.records, tag) or repository for tag in ("%~", "%W"))
        return gathering.reading(self.name, database, platform, text.notes)


def _most(records: Iterable[Record], tag: str) -> str:
    """What most records say under a tag."""
    said = Counter(value for record in records for value in record.extra.get(tag, ())[:1])
    return next((value for value, _ in said.most_common(1)), "")


def _blocks(text: Text, gathering: Gathering) -> Iterator[Block]:
    """Cut the file into records; what stands in front of the first tag is set aside."""
    block, blank = Block(), False
    for number, whole in enumerate(text.lines, 1):
        match = _TAG.match(whole)
        tag, value = (match[1], match[2] or "") if match else ("", whole)
        if _begins(tag, block, after_blank=blank):
            yield block
            block = Block()
        if tag or block:
            block.add(Line(number, tag, value, whole))
        else:
            gathering.set_aside(number, whole)
        blank = not whole.strip()
    if block:
        yield block


def _begins(tag: str, block: Block, *, after_blank: bool) -> bool:
    """True when this tag is the first of another record than the one at hand."""
    if not block or tag not in _OPENERS:
        return False
    if after_blank:
        return tag in block or "%T" in block
    return tag == "%0" and "%0" in block


def _record(entry: Entry, source: str) -> Record:
    kind = next(iter(entry.look("%0")), "Journal Article").casefold()
    numbers = entry.take("%M", where=_PMID.fullmatch) if _of_pubmed(entry) else ()
    record = filled(entry, FIELDS, source)
    pmids = (Identifier("pmid", number) for number in numbers)
    return replace(
        record,
        kind=MANAGER_KINDS.get(kind, kind),
        identifiers=tuple(dict.fromkeys((*pmids, *record.identifiers))),
    )


def _of_pubmed(entry: Entry) -> bool:
    """True when the record says that PubMed or MEDLINE, under whatever name, delivered it."""
    return any(_PUBMED.search(value) for value in entry.look("%W", "%~"))

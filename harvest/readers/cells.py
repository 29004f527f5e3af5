"""From rows with a header to records, whoever delivers the rows: delimited text or a sheet.

Columns are known by name (`harvest.readers.columns`) or by what the reviewer says of them, and a column that
nobody knows is kept under its header. What was taken for what stands in the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from db.record import Heading, Identifier, Record, Section
from db.trial_numbers import find
from harvest.readers import citation, columns, fields
from harvest.readers.dates import best
from harvest.readers.names import authors, listed
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.rows import Row
from harvest.readers.text import paragraphs, plain

HEADER_WITHIN = 40
"""Rows in which the header is looked for; Embase puts the search in front of it."""
_GUARD = re.compile(r'="(.*)"', re.DOTALL)
_PMID = re.compile(r"(?:PUBMED )?[1-9]\d{0,7}")  # CENTRAL names the database; Abstrackr writes 0 for none
_TERM = re.compile(r"(.+?)(?: \(([^()]*)\))?")


class Header(NamedTuple):
    """The header of a table, understood."""

    names: tuple[str, ...]
    line: int
    """Where it stands, counted from 1; 0 when the table has none and the reviewer named columns by number."""
    end: int
    """The last line of it."""
    known: Mapping[str, tuple[str, ...]]
    """Field → the columns that fill it."""
    dialect: columns.Dialect


def find_header(rows: Iterable[Row], said: Mapping[str, str]) -> Header | None:
    """The first row of the top that names a column of titles; `None` when none does.

    `said` is column → field, as the reviewer wants it.
    """
    top = list(islice(rows, HEADER_WITHIN))
    if columns.by_number(said):
        width = max((len(row.cells) for row in top), default=0)
        return _header(tuple(columns.numbered(number) for number in range(1, width + 1)), 0, 0, said)
    for place, row in enumerate(top):
        names = tuple(cell.strip() for cell in row.cells)
        alone = len(names) == 1 and any(not before.empty for before in top[:place])
        if columns.recognised(names, said) and not alone:
            named = tuple(name or columns.numbered(number) for number, name in enumerate(names, 1))
            return _header(named, row.line, row.line + row.raw.count("\n"), said)
    return None


def _header(names: tuple[str, ...], line: int, end: int, said: Mapping[str, str]) -> Header:
    return Header(names, line, end, columns.mapping(names, said), columns.dialect_of(names))


def no_titles(rows: Iterable[Row], said: Mapping[str, str] = MappingProxyType({})) -> str:
    """The sentence that names the columns there are, for a reviewer who has said this of them."""
    widest = max((row.cells for row in islice(rows, HEADER_WITHIN)), key=len, default=())
    if said and (missing := columns.absent([cell.strip() for cell in widest], said)):
        return f"there is {missing}."
    shown = ", ".join(cell.strip() for cell in widest[:20]) + (" …" if len(widest) > 20 else "")
    return (
        f'no column of titles was found among {shown}; name the one that holds them "title", or say which it is: '
        '`harvest add FILE --column "Titel=title"`, and `--column "1=title"` where there is no header.'
    )


def read_rows(rows: Iterable[Row], header: Header, kind: str, source: str) -> Reading:
    """Every row below the header becomes a record or is reported; what stands above it is set aside."""
    gathering = Gathering(lambda entry: _record(entry, header.known, source))
    cut = _gather(rows, header, gathering)
    dialect = header.dialect
    notes = lines_note("The file ends inside a row, which was read as far as it goes", cut)
    title = f"{kind} of {dialect.name}" if dialect.name else kind
    reading = gathering.reading(title, dialect.database, dialect.platform, notes)
    return replace(reading, columns=header.names, mapping=_taken(header))


def _taken(header: Header) -> dict[str, str]:
    """Column → field; empty for a column that is kept as it is."""
    used = {cell: name for name, cells in header.known.items() for cell in cells}
    return {cell: used.get(cell, "") for cell in header.names}


# -- rows --------------------------------------------------------------------------------------------


def _gather(rows: Iterable[Row], header: Header, gathering: Gathering) -> list[int]:
    """Hand every row to the gathering; lines of rows in which the file ends are given back."""
    cut = []
    for row in rows:
        if header.line <= row.line <= header.end:
            continue
        if row.broken:
            gathering.report(row.line, row.raw, "A quotation mark is opened in this row and never closed.")
        elif row.line < header.line or row.empty or _is_header(row, header.names):
            gathering.set_aside(row.line, row.raw)
        else:
            gathering.add(_entry(row, header.names))
            cut += [row.line] if row.cut else []
    return cut


def _is_header(row: Row, names: Sequence[str]) -> bool:
    """True for the header again, as it stands between files that were put together."""
    named = (cell.strip() or columns.numbered(number) for number, cell in enumerate(row.cells, 1))
    return len(row.cells) == len(names) and all(a == b for a, b in zip(named, names, strict=True))


def _entry(row: Row, names: Sequence[str]) -> Entry:
    """Cells under their headers; cells beyond the last header are called by their number."""
    beyond = (columns.numbered(number) for number in range(len(names) + 1, len(row.cells) + 1))
    pairs = [
        (name, _unguarded(cell.strip())) for name, cell in zip((*names, *beyond), row.cells, strict=False)
    ]
    return Entry(row.line, pairs, row.raw)


def _unguarded(cell: str) -> str:
    """EBSCO writes `="19326203"`, so that Excel does not take a number for a number."""
    match = _GUARD.fullmatch(cell)
    return match[1] if match else cell


# -- cells to fields ---------------------------------------------------------------------------------


def _record(entry: Entry, known: Mapping[str, tuple[str, ...]], source: str) -> Record:
    title = plain(entry.first(*known["title"]))
    abstract = paragraphs(entry.first(*known["abstract"]))
    cited = citation.understood(" ".join(next(iter(entry.look(*known["citation"])), "").split()))
    date = best([*_date_values(entry, known), cited.date])
    serials = [fields.issns(value) for value in entry.take(*known["issns"], where=fields.only_issns)]
    identifiers = (
        *_identifiers(entry, known),
        *(Identifier("isbn", isbn) for _, found in serials for isbn in found),
        *find("\n".join(entry.look(*known["trial numbers"])), "databank"),
        *find(f"{title}\n{abstract}", "abstract"),
    )
    return Record(
        source=source,
        key="",
        title=title,
        vernacular_title=plain(entry.first(*known["vernacular_title"])),
        abstract=(Section(abstract),) if abstract else (),
        authors=authors(listed(entry.first(*known["authors"]))),
        journal=plain(entry.first(*known["journal"])) or cited.journal,
        journal_abbreviation=plain(entry.first(*known["journal_abbreviation"])),
        issns=tuple(dict.fromkeys(issn for found, _ in serials for issn in found)),
        publisher=plain(entry.first(*known["publisher"])),
        year=date.year,
        date=date.iso,
        date_text=date.text,
        volume=entry.first(*known["volume"]) or cited.volume,
        issue=entry.first(*known["issue"]) or cited.issue,
        pages=entry.first(*known["pages"])
        or fields.pages(entry.first(*known["first page"]), entry.first(*known["last page"]))
        or cited.pages,
        article_number=entry.first(*known["article_number"]) or cited.number,
        languages=_listed_terms(entry, known["languages"]),
        publication_types=_listed_terms(entry, known["publication_types"]),
        headings=_headings(entry, known),
        keywords=_listed_terms(entry, known["keywords"]),
        identifiers=tuple(dict.fromkeys(identifiers)),
        urls=tuple(
            link for value in entry.take(*known["urls"], where=fields.links) for link in fields.links(value)
        ),
        extra=entry.rest(),
    )


def _date_values(entry: Entry, known: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Printed dates, and the one that is spread over columns for year, month and day; all stay in extra."""
    values = list(entry.look(*known["date"]))
    parts = [next(iter(entry.look(*known[part])), "") for part in ("month", "day")]
    if values and parts[0]:
        glue = "-" if parts[0].isdecimal() else " "
        values.append(glue.join(part for part in (values[0], *parts) if part))
    entry.take(*known["date"], where=lambda value: re.fullmatch(r"\d{4}", value) and value == values[0])
    return values


def _identifiers(entry: Entry, known: Mapping[str, tuple[str, ...]]) -> list[Identifier]:
    """From their own columns, then from links; what is no identifier stays in extra."""
    found = [
        Identifier("accession", value.removeprefix("https://openalex.org/"))
        for value in entry.take(*known["accession"], where=fields.is_accession)
    ]
    numbers = entry.take(*known["pmid"], where=_PMID.fullmatch)
    found += [Identifier("pmid", value.removeprefix("PUBMED ")) for value in numbers]
    found += [Identifier("doi", name) for value in entry.look(*known["doi"]) if (name := fields.doi(value))]
    entry.take(*known["doi"], where=fields.is_doi)
    numbers = entry.take(*known["pmcid"], where=lambda value: re.fullmatch(r"PMC\d+", value))
    found += [Identifier("pmcid", value) for value in numbers]
    links = (
        *entry.look(*known["urls"]),
        *entry.look(*known["pmid"], *known["pmcid"]),
    )  # OpenAlex writes links
    found += [
        Identifier("accession", n) for link in links if (n := fields.accession_in_link(link.split()[0]))
    ]
    found += fields.linked(links)
    extras = "\n".join(entry.look("Extra"))  # Zotero's notes: `PMID: 123`
    found += [Identifier("pmid", number) for number in re.findall(r"^PMID: (\d{1,8})$", extras, re.MULTILINE)]
    return found


def _listed_terms(entry: Entry, names: Sequence[str]) -> tuple[str, ...]:
    words = (plain(w) for value in entry.take(*names) for w in fields.terms(value, commas=True))
    return tuple(dict.fromkeys(word for word in words if word))


def _headings(entry: Entry, known: Mapping[str, tuple[str, ...]]) -> tuple[Heading, ...]:
    """Subject headings with their qualifiers in brackets: `keratin (endogenous compound)`."""
    found = []
    for field, major in (("major headings", True), ("headings", False)):
        for term in _listed_terms(entry, known[field]):
            match = _TERM.fullmatch(term)
            assert match is not None
            found.append(Heading(match[1], major=major, qualifiers=fields.qualifiers(match[2] or "", ",")))
    return tuple(found)

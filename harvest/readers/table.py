"""CSV and TSV: the exports of databases and screening tools, and whatever reviewers keep in spreadsheets.

The delimiter is the one with which a header row is understood best; columns are known by name
(`harvest.readers.columns`), and a column nobody knows is kept under its header. What was taken for what
stands in the notes of the reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from db.errors import WrongUse
from db.record import Heading, Identifier, Record, Section
from db.trial_numbers import find
from harvest.readers import columns, fields
from harvest.readers.dates import best
from harvest.readers.names import authors, listed
from harvest.readers.reading import Entry, Gathering, Reading, lines_note
from harvest.readers.rows import DELIMITERS, Row, rows
from harvest.readers.text import Text, paragraphs, plain

_HEADER_WITHIN = 40
"""Rows in which the header is looked for; Embase puts the search in front of it."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_GUARD = re.compile(r'="(.*)"', re.DOTALL)
_PMID = re.compile(r"(?:PUBMED )?[1-9]\d{0,7}")  # CENTRAL names the database; Abstrackr writes 0 for none
_TERM = re.compile(r"(.+?)(?: \(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Table:
    """Delimited text with a header row."""

    name: str = "CSV/TSV"
    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def looks_like(self, text: Text) -> bool:
        """True when a header row with a column of titles and at least one other column is found."""
        layout = _layout(text)
        return layout is not None and len(layout.header) > 1

    def read(self, text: Text, name: str, source: str) -> Reading:
        """Read every row below the header. Raises `WrongUse` when no column holds titles."""
        layout = _layout(text)
        if layout is None:
            raise WrongUse(f"{name}: {_no_titles(text)}")
        known = columns.mapping(layout.header)
        gathering = Gathering(lambda entry: _record(entry, known, source))
        cut = _gather(text, layout, gathering)
        dialect = columns.dialect_of(layout.header)
        notes = (
            *text.notes,
            *_mapping_notes(layout.header, known),
            *lines_note("The file ends inside a row, which was read as far as it goes", cut),
        )
        kind = "TSV" if layout.delimiter == "\t" else "CSV"
        title = f"{kind} of {dialect.name}" if dialect.name else kind
        whole = gathering.reading(title, dialect.database, dialect.platform, notes)
        return replace(whole, columns=layout.header)


# -- the header --------------------------------------------------------------------------------------


class _Layout(NamedTuple):
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    body: int
    """Index of the first line below the header."""


def _layout(text: Text) -> _Layout | None:
    """The header row that is understood best, over all delimiters; `None` when there are no titles."""
    candidates = [found for delimiter in _delimiters(text) if (found := _header(text, delimiter))]
    return max(candidates, key=lambda c: (columns.recognised(c.header), len(c.header)), default=None)


def _delimiters(text: Text) -> tuple[str, ...]:
    first = _SEPARATOR_LINE.fullmatch(text.lines[0].strip())
    return (first[1],) if first else DELIMITERS


def _header(text: Text, delimiter: str) -> _Layout | None:
    for row in _top(text, delimiter):
        cells = tuple(cell.strip() for cell in row.cells)
        alone = len(cells) == 1 and any(line.strip() for line in text.lines[: row.line - 1])
        if columns.recognised(cells) and not alone:
            named = tuple(cell or f"column {number}" for number, cell in enumerate(cells, 1))
            return _Layout(delimiter, named, row.line, row.line + row.raw.count("\n"))
    return None


def _top(text: Text, delimiter: str) -> list[Row]:
    """The first rows of the file, each for itself: a quotation mark in a preamble must not hide the header."""
    found: list[Row] = []
    for row in rows(text.lines, delimiter):
        found.append(row)
        if len(found) == _HEADER_WITHIN:
            break
    return found


def _no_titles(text: Text) -> str:
    """The sentence that names the columns there are."""
    widest: tuple[str, ...] = ()
    for delimiter in _delimiters(text):
        for row in _top(text, delimiter)[:1]:
            widest = max(widest, row.cells, key=len)
    shown = ", ".join(cell.strip() for cell in widest[:20]) + (" …" if len(widest) > 20 else "")
    return f'no column of titles was found among {shown}; name the one that holds them "title".'


def _mapping_notes(header: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    used = {cell: field for field, cells in known.items() for cell in cells}
    read = ", ".join(f"{cell} → {used[cell]}" for cell in dict.fromkeys(header) if cell in used)
    kept = ", ".join(cell for cell in dict.fromkeys(header) if cell not in used)
    return (f"Columns read: {read}.", *((f"Columns kept as they are: {kept}.",) if kept else ()))


# -- rows --------------------------------------------------------------------------------------------


def _gather(text: Text, layout: _Layout, gathering: Gathering) -> list[int]:
    """Hand every row to the gathering; lines of rows in which the file ends are given back."""
    for number, line in enumerate(text.lines[: layout.header_line - 1], 1):
        gathering.set_aside(number, line)
    cut = []
    for row in rows(text.lines, layout.delimiter, layout.body, len(layout.header)):
        if row.broken:
            gathering.report(row.line, row.raw, "A quotation mark is opened in this row and never closed.")
        elif row.empty or _is_header(row, layout.header):
            gathering.set_aside(row.line, row.raw)
        else:
            gathering.add(_entry(row, layout.header))
            cut += [row.line] if row.cut else []
    return cut


def _is_header(row: Row, header: Sequence[str]) -> bool:
    """True for the header again, as it stands between files that were put together."""
    named = (cell.strip() or f"column {number}" for number, cell in enumerate(row.cells, 1))
    return len(row.cells) == len(header) and all(a == b for a, b in zip(named, header, strict=True))


def _entry(row: Row, header: Sequence[str]) -> Entry:
    """Cells under their headers; cells beyond the last header are called by their number."""
    names = (*header, *(f"column {number}" for number in range(len(header) + 1, len(row.cells) + 1)))
    pairs = [(name, _unguarded(cell.strip())) for name, cell in zip(names, row.cells, strict=False)]
    return Entry(row.line, pairs, row.raw)


def _unguarded(cell: str) -> str:
    """EBSCO writes `="19326203"`, so that Excel does not take a number for a number."""
    match = _GUARD.fullmatch(cell)
    return match[1] if match else cell


# -- cells to fields ---------------------------------------------------------------------------------


def _record(entry: Entry, known: Mapping[str, tuple[str, ...]], source: str) -> Record:
    title = plain(entry.first(*known["title"]))
    abstract = paragraphs(entry.first(*known["abstract"]))
    date = best(_date_values(entry, known))
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
        journal=plain(entry.first(*known["journal"])),
        journal_abbreviation=plain(entry.first(*known["journal_abbreviation"])),
        issns=tuple(dict.fromkeys(issn for found, _ in serials for issn in found)),
        publisher=plain(entry.first(*known["publisher"])),
        year=date.year,
        date=date.iso,
        date_text=date.text,
        volume=entry.first(*known["volume"]),
        issue=entry.first(*known["issue"]),
        pages=entry.first(*known["pages"])
        or fields.pages(entry.first(*known["first page"]), entry.first(*known["last page"])),
        article_number=entry.first(*known["article_number"]),
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
    links = entry.look(*known["urls"])
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

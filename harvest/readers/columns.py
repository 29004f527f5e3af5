"""Which column of a spreadsheet fills which field, and who wrote the spreadsheet.

Column names are compared in lower case, with every run of other signs than letters and digits as one
blank: `Journal/Book` is `journal book`, `publication_year` is `publication year`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # field of Record       names of columns, the most trustworthy first
        "title": ("title", "document title", "item title", "article title", "primary title", "ti"),
        "vernacular_title": ("original title", "vernacular title"),
        "abstract": ("abstract", "abstract note", "notes abstract", "abstracts", "ab"),
        "authors": ("authors", "author", "author s", "author names", "first authors", "au"),
        "journal": (
            *(
                "source title",
                "publication title",
                "journal",
                "journal book",
                "journal name",
                "journal title",
            ),
            *("publication", "primary location source display name", "so"),
        ),
        "journal_abbreviation": ("abbreviated source title", "journal abbreviation"),
        "date": (
            *("publication year", "published year", "year", "pub year", "py"),
            *("publication date", "date of publication", "date", "issue date"),
        ),
        "month": ("month", "published month"),
        "day": ("day",),
        "volume": ("volume", "journal volume"),
        "issue": ("issue", "journal issue", "number"),
        "pages": ("pages", "page numbers", "page range"),
        "first page": ("page start", "first page", "start page"),
        "last page": ("page end", "last page", "end page"),
        "article_number": ("art no", "article number"),
        "issns": ("issn", "issns", "isbn", "isbns", "primary location source issn"),
        "publisher": ("publisher", "book publisher"),
        "languages": ("language", "language of original document", "article language", "languages"),
        "publication_types": (
            *("publication type", "document type", "item type", "content type", "type", "type of reference"),
            "publication types",
        ),
        "keywords": (
            *("keywords", "author keywords", "keyword", "index keywords", "manual tags", "automatic tags"),
            "ieee terms",
        ),
        "headings": ("mesh terms", "emtree medical index terms", "emtree drug index terms"),
        "major headings": (
            *("emtree medical index terms major focus", "emtree drug index terms major focus"),
            "mesh major topics",
        ),
        "accession": (
            *("accession number", "pui", "embase accession id", "eid", "central id", "ut unique wos id"),
            *("openalex id", "ids openalex", "eric number"),
        ),
        "doi": ("doi", "item doi", "doi link", "ids doi"),
        "pmid": ("pmid", "pubmed id", "medline pmid", "ids pmid"),
        "pmcid": ("pmcid", "pmc id", "ids pmcid"),
        "trial numbers": (
            "clinical trial numbers",
            "ctgov id",
            "ictrp id",
            "nct number",
            "trial registration",
        ),
        "urls": ("url", "link", "urls", "embase link", "full text link"),
    }
)


class Dialect(NamedTuple):
    """One writer of spreadsheets."""

    name: str
    platform: str
    """Empty for reference managers and screening tools: they do not deliver, they pass on."""
    database: str
    needs: tuple[str, ...]
    """Columns that no dialect further down the list has all of."""
    own: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Columns whose names mean something else in other dialects."""


DIALECTS: tuple[Dialect, ...] = (
    Dialect("Covidence", "", "", ("covidence", "study")),
    Dialect("Rayyan", "", "", ("key", "pubmed id", "pmc id", "location")),
    Dialect("Abstrackr", "", "", ("internal id", "source id")),
    Dialect("Zotero", "", "", ("item type", "abstract note", "library catalog")),
    Dialect("CENTRAL", "Cochrane Library", "CENTRAL", ("central id",), {"journal": ("source",)}),
    Dialect("PubMed", "PubMed", "PubMed", ("pmid", "citation", "create date")),
    Dialect("Embase.com", "Embase.com", "Embase", ("author names", "emtree medical index terms")),
    Dialect("Scopus", "Scopus", "Scopus", ("source title", "eid")),
    Dialect("OpenAlex", "OpenAlex", "OpenAlex", ("ids openalex", "display name")),
    Dialect("IEEE Xplore", "IEEE Xplore", "IEEE Xplore", ("document title", "ieee terms")),
    Dialect("SpringerLink", "SpringerLink", "SpringerLink", ("item title", "item doi")),
    Dialect("ASReview", "", "", ("title", "included")),
    Dialect("ASReview", "", "", ("title", "label included")),
    Dialect("ASReview", "", "", ("title", "asreview label")),
    Dialect("", "", "", ()),
)


def normal(name: str) -> str:
    """A column's name as it is compared."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def dialect_of(header: Sequence[str]) -> Dialect:
    """The first dialect that has all its columns in this header; the nameless one needs none."""
    names = {normal(cell) for cell in header}
    return next(dialect for dialect in DIALECTS if names.issuperset(dialect.needs))


def mapping(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Field → the columns of this header that fill it, the most trustworthy first."""
    named: dict[str, list[str]] = {}
    for cell in header:
        named.setdefault(normal(cell), []).append(cell)
    wanted = {**COLUMNS, **dialect_of(header).own}
    return {
        field: tuple(dict.fromkeys(cell for name in names for cell in named.get(name, ())))
        for field, names in wanted.items()
    }


def recognised(header: Sequence[str]) -> int:
    """How many columns of this header are known; 0 when none of them holds titles."""
    names = {normal(cell) for cell in header}
    if not names & set(COLUMNS["title"]):
        return 0
    return sum(bool(names & set(known)) for known in COLUMNS.values())

"""Which column of a spreadsheet fills which field, and who wrote the spreadsheet.

Column names are compared in lower case, with every run of other signs than letters and digits as one
blank, and without accents: `Journal/Book` is `journal book`, `publication_year` is `publication year`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from db.errors import WrongUse
from harvest.readers.languages import LOCAL, named

COLUMNS: Mapping[str, tuple[str, ...]] = named(
    {
        # field of Record, or what takes part in one: names of columns, the most trustworthy first
        "title": (
            "title, document title, item title, article title, primary title, ti, documenttitle, "
            "title of publication"
        ),
        "vernacular_title": "original title, vernacular title",
        "abstract": "abstract, abstract note, notes abstract, abstracts, ab",
        "authors": (
            "authors, author, author s, author names, first authors, au, author names raw, "
            "contributors, full authors, author list, author full names, "
            "authorships author display name, authorships raw author name"
        ),
        "journal": (
            "source title, publication title, journal, journal book, journal name, journal title, "
            "publication, primary location source display name, so, journal source, pubtitle, "
            "sourcetitle, source title anthology title"
        ),
        "journal_abbreviation": "abbreviated source title, journal abbreviation",
        "date": (
            "publication year, published year, year, pub year, py, publication date, date of "
            "publication, date, issue date, pubyear, date published, publicationdate, pubdate, online "
            "date"
        ),
        "month": "month, published month",
        "day": "day",
        "volume": "volume, journal volume, vol, biblio volume",
        "issue": "issue, journal issue, number, issue number, biblio issue",
        "pages": "pages, page numbers, page range, pagination, article pages",
        "first page": "page start, first page, start page, pagestart, startpage, beginning page, biblio first page",
        "last page": "page end, last page, end page, pageend, endpage, ending page, biblio last page",
        "article_number": "art no, article number",
        "issns": (
            "issn, issns, isbn, isbns, primary location source issn, issn l, eissn, e issn, print "
            "issn, electronic issn, serial issn"
        ),
        "publisher": "publisher, book publisher",
        "languages": "language, language of original document, article language, languages",
        "publication_types": (
            "publication type, document type, item type, content type, type, type of reference, "
            "publication types, article type, articletype, documenttype, pub type, pubtype, doctype, "
            "doctypes, pubtypes, source type, reference type"
        ),
        "keywords": (
            "keywords, author keywords, keyword, index keywords, manual tags, automatic tags, ieee "
            "terms, keywords plus, subject terms, subjectterms, subjects, tags keywords, inspec "
            "controlled terms, keywords display name"
        ),
        "headings": (
            "mesh terms, emtree medical index terms, emtree drug index terms, mesh, mesh heading, "
            "mesh headings"
        ),
        "major headings": (
            "emtree medical index terms major focus, emtree drug index terms major focus, mesh major topics"
        ),
        "citation": "citation",
        "accession": (
            "accession number, pui, embase accession id, eid, central id, ut unique wos id, openalex "
            "id, ids openalex, eric number, publication id, lens id, accessionnumber, storeid, wos "
            "uid, ut, an"
        ),
        "doi": (
            "doi, item doi, doi link, ids doi, digitalobjectidentifier, doi number, digital object "
            "identifier, digital object identifier doi, article doi"
        ),
        "pmid": "pmid, pubmed id, medline pmid, ids pmid, pm id, pubmedid",
        "pmcid": "pmcid, pmc id, ids pmcid, pmc, pubmed central id",
        "trial numbers": (
            "clinical trial numbers, ctgov id, ictrp id, nct number, trial registration, trial "
            "registration number, clinicaltrials gov id"
        ),
        "urls": (
            "url, link, urls, embase link, full text link, plink, source urls, external url, "
            "dimensions url, documenturl, html link, article url"
        ),
    }
)
_EVERY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: (*known, *LOCAL.get(name, ())) for name, known in COLUMNS.items()}
)
"""English names first: where a table has both, the translation is the addition."""

_LONGEST = 200
"""Signs of a name that are compared: rows that are looked through for a header may hold abstracts."""

KEPT = "extra"
"""What the reviewer says of a column that shall fill no field."""


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


_WOS_TAGS = named(
    {
        "authors": "af, au",
        "title": "ti",
        "abstract": "ab",
        "journal": "so",
        "journal_abbreviation": "ji, j9",
        "date": "py, pd",
        "volume": "vl",
        "issue": "is",
        "first page": "bp",
        "last page": "ep",
        "article_number": "ar",
        "issns": "sn, ei, bn",
        "publisher": "pu",
        "languages": "la",
        "publication_types": "dt",
        "keywords": "de, id",
        "accession": "ut",
        "doi": "di",
        "pmid": "pm",
    }
)
"""The tab-delimited export of Web of Science has the tags of its text export for a header."""

DIALECTS: tuple[Dialect, ...] = (
    Dialect("Covidence", "", "", ("covidence", "study")),
    Dialect("Rayyan", "", "", ("key", "pubmed id", "pmc id", "location")),
    Dialect("Abstrackr", "", "", ("internal id", "source id")),
    Dialect("Zotero", "", "", ("item type", "abstract note", "library catalog")),
    Dialect("CENTRAL", "Cochrane Library", "CENTRAL", ("central id",), {"journal": ("source",)}),
    Dialect("PubMed", "PubMed", "PubMed", ("pmid", "citation", "create date")),
    Dialect(
        *("Embase.com", "Embase.com", "Embase", ("author names", "emtree medical index terms")),
        {"citation": ("source",)},
    ),
    Dialect("Dimensions", "Dimensions", "Dimensions", ("publication id", "pubyear", "dimensions url")),
    Dialect("Lens", "Lens.org", "Lens.org", ("lens id", "source title")),
    Dialect("Scopus", "Scopus", "Scopus", ("source title", "eid")),
    Dialect("Web of Science", "Web of Science", "Web of Science", ("article title", "ut unique wos id")),
    Dialect("Web of Science", "Web of Science", "Web of Science", ("pt", "au", "ti", "so", "ut"), _WOS_TAGS),
    Dialect("OpenAlex", "OpenAlex", "OpenAlex", ("ids openalex", "display name")),
    Dialect("EBSCO", "EBSCOhost", "", ("article title", "journal title", "plink")),
    Dialect("EBSCO", "EBSCOhost", "", ("title", "an", "longdbname"), {"journal": ("source",)}),
    Dialect("ProQuest", "ProQuest", "", ("title", "storeid", "pubtitle")),
    Dialect("APA PsycNet", "APA PsycNet", "PsycINFO", ("documenttitle", "publicationtitle")),
    Dialect("IEEE Xplore", "IEEE Xplore", "IEEE Xplore", ("document title", "ieee terms")),
    Dialect("SpringerLink", "SpringerLink", "SpringerLink", ("item title", "item doi")),
    Dialect("ASReview", "", "", ("title", "included")),
    Dialect("ASReview", "", "", ("title", "label included")),
    Dialect("ASReview", "", "", ("title", "asreview label")),
    Dialect("", "", "", ()),
)


def normal(name: str) -> str:
    """A column's name as it is compared: `Résumé` is `resume`."""
    if not name.isascii():
        spelled = unicodedata.normalize("NFKD", name[:_LONGEST])
        name = "".join(c for c in spelled if not unicodedata.combining(c))
    name = name[:_LONGEST]
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def numbered(number: int) -> str:
    """What a column without a name is called."""
    return f"column {number}"


def by_number(said: Mapping[str, str]) -> bool:
    """True when the reviewer names columns by their number: the table has no header."""
    return bool(said) and all(name.isdecimal() for name in said)


def dialect_of(header: Sequence[str]) -> Dialect:
    """The first dialect that has all its columns in this header; the nameless one needs none."""
    names = {normal(cell) for cell in header}
    return next(dialect for dialect in DIALECTS if names.issuperset(dialect.needs))


def mapping(
    header: Sequence[str], said: Mapping[str, str] = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """Field → the columns of this header that fill it, the most trustworthy first.

    What the reviewer says of a column (`said`: column → field) comes before everything; a column that is said
    to be `extra` fills nothing.
    """
    there: dict[str, list[str]] = {}
    for cell in header:
        there.setdefault(normal(cell), []).append(cell)
    stated = _stated(there, said)
    wanted = {**_EVERY, **dialect_of(header).own}
    return {
        name: tuple(
            dict.fromkeys(
                (
                    *(cell for cell, whose in stated.items() if whose == name),
                    *(c for known in names for c in there.get(known, ()) if c not in stated),
                )
            )
        )
        for name, names in wanted.items()
    }


def recognised(header: Sequence[str], said: Mapping[str, str] = MappingProxyType({})) -> int:
    """How many fields this header fills; 0 when no column of it holds titles, nor one the reviewer speaks of."""
    names = {normal(cell) for cell in header}
    if not ({normal(name) for name in said} & names or names & set(_EVERY["title"])):
        return 0
    return max(1, sum(bool(names & set(known)) for known in _EVERY.values()))


def check(said: Mapping[str, str]) -> None:
    """Raises `WrongUse` when the reviewer names a field that there is not."""
    for name, whose in said.items():
        if whose not in (*COLUMNS, KEPT):
            fields = ", ".join((*COLUMNS, KEPT))
            raise WrongUse(f"Column {name!r} cannot fill {whose!r}: the fields are {fields}.")


def must_be_there(header: Sequence[str], said: Mapping[str, str]) -> None:
    """Raises `WrongUse` when the reviewer names a column that there is not."""
    if sentence := absent(header, said):
        raise WrongUse(f"There is {sentence}.")


def absent(header: Sequence[str], said: Mapping[str, str]) -> str:
    """`no column 'Nope'; the columns are …`; empty when all that the reviewer names are there."""
    there = {normal(cell) for cell in header}
    missing = next((name for name in said if normal(_called(name, said)) not in there), None)
    return "" if missing is None else f"no column {missing!r}; the columns are {', '.join(header[:40])}"


def _called(name: str, said: Mapping[str, str]) -> str:
    return numbered(int(name)) if by_number(said) else name


def _stated(named: Mapping[str, Sequence[str]], said: Mapping[str, str]) -> dict[str, str]:
    """Column as it stands in the header → field."""
    return {
        cell: whose for name, whose in said.items() for cell in named.get(normal(_called(name, said)), ())
    }

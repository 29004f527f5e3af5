"""From the tags of one record to its fields: what all formats do alike, once a table says which tag is what.

Each reader has such a table, `FIELDS`: field → tags, the most trustworthy first. `filled` does by it whatever
needs no knowledge of the format; what the reader takes out of the entry beforehand, it fills in itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from db.record import Author, Heading, Identifier, Record, Section
from db.trial_numbers import find
from harvest.readers import fields
from harvest.readers.dates import When, best, when
from harvest.readers.names import authors
from harvest.readers.reading import Entry
from harvest.readers.text import paragraphs, plain

Tags = Mapping[str, tuple[str, ...]]

MANAGER_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("journal article", "electronic article", "magazine article", "newspaper article"), "article"
        ),
        **dict.fromkeys(("book", "edited book", "electronic book", "serial"), "book"),
        **dict.fromkeys(("book section", "electronic book section"), "chapter"),
        **dict.fromkeys(("conference paper", "conference proceedings"), "conference"),
        **dict.fromkeys(("report", "government document"), "report"),
        **dict.fromkeys(("web page", "blog"), "web page"),
        **dict.fromkeys(("unpublished work", "manuscript"), "unpublished"),
        "thesis": "thesis",
        "patent": "patent",
        "dataset": "data set",
        "generic": "generic",
    }
)
"""EndNote's reference types, in small letters, as its XML and its tagged text name them."""

_PMID = re.compile(r"\d{1,8}")
_PMCID = re.compile(r"PMC\d+", re.IGNORECASE)


def filled(entry: Entry, tags: Tags, source: str) -> Record:
    """A record of whatever is still left in an entry, by the table of its format.

    What fills no field goes to `extra`. Raises nothing: a value that is not understood stays where it was.
    """

    def first(name: str) -> str:
        return plain(entry.first(*tags.get(name, ())))

    title, vernacular = first("title"), first("vernacular_title")
    abstract = sections(entry.take(*tags.get("abstract", ())))
    date = dated(entry, tags.get("date", ()))
    serials, books = standard_numbers(entry, tags.get("issns", ()))
    words = "\n".join((title, vernacular, *(part.text for part in abstract)))
    found = (*identified(entry, tags), *books, *find(words, "abstract"))
    return Record(
        source=source,
        key="",
        title=title,
        vernacular_title=vernacular,
        abstract=abstract,
        authors=people(entry, tags.get("authors", ())),
        journal=first("journal"),
        journal_abbreviation=first("journal_abbreviation"),
        issns=serials,
        publisher=first("publisher"),
        year=date.year,
        date=date.iso,
        date_text=date.text,
        volume=first("volume"),
        issue=first("issue"),
        pages=first("pages") or fields.pages(first("first page"), first("last page")),
        article_number=first("article_number"),
        languages=terms(entry, tags.get("languages", ())),
        publication_types=terms(entry, tags.get("publication_types", ()), commas=False),
        headings=headings(entry, tags.get("headings", ())),
        keywords=terms(entry, tags.get("keywords", ())),
        identifiers=tuple(dict.fromkeys(found)),
        urls=urls(entry, tags.get("urls", ())),
        extra=entry.rest(),
    )


def without(tags: Tags, *names: str) -> Tags:
    """The table less the fields that a reader fills itself."""
    return MappingProxyType({name: known for name, known in tags.items() if name not in names})


def sections(values: Iterable[str]) -> tuple[Section, ...]:
    """One part of an abstract for each value; repeats and empty ones are left out."""
    return tuple(Section(text) for value in dict.fromkeys(values) if (text := paragraphs(value)))


def people(entry: Entry, tags: Sequence[str]) -> tuple[Author, ...]:
    """Everybody named, several in one value parted by semicolons or line breaks."""
    return authors([name for value in entry.take(*tags) for name in re.split(r"[;\n]", value)])


def with_initials(full: Sequence[Author], short: Sequence[Author]) -> list[Author]:
    """The full names of people with the initials that their short names give; empty when they are not as many."""
    if len(full) != len(short):
        return []
    pairs = zip(full, short, strict=True)
    return [replace(long, initials=long.initials or brief.initials) for long, brief in pairs]


def dated(entry: Entry, tags: Sequence[str], more: Iterable[str] = ()) -> When:
    """The date, from printed ones that may each say a part of it; what says no more than it is taken."""
    date = best([*entry.look(*tags), *more])
    entry.take(*tags, where=lambda value: contained(value, date))
    return date


def contained(value: str, chosen: When) -> bool:
    """True for a printed date that says nothing beyond the one that was chosen."""
    found = when(value, chosen.year)
    return bool(found.iso) and found.text in ("", chosen.text) and chosen.iso.startswith(found.iso)


def standard_numbers(entry: Entry, tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[Identifier, ...]]:
    """ISSNs, and ISBNs as identifiers; a value that says more than these is kept as well."""
    found = [fields.issns(value) for value in entry.look(*tags)]
    entry.take(*tags, where=fields.only_issns)
    serials = dict.fromkeys(issn for numbers, _ in found for issn in numbers)
    books = dict.fromkeys(Identifier("isbn", isbn) for _, numbers in found for isbn in numbers)
    return tuple(serials), tuple(books)


def terms(entry: Entry, tags: Sequence[str], *, commas: bool = True) -> tuple[str, ...]:
    """Key words and the like, without repeats."""
    words = (plain(word) for value in entry.take(*tags) for word in fields.terms(value, commas=commas))
    return tuple(dict.fromkeys(word for word in words if word))


def headings(entry: Entry, tags: Sequence[str]) -> tuple[Heading, ...]:
    """Subject headings, major ones marked with `*`; one for each value, or several parted by semicolons."""
    words = dict.fromkeys(plain(word) for value in entry.take(*tags) for word in fields.terms(value))
    return tuple(fields.heading(word) or Heading(word) for word in words if word)


def urls(entry: Entry, tags: Sequence[str]) -> tuple[str, ...]:
    """Links; a value that holds more than links stays where it is."""
    values = entry.take(*tags, where=fields.links)
    return tuple(dict.fromkeys(link for value in values for link in fields.links(value)))


def identified(entry: Entry, tags: Tags) -> Iterator[Identifier]:
    """Accession number, PMID, DOI and PMCID from their own tags, then what stands in links, then trials."""
    pieces = [piece for value in entry.look(*tags.get("urls", ())) for piece in value.split()]
    yield from _each(entry, tags, "accession", fields.is_accession, str)
    yield from (
        Identifier("accession", number) for piece in pieces if (number := fields.accession_in_link(piece))
    )
    yield from _each(entry, tags, "pmid", _PMID.fullmatch, str)
    yield from _each(entry, tags, "doi", fields.is_doi, fields.doi)
    yield from _each(entry, tags, "pmcid", _PMCID.fullmatch, str.upper)
    yield from fields.linked(pieces)
    yield from find("\n".join(entry.look(*tags.get("trial numbers", ()))), "databank")


def _each(
    entry: Entry, tags: Tags, scheme: str, fits: Callable[[str], object], norm: Callable[[str], str]
) -> Iterator[Identifier]:
    values = entry.take(*tags.get(scheme, ()), where=fits)
    return (Identifier(scheme, norm(value)) for value in values)

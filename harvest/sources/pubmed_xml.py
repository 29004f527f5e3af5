"""Reads what EFetch says about PubMed records (`retmode=xml`): bytes in, records out; pure.

No DTD, stylesheet or entity is ever loaded: the standard library's parser loads none from outside, and a
body that declares entities itself is refused. A page is parsed as a whole, because a page counts only as
a whole; one article that cannot be read is handed over as it stands, and the others are read. Pages come
by the thousand, and reading them is most of what a harvest computes: `read` is written to be quick.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from db.errors import BadAnswer, RecordError
from db.record import Author, Identifier, Record, Unreadable
from harvest.sources.pubmed_fields import (
    author,
    dates,
    grants,
    headings,
    identifiers,
    is_valid,
    items,
    leaves,
    other_sections,
    printed,
    relations,
    sections,
    text,
    text_of,
    texts,
    texts_of,
    trial_numbers,
    within,
)

SOURCE = "pubmed"
DEEPEST = 64
"""Levels of nesting. Real records need about 20, within formulas."""

_SETS = frozenset({"PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet"})
_CITATIONS = {"PubmedArticle": "MedlineCitation", "PubmedBookArticle": "BookDocument", "MedlineCitation": "."}
"""Where each kind of article keeps its citation."""
_ELSEVIER = ("S", "B")

# What has a field of its own. Everything else that stands beside it goes to `Record.extra` under its tag.
_CITATION = frozenset(
    {
        "PMID", "DateCreated", "DateCompleted", "DateRevised", "Article", "CommentsCorrectionsList",
        "MeshHeadingList", "SupplMeshList", "OtherAbstract", "KeywordList", "DataBankList", "ISSNLinking",
    }
)  # fmt: skip
_ARTICLE = frozenset(
    {
        "Journal", "ArticleTitle", "VernacularTitle", "Pagination", "ELocationID", "Abstract", "AuthorList",
        "Language", "DataBankList", "GrantList", "PublicationTypeList", "ArticleDate",
    }
)  # fmt: skip
_BOOK_DOCUMENT = _ARTICLE | frozenset(
    {"PMID", "ArticleIdList", "Book", "PublicationType", "ContributionDate", "DateRevised", "KeywordList"}
)
_BOOK = frozenset({"Publisher", "BookTitle", "PubDate", "AuthorList", "Isbn", "ELocationID", "Volume"})
_END_OF_LIST = b"</ReferenceList>"
_DATA = frozenset({"History", "ArticleIdList", "ReferenceList"})


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's search for cycles rests: a page becomes ten thousands of objects, and no cycle.

    It would be a quarter of the work. It rests in the whole process, for as long as one page takes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collector()
def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Records of a page in its order; of several versions of one record the newest.

    The papers that the articles cite are left out unread, and how deep elements are nested is not asked:
    both were looked at when the page came, by `pmids`.

    Raises:
        BadAnswer: the body is no set of articles at all.
    """
    lean = _without_references(body)
    try:
        return iter([_record(article) for article in _newest(_tree(lean), lean)])
    except (BadAnswer, RecordError):  # what cannot be read is told about, and kept, as it came
        return iter([_read(article) for article in _newest(parse(body), body)])


@_without_collector()
def pmids(body: bytes) -> tuple[str, ...]:
    """Which records a page holds, in its order. Raises `BadAnswer` as `read`, and as `parse`."""
    return tuple(dict.fromkeys(article.pmid for article in _articles(parse(body), body) if article.pmid))


def _without_references(body: bytes) -> bytes:
    """The page less every `ReferenceList`: most of the bytes of many a page, and no part of any record.

    Lists may hold lists. Where beginnings and ends do not match, the page stays as it is.
    """
    before, *pieces = body.split(b"<ReferenceList>")
    still_open = list(accumulate(1 - piece.count(_END_OF_LIST) for piece in pieces))
    if not pieces or min(still_open) < 0 or still_open[-1]:
        return body
    ended = [piece for piece, lists in zip(pieces, still_open, strict=True) if not lists]
    return before + b"".join([piece.rpartition(_END_OF_LIST)[2] for piece in ended])


def parse(body: bytes) -> Element:
    """XML from a source, with nothing loaded, expanded or nested without end.

    Raises:
        BadAnswer: it is not well-formed, declares entities, or is nested deeper than `DEEPEST`.
    """
    root = _tree(body)
    level = [root]
    for _ in range(DEEPEST):
        level = [child for parent in level if len(parent) for child in parent]
        if not level:
            return root
    raise BadAnswer(SOURCE, f"pubmed: the answer is nested deeper than {DEEPEST} levels; not read.", body)


def _tree(body: bytes) -> Element:
    if b"<!ENTITY" in body or b"\0" in body:  # a zero byte: an encoding in which the first would hide
        raise BadAnswer(SOURCE, "pubmed: the answer declares entities of its own; it was not read.", body)
    try:
        return ET.fromstring(body)  # noqa: S314 (no entity gets here, and expat loads nothing)
    except ET.ParseError as error:
        raise BadAnswer(
            SOURCE, f"pubmed: the answer is no complete XML ({error.args[0]}); it is kept as it came.", body
        ) from None


class _Article(NamedTuple):
    position: int
    """Counted from 1."""
    element: Element
    citation: Element | None
    pmid: str
    """Empty when there is none."""
    version: int


def _articles(root: Element, body: bytes) -> list[_Article]:
    if root.tag not in _SETS and root.tag not in _CITATIONS:
        raise BadAnswer(SOURCE, f"pubmed: the answer is <{root.tag[:40]}> and no set of articles.", body)
    elements = root if root.tag in _SETS else (root,)
    return [_article(position, element) for position, element in enumerate(elements, start=1)]


def _article(position: int, element: Element) -> _Article:
    citation = element.find(_CITATIONS[element.tag]) if element.tag in _CITATIONS else None
    pmid = citation.find("PMID") if citation is not None else None
    version = pmid.get("Version", "1") if pmid is not None else "1"
    said = text_of(pmid)
    number = said if said.isascii() and said.isdigit() else ""
    return _Article(position, element, citation, number, int(version) if version.isdecimal() else 1)


def _newest(root: Element, body: bytes) -> list[_Article]:
    by_version = sorted(_articles(root, body), key=lambda article: (article.version, article.position))
    newest = {(article.pmid or article.position): article for article in by_version}
    return sorted(newest.values(), key=lambda article: article.position)


def _read(article: _Article) -> Record | Unreadable:
    try:
        return _record(article)
    except RecordError as error:
        raw = ET.tostring(article.element, encoding="unicode").strip()
        return Unreadable(article.position, f"{error}: it is kept as it came.", raw, article.pmid)


def _record(article: _Article) -> Record:
    if article.citation is None or not article.pmid:
        raise RecordError(f"<{article.element.tag}> holds no number as PMID")
    if article.element.tag == "PubmedBookArticle":
        return _book(article, article.citation)
    return _journal_article(article, article.citation)


# -- articles ----------------------------------------------------------------------------------------


def _journal_article(entry: _Article, citation: Element) -> Record:
    article = citation.find("Article")
    if article is None:
        raise RecordError(f"PMID {entry.pmid} has no <Article>")
    data = entry.element.find("PubmedData")
    journal = article.find("Journal")
    issue = journal.find("JournalIssue") if journal is not None else None
    when = printed(issue.find("PubDate") if issue is not None else None)
    title, abstract = text(article, "ArticleTitle"), sections(article.find("Abstract"))
    people, invalid = _people(article.find("AuthorList"))
    known = identifiers(entry.pmid, article.findall("ELocationID"), items(data, "ArticleIdList"))
    banks = within(article, "DataBankList", "DataBank") + within(citation, "DataBankList", "DataBank")
    said = " ".join(section.text for section in abstract)
    return Record(
        source=SOURCE,
        key=entry.pmid,
        title=title,
        vernacular_title=text(article, "VernacularTitle"),
        abstract=abstract,
        other_abstracts=other_sections(citation),
        authors=people,
        authors_complete=_is_complete(article.find("AuthorList")),
        journal=text(journal, "Title"),
        journal_abbreviation=text(journal, "ISOAbbreviation"),
        issns=_issns(journal, citation),
        year=when.year,
        date=when.iso,
        date_text=when.text,
        dates=dates(citation, data),
        volume=text(issue, "Volume"),
        issue=text(issue, "Issue"),
        pages=_pages(article),
        article_number=_article_number(article),
        languages=texts(article, "Language"),
        publication_types=texts(article.find("PublicationTypeList"), "PublicationType"),
        headings=headings(citation),
        keywords=texts_of(within(citation, "KeywordList", "Keyword")),
        identifiers=known.identifiers + trial_numbers(banks, title, said),
        grants=grants(article),
        relations=relations(citation),
        status=citation.get("Status", ""),
        extra=_extra(
            (citation, _CITATION), (article, _ARTICLE), (data, _DATA), (article.find("Abstract"), {"AbstractText"}),
            more={
                "invalid": known.refused,
                "InvalidAuthor": invalid,
                "IndexingMethod": (citation.get("IndexingMethod", ""),),
                "PubModel": (article.get("PubModel", ""),),
                "Version": (str(entry.version) if entry.version > 1 else "",),
            },
        ),
    )  # fmt: skip


def _book(entry: _Article, citation: Element) -> Record:
    """A book, or a chapter of one: then `journal` is the title of the book."""
    data = entry.element.find("PubmedBookData")
    book = citation.find("Book")
    title, of_book = text(citation, "ArticleTitle"), text(book, "BookTitle")
    abstract = sections(citation.find("Abstract"))
    when = printed(book.find("PubDate") if book is not None else None)
    lists = [*citation.iterfind("AuthorList"), *(book.iterfind("AuthorList") if book is not None else ())]
    written = next((people for people in lists if people.get("Type", "authors") == "authors"), None)
    people, invalid = _people(written)
    located = [*citation.iterfind("ELocationID"), *(book.iterfind("ELocationID") if book is not None else ())]
    known = identifiers(
        entry.pmid, located, [*items(citation, "ArticleIdList"), *items(data, "ArticleIdList")]
    )
    isbns = tuple(Identifier("isbn", isbn) for isbn in texts(book, "Isbn"))
    return Record(
        source=SOURCE,
        key=entry.pmid,
        kind="book",
        title=title or of_book,
        vernacular_title=text(citation, "VernacularTitle"),
        abstract=abstract,
        other_abstracts=other_sections(citation),
        authors=people,
        authors_complete=_is_complete(written),
        journal=of_book if title else "",
        publisher=text(book, "Publisher/PublisherName"),
        year=when.year,
        date=when.iso,
        date_text=when.text,
        dates=dates(citation, data),
        volume=text(book, "Volume"),
        pages=_pages(citation),
        languages=texts(citation, "Language"),
        publication_types=texts(citation, "PublicationType"),
        keywords=texts_of(within(citation, "KeywordList", "Keyword")),
        identifiers=known.identifiers + isbns
        + trial_numbers((), title or of_book, " ".join(section.text for section in abstract)),
        grants=grants(citation),
        extra=_extra(
            (citation, _BOOK_DOCUMENT), (book, _BOOK), (data, _DATA), (citation.find("Abstract"), {"AbstractText"}),
            more={
                "invalid": known.refused,
                "InvalidAuthor": invalid,
                "Editor": tuple(
                    author(one).name for people in lists if people.get("Type") == "editors" for one in people
                ),
                "Version": (str(entry.version) if entry.version > 1 else "",),
            },
        ),
    )  # fmt: skip


# -- what both share ---------------------------------------------------------------------------------


def _people(listed: Element | None) -> tuple[tuple[Author, ...], tuple[str, ...]]:
    """Authors, and the names that an erratum has replaced (`ValidYN="N"`): these are not authors twice."""
    authors, invalid = [], []
    for element in listed if listed is not None else ():
        if is_valid(element):
            authors.append(author(element))
        else:
            invalid.append(author(element).name)
    return tuple(authors), tuple(invalid)


def _is_complete(listed: Element | None) -> bool:
    return listed is None or listed.get("CompleteYN", "Y") == "Y"


def _issns(journal: Element | None, citation: Element) -> tuple[str, ...]:
    """Print or electronic as given, then the linking one; hyphenated."""
    said = (*texts(journal, "ISSN"), *texts_of(within(citation, "MedlineJournalInfo", "ISSNLinking")))
    return tuple(dict.fromkeys(f"{i[:4]}-{i[4:]}" if len(i) == 8 and "-" not in i else i for i in said))


def _pages(article: Element) -> str:
    """As printed; first and last page only where there is no printed form."""
    pagination = article.find("Pagination")
    ends = (text(pagination, name) for name in ("StartPage", "EndPage"))
    return text(pagination, "MedlinePgn") or "-".join(filter(None, ends))


def _article_number(article: Element) -> str:
    """The publisher's item identifier where it serves as number of the article, not as Elsevier's code."""
    for place in article.findall("ELocationID"):
        if place.get("EIdType") == "pii" and is_valid(place):
            number = text_of(place)
            if not number.startswith(_ELSEVIER):
                return number
    return ""


def _extra(
    *parts: tuple[Element | None, frozenset[str] | set[str]], more: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """What has no field: under the tag of the element, lists item by item."""
    found = {tag: list(said) for tag, said in more.items()}
    for parent, has_field in parts:
        for child in parent if parent is not None else ():
            if child.tag in has_field:
                continue
            for item in child if child.tag.endswith(("List", "JournalInfo")) else (child,):
                if item.tag not in has_field:
                    found.setdefault(item.tag, []).append(leaves(item))
    return {tag: said for tag, values in found.items() if (said := tuple(filter(None, values)))}

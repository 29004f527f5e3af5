"""Reading ERIC's JSON: pure, the same bytes give the same records for ever.

ERIC answers as Solr does (`response.{numFound,start,docs}`). One recorded answer was to be had, of the default
fields; the other names are those that several public programs ask for and read, among them Zotero's translator.
Unknown names are left out without a word. Texts come with XML entities (`Student&apos;s`); what holds one value
comes as a text in some records and as a list in others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from db.errors import BadAnswer, RecordError, Refused
from db.record import Author, Grant, Heading, Identifier, Record, Section, Unreadable, digest_of
from db.trial_numbers import find
from harvest.readers.text import plain
from harvest.sources.json_shapes import number, part, parts, text

SOURCE = "eric"

_EXTRA = (
    "abstractor", "audience", "educationlevel", "identifiersgeo", "identifierslaw", "identifierstest", "institution",
    "iesfunded", "ieswwcreviewed", "isbn", "pagecount", "peerreviewed",
)  # fmt: skip
"""What has no field of its own. `peerreviewed` is T or F."""

FIELDS = (
    "id", "title", "author", "source", "sourceid", "description", "subject", "publicationtype", "publicationdateyear",
    "language", "issn", "publisher", "sponsor", "iesgrantcontractnum", "url", "e_fulltextauth", *_EXTRA,
)  # fmt: skip
"""All that is read. By default ERIC leaves out some of them, `source` and `url` among them."""

_NUMBER = re.compile(r"E[DJ]\d+")
_ISSN = re.compile(r"\b(\d{4}-\d{3}[\dX])\b", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/[^\s?#]+")
_PLACE = re.compile(r"(?:v(?P<volume>\S+))?\s*(?:(?:n|spec iss )(?P<issue>\S+))?\s*(?:p(?P<pages>\S+))?")
"""Where in its journal: `v20 n1 p51-57`, each part left out at times, and mostly followed by a date."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as far as listing and fetching need it."""

    total: int
    start: int
    docs: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        """One for each document; empty where it has none."""
        return tuple(map(key, self.docs))


def answer(body: bytes) -> Answer:
    """An answer of any kind.

    Raises:
        Refused: ERIC cannot read the question (an `error` with a code below 500, and status 200).
        BadAnswer: this is no answer, or it tells of trouble at their side.
    """
    try:
        said = part({"answer": json.loads(body)}, "answer")
        error, response = part(said, "error"), part(said, "response")
        code, sentence = number(error, "code"), text(error, "msg")
        total, start, docs = number(response, "numFound"), number(response, "start"), parts(response, "docs")
    except (ValueError, RecursionError, RecordError) as problem:
        raise BadAnswer(SOURCE, f"eric: the answer cannot be read ({problem})", body) from problem
    if error and 400 <= (code or 500) < 500:
        raise Refused(SOURCE, f"eric: ERIC cannot read the search string: {' '.join(sentence.split())[:300]}")
    if error or total is None:
        raise BadAnswer(
            SOURCE, f"eric: the answer does not say how many match {sentence[:200]}".rstrip(), body
        )
    return Answer(total, start or 0, docs)


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
    for position, doc in enumerate(answer(body).docs, 1):
        try:
            yield record(doc)
        except RecordError as error:
            raw = json.dumps(doc, ensure_ascii=False)
            yield Unreadable(position, str(error), raw, key=key(doc))


def key(doc: Mapping[str, Any]) -> str:
    """`EJ1286736` (journal) or `ED659153` (other); empty when there is none."""
    named = doc.get("id")
    return named if isinstance(named, str) and _NUMBER.fullmatch(named) else ""


def stamp(doc: Mapping[str, Any]) -> str:
    """What marks this state of a record: the digest of its content, for ERIC gives no date of change.

    A record that cannot be read is marked by the digest of what came, so that each run asks for it again.
    """
    try:
        return record(doc).digest
    except RecordError:
        return digest_of(json.dumps(doc, sort_keys=True))


def record(doc: Mapping[str, Any]) -> Record:
    """One document. Raises `RecordError` when a part has an unknown shape."""
    if not key(doc):
        raise RecordError("A document without an ERIC number cannot be told from others.")
    title, abstract = _one(doc, "title"), " ".join(_all(doc, "description"))
    types, source, year = _all(doc, "publicationtype"), _one(doc, "source"), _one(doc, "publicationdateyear")
    kind, place = _kind(doc, types), _PLACE.match(_one(doc, "sourceid"))
    assert place  # every part may be missing
    in_journal = kind == "article"
    return Record(
        source=SOURCE,
        key=key(doc),
        kind=kind,
        title=title,
        abstract=(Section(abstract),) if abstract else (),
        authors=tuple(map(_author, _all(doc, "author"))),
        journal=source if in_journal else "",
        issns=tuple(dict.fromkeys(m[1].upper() for said in _all(doc, "issn") for m in _ISSN.finditer(said))),
        publisher=_one(doc, "publisher"),
        year=int(year) if re.fullmatch(r"[12]\d{3}", year) else None,
        date=year if re.fullmatch(r"[12]\d{3}", year) else "",
        volume=place["volume"] or "",
        issue=place["issue"] or "",
        pages=place["pages"] or "",
        languages=_all(doc, "language"),
        publication_types=types,
        headings=tuple(map(Heading, _all(doc, "subject"))),
        identifiers=_identifiers(doc, title, abstract),
        grants=tuple(_grants(doc)),
        urls=tuple(_urls(doc)),
        extra=_extra(doc, "" if in_journal else source),
    )


def _all(doc: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of this name, whether they come alone, as a list, or as a number."""
    found = doc.get(name)
    if found is None:
        return ()
    values = found if isinstance(found, list) else [found]
    if not all(isinstance(value, (str, int)) for value in values):
        raise RecordError(f"`{name}` should hold texts and is {json.dumps(found)[:60]}.")
    return tuple(said for value in values if (said := plain(str(value))))


def _one(doc: Mapping[str, Any], name: str) -> str:
    """As `_all`, joined where there are several."""
    return "; ".join(_all(doc, name))


def _kind(doc: Mapping[str, Any], types: Sequence[str]) -> str:
    """By the number (EJ: articles in journals), then by what ERIC calls the type."""
    if key(doc).startswith("EJ"):
        return "article"
    joined = " ".join(types)
    return "book" if "Books" in joined else "thesis" if "Dissertations" in joined else "report"


def _author(name: str) -> Author:
    """`Last, First`; a name without a comma is left whole."""
    family, comma, given = name.partition(",")
    return Author(family.strip(), given.strip()) if comma else Author(name)


def _identifiers(doc: Mapping[str, Any], title: str, abstract: str) -> tuple[Identifier, ...]:
    links = (_DOI.search(unquote(link)) for link in _all(doc, "url"))
    dois = tuple(Identifier("doi", link[0], "article") for link in links if link)
    found = (*dois, Identifier("accession", key(doc)), *find(title, "title"), *find(abstract, "abstract"))
    return tuple(dict.fromkeys(found))


def _grants(doc: Mapping[str, Any]) -> Iterator[Grant]:
    """Grants of the Institute of Education Sciences have a number; other sponsors only a name."""
    numbers, sponsors = _all(doc, "iesgrantcontractnum"), _all(doc, "sponsor")
    yield from (Grant(named, "Institute of Education Sciences") for named in numbers)
    yield from (Grant("", sponsor) for sponsor in sponsors)


def _urls(doc: Mapping[str, Any]) -> Iterator[str]:
    """The publisher's address, ERIC's page, and ERIC's own copy where it says that it holds one."""
    yield from _all(doc, "url")
    yield f"https://eric.ed.gov/?id={key(doc)}"
    if _one(doc, "e_fulltextauth") in ("1", "True", "T"):
        yield f"https://files.eric.ed.gov/fulltext/{key(doc)}.pdf"


def _extra(doc: Mapping[str, Any], source: str) -> dict[str, tuple[str, ...]]:
    found = {tag: _all(doc, tag) for tag in _EXTRA} | {"source": (source,), "sourceid": _all(doc, "sourceid")}
    return {tag: said for tag, said in found.items() if any(said)}

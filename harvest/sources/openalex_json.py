"""Reading OpenAlex: a work becomes a `Record` (developers.openalex.org/api-reference/works).

- **Abstract.** It comes as an inverted index, each word with its places; `text_of` puts the words back. Line breaks
  and paragraphs are lost before it reaches us.
- **Authors.** Names come as printed, mostly with the given name first: such a name is not taken apart.
- **Retraction.** `is_retracted` becomes the publication type "Retracted Publication", which is how PubMed says it.
- **Revised.** OpenAlex moves `updated_date` with every count of citations. Only its month is kept, so that a record
  looks changed once a month at most; what is changed within a month that was fetched already is seen in the next.
- **Left in the page, on purpose:** all counts, topics, concepts and goals (a machine gives and changes them), lists
  of cited and related works, and copies in other places than the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.errors import BadAnswer, RecordError
from db.record import Author, Grant, Heading, Identifier, Record, Section, Unreadable
from db.trial_numbers import find
from harvest.readers import names
from harvest.readers.text import plain
from harvest.sources.json_shapes import column, flag, number, part, parts, text, texts

SOURCE = "openalex"
MONTH = len("2026-11")
MOST_WORDS = 100_000
"""Places in an inverted index. The longest abstracts have some thousand; a hostile index could name a place so high
that filling the gap before it takes all memory."""


@dataclass(frozen=True, slots=True)
class Works:
    """An answer, as far as listing and fetching need it."""

    total: int
    mark: str
    """Where the listing goes on; empty at its end."""
    reading: str
    """The question as OpenAlex understood it."""
    cost: float
    """US dollars of the day's budget."""
    works: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        """W-numbers of the works on this page, in order."""
        return tuple(map(key, self.works))


def works(body: bytes) -> Works:
    """An answer. Raises `BadAnswer` when it is none, or a work in it has no number."""
    try:
        answer = part({"answer": json.loads(body)}, "answer")
        meta, found = part(answer, "meta"), parts(answer, "results")
        total, mark = number(meta, "count"), text(meta, "next_cursor")
        reading = text(part(meta, "x_query"), "oql")
    except (ValueError, RecursionError, RecordError) as error:
        looks = "a web page" if body.lstrip()[:1] == b"<" else "something else"
        raise BadAnswer(SOURCE, f"openalex: {looks} came instead of works ({error})", body) from error
    if total is None or "results" not in answer:
        raise BadAnswer(SOURCE, "openalex: the answer does not say how many match, or lists nothing", body)
    if not all(map(key, found)):
        raise BadAnswer(SOURCE, "openalex: a work came without its number", body)
    cost = meta.get("cost_usd")
    return Works(total, mark, reading, float(cost) if isinstance(cost, int | float) else 0.0, found)


def key(work: Mapping[str, Any]) -> str:
    """`W2741809807`; empty when the work has no number."""
    said = work.get("id")
    found = re.fullmatch(r"(?:https://openalex\.org/)?(W\d+)", said) if isinstance(said, str) else None
    return found[1] if found else ""


def stamp(work: Mapping[str, Any]) -> str:
    """The month in which OpenAlex last touched the work; empty when it does not say."""
    said = work.get("updated_date")
    return said[:MONTH] if isinstance(said, str) and re.match(r"\d{4}-\d\d", said) else ""


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Every work of an answer, in its order. Raises `BadAnswer` if nothing can be read."""
    for position, work in enumerate(works(body).works, 1):
        try:
            yield _record(work)
        except RecordError as error:
            yield Unreadable(position, str(error), json.dumps(work, ensure_ascii=False), key(work))


# -- one work ----------------------------------------------------------------------------------------

_ARTICLES = frozenset({"", "article", "review", "letter", "editorial", "erratum", "retraction"})
_DATES = {"created": "created_date", "published": "publication_date"}


def _record(work: Mapping[str, Any]) -> Record:
    place, biblio = part(work, "primary_location"), part(work, "biblio")
    source, kind = part(place, "source"), text(work, "type")
    title, abstract = (
        text(work, "title") or text(work, "display_name"),
        text_of(part(work, "abstract_inverted_index")),
    )
    dates = {name: day[:10] for name, tag in _DATES.items() if (day := text(work, tag))}
    language = text(work, "language")
    return Record(
        source=SOURCE,
        key=key(work),
        kind="article" if kind in _ARTICLES else kind,
        title=plain(title),
        abstract=(Section(abstract),) if abstract else (),
        authors=tuple(map(_author, parts(work, "authorships"))),
        journal=text(source, "display_name"),
        issns=tuple(dict.fromkeys((*texts(source, "issn"), *filter(None, (text(source, "issn_l"),))))),
        publisher=text(source, "host_organization_name"),
        year=number(work, "publication_year"),
        date=text(work, "publication_date"),
        dates=dates | ({"revised": stamp(work)} if stamp(work) else {}),
        volume=text(biblio, "volume"),
        issue=text(biblio, "issue"),
        pages=_pages(biblio),
        languages=(language,) if language else (),
        publication_types=_types(work, kind),
        headings=_headings(parts(work, "mesh")),
        keywords=column(parts(work, "keywords"), "display_name"),
        identifiers=(*_identifiers(work), *find(f"{title}\n{abstract}", "abstract")),
        grants=_grants(work),
        status=text(place, "version"),
        urls=tuple(dict.fromkeys(url for tag in ("landing_page_url", "pdf_url") if (url := text(place, tag)))),
        extra=_extra(work, place),
    )  # fmt: skip


def text_of(index: Mapping[str, Any]) -> str:
    """The text behind an inverted index. Raises `RecordError` when it is none.

    >>> text_of({"mothers": [1, 3], "Young": [0], "and": [2]})
    'Young mothers and mothers'
    """
    placed: dict[int, str] = {}
    for word, places in index.items():
        if not isinstance(places, list) or not all(
            isinstance(at, int) and 0 <= at < MOST_WORDS for at in places
        ):
            raise RecordError(
                "`abstract_inverted_index` does not give places of words: the record is kept as it came."
            )
        placed.update(dict.fromkeys(places, word))
    return plain(" ".join(placed[at] for at in sorted(placed)))


def _author(authorship: Mapping[str, Any]) -> Author:
    known = part(authorship, "author")
    said = text(authorship, "raw_author_name") or text(known, "display_name")
    return replace(
        names.author(said) or Author(family=said),
        orcid=text(known, "orcid").rpartition("/")[2],
        affiliations=texts(authorship, "raw_affiliation_strings"),
    )


def _pages(biblio: Mapping[str, Any]) -> str:
    first, last = text(biblio, "first_page"), text(biblio, "last_page")
    return f"{first}-{last}" if last and last != first else first


def _types(work: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    retracted = "Retracted Publication" if flag(work, "is_retracted") else ""
    return tuple(filter(None, (kind, retracted)))


def _headings(rows: Sequence[Mapping[str, Any]]) -> tuple[Heading, ...]:
    """MeSH comes with one row for each pair of heading and qualifier."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if term := text(row, "descriptor_name"):
            found.setdefault((term, text(row, "descriptor_ui")), []).append(row)
    return tuple(_heading(term, ui, said) for (term, ui), said in found.items())


def _heading(term: str, ui: str, rows: Sequence[Mapping[str, Any]]) -> Heading:
    qualifiers = [(text(row, "qualifier_name"), flag(row, "is_major_topic")) for row in rows]
    return Heading(
        term,
        ui,
        major=any(major for name, major in qualifiers if not name),
        qualifiers=tuple(name + ("*" if major else "") for name, major in qualifiers if name),
    )


def _identifiers(work: Mapping[str, Any]) -> Iterator[Identifier]:
    """Names come as addresses: `https://doi.org/10.…`, `https://pubmed.ncbi.nlm.nih.gov/…`."""
    ids = part(work, "ids")
    yield Identifier("openalex", key(work))
    if doi := text(work, "doi") or text(ids, "doi"):
        yield Identifier("doi", re.sub(r"^https?://(?:dx\.)?doi\.org/", "", doi), "article")
    for scheme, prefix in (("pmid", ""), ("pmcid", "PMC")):
        if digits := re.search(r"(\d+)/?$", text(ids, scheme)):
            yield Identifier(scheme, prefix + digits[1], "article")


def _grants(work: Mapping[str, Any]) -> tuple[Grant, ...]:
    """`grants` until 2025, `awards` since then."""
    old = (Grant(text(row, "award_id"), text(row, "funder_display_name")) for row in parts(work, "grants"))
    new = (
        Grant(text(row, "funder_award_id"), text(row, "funder_display_name")) for row in parts(work, "awards")
    )
    return tuple(dict.fromkeys((*old, *new)))


def _extra(work: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    mag = part(work, "ids").get("mag")
    said = {
        "type_crossref": text(work, "type_crossref"),
        "license": text(place, "license"),
        "mag": str(mag) if mag else "",
        "is_paratext": "true" if flag(work, "is_paratext") else "",
    }
    return {name: (value,) for name, value in said.items() if value}

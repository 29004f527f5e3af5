"""Reading DOAJ: an article of the Directory of Open Access Journals becomes a `Record` (doaj.org/api/docs).

Identifiers are a list of typed names (`doi`, `pissn`, `eissn`); `month` is a text and may be "0"; an article number
stands in `start_page`. What has no field of its own goes to `extra` under its path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.errors import BadAnswer, RecordError
from db.record import Author, Identifier, Record, Section, Unreadable
from db.trial_numbers import find
from harvest.readers import names
from harvest.readers.text import paragraphs, plain
from harvest.sources.json_shapes import number, part, parts, text, texts
from harvest.sources.leftovers import leftovers

SOURCE = "doaj"


@dataclass(frozen=True, slots=True)
class Articles:
    """An answer."""

    total: int
    """How many match; 1 where one article was asked for."""
    reading: str
    """The question as it came to DOAJ."""
    articles: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        """DOAJ's own names of the articles on this page, in order."""
        return tuple(text(article, "id") for article in self.articles)


def articles(body: bytes) -> Articles:
    """A page of a search, or one article. Raises `BadAnswer` when it is neither, or an article has no name."""
    try:
        answer = part({"answer": json.loads(body)}, "answer")
        if "bibjson" in answer:
            found = Articles(1, "", (answer,))
        else:
            found = Articles(_total(answer), text(answer, "query"), parts(answer, "results"))
        named = all(found.keys)
    except (ValueError, RecursionError, RecordError) as error:
        looks = {b"": "an empty answer", b"<": "a web page"}.get(body.lstrip()[:1], "something else")
        raise BadAnswer(SOURCE, f"doaj: {looks} came instead of articles ({error})", body) from error
    if not named:
        raise BadAnswer(SOURCE, "doaj: an article came without its id", body)
    return found


def _total(answer: Mapping[str, Any]) -> int:
    total = number(answer, "total")
    if total is None or "results" not in answer:
        raise RecordError("it does not say how many match, or lists nothing")
    return total


def stamp(article: Mapping[str, Any]) -> str:
    """When DOAJ last changed the article, as given; empty when it does not say."""
    said = article.get("last_updated")
    return said if isinstance(said, str) else ""


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Every article of an answer, in its order. Raises `BadAnswer` if nothing can be read."""
    for position, article in enumerate(articles(body).articles, 1):
        try:
            yield _record(article)
        except RecordError as error:
            raw = json.dumps(article, ensure_ascii=False)
            yield Unreadable(position, str(error), raw, text(article, "id"))


_READ = frozenset(
    {
        "title", "abstract", "year", "month", "start_page", "end_page", "identifier", "author", "keywords", "link",
        "journal.title", "journal.volume", "journal.number", "journal.publisher", "journal.issns", "journal.language",
        "subject",
    }
)  # fmt: skip


def _record(article: Mapping[str, Any]) -> Record:
    about = part(article, "bibjson")
    journal, title = part(about, "journal"), plain(text(about, "title"))
    abstract, year = paragraphs(text(about, "abstract")), text(about, "year")
    created = text(article, "created_date")
    issued = int(year) if re.fullmatch(r"[12]\d{3}", year) else None
    subjects = tuple(term for row in parts(about, "subject") if (term := text(row, "term")))
    return Record(
        source=SOURCE,
        key=text(article, "id"),
        title=title,
        abstract=(Section(abstract),) if abstract else (),
        authors=tuple(map(_author, parts(about, "author"))),
        journal=text(journal, "title"),
        issns=_issns(about, journal),
        publisher=text(journal, "publisher"),
        year=issued,
        date=_date(issued, text(about, "month")),
        dates={name: day for name, day in (("created", created[:10]), ("revised", stamp(article))) if day},
        volume=text(journal, "volume"),
        issue=text(journal, "number"),
        pages="-".join(filter(None, dict.fromkeys((text(about, "start_page"), text(about, "end_page"))))),
        languages=texts(journal, "language"),
        keywords=texts(about, "keywords"),
        identifiers=(*_identifiers(article, about), *find(f"{title}\n{abstract}", "abstract")),
        urls=tuple(dict.fromkeys(url for row in parts(about, "link") if (url := text(row, "url")))),
        extra=leftovers(about, _READ) | ({"subject": subjects} if subjects else {}),
    )


def _author(said: Mapping[str, Any]) -> Author:
    """The name as printed; with the given name first it is not taken apart."""
    name, place = text(said, "name"), text(said, "affiliation")
    return replace(
        names.author(name) or Author(family=name),
        orcid=text(said, "orcid_id").rstrip("/").rpartition("/")[2],
        affiliations=(place,) if place else (),
    )


def _date(year: int | None, month: str) -> str:
    """`2025` or `2025-06`; the month is a text, and "0" where there is none."""
    if year is None:
        return ""
    known = month.isascii() and month.isdigit() and 1 <= int(month) <= 12
    return f"{year}-{int(month):02}" if known else str(year)


def _issns(about: Mapping[str, Any], journal: Mapping[str, Any]) -> tuple[str, ...]:
    typed = (
        text(row, "id")
        for row in parts(about, "identifier")
        if text(row, "type").lower() in ("pissn", "eissn")
    )
    return tuple(dict.fromkeys(filter(None, (*texts(journal, "issns"), *typed))))


def _identifiers(article: Mapping[str, Any], about: Mapping[str, Any]) -> Iterator[Identifier]:
    yield Identifier("doaj", text(article, "id"))
    for row in parts(about, "identifier"):
        scheme, value = text(row, "type").lower(), text(row, "id")
        if value and scheme not in ("pissn", "eissn"):
            bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value, flags=re.IGNORECASE)
            yield Identifier(scheme or "other", bare if scheme == "doi" else value, "article")

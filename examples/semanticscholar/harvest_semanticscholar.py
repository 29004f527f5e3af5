"""Semantic Scholar for Harvest, as somebody outside of the project would ship it: this file and an entry point.

Semantic Scholar (api.semanticscholar.org/graph/v1) indexes 200 million papers. What this rests on:

- `/paper/search/bulk` lists everything that matches, 1,000 papers a page, and goes on with `token`, which the last
  page leaves out. Nothing found is `{"total": 0}` without any `data`.
- `/paper/batch` takes up to 500 identifiers in a JSON document and answers in their order, with `null` for
  what is not there.
- Nothing says when a paper was changed. But a listing may hold whole papers, and the digest of what was read marks
  their state: a paper is fetched again when its digest is another than the stored one.
- Mistakes are `{"error": …}` with 400 and 404.
- One question a second, with a key of one's own in the header `x-api-key`. Without a key everybody shares one
  pool, which is often exhausted.

Not confirmed: how long a token is good (a refused one makes the listing begin again), and whether `total` is exact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from db.errors import BadAnswer, RecordError, Refused, TokenExpired
from db.record import Author, Identifier, Record, Section, Unreadable, digest_of
from db.trial_numbers import find
from harvest.readers.text import plain
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources.json_shapes import number, part, parts, text, texts
from harvest.transport import Answer, Pace, Transport

SOURCE = "semanticscholar"
URL = "https://api.semanticscholar.org/graph/v1"
BATCH = 500
"""Papers a fetch: the most that is allowed."""
FIELDS = (
    "title,abstract,authors,year,publicationDate,publicationTypes,journal,publicationVenue,externalIds,url"
)
"""All that is read. Not among them: counts of citations, which change without the paper changing."""
PAPER_ID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands: enough to go on in another process tomorrow."""

    query: str
    """Digest of the search string: a token means nothing in another listing."""
    token: str = ""

    @classmethod
    def read(cls, cursor: str, query: str) -> _Place:
        """Raises `TokenExpired` when the cursor is of another search; the run then lists from the start."""
        if not cursor:
            return cls(query)
        try:
            place = cls(**json.loads(cursor))
        except (ValueError, TypeError):
            place = cls("")
        if place.query != query:
            raise TokenExpired(
                SOURCE, "semanticscholar: the place kept in this listing is of another search."
            )
        return place


class SemanticScholar:
    """Semantic Scholar.

    Args:
        transport: the door to the network; it keeps the pace, retries, and never lets a secret out.
        settings: what `[sources.semanticscholar]` in `review.toml` says: `url`, `requests_per_second`, and the
            `api_key` from the environment variable that `api_key_env` names.
    """

    name = SOURCE
    label = "Semantic Scholar"
    register = False
    version = "1"
    help = (
        'Query: + for AND, | for OR, - for NOT, "a phrase", word*, brackets; between words without a sign it is AND.',
        "Settings: api_key_env, the name of the variable that holds the key; url; requests_per_second (1).",
        "Key: free, from semanticscholar.org/product/api; without one, everybody shares one pool.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = settings.get("url", URL).rstrip("/")
        self._pace = Pace(float(settings.get("requests_per_second", "1")))
        self._headers = {"x-api-key": settings["api_key"]} if "api_key" in settings else {}

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Raises:
            TokenExpired: the cursor belongs to another search, or Semantic Scholar refuses its token.
            SearchError: as `Transport.ask`.
        """
        del since
        place = None if cursor == LISTED else _Place.read(cursor, digest_of(search.query))
        while place:
            token = {"token": place.token} if place.token else {}
            params = {"query": search.query, "fields": FIELDS, **token}
            request = Request("GET", f"{self._url}/paper/search/bulk", params)
            body = self._ask(request)
            found = _read(body)
            place = replace(place, token=found.token) if found.token else None
            cursor = json.dumps(asdict(place)) if place else LISTED
            yield Page("list", body, request, cursor, promised=found.total)

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The papers on a page, each with the digest of its record. Raises `BadAnswer`."""
        return [Hit(content.key, _stamp(content)) for content in self.records(body)]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch papers by their identifiers, 500 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is none of this source.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not PAPER_ID.fullmatch(key)]:
            raise Refused(SOURCE, f"semanticscholar: {wrong[0]!r} is no paper of Semantic Scholar.")
        for start in range(0, len(keys), BATCH):
            left = tuple(keys[start : start + BATCH])
            first, missing = self._fetched(left)
            if len(missing) < len(left):
                yield replace(first, asked=tuple(key for key in left if key not in missing))
            if missing:
                second, never = self._fetched(missing)
                yield replace(second, asked=missing, missing=never)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of papers, and which of the keys it does not hold."""
        document = json.dumps({"ids": keys})
        request = Request("POST", f"{self._url}/paper/batch", {"fields": FIELDS}, document)
        body = self._ask(request, only=frozenset(keys))
        came = {_key(paper) for paper in _read(body).papers}
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Papers of a page in its order. Raises `BadAnswer` if nothing can be read."""
        for position, paper in enumerate(_read(body).papers, 1):
            try:
                yield _record(paper)
            except RecordError as error:
                raw = json.dumps(paper, ensure_ascii=False)
                yield Unreadable(position, str(error), raw, key=_key(paper))

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax."""
        if not search.query.strip():
            return ["The search string is empty."]
        operators = dict.fromkeys(re.findall(r"\b(?:AND|OR|NOT)\b", search.query))
        return [f'"{said}" is no operator of Semantic Scholar; it writes + | and -.' for said in operators]

    # -- asking --------------------------------------------------------------------------------------

    def _ask(self, request: Request, only: frozenset[str] | None = None) -> bytes:
        """A body that has been looked at: the check runs inside the retry, so that a bad answer is asked again."""

        def check(answer: Answer) -> None:
            came = [_key(paper) for paper in _read(answer.body).papers]
            strangers = [key for key in came if not key or (only is not None and key not in only)]
            if strangers:
                sentence = f"semanticscholar: {strangers[0]!r} came and was not asked for"
                raise BadAnswer(SOURCE, sentence, answer.body)

        def explain(answer: Answer) -> None:
            if answer.status == 400 and "token" in request.params:
                raise TokenExpired(SOURCE, "semanticscholar: the place in the listing is no longer known.")

        answer = self._transport.ask(
            SOURCE, request, pace=self._pace, headers=self._headers, check=check, explain=explain
        )
        return answer.body


# -- reading: pure, the same bytes give the same records for ever -------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer, as far as both verbs need it."""

    papers: Sequence[Mapping[str, Any]]
    total: int | None = None
    token: str = ""
    """Where the listing goes on; empty after the last page."""


def _read(body: bytes) -> _Read:
    """A page of a listing, which is an object, or of papers, which is a list. Raises `BadAnswer`."""
    try:
        said = json.loads(body)
        if isinstance(said, list):
            there = [paper for paper in said if paper is not None]
            return _Read(parts({"papers": there}, "papers"))
        answer = part({"answer": said}, "answer")
        papers, total, token = parts(answer, "data"), number(answer, "total"), text(answer, "token")
    except (ValueError, RecursionError, RecordError) as error:
        raise BadAnswer(SOURCE, f"semanticscholar: the answer cannot be read ({error})", body) from error
    if total is None:
        raise BadAnswer(SOURCE, "semanticscholar: the answer does not say how many match", body)
    return _Read(papers, total, token)


def _key(paper: Mapping[str, Any]) -> str:
    found = paper.get("paperId")
    return found if isinstance(found, str) else ""


def _stamp(content: Record | Unreadable) -> str:
    """What marks this state: another digest, another content."""
    return content.digest if isinstance(content, Record) else digest_of(content.raw)


def _record(paper: Mapping[str, Any]) -> Record:
    """One paper. Raises `RecordError` when a part has an unknown shape."""
    if not _key(paper):
        raise RecordError("A paper without an identifier cannot be told from others.")
    journal, venue = part(paper, "journal"), part(paper, "publicationVenue")
    title, abstract = plain(text(paper, "title")), plain(text(paper, "abstract"))
    return Record(
        source=SOURCE,
        key=_key(paper),
        title=title,
        abstract=(Section(abstract),) if abstract else (),
        authors=tuple(Author(family=text(author, "name")) for author in parts(paper, "authors")),
        journal=text(journal, "name") or text(venue, "name"),
        issns=tuple(filter(None, (text(venue, "issn"),))),
        year=number(paper, "year"),
        date=text(paper, "publicationDate"),
        volume=text(journal, "volume"),
        pages=text(journal, "pages"),
        publication_types=texts(paper, "publicationTypes"),
        identifiers=(*_identifiers(paper), *find(title, "title"), *find(abstract, "abstract")),
        urls=tuple(filter(None, (text(paper, "url"),))),
    )


def _identifiers(paper: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """`externalIds` names PubMed Central by bare digits."""
    known = part(paper, "externalIds")
    pmcid = text(known, "PubMedCentral")
    named = {
        "doi": text(known, "DOI"),
        "pmid": text(known, "PubMed"),
        "pmcid": f"PMC{pmcid}" if pmcid else "",
    }
    own = Identifier("accession", _key(paper))
    return (*(Identifier(scheme, value, "article") for scheme, value in named.items() if value), own)

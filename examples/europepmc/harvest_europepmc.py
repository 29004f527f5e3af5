"""Europe PMC for Harvest, as somebody outside of the project would ship it: this file and an entry point.

Europe PMC (europepmc.org/RestfulWebService; no key) holds PubMed, PubMed Central, preprints, patents and
Agricola. What this rests on:

- `searchPOST` takes long questions, and adds synonyms unless `synonym=false` is said.
- A listing goes on with `nextCursorMark`. The mark never becomes null: the end is an empty list, or the
  same mark again, or no mark at all when everything fitted into one page.
- Mistakes come as `{"errCode": …, "errMsg": …}` with status 200.
- A document is known by a pair: 39709209 of MED, PPR1036674 of PPR. `EXT_ID:… AND SRC:…` finds it again.
- `UPDATE_DATE` finds what was changed; a listing of identifiers says nothing about changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from db.errors import BadAnswer, CountMismatch, RecordError, Refused, TokenExpired
from db.record import Author, Grant, Heading, Identifier, Record, Relation, Section, Unreadable, digest_of
from db.trial_numbers import find
from harvest.readers.text import plain
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources.json_shapes import number, part, parts, text, texts
from harvest.transport import Answer, Pace, Transport

SOURCE = "europepmc"
URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PAGE = 1_000
"""Identifiers a page: the most that is allowed."""
BATCH = 50
"""Records a fetch."""
OVERLAP = timedelta(days=7)
"""What was changed is asked for from a week before the newest change known: an index is late by days."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands: enough to go on in another process tomorrow."""

    query: str
    """Digest of the search string: a mark means nothing in another listing."""
    since: str
    kind: Literal["list", "changed"] = "list"
    mark: str = "*"
    seen: int = 0
    """Listed so far in this pass."""

    @property
    def cursor(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def next_pass(self) -> _Place | None:
        """After everything that matches comes what was changed, if there is anything to compare with."""
        return _Place(self.query, self.since, "changed") if self.kind == "list" and self.since else None

    @classmethod
    def read(cls, cursor: str, query: str) -> _Place:
        """Raises `TokenExpired` when the cursor is of another search; the run then lists from the start."""
        try:
            place = cls(**json.loads(cursor))
        except (ValueError, TypeError):
            place = cls("", "")
        if place.query != query:
            raise TokenExpired(SOURCE, "europepmc: the place kept in this listing is of another search.")
        return place


class EuropePmc:
    """Europe PMC.

    Args:
        transport: the door to the network; it keeps the pace, retries, and never lets a secret out.
        settings: what `[sources.europepmc]` in `review.toml` says: `url`, `requests_per_second`, `email`.
    """

    name = SOURCE
    label = "Europe PMC"
    register = False
    version = "1"
    help = (
        'Query: as in the search box of europepmc.org: TITLE:"…", ABSTRACT:…, SRC:PPR, AND, OR, NOT.',
        "Settings: email, so that they can write before they block anybody; url; requests_per_second (2).",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = settings.get("url", URL).rstrip("/") + "/searchPOST"
        self._pace = Pace(float(settings.get("requests_per_second", "2")))
        self._secrets = {"email": settings["email"]} if "email" in settings else {}

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; then, with `since`, what of it was changed from a week before.

        Raises:
            CountMismatch: more is listed than there is said to be.
            TokenExpired: the cursor belongs to another search.
            SearchError: as `Transport.ask`.
        """
        query = digest_of(search.query)
        place = _Place.read(cursor, query) if cursor not in ("", LISTED) else _Place(query, since)
        following = None if cursor == LISTED else place
        while following:
            page, following = self._listed(search.query, following)
            yield page

    def _listed(self, query: str, place: _Place) -> tuple[Page, _Place | None]:
        """One page, and the place after it; no place when that was the last one."""
        if place.kind == "changed":
            first = date.fromisoformat(f"{place.since}-01-01"[:10]) - OVERLAP  # it may be a year or a month
            query = f"({query}) AND UPDATE_DATE:[{first} TO 3000-12-31]"
        request = self._request(query, resultType="idlist", pageSize=str(PAGE), cursorMark=place.mark)
        body = self._ask(request)
        answer = _read(body)
        after = replace(place, mark=answer.mark, seen=place.seen + len(answer.results))
        if after.seen > answer.total:
            raise CountMismatch(
                SOURCE,
                f"europepmc: {answer.total:,} are said to match, but {after.seen:,} are listed: start the run again; "
                "the index may be changing at this moment.",
            )
        over = not answer.results or answer.mark in ("", place.mark)
        following = place.next_pass() if over else after
        page = Page(place.kind, body, request, following.cursor if following else LISTED)
        if place.kind == "list":
            page = replace(page, promised=answer.total, translation=answer.echo)
        return page, following

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The pairs of source and number on a page, as `MED:39709209`. Raises `BadAnswer`."""
        keys = _read(body).keys
        if not all(keys):
            raise BadAnswer(SOURCE, "europepmc: something is listed without its number", body)
        return [Hit(key) for key in keys]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch records by their keys, 50 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is none of this source.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not re.fullmatch(r"[A-Z]+:[\w.-]+", key)]:
            raise Refused(SOURCE, f"europepmc: {wrong[0]!r} is no key such as MED:39709209.")
        for start in range(0, len(keys), BATCH):
            left = tuple(keys[start : start + BATCH])
            first, missing = self._fetched(left)
            if len(missing) < len(left):
                yield replace(first, asked=tuple(key for key in left if key not in missing))
            if missing:
                second, never = self._fetched(missing)
                yield replace(second, asked=missing, missing=never)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of records, and which of the keys it does not hold."""
        named = (key.partition(":") for key in keys)
        query = " OR ".join(f"(EXT_ID:{number} AND SRC:{source})" for source, _, number in named)
        request = self._request(query, resultType="core", pageSize=str(PAGE))
        body = self._ask(request, only=frozenset(keys))
        came = frozenset(_read(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        for position, result in enumerate(_read(body).results, 1):
            try:
                yield _record(result)
            except RecordError as error:
                raw = json.dumps(result, ensure_ascii=False)
                yield Unreadable(position, str(error), raw, key=_key(result))

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax."""
        if not search.query.strip():
            return ["The search string is empty."]
        tags = re.findall(r"\[(?:tiab|ti|mh|mesh|pt)\]", search.query, re.IGNORECASE)
        return [
            f'"{tag}" is a field tag of PubMed; Europe PMC writes TITLE:"…".' for tag in dict.fromkeys(tags)
        ]

    # -- asking --------------------------------------------------------------------------------------

    def _request(self, query: str, **params: str) -> Request:
        """What is kept with the page, so nothing secret may stand in it."""
        return Request("POST", self._url, {"query": query, "format": "json", "synonym": "false", **params})

    def _ask(self, request: Request, only: frozenset[str] | None = None) -> bytes:
        """A body that has been looked at: the check runs inside the retry, so that a bad answer is asked again."""

        def check(answer: Answer) -> None:
            came = _read(answer.body).keys
            strangers = [key for key in came if only is not None and key not in only]
            if strangers:
                sentence = f"europepmc: {strangers[0]!r} came and was not asked for"
                raise BadAnswer(SOURCE, sentence, answer.body)

        answer = self._transport.ask(SOURCE, request, pace=self._pace, secrets=self._secrets, check=check)
        return answer.body


# -- reading: pure, the same bytes give the same records for ever -------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer, as far as both verbs need it."""

    total: int
    mark: str
    """Where the listing goes on; empty when it does not say."""
    echo: str
    """The question as Europe PMC understood it."""
    results: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(_key(result) for result in self.results)


def _read(body: bytes) -> _Read:
    """An answer. Raises `Refused` for a mistake of ours that is told with status 200, else `BadAnswer`."""
    try:
        answer = part({"answer": json.loads(body)}, "answer")
        refusal, total = text(answer, "errMsg"), number(answer, "hitCount")
        mark, echo = text(answer, "nextCursorMark"), text(part(answer, "request"), "queryString")
        results = parts(part(answer, "resultList"), "result")
    except (ValueError, RecursionError, RecordError) as error:
        raise BadAnswer(SOURCE, f"europepmc: the answer cannot be read ({error})", body) from error
    if refusal:
        raise Refused(SOURCE, f"europepmc: Europe PMC refused the question: {refusal}")
    if total is None:
        raise BadAnswer(SOURCE, "europepmc: the answer does not say how many match", body)
    return _Read(total, mark, echo, results)


def _key(result: Mapping[str, Any]) -> str:
    """`MED:39709209`; empty when one of the two is missing."""
    source, identifier = result.get("source"), result.get("id")
    return f"{source}:{identifier}" if source and identifier else ""


def _record(result: Mapping[str, Any]) -> Record:
    """One result of type `core`. Raises `RecordError` when a part has an unknown shape.

    Left in the page, on purpose: counts of citations and flags such as `hasPDF`. They change without the
    document changing, and each record would look revised every week.
    """
    if not _key(result):
        raise RecordError("A result without source and number cannot be told from others.")
    journal_info, book = part(result, "journalInfo"), part(result, "bookOrReportDetails")
    journal, year = part(journal_info, "journal"), text(result, "pubYear")
    issns = (text(journal, "issn"), text(journal, "essn"))
    abstract = text(result, "abstractText")
    return Record(
        source=SOURCE,
        key=_key(result),
        kind=_KINDS.get(text(result, "source"), "article"),
        title=plain(text(result, "title")),
        abstract=_sections(abstract),
        authors=tuple(map(_author, parts(part(result, "authorList"), "author"))),
        journal=text(journal, "title"),
        journal_abbreviation=text(journal, "isoabbreviation"),
        issns=tuple(issn for issn in issns if issn),
        publisher=text(book, "publisher"),
        year=int(year) if re.fullmatch(r"\d{4}", year) else None,
        date=text(result, "firstPublicationDate"),
        dates={name: day for name, tag in _DATES.items() if (day := text(result, tag))},
        volume=text(journal_info, "volume"),
        issue=text(journal_info, "issue"),
        pages=text(result, "pageInfo"),
        languages=tuple(filter(None, (text(result, "language"),))),
        publication_types=texts(part(result, "pubTypeList"), "pubType"),
        headings=tuple(map(_heading, parts(part(result, "meshHeadingList"), "meshHeading"))),
        keywords=texts(part(result, "keywordList"), "keyword"),
        identifiers=(*_identifiers(result), *find(abstract, "abstract")),
        grants=tuple(map(_grant, parts(part(result, "grantsList"), "grant"))),
        relations=tuple(map(_relation, parts(part(result, "commentCorrectionList"), "commentCorrection"))),
        status=text(result, "publicationStatus"),
        urls=_urls(result),
        extra={tag: (said,) for tag in ("license", "manuscriptId") if (said := text(result, tag))},
    )


_KINDS = {"PPR": "preprint", "PAT": "patent"}
_DATES = {
    "created": "dateOfCreation",
    "revised": "dateOfRevision",
    "completed": "dateOfCompletion",
    "electronic": "electronicPublicationDate",
    "indexed": "firstIndexDate",
}
"""Name in `Record.dates` → theirs. `revised` is what a later run compares with: see `list`."""


def _sections(html: str) -> tuple[Section, ...]:
    """The parts of an abstract, which begin with `<h4>`; what comes before the first has no label."""
    before, *rest = re.split(r"<h4>(.*?)</h4>", html)
    labelled = [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    return tuple(Section(prose, plain(label)) for label, said in labelled if (prose := plain(said)))


def _author(author: Mapping[str, Any]) -> Author:
    if group := text(author, "collectiveName"):
        return Author(family=group, collective=True)
    known = part(author, "authorId")
    places = parts(part(author, "authorAffiliationDetailsList"), "authorAffiliation")
    return Author(
        family=text(author, "lastName") or text(author, "fullName"),
        given=text(author, "firstName"),
        initials=text(author, "initials"),
        orcid=text(known, "value") if text(known, "type") == "ORCID" else "",
        affiliations=tuple(place for row in places if (place := text(row, "affiliation"))),
    )


def _heading(heading: Mapping[str, Any]) -> Heading:
    """Flags are the texts Y and N."""
    qualifiers = parts(part(heading, "meshQualifierList"), "meshQualifier")
    return Heading(
        text(heading, "descriptorName"),
        major=text(heading, "majorTopic_YN") == "Y",
        qualifiers=tuple(
            text(qualifier, "qualifierName") + ("*" if text(qualifier, "majorTopic_YN") == "Y" else "")
            for qualifier in qualifiers
        ),
    )


def _identifiers(result: Mapping[str, Any]) -> tuple[Identifier, ...]:
    named = {scheme: text(result, scheme) for scheme in ("pmid", "pmcid", "doi")}
    own = Identifier("accession", _key(result))
    return (*(Identifier(scheme, value, "article") for scheme, value in named.items() if value), own)


def _grant(grant: Mapping[str, Any]) -> Grant:
    return Grant(text(grant, "grantId"), text(grant, "agency"))


def _relation(said: Mapping[str, Any]) -> Relation:
    known = text(said, "source") == "MED" and text(said, "id")
    identifiers = (Identifier("pmid", known),) if known else ()
    return Relation(text(said, "type"), text(said, "reference"), identifiers)


def _urls(result: Mapping[str, Any]) -> tuple[str, ...]:
    rows = parts(part(result, "fullTextUrlList"), "fullTextUrl")
    return tuple(dict.fromkeys(url for row in rows if (url := text(row, "url"))))

"""Asking ClinicalTrials.gov, API v2 (clinicaltrials.gov/data-api/api; no key, plain-text errors).

A search is listed as NCT numbers with the day of each study's last change, a thousand a page; full studies
are then fetched by number. Rules of the API this rests on:

- A `pageToken` is good only with the query it came from and only until the register's next daily build;
  afterwards the listing begins again (`TokenExpired`).
- `totalCount` comes on the first page only, when asked for by `countTotal`. When the listing does not
  agree with it, the total is asked once more, because the register may have changed meanwhile.
- `filter.ids` also finds a study by a number it had before (`nctIdAliases`).
- `robots.txt` asks for one second between two calls.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from db.errors import BadAnswer, CountMismatch, Refused, TokenExpired, WrongUse
from db.record import Identifier, Record, Unreadable, digest_of
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import clinicaltrials_json as reader
from harvest.sources import clinicaltrials_query as query
from harvest.transport import Answer, Check, Pace, first_line

URL = "https://clinicaltrials.gov/api/v2"
LISTING = {"fields": "NCTId|LastUpdatePostDate", "pageSize": "1000"}
BATCH = 100
"""Studies a fetch: 1.4 kB of address, and on average 1.7 MB of answer."""


class Asks(Protocol):
    """What is needed of `harvest.transport.Transport`."""

    def ask(
        self,
        source: str,
        request: Request,
        *,
        pace: Pace,
        check: Check | None = None,
        explain: Check | None = None,
    ) -> Answer:
        """As there."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands: what is needed to ask for the next page, and to judge the last one."""

    query: str
    """Digest of the parameters: a token means nothing with others."""
    token: str = ""
    seen: int = 0
    """Distinct studies listed so far."""
    total: int = 0

    @property
    def cursor(self) -> str:
        """As it is kept; empty at the beginning."""
        return json.dumps(asdict(self), sort_keys=True) if self.token else ""

    @classmethod
    def read(cls, cursor: str, query: str) -> _Place:
        """The place a cursor names. Raises `TokenExpired` when it is of another query or cannot be read."""
        if not cursor:
            return cls(query)
        try:
            place = cls(**json.loads(cursor))
        except (ValueError, TypeError):
            place = cls("")
        if place.query != query:
            raise TokenExpired(reader.SOURCE, "The place kept in this listing belongs to another query.")
        return place


@dataclass(frozen=True, slots=True)
class _Listed:
    """One page of a listing, read as far as going on needs it."""

    request: Request
    body: bytes
    keys: frozenset[str]
    next: str
    total: int | None

    def page(self, cursor: str, *, counts: bool = True) -> Page:
        return Page("list", self.body, self.request, cursor, self.total, counts=counts)


class ClinicalTrials:
    """The register at clinicaltrials.gov.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `requests_per_second` (more only where a mirror allows it).

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "ClinicalTrials.gov"
    register = True
    version = "1"
    help = (
        'Query: the value of query.term in the register\'s own syntax (AND, OR, NOT, "phrase", AREA[Field]).',
        f"Options: {', '.join(query.OPTIONS)}.",
        "Settings: url; requests_per_second (1, because the register asks for a second between two calls).",
    )

    def __init__(self, transport: Asks, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = _base(settings.get("url", "")) + "/studies"
        self._pace = Pace(_rate(settings.get("requests_per_second") or "1"))

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        The latest total a page promises is the one that holds.

        Raises:
            Refused: the search is empty, or the register does not accept it.
            TokenExpired: the register no longer knows the place, or the listing that was gone on with
                does not add up.
            CountMismatch: the register lists more or fewer studies than it says it has, also when asked again.
            SearchError: as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        params = query.parameters(search) | LISTING
        place = _Place.read(cursor, digest_of(json.dumps(params, sort_keys=True)))
        resumed, seen, earlier = bool(cursor), set[str](), place.seen
        while True:
            listed = self._listed(params, place.token)
            if listed.next and listed.keys <= seen:
                raise BadAnswer(
                    self.name, "ClinicalTrials.gov lists the same studies again and again", listed.body
                )
            seen |= listed.keys
            total = place.total if listed.total is None else listed.total
            following = _Place(place.query, listed.next, earlier + len(seen), total)
            if not following.token:
                break
            yield listed.page(following.cursor)
            place = following
        if following.seen == total:
            yield listed.page(LISTED)
            return
        yield listed.page(place.cursor)  # asked for again if the run is cut here
        yield self._recounted(params, following.seen, resumed=resumed).page(LISTED, counts=False)

    def _listed(self, params: Mapping[str, str], token: str) -> _Listed:
        where = {"pageToken": token} if token else {"countTotal": "true"}
        request = Request("GET", self._url, {**params, **where})
        answer = self._transport.ask(
            self.name,
            request,
            pace=self._pace,
            check=lambda answer: _check_listing(answer.body, first=not token),
            explain=_token_refused if token else None,
        )
        data = reader.document(answer.body)
        keys = frozenset(hit.key for hit in self.hits(answer.body))
        return _Listed(request, answer.body, keys, data.get("nextPageToken") or "", data.get("totalCount"))

    def _recounted(self, params: Mapping[str, str], seen: int, *, resumed: bool) -> _Listed:
        """The total, asked for once more; raises unless it is now what was listed."""
        listed = self._listed({**params, "pageSize": "1"}, "")
        if listed.total == seen:
            return listed
        sentence = (
            f"ClinicalTrials.gov says that {listed.total} studies match, but lists {seen}: "
            "start the run again; the register may be changing at this moment."
        )
        raise TokenExpired(self.name, sentence) if resumed else CountMismatch(self.name, sentence)

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The studies of a listing, each with the day of its last posted change. Raises `BadAnswer`."""
        hits = [
            Hit(next(iter(reader.names(study)), ""), reader.stamp(study)) for study in reader.studies(body)
        ]
        if not all(hit.key for hit in hits):
            raise BadAnswer(self.name, "ClinicalTrials.gov listed a study without its NCT number", body)
        return hits

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch full studies. What one answer leaves out is asked for again, until an answer brings nothing.

        So a study is missing only after it was asked for twice, and a server that cuts its pages shorter
        is served, too. A study that lists an asked number among its earlier ones (`nctIdAliases`) counts.

        Raises:
            Refused: a key is no NCT number (the register would refuse all of them).
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _NCT.fullmatch(key)]:
            raise Refused(self.name, f"{wrong[0]!r} is no NCT number: it cannot be asked for.")
        for start in range(0, len(keys), BATCH):
            left, again = tuple(keys[start : start + BATCH]), False
            while left:
                request = Request("GET", self._url, {"filter.ids": ",".join(left), "pageSize": str(BATCH)})
                body, came = self._fetched(request, left)
                missing = left if again and not came else ()
                if came or missing:
                    yield Page("records", body, request, asked=came + missing, missing=missing)
                left, again = tuple(key for key in left if key not in came + missing), True

    def _fetched(self, request: Request, keys: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """The answer, and which of the keys it holds."""

        def check(answer: Answer) -> None:
            for names in filter(None, map(reader.names, reader.studies(answer.body))):
                if not set(names) & set(keys):
                    sentence = f"ClinicalTrials.gov sent {names[0]}, which was not asked for"
                    raise BadAnswer(self.name, sentence, answer.body)

        body = self._transport.ask(self.name, request, pace=self._pace, check=check).body
        came = {name for study in reader.studies(body) for name in reader.names(study)}
        return body, tuple(key for key in keys if key in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Read an answer, a single study, or a JSON download of the website. Raises `BadAnswer`."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one study; the register tells nothing of how it read the string."""
        params = query.parameters(search) | LISTING | {"pageSize": "1"}
        return self._listed(params, "").page("", counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """The NCT number, or the number of another register among the secondary ones (`SecondaryId`).

        Fields: clinicaltrials.gov/data-api/about-api/study-data-structure. That `SecondaryId` finds a number
        of another register whatever type it was entered under could not be tried.
        """
        if identifier.scheme == "nct":
            return f"AREA[NCTId]{identifier.value}"
        other = identifier.scheme in ("isrctn", "eudract", "ctis")
        return f'AREA[SecondaryId]"{identifier.value}"' if other else None

    def as_of(self, search: Search, day: str) -> Search:
        """By the day a study was first posted; studies that were taken off the register stay lost."""
        posted = f"AREA[StudyFirstPostDate]RANGE[MIN,{day}]"
        said = search.options.get("filter.advanced", "").strip()
        advanced = f"({said}) AND {posted}" if said else posted
        return replace(search, options={**search.options, "filter.advanced": advanced})

    def check(self, search: Search) -> Sequence[str]:
        """What is doubtful about a search, judged without asking the register."""
        texts = (search.query, *search.options.values())
        found = [doubt for text in texts for doubt in query.doubts(text)]
        found += (query.unknown(name) for name in search.options if name not in query.OPTIONS)
        if not any(text.strip() for text in texts):
            found.append("The search is empty: it would match every study of the register.")
        return tuple(dict.fromkeys(found))


# -- asking ------------------------------------------------------------------------------------------

_NCT = re.compile(r"NCT\d{8}")


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        raise WrongUse(f"sources.clinicaltrials: requests_per_second is {text!r}: write a number above 0.")
    return rate


def _check_listing(body: bytes, *, first: bool) -> None:
    """Raises `BadAnswer` unless this is a page of a listing; nothing listed must mean nothing there."""
    data = reader.document(body)
    if not isinstance(data, dict) or not isinstance(data.get("studies"), list):
        raise BadAnswer(reader.SOURCE, "ClinicalTrials.gov sent JSON that is no list of studies", body)
    total, token, studies = data.get("totalCount"), data.get("nextPageToken"), data["studies"]
    if first and (not isinstance(total, int) or bool(total) != bool(studies)):
        sentence = (
            f"ClinicalTrials.gov lists {len(studies)} studies on a first page and says there are {total}"
        )
        raise BadAnswer(reader.SOURCE, sentence, body)
    if not isinstance(token, str | None) or (token and not studies):
        raise BadAnswer(reader.SOURCE, "ClinicalTrials.gov names a next page that makes no sense", body)
    if not all(map(reader.names, studies)):
        raise BadAnswer(reader.SOURCE, "ClinicalTrials.gov listed a study without its NCT number", body)


def _token_refused(answer: Answer) -> None:
    """400 to a question with a token: the register was rebuilt, and the token with it."""
    if answer.status == 400:
        sentence = f"ClinicalTrials.gov no longer knows the place in the listing ({first_line(answer.body)})."
        raise TokenExpired(reader.SOURCE, sentence, answer.body)


def _base(url: str) -> str:
    """Where the API lies: an address that names only a host stands for the host, and keeps the API's path."""
    parts = urlsplit(url or URL)
    path = parts.path.rstrip("/") or urlsplit(URL).path
    return f"{parts.scheme}://{parts.netloc}{path}"

"""Asking DOAJ, the Directory of Open Access Journals (doaj.org/api/docs; no key).

What this rests on, from DOAJ's own code (github.com/DOAJ/doaj, portality/api/current/discovery.py) unless it says so:

- `/search/articles/{query}`: the query stands in the path, percent-encoded. Pages of 100; a page that begins at
  record 1,000 or later is refused. A longer listing is cut by `created_date`, which every article has exactly once,
  into days that hold no more; the parts must add up. More than 1,000 in one day cannot be listed, and it is said.
- Wildcards (`*`, `?`) and fuzzy or proximity searches (`~`) are refused. Words without an operator are joined by AND.
- A page is a number: when the total of a part changes between two pages, the listing begins again. Articles are
  sorted by `created_date`, so that new ones come last.
- `last_updated` is the stamp.
- Articles are fetched 50 at a time by `id:(… OR …)`; that `id` can be searched could not be confirmed: what does
  not come is asked for by `/articles/{id}`, which is documented.
- Two questions a second, five at once at the most (documentation).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from db.errors import BadAnswer, CountMismatch, Miscounted, Refused, SearchError, TokenExpired
from db.record import Identifier, Record, Unreadable, digest_of
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import doaj_json as reader
from harvest.sources import manners
from harvest.sources.places import cursor_of, place_at
from harvest.sources.spans import Span
from harvest.transport import Answer, Transport, first_line

URL = "https://doaj.org/api"
PAGE = 100
CEILING = 1_000
"""Articles of a query that can be listed."""
BATCH = 50
"""Articles a fetch."""
LONGEST = 4_000
"""Characters of an encoded query that every server on the way may be expected to take."""
ALL_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands."""

    query: str
    """Digest of the query."""
    start: str = ALL_TIME.start.date().isoformat()
    """First day of the part that is listed next."""
    end: str = ""
    """The day after its last; empty as long as the part is not chosen."""
    held: int = 0
    """Articles in the part."""
    page: int = 1
    """The next of its pages."""
    seen: int = 0
    total: int = -1
    """Of the whole; negative before it was asked for."""

    @property
    def left(self) -> int:
        """Articles of the part that are not listed yet."""
        return self.held - (self.page - 1) * PAGE

    def after(self, listed: int) -> _Place:
        """The place behind a page."""
        seen = self.seen + listed
        if self.left > PAGE:
            return replace(self, page=self.page + 1, seen=seen)
        return replace(self, start=self.end, end="", held=0, page=1, seen=seen)


class _NotThereError(Refused):
    """404 to a single article."""


class Doaj:
    """The Directory of Open Access Journals.

    Args:
        transport: the door to the network.
        settings: `url` (of a test server), `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "DOAJ"
    register = False
    version = "1"
    help = (
        'Query: words, "phrases", AND, OR, NOT in capitals, brackets; no * ? ~.',
        "Fields: title:, abstract:, doi:, journal:, bibjson.year:2024 …",
        "Settings: url; requests_per_second (2, which is what DOAJ asks for).",
        "Terms: metadata of articles are CC0.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL)
        self._pace = manners.pace(settings, self.name, 2)

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Raises:
            CountMismatch: the parts of the listing do not add up to what DOAJ says.
            TokenExpired: the index changed while it was listed, or the cursor is of another search.
            SearchError: more than 1,000 articles that match share one day; or as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        place = place_at(cursor, _Place(digest_of(search.query)), self.name)
        if place.total < 0:
            page = self.count(search)
            place = replace(place, total=page.promised or 0)
            yield replace(page, cursor=cursor_of(place) if place.total else LISTED)
        for part in self._parts(search.query, place):
            place = replace(part, seen=place.seen)
            while place.end:
                page, place = self._listed(search.query, place)
                yield page
            if page.cursor == LISTED:
                return
        if place.total:
            yield self._settled(search, place, resumed=bool(cursor))

    def _settled(self, search: Search, place: _Place, *, resumed: bool) -> Page:
        """The total, asked for once more; raises unless it is what the parts hold together."""
        page = self.count(search)
        if page.promised == place.seen:
            return replace(page, cursor=LISTED)
        sentence = (
            f"doaj: the parts of this listing hold {place.seen:,} articles together, but DOAJ says that "
            f"{page.promised:,} match: start the run again; the index may be changing at this moment."
        )
        raise TokenExpired(self.name, sentence) if resumed else CountMismatch(self.name, sentence)

    def _listed(self, query: str, place: _Place) -> tuple[Page, _Place]:
        """A page of a part, and the place behind it."""
        params = {"page": str(place.page), "pageSize": str(PAGE), "sort": "created_date:asc"}
        request = self._search(_within(query, _span(place)), params)
        body = self._ask(request, holds=min(PAGE, place.left), of=place.held)
        after = place.after(len(reader.articles(body).articles))
        over = not after.end and _span(place) == ALL_TIME  # what was not cut is whole by itself
        return Page("list", body, request, LISTED if over else cursor_of(after), place.total), after

    def _parts(self, query: str, place: _Place) -> Iterator[_Place]:
        """The parts from a place on, each chosen; one that is listed in part comes first."""
        rest = place.total - place.seen
        start = place.start
        if place.end:
            yield place
            start, rest = place.end, rest - place.left
        whole = Span(_moment(start), ALL_TIME.end)
        for span, held in self._tiles(query, whole, rest):
            yield replace(place, start=_day(span.start), end=_day(span.end), held=held, page=1)

    def _tiles(self, query: str, span: Span, known: int) -> Iterator[tuple[Span, int]]:
        """Days that hold `known` articles as far as one knows, cut until no part holds more than can be listed."""
        if known <= 0:
            return
        halves = span.halves(DAY)
        if known <= CEILING:
            yield span, known
            return
        if not halves:
            raise SearchError(
                self.name,
                f"doaj: {known:,} articles that match were added on {_day(span.start)}, and DOAJ lists {CEILING:,} at "
                "most: divide this search into narrower ones.",
            )
        left, right = halves
        held = self._held(_within(query, left))
        yield from self._tiles(query, left, held)
        yield from self._tiles(query, right, known - held)

    def _held(self, query: str) -> int:
        return reader.articles(self._ask(self._search(query, {"page": "1", "pageSize": "1"}))).total

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The articles of a listing, each with the moment of its last change. Raises `BadAnswer`."""
        found = reader.articles(body)
        return [Hit(key, reader.stamp(said)) for key, said in zip(found.keys, found.articles, strict=True)]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch articles by id, 50 a page; what does not come is asked for by itself.

        Raises:
            Refused: a key is no id of DOAJ.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _ID.fullmatch(key)]:
            raise Refused(self.name, f"doaj: {wrong[0]!r} is no id of an article: it cannot be asked for.")
        for start in range(0, len(keys), BATCH):
            batch = tuple(dict.fromkeys(keys[start : start + BATCH]))
            page, came = self._searched(batch)
            if came:
                yield replace(page, asked=came)
            single = [self._single(key) for key in batch if key not in came]
            yield from filter(None, single)
            brought = {key for found in single if found for key in found.asked}
            if never := tuple(key for key in batch if key not in came and key not in brought):
                page, came = self._searched(never)
                yield replace(page, asked=never, missing=tuple(key for key in never if key not in came))

    def _searched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        request = self._search(f"id:({' OR '.join(keys)})", {"page": "1", "pageSize": str(BATCH)})
        body = self._ask(request, only=frozenset(keys))
        came = frozenset(reader.articles(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key in came)

    def _single(self, key: str) -> Page | None:
        request = Request("GET", f"{self._url}/articles/{key}")
        try:
            return Page("records", self._ask(request, only=frozenset((key,))), request, asked=(key,))
        except _NotThereError:
            return None

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one article, with the question as it came to DOAJ."""
        request = self._search(search.query, {"page": "1", "pageSize": "1"})
        body = self._ask(request)
        answer = reader.articles(body)
        return Page("list", body, request, "", answer.total, translation=answer.reading, counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """By DOI, which is a field (`doi`); DOAJ's own id may be one, which could not be confirmed."""
        return f'doi:"{identifier.value}"' if identifier.scheme == "doi" else None

    def as_of(self, search: Search, day: str) -> Search:
        """By the day DOAJ took an article in; what was taken out since stays lost."""
        end = _moment(day) + DAY
        return replace(search, query=_within(search.query, Span(min(ALL_TIME.start, end), end)))

    # -- asking --------------------------------------------------------------------------------------

    def _search(self, query: str, params: Mapping[str, str]) -> Request:
        return Request("GET", f"{self._url}/search/articles/{quote(query, safe='')}", dict(params))

    def _ask(
        self, request: Request, *, only: frozenset[str] | None = None, holds: int | None = None, of: int = 0
    ) -> bytes:
        """A body that has been looked at: no strangers in it, and so many articles of so many."""

        def check(answer: Answer) -> None:
            found = reader.articles(answer.body)
            strangers = [key for key in found.keys if only is not None and key not in only]
            if strangers:
                raise BadAnswer(self.name, f"doaj: {strangers[0]} came and was not asked for", answer.body)
            if holds is not None and found.total != of:
                sentence = f"doaj: {found.total:,} articles match now, {of:,} did a moment ago."
                raise TokenExpired(self.name, sentence, answer.body)
            if holds is not None and len(found.articles) != holds:
                sentence = f"doaj: a page holds {len(found.articles)} articles and not {holds}"
                raise Miscounted(self.name, sentence, answer.body)

        return self._transport.ask(self.name, request, pace=self._pace, check=check, explain=_refused).body

    def check(self, search: Search) -> Sequence[str]:
        """What DOAJ refuses or understands otherwise, judged without asking it."""
        if not search.query.strip():
            return ["The search string is empty."]
        found = [
            f'"{seen[0].strip()}" {why}' for pattern, why in _DOUBTS if (seen := pattern.search(search.query))
        ]
        if len(quote(search.query, safe="")) > LONGEST:
            found.append(
                f"The search string has more than {LONGEST:,} characters when encoded: DOAJ may not take it."
            )
        return found


_ID = re.compile(r"[0-9a-f]{32}")

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"[^\s\\()\":]*(?<!\\)[*?]", "is a wildcard, which DOAJ refuses; write the forms with OR."),
        (r"[^\s\\]+~\d*", "is a fuzzy or proximity search, which DOAJ refuses."),
        (
            r"\[(?:tiab|ti|ab|mh|mesh|pt|tw)\w*\]",
            "is a field tag of PubMed; DOAJ writes title:…, abstract:….",
        ),
        (
            r"(?i)\.(?:tw|ti|ab|mp|sh|pt|kf|kw)(?:,\w\w)*\.",
            "is a field of Ovid; DOAJ writes title:…, abstract:….",
        ),
        (r"(?<=\s)(?:and|or|not)(?=\s)", "is an operator for certain only in capitals."),
    )
)


def _within(query: str, span: Span) -> str:
    """The query for a part: from a day on, and before another. Without times, whose colons DOAJ would escape."""
    if span == ALL_TIME:
        return query
    return f"({query}) AND created_date:[{_day(span.start)} TO {_day(span.end)}}}"


def _span(place: _Place) -> Span:
    return Span(_moment(place.start), _moment(place.end))


def _moment(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _refused(answer: Answer) -> None:
    """What DOAJ says about a question it does not accept: `{"status": "bad_request", "error": …}`."""
    if answer.status == 404:
        raise _NotThereError(reader.SOURCE, "doaj: DOAJ has no such article.")
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    error = said.get("error") if isinstance(said, dict) else None
    told = first_line(str(error).encode()) if error else first_line(answer.body)
    hint = " It takes no wildcards (* ?) and no ~." if "Lucene" in told else ""
    raise Refused(reader.SOURCE, f"doaj: DOAJ refused the question with {answer.status}: {told}.{hint}")

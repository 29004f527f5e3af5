"""Asking the ISRCTN registry (www.isrctn.com; XML, no key; draft of the documentation: bit.ly/ISRCTN_APIdoc_v0_6).

What this rests on, and how sure it is:

- `limit` is the only control (seen in 2026 by others: `offset`, `page`, `sort` are silently ignored), and an
  answer holds whole records of 10 to 30 kB: `totalCount` is asked for first. A long listing is cut by the moment
  of the last edit (`lastEdited GE … AND lastEdited LT …`). Reports on this filter contradict each other, and
  this register ignores what it does not know without a word: each long listing first asks for the year 2100.
  If that finds anything, everything is asked for at once, with `limit` set to the total.
- The parts must add up to `totalCount`.
- A record is fetched by its number as free text, which may bring others that mention it; then each is fetched
  from `/api/trial/…`, which answers 500 to a number that is not there, and therefore is not asked first.
- `lastUpdated` is the stamp of a record, with up to nine digits of a second.
- No rate is published; the documentation asks for one question after the other. One a second.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from db.errors import BadAnswer, CountMismatch, Miscounted, Refused, TokenExpired
from db.record import Identifier, Record, Unreadable, digest_of
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import isrctn_xml as reader
from harvest.sources import manners
from harvest.sources.places import cursor_of, place_at
from harvest.sources.spans import Span
from harvest.transport import Answer, Transport

URL = "https://www.isrctn.com/api"
PAGE = 100
"""Records a page of a listing: about 2 MB."""
BATCH = 20
"""Records a fetch."""
ALL_TIME = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands."""

    query: str
    """Digest of the query."""
    start: str = ""
    """The moment from which on nothing is listed yet; empty before anything was asked."""
    seen: int = 0
    total: int = 0
    cut: bool = True
    """Whether it can be cut by time."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An answer, read as far as going on needs it."""

    request: Request
    body: bytes
    total: int
    keys: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return len(self.keys) == self.total

    def page(self, promised: int, cursor: str, *, counts: bool = True) -> Page:
        return Page("list", self.body, self.request, cursor, promised, counts=counts)


class Isrctn:
    """The ISRCTN registry.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "ISRCTN"
    register = True
    version = "1"
    help = (
        'Query: as on www.isrctn.com: words, "phrases", AND, OR, NOT; title:, condition:, intervention: for fields.',
        "Hint: write AND or OR between all words; without one they have been seen to be joined by OR.",
        "Settings: url; requests_per_second (1: no limit is published).",
        "Terms: records may be used under CC BY 4.0; addresses and telephones of contacts are not read.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL)
        self._pace = manners.pace(settings, self.name, 1)

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Raises:
            CountMismatch: the parts of the listing do not add up to what the register says.
            TokenExpired: the same of a listing that was gone on with; or the cursor is of another search.
            SearchError: as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        place = place_at(cursor, _Place(digest_of(search.query)), self.name)
        if not place.start:
            first = self._asked(search.query, 1)
            if first.whole:
                yield first.page(first.total, LISTED)
                return
            place = self._begun(place, search.query, first.total)
            yield first.page(first.total, cursor_of(place), counts=False)
        if not place.cut:
            yield self._at_once(search.query, place.total)
            return
        yield from self._parts(search.query, place, resumed=bool(cursor))

    def _begun(self, place: _Place, query: str, total: int) -> _Place:
        """The place before the first part; whether parts can be asked for is tried where it matters."""
        cut = (
            total <= PAGE or self._asked(f"({query}) AND lastEdited GE {_moment(ALL_TIME.end)}", 1).total == 0
        )
        return replace(place, start=_moment(ALL_TIME.start), total=total, cut=cut)

    def _at_once(self, query: str, total: int) -> Page:
        found = self._asked(query, total)
        if not found.whole:
            raise TokenExpired(
                self.name, f"isrctn: {found.total} records match now, {total} did a moment ago."
            )
        return found.page(found.total, LISTED)

    def _parts(self, query: str, place: _Place, *, resumed: bool) -> Iterator[Page]:
        left = Span(datetime.fromisoformat(place.start), ALL_TIME.end)
        for span, found in self._cut(query, left, place.total - place.seen):
            place = replace(place, start=_moment(span.end), seen=place.seen + len(found.keys))
            if span == ALL_TIME:  # what was not cut is whole by itself
                yield found.page(found.total, LISTED)
                return
            yield found.page(place.total, cursor_of(place))
        last = self._asked(query, 1)
        if last.total != place.seen:
            sentence = (
                f"isrctn: the parts of this listing hold {place.seen:,} records together, but the register says "
                f"that {last.total:,} match: start the run again; it may be changing at this moment."
            )
            raise TokenExpired(self.name, sentence) if resumed else CountMismatch(self.name, sentence)
        yield last.page(last.total, LISTED, counts=False)

    def _cut(self, query: str, span: Span, known: int) -> Iterator[tuple[Span, _Found]]:
        """A span that holds `known` records as far as one knows, asked for where it fits into a page, else cut."""
        if not known:
            return
        halves = span.halves(SECOND)
        if known <= PAGE or not halves:
            whole_query = query if span == ALL_TIME else _within(query, span)
            found = self._asked(whole_query, PAGE if halves else known)
            if found.whole or not halves:
                yield span, found
                return
            known = found.total
        left, right = halves
        held = self._asked(_within(query, left), 1).total
        yield from self._cut(query, left, held)
        yield from self._cut(query, right, max(known - held, 0))

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The trials of a listing, each with the moment of its last update. Raises `BadAnswer`."""
        return [Hit(entry.key, entry.stamp) for entry in reader.listed(body).entries]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch records by number, 20 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is no ISRCTN.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _NUMBER.fullmatch(key)]:
            raise Refused(self.name, f"isrctn: {wrong[0]!r} is no ISRCTN: it cannot be asked for.")
        for start in range(0, len(keys), BATCH):
            left = tuple(dict.fromkeys(keys[start : start + BATCH]))
            for _ in range(2):
                if left:
                    came = yield from self._named(left)
                    left = tuple(key for key in left if key not in came)
            if left:
                yield self._missing(left)

    def _named(self, keys: tuple[str, ...]) -> Generator[Page, None, tuple[str, ...]]:
        """Which of these came: in one answer if it holds nothing else, otherwise each by itself."""
        query = " OR ".join(keys)
        found = self._asked(query, PAGE)
        if not found.whole:
            found = self._asked(query, found.total)
        came = tuple(key for key in keys if key in found.keys)
        if set(found.keys) <= set(keys):
            if came:
                yield Page("records", found.body, found.request, asked=came)
            return came
        for key in came:
            request = Request("GET", f"{self._url}/trial/{key}/format/default")
            yield Page("records", self._read(request, only=key).body, request, asked=(key,))
        return came

    def _missing(self, keys: tuple[str, ...]) -> Page:
        """The proof that nothing came: an answer that holds no record."""
        found = self._asked(" OR ".join(keys), 0)
        return Page("records", found.body, found.request, asked=keys, missing=keys)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of an answer in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one record; the register tells nothing of how it read the string."""
        found = self._asked(search.query, 1)
        return found.page(found.total, "", counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """The number as free text, because the register has no field for it: a trial that mentions it is found, too."""
        return f'"{identifier.value}"' if identifier.scheme == "isrctn" else None

    def as_of(self, search: Search, day: str) -> Search | None:
        """None: no field is known to say since when the register has a record."""
        del search, day
        return None

    # -- asking --------------------------------------------------------------------------------------

    def _asked(self, query: str, limit: int) -> _Found:
        """An answer to a query, with as many records as it should hold."""
        request = Request("GET", f"{self._url}/query/format/default", {"q": query, "limit": str(limit)})
        return self._read(request, limit)

    def _read(self, request: Request, limit: int | None = None, only: str = "") -> _Found:
        def check(answer: Answer) -> None:
            page = reader.listed(answer.body)
            if page.total is None and limit is not None:
                raise BadAnswer(self.name, "isrctn: the answer does not say how many match", answer.body)
            if limit is not None and page.total is not None and len(page.entries) != min(limit, page.total):
                sentence = (
                    f"isrctn: the answer says that {page.total:,} match and holds {len(page.entries):,} of them, "
                    f"where {min(limit, page.total):,} were asked for"
                )
                raise Miscounted(self.name, sentence, answer.body)
            strangers = [entry.key for entry in page.entries if only and entry.key != only]
            if strangers:
                raise BadAnswer(self.name, f"isrctn: {strangers[0]} came and was not asked for", answer.body)

        answer = self._transport.ask(self.name, request, pace=self._pace, check=check)
        page = reader.listed(answer.body)
        keys = tuple(entry.key for entry in page.entries)
        return _Found(request, answer.body, len(keys) if page.total is None else page.total, keys)

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax, or is known not to work here."""
        if not search.query.strip():
            return ["The search string is empty."]
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        return [
            sentence.format(found[0].strip())
            for pattern, sentence in _DOUBTS
            if (found := pattern.search(unquoted))
        ]


_NUMBER = re.compile(r"ISRCTN\d{8}")

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"\[\w[\w ]*\]", '"{}" is a field tag of PubMed; ISRCTN writes title:…, condition:…, intervention:….'),
        (r"(?i)\.(?:tw|ti|ab|mp|sh|pt|kf|kw)(?:,\w\w)*\.", '"{}" is a field of Ovid; ISRCTN writes title:….'),
        (r"(?<=\s)(?:and|or|not)(?=\s)", '"{}" is an operator for certain only in capitals.'),
        (
            r"\b(?:isrctn|trialStatus|recruitmentStatus|overallStartDate|location|secondaryNumber)\b ?(?::|[GL][TE]\b)",
            '"{}" has been seen to find nothing, or to be ignored without a word, by the register.',
        ),
    )
)  # fmt: skip


def _moment(moment: datetime) -> str:
    """As the register wants it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _within(query: str, span: Span) -> str:
    return f"({query}) AND lastEdited GE {_moment(span.start)} AND lastEdited LT {_moment(span.end)}"

"""Asking PubMed through NCBI's E-utilities (www.ncbi.nlm.nih.gov/books/NBK25499).

A search is listed with ESearch and its records are fetched by PMID with EFetch. Rules this rests on:

- ESearch lists 9,999 records of a query and no more, the history server does not change that, and no
  error says so. A larger result is cut into slices by date (see `pubmed_slices`); their counts must add up.
- The slice stands inside the query (`[CRDT]`), where an unknown field is told, and not in a parameter,
  which would be ignored silently.
- EFetch leaves out records that were deleted or merged, without a word: a page is compared with what was
  asked for.
- 3 requests a second, 10 with a key (support.nlm.nih.gov/kbArticle/?pn=KA-05317); `tool` and `email`
  with each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from db.errors import CountMismatch, SearchError, TokenExpired, WrongUse
from db.record import Identifier, Record, Unreadable, digest_of
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import pubmed_answers as answers
from harvest.sources import pubmed_xml
from harvest.sources.pubmed_slices import LAST, Place, Slice, after, place_of, remaining
from harvest.transport import Answer, Pace, Transport

URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
BATCH = 200
"""Records a fetch: what NCBI recommends as the most."""
LONGEST_GET = 1_500
"""Characters of an encoded question that still goes into an address."""
OVERLAP = timedelta(days=7)
"""The days of NCBI's dates have no time zone, and loading takes several of them."""


class _Pass(NamedTuple):
    """One listing of one kind."""

    kind: str
    query: str
    fields: tuple[str, ...]
    """Dates to cut by, in turn."""
    first: Place

    @property
    def whole(self) -> str:
        """The query for everything in this pass."""
        if self.kind == "list":
            return self.query
        return Slice(((self.first[0], LAST),)).query(self.query, self.fields)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a listing stands."""

    query: str
    """Digest of the query: a place means nothing in another."""
    phase: str = "list"
    place: str = ""
    """The first days not yet listed, joined by blanks; empty before the first slice."""
    done: int = 0
    """Records listed so far in this phase."""
    total: int = 0
    since: str = ""
    """As it was when the listing began."""
    resumed: bool = False

    @property
    def text(self) -> str:
        """As it is kept."""
        return json.dumps({k: v for k, v in asdict(self).items() if k != "resumed"}, sort_keys=True)

    @classmethod
    def read(cls, cursor: str, query: str) -> _Cursor:
        """Raises `TokenExpired` when the cursor is of another query or cannot be read."""
        if not cursor:
            return cls(query)
        try:
            found = cls(**json.loads(cursor), resumed=True)
            place_of(found.place)
        except (ValueError, TypeError):
            found = cls("")
        if found.query != query:
            raise TokenExpired(
                pubmed_xml.SOURCE, "pubmed: the place kept in this listing is of another query."
            )
        return found


class _Listed(NamedTuple):
    """One answer that fits into a page."""

    part: Slice
    request: Request
    body: bytes
    found: answers.Found


class PubMed:
    """PubMed.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `api_key`, `email`, `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = pubmed_xml.SOURCE
    label = "PubMed"
    register = False
    version = "1"
    help = (
        "Query: as in PubMed's search box: field tags ([tiab], [mh], [pt] …), AND, OR, NOT in capitals.",
        "Settings: email (or contact.email), which NCBI asks for; url; requests_per_second (3; 10 with a key).",
        "Key: NCBI_API_KEY, free, from the settings of an NCBI account of your own.",
        "Terms: large jobs on weekends or 21:00 to 5:00 US Eastern time; abstracts may be under copyright.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = settings.get("url", "").rstrip("/") + "/" if settings.get("url") else URL
        self._pace = Pace(_requests_per_second(settings, self._url))
        self._read: tuple[bytes, tuple[Record | Unreadable, ...]] = (b"", ())
        self._secrets = {name: settings[name] for name in ("email", "api_key") if settings.get(name)}

    # -- listing ------------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List every PMID that matches today; then, with `since`, those touched since a week before.

        Raises:
            CountMismatch: the slices do not add up to what PubMed says, also when asked again.
            TokenExpired: the same, when the listing had been interrupted; or the cursor cannot be read.
            SearchError: PubMed cannot be asked, or more than 9,999 records share one day in every date.
        """
        if cursor == LISTED:
            return
        at = _Cursor.read(cursor, digest_of(search.query))
        if not cursor:
            at = replace(at, since=_day(since))
        changes = replace(at, phase="changed", place="", done=0, total=0)
        if at.phase == "list":
            matching = _Pass("list", search.query, ("CRDT", "EDAT"), place_of(""))
            yield from self._list(matching, at, changes.text if at.since else LISTED)
            at = changes
        if at.since:
            first = date.fromisoformat(at.since) - OVERLAP
            touched = _Pass("changed", search.query, ("MDAT", "CRDT", "EDAT"), (first,))
            yield from self._list(touched, at, LISTED)

    def _list(self, this: _Pass, at: _Cursor, end: str) -> Iterator[Page]:
        """The pages of one pass; the last one's cursor is `end`."""
        if not at.place:
            request, answer = self._search(this.whole)
            found = answers.found(answer.body)
            if found.count <= answers.MOST:
                yield _page(this, request, answer.body, found, found.count, end)
                return
            page, total = self._count(this)
            at = replace(at, place=_text(this.first), total=total)
            yield replace(page, cursor=at.text)
        yield from self._slices(this, at, end)

    def _slices(self, this: _Pass, at: _Cursor, end: str) -> Iterator[Page]:
        parts = remaining(place_of(at.place))
        if len(parts) == 1:
            parts = [replace(parts[0], known=at.total - at.done)]
        for part in parts:
            for listed in self._cut(this, part):
                place = after(listed.part)
                at = replace(at, done=at.done + listed.found.count, place=_text(place or ()))
                if not place:
                    at = replace(at, total=self._settled(this, at))
                yield _page(this, listed.request, listed.body, None, at.total, at.text if place else end)

    def _cut(self, this: _Pass, part: Slice) -> Iterator[_Listed]:
        """A slice, asked for where it may fit into an answer, else cut in two."""
        halves = part.halves(len(this.fields))
        if halves is None or part.known is None or part.known <= answers.MOST:
            request, answer = self._search(part.query(this.query, this.fields))
            found = answers.found(answer.body)
            if found.count <= answers.MOST:
                yield _Listed(part, request, answer.body, found)
                return
            part = replace(part, known=found.count)
        if halves is None:
            raise SearchError(
                self.name,
                f"pubmed: {part.known:,} records that match share one day in {' and '.join(this.fields)}, and "
                f"PubMed lists {answers.MOST:,} at most: divide this search into narrower ones.",
            )
        left, right = halves
        taken = 0
        for listed in self._cut(this, left):
            taken += listed.found.count
            yield listed
        yield from self._cut(this, replace(right, known=(part.known or 0) - taken))

    def _settled(self, this: _Pass, at: _Cursor) -> int:
        """The total, which may have moved while it was listed; nothing is promised about changes."""
        if this.kind == "changed" or at.done == at.total:
            return at.total
        _, total = self._count(this)
        if at.done == total:
            return total
        sentence = (
            f"pubmed: the parts of this listing hold {at.done:,} records together, but PubMed says that "
            f"{total:,} match: start the run again, it lists from the beginning."
        )
        if at.resumed:  # time has passed between the parts; the whole may well add up
            raise TokenExpired(self.name, sentence)
        raise CountMismatch(self.name, sentence)

    def _count(self, this: _Pass) -> tuple[Page, int]:
        """A bare count, with PubMed's reading of the whole query: kept as the proof of the total."""
        request, answer = self._search(this.whole, listed=0)
        found = answers.found(answer.body)
        return _page(this, request, answer.body, found, found.count, "", counts=False), found.count

    def _search(self, query: str, listed: int = answers.MOST) -> tuple[Request, Answer]:
        params = {"db": "pubmed", "retmode": "xml", "retmax": str(listed), "tool": "harvest", "term": query}
        short = len(urlencode(params)) < LONGEST_GET
        request = Request("GET" if short else "POST", urljoin(self._url, "esearch.fcgi"), params)
        check = answers.check_listing if listed else answers.check_count
        return request, self._ask(request, check)

    def hits(self, body: bytes) -> Sequence[Hit]:
        """PMIDs of a listing. Raises `BadAnswer`."""
        return [Hit(pmid) for pmid in answers.found(body).ids]

    # -- records ------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch records by PMID, 200 a page.

        What does not come is asked for once more by itself. `missing` of both pages names what did not
        come then, either; the second page is there only if it brings something.
        """
        unique = tuple(dict.fromkeys(keys))
        for start in range(0, len(unique), BATCH):
            yield from self._batch(unique[start : start + BATCH])

    def _batch(self, keys: tuple[str, ...]) -> Iterator[Page]:
        page, came = self._get(keys)
        left = tuple(key for key in keys if key not in came)
        if not left:
            yield page
            return
        second, later = self._get(left)
        missing = tuple(key for key in left if key not in later)
        yield replace(page, missing=missing)
        if later:
            yield replace(second, missing=missing)

    def _get(self, keys: tuple[str, ...]) -> tuple[Page, frozenset[str]]:
        params = {"db": "pubmed", "retmode": "xml", "tool": "harvest", "id": ",".join(keys)}
        request = Request("POST", urljoin(self._url, "efetch.fcgi"), params)

        def check(answer: Answer) -> None:
            self._read = (answer.body, answers.check_records(answer.body, keys))

        answer = self._ask(request, check)
        came = frozenset(content.key for content in self._read[1])
        return Page("records", answer.body, request, asked=keys), came

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        if body is self._read[0]:  # the page that was checked just now need not be read twice
            return iter(self._read[1])
        return pubmed_xml.read(body)

    def _ask(self, request: Request, check: answers.Check) -> Answer:
        return self._transport.ask(
            self.name,
            request,
            pace=self._pace,
            secrets=self._secrets,
            check=check,
            explain=answers.explain_refusal,
        )

    # -- counting -----------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match (`retmax=0`), with PubMed's reading of the string and its complaints."""
        page, _ = self._count(_Pass("list", search.query, (), ()))
        return page

    def naming(self, identifier: Identifier) -> str | None:
        """PMID, DOI, or the number of a trial as its reports state it (`[si]`, which several may do).

        Tags: pubmed.ncbi.nlm.nih.gov/help/#search-tags. A DOI stands among the article identifiers; one that
        PubMed does not know is dropped from a longer query, so count the clause alone first.
        """
        value = identifier.value.replace('"', "").strip()
        forms = {"pmid": f"{value}[uid]", "doi": f'"{value}"[aid]', "nct": f"{value}[si]"}
        return forms.get(identifier.scheme) if value else None

    def as_of(self, search: Search, day: str) -> Search:
        """By CRDT, the day on which a record came into PubMed; deleted and merged records stay lost."""
        before = f'"1800/01/01"[crdt] : "{date.fromisoformat(day):%Y/%m/%d}"[crdt]'
        return replace(search, query=f"({search.query}) AND ({before})")

    # -- search strings -----------------------------------------------------------------------------

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax, or will not do what it seems to."""
        if not search.query.strip():
            return ["The search string is empty."]
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        return [
            sentence.format(found[0].strip())
            for pattern, sentence in _DOUBTS
            if (found := pattern.search(unquoted))
        ]


_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"(?i)\b(?:adj\d*|near/\d+|next/\d+|w/\d+|pre/\d+)\b",
            '"{}" is a proximity operator of other platforms; PubMed writes "hip pain"[tiab:~3].',
        ),
        (
            r"(?i)\.(?:tw|ti|ab|mp|sh|pt|kf|kw|au|jn|fs)(?:,\w\w)*\.",
            '"{}" is a field of Ovid; PubMed writes [tiab], [ti], [mh], [pt].',
        ),
        (r"(?i)\bexp\s+[\w ,-]+/", '"{}" is a heading of Ovid; PubMed writes "…"[mh], which explodes it.'),
        (r"(?i)\b(?:or|and)/\d+(?:[-,]\d+)*", '"{}" combines lines in Ovid; PubMed knows no lines.'),
        (r"(?i):(?:ti|ab|kw|de)(?:,(?:ti|ab|kw|de))*\b", '"{}" is a field of Embase or Cochrane.'),
        (r"\w+\$", '"{}" truncates in Ovid; PubMed writes *.'),
        (r"(?<=\s)(?:and|or|not)(?=\s)", '"{}" is an operator for certain only in capitals.'),
        (r"(?<!\w)\w{1,3}\*", '"{}" is too short: PubMed truncates words of four letters and more.'),
    )
)


def _page(
    this: _Pass,
    request: Request,
    body: bytes,
    found: answers.Found | None,
    total: int,
    cursor: str,
    *,
    counts: bool = True,
) -> Page:
    """A page; `found` only where the query is the whole one, because its reading is stored with the page."""
    return Page(
        "changed" if this.kind == "changed" else "list",
        body,
        request,
        cursor,
        promised=total if this.kind == "list" else None,
        translation=found.translation if found and this.kind == "list" else "",
        warnings=found.warnings if found and this.kind == "list" else (),
        counts=counts,
    )


def _text(place: Place) -> str:
    return " ".join(day.isoformat() for day in place)


def _day(since: str) -> str:
    """The first day of an ISO date, which may be a year or a month; empty when there is none."""
    return date.fromisoformat(f"{since}-01-01"[:10]).isoformat() if since else ""


def _requests_per_second(settings: Mapping[str, str], url: str) -> float:
    most = 10.0 if settings.get("api_key") else 3.0
    said = settings.get("requests_per_second", "")
    try:
        pace = float(said) if said else most
    except ValueError:
        pace = 0.0
    if not (isfinite(pace) and pace > 0):
        raise WrongUse(f'sources.pubmed.requests_per_second: "{said}" is no number above 0.')
    if pace > most and urlsplit(url).hostname == urlsplit(URL).hostname:
        raise WrongUse(
            f"sources.pubmed.requests_per_second: NCBI allows {most:g} a second "
            + ("with" if most > 3 else "without")
            + f" an API key, not {pace:g}: lower it or leave it out."
        )
    return pace

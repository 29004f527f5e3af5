"""Asking ERIC (eric.ed.gov/?api; no key), the index of the US Department of Education.

ERIC's own page on its interface says little; what this rests on was measured by others in 2026 and written into
public programs, and could not be tried against ERIC itself:

- An answer holds 200 documents at most, whatever `rows` says, and does not say so: a listing goes on by what
  was delivered. `start` has no limit, `sort` is ignored.
- Positions in a living answer are no places. The total must stay the same from the first page to the last,
  otherwise the listing begins again; the run then counts every number once, which shows what was shifted.
- A search string that Solr cannot read comes back as `{"error": …}` with status 200.
- Words without an operator between them are joined by OR.
- No date of change is known to be kept (`e_datemodified` was found to be set for hardly any record). Therefore the
  listing asks for all that is read, and the stamp of a record is the digest of its content. The price: a listing
  weighs as much as its records, some 3 kB each.
- `e_yearadded` tells the year in which a record came, which is too coarse to ask what ERIC held on a day.
- No pace is published; one request a second is our own modesty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from db.errors import BadAnswer, Refused, TokenExpired
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import eric_json as reader
from harvest.sources import manners
from harvest.sources.batches import in_batches
from harvest.sources.marks import Marked, marked
from harvest.transport import Answer, Transport

URL = "https://api.ies.ed.gov/eric"
PAGE = 200
"""Documents a page: the most that come."""
BATCH = 50
"""Records a fetch: an address of a thousand characters."""


class Eric:
    """ERIC.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "ERIC"
    register = False
    version = "1"
    help = (
        'Query: words and "phrases" with AND, OR, NOT between all of them; without one ERIC puts OR.',
        'Fields: title:, author:, description:, subject:"…" (a descriptor of the ERIC thesaurus), peerreviewed:T.',
        "Settings: url; requests_per_second (1: no limit is published).",
        "Terms: authors and publishers keep their copyright; ERIC distributes with their permission.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL) + "/"
        self._pace = manners.pace(settings, self.name, 1)

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Raises:
            Refused: ERIC cannot read the search string.
            TokenExpired: the cursor is of another search, or the total changed on the way.
            SearchError: as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        following: Marked | None = marked(self.name, {"search": search.query}, cursor)
        while following:
            page, following = self._listed(search, following)
            yield page

    def _listed(self, search: Search, place: Marked) -> tuple[Page, Marked | None]:
        """One page, and the place after it; no place when that was the last one."""
        request = self._request(search.query, start=place.seen, rows=PAGE)
        body = self._ask(request, start=place.seen)
        answer = reader.answer(body)
        if place.seen and answer.total != place.total:
            raise TokenExpired(
                self.name, f"eric: {place.total:,} matched when this listing began, {answer.total:,} do now."
            )
        after = place.after("", len(answer.docs), answer.total)
        following = after if after.seen < answer.total else None
        cursor = following.cursor if following else LISTED
        return Page("list", body, request, cursor, answer.total), following

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The ERIC numbers on a page, each with the digest of its record. Raises `BadAnswer`."""
        answer = reader.answer(body)
        if not all(answer.keys):
            raise BadAnswer(self.name, "eric: something is listed without its ERIC number", body)
        return [Hit(reader.key(doc), reader.stamp(doc)) for doc in answer.docs]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch records by their numbers, 50 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is no ERIC number.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not reader.key({"id": key})]:
            raise Refused(self.name, f"eric: {wrong[0]!r} is no ERIC number such as EJ1286736.")
        yield from in_batches(keys, BATCH, self._fetched)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of records, and which of the keys it does not hold."""
        request = self._request(" OR ".join(f"id:{key}" for key in keys), start=0, rows=PAGE)
        body = self._ask(request, start=0, only=frozenset(keys))
        came = frozenset(reader.answer(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one document; ERIC tells nothing of how it read the string."""
        request = self._request(search.query, start=0, rows=1)
        body = self._ask(request, start=0)
        return Page("list", body, request, promised=reader.answer(body).total, counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """The ERIC number; other names of a document are not known to be searchable."""
        number = identifier.value.strip()
        return f"id:{number}" if identifier.scheme == "accession" and reader.key({"id": number}) else None

    def as_of(self, search: Search, day: str) -> None:
        """Always None: ERIC keeps no more than the year in which a record came."""
        del search, day

    # -- search strings ------------------------------------------------------------------------------

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax, or will not do what it seems to."""
        if not search.query.strip():
            return ["The search string is empty."]
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        found = [s.format(hit[0].strip()) for pattern, s in _DOUBTS if (hit := pattern.search(unquoted))]
        unknown = [f'"{name}" is no option of ERIC, which has none.' for name in search.options]
        return [*found, *_unjoined(unquoted), *unknown]

    # -- asking --------------------------------------------------------------------------------------

    def _request(self, query: str, *, start: int, rows: int) -> Request:
        fields = ",".join(reader.FIELDS)
        params = {"search": query, "format": "json", "start": str(start), "rows": str(rows), "fields": fields}
        return Request("GET", self._url, params)

    def _ask(self, request: Request, *, start: int, only: frozenset[str] | None = None) -> bytes:
        """A body that has been looked at: the check runs inside the retry, so that a bad answer is asked again."""

        def check(answer: Answer) -> None:
            read = reader.answer(answer.body)
            strangers = [key for key in read.keys if only is not None and key not in only]
            if strangers:
                raise BadAnswer(self.name, f"eric: {strangers[0]!r} came and was not asked for", answer.body)
            if read.start != start or (only is None and not read.docs and read.total > start):
                sentence = (
                    f"eric: {len(read.docs)} of {read.total} came, from {read.start} on instead of {start}"
                )
                raise BadAnswer(self.name, sentence, answer.body)

        return self._transport.ask(self.name, request, pace=self._pace, check=check).body


_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"(?i)\[(?:tiab|tw|ti|ab|mh|mesh|pt|au)(?::[^\]]*)?\]", '"{}" is a field tag of PubMed; ERIC writes title:.'),
        (r"(?i)\b(?:adj\d*|near/\d+|n\d+|w\d+)\b(?=\s)", '"{}" is a proximity operator, which ERIC has not.'),
        (r"(?i)\.(?:tw|ti|ab|mp|sh|pt)(?:,\w\w)*\.", '"{}" is a field of Ovid; ERIC writes title:.'),
        (r"\b(?:DE|TI|AB|SU) (?=[\"(])", '"{}" is a field of EBSCOhost; ERIC writes subject:"…".'),
        (r"(?i)\b(?:descriptor|abstract):", '"{}" is not what ERIC calls it: write subject: or description:.'),
        (r"\w+\$", '"{}" truncates in Ovid; ERIC writes *.'),
        (r"(?<=\s)(?:and|or|not)(?=\s)", '"{}" is an operator only in capitals; in small letters it is a word.'),
    )
)  # fmt: skip

_PART = re.compile(r'[()]|[+-]?(?:[\w.]+:)?(?:""|\[[^\]]*\]|[^\s()"]+)(?:[~^][\d.]+)?')
"""A bracket, an operator, or a word, phrase or range with its field; phrases are empty here."""
_OPERATORS = frozenset({"and", "or", "not", "&&", "||"})


def _unjoined(unquoted: str) -> Iterator[str]:
    """Two words side by side, which ERIC joins by OR; the first place is told."""
    joined, before = True, ""
    for found in _PART.finditer(unquoted):
        word = found[0]
        operator = word.casefold() in _OPERATORS
        if not (joined or operator or word == ")"):
            yield f"{before} {word}: no operator stands between them, and ERIC finds what holds any of the two."
            return
        joined, before = operator or word == "(", word

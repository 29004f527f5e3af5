"""Asking OpenAlex (developers.openalex.org; a free key of the reviewer's own is required since 2026-02-13).

What this rests on, from OpenAlex's documentation where nothing else is said:

- The search string goes to `search` (title, abstract and, where there is one, full text); `options.filter` narrows
  it and may search by itself: `title_and_abstract.search:…`.
- Pages of 100 with `cursor=*`, until `next_cursor` is null or a page is empty.
- Questions cost: a free key has 1 US dollar a day, a page of a search takes a tenth of a cent, a page of a listing
  or a fetch a hundredth. What a listing cost stands in its answers (`meta.cost_usd`) and is told. When the day's
  budget is spent, the answer is 429 until 00:00 UTC.
- `updated_date` is the stamp; only its month is used (see `openalex_json`).
- `to_created_date` restricts to what OpenAlex held on a day; whether a free key may use it could not be confirmed
  (its sibling `from_created_date` was for paying users until 2026).
- A work that was merged into another does not come when it is fetched by its old number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from db.errors import BadAnswer, Refused, SearchError, TokenExpired, Unreachable
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import manners
from harvest.sources import openalex_json as reader
from harvest.sources.batches import in_batches
from harvest.sources.marks import Marked, marked
from harvest.transport import Answer, Transport, first_line

URL = "https://api.openalex.org"
PAGE = 100
BATCH = 100
"""Works a fetch: as many values as a filter takes, joined by |."""
OPTIONS = ("filter",)


class OpenAlex:
    """OpenAlex.

    Args:
        transport: the door to the network.
        settings: `api_key`, `url` (of a test server), `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "OpenAlex"
    register = False
    version = "1"
    help = (
        'Query: words, "phrases", AND, OR, NOT in capitals, brackets; in title, abstract and full text; no *.',
        "Options: filter, as in OpenAlex's documentation: title_and_abstract.search:…, type:article, language:en, ….",
        "Settings: url; requests_per_second (10).",
        "Key: OPENALEX_API_KEY, free and required, from openalex.org/settings/api of your own account.",
        "Terms: data are CC0. A free key may spend 1 US dollar a day: 1,000 pages of a search, of 100 works each.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL) + "/works"
        self._pace = manners.pace(settings, self.name, 10)
        self._secrets = {"api_key": settings["api_key"]} if settings.get("api_key") else {}

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Raises:
            Refused: there is no key, or OpenAlex does not accept the search.
            CountMismatch: more is listed than there is said to be.
            TokenExpired: what was gone on with does not add up, or the cursor is of another search.
            SearchError: as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        question = _question(search)
        following: Marked | None = marked(self.name, question, cursor)
        cost = 0.0
        while following:
            page, following, spent = self._listed(question, following)
            cost += spent
            yield page if following else replace(page, warnings=_told(cost))

    def _listed(self, question: Mapping[str, str], place: Marked) -> tuple[Page, Marked | None, float]:
        params = {**question, "select": "id,updated_date", "per_page": str(PAGE), "cursor": place.mark or "*"}
        request = Request("GET", self._url, params)
        body = self._ask(request)
        answer = reader.works(body)
        after = place.after(answer.mark, len(answer.works), answer.total)
        over = not answer.mark or not answer.works or answer.mark == place.mark
        after.agree(self.name, over=over)
        cursor = LISTED if over else after.cursor
        page = Page("list", body, request, cursor, answer.total, translation=answer.reading)
        return page, None if over else after, answer.cost

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The works of a listing, each with the month in which it was last touched. Raises `BadAnswer`."""
        return [Hit(reader.key(work), reader.stamp(work)) for work in reader.works(body).works]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch works by number, 100 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is no number of a work, or there is no key to OpenAlex.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _NUMBER.fullmatch(key)]:
            raise Refused(self.name, f"openalex: {wrong[0]!r} is no number of a work, such as W2741809807.")
        yield from in_batches(keys, BATCH, self._fetched)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of records, and which of the keys it does not hold."""
        request = Request(
            "GET", self._url, {"filter": f"ids.openalex:{'|'.join(keys)}", "per_page": str(BATCH)}
        )
        body = self._ask(request, only=frozenset(keys))
        came = frozenset(reader.works(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one number, with OpenAlex's reading of the question."""
        request = Request("GET", self._url, {**_question(search), "select": "id", "per_page": "1"})
        body = self._ask(request)
        answer = reader.works(body)
        return Page("list", body, request, "", answer.total, translation=answer.reading, counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """None: a number is a filter, and cannot be joined to a search by AND."""
        del identifier
        return None

    def as_of(self, search: Search, day: str) -> Search:
        """By the day OpenAlex took a work in; that a free key may ask so could not be confirmed."""
        said = search.options.get("filter", "").strip()
        both = ",".join(filter(None, (said, f"to_created_date:{day}")))
        return replace(search, options={**search.options, "filter": both})

    # -- asking --------------------------------------------------------------------------------------

    def _ask(self, request: Request, only: frozenset[str] | None = None) -> bytes:
        """A body that has been looked at; `only` are the works that may be in it."""
        if not self._secrets:
            raise Refused(self.name, f"openalex: {_NO_KEY}")

        def check(answer: Answer) -> None:
            strangers = [
                key for key in reader.works(answer.body).keys if only is not None and key not in only
            ]
            if strangers:
                raise BadAnswer(
                    self.name, f"openalex: {strangers[0]} came and was not asked for", answer.body
                )

        going_on = request.params.get("cursor", "*") != "*"
        try:
            return self._transport.ask(
                self.name,
                request,
                pace=self._pace,
                secrets=self._secrets,
                check=check,
                explain=_place_refused if going_on else _refused,
            ).body
        except Unreachable as error:
            if "429" not in str(error):
                raise
            end: SearchError = Unreachable(self.name, f"{error} {_SPENT}")
        raise end

    def check(self, search: Search) -> Sequence[str]:
        """What OpenAlex does not understand, or cannot be asked without; judged without asking it."""
        found = [] if self._secrets else [_NO_KEY]
        found += (
            f"{name} is no option of openalex; it knows filter."
            for name in search.options
            if name not in OPTIONS
        )
        if not search.query.strip() and not search.options.get("filter", "").strip():
            found.append("The search is empty: it would match everything OpenAlex holds.")
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        found += (
            f'"{seen[0].strip()}" {why}' for pattern, why in _DOUBTS if (seen := pattern.search(unquoted))
        )
        return found


_NUMBER = re.compile(r"W\d+")
_NO_KEY = "An API key of your own is needed (free, openalex.org/settings/api): set OPENALEX_API_KEY."
_SPENT = "If the day's budget of the key is spent, OpenAlex answers again from 00:00 UTC on."

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"[\w\"]?[*?]",
            "is a wildcard, which OpenAlex refuses in this kind of search; write the forms with OR.",
        ),
        (r"\[\w[\w ]*\]", "is a field tag of PubMed; OpenAlex searches in fields by options.filter."),
        (
            r"(?i)\.(?:tw|ti|ab|mp|sh|pt|kf|kw)(?:,\w\w)*\.",
            "is a field of Ovid; OpenAlex has options.filter.",
        ),
        (r"(?<=\s)(?:and|or|not)(?=\s)", "is an operator for certain only in capitals."),
    )
)


def _question(search: Search) -> dict[str, str]:
    """Raises `Refused` when nothing is asked, or an option is not known."""
    if strange := [name for name in search.options if name not in OPTIONS]:
        raise Refused(reader.SOURCE, f"openalex: {strange[0]} is no option of this source; it knows filter.")
    said = {"search": search.query.strip(), "filter": search.options.get("filter", "").strip()}
    question = {name: value for name, value in said.items() if value}
    if not question:
        raise Refused(
            reader.SOURCE, "openalex: the search is empty: it would match everything OpenAlex holds."
        )
    return question


def _told(cost: float) -> tuple[str, ...]:
    """What a listing cost, as far as it was asked for in one go."""
    return (f"This listing cost {cost:.4f} US dollars of the day's budget of your key.",) if cost else ()


def _refused(answer: Answer) -> None:
    """What OpenAlex says about a question it does not accept: `{"error": …, "message": …}`."""
    if answer.status in (401, 403):
        raise Refused(
            reader.SOURCE,
            f"openalex: OpenAlex answered {answer.status} ({_message(answer)}): check the key in OPENALEX_API_KEY, "
            "and what is left of its budget.",
        )
    raise Refused(
        reader.SOURCE, f"openalex: OpenAlex refused the question with {answer.status}: {_message(answer)}"
    )


def _place_refused(answer: Answer) -> None:
    """400 to a question with a cursor: the place is gone, for the question itself was good before."""
    if answer.status == 400:
        sentence = f"openalex: OpenAlex no longer knows the place in the listing ({_message(answer)})."
        raise TokenExpired(reader.SOURCE, sentence, answer.body)
    _refused(answer)


def _message(answer: Answer) -> str:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    message = said.get("message") or said.get("error") if isinstance(said, dict) else None
    return first_line(str(message).encode()) if message else first_line(answer.body)

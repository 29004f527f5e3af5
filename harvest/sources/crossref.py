"""Asking Crossref (api.crossref.org/v1; no key): 160 million works with a DOI, as their publishers registered them.

Crossref is no bibliographic database. Its `query` ranks works by likeness and finds every work that holds *any* of
the words; there is no AND, OR, NOT, no phrase and no truncation (github.com/CrossRef/rest-api-doc, "Queries"). It
is good for titles, for DOIs, and for what `filter` narrows down. Rules this rests on:

- A listing goes on with `cursor` (`*` at the beginning), 1,000 a page. A cursor is forgotten after five minutes;
  what it is answered with then has been seen as 404 and as 500, so an older one is not sent at all. `next-cursor`
  keeps coming after the last page: the end is when everything promised is listed, or an empty page.
- `select=DOI` makes a listing small. Works are fetched by `filter=doi:…,doi:…`, where several values of one filter
  are alternatives (CrossRef/rest-api-doc issue 301). How many are allowed is not said; 20 keep the address short. A
  DOI that holds a comma or a colon would be taken apart there and is asked for by itself, as `/works/…`.
- POST is not allowed (CrossRef/rest-api-doc issue 261).
- `from-index-date` finds what was touched in any way, also by Retraction Watch, whose notices are merged in
  without the publisher depositing anything (`deposited` stays as it is).
- `until-created-date` restricts to DOIs that were registered by a day.
- An e-mail address (`mailto`) opens the polite pool. Announced in November 2025: 5 requests a second without and
  10 with one; `x-rate-limit-limit` and `-interval` of each answer are obeyed when they allow less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from db.errors import BadAnswer, Refused, TokenExpired, WrongUse
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import crossref_json as reader
from harvest.sources import manners
from harvest.sources.batches import in_batches
from harvest.sources.marks import Marked, earlier, marked
from harvest.transport import Answer, Transport

URL = "https://api.crossref.org/v1"
PAGE = 1_000
"""DOIs a page: the most that is allowed."""
BATCH = 20
"""Works a fetch."""
OVERLAP = 3
"""Days: the index is brought up to date by and by."""
LIFETIME = timedelta(minutes=4)
"""Of a cursor: a minute less than Crossref keeps it."""
MOST = 50_000
"""Works a search may find unless the option `most` says more: beyond that it is likeness, not an answer."""


class _NotThereError(Refused):
    """404 to a single DOI: Crossref does not have it."""


class Crossref:
    """Crossref.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `email`, `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "Crossref"
    register = False
    version = "1"
    help = (
        "Query: words; Crossref finds every work that holds any of them, best first, and knows no AND, OR, NOT or *.",
        "Options: query.bibliographic, query.title, query.author …; filter (type:journal-article, …); most (50000).",
        "Settings: email (or contact.email), for the faster pool; url; requests_per_second (2; 5 with an address).",
        "Terms: metadata may be used freely; abstracts may be under copyright.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL) + "/works"
        self._secrets = {"mailto": settings["email"]} if settings.get("email") else {}
        self._pace = manners.pace(settings, self.name, 5 if self._secrets else 2)

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; then, with `since`, what of it was touched from three days before.

        Raises:
            Refused: far more match than any search string would mean; or Crossref does not accept the search.
            CountMismatch: more is listed than there is said to be.
            TokenExpired: the cursor is of another search, or too old; or what was interrupted does not add up.
            SearchError: as `Transport.ask`.
        """
        if cursor == LISTED:
            return
        question = _question(search)
        following: Marked | None = marked(self.name, question, cursor, since)
        if following and following.at and self._transport.clock.now() - _moment(following.at) > LIFETIME:
            raise TokenExpired(
                self.name, "crossref: Crossref forgets a place in a listing after five minutes."
            )
        while following:
            page, following = self._listed(search, question, following)
            yield page

    def _listed(
        self, search: Search, question: Mapping[str, str], place: Marked
    ) -> tuple[Page, Marked | None]:
        """One page, and the place after it; no place when that was the last one."""
        asked = question
        if place.kind == "changed":
            asked = _filtered(question, f"from-index-date:{earlier(place.since, OVERLAP)}")
        params = {**asked, "select": "DOI", "rows": str(PAGE), "cursor": place.mark or "*"}
        request = Request("GET", self._url, params)
        body = self._ask(request, expires=bool(place.mark))
        answer = reader.answer(body)
        after = place.after(
            answer.mark, len(answer.works), answer.total, self._transport.clock.now().isoformat()
        )
        if place.kind == "list":
            _judge(answer.total, _most(search))
        over = not answer.works or not answer.mark or after.seen >= answer.total
        after.agree(self.name, over=over)
        following = place.next_pass() if over else after
        page = Page(place.kind, body, request, following.cursor if following else LISTED)
        return (_promising(page, answer) if place.kind == "list" else page), following

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The DOIs on a page, in small letters. Raises `BadAnswer`."""
        keys = reader.answer(body).keys
        if not all(keys):
            raise BadAnswer(self.name, "crossref: a work is listed without its DOI", body)
        return [Hit(key) for key in keys]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch works by DOI, 20 a page; what does not come is asked for once more.

        Raises:
            Refused: a key is no DOI.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _DOI.fullmatch(key)]:
            raise Refused(self.name, f"crossref: {wrong[0]!r} is no DOI such as 10.1002/imhj.20291.")
        plain = [key for key in keys if _PLAIN.fullmatch(key)]
        yield from in_batches(plain, BATCH, self._fetched)
        for key in keys:
            if not _PLAIN.fullmatch(key):
                yield self._single(key)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of works, and which of the DOIs it does not hold."""
        named = ",".join(f"doi:{key}" for key in keys)
        request = Request("GET", self._url, {"filter": named, "rows": str(len(keys))})
        body = self._ask(request, only=frozenset(keys))
        came = frozenset(reader.answer(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def _single(self, key: str) -> Page:
        """A page with one work, or with the answer that there is none."""
        request, refusal = Request("GET", f"{self._url}/{quote(key, safe='')}"), list[bytes]()
        try:
            body = self._ask(request, only=frozenset((key,)), refused=refusal.append)
        except _NotThereError:
            return Page("records", refusal[-1], request, asked=(key,), missing=(key,))
        return Page("records", body, request, asked=(key,))

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page without works."""
        request = Request("GET", self._url, {**_question(search), "rows": "0"})
        body = self._ask(request)
        return _promising(Page("list", body, request, counts=False), reader.answer(body))

    def naming(self, identifier: Identifier) -> str | None:
        """Always None: Crossref cannot be asked for a search *and* a DOI in one string."""
        del identifier
        return None

    def as_of(self, search: Search, day: str) -> Search:
        """By the day on which a DOI was registered."""
        said = _filtered(search.options, f"until-created-date:{day}")
        return replace(search, options=said)

    # -- search strings ------------------------------------------------------------------------------

    def check(self, search: Search) -> Sequence[str]:
        """What Crossref will take for words to be found."""
        texts = [search.query, *(said for name, said in search.options.items() if name.startswith("query."))]
        if not any(text.strip() for text in texts) and not search.options.get("filter"):
            return ["The search is empty: it would match every work with a DOI."]
        found = [
            sentence.format(hit[0].strip())
            for text in texts
            for p, sentence in _DOUBTS
            if (hit := p.search(text))
        ]
        unknown = [
            name
            for name in search.options
            if not name.startswith("query.") and name not in ("filter", "most")
        ]
        return [*dict.fromkeys(found), *(f'"{name}" is no option of Crossref.' for name in unknown)]

    # -- asking --------------------------------------------------------------------------------------

    def _ask(
        self,
        request: Request,
        *,
        only: frozenset[str] | None = None,
        expires: bool = False,
        refused: Callable[[bytes], None] = lambda _: None,
    ) -> bytes:
        """A body that has been looked at: the check runs inside the retry, so that a bad answer is asked again."""

        def check(answer: Answer) -> None:
            self._slow_down(answer)
            strangers = [
                key for key in reader.answer(answer.body).keys if only is not None and key not in only
            ]
            if strangers:
                sentence = f"crossref: {strangers[0]!r} came and was not asked for"
                raise BadAnswer(self.name, sentence, answer.body)

        def explain(answer: Answer) -> None:
            if answer.status == 404 and expires:
                raise TokenExpired(self.name, "crossref: Crossref no longer knows the place in the listing.")
            if answer.status == 404 and reader.not_there(answer.body):
                refused(answer.body)
                raise _NotThereError(self.name, f"crossref: Crossref does not have {request.url}.")
            if said := reader.mistakes(answer.body):
                raise Refused(self.name, f"crossref: Crossref does not accept the search: {said}")

        answer = self._transport.ask(
            self.name, request, pace=self._pace, secrets=self._secrets, check=check, explain=explain
        )
        return answer.body

    def _slow_down(self, answer: Answer) -> None:
        """Obey `x-rate-limit-limit: 5` and `x-rate-limit-interval: 1s` when they allow less than is asked."""
        limit = answer.headers.get("x-rate-limit-limit", "")
        interval = answer.headers.get("x-rate-limit-interval", "").removesuffix("s")
        if limit.isdigit() and interval.isdigit() and int(limit):
            self._pace.interval = max(self._pace.interval, int(interval) / int(limit))


_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PLAIN = re.compile(r"10\.\d{4,9}/[^\s,:]+")
"""DOIs that a filter leaves whole."""

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"\b(?:AND|OR|NOT)\b", '"{}" is no operator of Crossref, which finds every work that holds any of the words.'),
        (r'["“”]', "Quotation marks mean nothing to Crossref: it looks for the words inside, in any order."),
        (r"\w+[*$?](?!\w)", '"{}" is not truncated: Crossref looks for whole words.'),
        (r"(?i)\[(?:tiab|tw|ti|ab|mh|mesh|pt|au)(?::[^\]]*)?\]", '"{}" is a field tag of PubMed; see the options.'),
        (r"(?i)\.(?:tw|ti|ab|mp|sh|pt)(?:,\w\w)*\.", '"{}" is a field of Ovid; see the options.'),
        (r"[()]", "Brackets mean nothing to Crossref."),
    )
)  # fmt: skip


def _question(search: Search) -> dict[str, str]:
    """What decides which works match. Raises `Refused` when nothing is asked for."""
    said = {"query": search.query.strip()} if search.query.strip() else {}
    said |= {
        name: text for name, text in search.options.items() if name.startswith("query.") or name == "filter"
    }
    if not said:
        raise Refused(reader.SOURCE, "crossref: the search is empty and would match every work with a DOI.")
    return said


def _filtered(params: Mapping[str, str], condition: str) -> dict[str, str]:
    """The same with one more condition."""
    return {**params, "filter": ",".join(filter(None, (params.get("filter", ""), condition)))}


def _most(search: Search) -> int:
    said = search.options.get("most", str(MOST))
    if not said.isdecimal():
        raise WrongUse(f"{search.name}: the option most is {said!r}: write a number.")
    return int(said)


def _judge(total: int, most: int) -> None:
    """Raises `Refused` when a listing would not end."""
    if total > most:
        raise Refused(
            reader.SOURCE,
            f"crossref: {total:,} works hold any of the words, which no search string means: narrow it with the "
            "options filter and query.title, or raise the option most.",
        )


def _promising(page: Page, answer: reader.Answer) -> Page:
    """The page with what Crossref says of the whole search, and what differs from what was asked."""
    asked, ran = page.request.params.get("query", ""), answer.terms
    differs = bool(ran) and ran.split() != asked.split()
    warnings = (f"Crossref ran another question than it was sent: {ran}",) if differs else ()
    return replace(page, promised=answer.total, translation=ran, warnings=warnings)


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)

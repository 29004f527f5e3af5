"""Asking Europe PMC (europepmc.org/RestfulWebService; no key): PubMed, PubMed Central, preprints, patents, Agricola.

bioRxiv and medRxiv cannot be searched by words themselves; their preprints, and those of thirty other
servers, are found here (`SRC:PPR`). Rules this rests on:

- `searchPOST` takes long questions, and adds synonyms unless `synonym=false` is said.
- A listing goes on with `nextCursorMark`. The mark never becomes null: the end is an empty list, or the same
  mark again, or no mark at all when everything fitted into one page.
- Mistakes come as `{"errCode": …, "errMsg": …}` with status 200.
- The answer repeats the question it ran (`request.queryString`); one that differs is reported.
- A document is known by a pair: 39709209 of MED, PPR1036674 of PPR. `EXT_ID:… AND SRC:…` finds it again.
- `UPDATE_DATE` finds what was changed in any way; a listing of identifiers says nothing about changes.

As others use them, and not confirmed by Europe PMC's own pages: `FIRST_IDATE` as the day on which a record came
into the index, the parameter `email`, and a pace; two requests a second is our own modesty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from db.errors import BadAnswer, Refused
from db.record import Identifier, Record, Unreadable
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import europepmc_json as reader
from harvest.sources import manners
from harvest.sources.batches import in_batches
from harvest.sources.marks import Marked, earlier, marked
from harvest.transport import Answer, Transport

URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PAGE = 1_000
"""Identifiers a page: the most that is allowed."""
BATCH = 50
"""Records a fetch."""
OVERLAP = 7
"""Days: what was changed is asked for from a week before the newest change known, for an index is late."""
OPTIONS = ("synonym",)


class EuropePmc:
    """Europe PMC.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `email`, `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "Europe PMC"
    register = False
    version = "1"
    help = (
        'Query: as in the search box of europepmc.org: TITLE:"…", ABSTRACT:…, KW:…, PUB_TYPE:"…", AND, OR, NOT.',
        "Fields: a word without a field is looked for in full texts, too.",
        "Preprints: bioRxiv, medRxiv and other servers are searched here; only they: (…) AND SRC:PPR.",
        "Options: synonym (false; true adds MeSH and UniProt synonyms, as the website does).",
        "Settings: email (or contact.email), so that they can write before they block; url; requests_per_second (2).",
        "Terms: abstracts may be under copyright; full texts only as their licences say.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL) + "/searchPOST"
        self._pace = manners.pace(settings, self.name, 2)
        self._secrets = {"email": settings["email"]} if settings.get("email") else {}

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; then, with `since`, what of it was changed from a week before.

        Raises:
            CountMismatch: more is listed than there is said to be.
            TokenExpired: the cursor belongs to another search, or what was interrupted does not add up.
            SearchError: as `Transport.ask`.
        """
        if cursor == LISTED:
            return
        question = _question(search)
        following: Marked | None = marked(self.name, question, cursor, since)
        while following:
            page, following = self._listed(question, following)
            yield page

    def _listed(self, question: Mapping[str, str], place: Marked) -> tuple[Page, Marked | None]:
        """One page, and the place after it; no place when that was the last one."""
        asked = question
        if place.kind == "changed":
            first = earlier(place.since, OVERLAP)
            asked = {
                **question,
                "query": f"({question['query']}) AND UPDATE_DATE:[{first} TO 3000-12-31]",
            }
        request = self._request(asked, resultType="idlist", pageSize=str(PAGE), cursorMark=place.mark or "*")
        body = self._ask(request)
        answer = reader.answer(body)
        after = place.after(answer.mark, len(answer.results), answer.total)
        over = not answer.results or answer.mark in ("", place.mark)
        after.agree(self.name, over=over)
        following = place.next_pass() if over else after
        page = Page(place.kind, body, request, following.cursor if following else LISTED)
        return (_promising(page, answer) if place.kind == "list" else page), following

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The pairs of source and number on a page, as `MED:39709209`. Raises `BadAnswer`."""
        keys = reader.answer(body).keys
        if not all(keys):
            raise BadAnswer(self.name, "europepmc: something is listed without its number", body)
        return [Hit(key) for key in keys]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch records by their keys, 50 a page; what does not come is asked for once more by itself.

        Raises:
            Refused: a key is none of this source.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _KEY.fullmatch(key)]:
            raise Refused(self.name, f"europepmc: {wrong[0]!r} is no key such as MED:39709209.")
        yield from in_batches(keys, BATCH, self._fetched)

    def _fetched(self, keys: tuple[str, ...]) -> tuple[Page, tuple[str, ...]]:
        """A page of records, and which of the keys it does not hold."""
        question = {"query": " OR ".join(map(_clause, keys)), "synonym": "false"}
        request = self._request(question, resultType="core", pageSize=str(PAGE))
        body = self._ask(request, only=frozenset(keys))
        came = frozenset(reader.answer(body).keys)
        return Page("records", body, request), tuple(key for key in keys if key not in came)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one identifier."""
        request = self._request(_question(search), resultType="idlist", pageSize="1")
        body = self._ask(request)
        return _promising(Page("list", body, request, counts=False), reader.answer(body))

    def naming(self, identifier: Identifier) -> str | None:
        """The key of this source, a PMID, PMCID or DOI."""
        value = identifier.value.replace('"', "").strip()
        clauses = {
            "pmid": f"(EXT_ID:{value} AND SRC:MED)",
            "pmcid": f"PMCID:{value}",
            "doi": f'DOI:"{value}"',
            "accession": _clause(value) if _KEY.fullmatch(value) else None,
        }
        return clauses.get(identifier.scheme) if value else None

    def as_of(self, search: Search, day: str) -> Search:
        """By `FIRST_IDATE`, the day on which a record came into the index (not confirmed; see above)."""
        return replace(search, query=f"({search.query}) AND FIRST_IDATE:[1800-01-01 TO {day}]")

    # -- search strings ------------------------------------------------------------------------------

    def check(self, search: Search) -> Sequence[str]:
        """What looks like another platform's syntax, or will not do what it seems to."""
        if not search.query.strip():
            return ["The search string is empty."]
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        doubts = [
            sentence.format(found[0].strip())
            for pattern, sentence in _DOUBTS
            if (found := pattern.search(unquoted))
        ]
        unknown = [name for name in search.options if name not in OPTIONS]
        return [*doubts, *(f'"{name}" is no option of Europe PMC; there is synonym.' for name in unknown)]

    # -- asking --------------------------------------------------------------------------------------

    def _request(self, question: Mapping[str, str], **params: str) -> Request:
        """What is kept with the page, so nothing secret may stand in it."""
        return Request("POST", self._url, {**question, "format": "json", **params})

    def _ask(self, request: Request, only: frozenset[str] | None = None) -> bytes:
        """A body that has been looked at: the check runs inside the retry, so that a bad answer is asked again."""

        def check(answer: Answer) -> None:
            came = reader.answer(answer.body).keys
            strangers = [key for key in came if only is not None and key not in only]
            if strangers:
                sentence = f"europepmc: {strangers[0]!r} came and was not asked for"
                raise BadAnswer(self.name, sentence, answer.body)

        answer = self._transport.ask(self.name, request, pace=self._pace, secrets=self._secrets, check=check)
        return answer.body


_KEY = re.compile(r"[A-Z]+:[\w./-]+")

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"(?i)\[(?:tiab|tw|ti|ab|mh|mesh|mesh terms|pt|au|ta|dp)(?::[^\]]*)?\]",
         '"{}" is a field tag of PubMed; Europe PMC writes TITLE:"…", ABSTRACT:"…", KW:"…", PUB_TYPE:"…".'),
        (r"(?i)\b(?:adj\d*|near/\d+|next/\d+)\b", '"{}" is a proximity operator, which Europe PMC has not.'),
        (r"(?i)\.(?:tw|ti|ab|mp|sh|pt|kf|kw)(?:,\w\w)*\.", '"{}" is a field of Ovid; Europe PMC writes TITLE:"…".'),
        (r"(?i)\bexp\s+[\w ,-]+/", '"{}" is a heading of Ovid; Europe PMC writes KW:"…" and explodes nothing.'),
        (r"\w+\$", '"{}" truncates in Ovid; Europe PMC writes *.'),
        (r"(?<=\s)(?:and|or|not)(?=\s)", '"{}" is an operator for certain only in capitals.'),
    )
)  # fmt: skip


def _question(search: Search) -> dict[str, str]:
    """What decides which records match."""
    synonym = search.options.get("synonym", "").casefold() in ("true", "yes")
    return {"query": search.query, "synonym": str(synonym).lower()}


def _clause(key: str) -> str:
    source, _, number = key.partition(":")
    return f"(EXT_ID:{number} AND SRC:{source})"


def _promising(page: Page, answer: reader.Answer) -> Page:
    """The page with what Europe PMC says of the whole search, and what differs from what was asked."""
    warnings = []
    if answer.query and _squeezed(answer.query) != _squeezed(page.request.params["query"]):
        warnings.append(f"Europe PMC ran another question than it was sent: {answer.query}")
    if answer.synonyms and page.request.params["synonym"] == "false":
        warnings.append("Europe PMC added synonyms, although it was asked not to.")
    return replace(page, promised=answer.total, translation=answer.reading, warnings=tuple(warnings))


def _squeezed(query: str) -> str:
    return " ".join(query.split())

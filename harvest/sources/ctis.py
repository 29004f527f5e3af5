"""Asking CTIS, the Clinical Trials Information System of the European Union (euclinicaltrials.eu; no key).

This is the interface behind the register's own search page; nobody documents it. What this rests on was seen by
others, in 2025 and 2026:

- `POST /search` with JSON: pages of 100 overviews, counted from 1 (page 0 finds nothing, with status 200), and
  `searchCriteria` must be there. No boolean operators: `containAll` takes terms, joined by commas.
- No more than 10,000 overviews of a query are listed. The others are listed from the other end, by the same sort
  reversed; more than 20,000 cannot be listed, which is said before anything else.
- A page is a number, and an index moves: when the total changes between two pages, the listing begins again.
- `GET /retrieve/{number}` gives one trial; `{}` with status 200 means that there is none.
- A listing says when the publication of a trial was last updated (`lastPublicationUpdate`), and the trial says the
  same (`publishDate`): that is the stamp. That they agree was seen on two trials.
- No rate is published; hurried callers were answered 403, 429 and 503. Two a second. Some report that callers
  which do not call themselves a browser are turned away, others that they are not: we say who we are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.errors import BadAnswer, CountMismatch, Miscounted, Refused, TokenExpired
from db.record import Identifier, Record, Unreadable, digest_of
from harvest.source import LISTED, Hit, Page, Request, Search
from harvest.sources import ctis_json as reader
from harvest.sources import manners
from harvest.sources.places import cursor_of, place_at
from harvest.transport import Answer, Transport

URL = "https://euclinicaltrials.eu/ctis-public-api"
PAGE = 100
CEILING = 10_000
"""Overviews that are listed in one direction."""

_WORDS = (
    "containAny",
    "containNot",
    "title",
    "medicalCondition",
    "sponsor",
    "productName",
    "endPoint",
    "number",
)
_LISTS = ("status", "trialPhaseCode", "ageGroupCode", "therapeuticAreaCode", "sponsorTypeCode", "msc")
OPTIONS = (*_WORDS, *_LISTS, "hasStudyResults")
"""Criteria of the search page. Those in `_LISTS` take numbers, joined by commas."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a listing stands."""

    query: str
    """Digest of the criteria."""
    page: int = 1
    """The next to be asked for."""
    reversed: bool = False
    total: int = -1
    """As the first page said."""

    def after(self, total: int) -> _Place | None:
        """The next place; None at the end."""
        last = min(CEILING, total) if not self.reversed else total - CEILING
        if self.page * PAGE < last:
            return replace(self, page=self.page + 1, total=total)
        return (
            replace(self, page=1, reversed=True, total=total)
            if total > CEILING and not self.reversed
            else None
        )


class _Absent(Refused):
    """404: there is no such trial."""


class Ctis:
    """The register at euclinicaltrials.eu.

    Args:
        transport: the door to the network.
        settings: `url` (of a mirror or a test server), `requests_per_second`.

    Raises:
        WrongUse: a setting cannot be used.
    """

    name = reader.SOURCE
    label = "EU CTIS"
    register = True
    version = "1"
    help = (
        "Query: terms that must all be there, joined by commas, as in the search page; no AND, OR, NOT, no brackets.",
        f"Options: {', '.join(OPTIONS)}; several numbers are joined by commas.",
        "Settings: url; requests_per_second (2: no limit is published).",
        "Terms: the interface is the website's own and documented nowhere; it may change without notice.",
    )

    def __init__(self, transport: Transport, settings: Mapping[str, str]) -> None:
        self._transport = transport
        self._url = manners.address(settings, URL)
        self._pace = manners.pace(settings, self.name, 2)

    # -- identifiers ---------------------------------------------------------------------------------

    def list(self, search: Search, cursor: str = "", since: str = "") -> Iterator[Page]:
        """List everything that matches; hits carry stamps, so `since` is not needed.

        Beyond 10,000 trials, the last page from the other end repeats some.

        Raises:
            CountMismatch: more match than the register lists from both ends.
            TokenExpired: the register changed while it was listed, or the cursor is of another search.
            SearchError: as `Transport.ask`.
        """
        del since
        if cursor == LISTED:
            return
        criteria = _criteria(search)
        following: _Place | None = place_at(
            cursor, _Place(digest_of(json.dumps(criteria, sort_keys=True))), self.name
        )
        while following:
            place = following
            request, body, total = self._listed(criteria, place)
            if total > 2 * CEILING:
                raise CountMismatch(
                    self.name,
                    f"ctis: {total:,} trials match and the register lists {2 * CEILING:,} at most: "
                    f"{total - 2 * CEILING:,} would be missing. Divide this search into narrower ones.",
                )
            if place.total not in (-1, total):
                raise TokenExpired(
                    self.name, f"ctis: {total:,} trials match now, {place.total:,} did a moment ago."
                )
            following = place.after(total)
            yield Page("list", body, request, cursor_of(following) if following else LISTED, total)

    def _listed(self, criteria: Mapping[str, Any], place: _Place) -> tuple[Request, bytes, int]:
        request = self._request(criteria, place.page, PAGE, "ASC" if place.reversed else "DESC")

        def check(answer: Answer) -> None:
            found = reader.overviews(answer.body)
            expected = max(0, min(PAGE, found.total - (place.page - 1) * PAGE))
            came = len(found.stamps)
            if came != expected:
                sentence = (
                    f"ctis: page {place.page} of {found.total:,} trials holds {came} and not {expected}"
                )
                raise Miscounted(self.name, sentence, answer.body)

        answer = self._transport.ask(self.name, request, pace=self._pace, check=check)
        return request, answer.body, reader.overviews(answer.body).total

    def _request(self, criteria: Mapping[str, Any], page: int, size: int, direction: str) -> Request:
        document = {
            "pagination": {"page": page, "size": size},
            "sort": {"property": "decisionDate", "direction": direction},
            "searchCriteria": criteria,
        }
        return Request("POST", f"{self._url}/search", document=json.dumps(document, ensure_ascii=False))

    def hits(self, body: bytes) -> Sequence[Hit]:
        """The trials of a listing, each with the day its publication was last updated. Raises `BadAnswer`."""
        return [Hit(key, stamp) for key, stamp in reader.overviews(body).stamps]

    # -- records -------------------------------------------------------------------------------------

    def fetch(self, keys: Sequence[str]) -> Iterator[Page]:
        """Fetch trials one by one; one that does not come is asked for once more.

        Raises:
            Refused: a key is no EU CT number.
            SearchError: as `Transport.ask`.
        """
        if wrong := [key for key in keys if not _NUMBER.fullmatch(key)]:
            raise Refused(self.name, f"ctis: {wrong[0]!r} is no EU CT number: it cannot be asked for.")
        for key in dict.fromkeys(keys):
            page = self._retrieved(key)
            yield self._retrieved(key) if page.missing else page

    def _retrieved(self, key: str) -> Page:
        request = Request("GET", f"{self._url}/retrieve/{key}")

        def check(answer: Answer) -> None:
            came = reader.trial_number(answer.body)
            if came not in ("", key):
                raise BadAnswer(self.name, f"ctis: {came} came and was not asked for", answer.body)

        try:
            body = self._transport.ask(self.name, request, pace=self._pace, check=check, explain=_absent).body
        except _Absent:
            body = b"{}"
        missing = () if reader.trial_number(body) else (key,)
        return Page("records", body, request, asked=(key,), missing=missing)

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """The trial of an answer. Raises `BadAnswer` if nothing can be read."""
        return reader.read(body)

    # -- counting ------------------------------------------------------------------------------------

    def count(self, search: Search) -> Page:
        """Ask how many match, on a page of one overview; the register tells nothing of how it read the terms."""
        request = self._request(_criteria(search), 1, 1, "DESC")
        answer = self._transport.ask(self.name, request, pace=self._pace, check=_check_overviews)
        return Page("list", answer.body, request, "", reader.overviews(answer.body).total, counts=False)

    def naming(self, identifier: Identifier) -> str | None:
        """None: a number is a criterion of its own (`number`), and terms cannot be joined by AND."""
        del identifier
        return None

    def as_of(self, search: Search, day: str) -> Search | None:
        """None: nothing can be restricted by the day a trial was published."""
        del search, day
        return None

    def check(self, search: Search) -> Sequence[str]:
        """What CTIS does not understand, judged without asking it."""
        strange = [name for name in search.options if name not in OPTIONS]
        found = [f"{name} is no criterion of CTIS; it knows {', '.join(OPTIONS)}." for name in strange]
        if not search.query.strip() and not any(value.strip() for value in search.options.values()):
            found.append("The search is empty: it would match every trial of the register.")
        unquoted = re.sub(r'"[^"]*"', '""', search.query)
        found += (
            f'"{seen[0].strip()}": {why}' for pattern, why in _DOUBTS if (seen := pattern.search(unquoted))
        )
        return found


_NUMBER = re.compile(r"\d{4}-5\d{5}-\d\d-\d\d")

_DOUBTS = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"(?i)(?<=\s)(?:and|or|not)(?=\s)",
            "CTIS knows no operators; it joins terms by commas, others go to containAny or containNot.",
        ),
        (r"\[\w[\w ]*\]", "CTIS knows no field tags; use options.title, options.medicalCondition …"),
        (r"[()]", "CTIS knows no brackets."),
        (r"\w[*$?]", "it could not be confirmed that CTIS truncates words."),
    )
)


def _criteria(search: Search) -> dict[str, Any]:
    """What the register is asked for. Raises `Refused` when an option cannot be asked for."""
    criteria: dict[str, Any] = {"containAll": search.query.strip()} if search.query.strip() else {}
    for name, said in search.options.items():
        if name in _WORDS:
            criteria[name] = said
        elif name in _LISTS:
            criteria[name] = [_whole(name, item.strip()) for item in said.split(",") if item.strip()]
        elif name == "hasStudyResults":
            criteria[name] = said.strip().casefold() in ("true", "yes", "1")
        else:
            raise Refused(
                reader.SOURCE, f"ctis: {name} is no criterion of CTIS; it knows {', '.join(OPTIONS)}."
            )
    if not criteria:
        raise Refused(reader.SOURCE, "ctis: the search is empty: it would match every trial of the register.")
    return criteria


def _whole(name: str, said: str) -> int:
    """A code. CTIS answers an unknown one with "nothing found", so words are refused here."""
    if not said.isascii() or not said.isdigit():
        known = (
            ", ".join(f"{code} {meaning}" for code, meaning in reader.STATUS.items())
            if name == "status"
            else ""
        )
        sentence = f"ctis: {name} takes numbers, not {said!r}" + (f": {known}." if known else ".")
        raise Refused(reader.SOURCE, sentence)
    return int(said)


def _check_overviews(answer: Answer) -> None:
    reader.overviews(answer.body)


def _absent(answer: Answer) -> None:
    """404: told apart from other refusals."""
    if answer.status == 404:
        raise _Absent(reader.SOURCE, "ctis: there is no such trial.")

"""The only door to the network: pace, patience, honesty.

Pace: no source is asked more often than it allows. Patience: what may heal by itself (a lost connection,
a busy server, an answer that broke off) is asked again, after a pause that doubles, a bounded number of
times. Honesty: an answer is whole and checked, or it is an error that says what happened and what to do.
Nobody is followed to another host, and what is secret is put in when sending and never said again.
"""

from __future__ import annotations

import html
import logging
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from random import SystemRandom
from typing import Any
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import requests
import urllib3.exceptions
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from db.errors import BadAnswer, Refused, SearchError, TokenExpired, Unreachable
from harvest import __version__
from harvest.patience import Clock, Pace, Patience, SystemClock
from harvest.source import Request

__all__ = [
    "Answer",
    "Check",
    "Clock",
    "Pace",
    "Patience",
    "SystemClock",
    "Transport",
    "first_line",
]

USER_AGENT = f"harvest/{__version__} (systematic reviews; python-requests/{requests.__version__})"

_PIECE = 65_536
_WAIT_AND_ASK_AGAIN = frozenset({408, 425, 429})
_FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError)
_NO_ADDRESS = (
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whole and unpacked."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    url: str
    """Who answered in the end, without the query."""


Check = Callable[[Answer], None]
"""Looks at an answer and raises `BadAnswer` (ask again) or `Refused` (do not)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question with everything that belongs to asking it."""

    source: str
    request: Request
    secrets: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    pace: Pace
    check: Check | None
    explain: Check | None

    @property
    def hidden(self) -> dict[str, str]:
        """Everything that is sent and never told."""
        return {**self.secrets, **self.headers}

    @property
    def host(self) -> str:
        return urlsplit(self.request.url).hostname or self.request.url


class _AgainError(Exception):
    """Something that may be gone at the next attempt. Its cause is our own wording, free of secrets."""

    def __init__(self, cause: str, pause: float = 0.0) -> None:
        self.cause = cause
        self.pause = pause
        super().__init__(cause)


_CAUSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((requests.exceptions.ConnectTimeout,), "no connection within {}"),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError), "nothing came for {}"),
    (
        (requests.exceptions.SSLError, urllib3.exceptions.SSLError),
        "the encrypted connection failed; is its certificate valid?",
    ),
    ((requests.exceptions.ProxyError,), "the proxy did not connect"),
    ((requests.exceptions.ChunkedEncodingError,), "the answer broke off"),
    ((requests.exceptions.ConnectionError,), "no connection"),
    ((Exception,), "the answer broke off"),
)


class Transport:
    """Asks sources over HTTP. Hand in `clock`, `session` and `rand` (0 to 1) to test without any of them."""

    def __init__(
        self,
        patience: Patience | None = None,
        clock: Clock | None = None,
        session: requests.Session | None = None,
        user_agent: str = USER_AGENT,
        rand: Callable[[], float] | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.clock = clock or SystemClock()
        self._session = session or requests.Session()
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._rand = rand or SystemRandom().random
        # At DEBUG urllib3 logs every address with its query, and the query holds the key.
        logging.getLogger("urllib3").setLevel(logging.INFO)

    def ask(
        self,
        source: str,
        request: Request,
        *,
        pace: Pace,
        secrets: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        check: Check | None = None,
        explain: Check | None = None,
    ) -> Answer:
        """Ask until a good answer comes or patience ends.

        Args:
            source: who is asked, for the sentences of errors.
            request: the question as it may be kept. GET sends `params` in the address, POST as a form, or its
                `document` as it stands.
            pace: shared by all questions to this source.
            secrets: more parameters, sent and never told (keys, e-mail addresses).
            headers: more headers, sent and never told, for sources that want their key there.
            check: looks at every answer with status 2xx, inside the retry.
            explain: looks at an answer with status 4xx that would be refused anyway, and may raise
                something better.

        Raises:
            Refused: 4xx, a redirect to somebody else, an answer larger than `max_bytes`.
            BadAnswer: answers came and `check` found none of them good; the last body is in it.
            TokenExpired: as `check` or `explain` said, at once.
            Unreachable: no answer.
        """
        asked = _Asked(source, request, secrets or {}, headers or {}, pace, check, explain)
        retrying = Retrying(
            retry=retry_if_exception(_worth_another_attempt),
            stop=stop_after_attempt(max(1, self.patience.attempts)),
            wait=self._pause,
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, asked)
        except _AgainError as again:
            end: SearchError = self._given_up(asked, again.cause)
        except BadAnswer as bad:
            body = _without(asked.hidden, bad.body)
            end = type(bad)(source, self._told(asked, bad), body)
        except SearchError as final:
            end = type(final)(source, _sentence(asked, final))
        raise end

    # -- one attempt --------------------------------------------------------------------------------

    def _attempt(self, asked: _Asked) -> Answer:
        request = asked.request
        params: Mapping[str, str] | None = {**request.params, **asked.secrets}
        method, url = request.method, request.url
        ends = self.clock.monotonic() + self.patience.deadline
        for _ in range(self.patience.redirects + 1):
            asked.pace.wait(self.clock)
            response = self._send(asked, method, url, params)
            with closing(response):
                if not response.is_redirect:
                    return self._judged(asked, response, ends)
                url = _same_host(asked, url, response.headers["Location"])
            if method == "GET" or response.status_code == requests.codes.see_other:
                method, params = "GET", None  # the new address holds its own query
        raise Refused(
            asked.source,
            f"{asked.source}: {asked.host} redirected more than {self.patience.redirects} times: "
            "check the address of this source.",
        )

    def _send(
        self, asked: _Asked, method: str, url: str, params: Mapping[str, str] | None
    ) -> requests.Response:
        document = asked.request.document if method == "POST" else ""
        where: dict[str, Any] = {"params" if method == "GET" or document else "data": params}
        headers = {**self._headers, **asked.headers}
        if document:
            where["data"] = document.encode()
            headers = headers | {"Content-Type": "application/json"}
        try:
            return self._session.request(
                method,
                url,
                headers=headers,
                timeout=(self.patience.timeout, self.patience.timeout),
                allow_redirects=False,
                stream=True,
                **where,
            )
        except _NO_ADDRESS:
            end: Exception = Refused(
                asked.source, f"{asked.source}: {asked.host} is no address that can be asked: correct it."
            )
        except _FAILURES as error:
            end = _AgainError(self._cause(error))
        raise end  # outside of the handler: the original holds the address with its secrets

    def _judged(self, asked: _Asked, response: requests.Response, ends: float) -> Answer:
        status = response.status_code
        if status in _WAIT_AND_ASK_AGAIN or status >= 500:
            raise _AgainError(f"it answered {status}", self._asked_to_wait(asked, response))
        body = self._read(asked, response, ends)
        url = response.url.partition("?")[0]
        if 200 <= status < 300:
            answer = Answer(status, response.headers, body, url)
            if asked.check:
                asked.check(answer)
            return answer
        refusal = Answer(status, response.headers, _without(asked.hidden, body), url)
        if asked.explain:
            asked.explain(refusal)
        said = first_line(refusal.body)
        raise Refused(
            asked.source,
            f"{asked.source}: {asked.host} refused the request with {status}"
            + (f": {said}" if said else "."),
        )

    # -- reading ------------------------------------------------------------------------------------

    def _read(self, asked: _Asked, response: requests.Response, ends: float) -> bytes:
        """The whole body, unpacked. Bytes are counted and the clock is looked at as they come."""
        declared = _declared_length(response)
        if declared is not None and declared > self.patience.max_bytes:
            raise self._too_large(asked)
        unpack = _Unpack(response.headers.get("Content-Encoding", ""))
        came, body = 0, bytearray()
        while piece := self._piece(response):
            came += len(piece)
            body += unpack(piece, self.patience.max_bytes + 1 - len(body))
            if max(came, len(body)) > self.patience.max_bytes:
                raise self._too_large(asked)
            if self.clock.monotonic() > ends:
                raise _AgainError(f"the answer was not complete after {self.patience.deadline:g} s")
        if not unpack.complete or declared not in (None, came):
            raise _AgainError("the answer broke off")
        return bytes(body)

    def _piece(self, response: requests.Response) -> bytes:
        """What has come by now: `read1` returns after one look at the line, so that dripping is noticed."""
        try:
            piece: bytes = response.raw.read1(_PIECE, decode_content=False)
        except _FAILURES as error:
            cause = self._cause(error)
        else:
            return piece
        raise _AgainError(cause)

    def _too_large(self, asked: _Asked) -> Refused:
        return Refused(
            asked.source,
            f"{asked.source}: {asked.host} sent more than {self.patience.max_bytes:,} bytes in one answer; "
            "it was not read further, because no answer of this source should be that large.",
        )

    # -- patience -----------------------------------------------------------------------------------

    def _pause(self, state: RetryCallState) -> float:
        """Half to all of a pause that doubles; never shorter than the source asks for."""
        doubled = self.patience.backoff * 2.0 ** min(state.attempt_number - 1, 32)
        pause = min(self.patience.longest_pause, doubled) * (0.5 + self._rand() / 2)
        error: object = state.outcome.exception() if state.outcome else None
        return max(pause, error.pause) if isinstance(error, _AgainError) else pause

    def _asked_to_wait(self, asked: _Asked, response: requests.Response) -> float:
        """Seconds in `Retry-After`, which is a number or an HTTP date (RFC 9110, 10.2.3)."""
        seconds = self._seconds(response.headers.get("Retry-After", ""))
        if seconds <= self.patience.longest_retry_after:
            return max(0.0, seconds)
        minutes = -int(-seconds // 60)
        raise Unreachable(
            asked.source,
            f"{asked.source}: {asked.host} answered {response.status_code} and asks to be left alone for "
            f"{minutes:,} minutes: try again after that; what is stored stays.",
        )

    def _seconds(self, retry_after: str) -> float:
        text = retry_after.strip()
        if text.isascii() and text.isdigit():
            return float(text[:12])
        try:
            then = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        return (then.replace(tzinfo=then.tzinfo or UTC) - self.clock.now()).total_seconds()

    # -- sentences ----------------------------------------------------------------------------------

    def _cause(self, error: Exception) -> str:
        """What a library said, in our own words: its texts hold addresses with secrets."""
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, urllib3.exceptions.NameResolutionError):
            return "its name cannot be looked up; is this computer online?"
        words = next(words for kinds, words in _CAUSES if isinstance(error, kinds))
        return words.format(f"{self.patience.timeout:g} s")

    def _given_up(self, asked: _Asked, cause: str) -> Unreachable:
        return Unreachable(
            asked.source,
            f"{asked.source}: {asked.host} gave no answer in {_times(self.patience.attempts)} ({cause}): "
            "try again later; what is stored stays.",
        )

    def _told(self, asked: _Asked, bad: BadAnswer) -> str:
        if isinstance(bad, TokenExpired):
            return _sentence(asked, bad)
        return (
            f"{_sentence(asked, bad).rstrip('.')} ({asked.host}, {_times(self.patience.attempts)}): "
            "try again later; what is stored stays."
        )


class _Unpack:
    """Undoes the one packing we ask for, without ever making more than there is room for."""

    def __init__(self, encoding: str) -> None:
        packed = encoding.strip().lower() in ("gzip", "x-gzip")
        self._zlib = zlib.decompressobj(wbits=31) if packed else None
        if not packed and encoding.strip().lower() not in ("", "identity"):
            raise _AgainError("the answer is packed in a way that was not asked for")

    def __call__(self, piece: bytes, room: int) -> bytes:
        if self._zlib is None:
            return piece
        try:
            return self._zlib.decompress(piece, room)
        except zlib.error:
            pass
        raise _AgainError("the answer cannot be unpacked")

    @property
    def complete(self) -> bool:
        return self._zlib is None or self._zlib.eof


def first_line(body: bytes, longest: int = 200) -> str:
    """First line of a body for a sentence: markup stripped, cut at `longest` characters."""
    text = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>?", " ", body[:20_000].decode("utf-8", "replace"))
    lines = (" ".join(line.split()) for line in html.unescape(text).splitlines())
    printable = "".join(c for c in next(filter(None, lines), "") if c.isprintable())
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"


def _worth_another_attempt(error: BaseException) -> bool:
    return isinstance(error, (_AgainError, BadAnswer)) and not isinstance(error, TokenExpired)


def _same_host(asked: _Asked, url: str, location: str) -> str:
    """The new address, if it belongs to the same host and is no less private."""
    old, new = urlsplit(url), urlsplit(urljoin(url, location))
    upgraded = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
    if (old.scheme, old.netloc) == (new.scheme, new.netloc) or upgraded:
        return new.geturl()
    raise Refused(
        asked.source,
        f"{asked.source}: {asked.host} redirects to {new.scheme}://{new.hostname}, which is not followed: "
        "check the address of this source.",
    )


def _declared_length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "").strip()
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    return int(text) if text.isascii() and text.isdigit() and not chunked else None


def _without(secrets: Mapping[str, str], text: bytes) -> bytes:
    """The text with every secret blacked out, also where it is percent-encoded."""
    for value in filter(None, secrets.values()):
        for form in {value, quote(value, safe=""), quote_plus(value)}:
            text = text.replace(form.encode(), b"[hidden]")
    return text


def _sentence(asked: _Asked, error: SearchError) -> str:
    return _without(asked.hidden, str(error).encode("utf-8", "replace")).decode("utf-8", "replace")


def _times(attempts: int) -> str:
    return "1 attempt" if attempts <= 1 else f"{attempts} attempts"

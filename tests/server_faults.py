"""What can go wrong between a source and us. A fault turns an honest reply into a bad one.

    server.inject(too_many_requests(retry_after="1"), on=esearch, nth=2)
    server.inject(truncated(), on=lambda asked: "pageToken" in asked.params, times=3)

The texts of errors are those met in the wild (see `PROVENANCE.md` in `data/server`).
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from server_wire import HTML, JSON, TEXT, Asked, Reply

Fault: TypeAlias = Callable[[Asked, Reply], Reply]
When: TypeAlias = Callable[[Asked], bool]

RATE_LIMIT = b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"5","limit":"3"}'
NCBI_500 = (
    b"<!DOCTYPE html>\n<html><head><title>NCBI/eutils202 - WWW Error 500 Diagnostic</title></head>"
    b"<body><h1>Server Error</h1></body></html>\n"
)
SEARCH_BACKEND_FAILED = (
    "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch can only "
    "retrieve the first 9,999 records matching the query. To obtain more than 9,999 PubMed records, consider "
    "using EDirect that contains additional logic to batch PubMed search results automatically so that an "
    "arbitrary number can be retrieved. For details see https://www.ncbi.nlm.nih.gov/books/NBK25499/"
)


# -- which requests ----------------------------------------------------------------------------------


def every(asked: Asked) -> bool:
    return True


def esearch(asked: Asked) -> bool:
    return asked.path.endswith("/esearch.fcgi")


def efetch(asked: Asked) -> bool:
    return asked.path.endswith("/efetch.fcgi")


def studies(asked: Asked) -> bool:
    return asked.path.endswith("/studies")


def listing(asked: Asked) -> bool:
    """Requests to ClinicalTrials.gov that search."""
    return studies(asked) and "filter.ids" not in asked.params


def fetching(asked: Asked) -> bool:
    """Requests to ClinicalTrials.gov for known studies."""
    return studies(asked) and "filter.ids" in asked.params


# -- refusals ----------------------------------------------------------------------------------------


def too_many_requests(retry_after: str | None = None) -> Fault:
    """429 as NCBI says it; `retry_after` in seconds (`"1"`) or as an HTTP date."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda asked, reply: Reply(RATE_LIMIT, JSON, 429, headers)


def server_error(asked: Asked, reply: Reply) -> Reply:
    """500 with NCBI's page."""
    return Reply(NCBI_500, HTML, 500)


def refused(status: int, sentence: str) -> Fault:
    """A plain-text 4xx, as ClinicalTrials.gov says it."""
    return lambda asked, reply: Reply(sentence.encode(), TEXT, status)


def expired_token(asked: Asked, reply: Reply) -> Reply:
    return Reply(b"Invalid pageToken", TEXT, 400)


# -- 200, and yet ------------------------------------------------------------------------------------


def html_page(asked: Asked, reply: Reply) -> Reply:
    """A page for people, with 200."""
    return Reply(NCBI_500, HTML)


def rate_limit_with_200(asked: Asked, reply: Reply) -> Reply:
    return Reply(RATE_LIMIT, JSON)


def esearch_error(asked: Asked, reply: Reply) -> Reply:
    """ESearch's ERROR inside a 200; the raw newline in the JSON is genuine."""
    if asked.params.get("retmode") == "json":
        head = '{"header":{"type":"esearch","version":"0.3"},"esearchresult":{"ERROR":"'
        return Reply((head + SEARCH_BACKEND_FAILED + '"}}').encode(), JSON)
    error = f"<eSearchResult>\n\t<ERROR>{SEARCH_BACKEND_FAILED}</ERROR>\n</eSearchResult>\n"
    return Reply(('<?xml version="1.0" encoding="UTF-8" ?>\n' + error).encode())


def empty(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, body=b"")


def counting(more: int) -> Fault:
    """The source claims `more` hits than it lists."""
    claims = re.compile(rb'(<Count>|"count": ?"|"totalCount": ?)(\d+)')

    def claim(asked: Asked, reply: Reply) -> Reply:
        body = claims.sub(lambda m: m[1] + str(int(m[2]) + more).encode(), reply.body, count=1)
        return replace(reply, body=body)

    return claim


def without(*keys: str) -> Fault:
    """The records of these PMIDs or NCT numbers are left out of a page."""

    def leave_out(asked: Asked, reply: Reply) -> Reply:
        if reply.content_type == JSON:
            return replace(reply, body=_studies_without(reply.body, keys))
        body = reply.body
        for key in keys:
            article = rb"<PubmedArticle>(?:(?!</PubmedArticle>).)*?<PMID[^>]*>%s</PMID>.*?</PubmedArticle>"
            body = re.sub(article % key.encode(), b"", body, count=1, flags=re.DOTALL)
        return replace(reply, body=body)

    return leave_out


def _studies_without(body: bytes, keys: tuple[str, ...]) -> bytes:
    answer = json.loads(body)
    answer["studies"] = [
        study
        for study in answer["studies"]
        if study["protocolSection"]["identificationModule"]["nctId"] not in keys
    ]
    return json.dumps(answer).encode()


# -- on the wire -------------------------------------------------------------------------------------


def truncated(asked: Asked, reply: Reply) -> Reply:
    """Half the body, and the promise of the whole."""
    return replace(reply, body=reply.body[: len(reply.body) // 2], promised=len(reply.body))


def cut_short(asked: Asked, reply: Reply) -> Reply:
    """Half the body with a length to match: only reading it shows that the end is missing."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def reset(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, reset=True)


def drip(pause: float = 0.01) -> Fault:
    """One byte each `pause` seconds: no read ever times out, and the body never ends in time."""
    return lambda asked, reply: replace(reply, drip=pause)


def kill(pid: int | Callable[[], int], *, after: bool = False) -> Fault:
    """SIGKILL a process right before the reply is sent (so it never is), or right after."""

    def strike() -> None:
        os.kill(pid if isinstance(pid, int) else pid(), signal.SIGKILL)

    return lambda asked, reply: (
        replace(reply, after=strike) if after else replace(reply, before=strike, reset=True)
    )


def call(hook: Callable[[], None], *, after: bool = False) -> Fault:
    """Do something to the world (add a record, say) right before or after a reply is sent."""
    return lambda asked, reply: replace(reply, after=hook) if after else replace(reply, before=hook)

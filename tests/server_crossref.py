"""Crossref over a handful of works: `/works` with cursors and filters, and `/works/{doi}`.

Mistakes look as they were recorded (`data/crossref`): a validation failure with status 400, a Java stack with 500
for a cursor that is none, plain text with 404 for a DOI, and, as others met it, for a cursor that was forgotten.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import server_corpus as corpus
from server import Server
from server_wire import JSON, TEXT, Asked, Reply

from harvest.sources import crossref

PATH = "/crossref/v1"
DATA = Path(__file__).parent / "data" / "crossref"
MOST = 1_000


class Crossref:
    """The contents, and answers over them."""

    def __init__(self) -> None:
        self._works: dict[str, dict[str, Any]] = {}
        self._matches: dict[str, frozenset[str]] = {}
        self.forgotten: set[str] = set()
        """Cursors that are no longer good."""
        self.limit = ""
        """What `x-rate-limit-limit` says."""

    @property
    def keys(self) -> list[str]:
        return sorted(self._works)

    def put(self, work: dict[str, Any]) -> None:
        self._works[work["DOI"].lower()] = work

    def remove(self, *keys: str) -> None:
        self._works = {key: work for key, work in self._works.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these works, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(PATH)
        if asked.method != "GET":
            return Reply(b"Method Not Allowed", TEXT, 405)
        if path != "/works":
            return self._single(unquote(path.removeprefix("/works/")).lower())
        rows, cursor = int(asked.params.get("rows", 20)), asked.params.get("cursor", "")
        if cursor in self.forgotten:
            return Reply(b"Resource not found.", TEXT, 404)
        if cursor not in ("", "*") and not cursor.startswith("AoJ"):
            return Reply((DATA / "bad_cursor.json").read_bytes(), JSON, 500)
        return self._list(asked, rows, cursor)

    def _list(self, asked: Asked, rows: int, cursor: str) -> Reply:
        if rows > MOST:
            sentence = (
                f"Integer specified as {rows} but must be a positive integer less than or equal to {MOST}. "
            )
            return _failure("integer-not-valid", str(rows), sentence)
        try:
            found = self._found(asked.params)
        except ValueError as error:
            return _failure(
                "filter-not-available", str(error), f"Filter {error} specified but there is no such filter."
            )
        first = int(cursor[3:]) if cursor.startswith("AoJ") else 0
        page = [self._works[key] for key in found[first : first + rows]]
        if "select" in asked.params:
            names = asked.params["select"].split(",")
            page = [{name: work[name] for name in names if name in work} for work in page]
        query = {"start-index": 0, "search-terms": asked.params.get("query")}
        message = {
            "facets": {},
            "total-results": len(found),
            "items": page,
            "items-per-page": rows,
            "query": query,
        }
        if cursor:
            message["next-cursor"] = f"AoJ{first + len(page)}"
        return self._ok("work-list", message)

    def _single(self, doi: str) -> Reply:
        work = self._works.get(doi)
        return self._ok("work", work) if work else Reply(b"Resource not found.", TEXT, 404)

    def _ok(self, kind: str, message: Mapping[str, Any]) -> Reply:
        answer = {"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message}
        limits = {"x-rate-limit-limit": self.limit, "x-rate-limit-interval": "1s"} if self.limit else {}
        return Reply(json.dumps(answer).encode(), JSON, headers=limits)

    def _found(self, params: Mapping[str, str]) -> list[str]:
        """Raises `ValueError` with the name of a filter that does not exist."""
        keys = [key for key in self.keys if "query" not in params or key in self._matches[params["query"]]]
        dois = set()
        for condition in filter(None, params.get("filter", "").split(",")):
            name, _, value = condition.partition(":")
            if name == "doi":
                dois.add(value.lower())
            elif name == "from-index-date":
                keys = [key for key in keys if self._works[key]["indexed"]["date-time"][:10] >= value]
            elif name == "until-created-date":
                keys = [key for key in keys if self._works[key]["created"]["date-time"][:10] <= value]
            else:
                raise ValueError(name)
        return [key for key in keys if not dois or key in dois]


def _failure(kind: str, value: str, sentence: str) -> Reply:
    message = [{"type": kind, "value": value, "message": sentence}]
    said = {"status": "failed", "message-type": "validation-failure", "message": message}
    return Reply(json.dumps(said).encode(), JSON, 400)


def work(position: int, *, touched: str = "", doi: str = "") -> dict[str, Any]:
    """One work; `touched` is the day of its last change."""
    new = copy.deepcopy(_templates()[position % len(_templates())])
    day = corpus.day(position)
    return new | {
        "DOI": doi or f"10.5555/cr.{position}",
        "title": [corpus.title(position)],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "created": _moment(day.isoformat()),
        "deposited": _moment(touched or day.isoformat()),
        "indexed": _moment(touched or day.isoformat()),
    }


def _moment(day: str) -> dict[str, Any]:
    year, month, last = map(int, day.split("-"))
    return {"date-parts": [[year, month, last]], "date-time": f"{day}T12:00:00Z"}


@cache
def _templates() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((DATA / "works.json").read_text("utf-8"))["message"]["items"])


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten a page, seven a fetch."""
    patch.setattr(crossref, "PAGE", 10)
    patch.setattr(crossref, "BATCH", 7)
    there = Crossref()
    for position in range(number):
        there.put(work(position, touched=touched.isoformat() if position == 5 else ""))
    there.match("a b", there.keys)
    there.match("another query", ())
    return {
        "name": "crossref",
        "kind": crossref.Crossref,
        "url": server.mount(PATH, there.answer),
        "query": "a b",
        "keys": there.keys,
        "lose": there.remove,
        "touched": "10.5555/cr.5",
        "stamps": False,
        "fetching": lambda asked: "doi:" in asked.params.get("filter", ""),
        "emptied": (DATA / "no_results.json").read_bytes(),
    }

"""Europe PMC over a handful of articles: `searchPOST`.

What it answers has the shape of the answers in `data/europepmc`: a mark on every page but where everything
fits into one, the same mark again at the end, mistakes with status 200.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import HTML, JSON, Asked, Reply

from harvest.sources import europepmc

PATH = "/europepmc/webservices/rest"
DATA = Path(__file__).parent / "data" / "europepmc"
_NAMED = re.compile(r"\(EXT_ID:([\w.-]+) AND SRC:([A-Z]+)\)")
_BETWEEN = re.compile(r"(UPDATE_DATE|FIRST_IDATE):\[(\S+) TO (\S+)\]")
_DATES = {"UPDATE_DATE": "dateOfRevision", "FIRST_IDATE": "firstIndexDate"}
_LEFT_OVER = re.compile(r"^(?:\s*(?:AND|OR)\b)+|(?:\s+(?:AND|OR))+\s*$|(?:\s+(?:AND|OR))+\s*(?=\))")


class EuropePmc:
    """The contents, and answers over them."""

    def __init__(self, results: Iterable[Mapping[str, Any]] = ()) -> None:
        self._results = {f"{result['source']}:{result['id']}": result for result in results}
        self._matches: dict[str, frozenset[str]] = {}

    @property
    def keys(self) -> list[str]:
        """In the order of every listing."""
        return sorted(self._results, reverse=True)

    def put(self, result: Mapping[str, Any]) -> None:
        self._results[f"{result['source']}:{result['id']}"] = result

    def remove(self, *keys: str) -> None:
        self._results = {key: result for key, result in self._results.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these articles, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        if asked.path != f"{PATH}/searchPOST":
            return Reply(b"<html><body>Not Found</body></html>", HTML, 404)
        size = int(asked.params.get("pageSize", 25))
        if not 1 <= size <= 1000:
            said = {"errCode": 404, "errMsg": "Invalid page size provided. Valid size is between 1 and 1000"}
            return Reply(json.dumps(said).encode(), JSON)
        query, mark = asked.params["query"], asked.params.get("cursorMark", "*")
        found = self._found(query)
        rest = found if mark == "*" else [key for key in found if key < mark]
        page = [self._results[key] for key in rest[:size]]
        if asked.params.get("resultType") == "idlist":
            page = [{name: result[name] for name in ("id", "source")} for result in page]
        synonym = asked.params.get("synonym") == "true"
        answer = {
            "version": "6.9",
            "hitCount": len(found),
            "request": {"queryString": query, "cursorMark": mark, "synonym": synonym},
        }
        if len(found) > size:
            answer["nextCursorMark"] = rest[:size][-1] if page else mark
        return Reply(json.dumps(answer | {"resultList": {"result": page}}).encode(), JSON)

    def _found(self, query: str) -> list[str]:
        """What is between dates, has one of the names, and matches what else stands there."""
        keys = self.keys
        for field, first, last in _BETWEEN.findall(query):
            keys = [key for key in keys if first <= self._results[key][_DATES[field]] <= last]
        names = {f"{source}:{number}" for number, source in _NAMED.findall(query)}
        keys = [key for key in keys if not names or key in names]
        bare = _bare(_NAMED.sub("", _BETWEEN.sub("", query)))
        return [key for key in keys if not bare or key in self._matches[bare]]


def _bare(query: str) -> str:
    """The query without operators that join nothing, and without outer brackets."""
    while True:
        shorter = _LEFT_OVER.sub("", query).strip()
        if shorter.startswith("(") and shorter.endswith(")"):
            shorter = shorter[1:-1]
        if shorter == query:
            return query
        query = shorter


def results(number: int, first: int = 0) -> list[dict[str, Any]]:
    """Articles for `number` positions from `first` on, all different."""
    return [result(position) for position in range(first, first + number)]


def result(position: int, *, revised: str = "") -> dict[str, Any]:
    """One article; `revised` is the day of its last change."""
    new = copy.deepcopy(_templates()[position % len(_templates())])
    named, day = str(50_000_001 + position), corpus.day(position).isoformat()
    return new | {
        "id": named,
        "pmid": named,
        "doi": f"10.5555/epmc.{position}",
        "title": corpus.title(position),
        "dateOfRevision": revised or day,
        "firstPublicationDate": day,
        "firstIndexDate": day,
        "pubYear": day[:4],
    }


@cache
def _templates() -> tuple[dict[str, Any], ...]:
    answer = json.loads((DATA / "core.json").read_text("utf-8"))
    return tuple(answer["resultList"]["result"])


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten a page, seven a fetch."""
    patch.setattr(europepmc, "PAGE", 10)
    patch.setattr(europepmc, "BATCH", 7)
    there = EuropePmc(results(number))
    there.put(result(5, revised=touched.isoformat()))
    there.match("a OR b", there.keys)
    there.match("another query", ())
    return {
        "name": "europepmc",
        "kind": europepmc.EuropePmc,
        "url": server.mount(PATH, there.answer),
        "query": "a OR b",
        "keys": there.keys,
        "lose": there.remove,
        "touched": "MED:50000006",
        "stamps": False,
        "fetching": lambda asked: asked.params.get("resultType") == "core",
        "emptied": b'{"hitCount": 0, "resultList": {"result": []}}',
    }

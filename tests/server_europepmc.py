"""Europe PMC over a handful of articles, beside the two sources that the local server speaks already.

What it answers has the shape of the answers in `data/europepmc`: a mark on every page but where everything
fits into one, the same mark again at the end, mistakes with status 200.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import JSON, Asked, Reply

PATH = "/europepmc/webservices/rest"
DATA = Path(__file__).parent / "data" / "europepmc"
_NAMED = re.compile(r"\(EXT_ID:([\w.-]+) AND SRC:([A-Z]+)\)")
_CHANGED = re.compile(r"\((.*)\) AND UPDATE_DATE:\[(\S+) TO (\S+)\]", re.DOTALL)


class EuropePmc:
    """The contents, and `searchPOST` over them."""

    def __init__(self, results: Iterable[Mapping[str, Any]]) -> None:
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
        answer = {
            "version": "6.9",
            "hitCount": len(found),
            "request": {"queryString": query, "cursorMark": mark},
        }
        if len(found) > size:
            answer["nextCursorMark"] = rest[:size][-1] if page else mark
        return Reply(json.dumps(answer | {"resultList": {"result": page}}).encode(), JSON)

    def _found(self, query: str) -> list[str]:
        if named := _NAMED.findall(query):
            return [key for key in self.keys if tuple(reversed(key.split(":"))) in named]
        if changed := _CHANGED.fullmatch(query):
            inner, first, last = changed.groups()
            return [
                key for key in self._found(inner) if first <= self._results[key]["dateOfRevision"] <= last
            ]
        return [key for key in self.keys if key in self._matches[query]]


class WithEuropePmc(Server):
    """The local server, with a third source."""

    def __init__(self, results: Iterable[Mapping[str, Any]] = (), **others: Any) -> None:
        super().__init__(**others)
        self.europepmc = EuropePmc(results)

    @property
    def europepmc_url(self) -> str:
        return self.url + PATH

    def _honest(self, asked: Asked) -> Reply:
        if asked.path == f"{PATH}/searchPOST":
            return self.europepmc.answer(asked)
        return super()._honest(asked)


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
        "pubYear": day[:4],
    }


@cache
def _templates() -> tuple[dict[str, Any], ...]:
    answer = json.loads((DATA / "core.json").read_text("utf-8"))
    return tuple(answer["resultList"]["result"])

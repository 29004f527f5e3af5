"""DOAJ over a handful of articles: `/search/articles/{query}` and `/articles/{id}`.

It speaks as its code says: pages are cut to 100, a page that begins at record `CEILING` or later is refused, wildcards
are refused, `created_date` can be asked for by a range, and a question that is refused is told as JSON with status 400.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import server_corpus as corpus
from server import Server
from server_wire import JSON, Asked, Reply

from harvest.sources import doaj

PATH = "/doaj/api"
DATA = Path(__file__).parent / "data" / "doaj" / "search.json"
_DAYS = re.compile(r"created_date:\[([\d-]+) TO ([\d-]+)\}")
_BOTH = re.compile(r"\((.*)\) AND (.*)", re.DOTALL)


class Doaj:
    """The contents, and answers over them."""

    def __init__(self) -> None:
        self._articles: dict[str, dict[str, Any]] = {}
        self._matches: dict[str, frozenset[str]] = {}
        self.finds_ids = True
        """Whether `id:` means anything to it."""

    @property
    def keys(self) -> list[str]:
        """In the order of a listing by `created_date`."""
        return sorted(self._articles, key=lambda key: (self._articles[key]["created_date"], key))

    def put(self, article: dict[str, Any]) -> None:
        self._articles[article["id"]] = article

    def remove(self, *keys: str) -> None:
        self._articles = {key: article for key, article in self._articles.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these articles, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(PATH)
        if path.startswith("/articles/"):
            found = self._articles.get(path.removeprefix("/articles/"))
            return _json(found) if found else _json({"status": "not_found", "error": "(ref: 1)"}, 404)
        query = unquote(path.removeprefix("/search/articles/"))
        page, size = int(asked.params.get("page", 1)), min(int(asked.params.get("pageSize", 10)), 100)
        if re.search(r"[^\\][?*]|[^\\]~", query):
            return _json(
                {"status": "bad_request", "error": "Query contains disallowed Lucene features (ref: 2)"}, 400
            )
        if (page - 1) * size >= doaj.CEILING:
            return _json(
                {"status": "bad_request", "error": "You cannot access results beyond 1000 (ref: 3)"}, 400
            )
        keys = [key for key in self.keys if self._meets(key, query)]
        shown = [self._articles[key] for key in keys[(page - 1) * size : page * size]]
        return _json({"total": len(keys), "page": page, "pageSize": size, "query": query, "results": shown})

    def _meets(self, key: str, query: str) -> bool:
        article = self._articles[key]
        if query in self._matches:
            return key in self._matches[query]
        if query.startswith("id:("):
            return self.finds_ids and key in query
        if days := _DAYS.fullmatch(query):
            return days[1] <= article["created_date"][:10] < days[2]
        if doi := re.fullmatch(r'doi:"(.*)"', query):
            return doi[1] in json.dumps(article["bibjson"]["identifier"])
        both = _BOTH.fullmatch(query)
        return bool(both) and self._meets(key, both[1]) and self._meets(key, both[2])


def article(position: int, *, updated: str = "") -> dict[str, Any]:
    """One article; `updated` is the day of its last change."""
    new, day = copy.deepcopy(_template()), corpus.day(position).isoformat()
    new["bibjson"]["title"] = corpus.title(position)
    new["bibjson"]["identifier"] = [{"id": f"10.5555/doaj-{position:04}", "type": "doi"}]
    return new | {
        "id": md5(str(position).encode()).hexdigest(),
        "created_date": f"{day}T05:31:39Z",
        "last_updated": f"{updated or day}T03:24:44Z",
    }


def _json(answer: object, status: int = 200) -> Reply:
    return Reply(json.dumps(answer, ensure_ascii=False).encode(), JSON, status)


@cache
def _template() -> dict[str, Any]:
    return dict(json.loads(DATA.read_text("utf-8"))["results"][0])


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: parts of ten articles, four a page, seven a fetch."""
    patch.setattr(doaj, "CEILING", 10)
    patch.setattr(doaj, "PAGE", 4)
    patch.setattr(doaj, "BATCH", 7)
    directory = Doaj()
    for position in range(number):
        directory.put(article(position, updated=touched.isoformat() if position == 5 else ""))
    directory.match("a OR b", directory.keys)
    return {
        "name": "doaj",
        "kind": doaj.Doaj,
        "url": server.mount(PATH, directory.answer),
        "query": "a OR b",
        "keys": directory.keys,
        "lose": directory.remove,
        "touched": article(5)["id"],
        "stamps": True,
        "fetching": lambda asked: "/articles/id%3A" in asked.path or "/search/" not in asked.path,
        "emptied": b'{"total": 0, "results": []}',
        "told": "",
    }

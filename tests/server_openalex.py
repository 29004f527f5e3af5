"""OpenAlex over a handful of works: `/works` with `search`, `filter`, `cursor`, `select`.

It speaks as its documentation says: a cursor on every page but the last, a price in every answer, 401 without a
key, 400 with an error and a message for what it does not know.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import JSON, Asked, Reply

from harvest.sources import openalex

PATH = "/openalex"
DATA = Path(__file__).parent / "data" / "openalex" / "works.json"
KEY = "s3cret0123456789"
PRICE = 0.001


class OpenAlex:
    """The contents, and answers over them."""

    def __init__(self) -> None:
        self._works: dict[str, dict[str, Any]] = {}
        self._matches: dict[str, frozenset[str]] = {}

    @property
    def keys(self) -> list[str]:
        return sorted(self._works)

    def put(self, work: dict[str, Any]) -> None:
        self._works[work["id"].rpartition("/")[2]] = work

    def remove(self, *keys: str) -> None:
        self._works = {key: work for key, work in self._works.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this search means these works, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        if asked.params.get("api_key") != KEY:
            return _refusal(401, "Unauthorized", "An API key is required.")
        size, cursor = int(asked.params.get("per_page", 25)), asked.params.get("cursor", "*")
        if size > 100:
            return _refusal(400, "Invalid query parameters error.", "per_page must be between 1 and 100")
        found = self._found(asked.params)
        if found is None:
            return _refusal(
                400, "Invalid query parameters error.", f"{asked.params['filter']} is not a valid filter."
            )
        rest = found if cursor == "*" else [key for key in found if key > cursor]
        page = [self._works[key] for key in rest[:size]]
        if select := asked.params.get("select"):
            page = [{name: work.get(name) for name in select.split(",")} for work in page]
        meta = {
            "count": len(found),
            "per_page": size,
            "cost_usd": PRICE,
            "next_cursor": rest[size - 1] if len(rest) > size else None,
            "x_query": {"oql": f"works where text has ({asked.params.get('search', '')})"},
        }
        return Reply(json.dumps({"meta": meta, "results": page, "group_by": []}).encode(), JSON)

    def _found(self, params: Any) -> list[str] | None:
        keys = [key for key in self.keys if "search" not in params or key in self._matches[params["search"]]]
        for clause in filter(None, params.get("filter", "").split(",")):
            name, _, value = clause.partition(":")
            if name == "ids.openalex":
                keys = [key for key in keys if key in re.split(r"\|", value)]
            elif name == "to_created_date":
                keys = [key for key in keys if self._works[key]["created_date"] <= value]
            elif name != "type":
                return None
        return keys


def work(position: int, *, updated: str = "") -> dict[str, Any]:
    """One work; `updated` is the day of its last change."""
    new, day = copy.deepcopy(_template()), corpus.day(position).isoformat()
    return new | {
        "id": f"https://openalex.org/W{70_000_001 + position}",
        "doi": f"https://doi.org/10.5555/oa.{position}",
        "title": corpus.title(position),
        "created_date": day,
        "updated_date": f"{updated or day}T11:02:33.123456",
    }


def _refusal(status: int, error: str, message: str) -> Reply:
    return Reply(json.dumps({"error": error, "message": message}).encode(), JSON, status)


@cache
def _template() -> dict[str, Any]:
    return dict(json.loads(DATA.read_text("utf-8"))["results"][0])


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten works a page, seven a fetch."""
    patch.setattr(openalex, "PAGE", 10)
    patch.setattr(openalex, "BATCH", 7)
    index = OpenAlex()
    for position in range(number):
        index.put(work(position, updated=touched.isoformat() if position == 5 else ""))
    index.match("a OR b", index.keys)
    return {
        "name": "openalex",
        "kind": openalex.OpenAlex,
        "url": server.mount(PATH, index.answer),
        "query": "a OR b",
        "keys": index.keys,
        "lose": index.remove,
        "touched": index.keys[5],
        "stamps": True,
        "fetching": lambda asked: asked.params.get("filter", "").startswith("ids.openalex"),
        "emptied": b'{"meta": {"count": 0}, "results": []}',
        "told": KEY,
    }

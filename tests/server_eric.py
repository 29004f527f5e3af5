"""ERIC over a handful of documents: a Solr that says too little.

As it was measured by others: no answer holds more than `MOST` documents and none says so, fields that are not
asked for do not come, a search string that cannot be read is an `error` with status 200.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import JSON, TEXT, Asked, Reply

from harvest.sources import eric

PATH = "/eric"
DATA = Path(__file__).parent / "data" / "eric" / "blockchain.json"
DEFAULT = ("id", "title", "author", "description", "subject", "publicationtype", "publicationdateyear", "language",
           "issn", "isbn", "publisher", "peerreviewed")  # fmt: skip


class Eric:
    """The contents, and answers over them."""

    most = 200

    def __init__(self) -> None:
        self._docs: dict[str, dict[str, Any]] = {}
        self._matches: dict[str, frozenset[str]] = {}

    @property
    def keys(self) -> list[str]:
        return sorted(self._docs)

    def put(self, doc: dict[str, Any]) -> None:
        self._docs[doc["id"]] = doc

    def remove(self, *keys: str) -> None:
        self._docs = {key: doc for key, doc in self._docs.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these documents, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        query = asked.params.get("search", "")
        if not query:
            return Reply(b'{"message": "Missing required request parameters: [search]"}', JSON, 400)
        if query.count("(") != query.count(")") or query.count('"') % 2:
            return Reply(
                json.dumps({"error": {"msg": f"Cannot parse '{query}'", "code": 400}}).encode(), TEXT
            )
        start, rows = int(asked.params.get("start", 0)), min(int(asked.params.get("rows", 20)), self.most)
        fields = asked.params.get("fields", ",".join(DEFAULT)).split(",")
        found = self._found(query)
        docs = [_of(self._docs[key], fields) for key in found[start : start + rows]]
        response = {"numFound": len(found), "start": start, "numFoundExact": True, "docs": docs}
        return Reply(json.dumps({"response": response}).encode(), TEXT)

    def _found(self, query: str) -> list[str]:
        named = re.findall(r"\bid:(E[DJ]\d+)", query)
        rest = (
            re.sub(r"(?:\s*(?:AND|OR))?\s*\bid:E[DJ]\d+", "", query)
            .strip()
            .removeprefix("(")
            .removesuffix(")")
        )
        keys = [key for key in self.keys if not named or key in named]
        return [key for key in keys if not rest or key in self._matches[rest]]


def _of(doc: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {name: doc[name] for name in fields if name in doc}


def doc(position: int) -> dict[str, Any]:
    """One document, with the fields that do not come unless they are asked for."""
    real = json.loads(DATA.read_text("utf-8"))["response"]["docs"][0]
    year = corpus.day(position).year
    return real | {
        "id": f"EJ{1_000_001 + position}",
        "title": f"{corpus.title(position)}: Students&apos; Perceptions",
        "publicationdateyear": year,
        "source": "Journal of Educational Technology and Online Learning",
        "sourceid": f"v{position + 1} n1 p46-55 {year}",
        "url": f"http://dx.doi.org/10.5555/eric.{position}",
        "e_fulltextauth": position % 2,
        "citedbycount": 7,
    }


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten a page although more are asked for, seven a fetch."""
    del touched
    patch.setattr(eric, "BATCH", 7)
    patch.setattr(Eric, "most", 10)
    there = Eric()
    for position in range(number):
        there.put(doc(position))
    there.match("a OR b", there.keys)
    there.match("another query", ())
    return {
        "name": "eric",
        "kind": eric.Eric,
        "url": server.mount(PATH, there.answer),
        "query": "a OR b",
        "keys": there.keys,
        "lose": there.remove,
        "touched": there.keys[5],
        "stamps": True,
        "dated": False,
        "fetching": lambda asked: "id:E" in asked.params.get("search", ""),
        "emptied": b'{"response": {"numFound": 0, "start": 0, "docs": []}}',
        "told": "",
    }

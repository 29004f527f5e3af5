"""Semantic Scholar over a handful of papers: `/paper/search/bulk` and `/paper/batch`."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import sha1
from pathlib import Path
from types import ModuleType
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import JSON, Asked, Reply

PATH = "/graph/v1"
DATA = Path(__file__).parent / "data" / "semanticscholar"
EXAMPLE = Path(__file__).parent.parent / "examples" / "semanticscholar" / "harvest_semanticscholar.py"


class SemanticScholar:
    """The contents, and answers over them."""

    page = 1_000

    def __init__(self, papers: Iterable[dict[str, Any]] = ()) -> None:
        self._papers = {paper["paperId"]: paper for paper in papers}
        self._matches: dict[str, frozenset[str]] = {}
        self.forgotten: set[str] = set()
        """Tokens that are no longer good."""

    @property
    def keys(self) -> list[str]:
        return sorted(self._papers)

    def put(self, paper: dict[str, Any]) -> None:
        self._papers[paper["paperId"]] = paper

    def remove(self, *keys: str) -> None:
        self._papers = {key: paper for key, paper in self._papers.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these papers, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        fields = asked.params.get("fields", "title").split(",")
        unknown = [name for name in fields if name not in _templates()[0]]
        if unknown:
            return _said({"error": f"Unrecognized or unsupported fields: [{', '.join(unknown)}]"}, 400)
        if asked.path == f"{PATH}/paper/batch" and asked.method == "POST":
            wanted = [self._papers.get(key) for key in json.loads(asked.document)["ids"]]
            return _said([paper and _of(paper, fields) for paper in wanted])
        if asked.path == f"{PATH}/paper/search/bulk":
            return self._bulk(asked, fields)
        return _said({"error": "Not Found"}, 404)

    def _bulk(self, asked: Asked, fields: list[str]) -> Reply:
        token = asked.params.get("token", "")
        if token in self.forgotten:
            return _said({"error": "Invalid token"}, 400)
        found = [key for key in self.keys if key in self._matches[asked.params["query"]]]
        rest = [key for key in found if key > token]
        page = rest[: self.page]
        answer: dict[str, Any] = {"total": len(found)}
        if page:
            answer["data"] = [_of(self._papers[key], fields) for key in page]
        if len(rest) > self.page:
            answer["token"] = page[-1]
        return _said(answer)


def _said(answer: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(answer).encode() + b"\n", JSON, status)


def _of(paper: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return {"paperId": paper["paperId"], **{name: paper[name] for name in fields}}


def paper(position: int, *, titled: str = "") -> dict[str, Any]:
    """One paper."""
    new = copy.deepcopy(_templates()[position % len(_templates())])
    key = sha1(str(position).encode()).hexdigest()
    when = corpus.day(position)
    return new | {
        "paperId": key,
        "externalIds": {"DOI": f"10.5555/s2.{position}", "CorpusId": position},
        "url": f"https://www.semanticscholar.org/paper/{key}",
        "title": titled or corpus.title(position),
        "year": when.year,
        "publicationDate": when.isoformat(),
    }


@cache
def _templates() -> tuple[dict[str, Any], ...]:
    return tuple(filter(None, json.loads((DATA / "batch.json").read_text("utf-8"))))


def load(patch: Any) -> ModuleType:
    """The module of the example, as an installation would import it."""
    spec = importlib.util.spec_from_file_location("harvest_semanticscholar", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, "harvest_semanticscholar", module)
    spec.loader.exec_module(module)
    return module


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten a page, seven a fetch."""
    del touched
    module = load(patch)
    patch.setattr(module, "BATCH", 7)
    patch.setattr(SemanticScholar, "page", 10)
    there = SemanticScholar(paper(position) for position in range(number))
    there.match("a | b", there.keys)
    there.match("another query", ())
    return {
        "name": "semanticscholar",
        "kind": module.SemanticScholar,
        "url": server.mount(PATH, there.answer),
        "query": "a | b",
        "keys": there.keys,
        "lose": there.remove,
        "touched": there.keys[5],
        "stamps": True,
        "dated": False,
        "fetching": lambda asked: asked.path.endswith("/batch"),
        "emptied": b"[]",
        "told": "s3cret0123456789",
    }

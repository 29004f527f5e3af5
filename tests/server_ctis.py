"""The EU register over a handful of trials: `POST /search`, `GET /retrieve/{number}`.

It speaks as it was seen to speak: pages are counted from 1, without `searchCriteria` nothing is found, a trial that is
not there is `{}`, and no more than `CEILING` overviews are listed in one direction.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import HTML, JSON, Asked, Reply

from harvest.sources import ctis

PATH = "/ctis-public-api"
DATA = Path(__file__).parent / "data" / "ctis"


class Ctis:
    """The contents, and answers over them."""

    def __init__(self) -> None:
        self._trials: dict[str, dict[str, Any]] = {}
        self._matches: dict[str, frozenset[str]] = {}

    @property
    def keys(self) -> list[str]:
        return sorted(self._trials)

    def put(self, trial: dict[str, Any]) -> None:
        self._trials[trial["ctNumber"]] = trial

    def remove(self, *keys: str) -> None:
        self._trials = {key: trial for key, trial in self._trials.items() if key not in keys}

    def match(self, terms: str, keys: Iterable[str]) -> None:
        """From now on these terms mean these trials, as far as they are there."""
        self._matches[terms] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(PATH)
        if asked.method == "GET" and path.startswith("/retrieve/"):
            return _json(self._trials.get(path.removeprefix("/retrieve/"), {}))
        if asked.method == "POST" and path == "/search":
            return _json(self._search(json.loads(asked.document)))
        return Reply(b"<html><body>Method not allowed</body></html>", HTML, 405)

    def _search(self, question: dict[str, Any]) -> dict[str, Any]:
        page, size = question["pagination"]["page"], question["pagination"]["size"]
        terms = question.get("searchCriteria", {}).get("containAll", "")
        found = [key for key in self.keys if key in self._matches[terms]] if terms and page else []
        if question["sort"]["direction"] == "DESC":
            found.reverse()
        shown = found[(page - 1) * size : page * size] if page * size <= ctis.CEILING else []
        return {
            "showWarning": True,
            "pagination": {"totalRecords": len(found), "currentPage": page},
            "data": [_overview(self._trials[key]) for key in shown],
        }


def trial(position: int, *, updated: str = "") -> dict[str, Any]:
    """One trial; `updated` is the day of its last change."""
    new, day = copy.deepcopy(_template()), corpus.day(position).isoformat()
    new |= {
        "ctNumber": f"2023-{500_001 + position}-24-00",
        "decisionDate": f"{day}T09:35:07.009",
        "publishDate": f"{updated or day}T03:46:14.147548867",
    }
    names = new["authorizedApplication"]["authorizedPartI"]["trialDetails"]["clinicalTrialIdentifiers"]
    names["fullTitle"] = corpus.title(position)
    return new


def _overview(trial: dict[str, Any]) -> dict[str, Any]:
    published = "/".join(reversed(trial["publishDate"][:10].split("-")))
    row: dict[str, Any] = _envelope()["data"][0]
    return row | {
        "ctNumber": trial["ctNumber"],
        "lastPublicationUpdate": published,
        "lastUpdated": "01/01/2015",
    }


def _json(answer: object) -> Reply:
    return Reply(json.dumps(answer, ensure_ascii=False).encode(), JSON)


@cache
def _template() -> dict[str, Any]:
    return dict(json.loads((DATA / "retrieve.json").read_text("utf-8")))


@cache
def _envelope() -> dict[str, Any]:
    return dict(json.loads((DATA / "search.json").read_text("utf-8")))


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: ten overviews a page; trials come one by one."""
    patch.setattr(ctis, "PAGE", 10)
    register = Ctis()
    for position in range(number):
        register.put(trial(position, updated=touched.isoformat() if position == 5 else ""))
    register.match("a, b", register.keys)
    register.match("another query", ())
    return {
        "name": "ctis",
        "kind": ctis.Ctis,
        "url": server.mount(PATH, register.answer),
        "query": "a, b",
        "keys": register.keys,
        "lose": register.remove,
        "touched": register.keys[5],
        "stamps": True,
        "fetching": lambda asked: "/retrieve/" in asked.path,
        "batch": 1,
        "emptied": b"{}",
        "told": "",
    }

"""The ISRCTN registry over a handful of trials: `/query/format/default` and `/trial/…/format/default`.

It speaks as it was seen to speak: `limit` is the only control, what it does not know it ignores, a number that is
not there is an error 500 with a page for people.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import server_corpus as corpus
from server import Server
from server_wire import HTML, Asked, Reply

from harvest.sources import isrctn

PATH = "/isrctn/api"
DATA = Path(__file__).parent / "data" / "isrctn" / "two_trials.xml"
NAMESPACE = "http://www.67bricks.com/isrctn"
_TAG = f"{{{NAMESPACE}}}"
_EDITED = re.compile(r" AND lastEdited (GE|LT) ([0-9T:.Z-]+)")

ET.register_namespace("", NAMESPACE)


class Isrctn:
    """The contents, and answers over them."""

    def __init__(self) -> None:
        self._trials: dict[str, ET.Element] = {}
        self._matches: dict[str, frozenset[str]] = {}
        self.knows_time = True
        """Whether `lastEdited` means anything to it."""

    @property
    def keys(self) -> list[str]:
        return sorted(self._trials)

    def put(self, trial: ET.Element) -> None:
        self._trials[_key(trial)] = trial

    def remove(self, *keys: str) -> None:
        self._trials = {key: trial for key, trial in self._trials.items() if key not in keys}

    def match(self, query: str, keys: Iterable[str]) -> None:
        """From now on this query means these trials, as far as they are there."""
        self._matches[query] = frozenset(keys)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(PATH)
        if one := re.fullmatch(r"/trial/(ISRCTN\d+)/format/default", path):
            if one[1] not in self._trials:
                return Reply(b"<html><body>Oops, something went wrong</body></html>", HTML, 500)
            return Reply(ET.tostring(self._trials[one[1]]))
        if path != "/query/format/default" or "q" not in asked.params:
            return Reply(b"<html><body>Bad request</body></html>", HTML, 400)
        found = [self._trials[key] for key in self._found(asked.params["q"])]
        answer = ET.Element(f"{_TAG}allTrials", totalCount=str(len(found)))
        answer.extend(found[: int(asked.params.get("limit", "10"))])
        return Reply(ET.tostring(answer))

    def _found(self, query: str) -> list[str]:
        bounds = _EDITED.findall(query)
        whole = _EDITED.sub("", query)
        keys = [key for key in self.keys if self._meets(key, whole)]
        for sign, moment in bounds if self.knows_time else ():
            edge = datetime.fromisoformat(moment)
            keys = [key for key in keys if (self._edited(key) >= edge) == (sign == "GE")]
        return keys

    def _meets(self, key: str, query: str) -> bool:
        if query in self._matches:
            return key in self._matches[query]
        if query.startswith("(") and query.endswith(")"):
            return self._meets(key, query[1:-1])
        if both := re.fullmatch(r"\((.*)\) AND (.*)", query):
            return self._meets(key, both[1]) and self._meets(key, both[2])
        text = ET.tostring(self._trials[key], encoding="unicode")
        return any(re.search(rf"(?<!\d){digits}(?!\d)", text) for digits in re.findall(r"\d{8}", query))

    def _edited(self, key: str) -> datetime:
        trial = self._trials[key].find(f"{_TAG}trial")
        return datetime.fromisoformat(trial.get("lastUpdated")[:19] + "Z")


def trial(position: int, *, updated: str = "") -> ET.Element:
    """One trial; `updated` is the day of its last change."""
    full = ET.fromstring(_templates()[position % 2])
    found = full.find(f"{_TAG}trial")
    number, day = f"{10_000_001 + position}", corpus.day(position).isoformat()
    found.set("publicIdentifierCanonical", f"ISRCTN{number}")
    found.set("publicIdentifierDateAssigned", f"{day}T00:00:00.000Z")
    found.set("lastUpdated", f"{updated or day}T11:48:02.{position:09}Z")
    found.find(f"{_TAG}isrctn").text = number
    found.find(f"{_TAG}externalRefs/{_TAG}doi").text = f"10.1186/ISRCTN{number}"
    found.find(f"{_TAG}trialDescription/{_TAG}scientificTitle").text = corpus.title(position)
    return full


def _key(full: ET.Element) -> str:
    return full.find(f"{_TAG}trial").get("publicIdentifierCanonical")


@cache
def _templates() -> tuple[bytes, ...]:
    """Without the publication lines, whose PMIDs would look like numbers of other trials."""
    fulls = ET.parse(DATA).getroot()
    for details in fulls.iter(f"{_TAG}publicationDetails"):
        details.text = ""
    return tuple(map(ET.tostring, fulls))


def world(patch: Any, server: Server, number: int, touched: date) -> dict[str, Any]:
    """For `test_sources_protocol`: parts of ten trials, seven a fetch."""
    patch.setattr(isrctn, "PAGE", 10)
    patch.setattr(isrctn, "BATCH", 7)
    registry = Isrctn()
    for position in range(number):
        registry.put(trial(position, updated=touched.isoformat() if position == 5 else ""))
    registry.match("a OR b", registry.keys)
    registry.match("another query", ())
    return {
        "name": "isrctn",
        "kind": isrctn.Isrctn,
        "url": server.mount(PATH, registry.answer),
        "query": "a OR b",
        "keys": registry.keys,
        "lose": registry.remove,
        "touched": registry.keys[5],
        "stamps": True,
        "fetching": lambda asked: "ISRCTN" in asked.params.get("q", asked.path),
        "emptied": f'<allTrials xmlns="{NAMESPACE}" totalCount="0"/>'.encode(),
        "told": "",
    }

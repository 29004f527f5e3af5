"""Crossref, asked by DOI whether a paper was retracted, doubted or corrected since.

`GET /works?filter=updates:<doi>,updates:<doi>…` lists the works that update these DOIs (several values of one
filter are alternatives), each with `update-to`: DOI, type, date, and who said so, the publisher or Retraction Watch,
whose database is merged into Crossref. Documented at
https://www.crossref.org/documentation/retrieve-metadata/rest-api/rest-api-filters/. A notice names several papers at
times; only those asked for are kept. A DOI that holds a comma cannot be asked this way (`notices_review.ASKABLE`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import BadAnswer
from db.notice import Notice
from db.record import Identifier
from harvest.notices import CROSSREF, Carriers, kind_of
from harvest.source import Request
from harvest.transport import Answer, Pace, Transport

BASE = "https://api.crossref.org/v1"
BATCH = 40
"""DOIs a question: an address of some 2,000 characters, which every server takes."""
ROWS = 1000
PER_SECOND = 5.0
"""Of the public pool (announced November 2025); those who give an address may ask twice as often."""


@dataclass(frozen=True, slots=True)
class CrossrefNotices:
    """Asks Crossref for notices; `settings` are those of the source `crossref`: url, email, requests_per_second."""

    transport: Transport
    settings: Mapping[str, str]

    def ask(self, dois: Sequence[str], carriers: Carriers) -> Iterator[tuple[Sequence[str], list[Notice]]]:
        """Batch by batch: the DOIs asked about, and what was said of the records that carry them.

        Raises `SearchError` when Crossref does not answer; batches given out before that are good.
        """
        pace = Pace(float(self.settings.get("requests_per_second") or PER_SECOND))
        for start in range(0, len(dois), BATCH):
            batch = dois[start : start + BATCH]
            answer = self.transport.ask(
                CROSSREF, self._request(batch), pace=pace, secrets=self._polite(), check=_must_list
            )
            wanted = {doi: carriers.get(("doi", doi), ()) for doi in batch}
            yield batch, [n for work in _works(answer.body) for n in _notices(work, wanted)]

    def _request(self, dois: Sequence[str]) -> Request:
        base = self.settings.get("url") or BASE
        params = {"filter": ",".join(f"updates:{doi}" for doi in dois), "rows": str(ROWS)}
        return Request("GET", f"{base.rstrip('/')}/works", params)

    def _polite(self) -> dict[str, str]:
        """The address that gives access to the polite pool; sent, and never kept."""
        return {"mailto": self.settings["email"]} if self.settings.get("email") else {}


def _must_list(answer: Answer) -> None:
    _works(answer.body)


def _works(body: bytes) -> list[dict[str, Any]]:
    try:
        works = json.loads(body)["message"]["items"]
        return [work for work in list(works) if isinstance(work, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadAnswer(
            CROSSREF, "Crossref answered with something that is no list of works", body
        ) from error


def _notices(work: Mapping[str, Any], wanted: Mapping[str, Sequence[int]]) -> Iterator[Notice]:
    """What a work that updates others says of those that were asked for."""
    doi = str(work.get("DOI", "")).lower()
    for update in _parts(work.get("update-to")):
        kind = kind_of(str(update.get("type", "")))
        for number in wanted.get(str(update.get("DOI", "")).lower(), ()) if kind else ():
            assert kind is not None
            said_by = f"{CROSSREF} ({update.get('source') or 'publisher'})"
            names = (Identifier("doi", doi),) if doi else ()
            evidence = json.dumps({"DOI": doi, "update-to": update}, ensure_ascii=False, sort_keys=True)
            date, word = _date(update.get("updated")), str(update["type"])
            yield Notice(number, kind, said_by, word, _cited(work), names, date, evidence)


def _cited(work: Mapping[str, Any]) -> str:
    named = [_first(work.get(name)) for name in ("title", "container-title")]
    issued = _date(work.get("issued") or work.get("published"))
    return ". ".join(part.rstrip(".") for part in (*named, issued, str(work.get("volume") or "")) if part)


def _date(said: object) -> str:
    """`{"date-parts": [[2010, 2, 6]]}` → 2010-02-06, as far as it says."""
    parts = said.get("date-parts") if isinstance(said, dict) else None
    numbers = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    known = [part for part in numbers if isinstance(part, int)]
    if not known and isinstance(said, dict):
        return str(said.get("date-time", ""))[:10]
    return "-".join(f"{part:0{width}}" for part, width in zip(known, (4, 2, 2), strict=False))


def _first(said: object) -> str:
    return str(said[0]) if isinstance(said, list) and said else ""


def _parts(said: object) -> list[Mapping[str, Any]]:
    return [part for part in said if isinstance(part, dict)] if isinstance(said, list) else []

"""Stored answers in place of the network: `ask` as `harvest.transport.Transport` has it, for two sources.

Records are given out as they were stored. Listings are made here, from the numbers that a query names:
for `11618220[pmid] OR …` and `NCT00716976 OR …` that is what the sources themselves would list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from db.errors import Refused
from harvest.source import Request
from harvest.transport import Answer, Check, Pace

_ARTICLE = re.compile(rb"<PubmedArticle>.*?</PubmedArticle>", re.DOTALL)
_PMID = re.compile(rb"<PMID[^>]*>(\d+)</PMID>")
_LISTED_STUDY = {
    "identificationModule": ("nctId",),
    "statusModule": ("lastUpdatePostDateStruct",),
}
"""What a listing that asks for `NCTId|LastUpdatePostDate` holds of a study."""


class Replay:
    """PubMed and ClinicalTrials.gov, as far as they were stored: a `PubmedArticleSet` and a list of studies."""

    def __init__(self, pubmed: bytes, clinicaltrials: bytes) -> None:
        head, _, _ = pubmed.partition(b"<PubmedArticle>")
        self._head = head
        self._articles = {_number(article): article for article in _ARTICLE.findall(pubmed)}
        self._studies = {
            study["protocolSection"]["identificationModule"]["nctId"]: study
            for study in json.loads(clinicaltrials)["studies"]
        }

    def ask(
        self,
        source: str,
        request: Request,
        *,
        pace: Pace,
        secrets: Mapping[str, str] | None = None,
        check: Check | None = None,
        explain: Check | None = None,
    ) -> Answer:
        """Answer from what is stored, at once. Raises `Refused` for a question that nothing stored answers."""
        del pace, secrets, explain
        answer = Answer(200, {}, self._body(source, request), request.url)
        if check:
            check(answer)
        return answer

    def _body(self, source: str, request: Request) -> bytes:
        asked = request.params
        match request.url.rpartition("/")[2]:
            case "esearch.fcgi":
                return self._pmids(re.findall(r"\b(\d+)\[pmid\]", asked["term"]))
            case "efetch.fcgi":
                return self._set(asked["id"].split(","))
            case "studies" if "filter.ids" in asked:
                return _json({"studies": self._known(asked["filter.ids"])})
            case "studies":
                found = [_listed(study) for study in self._known(" ".join(asked.values()))]
                return _json({"studies": found, "totalCount": len(found)})
        raise Refused(source, f"{source}: the demonstration has no stored answer for {request.url}.")

    def _pmids(self, asked: Sequence[str]) -> bytes:
        found = sorted(self._articles.keys() & set(asked), key=int, reverse=True)  # newest first, as PubMed
        ids = "".join(f"<Id>{pmid}</Id>" for pmid in found)
        return f"<eSearchResult><Count>{len(found)}</Count><IdList>{ids}</IdList></eSearchResult>".encode()

    def _set(self, asked: Sequence[str]) -> bytes:
        found = [self._articles[pmid] for pmid in asked if pmid in self._articles]
        return self._head + b"\n".join(found) + b"\n</PubmedArticleSet>\n"

    def _known(self, words: str) -> list[dict[str, Any]]:
        named = dict.fromkeys(re.findall(r"NCT\d{8}", words))
        return [self._studies[number] for number in named if number in self._studies]


def _number(article: bytes) -> str:
    """The PMID, which is the first of an article; others belong to papers it mentions."""
    match = _PMID.search(article)
    assert match is not None
    return match[1].decode()


def _listed(study: Mapping[str, Any]) -> dict[str, Any]:
    protocol = study["protocolSection"]
    modules = {
        module: {name: protocol[module][name] for name in names if name in protocol[module]}
        for module, names in _LISTED_STUDY.items()
    }
    return {"protocolSection": modules}


def _json(shape: Mapping[str, Any]) -> bytes:
    return json.dumps(shape, ensure_ascii=False).encode()

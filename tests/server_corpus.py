"""Many articles and studies out of a few real ones: same build, other numbers, titles and days.

Everything follows from the position alone, so that article 17 is the same in every test. No two titles of
a corpus are equal, and no identifier repeats; DOIs use the prefix that belongs to nobody (10.5555).
"""

from __future__ import annotations

import copy
import json
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
FIRST_DAY = date(2015, 1, 1)
FIRST_PMID = 40_000_001
FIRST_NCT = 7_000_001

_TREATMENTS = (
    "Parent training", "Metformin", "Home visiting", "Cognitive therapy", "Sertraline", "Infant massage",
    "Telephone support", "Aspirin", "Group exercise", "Vitamin D", "Video feedback", "Music therapy", "Yoga",
)  # fmt: skip
_CONDITIONS = (
    "postnatal depression", "type 2 diabetes", "attachment insecurity", "chronic pain", "hypertension",
    "insomnia", "preterm birth", "asthma", "anxiety", "stroke", "migraine",
)  # fmt: skip
_PEOPLE = ("young mothers", "older adults", "schoolchildren", "nurses", "veterans", "infants", "refugees")
_DESIGNS = ("a randomised trial", "a cohort study", "a pilot study", "a protocol", "a cluster trial")
_PLACES = ("Oslo", "Nairobi", "Lima", "Leeds", "Hanoi", "Perth", "Quebec", "Porto", "Gdansk")

_MARK = re.compile(rb"@(PMID|TITLE|DOI|PAGES|YEAR|MONTH|DAY)@")


def title(position: int) -> str:
    """One of 45,045 titles, then the same with a number; neighbours have little in common."""
    rounds, place_in_round = divmod(position, 45_045)
    rest, parts = place_in_round * 17_389 % 45_045, []  # coprime: a permutation
    for words in (_TREATMENTS, _CONDITIONS, _PEOPLE, _DESIGNS, _PLACES):
        rest, which = divmod(rest, len(words))
        parts.append(words[which])
    treatment, condition, people, design, place = parts
    number = f", part {rounds}" if rounds else ""
    return f"{treatment} for {condition} in {people}: {design} in {place}{number}"


def day(position: int, per_day: int = 7) -> date:
    """The day the position was added."""
    return FIRST_DAY + timedelta(days=position // per_day)


def pmid(position: int) -> str:
    return str(FIRST_PMID + position)


def nct(position: int) -> str:
    return f"NCT{FIRST_NCT + position:08}"


# -- articles ----------------------------------------------------------------------------------------


def articles(number: int, first: int = 0) -> dict[str, bytes]:
    """PMID → `<PubmedArticle>`, for `number` positions from `first` on."""
    return {pmid(position): article(position) for position in range(first, first + number)}


def created(number: int, first: int = 0, per_day: int = 7) -> dict[str, date]:
    """PMID → day it was added to PubMed."""
    return {pmid(position): day(position, per_day) for position in range(first, first + number)}


def article(position: int, *, titled: str = "") -> bytes:
    """One article; `titled` replaces its title."""
    when = day(position)
    page = 100 + position % 800
    values = {
        b"PMID": pmid(position),
        b"TITLE": titled or title(position),
        b"DOI": f"10.5555/corpus.{position}",
        b"PAGES": f"{page}-{page + 8}",
        b"YEAR": str(when.year),
        b"MONTH": str(when.month),
        b"DAY": str(when.day),
    }
    template = _templates()[position % len(_templates())]
    return _MARK.sub(lambda mark: values[mark[1]].encode(), template)


@cache
def _templates() -> tuple[bytes, ...]:
    files = sorted((DATA / "server").glob("*.xml"))
    return tuple(_template(ET.parse(file).getroot()[0]) for file in files)


def _template(article: ET.Element) -> bytes:
    """A real article with marks where one differs from another."""
    _mark(article, "MedlineCitation/PMID", "@PMID@")
    _mark(article, "MedlineCitation/Article/ArticleTitle", "@TITLE@.")
    _mark(article, ".//MedlinePgn", "@PAGES@")
    for node in article.findall(".//ELocationID[@EIdType='doi']"):
        node.text = "@DOI@"
    ids = article.find("PubmedData/ArticleIdList")
    assert ids is not None
    for node in list(ids):
        if node.get("IdType") not in ("pubmed", "doi"):
            ids.remove(node)
    _mark(ids, "ArticleId[@IdType='pubmed']", "@PMID@")
    _mark(ids, "ArticleId[@IdType='doi']", "@DOI@")
    opening = article.find(".//AbstractText")
    if opening is not None:
        opening.text = f"@TITLE@. {opening.text}"
    for parent in (*article.iter("PubMedPubDate"), *article.iter("DateRevised"), *article.iter("PubDate")):
        _mark(parent, "Year", "@YEAR@")
        if parent.tag != "PubDate":
            _mark(parent, "Month", "@MONTH@")
            _mark(parent, "Day", "@DAY@")
    return ET.tostring(article)


def _mark(parent: ET.Element, path: str, text: str) -> None:
    node = parent.find(path)
    if node is not None:
        node.text = text


# -- studies -----------------------------------------------------------------------------------------


def studies(number: int, first: int = 0) -> dict[str, dict[str, Any]]:
    """NCT number → study, for `number` positions from `first` on."""
    return {nct(position): study(position) for position in range(first, first + number)}


def study(position: int, *, updated: date | None = None, titled: str = "") -> dict[str, Any]:
    """One study; `updated` is the day of its last change, `titled` replaces its titles."""
    new = copy.deepcopy(_study())
    protocol = new["protocolSection"]
    named = titled or title(position)
    protocol["identificationModule"] |= {
        "nctId": nct(position),
        "orgStudyIdInfo": {"id": f"CORPUS-{position}"},
        "briefTitle": named,
        "officialTitle": f"{named}, sponsored by the corpus",
    }
    when = day(position)
    protocol["statusModule"] |= {
        "studyFirstSubmitDate": when.isoformat(),
        "studyFirstPostDateStruct": {"date": when.isoformat(), "type": "ACTUAL"},
        "lastUpdatePostDateStruct": {"date": (updated or when).isoformat(), "type": "ACTUAL"},
    }
    protocol["descriptionModule"]["briefSummary"] = (
        f"{named}. {protocol['descriptionModule']['briefSummary']}"
    )
    return new


@cache
def _study() -> dict[str, Any]:
    """A real study without its results, which only make answers long."""
    file = DATA / "clinicaltrials" / "ctrdata_NCT03275402.json"
    whole: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {name: whole[name] for name in ("protocolSection", "derivedSection")} | {"hasResults": False}

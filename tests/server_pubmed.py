"""E-utilities over a handful of articles: ESearch and EFetch with PubMed's own limits and shapes.

A term is either registered (`match`) or read simply: every word outside tags must stand in title or
abstract. Ranges of CRDT, EDAT and MDAT are understood and taken off first, as are the `datetype` parameters
and names of records (`[uid]`, `[aid]`, `[si]`). AND, OR and NOT are worked off from left to right, as PubMed does.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from calendar import monthrange
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape

from server_faults import esearch_error
from server_wire import HTML, JSON, TEXT, Asked, Reply

CEILING = 9_999
"""Records of one query that can be reached; the documentation says 10,000."""

_DAY = r'"?(\d{4}(?:/\d{1,2}){0,2})"?'
_NAME = re.compile(r'"([^"]+)"\[(aid)\]|(\w+)\[(uid|si)\]', re.IGNORECASE)
"""A record asked for by one of its names."""
_RANGE = re.compile(rf"{_DAY}\s*\[(CRDT|EDAT|MDAT)\]\s*:\s*{_DAY}\s*\[\2\]", re.IGNORECASE)
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN"'
    ' "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
_ARTICLES = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)


@dataclass(frozen=True, slots=True)
class Complaints:
    """What ESearch says it ignored; names as in the XML."""

    phrase_not_found: tuple[str, ...] = ()
    field_not_found: tuple[str, ...] = ()
    phrase_ignored: tuple[str, ...] = ()
    quoted_phrase_not_found: tuple[str, ...] = ()
    output_message: tuple[str, ...] = ()

    def xml(self) -> str:
        errors = _tags("PhraseNotFound", self.phrase_not_found) + _tags("FieldNotFound", self.field_not_found)
        warnings = (
            _tags("PhraseIgnored", self.phrase_ignored)
            + _tags("QuotedPhraseNotFound", self.quoted_phrase_not_found)
            + _tags("OutputMessage", self.output_message)
        )
        return (f"<ErrorList>{errors}</ErrorList>" if errors else "") + (
            f"<WarningList>{warnings}</WarningList>" if warnings else ""
        )

    def json(self) -> dict[str, dict[str, tuple[str, ...]]]:
        errors = {"phrasesnotfound": self.phrase_not_found, "fieldsnotfound": self.field_not_found}
        warnings = {
            "phrasesignored": self.phrase_ignored,
            "quotedphrasesnotfound": self.quoted_phrase_not_found,
            "outputmessages": self.output_message,
        }
        lists = {"errorlist": errors, "warninglist": warnings}
        return {name: said for name, said in lists.items() if any(said.values())}


@dataclass(frozen=True, slots=True)
class _Article:
    xml: bytes
    words: str
    days: Mapping[str, date]
    """CRDT, EDAT, MDAT."""
    names: frozenset[str]
    """DOIs and numbers of trials, in small letters."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One answered ESearch."""

    count: int
    start: int
    ids: list[str]
    translation: str
    complaints: Complaints


class PubMed:
    """The contents, and the two utilities over them."""

    def __init__(self, articles: Mapping[str, bytes], created: Mapping[str, date]) -> None:
        self._articles = {pmid: _read(xml, created.get(pmid)) for pmid, xml in articles.items()}
        self._matches: dict[str, frozenset[str]] = {}
        self._translations: dict[str, str] = {}
        self._complaints: dict[str, Complaints] = {}

    # -- contents ------------------------------------------------------------------------------------

    def put(
        self,
        xml: bytes,
        created: date | None = None,
        *,
        entered: date | None = None,
        modified: date | None = None,
    ) -> None:
        """Add an article (`<PubmedArticle>…`), or replace it; days not given are taken from the XML."""
        pmid = ET.fromstring(xml).findtext("MedlineCitation/PMID", "")
        self._articles = self._articles | {pmid: _read(xml, created, entered, modified)}

    def remove(self, *pmids: str) -> None:
        """Delete articles: they vanish from every search and every fetch."""
        self._articles = {pmid: a for pmid, a in self._articles.items() if pmid not in pmids}

    @property
    def pmids(self) -> list[str]:
        """Newest first, which is also the order of every listing."""
        return sorted(self._articles, key=int, reverse=True)

    def match(self, term: str, pmids: Iterable[str], *, translation: str = "") -> None:
        """From now on this term (without date ranges) means these articles, as far as they are there."""
        self._matches[_bare(term)] = frozenset(pmids)
        if translation:
            self._translations[_bare(term)] = translation

    def complain(self, term: str, complaints: Complaints) -> None:
        """From now on ESearch complains so about this term."""
        self._complaints[_bare(term)] = complaints

    # -- answers -------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        utility = asked.path.rpartition("/")[2]
        if utility == "esearch.fcgi":
            return self._esearch(asked)
        if utility == "efetch.fcgi":
            return self._efetch(asked)
        return Reply(b"<html><body>Not Found</body></html>", HTML, 404)

    def _esearch(self, asked: Asked) -> Reply:
        start = int(asked.params.get("retstart") or 0)
        if start >= CEILING:
            return esearch_error(asked, Reply())
        size = min(int(asked.params.get("retmax") or 20), CEILING)
        found = self._find(asked.params, start, size)
        if asked.params.get("rettype") == "count":
            return Reply(f"{_DOCTYPE}<eSearchResult><Count>{found.count}</Count></eSearchResult>".encode())
        if asked.params.get("retmode") == "json":
            return Reply(_json(found), JSON)
        return Reply(_xml(found))

    def _find(self, params: Mapping[str, str], start: int, size: int) -> _Found:
        term = params.get("term", "")
        ids = self.search(term, params)
        bare = _bare(term)
        complaints = self._complaints.get(bare, Complaints())
        if start + size > CEILING and len(ids) > CEILING:
            size = CEILING - start
            complaints = Complaints(output_message=(f"Start and count adjusted: {start}, {size}.",))
        if not ids and not complaints.output_message:
            complaints = Complaints(
                phrase_not_found=complaints.phrase_not_found, output_message=("No items found.",)
            )
        translation = self._translations.get(bare) or " AND ".join(f'"{w}"[All Fields]' for w in _words(bare))
        return _Found(len(ids), start, ids[start : start + size], translation, complaints)

    def search(self, term: str, params: Mapping[str, str] | None = None) -> list[str]:
        """The PMIDs a term matches now, newest first."""
        spans = [(m[2].upper(), _parse(m[1]), _parse(m[3], last=True)) for m in _RANGE.finditer(term)]
        if params and "mindate" in params:
            low, high = _parse(params["mindate"]), _parse(params["maxdate"], last=True)
            spans.append((params.get("datetype", "edat").upper(), low, high))
        names = [(m[1] or m[3]).lower() for m in _NAME.finditer(term)]
        matching = self._matching(_bare(term))
        return [
            pmid
            for pmid in self.pmids
            if pmid in matching
            and all(low <= self._articles[pmid].days[field] <= high for field, low, high in spans)
            and all(name == pmid or name in self._articles[pmid].names for name in names)
        ]

    def _matching(self, bare: str) -> AbstractSet[str]:
        """What a term means, whether it is registered, is a word or two, or is made of such."""
        if bare in self._matches:
            return self._matches[bare]
        first, *rest = _parts(bare)
        if not rest:
            if "*" in bare:
                raise AssertionError(f"the test server does not truncate; register the term: {bare}")
            words = _words(bare)
            return {pmid for pmid, article in self._articles.items() if _holds(article, words)}
        found = self._matching(_bare(first))
        for operator, part in zip(rest[::2], rest[1::2], strict=True):
            more = self._matching(_bare(part))
            found = {"AND": found & more, "OR": found | more, "NOT": found - more}[operator]
        return found

    def _efetch(self, asked: Asked) -> Reply:
        if asked.params.get("retmode") != "xml":
            return Reply(b"Without retmode=xml there is no XML.", TEXT)
        ids = [pmid.strip() for pmid in asked.params.get("id", "").split(",")]
        found = [self._articles[pmid].xml for pmid in ids if pmid in self._articles]
        return Reply(_ARTICLES.encode() + b"\n".join(found) + b"</PubmedArticleSet>")


# -- reading a term ----------------------------------------------------------------------------------


def _bare(term: str) -> str:
    """The term without its date ranges, outer brackets and needless blanks."""
    rest = " ".join(_NAME.sub(" ", _RANGE.sub(" ", term)).split())
    while True:
        shorter = re.sub(r"^AND\b|\bAND$|\bAND(?=\s*\))|\(\s*\)", "", rest).strip()
        if shorter.startswith("(") and _closes(shorter) == len(shorter) - 1:
            shorter = shorter[1:-1].strip()
        if shorter == rest:
            return rest
        rest = shorter


def _parts(bare: str) -> list[str]:
    """Operands and operators in turn, as they stand outside of brackets and quotation marks."""
    hidden, depth, quoted = [], 0, False
    for sign in bare:
        quoted ^= sign == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
        hidden.append("_" if depth or quoted or sign == ")" else sign)
    parts, place = [], 0
    for found in re.finditer(r"(?<= )(AND|OR|NOT)(?= )", "".join(hidden)):
        parts += [bare[place : found.start()].strip(), found[0]]
        place = found.end()
    return [*parts, bare[place:].strip()]


def _closes(text: str) -> int:
    """Where the bracket that opens `text` closes; -1 if never."""
    depth = 0
    for place, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return place
    return -1


def _words(bare: str) -> list[str]:
    untagged = re.sub(r"\[[^\]]*\]", " ", bare)
    return [word.lower() for word in re.findall(r"\w+", untagged) if word != "AND"]


def _holds(article: _Article, words: list[str]) -> bool:
    return all(word in article.words for word in words)


def _parse(text: str, *, last: bool = False) -> date:
    """A day, or the first or last one of a month or a year. 3000 is PubMed's own "and later"."""
    year, month, day = [*map(int, text.split("/")), 0, 0][:3]
    if last:
        month = month or 12
        day = day or monthrange(year, month)[1]
    return date(year, month or 1, day or 1)


def _read(
    xml: bytes, created: date | None, entered: date | None = None, modified: date | None = None
) -> _Article:
    words, names, added, indexed, revised = _parsed(xml)
    crdt = created or added or date(2000, 1, 1)
    days = {"CRDT": crdt, "EDAT": entered or indexed or crdt, "MDAT": modified or revised or crdt}
    return _Article(xml, words, days, names)


@lru_cache(maxsize=8)  # some corpora are one article, many times
def _parsed(xml: bytes) -> tuple[str, frozenset[str], date | None, date | None, date | None]:
    """Words of title and abstract in small letters; names; days of CRDT, EDAT and MDAT."""
    article = ET.fromstring(xml)
    texts = (*article.iter("ArticleTitle"), *article.iter("AbstractText"))
    words = " ".join("".join(text.itertext()) for text in texts).lower()
    paths = (".//PubMedPubDate[@PubStatus='entrez']", ".//PubMedPubDate[@PubStatus='pubmed']")
    added, indexed, revised = (_day(article, path) for path in (*paths, "MedlineCitation/DateRevised"))
    ids = (*article.findall("PubmedData/ArticleIdList/ArticleId"), *article.iter("AccessionNumber"))
    return words, frozenset((node.text or "").lower() for node in ids), added, indexed, revised


def _day(article: ET.Element, path: str) -> date | None:
    node = article.find(path)
    if node is None:
        return None
    return date(*(int(node.findtext(part, "1")) for part in ("Year", "Month", "Day")))


# -- writing an answer -------------------------------------------------------------------------------


def _tags(name: str, values: Iterable[str]) -> str:
    return "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for value in values)


def _xml(found: _Found) -> bytes:
    ids = "\n".join(["<IdList>", *(f"<Id>{pmid}</Id>" for pmid in found.ids), "</IdList>"])
    answer = (
        f"{_DOCTYPE}<eSearchResult><Count>{found.count}</Count><RetMax>{len(found.ids)}</RetMax>"
        f"<RetStart>{found.start}</RetStart>{ids if found.ids else '<IdList/>'}<TranslationSet/>"
        f"{_tags('QueryTranslation', [found.translation])}{found.complaints.xml()}</eSearchResult>\n"
    )
    return answer.encode()


def _json(found: _Found) -> bytes:
    result = {
        "count": str(found.count),
        "retmax": str(len(found.ids)),
        "retstart": str(found.start),
        "idlist": found.ids,
        "translationset": [],
        "querytranslation": found.translation,
        **found.complaints.json(),
    }
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}).encode()

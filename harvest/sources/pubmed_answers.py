"""What E-utilities answer besides records: listings, errors inside HTTP 200, refusals; pure.

An answer is looked at before it is believed: bytes, then first characters, then the root element. Errors
come inside HTTP 200, as JSON when XML was asked for, as a web page during an outage, or as XML without
its end. None of them may ever look like "nothing found".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from db.errors import BadAnswer, Miscounted, Refused, SearchError
from db.record import Record, Unreadable
from harvest.sources.pubmed_fields import text, texts
from harvest.sources.pubmed_xml import SOURCE, parse, read
from harvest.transport import Answer, Check, first_line

__all__ = [
    "MOST",
    "Check",
    "Found",
    "check_count",
    "check_listing",
    "check_records",
    "explain_refusal",
    "found",
]

MOST = 9_999
"""Records that ESearch lists for one query (the documentation says 10,000)."""

_ARTICLES = re.compile(rb"<Pubmed(?:Book)?ArticleSet\b")
"""How a page of records begins."""

_OUR_FAULT = ("empty term", "invalid db", "empty id list", "cannot be larger", "invalid uid")
"""Errors that the same question meets again. Any other may be gone at the next attempt."""

_MEANINGS = (
    (
        "ErrorList/PhraseNotFound",
        'PubMed dropped "{}" because it is not in its index: the rest was searched without it.',
    ),
    (
        "ErrorList/FieldNotFound",
        'PubMed does not know the field "{}": the rest was searched without that field tag.',
    ),
    ("WarningList/PhraseIgnored", 'PubMed ignored "{}".'),
    (
        "WarningList/QuotedPhraseNotFound",
        "PubMed found no phrase {} and searched its words without the quotes: the search became broader.",
    ),
    ("WarningList/OutputMessage", "PubMed says: {}"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A listing."""

    count: int
    """How many match, which may be more than are listed."""
    ids: tuple[str, ...]
    translation: str
    """PubMed's own reading of the query."""
    warnings: tuple[str, ...]


def found(body: bytes) -> Found:
    """Read an answer of ESearch (`retmode=xml`).

    Raises:
        BadAnswer: it is anything else, or broken off.
        Refused: PubMed says that the question is wrong.
    """
    root = _xml(body, "eSearchResult")
    count = text(root, "Count")
    if not (count.isascii() and count.isdigit()):
        raise _bad("the listing does not say how many records match", body)
    ids = texts(root, "IdList/Id")
    return Found(int(count), ids, text(root, "QueryTranslation"), tuple(_warnings(root)))


def check_listing(answer: Answer) -> None:
    """A listing that fits into one answer is good when it holds as many identifiers as it says.

    Raises:
        Miscounted: it does not.
    """
    listing = found(answer.body)
    held = len(set(listing.ids))
    if listing.count <= MOST and held != listing.count:
        sentence = f"pubmed: the listing says that {listing.count:,} records match and holds {held:,}."
        raise Miscounted(SOURCE, sentence, answer.body)


def check_count(answer: Answer) -> None:
    """An answer that is only asked for its count."""
    found(answer.body)


def check_records(body: bytes, asked: Sequence[str]) -> tuple[Record | Unreadable, ...]:
    """What a page of records says; it is good when it can be read and holds nothing that was not asked for."""
    if not _ARTICLES.search(body[:1000]):
        _xml(body, "PubmedArticleSet", "PubmedBookArticleSet")  # says what else it is
    contents = tuple(read(body))
    strangers = sorted({content.key for content in contents if content.key}.difference(asked))
    if strangers:
        some = ", ".join(strangers[:5])
        raise _bad(f"the answer holds records that were not asked for (PMID {some})", body)
    return contents


def explain_refusal(answer: Answer) -> None:
    """Say better than a status what was wrong, where PubMed tells it."""
    said = _json_error(answer.body)
    if "api key" in said.lower():
        raise Refused(
            SOURCE,
            f'pubmed: NCBI does not accept the API key ("{said}"): correct NCBI_API_KEY, or remove it to go '
            "on more slowly without one.",
        )


def _warnings(root: Element) -> Iterator[str]:
    for path, meaning in _MEANINGS:
        for said in texts(root, path):
            yield meaning.format(said)


# -- what it is --------------------------------------------------------------------------------------


def _xml(body: bytes, *expected: str) -> Element:
    """The root of an answer that is XML of the kind expected and holds no error."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:500].lower()
    if not start:
        raise _bad("the answer is empty", body)
    if start.startswith((b"{", b"[")):
        raise _told(_json_error(body), body)
    if start.startswith((b"<!doctype html", b"<html")):
        raise _bad(f'a web page came instead of data ("{first_line(body)}")', body)
    root = parse(body)
    errors = [*texts(root, "ERROR"), *texts(root, "error")]
    if errors:
        raise _told(" ".join(errors), body)
    if root.tag not in expected:
        raise _bad(f"<{root.tag[:40]}> came instead of <{expected[0]}>", body)
    return root


def _json_error(body: bytes) -> str:
    """The error in an answer that is JSON: E-utilities send some in this form, whatever was asked for."""
    try:
        # Not strict: errors of the search backend hold line breaks inside a string.
        said: Any = json.loads(body, strict=False)
    except ValueError:
        return first_line(body)
    if isinstance(said, dict) and isinstance(inner := said.get("esearchresult"), dict):
        said = inner
    error = (said.get("error") or said.get("ERROR")) if isinstance(said, dict) else None
    return " ".join(str(error or first_line(body)).split())


def _told(said: str, body: bytes) -> SearchError:
    """An error in PubMed's words: asked again unless the question itself is at fault."""
    short = said if len(said) <= 200 else said[:199] + "…"
    if any(fault in said.lower() for fault in _OUR_FAULT):
        return Refused(SOURCE, f'pubmed: PubMed refused the question ("{short}").')
    return _bad(f'PubMed answered with an error ("{short}")', body)


def _bad(what: str, body: bytes) -> BadAnswer:
    return BadAnswer(SOURCE, f"pubmed: {what}.", body)

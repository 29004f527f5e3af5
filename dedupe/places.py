"""Where a document stands: DOI, volume, issue and pages in comparing form."""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import NamedTuple
from urllib.parse import unquote

from dedupe.text import fold

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_TAIL = ".,;:'\"|*"
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_EXCEL_DATE = re.compile(
    rf"(?:\d{{1,4}}[-/ ])?(?:{_MONTH})[a-z]*(?:[-/ ]\d{{1,4}})?|\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}",
    re.IGNORECASE,
)
"""`11-Sep`, `Sep-11`, `2011-09-11`: a spreadsheet has taken pages for a date, and they are lost."""
_DASHES = re.compile("\\s*[-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]+\\s*")
_USUAL = re.compile(r"([a-z]?\d{1,7})(?: ?[-\u2013]{1,2} ?([a-z]?\d{1,7}))?")
"""Nine pages in ten look like this."""
_NO_PAGES = re.compile(
    r"no\.?\s*(?:pagination|page)|specified|unpaginated|n\.?\s?pag|^n/?a$|^none$|^nan$", re.IGNORECASE
)
_PREFIX = re.compile(r"^(?:pages?|pp?|article|artn?|art\.? ?no|no|id)\b[.:]?\s*(?=\S*\d)", re.IGNORECASE)
_LOCATOR = re.compile(r"[a-z]{0,6}\.?\d{1,9}[a-z]?|[ivxlc]{1,9}", re.IGNORECASE)
_ZEROS = re.compile(r"^([a-z]*)\.?0*(?=\d)")
_NUMBER = re.compile(r"\d+")
_VOLUME_ISSUE = re.compile(r"^\s*(?:v(?:ol(?:ume)?)?\.?\s*)?([^\s()]+)\s*\(([^()]*\d[^()]*)\)", re.IGNORECASE)
_VOLUME_WORD = re.compile(r"^\s*(?:v|vol|volume|bd|band|tome)\b\.?\s*", re.IGNORECASE)
_SUPPLEMENT = re.compile(r"suppl?(?:ement)?s?(?:ary)?")
_MONTHS = re.compile(rf"(?:(?:{_MONTH})[a-z]*\s*)+")
_LONG_NUMBER = re.compile(r"\d{5}")
_ISSUE_WORD = re.compile(r"\b(?:no|nr|number|issue|iss|pt|part|n)\b")


class Pages(NamedTuple):
    """First and last page (or article number), empty when not known."""

    start: str = ""
    end: str = ""


def doi(text: str) -> str:
    """A bare DOI in lower case: `https://doi.org/10.1000/X.` → `10.1000/x`; empty if there is none.

    Signs `< > ; ( )` belong to the DOIs of the SICI kind and are kept.
    """
    found = _DOI.search(unquote(text) if "%" in text else text)
    if not found:
        return ""
    name = found[0].rstrip(_DOI_TAIL)
    while name.endswith((")", "]", ">")) and name.count(name[-1]) > name.count(
        {")": "(", "]": "[", ">": "<"}[name[-1]]
    ):
        name = name[:-1].rstrip(_DOI_TAIL)
    return name.lower()


def pages(text: str) -> Pages:
    """`637-41` → 637, 641 · `e637` → e637 · `S12-5` → s12, s15; lost or missing pages are empty."""
    text = text.strip().lower()
    usual = _USUAL.fullmatch(text)
    if usual:
        return _extent(usual[1], usual[2] or "")
    if not text or _NO_PAGES.search(text) or _EXCEL_DATE.fullmatch(text) or _DOI.search(text):
        return Pages()
    first, _, rest = _DASHES.sub("-", re.split(r"[,;+&]| and ", _PREFIX.sub("", text))[0].strip()).partition(
        "-"
    )
    if not _LOCATOR.fullmatch(first):
        return Pages()
    return _extent(first, rest.split("-")[0])


def _extent(first: str, last: str) -> Pages:
    start, end = _page(first), _page(last) if last else ""
    return Pages(start, _completed(start, end) if end else "")


def _page(text: str) -> str:
    """One page: no leading zeros, no trailing signs."""
    if text.isdecimal() and len(text) < 8:  # most, and a pattern takes longer
        return text.lstrip("0") or "0"
    found = _LOCATOR.match(text.strip())
    return _ZEROS.sub(r"\1", found[0]) if found else ""


def _completed(start: str, last: str) -> str:
    """The last page in full: 637, 41 → 641; s12, 5 → s15."""
    digits = _NUMBER.search(start) if last.isdigit() else None
    if not digits:
        return last
    number, head = digits[0], start.rstrip("0123456789")
    full = number[: -len(last)] + last if len(last) < len(number) else last
    return (head if head.isalpha() else "") + full


def volume_and_issue(volume: str, issue: str) -> tuple[str, str]:
    """Comparing forms; `4 (1) (no pagination)` holds both, `1)` is what is left of `59 (Suppl 1)`: nothing."""
    if ")" in volume and "(" not in volume:
        volume = ""
    both = _VOLUME_ISSUE.match(volume) if "(" in volume else None
    if both:
        volume, issue = both[1], issue or both[2]
    return _volume(volume), _issue(issue)


def _volume(text: str) -> str:
    if text.isdigit():
        return text.lstrip("0")
    folded = fold(_VOLUME_WORD.sub("", text))
    if _MONTHS.fullmatch(folded):
        return ""
    numbers = _NUMBER.findall(folded)
    return numbers[0].lstrip("0") if numbers else _roman(folded)


def _issue(text: str) -> str:
    """Without dates and without article numbers, which have five digits and more."""
    if not text or (text.isdigit() and len(text) < 5):
        return text.lstrip("0")
    if _EXCEL_DATE.fullmatch(text.strip()):
        return ""
    folded = _SUPPLEMENT.sub(" s ", fold(text))
    parts = [part.lstrip("0") for part in _ISSUE_WORD.sub(" ", folded).split()]
    return " ".join(part for part in parts if part and not _LONG_NUMBER.search(part))


_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def _roman(text: str) -> str:
    """`xii` → 12; anything else stays."""
    if not text or len(text) > 7 or set(text) - _ROMAN.keys():
        return text
    values = [_ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return str(
        sum(-value if value < after else value for value, after in zip(values, following, strict=True))
    )


def count(start: str, end: str) -> int:
    """How many pages from the first to the last; 0 when it cannot be said."""
    first, last = (page.strip(ascii_lowercase) for page in (start, end))
    if not first.isdecimal() or not last.isdecimal() or len(last) > len(first) + 1:
        return 0
    return max(0, int(last) - int(first) + 1)

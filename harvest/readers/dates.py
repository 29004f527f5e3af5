"""Dates in every spelling the exports use, read no further than they go.

RIS has its own (`2013/05/17/`, `2013///Spring`), MEDLINE another (`2013 May 17`, `1998 Dec-1999 Jan`),
Web of Science splits day and year over two tags (`SEP 22` and `2010`), and spreadsheets do as they like.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

_NUMBERS = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.](\d{1,2}))?(?![\d])")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d|21\d\d)(?!\d)")
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th)?(?![\d:])")
_NOTHING = re.compile(r"[\s/.,;-]*(?:undefined|nan)?[\s/.,;-]*(?:T?\d{1,2}:\d{2}(?::[\d.]+)?Z?)?")


class When(NamedTuple):
    """A date as far as known. Sorts nothing; empty when nothing was understood."""

    year: int | None = None
    iso: str = ""
    """2013, 2013-05 or 2013-05-17."""
    text: str = ""
    """The date as printed when it says something a calendar date does not: a season, a range."""


def when(value: str, year: int | None = None) -> When:
    """Read one printed date; `year` is used when the date has none of its own."""
    value = " ".join(value.split())
    return _numeric(value) or _year_last(value) or _in_words(value, year)


def best(values: list[str]) -> When:
    """The most exact reading of several printed dates of one event; the first one sets the year."""
    year = next((found.year for value in values if (found := when(value)).year), None)
    readings = [when(value, year) for value in values]
    agreed = [reading for reading in readings if reading.iso and reading.year == year]
    exact = max(agreed, key=lambda reading: len(reading.iso), default=When())
    texts = (r.text for r in agreed if r.text and len(r.iso) == len(exact.iso))
    return exact._replace(text=exact.text or next(texts, ""))


def _numeric(value: str) -> When | None:
    match = _NUMBERS.match(value) or _COMPACT.search(value)
    if not match or not _YEAR.fullmatch(match[1]):
        return None
    iso, used_all = _iso(int(match[1]), match[2], match[3])
    rest = value[match.end() :]
    if _MONTH.search(rest) and not match[2]:
        return None  # 2013 May 17
    plain = used_all and match.start() == 0 and _NOTHING.fullmatch(rest)
    return When(int(match[1]), iso, "" if plain else value.strip(" /"))


def _year_last(value: str) -> When | None:
    """17/05/2013 is clear; of 04/05/2013 nobody knows the month, so only the year is taken."""
    match = _YEAR_LAST.match(value)
    if not match:
        return None
    one, other, year = int(match[1]), int(match[2]), int(match[3])
    if one <= 12 < other or one == other:
        return When(year, *_with_text(year, one, other, value))
    if other <= 12 < one:
        return When(year, *_with_text(year, other, one, value))
    return When(year, str(year), value)


def _in_words(value: str, year: int | None) -> When:
    """`2013 May 17`, `Mar. 2017`, `4-8 Aug. 2020`, `SEP 22`, `1998 Dec-1999 Jan`, `2013 Spring`."""
    years = list(dict.fromkeys(int(y) for y in _YEAR.findall(value)))
    rest = _YEAR.sub(" ", value)
    months = [_NAMES.index(m.lower()) + 1 for m in _MONTH.findall(rest)]
    if not years and not (months and year):
        return When()
    known = years[0] if years else year
    assert known is not None
    rest = _MONTH.sub(" ", rest, count=1)
    days = _DAY.findall(rest)
    if len(years) > 1 or len(months) != 1:
        iso = str(known)
    else:
        iso = _iso(known, str(months[0]), days[0] if len(days) == 1 else None)[0]
    said = not re.search(
        r"[^\s.,;/:-]", _DAY.sub("", rest, count=1) if len(days) == 1 and len(iso) == 10 else rest
    )
    return When(known, iso, "" if said and len(years) <= 1 and len(months) <= 1 else value)


def _with_text(year: int, month: int, day: int, value: str) -> tuple[str, str]:
    iso, used_all = _iso(year, str(month), str(day))
    return iso, "" if used_all else value


def _iso(year: int, month: str | None, day: str | None) -> tuple[str, bool]:
    """As much of the date as the calendar knows, and whether that was all of it."""
    if not month or not 1 <= int(month) <= 12:
        return f"{year:04}", not month or int(month) == 0
    if not day or int(day) == 0:
        return f"{year:04}-{int(month):02}", True
    try:
        return date(year, int(month), int(day)).isoformat(), True
    except ValueError:
        return f"{year:04}-{int(month):02}", False

"""What a search of ClinicalTrials.gov may say, and what in it looks as if it was written for PubMed or Ovid.

Syntax of the register: clinicaltrials.gov/find-studies/constructing-complex-search-queries; parameters:
clinicaltrials.gov/data-api/api.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from db.errors import Refused
from harvest.source import Search

OPTIONS = (
    "query.cond",
    "query.intr",
    "query.titles",
    "query.outc",
    "query.spons",
    "query.lead",
    "query.locn",
    "query.id",
    "query.patient",
    "filter.overallStatus",
    "filter.advanced",
    "filter.geo",
    "filter.synonyms",
    "aggFilters",
)
"""What a search may say besides its string (`query.term`); passed on as given."""


def parameters(search: Search) -> dict[str, str]:
    """What to send of a search. Raises `Refused` when there is nothing, or something we cannot send."""
    given = {"query.term": search.query, **search.options}
    params = {name: text for name, value in given.items() if (text := value.strip())}
    if not params:
        raise Refused(
            search.source,
            f"{search.name}: the search is empty: write a query, or an option such as query.cond.",
        )
    for name in params:
        if name not in ("query.term", *OPTIONS):
            raise Refused(search.source, f"{search.name}: {unknown(name)}")
    return params


_OPERATORS = ("AREA", "SEARCH", "RANGE", "EXPANSION", "COVERAGE", "DISTANCE", "TILT")
_DOUBTS = tuple(
    (re.compile(pattern, flags), sentence)
    for pattern, flags, sentence in (
        (
            "".join(f"(?<!{name})" for name in _OPERATORS) + r"\[[^\]]*\]",
            0,
            "{} is a field tag of PubMed: write AREA[Field]words, or use query.titles, query.cond and the like.",
        ),
        (
            r"\.(?:tw|ti|ab|mp|sh|hw|kf|kw|pt|fs|nm|rn|af)(?:,[a-z]{2})*\.",
            re.IGNORECASE,
            "{} is a field tag of Ovid: write AREA[Field]words, or use query.titles, query.cond and the like.",
        ),
        (
            r"\badj\d*\b|\bnear/\d+|\bexp\s+[\w ]+/",
            re.IGNORECASE,
            "{} is an operator of another database, which the register reads as words.",
        ),
        (
            r"(?<!\w)#\d+|\b(?:or|and)/\d[\d,-]*",
            re.IGNORECASE,
            "{} points to a line of a search history: write the whole search as one string.",
        ),
        (r"\w+[*$]", 0, "{}: the register knows no truncation; it adds word forms by itself."),
        (r"[“”„«»]", 0, '{} is a typographic quotation mark: write ".'),
        (r"\b(?:and|or|not)\b", 0, "`{}` is an operator only in capitals."),
    )
)


def doubts(text: str) -> Iterator[str]:
    """What is doubtful about a string, one sentence each; what stands in quotation marks is only words."""
    unquoted = re.sub(r'"[^"]*"', " ", text)
    for pattern, sentence in _DOUBTS:
        if found := pattern.search(unquoted):
            yield sentence.format(found[0])
    if text.count('"') % 2:
        yield 'A quotation mark (") is opened and not closed.'
    if (depth := _depth(unquoted)) != 0:
        yield (
            "A bracket is opened and not closed." if depth > 0 else "A bracket is closed that was not opened."
        )


def _depth(text: str) -> int:
    """How many round brackets stay open; -1 as soon as one is closed too many."""
    depth = 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            break
    return depth


def unknown(name: str) -> str:
    """The sentence for an option that cannot be passed on."""
    if name == "filter.phase":
        return "filter.phase is not part of the API: use filter.advanced with AREA[Phase]PHASE2, for example."
    if name in ("filter.ids", "pageToken", "pageSize", "fields", "countTotal"):
        return f"{name} is set by Harvest itself: leave it out."
    close = difflib.get_close_matches(name, OPTIONS, n=1)
    return f"The register has no {name!r}" + (
        f": did you mean {close[0]}?" if close else f"; known are {', '.join(OPTIONS)}."
    )

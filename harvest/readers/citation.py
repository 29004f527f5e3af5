"""Journal, date, volume, issue and pages that a table gives in one printed citation only.

Two forms are read. PubMed: `Eur J Med Genet. 2020 Feb;63(2):103640. doi: …`, and Embase.com:
`Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014`. Anything else gives nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PUBMED = re.compile(
    r"(?P<journal>[^;:]+?)\.? (?P<date>\d{4}(?: [A-Z][a-z]{2}[^;:.]*)?)"
    r"(?:;(?P<volume>[^:;().]*)(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]*))?)?\.(?: |$)"
)
_EMBASE = re.compile(
    r"(?P<journal>.+?) \((?P<year>\d{4})\)(?: (?P<volume>[^\s:()]+))?(?::(?P<issue>[^()]+?))?"
    r"(?: \((?P<pages>[^()]*)\))?(?:\.? Article Number: (?P<number>[^.]+))?"
    r"(?:\. Date of Publication: (?P<date>[^.]+))?\.?\s*"
)


_LONGEST = 1000
"""Characters; what is longer is no citation."""


class Citation(NamedTuple):
    """What a printed citation says; empty where it says nothing."""

    journal: str = ""
    date: str = ""
    """As printed."""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    number: str = ""
    """Of an article that has no pages."""


def understood(value: str) -> Citation:
    """The parts of a citation, as printed."""
    if len(value) > _LONGEST:
        return Citation()
    match = _PUBMED.match(value) or _EMBASE.fullmatch(value)
    if not match:
        return Citation()
    said = {name: (part or "").strip() for name, part in match.groupdict().items()}
    year = said.pop("year", "")
    return Citation(**{**said, "date": said["date"] or year})

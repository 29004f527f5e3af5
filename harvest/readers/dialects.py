"""Who wrote an RIS file, as its own text tells: for the report of the search, not for the reading.

The reader treats every RIS file alike, tag by tag; a dialect only names the database and the platform.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Dialect(NamedTuple):
    """One writer of RIS files."""

    name: str
    platform: str
    """Empty for reference managers and screening tools: they do not deliver, they pass on."""
    database: str
    """When the platform delivers only one, whatever `DB` says (Embase names Medline's records)."""
    sign: re.Pattern[str]
    """Found in its files and in no others further down this list."""


def _dialect(name: str, platform: str, database: str, sign: str) -> Dialect:
    return Dialect(name, platform, database, re.compile(sign, re.MULTILINE))


DIALECTS: tuple[Dialect, ...] = (
    _dialect("Covidence", "", "", r"^NS  ?- ?$"),
    _dialect("EPPI-Reviewer", "", "", r"^KW  ?- eppi-reviewer"),
    _dialect("RefWorks", "", "", r"^ID  ?- RefID:"),
    _dialect("ASReview", "", "", r"^N1  ?- .{0,60}\bASReview_(?:relevant|irrelevant|not_seen)"),
    _dialect("EndNote", "", "", r"^ID  ?- \d{1,6}\nER  ?-"),
    _dialect(
        "Cochrane",
        "Cochrane Library",
        "CENTRAL",
        r"^AN  ?-  ?CN-\d|^UR  ?-  ?\S+cochranelibrary\.com/central/",
    ),
    _dialect("Ovid", "Ovid", "", r"ovidsp\.ovid\.com|^Link to the Ovid"),
    _dialect("Embase.com", "Embase.com", "Embase", r"^U2  ?- L\d+"),
    _dialect("EBSCO", "EBSCOhost", "", r"^DP  ?- EBSCOhost|^UR  ?- \S+ebscohost\.com/"),
    _dialect("ProQuest", "ProQuest", "", r"^UR  ?- https?://(?:www|search)\.proquest\.com/"),
    _dialect("Web of Science", "Web of Science", "Web of Science", r"^AN  ?- WOS:"),
    _dialect("Scopus", "Scopus", "Scopus", r"^DB  ?- Scopus|^UR  ?- \S+scopus\.com/inward/"),
    _dialect("JSTOR", "JSTOR", "JSTOR", r"^Provider: JSTOR"),
    _dialect("APA PsycNet", "APA PsycNet", "PsycINFO", r"^Provider: American Psychological Association"),
    _dialect("Lens", "Lens.org", "", r"^UR  ?- https?://(?:www\.)?lens\.org/"),
)

EBSCO_DATABASES: Mapping[str, str] = MappingProxyType(
    {
        "aph": "Academic Search Premier",
        "asn": "Academic Search Ultimate",
        "ccm": "CINAHL Complete",
        "rzh": "CINAHL",
        "cin20": "CINAHL",
        "psyh": "PsycInfo",
        "psyhref": "PsycInfo",
        "eric": "ERIC",
        "cmedm": "MEDLINE",
        "mdc": "MEDLINE Complete",
        "sih": "SocINDEX",
    }
)
"""EBSCO's short names, as they stand in `DB` and in `db=` of its links."""


def dialect_of(text: str) -> Dialect:
    """The first dialect whose sign the text bears; nameless when there is none."""
    return next((d for d in DIALECTS if d.sign.search(text)), Dialect("", "", "", re.compile("")))


def database_of(named: Iterable[str], dialect: Dialect) -> str:
    """The dialect's only database; else the one that most records name first, spelled out."""
    if dialect.database:
        return dialect.database
    counts = Counter(value.split("\n")[0].strip() for value in named)
    most = next((name for name, _ in counts.most_common(1)), "")
    return EBSCO_DATABASES.get(most, most)

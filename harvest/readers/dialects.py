"""Who wrote an RIS file, and which database it came from, as its own text tells.

For the report of the search, not for the reading: the reader treats every RIS file alike, tag by tag. Signs were
taken from real exports; those of Rayyan and Mendeley from code that writes and reads such files (C: not
seen in an export of their own).
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


NAMELESS = _dialect("", "", "", "")

PASSED_ON: tuple[Dialect, ...] = (
    _dialect("Covidence", "", "", r"^NS  ?- ?$"),
    _dialect("EPPI-Reviewer", "", "", r"^KW  ?- eppi-reviewer"),
    _dialect("RefWorks", "", "", r"^ID  ?- RefID:"),
    _dialect("ASReview", "", "", r"^N1  ?- .{0,60}\bASReview_(?:relevant|irrelevant|not_seen)"),
    _dialect("Rayyan", "", "", r"\bRAYYAN-(?:INCLUSION|LABELS|EXCLUSION-REASONS):|^ID  ?- rayyan-\d"),
    _dialect("Citavi", "", "", r"^M4  ?- Citavi$"),
    _dialect("EndNote", "", "", r"^ID  ?- \d{1,6}\nER  ?-"),
    _dialect(
        "Mendeley", "", "", r"^TY  - \w+\nT1  - .*\n(?:A1  - .*\n)+Y1  - \d{4}/|^L1  - file:\S*Mendeley"
    ),
    _dialect("Zotero", "", "", r"^DA  - \d{4}/.*\nPY  - \d{4}$"),
)
"""Reference managers and screening tools; what they pass on comes from elsewhere."""

DELIVERED: tuple[Dialect, ...] = (
    _dialect(
        "Cochrane",
        "Cochrane Library",
        "CENTRAL",
        r"^AN  ?-  ?CN-\d|^UR  ?-  ?\S+cochranelibrary\.com/central/",
    ),
    _dialect("Ovid", "Ovid", "", r"ovidsp\.ovid\.com|^Link to the Ovid"),
    _dialect("Embase.com", "Embase.com", "Embase", r"^U2  ?- L\d+|^UR  ?- \S+embase\.com/"),
    _dialect("EBSCO", "EBSCOhost", "", r"^DP  ?- EBSCOhost|^UR  ?- \S+ebscohost\.com/"),
    _dialect("ProQuest", "ProQuest", "", r"^UR  ?- https?://(?:www|search)\.proquest\.com/"),
    _dialect("Web of Science", "Web of Science", "Web of Science", r"^AN  ?- WOS:"),
    _dialect("Scopus", "Scopus", "Scopus", r"^DB  ?- Scopus|^UR  ?- \S+scopus\.com/inward/"),
    _dialect("JSTOR", "JSTOR", "JSTOR", r"^Provider: JSTOR"),
    _dialect("APA PsycNet", "APA PsycNet", "PsycINFO", r"^Provider: American Psychological Association"),
    _dialect("Lens", "Lens.org", "Lens.org", r"^UR  ?- https?://(?:www\.)?lens\.org/"),
    _dialect("TRID", "TRID", "TRID", r"^UR  ?- https?://trid\.trb\.org/"),
    _dialect("IEEE Xplore", "IEEE Xplore", "IEEE Xplore", r"^UR  ?- https?://ieeexplore\.ieee\.org/"),
    _dialect("PubMed", "PubMed", "PubMed", r"^D[BP]  ?- (?:PubMed|NLM)$"),
)
"""Platforms."""

DIALECTS = (*PASSED_ON, *DELIVERED)
"""Every dialect that is recognised, the most telling first."""

MOST = 0.9
"""Share of the records that must bear the sign of one platform before what a manager passes on is called its."""

EBSCO_DATABASES: Mapping[str, str] = MappingProxyType(
    {
        "aph": "Academic Search Premier",
        "a9h": "Academic Search Complete",
        "asn": "Academic Search Ultimate",
        "afh": "Academic Search Elite",
        "awh": "Anthropology Plus",
        "bth": "Business Source Complete",
        "buh": "Business Source Premier",
        "ccm": "CINAHL Complete",
        "c8h": "CINAHL with Full Text",
        "rzh": "CINAHL",
        "cin20": "CINAHL",
        "psyh": "PsycInfo",
        "psyhref": "PsycInfo",
        "pdh": "PsycArticles",
        "pbh": "Psychology and Behavioral Sciences Collection",
        "eric": "ERIC",
        "ehh": "Education Research Complete",
        "cmedm": "MEDLINE",
        "mdc": "MEDLINE Complete",
        "mnh": "MEDLINE with Full Text",
        "sih": "SocINDEX",
        "snh": "SocINDEX with Full Text",
        "s3h": "SPORTDiscus",
        "hch": "Health Source: Nursing/Academic Edition",
        "fmh": "GreenFILE",
        "8gh": "GreenFILE",
        "lxh": "LISTA",
    }
)
"""EBSCO's short names, as they stand in `DB` and in `db=` of its links. Seen in files: aph, psyh; U: the others."""

_OVID: tuple[tuple[str, str], ...] = (
    (r"me[ds]\w+|prem\w*|ppez\w*|pmnm|mesz", "MEDLINE"),
    (r"eme[dfz]\w*|oeme\w*", "Embase"),
    (r"psy[bch]\w*", "APA PsycInfo"),
    (r"eric\w*", "ERIC"),
    (r"cctr\w*", "CENTRAL"),
    (r"coch\w*", "Cochrane Database of Systematic Reviews"),
    (r"amed\w*", "AMED"),
    (r"cab[az]\w*|cagh\w*", "CAB Abstracts"),
    (r"hmic\w*", "HMIC"),
    (r"mwic", "Maternity & Infant Care"),
    (r"joannabriggs|jbi\w*", "JBI EBP Database"),
)
"""Ovid's short names, as they stand in `D=` of its links. Seen: PsycInfo and MEDLINE; U: the others."""

_OVID_LINK = re.compile(r"ovidsp\.ovid\.com\S*?[?&]D=([a-z]+)")
_DATED = re.compile(r" ?<[^<>]*>$")  # Ovid's segments: `APA PsycInfo <2021>`


def dialect_of(text: str) -> Dialect:
    """The first dialect whose sign the text bears; nameless when there is none."""
    return next((d for d in DIALECTS if d.sign.search(text)), NAMELESS)


def delivered_by(text: str) -> Dialect:
    """The platform whose sign nearly every record of the text bears; nameless when there is none."""
    pieces = [piece for piece in re.split(r"^ER  ?-.*$", text, flags=re.MULTILINE) if "TY  " in piece]
    for dialect in DELIVERED:
        if dialect.sign.search(text):
            borne = sum(bool(dialect.sign.search(piece)) for piece in pieces)
            if borne >= MOST * len(pieces) > 0:
                return dialect
    return NAMELESS


def database_of(named: Iterable[str], dialect: Dialect, text: str = "") -> str:
    """The dialect's only database; else the one that most records name first, spelled out; else that of the links.

    `named` is what stands in `DB`, record by record.
    """
    if dialect.database:
        return dialect.database
    counts = Counter(_DATED.sub("", value.split("\n")[0].strip()) for value in named)
    most = next((name for name, _ in counts.most_common(1)), "")
    return EBSCO_DATABASES.get(most, most) or (_in_links(text) if dialect.name == "Ovid" else "")


def _in_links(text: str) -> str:
    """The one database that Ovid's links name; none when they name several."""
    found = {
        next((name for code, name in _OVID if re.fullmatch(code, short)), "")
        for short in _OVID_LINK.findall(text)
    }
    return found.pop() if len(found) == 1 else ""

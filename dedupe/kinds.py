"""What type of document a record is: a preprint, a protocol, a contribution to a meeting, an edition, a version.

Databases seldom say so in a field of its own; it is read from publication types, DOIs, journals, titles and pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from db.record import Record
from dedupe import places
from dedupe.text import fold, words

# -- preprints ----------------------------------------------------------------------------------------

_PREPRINT_DOI = re.compile(
    r"""10\.(?:
    1101/(?:\d{6}(?:v\d+)?$|20\d\d\.)     # bioRxiv and medRxiv; their publisher's journals begin with letters
  | 64898/                                # the same, from December 2025
  | 21203/rs | 2139/ssrn | 48550/ | 20944/preprints | 22541/au | 26434/chemrxiv | 36227/techrxiv
  | 3121[59]/ | 3122[34]/ | 3123[45]/ | 35542/osf | 32942/ | 51224/   # servers of the Open Science Framework
  | 33774/ | 7287/peerj\.preprints | 2196/preprints | 1590/scielopreprints | 5194/egusphere | 1002/essoar
    )""",
    re.VERBOSE,
)
"""Prefixes under which DOIs are given to preprints (Crossref members of the type `posted-content`)."""
_SERVER = re.compile(
    r"\w*rxiv\b|\bresearch square\b|\bres sq\b|\bssrn\b|\bsocial science research network\b|\bpreprints?\b"
    r"|\bauthorea\b|\bcambridge open engage\b|\begusphere\b|\bearth and space science open archive\b",
)
_PREPRINT_TYPE = re.compile(r"preprint|posted.content", re.IGNORECASE)


@lru_cache(maxsize=8192)
def _is_typed(pattern: re.Pattern[str], kind: str, types: tuple[str, ...]) -> bool:
    """Whether one of the types of a document says so; there are few different lists of them."""
    return any(map(pattern.search, (kind, *types)))


def is_preprint(record: Record, dois: Iterable[str]) -> bool:
    """By its type, by the server it stands on, or, when it names no journal, by its DOIs."""
    if _is_typed(_PREPRINT_TYPE, record.kind, record.publication_types):
        return True
    if record.journal:
        return _is_server(record.journal)
    names = tuple(dois)
    return _is_server(record.publisher) or (bool(names) and all(_PREPRINT_DOI.match(name) for name in names))


@lru_cache(maxsize=65536)
def _is_server(journal: str) -> bool:
    return _SERVER.search(fold(journal)) is not None


# -- meetings -----------------------------------------------------------------------------------------

_MEETING_TYPE = re.compile(
    r"conference|meeting|congress|inproceedings|cpaper|conf\b|proceeding", re.IGNORECASE
)
_MEETING_NAME = re.compile(
    r"\bconference\b|\bproceedings of the (?:\w+ )?\d|\bsymposium\b|\bworkshop\b|\bcongress\b", re.IGNORECASE
)
_ABSTRACT_MARK = re.compile(
    r"[\[(]\s*(?:(?:meeting|conference|congress)\s+)?abstract\b[^\])]{0,20}[\])]\W*$", re.IGNORECASE
)
_ABSTRACT_ISSUE = re.compile(r"abstract", re.IGNORECASE)
_ABSTRACT_PAGE = re.compile(r"(?:s|p|o|sa|ps|po|op|pp|or|lb|abs|abstract)\d{1,4}|a\d{1,3}|\d{1,4}a")
"""`S12`, `A345`, `900A`: counted apart from the papers. `A1234` is more often the number of an article."""
_PAGE = re.compile(r"\d{1,4}[a-z]?")
"""Longer numbers are those of articles."""


def is_meeting(record: Record) -> bool:
    """A paper or an abstract of a meeting, by its type, its journal, its issue or a note behind its title."""
    if _is_typed(_MEETING_TYPE, record.kind, record.publication_types):
        return True
    if _ABSTRACT_ISSUE.search(record.issue) or _ABSTRACT_MARK.search(record.title):
        return True
    return _names_meeting(record.journal)


@lru_cache(maxsize=65536)
def _names_meeting(journal: str) -> bool:
    return _MEETING_NAME.search(journal) is not None


def is_brief(pages: places.Pages, extent: int, issue: str) -> bool:
    """It may be an abstract of a meeting: on one page, or in a supplement or on a lettered page without an extent.

    `extent` counts the pages, 0 where that cannot be done; `issue` is in comparing form, where a supplement is `s`.
    """
    lettered = _ABSTRACT_PAGE.fullmatch(pages.start) is not None
    if pages.end:
        counted = lettered or _PAGE.fullmatch(pages.start) is not None
        return counted and 0 < extent <= (2 if lettered else 1)
    return lettered or "s" in issue.split()


# -- protocols ----------------------------------------------------------------------------------------

_OF = "(?: (?:for|of|to)(?: a| an| the| our)?)?"
_WHAT = "(?:study|trial|research|review)"
_PART = "(?:rationale|designs?|methods|methodology|objectives|baseline characteristics|protocol)"
_PROTOCOL = re.compile(
    rf"\b(?:a |the )?(?:study|trial|research) protocol\b{_OF}|(?<=review) protocol\b"
    rf"|\b(?:a |the )?protocol (?:for|of)(?: a| an| the| our)?(?= (?:\w+ ){{0,8}}(?:trial|study|rct|review|analysis)\b)"
    rf"|^protocol (?:for|of)(?: a| an| the)?\b| protocol$| {_WHAT} designs?$"
    rf"|\b(?:the )?(?:{_WHAT} )?{_PART}(?: and)? (?:{_WHAT} )?{_PART}(?:(?: and)? {_PART})?{_OF}\b"
    rf"|^(?:the )?(?:rationale|designs?) of (?:a|an|the)(?= .*\b(?:trial|study)\b)"
)
"""In folded words: `study protocol for a`, `rationale and design of the`, a last `protocol` or `trial design`."""
_PROTOCOL_TYPE = re.compile(r"protocol", re.IGNORECASE)


def without_protocol(folded: str, types: tuple[str, ...] = ()) -> tuple[str, bool]:
    """The words of a title without those that announce a protocol, and whether it is one.

    What is left is the title its results may bear; nothing is taken when too little would be left.
    """
    typed = _is_typed(_PROTOCOL_TYPE, "", types)
    if "protocol" not in folded and "design" not in folded:
        return folded, typed
    rest = " ".join(_PROTOCOL.sub(" ", folded).split())
    if rest == folded:
        return folded, typed
    return (rest if len(rest) >= _LEFT else folded), True


_LEFT = 15
"""Signs of a title that still say what it is about."""

# -- editions and versions ----------------------------------------------------------------------------

_EDITION = re.compile(
    r"\ (?:(?P<number>\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|revised)"
    r"\ (?:ed|edition|edn)|(?:edition|ed)\ (?P<counted>\d{1,2}))$"
)
_ORDINALS = {
    word: str(value)
    for value, word in enumerate(words("first second third fourth fifth sixth seventh eighth ninth tenth"), 1)
}
_VERSION = re.compile(r"10\.1002/14651858\.(cd|mr)0*(\d+)(?:\.pub(\d+))?|(10\.21203/rs\.\S+?)/v(\d+)")
"""Cochrane reviews and Research Square preprints count the versions of one document in its DOI."""
_COCHRANE_PAGE = re.compile(r"(?:cd|mr)\d+")
"""A Cochrane review has its number in the place of its pages."""


def without_edition(folded: str) -> tuple[str, str]:
    """The words of a title without `2nd edition` at their end, and the number of the edition."""
    found = _EDITION.search(folded) if " ed" in folded else None
    if not found:
        return folded, ""
    number = found["number"] or found["counted"]
    return folded[: found.start()], _ORDINALS.get(number) or number.rstrip("stndrh") or number


def version(dois: Iterable[str], start: str = "") -> tuple[str, str]:
    """What is counted, and the number of the version: `10.1002/14651858.cd004307.pub3` → cd4307, 3.

    Without such a DOI the first page may tell the number of a review, though not of its version.
    """
    for name in dois:
        found = _VERSION.fullmatch(name)
        if found:
            series, number, count, preprint, preprint_count = found.groups()
            return (f"{series}{number}", count or "1") if series else (preprint, preprint_count)
    return (start if _COCHRANE_PAGE.fullmatch(start) else "", "")

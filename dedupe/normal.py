"""The comparing form of a record: everything two records are compared by, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from db.record import Identifier, Record
from db.trial_numbers import SCHEMES, find
from dedupe import places
from dedupe.journals import journal
from dedupe.names import surnames
from dedupe.text import plain, words
from dedupe.titles import title

ABSTRACT = 600
"""Signs of an abstract that are compared: sources cut abstracts at different lengths."""
_ABOUT_OTHERS = frozenset({"reference", "databank", "secondary", "title", "abstract"})
"""Origins of identifiers that do not name the document itself."""
_CONFERENCE_KIND = re.compile(
    r"conference|meeting|congress|inproceedings|cpaper|conf\b|proceeding", re.IGNORECASE
)
_CONFERENCE_NAME = re.compile(
    r"\bconference\b|\bproceedings of the (?:\w+ )?\d|\bsymposium\b|\bworkshop\b|\bcongress\b", re.IGNORECASE
)
_REGISTER = re.compile(
    r"clinical\s?trials?\.gov|\bisrctn|\bictrp\b|trialsearch|\bclinical trials? regist|\banzctr\b|\bdrks\b|\bchictr\b"
    r"|/ctr-search/|euclinicaltrials|who\.int/trial",
    re.IGNORECASE,
)
"""Where other databases put a registration's register: CENTRAL gives its address in the place of the journal."""
_DIGITS = re.compile(r"\d{3}|RBR-|rbr-")
"""What every registration number holds; most texts need not be looked at closely."""
_COPYRIGHT = ("©", "(c) ", "Copyright ", "COPYRIGHT ", "Published by ")
"""Where the abstract ends and its publisher speaks."""

_NOTICE_TYPES = {
    "published erratum": "correction",
    "erratum": "correction",
    "retraction of publication": "retraction",
    "retraction notice": "retraction",
    "expression of concern": "concern",
}
"""Publication types of PubMed and Embase that are notices. A comment is not: databases differ about it."""


@dataclass(slots=True)
class Form:
    """One record as it is compared. Empty strings and tuples mean: the source does not say."""

    id: int
    source: str = ""
    kind: str = "article"
    registration: bool = False
    title: str = ""
    """Folded words; see `dedupe.titles.Title` for this and the next four."""
    key: str = ""
    """The title without blanks."""
    other_key: str = ""
    """The title in its own language, when `title` is a translation."""
    numbers: tuple[str, ...] = ()
    notice: str = ""
    generic: bool = False
    conference: bool = False
    """True for an abstract or a paper of a meeting."""
    surnames: tuple[str, ...] = ()
    year: int | None = None
    journals: tuple[str, ...] = ()
    """Full name and abbreviation, folded."""
    issns: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    start: str = ""
    end: str = ""
    dois: tuple[str, ...] = ()
    pmids: tuple[str, ...] = ()
    abstract: str = ""
    """Beginning, folded; at most `ABSTRACT` signs."""
    trials: tuple[str, ...] = ()
    """Registration numbers: its own, for a registration; those of the databank field, for a paper."""
    secondary: tuple[str, ...] = ()
    """Other registers' numbers of the same trial, as the registration claims."""
    mentioned: tuple[str, ...] = ()
    """Registration numbers only found in the running text."""


def form(record_id: int, record: Record) -> Form:
    """The comparing form of a record; `record_id` is its number in the review."""
    names = (journal(name) for name in (record.journal, record.journal_abbreviation) if name)
    made = Form(
        id=record_id,
        source=record.source,
        kind=record.kind,
        registration=record.kind == "registration" or _is_register(record.journal),
        conference=_is_conference(record),
        surnames=surnames(record.authors),
        year=record.year,
        journals=tuple(dict.fromkeys(names)),
        issns=record.issns,
        dois=_values(record.identifiers, "doi", places.doi),
        pmids=_values(record.identifiers, "pmid", _pmid),
        abstract=_abstract(record),
    )
    _note_title(made, record)
    _note_place(made, record)
    _note_trials(made, record)
    return made


def _note_title(made: Form, record: Record) -> None:
    """A notice says so in its title or in its type."""
    own = title(record.title, made.journals[0] if made.journals else "")
    made.title, made.numbers, made.notice, made.generic = own
    made.key = own.words.replace(" ", "")
    if record.vernacular_title:
        made.other_key = title(record.vernacular_title).words.replace(" ", "")
    if not made.notice:
        kinds = (_NOTICE_TYPES.get(kind.lower(), "") for kind in record.publication_types)
        made.notice = next((kind for kind in kinds if kind), "")


def _note_place(made: Form, record: Record) -> None:
    """A year in the place of the volume is no volume."""
    volume, made.issue = places.volume_and_issue(record.volume, record.issue)
    made.volume = "" if volume == str(record.year) else volume
    made.start, made.end = places.pages(record.pages)
    if not made.start:
        made.start, made.end = places.pages(record.article_number)


def _values(identifiers: Iterable[Identifier], scheme: str, clean: Callable[[str], str]) -> tuple[str, ...]:
    found = (clean(i.value) for i in identifiers if i.scheme == scheme and i.origin not in _ABOUT_OTHERS)
    return tuple(sorted({value for value in found if value}))


def _pmid(text: str) -> str:
    return text.strip().lstrip("0") if text.strip().isdigit() else ""


def _abstract(record: Record) -> str:
    if not record.abstract:
        return ""
    text = plain(" ".join(f"{part.label} {part.text}" for part in record.abstract)[: 2 * ABSTRACT])
    for mark in _COPYRIGHT:
        text = text.partition(mark)[0]
    return "".join(words(text))[:ABSTRACT]


def _is_conference(record: Record) -> bool:
    if any(_CONFERENCE_KIND.search(kind) for kind in (record.kind, *record.publication_types)):
        return True
    return _is_meeting(record.journal)


@lru_cache(maxsize=65536)
def _is_meeting(journal: str) -> bool:
    return _CONFERENCE_NAME.search(journal) is not None


@lru_cache(maxsize=65536)
def _is_register(journal: str) -> bool:
    return _REGISTER.search(journal) is not None


def _note_trials(made: Form, record: Record) -> None:
    """Sort registration numbers by what they claim: this trial, another name of it, or a mention."""
    own, secondary, mentioned = set[str](), set[str](), set[str]()
    for identifier in record.identifiers:
        if identifier.scheme not in SCHEMES or identifier.origin == "reference":
            continue
        if identifier.origin == "secondary" or identifier.scheme == "utn":
            secondary.add(identifier.value)
        elif identifier.origin in ({"", "alias"} if made.registration else {"databank"}):
            own.add(identifier.value)
        else:
            mentioned.add(identifier.value)
    if made.registration:
        own = own or _numbers_in(record.key) or _numbers_in(f"{record.journal} {record.title}")
    else:
        mentioned |= _numbers_in(record.title) | _numbers_in(record.abstract_text)
    made.trials, made.secondary, made.mentioned = (
        tuple(sorted(found)) for found in (own, secondary, mentioned)
    )


def _numbers_in(text: str) -> set[str]:
    if not _DIGITS.search(text):
        return set()
    return {identifier.value for identifier in find(text) if identifier.scheme != "utn"}

"""The comparing form of a record: everything two records are compared by, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from db.opinion import Kind
from db.record import Identifier, Record
from dedupe import kinds, places
from dedupe.journals import journal
from dedupe.names import forenames, groups, surnames
from dedupe.text import letters, plain
from dedupe.titles import LANGUAGES, title
from dedupe.trials import Study, claims, references, study

ABSTRACT = 600
"""Signs of an abstract that are compared: sources cut abstracts at different lengths."""
_OTHER_LANGUAGE = re.compile(rf"\[\s*(?!english\b)(?:{LANGUAGES})\s*\]", re.IGNORECASE)
BRACKETED = 20
"""Signs in brackets from which on they hold a translated title, and no isotope: `[18F]FDG`."""
_ABOUT_OTHERS = frozenset({"reference", "databank", "secondary", "title", "abstract"})
"""Origins of identifiers that do not name the document itself."""
_REGISTER = re.compile(
    r"clinical\s?trials?\.gov|\bisrctn|\bictrp\b|trialsearch|\bclinical trials? regist|\banzctr\b|\bdrks\b|\bchictr\b"
    r"|/ctr-search/|euclinicaltrials|who\.int/trial",
    re.IGNORECASE,
)
"""Where other databases put a registration's register: CENTRAL gives its address in the place of the journal."""
_COPYRIGHT = ("©", "(c) ", "Copyright ", "COPYRIGHT ", "Published by ")
"""Where the abstract ends and its publisher speaks."""

_NOTICE_TYPES = {
    "published erratum": "erratum",
    "erratum": "erratum",
    "retraction of publication": "retraction",
    "retraction notice": "retraction",
    "expression of concern": "concern",
}
"""Publication types of PubMed and Embase that are notices. A comment is not: databases differ about it."""

_CLAIMS: dict[str, Kind] = {
    "Erratum": "erratum",
    "Retraction": "retraction",
    "PartialRetraction": "retraction",
    "ExpressionOfConcern": "concern",
    "Comment": "comment",
    "Update": "update",
}
"""Beginnings of PubMed's `RefType`s, which go on `Of`, `For` or `On` in the notice and `In` in the article.

https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html#commentscorrections; an update is a later version,
and the article that a preprint has become.
"""


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
    about: tuple[tuple[Kind, str], ...] = ()
    """What its source says about other documents: what the two are to each other, and the PMID of the other."""
    conference: bool = False
    """True for an abstract or a paper of a meeting; see `dedupe.kinds` for this and the next six."""
    brief: bool = False
    """It may be an abstract, by its pages."""
    preprint: bool = False
    protocol: bool = False
    edition: str = ""
    series: str = ""
    """What is brought up to date from time to time: the number of a Cochrane review."""
    version: str = ""
    english: bool | None = None
    """Whether the document is in English."""
    surnames: tuple[str, ...] = ()
    forenames: tuple[str, ...] = ()
    """First names that are spelled out."""
    groups: tuple[str, ...] = ()
    """Groups that sign as authors."""
    year: int | None = None
    journals: tuple[str, ...] = ()
    """Full name and abbreviation, folded."""
    issns: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    start: str = ""
    end: str = ""
    extent: int = 0
    """Pages, as far as they can be counted."""
    dois: tuple[str, ...] = ()
    pmids: tuple[str, ...] = ()
    abstract: str = ""
    """Beginning, folded; at most `ABSTRACT` signs."""
    trials: tuple[str, ...] = ()
    """Registration numbers: its own, for a registration; those of the databank field, for a paper."""
    secondary: tuple[str, ...] = ()
    """Other registers' numbers of the same trial, as the registration claims."""
    mentioned: tuple[str, ...] = ()
    """Registration numbers found in the running text; see `dedupe.trials` for all of this and the next four."""
    stated: tuple[str, ...] = ()
    """Those of them that title or abstract state as the paper's registration."""
    refers: tuple[str, ...] = ()
    """PMIDs and DOIs of the papers a registration names as its results."""
    background: tuple[str, ...] = ()
    """PMIDs and DOIs of the others it names."""
    study: Study | None = None
    """Whom, what and how many a registration studies; how many people a paper speaks of."""


def form(record_id: int, record: Record) -> Form:
    """The comparing form of a record; `record_id` is its number in the review."""
    names = (journal(name) for name in (record.journal, record.journal_abbreviation) if name)
    made = Form(
        id=record_id,
        source=record.source,
        kind=record.kind,
        registration=record.kind == "registration" or _is_register(record.journal),
        about=_claims(record),
        english=_is_english(record),
        surnames=surnames(record.authors),
        forenames=forenames(record.authors),
        year=record.year,
        journals=tuple(dict.fromkeys(names)),
        issns=record.issns,
        dois=_values(record.identifiers, "doi", places.doi),
        pmids=_values(record.identifiers, "pmid", _pmid),
        abstract=_abstract(record),
    )
    if len(made.surnames) < len(record.authors):
        made.groups = groups(record.authors)
    _note_title(made, record)
    _note_place(made, record)
    _note_kind(made, record)
    _note_trials(made, record)
    return made


def _note_title(made: Form, record: Record) -> None:
    """A notice says so in its title or in its type."""
    own = title(record.title, made.journals[0] if made.journals else "")
    made.title, made.numbers, made.notice, made.generic = own
    made.title, made.edition = kinds.without_edition(made.title)
    made.title, made.protocol = kinds.without_protocol(made.title, record.publication_types)
    made.key = made.title.replace(" ", "")
    if record.vernacular_title:
        made.other_key = title(record.vernacular_title).words.replace(" ", "")
    if not made.notice:
        made.notice = _typed_notice(record.publication_types)


@lru_cache(maxsize=8192)
def _typed_notice(types: tuple[str, ...]) -> str:
    found = (_NOTICE_TYPES.get(kind.lower(), "") for kind in types)
    return next((kind for kind in found if kind), "")


def _note_place(made: Form, record: Record) -> None:
    """A year in the place of the volume is no volume."""
    volume, made.issue = places.volume_and_issue(record.volume, record.issue)
    made.volume = "" if volume == str(record.year) else volume
    pages = places.pages(record.pages)
    if not pages.start:
        pages = places.pages(record.article_number)
    made.start, made.end = pages
    made.extent = places.count(pages.start, pages.end)


def _note_kind(made: Form, record: Record) -> None:
    """What type of document it is; the place must be known."""
    made.conference = kinds.is_meeting(record)
    made.brief = kinds.is_brief(places.Pages(made.start, made.end), made.extent, made.issue)
    made.preprint = kinds.is_preprint(record, made.dois)
    made.series, made.version = kinds.version(made.dois, made.start)


def _claims(record: Record) -> tuple[tuple[Kind, str], ...]:
    if not record.relations:
        return ()
    found = (
        (_CLAIMS.get(re.sub(r"(?:In|Of|For|On)$", "", relation.kind), ""), identifier.value)
        for relation in record.relations
        for identifier in relation.identifiers
        if identifier.scheme == "pmid"
    )
    return tuple((kind, number) for kind, number in found if kind)


def _is_english(record: Record) -> bool | None:
    if record.languages:
        return any(language.lower().startswith("en") for language in record.languages)
    bracketed = record.title.startswith("[") and record.title.find("]") > BRACKETED
    noted = "[" in record.title and _OTHER_LANGUAGE.search(record.title) is not None
    return False if record.vernacular_title or bracketed or noted else None


def _values(identifiers: Iterable[Identifier], scheme: str, clean: Callable[[str], str]) -> tuple[str, ...]:
    found = [clean(i.value) for i in identifiers if i.scheme == scheme and i.origin not in _ABOUT_OTHERS]
    return tuple(sorted({*found} - {""})) if found else ()


def _pmid(text: str) -> str:
    return text.strip().lstrip("0") if text.strip().isdigit() else ""


def _abstract(record: Record) -> str:
    if not record.abstract:
        return ""
    text = plain(" ".join(f"{part.label} {part.text}" for part in record.abstract)[: 2 * ABSTRACT])
    for mark in _COPYRIGHT:
        text = text.partition(mark)[0]
    return letters(text)[:ABSTRACT]


@lru_cache(maxsize=65536)
def _is_register(journal: str) -> bool:
    return _REGISTER.search(journal) is not None


def _note_trials(made: Form, record: Record) -> None:
    registration = made.registration
    made.trials, made.secondary, made.stated, made.mentioned = claims(record, registration=registration)
    made.study = study(record, registration=registration)
    if registration and record.relations:
        made.refers, made.background = references(record)

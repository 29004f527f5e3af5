"""The one noun that flows: what a source said about one document or one registered trial.

A `Record` is frozen and says nothing of its own: every field holds the source's claim, in the source's
words, with markup taken out. What a source did not say is empty (`""`, `()` or `None`), never invented.
`to_json` and `from_json` are exact inverses, and `digest` is the same for the same content on every
machine, so that "has it changed?" is one comparison.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Author:
    """One author as printed: a person (family name and given names or initials) or a group."""

    family: str = ""
    """Family name, or the whole name when the source does not split it."""
    given: str = ""
    """Given names as far as the source gives them."""
    initials: str = ""
    suffix: str = ""
    """Jr, 3rd …"""
    orcid: str = ""
    """Bare: 0000-0002-1825-0097."""
    affiliations: tuple[str, ...] = ()
    collective: bool = False
    """A group that signs as author; its name stands in `family`."""

    @property
    def name(self) -> str:
        """`Family Given`, or initials when there is nothing longer."""
        return " ".join(part for part in (self.family, self.given or self.initials, self.suffix) if part)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an abstract."""

    text: str
    label: str = ""
    """BACKGROUND, METHODS … as the journal prints it."""
    category: str = ""
    """NLM's own category of the part, when given."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One subject heading (MeSH, Emtree …) with its qualifiers."""

    term: str
    id: str = ""
    """Identifier in the vocabulary: D003863."""
    major: bool = False
    qualifiers: tuple[str, ...] = ()
    """Subheadings; one that is a major topic ends in `*`."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name by which other records may know the same document or trial."""

    scheme: str
    """Lower case: pmid, doi, pmcid, pii, nct, isrctn, eudract, ctis, …, accession."""
    value: str
    origin: str = ""
    """Where it stood, when that matters for trust: article, databank, abstract, reference, secondary."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What the source says about another document: retraction, erratum, comment, update, reference."""

    kind: str
    """The source's word: RetractionIn, ErratumFor, CommentOn, UpdateOf, result, derived, background."""
    citation: str = ""
    identifiers: tuple[Identifier, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Money, as acknowledged. A grant number is not a trial number."""

    id: str = ""
    agency: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """One group of a trial."""

    label: str
    kind: str = ""
    description: str = ""
    interventions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervention:
    """What a trial gives."""

    name: str
    kind: str = ""
    description: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial measures."""

    measure: str
    kind: str = ""
    """primary, secondary or other."""
    description: str = ""
    time_frame: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What only a registration says."""

    status: str = ""
    """The register's word: RECRUITING, COMPLETED …"""
    why_stopped: str = ""
    study_type: str = ""
    phases: tuple[str, ...] = ()
    design: Mapping[str, str] = field(default_factory=dict)
    """allocation, intervention model, masking, primary purpose, … in the register's words."""
    enrollment: int | None = None
    """Participants, planned or actual (see `enrollment_kind`)."""
    enrollment_kind: str = ""
    conditions: tuple[str, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    arms: tuple[Arm, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    eligibility: str = ""
    sex: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    sponsor: str = ""
    collaborators: tuple[str, ...] = ()
    officials: tuple[str, ...] = ()
    """Investigators, `Name (role, affiliation)`."""
    countries: tuple[str, ...] = ()
    results_posted: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What one source said about one document or one registered trial."""

    source: str
    """Who said it: pubmed, clinicaltrials, or `file:<database>` for an export file."""
    key: str
    """The source's own name for it (PMID, NCT number, accession number); unique within the source."""
    kind: str = "article"
    """article, book, registration, or the source's own broad type."""
    title: str = ""
    vernacular_title: str = ""
    """The title in the language of the document, when `title` is a translation."""
    abstract: tuple[Section, ...] = ()
    other_abstracts: tuple[Section, ...] = ()
    """Plain-language summaries and abstracts in other languages; `label` says which."""
    authors: tuple[Author, ...] = ()
    authors_complete: bool = True
    journal: str = ""
    journal_abbreviation: str = ""
    issns: tuple[str, ...] = ()
    publisher: str = ""
    year: int | None = None
    """Year of publication (of registration, for a trial)."""
    date: str = ""
    """Date of publication as far as known, ISO 8601: 2013, 2013-05, 2013-05-17."""
    date_text: str = ""
    """The date as printed when it is not a calendar date: `1998 Dec-1999 Jan`, `2013 Spring`."""
    dates: Mapping[str, str] = field(default_factory=dict)
    """Other dates by name (created, entry, revised, completed, electronic, received, …), ISO 8601."""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    """As printed: `637-41`, `e1000097`."""
    article_number: str = ""
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    keywords: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    grants: tuple[Grant, ...] = ()
    relations: tuple[Relation, ...] = ()
    status: str = ""
    """State of the record at the source: MEDLINE, In-Process, Publisher …"""
    urls: tuple[str, ...] = ()
    trial: Trial | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What has no field of its own, under the source's tag. Nothing is thrown away."""

    @property
    def abstract_text(self) -> str:
        """The abstract as one text, labels in front of their parts."""
        return "\n".join(f"{part.label}: {part.text}" if part.label else part.text for part in self.abstract)

    def identifiers_of(self, scheme: str) -> tuple[str, ...]:
        """Values of one scheme in the order given, without repeats."""
        return tuple(dict.fromkeys(i.value for i in self.identifiers if i.scheme == scheme))

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, empty fields left out, no needless blanks."""
        return json.dumps(_dump(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> Record:
        """The record that `to_json` wrote; unknown keys (of a newer version) are ignored."""
        return cast(Record, _load(Record, json.loads(text)))

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal: equal exactly when nothing changed."""
        return digest_of(self.to_json())


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is there and cannot be read: kept as it stands, and reported."""

    position: int
    """Which one in its page or file, counted from 1."""
    problem: str
    """One sentence: what is wrong with it."""
    raw: str
    """The record as it came."""
    key: str = ""
    """The source's own name for it, when at least that could be read."""
    line: int | None = None
    """Where it begins, for files; counted from 1."""


def digest_of(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, hexadecimal (lone surrogates are kept apart, not refused)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# -- JSON, driven by the dataclasses themselves ------------------------------------------------------


@cache
def _names(cls: type) -> tuple[tuple[str, object], ...]:
    """Field names with the value that means "nothing said"."""
    return tuple((f.name, f.default if f.default is not MISSING else None) for f in fields(cls))


def _dump(value: object) -> Any:
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return [_dump(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _dump(item) for key, item in value.items()}
    out: dict[str, Any] = {}
    cls: type = type(value)
    for name, default in _names(cls):
        item = getattr(value, name)
        if item is None or item == default or item in ((), {}):
            continue
        out[name] = _dump(item)
    return out


@cache
def _loaders(cls: type) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {f.name: _loader(hints[f.name]) for f in fields(cls)}


def _load(cls: type, data: Mapping[str, Any]) -> object:
    loaders = _loaders(cls)
    return cls(**{name: loaders[name](value) for name, value in data.items() if name in loaders})


def _loader(hint: Any) -> Callable[[Any], Any]:
    """How a value of the annotated type is read back from JSON."""
    origin = get_origin(hint)
    if origin is tuple:
        inner = _loader(get_args(hint)[0])
        return lambda items: tuple(inner(item) for item in items)
    if origin in (Union, types.UnionType):
        return _loader(next(arg for arg in get_args(hint) if arg is not types.NoneType))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = _loader(get_args(hint)[1])
        return lambda items: {key: inner(item) for key, item in items.items()}
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        cls = hint
        return lambda data: _load(cls, data)
    return lambda value: value

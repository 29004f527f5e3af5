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
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from json.encoder import encode_basestring as _quoted
from typing import Any, TypeAlias, Union, cast, get_args, get_origin, get_type_hints


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
        """Canonical JSON: sorted keys, empty fields left out, no needless blanks; always storable."""
        return storable(_writer_of(Record)(self))

    @staticmethod
    def from_json(text: str) -> Record:
        """The record that `to_json` wrote; unknown keys (of a newer version) are ignored."""
        return cast(Record, _reader_of(Record)(json.loads(text)))

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
    """SHA-256 of a text's UTF-8 bytes, hexadecimal."""
    return hashlib.sha256(storable(text).encode()).hexdigest()


def storable(text: str) -> str:
    r"""The text with every half character (lone surrogate) spelled out, as `\udcff`; any other as it is.

    Half characters come from broken JSON and from file names that are not UTF-8; no database takes them.
    Inside JSON the spelling is JSON's own, so that reading it back loses nothing.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return joined.encode("utf-8", "backslashreplace").decode()
    return text


# -- JSON, driven by the dataclasses themselves ------------------------------------------------------
#
# One writer and one reader are made for each class, once, as `dataclass` makes `__init__`: put together line
# by line and compiled. A harvest is a hundred thousand records, and writing them was most of the work of
# keeping them, reading them most of the work of comparing them: walking the fields instead takes more than
# twice the time.

_Writer: TypeAlias = Callable[[Any], str]
_Reader: TypeAlias = Callable[[Any], Any]

_PLAIN: Mapping[object, _Writer] = {str: _quoted, int: str, bool: lambda value: "true" if value else "false"}
"""What is no container and no class of ours."""


@cache
def _writer_of(cls: type) -> _Writer:
    hints = get_type_hints(cls)
    scope: dict[str, Any] = {}
    lines = ["def write(item):", " said = []"]
    for f in sorted(fields(cls), key=lambda f: f.name):
        name, hint = f.name, hints[f.name]
        scope[f"write_{name}"], scope[f"nothing_{name}"] = _writer(hint), _nothing(f, hint)
        lines += [
            f" if (value := item.{name}) != nothing_{name} and value is not None:",
            f"  said.append('\"{name}\":' + write_{name}(value))",
        ]
    lines.append(" return '{' + ','.join(said) + '}'")
    exec("\n".join(lines), scope)  # noqa: S102 - names of fields of our own classes, nothing from outside
    return cast(_Writer, scope["write"])


def _writer(hint: Any) -> _Writer:
    """How a value of the annotated type is written."""
    container, inside = _apart(hint)
    if container is None:
        return _PLAIN.get(inside) or _writer_of(inside)
    write = _writer(inside)
    if container is tuple:
        return lambda items: "[" + ",".join([write(item) for item in items]) + "]"
    return lambda items: (
        "{" + ",".join([f"{_quoted(key)}:{write(items[key])}" for key in sorted(items)]) + "}"
    )


def _nothing(of: Field[Any], hint: Any) -> object:
    """The value of a field that means "nothing said"."""
    if of.default is not MISSING:
        return of.default
    container, _ = _apart(hint)
    return {tuple: (), Mapping: {}, None: None}[container]


@cache
def _reader_of(cls: type) -> _Reader:
    """A reader of JSON objects that hold an instance; keys it has no field for are not looked at."""
    hints = get_type_hints(cls)
    # A frozen class sets its fields by way of `object.__setattr__`, which would be most of the work: an open
    # twin, laid out alike, is filled instead and then declared to be of the frozen class.
    names = tuple(hints)
    scope: dict[str, Any] = {"frozen": cls, "Open": type(cls.__name__, (), {"__slots__": names})}
    lines = ["def read(said):", " item, get = Open(), said.get"]
    for f in fields(cls):
        scope[f"read_{f.name}"] = read = _reader(hints[f.name])
        lines.append(f" item.{f.name} = {_reading(f, hints[f.name], as_it_is=read is None)}")
    lines += [" item.__class__ = frozen", " return item"]
    exec("\n".join(lines), scope)  # noqa: S102 - names and defaults of our own classes, nothing from outside
    return cast(_Reader, scope["read"])


def _reading(of: Field[Any], hint: Any, *, as_it_is: bool) -> str:
    """The expression that takes one field out of the object `said`."""
    name = repr(of.name)
    if of.default is MISSING and of.default_factory is MISSING:
        return f"said[{name}]"
    if as_it_is:
        return f"get({name}, {of.default!r})"
    return f"read_{of.name}(said[{name}]) if {name} in said else {_nothing(of, hint)!r}"


def _reader(hint: Any) -> _Reader | None:
    """How a value of the annotated type is read back from JSON; None when it is the value already."""
    container, inside = _apart(hint)
    if container is None:
        return None if inside in _PLAIN else _reader_of(inside)
    read = _reader(inside)
    if read is None:
        return tuple if container is tuple else dict
    if container is tuple:
        return lambda items: tuple(map(read, items))
    return lambda items: {key: read(item) for key, item in items.items()}


def _apart(hint: Any) -> tuple[Any, Any]:
    """Container of a hint (tuple, Mapping, or None) and the hint of what is inside."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple, arguments[0]
    if origin is Mapping:
        return Mapping, arguments[1]
    if origin in (Union, types.UnionType):
        return None, next(argument for argument in arguments if argument is not types.NoneType)
    return None, hint

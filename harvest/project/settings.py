"""What `review.toml` may say: one model a table, one field a key.

Every field has a default, so that a file with mistakes can still be looked through to its end: what is
required is asked for in `checks`, where the sentence can say why. All models are frozen and refuse keys
they do not know. `docs/review-toml.md` explains each key to reviewers.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from db.opinion import RULES, Stage
from db.trial_numbers import find as trial_numbers
from harvest.patience import Patience

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PERSON = re.compile(r"\w[\w-]*")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_USUAL = Patience()
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


def _wrong(sentence: str) -> PydanticCustomError:
    """What a person reads; braces would be taken for fields of a template."""
    return PydanticCustomError("harvest", "{sentence}", {"sentence": sentence})


# -- before: what reviewers write for convenience -----------------------------------------------------


def _listed(value: object) -> object:
    """One text stands for a list of one; an empty text for none."""
    return ([value] if value.strip() else []) if isinstance(value, str) else value


def _written(value: object) -> object:
    """Dates, times and whole numbers of TOML as the text a person would write."""
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _dotted(value: object) -> object:
    """`query.cond = "…"` is a table in a table for TOML, and one name for a source."""
    if not isinstance(value, Mapping):
        return value
    flat: dict[str, object] = {}
    for key, item in value.items():
        inner = _dotted(item) if isinstance(item, Mapping) else None
        flat |= (
            {f"{key}.{rest}": leaf for rest, leaf in inner.items()}
            if isinstance(inner, dict)
            else {key: item}
        )
    return flat


# -- after: what a value must look like ---------------------------------------------------------------


def _simple(value: str) -> str:
    if value and not _NAME.fullmatch(value):
        raise _wrong(f"{value!r} is no simple name: use only a–z, 0–9, - and _")
    return value


def _person(value: str) -> str:
    if value.casefold() in {RULES, "harvest"}:
        raise _wrong(f"{value!r} is what opinions of the program are signed with: choose another name")
    if not _PERSON.fullmatch(value):
        raise _wrong(f"{value!r} goes into file names: use only letters, digits, - and _")
    return value


def _person_or_nobody(value: str) -> str:
    return _person(value) if value else value


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise _wrong(f"{value!r} is no e-mail address: write it as name@example.org")
    return value


def _url(value: str) -> str:
    """An address to build requests on: no user, no query, so that no secret can hide in it."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise _wrong("is no web address: it must begin with https:// (or http://) and name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _wrong("must be a plain address, without user, password, ? or #")
    return value


def _variable(value: str) -> str:
    if value and not _VARIABLE.fullmatch(value):
        raise _wrong(
            "must be the name of an environment variable in capitals, such as NCBI_API_KEY, never the key itself"
        )
    return value


def _doi(value: str) -> str:
    bare = _DOI_PREFIX.sub("", value, count=1)
    if not _DOI.fullmatch(bare):
        raise _wrong(f"{value!r} is no DOI: write it as 10.1002/imhj.20291")
    return bare


def _pmid(value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise _wrong(f"{value!r} is no PMID: write the number alone")
    return value


def _nct(value: str) -> str:
    if not re.fullmatch(r"NCT\d{8}", value, re.IGNORECASE | re.ASCII):
        raise _wrong(f"{value!r} is no ClinicalTrials.gov number: write it as NCT00923559")
    return value.upper()


def _trial(value: str) -> str:
    found = {(number.scheme, number.value) for number in trial_numbers(value)}
    if len(found) != 1:
        raise _wrong(f"{value!r} is no number of a trial register: write it as ISRCTN12345678")
    return value


def _code(value: str) -> str:
    if not re.fullmatch(r"[Ss]\d{3}", value):
        raise _wrong(f"{value!r} is no code of a check: write it as S204")
    return value.upper()


def _reasoned(value: str) -> str:
    if not value:
        raise _wrong('says no reason: write why it may stay, accept.S204 = "…"')
    return value


def _clock(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise _wrong(f"{value!r} is no time of day: write it as 05:30")
    return value


Texts: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Name: TypeAlias = Annotated[str, AfterValidator(_simple)]
Person: TypeAlias = Annotated[str, AfterValidator(_person)]
Email: TypeAlias = Annotated[str, AfterValidator(_email)]
Url: TypeAlias = Annotated[str, AfterValidator(_url)]
DateText: TypeAlias = Annotated[str, BeforeValidator(_written)]
Pmid: TypeAlias = Annotated[str, BeforeValidator(_written), AfterValidator(_pmid)]
Code: TypeAlias = Annotated[str, AfterValidator(_code)]
Reasoned: TypeAlias = Annotated[str, AfterValidator(_reasoned)]
Method: TypeAlias = Literal["", "citation searching", "websites", "organisations", "contacts"]
Options: TypeAlias = Annotated[dict[str, Annotated[str, BeforeValidator(_written)]], BeforeValidator(_dotted)]
Number: TypeAlias = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Portion: TypeAlias = Annotated[float, Field(strict=True, ge=0, lt=1)]
Seconds: TypeAlias = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Protocol(_Table):
    """Where the review was registered."""

    registration: str = ""
    url: str = ""
    date: DateText = ""


class Contact(_Table):
    """Who answers for the review; sources are told the address with every request."""

    name: str = ""
    email: Email = ""


class Reason(_Table):
    """One coded reason for exclusion."""

    code: Name = ""
    reason: str = ""
    stage: Stage | None = None
    """Only offered at this stage; at both when empty."""


class Criteria(_Table):
    """What belongs into the review and what does not; the reasons stand in the project's order."""

    population: Texts = ()
    intervention: Texts = ()
    comparison: Texts = ()
    outcomes: Texts = ()
    design: Texts = ()
    include: Texts = ()
    exclude: tuple[Reason, ...] = ()

    def reasons(self, stage: Stage) -> tuple[Reason, ...]:
        """The reasons a reviewer may give at this stage, in the project's order."""
        return tuple(reason for reason in self.exclude if reason.stage in (None, stage))


class SearchTable(_Table):
    """One stored search string and what PRISMA-S asks about it."""

    name: Name = ""
    source: str = ""
    query: str = ""
    """Path of the strategy file."""
    options: Options = Field(default_factory=dict)
    database: str = ""
    platform: str = ""
    files: str = ""
    """Glob for export files; only with `source = "file"`."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Column of these files → the field it fills, where a table names its columns in its own way."""
    limits: str = ""
    filters: str = ""
    accept: dict[Code, Reasoned] = Field(default_factory=dict)
    """Findings of `harvest check` that the reviewers let be, by their code, with the reason."""
    date: DateText = ""
    note: str = ""
    method: Method = ""
    """How records were found that no database or register was searched for: the other column of the PRISMA flow."""


class Methods(_Table):
    """What was done by hand, for the items of PRISMA-S that no program can know."""

    browsing: str = ""
    citations: str = ""
    contacts: str = ""
    other: str = ""
    prior_work: str = ""
    peer_review: str = ""


class Known(_Table):
    """Records known to be relevant: the searches must find them, the ranking may learn from them."""

    pmids: tuple[Pmid, ...] = ()
    dois: tuple[Annotated[str, AfterValidator(_doi)], ...] = ()
    nct: tuple[Annotated[str, AfterValidator(_nct)], ...] = ()
    trials: tuple[Annotated[str, AfterValidator(_trial)], ...] = ()
    """Numbers of any register, as it writes them: ISRCTN12345678, 2004-000446-20."""
    titles: Texts = ()
    file: str = ""
    """Path of a file with such records: RIS, CSV or whatever `harvest add` reads."""


class Previous(_Table):
    """What the version before this one included, when the review is an update."""

    studies: Annotated[StrictInt, Field(ge=0)] = 0
    reports: Annotated[StrictInt, Field(ge=0)] = 0
    file: str = ""
    """Path of a file with these reports, in whatever form `harvest add` reads: found again, they are not new."""


class Notices(_Table):
    """Where to look up what became of the papers, besides what their records say themselves."""

    crossref: StrictBool = False
    """Ask Crossref about every DOI, in every run."""
    retraction_watch: str = ""
    """Path of the Retraction Watch file, when somebody keeps it in the review folder."""


class Duplicates(_Table):
    """How careful to be with look-alikes."""

    ask: StrictBool = True
    """Put doubtful pairs to a person; otherwise they stay apart, and nothing is asked."""


class Screening(_Table):
    """Who reads."""

    reviewers: tuple[Person, ...] = ()
    per_record: Annotated[StrictInt, Field(ge=1)] = 2
    per_record_full_text: Annotated[StrictInt, Field(ge=1)] | None = None
    """At full text, where it differs."""
    doubled: Portion = 0.0
    """Share of the reports, drawn by lot, that one person more reads."""
    arbiter: Annotated[str, AfterValidator(_person_or_nobody)] = ""


class Ranking(_Table):
    """In which order to read, how the order handed out is mixed, and when enough is read."""

    model: str = "default"
    seed: Annotated[StrictInt, Field(ge=0)] = 1
    """Of everything that is drawn by lot."""
    parameters: dict[str, Number] = Field(default_factory=dict)
    """Of the model, where they shall differ from its own; `harvest check` names those there are."""
    target: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.95
    """Recall that the stopping rule aims at."""
    confidence: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.95
    """How sure it must be of having reached that."""
    mix_random: Portion = 0.0
    """Share of the queue that is drawn by lot."""
    mix_uncertain: Portion = 0.0
    """Share of the queue on which the model is least sure."""
    why: StrictBool = True
    """Queues say in a column why a report stands where it stands."""
    earlier: Texts = ()
    """Paths of files with the decisions of an earlier version of the review."""


class Schedule(_Table):
    """When `harvest schedule` shall have the searches run, in UTC."""

    every: Literal["daily", "weekly", "monthly"] | None = None
    day: DateText = ""
    """monday … sunday when weekly, 1 to 28 when monthly."""
    time: Annotated[str, BeforeValidator(_written), AfterValidator(_clock)] = "05:30"
    trigger: str = ""
    """What makes the team update the review; Cochrane asks living reviews to say so beforehand."""
    ended: DateText = ""
    """The day on which the review stopped being a living one …"""
    ended_because: str = ""
    """… and why."""

    def over(self, today: dt.date) -> bool:
        """True from the day on which the review stops being a living one."""
        return bool(self.ended) and today.isoformat()[: len(self.ended)] >= self.ended


class Network(_Table):
    """How patient to be with a source."""

    timeout: Seconds = _USUAL.timeout
    """Seconds to connect, and to wait for each piece of an answer."""
    deadline: Seconds = _USUAL.deadline
    """Seconds for one attempt from its start to its last byte."""
    attempts: Annotated[StrictInt, Field(ge=1, le=100)] = _USUAL.attempts
    backoff: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = _USUAL.backoff
    """Seconds before the second attempt; doubled before each further one. 0 means no pause."""


class SourceTable(_Table):
    """What one source needs to be told."""

    url: Url = ""
    requests_per_second: Seconds | None = None
    email: Email = ""
    api_key_env: Annotated[str, AfterValidator(_variable)] = ""
    """Name of the environment variable that holds the key."""


class ReviewFile(_Table):
    """The whole of `review.toml`."""

    title: str = ""
    question: str = ""
    protocol: Protocol = Protocol()
    contact: Contact = Contact()
    criteria: Criteria = Criteria()
    search: tuple[SearchTable, ...] = ()
    methods: Methods = Methods()
    known: Known = Known()
    previous: Previous = Previous()
    notices: Notices = Notices()
    duplicates: Duplicates = Duplicates()
    screening: Screening = Screening()
    ranking: Ranking = Ranking()
    schedule: Schedule = Schedule()
    network: Network = Network()
    sources: dict[str, SourceTable] = Field(default_factory=dict)

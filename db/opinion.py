"""Opinions about records, as they are kept: links, rankings, decisions. All of them are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

RelationOfRecords: TypeAlias = Literal["same report", "same study", "ask", "different"]
"""same report: one document, counted once · same study: two documents of one investigation, never merged
· ask: a person must say · different: looked alike, and is not."""

Kind: TypeAlias = Literal[
    "", "registration", "protocol", "conference abstract", "preprint", "translation", "trial", "update",
    "part", "edition", "erratum", "retraction", "concern", "comment", "reply",
]  # fmt: skip
"""What two documents are to each other, as far as a rule or a person can name it.

One study: a *registration* and its report, a *protocol* and its results, a *conference abstract* and its paper, a
*preprint* and its article, a *translation* and its original, two reports of one *trial*, an *update* of a review.
Others: *parts* of a series, *editions* of a book, and what is said about a paper: *erratum*, *retraction*,
expression of *concern*, *comment* (letters and editorials too), *reply*.
"""

Stage: TypeAlias = Literal["title and abstract", "full text"]
Verdict: TypeAlias = Literal["include", "exclude", "unsure"]
Said: TypeAlias = Literal["include", "exclude", "unsure", "withdrawn"]
"""A verdict, or that the reviewer takes back what they said: as if they had never voted."""

RULES = "rules"
"""`Link.by` of an opinion that no person gave. Anybody else's name outranks it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One opinion about two records, `a < b`. The newest counts, and a person's outranks every rule's.

    A person's `ask` takes back what that person said of the two: as if it had never been said.
    """

    a: int
    b: int
    relation: RelationOfRecords
    by: str = RULES
    rule: str = ""
    """Name of the rule that decided, or the person's remark."""
    version: str = ""
    """Of the rules."""
    score: float = 0.0
    """0 to 1: how alike; orders the questions put to a person."""
    evidence: Mapping[str, str | float | bool | None] = field(default_factory=dict)
    """Named features with their values."""
    at: str = ""
    """UTC, ISO 8601 with Z; empty until stored."""
    kind: Kind = ""
    """What the two are to each other; empty: one document, or nothing that has a name."""

    @property
    def by_person(self) -> bool:
        """True when somebody said so, and no rule."""
        return self.by != RULES


class Ruling(NamedTuple):
    """What the rules say of a pair, as it is stored: there are about as many of them as records."""

    a: int
    b: int
    relation: str
    rule: str
    version: str
    score: float
    evidence: str
    """JSON, keys sorted."""
    kind: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One vote of one person about one record at one stage. A change of mind is another vote."""

    record: int
    stage: Stage
    reviewer: str
    verdict: Said
    reason: str = ""
    """Code of an exclusion reason in the project."""
    note: str = ""
    at: str = ""
    """UTC, ISO 8601 with Z; empty until stored."""
    id: int = field(default=0, compare=False)
    """Its row; 0 until stored."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """How the arbiter ends a conflict about a report. The votes stay; it holds as long as they are the newest ones."""

    record: int
    stage: Stage
    arbiter: str
    verdict: Verdict
    reason: str = ""
    note: str = ""
    votes: tuple[int, ...] = ()
    """Ids of the decisions it settles, sorted."""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Postponement:
    """A reviewer wants to see a report later. It is no vote, and ends with one."""

    record: int
    stage: Stage
    reviewer: str
    until: str = ""
    """A day, ISO 8601; empty: when everything else is read; `now`: taken up again."""
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Pilot:
    """A random sample that every reviewer reads first."""

    stage: Stage
    seed: int
    reports: tuple[int, ...]
    """As they were drawn, in the order of the draw."""
    by: str
    at: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Unblinding:
    """From this moment on reviewers may see each other's votes at a stage."""

    stage: Stage
    by: str
    because: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Getting hold of the full text of a report; the newest word counts."""

    record: int
    state: Literal["sought", "retrieved", "not retrieved"]
    by: str
    place: str = ""
    """File or address, as far as anybody said."""
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class StudyNote:
    """What a person says of the study that a record belongs to; the newest word on each field counts."""

    record: int
    field: Literal["label", "primary", "state"]
    """label: `Cicchetti 1999a` · primary: the report to cite first, `H000123` · state: ongoing, awaiting
    classification, or empty."""
    value: str
    by: str
    because: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """One order of reading, with everything needed to make it again."""

    model: str
    """Name and version of the recipe."""
    parameters: Mapping[str, float | int]
    seed: int
    versions: Mapping[str, str]
    """Of the libraries that took part."""
    labels: Mapping[int, float]
    """What it was trained on: report → 1 included, 0 excluded, between them an include of that weight. Empty before
    the first votes."""
    input_digest: str
    """SHA-256 over texts, labels, topic, parameters and versions: same digest, same ranking."""
    order: tuple[tuple[int, float], ...]
    """(report, score), most likely inclusion first."""
    features: int = 0
    """How many features the texts had; 0 when nobody counted."""
    corpus: str = ""
    """Digest of the kept corpus: which revisions spoke for which report. Empty: it cannot be made again."""
    topic: str = ""
    """Digest of the kept topic: question, criteria, known and earlier decided texts. Empty: as above."""
    because: str = ""
    """What it was made for: run, import, by hand …"""


@dataclass(frozen=True, slots=True)
class LoggedRanking:
    """A ranking as the log tells it: everything but the order itself."""

    number: int
    at: str
    """UTC, ISO 8601 with Z."""
    ranking: Ranking
    """Its `order` is empty."""
    reports: int
    """How many it ordered."""
    order_digest: str
    """SHA-256 over reports, places and scores."""
    labels_digest: str
    """SHA-256 over the labels; empty in rankings of before schema 4."""


@dataclass(frozen=True, slots=True)
class Shown:
    """That reports of a ranking were put before a reviewer, in which order."""

    ranking: int | None
    reviewer: str
    stage: Stage
    reports: tuple[int, ...]
    """In the order in which they were shown."""
    at: str
    by: str
    """Path of the queue file; empty for reports shown one by one."""

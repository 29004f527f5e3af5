"""What a check is, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from harvest.strategy import Line, Strategy
from harvest.strategy.slips import piece_at


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """What is sent cannot be what was meant. `harvest check` ends with exit code 2."""
    WARNING = "warning"
    """Most likely not what was meant; right in some strategies."""
    ADVICE = "advice"
    """Worth a look by whoever reviews the strategy."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a source said about a search, in a run or when it was asked for this check."""

    translation: str = ""
    """Its own reading of the query."""
    warnings: tuple[str, ...] = ()
    """What it dropped, ignored or changed, one sentence each."""
    headings: Mapping[str, Told] = field(default_factory=dict)
    """The same for each subject heading that was asked for alone, by the heading in lower case."""
    when: str = ""
    """`in the run of 2026-11-22`, `just now`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One strategy, and where it is used."""

    strategy: Strategy
    dialect: str
    """Whose syntax it should be written in: see `harvest.press.dialect`."""
    file: str = ""
    label: str = ""
    """What the source or database is called."""
    trials_only: bool = False
    """True for a source that holds only reports or registrations of trials."""
    by_hand: bool = False
    """True when somebody runs the stored strategy as it is, and nothing is sent."""
    told: Told = Told()


class Spot(NamedTuple):
    """A place in a strategy, and what is wrong there."""

    line: Line | None
    """The passage that holds the place; None when the whole strategy is meant."""
    start: int
    end: int
    sentence: str
    suggestion: str = ""


Look = Callable[[Subject], Iterator[Spot]]


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the catalogue."""

    code: str
    """S101. The first digit is the family; a code never changes its meaning."""
    title: str
    severity: Severity
    means: str
    """What was found."""
    why: str
    """Why it matters."""
    wrong: str
    """An example that it finds …"""
    right: str
    """… and the same without the fault."""
    source: str
    """Where the rule is written."""
    look: Look
    dialects: Sequence[str] = ()
    """Whose syntax it is about; empty for every strategy."""
    told: Told = Told()
    """What the source says about the wrong example, where that is what the check reads."""
    stops: bool = False
    """True when nothing can be sent as long as this is wrong: no run begins, and it cannot be accepted."""

    def applies(self, subject: Subject) -> bool:
        """True when the check has something to say about strategies of this dialect."""
        return not self.dialects or subject.dialect in self.dialects


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found."""

    check: Check
    severity: Severity
    """That of the check, but nothing worse than a warning where a person runs the strategy."""
    sentence: str
    suggestion: str
    file: str
    line: int | None
    """Number of the strategy's line."""
    file_line: int | None
    """Number of the file's line, counted from 1."""
    column: int
    """Where it begins in the file's line, counted from 1."""
    end_column: int
    """The first column after it, in the same line of the file."""
    accepted: str = ""
    """Why the reviewers let it be; empty when they have not said so."""

    @property
    def code(self) -> str:
        """Of the check."""
        return self.check.code

    @property
    def place(self) -> str:
        """`line 14, column 3`, of the file; empty when the whole strategy is meant."""
        return f"line {self.file_line}, column {self.column}" if self.file_line else ""


def found(check: Check, subject: Subject, spot: Spot) -> Finding:
    """A spot as a finding, with its place in the file."""
    severity = check.severity
    if subject.by_hand and severity is Severity.ERROR:
        severity = Severity.WARNING
    number = row = None
    column = end = 0
    if spot.line and spot.line.pieces:
        piece = piece_at(spot.line.pieces, spot.start)
        number, row = piece.number, piece.file_line
        column = piece.column + spot.start - piece.start + 1
        beyond = [other.start for other in spot.line.pieces if other.start > piece.start]
        last = min([spot.end, *(start - 1 for start in beyond)])
        end = max(column + 1, piece.column + last - piece.start + 1)
    return Finding(check, severity, spot.sentence, spot.suggestion, subject.file, number, row, column, end)

"""Everything that can go wrong, as one family tree.

HarvestError                 one sentence for a person, one exit code
├── WrongUse            (2)  the command or the project file must be changed first
│   └── ProjectError         every problem of a review folder at once, each with its place
├── SearchError         (3)  stop this search, go on with the next
│   ├── Unreachable          no answer, after as many attempts as patience allows
│   ├── Refused              the source answers, and says no (wrong key, bad query)
│   ├── BadAnswer            an answer that cannot be read; its bytes are kept
│   │   └── TokenExpired     the place in a listing is gone: list again from the start
│   └── CountMismatch   (4)  the source says one number and lists or delivers another
│       └── Miscounted       one answer that holds another number than it says (a BadAnswer, too)
├── RecordError              skip this record: it is kept as unreadable and reported
├── CheckFailed         (4)  a number does not add up
├── Locked              (5)  another run holds this review
└── StoreError          (1)  the database cannot be used; nothing was kept
    ├── NotAReview           the file belongs to another program
    ├── FromTheFuture        the file was written by a newer Harvest
    └── StoreBusy            somebody else has been writing for too long

Each error carries its subject as attributes and says in one sentence what happened, where, and what
to do. The numbers in brackets are the exit codes of the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class HarvestError(Exception):
    """The root: `str(error)` is a sentence for a person, `exit_code` is for the shell."""

    exit_code = 1


class WrongUse(HarvestError):
    """The command line or the project file must be changed before anything can happen."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a review folder."""

    file: str
    """Path as the reviewer knows it, relative to the review folder."""
    place: str
    """Key path (`search[2].query`) or line (`line 14`); empty when the whole file is meant."""
    message: str
    """What is wrong and what to do about it."""
    warning: bool = False
    """True when a run may go on in spite of it."""

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.message}"


class ProjectError(WrongUse):
    """Everything wrong with a review folder, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SearchError(HarvestError):
    """This search cannot go on; the others can."""

    exit_code = 3

    def __init__(self, source: str, sentence: str) -> None:
        self.source = source
        super().__init__(sentence)


class Unreachable(SearchError):
    """The source did not answer, however patiently it was asked."""


class Refused(SearchError):
    """The source answered and said no: asking again the same way is useless."""


class BadAnswer(SearchError):
    """The source answered with something that is not what was asked for."""

    def __init__(self, source: str, sentence: str, body: bytes = b"") -> None:
        self.body = body
        super().__init__(source, sentence)


class TokenExpired(BadAnswer):
    """The source no longer knows the place where the listing stopped."""


class CountMismatch(SearchError):
    """What the source says it has is not what it listed or delivered."""

    exit_code = 4


class Miscounted(BadAnswer, CountMismatch):
    """One answer that says a number and holds another: asked again like any bad answer, then a mismatch."""


class RecordError(HarvestError):
    """One record cannot be read; the rest of its page can."""


class CheckFailed(HarvestError):
    """A count does not add up, or a record that somebody included is gone."""

    exit_code = 4


class Locked(HarvestError):
    """Another run is at work in this review."""

    exit_code = 5


class StoreError(HarvestError):
    """The database cannot be used."""


class NotAReview(StoreError):
    """The file is no database of ours."""


class FromTheFuture(StoreError):
    """The database was written by a newer version."""


class StoreBusy(StoreError):
    """The database is locked by somebody else."""

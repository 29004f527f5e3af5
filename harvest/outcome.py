"""What happened: plain facts about one run, for people, for scripts and for the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from db.facts import Reason


@dataclass(slots=True)
class SearchOutcome:
    """What one search, or one export file, brought."""

    name: str
    source: str
    query: str = ""
    state: str = "complete"
    """complete, failed, or already read (a file seen before)."""
    resumed: bool = False
    matched: int = 0
    """How many the source lists today."""
    fetched: int = 0
    """Records that were asked for in this run."""
    new: int = 0
    """Records never seen before from this source."""
    changed: int = 0
    appeared: Counter[Reason] = field(default_factory=Counter)
    """Records this search did not find before, by reason."""
    disappeared: Counter[Reason] = field(default_factory=Counter)
    unreadable: int = 0
    stray: int = 0
    """Stretches of text in a file outside of any record."""
    missing: tuple[str, ...] = ()
    """Listed by the source, and not delivered."""
    translation: str = ""
    warnings: tuple[str, ...] = ()
    failure: str = ""
    exit_code: int = 0

    @property
    def no_longer(self) -> int:
        """Records that this search found before and does not find now."""
        return sum(self.disappeared.values())


@dataclass(slots=True)
class Outcome:
    """What one run did."""

    run: int = 0
    dry: bool = False
    searches: list[SearchOutcome] = field(default_factory=list)
    records: int = 0
    """Records in the review after the run."""
    reports: int = 0
    """Reports, that is documents and registrations after merging duplicates."""
    studies: int = 0
    duplicates: int = 0
    """Records that are duplicates of another one: records minus reports."""
    to_ask: int = 0
    """Pairs that wait for a person to say whether they are the same."""
    to_screen: int = 0
    """Reports without a final decision on title and abstract."""
    lost_includes: tuple[str, ...] = ()
    """Records that somebody included and that their search no longer finds."""
    notes: list[str] = field(default_factory=list)

    @property
    def new(self) -> int:
        """Records that were new in this run."""
        return sum(search.new for search in self.searches)

    @property
    def exit_code(self) -> int:
        """As in the table of the README: the gravest thing that happened."""
        codes = [search.exit_code for search in self.searches]
        if self.lost_includes or 4 in codes:
            return 4
        if not any(codes):
            return 0
        kept = any(search.state != "failed" or search.fetched for search in self.searches)
        return 3 if kept else 1

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        shape = asdict(self)
        shape["exit_code"] = self.exit_code
        for search, plain in zip(self.searches, shape["searches"], strict=True):
            plain["no_longer_matching"] = search.no_longer
        return shape


def worst(codes: Sequence[int]) -> int:
    """The gravest of several exit codes: 4 before 3 before 1."""
    return max(codes, default=0)

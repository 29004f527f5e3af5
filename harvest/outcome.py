"""What happened: plain facts about one run, for people, for scripts and for the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from db.facts import Reason
from db.record import Unreadable
from db.store.records import Reported


@dataclass(frozen=True, slots=True)
class News:
    """One record that appeared in a search, or disappeared from it."""

    id: str
    """H000123."""
    search: str
    event: str
    """appeared or disappeared."""
    reason: str
    key: str = ""
    """The source's own name for it."""
    title: str = ""
    because: str = ""
    """What proves the reason: the days it rests on; empty where it speaks for itself."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A strategy that was reworded since it was last listed to its end."""

    search: str
    run: int
    """The run that listed the old wording."""
    day: str
    """When that was."""
    difference: str
    """Line by line, as a unified diff; empty when only options, or layout, changed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What became of one record known to be relevant in one search."""

    search: str
    item: str
    """`pmid:2022136`."""
    outcome: str
    """found, not matched, not in this source, not in the files, or not found."""
    id: str
    """H000123 of the record it was found as; empty when it was not."""
    because: str

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


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
    duplicates: int = 0
    """Of the records it finds, those that are another record of a report already there."""
    to_screen: int = 0
    """Of the reports it finds, those without a final decision on title and abstract."""
    unreadable: int = 0
    reported: tuple[str, ...] = ()
    """Where each record stands that could not be read, and what is wrong with it."""
    stray: int = 0
    """Stretches of text in a file outside of any record."""
    missing: tuple[str, ...] = ()
    """Listed by the source, and not delivered."""
    translation: str = ""
    warnings: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """Of a file that is a table: column → the field it fills, empty where it is kept as it is."""
    failure: str = ""
    exit_code: int = 0

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**plain, "no_longer_matching": self.no_longer}

    def report(self, records: Iterable[Unreadable | Reported]) -> None:
        """Count and name records that could not be read; with any of them nothing is whole."""
        self.reported += tuple(map(_place, records))
        self.unreadable = len(self.reported)
        if self.reported and not self.exit_code:
            self.exit_code = 3

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
    crowds: int = 0
    """Groups of records with the same page, wording or title that are too large to compare each with each."""
    not_compared: int = 0
    """Pairs within these groups that were passed over: each record was compared with its neighbours."""
    news: tuple[News, ...] = ()
    """Every record that appeared in a search or disappeared from it in this run, and why."""
    edits: tuple[Edit, ...] = ()
    """Strategies that were reworded since the run before."""
    lost_judged: tuple[str, ...] = ()
    """Records that their search no longer finds while reviewers are judging them; somebody may have included them."""
    lost_includes: tuple[str, ...] = ()
    """Records that somebody included and that their search no longer finds."""
    known: tuple[Known, ...] = ()
    """What became of the records known to be relevant, search by search."""
    not_counted: tuple[str, ...] = ()
    """Hits of lines that could not be counted, and why."""
    notices: tuple[str, ...] = ()
    """Reports of which something new is said: retracted, doubted, corrected, and where that stands."""
    retracted_includes: tuple[str, ...] = ()
    """Of these, the included ones that are retracted now, and were not before."""
    not_looked_up: tuple[str, ...] = ()
    """Who could not be asked about retractions and corrections, and why."""

    @property
    def new(self) -> int:
        """Records that were new in this run."""
        return sum(search.new for search in self.searches)

    @property
    def exit_code(self) -> int:
        """As in the table of the README: the gravest thing that happened."""
        codes = [search.exit_code for search in self.searches]
        if self.lost_includes or self.lost_judged or self.retracted_includes or 4 in codes:
            return 4
        if not any(codes):
            return 0
        kept = any(search.state != "failed" or search.fetched for search in self.searches)
        return 3 if kept else 1

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        # asdict would take a Counter for a sequence of pairs, and count them.
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            **plain,
            "exit_code": self.exit_code,
            "searches": [search.to_dict() for search in self.searches],
            "news": [asdict(news) for news in self.news],
            "edits": [asdict(edit) for edit in self.edits],
            "known": [known.to_dict() for known in self.known],
        }


def _place(record: Unreadable | Reported) -> str:
    where = record.key or f"record {record.position}"
    return f"{where}{'' if record.line is None else f' (line {record.line})'}: {record.problem}"

"""`harvest report yield`: what each source and each search brought, what only it brought, and what it cost.

The unit is the report, that is a document or a registration after duplicates were taken together: a record found
by two searches is one report that both found. Of a source (or a search):

================  ==========================================================================================
records           what it ever sent, duplicates within it and all
reports           the same, duplicates taken together
unique            reports that no other source (search) found
includes          reports found that the review includes: at the last stage that anybody has judged
unique includes   includes that no other found: what would be lost without it
precision         includes / reports; 0 to 1
NNR               number needed to read for one include: reports / includes
recall            includes / all includes of the review, as far as searches found them
================  ==========================================================================================

Unique records and unique includes as in CiteSource (github.com/ESHackathon/CiteSource); precision, number needed to
read and unique includes by database as in Bramer WM et al., Systematic Reviews 2017;6:245, doi
10.1186/s13643-017-0644-y. Both count against the *final* includes: as long as full texts are not judged, what stands
here is of titles and abstracts, and it says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from db.errors import WrongUse
from db.opinion import Stage
from db.store import Store
from harvest.project import Project
from harvest.reports.document import Block, Cell, Paragraph, Report, Section, Table
from harvest.reports.facts import Searched, searched
from harvest.screening import states

NAME = "yield"
Found: TypeAlias = Mapping[str, AbstractSet[int]]
"""Who found what: name of a source or search → reports."""

STAGES: tuple[Stage, ...] = ("title and abstract", "full text")
COLUMNS = (
    "level", "name", "line", "records", "reports", "unique", "includes (title and abstract)", "includes (full text)",
    "unique includes", "precision", "NNR", "recall",
)  # fmt: skip
_SHOWN = COLUMNS[3:]


@dataclass(frozen=True, slots=True)
class Yield:
    """What one of several brought."""

    name: str
    records: int
    reports: int
    unique: int
    by_stage: tuple[int, ...]
    """Includes it found, stage by stage as in `STAGES`."""
    includes: int
    """Of the stage that counts."""
    unique_includes: int
    recall: float | None
    """None while nothing is included."""

    @property
    def precision(self) -> float | None:
        """Includes per report; None when it found nothing."""
        return self.includes / self.reports if self.reports else None

    @property
    def needed_to_read(self) -> float | None:
        """Reports per include; None when none is included."""
        return self.reports / self.includes if self.includes else None

    def row(self, level: str) -> tuple[Cell, ...]:
        """As it stands under `COLUMNS`."""
        judged = self.by_stage
        return (
            level, self.name, None, self.records, self.reports, self.unique, *judged, self.unique_includes,
            self.precision, self.needed_to_read, self.recall,
        )  # fmt: skip


def yields(
    found: Found, records: Mapping[str, int], included: Sequence[AbstractSet[int]], stage: int
) -> tuple[Yield, ...]:
    """What each brought. `included` are the reports of each of `STAGES`; `stage` is the one that counts."""
    finders = Counter(report for reports in found.values() for report in reports)
    wanted = included[stage]
    reachable = len(wanted & finders.keys())
    made = []
    for name, reports in found.items():
        alone = {report for report in reports if finders[report] == 1}
        hits = len(reports & wanted)
        made.append(
            Yield(
                name, records.get(name, 0), len(reports), len(alone), tuple(len(reports & each) for each in included),
                hits, len(alone & wanted), hits / reachable if reachable else None,
            )
        )  # fmt: skip
    return tuple(made)


def without(
    found: Found, dropped: Iterable[str], wanted: AbstractSet[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """What would be lost without some of them: reports nobody else found, and the includes among these."""
    gone = set(dropped)
    kept = set().union(*(reports for name, reports in found.items() if name not in gone))
    lost = frozenset(set().union(*(found.get(name, frozenset()) for name in gone)) - kept)
    return lost, lost & frozenset(wanted)


# -- the report --------------------------------------------------------------------------------------


def build(store: Store, project: Project) -> Report:
    """What every source, search and line brought."""
    return of_searches(store, project, ())


def of_searches(store: Store, project: Project, dropped: Sequence[str]) -> Report:
    """The same, with what would be lost without the searches in `dropped`."""
    asked = searched(store, project)
    included = [_included(store, project, stage) for stage in STAGES]
    stage = 1 if included[1] else 0
    groups = {record: report for record, (report, _) in store.membership().items()}
    _must_be_known(dropped, asked)
    names = {(s.name, s.source): s.name for s in asked}
    labels = {(s.name, s.source): s.label for s in asked}
    by_search, by_source = (_found(store, groups, said) for said in (names, labels))
    sources = yields(by_source, _records(store, labels), included, stage)
    searches = yields(by_search, _records(store, names), included, stage)
    lines = [(s, line) for s in asked for line in s.lines]
    rows = [each.row("source") for each in sources] + [each.row("search") for each in searches]
    rows += [("line", s.name, line.number, line.hits, *(None,) * 8) for s, line in lines]
    return Report(
        NAME,
        f"What the searches brought: {project.title}",
        tuple(_blocks(sources, searches, asked, by_search, dropped, included[stage], STAGES[stage])),
        Table(COLUMNS, tuple(rows)),
    )


def _must_be_known(dropped: Sequence[str], asked: Sequence[Searched]) -> None:
    names = [s.name for s in asked]
    if unknown := [name for name in dropped if name not in names]:
        raise WrongUse(f"There is no search {', '.join(unknown)}; there are {', '.join(names)}.")


def _included(store: Store, project: Project, stage: Stage) -> frozenset[int]:
    standing = states(store, project, stage)
    return frozenset(report for report, state in standing.items() if state.outcome == "include")


def _records(store: Store, name_of: Mapping[tuple[str, str], str]) -> dict[str, int]:
    """Records that each ever sent, each once, however many searches found it."""
    return {name: len(records) for name, records in _found(store, {}, name_of).items()}


def _found(
    store: Store, groups: Mapping[int, int], name_of: Mapping[tuple[str, str], str]
) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {name: set() for name in name_of.values()}
    for record, search, _ in store.appearances():
        found[name_of[search]].add(groups.get(record, record))
    return found


def _blocks(
    sources: Sequence[Yield], searches: Sequence[Yield], asked: Sequence[Searched], found: Found,
    dropped: Sequence[str], wanted: AbstractSet[int], stage: str,
) -> Iterator[Block]:  # fmt: skip
    yield Paragraph(
        f"Counted in reports, after duplicates were taken together. Includes are those of the stage “{stage}” "
        f"({len(wanted)} in all), by agreement of the reviewers."
    )
    if not wanted:
        yield Paragraph(
            "Nothing is included yet: precision, recall and unique includes say nothing so far.", warns=True
        )
    yield Section("Sources", (_table("source", sources),))
    yield Section("Searches", (_table("search", searches),))
    counted = tuple((s.name, line.number, line.text, line.hits) for s in asked for line in s.lines)
    if counted:
        note = Paragraph(
            "Sources say how many records match a line, not which: only these numbers are known."
        )
        yield Section("Lines", (Table(("search", "line", "text", "hits"), counted), note))
    yield Section("What if a search had not been made", (_dropping(searches, found, wanted),))
    if dropped:
        lost, includes = without(found, dropped, wanted)
        names = ", ".join(dropped)
        told = f"{len(lost)} reports fewer to read, and {len(includes)} of {len(wanted)} includes lost."
        yield Paragraph(f"Without {names}: {told}")


def _table(level: str, made: Sequence[Yield]) -> Table:
    return Table((level, *_SHOWN), tuple((each.name, *each.row(level)[3:]) for each in made))


def _dropping(searches: Sequence[Yield], found: Found, wanted: AbstractSet[int]) -> Table:
    lost = {each.name: without(found, [each.name], wanted) for each in searches}
    rows = tuple((name, len(reports), len(includes)) for name, (reports, includes) in lost.items())
    return Table(("without", "reports fewer to read", "includes lost"), rows)

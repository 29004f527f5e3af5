"""What the rules are judged by: gathered once from the folder and the store, and pure from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from db.store import Store
from harvest.checking import examine
from harvest.exports_only import of_database
from harvest.files import whole
from harvest.living import PAGE
from harvest.notices_review import Paper, papers
from harvest.press import Finding as Doubt
from harvest.press import Severity
from harvest.project import Project, is_placeholder
from harvest.project.settings import ReviewFile
from harvest.reports.facts import Searched, searched
from harvest.reports.flow import flow
from harvest.reports.flow.identities import broken
from harvest.reports.prisma_s import Item
from harvest.reports.searches import sixteen
from harvest.schedule import following
from harvest.screening import plan, states
from screen.agree import ReportState
from screen.export import harvest_id
from screen.plan import FULL_TEXT, TITLE, Plan

_MOST = 50_000_000
_NOT_DONE = re.compile(r"(?:not (?:done|searched|applicable)|none|no|nothing|n/?a|-|–)\.?", re.IGNORECASE)


class Run(NamedTuple):
    """One start of the searches that came to its end."""

    number: int
    days: frozenset[str]
    """On which it began and ended, UTC: a run may take the night."""


@dataclass(frozen=True, slots=True)
class Cited:
    """What is known of an included report to cite it by."""

    title: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Where every report stands: votes, full texts, studies."""

    records: int
    study_of: Mapping[int, int]
    """Report → its study."""
    titles: Mapping[int, ReportState]
    full_texts: Mapping[int, ReportState]
    title_plan: Plan
    full_text_plan: Plan
    retrieved: Mapping[int, str]
    """Report → the newest word on its full text: sought, retrieved, not retrieved."""
    waiting: AbstractSet[int]
    """Studies that a person put aside: ongoing, awaiting classification."""
    doubtful: AbstractSet[int]
    """Reports of which nobody has said whether they are the same as another."""
    reread: AbstractSet[int] | None
    """Reports that the newest run of the searches brought; None before the second run."""

    @property
    def reports(self) -> AbstractSet[int]:
        """Every report of the harvest."""
        return self.study_of.keys()

    def at(self, stage: str, *outcomes: str) -> tuple[int, ...]:
        """Reports with one of these outcomes at a stage, in order."""
        judged = self.titles if stage == TITLE else self.full_texts
        return tuple(sorted(report for report, state in judged.items() if state.outcome in outcomes))

    @property
    def sought(self) -> tuple[int, ...]:
        """Reports whose full text is wanted."""
        return self.at(TITLE, "include")

    @property
    def included(self) -> tuple[int, ...]:
        """Reports that belong into the review."""
        return self.at(FULL_TEXT, "include")

    def set_aside(self, report: int) -> bool:
        """Whether its study is ongoing or awaits classification."""
        return self.study_of.get(report, report) in self.waiting

    def unread(self) -> list[int]:
        """Reports that nobody has settled at title and abstract and that are not set aside."""
        done = {*self.at(TITLE, "include", "exclude")}
        return [report for report in sorted(self.reports - done) if not self.set_aside(report)]

    def unjudged(self) -> list[int]:
        """Reports whose full text is wanted, was not said to be out of reach, and is not settled."""
        done = {*self.at(FULL_TEXT, "include", "exclude")}
        return [
            report
            for report in self.sought
            if report not in done
            and self.retrieved.get(report) != "not retrieved"
            and not self.set_aside(report)
        ]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may look at."""

    review: ReviewFile
    searches: Sequence[Searched]
    appendix: Sequence[Item]
    """The sixteen items of PRISMA-S."""
    selection: Selection
    cited: Mapping[int, Cited]
    """Of the included reports."""
    doubts: Mapping[str, Sequence[Doubt]]
    """Search → what the checks of search strings find, without what the reviewers have accepted."""
    papers: Sequence[Paper]
    """Reports of which somebody says that they were retracted, corrected …"""
    status_page: str
    runs: Sequence[Run]
    """Newest first."""
    today: date
    broken: Sequence[str]
    """What of the flow does not add up: nothing, unless the program is at fault."""
    due: date | None
    """When the searches should have been run again after the newest run; None where nobody says how often."""

    def item(self, number: int) -> Item:
        """One of the sixteen."""
        return self.appendix[number - 1]

    def among(self, *codes: str, grave: bool = False) -> list[str]:
        """Where checks of strategies with these codes (or families: `S1`) find something; no advice when `grave`."""
        return [
            f"{search}: {doubt.code} {doubt.check.title}"
            for search, doubts in self.doubts.items()
            for doubt in doubts
            if doubt.code.startswith(codes) and not (grave and doubt.severity is Severity.ADVICE)
        ]


def stated(text: str) -> bool:
    """Whether somebody wrote something, and it is not what the template left for them to replace."""
    return bool(text.strip()) and not is_placeholder(text.strip())


def done(text: str) -> bool:
    """Whether somebody wrote what was done: “not done” is a statement, but no search."""
    return stated(text) and not _NOT_DONE.fullmatch(text.strip())


def named(reports: Sequence[int], most: int = 20) -> tuple[str, ...]:
    """Reports by the names that people see; of many the first ones, and how many more."""
    shown = tuple(harvest_id(report) for report in reports[:most])
    return (*shown, f"and {len(reports) - most} more") if len(reports) > most else shown


def is_in(search: Searched, *words: str) -> bool:
    """Whether a search went through a database, by any of its names."""
    entry = of_database(search.label)
    said = " ".join((search.source, search.label, entry.name if entry else "")).casefold()
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) for word in words)


def gather(store: Store, project: Project) -> Facts:
    """Everything about a review that the rules look at; nobody is asked."""
    selection = _selection(store, project)
    searches = searched(store, project)
    runs = _runs(store)
    return Facts(
        review=project.review,
        searches=searches,
        appendix=sixteen(store, project),
        selection=selection,
        cited={report: Cited(record.title, record.year) for report, record in store.records(selection.included)},
        doubts={
            looked.search: [doubt for doubt in looked.findings if not doubt.accepted]
            for looked in examine(project.folder).searches
        },
        papers=papers(store, project),
        status_page=_page(project),
        runs=runs,
        today=date.fromisoformat(store.now()[:10]),
        broken=tuple(identity.says for identity in broken(flow(store, project))),
        due=following(project, date.fromisoformat(max(runs[0].days))) if runs else None,
    )  # fmt: skip


def _selection(store: Store, project: Project) -> Selection:
    groups = store.membership()
    retrieved = {groups[said.record][0]: said.state for said in store.retrievals() if said.record in groups}
    noted = {
        (groups[note.record][1], note.field): note.value
        for note in store.study_notes()
        if note.record in groups
    }
    doubtful = {groups[one][0] for link in store.questions() for one in (link.a, link.b) if one in groups}
    return Selection(
        records=len(groups),
        study_of=dict(groups.values()),
        titles=states(store, project, TITLE),
        full_texts=states(store, project, FULL_TEXT),
        title_plan=plan(store, project, TITLE),
        full_text_plan=plan(store, project, FULL_TEXT),
        retrieved=retrieved,
        waiting={study for (study, field), value in noted.items() if field == "state" and value},
        doubtful=doubtful if project.duplicates.ask else frozenset(),
        reread=_reread(store, {record: report for record, (report, _) in groups.items()}),
    )


def _runs(store: Store) -> list[Run]:
    every = store.runs(-1)
    return [
        Run(number, frozenset({begun[:10], ended[:10]}))
        for number, command, begun, ended, code in every
        if command.split(" ")[0] == "run" and ended and code in (0, 3, 4, 10)
    ]


def _reread(store: Store, report_of: Mapping[int, int]) -> AbstractSet[int] | None:
    """Reports that no run before the newest one had found."""
    first: dict[int, int] = {}
    for record, _, run in store.appearances():
        first.setdefault(report_of.get(record, record), run)
    runs = _runs(store)
    if len(runs) < 2:
        return None
    return {report for report, run in first.items() if run >= runs[0].number}


def _page(project: Project) -> str:
    path = project.folder / PAGE
    return whole(path, _MOST).decode("utf-8", "replace") if path.exists() else ""

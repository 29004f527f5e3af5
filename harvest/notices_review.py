"""What became of the papers of a review: looked up anew in every run, included studies first, and kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from db.errors import SearchError, WrongUse
from db.notice import Notice, NoticeKind
from db.opinion import Stage
from db.store import Store
from harvest import blind
from harvest.notices import CROSSREF, SCHEMES, WATCH, WORDS, Carriers, by_paper, fate, stated
from harvest.notices_watch import read_watch
from harvest.project import Project
from harvest.screening import states
from screen.agree import ReportState
from screen.export import harvest_id

ASKABLE = re.compile(r"10\.\d{4,9}/[!-+\--~]+")
"""A DOI that can stand in a filter of Crossref's, where commas part one value from the next."""
STAGES: tuple[Stage, ...] = ("full text", "title and abstract")
"""The later one first: what was decided on the full text counts."""


class AsksByDoi(Protocol):
    """Crossref, or whoever else knows by DOI what became of a paper."""

    def ask(self, dois: Sequence[str], carriers: Carriers) -> Iterator[tuple[Sequence[str], list[Notice]]]:
        """Batch by batch: the DOIs asked about, and what was said of the records that carry them.

        Raises `SearchError`; batches given out before that are good.
        """
        ...


@dataclass(frozen=True, slots=True)
class Paper:
    """One report with what is said of it."""

    report: int
    title: str
    kind: NoticeKind
    """What it comes to."""
    notices: tuple[Notice, ...]
    included_by: tuple[str, ...]
    """Who includes it, on the full text or else on title and abstract; nobody while a vote is missing."""
    excluded: bool
    """Whether the review has excluded it."""

    @property
    def worth_telling(self) -> bool:
        """Whether a person should hear of it at once: not of every erratum of every candidate."""
        return bool(self.included_by) or (self.kind != "correction" and not self.excluded)

    @property
    def sentence(self) -> str:
        """What became of it, and where that stands."""
        deciding = next((n for n in self.notices if n.kind == self.kind), self.notices[0])
        return f"{harvest_id(self.report)} {self.title}: {WORDS[self.kind]} ({said(deciding)})"


@dataclass(frozen=True, slots=True)
class Recheck:
    """What looking again brought."""

    added: int = 0
    """Notices that are new, changed, or no longer said."""
    news: tuple[Paper, ...] = ()
    """Papers of which something else is to be said than before."""
    retracted: tuple[Paper, ...] = ()
    """Of these, the included ones that are retracted now, and were not before."""
    trouble: tuple[str, ...] = field(default=())
    """Who could not be asked, one sentence each: a run does not fail for it."""


def recheck(store: Store, project: Project, run: int | None, crossref: AsksByDoi | None = None) -> Recheck:
    """Ask again what became of every paper of the review, and keep what is new.

    What the records say themselves is always looked at; Crossref and the Retraction Watch file as the project wants.
    """
    before = {paper.report: paper.kind for paper in papers(store, project)}
    carriers, trouble = _carriers(store), list[str]()
    found, read = list(stated(store.speaking_of_notices(), carriers)), set[int]()
    watched = _watched(project, carriers, found, trouble)
    if crossref:
        _ask(crossref, _most_urgent(store, project), carriers, found, read, trouble)
    added = store.add_notices(found, run, lambda old: _asked(old, read, watched=watched))
    now = papers(store, project)
    news = tuple(paper for paper in now if before.get(paper.report) != paper.kind)
    retracted = tuple(paper for paper in news if paper.kind == "retraction" and paper.included_by)
    return Recheck(len(added), news, retracted, tuple(trouble))


def _carriers(store: Store) -> Carriers:
    carriers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, scheme, value in store.identified(SCHEMES):
        carriers[scheme, value.lower()].append(number)
    return carriers


def _watched(project: Project, carriers: Carriers, found: list[Notice], trouble: list[str]) -> bool:
    """Look into the Retraction Watch file, if there is one; whether it could be read."""
    name = project.review.notices.retraction_watch
    if not name:
        return False
    try:
        found += read_watch(project.folder / name, carriers)
    except WrongUse as error:
        trouble.append(f"The Retraction Watch file was not looked at: {error}")
        return False
    return True


def _ask(
    crossref: AsksByDoi, urgent: Mapping[int, int], carriers: Carriers, found: list[Notice], read: set[int],
    trouble: list[str],
) -> None:  # fmt: skip
    """Ask Crossref about every DOI, the most urgent first; `read` are the records it was asked about."""
    named = {doi: numbers for (scheme, doi), numbers in carriers.items() if scheme == "doi"}
    ordered = sorted(named, key=lambda doi: min(urgent.get(number, 1) for number in named[doi]))
    dois = [doi for doi in ordered if ASKABLE.fullmatch(doi)]
    if odd := len(ordered) - len(dois):
        trouble.append(
            f"Crossref cannot be asked about {odd} DOI{'s' * (odd > 1)}, for a comma or a blank in them."
        )
    try:
        for batch, notices in crossref.ask(dois, carriers):
            found += notices
            read.update(number for doi in batch for number in named[doi])
    except SearchError as error:
        trouble.append(
            f"Retractions and corrections were not all looked up ({len(read)} records were): {error}"
        )


def _asked(old: Notice, read: set[int], *, watched: bool) -> bool:
    """Whether the source of a notice was asked again just now."""
    if old.said_by == WATCH:
        return watched
    return not old.said_by.startswith(CROSSREF) or old.record in read


# -- what it comes to ---------------------------------------------------------------------------------


def papers(store: Store, project: Project) -> list[Paper]:
    """Every report that something is said of, the gravest first."""
    groups = {record: report for record, (report, _) in store.membership().items()}
    judged = {stage: blind.told(store, project, stage) for stage in STAGES}
    told = by_paper(store.notices(), groups)
    titles = {number: record.title for number, record in store.records(told)}
    found = [
        Paper(
            report,
            titles.get(report, ""),
            kind,
            tuple(said),
            _keen(judged, report),
            _excluded(judged, report),
        )
        for report, said in told.items()
        if (kind := fate(said))
    ]
    gravity = list(WORDS)
    return sorted(found, key=lambda paper: (gravity.index(paper.kind), not paper.included_by, paper.report))


def alarms(store: Store, project: Project) -> Iterator[str]:
    """What somebody must look at: included papers that are retracted or doubted, and retracted ones still in play."""
    found = papers(store, project)
    for paper in found:
        if paper.included_by and paper.kind in ("retraction", "replacement", "concern"):
            yield f"{paper.sentence}, and {', '.join(paper.included_by)} included it."
    open_ones = [p for p in found if p.kind == "retraction" and not p.included_by and not p.excluded]
    if open_ones:
        number = f"{len(open_ones)} report{'s' * (len(open_ones) > 1)}"
        yield f"{number} to be judged {'are' if len(open_ones) > 1 else 'is'} retracted: `harvest report notices`."


def said(notice: Notice) -> str:
    """One notice for a person: who says it, and where it stands."""
    names = ", ".join(f"{i.scheme.upper()} {i.value}" for i in notice.identifiers)
    told = "; ".join(part for part in (notice.citation, names, notice.date) if part)
    return f"{notice.said_by}: {notice.word}{f', {told}' if told else ''}"


def _keen(judged: Mapping[Stage, Mapping[int, ReportState]], report: int) -> tuple[str, ...]:
    """Who includes a report, at the last stage it was judged at, as far as that may be known."""
    last = next((by[report] for by in judged.values() if report in by and by[report].verdicts), ReportState())
    return tuple(sorted(who for who, verdict in last.verdicts.items() if verdict == "include"))


def _excluded(judged: Mapping[Stage, Mapping[int, ReportState]], report: int) -> bool:
    return any(by[report].outcome == "exclude" for by in judged.values() if report in by)


def _most_urgent(store: Store, project: Project) -> dict[int, int]:
    """Record → 0 included, 2 excluded; all others 1."""
    judged = {stage: states(store, project, stage) for stage in STAGES}
    urgent = {}
    for number, (report, _) in store.membership().items():
        if any(report in by for by in judged.values()):
            urgent[number] = 0 if _keen(judged, report) else 2 if _excluded(judged, report) else 1
    return urgent

"""`harvest check`: everything wrong or doubtful, in the files and in the search strings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from db.errors import HarvestError, Problem, SearchError, StoreError, WrongUse
from db.store import Store
from harvest.catalogue import make
from harvest.exports_only import holds_only_trials
from harvest.guarded import Guarded
from harvest.imports import Origin, says_its_database, waiting
from harvest.press import CHECKS, Finding, Severity, Subject, Told, look
from harvest.press.answers import SAID, said_by_source
from harvest.press.dialect import OTHER, PUBMED, of_platform, of_source
from harvest.press.finding import found
from harvest.press.headings import heading_of, heading_terms
from harvest.project import Project, SearchPlan, look_through
from harvest.project.folder import known_sources
from harvest.project.searches import USED_FILTERS
from harvest.refresh import must_be_rankable
from harvest.source import Counting, Page, Search, Source
from harvest.strategy import Slip, read_strategy
from harvest.strategy.reading import file_lines
from harvest.transport import Transport

Asked = Callable[[str], Source]
"""From a name to the source that answers under it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One search string, looked at."""

    search: str
    file: str
    label: str
    """What is asked: PubMed."""
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    """Of the file, to show a place in."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A review folder, looked through."""

    problems: tuple[Problem, ...]
    """Everything but what the catalogue of checks finds in search strings."""
    searches: tuple[Looked, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all search strings."""
        return tuple(finding for search in self.searches for finding in search.findings)

    def count(self, severity: Severity) -> int:
        """How many are open: what the reviewers have accepted does not count."""
        wrong = [p for p in self.problems if p.warning == (severity is Severity.WARNING)]
        said = 0 if severity is Severity.ADVICE else len(wrong)
        return said + sum(not f.accepted and f.severity is severity for f in self.findings)


def examine(folder: Path, ask: Asked | None = None) -> Examined:
    """Every error, warning and advice about a review folder; writes nothing.

    `ask` makes the sources that shall be asked about their search strings; without it nobody is asked, and what
    sources said in the last run of the same string is used instead.
    """
    project, problems = look_through(folder)
    if project is None:
        return Examined(problems)
    problems = tuple(replace(p, warning=p.warning and not _stops_runs(p)) for p in problems)
    others = [problem for problem in problems if not isinstance(problem, Slip)]
    others += _doubts(project, wrong=any(not problem.warning for problem in problems))
    others += _unstated(project)
    looked = []
    for plan in project.plans:
        told = _Told(project, plan, ask)
        looked.append(_look(plan, told))
        others += told.problems
        others += _accepted_in_vain(plan, looked[-1])
    return Examined(tuple(others), tuple(each for each in looked if each.findings))


def _stops_runs(problem: Problem) -> bool:
    """True for the file of known records: what only reads can do without it, and no run begins."""
    return (problem.file, problem.place.partition(" ")[0]) == ("review.toml", "known.file")


def _unstated(project: Project) -> Iterator[Problem]:
    """Export files of which neither `review.toml` nor their name says the database."""
    said = {path for plan in project.plans for path in project.files_of(plan)}
    silent = [path for path in waiting(project.imports) if not Origin.of_name(path.name).database]
    for path in silent:
        if path not in said and not _stated_by_now(project, path):
            message = "says no database, and PRISMA-S item 1 asks for it: name it like 2026-11-22_cinahl_ebscohost.ris"
            yield Problem(path.relative_to(project.folder).as_posix(), "", message, warning=True)


def _stated_by_now(project: Project, path: Path) -> bool:
    """Whether the review knows the database of a file that was read, by its own words or somebody's."""
    try:
        with Store.open(project.database, create=False) as store:
            return says_its_database(store, path)
    except HarvestError:  # not read yet, or not to be read: nothing is known
        return False


def _doubts(project: Project, *, wrong: bool) -> Iterator[Problem]:
    """A model that nobody knows; asked when the files are right."""
    try:
        if not wrong:
            must_be_rankable(project)
    except WrongUse as error:
        yield Problem("review.toml", "ranking", str(error))


# -- one search string -------------------------------------------------------------------------------


def _look(plan: SearchPlan, told: _Told) -> Looked:
    if told.has_no_strategy:
        return Looked(plan.search.name, plan.file, "", (), ())
    strategy = read_strategy(plan.search.stored, plan.file)
    source = None if plan.by_hand else told.source
    dialect = (
        of_platform(plan.platform, plan.database, strategy) if plan.by_hand else of_source(plan.search.source)
    )
    only_trials = (
        holds_only_trials(plan.database, plan.platform) if plan.by_hand else bool(source and source.register)
    )
    label = plan.database if plan.by_hand else source.label if source else plan.search.source
    subject = Subject(strategy, dialect, plan.file, label, only_trials, plan.by_hand, told.about(dialect))
    subject = replace(subject, told=told.about_headings(subject))
    findings = [*look(subject), *_own_doubts(subject, plan.search, source)]
    accepted = tuple(_with_reason(finding, plan) for finding in findings)
    return Looked(plan.search.name, plan.file, label, accepted, tuple(file_lines(strategy)))


def _own_doubts(subject: Subject, search: Search, source: Guarded | None) -> Iterator[Finding]:
    """What the source doubts by itself; of one whose syntax the catalogue knows, only about its options."""
    if source is None:
        return
    options = {name: value for name, value in search.options.items() if name != USED_FILTERS}
    search = replace(search, options=options)
    if subject.dialect != OTHER:
        search = replace(search, query="x", options=dict.fromkeys(options, "x"))
    try:
        sentences = source.check(search)
    except HarvestError as error:
        sentences = [str(error)]
    for sentence in sentences:
        yield found(SAID, subject, said_by_source(sentence))


def _with_reason(finding: Finding, plan: SearchPlan) -> Finding:
    if finding.check.stops or finding.code not in plan.accept:
        return finding
    return replace(finding, accepted=plan.accept[finding.code])


def _accepted_in_vain(plan: SearchPlan, looked: Looked) -> Iterator[Problem]:
    """Codes that are accepted and unknown, cannot be accepted, or find nothing."""
    present = {finding.code for finding in looked.findings}
    place = f"search {plan.search.name}"
    for code in plan.accept:
        if code not in CHECKS:
            yield Problem(
                "review.toml", place, f"there is no check {code}: docs/strategy-checks.md lists them"
            )
        elif CHECKS[code].stops:
            yield Problem(
                "review.toml", place, f"{code} cannot be accepted: nothing can be sent before it is put right"
            )
        elif code not in present:
            sentence = f"{code} is accepted, and finds nothing here: delete it"
            yield Problem("review.toml", place, sentence, warning=True)


# -- what the source says ----------------------------------------------------------------------------


class _Told:
    """What the source of a search says about it: asked now, or kept from the last run."""

    def __init__(self, project: Project, plan: SearchPlan, ask: Asked | None) -> None:
        self._project, self._plan = project, plan
        self._asked: Counting | None = None
        self.problems: list[Problem] = []
        self.source: Guarded | None = None
        if not plan.by_hand:
            self._meet(ask)

    def _meet(self, ask: Asked | None) -> None:
        name = self._plan.search.source
        if name not in known_sources():
            return  # the project file says so already
        try:
            self.source = Guarded(ask(name) if ask else make(name, Transport(), {}))
        except HarvestError as error:
            self._note(str(error))
        else:
            self._asked = self.source.counting if ask else None

    @property
    def has_no_strategy(self) -> bool:
        """True when no file is named, or the one that is named cannot be had, which is said elsewhere."""
        plan = self._plan
        return not plan.search.stored and not (plan.file and (self._project.folder / plan.file).is_file())

    def about(self, dialect: str) -> Told:
        """About the whole string."""
        if self._plan.by_hand or dialect != PUBMED:
            return Told()
        if self._asked and (page := self._count(self._plan.search)):
            return Told(page.translation, page.warnings, when="asked just now")
        return self._last_run()

    def about_headings(self, subject: Subject) -> Told:
        """The same, and each heading asked for alone."""
        if not self._asked or subject.dialect != PUBMED:
            return subject.told
        headings: dict[str, Told] = {}
        for _, term in heading_terms(subject):
            heading = heading_of(term)
            if heading and heading not in headings:
                page = self._count(Search(self._plan.search.name, PUBMED, f'"{heading}"[mh]'))
                if page is None:
                    break
                headings[heading] = Told(page.translation, page.warnings)
        return replace(subject.told, headings=headings, when="asked just now")

    def _count(self, search: Search) -> Page | None:
        assert self._asked is not None
        try:
            return self._asked.count(search)
        except SearchError as error:
            self._note(f"{self._plan.search.source} could not be asked about this search: {error}")
            self._asked = None
            return None

    def _last_run(self) -> Told:
        """What was said to the very same string; nothing when it was never asked."""
        if not self._project.database.is_file():
            return Told()
        try:
            with Store.open(self._project.database, create=False) as store:
                fetch = store.last_complete(self._plan.search.name, self._plan.search.source)
                same = fetch and store.wording(fetch.search_id).digest == self._plan.search.digest
        except StoreError as error:
            self._note(f"what was said in the last run cannot be read: {error}")
            return Told()
        if not fetch or not same:
            return Told()
        return Told(fetch.translation, fetch.warnings, when=f"in the run of {fetch.started_at[:10]}")

    def _note(self, sentence: str) -> None:
        problem = Problem(
            self._plan.file or "review.toml", f"search {self._plan.search.name}", sentence, warning=True
        )
        if problem not in self.problems:
            self.problems.append(problem)

"""One run: ask every search, read every waiting file, deduplicate, rank, count, say what happened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from db.errors import SearchError, WrongUse
from db.facts import Search
from db.store import Store
from db.store.connection import utc_now
from harvest import __version__, imports
from harvest.files import legible
from harvest.guarded import Guarded
from harvest.imports import ExportFile, Origin
from harvest.lock import held
from harvest.losses import lost_includes, lost_judged
from harvest.notices_review import AsksByDoi, recheck
from harvest.outcome import Outcome, SearchOutcome
from harvest.progress import Progress
from harvest.project import Project
from harvest.proof import prove
from harvest.refresh import must_be_rankable, refresh, settled
from harvest.source import Source
from harvest.sweep import Listing, Sweep
from harvest.why import edits, news

MakeSource = Callable[[str], Source]
"""Name of a source → the source, ready to be asked."""


def run(
    project: Project, make_source: MakeSource, progress: Progress, only: Collection[str] = (),
    crossref: AsksByDoi | None = None, *, recount: bool = False,
) -> Outcome:  # fmt: skip
    """Do everything a review needs today. Started again it goes on where it stopped.

    `only` names the searches to ask; files waiting in `imports/` are read unless it is given. `crossref` is asked
    what became of the papers. `recount` asks for the hits of every line again, also where no string was edited.

    Raises:
        WrongUse: `only` names a search that the project does not have, or the project an unknown model.
        Locked: another run is at work.
        StoreError: the database cannot be used; what was stored stays.
    """
    chosen = _chosen(project, only)
    must_be_rankable(project)
    sources = {search.source: Guarded(make_source(search.source)) for search in chosen}
    with held(project.folder, utc_now()), Store.open(project.database) as store:
        number = store.begin_run(" ".join(["run", *(f"--only {name}" for name in only)]), __version__)
        outcome = Outcome(run=number)
        for search in chosen:
            store.search_id(search)  # all of them first, so that "added later" means later than this run
        for search in chosen:
            outcome.searches.append(Sweep(store, sources[search.source], search, number, progress).run())
        for path, said in () if only else waiting(project):
            outcome.searches.append(_from_file(store, project, path, said, number))
        _conclude(store, project, outcome, progress, crossref)
        counting = {name: source.counting for name, source in sources.items()}
        prove(store, project, chosen, counting, outcome, progress, recount=recount)
        store.end_run(number, outcome.exit_code)
        return outcome


def add(project: Project, files: Sequence[ExportFile], progress: Progress) -> Outcome:
    """Take export files into the review: copied to `imports/`, kept, deduplicated, ranked.

    They come opened, all of them: one that is not what it should be has stopped the others.
    """
    must_be_rankable(project)
    with held(project.folder, utc_now()), Store.open(project.database) as store:
        number = store.begin_run("add", __version__)
        outcome = Outcome(run=number)
        for file in files:
            if store.file_page(file.sha256) is None:
                imports.copy_in(file, project.imports, store.now()[:10])
            own = imports.named(file, imports.taken(project, store))
            outcome.searches.append(imports.keep_file(store, own, number))
        _conclude(store, project, outcome, progress)
        prove(store, project, (), {}, outcome, progress)
        store.end_run(number, outcome.exit_code)
        return outcome


def rehearse(
    project: Project, make_source: MakeSource, progress: Progress, only: Collection[str] = ()
) -> Outcome:
    """What a run would bring: asks for identifiers, compares, writes nothing."""
    outcome = Outcome(dry=True)
    with _as_it_lies(project) as store:
        for search in _chosen(project, only):
            outcome.searches.append(_compared(store, make_source, search, progress))
        for path, said in () if only else waiting(project):
            outcome.searches.append(_from_file(store, project, path, said, None))
    return outcome


def rehearse_adding(project: Project, files: Sequence[ExportFile]) -> Outcome:
    """What taking export files in would bring; writes nothing."""
    with _as_it_lies(project) as store:
        searches = imports.taken(project, store)
        told = [imports.preview(store, imports.named(file, searches)) for file in files]
        return Outcome(dry=True, searches=told)


def _as_it_lies(project: Project) -> AbstractContextManager[Store | None]:
    """The store without making one, wherever it lies: also in a folder that can only be read; None before a run."""
    return Store.open(project.database, create=False) if project.database.exists() else nullcontext()


def waiting(project: Project) -> list[tuple[Path, Origin]]:
    """Files in `imports/`, and those a search names elsewhere, with what the project says of their origin."""
    said = {path: Origin.of_plan(plan) for plan in project.plans for path in project.files_of(plan)}
    return [(path, said.get(path, Origin())) for path in sorted({*imports.waiting(project.imports), *said})]


def _chosen(project: Project, only: Collection[str]) -> list[Search]:
    asked = [plan.search for plan in project.plans if not plan.by_hand]
    unknown = set(only) - {search.name for search in asked}
    if unknown:
        known = ", ".join(search.name for search in asked) or "none that asks a source"
        raise WrongUse(
            f"--only {', '.join(sorted(unknown))}: the project has no such search; it has {known}."
        )
    return [search for search in asked if not only or search.name in only]


def _from_file(
    store: Store | None, project: Project, path: Path, said: Origin, run: int | None
) -> SearchOutcome:
    """What a file brings; without a run, what it would. One that is not what it should be stops none of the others."""
    try:
        if store and (before := imports.read_before(store, path, said, run)):
            return before
        file = imports.named(imports.open_file(path, said), imports.taken(project, store))
        return imports.keep_file(store, file, run) if store and run else imports.preview(store, file)
    except WrongUse as error:
        name = legible(path.name)
        return SearchOutcome(name, "file", name, state="failed", failure=str(error), exit_code=3)


def _compared(
    store: Store | None, make_source: MakeSource, search: Search, progress: Progress
) -> SearchOutcome:
    source = Guarded(make_source(search.source))
    outcome = SearchOutcome(search.name, search.source, search.query)
    listing = Listing()
    try:
        for page in source.list(search):
            listing.stamps.update((hit.key, hit.stamp) for hit in source.hits(page.body))
            outcome.translation = outcome.translation or page.translation
            outcome.warnings += page.warnings
            progress.step(search.name, "listing", len(listing.stamps), page.promised)
    except SearchError as error:
        outcome.state, outcome.failure, outcome.exit_code = "failed", str(error), error.exit_code
        return outcome
    known = store.keys(search.source) if store else {}
    present = store.found_by(search.name, search.source) if store else {}
    outcome.matched = len(listing.stamps)
    outcome.new = sum(key not in known for key in listing.stamps)
    outcome.disappeared["no longer matching"] = sum(key not in listing.stamps for key in present)
    return outcome


def _conclude(
    store: Store, project: Project, outcome: Outcome, progress: Progress, crossref: AsksByDoi | None = None
) -> None:
    """What follows from the records, whether or not every source answered."""
    progress.say("Looking for duplicates and ranking …")
    standing = refresh(store, project)
    outcome.records, outcome.reports, outcome.studies = standing.records, standing.reports, standing.studies
    outcome.duplicates = standing.records - standing.reports
    outcome.to_ask, outcome.to_screen = standing.to_ask, standing.to_screen
    outcome.crowds, outcome.not_compared = standing.crowds, standing.not_compared
    _count_by_search(store, project, outcome)
    outcome.news, outcome.edits = news(store, outcome.run), edits(store, outcome.run)
    outcome.lost_includes = lost_includes(store, project, outcome.run)
    outcome.lost_judged = lost_judged(store, project, outcome.run)
    progress.say("Looking up what became of the papers …")
    looked = recheck(store, project, outcome.run, crossref)
    outcome.notices = tuple(paper.sentence for paper in looked.news if paper.worth_telling)
    outcome.retracted_includes = tuple(paper.sentence for paper in looked.retracted)
    outcome.not_looked_up = looked.trouble


def _count_by_search(store: Store, project: Project, outcome: Outcome) -> None:
    """For each search, how many of its records are further records of a report, and what is left to read."""
    groups, done = store.membership(), settled(store, project)
    for search in outcome.searches:
        found = store.found_by(search.name, search.source).values()
        reports = {groups[record][0] for record in found}
        search.duplicates = sum(groups[record][0] != record for record in found)
        search.to_screen = len(reports - done)

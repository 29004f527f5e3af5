"""`harvest report methods`: the paragraphs on selection, made from configuration and log (PRISMA 2020 item 8).

Nothing is said that was not set or done: a process that is not defined is named as missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from db.opinion import Stage
from db.store import Store
from harvest import __version__
from harvest.project import Project
from harvest.reports.agreement import ballots, pairs
from harvest.reports.document import Block, Paragraph, Report, Section, Table
from harvest.reports.searches import sixteen
from harvest.screening import plan, states
from harvest.stopping import standing
from harvest.stopping_words import paragraph
from screen.plan import FULL_TEXT, TITLE

NAME = "methods"
_STAGES: tuple[Stage, ...] = (TITLE, FULL_TEXT)
_WHAT = {TITLE: "Titles and abstracts", FULL_TEXT: "Full texts"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DEDUPLICATION = 16
_ITEM_8 = "Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement, item 8. BMJ 2021;372:n71"


def build(store: Store, project: Project) -> Report:
    """The paragraphs of a review."""
    parts = {
        "Selection process": [" ".join(_stage(store, project, stage)) for stage in _STAGES]
        + list(_both(project)),
        "Agreement": list(_agreement(store, project)),
        "Duplicates": [said.text for said in sixteen(store, project)[_DEDUPLICATION - 1].says],
        "Ranking and stopping": [paragraph(standing(store, project))],
        "Software": [_software(store)],
    }
    missing = tuple(_missing(store, project))
    rows = [(heading, text) for heading, texts in parts.items() for text in texts]
    sections = (
        Section(heading, tuple(Paragraph(text) for text in texts))
        for heading, texts in parts.items()
        if texts
    )
    warnings: tuple[Block, ...] = tuple(Paragraph(sentence, warns=True) for sentence in missing)
    return Report(
        NAME,
        f"Methods of selection: {project.title}",
        (Paragraph("Ready to be pasted, and made from configuration and log[^1]."), *warnings, *sections),
        Table(("section", "text"), tuple(rows)),
        (_ITEM_8,),
        missing,
    )


# -- who read, and how conflicts ended ---------------------------------------------------------------


def _stage(store: Store, project: Project, stage: Stage) -> Iterator[str]:
    design = plan(store, project, stage)
    judged = states(store, project, stage).values()
    settled = sum(state.outcome != "open" for state in judged)
    begun = f"{settled:,} have as many votes as that" if judged else "this has not begun"
    if design.per_record == 1:
        yield f"{_WHAT[stage]} were for one reviewer each to read ({begun})."
    else:
        yield (
            f"{_WHAT[stage]} were each for {_number(design.per_record)} reviewers to read independently ({begun}): "
            "nobody could see how another had voted on a report before voting on it."
        )
    if design.doubled:
        yield f"Of the reports {design.doubled:.0%}, drawn by lot (seed {design.seed}), were read by one reviewer more."
    pilots = store.pilots(stage)
    if pilots:
        sizes = " and ".join(str(len(pilot.reports)) for pilot in pilots)
        yield f"Before, all reviewers read a random sample of {sizes} reports, to see how they understood the criteria."
    if opened := store.unblinded(stage):
        yield f"From {opened.at[:10]} on reviewers could see each other's votes ({opened.because})."
    yield from _conflicts(store, project, stage)
    if stage == FULL_TEXT and project.criteria.reasons(stage):
        reasons = "; ".join(reason.reason for reason in project.criteria.reasons(stage))
        yield f"Each exclusion has one reason, the first that fits in this order: {reasons}."


def _conflicts(store: Store, project: Project, stage: Stage) -> Iterator[str]:
    """How many there were, and how they ended; nothing where there could be none."""
    judged = states(store, project, stage).values()
    resolved = sum(state.resolution is not None for state in judged)
    left = sum(state.to_resolve for state in judged)
    if max((len(state.verdicts) for state in judged), default=0) < 2:
        return
    different = "different verdicts or reasons" if stage == FULL_TEXT else "different verdicts"
    who = "a third person" if project.screening.arbiter not in project.reviewers else "the arbiter"
    if resolved:
        yield f"Conflicts ({different}, or all unsure) were settled by {who}: {resolved} reports."
    if left:
        yield f"{left} conflicts are not settled yet."
    if not resolved and not left:
        yield "No conflict had to be settled by a third person."


def _both(project: Project) -> Iterator[str]:
    reviewers = len(project.reviewers)
    arbiter = " and one arbiter" if project.screening.arbiter else ""
    yield (
        f"{_number(reviewers).capitalize()} reviewer{'s' * (reviewers != 1)}{arbiter} took part. Votes were never "
        "changed: who changed their mind voted again, and every vote is kept with its moment."
    )


def _agreement(store: Store, project: Project) -> Iterator[str]:
    for stage in _STAGES:
        for pair in pairs(list(ballots(store, stage).values()), project.reviewers):
            yield pair.sentence(_WHAT[stage].lower())


def _software(store: Store) -> str:
    newest = next(iter(store.rankings(1)), None)
    libraries = newest.ranking.versions if newest else {}
    told = ", ".join(f"{name} {version}" for name, version in sorted(libraries.items()) if name != "harvest")
    with_libraries = f" (with {told})" if told else ""
    return (
        f"Searching, deduplication, screening and reporting were done with Harvest {__version__}{with_libraries}. "
        "No report was excluded by software."
    )


def _missing(store: Store, project: Project) -> Iterator[str]:
    most = max(plan(store, project, stage).per_record for stage in _STAGES)
    if most > 1 and not project.screening.arbiter:
        yield "How conflicts end is not defined: write arbiter below [screening] in review.toml."
    if len(project.reviewers) < most:
        yield f"{most} are to vote on each report, and {len(project.reviewers)} reviewers are named."
    if not project.criteria.exclude:
        yield "No reason for exclusion is listed: write them below [[criteria.exclude]]."


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)

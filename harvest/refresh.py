"""What follows from the records and the votes: groups, then the order. Done after everything that changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from db.opinion import Ranking
from db.record import Record
from db.store import Store
from dedupe.steps import deduplicate
from harvest import __version__
from harvest.known import Item, items
from harvest.project import Project, is_placeholder
from harvest.questions import open_questions
from harvest.screening import plan, states
from screen.steps import Choice, Question, must_exist, rank_reports


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of what there are now."""

    records: int
    reports: int
    studies: int
    to_ask: int
    """Pairs that wait for a person."""
    to_screen: int
    """Reports without a settled decision on title and abstract."""
    crowds: int = 0
    """Groups of records with a key in common that were too large to compare each with each, just now."""
    not_compared: int = 0
    """Pairs within them that were passed over for this key."""


def refresh(store: Store, project: Project, because: str = "run") -> Standing:
    """Find duplicates among what is new, group, rank, count. `because` says what for, in the log."""
    done = deduplicate(store)
    rerank(store, project, because)
    return replace(count(store, project), crowds=done.crowds, not_compared=done.skipped)


def rerank(store: Store, project: Project, because: str = "by hand", *, keep: bool = True) -> Ranking | None:
    """A new order of reading, from the question and all votes so far; None when there is nothing to rank.

    Raises `WrongUse` when a file with earlier decisions cannot be used, or the model does not exist.
    """
    return rank_reports(
        store,
        replace(question(project), earlier=tuple(_earlier(project))),
        choice(project),
        plan(store, project),
        __version__,
        because=because,
        keep=keep,
    )


def choice(project: Project) -> Choice:
    """Which model the project asks for, and how it is set."""
    return Choice(project.ranking.model, project.ranking.seed, project.ranking.parameters)


def must_be_rankable(project: Project) -> None:
    """Look at what the ranking will need: better before than after a run.

    Raises `WrongUse` when the project names a model, a parameter, or a file of earlier decisions or of known
    records, that is none.
    """
    list(_earlier(project))
    items(project)
    if choice(project) != Choice(seed=project.ranking.seed):
        must_exist(choice(project))  # scipy is not needed for the usual one


def _earlier(project: Project) -> Iterator[tuple[Record, bool]]:
    """Records of an earlier version of the review, with whether they were included.

    A file without any label is a list of what was included.
    """
    if not project.earlier:
        return
    from harvest.labelled import read_labelled  # noqa: PLC0415 - openpyxl is not needed without such files

    for path in project.earlier:
        labelled = read_labelled(path, all_included=True)
        for text, record in zip(labelled.documents, labelled.records, strict=True):
            if text.id in labelled.labels:
                yield record, bool(labelled.labels[text.id])


def count(store: Store, project: Project) -> Standing:
    """How many of what there are now."""
    groups = store.membership().values()
    reports = {report for report, _ in groups}
    return Standing(
        records=len(groups),
        reports=len(reports),
        studies=len({study for _, study in groups}),
        to_ask=len(open_questions(store)) if project.duplicates.ask else 0,
        to_screen=len(reports - settled(store, project)),
    )


def settled(store: Store, project: Project) -> set[int]:
    """Reports with a final decision on title and abstract."""
    return {
        report for report, state in states(store, project).items() if state.outcome in {"include", "exclude"}
    }


def question(project: Project) -> Question:
    """What the review asks, as the ranking reads it."""
    criteria = project.criteria
    fields = ("population", "intervention", "comparison", "outcomes", "design")
    said = {"title": (project.title,), "question": (project.question,)}
    said |= {name: getattr(criteria, name) for name in fields}
    texts = {name: " ".join(_written(parts)) for name, parts in said.items()}
    return Question(
        texts=texts,
        include=tuple(_written(criteria.include)),
        exclude=tuple(reason.reason for reason in criteria.exclude),
        known=tuple(_name(item) for item in items(project)),
    )


def _name(item: Item) -> tuple[str, str]:
    """By which the ranking finds a record that is known to be relevant."""
    return (item.names[0].scheme, item.names[0].value) if item.names else ("title", item.title)


def _written(texts: Iterable[str]) -> Iterator[str]:
    """What the reviewers wrote themselves: words that the template left say nothing of the review."""
    return (text for text in texts if not is_placeholder(text))

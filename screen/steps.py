"""Rank and queue what the store holds: the only module of this room that is handed a `Store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.merge import merged

from db.opinion import Decision, Ranking, Stage
from db.record import Record
from db.store import Store
from screen.agree import ReportState, state, training_labels

if TYPE_CHECKING:
    from screen.rank import Topic

TITLE: Stage = "title and abstract"


@dataclass(frozen=True, slots=True)
class Question:
    """What the review asks, before it meets the harvest: `screen.rank.Topic` without documents."""

    texts: Mapping[str, str]
    """title, question, population, intervention, comparison, outcomes, design."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    """Records known to be relevant: (scheme, value); scheme `title` for those without an identifier."""


def report(store: Store, records: Sequence[int]) -> Record:
    """One report as its records together tell it."""
    found = [record for number in records if (record := store.record(number)) is not None]
    return merged(found)


def reports(store: Store) -> dict[int, Record]:
    """Every report as its records together tell it."""
    groups = store.reports()
    of = {record: lead for lead, members in groups.items() for record in members}
    parts: dict[int, list[Record]] = {}
    whole: dict[int, Record] = {}
    for number, record in store.records():  # one pass; a group is merged as soon as it is complete
        lead = of[number]
        parts.setdefault(lead, []).append(record)
        if len(parts[lead]) == len(groups[lead]):
            whole[lead] = merged(parts.pop(lead))
    return whole


def states(store: Store, per_record: int, stage: Stage = TITLE) -> dict[int, ReportState]:
    """Where every report stands that has votes: votes hang on records and are read through the groups."""
    votes: dict[int, list[Decision]] = {}
    for decision in store.decisions(stage):
        votes.setdefault(store.report_of(decision.record), []).append(decision)
    return {lead: state(cast, per_record) for lead, cast in votes.items()}


def rank_reports(
    store: Store, question: Question, model: str, seed: int, per_record: int, version: str
) -> Ranking | None:
    """Rank every report anew and keep the ranking; None when there is nothing to rank.

    The same input gives the same ranking, which is then not kept twice.
    """
    from screen.rank import Settings, rank  # noqa: PLC0415 - scikit-learn is not needed to look or to vote
    from screen.text import document  # noqa: PLC0415

    documents = [document(lead, whole) for lead, whole in reports(store).items()]
    if not documents:
        return None
    settings = Settings(seed=seed) if model == "default" else Settings(model=model, seed=seed)
    labels = training_labels(states(store, per_record))
    ranking = rank(documents, labels, _topic(store, question), settings, {"harvest": version})
    store.add_ranking(ranking)
    return ranking


def _topic(store: Store, question: Question) -> Topic:
    from screen.rank import Topic  # noqa: PLC0415
    from screen.text import Document, document  # noqa: PLC0415

    known: dict[int, Document] = {}
    for number, (scheme, value) in enumerate(question.known, start=1):
        found = store.with_identifier(scheme, value) if scheme != "title" else []
        if found:
            lead = store.report_of(found[0])
            known[lead] = document(lead, report(store, store.records_of(lead)))
        elif scheme == "title":
            known[-number] = Document(-number, title=value)
    return Topic(
        **question.texts, include=question.include, exclude=question.exclude, known=tuple(known.values())
    )


def votes_for(store: Store, vote: Decision) -> list[Decision]:
    """A vote on a report as votes on its records: on the one named, and on each the reviewer judged before.

    So the newest votes of one person on one report never contradict each other for want of saying it twice.
    """
    before = {d.record for d in store.decisions(vote.stage, vote.reviewer)}
    members = [
        record for record in store.records_of(vote.record) if record in before or record == vote.record
    ]
    return [
        Decision(record, vote.stage, vote.reviewer, vote.verdict, vote.reason, vote.note, vote.at)
        for record in members
    ]

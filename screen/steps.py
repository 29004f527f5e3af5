"""Rank and queue what the store holds: the only module of this room that is handed a `Store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from db.opinion import Decision, Ranking, Stage
from db.record import Record
from db.store import Store
from dedupe.merge import merged
from screen.agree import ReportState, state, training_labels

if TYPE_CHECKING:
    from screen.rank import Topic

TITLE: Stage = "title and abstract"

USUAL = "default"
"""The name of whichever model is the usual one in this version; each ranking keeps its real name."""


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
    groups = store.membership()
    for decision in store.decisions(stage):
        lead, _ = groups.get(decision.record, (decision.record, 0))
        votes.setdefault(lead, []).append(decision)
    return {lead: state(cast, per_record) for lead, cast in votes.items()}


def rank_reports(
    store: Store,
    question: Question,
    model: str,
    seed: int,
    per_record: int,
    version: str,
    *,
    keep: bool = True,
) -> Ranking | None:
    """Rank every report anew, and keep the ranking unless told otherwise; None when there is nothing to rank.

    The same input gives the same ranking, which is then not kept twice.
    """
    from screen.document import document  # noqa: PLC0415
    from screen.rank import Settings, rank  # noqa: PLC0415 - scikit-learn is not needed to look or to vote

    documents = [document(lead, whole) for lead, whole in reports(store).items()]
    if not documents:
        return None
    settings = Settings(seed=seed) if model == USUAL else Settings(model=model, seed=seed)
    labels = training_labels(states(store, per_record))
    ranking = rank(documents, labels, _topic(store, question), settings, {"harvest": version})
    if keep:
        store.add_ranking(ranking)
    return ranking


def _topic(store: Store, question: Question) -> Topic:
    from screen.document import Document, document  # noqa: PLC0415
    from screen.rank import Topic  # noqa: PLC0415

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


def votes_for(store: Store, votes: Sequence[Decision]) -> list[Decision]:
    """Votes on reports as votes on their records: on the one named, and on each the reviewer judged before.

    So the newest votes of one person on one report never contradict each other for want of saying it twice.
    A record that these votes name themselves keeps its own: where they differ, it is for a second look.
    """
    named = {(vote.stage, vote.reviewer, vote.record) for vote in votes}
    judged = {
        (stage, reviewer, decision.record)
        for stage, reviewer in {(vote.stage, vote.reviewer) for vote in votes}
        for decision in store.decisions(stage, reviewer)
    }
    echoed = judged - named
    spread = []
    for vote in votes:
        others = (replace(vote, record=record) for record in store.records_of(vote.record))
        spread += [vote, *(o for o in others if (o.stage, o.reviewer, o.record) in echoed)]
    return spread

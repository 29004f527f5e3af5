"""Rank and queue what the store holds: the only module of this room that is handed a `Store`.

What is ranked is named by its revisions, which never change: today's are listed first and then read, and those
of a ranking in the log are read in the same way. So what was ranked once can be ranked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from db.errors import CheckFailed, WrongUse
from db.opinion import Decision, Ranking, Resolution
from db.record import Record
from db.store import Store
from dedupe.merge import merged
from screen.agree import ReportState, state, training_labels
from screen.plan import FULL_TEXT, Plan

if TYPE_CHECKING:
    from screen.document import Document
    from screen.rank import Ranker, Settings, Topic

USUAL = "default"
"""The name of whichever model is the usual one in this version; each ranking keeps its real name."""

SaidOfRecord = TypeVar("SaidOfRecord", Decision, Resolution)

Corpus: TypeAlias = Mapping[int, Sequence[int]]
"""Report → the revisions that speak for it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model ranks, and how it is set."""

    model: str = USUAL
    seed: int = 1
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Those that differ from the model's own values."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the review asks, before it meets the harvest: `screen.rank.Topic` without documents."""

    texts: Mapping[str, str]
    """By the names that `Topic` gives them: title, question, population, intervention, comparison, outcomes, design."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    """Records known to be relevant: (scheme, value); scheme `title` for those without an identifier."""
    earlier: tuple[tuple[Record, bool], ...] = ()
    """What an earlier version of the review included (True) and excluded (False)."""


def report(store: Store, records: Sequence[int]) -> Record:
    """One report as its records together tell it."""
    found = [record for number in records if (record := store.record(number)) is not None]
    return merged(found)


def reports(store: Store) -> dict[int, Record]:
    """Every report as its records together tell it today."""
    return dict(_reports(store, store.texts()))


def _reports(store: Store, corpus: Corpus) -> Iterator[tuple[int, Record]]:
    """Reports as they were when these revisions spoke for them, one by one.

    Raises:
        CheckFailed: a revision is not there any more.
    """
    of = {revision: lead for lead, revisions in corpus.items() for revision in revisions}
    parts: dict[int, list[Record]] = {}
    for revision, text in store.contents_of(of):
        lead = of.pop(revision)
        parts.setdefault(lead, []).append(Record.from_json(text))
        if len(parts[lead]) == len(corpus[lead]):  # a group is merged as soon as it is complete
            yield lead, merged(parts.pop(lead))
    if of:
        some = ", ".join(map(str, sorted(of)[:5]))
        raise CheckFailed(f"Revision {some} is gone from the database: restore a backup.")


def states(store: Store, plan: Plan) -> dict[int, ReportState]:
    """Where every report stands that has votes: votes hang on records and are read through the groups."""
    groups = store.membership()
    votes = _by_report(groups, store.decisions(plan.stage))
    resolved = _by_report(groups, store.resolutions(plan.stage))
    by_reason = plan.stage == FULL_TEXT
    return {
        lead: state(cast, plan.needed(lead), resolved.get(lead, ()), by_reason=by_reason)
        for lead, cast in votes.items()
    }


def _by_report(
    groups: Mapping[int, tuple[int, int]], said: Iterable[SaidOfRecord]
) -> dict[int, list[SaidOfRecord]]:
    found: dict[int, list[SaidOfRecord]] = {}
    for one in said:
        lead, _ = groups.get(one.record, (one.record, 0))
        found.setdefault(lead, []).append(one)
    return found


def plan_of(store: Store, plan: Plan) -> Plan:
    """The plan with the pilot rounds that were drawn, as the reports are today."""
    groups = store.membership()
    drawn = (record for pilot in store.pilots(plan.stage) for record in pilot.reports)
    return replace(plan, pilot=frozenset(groups[record][0] for record in drawn if record in groups))


# -- ranking -----------------------------------------------------------------------------------------


def rank_reports(
    store: Store,
    question: Question,
    choice: Choice,
    plan: Plan,
    version: str,
    *,
    because: str = "",
    keep: bool = True,
) -> Ranking | None:
    """Rank every report anew, and keep the ranking unless told otherwise; None when there is nothing to rank.

    The same input gives the same ranking, which is then not kept twice. `because` says what it is made for.
    """
    from screen.logged import topic_text  # noqa: PLC0415 - scipy is not needed to look or to vote

    corpus = store.texts()
    if not corpus:
        return None
    topic = _topic(store, question)
    labels = training_labels(states(store, plan))
    ranking = _ranker(store, corpus, topic, settings(choice), version).rank(labels)
    if keep:
        with store.writing():
            digest, asked = store.keep_corpus(corpus), store.keep_topic(topic_text(topic))
            ranking = replace(ranking, corpus=digest, topic=asked, because=because)
            store.add_ranking(ranking)
    return ranking


def settings(choice: Choice) -> Settings:
    """The choice with the real name of the model."""
    from screen.rank import Settings  # noqa: PLC0415 - as above

    usual = Settings(seed=choice.seed, parameters=choice.parameters)
    return usual if choice.model == USUAL else replace(usual, model=choice.model)


def must_exist(choice: Choice) -> None:
    """Raises `WrongUse` for a model or a parameter that does not exist; the sentence lists those there are."""
    from screen.rank import Ranker, Topic  # noqa: PLC0415 - as above

    Ranker((), Topic(), settings(choice))


def made_again(store: Store, ranking: Ranking, version: str) -> Ranker:
    """What a kept ranking was made with, from the log alone: ready to rank by its labels, or to be asked why.

    `version` is that of the caller, as in `rank_reports`.

    Raises:
        CheckFailed: something it was made of is not there any more, or this version cannot make it.
    """
    from screen.logged import topic_of  # noqa: PLC0415 - as above
    from screen.rank import Settings  # noqa: PLC0415

    corpus, topic = store.corpus(ranking.corpus), store.topic(ranking.topic)
    if corpus is None or topic is None:
        raise CheckFailed("It does not say which texts it was made of: a Harvest of before schema 4 made it.")
    chosen = Settings(ranking.model, ranking.seed, ranking.parameters)
    try:
        return _ranker(store, corpus, topic_of(topic), chosen, version)
    except WrongUse as error:
        raise CheckFailed(f"This version cannot make it: {error}") from error


def _ranker(store: Store, corpus: Corpus, topic: Topic, chosen: Settings, version: str) -> Ranker:
    from screen.document import document  # noqa: PLC0415 - as above
    from screen.rank import Ranker  # noqa: PLC0415

    documents = [document(lead, whole) for lead, whole in _reports(store, corpus)]
    return Ranker(documents, topic, chosen, {"harvest": version})


def _topic(store: Store, question: Question) -> Topic:
    """The question with the texts it names. Those outside the harvest are numbered below 0.

    What is listed as known is known, whatever an earlier version of the review decided on it; and so is what that
    version included under one name and excluded under another.
    """
    from screen.rank import Topic  # noqa: PLC0415 - as above

    known = {text.id: text for text in _known(store, question.known)}
    decided: dict[bool, dict[int, Document]] = {True: {}, False: {}}
    for number, (record, included) in enumerate(question.earlier, start=len(question.known) + 1):
        text = _met_before(store, -number, record)
        decided[included][text.id] = text
    known = decided[True] | known
    rejected = {number: text for number, text in decided[False].items() if number not in known}
    return Topic(
        **question.texts,
        include=question.include,
        exclude=question.exclude,
        known=tuple(known.values()),
        rejected=tuple(rejected.values()),
    )


def _known(store: Store, names: Sequence[tuple[str, str]]) -> Iterator[Document]:
    """Known records that are found, and titles as they stand."""
    from screen.document import Document  # noqa: PLC0415 - as above

    for number, (scheme, value) in enumerate(names, start=1):
        if scheme == "title":
            yield Document(-number, title=value)
        elif found := store.with_identifier(scheme, value):
            yield _of_harvest(store, found[0])


def _met_before(store: Store, number: int, record: Record) -> Document:
    """A record of an earlier version: the report of the harvest with its PMID or DOI, else by itself."""
    from screen.document import document  # noqa: PLC0415 - as above

    names = ((i.scheme, i.value) for i in record.identifiers if i.scheme in ("pmid", "doi"))
    found = (records for name in names if (records := store.with_identifier(*name)))
    return next((_of_harvest(store, records[0]) for records in found), document(number, record))


def _of_harvest(store: Store, record: int) -> Document:
    from screen.document import document  # noqa: PLC0415 - as above

    lead = store.report_of(record)
    return document(lead, report(store, store.records_of(lead)))


# -- votes -------------------------------------------------------------------------------------------


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

"""Deduplicate what the store holds: the only module of this room that is handed a `Store`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from db.opinion import RULES, Link
from db.store import Store
from dedupe.block import candidates
from dedupe.cluster import Conflict, group
from dedupe.compare import compare
from dedupe.normal import Form, form
from dedupe.rules import VERSION, judge

_DONE = "deduplicated"

WITHDRAWN = "no longer alike"
"""The rules take an opinion back because a record has changed: as if it had never been given."""


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What one deduplication did."""

    compared: int
    """Pairs that were looked at."""
    opinions: int
    """Opinions that are new, or not what they were."""
    moved: int
    """Records whose group changed."""


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What grouping anew did."""

    moved: int
    """Records whose group changed."""
    conflicts: tuple[Conflict, ...]
    """What people said and what could not be followed, because people also said the contrary."""


def deduplicate(store: Store) -> Deduplicated:
    """Compare what is new or changed with everything, keep the opinions, group anew.

    New versions of the rules look at everything again. What a person said stays in force. Only the keeping is
    a transaction, and it is one: reviewers can vote while thousands of records are being compared.
    """
    done = store.last_note(_DONE)
    newest = store.newest_revision()
    since = int(str(done.get("revision", 0))) if done.get("rules") == VERSION else 0
    dirty = set(store.changed_since(since))
    compared, news = _compare(store, dirty) if dirty else (0, [])
    with store.writing():
        opinions = store.add_links(news)
        moved = regroup(store).moved
        if dirty:
            store.note(_DONE, {"revision": newest, "rules": VERSION})
    return Deduplicated(compared, opinions, moved)


def regroup(store: Store) -> Regrouped:
    """Let the groups follow from the opinions in force."""
    with store.writing():
        opinions = [link for link in store.links() if link.by_person or link.rule != WITHDRAWN]
        groups = group(store.numbers(), opinions)
        moved = store.set_membership(
            {record: (report, groups.studies[report]) for record, report in groups.reports.items()}
        )
    return Regrouped(moved, groups.conflicts)


def _compare(store: Store, dirty: Collection[int]) -> tuple[int, list[Link]]:
    """How many pairs were looked at, and the opinions that are new or not what they were."""
    forms = {number: form(number, record) for number, record in store.records()}
    before = {(link.a, link.b): link for link in store.links(current=False) if link.by == RULES}
    again = {pair for pair in before if pair[0] in dirty or pair[1] in dirty}
    pairs = sorted(again.union(candidates(forms, dirty)))
    judged = {(link.a, link.b): link for link in _judged(forms, pairs)}
    news = [link for pair in pairs if (link := _news(pair, judged.get(pair), before.get(pair)))]
    return len(pairs), news


def _judged(forms: dict[int, Form], pairs: Iterable[tuple[int, int]]) -> Iterator[Link]:
    for evidence in compare(forms, pairs):
        link = judge(evidence)
        if link is not None:
            yield link


def _news(pair: tuple[int, int], now: Link | None, before: Link | None) -> Link | None:
    """The opinion to add, if it is not the one already held. A pair that is no longer alike is told so.

    The score counts, too: where several opinions contradict each other, it says which is followed first.
    """
    if now is None:
        if before is None or before.rule == WITHDRAWN:
            return None
        return Link(*pair, "different", rule=WITHDRAWN, version=VERSION)
    return None if before and replace(before, at="") == now else now

"""From opinions about pairs to groups: records to reports, reports to studies.

A person outranks every rule, the newest opinion of each kind counts, and one "different" stands between two whole
groups: whatever chain of likenesses leads from one of its records to the other, they are not joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from db.opinion import Link


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person's "same" that another "different" by a person forbids; it was not followed."""

    link: Link
    """What was asked for and refused."""
    veto: tuple[int, int]
    """The pair that a person called different, `a < b`."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Where every record belongs."""

    reports: Mapping[int, int]
    """Record id → report id, the smallest record id among its members."""
    studies: Mapping[int, int]
    """Report id → study id, the smallest report id among its members."""
    conflicts: tuple[Conflict, ...] = ()


def group(ids: Iterable[int], links: Iterable[Link]) -> Groups:
    """Join what the links say belongs together, as far as nothing forbids it.

    `links` come in order of time (those with `at` are put in order by it). Links about records that are not among
    `ids` are passed over. The result does not depend on the order of links about different pairs.
    """
    known = set(ids)
    opinions = [link for link in _newest(links) if link.a in known and link.b in known]
    return _grouped(sorted(known), opinions)


def _newest(links: Iterable[Link]) -> list[Link]:
    """One opinion per pair: the newest by a person, else the newest by the rules."""
    newest: dict[tuple[int, int], Link] = {}
    for link in sorted(links, key=lambda link: (link.at == "", link.at)):
        before = newest.get((link.a, link.b))
        if before is None or link.by_person or not before.by_person:
            newest[link.a, link.b] = link
    return sorted(newest.values(), key=_precedence)


def _precedence(link: Link) -> tuple[object, ...]:
    """People first, in order of time; then the rules, the surest first."""
    return (not link.by_person, link.at if link.by_person else "", -link.score, link.a, link.b)


def _grouped(records: list[int], opinions: list[Link]) -> Groups:
    reports = _Joining(records)
    for link in opinions:
        if link.relation in {"different", "same study"}:
            reports.forbid(link.a, link.b, link.by_person)
    conflicts = [
        found for link in opinions if link.relation == "same report" if (found := _join(reports, link))
    ]
    report_of = reports.roots()
    studies = _Joining(sorted(set(report_of.values())))
    for link in opinions:
        if link.relation == "different" and link.by_person:
            studies.forbid(report_of[link.a], report_of[link.b], by_person=True, why=(link.a, link.b))
    for link in opinions:
        if link.relation == "same study":
            moved = Link(a=report_of[link.a], b=report_of[link.b], relation=link.relation, by=link.by)
            if found := _join(studies, moved):
                conflicts.append(Conflict(link, found.veto))
    return Groups(report_of, studies.roots(), tuple(conflicts))


def _join(groups: _Joining, link: Link) -> Conflict | None:
    """Follow a link; a person's that cannot be followed is a conflict."""
    veto = groups.join(link.a, link.b, link.by_person)
    return Conflict(link, veto) if veto and link.by_person else None


class _Joining:
    """Disjoint sets that know which of them must stay apart, and because of which pair."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._parent = {item: item for item in ids}
        self._enemies: dict[int, dict[int, tuple[bool, tuple[int, int]]]] = {}

    def root(self, item: int) -> int:
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def roots(self) -> dict[int, int]:
        return {item: self.root(item) for item in self._parent}

    def forbid(self, a: int, b: int, by_person: bool, why: tuple[int, int] | None = None) -> None:
        """Keep the groups of two members apart; must be said before they are joined."""
        if a != b:
            self._oppose(self.root(a), self.root(b), (by_person, why or (a, b)))

    def _oppose(self, a: int, b: int, veto: tuple[bool, tuple[int, int]]) -> None:
        """A person's veto is not replaced by that of a rule."""
        for one, other in ((a, b), (b, a)):
            mine = self._enemies.setdefault(one, {})
            mine[other] = max(mine.get(other, veto), veto, key=lambda found: found[0])

    def join(self, a: int, b: int, by_person: bool) -> tuple[int, int] | None:
        """Unite two groups, or give the pair that forbids it. A rule's veto does not hold against a person."""
        one, two = sorted((self.root(a), self.root(b)))
        if one == two:
            return None
        person, pair = self._enemies.get(one, {}).get(two, (False, None))
        if pair and (person or not by_person):
            return pair
        self._parent[two] = one
        for enemy, veto in self._enemies.pop(two, {}).items():
            self._enemies[enemy].pop(two)
            if enemy != one:
                self._oppose(one, enemy, veto)
        return None

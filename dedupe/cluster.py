"""From opinions about pairs to groups: records to reports, reports to studies.

A person outranks every rule, the newest opinion of each kind counts, and one "different" stands between two whole
groups: whatever chain of likenesses leads from one of its records to the other, they are not joined. What people say
is followed before any rule is asked, so that nothing they say is refused for the sake of what only rules have joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from db.opinion import Link

JOINING = frozenset({"same report", "same study"})
"""Relations that make a group."""


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
    """One opinion per pair: the newest by a person who has not taken it back, else the newest by the rules.

    A person's `ask` takes back what that person said of the pair: as if it had never been said.
    """
    newest: dict[tuple[int, int], Link] = {}
    said: dict[tuple[int, int], dict[str, Link]] = {}
    for link in sorted(links, key=lambda link: (link.at == "", link.at)):
        if not link.by_person:
            newest[link.a, link.b] = link
            continue
        words = said.setdefault((link.a, link.b), {})
        words.pop(link.by, None)
        if link.relation != "ask":
            words[link.by] = link
    newest |= {pair: list(words.values())[-1] for pair, words in said.items() if words}
    return sorted(newest.values(), key=_precedence)


def _precedence(link: Link) -> tuple[object, ...]:
    """People first, in order of time; then the rules, the surest first."""
    return (not link.by_person, link.at if link.by_person else "", -link.score, link.a, link.b)


def _grouped(records: list[int], opinions: list[Link]) -> Groups:
    reports, studies = _Joining(records), _Joining(records)
    for link in opinions:
        if link.relation in {"different", "same study"}:
            reports.forbid(link.a, link.b, link.by_person)
        if link.relation == "different" and link.by_person:
            studies.forbid(link.a, link.b, link.by_person)
    vetoes = [(link, _join(reports, studies, link)) for link in _in_turn(opinions)]
    conflicts = tuple(Conflict(link, veto) for link, veto in vetoes if veto and link.by_person)
    report_of = reports.roots()
    return Groups(report_of, {report: studies.root(report) for report in report_of.values()}, conflicts)


def _in_turn(opinions: Iterable[Link]) -> list[Link]:
    """What joins, in the order in which it is followed: people in order of time, the rules on reports, on studies."""
    joining = [link for link in opinions if link.relation in JOINING]
    return sorted(joining, key=lambda link: not link.by_person and 1 + (link.relation == "same study"))


def _join(reports: _Joining, studies: _Joining, link: Link) -> tuple[int, int] | None:
    """Follow a link, or give the pair that forbids it. One report is one study: it must be possible as both."""
    levels = (studies,) if link.relation == "same study" else (reports, studies)
    for level in levels:
        if veto := level.veto(link.a, link.b, link.by_person):
            return veto
    for level in levels:
        level.join(link.a, link.b)
    return None


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

    def forbid(self, a: int, b: int, by_person: bool) -> None:
        """Keep the groups of two members apart; must be said before they are joined."""
        self._oppose(self.root(a), self.root(b), (by_person, (a, b)))

    def _oppose(self, a: int, b: int, veto: tuple[bool, tuple[int, int]]) -> None:
        """A person's veto is not replaced by that of a rule."""
        for one, other in ((a, b), (b, a)):
            mine = self._enemies.setdefault(one, {})
            mine[other] = max(mine.get(other, veto), veto, key=lambda found: found[0])

    def veto(self, a: int, b: int, by_person: bool) -> tuple[int, int] | None:
        """The pair that forbids uniting two groups. A rule's veto does not hold against a person."""
        person, pair = self._enemies.get(self.root(a), {}).get(self.root(b), (False, None))
        return pair if person or not by_person else None

    def join(self, a: int, b: int) -> None:
        """Unite two groups; what stood against one of them stands against both."""
        one, two = sorted((self.root(a), self.root(b)))
        if one == two:
            return
        self._parent[two] = one
        for enemy, veto in self._enemies.pop(two, {}).items():
            self._enemies[enemy].pop(two)
            if enemy != one:
                self._oppose(one, enemy, veto)

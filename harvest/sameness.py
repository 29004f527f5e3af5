"""What `harvest same` shows: groups, records side by side, what two documents are to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from db.errors import WrongUse
from db.opinion import Link, Verdict
from db.record import Record
from db.store import Store
from dedupe.normal import form
from dedupe.registrations import registered
from dedupe.steps import WITHDRAWN
from harvest.answers import known_record
from harvest.blind import told
from harvest.pairs import FIELDS, meaning, opinion, pairs, value
from harvest.project import Project
from screen.export import harvest_id

ALARMING = frozenset({"retraction", "concern"})
"""Kinds of notices that say: do not rely on this paper."""


def groups(store: Store, *, studies: bool = False) -> list[dict[str, Any]]:
    """Reports of more than one record, or studies of more than one report, in order of their numbers."""
    members: dict[int, set[int]] = defaultdict(set)
    for number, (report, study) in store.membership().items():
        members[study if studies else report].add(report if studies else number)
    shown = []
    for lead, group in sorted(members.items()):
        if len(group) > 1:
            sources = sorted({name for names in store.sources_of(sorted(group)).values() for name in names})
            names = [harvest_id(member) for member in sorted(group)]
            shown.append(
                {"id": harvest_id(lead), "members": names, "sources": sources, "title": _title(store, lead)}
            )
    return shown


def asking(store: Store, links: Iterable[Link]) -> list[dict[str, Any]]:
    """Open questions with both records, the evidence in words and as it was measured."""
    return [pair.to_dict() for pair in pairs(store, links)]


# -- what two documents are to each other ------------------------------------------------------------


def related(store: Store, project: Project, kind: str = "") -> list[dict[str, Any]]:
    """Pairs that belong together and are not one document, by kind; of one kind only, when named.

    Each names who included one of the two, once nobody is left to vote on it; a retracted paper that the review has not
    excluded is an `alarm`.
    """
    links = [
        link
        for link in store.links()
        if link.rule != WITHDRAWN and _relates(link) and kind in ("", link.kind)
    ]
    reports = store.membership({number for link in links for number in (link.a, link.b)})
    apart = [link for link in links if reports[link.a][0] != reports[link.b][0]]
    votes = {lead: state.verdicts for lead, state in told(store, project).items()}
    ordered = sorted(apart, key=lambda link: (link.kind, link.a, link.b))
    return [_relation(pair.link, pair.left, pair.right, votes, reports) for pair in pairs(store, ordered)]


def _relates(link: Link) -> bool:
    return link.kind != "" or link.relation == "same study"


def _relation(
    link: Link,
    left: Record,
    right: Record,
    votes: Mapping[int, Mapping[str, Verdict]],
    reports: dict[int, tuple[int, int]],
) -> dict[str, Any]:
    said = {number: votes.get(reports[number][0], {}) for number in (link.a, link.b)}
    included = sorted(
        {who for each in said.values() for who, verdict in each.items() if verdict == "include"}
    )
    return {
        "a": harvest_id(link.a), "b": harvest_id(link.b), "kind": link.kind, "relation": link.relation,
        "by": link.by, "rule": link.rule, "meaning": "" if link.by_person else meaning(link.rule),
        "version": link.version, "score": round(link.score, 3), "title_a": left.title, "title_b": right.title,
        "included_by": included, "alarm": _alarm(link, left, right, said),
    }  # fmt: skip


def _alarm(link: Link, left: Record, right: Record, said: Mapping[int, Mapping[str, Verdict]]) -> str:
    """One sentence about a paper that is retracted or doubted and that the review may still include."""
    if link.kind not in ALARMING:
        return ""
    papers = [
        number for number, record in ((link.a, left), (link.b, right)) if not form(number, record).notice
    ]
    for paper in papers:
        verdicts = said[paper]
        keen = sorted(who for who, verdict in verdicts.items() if verdict == "include")
        what = "is retracted" if link.kind == "retraction" else "is doubted by its editors"
        if keen:
            return f"{harvest_id(paper)} {what}, and {', '.join(keen)} included it."
        if not verdicts or set(verdicts.values()) != {"exclude"}:
            return f"{harvest_id(paper)} {what}, and nobody has excluded it yet."
    return ""


# -- two records -------------------------------------------------------------------------------------


def side_by_side(store: Store, a: str, b: str) -> dict[str, Any]:
    """Two records field by field, with every opinion ever given about them. Raises `WrongUse` for unknown ones."""
    numbers = known_record(store, a), known_record(store, b)
    records = dict(store.records(set(numbers)))
    left, right = (records[number] for number in numbers)
    return {
        "fields": {name: (value(left, name), value(right, name)) for name in FIELDS},
        "opinions": [opinion(link) for link in store.links_of(*numbers)],
    }


def trial(store: Store, name: str) -> dict[str, Any]:
    """The trial of the study that a record belongs to: as its registrations describe it, and who says what.

    Raises `WrongUse` for an unknown record, and for a study of which no registration has come.
    """
    number = known_record(store, name)
    members = store.study_of(number)
    records = dict(store.records(members))
    found = registered(records.values())
    if found is None:
        raise WrongUse(
            f"{name}: nothing has come from a register about its study (`harvest same list --studies`)."
        )
    return {
        "study": harvest_id(min(members)),
        "records": [harvest_id(member) for member in members],
        "numbers": found.numbers,
        "elsewhere": found.elsewhere,
        "title": found.title,
        "disputed": found.disputed,
        "said": {
            field: [{"source": each.source, "key": each.key, "words": each.text} for each in said]
            for field, said in found.said.items()
        },
    }


def _title(store: Store, number: int) -> str:
    record = store.record(number)
    return record.title if record else ""

"""What `harvest same` shows and records: groups, open questions, a person's word."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

from db.errors import CheckFailed, WrongUse
from db.opinion import RULES, Link, RelationOfRecords
from db.record import Record
from db.store import Store
from dedupe.steps import regroup
from harvest.rehearsal import taken_back
from screen.export import harvest_id, report_of


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


def open_questions(store: Store) -> list[Link]:
    """Pairs that wait for a person, most likely first: those whose groups the rules left apart."""
    groups_now = store.membership()
    waiting = [
        link
        for link in store.links()
        if link.relation == "ask" and groups_now[link.a][0] != groups_now[link.b][0]
    ]
    return sorted(waiting, key=lambda link: (-link.score, link.a, link.b))


def asking(store: Store) -> list[dict[str, Any]]:
    """Open questions with their titles and evidence."""
    return [
        {
            "a": harvest_id(link.a), "b": harvest_id(link.b), "score": round(link.score, 3), "rule": link.rule,
            "title_a": _title(store, link.a), "title_b": _title(store, link.b), "evidence": dict(link.evidence),
        }
        for link in open_questions(store)
    ]  # fmt: skip


def side_by_side(store: Store, a: str, b: str) -> dict[str, Any]:
    """Two records field by field, with every opinion ever given about them."""
    left, right = _known(store, a), _known(store, b)
    fields = {name: (_field(left[1], name), _field(right[1], name)) for name in _SHOWN}
    opinions = [
        {
            "at": link.at, "by": link.by, "relation": link.relation, "rule": link.rule,
            "version": link.version, "score": round(link.score, 3), "evidence": dict(link.evidence),
        }
        for link in store.links_of(left[0], right[0])
    ]  # fmt: skip
    return {"fields": fields, "opinions": opinions}


def say(store: Store, a: str, b: str, relation: str, by: str, because: str, *, dry_run: bool) -> str:
    """Record a person's opinion about two records and regroup; what it changed, as a sentence.

    Raises `WrongUse` for unknown records or a reserved name, `CheckFailed` when another person's word
    stands against it (nothing is recorded then).
    """
    if relation not in get_args(RelationOfRecords) or not by.strip() or by.strip() == RULES:
        raise WrongUse(f"'{by}' cannot sign an opinion: give the name of the person who says so.")
    low, high = sorted((_known(store, a)[0], _known(store, b)[0]))
    if low == high:
        raise WrongUse(f"{a} and {b} are one record: name two.")
    word: RelationOfRecords = next(known for known in get_args(RelationOfRecords) if known == relation)
    link = Link(low, high, word, by=by.strip(), rule=because, score=1.0)
    with taken_back(store) if dry_run else store.writing():
        told = _said(store, link)
    return f"Would say: {told}" if dry_run else told


def _said(store: Store, link: Link) -> str:
    store.add_links([link])
    conflicts = regroup(store).conflicts
    for conflict in conflicts:
        if (conflict.link.a, conflict.link.b) == (link.a, link.b):
            raise CheckFailed(_refusal(store, link, conflict.veto))
    undone = [conflict.link for conflict in conflicts if conflict.veto == (link.a, link.b)]
    parts = [f"{_pair(link.a, link.b)}: {link.relation}.", _standing(store, link.a, link.b)]
    parts += [
        f"This goes before what {other.by} said of {_pair(other.a, other.b)} ({other.relation})."
        for other in undone
    ]
    return " ".join(parts)


def _refusal(store: Store, link: Link, veto: tuple[int, int]) -> str:
    who = next(said.by for said in reversed(store.links_of(*veto)) if said.by_person)
    return (
        f"{_pair(link.a, link.b)} cannot be {link.relation}, for {who} said that {_pair(*veto)} are different: "
        f"settle that pair first (`harvest same show {harvest_id(veto[0])} {harvest_id(veto[1])}`)."
    )


def _pair(a: int, b: int) -> str:
    return f"{harvest_id(a)} and {harvest_id(b)}"


def _standing(store: Store, a: int, b: int) -> str:
    sizes = {
        report: len(store.records_of(report)) for report in sorted({store.report_of(a), store.report_of(b)})
    }
    parts = [f"{harvest_id(r)} has {size} record{'' if size == 1 else 's'}" for r, size in sizes.items()]
    return f"Report {', report '.join(parts)}."


_SHOWN = (
    "source", "key", "kind", "title", "authors", "year", "journal", "volume", "issue", "pages",
    "identifiers", "publication_types", "abstract",
)  # fmt: skip


def _field(record: Record, name: str) -> str:
    if name == "authors":
        return "; ".join(author.name for author in record.authors)
    if name == "identifiers":
        return "; ".join(f"{i.scheme} {i.value}" for i in record.identifiers)
    if name == "abstract":
        return record.abstract_text[:300]
    value = getattr(record, name)
    return "; ".join(value) if isinstance(value, tuple) else str("" if value is None else value)


def _title(store: Store, number: int) -> str:
    record = store.record(number)
    return record.title if record else ""


def _known(store: Store, name: str) -> tuple[int, Record]:
    number = report_of(name)
    record = store.record(number) if number is not None else None
    if number is None or record is None:
        raise WrongUse(
            f"There is no record {name}: records are called H000123; `harvest find` looks them up."
        )
    return number, record

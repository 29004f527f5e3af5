"""A person's word about two records: said, refused where it contradicts another's, taken back. Nothing is deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast, get_args

from db.errors import CheckFailed, WrongUse
from db.opinion import RULES, Kind, Link, RelationOfRecords
from db.store import Store
from dedupe.cluster import Conflict
from dedupe.steps import regroup
from harvest.rehearsal import taken_back
from screen.export import harvest_id, report_of

STUDY: tuple[Kind, ...] = (
    "registration", "protocol", "conference abstract", "preprint", "translation", "trial", "update",
)  # fmt: skip
APART: tuple[Kind, ...] = ("part", "edition", "erratum", "retraction", "concern", "comment", "reply")
KINDS: Mapping[str, tuple[Kind, ...]] = {"same study": STUDY, "different": APART}
"""What two records can be to each other when a person says how they belong together."""


def word(store: Store, a: str, b: str, relation: str, by: str, because: str = "", kind: str = "") -> Link:
    """A person's opinion, checked, not yet recorded.

    Raises `WrongUse` for an unknown record, relation or kind, a kind that does not go with the relation, and a
    name that is reserved or empty.
    """
    if relation not in get_args(RelationOfRecords):
        known = ", ".join(f"'{name}'" for name in get_args(RelationOfRecords))
        raise WrongUse(f"'{relation}' is no answer: {known} are.")
    if not by.strip() or by.strip() == RULES:
        raise WrongUse(f"'{by}' cannot sign an opinion: give the name of the person who says so.")
    if kind and kind not in KINDS.get(relation, ()):
        known = ", ".join(KINDS.get(relation, ())) or "none"
        raise WrongUse(f"'{kind}' is no kind that goes with '{relation}' ({known}).")
    low, high = sorted((known_record(store, a), known_record(store, b)))
    if low == high:
        raise WrongUse(f"{a} and {b} are one record: name two.")
    said = cast(RelationOfRecords, relation)
    return Link(low, high, said, by=by.strip(), rule=because, score=1.0, kind=kind)


def known_record(store: Store, name: str) -> int:
    """The number of a record called H000123. Raises `WrongUse` when there is none."""
    number = report_of(name)
    if number is None or not store.existing([number]):
        raise WrongUse(
            f"There is no record {name}: records are called H000123; `harvest find` looks them up."
        )
    return number


def say(store: Store, link: Link, *, dry_run: bool = False) -> str:
    """Record a person's opinion and regroup; what it changed, as a sentence.

    A "different" goes before what others joined, and says so. Raises `CheckFailed` when another person's
    "different" stands against it (nothing is recorded then).
    """
    with taken_back(store) if dry_run else store.writing():
        told = _said(store, link)
    return f"Would say: {told}" if dry_run else told


def answer(store: Store, links: Sequence[Link], *, dry_run: bool = False) -> int:
    """Record answers to open questions, all or none, and regroup; how many records moved.

    Raises `CheckFailed` when one of them contradicts what another person says, of this pair or through others.
    """
    mine = {(link.a, link.b): link for link in links}
    with taken_back(store) if dry_run else store.writing():
        against = [found for link in links if (found := _against(store, link))]
        store.add_links(links)
        done = regroup(store, {number for link in links for number in (link.a, link.b)})
        against += [_refusal(store, c.link, c.veto) for c in done.conflicts if (c.link.a, c.link.b) in mine]
        against += [
            _refusal(store, mine[c.veto], (c.link.a, c.link.b)) for c in done.conflicts if _parts(c, mine)
        ]
        if against:
            raise CheckFailed("\n".join(dict.fromkeys(against)))
    return done.moved


def _parts(conflict: Conflict, mine: Mapping[tuple[int, int], Link]) -> bool:
    """Whether one of mine takes apart what somebody else has joined."""
    veto = mine.get(conflict.veto)
    return veto is not None and (conflict.link.a, conflict.link.b) not in mine and conflict.link.by != veto.by


def take_back(store: Store, a: int, b: int, by: str, *, dry_run: bool = False) -> str:
    """Take back what a person said of a pair: as if it had never been said. What it changed, as a sentence.

    Their word stays on record, with an `ask` behind it. Raises `WrongUse` when nothing of theirs is in force.
    """
    low, high = sorted((a, b))
    if by not in words_of(store, low, high):
        raise WrongUse(f"{by} says nothing about {_pair(low, high)}: there is nothing to take back.")
    with taken_back(store) if dry_run else store.writing():
        store.add_links([Link(low, high, "ask", by=by)])
        regroup(store, (low, high))
        standing = _standing(store, low, high)
    return f"{'Would take' if dry_run else 'Took'} back what {by} said of {_pair(low, high)}. {standing}"


def words_of(store: Store, a: int, b: int) -> dict[str, Link]:
    """What each person says of a pair today, the newest word last."""
    said: dict[str, Link] = {}
    for link in store.links_of(a, b):
        if link.by_person:
            said.pop(link.by, None)
            if link.relation != "ask":
                said[link.by] = link
    return said


# -- answers in a file -------------------------------------------------------------------------------

_KEYS = {"a", "b", "answer", "by", "because", "kind"}


def read_answers(store: Store, given: bytes, by: str = "") -> list[Link]:
    """Answers as a script gives them: a JSON list of `{a, b, answer, by, because, kind}`.

    `by` signs those without a name; an answer that is empty or null leaves its question open. Raises `WrongUse`
    with everything that is wrong, each with its place.
    """
    entries = _parsed(given)
    if not isinstance(entries, list):
        raise WrongUse("The answers are no list: [{a, b, answer, by}, …] is needed.")
    found, wrong = list[Link](), list[str]()
    for place, entry in enumerate(entries, start=1):
        try:
            found += _read(store, entry, by)
        except WrongUse as error:
            wrong.append(f"answer {place}: {error}")
    wrong += _twice(found)
    if wrong:
        raise WrongUse("\n  ".join(["Nothing was recorded; this must be put right first:", *wrong]))
    return found


def _parsed(given: bytes) -> Any:
    try:
        return json.loads(given.decode("utf-8-sig"))
    except (
        ValueError,
        RecursionError,
    ) as error:  # also what is no text, and brackets in brackets without end
        raise WrongUse(
            f"The answers are no JSON ({error}): a list of {{a, b, answer, by}} is needed."
        ) from error


def _read(store: Store, entry: Any, by: str) -> Iterator[Link]:
    if not isinstance(entry, dict) or not all(
        value is None or isinstance(value, str) for value in entry.values()
    ):
        raise WrongUse(
            f"{json.dumps(entry)[:60]} is no answer: texts named {', '.join(sorted(_KEYS))} are needed."
        )
    strange = sorted(entry.keys() - _KEYS)
    if strange:
        raise WrongUse(f"'{strange[0]}' is no part of an answer: {', '.join(sorted(_KEYS))} are.")
    said = {key: entry.get(key) or "" for key in _KEYS}
    if said["answer"]:
        signed = said["by"] or by
        yield word(store, said["a"], said["b"], said["answer"], signed, said["because"], said["kind"])


def _twice(links: Sequence[Link]) -> Iterator[str]:
    seen = set[tuple[int, int, str]]()
    for link in links:
        name = (link.a, link.b, link.by)
        if name in seen:
            yield f"{link.by} answers twice about {_pair(link.a, link.b)}"
        seen.add(name)


# -- in sentences ------------------------------------------------------------------------------------


def _said(store: Store, link: Link) -> str:
    store.add_links([link])
    conflicts = regroup(store, (link.a, link.b)).conflicts
    for conflict in conflicts:
        if (conflict.link.a, conflict.link.b) == (link.a, link.b):
            raise CheckFailed(_refusal(store, link, conflict.veto))
    undone = [conflict.link for conflict in conflicts if conflict.veto == (link.a, link.b)]
    kind = f" ({link.kind})" if link.kind else ""
    parts = [f"{_pair(link.a, link.b)}: {link.relation}{kind}.", _standing(store, link.a, link.b)]
    parts += [
        f"This goes before what {other.by} said of {_pair(other.a, other.b)} ({other.relation})."
        for other in undone
    ]
    return " ".join(parts)


def _against(store: Store, link: Link) -> str:
    """Another person's word about the very same pair."""
    others = [said for who, said in words_of(store, link.a, link.b).items() if who != link.by]
    if link.relation == "ask" or not others or others[-1].relation == link.relation:
        return ""
    return _refusal(store, link, (link.a, link.b))


def _refusal(store: Store, link: Link, other: tuple[int, int]) -> str:
    """Why a word is not recorded: what somebody else says of a pair stands against it."""
    who, said = next(
        (who, said)
        for who, said in reversed(words_of(store, *other).items())
        if who != link.by or other != (link.a, link.b)
    )
    return (
        f"{_pair(link.a, link.b)} cannot be {link.relation}, for {who} said that {_pair(*other)} are {said.relation}: "
        f"settle that pair first (`harvest same show {harvest_id(other[0])} {harvest_id(other[1])}`)."
    )


def _pair(a: int, b: int) -> str:
    return f"{harvest_id(a)} and {harvest_id(b)}"


def _standing(store: Store, a: int, b: int) -> str:
    sizes = {
        report: len(store.records_of(report)) for report in sorted({store.report_of(a), store.report_of(b)})
    }
    parts = [f"{harvest_id(r)} has {size} record{'' if size == 1 else 's'}" for r, size in sizes.items()]
    return f"Report {', report '.join(parts)}."

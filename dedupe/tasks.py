"""What processes are asked to do: read some records into comparing forms, weigh some pairs of forms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from db.opinion import Link, Ruling
from db.record import Record
from dedupe import keys
from dedupe.block import Numbers, parted
from dedupe.compare import compare
from dedupe.normal import form
from dedupe.rules import judge
from dedupe.spool import forms, packed

_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
"""`json.dumps` makes such an encoder for every call, which takes longer than encoding."""


class Formed(NamedTuple):
    """Records, ready to be compared."""

    records: list[int]
    forms: list[bytes]
    """See `dedupe.spool.packed`."""
    keys: list[bytes]
    """See `dedupe.keys.digests`."""
    places: list[str]
    """See `dedupe.keys.place`."""


def formed(contents: Sequence[tuple[int, str]]) -> Formed:
    """Comparing forms of records, each given with its number and as JSON."""
    made = [form(number, Record.from_json(text)) for number, text in contents]
    return Formed(
        [one.id for one in made],
        [packed(one) for one in made],
        [keys.digests(one) for one in made],
        [keys.place(one) for one in made],
    )


class Weighing(NamedTuple):
    """Pairs to be weighed, and where the forms of their records are found."""

    spool: Path
    pairs: Numbers
    records: Numbers
    starts: Numbers
    sizes: Numbers


def weighed(task: Weighing) -> list[Ruling]:
    """What the rules say of the pairs, in their order; nothing of those that nobody would think the same."""
    known = forms(task.spool, task.records, task.starts, task.sizes)
    a, b = parted(task.pairs)
    evidence = compare(known, zip(a.tolist(), b.tolist(), strict=True))
    return [ruling(link) for found in evidence if (link := judge(found))]


def ruling(link: Link) -> Ruling:
    """An opinion of the rules as it is stored."""
    evidence = _as_json(link.evidence)
    return Ruling(link.a, link.b, link.relation, link.rule, link.version, link.score, evidence, link.kind)


def records_of(pairs: Numbers) -> Numbers:
    """The records of some pairs, sorted, each once."""
    return np.unique(np.concatenate(parted(pairs)))

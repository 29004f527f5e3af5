"""What our own functions do in an engine: batches of rows in, batches of rows out, as Arrow has them.

An engine calls these in as many processes as it likes, with whatever rows it puts together: what is said of a row does
not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from db.opinion import Link
from dedupe import tasks
from dedupe.block import paired, parted
from dedupe.cluster import group
from dedupe.compare import compare
from dedupe.rules import judge
from dedupe.sieve import worth_comparing
from dedupe.spool import unpacked

RECORDS = pa.schema({"number": pa.int64(), "content": pa.string()})
"""Records by number, each as `Record.to_json` wrote it."""
FORMED = pa.schema(
    {"number": pa.int64(), "form": pa.binary(), "place": pa.string(), "keys": pa.list_(pa.int64())}
)
"""The same, ready to be compared. The kind of a key stands in its most significant byte (`dedupe.keys.Digests`), and
there are fewer than 128 kinds: so a key is no negative number in an engine that has signed ones only."""
PAIRS = pa.schema({"a": pa.int64(), "b": pa.int64()})
"""Numbers of two records, `a < b`."""
RULINGS = pa.schema(
    {"a": pa.int64(), "b": pa.int64(), "relation": pa.string(), "rule": pa.string(), "version": pa.string()}
    | {"score": pa.float64(), "evidence": pa.string(), "kind": pa.string()}
)
"""As `db.opinion.Ruling`."""
MEMBERS = pa.schema({"number": pa.int64(), "report": pa.int64(), "study": pa.int64()})
"""Records with their report and their study, each named by its smallest record."""


def formed(records: pa.RecordBatch) -> pa.RecordBatch:
    """`RECORDS` to `FORMED`."""
    made = tasks.formed(list(_rows(records)))
    keys = [np.frombuffer(digests, dtype="<i8") for digests in made.keys]
    return batch(zip(made.records, made.forms, made.places, keys, strict=True), FORMED)


def alike(pairs: pa.RecordBatch) -> pa.RecordBatch:
    """Pairs with the places of their records (a, b, place_a, place_b) to `PAIRS`: those worth comparing."""
    places = pairs["place_a"].to_pylist() + pairs["place_b"].to_pylist()
    first = np.arange(len(pairs))
    kept, _ = parted(worth_comparing(paired(first, first + len(pairs)), places.__getitem__))
    return pairs.select(PAIRS.names).take(pa.array(kept))


def weighed(pairs: pa.RecordBatch) -> pa.RecordBatch:
    """Pairs with the forms of their records (a, b, form_a, form_b) to `RULINGS`, where a rule has something to say."""
    a, b, form_a, form_b = (column.to_pylist() for column in pairs.columns)
    packed = dict(zip(a + b, form_a + form_b, strict=True))
    known = {number: unpacked(form) for number, form in packed.items()}
    evidence = compare(known, zip(a, b, strict=True))
    return batch((tasks.ruling(link) for found in evidence if (link := judge(found))), RULINGS)


def grouped(bundles: pa.RecordBatch) -> pa.RecordBatch:
    """Bundles of opinions about records that hang together (links: a, b, relation, score) to `MEMBERS`."""
    return batch((row for links in bundles["links"].to_pylist() for row in _members(links)), MEMBERS)


def _members(links: list[dict[str, Any]]) -> Iterator[tuple[int, int, int]]:
    opinions = [Link(**link) for link in links]
    groups = group({end for link in opinions for end in (link.a, link.b)}, opinions)
    yield from ((record, report, groups.studies[report]) for record, report in groups.reports.items())


def batch(rows: Iterable[tuple[Any, ...]], columns: pa.Schema) -> pa.RecordBatch:
    """Rows as Arrow has them."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(held, column.type) for held, column in zip(values, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=columns)


def _rows(given: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    yield from zip(*(column.to_pylist() for column in given.columns), strict=True)

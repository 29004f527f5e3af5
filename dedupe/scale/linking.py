"""Who is who, found by an engine: the same opinions as `dedupe.steps` gives when everything is new.

Splink blocks: it explodes the blocks of each record, joins the records that share one, and leaves each pair once. The
blocks are made so that this gives the candidates of `dedupe.block`, crowds included. What is worth comparing, and what
is thought of it, say our own functions: Splink's own comparison would keep a level and a weight, where a reviewer
needs the rule and its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from splink import Linker, SettingsCreator, block_on

from db.opinion import Ruling
from dedupe.block import WINDOW
from dedupe.keys import KINDS
from dedupe.scale import batches
from dedupe.scale.engines import Engine, Table

_KINDS = ", ".join(f"({number}, {kind.strong}, {kind.largest})" for number, kind in enumerate(KINDS))

SHARED = f"""
WITH entry AS (SELECT unnest(keys) AS key FROM {{formed}}),
     kind AS (SELECT * FROM (VALUES {_KINDS}) AS kind (number, strong, largest)),
     held AS (SELECT key, count(*) AS size FROM entry GROUP BY key HAVING count(*) > 1)
SELECT held.key, held.size, kind.strong, held.size > kind.largest AS crowd
FROM held JOIN kind ON kind.number = held.key >> 56
"""
"""Keys that more than one record has."""

CROWDS = f"""
SELECT count(*), coalesce(sum(size * (size - 1) // 2 - {WINDOW} * size + {WINDOW * (WINDOW + 1) // 2}), 0)
FROM {{shared}} WHERE crowd
"""
"""How many keys have more records than are compared each with each, and how many pairs that leaves out."""

BLOCKS = f"""
WITH entry AS (SELECT number, unnest(keys) AS key FROM {{formed}}),
     member AS (SELECT entry.number, shared.* FROM entry JOIN {{shared}} AS shared ON shared.key = entry.key),
     standing AS (
         SELECT member.*, row_number() OVER (PARTITION BY member.key ORDER BY formed.place, formed.number) AS position
         FROM member JOIN {{formed}} AS formed ON formed.number = member.number WHERE member.crowd
     ),
     block AS (
         SELECT number, strong, key, 0 AS slot FROM member WHERE NOT crowd
         UNION ALL
         SELECT number, strong, key, unnest(generate_series(position, position + {WINDOW})) AS slot FROM standing
     )
SELECT number,
       array_agg(struct_pack(key := key, slot := slot)) FILTER (WHERE strong) AS strong,
       array_agg(struct_pack(key := key, slot := slot)) FILTER (WHERE NOT strong) AS weak
FROM block GROUP BY number
"""
"""The blocks of each record. In a crowd, whoever stands at a position takes as many slots from there on that those at
most three apart share one, and nobody else does."""

WEAK = """
SELECT pair.join_key_l AS a, pair.join_key_r AS b, l.place AS place_a, r.place AS place_b
FROM {pairs} AS pair JOIN {formed} AS l ON l.number = pair.join_key_l JOIN {formed} AS r ON r.number = pair.join_key_r
WHERE pair.match_key = '1'
"""
"""Pairs that only the second of the blocking rules finds."""

WORTH = """
WITH worth AS (
    SELECT join_key_l AS a, join_key_r AS b FROM {pairs} WHERE match_key = '0' UNION ALL SELECT a, b FROM {alike}
)
SELECT worth.a, worth.b, l.form AS form_a, r.form AS form_b
FROM worth JOIN {formed} AS l ON l.number = worth.a JOIN {formed} AS r ON r.number = worth.b
"""
"""Pairs that are compared in full."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What the engine found; `compared`, `crowds` and `skipped` as in `dedupe.steps.Deduplicated`."""

    engine: Engine
    formed: Table
    """The records, with the columns of `dedupe.scale.batches.FORMED`."""
    rulings: Table
    """The opinions, with the columns of `db.opinion.Ruling`."""
    compared: int
    crowds: int
    skipped: int

    def opinions(self) -> Iterator[Ruling]:
        """What the rules say, in no order that means anything; `Store.add_rulings` takes it."""
        yield from map(Ruling._make, self.engine.rows(f"SELECT * FROM {self.rulings.physical_name}"))

    def blocking(self) -> Iterator[tuple[int, bytes, str]]:
        """Keys and places; `Store.set_blocking` takes them, and what comes later is compared without an engine."""
        rows = self.engine.rows(f"SELECT number, keys, place FROM {self.formed.physical_name}")
        yield from ((number, np.array(keys, dtype="<i8").tobytes(), place) for number, keys, place in rows)


def link(engine: Engine, records: str) -> Linked:
    """Compare records with each other; `records` names a table with their `number` and their `content` as JSON.

    An engine holds one finding at a time: the next one takes its place. Errors of our functions come through DuckDB as
    they are, and from Spark inside an error of its own.
    """
    formed = engine.mapped(f"SELECT number, content FROM {records}", batches.formed, batches.FORMED)
    names = {"formed": formed.physical_name}
    names["shared"] = engine.table(SHARED.format(**names)).physical_name
    ((crowds, skipped),) = engine.rows(CROWDS.format(**names))
    with _blocked(engine.table(BLOCKS.format(**names))) as names["pairs"]:
        ((compared,),) = engine.rows("SELECT count(*) FROM {pairs}".format(**names))
        names["alike"] = engine.mapped(WEAK.format(**names), batches.alike, batches.PAIRS).physical_name
        rulings = engine.mapped(WORTH.format(**names), batches.weighed, batches.RULINGS)
    return Linked(engine, formed, rulings, compared, crowds, int(skipped))


@contextmanager
def _blocked(blocks: Table) -> Iterator[str]:
    """The table of pairs, no longer than it is needed: Splink would give it again for other records, too."""
    pairs = linker(blocks).inference.compute_blocked_pairs_for_predict()
    try:
        yield pairs.physical_name
    finally:
        pairs.drop_table_from_database_and_remove_from_cache()


def linker(blocks: Table) -> Linker:
    """Splink's, for a table of `BLOCKS`. A pair is noted with the first rule that finds it: `0` strong, `1` weak."""
    rules = [block_on(column, arrays_to_explode=[column]) for column in ("strong", "weak")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        blocking_rules_to_generate_predictions=rules,
    )
    return Linker(blocks, settings, log_level=None)

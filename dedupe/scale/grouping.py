"""From opinions in an engine to groups, where no one machine can hold them all.

Splink finds what hangs together: the connected components over the opinions that join. Whatever may part two records
of a component is an opinion about records of this component: so `dedupe.cluster` groups each by itself.
"""

from __future__ import annotations

from splink.clustering import cluster_pairwise_predictions_at_threshold

from dedupe.cluster import JOINING
from dedupe.scale import batches
from dedupe.scale.engines import Table
from dedupe.scale.linking import Linked

_JOINING = ", ".join(f"'{relation}'" for relation in sorted(JOINING))

EDGES = f"SELECT a AS number_l, b AS number_r FROM {{rulings}} WHERE relation IN ({_JOINING})"

BUNDLES = """
SELECT array_agg(struct_pack(a := ruling.a, b := ruling.b, relation := ruling.relation, score := ruling.score)) AS links
FROM {rulings} AS ruling JOIN {together} AS l ON l.number = ruling.a JOIN {together} AS r ON r.number = ruling.b
WHERE l.cluster_id = r.cluster_id AND ruling.relation <> 'ask'
GROUP BY l.cluster_id
"""
"""One row for every component of two records or more: all opinions within it."""

MEMBERS = """
SELECT number, report, study FROM {grouped}
UNION ALL
SELECT number, number AS report, number AS study FROM {formed} ANTI JOIN {grouped} USING (number)
"""
"""Whoever hangs together with nobody stands for itself."""


def members(linked: Linked) -> Table:
    """Record → report → study, with the columns of `dedupe.scale.batches.MEMBERS`, as far as the rules go.

    What people said is in the store of a review: there `dedupe.steps.regroup` makes the groups.
    """
    engine = linked.engine
    names = {"rulings": linked.rulings.physical_name, "formed": linked.formed.physical_name}
    names["together"] = cluster_pairwise_predictions_at_threshold(
        engine.table("SELECT number FROM {formed}".format(**names)),
        engine.table(EDGES.format(**names)),
        engine.api,
        node_id_column_name="number",
    ).physical_name
    names["grouped"] = engine.mapped(BUNDLES.format(**names), batches.grouped, batches.MEMBERS).physical_name
    return engine.table(MEMBERS.format(**names))

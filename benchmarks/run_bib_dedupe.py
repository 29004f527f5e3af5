"""One measured run of bib-dedupe: `python benchmarks/run_bib_dedupe.py OUT RECORDS.csv [RECORDS.csv …]`.

Started by `dedupe.py` with an interpreter that has bib-dedupe, and so without a line of ours in it. Every table is
deduplicated by itself, as the documentation of bib-dedupe does it: prep, block, match, cluster. OUT gets one line of
JSON for each.

Fields go to the names of BibTeX, which bib-dedupe reads best: the name of a conference or a book is a `booktitle`
(as a `journal` it would cost bib-dedupe thirty duplicates on one of the development sets), names are joined by `and`.
No `search_set` is given: it would forbid to merge two records of one source, which do occur as duplicates.
Measured: the four steps. Not measured: starting Python, importing pandas, reading the table.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bib_dedupe.bib_dedupe as tool
import pandas as pd
from bib_dedupe import verbose_print
from measuring import keep, measured, timed
from rapidfuzz import fuzz

BIBTEX = {
    "id": "ID", "title": "title", "authors": "author", "year": "year", "volume": "volume", "issue": "number",
    "pages": "pages", "abstract": "abstract", "doi": "doi",
}  # fmt: skip
TYPES = {
    "inproceedings": "inproceedings", "proceedings": "inproceedings", "conference": "inproceedings",
    "CPAPER": "inproceedings", "CONF": "inproceedings", "incollection": "inbook", "inbook": "inbook", "CHAP": "inbook",
}  # fmt: skip
"""Types whose container is a `booktitle`; all others are articles in a journal."""


def read(path: Path) -> pd.DataFrame:
    """The table under BibTeX's names, all text, empty where nothing is known."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    known = table.rename(columns=BIBTEX)[list(BIBTEX.values())]
    types = table["entrytype"].map(TYPES).fillna("article")
    in_journal = types == "article"
    names = known["author"].str.replace(r"\s*;\s*", " and ", regex=True)
    return known.assign(
        ENTRYTYPE=types,
        author=names,
        journal=table["journal"].where(in_journal, ""),
        booktitle=table["journal"].where(~in_journal, ""),
    )


def clustered(table: pd.DataFrame) -> tuple[list[list[str]], pd.DataFrame]:
    """Clusters, and the pairs that it matched or offers to a person."""
    matched = tool.match(tool.block(tool.prep(table)))
    return tool.cluster(matched), matched


def asked(table: pd.DataFrame, matched: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Its `maybe` pairs, most alike first, by the measure in which it writes them to a file for people."""
    maybe = matched[matched["duplicate_label"] == "maybe"] if len(matched) else matched
    told = dict(zip(table["ID"], table["author"] + table["title"], strict=True))
    pairs = zip(maybe["ID_1"], maybe["ID_2"], strict=True)
    scored = [(a, b, round(fuzz.ratio(told[a], told[b]) / 100, 2)) for a, b in pairs]
    return sorted(scored, key=lambda pair: -pair[2])


def outcome(path: Path) -> dict[str, Any]:
    """One table: figures, group of every record, pairs for a person."""
    table, loading = timed(lambda: read(path))
    (clusters, matched), figures = timed(lambda: clustered(table))
    measured()
    group = {member: cluster[0] for cluster in clusters for member in cluster}
    return {
        "tool": f"bib-dedupe {version('bib-dedupe')}",
        **figures,
        "load_seconds": loading["seconds"],
        "groups": [[key, group.get(key, key)] for key in table["ID"]],
        "asked": asked(table, matched),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what came out."""
    out, *tables = sys.argv[1:] if arguments is None else arguments
    verbose_print.verbosity_level = 0
    with contextlib.redirect_stdout(sys.stderr):
        keep(out, (outcome(Path(table)) for table in tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One measured run of our own deduplication: `python benchmarks/run_dedupe.py OUT [--store DB] RECORDS.csv …`.

Every table goes into a review database of its own, page by page, as a run or an import puts it there, and then
through `dedupe.steps.deduplicate`, which `harvest run` calls. With `--store DB` the database is kept, so that the
next start finds these records there: that is how new records arriving at a large review are measured.
OUT gets one line of JSON for each table.

Measured: `deduplicate(store)`, from reading the records out of SQLite to the groups being written. Not measured:
starting Python; and, told apart as loading, writing the records into the database.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # in front: there is a dedupe.py beside this file

from labelled import Row, record, rows
from measuring import keep, measured, timed

from db.facts import Page, Request, Search
from db.store import Store
from dedupe.rules import VERSION
from dedupe.steps import deduplicate
from harvest import __version__
from harvest.questions import open_questions

PER_PAGE = 2_000


def load(store: Store, table: Path) -> None:
    """The rows of a table as pages of one file."""
    search = Search(table.parent.name, "file", str(table))
    fetch = store.begin_fetch(store.begin_run("benchmark", __version__), store.search_id(search)).id
    request = Request("GET", table.name)
    for page in _pages(rows(table)):
        with store.writing():
            number = store.add_page(fetch, Page("file", b"", request))
            store.add_records(number, "benchmark 1", map(record, page))


def _pages(table: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(table)
    while page := list(islice(left, PER_PAGE)):
        yield page


def outcome(database: Path, table: Path, *, brief: bool) -> dict[str, Any]:
    """One table: figures, group of every record, pairs for a person, opinions."""
    with Store.open(database) as store:
        _, loading = timed(lambda: load(store, table))
        done, figures = timed(lambda: deduplicate(store))
        measured()
        tool = f"harvest {__version__}, rules {VERSION}"
        counts = {"compared": done.compared, "load_seconds": loading["seconds"]}
        return {"tool": tool, **figures, **counts, **_said(store, brief=brief)}


def _said(store: Store, *, brief: bool) -> dict[str, Any]:
    keys = {number: known.key for number, known in store.records()}
    groups = store.membership()
    said: dict[str, Any] = {"groups": [[keys[number], groups[number][0]] for number in sorted(keys)]}
    said["asked"] = [(keys[link.a], keys[link.b], link.score) for link in open_questions(store)]
    if not brief:
        said["links"] = [(keys[x.a], keys[x.b], x.relation, x.kind, x.rule, x.score) for x in store.links()]
    return said


def outcomes(tables: Sequence[Path], kept: Path | None, *, brief: bool) -> Iterator[dict[str, Any]]:
    """Every table by itself, unless there is a database to keep them in."""
    for table in tables:
        with tempfile.TemporaryDirectory(prefix="harvest-benchmark-") as folder:
            yield outcome(kept or Path(folder) / "review.db", table, brief=brief)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what came out."""
    parser = argparse.ArgumentParser(description="Deduplicate tables of records and measure it.")
    parser.add_argument("out")
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--store", type=Path, help="database to keep the records in")
    parser.add_argument(
        "--brief", action="store_true", help="leave out the opinions, of which large sets have many"
    )
    said = parser.parse_args(arguments)
    keep(said.out, outcomes(said.tables, said.store, brief=said.brief))
    return 0


if __name__ == "__main__":
    sys.exit(main())

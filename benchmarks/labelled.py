"""Labelled sets of records, read from and written to folders; a part of `dedupe.py`.

One folder per set, with `records.csv` or `records.csv.gz` (the columns `COLUMNS`, all text, empty where nothing is
known), `truth.csv` (id, cluster), and `truth_adj.csv` where labels were corrected. Beside the folders there may be
`hard_cases.json`: pairs of BibTeX entries with the right answer.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from db.record import Identifier, Record, Section
from db.trial_numbers import find
from harvest.readers.names import authors, listed

COLUMNS = (
    "id", "source", "doi", "pmid", "title", "abstract", "authors", "journal", "year", "volume", "issue", "pages",
    "entrytype",
)  # fmt: skip
Row = dict[str, str]

TUNED_ON = frozenset(
    {
        "cytology",
        "haematology",
        "stroke",
        "digital_work",
        "diabetes",
        "silver_stage",
        "silver_valid",
        "hard cases",
    }
)
"""The rules were written with sight of these; only other sets judge them.

The authors of bib-dedupe tuned it on the first five, and edited their labels while doing so.
"""

csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One set: where its records are, and what is the same in truth."""

    name: str
    records: Path
    truth: Mapping[str, str]
    """Id → true cluster, in the order of the table."""

    @property
    def starred(self) -> str:
        """The name, with a star when the rules were written with sight of the set."""
        return self.name + ("*" if self.name in TUNED_ON else "")


@dataclass(frozen=True, slots=True)
class Case:
    """Two entries, and whether they are one."""

    name: str
    rows: tuple[Row, Row]
    same: bool


def sets(folder: Path) -> Iterator[Labelled]:
    """The sets of a folder by name, with corrected labels where there are any."""
    for path in sorted(folder.glob("*/records.csv*")):
        corrected = path.parent / "truth_adj.csv"
        yield labelled(path, corrected if corrected.exists() else path.parent / "truth.csv")


def labelled(records: Path, truth: Path) -> Labelled:
    """One set; every record of it must have its label."""
    cluster = {row["id"]: row["cluster"] for row in rows(truth)}
    ids = [row["id"] for row in rows(records)]
    unknown = next((id_ for id_ in ids if id_ not in cluster), None)
    if unknown is not None:
        raise SystemExit(f"{truth}: {unknown} of {records.name} has no label; add a row for it.")
    return Labelled(records.parent.name, records, {id_: cluster[id_] for id_ in ids})


def hard_cases(folder: Path) -> list[Case]:
    """Pairs written by hand, if the folder has them."""
    path = folder / "hard_cases.json"
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"] if path.exists() else []
    return [
        Case(
            case["id"], (_row(case["record_a"], "a"), _row(case["record_b"], "b")), case["expected_duplicate"]
        )
        for case in cases
    ]


# -- tables ---------------------------------------------------------------------------------------------


def rows(path: Path) -> Iterator[Row]:
    """The rows of a table, packed or not, one at a time."""
    with _opened(path, "rt") as file:
        yield from csv.DictReader(file)


def write(path: Path, table: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> int:
    """Write rows as they come; how many."""
    written = 0
    with _opened(path, "wt") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        for row in table:
            writer.writerow(row)
            written += 1
    return written


def _opened(path: Path, mode: str) -> AbstractContextManager[IO[str]]:
    if path.suffix == ".gz":
        return gzip.open(path, mode, encoding="utf-8", newline="")  # type: ignore[return-value] # of a text mode
    return path.open(mode, encoding="utf-8", newline="")


def _row(entry: Mapping[str, str | None], id_: str) -> Row:
    """An entry of BibTeX under our names; what is neither journal nor book title is left out."""
    names = {"authors": "author", "issue": "number", "entrytype": "ENTRYTYPE"}
    row = {column: entry.get(names.get(column, column)) or "" for column in COLUMNS}
    return row | {
        "id": id_,
        "journal": entry.get("journal") or entry.get("booktitle") or "",
        "issue": entry.get("number") or entry.get("issue") or "",
    }


def record(row: Mapping[str, str]) -> Record:
    """A row as a `Record`, with the trial numbers that its words hold, as our readers do it."""
    title, abstract, year = row["title"], row["abstract"], re.search(r"\d{4}", row["year"])
    names = tuple(Identifier(scheme, row[scheme]) for scheme in ("doi", "pmid") if row[scheme])
    own = find(row["id"]) if row["entrytype"] == "registration" else ()
    return Record(
        source=row["source"] or "file",
        key=row["id"],
        kind=row["entrytype"] or "article",
        title=title,
        abstract=(Section(abstract),) if abstract else (),
        authors=authors(listed(row["authors"])),
        journal=row["journal"],
        year=int(year[0]) if year else None,
        volume=row["volume"],
        issue=row["issue"],
        pages=row["pages"],
        identifiers=(*names, *own, *find(f"{title}\n{abstract}", "abstract")),
    )

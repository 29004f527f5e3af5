"""What the readers make of real export files: `python benchmarks/dialects.py FOLDER [--api FOLDER] [--json]`.

FOLDER is any folder of export files, with all its subfolders. For each file: what it was taken for, how many records
it holds by a count of our own (`entries.py`), how many were read and how many reported, how much text stands outside of
records, and in how many of the records read each field is filled. The promise is *read + reported = in the file*; where
it is broken the line says so, and the exit code is 1, as it is when a reader raises anything but its own refusal.

`--api FOLDER` has a folder for each source, of answers as they came; each is read by `records` of that source.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from entries import counted

from db.errors import HarvestError
from db.record import Record
from harvest import catalogue, readers
from harvest.transport import Transport

FILLED: Mapping[str, Callable[[Record], object]] = {
    "title": lambda record: record.title or record.vernacular_title,
    "abstract": lambda record: record.abstract or record.other_abstracts,
    "authors": lambda record: record.authors,
    "year": lambda record: record.year,
    "journal": lambda record: record.journal or record.journal_abbreviation,
    "pages": lambda record: record.pages or record.article_number,
    "DOI": lambda record: record.identifiers_of("doi"),
    "PMID": lambda record: record.identifiers_of("pmid"),
}
"""Field as told → whether a record has it."""

ANSWERS = {
    "pubmed": "pubmed",
    "ctgov_v2": "clinicaltrials",
    "ctis": "ctis",
    "isrctn": "isrctn",
    "europepmc": "europepmc",
    "eric_api": "eric",
    "crossref": "crossref",
    "openalex": "openalex",
    "doaj": "doaj",
}
"""Folder of answers → source that reads them."""


@dataclass(slots=True)
class Line:
    """One file, or all files of one dialect."""

    name: str
    dialect: str = ""
    database: str = ""
    platform: str = ""
    files: int = 1
    counted: int | None = None
    """Records in the file by the count of our own."""
    read: int = 0
    reported: int = 0
    stray: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    """Field → records that have it."""
    refused: str = ""
    """The sentence with which it was refused."""
    broken: str = ""
    """What is wrong with the promise, or what was raised."""

    def take(self, records: Iterable[Record]) -> None:
        """Count records and what they hold."""
        for record in records:
            self.read += 1
            for name, holds in FILLED.items():
                self.filled[name] = self.filled.get(name, 0) + bool(holds(record))

    def per_cent(self, name: str) -> str:
        """Of the records read, how many have a field."""
        return f"{100 * self.filled.get(name, 0) / self.read:.0f}" if self.read else "–"


def of_file(path: Path, folder: Path) -> Line:
    """What becomes of one export file."""
    body, line = path.read_bytes(), Line(path.relative_to(folder).as_posix())
    try:
        reading = readers.read(body, path.name, "file:x")
    except HarvestError as error:
        line.refused = str(error)
        return line
    except Exception as error:  # noqa: BLE001 - whatever a reader raises is what we are here to see
        line.broken = f"{type(error).__name__}: {error}"
        return line
    line.dialect, line.database, line.platform = reading.dialect, reading.database, reading.platform
    line.take(reading.records)
    line.counted, line.reported, line.stray = counted(body), len(reading.unreadable), len(reading.stray)
    if line.counted is not None and line.counted != line.read + line.reported:
        line.broken = f"{line.counted} records are in it, {line.read + line.reported} were read or reported"
    return line


def of_answer(path: Path, folder: Path) -> Line:
    """What becomes of one answer of an API."""
    line = Line(path.relative_to(folder).as_posix())
    line.dialect = ANSWERS[line.name.split("/")[0]]
    try:
        contents = list(catalogue.make(line.dialect, Transport(), {}).records(path.read_bytes()))
    except HarvestError as error:
        line.refused = str(error)
    except Exception as error:  # noqa: BLE001 - as above
        line.broken = f"{type(error).__name__}: {error}"
    else:
        line.take(found for found in contents if isinstance(found, Record))
        line.reported = len(contents) - line.read
    return line


def totals(lines: Iterable[Line]) -> Iterator[Line]:
    """All files that were read, dialect by dialect."""
    by_dialect: dict[str, Line] = {}
    for line in lines:
        if line.dialect and not line.refused:
            total = by_dialect.setdefault(line.dialect, Line(line.dialect, line.dialect, files=0))
            total.files += 1
            for name in ("read", "reported", "stray"):
                setattr(total, name, getattr(total, name) + getattr(line, name))
            if line.counted is not None:
                total.counted = (total.counted or 0) + line.counted
            for name, number in line.filled.items():
                total.filled[name] = total.filled.get(name, 0) + number
    yield from (by_dialect[name] for name in sorted(by_dialect, key=str.casefold))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _table(lines: Iterable[Line], first: Sequence[str], cells: Callable[[Line], Sequence[object]]) -> None:
    heads = (*first, "counted", "read", "reported", "stray", *(f"{name} %" for name in FILLED))
    print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    for line in lines:
        counts = ("–" if line.counted is None else line.counted, line.read, line.reported, line.stray)
        shares = (line.per_cent(name) for name in FILLED)
        print("| " + " | ".join(str(cell) for cell in (*cells(line), *counts, *shares)) + " |")


def told(lines: Sequence[Line], title: str) -> None:
    """The three tables and the two lists that people read."""
    print(f"## {title}\n")
    _table(
        (line for line in lines if not line.refused),
        ("file", "dialect", "database", "platform"),
        lambda line: (line.name, line.dialect, line.database, line.platform),
    )
    print("\n### By dialect\n")
    summed = list(totals(lines))
    _table(summed, ("dialect", "files"), lambda line: (line.name, line.files))
    print(
        f"\n{sum(line.files for line in summed)} files, {sum(line.counted or 0 for line in summed)} records counted, "
        f"{sum(line.read for line in summed)} read, {sum(line.reported for line in summed)} reported."
    )
    for head, name in (("Refused", "refused"), ("BROKEN", "broken")):
        if these := [line for line in lines if getattr(line, name)]:
            print(f"\n### {head}\n\n" + "\n".join(f"- {line.name}: {getattr(line, name)}" for line in these))
    print()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="of export files")
    parser.add_argument("--api", type=Path, help="folder with a folder of answers for each source")
    parser.add_argument("--json", action="store_true", help="everything, for scripts")
    said = parser.parse_args(arguments)
    found: dict[str, list[Line]] = {"files": [of_file(path, said.folder) for path in _files(said.folder)]}
    if said.api:
        there = [name for name, source in ANSWERS.items() if source in catalogue.names()]
        found["answers"] = [of_answer(path, said.api) for name in there for path in _files(said.api / name)]
    if said.json:
        shape: dict[str, Any] = {name: [asdict(line) for line in lines] for name, lines in found.items()}
        print(json.dumps({**shape, "totals": [asdict(line) for line in totals(found["files"])]}, indent=2))
    else:
        for name, lines in found.items():
            told(lines, f"{len(lines)} {name} in {(said.api if name == 'answers' else said.folder).name}/")
    return 1 if any(line.broken for lines in found.values() for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())

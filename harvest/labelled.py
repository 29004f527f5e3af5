"""Labelled sets: files of records that say which were included.

What screening tools give back (ASReview, Rayyan, Abstrackr, our own queues), published benchmark sets, and any
table with a column of labels: CSV, TSV and XLSX, also packed with gzip, and RIS with the labels in its notes. The
files are read by the same readers as those that `harvest add` takes in.

Reading a workbook loads openpyxl: import this module where a file is read.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import WrongUse
from db.opinion import Verdict
from db.record import Record
from harvest import files, readers
from harvest.readers.columns import COLUMNS, normal
from harvest.readers.reading import Reading
from screen.decisions import VERDICT_OF
from screen.document import Document, document
from screen.tables import read_xlsx

MAX_BYTES = 500_000_000
"""Of the file, and of what is packed in it."""

LABELS = (
    "label", "label included", "asreview label", "included", "decision", "final decision", "verdict", "relevant",
    "inclusion", "consensus", "label abstract screening", "label ta",
)  # fmt: skip
"""Names of columns that hold labels, the most trustworthy first; compared like all names of columns."""
_NOTES = ("n1", "notes", "note")
_ASREVIEW = re.compile(r"\bASReview_(relevant|irrelevant)\b")
_OWN = re.compile(r"^harvest_decision:\s*(\w+)", re.MULTILINE)
_RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{([^}]*)\}")
_RAYYAN_VERDICT = re.compile(r'=>\s*"(\w+)"')
_EMPTY = ("", "nan", "none")
_UNSEEN = ("-1", "not_seen")
"""How ASReview marks records that nobody has labelled."""
_ABSTRACKR: Mapping[str, Verdict] = {"1": "include", "0": "unsure", "-1": "exclude"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A set of records, some or all of which are known to have been included or excluded."""

    title: str
    """The name of the file without its endings, or that of a review."""
    documents: tuple[Document, ...]
    """Labelled or not."""
    labels: Mapping[int, int]
    """Id of a document → 1 included, 0 excluded. The others are unlabelled."""
    records: tuple[Record, ...] = ()
    """What the documents were made of, in their order; a warm start finds them again by their identifiers."""
    notes: tuple[str, ...] = ()
    """What had to be decided while reading, one sentence each."""

    @property
    def included(self) -> int:
        """How many are labelled as included."""
        return sum(self.labels.values())

    @property
    def unlabelled(self) -> int:
        """How many documents nobody has labelled."""
        return len(self.documents) - len(self.labels)


def read_labelled(path: Path, label: str = "", *, all_included: bool = False) -> Labelled:
    """Read a labelled set; ids are 1, 2, … in the order of the file.

    Args:
        path: CSV, TSV, XLSX, RIS or .nbib; `.gz` behind it for a packed one.
        label: The column of the labels; else the first of `LABELS` that says anything, else the notes.
        all_included: A file without labels is a list of included records, unless it has a column for them, and one
            kind of label is enough.

    Raises:
        WrongUse: the file cannot be read, holds no text, no labels, or labels of one kind only.
    """
    name = files.legible(path.name)
    reading = _reading(path, name)
    records = reading.records
    documents = tuple(document(number, record) for number, record in enumerate(records, start=1))
    if not any(item.title or item.abstract for item in documents):
        raise WrongUse(f"{name}: no record has a title or an abstract; there is nothing to rank by.")
    where, said = _said(reading, label, name, optional=all_included)
    verdicts, notes = _verdicts(said, where, abstrackr="Abstrackr" in reading.dialect)
    labels = {
        number: int(verdict == "include") for number, verdict in verdicts.items() if verdict != "unsure"
    }
    if all_included and not where:
        labels = dict.fromkeys(range(1, len(records) + 1), 1)
    if not labels:
        raise WrongUse(
            f"{name}: no label says included or excluded ({where}); fill them in"
            f"{', or leave the column out' if all_included else ''}."
        )
    if not all_included and len(set(labels.values())) < 2:
        raise WrongUse(_one_kind(labels, where, name))
    notes += (
        [f"Could not be read and is left out: {len(reading.unreadable)} of the records."]
        if reading.unreadable
        else []
    )
    return Labelled(name.partition(".")[0], documents, labels, records, tuple(notes))


# -- the file -------------------------------------------------------------------------------------------


def _reading(path: Path, name: str) -> Reading:
    """Unpacked, a workbook as the table that it is, and read like any export file."""
    body = files.whole(path, MAX_BYTES)
    if body.startswith(b"\x1f\x8b"):
        body, name = _unpacked(body, name), name.removesuffix(".gz")
    if body.startswith(b"PK\x03\x04") and b"xl/" in body:
        body, name = _table(body, name), f"{name}.csv"
    return readers.read(body, name, "file:labelled")


def _unpacked(body: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            text = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise WrongUse(f"{name} cannot be unpacked ({error}): fetch or pack it again.") from error
    if len(text) > MAX_BYTES:
        raise WrongUse(f"{name} unpacks to more than {MAX_BYTES // 10**6} MB: give it in several parts.")
    return text


def _table(body: bytes, name: str) -> bytes:
    """The sheets of a workbook that have a column of titles, as one CSV."""
    titles = frozenset(title.replace(" ", "_") for title in COLUMNS["title"])
    try:
        rows = [entry.values for entry in read_xlsx(body, titles).entries]
    except WrongUse as error:
        raise WrongUse(f"{name}: {error}") from error
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(cell for row in rows for cell in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


# -- the labels -----------------------------------------------------------------------------------------

_Said = Mapping[int, Sequence[str]]
"""Id → what was said of the record, one word a person."""


def _said(reading: Reading, label: str, name: str, *, optional: bool) -> tuple[str, _Said]:
    """Where the labels stand, and what they say; nowhere if there are none and there need be none."""
    records = reading.records
    columns = {normal(header): header for record in reversed(records) for header in record.extra}
    if label and normal(label) not in columns:
        held = ", ".join(sorted(columns.values())) or "none"
        raise WrongUse(f"{name} has no column '{label}' to take labels from; columns of its own are {held}.")
    for wanted in [normal(label)] if label else LABELS:
        cells = _cells(records, columns.get(wanted, ""))
        if cells:
            return columns[wanted], cells
    notes = {number: words for number, record in enumerate(records, 1) if (words := _noted(record))}
    if notes:
        return "notes", notes
    if not optional:
        raise WrongUse(
            f"{name} holds no labels: name their column (`--label COLUMN`, or call it label, included or decision "
            "with 1 or 0), or export it from ASReview or Rayyan with the decisions in its notes."
        )
    return next((header for header in reading.columns if normal(header) in LABELS), ""), {}


def _cells(records: Sequence[Record], header: str) -> _Said:
    found = ((number, record.extra.get(header, ())) for number, record in enumerate(records, start=1))
    return {number: cells for number, cells in found if any(cell.lower() not in _EMPTY for cell in cells)}


def _noted(record: Record) -> tuple[str, ...]:
    """What the notes of one record say: ASReview's newest label stands in front, Rayyan has one a reviewer."""
    notes = [note for tag, values in record.extra.items() if normal(tag) in _NOTES for note in values]
    for note in notes:
        if found := _ASREVIEW.search(note) or _OWN.search(note):
            return (found[1],)
        if votes := _RAYYAN.search(note):
            return tuple(_RAYYAN_VERDICT.findall(votes[1]))
    return ()


def _verdicts(said: _Said, where: str, *, abstrackr: bool) -> tuple[dict[int, Verdict], list[str]]:
    """One verdict a record, and what is to be said about them."""
    verdicts: dict[int, Verdict] = {}
    odd: Counter[str] = Counter()
    disputed = 0
    for number, words in said.items():
        read = {_verdict(word, abstrackr=abstrackr) for word in words} - {None}
        if not read:
            odd.update(word for word in words[:1] if word.lower() not in _UNSEEN)
            continue
        disputed += len(read) > 1
        verdicts[number] = next(each for each in ("include", "unsure", "exclude") if each in read)
    return verdicts, list(_remarks(verdicts, where, odd, disputed))


def _verdict(word: str, *, abstrackr: bool) -> Verdict | None:
    """What a word means; spreadsheets write 1.0 for 1."""
    plain = re.sub(r"^(-?\d+)\.0+$", r"\1", word.strip().lower())
    return _ABSTRACKR.get(plain) if abstrackr else VERDICT_OF.get(plain)


def _remarks(verdicts: Mapping[int, Verdict], where: str, odd: Counter[str], disputed: int) -> Iterator[str]:
    if verdicts:
        yield f"Labels are taken from {where}."
    if unsure := sum(verdict == "unsure" for verdict in verdicts.values()):
        yield f"Somebody is unsure, which counts as unlabelled: {unsure} of the records."
    if disputed:
        yield f"People differ, and one include makes an included record: {disputed} of the records."
    for word, times in odd.most_common(5):
        yield f"{word[:40]!r} is no label and counts as unlabelled: {times} of the records."


def _one_kind(labels: Mapping[int, int], where: str, name: str) -> str:
    kind = "included" if any(labels.values()) else "excluded"
    return f"{name}: every label says {kind} ({where}); a replay needs records of both kinds."

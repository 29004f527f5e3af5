"""`harvest bundle verify`: the PRISMA numbers counted anew from a bundle alone, without the review it came from."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from db.errors import WrongUse
from db.opinion import Decision, Resolution, Stage
from harvest.bundle import sheets
from harvest.bundle.packing import SUMS
from harvest.bundle.sheets import Sheet
from harvest.files import legible
from harvest.project.settings import Criteria, Previous
from harvest.reports.flow.boxes import Flow, counted
from harvest.reports.flow.facts import DATABASES, Column, Facts, Found
from harvest.reports.flow.identities import broken
from screen.agree import ReportState, state
from screen.cells import bare
from screen.plan import FULL_TEXT, TITLE

MOST = 2_000_000_000
"""Bytes of all files unpacked: whoever sends a zip can make it grow without end."""
Row: TypeAlias = Mapping[str, str]
Said = TypeVar("Said", Decision, Resolution)


@dataclass(frozen=True, slots=True)
class Compared:
    """One box of the flow: what the bundle says, and what its tables come to."""

    box: str
    label: str
    says: int
    counted: int
    same: bool
    """Also the ids, one by one."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it."""

    files: int
    changed: tuple[str, ...]
    """Files that are not what sha256sums.txt says, are missing, or are not listed there."""
    boxes: tuple[Compared, ...]
    broken: tuple[str, ...]
    """What does not add up in the flow that was counted."""

    @property
    def good(self) -> bool:
        """Whether everything is as the bundle says."""
        return not self.changed and not self.broken and all(box.same for box in self.boxes)

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "good": self.good}


def verify(path: Path) -> Verified:
    """Read a bundle, compare every digest, count the flow anew, and compare box by box.

    Raises:
        WrongUse: it is no bundle, or too large.
    """
    files = _unpacked(path)
    changed = tuple(_changed(files))
    said = {row["box"]: row for row in _rows(files, sheets.FLOW)}
    flow = _counted(files)
    boxes = tuple(_compared(name, said.get(name), flow) for name in dict.fromkeys([*said, *flow.boxes]))
    return Verified(len(files), changed, boxes, tuple(identity.says for identity in broken(flow)))


# -- the file ----------------------------------------------------------------------------------------


def _unpacked(path: Path) -> dict[str, bytes]:
    """Nothing is ever written: names of entries are only names."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST:
                raise WrongUse(f"{legible(path)} holds more than {MOST // 10**9} GB: that is no bundle.")
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise WrongUse(
            f"{legible(path)} cannot be read as a bundle ({error}): name the zip as it was made."
        ) from error


def _changed(files: Mapping[str, bytes]) -> Iterator[str]:
    lines = files.get(SUMS, b"").decode("utf-8", "replace").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in sorted(sums.keys() | files.keys() - {SUMS}):
        if name not in files or sha256(files[name]).hexdigest() != sums.get(name):
            yield name


def _rows(files: Mapping[str, bytes], sheet: Sheet) -> list[Row]:
    """Raises `WrongUse` when the table is not there, or is not this table."""
    try:
        content = files[sheet.path].decode()
        csv.field_size_limit(max(csv.field_size_limit(), len(content)))  # the file bounds its cells
        text = io.StringIO(content, newline="")
        rows = [{name: bare(cell) for name, cell in row.items()} for row in csv.DictReader(text, strict=True)]
        return [row for row in rows if [row[column.name] for column in sheet.columns]]
    except (KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
        raise WrongUse(
            f"The bundle's {sheet.path} cannot be read ({error}): name the zip as it was made."
        ) from error


# -- the numbers -------------------------------------------------------------------------------------


def _counted(files: Mapping[str, bytes]) -> Flow:
    try:
        said = json.loads(files["review.json"])
        criteria, before = Criteria(**said["criteria"]), Previous(**said["previous"])
        words = {reason.code: reason.reason for reason in criteria.exclude}
        return counted(_facts(files), words, before)
    except (KeyError, ValueError, TypeError) as error:
        raise WrongUse(f"The bundle is not whole ({error!r}): name the zip as it was made.") from error


def _facts(files: Mapping[str, bytes]) -> Facts:
    """What the flow is counted from, out of the tables."""
    records = _rows(files, sheets.RECORDS)
    groups = {int(row["record"]): (int(row["report"]), int(row["study"])) for row in records}
    found = dict(_found(files, records))
    again = {groups[int(row["record"])] for row in records if row["previous"]}
    retrieved = ((row["record"], row["state"]) for row in _rows(files, sheets.RETRIEVALS))
    studies = (
        (row["record"], row["value"]) for row in _rows(files, sheets.STUDIES) if row["field"] == "state"
    )
    return Facts(
        found=found,
        groups=groups,
        columns=_columns(found, groups),
        titles=_states(files, groups, TITLE),
        texts=_states(files, groups, FULL_TEXT),
        retrieved={groups[int(record)][0]: word for record, word in retrieved},
        studies={groups[int(record)][1]: word for record, word in studies},
        again=frozenset(report for report, _ in again),
        earlier=frozenset(study for _, study in again),
    )


def _found(files: Mapping[str, bytes], records: Iterable[Row]) -> Iterator[tuple[int, Found]]:
    known = {
        row["search"]: Found(row["search"], row["label"], row["register"] == "yes", row["method"])  # type: ignore[arg-type]  # the words of `Method`
        for row in _rows(files, sheets.SEARCHES)
    }
    yield from ((int(row["record"]), known[row["search"]]) for row in records if row["search"])
    yield from ((-int(row["id"]), known[row["search"]]) for row in _rows(files, sheets.UNREADABLE))


def _columns(found: Mapping[int, Found], groups: Mapping[int, tuple[int, int]]) -> dict[int, Column]:
    columns: dict[int, Column] = {}
    for record, by in found.items():
        if record > 0 and columns.get(groups[record][0]) != DATABASES:
            columns[groups[record][0]] = by.column
    return columns


def _states(
    files: Mapping[str, bytes], groups: Mapping[int, tuple[int, int]], stage: Stage
) -> dict[int, ReportState]:
    """Where every report stands that has votes at a stage."""
    column = "needed_title" if stage == TITLE else "needed_full_text"
    needed = {int(row["report"]): int(row[column]) for row in _rows(files, sheets.REPORTS)}
    votes = _of_reports(files, sheets.VOTES, stage, groups, _vote)
    settled = _of_reports(files, sheets.RESOLUTIONS, stage, groups, _resolution)
    by_reason = stage == FULL_TEXT
    return {
        report: state(cast, needed[report], settled.get(report, ()), by_reason=by_reason)
        for report, cast in votes.items()
    }


def _of_reports(
    files: Mapping[str, bytes], sheet: Sheet, stage: Stage, groups: Mapping[int, tuple[int, int]],
    read: Callable[[Row, Stage], Said],
) -> dict[int, list[Said]]:  # fmt: skip
    said: dict[int, list[Said]] = {}
    for row in _rows(files, sheet):
        if row["stage"] == stage:
            said.setdefault(groups[int(row["record"])][0], []).append(read(row, stage))
    return said


def _vote(row: Row, stage: Stage) -> Decision:
    """A verdict that is held back agrees with none: the report is open either way."""
    verdict: Any = row["verdict"]
    return Decision(int(row["record"]), stage, row["reviewer"], verdict, row["reason"], id=int(row["id"]))


def _resolution(row: Row, stage: Stage) -> Resolution:
    verdict: Any = row["verdict"]
    votes = tuple(json.loads(row["votes"]))
    return Resolution(int(row["record"]), stage, row["arbiter"], verdict, row["reason"], votes=votes)


def _compared(name: str, said: Row | None, flow: Flow) -> Compared:
    box = flow.boxes.get(name)
    says, ids = (int(said["n"]), set(map(int, said["ids"].split()))) if said else (0, set[int]())
    label = box.label if box else said["label"] if said else name
    number = box.n if box else 0
    return Compared(
        name,
        label,
        says,
        number,
        bool(said and box) and says == number and ids == set(box.ids if box else ()),
    )

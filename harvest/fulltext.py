"""Getting hold of full texts: what was sought, what was retrieved, what nobody could get.

Said of reports that go on to full text (included at title and abstract), and kept with each of their records, so that
it survives whatever is joined or split later. The newest word on a record counts; where records with different words
become one report, the better state does: retrieved, then not retrieved, then sought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from db.errors import Problem, WrongUse
from db.opinion import RULES, Retrieval
from db.store import Store
from harvest.answers import known_record
from harvest.files import legible, whole
from harvest.project import Project
from harvest.readers.rows import DELIMITERS, Row, rows, written
from harvest.readers.text import decode
from harvest.rehearsal import taken_back
from harvest.screening import states
from screen.cells import bare, neutral
from screen.export import harvest_id, report_of
from screen.plan import TITLE
from screen.steps import report as merged_report

State: TypeAlias = Literal["to be sought", "sought", "not retrieved", "retrieved"]
STATES: tuple[State, ...] = ("to be sought", "sought", "not retrieved", "retrieved")
"""In the order in which a better one follows a worse one."""
COLUMNS = ("harvest_id", "state", "place", "note", "by", "title")
"""Of the table that goes out and comes back."""
MOST = 50_000_000
"""Bytes of such a file."""


@dataclass(frozen=True, slots=True)
class FullText:
    """One report that goes on to full text, and how far the search for its text has come."""

    report: str
    """H000123."""
    state: State
    title: str
    year: int | None = None
    doi: str = ""
    place: str = ""
    """File or address, as far as anybody said."""
    note: str = ""
    by: str = ""
    at: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Brought:
    """A table of full texts that came back."""

    rows: int
    """With a state."""
    added: int
    """Of these, reports of which it says something new."""
    blank: int
    """Without one."""


def retrievals(store: Store) -> dict[int, Retrieval]:
    """Report → the word on its full text that counts, reports as they are grouped today."""
    groups = store.membership()
    newest = {said.record: said for said in store.retrievals()}
    best: dict[int, Retrieval] = {}
    for said in newest.values():
        report = groups.get(said.record, (said.record, 0))[0]
        known = best.get(report)
        if known is None or _rank(said) >= _rank(known):
            best[report] = said
    return best


def _rank(said: Retrieval) -> tuple[int, str]:
    return STATES.index(said.state), said.at


def wanted(store: Store, project: Project) -> tuple[int, ...]:
    """The reports that go on to full text: included at title and abstract, by agreement or by the arbiter."""
    judged = states(store, project, TITLE)
    return tuple(sorted(report for report, state in judged.items() if state.outcome == "include"))


def full_texts(store: Store, project: Project, state: str = "") -> list[FullText]:
    """Every report that goes on to full text, what is still to be got first; in one state only, when named."""
    said, reports = retrievals(store), wanted(store, project)
    found = []
    for report in reports:
        word, record = said.get(report), merged_report(store, store.records_of(report))
        at_hand = (word.place, word.note, word.by, word.at) if word else ()
        dois = record.identifiers_of("doi")
        found.append(
            FullText(
                harvest_id(report), word.state if word else "to be sought", record.title, record.year,
                dois[0] if dois else "", *at_hand,
            )
        )  # fmt: skip
    chosen = [each for each in found if state in ("", each.state)]
    return sorted(chosen, key=lambda each: (STATES.index(each.state), each.report))


def template(found: Iterable[FullText]) -> str:
    """The table to fill in and bring back with `harvest fulltext import`: CSV, an empty state where nothing is said."""
    lines = [written(COLUMNS)]
    for each in found:
        state = "" if each.state == "to be sought" else each.state
        cells = (each.report, state, each.place, each.note, each.by, each.title)
        lines.append(written([neutral(cell) for cell in cells]))
    return "".join(f"{line}\n" for line in lines)


# -- saying so ---------------------------------------------------------------------------------------


def say(
    store: Store, project: Project, name: str, state: str, by: str, place: str = "", note: str = "", *,
    dry_run: bool = False,
) -> Retrieval:  # fmt: skip
    """One word on the full text of a report, kept with each of its records.

    Raises `WrongUse` for an unknown record or state, a report that does not go on to full text, and an empty name.
    """
    report = store.report_of(known_record(store, name))
    said = Retrieval(report, _state(state), _person(by), place.strip(), note.strip())
    if report not in wanted(store, project):
        raise WrongUse(
            f"{harvest_id(report)} does not go on to full text: only what is included at title and abstract does."
        )
    if not dry_run:
        _keep(store, [said])
    return said


def take_in(store: Store, project: Project, path: Path, by: str = "", *, dry_run: bool = False) -> Brought:
    """Take a table of full texts in, whole or not at all; taken twice it changes nothing.

    A CSV (or with tabs or semicolons) with the columns `harvest_id` and `state`, perhaps `place`, `note` and `by`;
    others are not looked at. `by` signs rows that no one signed. Raises `WrongUse` naming every row that does not fit.
    """
    file = legible(path.name)
    table = _table(whole(path, MOST), file)
    able, wrong, blank, said = set(wanted(store, project)), list[Problem](), 0, dict[int, Retrieval]()
    for row, cells in table:
        if not cells.get("state"):
            blank += 1
            continue
        try:
            word = _read(store, cells, by, able)
        except WrongUse as error:
            wrong.append(Problem(file, f"line {row.line}", str(error)))
            continue
        if said.setdefault(word.record, word) != word:
            wrong.append(Problem(file, f"line {row.line}", f"{harvest_id(word.record)} stands in it twice"))
    if wrong:
        told = "\n  ".join(map(str, wrong))
        raise WrongUse(f"Nothing was taken in; this must be put right first:\n  {told}")
    with taken_back(store) if dry_run else store.writing():
        added = _keep(store, said.values())
    return Brought(len(said), added, blank)


def _keep(store: Store, said: Iterable[Retrieval]) -> int:
    """Note what is new with every record of each report; returns of how many reports anything is."""
    newest = {old.record: (old.state, old.place, old.note) for old in store.retrievals()}
    added = 0
    for word in said:
        records = store.records_of(word.record)
        new = [r for r in records if newest.get(r) != (word.state, word.place, word.note)]
        added += bool(new)
        store.add_retrievals(Retrieval(record, word.state, word.by, word.place, word.note) for record in new)
    return added


def _read(store: Store, cells: Mapping[str, str], by: str, able: set[int]) -> Retrieval:
    name = cells["harvest_id"]
    number = report_of(name)
    if number is None or not store.existing([number]):
        raise WrongUse(f"'{name}' is no record of this review")
    report = store.report_of(number)
    if report not in able:
        raise WrongUse(f"{harvest_id(report)} does not go on to full text")
    signed = _person(cells.get("by") or by)
    return Retrieval(report, _state(cells["state"]), signed, cells.get("place", ""), cells.get("note", ""))


def _state(text: str) -> Literal["sought", "retrieved", "not retrieved"]:
    state = " ".join(text.replace("-", " ").replace("_", " ").lower().split())
    if state not in STATES[1:]:
        raise WrongUse(f"'{text}' is no state of a full text: sought, retrieved and not-retrieved are")
    return cast(Literal["sought", "retrieved", "not retrieved"], state)


def _person(by: str) -> str:
    if not by.strip() or by.strip() == RULES:
        raise WrongUse(f"'{by}' cannot sign this: give the name of the person who says so")
    return by.strip()


def _table(body: bytes, name: str) -> Iterator[tuple[Row, dict[str, str]]]:
    """Rows under the headings that we know, empty ones left out. Raises `WrongUse` where the headings are missing."""
    lines = decode(body).lines
    heads = {delimiter: _headings(lines, delimiter) for delimiter in DELIMITERS}
    delimiter = max(heads, key=lambda each: len(heads[each].keys() & set(COLUMNS)))
    places = heads[delimiter]
    if not {"harvest_id", "state"} <= places.keys():
        raise WrongUse(
            f"{name} has no columns `harvest_id` and `state` in its first line: `harvest fulltext list --csv` writes a "
            "table that has them."
        )
    for row in rows(lines, delimiter, start=1):
        if not row.empty:
            cells = (*row.cells, *("",) * len(places))
            yield row, {column: bare(cells[place].strip()) for column, place in places.items()}


def _headings(lines: Sequence[str], delimiter: str) -> dict[str, int]:
    head = next(rows(lines[:1], delimiter), None)
    names = [cell.strip().lower() for cell in head.cells] if head else []
    return {name: place for place, name in enumerate(names) if name in COLUMNS}

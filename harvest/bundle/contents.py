"""All files of a bundle, from the store and the project: path → bytes, the same for the same review."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import HarvestError
from db.opinion import Stage
from db.question import ask
from db.record import Record
from harvest.bundle import sheets
from harvest.bundle.people import Masked
from harvest.bundle.sheets import Sheet
from harvest.project import Project
from harvest.reports import REPORTS, builder, prisma_csv, prisma_svg
from harvest.reports.facts import Searched, searched
from harvest.reports.flow import flow
from harvest.reports.flow.facts import Facts as Counted
from harvest.reports.flow.facts import facts as counted_from
from harvest.reports.searches import texts
from harvest.reports.writing import FORMATS
from harvest.screening import plan, states
from screen.plan import FULL_TEXT, TITLE

HELD_BACK = "held back"
"""Instead of a verdict that somebody who votes blind must not see yet."""
REPORT_FORMATS = ("md", "csv")
"""A Word file holds moments of its own, and would differ each time."""
PRIVATE: Mapping[str, Any] = {"contact": {"email"}, "sources": True, "network": True}
"""What of the settings is nobody's business: addresses, and how to reach the sources."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files, and what a reader should be told of them."""

    files: dict[str, bytes]
    tables: tuple[Sheet, ...]
    held_back: int
    """Votes that stand without their verdict."""
    not_made: tuple[str, ...]
    """Reports that could not be made, one sentence each."""
    day: str
    """Of the newest moment in the tables: when the bundle says it was made."""


def contents(store: Masked, project: Project, *, abstracts: bool) -> Contents:
    """Everything but what describes it. `project` goes by the same names as `store`."""
    known = counted_from(store, project)
    every = searched(store, project)
    votes = list(_votes(store, project))
    rows = {sheet: list(_asked(store, sheet)) for sheet in sheets.FROM_THE_STORE}
    rows[sheets.VOTES] = votes
    rows[sheets.RECORDS] = [_record(known, *each) for each in store.records()]
    rows[sheets.REPORTS] = list(_reports(store, project, known))
    rows[sheets.SEARCHES] = [_search(s) for s in every]
    rows[sheets.UNREADABLE] = [(-row, by.search) for row, by in sorted(known.found.items()) if row < 0]
    counted = flow(store, project)
    rows[sheets.FLOW] = [
        (box.name, box.label, box.unit, box.n, " ".join(map(str, sorted(box.ids))))
        for box in counted.boxes.values()
    ]
    if abstracts:
        rows[sheets.ABSTRACTS] = list(_abstracts(store))
    files = {sheet.path: sheet.csv(told) for sheet, told in rows.items()}
    files |= dict(_strategies(every)) | {"review.json": _settings(project)}
    moment = _newest(rows)
    store.stand_at(moment)
    made, not_made = _written(store, project)
    figure = {
        "reports/prisma.svg": prisma_svg.write(counted, project.title, moment),
        "reports/prisma-flow-diagram.csv": prisma_csv.write(counted),
    }
    held = sum(HELD_BACK in row for row in votes)
    return Contents(files | made | figure, tuple(rows), held, tuple(not_made), moment[:10])


# -- tables ------------------------------------------------------------------------------------------


def _asked(store: Masked, sheet: Sheet) -> Iterator[tuple[Any, ...]]:
    """The rows of a question, people by the names they go by here."""
    persons = [place for place, column in enumerate(sheet.columns) if column.kind == "person"]
    for row in ask(store.path, sheet.sql)[1]:
        shown = list(row)
        for place in persons:
            shown[place] = store.people(shown[place])
        yield tuple(shown)


def _votes(store: Masked, project: Project) -> Iterator[tuple[object, ...]]:
    """Every vote; of a report on which others have still to vote blind only that there is one."""
    stages: tuple[Stage, ...] = (TITLE, FULL_TEXT)
    report_of = {record: report for record, (report, _) in store.membership().items()}
    blind = {
        (stage, report)
        for stage in stages
        if not store.unblinded(stage)
        for report, state in states(store, project, stage).items()
        if state.outcome == "open"
    }
    for number, record, stage, reviewer, verdict, reason, note, at in _asked(store, sheets.VOTES):
        secret = (stage, report_of.get(record, record)) in blind and verdict != "withdrawn"
        said = (HELD_BACK, "", "") if secret else (verdict, reason, note)
        yield number, record, stage, reviewer, *said, at


def _record(known: Counted, number: int, record: Record) -> tuple[object, ...]:
    report, study = known.groups.get(number, (number, number))
    by = known.found.get(number)
    names = {f"{i.scheme}:{i.value}" for i in record.identifiers if i.origin not in ("reference", "abstract")}
    authors = "; ".join(
        " ".join(part for part in (a.family, a.initials or a.given) if part) for a in record.authors
    )
    return (
        number, report, study, record.source, record.key, record.kind, record.title, authors, record.journal,
        record.year, record.volume, record.issue, record.pages, " ".join(sorted(names)), by.search if by else "",
        "yes" if report in known.again else "",
    )  # fmt: skip


def _reports(store: Masked, project: Project, known: Counted) -> Iterator[tuple[object, ...]]:
    at_title, at_full_text = plan(store, project, TITLE), plan(store, project, FULL_TEXT)
    for report in sorted(store.reports()):
        yield report, known.study(report), at_title.needed(report), at_full_text.needed(report)


def _search(s: Searched) -> tuple[object, ...]:
    method = s.plan.method if s.plan else ""
    register = "yes" if s.register else ""
    return s.name, s.source, s.label, s.platform, register, method, s.searched, s.records, s.reports


def _abstracts(store: Masked) -> Iterator[tuple[object, ...]]:
    for number, record in store.records():
        if record.abstract:
            yield number, "\n".join(f"{s.label}: {s.text}" if s.label else s.text for s in record.abstract)


def _newest(rows: dict[Sheet, list[tuple[object, ...]]]) -> str:
    moments = [
        str(cell)
        for sheet, told in rows.items()
        for place, column in enumerate(sheet.columns)
        if column.kind == "datetime"
        for cell in (row[place] for row in told)
        if cell
    ]
    return max(moments, default="1980-01-01T00:00:00.000Z")


# -- texts -------------------------------------------------------------------------------------------


def _strategies(every: Sequence[Searched]) -> Iterator[tuple[str, bytes]]:
    """Each text of each search to the byte: as stored, as sent where that differs, as the source read it."""
    for s in every:
        for number, (what, content) in enumerate(texts(s), 1):
            name = "".join(c if c.isalnum() else "-" for c in what.lower())
            yield f"strategies/{_safe(s.name)}/{number}-{name}.txt", content


def _safe(name: str) -> str:
    """A name of a search as part of a path: one that came from a file's name may hold anything."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name) or "search"


def _settings(project: Project) -> bytes:
    said = project.review.model_dump(mode="json", exclude=dict(PRIVATE))
    return (json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _written(store: Masked, project: Project) -> tuple[dict[str, bytes], list[str]]:
    """Every report that there is, as Markdown and as a table; and those that could not be made."""
    files, not_made = dict[str, bytes](), list[str]()
    for name in REPORTS:
        try:
            made = builder(name)(store, project)
        except HarvestError as error:
            not_made.append(f"{name}: {error}")
            continue
        files |= {f"reports/{name}.{kind}": FORMATS[kind](made) for kind in REPORT_FORMATS}
    return files, not_made

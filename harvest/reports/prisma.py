"""`harvest report prisma`: the flow of the review after PRISMA 2020 (Page et al., BMJ 2021;372:n71, item 16a).

Every number is the length of a set of ids that `listed` prints, and none is shown before all of them add up.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import WrongUse
from db.store import Store
from harvest.files import legible
from harvest.project import Project
from harvest.reports.document import Paragraph, Report, Table
from harvest.reports.flow import Box, Flow, flow
from harvest.reports.flow.identities import IDENTITIES, proved
from screen.export import harvest_id

NAME = "prisma"
COLUMNS = ("box", "label", "unit", "n")


@dataclass(frozen=True, slots=True)
class Listed:
    """One of the things that a box counts."""

    id: str
    """H000123; U000004 for what could not be read, by its row in `unreadable`."""
    title: str


def counted(store: Store, project: Project) -> Flow:
    """The flow, proved. Raises `CheckFailed` when it does not add up."""
    return proved(flow(store, project))


def build(store: Store, project: Project) -> Report:
    """The flow as a document with one table."""
    return document(counted(store, project), project.title, store.now())


def document(made: Flow, title: str, moment: str) -> Report:
    """A flow as a document with one table; `moment` is when it was so."""
    rows = tuple((box.name, box.label, box.unit, box.n) for box in shown(made))
    told = (
        f"As of {moment}. Each number is the length of a list that `harvest report prisma --list BOX` prints; "
        f"all {len(IDENTITIES)} sums between them hold. Records are counted where they were found first, databases and "
        "registers before other methods."
    )
    return Report(
        NAME, f"PRISMA 2020 flow: {title}", (Paragraph(told), Table(COLUMNS, rows)), Table(COLUMNS, rows)
    )


def shown(made: Flow) -> tuple[Box, ...]:
    """The boxes that say something: all of databases and registers, of the other columns those there are."""
    return tuple(
        box for box in made.boxes.values()
        if box.n or ((made.updated or not _of_update(box)) and (made.other or not _of_other(box)))
    )  # fmt: skip


def _of_update(box: Box) -> bool:
    return box.name.startswith(("previous_", "total_", "further_", "dbr_again", "dbr_further"))


def _of_other(box: Box) -> bool:
    return box.name.startswith(("other_", "website_", "organisation_", "citations_", "contacts_"))


def listed(made: Flow, name: str, store: Store) -> tuple[Listed, ...]:
    """What a box counts, by number. A report or study goes by the smallest id of its records, with that one's title.

    Raises:
        WrongUse: there is no such box, or its number is stated in `review.toml` and not counted.
    """
    box = _box(made, name)
    if box.stated and not box.ids:
        raise WrongUse(
            f"{box.name} is stated in review.toml, [previous]: the review does not hold its records."
        )
    titles = {number: record.title for number, record in store.records(n for n in box.ids if n > 0)}
    return tuple(
        Listed(harvest_id(n), titles.get(n, "")) if n > 0 else Listed(f"U{-n:06}", "could not be read")
        for n in sorted(box.ids, key=abs)
    )


def _box(made: Flow, name: str) -> Box:
    found = {each.casefold(): box for each, box in made.boxes.items()}.get(name.casefold())
    if found is None:
        there = ", ".join(made.boxes)
        raise WrongUse(f"There is no box {legible(name)}; there are {there}.")
    return found

"""harvest report prisma: the flow of the review, drawn, counted and listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened, stored
from harvest.cli.output import dry_run_option, json_option, print_json, table

if TYPE_CHECKING:
    from db.store import Store
    from harvest.reports.prisma_files import Telling

FORMATS = ("svg", "png", "csv", "md", "docx", "json")
"""As `harvest.reports.prisma_files` writes them; a terminal shows a table when none is named."""
PICTURES = ("svg", "png", "docx")
"""What no terminal shows."""


@click.command()
@click.option("--list", "box", metavar="BOX", help="Print the ids and titles that a box counts.")
@click.option("--at", metavar="DATE", help="The review as it was: a day (its end, UTC) or a moment.")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="[default: by the name of the file, else a table]"
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="File or folder to write to. [default: terminal; pictures: reports/]"
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def prisma(
    folder: Path, *, box: str | None, at: str | None, kind: str | None, out: Path | None, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Tell the flow of the review after PRISMA 2020, from records identified to studies included.

    Every number is the length of a list that --list prints, and all of them must add up: if they do not, nothing is
    shown, and the exit code is 4. CSV is for the PRISMA2020 flow-diagram tool. PNG needs a program that draws it.

    \b
    harvest report prisma
    harvest report prisma --format svg
    harvest report prisma --list dbr_excluded:design
    harvest report prisma --at 2026-06-30
    """
    from harvest.project import load
    from harvest.reports.prisma import counted, listed
    from harvest.reports.prisma_files import Telling

    project = load(folder)
    with _of(folder, at) as store:
        made = Telling(counted(store, project), project.title, store.now())
        found = listed(made.flow, box, store) if box else ()
    if box and as_json:
        print_json([{"id": each.id, "title": each.title} for each in found])
    elif box:
        table(("id", "title"), [(each.id, each.title) for each in found])
    elif kind is None and out is None and not as_json:
        _show(made)
    else:
        _write(made, out, "json" if as_json else kind, project.reports, dry_run=dry_run)


@contextmanager
def _of(folder: Path, at: str | None) -> Iterator[Store]:
    """The review as it is, or as it was."""
    from harvest.past import moment_of, past

    if at is None:
        with opened(folder) as store:
            yield store
        return
    with opened(folder):  # an older version's database is brought up to date first
        path = stored(folder)
    with past(path, moment_of(at)) as store:
        yield store


def _show(made: Telling) -> None:
    from harvest.reports.prisma import COLUMNS, shown

    rows = [(box.name, box.label, box.unit, box.n) for box in shown(made.flow)]
    table(COLUMNS, rows, title=f"PRISMA 2020 flow, {made.moment}")


def _write(made: Telling, out: Path | None, kind: str | None, reports: Path, *, dry_run: bool) -> None:
    """Put the flow where it is wanted: a picture without a place goes to the folder of reports."""
    from harvest.files import put
    from harvest.reports.prisma_files import FORMATS as WRITERS
    from harvest.reports.writing import target

    if out is None and kind in PICTURES:
        out = reports / f"prisma.{kind}"
    usual = kind or ("svg" if out and (out.is_dir() or not out.suffix) else None)
    path, chosen = target(out, usual, "prisma", reports, tuple(WRITERS))
    if path is None:
        sys.stdout.buffer.write(WRITERS[chosen](made))
        return
    if not dry_run:
        put(path, WRITERS[chosen](made))
    click.echo(path)

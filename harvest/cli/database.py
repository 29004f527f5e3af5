"""harvest db verify · backup · reread · rebuild · sql: the database itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from db.errors import CheckFailed
from harvest.cli.opening import opened, stored
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk, watched

if TYPE_CHECKING:
    from harvest.rebuilding import Rebuilt


@click.group()
def db() -> None:
    """Prove, copy, re-read, rebuild and question the review database.

    \b
    harvest db verify
    """


@db.command()
@json_option
@click.pass_obj
def verify(folder: Path, as_json: bool) -> None:
    """Prove that everything is as it was stored: digests, guards, foreign keys, counts.

    \b
    harvest db verify
    """
    from db.verify import verify as prove

    path = stored(folder)
    found = list(prove(path))
    if as_json:
        print_json(found)
    for sentence in () if as_json else found:
        click.echo(sentence)
    if found:
        raise CheckFailed(
            f"{count(len(found), 'thing')} wrong in {path}: restore a backup, or ask for help with this list."
        )
    talk("Everything is as it was stored.")


@db.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(folder: Path, target: Path | None) -> None:
    """Copy the database while it may be in use; the copy is whole.

    \b
    harvest db backup
    harvest db backup /media/usb/review.db
    """
    from db.backup import backup as copy

    click.echo(copy(stored(folder), target))


@db.command()
@dry_run_option
@click.pass_obj
def reread(folder: Path, dry_run: bool) -> None:
    """Read the stored answers again, with the readers of this version; asks nobody.

    \b
    harvest db reread --dry-run
    harvest db reread
    """
    from db.store.connection import utc_now
    from harvest.catalogue import make
    from harvest.lock import held
    from harvest.project import load
    from harvest.refresh import refresh
    from harvest.rereading import reread as read_again
    from harvest.transport import Transport

    project = load(folder)
    transport = Transport()
    stored(folder)
    with held(project.folder, utc_now()), opened(folder) as store:
        done = read_again(store, lambda name: make(name, transport, {}), dry_run=dry_run)
        if not dry_run:
            refresh(store, project, "reread")
    click.echo(f"{count(done.pages, 'page')} read again, {count(done.changed, 'record')} read differently.")
    if done.rescued:
        click.echo(f"{count(done.rescued, 'record')} could not be read before, and can be now.")
    if dry_run:
        talk("A rehearsal: nothing was written.")
    for sentence in done.failed:
        talk(sentence)
    if done.failed:
        click.get_current_context().exit(3)


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def rebuild(folder: Path, target: Path, as_json: bool) -> None:
    """Make a second database from the stored answers alone, offline, and compare the two.

    \b
    harvest db rebuild proof.db
    """
    from db.store.connection import utc_now
    from harvest.catalogue import make
    from harvest.lock import held
    from harvest.rebuilding import rebuild as make_anew
    from harvest.transport import Transport

    path, transport = stored(folder), Transport()
    with held(path.parent, utc_now()), opened(folder) as store, watched(quiet=as_json) as progress:
        done = make_anew(store, target, lambda name: make(name, transport, {}), progress)
    if as_json:
        print_json(done.to_dict())
    else:
        _tell_rebuilt(done)
    if done.failed or done.wrong:
        raise CheckFailed(
            f"{target} is not what {path} holds, although the same readers read the same bytes."
        )


def _tell_rebuilt(done: Rebuilt) -> None:
    from screen.export import harvest_id

    table(["made anew", "rows", "differ"], [[name, *counts] for name, counts in done.tables.items()])
    click.echo(
        f"\n{done.path}: {count(done.pages, 'page')} read; {'nothing' if done.identical else 'something'} differs."
    )
    if done.newer:
        talk(
            f"{count(len(done.newer), 'record')} read differently by the readers of this version: "
            "`harvest db reread` takes that over."
        )
    for sentence in (*done.failed, *(f"{harvest_id(number)} is read differently." for number in done.wrong)):
        talk(sentence)


@db.command()
@click.argument("query")
@json_option
@click.pass_obj
def sql(folder: Path, query: str, as_json: bool) -> None:
    """Ask the database a question in SQL; it is opened for reading only.

    \b
    harvest db sql "SELECT source, count(*) AS records FROM record GROUP BY source"
    """
    from db.question import ask

    columns, found = ask(stored(folder), query)
    rows = [tuple(map(_written, row)) for row in found]
    if as_json:
        print_json([dict(zip(_once(columns), row, strict=True)) for row in rows])
    else:
        table(columns, rows)


def _once(names: Sequence[str]) -> list[str]:
    """Names of columns, each once: JSON would keep the last of two that are called the same."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}:{seen[name]}")
    return told


def _written(value: object) -> object:
    """Bytes as SQL writes them: neither a table nor JSON has another way."""
    return f"X'{value.hex().upper()}'" if isinstance(value, bytes) else value

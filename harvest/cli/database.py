"""harvest db verify · backup · reread · sql: the database itself."""

from __future__ import annotations

from pathlib import Path

import click

from harvest.cli.output import json_option, print_json, table, talk


@click.group()
def db() -> None:
    """Prove, copy, re-read and question the review database.

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
    from db.errors import CheckFailed
    from db.verify import verify as prove

    path = _existing(folder)
    found = list(prove(path))
    if as_json:
        print_json(found)
    for sentence in () if as_json else found:
        click.echo(sentence)
    if found:
        raise CheckFailed(
            f"{len(found)} thing(s) wrong in {path}: restore a backup, or ask for help with this list."
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

    click.echo(copy(_existing(folder), target))


@db.command()
@click.pass_obj
def reread(folder: Path) -> None:
    """Read the stored answers again, with the readers of this version; asks nobody.

    \b
    harvest db reread
    """
    from db.store import Store
    from db.store.connection import utc_now
    from harvest.catalogue import make
    from harvest.lock import held
    from harvest.project import load
    from harvest.refresh import refresh
    from harvest.rereading import reread as read_again
    from harvest.transport import Transport

    project = load(folder)
    transport = Transport()
    with held(project.folder, utc_now()), Store.open(project.database, create=False) as store:
        done = read_again(store, lambda name: make(name, transport, {}))
        refresh(store, project)
    click.echo(f"{done.pages} pages read again, {done.changed} records read differently.")
    for sentence in done.failed:
        talk(sentence)
    if done.failed:
        click.get_current_context().exit(3)


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

    columns, rows = ask(_existing(folder), query)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(columns, rows)


def _existing(folder: Path) -> Path:
    from db.errors import WrongUse

    path = folder / "review.db"
    if not path.exists():
        raise WrongUse(f"{path} does not exist yet: start `harvest run` in the review folder first.")
    return path

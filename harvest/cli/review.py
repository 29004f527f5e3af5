"""harvest new · find: the review folder, and what stands in it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", help="Title of the review.")
@dry_run_option
def new(folder: Path, title: str | None, dry_run: bool) -> None:
    """Write the folder of a new review: review.toml, search strings, folders.

    \b
    harvest new my-review --title "Parent-infant psychotherapy"
    """
    from harvest.template import create, files

    if dry_run:
        for name in files():
            click.echo(folder / name)
        return
    for path in create(folder, title):
        click.echo(path)
    here = shlex.quote(str(folder))
    talk(f"Now complete {folder / 'review.toml'}, look at it with `harvest -C {here} check`, then `run`.")


@click.command()
@click.argument("words")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many records to show."
)
@json_option
@click.pass_obj
def find(folder: Path, words: str, limit: int, as_json: bool) -> None:
    """Find records by words in title and abstract, by identifier (PMID, DOI, NCT number) or by H number.

    \b
    harvest find "reflective functioning"
    harvest find NCT00923559
    """
    from harvest.lookup import look_up

    with opened(folder) as store:
        found = look_up(store, words, limit)
    if as_json:
        print_json([line.to_dict() for line in found])
        return
    table(["id", "report", "source", "key", "year", "title"], [
        [line.id, line.report, line.source, line.key, line.year or "", line.title] for line in found
    ])  # fmt: skip
    talk(f"{count(len(found), 'record')}.")

"""harvest study list · show · label · primary · state: reports of one investigation under one name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk

if TYPE_CHECKING:
    from db.opinion import StudyNote

_BY = click.option("--by", required=True, help="Who says so.")
_BECAUSE = click.option("--because", default="", help="Why.")


@click.group()
def study() -> None:
    """Look at the studies that have come to full text; give them labels, primary reports and states.

    \b
    harvest study list
    """


@study.command("list")
@click.option(
    "--state", type=click.Choice(["included", "excluded", "ongoing", "awaiting"]), help="In this state only."
)
@click.option(
    "--keep", "keeping", is_flag=True, help="Keep the labels shown: they stay, whatever comes later."
)
@json_option
@click.pass_obj
def list_(folder: Path, state: str | None, keeping: bool, as_json: bool) -> None:
    """List studies by label, with their reports, the primary one first, and where they stand.

    \b
    harvest study list
    harvest study list --state ongoing --json
    harvest study list --keep
    """
    from harvest.project import load
    from harvest.studies import counts, studies
    from harvest.studies.saying import keep

    project = load(folder)
    with opened(folder) as store:
        every = studies(store, project)
        found = [each for each in every if state is None or each.standing.startswith(state)]
        if keeping:
            talk(f"{count(keep(store, found), 'label')} kept.")
    if as_json:
        print_json([each.to_dict() for each in found])
        return
    table(
        ["label", "state", "reports", "title of the primary report"],
        [[s.label, s.standing, " ".join(r.id for r in s.reports), s.primary.record.title] for s in found],
    )
    for sentence in counts(every).sentences:
        talk(sentence)


@study.command()
@click.argument("name")
@json_option
@click.pass_obj
def show(folder: Path, name: str, as_json: bool) -> None:
    """Show one study, by any of its records or by its label: every report with its kind and what became of it.

    \b
    harvest study show H000123
    harvest study show "Cicchetti 1999a"
    """
    from harvest.project import load
    from harvest.studies.saying import study_of

    project = load(folder)
    with opened(folder) as store:
        found = study_of(store, project, name)
    if as_json:
        print_json(found.to_dict())
        return
    who = f" (said by {found.standing_by})" if found.standing_by else ""
    click.echo(f"{found.label}  {found.standing}{who}")
    table(
        ["report", "kind", "what became of it", "year", "title"],
        [[r.id, r.kind, r.why_pending or r.standing, r.record.year, r.record.title] for r in found.reports],
    )
    if found.trial:
        talk(f"Registered as {', '.join(found.trial.numbers)}: {found.trial.trial.status or 'no status'}.")


@study.command()
@click.argument("name")
@click.argument("label")
@_BY
@_BECAUSE
@dry_run_option
@click.pass_obj
def label(folder: Path, name: str, label: str, by: str, because: str, dry_run: bool) -> None:
    """Give a study a label; an empty one takes back what was given.

    \b
    harvest study label H000123 "Cicchetti 1999a" --by ana
    harvest study label H000123 "" --by ana
    """
    from harvest.project import load
    from harvest.studies.saying import call

    project = load(folder)
    with opened(folder) as store:
        said = call(store, project, name, label, by, because, dry_run=dry_run)
    _tell(
        said,
        f"is called {said.value}" if said.value else "has the label that follows from its reports",
        dry_run,
    )


@study.command()
@click.argument("record")
@_BY
@_BECAUSE
@dry_run_option
@click.pass_obj
def primary(folder: Path, record: str, by: str, because: str, dry_run: bool) -> None:
    """Say which report of a study is to be cited first.

    \b
    harvest study primary H000124 --by ana --because "reports the main outcome"
    """
    from harvest.project import load
    from harvest.studies.saying import cite_first

    project = load(folder)
    with opened(folder) as store:
        said = cite_first(store, project, record, by, because, dry_run=dry_run)
    _tell(said, f"has {said.value} as its primary report", dry_run)


@study.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["ongoing", "awaiting", "none", "derived"]))
@_BY
@_BECAUSE
@dry_run_option
@click.pass_obj
def state(folder: Path, name: str, state: str, by: str, because: str, dry_run: bool) -> None:
    """Say that a study is ongoing or awaits classification, that it is neither, or nothing any more (derived).

    \b
    harvest study state H000123 ongoing --by ana --because "authors wrote: ends in 2027"
    """
    from harvest.project import load
    from harvest.studies.saying import settle

    project = load(folder)
    with opened(folder) as store:
        said = settle(store, project, name, state, by, because, dry_run=dry_run)
    words = {
        "": "neither is ongoing nor awaits classification",
        "derived": "stands as votes and registers have it",
    }
    _tell(said, words.get(said.value, f"is {said.value}"), dry_run)


def _tell(said: StudyNote, what: str, dry_run: bool) -> None:
    from screen.export import harvest_id

    click.echo(f"{'Would note' if dry_run else 'Noted'}: the study of {harvest_id(said.record)} {what}.")

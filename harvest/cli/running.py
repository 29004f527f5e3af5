"""harvest run · add · sources · schedule: asking the sources, taking export files in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from harvest.cli.output import dry_run_option, json_option, print_json, table, talk, watched
from harvest.cli.telling import tell


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Ask this search only; may be repeated.")
@click.option("--exit-code", "by_news", is_flag=True, help="Exit with 10 when there are new records.")
@dry_run_option
@json_option
@click.pass_obj
def run(folder: Path, only: tuple[str, ...], by_news: bool, dry_run: bool, as_json: bool) -> None:
    """Ask every source, keep what is new or changed, deduplicate, rank, and say what happened.

    \b
    harvest run
    harvest run --only pubmed --dry-run
    """
    from harvest.catalogue import make
    from harvest.project import load
    from harvest.run import rehearse
    from harvest.run import run as run_review
    from harvest.transport import Transport

    project = load(folder)
    for problem in project.warnings:
        talk(f"warning: {problem}")
    transport = Transport(project.patience)
    with watched(quiet=as_json) as progress:
        work = rehearse if dry_run else run_review
        outcome = work(
            project, lambda name: make(name, transport, project.source_settings(name)), progress, only
        )
    tell(outcome, as_json=as_json)
    click.get_current_context().exit(outcome.exit_code or (10 if by_news and outcome.new else 0))


def _day(_context: click.Context, _parameter: click.Parameter, said: str) -> str:
    """A day as it is written everywhere; it becomes part of a file's name."""
    try:
        return date.fromisoformat(said).isoformat() if said else ""
    except ValueError as error:
        raise click.BadParameter(f"{said!r} is no day: write it as 2026-11-22.") from error


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--database", default="", help="Where the records come from: Embase, CINAHL, …")
@click.option("--platform", default="", help="Through what: Ovid, EBSCOhost, …")
@click.option("--date", "searched", default="", callback=_day, help="Day of the search, 2026-11-22.")
@dry_run_option
@json_option
@click.pass_obj
def add(
    folder: Path, files: tuple[Path, ...], database: str, platform: str, searched: str, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Take export files (RIS, .nbib, CSV, TSV) into the review; nothing in them is lost.

    \b
    harvest add embase.ris --database Embase --platform Ovid --date 2026-11-22
    """
    from contextlib import nullcontext

    from db.store import Store
    from harvest import imports
    from harvest.outcome import Outcome
    from harvest.project import load
    from harvest.run import add as add_files

    project = load(folder)
    said = imports.Origin(database, platform, searched)
    if dry_run:
        outcome = Outcome(dry=True)
        with Store.open(project.database) if project.database.exists() else nullcontext() as store:
            outcome.searches = [imports.preview(store, imports.open_file(path, said)) for path in files]
    else:
        with watched(quiet=as_json) as progress:
            outcome = add_files(project, files, said, progress)
    tell(outcome, as_json=as_json)
    click.get_current_context().exit(outcome.exit_code)


@click.command()
@click.argument("name", required=False)
@json_option
def sources(name: str | None, as_json: bool) -> None:
    """List what can be asked, what each source needs, and how a string is written for it.

    \b
    harvest sources
    harvest sources pubmed
    """
    from harvest import catalogue

    chosen = [name] if name else catalogue.names()
    kinds = {each: catalogue.kind(each) for each in chosen}
    if as_json:
        print_json(
            [{"name": n, "label": k.label, "version": k.version, "help": k.help} for n, k in kinds.items()]
        )
    elif name:
        click.echo("\n".join((kinds[name].label, "", *kinds[name].help)))
    else:
        table(["name", "source", "in short"], [[n, k.label, k.help[0]] for n, k in kinds.items()])
        click.echo("\nEverything else comes in as an export file: `harvest add --help`.")


@click.command()
@click.option(
    "--for", "system", type=click.Choice(["cron", "systemd", "github", "windows"]), default="cron", show_default=True,
    help="Whose words to print.",
)  # fmt: skip
@click.pass_obj
def schedule(folder: Path, system: str) -> None:
    """Print what makes the operating system run the searches by itself; nothing is installed.

    \b
    harvest schedule --for cron >> my.crontab
    """
    from harvest.project import load
    from harvest.schedule import text

    click.echo(text(load(folder), system), nl=False)

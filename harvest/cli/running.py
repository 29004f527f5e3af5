"""harvest run · add · sources: asking the sources, taking export files in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from db.errors import HarvestError, WrongUse
from harvest.cli.opening import opened
from harvest.cli.output import dry_run_option, json_option, print_json, table, talk, watched
from harvest.cli.telling import tell

if TYPE_CHECKING:
    from harvest.imports import Origin
    from harvest.outcome import Outcome
    from harvest.project import Project


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Ask this search only; may be repeated.")
@click.option("--exit-code", "by_news", is_flag=True, help="Exit with 10 when there are new records.")
@click.option(
    "--notify", metavar="COMMAND", default="",
    help="Start this command when there is news; {title}, {new}, {to_screen}, {exit_code} are filled in, and no "
    "shell is involved.",
)  # fmt: skip
@click.option("--count-lines", "recount", is_flag=True, help="Count the hits of every line again.")
@dry_run_option
@json_option
@click.pass_obj
def run(
    folder: Path, only: tuple[str, ...], by_news: bool, notify: str, recount: bool, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Ask every source, keep what is new or changed, deduplicate, rank, and say what happened.

    \b
    harvest run
    harvest run --only pubmed --dry-run
    """
    from functools import partial

    from harvest.catalogue import make
    from harvest.notices_crossref import CrossrefNotices
    from harvest.notify import check
    from harvest.project import load
    from harvest.run import rehearse
    from harvest.run import run as run_review
    from harvest.transport import Transport

    project = load(folder)
    if notify:
        check(notify)
    for problem in project.warnings:
        talk(f"warning: {problem}")
    transport = Transport(project.patience)
    wanted = project.review.notices.crossref
    crossref = CrossrefNotices(transport, project.source_settings("crossref")) if wanted else None
    work = rehearse if dry_run else partial(run_review, crossref=crossref, recount=recount)
    with watched(quiet=as_json) as progress:
        outcome = work(
            project, lambda name: make(name, transport, project.source_settings(name)), progress, only
        )
    tell(outcome, as_json=as_json)
    if not dry_run:
        _afterwards(project, outcome, notify)
    click.get_current_context().exit(outcome.exit_code or (10 if by_news and outcome.new else 0))


def _afterwards(project: Project, outcome: Outcome, template: str) -> None:
    """The public page of a living review, and whoever wants to be told."""
    from harvest.living import keep_page
    from harvest.notify import notify, worth_telling
    from harvest.status import standing

    try:
        with opened(project.folder) as store:
            today = date.fromisoformat(store.now()[:10])
            page = keep_page(project, outcome, standing(store, project), today)
        if page:
            talk(f"{page.relative_to(project.folder).as_posix()} has one more line.")
    except HarvestError as error:  # the run itself is kept, and has its own exit code
        talk(f"The status page was not written: {error}")
    complaint = notify(template, project.title, outcome) if template and worth_telling(outcome) else ""
    if complaint:
        talk(complaint)


def _day(_context: click.Context, _parameter: click.Parameter, said: str) -> str:
    """A day as it is written everywhere; it becomes part of a file's name."""
    try:
        return date.fromisoformat(said).isoformat() if said else ""
    except ValueError as error:
        raise click.BadParameter(f"{said!r} is no day: write it as 2026-11-22.") from error


def _columns(_context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]) -> dict[str, str]:
    """Column → field; the name of a column may hold an equals sign, that of a field does not."""
    from harvest.readers.columns import check

    for pair in said:
        if not all(part.strip() for part in pair.rpartition("=")):
            raise click.BadParameter(f'{pair!r} says no column and field: write it as "Titel=title".')
    stated = {name.strip(): whose.strip() for name, _, whose in (pair.rpartition("=") for pair in said)}
    check(stated)
    return stated


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(name: str, told: Origin) -> Origin:
    """At a terminal: what neither the command nor the file says of its origin (PRISMA-S item 1)."""
    from harvest.imports import Origin

    def answer(question: str, known: str) -> str:
        return known or click.prompt(question, default="", show_default=False, err=True).strip()

    talk(f"{name} does not say where it comes from; Enter leaves it open.")
    return Origin(
        answer("Database (Embase, CINAHL …)", told.database), answer("Platform (Ovid …)", told.platform)
    )


def _choose(name: str, searches: Sequence[str]) -> str:
    """At a terminal: which search of `review.toml` a file belongs to when several fit."""
    talk(f"{name} fits several searches of review.toml.")
    return str(click.prompt("Which one", type=click.Choice(searches), err=True))


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--database", default="", help="Where the records come from: Embase, CINAHL, …")
@click.option("--platform", default="", help="Through what: Ovid, EBSCOhost, …")
@click.option("--date", "searched", default="", callback=_day, help="Day of the search, 2026-11-22.")
@click.option(
    "--column", "columns", multiple=True, callback=_columns, metavar="COLUMN=FIELD",
    help="Of a table: what a column holds (title, abstract, doi, extra …); its number where there is no header.",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def add(
    folder: Path, files: tuple[Path, ...], database: str, platform: str, searched: str,
    columns: dict[str, str], dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take export files into the review; nothing in them is lost.

    Read are the formats that `docs/exports.md` lists: RIS, .nbib, text of Web of Science and Ovid, BibTeX, EndNote's
    XML and tagged text, CSV, Excel and more. With --dry-run it is shown which column of a table fills which field.

    \b
    harvest add embase.ris --database Embase --platform Ovid --date 2026-11-22
    harvest add handsearch.xlsx --column "Titel der Arbeit=title" --dry-run
    """
    from harvest import imports
    from harvest.files import legible
    from harvest.project import load
    from harvest.refresh import must_be_rankable
    from harvest.run import add as add_files
    from harvest.run import rehearse_adding

    project = load(folder)
    must_be_rankable(project)
    said = imports.Origin(database, platform, searched, columns=columns)
    ask, choose = (_ask, _choose) if _at_a_terminal() and not as_json else (None, None)
    exports = [imports.open_for(project, path, said, ask, choose) for path in files]
    if dry_run:
        outcome = rehearse_adding(project, exports)
    else:
        with watched(quiet=as_json) as progress:
            outcome = add_files(project, exports, progress)
    tell(outcome, as_json=as_json)
    if unstated := [legible(file.path.name) for file in exports if not file.origin.database]:
        talk(imports.unstated(unstated))
    click.get_current_context().exit(outcome.exit_code)


@click.command()
@click.argument("name", required=False)
@json_option
def sources(name: str | None, as_json: bool) -> None:
    """List what can be asked, and what comes as an export file: what each needs, how it is searched or exported.

    \b
    harvest sources
    harvest sources pubmed
    harvest sources ictrp
    """
    from harvest import catalogue, exports_only

    asked = {each: catalogue.kind(each) for each in catalogue.names() if name in (None, each)}
    by_hand = [each for each in exports_only.entries() if name is None]
    if name and not asked:
        by_hand = [entry] if (entry := exports_only.by_name(name)) else []
        if not by_hand:
            raise WrongUse(catalogue.unknown(name))
    if as_json:
        print_json([*(_asked(*each) for each in asked.items()), *(each.to_dict() for each in by_hand)])
    elif name:
        click.echo("\n".join((k.label, "", *k.help)) if (k := asked.get(name)) else by_hand[0].text())
    else:
        table(["name", "source", "in short"], [[n, k.label, k.help[0]] for n, k in asked.items()])
        click.echo("\nThese are searched by hand, and come in as export files:\n")
        table(["name", "source", "export as"], [[e.name, e.label, e.format or "has ended"] for e in by_hand])
        click.echo("\nAny other database, too: `harvest add --help`.")


def _asked(name: str, kind: Any) -> dict[str, Any]:
    said = {"name": name, "label": kind.label, "kind": "asked", "register": kind.register}
    return {**said, "version": kind.version, "help": kind.help}

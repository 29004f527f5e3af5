"""harvest report searches · yield · notices · agreement · included …: what a review tells others, in every form."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvest.cli.flowing import prisma
from harvest.cli.opening import opened
from harvest.cli.output import dry_run_option, json_option, talk

if TYPE_CHECKING:
    from db.store import Store
    from harvest.project import Project
    from harvest.reports.document import Report


@click.group()
def report() -> None:
    """Write what the review tells others: appendix, tables, lists, each from what is stored.

    \b
    harvest report searches --out reports/
    """


report.add_command(prisma)


def _written(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every report: where it goes, and as what."""
    for option in (
        click.pass_obj,
        json_option,
        dry_run_option,
        click.option(
            "--format", "kind", type=click.Choice(["md", "docx", "csv", "json"]),
            help="Markdown, Word, a table or JSON. [default: by the name of the file, else md]",
        ),
        click.option(
            "--out", type=click.Path(path_type=Path),
            help="File or folder to write to; one that is there is replaced. [default: the terminal; Word: reports/]",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@report.command()
@click.option(
    "--check", is_flag=True, help="Name what is missing on stderr and exit with 4 when anything is."
)
@_written
def searches(folder: Path, *, check: bool, **where: Any) -> None:
    """Tell how the searches were made: all items of PRISMA-S, with every strategy letter by letter.

    \b
    harvest report searches
    harvest report searches --format docx --out reports/
    harvest report searches --check
    """
    from harvest.reports import builder

    made = _tell(folder, builder("searches"), **where)
    for sentence in made.missing if check else ():
        talk(sentence)
    if check and made.missing:
        click.get_current_context().exit(4)


@report.command("yield")
@click.option(
    "--without", "dropped", multiple=True, metavar="SEARCH", help="What would be lost; may be repeated."
)
@_written
def yields(folder: Path, dropped: tuple[str, ...], **where: Any) -> None:
    """Tell what every source and search brought, what only it brought, and what it cost to read.

    \b
    harvest report yield
    harvest report yield --without embase --without cinahl
    """
    from harvest.reports.yields import of_searches

    _tell(folder, lambda store, project: of_searches(store, project, dropped), **where)


@report.command()
@_written
def notices(folder: Path, **where: Any) -> None:
    """List papers that were retracted, doubted, corrected or republished, with the notice and who says so.

    \b
    harvest report notices --format csv --out reports/notices.csv
    """
    from harvest.reports import builder

    _tell(folder, builder("notices"), **where)


@report.command()
@_written
def agreement(folder: Path, **where: Any) -> None:
    """Tell how well the reviewers agree: percent, kappa with its interval, PABAK, tables, over time, pilot rounds.

    \b
    harvest report agreement
    harvest report agreement --format docx --out reports/
    """
    from harvest.reports import builder

    _tell(folder, builder("agreement"), **where)


@report.command()
@_written
def included(folder: Path, **where: Any) -> None:
    """List the included studies with all their reports, and what registrations say of each. Labels shown are kept.

    \b
    harvest report included --format docx --out reports/
    """
    _tell_studies(folder, "included", **where)


@report.command()
@_written
def excluded(folder: Path, **where: Any) -> None:
    """List what was excluded on the full text, with the reasons in the project's order. Labels shown are kept.

    \b
    harvest report excluded
    harvest report excluded --format csv --out reports/excluded.csv
    """
    _tell_studies(folder, "excluded", **where)


@report.command()
@_written
def ongoing(folder: Path, **where: Any) -> None:
    """List ongoing studies as registered, and those that await classification. Labels shown are kept.

    \b
    harvest report ongoing --format docx --out reports/
    """
    _tell_studies(folder, "ongoing", **where)


def _tell_studies(folder: Path, name: str, **where: Any) -> None:
    """A report that names studies: what they are called in it, they are called from now on, unless it is rehearsed."""
    from harvest.reports import builder
    from harvest.studies import studies
    from harvest.studies.saying import keep

    def build(store: Store, project: Project) -> Report:
        made = builder(name)(store, project)
        shown = {row["study id"] for row in made.rows.to_dicts()}
        if shown and not where["dry_run"]:
            keep(store, [study for study in studies(store, project) if study.id in shown])
        return made

    _tell(folder, build, **where)


@report.command()
@_written
def ai(folder: Path, **where: Any) -> None:
    """Tell what automation did, as RAISE asks: model, data it learnt from, what was shown to whom, limits.

    \b
    harvest report ai --format docx --out reports/
    """
    from harvest.reports import builder

    _tell(folder, builder("ai"), **where)


@report.command()
@_written
def methods(folder: Path, **where: Any) -> None:
    """Write the paragraphs on selection, ready to be pasted, from configuration and log.

    \b
    harvest report methods
    """
    from harvest.reports import builder

    _tell(folder, builder("methods"), **where)


def _tell(
    folder: Path,
    build: Callable[[Store, Project], Report],
    *,
    out: Path | None,
    kind: str | None,
    dry_run: bool,
    as_json: bool,
) -> Report:
    """Build a report and put it where it is wanted."""
    from harvest.project import load
    from harvest.reports.writing import FORMATS, save, target

    project = load(folder)
    with opened(folder) as store:
        made = build(store, project)
    path, kind = target(out, "json" if as_json else kind, made.name, project.reports)
    if path is None:
        sys.stdout.buffer.write(FORMATS[kind](made)) if kind == "csv" else click.echo(
            FORMATS[kind](made), nl=False
        )
    elif dry_run:
        click.echo(path)
    else:
        save(made, kind, path)
        click.echo(path)
    return made

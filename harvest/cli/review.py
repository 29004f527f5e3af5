"""harvest new · check · status · find: the review folder, and what stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import UNREADABLE, count, dry_run_option, json_option, print_json, table, talk

if TYPE_CHECKING:
    from harvest.status import SearchStatus, Status


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
    talk(f"Now complete {folder / 'review.toml'}, look at it with `harvest -C {folder} check`, then `run`.")


@click.command()
@json_option
@click.pass_obj
def check(folder: Path, as_json: bool) -> None:
    """Report everything wrong in the review folder at once, with its place and what to do.

    \b
    harvest check
    """
    from harvest.checking import look_through

    found = look_through(folder)
    errors = [problem for problem in found if not problem.warning]
    if as_json:
        print_json(
            [{"file": p.file, "place": p.place, "message": p.message, "warning": p.warning} for p in found]
        )
    for problem in () if as_json else found:
        click.echo(f"{'warning' if problem.warning else 'error'}: {problem}")
    warnings = len(found) - len(errors)
    talk(f"{count(len(errors), 'error')}, {count(warnings, 'warning')}." if found else "Nothing is wrong.")
    if errors:
        click.get_current_context().exit(2)


@click.command()
@click.option("--run", "number", type=int, help="Tell what this run brought, record by record and why.")
@json_option
@click.pass_obj
def status(folder: Path, number: int | None, as_json: bool) -> None:
    """Say at a glance what was found, what is new, who has how much to read, how old each search is.

    \b
    harvest status
    harvest status --run 7
    """
    from harvest.project import load
    from harvest.status import standing

    project = load(folder)
    with opened(folder) as store:
        now = standing(store, project, number)
    if as_json:
        print_json(now.to_dict())
        return
    _show_status(now)
    if number is not None:
        click.echo("")
        table(["id", "search", "", "because"], [[n.id, n.search, n.event, n.reason] for n in now.news])


def _search_row(s: SearchStatus) -> list[object]:
    days = "" if s.days is None else s.days
    return [s.name, s.source, s.finds, s.new, s.gone, s.last_complete or "never", days, s.state]


def _show_status(now: Status) -> None:
    click.echo(f"{now.title}\n")
    columns = ["search", "source", "finds", "new last run", "gone", "last complete", "days ago", "state"]
    table(columns, [_search_row(search) for search in now.searches])
    click.echo("")
    click.echo(
        f"{count(now.records, 'record')} → {count(now.reports, 'report')} ({count(now.duplicates, 'duplicate')}) → "
        f"{count(now.studies, 'study')}; "
        f"{count(now.to_ask, 'pair')} to ask a person about (`harvest same list --ask`)."
    )
    click.echo("")
    if now.reviewers:
        table(["reviewer", "voted", "to read"], [[r.name, r.voted, r.to_read] for r in now.reviewers])
    click.echo(
        f"\nTitle and abstract: {now.included} included, {now.excluded} excluded, {now.unsure} unsure, "
        f"{count(now.conflicts, 'conflict')}, {now.open} open."
    )
    if now.unreadable:
        talk(f"{count(now.unreadable, 'record')} came and could not be read: {UNREADABLE}.")
    for sentence in now.alarms:
        talk(sentence)


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

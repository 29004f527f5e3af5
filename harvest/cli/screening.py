"""harvest queue export · queue import · decide: what to read next, and what was said."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from db.opinion import Verdict
from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, talk


@click.group()
def queue() -> None:
    """Hand queues to reviewers, take their decisions back.

    \b
    harvest queue export --reviewer ana --format xlsx
    """


@queue.command("export")
@click.option("--reviewer", required=True, help="Whose queue.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "xlsx", "ris"]),
    default="xlsx",
    show_default=True,
    help="csv or xlsx come back by themselves; ris is for other programs.",
)
@click.option("--limit", type=click.IntRange(min=1), help="The first so many reports only.")
@click.option(
    "--audit", type=click.IntRange(min=1), metavar="N",
    help="Instead, a random sample of N reports of all that are not settled, for `harvest rank status`.",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def export_(
    folder: Path, reviewer: str, kind: str, limit: int | None, audit: int | None, dry_run: bool, as_json: bool
) -> None:
    """Write what a reviewer reads next into queues/, most likely inclusions first.

    \b
    harvest queue export --reviewer ana --format xlsx --limit 200
    harvest queue export --reviewer ana --audit 150
    """
    from harvest.project import load
    from harvest.queues import export, sample_for, waiting_for

    project = load(folder)
    with opened(folder) as store:
        if dry_run:
            waiting = len(
                sample_for(store, project, reviewer, audit)
                if audit
                else waiting_for(store, project, reviewer)
            )
            path, reports = None, min(waiting, limit or waiting)
            left = waiting - reports
        else:
            done = export(store, project, reviewer, kind, limit, audit=audit)
            path, reports, left = done.path, done.reports, done.left
            if done.remark:
                talk(done.remark)
    told = f"{count(reports, 'report')} for {reviewer}; {left} more {'of the sample ' if audit else ''}wait."
    if as_json:
        print_json({"path": None if path is None else str(path), "reports": reports, "left": left})
    elif path is None:
        click.echo(told)
    else:
        click.echo(path)
        talk(f"{told} It comes back with `harvest queue import`.")


@queue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reviewer", required=True, help="Whose decisions.")
@dry_run_option
@json_option
@click.pass_obj
def import_(folder: Path, file: Path, reviewer: str, dry_run: bool, as_json: bool) -> None:
    """Take a reviewer's decisions in: the whole file, or nothing and every row that does not fit.

    \b
    harvest queue import decisions/ana.xlsx --reviewer ana
    """
    from harvest.project import load
    from harvest.queues import take_in
    from harvest.refresh import must_be_rankable, rerank

    project = load(folder)
    must_be_rankable(project)
    with opened(folder) as store:
        done = take_in(store, project, file, reviewer, dry_run=dry_run)
        if done.added and not dry_run:
            rerank(store, project, "import")
    if as_json:
        print_json({"decided": done.decided, "added": done.added, "blank": done.blank})
        return
    verb = "would be added" if dry_run else "added"
    click.echo(
        f"{count(done.decided, 'decision')} of {reviewer}: {count(done.added, 'vote')} {verb}; "
        f"{count(done.blank, 'row')} still open."
    )


@click.command()
@click.argument("record")
@click.argument("verdict", type=click.Choice(["include", "exclude", "unsure"]))
@click.option("--reviewer", required=True, help="Who decides.")
@click.option("--reason", default="", help="Code of an exclusion reason in review.toml.")
@click.option("--note", default="", help="A remark.")
@dry_run_option
@click.pass_obj
def decide(
    folder: Path, record: str, verdict: str, reviewer: str, reason: str, note: str, dry_run: bool
) -> None:
    """Give one vote on one record. A change of mind is another vote; nothing is overwritten.

    \b
    harvest decide H000123 exclude --reviewer ana --reason design
    """
    from harvest.project import load
    from harvest.queues import decide as vote
    from screen.export import harvest_id

    project = load(folder)
    with opened(folder) as store:
        given = vote(store, project, record, cast(Verdict, verdict), reviewer, reason, note, dry_run=dry_run)
    click.echo(
        f"{'Would note' if dry_run else 'Noted'}: {given.reviewer} says {given.verdict} to {harvest_id(given.record)}."
    )

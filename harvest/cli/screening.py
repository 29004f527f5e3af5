"""harvest rank · queue export · queue import · decide: what to read next, and what was said."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from db.opinion import Verdict
from harvest.cli.output import dry_run_option, json_option, print_json, table, talk


@click.command()
@click.option("--top", default=20, show_default=True, help="How many reports to show.")
@json_option
@click.pass_obj
def rank(folder: Path, top: int, as_json: bool) -> None:
    """Rank all reports anew, from the question and the votes so far, and show the first ones.

    \b
    harvest rank --top 10
    """
    from db.store import Store
    from harvest.project import load
    from harvest.refresh import rerank
    from screen.export import harvest_id

    project = load(folder)
    with Store.open(project.database, create=False) as store:
        rerank(store, project)
        newest = store.newest_ranking()
        order = newest[1].order[:top] if newest else ()
        rows = [
            (place, number, score, store.record(number)) for place, (number, score) in enumerate(order, 1)
        ]
    shown = [
        {
            "rank": place,
            "id": harvest_id(number),
            "score": round(score, 4),
            "year": record.year,
            "title": record.title,
        }
        for place, number, score, record in rows
        if record is not None
    ]
    if as_json:
        model = newest[1] if newest else None
        print_json(
            {
                "model": model.model if model else None,
                "labels": len(model.labels) if model else 0,
                "order": shown,
            }
        )
        return
    table(["rank", "id", "score", "year", "title"], [list(line.values()) for line in shown])
    if newest:
        talk(f"{newest[1].model}, trained on {len(newest[1].labels)} votes, seed {newest[1].seed}.")


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
@dry_run_option
@json_option
@click.pass_obj
def export_(folder: Path, reviewer: str, kind: str, limit: int | None, dry_run: bool, as_json: bool) -> None:
    """Write what a reviewer reads next into queues/, most likely inclusions first.

    \b
    harvest queue export --reviewer ana --format xlsx --limit 200
    """
    from db.store import Store
    from harvest.project import load
    from harvest.queues import export, waiting_for

    project = load(folder)
    with Store.open(project.database, create=False) as store:
        if dry_run:
            click.echo(f"{len(waiting_for(store, project, reviewer)[:limit])} reports for {reviewer}.")
            return
        done = export(store, project, reviewer, kind, limit)
    if as_json:
        print_json({"path": str(done.path), "reports": done.reports, "left": done.left})
        return
    click.echo(done.path)
    talk(
        f"{done.reports} reports for {reviewer}; {done.left} more wait. It comes back with `harvest queue import`."
    )


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
    from db.store import Store
    from harvest.project import load
    from harvest.queues import take_in
    from harvest.refresh import rerank

    project = load(folder)
    with Store.open(project.database, create=False) as store:
        done = take_in(store, project, file, reviewer, dry_run=dry_run)
        if done.added and not dry_run:
            rerank(store, project)
    if as_json:
        print_json({"decided": done.decided, "added": done.added, "blank": done.blank})
        return
    verb = "would be added" if dry_run else "added"
    click.echo(
        f"{done.decided} decisions of {reviewer}: {done.added} {verb}; {done.blank} rows are still open."
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
    from db.store import Store
    from harvest.project import load
    from harvest.queues import decide as vote

    project = load(folder)
    with Store.open(project.database, create=False) as store:
        given = vote(store, project, record, cast(Verdict, verdict), reviewer, reason, note, dry_run=dry_run)
    click.echo(f"{'Would note' if dry_run else 'Noted'}: {given.reviewer} says {given.verdict} to {record}.")

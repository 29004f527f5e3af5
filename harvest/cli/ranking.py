"""harvest rank: the order of reading, and why it is as it is."""

from __future__ import annotations

from pathlib import Path

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk


@click.group(invoke_without_command=True)
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="How many reports to show."
)
@dry_run_option
@json_option
@click.pass_context
def rank(ctx: click.Context, top: int, dry_run: bool, as_json: bool) -> None:
    """Rank all reports anew, from the question and the votes so far, and show the first ones.

    \b
    harvest rank --top 10
    """
    from harvest.project import load
    from harvest.refresh import rerank
    from screen.export import harvest_id

    if ctx.invoked_subcommand:
        return
    folder: Path = ctx.obj
    project = load(folder)
    with opened(folder) as store:
        ranking = rerank(store, project, keep=not dry_run)
        first = ranking.order[:top] if ranking else ()
        records = dict(store.records(number for number, _ in first))
    shown: list[dict[str, object]] = [
        {
            "rank": place, "id": harvest_id(number), "score": round(score, 4), "year": records[number].year,
            "title": records[number].title,
        }
        for place, (number, score) in enumerate(first, start=1)
    ]  # fmt: skip
    if as_json:
        model, labels = (ranking.model, len(ranking.labels)) if ranking else (None, 0)
        print_json({"model": model, "labels": labels, "order": shown})
        return
    table(["rank", "id", "score", "year", "title"], [list(line.values()) for line in shown])
    if ranking:
        talk(f"{ranking.model}, trained on {count(len(ranking.labels), 'vote')}, seed {ranking.seed}.")
    else:
        talk("There is nothing to rank yet.")

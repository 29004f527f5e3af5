"""harvest rank · rank why · rank log · rank check: the order of reading, why it is as it is, and the proof of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from db.errors import ProjectError
from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk
from harvest.cli.stopping import status

if TYPE_CHECKING:
    from db.store import Store
    from harvest.rankings import Line
    from harvest.reasons import Told


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
        talk(
            f"{ranking.model}, learnt from the votes on {count(len(ranking.labels), 'report')}, seed {ranking.seed}."
        )
    else:
        talk("There is nothing to rank yet.")


@rank.command()
@click.argument("record")
@click.option("--reviewer", default="", help="Who asks: their own votes are told beside the likes.")
@json_option
@click.pass_obj
def why(folder: Path, record: str, reviewer: str, as_json: bool) -> None:
    """Say why a report stands where it stands: the terms that lifted or lowered it, and what it is most like.

    Of the reports it is most like, the outcome is told where all votes are given; no one's single vote is told to
    anybody else. With --reviewer your own votes stand beside it.

    \b
    harvest rank why H000123
    harvest rank why H000123 --reviewer ana
    """
    from harvest.project import load
    from harvest.reasons import Reasons
    from harvest.screening import states
    from harvest.waiting import known_reviewer

    project = load(folder)
    if reviewer:
        known_reviewer(project, reviewer)
    with opened(folder) as store:
        told = Reasons.in_force(store).told(store, record, states(store, project), reviewer)
    if as_json:
        print_json(told.to_dict())
    else:
        _show_why(told)


def _show_why(told: Told) -> None:
    click.echo(f"{told.id}  {told.title}")
    click.echo(
        f"Place {told.place} of {told.of} in ranking {told.ranking} ({told.model}), score {told.score:.4f}."
    )
    if not (told.lifted or told.lowered):
        talk("No words can be named: it has none that the ranking knows, or the ranker gives no reasons.")
    for heading, reasons in (("lifted by", told.lifted), ("lowered by", told.lowered)):
        if reasons:
            click.echo("")
            table([heading, "in", "part"], [[r.term, r.block, round(r.part, 4)] for r in reasons])
    if told.lifted or told.lowered:
        click.echo(
            f"\nAll its other terms together: {told.others:+.4f}. The parts of all terms add up to the score."
        )
    if told.nearest:
        click.echo("")
        table(["most like", "likeness", "outcome", "your vote", "title"], [
            [like.id, round(like.likeness, 3), like.outcome, like.own, like.title] for like in told.nearest
        ])  # fmt: skip


def _withheld(folder: Path, store: Store) -> frozenset[int]:
    """Whose labels are not told; all, where a project file that cannot be read leaves open how many must vote."""
    from harvest.blind import withheld
    from harvest.project import load

    try:
        return withheld(store, load(folder))
    except ProjectError:
        return frozenset(store.membership())


@rank.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many to show.")
@click.option("--all", "every", is_flag=True, help="Show all rankings ever made.")
@json_option
@click.pass_obj
def log(folder: Path, number: int | None, last: int, every: bool, as_json: bool) -> None:
    """List the rankings, newest first: when, what for, by which model, learnt from what, shown to whom.

    With a NUMBER and --json: that ranking with everything that is kept of it, also its order and the question as it
    was asked.

    \b
    harvest rank log --last 5
    harvest rank log 7 --json
    """
    from harvest.rankings import log as logged
    from harvest.rankings import whole

    with opened(folder) as store:
        hidden = _withheld(folder, store)
        if number is not None and as_json:
            print_json(whole(store, number, hidden))
            return
        lines = logged(store, None if every else last, number, hidden)
    if as_json:
        print_json([line.to_dict() for line in lines])
        return
    table(
        ["ranking", "at", "because", "model", "harvest", "reports", "labels", "order", "shown to"],
        [_log_row(line) for line in lines],
    )
    talk("`harvest rank check NUMBER` makes one again and compares.")


def _log_row(line: Line) -> list[object]:
    kept, counts = line.logged, line.counts()
    labels = f"{counts['included']} in, {counts['excluded']} out"
    labels += f", {counts['between']} between" if counts["between"] else ""
    shown = ", ".join(f"{reviewer} {reports}" for reviewer, reports in line.readers().items())
    ranking = kept.ranking
    version = ranking.versions.get("harvest", "")
    return [
        kept.number, kept.at[:16], ranking.because, ranking.model, version, kept.reports, labels,
        kept.order_digest[:12], shown,
    ]  # fmt: skip


@rank.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--all", "every", is_flag=True, help="Every ranking ever made.")
@json_option
@click.pass_obj
def check(folder: Path, number: int | None, every: bool, as_json: bool) -> None:
    """Make a ranking again from the log alone and compare it bit for bit; the newest one unless told otherwise.

    Exit 4 when one comes out differently or cannot be made again.

    \b
    harvest rank check
    harvest rank check --all
    """
    from harvest.rankings import check as checked
    from harvest.rankings import numbers

    found = []
    with opened(folder) as store:
        for one in checked(store, numbers(store, number, every=every)):
            found.append(one)
            if one.other_versions:
                talk(f"Ranking {one.number} was made with {'; '.join(one.other_versions)}.")
            if not as_json:
                click.echo(one.finding)
    if as_json:
        print_json([one.to_dict() for one in found])
    if not all(one.same for one in found):
        click.get_current_context().exit(4)


rank.add_command(status)

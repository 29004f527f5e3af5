"""harvest pilot draw · pilot status: the sample that everybody reads first."""

from __future__ import annotations

from pathlib import Path

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk
from harvest.cli.staging import STAGES, stage_option


@click.group()
def pilot() -> None:
    """Let every reviewer read the same random sample first, and see whether they judge alike.

    \b
    harvest pilot draw 50 --by cleo
    """


@pilot.command()
@click.argument("size", type=click.IntRange(min=1))
@click.option("--by", required=True, help="Who draws it.")
@stage_option("At which stage.")
@dry_run_option
@json_option
@click.pass_obj
def draw(folder: Path, size: int, by: str, stage: str, dry_run: bool, as_json: bool) -> None:
    """Draw SIZE reports on which nobody has voted; they stand in front of everybody's queue from now on.

    \b
    harvest pilot draw 50 --by cleo
    """
    from harvest.pilot import draw as drawn_by
    from harvest.project import load
    from screen.export import harvest_id

    project = load(folder)
    with opened(folder) as store:
        drawn = drawn_by(store, project, size, by, STAGES[stage], dry_run=dry_run)
    names = [harvest_id(number) for number in drawn.reports]
    if as_json:
        print_json({"stage": drawn.stage, "seed": drawn.seed, "by": drawn.by, "reports": names})
        return
    click.echo("\n".join(names))
    verb = "would be drawn" if dry_run else "drawn"
    talk(f"{count(size, 'report')} {verb} with seed {drawn.seed} for {', '.join(project.reviewers)}.")


@pilot.command()
@stage_option("At which stage.")
@json_option
@click.pass_obj
def status(folder: Path, stage: str, as_json: bool) -> None:
    """Say how far each pilot round has come. What the reviewers said is told once everybody has voted.

    \b
    harvest pilot status
    """
    from harvest.pilot import rounds
    from harvest.project import load

    project = load(folder)
    with opened(folder) as store:
        found = rounds(store, project, STAGES[stage])
    if as_json:
        print_json([each.to_dict() for each in found])
        return
    table(["round", "drawn", "by", "seed", "reports", *project.reviewers, "all voted", "judged differently"], [
        [f.number, f.at[:10], f.by, f.seed, f.reports, *f.read.values(), f.settled, f.conflicts] for f in found
    ])  # fmt: skip
    if not found:
        talk("No pilot was drawn yet: `harvest pilot draw 50 --by NAME`.")
    elif all(each.complete for each in found):
        talk("Every pilot report has all its votes: `harvest report agreement` tells how alike they are.")

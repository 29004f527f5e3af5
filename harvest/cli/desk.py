"""harvest desk: a page on this computer on which a reviewer reads and votes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from db.errors import WrongUse
from harvest.cli.opening import stored
from harvest.cli.output import talk
from harvest.cli.staging import STAGES, stage_option

if TYPE_CHECKING:
    from db.opinion import Stage
    from harvest.desk.serving import Served
    from harvest.project import Project


@click.command()
@click.option("--reviewer", required=True, help="Who reads; the arbiter finds the conflicts here.")
@stage_option("What is judged.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True,
    help="Of this computer; 0 takes a free one.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.pass_obj
def desk(folder: Path, reviewer: str, stage: str, port: int, no_browser: bool) -> None:
    """Open the reviewer's queue as a page on this computer, and take the votes given there.

    Nobody else can open it, and nothing of anybody else's votes is on it. Ctrl-C ends it; every vote is stored at once.

    \b
    harvest desk --reviewer ana
    harvest desk --reviewer ana --stage full-text --no-browser
    """
    from harvest.project import load

    project = load(folder)
    stored(folder)
    place = _served(project, reviewer, STAGES[stage], port)
    click.echo(place.address)
    talk("The desk is open. Ctrl-C ends it.")
    if not no_browser:
        click.launch(place.address)
    if place.desk.reads:
        place.desk.renewal.start()
    place.run()
    talk(place.last_word())


def _served(project: Project, reviewer: str, stage: Stage, port: int) -> Served:
    try:
        from harvest.desk.serving import served
    except ModuleNotFoundError as error:
        raise WrongUse(
            f"The desk needs Flask, which is not installed ({error.name}): `pip install 'harvest-review[desk]'`."
        ) from error
    return served(project, reviewer, stage, port)

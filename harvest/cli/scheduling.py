"""harvest schedule: words for the operating system."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from harvest.cli.output import talk

SYSTEMS = ["cron", "systemd", "github", "windows"]


@click.command()
@click.argument("system", type=click.Choice(SYSTEMS), default="cron")
@click.option(
    "--notify",
    metavar="COMMAND",
    default="",
    help="Have each run start this command, as `harvest run --notify`: no shell is involved.",
)
@click.pass_obj
def schedule(folder: Path, system: str, notify: str) -> None:
    """Print what makes the operating system run the searches by itself; nothing is installed.

    \b
    harvest schedule cron >> my.crontab
    harvest schedule systemd --notify "mail -s '{title}: {new} new' ana@example.org"
    """
    from harvest.notify import check
    from harvest.project import load
    from harvest.schedule import text

    words = ["run"]
    if notify:
        check(notify)
        words += ["--notify", notify]
    project = load(folder)
    click.echo(text(project, system, words, datetime.now(UTC).date()), nl=False)
    if ended := project.schedule.ended:
        talk(f"The living mode of this review will end on {ended}: take this away then.")

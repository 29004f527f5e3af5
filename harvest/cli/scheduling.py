"""harvest schedule: words for the operating system."""

from __future__ import annotations

from pathlib import Path

import click

SYSTEMS = ["cron", "systemd", "github", "windows"]


@click.command()
@click.argument("system", type=click.Choice(SYSTEMS), default="cron")
@click.option(
    "--notify",
    metavar="COMMAND",
    default="",
    help="Have each run start this command, as `harvest run --notify`.",
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
    click.echo(text(load(folder), system, words), nl=False)

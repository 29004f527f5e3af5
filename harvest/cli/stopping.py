"""harvest rank status: how much is found, and may one stop?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import json_option, print_json, table, talk

if TYPE_CHECKING:
    from harvest.stopping import Standing


@click.command()
@click.option(
    "--target", type=float, help="Recall to reach, 0 to 1. [default: that of the project file, 0.95]"
)
@click.option("--confidence", type=float, help="How sure of it, 0 to 1. [default: as above, 0.95]")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the reading so far (SVG)."
)
@click.option("--paragraph", is_flag=True, help="Print the paragraph for the methods section instead.")
@click.option(
    "--audit", type=click.IntRange(min=1), metavar="N",
    help="Name the next N reports of a random sample of what is not read, instead.",
)  # fmt: skip
@json_option
@click.pass_obj
def status(
    folder: Path, target: float | None, confidence: float | None, plot: Path | None, paragraph: bool,
    audit: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Say how much is found, what may still be missing, and whether a stopping rule would let you stop.

    It recommends, on title and abstract, and decides nothing. A report counts as read when its votes are settled.
    docs/stopping.md explains the rules, what they assume, and how often they were right.

    \b
    harvest rank status
    harvest rank status --target 0.9 --plot reading.svg
    harvest rank status --paragraph
    harvest rank status --audit 150
    """
    from harvest import files, stopping, stopping_words
    from harvest.project import load

    with opened(folder) as store:
        standing = stopping.standing(store, load(folder), target, confidence)
    if audit:
        drawn = stopping.audit(standing, audit)
        print_json(drawn) if as_json else click.echo("".join(f"{name}\n" for name in drawn), nl=False)
        talk(
            "`harvest queue export --audit` hands them out."
            if drawn
            else "Every report is settled: none is left to draw."
        )
    elif as_json:
        print_json({**standing.to_dict(), **stopping_words.spoken(standing)})
    elif paragraph:
        click.echo(stopping_words.paragraph(standing))
    else:
        _tell(standing)
    if plot:
        files.put(plot, stopping.plot(standing).encode())
        talk(f"Drawn: {plot}")


def _tell(standing: Standing) -> None:
    from harvest.stopping import audit_size
    from harvest.stopping_words import ADVICE, rows, sentence

    table(["screening of titles and abstracts", ""], rows(standing))
    click.echo()
    table(["rule", "would let you stop at", "now", "verdict"], [
        [verdict.rule, verdict.asks, verdict.now, verdict.told] for verdict in standing.verdicts
    ])  # fmt: skip
    talk(sentence(standing))
    unread = len(standing.reading.unread)
    if unread and standing.reading.included:
        talk(
            f"A proof that assumes nothing takes {audit_size(standing)} of the {unread} reports not read, drawn by lot "
            "(`harvest queue export --audit`) and without an include among them."
        )
    talk(ADVICE)

"""harvest demo: real records, no network, and what to look at."""

from __future__ import annotations

import shlex
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from harvest.cli.output import dry_run_option, json_option, print_json, table, watched
from harvest.cli.telling import tell

if TYPE_CHECKING:
    from harvest.demo import Demonstration
    from harvest.demo.showing import Showing

TITLE_WIDTH = 90


@click.command()
@click.argument("folder", required=False, default="harvest-demo", type=click.Path(path_type=Path))
@dry_run_option
@json_option
def demo(folder: Path, dry_run: bool, as_json: bool) -> None:
    """Run a published review on its own records in a new folder, without a network.

    \b
    harvest demo
    harvest demo /tmp/example --json
    """
    from harvest.demo import demonstrate, names

    if dry_run:
        for name in names():
            click.echo(folder / name)
        return
    with watched(quiet=as_json) as progress:
        progress.say(
            f"The example goes to {folder}. No network is used: PubMed and ClinicalTrials.gov answer as stored."
        )
        done = demonstrate(folder, progress)
    if as_json:
        print_json(done.to_dict())
    else:
        _tell(done)
    click.get_current_context().exit(done.outcome.exit_code)


def _tell(done: Demonstration) -> None:
    tell(done.outcome, as_json=False)
    _heading("Before anybody votes: the order from the question and the criteria alone")
    _show_first(done.before)
    _show_found(done.before, f"Of the first {done.before.tenth} reports, a tenth of all,")
    _heading(f"After {done.votes} reports")
    click.echo(
        f"Everybody voted on the first {done.votes} as the review had decided ({done.found} included), and the rest "
        "was ranked again."
    )
    _show_found(
        done.after, f"Of a tenth of all reports, those {done.votes} and {done.after.tenth - done.votes} more,"
    )
    click.echo(
        f"The first record that is off topic stands at place {done.after.stranger}; before, at {done.before.stranger}."
    )
    click.echo(
        f"Nothing is left out: {done.votes} reports are read, all the other {done.waiting} are in {done.queue}."
    )
    _show_caution()
    _show_next(done)


def _heading(text: str) -> None:
    click.secho(f"\n{text}\n", bold=True)


def _show_first(showing: Showing) -> None:
    said = {True: "included", False: "excluded", None: "never saw it"}
    table(["rank", "id", "the review", "title"], [
        [line.rank, line.id, said[line.decided], shorten(line.title, TITLE_WIDTH, placeholder=" …")]
        for line in showing.first
    ])  # fmt: skip
    click.echo("")


def _show_found(showing: Showing, whereof: str) -> None:
    click.echo(
        f"{whereof} {showing.in_tenth} are among the {showing.includes} that the review included; the last of these "
        f"stands at place {showing.last} of {showing.reports}."
    )


def _show_caution() -> None:
    _heading("To be fair")
    click.echo(
        "The records of the review hold title and abstract only: look-alikes are merged only where both agree.\n"
        "The votes are the review's final decisions, made after full texts were read, so that both reviewers agree.\n"
        "The ranking was developed with this review among others, so figures elsewhere may be lower; "
        "`benchmarks/`\nhas them. Dinosaurs, and what PubMed and ClinicalTrials.gov sent, are off topic on purpose."
    )


def _show_next(done: Demonstration) -> None:
    _heading("What to look at next")
    here = f"harvest -C {shlex.quote(str(done.folder))}"
    steps = {
        "status": "the review at a glance: searches, duplicates, who has how much to read",
        "same list": f"the {done.outcome.duplicates} duplicates that were merged, and which databases sent them",
        f"same show {' '.join(done.example[:2])}": "two records of one paper side by side, and why they are one",
        "same list --ask": f"{done.outcome.to_ask} pairs that are left to a person, most likely duplicates first",
        "find tetrathiomolybdate": "records by their words, or by PMID, DOI or NCT number",
        f"rank why {done.before.first[0].id}": "which words put a report at its place, and what it is most like",
        "rank status": "how much is found, what may still be missing, and whether a rule would let you stop",
        f"queue import {shlex.quote(str(done.queue))} --reviewer {done.reviewer}": (
            "after you have filled in the column `decision`: include, exclude or unsure"
        ),
    }
    for command, what in steps.items():
        click.echo(f"  {here} {command}\n      {what}")
    click.echo(f"\nOrigin and licence of every record: {done.folder / 'PROVENANCE.md'}")

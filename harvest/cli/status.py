"""harvest status: the review at a glance, a run record by record, the hits of every line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.explaining import tell_edits, tell_known, tell_lines, tell_news
from harvest.cli.opening import opened
from harvest.cli.output import UNREADABLE, count, json_option, print_json, table, talk

if TYPE_CHECKING:
    from harvest.status import SearchStatus, StageStatus, Status


@click.command()
@click.option("--run", "number", type=int, help="Tell what this run brought, record by record and why.")
@click.option(
    "--lines", "lines", metavar="[SEARCH]", is_flag=False, flag_value="", default=None,
    help="Show the hits of every line, of all searches or of this one.",
)  # fmt: skip
@json_option
@click.pass_obj
def status(folder: Path, number: int | None, lines: str | None, as_json: bool) -> None:
    """Say at a glance what was found, what is new, who has how much to read, how old each search is.

    \b
    harvest status
    harvest status --run 7
    harvest status --lines pubmed
    """
    from harvest.project import load
    from harvest.status import standing

    project = load(folder)
    if lines is not None:
        _lines(folder, lines, as_json)
        return
    with opened(folder) as store:
        now = standing(store, project, number)
    if as_json:
        print_json(now.to_dict())
        return
    _show(now)
    if number is not None:
        tell_edits(now.edits)
        tell_news(now.news, number, everything=True)


def _lines(folder: Path, name: str, as_json: bool) -> None:
    from harvest.status import hits_per_line

    with opened(folder) as store:
        found = hits_per_line(store, name)
    if as_json:
        print_json({search: [asdict(line) for line in lines] for search, lines in found.items()})
        return
    for search, lines in found.items():
        tell_lines(search, lines)
    if not found:
        talk("No lines were counted yet: a run counts them for every strategy that is written line by line.")


def _row(s: SearchStatus) -> list[object]:
    days = "" if s.days is None else s.days
    return [s.name, s.source, s.finds, s.new, s.gone, s.last_complete or "never", days, s.state]


def _show(now: Status) -> None:
    click.echo(f"{now.title}\n")
    columns = ["search", "source", "finds", "new last run", "gone", "last complete", "days ago", "state"]
    table(columns, [_row(search) for search in now.searches])
    click.echo("")
    click.echo(
        f"{count(now.records, 'record')} → {count(now.reports, 'report')} ({count(now.duplicates, 'duplicate')}) → "
        f"{count(now.studies, 'study')}; "
        f"{count(now.to_ask, 'pair')} to ask a person about (`harvest same list --ask`)."
    )
    click.echo("")
    for stage in now.stages:
        _show_stage(stage)
    tell_known(now.known)
    if now.unreadable:
        talk(f"{count(now.unreadable, 'record')} came and could not be read: {UNREADABLE}.")
    for sentence in now.alarms:
        talk(sentence)


def _show_stage(s: StageStatus) -> None:
    """A stage that has begun, or has anything to read."""
    if s.reviewers and s.reports:
        table(["reviewer", "voted", "to read", "postponed", "second look"], [
            [r.name, r.voted, r.to_read, r.postponed, r.second_look] for r in s.reviewers
        ])  # fmt: skip
    name = s.stage.capitalize()
    click.echo(
        f"{name}: {count(s.reports, 'report')}, {s.included} included, {s.excluded} excluded, {s.unsure} unsure, "
        f"{count(s.conflicts, 'conflict')}, {s.open} open.\n"
    )
    if s.not_retrieved:
        talk(f"{count(s.not_retrieved, 'full text')} could not be had.")
    if s.to_resolve:
        talk(f"{count(s.to_resolve, 'report')} at {s.stage} wait for the arbiter: `harvest resolve`.")
    if any(r.second_look for r in s.reviewers):
        talk("Who judged one report in two ways looks again: `harvest votes --second-look --reviewer NAME`.")
    if s.unblinded:
        talk(f"The votes at {s.stage} are open to all since {s.unblinded}.")

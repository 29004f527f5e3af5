"""What a run tells: one row a search, what it means, and every reason to look again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from harvest.cli.explaining import tell_edits, tell_known, tell_news
from harvest.cli.output import STRAY, UNREADABLE, count, print_json, table, talk

if TYPE_CHECKING:
    from harvest.outcome import Outcome, SearchOutcome

NAMED = 10
"""How many records that could not be read are named, one by one."""


def tell(outcome: Outcome, *, as_json: bool) -> None:
    """Print the outcome of a run: the facts on stdout, what went wrong on stderr."""
    if as_json:
        print_json(outcome.to_dict())
        return
    columns = [name for name in COLUMNS if not (outcome.dry and name in CONSEQUENCES)]
    table(columns, [[COLUMNS[name](search) for name in columns] for search in outcome.searches])
    for search in outcome.searches:
        _tell_reasons(search)
        _tell_columns(search, in_full=outcome.dry)
    if not outcome.dry:
        click.echo(
            f"\n{count(outcome.records, 'record')} → {count(outcome.reports, 'report')} "
            f"({count(outcome.duplicates, 'duplicate')}) → {count(outcome.studies, 'study')}; "
            f"{outcome.to_screen} to screen, {count(outcome.to_ask, 'pair')} to ask about."
        )
        _tell_crowds(outcome)
    else:
        click.echo("\nA rehearsal: nothing was written.")
    tell_edits(outcome.edits)
    tell_news(outcome.news, outcome.run)
    tell_known(outcome.known)
    for search in outcome.searches:
        _tell_trouble(search)
    for sentence in outcome.not_counted:
        talk(sentence)
    for name in outcome.lost_includes:
        talk(f"ALARM: an included record is no longer found: {name}")
    for name in outcome.lost_judged:
        talk(f"ALARM: a record that reviewers are judging is no longer found: {name}")
    _tell_notices(outcome)


def _tell_notices(outcome: Outcome) -> None:
    """What became of the papers since, included ones first; `harvest report notices` has all of it."""
    for sentence in outcome.notices[:NAMED]:
        alarm = "ALARM: an included study: " if sentence in outcome.retracted_includes else ""
        talk(f"{alarm}{sentence}")
    if len(outcome.notices) > NAMED:
        talk(f"{len(outcome.notices) - NAMED} more: `harvest report notices`.")
    for sentence in outcome.not_looked_up:
        talk(sentence)


def _tell_crowds(outcome: Outcome) -> None:
    if outcome.crowds:
        talk(
            f"{count(outcome.crowds, 'group')} of records with much the same title or place "
            f"{'is' if outcome.crowds == 1 else 'are'} too large to compare each with each: every record was "
            "compared with those next to it by title, year and page, and "
            f"{count(outcome.not_compared, 'pair')} were passed over."
        )


def _name(search: SearchOutcome) -> str:
    """Export files of one database are told apart by their names."""
    return f"{search.name} ({search.query})" if search.source.startswith("file:") else search.name


def _state(search: SearchOutcome) -> str:
    return f"{search.state} (gone on)" if search.resumed else search.state


def _tell_reasons(search: SearchOutcome) -> None:
    parts = [
        f"{number} {reason}"
        for reason, number in (*search.appeared.items(), *search.disappeared.items())
        if number
    ]
    if parts:
        click.echo(f"  {_name(search)}: {', '.join(parts)}")


def _tell_columns(search: SearchOutcome, *, in_full: bool) -> None:
    """Which column of a table fills which field: one line for those that do, or all of them one by one."""
    read = {column: field for column, field in search.columns.items() if field}
    if in_full and search.columns:
        rows = [[column, field or "(kept as it is)"] for column, field in search.columns.items()]
        click.echo()
        table(["column", "field"], rows, title=_name(search))
    elif search.columns:
        kept = len(search.columns) - len(read)
        rest = f"; {count(kept, 'column')} kept as {'it is' if kept == 1 else 'they are'}" if kept else ""
        talk(f"{_name(search)}: {', '.join(f'{column} → {field}' for column, field in read.items())}{rest}.")


def _tell_trouble(search: SearchOutcome) -> None:
    name = _name(search)
    for warning in search.warnings:
        talk(f"{name}: {warning}")
    for place in search.reported[:NAMED]:
        talk(f"{name}: {place}")
    if search.unreadable:
        talk(
            f"{name}: {count(search.unreadable, 'record')} could not be read; what came is kept: {UNREADABLE}."
        )
    if search.stray:
        talk(
            f"{name}: {count(search.stray, 'piece')} of text outside of records; what came is kept: {STRAY}."
        )
    if search.failure:
        talk(f"{name} FAILED: {search.failure}")


COLUMNS: dict[str, Callable[[SearchOutcome], object]] = {
    "search": _name,
    "matched": lambda search: search.matched,
    "new": lambda search: search.new,
    "changed": lambda search: search.changed,
    "no longer matching": lambda search: search.no_longer,
    "duplicates": lambda search: search.duplicates,
    "to screen": lambda search: search.to_screen,
    "unreadable": lambda search: search.unreadable,
    "state": _state,
}
"""Heading → what stands under it."""

CONSEQUENCES = {"changed", "duplicates", "to screen"}
"""What a rehearsal cannot know."""

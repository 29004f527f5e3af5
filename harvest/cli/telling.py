"""What a run tells: one row a search, what it means, and every reason to look again."""

from __future__ import annotations

import click

from harvest.cli.output import print_json, table, talk
from harvest.outcome import Outcome, SearchOutcome


def tell(outcome: Outcome, *, as_json: bool) -> None:
    """Print the outcome of a run: the facts on stdout, what went wrong on stderr."""
    if as_json:
        print_json(outcome.to_dict())
        return
    columns = ["search", "matched", "new", "changed", "no longer matching", "unreadable", "state"]
    table(columns, [
        [s.name, s.matched, s.new, s.changed, s.no_longer, s.unreadable, _state(s)] for s in outcome.searches
    ])  # fmt: skip
    for search in outcome.searches:
        _tell_reasons(search)
    if not outcome.dry:
        click.echo(
            f"\n{outcome.records} records → {outcome.reports} reports ({outcome.duplicates} duplicates) → "
            f"{outcome.studies} studies; {outcome.to_screen} to screen, {outcome.to_ask} pairs to ask about."
        )
    else:
        click.echo("\nA rehearsal: nothing was written.")
    for search in outcome.searches:
        _tell_trouble(search)
    for name in outcome.lost_includes:
        talk(f"ALARM: an included record is no longer found: {name}")


def _state(search: SearchOutcome) -> str:
    return f"{search.state} (gone on)" if search.resumed else search.state


def _tell_reasons(search: SearchOutcome) -> None:
    parts = [
        f"{count} {reason}"
        for reason, count in (*search.appeared.items(), *search.disappeared.items())
        if count
    ]
    if parts:
        click.echo(f"  {search.name}: {', '.join(parts)}")


def _tell_trouble(search: SearchOutcome) -> None:
    for warning in search.warnings:
        talk(f"{search.name}: {warning}")
    if search.unreadable:
        talk(
            f"{search.name}: {search.unreadable} records could not be read; they are kept as they came, see `db sql`."
        )
    if search.stray:
        talk(f"{search.name}: {search.stray} stretches of text outside of records were kept aside.")
    if search.failure:
        talk(f"{search.name} FAILED: {search.failure}")

"""What a run and `harvest status` say of their searches: what is new and why, known records, hits of lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from harvest.cli.output import count, table, talk

if TYPE_CHECKING:
    from db.store.tallies import Tally
    from harvest.outcome import Edit, Known, News

SHOWN = 20
"""Records that a run explains one by one; `harvest status --run N` explains all."""

_PLAIN = ("first search", "source added", "file added")
"""Reasons that are the same for a whole search, and stand in its row already."""


def tell_news(news: Sequence[News], run: int, *, everything: bool = False) -> None:
    """Every record that appeared or disappeared, and what proves the reason."""
    worth = [each for each in news if everything or each.reason not in _PLAIN]
    shown = worth if everything else worth[:SHOWN]
    if shown:
        click.echo("")
        table(
            ["id", "search", "key", "", "because", "evidence", "title"],
            [[n.id, n.search, n.key, n.event, n.reason, n.because, n.title] for n in shown],
        )
    if len(shown) < len(worth):
        talk(f"{count(len(worth) - len(shown), 'record')} more: `harvest status --run {run}`.")


def tell_edits(edits: Iterable[Edit]) -> None:
    """Strategies that were reworded, line by line."""
    for edit in edits:
        click.echo(f"\n{edit.search} was edited since run {edit.run} of {edit.day}:")
        click.echo(edit.difference or "  its lines are the same; its layout or its options changed.")


def tell_known(known: Sequence[Known]) -> None:
    """What became of the records known to be relevant: the searches that find each, and those that do not."""
    if not known:
        return
    items = list(dict.fromkeys(each.item for each in known))
    found = {each.item for each in known if each.outcome == "found"}
    click.echo(f"\n{len(found)} of {count(len(items), 'known record')} found:")
    table(
        ["known record", *KNOWN, "as"], [_known_row([k for k in known if k.item == item]) for item in items]
    )
    if any(each.outcome == "not matched" for each in known):
        talk("Not matched: the source holds it. By which line it is lost: `harvest check --known`.")


KNOWN = {
    "found by": ("found",),
    "not matched by": ("not matched",),
    "not in": ("not in this source", "not in the files"),
    "not to be asked": ("not found",),
}
"""Heading → the outcomes that stand below it."""


def _known_row(known: Sequence[Known]) -> list[object]:
    cells = [", ".join(k.search for k in known if k.outcome in outcomes) for outcomes in KNOWN.values()]
    return [known[0].item, *cells, ", ".join(dict.fromkeys(k.id for k in known if k.id))]


def tell_lines(search: str, lines: Sequence[Tally]) -> None:
    """Hits of every line, with what the source ignored or changed in it."""
    days = sorted({line.asked_at[:10] for line in lines})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    click.echo(f"\n{search}: hits per line, {when}")
    table(
        ["line", "text", "hits"],
        [[line.line or "", line.text, line.hits] for line in lines],
    )
    for line in lines:
        for warning in line.warnings:
            talk(f"{search}, line {line.line}: {warning}")

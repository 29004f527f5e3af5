"""harvest reproduce · check --known: an old run asked again, and known records that a line loses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, json_option, print_json, table, talk, watched

if TYPE_CHECKING:
    from harvest.reproduction import Drifted, Repeated, Reproduction
    from harvest.tracing import Culprit, Trace

SHOWN = 20
"""Identifiers of a search that are named; `--json` names all."""


@click.command()
@click.argument("number", metavar="RUN", type=int)
@click.option("--only", multiple=True, metavar="NAME", help="Ask this search only; may be repeated.")
@json_option
@click.pass_obj
def reproduce(folder: Path, number: int, only: tuple[str, ...], as_json: bool) -> None:
    """Ask the searches of an old run again, as they were worded then, and say what has drifted.

    Where the source can be asked what it held on that day, it is. Nothing is stored but a note that this was done.
    Exit code 4 when a search drifts by more than 10 %.

    \b
    harvest reproduce 3
    harvest reproduce 3 --only pubmed --json
    """
    from harvest.catalogue import make
    from harvest.project import load
    from harvest.reproduction import reproduce as ask_again
    from harvest.transport import Transport

    project = load(folder)
    transport = Transport(project.patience)
    with opened(folder) as store, watched(quiet=as_json) as progress:
        done = ask_again(
            store, number, lambda name: make(name, transport, project.source_settings(name)), progress, only
        )
    if as_json:
        print_json(done.to_dict())
    else:
        _tell(done)
    click.get_current_context().exit(done.exit_code)


def _tell(done: Reproduction) -> None:
    click.echo(f"Run {done.run} of {done.began[:10]}, asked again:\n")
    columns = ["search", "restricted to", "then", "now", "drift", "within 10 %", "added", "vanished", "today"]
    table(columns, [_row(search) for search in done.searches])
    for search in done.searches:
        _tell_search(search)
    talk("Nothing was stored but a note that this was done.")


def _row(search: Repeated) -> list[object]:
    if search.state == "file":
        return [search.name, "its file, byte for byte", search.then, search.now, "none", "yes", 0, 0, ""]
    if search.state != "asked":
        return [search.name, search.state, "", "", "", "", "", "", ""]
    to = f"what was held by {search.as_of}" if search.as_of else "nothing: all of today"
    drift = f"{search.drift:+.1f} %" if search.now != search.then else "none"
    drift = drift if search.then or not search.now else "from none"
    today = "" if search.today is None else search.today
    return [
        search.name, to, search.then, search.now, drift, "yes" if search.within else "NO",
        len(search.added), len(search.vanished), today,
    ]  # fmt: skip


def _tell_search(search: Repeated) -> None:
    _tell_drifted(search, "added", search.added)
    _tell_drifted(search, "vanished", search.vanished)
    if search.state == "asked" and not search.as_of and search.added:
        talk(f"{search.name}: the source cannot go back to a day; what came later is among the added ones.")
    if search.reading_then:
        talk(f"{search.name}: the source read the string as: {search.reading_then}")
        talk(f"{search.name}: it reads the same string as:    {search.reading_now}")
    if search.failure:
        talk(f"{search.name}: {search.failure}")


def _tell_drifted(search: Repeated, what: str, drifted: tuple[Drifted, ...]) -> None:
    if drifted:
        click.echo("")
        rows = [[d.key, d.cause, d.title] for d in drifted[:SHOWN]]
        table([f"{search.name}: {what}", "likely because", "title"], rows)
    if len(drifted) > SHOWN:
        talk(f"{search.name}: {count(len(drifted) - SHOWN, 'record')} more {what}: `--json` names all.")


def check_known(folder: Path, *, as_json: bool) -> None:
    """Say of every known record whether each search finds it, and by which line it is lost.

    Exit 4 when one is lost, 3 when a source gave no answer.
    """
    from harvest.catalogue import make
    from harvest.project import load
    from harvest.tracing import trace
    from harvest.transport import Transport

    project = load(folder)
    transport = Transport(project.patience)
    with watched(quiet=as_json) as progress:
        asked = trace(project, lambda name: make(name, transport, project.source_settings(name)), progress)
        found = list(asked)
    if as_json:
        print_json([each.to_dict() for each in found])
    elif found:
        shown = [each for each in found if each.outcome != "not found"]
        table(["known record", "search", "outcome", "lost by"], [_trace_row(each) for each in shown])
        for search in dict.fromkeys(each.search for each in found):
            _tell_unanswered(search, [each.because for each in found if each.search == search])
    else:
        talk("No known record can be looked for: name some below [known] in review.toml.")
    if any(each.outcome == "not matched" for each in found):
        click.get_current_context().exit(4)
    if any(each.failed for each in found):
        click.get_current_context().exit(3)


def _tell_unanswered(search: str, reasons: Sequence[str]) -> None:
    """Why some known records could not be looked for in a search: one line, each reason once."""
    told = dict.fromkeys(reason.rstrip(".") for reason in reasons if reason)
    if told:
        talk(f"{search}: {'; '.join(told)}.")


def _trace_row(trace: Trace) -> list[object]:
    return [trace.item, trace.search, trace.outcome, "\n".join(map(_culprit, trace.lost_by))]


def _culprit(culprit: Culprit) -> str:
    where = "" if culprit.line is None else f"line {culprit.line}: "
    away = "NOT " if culprit.takes_away else ""
    return f"{where}{away}{culprit.text}"

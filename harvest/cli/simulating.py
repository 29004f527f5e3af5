"""harvest simulate: how early would the ranking have found what a finished review included?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.output import json_option, print_json, table, talk, watched

if TYPE_CHECKING:
    from harvest.labelled import Labelled
    from harvest.simulation import Outcome, Simulation
    from screen.rank import Topic


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="How many replays.")
@click.option(
    "--model",
    "models",
    multiple=True,
    help="A ranking model; may be given several times. [default: the review's]",
)
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A parameter of the models.")
@click.option("--label", default="", metavar="COLUMN", help="The column of the labels.")
@click.option("--title", default="", help="Title of the review, instead of what the review folder asks.")
@click.option(
    "--criteria", default="", help='Its criteria; a sentence that begins with "Exclude" is one against.'
)
@click.option(
    "--priors", type=click.IntRange(min=0), default=1, show_default=True,
    help="How many includes, and as many excludes, are told beforehand; 0 is a cold start.",
)  # fmt: skip
@click.option(
    "--every", default="1", show_default=True, metavar="N|P%",
    help="Rank again after N records, or when the labels have grown by P %.",
)  # fmt: skip
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the recall curves (SVG).")
@json_option
@click.pass_obj
def simulate(
    folder: Path, file: Path | None, seeds: int, models: tuple[str, ...], values: tuple[str, ...], label: str,
    title: str, criteria: str, priors: int, every: str, plot: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Replay a labelled set, or this review, and say how early the ranking finds what was included.

    FILE is CSV, TSV, XLSX or RIS with labels: from ASReview, Rayyan, Abstrackr, a queue of ours. Without it the
    settled decisions of the review are replayed. Random order stands beside it.

    \b
    harvest simulate
    harvest simulate labelled.csv --title "Statins after stroke" --plot recall.svg
    harvest simulate labelled.csv --priors 0 --every 2% --criteria "Adults. Exclude case reports." --json
    """
    from harvest import files, simulation
    from harvest.project import load

    project = load(folder) if (folder / "review.toml").exists() else None
    plan = simulation.planned(seeds, priors, every, project)
    rankers = simulation.chosen(models, dict(map(_value, values)), project)
    labelled = _read(folder, file, label)
    own = project if not (title or criteria) else None
    topic = simulation.asked(own) if own else simulation.stated(title, criteria)
    for note in (*labelled.notes, *_warnings(labelled, topic)):
        talk(note)
    with watched(quiet=as_json) as progress:
        done = simulation.simulate(labelled, topic, rankers, plan, progress)
    if as_json:
        print_json(done.to_dict())
    else:
        _tell(done)
    if plot:
        files.put(plot, done.plot().encode())
        talk(f"Drawn: {plot}")


def _read(folder: Path, file: Path | None, label: str) -> Labelled:
    """The file, or the review."""
    from harvest.cli.opening import opened
    from harvest.labelled import read_labelled
    from harvest.project import load
    from harvest.simulation import settled_review

    if file is not None:
        return read_labelled(file, label)
    with opened(folder) as store:
        return settled_review(store, load(folder))


def _warnings(labelled: Labelled, topic: Topic) -> list[str]:
    from harvest.simulation import FEW

    said = []
    if labelled.unlabelled:
        said.append(f"Without a label, and left out of the figures: {labelled.unlabelled} of the records.")
    if labelled.included < FEW:
        said.append(f"Only {labelled.included} records are included: these figures say little.")
    if not (topic.title or topic.question or topic.include):
        said.append("No title and no criteria were given: the ranking knows nothing but the labels.")
    return said


def _value(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise click.UsageError(f"'{text}' sets nothing: write NAME=VALUE with a number.") from None


def _tell(done: Simulation) -> None:
    """Mean and spread over the seeds, with random order below."""
    from dataclasses import astuple

    from screen.figures import NAMES

    rows = [_row(outcome) for outcome in done.outcomes]
    rows.append(["random order", *map(_number, astuple(done.chance)), "", "", ""])
    columns = ["", *NAMES.values(), "ms", "stops after", "recall then"]
    table(columns, rows)
    click.echo(
        f"\n{done.title}: {done.included} of {done.records - done.unlabelled} records included; mean ± standard "
        f"deviation of {done.plan.seeds} replays, ranked again {_often(done)}. Random order: expectation."
    )
    click.echo(
        f"Stopping rule: target {done.plan.target:.0%} recall, {done.plan.confidence:.0%} confidence; whoever knows "
        f"the labels would stop after {_best(done)} of the records."
    )


def _often(done: Simulation) -> str:
    every = str(done.plan.schedule)
    if every.endswith("%"):
        return f"when the labels had grown by {every}"
    return "after every record" if every == "1" else f"after every {every} records"


def _best(done: Simulation) -> str:
    from statistics import fmean

    return f"{fmean(1 - run.oracle.saved for run in done.outcomes[0].runs):.0%}"


def _row(outcome: Outcome) -> list[str]:
    from dataclasses import astuple
    from statistics import fmean

    pairs = zip(astuple(outcome.mean), astuple(outcome.spread), strict=True)
    return [
        outcome.ranker,
        *(f"{_number(value)} ± {_number(wide)}" for value, wide in pairs),
        f"{outcome.milliseconds:.1f}",
        f"{fmean(1 - run.stop.saved for run in outcome.runs):.0%}",
        f"{fmean(run.stop.recall for run in outcome.runs):.3f}",
    ]


def _number(value: float) -> str:
    """Shares with three decimals, records with one."""
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.1f}"

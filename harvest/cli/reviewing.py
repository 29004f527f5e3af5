"""harvest same review · answer · undo: the questions put to a person, at the keyboard and in JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from db.errors import WrongUse
from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json

if TYPE_CHECKING:
    from db.store import Store


@click.command()
@click.option("--by", default="", help="Who answers. [default: the only reviewer of review.toml]")
@click.option("--kind", default="", help="Only pairs that could be this to each other: protocol, preprint …")
@click.option("--rule", default="", help="Only what this rule asks.")
@click.option("--limit", type=click.IntRange(min=1), help="The first so many pairs only.")
@json_option
@click.pass_obj
def review(folder: Path, by: str, kind: str, rule: str, limit: int | None, as_json: bool) -> None:
    """Answer one question after another with single keys, most likely duplicates first.

    Every answer is stored at once and can be undone. With --json the questions are printed with both records
    and all the evidence; `harvest same answer` takes the answers.

    \b
    harvest same review --by ana
    harvest same review --limit 50 --json
    """
    from harvest.questions import open_questions
    from harvest.sameness import asking

    if as_json:
        with opened(folder) as store:
            print_json(asking(store, open_questions(store, kind, rule)[:limit]))
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUse(
            "`harvest same review` reads single keys from a terminal: elsewhere, `harvest same review --json` prints "
            "the questions and `harvest same answer FILE` takes the answers."
        )
    with opened(folder) as store:
        click.echo(_sit(store, by or _only_reviewer(folder), kind, rule, limit))


def _sit(store: Store, by: str, kind: str, rule: str, limit: int | None) -> str:
    """A sitting on a screen of its own, behind which the terminal is as it was."""
    from rich.console import Console

    from harvest.cli.keys import keys
    from harvest.cli.pair_screen import Screen
    from harvest.cli.sitting import Sitting

    console = Console(highlight=False, markup=False, soft_wrap=False)
    with keys() as typed, console.screen(hide_cursor=True):
        return Sitting(store, by, Screen(console), typed, kind=kind, rule=rule, limit=limit).run()


def _only_reviewer(folder: Path) -> str:
    """Who is meant when nobody is named. Raises `WrongUse` unless there is exactly one reviewer."""
    from harvest.project import load

    reviewers = load(folder).reviewers
    if len(reviewers) != 1:
        names = " or ".join(f"--by {name}" for name in reviewers) or "--by NAME"
        raise WrongUse(f"Whose answers are these? Say {names}.")
    return reviewers[0]


@click.command()
@click.argument("file", type=click.File("rb", lazy=True))
@click.option("--by", default="", help="Who signs the answers that name nobody.")
@dry_run_option
@json_option
@click.pass_obj
def answer(folder: Path, file: BinaryIO, by: str, dry_run: bool, as_json: bool) -> None:
    """Take answers from a JSON file (or `-`, stdin): all of them, or none and what is wrong.

    A list of {"a": "H000012", "b": "H000840", "answer": "same report", "by": "ana"}; answers are `same report`,
    `same study`, `different`, and `ask`, which takes back. "because" and "kind" may be added.

    \b
    harvest same answer answers.json --by ana
    """
    from harvest.answers import answer as give
    from harvest.answers import read_answers
    from harvest.questions import open_questions

    with opened(folder) as store:
        links = read_answers(store, file.read(), by)
        moved = give(store, links, dry_run=dry_run)
        left = len(open_questions(store))
    if as_json:
        print_json({"answers": len(links), "moved": moved, "left": left, "dry_run": dry_run})
        return
    verb = "would be recorded" if dry_run else "recorded"
    click.echo(f"{count(len(links), 'answer')} {verb}, {count(moved, 'record')} moved; {left} pairs wait.")


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--by", required=True, help="Whose word it was.")
@dry_run_option
@click.pass_obj
def undo(folder: Path, a: str, b: str, by: str, dry_run: bool) -> None:
    """Take back what you said of two records: as if it had never been said. It stays on record.

    \b
    harvest same undo H000012 H000840 --by ana
    """
    from harvest.answers import known_record, take_back

    with opened(folder) as store:
        numbers = known_record(store, a), known_record(store, b)
        click.echo(take_back(store, *numbers, by, dry_run=dry_run))

"""harvest same list · show · join · split: what is one report, what is one study, and who said so."""

from __future__ import annotations

from pathlib import Path

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk


@click.group()
def same() -> None:
    """Look at duplicates, join and split them; a person's word outranks every rule.

    \b
    harvest same list --ask
    """


@same.command("list")
@click.option(
    "--ask", "only_ask", is_flag=True, help="Only the pairs that wait for a person, most likely first."
)
@click.option("--studies", is_flag=True, help="Studies with more than one report, instead of reports.")
@json_option
@click.pass_obj
def list_(folder: Path, only_ask: bool, studies: bool, as_json: bool) -> None:
    """List reports with more than one record, or the pairs that wait for a person.

    \b
    harvest same list
    harvest same list --ask --json
    """
    from harvest.sameness import asking, groups

    with opened(folder) as store:
        rows = asking(store) if only_ask else groups(store, studies=studies)
    if as_json:
        print_json(rows)
    elif only_ask:
        table(["a", "b", "score", "rule", "title a", "title b"], [
            [r["a"], r["b"], r["score"], r["rule"], r["title_a"], r["title_b"]] for r in rows
        ])  # fmt: skip
        talk(f"{count(len(rows), 'pair')}. Say `harvest same join A B` or `harvest same split A B`.")
    else:
        whole, part = ("study", "report") if studies else ("report", "record")
        table([whole, f"{part}s", "sources", "title"], [
            [r["id"], " ".join(r["members"]), ", ".join(r["sources"]), r["title"]] for r in rows
        ])  # fmt: skip
        talk(f"{len(rows)} of more than one {part}.")


@same.command()
@click.argument("a")
@click.argument("b")
@json_option
@click.pass_obj
def show(folder: Path, a: str, b: str, as_json: bool) -> None:
    """Show two records side by side, and every opinion about them with its evidence.

    \b
    harvest same show H000012 H000840
    """
    from harvest.sameness import side_by_side

    with opened(folder) as store:
        shown = side_by_side(store, a, b)
    if as_json:
        print_json(shown)
        return
    table(["", a, b], [[name, left, right] for name, (left, right) in shown["fields"].items()])
    for opinion in shown["opinions"]:
        why = f" ({opinion['rule']}, {opinion['score']})" if opinion["rule"] else ""
        click.echo(f"\n{opinion['at']}  {opinion['by']}: {opinion['relation']}{why}")
        if opinion["evidence"]:
            table(["evidence", "value"], list(opinion["evidence"].items()))


@same.command()
@click.argument("a")
@click.argument("b")
@click.option("--study", is_flag=True, help="Two reports of one study, not the same document.")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", default="", help="Why, in your words.")
@dry_run_option
@click.pass_obj
def join(folder: Path, a: str, b: str, study: bool, by: str, because: str, dry_run: bool) -> None:
    """Say that two records are the same report (or two reports of one study).

    \b
    harvest same join H000012 H000840 --by ana
    """
    _say(folder, a, b, "same study" if study else "same report", by, because, dry_run=dry_run)


@same.command()
@click.argument("a")
@click.argument("b")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", default="", help="Why, in your words.")
@dry_run_option
@click.pass_obj
def split(folder: Path, a: str, b: str, by: str, because: str, dry_run: bool) -> None:
    """Say that two records are different documents; whatever joined them comes apart.

    \b
    harvest same split H000012 H000840 --by ana --because "part I and part II"
    """
    _say(folder, a, b, "different", by, because, dry_run=dry_run)


def _say(folder: Path, a: str, b: str, relation: str, by: str, because: str, *, dry_run: bool) -> None:
    from harvest.sameness import say

    with opened(folder) as store:
        told = say(store, a, b, relation, by, because, dry_run=dry_run)
    click.echo(told)

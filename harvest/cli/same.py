"""harvest same list · show · trial · review · join · split: what is one report, what is one study, and who said so."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from db.opinion import RULES, Kind
from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk
from harvest.cli.reviewing import answer, review, undo
from harvest.files import legible


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
@click.option("--related", is_flag=True, help="Pairs that belong together and are not one document.")
@click.option("--kind", default="", help="With --ask or --related: of this kind only (protocol, erratum …).")
@json_option
@click.pass_obj
def list_(folder: Path, only_ask: bool, studies: bool, related: bool, kind: str, as_json: bool) -> None:
    """List reports with more than one record, pairs that wait for a person, or pairs that belong together.

    \b
    harvest same list
    harvest same list --ask --json
    harvest same list --related --kind retraction
    """
    from harvest import questions, sameness
    from harvest.project import load

    if only_ask + studies + related > 1 or (kind and not (only_ask or related)):
        raise click.UsageError("One of --ask, --studies and --related; --kind goes with --ask or --related.")
    _check_kind(kind)
    with opened(folder) as store:
        if only_ask:
            _list_questions(sameness.asking(store, questions.open_questions(store, kind)), as_json)
        elif related:
            _list_related(sameness.related(store, load(folder), kind), as_json)
        else:
            _list_groups(sameness.groups(store, studies=studies), studies, as_json)


def _list_questions(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    table(["a", "b", "score", "rule", "title a", "title b"], [
        [r["a"], r["b"], r["score"], r["rule"], *(record["title"] for record in r["records"])] for r in rows
    ])  # fmt: skip
    talk(f"{count(len(rows), 'pair')}. `harvest same review` asks one after the other.")


def _list_related(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    table(["kind", "a", "b", "said by", "title a", "title b"], [
        [r["kind"] or r["relation"], r["a"], r["b"], _who(r), r["title_a"], r["title_b"]] for r in rows
    ])  # fmt: skip
    for sentence in dict.fromkeys(r["alarm"] for r in rows if r["alarm"]):
        talk(f"ALARM: {sentence}")
    talk(f"{count(len(rows), 'pair')}.")


def _who(row: dict[str, Any]) -> str:
    """Who said so: a person, or the rule; a question is one."""
    said = row["rule"] if row["by"] == RULES else row["by"]
    return f"{said}?" if row["relation"] == "ask" else str(said)


def _list_groups(rows: list[dict[str, Any]], studies: bool, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    whole, part = ("study", "report") if studies else ("report", "record")
    table([whole, f"{part}s", "sources", "title"], [
        [r["id"], " ".join(r["members"]), ", ".join(r["sources"]), r["title"]] for r in rows
    ])  # fmt: skip
    talk(f"{len(rows)} of more than one {part}.")


def _check_kind(kind: str) -> None:
    """Raises a usage error for a kind that nothing can be."""
    known = [name for name in get_args(Kind) if name]
    if kind and kind not in known:
        raise click.UsageError(f"There is no kind '{kind}': {', '.join(known)} are.")


@same.command()
@click.argument("a")
@click.argument("b")
@json_option
@click.pass_obj
def show(folder: Path, a: str, b: str, as_json: bool) -> None:
    """Show two records side by side, and every opinion about them with its evidence and the rule's meaning.

    \b
    harvest same show H000012 H000840
    """
    from harvest.sameness import side_by_side

    with opened(folder) as store:
        shown = side_by_side(store, a, b)
    if as_json:
        print_json(shown)
        return
    table(["", a, b], [[name, left[:300], right[:300]] for name, (left, right) in shown["fields"].items()])
    for opinion in shown["opinions"]:
        _show_opinion(opinion)


@same.command()
@click.argument("record")
@json_option
@click.pass_obj
def trial(folder: Path, record: str, as_json: bool) -> None:
    """Show the registered trial of a record's study: what each register says, the most believed first.

    \b
    harvest same trial H000012
    """
    from harvest.sameness import trial as trial_of

    with opened(folder) as store:
        shown = trial_of(store, record)
    if as_json:
        print_json(shown)
        return
    click.echo(legible(f"{shown['study']}  {', '.join(shown['numbers'])}\n{shown['title']}\n", keep="\n"))
    table(["field", "source", "says"], [
        [field if not place else "", f"{each['source']} {each['key']}", each["words"][:300]]
        for field, said in shown["said"].items() for place, each in enumerate(said)
    ])  # fmt: skip
    if shown["disputed"]:
        talk(f"Registers differ on: {', '.join(shown['disputed'])}.")
    if shown["elsewhere"]:
        talk(f"Registered elsewhere, too, and not here: {', '.join(shown['elsewhere'])}.")


def _show_opinion(opinion: dict[str, Any]) -> None:
    kind = f", {opinion['kind']}" if opinion["kind"] else ""
    why = f" ({opinion['rule']}, {opinion['score']})" if opinion["rule"] else ""
    click.echo(legible(f"\n{opinion['at']}  {opinion['by']}: {opinion['relation']}{kind}{why}", keep="\n"))
    if opinion["meaning"]:
        click.echo(f"{opinion['meaning']} (rules of version {opinion['version']})")
    if opinion["evidence"]:
        table(["evidence", "value"], list(opinion["evidence"].items()))


@same.command()
@click.argument("a")
@click.argument("b")
@click.option("--study", is_flag=True, help="Two reports of one study, not the same document.")
@click.option("--kind", default="", help="With --study: what they are to each other (protocol, preprint …).")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", default="", help="Why, in your words.")
@dry_run_option
@click.pass_obj
def join(folder: Path, a: str, b: str, study: bool, kind: str, by: str, because: str, dry_run: bool) -> None:
    """Say that two records are the same report (or two reports of one study).

    \b
    harvest same join H000012 H000840 --by ana
    harvest same join H000012 H000840 --study --kind protocol --by ana
    """
    _say(folder, a, b, "same study" if study else "same report", by, because, kind, dry_run=dry_run)


@same.command()
@click.argument("a")
@click.argument("b")
@click.option("--kind", default="", help="What they are to each other (part, erratum, comment …).")
@click.option("--by", required=True, help="Who says so.")
@click.option("--because", default="", help="Why, in your words.")
@dry_run_option
@click.pass_obj
def split(folder: Path, a: str, b: str, kind: str, by: str, because: str, dry_run: bool) -> None:
    """Say that two records are different documents; whatever joined them comes apart.

    \b
    harvest same split H000012 H000840 --by ana --because "part I and part II"
    """
    _say(folder, a, b, "different", by, because, kind, dry_run=dry_run)


def _say(
    folder: Path, a: str, b: str, relation: str, by: str, because: str, kind: str, *, dry_run: bool
) -> None:
    from harvest.answers import say, word

    with opened(folder) as store:
        told = say(store, word(store, a, b, relation, by, because, kind), dry_run=dry_run)
    click.echo(told)


for _command in (review, answer, undo):
    same.add_command(_command)

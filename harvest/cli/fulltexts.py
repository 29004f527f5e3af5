"""harvest fulltext list · set · import: getting hold of the full texts of what was included at title and abstract."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk

_STATES = ("to-be-sought", "sought", "not-retrieved", "retrieved")


@click.group()
def fulltext() -> None:
    """Say which full texts were sought, retrieved, or could not be had.

    \b
    harvest fulltext list --state to-be-sought
    """


@fulltext.command("list")
@click.option("--state", type=click.Choice(_STATES), help="In this state only.")
@click.option("--csv", "as_csv", is_flag=True, help="As the table that `harvest fulltext import` takes back.")
@json_option
@click.pass_obj
def list_(folder: Path, state: str | None, as_csv: bool, as_json: bool) -> None:
    """List the reports that go on to full text, with what is known of each text; still to be got first.

    \b
    harvest fulltext list
    harvest fulltext list --state not-retrieved --json
    harvest fulltext list --csv >> fulltexts.csv
    """
    from harvest.fulltext import STATES, full_texts, template
    from harvest.project import load

    project = load(folder)
    with opened(folder) as store:
        found = full_texts(store, project, (state or "").replace("-", " "))
    if as_json:
        print_json([each.to_dict() for each in found])
    elif as_csv:
        click.echo(template(found), nl=False)
    else:
        table(
            ["report", "state", "year", "title", "DOI", "where", "note", "by"],
            [[f.report, f.state, f.year, f.title, f.doi, f.place, f.note, f.by] for f in found],
        )
        tally = Counter(each.state for each in found)
        talk(f"{', '.join(f'{tally[each]} {each}' for each in STATES)}.")


@fulltext.command("set")
@click.argument("record")
@click.argument("state", type=click.Choice(_STATES[1:]))
@click.option("--by", required=True, help="Who says so.")
@click.option("--place", default="", help="The file, or the address where it stands.")
@click.option("--note", default="", help="A remark, such as what was tried.")
@dry_run_option
@click.pass_obj
def set_(folder: Path, record: str, state: str, by: str, place: str, note: str, dry_run: bool) -> None:
    """Note how far the search for one full text has come; the newest word counts.

    \b
    harvest fulltext set H000123 retrieved --by ana --place pdf/goodman2015.pdf
    harvest fulltext set H000124 not-retrieved --by ana --note "authors asked twice"
    """
    from harvest.fulltext import say
    from harvest.project import load
    from screen.export import harvest_id

    project = load(folder)
    with opened(folder) as store:
        said = say(store, project, record, state, by, place, note, dry_run=dry_run)
    click.echo(
        f"{'Would note' if dry_run else 'Noted'}: the full text of {harvest_id(said.record)} is {said.state}."
    )


@fulltext.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default="", help="Who says so, where the table does not name anybody.")
@dry_run_option
@json_option
@click.pass_obj
def import_(folder: Path, file: Path, by: str, dry_run: bool, as_json: bool) -> None:
    """Take many at once from a CSV with the columns harvest_id and state: the whole file, or nothing.

    \b
    harvest fulltext import fulltexts.csv --by ana
    """
    from harvest.fulltext import take_in
    from harvest.project import load

    project = load(folder)
    with opened(folder) as store:
        done = take_in(store, project, file, by, dry_run=dry_run)
    if as_json:
        print_json({"rows": done.rows, "added": done.added, "blank": done.blank})
        return
    verb = "would be noted" if dry_run else "noted"
    click.echo(
        f"{count(done.rows, 'full text')}: {done.added} {verb}, the others repeat what is known; "
        f"{count(done.blank, 'row')} without a state."
    )

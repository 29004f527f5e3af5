"""harvest bundle · bundle verify: one file to deposit, and the proof that its numbers can be rebuilt from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import stored
from harvest.cli.output import dry_run_option, json_option, print_json, table, talk

if TYPE_CHECKING:
    from harvest.bundle import Verified


@click.group(invoke_without_command=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    help="The zip to write; one that is there is replaced. [default: reports/bundle.zip]",
)  # fmt: skip
@click.option("--abstracts", is_flag=True, help="Put abstracts in; they are mostly under copyright.")
@click.option("--pseudonyms", is_flag=True, help="Call people Reviewer 1, Reviewer 2 … in every file.")
@dry_run_option
@json_option
@click.pass_context
def bundle(
    ctx: click.Context, out: Path | None, abstracts: bool, pseudonyms: bool, dry_run: bool, as_json: bool
) -> None:
    """Make one file to deposit: strategies, what was asked and came, links, votes, reports.

    Answers of sources are not in it, only their digests; nor keys and addresses. The same review gives the same file.

    \b
    harvest bundle
    harvest bundle --pseudonyms --out review.zip
    """
    if ctx.invoked_subcommand:
        return
    from harvest.bundle import bundle as made_of
    from harvest.bundle.packing import opened
    from harvest.files import put
    from harvest.project import load

    project = load(ctx.obj)
    path = out or project.reports / "bundle.zip"
    with opened(stored(ctx.obj)) as store:
        made = made_of(store, project, abstracts=abstracts, by_pseudonym=pseudonyms)
    if not dry_run:
        put(path, made.body)
    if as_json:
        print_json({"path": str(path), **made.to_dict()})
    else:
        click.echo(path)
        talk(f"{len(made.files)} files, {len(made.body):,} bytes, SHA-256 {made.sha256}")
    if made.held_back:
        talk(
            f"{made.held_back} votes stand without their verdict: others have still to vote blind on these reports."
        )
    for sentence in (*(f"Not made: {said}" for said in made.not_made), *made.doubts):
        talk(sentence)


@bundle.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Count the PRISMA numbers anew from a bundle alone, and compare; ends with 4 when anything differs.

    \b
    harvest bundle verify review.zip
    """
    from harvest.bundle import verify as verified

    found = verified(file)
    if as_json:
        print_json(found.to_dict())
    else:
        _show(found)
    if not found.good:
        click.get_current_context().exit(4)


def _show(found: Verified) -> None:
    rows = [
        [b.label, b.says, b.counted, "" if b.same else "differs"] for b in found.boxes if b.says or b.counted
    ]
    table(["box", "in the bundle", "counted anew", ""], rows)
    for name in found.changed:
        talk(f"{name} is not what sha256sums.txt says.")
    for sentence in found.broken:
        talk(f"This does not add up: {sentence}.")
    talk(
        f"All {found.files} files are as they were made, and every number can be rebuilt from them."
        if found.good
        else "The bundle is not what it says."
    )

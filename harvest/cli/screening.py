"""harvest queue export · queue import · decide · postpone: what to read next, and what was said."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, talk
from harvest.cli.staging import STAGES, stage_option
from screen.profiles import TARGETS

if TYPE_CHECKING:
    from db.opinion import Said, Verdict

_VERDICTS: dict[str, Said] = {
    "include": "include", "exclude": "exclude", "unsure": "unsure", "withdraw": "withdrawn",
}  # fmt: skip


def _pairs(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`Ann=ana` as a mapping; the last `=` counts, since texts may hold one."""
    for text in given:
        if "=" not in text:
            raise click.BadParameter(f"'{text}' has no =: write it as {option.metavar}.")
    return {left.strip(): right.strip() for left, right in (text.rsplit("=", 1) for text in given)}


@click.group()
def queue() -> None:
    """Hand queues to reviewers, take their decisions back.

    \b
    harvest queue export --reviewer ana --format xlsx
    """


@queue.command("export")
@click.option("--reviewer", required=True, help="Whose queue.")
@click.option(
    "--for", "target", type=click.Choice(TARGETS),
    help="The tool that is to read it, as that tool wants it. [default: excel]",
)  # fmt: skip
@click.option(
    "--format", "kind", type=click.Choice(["csv", "xlsx", "ris"]),
    help="Where the tool takes several. [default: what suits it best, xlsx for excel]",
)  # fmt: skip
@stage_option("Of which stage: full texts of what title and abstract included.")
@click.option("--limit", type=click.IntRange(min=1), help="The first so many reports only.")
@click.option(
    "--audit", type=click.IntRange(min=1), metavar="N",
    help="Instead, a random sample of N reports of all that are not settled, for `harvest rank status`.",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def export_(
    folder: Path,
    reviewer: str,
    target: str | None,
    kind: str | None,
    stage: str,
    limit: int | None,
    audit: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write what a reviewer reads next into queues/: the pilot first, then most likely inclusions.

    \b
    harvest queue export --reviewer ana --format xlsx --limit 200
    harvest queue export --reviewer ana --for rayyan
    harvest queue export --reviewer ana --stage full-text
    harvest queue export --reviewer ana --audit 150
    """
    from harvest.project import load
    from harvest.queues import export, profile_for, to_hand_out

    project = load(folder)
    target, kind = target or "", kind or ""
    profile_for(target, kind)
    with opened(folder) as store:
        if dry_run:
            waiting = len(to_hand_out(store, project, reviewer, STAGES[stage], audit))
            paths, reports = [], min(waiting, limit or waiting)
            left = waiting - reports
        else:
            done = export(
                store, project, reviewer, kind, limit, target=target, stage=STAGES[stage], audit=audit
            )
            paths, reports, left = [str(path) for path in (done.path, *done.more)], done.reports, done.left
            if done.remark:
                talk(done.remark)
    told = f"{count(reports, 'report')} for {reviewer}; {left} more {'of the sample ' if audit else ''}wait."
    if as_json:
        first = paths[0] if paths else None
        print_json({"path": first, "reports": reports, "left": left, "more": paths[1:]})
    elif not paths:
        click.echo(told)
    else:
        click.echo("\n".join(paths))
        talk(f"{told} It comes back with `harvest queue import`.")


@queue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reviewer", default="", help="Whose decisions, where the file does not say.")
@stage_option("Of which stage. [default: as the file says, else title-abstract]", None)
@click.option(
    "--as", "people", multiple=True, callback=_pairs, metavar="'NAME=REVIEWER'",
    help="Who a person in the file is. May be repeated.",
)  # fmt: skip
@click.option(
    "--reason", "reasons", multiple=True, callback=_pairs, metavar="'TEXT=CODE'",
    help="Which reason of this review a text in the file stands for. May be repeated.",
)  # fmt: skip
@click.option(
    "--verdict", type=click.Choice(["include", "exclude", "unsure"]),
    help="What was decided of everything in a list that does not say it (Covidence, EPPI-Reviewer, Zotero, EndNote).",
)  # fmt: skip
@dry_run_option
@json_option
@click.pass_obj
def import_(
    folder: Path,
    file: Path,
    reviewer: str,
    stage: str | None,
    people: dict[str, str],
    reasons: dict[str, str],
    verdict: Verdict | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take decisions in: the whole file, or nothing and every row that does not fit. The tool is recognised.

    \b
    harvest queue import decisions/ana.xlsx --reviewer ana
    harvest queue import decisions/rayyan.zip --as "Ann Smith=ana" --as "Ben=ben" --reason "wrong population=population"
    harvest queue import decisions/covidence_irrelevant.csv --reviewer ana --verdict exclude
    """
    from harvest.homecoming import Sayings, take_in
    from harvest.project import load
    from harvest.refresh import must_be_rankable, rerank

    project = load(folder)
    must_be_rankable(project)
    where = STAGES[stage] if stage else None
    with opened(folder) as store:
        sayings = Sayings(people, reasons, verdict)
        done = take_in(store, project, file, reviewer, stage=where, sayings=sayings, dry_run=dry_run)
        if done.added and not dry_run:
            rerank(store, project, "import")
    for remark in done.remarks:
        talk(remark)
    if as_json:
        print_json(asdict(done))
        return
    verb = "would be added" if dry_run else "added"
    click.echo(
        f"{count(done.decided, 'decision')} of {', '.join(done.reviewers) or 'nobody'} at {done.stage}, from "
        f"{done.tool}: {count(done.added, 'vote')} {verb}; {count(done.blank, 'row')} still open."
    )


@click.command()
@click.argument("record")
@click.argument("verdict", type=click.Choice(list(_VERDICTS)))
@click.option("--reviewer", required=True, help="Who decides.")
@stage_option("At which stage.")
@click.option("--reason", default="", help="Code of an exclusion reason in review.toml; needed at full text.")
@click.option("--note", default="", help="A remark.")
@dry_run_option
@click.pass_obj
def decide(
    folder: Path,
    record: str,
    verdict: str,
    reviewer: str,
    stage: str,
    reason: str,
    note: str,
    dry_run: bool,
) -> None:
    """Give one vote on one record, or take it back. A change of mind is another vote; nothing is overwritten.

    \b
    harvest decide H000123 exclude --reviewer ana --reason design
    harvest decide H000123 exclude --reviewer ana --stage full-text --reason design
    harvest decide H000123 withdraw --reviewer ana
    """
    from harvest.project import load
    from harvest.voting import decide as vote
    from harvest.voting import named

    project = load(folder)
    with opened(folder) as store:
        given = vote(
            store,
            project,
            record,
            _VERDICTS[verdict],
            reviewer,
            reason,
            note,
            stage=STAGES[stage],
            dry_run=dry_run,
        )
    click.echo(f"{'Would note' if dry_run else 'Noted'}: {named(given)}.")


@click.command()
@click.argument("records", nargs=-1, required=True)
@click.option("--reviewer", required=True, help="Whose queue.")
@stage_option("At which stage.")
@click.option(
    "--until", default="", metavar="DAY", help="Back in its place from this day on; `now`: at once."
)
@click.option("--note", default="", help="A remark.")
@dry_run_option
@click.pass_obj
def postpone(
    folder: Path, records: tuple[str, ...], reviewer: str, stage: str, until: str, note: str, dry_run: bool
) -> None:
    """Read reports later: they go to the end of the reviewer's queue, for good or until a day. It is no vote.

    \b
    harvest postpone H000123 --reviewer ana --until 2030-12-01 --note "full text ordered"
    harvest postpone H000123 --reviewer ana --until now
    """
    from harvest.project import load
    from harvest.voting import AGAIN
    from harvest.voting import postpone as put_off

    project = load(folder)
    with opened(folder) as store:
        said = put_off(store, project, records, reviewer, until, note, stage=STAGES[stage], dry_run=dry_run)
    when = {"": "at the end of the queue", AGAIN: "back in place"}.get(until, f"until {until}")
    click.echo(f"{'Would be' if dry_run else 'Are'} {when}: {count(len(said), 'report')} of {reviewer}.")

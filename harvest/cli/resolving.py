"""harvest votes · resolve · unblind: what a reviewer may see, what the arbiter ends, and when all may see all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import count, dry_run_option, json_option, print_json, table, talk
from harvest.cli.staging import STAGES, stage_option
from harvest.files import legible

if TYPE_CHECKING:
    from db.opinion import Verdict
    from harvest.resolving import Case

_VERDICTS: dict[str, Verdict] = {"include": "include", "exclude": "exclude"}


@click.command()
@click.argument("record", required=False)
@click.option("--reviewer", required=True, help="Who looks.")
@stage_option("At which stage.")
@click.option("--second-look", "twice", is_flag=True, help="Only where you judged one report in two ways.")
@json_option
@click.pass_obj
def votes(folder: Path, record: str | None, reviewer: str, stage: str, twice: bool, as_json: bool) -> None:
    """Show a reviewer their votes, and others' on reports they have voted on themselves; of RECORD only, when named.

    \b
    harvest votes --reviewer ana
    harvest votes H000123 --reviewer ana
    """
    from harvest.answers import known_record
    from harvest.blind import votes as seen_by
    from harvest.project import load
    from harvest.waiting import known_reviewer

    project = load(folder)
    known_reviewer(project, reviewer)
    with opened(folder) as store:
        lead = store.report_of(known_record(store, record)) if record else None
        found = seen_by(store, project, reviewer, STAGES[stage], lead)
    shown = [one for one in found if not twice or (one.second_look and one.reviewer == reviewer)]
    if as_json:
        print_json([one.to_dict() for one in shown])
        return
    table(["at", "report", "record", "reviewer", "verdict", "reason", "note", ""], [
        [v.at[:16], v.report, v.record, v.reviewer, v.verdict, v.reason, v.note, _standing(v.in_force, v.second_look)]
        for v in shown
    ])  # fmt: skip
    talk(f"{count(len(shown), 'vote')} that {reviewer} may see.")


def _standing(in_force: bool, second_look: bool) -> str:
    return "second look" if second_look else "" if in_force else "changed since"


@click.command()
@click.argument("record", required=False)
@click.argument("verdict", type=click.Choice(list(_VERDICTS)), required=False)
@click.option("--by", default="", help="Who settles it: the arbiter.")
@click.option("--reason", default="", help="Code of an exclusion reason; needed at full text.")
@click.option("--note", default="", help="A remark.")
@stage_option("At which stage. [default: both; to settle, the one at which it waits]", None)
@dry_run_option
@json_option
@click.pass_obj
def resolve(
    folder: Path,
    record: str | None,
    verdict: str | None,
    by: str,
    reason: str,
    note: str,
    stage: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """List what waits for the arbiter with all its votes, or settle one report. The votes stay as they were.

    \b
    harvest resolve
    harvest resolve H000123 include --by cleo --note "mothers and infants, see methods"
    """
    from harvest.project import load
    from harvest.resolving import cases, must_be_arbiter
    from harvest.resolving import resolve as settle
    from screen.export import harvest_id

    if bool(record) != bool(verdict):
        raise click.UsageError("Name a record and say include or exclude, or neither to list what waits.")
    project, chosen = load(folder), STAGES[stage] if stage else None
    with opened(folder) as store:
        if record and verdict:
            said = settle(
                store, project, record, _VERDICTS[verdict], by, reason, note, stage=chosen, dry_run=dry_run
            )
            told = {
                "id": harvest_id(said.record),
                "stage": said.stage,
                "verdict": said.verdict,
                "reason": said.reason,
            }
            verb = "Would note" if dry_run else "Noted"
            sentence = f"{verb}: {by} settles {told['id']} at {said.stage}: {said.verdict}."
            print_json(told) if as_json else click.echo(sentence)
            return
        waiting = cases(store, project, (chosen,)) if chosen else cases(store, project)
        if by:
            must_be_arbiter(project, by)
    if as_json:
        print_json([case.to_dict() for case in waiting])
        return
    for case in waiting:
        _show(case)
    verb = "waits" if len(waiting) == 1 else "wait"
    arbiter = project.screening.arbiter or "an arbiter, whom nobody has named"
    talk(f"{count(len(waiting), 'report')} {verb} for {arbiter}.")


def _show(case: Case) -> None:
    click.echo(legible(f"{case.id}  {case.title}"))
    click.echo(f"{case.stage}: {case.why}")
    for vote in case.votes:
        reason = f" ({vote.reason})" if vote.reason else ""
        note = f": {vote.note}" if vote.note else ""
        where = f" of {vote.record}" if case.why == "second look" else ""
        click.echo(legible(f"  {vote.reviewer} {vote.verdict}{reason}{where}{note}"))
    if case.abstract:
        click.echo(legible(case.abstract, keep="\n"))
    click.echo("")


@click.command()
@stage_option("Which stage.", None)
@click.option("--by", required=True, help="Who opens the votes: the arbiter, where one is named.")
@click.option("--because", required=True, help="Why, for the record.")
@dry_run_option
@json_option
@click.pass_obj
def unblind(folder: Path, stage: str | None, by: str, because: str, dry_run: bool, as_json: bool) -> None:
    """Let reviewers see each other's votes at a stage from now on. It is recorded, and cannot be taken back.

    \b
    harvest unblind --stage title-abstract --by cleo --because "all is read"
    """
    from harvest.blind import unblind as open_votes
    from harvest.project import load

    if stage is None:
        raise click.UsageError(f"Say which stage: --stage {' or '.join(STAGES)}.")
    project = load(folder)
    with opened(folder) as store:
        said = open_votes(store, project, STAGES[stage], by, because, dry_run=dry_run)
    if as_json:
        print_json({"stage": said.stage, "by": said.by, "because": said.because, "dry_run": dry_run})
        return
    click.echo(f"{'Would open' if dry_run else 'Open'} from now on: the votes at {said.stage}, by {said.by}.")

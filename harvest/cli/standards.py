"""harvest check prisma · mecir · lsr: a review beside the rules of a standard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvest.cli.opening import opened
from harvest.cli.output import print_json, talk
from harvest.files import legible

if TYPE_CHECKING:
    from harvest.standards import Finding


def check_standard(folder: Path, name: str, *, as_json: bool) -> None:
    """Judge, show what is not met first, and end with 4 when that is something the standard demands."""
    from harvest.project import load
    from harvest.standards import Verdict, judge, standard_named, told

    standard = standard_named(name)
    project = load(folder)
    with opened(folder) as store:
        findings = judge(name, store, project)
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        for verdict in Verdict:
            for finding in findings:
                if finding.judgement.verdict is verdict:
                    click.echo("\n".join(map(legible, told(finding))))
    talk(f"{standard.title}: {_counts(findings)}.")
    if any(finding.fails for finding in findings):
        click.get_current_context().exit(4)


def _counts(findings: tuple[Finding, ...]) -> str:
    from harvest.standards import Verdict

    said = {verdict: sum(f.judgement.verdict is verdict for f in findings) for verdict in Verdict}
    failing = sum(finding.fails for finding in findings)
    return (
        f"{said[Verdict.MET]} of {len(findings)} rules are met, {said[Verdict.NOT_MET]} are not "
        f"({failing} of them mandatory), and {said[Verdict.UNSEEN]} only people can judge"
    )


def explain_rule(code: str, *, as_json: bool) -> bool:
    """Say what a rule of a standard is; False when the code is none of theirs."""
    from harvest.standards import explanation, rule_named

    rule = rule_named(code)
    if rule is None:
        return False
    names = ("code", "title", "mandatory", "source", "sees", "todo", "confirmed")
    if as_json:
        print_json({name: getattr(rule, name) for name in names})
    else:
        click.echo(explanation(rule))
    return True

"""harvest check · filters: what is wrong or doubtful, and the search filters that come packaged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvest.cli.output import count, json_option, print_json, table, talk
from harvest.files import legible

if TYPE_CHECKING:
    from harvest.checking import Examined, Looked
    from harvest.press import Finding

WIDTH = 96
"""Characters of a line that are shown around a place."""


@click.command()
@click.argument("standard", required=False)
@click.option("--known", is_flag=True, help="Ask the sources by which line each known record is lost.")
@click.option(
    "--ask", is_flag=True, help="Ask the sources how they read each search, and PubMed about each heading."
)
@click.option(
    "--advice", is_flag=True, help="Show also what a peer reviewer of the searches would ask about."
)
@click.option("--explain", metavar="CODE", help="Say what a check means and why it matters: S204, M-C39.")
@json_option
@click.pass_obj
def check(
    folder: Path, standard: str | None, known: bool, ask: bool, advice: bool, explain: str | None, as_json: bool
) -> None:  # fmt: skip
    """Report everything wrong in the review folder at once, with its place and what to do.

    Search strings are looked at by a catalogue of checks, each with a code: docs/strategy-checks.md.
    Nobody is asked, except with --ask and --known.

    With prisma, mecir or lsr the review is held against the rules of that standard which software can check
    (docs/standards.md), and a mandatory one that is not met ends the command with 4.

    \b
    harvest check
    harvest check --ask --advice
    harvest check --explain S204
    harvest check --known
    harvest check prisma
    """
    if standard:
        from harvest.cli.standards import check_standard

        check_standard(folder, standard, as_json=as_json)
    elif known:
        from harvest.cli.proving import check_known

        check_known(folder, as_json=as_json)
    elif explain:
        _explain(explain, as_json=as_json)
    else:
        _check(folder, ask=ask, advice=advice, as_json=as_json)


def _explain(code: str, *, as_json: bool) -> None:
    from harvest.cli.standards import explain_rule
    from harvest.press import check_named, explanation

    if explain_rule(code, as_json=as_json):
        return
    named = check_named(code)
    if as_json:
        print_json(_catalogued(named))
    else:
        click.echo(explanation(named))


def _check(folder: Path, *, ask: bool, advice: bool, as_json: bool) -> None:
    from harvest.checking import examine
    from harvest.press import Severity

    done = examine(folder, _sources(folder) if ask else None)
    if as_json:
        print_json([*_problems_as_json(done), *_findings_as_json(done, advice=advice)])
    else:
        _show(done, advice=advice)
    errors, warnings = done.count(Severity.ERROR), done.count(Severity.WARNING)
    hints = done.count(Severity.ADVICE)
    wrong = (
        f"{count(errors, 'error')}, {count(warnings, 'warning')}."
        if errors or warnings
        else "Nothing is wrong."
    )
    more = "" if advice else ": `harvest check --advice`"
    talk(wrong + (f" {count(hints, 'piece')} of advice{more}." if hints else ""))
    if errors:
        click.get_current_context().exit(2)


def _sources(folder: Path) -> Any:
    """How a source is made with the settings of the review."""
    from harvest.catalogue import make
    from harvest.project import look_through
    from harvest.transport import Transport

    project, _ = look_through(folder)
    transport = Transport(project.patience) if project else Transport()
    return lambda name: make(name, transport, project.source_settings(name) if project else {})


# -- showing -----------------------------------------------------------------------------------------


def _show(done: Examined, *, advice: bool) -> None:
    for problem in done.problems:
        click.echo(f"{'warning' if problem.warning else 'error'}: {legible(str(problem))}")
    for looked in done.searches:
        for finding in looked.findings:
            if advice or finding.severity.value != "advice":
                _show_finding(looked, finding)


def _show_finding(looked: Looked, finding: Finding) -> None:
    severity = "accepted" if finding.accepted else finding.severity.value
    where = f"{looked.file}: {finding.place or f'search {looked.search}'}"
    click.echo(f"{severity}: {legible(f'{where}: {finding.sentence}')}")
    margin = " " * 8
    if finding.file_line:
        line, caret = _cut(looked.lines[finding.file_line - 1], finding.column - 1, finding.end_column - 1)
        click.echo(f"  {finding.code}  {legible(line)}")
        click.echo(f"{margin}{caret}")
        hint = finding.suggestion
    else:
        hint = f"{finding.code}: {finding.suggestion or finding.check.title}"
    if finding.accepted:
        hint = f"let be, because: {finding.accepted}"
    if hint:
        click.echo(f"{margin}{legible(hint)}")


def _cut(line: str, start: int, end: int) -> tuple[str, str]:
    """As much of a line as can be shown around a place, and the marks under it."""
    first = max(0, min(start - WIDTH // 3, len(line) - WIDTH))
    shown = line[first : first + WIDTH].replace("\t", " ")
    before, behind = "…" if first else "", "…" if first + WIDTH < len(line) else ""
    marks = min(end, first + WIDTH) - start
    return f"{before}{shown}{behind}", " " * (len(before) + start - first) + "^" * max(1, marks)


# -- for scripts -------------------------------------------------------------------------------------


def _problems_as_json(done: Examined) -> list[dict[str, object]]:
    return [
        {"file": p.file, "place": p.place, "message": p.message, "warning": p.warning, "code": ""}
        for p in done.problems
    ]


def _findings_as_json(done: Examined, *, advice: bool) -> list[dict[str, object]]:
    return [
        {
            "file": looked.file,
            "place": finding.place or f"search {looked.search}",
            "message": finding.sentence,
            "warning": finding.severity.value != "error",
            "code": finding.code,
            "title": finding.check.title,
            "severity": finding.severity.value,
            "search": looked.search,
            "line": finding.line,
            "file_line": finding.file_line,
            "columns": [finding.column, finding.end_column] if finding.file_line else None,
            "suggestion": finding.suggestion,
            "accepted": finding.accepted,
        }
        for looked in done.searches
        for finding in looked.findings
        if advice or finding.severity.value != "advice"
    ]


def _catalogued(check: Any) -> dict[str, object]:
    names = ("code", "title", "severity", "means", "why", "wrong", "right", "source", "stops")
    return {name: getattr(check, name) for name in names} | {"dialects": list(check.dialects)}


# -- filters -----------------------------------------------------------------------------------------


@click.command()
@click.argument("name", required=False)
@json_option
def filters(name: str | None, as_json: bool) -> None:
    """List the packaged search filters, or print one: its lines, what it is, and how to cite it.

    A strategy for PubMed takes one in by its name: {filter: cochrane-rct-pubmed-sensitive}. For a search by hand,
    paste the lines.

    \b
    harvest filters
    harvest filters cochrane-rct-pubmed-sensitive
    """
    from harvest.strategy.filters import filter_named, known_filters

    chosen = [filter_named(name)] if name else list(known_filters().values())
    if as_json:
        print_json([_filter_as_json(each) for each in chosen])
    elif name is None:
        table(
            ["name", "for", "finds", "version"],
            [[each.name, each.dialect, each.designs, each.version] for each in chosen],
        )
    else:
        block = chosen[0]
        for number, line in enumerate(block.lines, 1):
            click.echo(f"{number}. {line}")
        talk(f"\n{block.title}.\n{block.citation}\nChecked: {block.checked}.\n{block.advice}")


def _filter_as_json(block: Any) -> dict[str, object]:
    names = (
        "name", "title", "version", "dialect", "designs", "citation", "checked", "advice", "lines", "query", "digest",
    )  # fmt: skip
    return {each: getattr(block, each) for each in names}

"""Every standard by its name, how a review is judged by one, and the page that lists the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from db.errors import WrongUse
from db.store import Store
from harvest.project import Project
from harvest.standards import lsr, mecir, prisma
from harvest.standards.facts import Facts, gather
from harvest.standards.rule import Finding, Rule, Standard, Verdict

SHORT = 24
"""Characters of a name, which needs no line of its own."""

WIDTH = 120
"""Characters of a line of the page."""

STANDARDS: Mapping[str, Standard] = {
    each.name: each for each in (prisma.STANDARD, mecir.STANDARD, lsr.STANDARD)
}


def standard_named(name: str) -> Standard:
    """The standard of this name. Raises `WrongUse`."""
    standard = STANDARDS.get(name.lower())
    if standard is None:
        raise WrongUse(f"There is no standard {name!r}; there are {', '.join(STANDARDS)}.")
    return standard


def rule_named(code: str) -> Rule | None:
    """The rule of this code, whichever standard it is of; None when there is none."""
    rules = (rule for standard in STANDARDS.values() for rule in standard.rules)
    return next((rule for rule in rules if rule.code.casefold() == code.casefold()), None)


def judge(name: str, store: Store, project: Project) -> tuple[Finding, ...]:
    """A review beside every rule of a standard, in the order of the rules. Raises `WrongUse` for an unknown one."""
    standard = standard_named(name)
    return of_facts(standard, gather(store, project))


def of_facts(standard: Standard, facts: Facts) -> tuple[Finding, ...]:
    """The same from facts that are gathered already."""
    return tuple(Finding(rule, rule.look(facts)) for rule in standard.rules)


def told(finding: Finding) -> Iterator[str]:
    """A finding for a person: what is said, by which evidence, and what to do."""
    rule, said = finding.rule, finding.judgement
    wish = "" if rule.mandatory else " (desirable)"
    yield f"{said.verdict}: {rule.code} {rule.title}{wish}: {said.sentence}"
    if said.verdict is not Verdict.MET:
        yield from (f"        {line}" for line in _lines(said.evidence))
        yield f"        {rule.todo}"


def _lines(evidence: Sequence[str]) -> Sequence[str]:
    """Names of reports and searches stand side by side, sentences below each other."""
    return [", ".join(evidence)] if evidence and max(map(len, evidence)) <= SHORT else evidence


def explanation(rule: Rule) -> str:
    """What a rule is, for a terminal."""
    grade = "A review must meet it." if rule.mandatory else "Desirable; a check does not fail for it."
    unread = (
        "" if rule.confirmed else "\nThe wording of the standard was not read at its source for this rule."
    )
    return (
        f"{rule.code} {rule.title}\n\n{grade}\nLooked at: {rule.sees}.\nWhat to do: {rule.todo}\n"
        f"Source: {rule.source}.{unread}"
    )


def page() -> str:
    """All rules as Markdown: docs/standards.md."""
    return "\n".join(line for standard in STANDARDS.values() for line in _section(standard)).rstrip() + "\n"


def _section(standard: Standard) -> Iterator[str]:
    cited = wrap(f"`harvest check {standard.name}`. {standard.citation}.", WIDTH, break_on_hyphens=False)
    yield from (f"## {standard.title}", "", *cited, "")
    yield "| code | rule | source | must | what is looked at | what to do |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule in standard.rules:
        source = rule.source if rule.confirmed else f"{rule.source} (not read)"
        cells = (rule.code, rule.title, source, "yes" if rule.mandatory else "", rule.sees, rule.todo)
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
    yield ""

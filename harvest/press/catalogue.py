"""Every check of a search string by its code, and the pages that explain them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from textwrap import wrap

from db.errors import WrongUse
from harvest.press import answers, coverage, fields, headings, limits, lines, operators, signs, truncation
from harvest.press.dialect import NAMES
from harvest.press.finding import Check, Finding, Severity, Subject, found

FAMILIES = (
    ("The file and its signs", signs.CHECKS),
    ("Operators", operators.CHECKS),
    ("Lines", lines.CHECKS),
    ("Fields and syntax", fields.CHECKS),
    ("Truncation, phrases, proximity", truncation.CHECKS),
    ("Headings and publication types", headings.CHECKS),
    ("Filters and limits", limits.CHECKS),
    ("Concepts, words, spelling", coverage.CHECKS),
    ("What the source says", answers.CHECKS),
)

CHECKS: Mapping[str, Check] = {check.code: check for _, checks in FAMILIES for check in checks}
"""Code → check, in the order of the families."""

WIDTH = 100
"""Characters of a line of an explanation."""

_ORDER = tuple(Severity)


def look(subject: Subject) -> tuple[Finding, ...]:
    """Everything that the catalogue finds in a strategy: in the order of the file, the worst first in each place."""
    findings = [
        found(check, subject, spot)
        for check in CHECKS.values()
        if check.applies(subject)
        for spot in check.look(subject)
    ]
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[int, int, int, str]:
    return finding.file_line or 0, finding.column, _ORDER.index(finding.severity), finding.code


def check_named(code: str) -> Check:
    """The check of this code. Raises `WrongUse`."""
    check = CHECKS.get(code.upper())
    if check is None:
        close = difflib.get_close_matches(code.upper(), CHECKS, n=3, cutoff=0.5)
        near = f"; close to it are {', '.join(close)}" if close else ""
        raise WrongUse(f"There is no check {code!r}{near}: docs/strategy-checks.md lists them all.")
    return check


def explanation(check: Check) -> str:
    """What a check means, for a terminal."""
    return "\n".join(_told(check, "{}", "    "))


def page() -> str:
    """The whole catalogue as Markdown: docs/strategy-checks.md."""
    parts: list[str] = []
    for title, checks in FAMILIES:
        parts += [f"## {title}", ""]
        for check in checks:
            head, *rest = _told(check, "### {}", "    ")
            parts += [head, *rest, ""]
    return "\n".join(parts).rstrip() + "\n"


def _told(check: Check, heading: str, indent: str) -> Iterator[str]:
    yield heading.format(f"{check.code} {check.title}")
    yield ""
    where = ", ".join(NAMES.get(name, "other platforms") for name in check.dialects) or "every strategy"
    accepted = " No run begins before it is put right." if check.stops else ""
    yield from wrap(f"{check.severity.value.capitalize()}; applies to {where}.{accepted}", WIDTH)
    yield ""
    yield from wrap(f"{check.means} {check.why}", WIDTH)
    yield ""
    for label, example in (("Wrong", check.wrong), ("Right", check.right)):
        if example:
            yield from (f"{label}:", "", *_shown(example, indent), "")
    yield from wrap(f"Source: {check.source}.", WIDTH)


def _shown(example: str, indent: str) -> list[str]:
    """The first lines of an example, none of them long."""
    printable = example.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\u00a0", "⍽")
    shown = printable.rstrip("\n").splitlines()
    short = [line if len(line) <= 100 else line[:99] + "…" for line in shown[:4]]
    return [f"{indent}{line}" for line in (*short, "…")[: len(short) + (len(shown) > 4)]]

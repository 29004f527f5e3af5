"""Study labels: `Cicchetti 1999a`, as Cochrane reviews name their studies. A label that was once shown stays.

First author and year of the earliest report, with a letter where two studies would share a label. A person's word goes
before everything; a label that was kept (`saying.keep`) goes before what would be derived today, whatever joins the
review later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from db.opinion import StudyNote
from harvest.studies.study import StudyReport

KEPT = "harvest"
"""`StudyNote.by` of a label that no person gave: it was shown in a report, and is kept."""
_INITIALS = re.compile(r"[\s,]+(?:[A-Z]\.?[ -]?){1,4}$")


@dataclass(frozen=True, slots=True)
class Claim:
    """A study that needs a label."""

    number: int
    reports: Sequence[StudyReport]
    notes: Sequence[StudyNote]
    """Said of it, in the order given."""


def labels(claims: Sequence[Claim]) -> dict[int, tuple[str, str]]:
    """Study → (label, who gave it). No two are the same, unless people said so.

    Persons' labels first; then those kept, the oldest first: of two kept labels that came together in one study, the
    older one stays, and splitting them again gives each its own back. What is left is derived, the earliest study
    first.
    """
    given = {claim.number: (said.value, said.by) for claim in claims if (said := _by_person(claim))}
    taken = {label.casefold() for label, _ in given.values()}
    kept = [(note.at, claim.number, note.value) for claim in claims for note in claim.notes if _is_kept(note)]
    for _, number, label in sorted(kept):
        if number not in given and label.casefold() not in taken:
            given[number] = (label, KEPT)
            taken.add(label.casefold())
    given.update(_derived([claim for claim in claims if claim.number not in given], taken))
    return given


def _by_person(claim: Claim) -> StudyNote | None:
    """The newest word of a person; an empty one takes back what was said."""
    said = [note for note in claim.notes if note.field == "label" and note.by != KEPT]
    return said[-1] if said and said[-1].value else None


def _is_kept(note: StudyNote) -> bool:
    return note.field == "label" and note.by == KEPT


def _derived(claims: Sequence[Claim], taken: set[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Letters where several share a label. One that stands without a letter already counts as `a`."""
    sharing: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=lambda each: (_earliest(each.reports), each.number)):
        sharing.setdefault(stem(claim.reports), []).append(claim)
    for name, group in sharing.items():
        rivals = {label for label in taken if re.fullmatch(rf"{re.escape(name.casefold())}[a-z]*", label)}
        if len(group) == 1 and not rivals:
            yield group[0].number, (name, "")
            continue
        if name.casefold() in rivals:
            rivals.add(f"{name.casefold()}a")
        free = (f"{name}{letter}" for letter in _letters() if f"{name}{letter}".casefold() not in rivals)
        yield from ((claim.number, (label, "")) for claim, label in zip(group, free, strict=False))


def stem(reports: Sequence[StudyReport]) -> str:
    """First author and year of the earliest report with results, or of the earliest of whatever there is.

    A registration without an author lends its number (NCT00923559), as Cochrane names studies that have not reported.
    """
    first = min(reports, key=_date)
    year = first.record.year
    named = next((author.family for author in first.record.authors if author.family), "")
    family = _INITIALS.sub("", named.partition(",")[0].strip())
    if family:
        return f"{family} {year}" if year else family
    if first.kind == "registration":
        return first.record.key
    return f"Anonymous {year}" if year else "Anonymous"


def _date(report: StudyReport) -> tuple[bool, str, int]:
    """Reports with results first, then by date."""
    return report.kind in ("registration", "protocol"), report.date, report.number


def _earliest(reports: Sequence[StudyReport]) -> tuple[bool, str, int]:
    return min(_date(report) for report in reports)


def _letters() -> Iterator[str]:
    """Letters from a to z, then aa, ab …, without end."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    yield from alphabet
    for first in _letters():
        for last in alphabet:
            yield first + last

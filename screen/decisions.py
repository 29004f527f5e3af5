"""Decisions on their way home, from whatever tool they were made in.

Nothing is decided here: every row becomes decisions, a blank, or a problem with its place. The caller takes the file
as a whole or not at all, says which reviewer a person is, and looks up what has no `harvest_id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.errors import Problem, WrongUse
from db.opinion import Verdict
from screen.codes import Codes
from screen.export import harvest_id, report_of
from screen.profiles import Profile, profile_of
from screen.profiles.own import VERDICT_OF
from screen.returned import Entry, Form, Said
from screen.unpacked import unpack

__all__ = ["VERDICT_OF", "DecisionFile", "DecisionRow", "read_decisions"]

_IDS = ("harvest_id", "accession_number", "an", "id", "lb", "c1", "u2", "u1", "key", "source_id")
"""Where the report's name may have survived, besides the note."""
_NOTED_ID = re.compile(r"\bharvest_id:\s*(H\d+)\b", re.IGNORECASE)
_LEADING_ID = re.compile(r"\s*(H\d{6,})\b", re.IGNORECASE)
"""Other tools write more into an accession number: `H000123. Language: English.`"""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision as it came."""

    place: str
    """`row 12`, `record 3 (line 40)`."""
    harvest_id: str | None
    """H000123, or None when the file no longer says."""
    verdict: Verdict
    reason: str = ""
    """A code of the project, in the project's spelling."""
    note: str = ""
    title: str = ""
    doi: str = ""
    pmid: str = ""
    numbers: tuple[str, ...] = ()
    """In trial registers."""
    year: str = ""
    author: str = ""
    """The first one, as the tool writes names."""
    by: str = ""
    """The person as the file names them; empty when it does not say."""


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """A whole file of decisions."""

    rows: tuple[DecisionRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What must be put right before the file can be taken."""
    blank: int = 0
    """Rows not decided yet."""
    reviewers: tuple[str, ...] = ()
    """Everybody whose decisions, or whose queue, it says it is."""
    stages: tuple[str, ...] = ()
    tool: str = ""
    """Whose file it was taken for: ASReview, Rayyan …"""
    remarks: tuple[str, ...] = ()
    """What is to be known of the file though nothing in it is wrong."""

    @property
    def unmatched(self) -> tuple[DecisionRow, ...]:
        """Decisions whose report must be found by other means than its name."""
        return tuple(row for row in self.rows if row.harvest_id is None)


def read_decisions(
    body: bytes,
    name: str,
    reasons: Mapping[str, str],
    *,
    also: Mapping[str, str] | None = None,
    verdict: Verdict | None = None,
) -> DecisionFile:
    """A file that came back. Never raises for what is in it: see `DecisionFile.problems`.

    Args:
        body: the file; its format and the tool that wrote it are seen from the bytes.
        name: of the file, for the problems.
        reasons: the project's codes with their meanings, in its order; other tools may write either.
        also: other texts for these codes.
        verdict: what every row says that says nothing itself, in files of tools that give lists.
    """
    try:
        forms = unpack(body)
        profile = _known(forms)
        _fits(profile, verdict)
        read = list(profile.read(forms))
    except WrongUse as error:
        return DecisionFile(problems=(Problem(name, "", str(error)),))
    judged = _Judge(name, Codes.of(reasons, also))
    told = [judged.row(entry, said or _listed(verdict)) for entry, said in read]
    found = [line for lines in told for line in lines]
    rows, clashes = _once([line for line in found if isinstance(line, DecisionRow)], name)
    entries = [entry for entry, _ in read]
    people = {one.by for _, said in read for one in said if one.by}
    return DecisionFile(
        rows=rows,
        problems=(*(line for line in found if isinstance(line, Problem)), *clashes),
        blank=sum(not lines for lines in told),
        reviewers=tuple(sorted(people | _distinct(entries, "reviewer"))),
        stages=tuple(sorted(_distinct(entries, "stage"))),
        tool=profile.label,
        remarks=tuple(_remarks(profile, rows, forms)),
    )


def _known(forms: Sequence[Form]) -> Profile:
    profile = profile_of(forms)
    if profile is None:
        raise WrongUse("Nothing in it says what was decided: a table needs a column called decision.")
    return profile


def _fits(profile: Profile, verdict: Verdict | None) -> None:
    if verdict and not profile.lists:
        raise WrongUse(f"A file of {profile.label} says itself what was decided: leave --verdict out.")


def _listed(verdict: Verdict | None) -> Sequence[Said]:
    return (Said(verdict, verdict),) if verdict else ()


def _remarks(profile: Profile, rows: Sequence[DecisionRow], forms: Sequence[Form]) -> Iterator[str]:
    if profile.lists and not rows:
        yield "No row says what was decided. A list of reports that were all decided alike is taken with --verdict."
    logged = any("article_id" in form.columns for form in forms)
    if profile.name == "rayyan" and not logged and len({row.by for row in rows if row.reason}) > 1:
        yield (
            "Rayyan's articles say the reasons, not whose they are: everybody who excluded a report is given the same, "
            "unless customizations_log.csv comes along in the zip."
        )


@dataclass(frozen=True, slots=True)
class _Judge:
    """Turns what was said into decisions, or says what is wrong with it."""

    name: str
    codes: Codes

    def row(self, entry: Entry, said: Sequence[Said]) -> list[DecisionRow | Problem]:
        """A row's decisions, one a person, or what is wrong with it; nothing when it is not decided."""
        wrong = _unnamed(entry) if said else ""
        if wrong:
            return [Problem(self.name, entry.place, wrong)]
        return [self._decision(entry, group) for group in _by_person(said)]

    def _decision(self, entry: Entry, said: Sequence[Said]) -> DecisionRow | Problem:
        given = next((one.reason for one in said if one.reason), "")
        codes = self.codes.read(given)
        verdict = said[0].verdict
        wrong = self._wrong(said, given, codes)
        if wrong or verdict is None:
            return Problem(self.name, entry.place, wrong)
        first, *rest = codes or ("",)
        report = _report(entry)
        return DecisionRow(
            place=entry.place,
            harvest_id=None if report is None else harvest_id(report),
            verdict=verdict,
            reason=first,
            note="; ".join(filter(None, (_note(said), f"also: {', '.join(rest)}" if rest else ""))),
            title=" ".join(entry.first("title").split()),
            doi=entry.first("doi"),
            pmid=entry.first("pmid", "pubmed_id", "pubmed_id_pmid").strip("0 "),
            numbers=tuple(re.split(r"[;\s]+", entry.first("registry_numbers", "registry_number"))),
            year=entry.first("year", "published_year"),
            author=re.split(r";|\n| and ", entry.first("authors"))[0].strip(),
            by=next((one.by for one in said if one.by), ""),
        )

    def _wrong(self, said: Sequence[Said], given: str, codes: tuple[str, ...] | None) -> str:
        """What is wrong with a decided row; empty when nothing is."""
        verdict, word = said[0].verdict, said[0].word
        if not word:
            return f"The reason {given!r} stands without a decision; add the decision or clear the reason."
        if verdict is None:
            return f"{word!r} is no decision; write include, exclude or unsure, or leave it empty."
        if any(one.verdict != verdict for one in said):
            words = " and ".join(repr(one.word) for one in said)
            return f"Two decisions in one row, {words}; leave the one that holds."
        if codes is None:
            known = ", ".join(self.codes.order) or "none"
            hint = self.codes.hint(given)
            return f"{given!r} is no reason of this review; the codes are {known}.{hint}"
        if codes and verdict == "include":
            return f"Included, and yet with the reason {given!r} to exclude; change one of them."
        return ""


def _by_person(said: Sequence[Said]) -> Iterator[list[Said]]:
    """What each person said. A word without a name belongs to the only person there is."""
    people = dict.fromkeys(one.by for one in said if one.by)
    if len(people) <= 1:
        yield from [list(said)] if said else []
        return
    for person in dict.fromkeys(one.by for one in said):
        yield [one for one in said if one.by == person]


def _note(said: Iterable[Said]) -> str:
    return next((one.note for one in said if one.note), "")


def _unnamed(entry: Entry) -> str:
    """What is wrong with the names of the report in a row; empty when nothing is."""
    name = entry.first("harvest_id")
    if name and report_of(name) is None:
        return f"{name!r} is no harvest_id; they look like H000123."
    noted = [found for value in entry.values.values() for found in _NOTED_ID.findall(value)]
    named = {report_of(found) for found in (*noted, name)} - {None}
    if len(named) > 1:
        names = " and ".join(harvest_id(number) for number in sorted(filter(None, named)))
        return f"Two reports in one row, {names}; leave the one that is meant."
    return ""


def _report(entry: Entry) -> int | None:
    """The report by the strongest name that the row still has."""
    own = report_of(entry.first("harvest_id"))
    noted = (found for value in entry.values.values() for found in _NOTED_ID.findall(value))
    kept = (found[1] for column in _IDS if (found := _LEADING_ID.match(entry.values.get(column, ""))))
    short = (entry.values.get(column, "") for column in _IDS)  # H12, as somebody may have typed it
    numbers = (own, *map(report_of, noted), *map(report_of, kept), *map(report_of, short))
    return next((number for number in numbers if number is not None), None)


def _once(rows: Sequence[DecisionRow], name: str) -> tuple[tuple[DecisionRow, ...], tuple[Problem, ...]]:
    """Each person's decision on a report once; a report that one person decided in two ways is a problem."""
    first: dict[tuple[str, str], DecisionRow] = {}
    kept: list[DecisionRow] = []
    clashes: list[Problem] = []
    for row in rows:
        earlier = first.setdefault((row.harvest_id, row.by), row) if row.harvest_id else row
        if earlier is row:
            kept.append(row)
        elif (earlier.verdict, earlier.reason, earlier.note) != (row.verdict, row.reason, row.note):
            message = f"{row.harvest_id} is decided differently in {earlier.place}; leave one of the two."
            clashes.append(Problem(name, row.place, message))
    return tuple(kept), tuple(clashes)


def _distinct(entries: Sequence[Entry], column: str) -> set[str]:
    return {entry.values[column] for entry in entries if entry.values.get(column)}

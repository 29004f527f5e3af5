"""Decisions in: a file that came back from whatever tool, taken as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import Problem, WrongUse
from db.opinion import Decision, Stage, Verdict
from db.store import Store
from harvest import files
from harvest.project import Project
from harvest.voting import keep_design, wrong_reason
from harvest.waiting import at_stage, known_reviewer
from screen.export import harvest_id
from screen.plan import FULL_TEXT, TITLE
from screen.steps import votes_for

if TYPE_CHECKING:
    from harvest.rows import Found
    from screen.decisions import DecisionFile, DecisionRow

LARGEST = 512 * 10**6
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of decisions that came back."""

    decided: int
    """Decisions in it, one a row and person."""
    added: int
    """Votes that are new or changed; the others repeat what was there."""
    blank: int
    """Rows without a decision."""
    stage: Stage = TITLE
    remarks: tuple[str, ...] = ()
    """What is worth knowing about it, a sentence each; every row that was not matched by our identifier is named."""
    tool: str = ""
    """Whose file it was taken for."""
    reviewers: tuple[str, ...] = ()
    """Whose decisions they are, sorted."""
    matched: Mapping[str, int] = field(default_factory=dict)
    """`harvest_id`, `DOI` …: how many decisions found their report by it."""


@dataclass(frozen=True, slots=True)
class Sayings:
    """What only the person who brings a file knows of it."""

    people: Mapping[str, str] = field(default_factory=dict)
    """Name in the file → reviewer."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Text in the file → code of a reason."""
    verdict: Verdict | None = None
    """What a list says of everything in it."""


def take_in(
    store: Store,
    project: Project,
    path: Path,
    reviewer: str = "",
    *,
    stage: Stage | None = None,
    sayings: Sayings | None = None,
    dry_run: bool = False,
) -> Imported:
    """Take a file of decisions in, whole or not at all; taken twice it changes nothing.

    Without a reviewer they are those that the file names; without a stage it is the one that the file names, else
    title and abstract. A file that came before, to the last byte, brings no vote back that was changed since. Raises
    `WrongUse` naming every row that cannot be matched or understood, and everybody who is no reviewer.
    """
    from harvest.rows import Finder, Found  # noqa: PLC0415 - openpyxl is not needed to look or to vote
    from screen.decisions import read_decisions  # noqa: PLC0415 - as above

    given = _checked(project, reviewer, sayings or Sayings())
    body, name = _read(path), files.legible(path.name)
    reasons = {reason.code: reason.reason for reason in project.criteria.exclude}
    file = read_decisions(body, name, reasons, also=given.reasons, verdict=given.verdict)
    stage = stage or (FULL_TEXT if file.stages == (FULL_TEXT,) else TITLE)
    people = _People(project, file, reviewer, given.people)
    found = Finder(store).find(file.rows)
    matches = [one for one in found if isinstance(one, Found)]
    lost = [Problem(name, one.row.place, one.why) for one in found if not isinstance(one, Found)]
    votes = [_vote(one, stage, people) for one in matches]
    wrong = [
        *people.problems(name), *_misplaced(file, name, stage), *file.problems,
        *_unfounded(project, file, name, stage), *lost, *_clashes(matches, votes, name),
    ]  # fmt: skip
    if wrong:
        told = "\n  ".join(str(problem) for problem in dict.fromkeys(wrong))
        raise WrongUse(f"Nothing was taken in; this must be put right first:\n  {told}")
    digest = hashlib.sha256(body).hexdigest()
    reviewers = sorted({vote.reviewer for vote in votes} | ({reviewer} if reviewer else set()))
    came = {who: day for who in reviewers if (day := store.taken(digest, who, stage))}
    news = votes_for(store, [vote for vote in votes if vote.reviewer not in came])
    added = _kept(store, project, news, stage, (name, digest), votes, dry_run=dry_run)
    remarks = (*file.remarks, *_weaker(matches), *_remarks(store, project, votes, stage, came))
    ways = dict(Counter(one.how or "harvest_id" for one in matches))
    return Imported(len(votes), added, file.blank, stage, remarks, file.tool, tuple(reviewers), ways)


def _checked(project: Project, reviewer: str, sayings: Sayings) -> Sayings:
    """Raises `WrongUse` when a name or a code on the command line is none of this review."""
    for who in (*([reviewer] if reviewer else []), *sayings.people.values()):
        known_reviewer(project, who)
    codes = [reason.code for reason in project.criteria.exclude]
    for text, code in sayings.reasons.items():
        if code not in codes:
            known = ", ".join(codes) or "none"
            raise WrongUse(
                f"'{text}={code}': there is no exclusion reason '{code}'; review.toml has {known}."
            )
    return sayings


def _kept(
    store: Store, project: Project, news: Sequence[Decision], stage: Stage, file: tuple[str, str],
    votes: Sequence[Decision], *, dry_run: bool,
) -> int:  # fmt: skip
    """Keep the votes, one hand-over for each reviewer; how many are new."""
    if dry_run:
        newest = {(d.record, d.reviewer): (d.verdict, d.reason, d.note) for d in store.decisions(stage)}
        return sum(newest.get((v.record, v.reviewer)) != (v.verdict, v.reason, v.note) for v in news)
    added = 0
    rows = Counter(vote.reviewer for vote in votes)
    with store.writing():
        keep_design(store, project, stage)
        for who in sorted(rows):
            handover = store.add_handover(*file, who, rows[who])
            added += store.add_decisions([vote for vote in news if vote.reviewer == who], handover)
    return added


def _vote(match: Found, stage: Stage, people: _People) -> Decision:
    row = match.row
    return Decision(match.record, stage, people.reviewer(row), row.verdict, row.reason, row.note)


class _People:
    """Who the persons in a file are among the reviewers."""

    def __init__(self, project: Project, file: DecisionFile, reviewer: str, said: Mapping[str, str]) -> None:
        self._reviewers = {_folded(who): who for who in project.reviewers}
        self._said = {_folded(name): who for name, who in said.items()}
        self._file, self._reviewer = file, reviewer
        self._one = len(file.reviewers) == 1 and file.tool != "Excel"

    def reviewer(self, row: DecisionRow) -> str:
        """Who gave this decision; empty when nobody knows."""
        return self._who(row.by) if row.by else self._default()

    def problems(self, name: str) -> Iterator[Problem]:
        """Everybody who is not known, and whose decisions they are if not the reviewer's who brings them."""
        for person in self._file.reviewers:
            who = self._who(person)
            if not who:
                known = ", ".join(self._reviewers.values()) or "nobody yet"
                advice = f"say who it is with --as '{person}=NAME'"
                yield Problem(name, "", f"'{person}' is no reviewer of this review ({known}): {advice}")
            elif self._reviewer and who != self._reviewer:
                yield Problem(name, "", f"this is the queue of {who}: name them with --reviewer, or nobody")
        if not self._default() and (not self._file.reviewers or any(not row.by for row in self._file.rows)):
            yield Problem(
                name, "", "the file does not say whose decisions these are: name them with --reviewer"
            )

    def _default(self) -> str:
        known = {self._who(person) for person in self._file.reviewers}
        return self._reviewer or (known.pop() if len(known) == 1 else "")

    def _who(self, person: str) -> str:
        folded = _folded(person)
        known = self._said.get(folded) or self._reviewers.get(folded)
        return known or (self._reviewer if self._one else "")


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _read(path: Path) -> bytes:
    body = files.whole(path, LARGEST)
    if not body.strip():
        raise WrongUse(f"{files.legible(path)} is empty: save the queue once more, then bring it again.")
    return body


def _misplaced(file: DecisionFile, name: str, stage: Stage) -> Iterator[Problem]:
    """A queue made for another stage is brought in by mistake."""
    if any(said != stage for said in file.stages):
        yield Problem(name, "", f"these decisions are for {', '.join(file.stages)}, not for {stage}")


def _unfounded(project: Project, file: DecisionFile, name: str, stage: Stage) -> Iterator[Problem]:
    """Rows with a reason of another stage, and full texts excluded without one."""
    for line in file.rows:
        if wrong := wrong_reason(project, stage, line.verdict, line.reason):
            yield Problem(name, line.place, wrong)


def _clashes(matches: Sequence[Found], votes: Sequence[Decision], name: str) -> Iterator[Problem]:
    """Rows that say different things for one reviewer of one record, found out only now that both are known."""
    first: dict[tuple[int, str], tuple[Found, Decision]] = {}
    for match, vote in zip(matches, votes, strict=True):
        earlier, said = first.setdefault((vote.record, vote.reviewer), (match, vote))
        if (said.verdict, said.reason) != (vote.verdict, vote.reason):
            what = f"{harvest_id(vote.record)} is decided differently in {earlier.row.place}"
            yield Problem(name, match.row.place, f"{what}; leave one of the two")


def _weaker(matches: Sequence[Found]) -> Iterator[str]:
    for match in matches:
        if match.how:
            yield f"{match.row.place}: taken for {harvest_id(match.record)} by its {match.how}; the harvest_id is gone."


def _remarks(
    store: Store, project: Project, votes: Sequence[Decision], stage: Stage, came: Mapping[str, str]
) -> Iterator[str]:
    """What is no mistake of the file's, and yet to be known."""
    for day in sorted({day[:10] for day in came.values()}):
        yield f"This very file came on {day} already: votes that were changed since stay changed."
    fresh = [vote for vote in votes if vote.reviewer not in came]
    if stage == FULL_TEXT and fresh:
        here = at_stage(store, project, stage)
        outside = sum(store.report_of(vote.record) not in here for vote in fresh)
        if outside:
            yield (
                f"{outside} of these full texts are not included at title and abstract (any more): their votes are "
                "kept, and count when they are."
            )

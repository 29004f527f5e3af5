"""`harvest report agreement`: how well the reviewers agree, on votes given before they could know each other's.

For each stage, each pair of reviewers and each pilot round: reports both judged, share judged alike, Cohen's kappa with
a 95 % confidence interval, PABAK, the table of verdicts, and all of it over time. `screen.agreement` says which votes
count and where the figures come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from db.opinion import Decision, Pilot, Stage
from db.store import Store
from harvest.project import Project
from harvest.reports.document import Block, Cell, Items, Paragraph, Report, Section, Table
from screen.agreement import (
    VERDICTS,
    Agreement,
    Ballot,
    agreement,
    by_month,
    by_number,
    fleiss,
    independent,
)
from screen.plan import FULL_TEXT, TITLE

NAME = "agreement"
COLUMNS = (
    "stage", "part", "name", "reviewers", "reports", *(f"{a}/{b}" for a in VERDICTS for b in VERDICTS),
    "alike", "observed", "kappa", "kappa low", "kappa high", "PABAK", "Fleiss kappa",
    "same reason", "both with a reason",
)  # fmt: skip
_MEASURES = ("reports", "share alike", "kappa", "95 % CI", "PABAK")
_TEXTS: Mapping[Stage, str] = {TITLE: "titles and abstracts", FULL_TEXT: "full texts"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reviewers who have judged a report in common, at one stage or in one pilot round."""

    first: str
    second: str
    found: Agreement

    def sentence(self, texts: str) -> str:
        """For the methods or results section of a paper."""
        found = self.found
        measures = f"Cohen's kappa {_kappa(found)}; PABAK {_figure(found.pabak)}"
        return (
            f"Two reviewers ({self.first} and {self.second}) judged {found.reports:,} {texts} independently and agreed "
            f"on {found.observed or 0:.1%} of them ({found.alike:,} of {found.reports:,}; {measures})."
        )


def ballots(store: Store, stage: Stage) -> dict[int, Ballot]:
    """Report → the independent votes on it, reports as they are grouped today."""
    groups = store.membership()
    opened = store.unblinded(stage)
    cast: dict[int, list[Decision]] = {}
    for vote in store.decisions(stage):
        cast.setdefault(groups.get(vote.record, (vote.record, 0))[0], []).append(vote)
    counted = {report: independent(votes, opened.at if opened else "") for report, votes in cast.items()}
    return {report: ballot for report, ballot in sorted(counted.items()) if ballot}


def pairs(cast: Sequence[Ballot], reviewers: Sequence[str]) -> list[Pair]:
    """Every two people who have judged a report in common, in the project's order; then those who have left."""
    voters = {who for ballot in cast for who in ballot}
    order = [*(who for who in reviewers if who in voters), *sorted(voters.difference(reviewers))]
    found = (Pair(one, other, agreement(cast, one, other)) for one, other in combinations(order, 2))
    return [pair for pair in found if pair.found.reports]


def build(store: Store, project: Project) -> Report:
    """Agreement at both stages, in pilot rounds and over time."""
    blocks: list[Block] = [Paragraph(_ABOUT)]
    rows: list[tuple[Cell, ...]] = []
    for stage in (TITLE, FULL_TEXT):
        cast = ballots(store, stage)
        rounds = [_of_round(store, cast, pilot) for pilot in store.pilots(stage)]
        blocks.append(Section(stage.capitalize(), tuple(_stage(stage, cast, rounds, project))))
        rows += _rows(stage, list(cast.values()), rounds, project)
    return Report(
        NAME, f"Agreement of the reviewers: {project.title}", tuple(blocks), Table(COLUMNS, tuple(rows))
    )


_ABOUT = (
    "Counted are the votes that two reviewers first gave on the same report while neither could see the other's: what "
    "anybody said later, and how conflicts were resolved, changes nothing here. Kappa is Cohen's, with a confidence "
    "interval after Fleiss, Cohen and Everitt (1969); PABAK is kappa as it would be if all verdicts were equally "
    "common."
)


def _of_round(store: Store, cast: Mapping[int, Ballot], pilot: Pilot) -> list[Ballot]:
    """The votes on the reports of a pilot round, as they are grouped today."""
    groups = store.membership(pilot.reports)
    drawn = dict.fromkeys(groups.get(record, (record, 0))[0] for record in pilot.reports)
    return [cast[report] for report in drawn if report in cast]


# -- for people --------------------------------------------------------------------------------------


def _stage(
    stage: Stage, cast: Mapping[int, Ballot], rounds: Sequence[Sequence[Ballot]], project: Project
) -> Iterator[Block]:
    every = list(cast.values())
    found = pairs(every, project.reviewers)
    if not found:
        yield Paragraph("No report has been judged by two people independently of each other.")
    for pair in found:
        yield Section(f"{pair.first} and {pair.second}", tuple(_pair(pair, stage, every)))
    for number, part in enumerate(rounds, 1):
        yield Section(f"Pilot round {number}", tuple(_pilot(part, stage, project)))


def _pair(pair: Pair, stage: Stage, cast: Sequence[Ballot]) -> Iterator[Block]:
    found = pair.found
    yield Paragraph(pair.sentence(_TEXTS[stage]))
    yield _crossed(pair)
    same, both = found.reasons
    if stage == FULL_TEXT and both:
        yield Paragraph(f"Of {both:,} reports that both excluded with a reason, {same:,} for the same one.")
    months, hundreds = (split(cast, pair.first, pair.second) for split in (by_month, by_number))
    yield Table(("month", *_MEASURES), tuple((name, *_measures(part)) for name, part in months))
    if len(hundreds) > 1:
        rows = tuple((name, *_measures(part)) for name, part in hundreds)
        yield Table(("common reports", *_MEASURES), rows, "By each hundred reports, in the order of judging:")


def _crossed(pair: Pair) -> Table:
    """The table of verdicts, the first reviewer's in rows."""
    used = pair.found.verdicts
    table = pair.found.table
    rows = [(verdict, *(table.get((verdict, other), 0) for other in used)) for verdict in used]
    columns = (f"{pair.first} ↓ {pair.second} →", *used)
    return Table(columns, tuple(rows))


def _pilot(cast: Sequence[Ballot], stage: Stage, project: Project) -> Iterator[Block]:
    found = pairs(cast, project.reviewers)
    if not found:
        yield Paragraph("No report of this round has been judged by two people yet.")
        return
    yield Items(tuple(pair.sentence(_TEXTS[stage]) for pair in found))
    together = _together(cast)
    if together:
        who, reports, kappa = together
        shown = _figure(kappa) if kappa is not None else "undefined, as everybody always said the same"
        yield Paragraph(
            f"All {len(who)} ({', '.join(who)}) judged {reports:,} reports of it: Fleiss' kappa {shown}."
        )


def _together(cast: Sequence[Ballot]) -> tuple[tuple[str, ...], int, float | None] | None:
    """Who took part, how many reports all of them judged, and Fleiss' kappa; None for fewer than three."""
    who = tuple(sorted({name for ballot in cast for name in ballot}))
    complete = [[ballot[name].verdict for name in who] for ballot in cast if len(ballot) == len(who)]
    return (who, len(complete), fleiss(complete)) if len(who) > 2 and complete else None


def _measures(found: Agreement) -> tuple[Cell, ...]:
    return found.reports, found.observed, found.kappa, _interval(found), found.pabak


def _interval(found: Agreement) -> str | None:
    return " to ".join(map(_figure, found.interval)) if found.interval else None


def _kappa(found: Agreement) -> str:
    if found.kappa is None:
        return f"undefined: {found.without_kappa}"
    interval = _interval(found)
    how_sure = f"95 % CI {interval}" if interval else "without an interval, as its variance comes out as 0"
    return f"{_figure(found.kappa)}, {how_sure}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


# -- for scripts -------------------------------------------------------------------------------------


def _rows(
    stage: Stage, cast: Sequence[Ballot], rounds: Sequence[Sequence[Ballot]], project: Project
) -> Iterator[tuple[Cell, ...]]:
    for pair in pairs(cast, project.reviewers):
        who = f"{pair.first}, {pair.second}"
        yield _row(stage, "all", "", who, pair.found)
        for name, part in by_month(cast, pair.first, pair.second):
            yield _row(stage, "month", name, who, part)
        for name, part in by_number(cast, pair.first, pair.second):
            yield _row(stage, "reports", name, who, part)
    for number, drawn in enumerate(rounds, 1):
        for pair in pairs(drawn, project.reviewers):
            yield _row(stage, "pilot", str(number), f"{pair.first}, {pair.second}", pair.found)
        if together := _together(drawn):
            names, reports, kappa = together
            nothing = (None,) * (len(VERDICTS) ** 2 + 6)
            yield (
                stage, "pilot", str(number), ", ".join(names), reports, *nothing, kappa, None, None
            )  # fmt: skip


def _row(stage: Stage, part: str, name: str, who: str, found: Agreement) -> tuple[Cell, ...]:
    counts = (found.table.get((a, b), 0) for a in VERDICTS for b in VERDICTS)
    low, high = found.interval or (None, None)
    return (
        stage, part, name, who, found.reports, *counts, found.alike, found.observed, found.kappa, low, high,
        found.pabak, None, *found.reasons,
    )  # fmt: skip

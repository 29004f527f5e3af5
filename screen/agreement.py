"""How well reviewers agree: on the votes that each gave before they could know anybody else's.

Only such votes say whether two people mean the same by the criteria. What somebody says after having seen the other's
vote, after the stage was unblinded, or as arbiter, is no independent judgement and is not counted; so no change of mind
and no resolution ever moves these figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from typing import TypeAlias

from db.opinion import Decision, Verdict

Ballot: TypeAlias = Mapping[str, Decision]
"""Reviewer → their independent vote on one report."""

VERDICTS: tuple[Verdict, ...] = ("include", "exclude", "unsure")
NORMAL = 1.959963984540054
"""Quantile of the standard normal distribution for an interval of 95 %."""


def independent(votes: Iterable[Decision], unblinded: str = "") -> dict[str, Decision]:
    """The vote of each reviewer that counts, of all votes on the records of one report, oldest first.

    That is the first one they gave. A vote taken back before anybody else had voted counts as never given. Nothing
    counts that was said at or after `unblinded`, the moment (UTC, ISO 8601) from which reviewers may see each other's
    votes; empty: they may not.
    """
    first: dict[str, Decision] = {}
    for vote in votes:
        if unblinded and vote.at >= unblinded:
            continue
        if vote.verdict != "withdrawn":
            first.setdefault(vote.reviewer, vote)
        elif first.keys() <= {vote.reviewer}:
            first.pop(vote.reviewer, None)
    return first


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two reviewers judged the reports both have voted on, independently of each other."""

    table: Mapping[tuple[Verdict, Verdict], int]
    """(verdict of the first, verdict of the second) → reports."""
    reasons: tuple[int, int] = (0, 0)
    """Of the reports that both exclude with a reason: how many for the same one, how many in all."""

    @property
    def reports(self) -> int:
        """How many both have judged."""
        return sum(self.table.values())

    @property
    def alike(self) -> int:
        """How many both have judged alike."""
        return sum(count for (one, other), count in self.table.items() if one == other)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts that the two have used."""
        return tuple(v for v in VERDICTS if self._first[v] or self._second[v])

    @property
    def observed(self) -> float | None:
        """Share judged alike, 0 to 1; None without common reports."""
        return self.alike / self.reports if self.reports else None

    @property
    def chance(self) -> float | None:
        """Share that would be judged alike if each kept to their own shares and drew lots; None without reports."""
        return self._by_lot / self.reports**2 if self.reports else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960, doi 10.1177/001316446002000104): agreement beyond chance, 1 at best.

        None where it has no meaning: without common reports, or when both always said the same one thing.
        """
        every = self.reports**2
        if self._by_lot == every:  # in whole numbers, where "equal" is no matter of rounding
            return None
        return (self.alike * self.reports - self._by_lot) / (every - self._by_lot)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of kappa, 95 %, cut at −1 and 1: normal approximation, with the variance for large samples.

        Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychological
        Bulletin 1969;72:323-7, doi 10.1037/h0028106. None where kappa is, and where the variance comes out as 0, as
        when all is judged alike: an interval without width would claim a certainty that nobody has.
        """
        if self.kappa is None or not (error := self.standard_error):
            return None
        return max(-1.0, self.kappa - NORMAL * error), min(1.0, self.kappa + NORMAL * error)

    @property
    def standard_error(self) -> float | None:
        """Of kappa, as `interval` says; None where kappa is."""
        if self.observed is None or self.chance is None or self.kappa is None:
            return None
        agreed, chance, size = self.observed, self.chance, self.reports
        spread = 0.0
        for (one, other), count in self.table.items():
            if one == other:
                shares = (self._first[one] + self._second[one]) / size
                spread += count / size * ((1 - chance) - shares * (1 - agreed)) ** 2
            else:
                shares = (self._second[one] + self._first[other]) / size
                spread += count / size * ((1 - agreed) * shares) ** 2
        spread -= (agreed * chance - 2 * chance + agreed) ** 2
        return sqrt(max(0.0, spread if spread > 1e-12 else 0.0) / size) / (1 - chance) ** 2

    @property
    def pabak(self) -> float | None:
        """Prevalence-adjusted bias-adjusted kappa: what kappa would be if all verdicts were equally common.

        2 × observed − 1 for two verdicts: Byrt, Bishop & Carlin 1993, doi 10.1016/0895-4356(93)90018-V; for k of them
        (k × observed − 1) / (k − 1): Bennett, Alpert & Goldstein 1954, doi 10.1086/266520. k is 3 once either has been
        unsure, and 2 before. None without common reports.
        """
        if self.observed is None:
            return None
        kinds = 3 if "unsure" in self.verdicts else 2
        return (kinds * self.observed - 1) / (kinds - 1)

    @property
    def without_kappa(self) -> str:
        """Why there is no kappa, in words; empty when there is one."""
        if not self.reports:
            return "no report has been judged by both"
        if self.kappa is None:
            return f"both always said “{self.verdicts[0]}”, so that chance alone explains all agreement"
        return ""

    @property
    def _by_lot(self) -> int:
        return sum(self._first[verdict] * self._second[verdict] for verdict in VERDICTS)

    @property
    def _first(self) -> Counter[Verdict]:
        return self._margin(0)

    @property
    def _second(self) -> Counter[Verdict]:
        return self._margin(1)

    def _margin(self, side: int) -> Counter[Verdict]:
        margin = Counter[Verdict]()
        for pair, count in self.table.items():
            margin[pair[side]] += count
        return margin


def agreement(ballots: Iterable[Ballot], first: str, second: str) -> Agreement:
    """How two reviewers agree on the reports on which both have an independent vote."""
    pairs = [(ballot[first], ballot[second]) for ballot in ballots if first in ballot and second in ballot]
    table = Counter((_verdict(one), _verdict(other)) for one, other in pairs)
    because = [(a.reason, b.reason) for a, b in pairs if a.verdict == b.verdict == "exclude"]
    told = [(a, b) for a, b in because if a and b]
    return Agreement(dict(sorted(table.items())), (sum(a == b for a, b in told), len(told)))


def _verdict(vote: Decision) -> Verdict:
    if vote.verdict == "withdrawn":
        raise ValueError("what was taken back is no verdict")
    return vote.verdict


# -- over time ---------------------------------------------------------------------------------------


def in_order(ballots: Iterable[Ballot], first: str, second: str) -> list[Ballot]:
    """The reports both have judged, in the order in which the later of the two votes came."""
    common = [ballot for ballot in ballots if first in ballot and second in ballot]
    return sorted(common, key=lambda ballot: _complete(ballot, first, second))


def by_month(ballots: Iterable[Ballot], first: str, second: str) -> list[tuple[str, Agreement]]:
    """Month (2026-11, UTC) in which the later of the two votes came → agreement on these reports."""
    ordered = in_order(ballots, first, second)
    months = groupby(ordered, key=lambda ballot: _complete(ballot, first, second)[0][:7])
    return [(month, agreement(each, first, second)) for month, each in months]


def by_number(
    ballots: Iterable[Ballot], first: str, second: str, size: int = 100
) -> list[tuple[str, Agreement]]:
    """The first hundred common reports, the second … (`1-100`, `101-200`) → agreement on them."""
    ordered = in_order(ballots, first, second)
    parts = [(place, ordered[place : place + size]) for place in range(0, len(ordered), size)]
    return [(f"{place + 1}–{place + len(part)}", agreement(part, first, second)) for place, part in parts]


def _complete(ballot: Ballot, first: str, second: str) -> tuple[str, int]:
    return max((vote.at, vote.id) for vote in (ballot[first], ballot[second]))


# -- more than two -----------------------------------------------------------------------------------


def fleiss(said: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' kappa of several raters (1971, doi 10.1037/h0031619): one row a report, one verdict a rater.

    Every report must have as many verdicts, two at least. None where it has no meaning: without reports, or when
    everybody always said the same one thing.

    Raises:
        ValueError: rows of different lengths, or of fewer than two verdicts.
    """
    if not said:
        return None
    raters = len(said[0])
    if raters < 2 or any(len(row) != raters for row in said):
        raise ValueError("every report needs the same number of verdicts, two at least")
    size = len(said) * raters
    shares = Counter(verdict for row in said for verdict in row)
    by_lot = sum(count**2 for count in shares.values())
    if by_lot == size**2:
        return None
    alike = sum(count * (count - 1) for row in said for count in Counter(row).values())
    observed, chance = alike / (size * (raters - 1)), by_lot / size**2
    return (observed - chance) / (1 - chance)

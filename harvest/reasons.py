"""Why a report stands where it stands in the order in force: for `harvest rank why`, and for the queues.

Nobody learns from it how somebody else has voted. The reasons name terms. Of the reports that are most alike only
what is settled is told: nobody is left to vote on them independently. A report on which a vote is still missing is
`open`, whatever was said of it so far; one's own votes are told to whoever gives their name. What goes into the
queues has no likes at all. (That an order which was learnt from votes hints at them by its places is true of every
ranking that learns, with or without reasons.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from db.errors import CheckFailed, WrongUse
from db.opinion import Ranking
from db.store import Store
from harvest import __version__
from screen.agree import ReportState
from screen.export import harvest_id, report_of
from screen.steps import made_again, report
from screen.why import Reason, Why, brief

if TYPE_CHECKING:
    from screen.rank import Ranker

_UNREAD = ReportState()


@dataclass(frozen=True, slots=True)
class Like:
    """A report that the ranking learnt from, as it is told."""

    id: str
    likeness: float
    """0 to 1."""
    outcome: str
    """include, exclude, unsure or conflict once all votes are given; `open` before."""
    own: str
    """What the reviewer who asks has said of it; empty for nothing, or nobody asked."""
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """One report's place and what brought it there."""

    id: str
    title: str
    ranking: int
    model: str
    place: int
    of: int
    score: float
    lifted: tuple[Reason, ...]
    lowered: tuple[Reason, ...]
    others: float
    """What all other terms bring together: the parts of all terms add up to the score."""
    nearest: tuple[Like, ...]

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


class Reasons:
    """The order in force, made again from the log and ready to be asked."""

    def __init__(self, number: int, ranking: Ranking, ranker: Ranker) -> None:
        self.number = number
        self.ranking = ranking
        self._ranker = ranker
        self._ranked = {ranked for ranked, _ in ranking.order}

    @classmethod
    def in_force(cls, store: Store) -> Self:
        """Of the newest ranking. Raises `WrongUse` when there is none, `CheckFailed` when it cannot be made again."""
        newest = store.newest_ranking()
        if newest is None:
            raise WrongUse("Nothing is ranked yet: `harvest rank` makes an order.")
        number, ranking = newest
        try:
            return cls(number, ranking, made_again(store, ranking, __version__))
        except CheckFailed as error:
            raise CheckFailed(f"Ranking {number} cannot be made again. {error}") from error

    def brief(self, number: int) -> str:
        """The terms that moved a report most, in a line; empty for one that came after the ranking."""
        return brief(self._why(number)) if number in self._ranked else ""

    def told(self, store: Store, name: str, states: Mapping[int, ReportState], reviewer: str = "") -> Told:
        """All that can be told of a report. Raises `WrongUse` for a name of no report, or of one not ranked yet."""
        number = self._named(store, name)
        why = self._why(number)
        return Told(
            harvest_id(number), _title(store, number), self.number, self.ranking.model, why.place,
            len(self.ranking.order), why.score, why.lifted, why.lowered, why.others,
            tuple(_like(store, near.report, near.likeness, states, reviewer) for near in why.nearest),
        )  # fmt: skip

    def _why(self, number: int) -> Why:
        return self._ranker.why(number, self.ranking.labels)

    def _named(self, store: Store, name: str) -> int:
        """The report as it was ranked; records may have been joined or split since."""
        number = report_of(name)
        if number is None or not store.existing([number]):
            raise WrongUse(
                f"There is no record {name}: records are called H000123; `harvest find` looks them up."
            )
        found = (member for member in store.records_of(number) if member in self._ranked)
        ranked = next(found, None)
        if ranked is None:
            raise WrongUse(f"{name} came after ranking {self.number}: `harvest rank` makes a new order.")
        return ranked


def _like(store: Store, number: int, likeness: float, states: Mapping[int, ReportState], who: str) -> Like:
    lead = store.report_of(number)
    state = states.get(lead, _UNREAD)
    own = state.verdicts.get(who, "")
    return Like(harvest_id(lead), likeness, state.outcome, own, _title(store, lead))


def _title(store: Store, number: int) -> str:
    return report(store, store.records_of(number)).title

"""One reviewer's sitting: which report comes next, what was said in it, and what may be taken back.

What is remembered here is only the way through the queue. Every vote, postponement and showing is stored before the
next report is looked for, so that a sitting may end at any moment. Nobody's votes but the reviewer's own are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import RLock

from db.errors import WrongUse
from db.opinion import Decision, Stage, Verdict
from db.store import Store
from harvest.answers import known_record
from harvest.project import Project
from harvest.voting import decide, postpone, withdraw
from harvest.waiting import waiting_for
from screen.export import harvest_id

EVERY = 25
"""Votes after which the order of reading is made anew."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reviewer has come."""

    read: int
    """Reports they have voted on."""
    left: int
    today: int
    """Of those read, how many today (by the clock of this computer)."""


def known_report(store: Store, name: str) -> int:
    """The report of a name like H000123. Raises `WrongUse` when there is none."""
    return store.report_of(known_record(store, name))


class Sitting:
    """One person before one queue. Safe to use from several threads: a browser asks for two pages at once."""

    def __init__(self, project: Project, reviewer: str, stage: Stage) -> None:
        self.project, self.reviewer, self.stage = project, reviewer, stage
        self.lock = RLock()
        self.said = 0
        """Votes of this sitting that stand."""
        self._given: list[int] = []
        """The reports they are about, in order."""
        self._order: list[int] = []
        self._ranking: int | None = None
        self._now: int | None = None
        """The report that lies on the desk: a new order does not take it away."""
        self._noted: int | None = None
        """The report that was noted as shown last."""

    # -- which report --------------------------------------------------------------------------------

    def renew(self, store: Store) -> None:
        """Take the order that is in force now, and what has come or gone since."""
        with self.lock:
            newest = store.newest_ranking()
            self._ranking = newest[0] if newest else None
            self._order = list(waiting_for(store, self.project, self.reviewer, self.stage))

    def next(self, store: Store) -> int | None:
        """The report to read now; None when nothing is left."""
        with self.lock:
            mine = self.mine(store)
            if self._now is None or store.report_of(self._now) in mine:
                self._now = self._first(store, mine)
            if self._now is None:  # what came since the order was made stands in none yet
                self.renew(store)
                self._now = self._first(store, mine)
            return self._now

    def _first(self, store: Store, mine: Mapping[int, Decision]) -> int | None:
        leads = (store.report_of(number) for number in self._order)
        return next((lead for lead in leads if lead not in mine), None)

    def note_shown(self, store: Store, number: int) -> None:
        """Note that a report of the queue lies before the reviewer; once, however often the page is loaded."""
        with self.lock:
            if self._ranking is None or number == self._noted or number not in self._order:
                return
            place = self._order.index(number) + 1
            store.add_showing(self._ranking, self.reviewer, self.stage, number, place)
            self._noted = number

    # -- what was said -------------------------------------------------------------------------------

    def mine(self, store: Store) -> dict[int, Decision]:
        """Report → the reviewer's own vote that is in force, oldest first."""
        said = [
            vote
            for vote in store.decisions_seen_by(self.reviewer, self.stage)
            if vote.reviewer == self.reviewer
        ]
        groups = store.membership({vote.record for vote in said})
        newest: dict[int, Decision] = {}
        for vote in said:
            lead, _ = groups.get(vote.record, (vote.record, 0))
            newest.pop(lead, None)
            newest[lead] = vote
        return {lead: vote for lead, vote in newest.items() if vote.verdict != "withdrawn"}

    def progress(self, store: Store) -> Progress:
        """How many are read and how many are left."""
        with self.lock:
            mine = self.mine(store)
            today = datetime.now(UTC).astimezone().date()
            days = [datetime.fromisoformat(vote.at).astimezone().date() for vote in mine.values()]
            left = sum(number not in mine for number in self._order)
            return Progress(len(mine), left, days.count(today))

    # -- saying it -----------------------------------------------------------------------------------

    def vote(self, store: Store, name: str, verdict: Verdict, reason: str = "", note: str = "") -> bool:
        """Store one vote; whether it is time for a new order.

        A reason belongs to an exclusion, and is left out with any other verdict: it is chosen before the verdict.
        Raises `WrongUse` for what cannot be a vote, `StoreError` when it could not be stored.
        """
        because = reason if verdict == "exclude" else ""
        number = known_report(store, name)
        with self.lock:
            decide(
                store,
                self.project,
                harvest_id(number),
                verdict,
                self.reviewer,
                because,
                note,
                stage=self.stage,
            )
            self._given = [*(given for given in self._given if given != number), number]
            self.said = len(self._given)
            return self.said % EVERY == 0

    def later(self, store: Store, name: str, note: str = "") -> None:
        """Put a report at the end of the queue. Raises as `vote` does."""
        number = known_report(store, name)
        with self.lock:
            postpone(store, self.project, [harvest_id(number)], self.reviewer, note=note, stage=self.stage)
            self._order = [*(waiting for waiting in self._order if waiting != number), number]
            self._now = self._noted = None

    def take_back(self, store: Store) -> int:
        """Take the last vote of this sitting back; its report lies on the desk again.

        Raises `WrongUse` when there is none, and as `vote` does.
        """
        with self.lock:
            if not self._given:
                raise WrongUse(
                    "There is no vote of this sitting to take back: open an older one under “My votes” and vote anew."
                )
            number = store.report_of(self._given[-1])
            withdraw(store, self.project, harvest_id(number), self.reviewer, stage=self.stage)
            self._given.pop()
            self.said = len(self._given)
            if number not in self._order:
                self._order.insert(0, number)
            self._now = number
            return number

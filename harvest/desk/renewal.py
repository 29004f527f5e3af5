"""The order of reading made anew beside the reading: nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from db.errors import CheckFailed, HarvestError
from db.store import Store
from harvest.project import Project
from harvest.reasons import Reasons
from harvest.refresh import rerank


class Renewal:
    """Ranks with all votes so far, in a thread with a connection of its own.

    Ranking takes seconds in a large review, and the next report waits for nobody: until the new order is there
    the old one serves. A thread that the end of the sitting cuts off leaves nothing half done, for a ranking is
    kept in one transaction.
    """

    def __init__(self, project: Project, opened: Callable[[], Store]) -> None:
        self._project, self._opened = project, opened
        self._thread: Thread | None = None
        self._done = False
        self.reasons: Reasons | None = None
        """Why reports stand where they stand in the newest order; None until known, or where nobody asks for it."""
        self.remark = ""
        """Why there is no new order, in a sentence; empty when there is one."""

    def start(self) -> None:
        """Begin, unless it is at work already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="ranking", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until it is done."""
        if self._thread is not None:
            self._thread.join()

    def taken(self) -> bool:
        """Whether there is a new order since this was last asked."""
        done, self._done = self._done, False
        return done

    def _work(self) -> None:
        try:
            with self._opened() as store:
                rerank(store, self._project, "desk")
                self.reasons = self._why(store)
        except HarvestError as error:
            self.remark = f"The order could not be made anew; the last one goes on. {error}"
        else:
            self.remark = ""
            self._done = True

    def _why(self, store: Store) -> Reasons | None:
        if not self._project.ranking.why or store.newest_ranking() is None:
            return None
        try:
            return Reasons.in_force(store)
        except CheckFailed:  # `harvest rank why` says which; reading needs no reasons
            return None

"""Work spread over processes, when there is enough of it; in this one, when there is not."""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Self, TypeVar

from db.errors import HarvestError

Task = TypeVar("Task")
Done = TypeVar("Done")

AHEAD = 3
"""Tasks waiting for each process: enough to keep it busy, few enough to keep memory flat."""


class Processes:
    """A number of processes, started when first needed; with one, everything is done in place."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def map(self, work: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        """The results in the order of the tasks, which are asked for as they are needed.

        Raises `HarvestError` when somebody ends one of the processes.
        """
        if self._number < 2:
            yield from map(work, tasks)
            return
        try:
            yield from self._spread(work, tasks)
        except BrokenProcessPool as error:
            raise HarvestError(
                "A helping process was ended from outside, most likely for want of memory; nothing of this step was "
                "kept, everything before it was: close other programs and start again."
            ) from error

    def _spread(self, work: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        waiting: deque[Future[Done]] = deque()
        for task in tasks:
            waiting.append(self._started().submit(work, task))
            if len(waiting) > AHEAD * self._number:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Forking a process that has threads (rapidfuzz, SQLite) can leave the copy waiting for ever.
            self._pool = ProcessPoolExecutor(self._number, get_context("spawn"), _begin)
        return self._pool


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Make a process ready: a killed program leaves nobody behind who waits for work."""
    gc.disable()  # nothing that a task makes refers to itself; looking for it costs a tenth of the time

    def watch() -> None:
        parent = parent_process()
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

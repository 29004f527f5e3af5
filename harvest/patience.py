"""How long to wait, how often to ask, and what time it is: the parameters of every question to a source."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time, as a parameter."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The time of this computer."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from some fixed moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to ask again. Times are seconds."""

    timeout: float = 30.0
    """For connecting, and for each piece of an answer."""
    deadline: float = 300.0
    """For one whole attempt: an answer that drips is given up, too."""
    attempts: int = 5
    backoff: float = 1.0
    """First pause between two attempts; it doubles. 0 means no pause."""
    longest_pause: float = 60.0
    longest_retry_after: float = 600.0
    """A source that asks for a longer pause (`Retry-After`) is left alone: the search stops."""
    redirects: int = 3
    max_bytes: int = 200_000_000
    """Of one answer, as it comes and unpacked."""


class Pace:
    """Keeps a shortest interval between the starts of two requests to one source."""

    def __init__(self, requests_per_second: float) -> None:
        self.interval = 1 / requests_per_second
        self._earliest: float | None = None

    def wait(self, clock: Clock) -> None:
        """Sleep until the next request may start, and take that turn."""
        if self._earliest is not None and (early := self._earliest - clock.monotonic()) > 0:
            clock.sleep(early)
        self._earliest = clock.monotonic() + self.interval

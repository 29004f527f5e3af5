"""How a run tells what it is doing. The run knows this protocol, and nothing of terminals."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who watches a run."""

    def step(self, search: str, doing: str, done: int, expected: int | None) -> None:
        """`search` has `done` of `expected` (None: not known yet) while `doing` ("listing", "fetching")."""
        ...

    def say(self, sentence: str) -> None:
        """Something a person should know now."""
        ...


class Quiet:
    """Nobody watches."""

    def step(self, search: str, doing: str, done: int, expected: int | None) -> None:
        """Say nothing."""

    def say(self, sentence: str) -> None:
        """Say nothing."""

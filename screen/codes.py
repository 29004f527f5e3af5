"""Exclusion reasons in whatever words they come home, read as the project's codes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Codes:
    """What may be written for a reason. Case and blanks at the ends do not count."""

    order: tuple[str, ...]
    """The codes, in the project's order."""
    spelled: Mapping[str, str]
    """Folded text → code."""

    @classmethod
    def of(cls, reasons: Mapping[str, str], also: Mapping[str, str] | None = None) -> Self:
        """From code → meaning, in the project's order, and what else somebody says a text stands for."""
        said = {**{meaning: code for code, meaning in reasons.items()}, **{code: code for code in reasons}}
        spelled = {_folded(text): code for text, code in {**said, **(also or {})}.items() if text.strip()}
        return cls(tuple(reasons), spelled)

    def read(self, text: str) -> tuple[str, ...] | None:
        """The codes a text names, in the project's order, whether one or several with commas; None: one is unknown.

        A reason may hold commas itself: the longest stretch that is a reason is one.
        """
        if not text.strip():
            return ()
        found = self._split(text.split(","))
        return None if found is None else tuple(sorted(set(found), key=self.order.index))

    def hint(self, text: str) -> str:
        """What may have been meant, as a question; empty when nothing is like it."""
        near = difflib.get_close_matches(_folded(text), list(self.spelled), n=1)
        return f" Did you mean {self.spelled[near[0]]!r}?" if near else ""

    def _split(self, pieces: Sequence[str]) -> list[str] | None:
        found: list[str] = []
        start = 0
        while start < len(pieces):
            stretch = self._stretch(pieces, start)
            if stretch is None:
                return None
            code, start = stretch
            found.append(code)
        return found

    def _stretch(self, pieces: Sequence[str], start: int) -> tuple[str, int] | None:
        for end in range(len(pieces), start, -1):
            code = self.spelled.get(_folded(",".join(pieces[start:end])))
            if code is not None:
                return code, end
        return None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())

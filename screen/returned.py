"""What comes home, whatever tool it was in: rows, and what people said in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from db.opinion import Verdict


@dataclass(frozen=True, slots=True)
class Entry:
    """One row or record of a file that came back."""

    place: str
    """As the reviewer finds it: `row 12`, `record 3 (line 40)`."""
    values: Mapping[str, str]
    """Column name (lower case, underscores) → cell, blanks taken off at both ends. Of a RIS record: tag in lower
    case → its values, one a line, and beside them the columns `title`, `authors`, `year`, `doi`, `keywords`,
    `notes` and what our own and ASReview's notes say."""

    def first(self, *columns: str) -> str:
        """The first of these columns that is filled in; empty when none is."""
        return next((self.values[name] for name in columns if self.values.get(name)), "")


@dataclass(frozen=True, slots=True)
class Form:
    """One file, taken apart but not understood yet."""

    kind: Literal["table", "ris"]
    columns: frozenset[str]
    """Every name that any entry's values have."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said of one report, in the tool's words and in ours."""

    word: str
    """As it stands in the file."""
    verdict: Verdict | None
    """None when the word is no decision."""
    by: str = ""
    """The person as the tool names them; empty when the file does not say."""
    reason: str = ""
    """Of an exclusion, as the tool writes it; several with commas between them."""
    note: str = ""

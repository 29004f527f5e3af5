"""What a tool takes in, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from db.errors import WrongUse
from screen.export import Cover, QueueRow
from screen.returned import Entry, Form, Said

Writer: TypeAlias = Callable[[Sequence[QueueRow], Cover], bytes]
Read: TypeAlias = Iterator[tuple[Entry, Sequence[Said]]]
"""Every row of the files, with what people said in it: nothing when it is not decided."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a queue."""

    rows: Sequence[QueueRow]
    body: bytes


@dataclass(frozen=True, slots=True)
class Profile:
    """One tool: how a queue must look that it takes in, and how its own export is known and read."""

    name: str
    """For the command line."""
    label: str
    """For people."""
    writers: Mapping[str, Writer]
    """Format (csv, xlsx, ris) → its writer; the first is the one to prefer. Empty: nothing is written for it."""
    recognises: Callable[[Form], bool]
    """Whether the tool wrote this file, as far as it can be seen."""
    read: Callable[[Sequence[Form]], Read]
    """Raises `WrongUse` when the files say nothing that can be read."""
    comes_back: str
    """What of a queue is left in the tool's own export, in a sentence."""
    most_rows: int | None = None
    """References a file may hold."""
    most_bytes: int | None = None
    lists: bool = False
    """Its export does not say what was decided: it is the list of everything that was decided alike."""

    def parts(self, kind: str, rows: Sequence[QueueRow], cover: Cover) -> list[Part]:
        """The queue in as many files as the tool's limits ask for, in order; one file when there are no rows.

        Raises `WrongUse` for a format that the tool does not take.
        """
        if kind not in self.writers:
            raise WrongUse(
                f"{self.label} takes {' or '.join(self.writers)}, not {kind}: name another --format."
            )
        step = self.most_rows or len(rows) or 1
        pieces = [rows[start : start + step] for start in range(0, len(rows), step)] or [rows]
        return [part for piece in pieces for part in self._within(self.writers[kind], piece, cover)]

    def must_take(self, kind: str) -> None:
        """Raises `WrongUse` for a format that the tool does not take."""
        if kind not in self.writers:
            raise WrongUse(
                f"{self.label} takes {' or '.join(self.writers)}, not {kind}: name another --format."
            )

    def _within(self, writer: Writer, rows: Sequence[QueueRow], cover: Cover) -> Iterator[Part]:
        """The rows in halves, and halves of halves, until none is too large."""
        body = writer(rows, cover)
        if self.most_bytes is None or len(body) <= self.most_bytes or len(rows) < 2:
            yield Part(rows, body)
            return
        middle = len(rows) // 2
        yield from self._within(writer, rows[:middle], cover)
        yield from self._within(writer, rows[middle:], cover)


def by_row(read: Callable[[Entry], Iterable[Said]]) -> Callable[[Sequence[Form]], Read]:
    """The reader of a tool whose rows can be read one by one."""

    def each(forms: Sequence[Form]) -> Read:
        for form in forms:
            for entry in form.entries:
                yield entry, tuple(read(entry))

    return each

"""Comparing forms on disk: a million of them do not fit into memory twice.

The file lives in a temporary folder as long as one deduplication. Processes that compare read from it; only one writes.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dedupe.block import Numbers, is_in
from dedupe.normal import Form

_fields = attrgetter(*Form.__slots__)


def packed(form: Form) -> bytes:
    """A form as bytes that `unpacked` reads: only ever our own, written a moment ago."""
    return pickle.dumps(_fields(form), protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Form:
    """The form that `packed` wrote."""
    return Form(*pickle.loads(data))  # noqa: S301 - our own temporary file


class Spool:
    """Forms in a file, each found by the number of its record."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("wb")
        self._records: list[Numbers] = []
        self._ends: list[Numbers] = []
        self._sorted: tuple[Numbers, Numbers, Numbers] | None = None

    def add(self, records: Iterable[int], forms: list[bytes]) -> None:
        """Write packed forms behind the others."""
        begin = self._file.tell()
        self._records.append(np.fromiter(records, dtype=np.int64))
        self._ends.append(begin + np.cumsum([len(form) for form in forms], dtype=np.int64))
        self._file.write(b"".join(forms))
        self._sorted = None

    def lacks(self, records: Numbers) -> Numbers:
        """Those of the records that are not here."""
        return records[~is_in(records, self._index()[0])]

    def where(self, records: Numbers) -> tuple[Numbers, Numbers]:
        """Beginnings and lengths of the forms of these records, which are all here."""
        known, starts, sizes = self._index()
        at = np.searchsorted(known, records)
        return starts[at], sizes[at]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _index(self) -> tuple[Numbers, Numbers, Numbers]:
        """Record numbers, sorted, with the beginnings and lengths of their forms."""
        if self._sorted is None:
            self._file.flush()
            records = np.concatenate([np.empty(0, np.int64), *self._records])
            ends = np.concatenate([np.zeros(1, np.int64), *self._ends])
            order = np.argsort(records, kind="stable")
            self._sorted = records[order], ends[:-1][order], np.diff(ends)[order]
        return self._sorted


def forms(path: Path, records: Numbers, starts: Numbers, sizes: Numbers) -> dict[int, Form]:
    """Record → form, from the file of a spool; `starts` and `sizes` are what its `where` gave for the records."""
    found = {}
    with path.open("rb") as file:
        for at in np.argsort(starts, kind="stable").tolist():
            file.seek(int(starts[at]))
            found[int(records[at])] = unpacked(file.read(int(sizes[at])))
    return found

"""Asking for records by their keys, so many at a time, and once more for what did not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from harvest.source import Page

Asked: TypeAlias = Callable[[tuple[str, ...]], tuple[Page, tuple[str, ...]]]
"""Keys → a page of records, and which of the keys it does not hold."""


def in_batches(keys: Sequence[str], size: int, ask: Asked) -> Iterator[Page]:
    """Pages of these records; what an answer leaves out is missing only after it was asked for once more by itself."""
    unique = tuple(dict.fromkeys(keys))
    for start in range(0, len(unique), size):
        batch = unique[start : start + size]
        first, missing = ask(batch)
        if came := tuple(key for key in batch if key not in missing):
            yield replace(first, asked=came)
        if missing:
            second, never = ask(missing)
            yield replace(second, asked=missing, missing=never)

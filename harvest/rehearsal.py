"""Doing something without having done it: `--dry-run` for what only the database can foresee."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from db.store import Store


class _TakenBackError(Exception):
    """Rolls a transaction back; seen by nobody."""


@contextmanager
def taken_back(store: Store) -> Iterator[None]:
    """One transaction whose changes can be looked at inside, and are gone behind it."""
    with suppress(_TakenBackError), store.writing():
        yield
        raise _TakenBackError

"""A review as it was: what `--at` shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from db.errors import WrongUse
from db.past import as_of
from db.store import Store
from dedupe.steps import regroup
from harvest.files import legible


@contextmanager
def past(path: Path, moment: str) -> Iterator[Store]:
    """The store of a review as it was at a moment (see `moment_of`), duplicates grouped by the opinions of then.

    Every report can be built on it. The project file is that of today: who votes and how many are needed is read there.
    """
    with as_of(path, moment) as store:
        regroup(store)
        yield store


def moment_of(text: str) -> str:
    """A day or a moment as the database writes moments: UTC, ISO 8601 with Z, to the millisecond.

    A day means its last millisecond, UTC; a moment without a zone is UTC.

    Raises:
        WrongUse: it is neither.
    """
    try:
        if len(text) == len("2026-11-22"):
            return f"{date.fromisoformat(text).isoformat()}T23:59:59.999Z"
        said = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(
            f"{legible(text)} is no moment: write a day as 2026-11-22, or 2026-11-22T15:30Z."
        ) from error
    utc = said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")

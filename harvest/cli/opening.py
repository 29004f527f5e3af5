"""The database of a review, for commands that need what an earlier run has stored. They never make one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import WrongUse

if TYPE_CHECKING:
    from db.store import Store


def stored(folder: Path) -> Path:
    """The database in a review folder. Raises `WrongUse` before the first run."""
    path = folder / "review.db"
    if path.is_file():
        return path
    if not (folder / "review.toml").exists():
        raise WrongUse(
            f"{folder.absolute()} is no review folder: name one with -C, or make one with `harvest new NAME`."
        )
    raise WrongUse(f"{path} does not exist yet: start `harvest run` in the review folder first.")


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store of a review folder; closed behind it. Raises `WrongUse` before the first run."""
    from db.store import Store

    with Store.open(stored(folder), create=False) as store:
        yield store

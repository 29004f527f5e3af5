"""The proof of the archive: a second database, made from the kept answers alone, beside the first.

What sources and files said is read anew from their bytes, in the order in which they came, and identifiers,
duplicates and groups are found anew. What no answer tells is carried over: runs, searches, numbers
of records, sightings, and everything that people said or were given. Nobody is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from db.errors import BadAnswer, CheckFailed, StoreError, WrongUse
from db.store import Store
from db.twin import carry_over, compared, read_differently
from dedupe.steps import deduplicate, look_at_everything
from harvest.archive import MakeSource, contents
from harvest.progress import Progress


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A database made anew, and how it compares with the one it was made from."""

    path: Path
    pages: int
    tables: Mapping[str, tuple[int, int]]
    """What was made anew: rows in the first database, and how many differ."""
    newer: tuple[int, ...]
    """Records that today's readers read differently from the version that is stored: expected, see `db reread`."""
    wrong: tuple[int, ...]
    """Records that the same version of a reader reads differently: a fault."""
    failed: tuple[str, ...]
    """Pages that cannot be read, one sentence each."""

    @property
    def identical(self) -> bool:
        """Whether nothing at all differs."""
        return not self.failed and not any(differ for _, differ in self.tables.values())

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"path": str(self.path), "identical": self.identical}


def rebuild(store: Store, target: Path, make_source: MakeSource, progress: Progress) -> Rebuilt:
    """Make a second database out of the answers that the first one keeps, and compare the two.

    Raises:
        WrongUse: `target` exists already.
        StoreError: it cannot be written; nothing half-made is left.
    """
    if target.exists():
        raise WrongUse(f"{target} exists already: choose another name.")
    partial = target.with_name(f".{target.name}.part")
    try:
        carry_over(store.path, partial)
        with Store.open(partial, now=store.now) as new:
            failed = _read_all(new, make_source, progress)
            progress.say("Looking for duplicates anew …")
            look_at_everything(new)
            deduplicate(new)
        told = _compared(store, partial, target, failed)
        partial.replace(target)
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror}): choose another place.") from error
    finally:
        for beside in ("", "-wal", "-shm"):
            partial.with_name(partial.name + beside).unlink(missing_ok=True)
    return told


def _read_all(new: Store, make_source: MakeSource, progress: Progress) -> list[str]:
    failed, pages = [], new.answered()
    for number, page in enumerate(pages, start=1):
        try:
            read = contents(new, page, make_source)
        except (BadAnswer, CheckFailed, WrongUse) as error:
            failed.append(f"Page {page.page}: {error}")
            continue
        with new.writing():
            new.add_records(page.page, read.reader, read.records)
            new.add_strays(page.page, [(stray.line, stray.text) for stray in read.stray])
        progress.step("archive", "reading", number, len(pages))
    return failed


def _compared(store: Store, new: Path, target: Path, failed: list[str]) -> Rebuilt:
    differing = read_differently(store.path, new)
    return Rebuilt(
        path=target,
        pages=len(store.answered()),
        tables=compared(store.path, new),
        newer=tuple(number for number, there, here in differing if there != here),
        wrong=tuple(number for number, there, here in differing if there == here),
        failed=tuple(failed),
    )

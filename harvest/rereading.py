"""Read again what is kept: a better reader over the same bytes, without asking anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from db.errors import BadAnswer, WrongUse
from db.record import Record, Unreadable
from db.store import Store
from harvest import readers
from harvest.rehearsal import taken_back
from harvest.source import Source


@dataclass(frozen=True, slots=True)
class Reread:
    """What reading again did."""

    pages: int
    changed: int
    """Records whose content is read differently now."""
    failed: tuple[str, ...]
    """Pages that cannot be read any more, one sentence each; what was read from them stays."""


def reread(store: Store, make_source: Callable[[str], Source], *, dry_run: bool = False) -> Reread:
    """Read every page again from which some record has its newest content; each page is one transaction.

    A record is taken only from the page of its newest revision: an older page would bring back what the
    source has corrected since. `dry_run` counts what would change, and changes nothing.
    """
    changed, failed, pages = 0, [], 0
    for page, source, request in store.newest_pages():
        pages += 1
        try:
            reader, contents = _read(store, page, source, request, make_source)
        except (BadAnswer, WrongUse) as error:
            failed.append(f"Page {page}: {error}")
            continue
        newest = store.keys_on(page)
        kept = [content for content in contents if isinstance(content, Record) and content.key in newest]
        with taken_back(store) if dry_run else store.writing():
            changed += len(store.add_records(page, reader, kept).changed)
    if not dry_run:
        store.note("reread", {"pages": pages, "changed": changed})
    return Reread(pages, changed, tuple(failed))


def _read(
    store: Store, page: int, source: str, request: str, make_source: Callable[[str], Source]
) -> tuple[str, Iterable[Record | Unreadable]]:
    body = store.body(page)
    if source.startswith("file:"):
        name = PurePosixPath(json.loads(request)["url"]).name
        return f"readers {readers.VERSION}", readers.read(body, name, source).records
    asked = make_source(source)
    return f"{asked.name} {asked.version}", list(asked.records(body))

"""Read again what is kept: a better reader over the same bytes, without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass

from db.errors import BadAnswer, CheckFailed, WrongUse
from db.record import Record
from db.store import Store
from db.store.archive import Answered
from harvest.archive import Contents, MakeSource, contents
from harvest.rehearsal import taken_back


@dataclass(slots=True)
class Reread:
    """What reading again did."""

    pages: int = 0
    changed: int = 0
    """Records whose content is read differently now."""
    rescued: int = 0
    """Records that could not be read before, and can be now."""
    failed: tuple[str, ...] = ()
    """Pages that cannot be read any more, one sentence each; what was read from them stays."""


def reread(store: Store, make_source: MakeSource, *, dry_run: bool = False) -> Reread:
    """Read every page again on which some record has its newest content, or could not be read at all.

    A known record is taken only from the page of its newest revision: an older page would bring back what
    the source has corrected since. Each page is one transaction; `dry_run` counts, and changes nothing.
    """
    done = Reread()
    for page in store.answered():
        newest, unread = store.keys_on(page.page), store.unread_on(page.page)
        if not newest and not unread:
            continue
        done.pages += 1
        try:
            read = contents(store, page, make_source)
        except (BadAnswer, CheckFailed, WrongUse) as error:
            done.failed += (f"Page {page.page}: {error}",)
            continue
        with taken_back(store) if dry_run else store.writing():
            _keep(store, page, read, newest, unread, done)
    if not dry_run:
        store.note("reread", {"pages": done.pages, "changed": done.changed, "rescued": done.rescued})
    return done


def _keep(
    store: Store, page: Answered, read: Contents, newest: set[str], unread: set[int], done: Reread
) -> None:
    known = store.keys(page.source) if unread else {}
    placed = [
        (place, content)
        for place, content in enumerate(read.records, start=1)
        if isinstance(content, Record)
        and (content.key in newest or (place in unread and content.key not in known))
    ]
    if not placed:
        return
    places, records = zip(*placed, strict=True)
    kept = store.add_records(page.page, read.reader, records, places)
    done.changed += len(kept.changed)
    done.rescued += len(kept.new)
    if page.is_file:  # what comes from a source is seen by its next run
        store.add_sightings(page.fetch, page.search, "appeared", [(n, "file added") for n in kept.new])

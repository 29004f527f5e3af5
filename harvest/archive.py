"""What was answered is kept byte for byte; here it is read with today's readers, and nobody is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from db.record import Record, Unreadable
from db.store import Store
from db.store.archive import Answered
from harvest import readers
from harvest.guarded import Guarded
from harvest.readers.reading import Stray
from harvest.source import Source

MakeSource: TypeAlias = Callable[[str], Source]
"""Name of a source → the source; here it is never asked."""


class Contents(NamedTuple):
    """One page, read."""

    reader: str
    """Name and version of who read it."""
    records: Sequence[Record | Unreadable]
    """In the order of the page."""
    stray: Sequence[Stray] = ()


def contents(store: Store, page: Answered, make_source: MakeSource) -> Contents:
    """Read a page that is kept. Raises `CheckFailed`, `BadAnswer` or `WrongUse` when that cannot be done."""
    body = store.body(page.page)
    if not page.is_file:
        source = Guarded(make_source(page.source))
        return Contents(f"{source.name} {source.version}", list(source.records(body)))
    request = json.loads(page.request)  # its parameters: what the reviewer said of the columns
    name = PurePosixPath(request["url"]).name
    reading = readers.read(body, name, page.source, request["params"])
    return Contents(f"readers {readers.VERSION}", reading.contents, reading.stray)

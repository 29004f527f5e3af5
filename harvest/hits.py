"""Hits per line of a strategy that is written line by line, as PRESS and PRISMA-S want them.

Asked for once a wording: the counts of a run stay those of the strategy until it is edited. Each line is asked
alone, with its references replaced and with the options that go along with the search, at the pace of the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from db.errors import Refused, SearchError
from db.store import Store
from harvest.progress import Progress
from harvest.source import Counting, Search
from harvest.strategy import Line, line_queries, read_strategy


def lines_of(search: Search) -> tuple[tuple[Line, str], ...]:
    """The lines of a stored strategy, each with what is asked for it; nothing for one that has no lines."""
    return line_queries(read_strategy(search.stored, search.name))


def count_lines(
    store: Store, counting: Counting, search: Search, run: int, progress: Progress, *, again: bool = False
) -> tuple[str, ...]:
    """Ask for the hits of every line that was not counted in this wording yet, or of all of them.

    Returns what could not be counted, a sentence each: a line that is refused stops none of the others, a source
    that does not answer is asked no further. What is missing is asked for by the next run.
    """
    number = store.search_id(search)
    known = set() if again else {(t.line, t.query) for t in store.tallies(search.name, "line", number)}
    wanted = [(line, query) for line, query in lines_of(search) if (line.number, query) not in known]
    return tuple(_counted(store, counting, search, run, progress, wanted)) if wanted else ()


def _counted(
    store: Store,
    counting: Counting,
    search: Search,
    run: int,
    progress: Progress,
    wanted: list[tuple[Line, str]],
) -> Iterator[str]:
    number = store.search_id(search)
    for done, (line, query) in enumerate(wanted, start=1):
        try:
            page = counting.count(replace(search, query=query))
        except SearchError as error:
            yield f"hits of line {line.number} could not be counted: {error}"
            if not isinstance(error, Refused):
                return
            continue
        store.add_tally(run, number, "line", line.number, line.text, query, page)
        progress.step(search.name, "counting lines", done, len(wanted))

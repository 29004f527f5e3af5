"""What proves the searches of a run besides their counts: hits of their lines, and the records they should find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.facts import Search
from db.store import Store
from harvest.hits import count_lines
from harvest.known import KnownItems, items, told
from harvest.outcome import Outcome
from harvest.progress import Progress
from harvest.project import Project
from harvest.source import Counting


def prove(
    store: Store,
    project: Project,
    searches: Sequence[Search],
    counting: Mapping[str, Counting | None],
    outcome: Outcome,
    progress: Progress,
    *,
    recount: bool = False,
) -> None:
    """Count lines that were not counted in their present wording, and look for the known records.

    `counting` holds the sources that were asked in this run. What cannot be counted is told, and fails nothing;
    a source that did not answer in this run is not asked again.
    """
    silent = {search.name for search in outcome.searches if search.state == "failed"}
    for search in searches:
        counts = counting[search.source]
        if counts and search.name not in silent:
            complaints = count_lines(store, counts, search, outcome.run, progress, again=recount)
            outcome.not_counted += tuple(f"{search.name}: {complaint}" for complaint in complaints)
    wanted = items(project)
    KnownItems(store, counting, outcome.run, silent).test(wanted)
    names = {item.name for item in wanted}  # of searches that this run did not ask, their last word stands
    outcome.known = told(known for known in store.known_items() if known.item in names)

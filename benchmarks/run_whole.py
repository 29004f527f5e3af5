"""A whole first run, step by step, on made-up records: `python benchmarks/run_whole.py --records 20000`.

The records are three real articles again and again, with other numbers, titles, DOIs and dates
(`tests/server_corpus.py`), made one page at a time when they are asked for. Nobody waits for a network, and the time
it takes to make them is taken off. All else is what `harvest run` does: the listing cut into slices, every page kept
with its cursor, every count proved.

parse            every answer is looked at before it counts, and the pages become records
store and index  pages, records, revisions, identifiers, sightings, the search box; each page one transaction
deduplicate      every record compared with its look-alikes, opinions kept, groups formed; titles are put together
                 from few words, so that there are far more look-alikes than in a review
rank             the order before any vote

Printed for each step: seconds on the clock and of CPU, records a second, and the largest the process had been by
its end (peak resident size, Python and all libraries included). The aim: check, parse, store and index 100,000
records in less than 120 s and 500 MB on two cores.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import server_corpus as corpus

from db.record import Record, Unreadable
from db.store import Store
from dedupe.steps import deduplicate
from harvest import __version__
from harvest.progress import Quiet
from harvest.project import Project, load
from harvest.refresh import count, rerank
from harvest.source import Request
from harvest.sources.pubmed import PubMed
from harvest.sweep import Sweep
from harvest.transport import Answer, Check, Pace

REVIEW = """
title = "Parenting support after birth"
question = "Does support for parents improve the mental health of parents and infants?"
contact.email = "ana@example.org"

[[search]]
name = "pubmed"
source = "pubmed"
query = "searches/pubmed.txt"

[screening]
reviewers = ["ana", "ben"]
"""
_RANGE = re.compile(r'"([\d/]+)"\[CRDT\] : "([\d/]+)"\[CRDT\]')
_HEAD = b'<?xml version="1.0" ?>\n<PubmedArticleSet>\n'
_CEILING = 9_999
PER_DAY = 7
"""Articles of the corpus that share a day."""


@dataclass(slots=True)
class Watch:
    """Seconds that went into something."""

    clock: float = 0.0
    cpu: float = 0.0
    _since: tuple[float, float] = (0.0, 0.0)

    def __enter__(self) -> Self:
        self._since = (time.perf_counter(), time.process_time())
        return self

    def __exit__(self, *_: object) -> None:
        self.clock += time.perf_counter() - self._since[0]
        self.cpu += time.process_time() - self._since[1]

    def less(self, *parts: Watch) -> Watch:
        """This time without that of its parts."""
        return Watch(self.clock - sum(p.clock for p in parts), self.cpu - sum(p.cpu for p in parts))

    def plus(self, *parts: Watch) -> Watch:
        """This time with that of others."""
        return Watch(self.clock + sum(p.clock for p in parts), self.cpu + sum(p.cpu for p in parts))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table."""

    name: str
    took: Watch
    peak: float
    """Megabytes."""


@dataclass(slots=True)
class MadeUp:
    """PubMed over so many articles that are made when asked for: `Transport.ask` without a network."""

    records: int
    making: Watch = field(default_factory=Watch)
    checking: Watch = field(default_factory=Watch)

    def ask(
        self,
        source: str,
        request: Request,
        *,
        pace: Pace,
        secrets: Mapping[str, str] | None = None,
        check: Check | None = None,
        explain: Check | None = None,
    ) -> Answer:
        """Answer ESearch and EFetch; the answer is looked at as any other."""
        del source, pace, secrets, explain
        with self.making:
            asked = request.params
            body = self._articles(asked["id"]) if "id" in asked else self._listing(asked)
        answer = Answer(200, {}, body, request.url)
        if check:
            with self.checking:
                check(answer)
        return answer

    def _listing(self, asked: Mapping[str, str]) -> bytes:
        found = range(self.records)
        for low, high in _RANGE.findall(asked["term"]):
            first, last = (_first_of(date.fromisoformat(day.replace("/", "-"))) for day in (low, high))
            found = range(max(found.start, first), min(found.stop, last + PER_DAY))
        most = min(int(asked["retmax"]), _CEILING)
        ids = "".join(
            f"<Id>{corpus.pmid(position)}</Id>" for position in reversed(found[-most:] if most else ())
        )
        return f"<eSearchResult><Count>{len(found)}</Count><IdList>{ids}</IdList></eSearchResult>".encode()

    def _articles(self, ids: str) -> bytes:
        positions = (int(pmid) - corpus.FIRST_PMID for pmid in ids.split(","))
        return _HEAD + b"\n".join(map(corpus.article, positions)) + b"\n</PubmedArticleSet>\n"


def _first_of(day: date) -> int:
    """Position of the first article of a day."""
    return (day - corpus.FIRST_DAY).days * PER_DAY


class Timed(PubMed):
    """PubMed, with a watch on reading."""

    def __init__(self, transport: Any, settings: Mapping[str, str]) -> None:
        super().__init__(transport, settings)
        self.reading = Watch()

    def records(self, body: bytes) -> Iterator[Record | Unreadable]:
        """As `PubMed.records`, all at once."""
        with self.reading:
            return iter(list(super().records(body)))


# -- the run -----------------------------------------------------------------------------------------


def measure(folder: Path, records: int, *, only_index: bool = False) -> Iterator[Step]:
    """A first run in a new folder, step by step as they end."""
    project = _project(folder)
    transport = MadeUp(records)
    source = Timed(transport, {})
    with Store.open(project.database) as store:
        number = store.begin_run("benchmark", __version__)
        with Watch() as sweeping:
            outcome = Sweep(store, source, project.searches[0], number, Quiet()).run()
        if (outcome.state, outcome.new) != ("complete", records):
            raise SystemExit(
                f"The run is not whole: {outcome.state}, {outcome.new} records. {outcome.failure}"
            )
        parsing = source.reading.plus(transport.checking)
        yield Step("parse", parsing, _peak())
        yield Step("store and index", sweeping.less(parsing, transport.making), _peak())
        if not only_index:
            yield _timed("deduplicate", lambda: deduplicate(store))
            yield _timed("rank", lambda: rerank(store, project))
            standing = count(store, project)
            print(f"{standing.records:,} records, {standing.reports:,} reports")
    print(f"{_megabytes(project.database):,.0f} MB on disk")


def _timed(name: str, work: Callable[[], object]) -> Step:
    with Watch() as took:
        work()
    return Step(name, took, _peak())


def _project(folder: Path) -> Project:
    (folder / "searches").mkdir()
    (folder / "searches" / "pubmed.txt").write_text("parents OR infants", encoding="utf-8")
    (folder / "review.toml").write_text(REVIEW, encoding="utf-8")
    return load(folder, environ={})


def _peak() -> float:
    """Megabytes this process ever held; Linux counts in kilobytes, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 if sys.platform == "darwin" else 1 / 1024) / 1024**2


def _megabytes(database: Path) -> float:
    return sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*")) / 1024**2


# -- telling -----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure a whole first run.")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--only-index", action="store_true", help="stop before duplicates are looked for")
    said = parser.parse_args(arguments)
    print(f"{'step':18} {'seconds':>9} {'CPU s':>9} {'records/s':>11} {'peak MB':>9}", flush=True)
    steps: list[Step] = []
    with tempfile.TemporaryDirectory(prefix="harvest-benchmark-") as folder:
        for step in measure(Path(folder), said.records, only_index=said.only_index):
            steps.append(step)
            print(_line(step, said.records), flush=True)
    kept = _together("parse to index", steps[:2])
    print(_line(kept, said.records))
    print(_line(_together("all", steps), said.records))
    pace = kept.took.clock * 100_000 / said.records
    print(f"100,000 records at the pace of `parse to index`: {pace:,.0f} s (aim: 120 s)")
    return 0


def _together(name: str, steps: Sequence[Step]) -> Step:
    took = Watch(sum(step.took.clock for step in steps), sum(step.took.cpu for step in steps))
    return Step(name, took, max(step.peak for step in steps))


def _line(step: Step, records: int) -> str:
    rate = records / step.took.clock if step.took.clock else 0.0
    return f"{step.name:18} {step.took.clock:9.2f} {step.took.cpu:9.2f} {rate:11,.0f} {step.peak:9.0f}"


if __name__ == "__main__":
    sys.exit(main())

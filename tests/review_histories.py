"""Histories of a review for tests: what can happen to it, one event after the other, on a clock that goes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from review_folders import make

from db.facts import Page, Request, Search
from db.opinion import Decision, Link, Resolution, Retrieval, StudyNote
from db.record import Identifier, Record, Unreadable
from db.store import Store
from dedupe.steps import regroup
from harvest.project import Project, load
from harvest.screening import states
from screen.plan import FULL_TEXT, TITLE

SEARCHES = ("pubmed", "embase", "register", "citations", "contacts")
REVIEWERS = ("ana", "ben", "cleo")
TOML = """\
title = "A review"
question = "Does it help?"
contact.email = "ana@example.org"

[[criteria.exclude]]
code = "population"
reason = "Other participants, or none"
[[criteria.exclude]]
code = "design"
reason = "Not a controlled trial"

[[search]]
name = "pubmed"
source = "pubmed"
query = "searches/pubmed.txt"

[[search]]
name = "embase"
source = "file"
database = "Embase"
platform = "Ovid"
files = "imports/embase*"

[[search]]
name = "register"
source = "clinicaltrials"
query = "searches/pubmed.txt"

[[search]]
name = "citations"
source = "file"
database = "Citation searching"
platform = "by hand"
files = "imports/citations*"
method = "citation searching"

[[search]]
name = "contacts"
source = "file"
database = "Contacts"
platform = "letters"
files = "imports/contacts*"
method = "contacts"

[screening]
reviewers = ["ana", "ben", "cleo"]
per_record = 2
arbiter = "dora"
"""

_SOURCES = {"pubmed": "pubmed", "register": "clinicaltrials", "citations": "file:citation-searching"}


class History:
    """A review to which things happen."""

    def __init__(self, store: Store, project: Project) -> None:
        self.store, self.project = store, project

    def arrive(
        self, search: str, *keys: str, broken: int = 0, raw: str = "", ended: bool = True, **fields: object
    ) -> list[int]:
        """Records come by a search, some of them unreadable; one that was cut off has sighted nothing yet."""
        store, source = self.store, _SOURCES.get(search, f"file:{search}")
        number = store.search_id(Search(search, source, "sepsis", b"sepsis\n"))
        fetch = store.begin_fetch(store.begin_run("run", "0.1"), number).id
        records = [
            Record(source, key, title=f"Paper {key}", identifiers=(Identifier("pmid", key),), **fields) for key in keys
        ]  # fmt: skip
        spoilt = [
            Unreadable(
                position=len(keys) + n + 1,
                line=None,
                key="",
                problem="half a record",
                raw=f"{raw or fetch} {n}",
            )
            for n in range(broken)
        ]
        with store.writing():
            page = store.add_page(
                fetch, Page("records", b"<xml/>", Request("GET", "https://example.org", {}))
            )
            store.add_records(page, "reader 1", [*records, *spoilt])
            known = store.keys(source)
            found = [known[key] for key in keys]
            if ended:
                before = store.found_by(search, source)
                store.add_sightings(
                    fetch,
                    number,
                    "appeared",
                    [(n, "first search") for n in found if n not in before.values()],
                )
                store.move_fetch(fetch, "complete", listed=len(found), stored=len(found))
            regroup(store, found)
        return found

    def say(self, a: int, b: int, relation: str) -> None:
        """A person says what two records are to each other."""
        if a != b:
            low, high = sorted((a, b))
            with self.store.writing():
                self.store.add_links([Link(low, high, relation, by="cleo")])
                regroup(self.store, [low, high])

    def vote(self, record: int, stage: str, who: str, verdict: str, reason: str = "") -> None:
        """One vote, or that it is taken back."""
        self.store.add_decisions(
            [Decision(record, stage, who, verdict, reason if verdict == "exclude" else "")]
        )

    def agree(self, record: int, stage: str, verdict: str, reason: str = "") -> None:
        """Two people say the same."""
        for who in REVIEWERS[:2]:
            self.vote(record, stage, who, verdict, reason)

    def judge(self, record: int, verdict: str, reason: str = "") -> None:
        """From the title to the full text in one go."""
        self.agree(record, TITLE, "include")
        self.agree(record, FULL_TEXT, verdict, reason)

    def resolve(self, record: int, stage: str, verdict: str, reason: str = "") -> None:
        """The arbiter ends a conflict, when there is one."""
        state = states(self.store, self.project, stage).get(self.store.report_of(record))
        if state and state.to_resolve:
            said = Resolution(record, stage, "dora", verdict, reason if verdict == "exclude" else "")
            self.store.add_resolution(replace(said, votes=state.votes))

    def retrieve(self, record: int, state: str) -> None:
        """How far the full text has come."""
        self.store.add_retrievals([Retrieval(record, state, "ana")])

    def note(self, record: int, state: str) -> None:
        """What the study of a record is."""
        self.store.add_study_notes([StudyNote(record, "state", state, "ana")])


@contextmanager
def history(folder: Path, toml: str = TOML, **files: str) -> Iterator[History]:
    """A review folder with an empty database, on a clock of its own."""
    project = load(make(folder, toml, **files), {})
    with Store.open(folder / "review.db", now=_Clock()) as store:
        yield History(store, project)


class _Clock:
    """A second a question, all of one day."""

    def __init__(self) -> None:
        self.second = 0

    def __call__(self) -> str:
        self.second += 1
        return f"2026-11-22T{self.second // 3600:02}:{self.second // 60 % 60:02}:{self.second % 60:02}.000Z"


def small(told: History) -> None:
    """A worked history of twelve records: `docs/prisma.md` tells it in words."""
    arrive, agree = told.arrive, told.agree
    arrive("pubmed", "11", "12", "13", "14", "15", broken=1)  # records 1 to 5
    arrive("embase", "21", "22", "23")  # 6 to 8
    arrive("register", "31", "32")  # 9, 10
    arrive("citations", "41", "42")  # 11, 12
    told.say(1, 6, "same report")  # found by both databases
    told.say(2, 11, "same report")  # a cited paper that PubMed had found, too
    told.say(1, 9, "same study")  # a trial and its registration
    agree(3, TITLE, "exclude")
    told.vote(4, TITLE, "ana", "include")
    told.vote(4, TITLE, "ben", "exclude")
    told.resolve(4, TITLE, "include")
    for record in (1, 2, 7, 9, 10, 12):
        agree(record, TITLE, "include")
    told.vote(8, TITLE, "ana", "include")  # Ben has not read it
    for record in (1, 2, 4, 9, 10, 12):
        told.retrieve(record, "retrieved")
    told.retrieve(7, "not retrieved")
    agree(1, FULL_TEXT, "include")
    agree(9, FULL_TEXT, "include")
    agree(2, FULL_TEXT, "exclude", "design")
    agree(4, FULL_TEXT, "exclude", "population")
    agree(10, FULL_TEXT, "include")
    told.note(10, "ongoing")
    agree(12, FULL_TEXT, "include")

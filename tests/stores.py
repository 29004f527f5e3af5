"""A review database for tests: with one of everything in it, and raw connections that are not ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from db.facts import Page, Request, Search
from db.notice import Notice
from db.opinion import (
    Decision,
    Link,
    Pilot,
    Postponement,
    Ranking,
    Resolution,
    Retrieval,
    StudyNote,
    Unblinding,
)
from db.record import Identifier, Record, Section, Unreadable
from db.store import Store
from db.store.tallies import KnownItem

SEARCH = Search("main", "pubmed", "sepsis", b"sepsis\n", {"field": "title"})
TITLE = "title and abstract"


def article(key: str, title: str = "A trial", abstract: str = "", **fields: object) -> Record:
    """What PubMed said about an article."""
    parts = (Section(abstract),) if abstract else ()
    return Record(
        "pubmed", key, title=title, abstract=parts, identifiers=(Identifier("pmid", key),), **fields
    )


def answer(kind: str = "records", body: bytes = b"<xml/>", **fields: object) -> Page:
    """One answer of a source."""
    return Page(kind, body, Request("GET", "https://example.org", {"term": "sepsis"}), **fields)


def clock() -> Iterator[str]:
    """Seconds of one day, each once."""
    for second in count():
        yield f"2026-11-22T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000Z"


def opened(path: Path, **options: object) -> Store:
    """A store with a clock of its own."""
    return Store.open(path, now=clock().__next__, **options)


def begun(store: Store, search: Search = SEARCH) -> int:
    """A run and a fetch; the fetch's number."""
    return store.begin_fetch(store.begin_run("run", "0.1"), store.search_id(search)).id


def kept(store: Store, *contents: Record | Unreadable, fetch: int = 1):
    """One page with these records, as the reader `pubmed 1` read it."""
    with store.writing():
        return store.add_records(store.add_page(fetch, answer()), "pubmed 1", contents)


def fill(store: Store) -> None:
    """One row or more in every table."""
    fetch = begun(store)
    kept(
        store,
        article("11", "Sepsis in children", "Antibiotics help."),
        article("12"),
        Unreadable(3, "no key", "<x/>"),
    )
    store.add_strays(1, [(7, "between the records")])
    store.add_sightings(fetch, 1, "appeared", [(1, "first search"), (2, "first search")])
    store.move_fetch(fetch, "complete", promised=2, listed=2, stored=2)
    store.add_links([Link(1, 2, "ask", rule="title", version="1", score=0.7, evidence={"title": 0.7})])
    store.set_membership({1: (1, 1), 2: (2, 2)})
    store.set_blocking([(1, b"12345678", "sepsis"), (2, b"", "")])
    made_of = {
        "corpus": store.keep_corpus({1: (1,), 2: (2,)}),
        "topic": store.keep_topic('{"title": "Sepsis"}'),
    }
    order = ((2, 0.9), (1, 0.1))
    store.add_ranking(Ranking("bm25 1", {"k": 1.2}, 7, {"sklearn": "1.5"}, {1: 0.5}, "d1", order, **made_of))
    store.add_showing(1, "ana", TITLE, 2, 1)
    handover = store.add_handover("ana.csv", "ab", "ana", 1)
    store.add_decisions([Decision(1, TITLE, "ana", "include")], handover)
    store.add_export("queues/ana.csv", "csv", "ana", TITLE, 1, [2, 1], "cd")
    store.note("alarm", {"what": "test"}, 1)
    store.add_tally(1, 1, "line", 1, "sepsis", "sepsis", answer("list", promised=2))
    store.add_known(1, [(1, KnownItem("main", "pmid:11", "found", 1))])
    store.add_notices([Notice(1, "correction", "pubmed", "ErratumIn", "Lancet. 2015;1:2.")], 1)
    store.add_resolution(Resolution(1, TITLE, "cleo", "include", votes=(1,)))
    store.postpone([Postponement(2, TITLE, "ana")])
    store.add_pilot(Pilot(TITLE, 1, (1, 2), "cleo"))
    store.unblind(Unblinding("full text", "cleo", "all is read"))
    store.add_retrievals([Retrieval(1, "retrieved", "ana", "sepsis.pdf")])
    store.add_study_notes([StudyNote(1, "label", "Sepsis 2015", "ana")])
    store.end_run(1, 0)


@cache
def _filled() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "review.db"
        with opened(path) as store:
            fill(store)
        return path.read_bytes()


def filled(path: Path) -> Path:
    """A review database with one row or more in every table."""
    path.write_bytes(_filled())
    return path


@contextmanager
def raw(path: Path, **options: object) -> Iterator[sqlite3.Connection]:
    """A connection that is not ours: foreign keys and recursive triggers off, as SQLite has them."""
    with closing(sqlite3.connect(path, isolation_level=None, **options)) as connection:
        yield connection


def tables(connection: sqlite3.Connection) -> list[str]:
    """Every table of the schema, without those that belong to SQLite and its extensions."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'word\\__%' ESCAPE '\\' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlite_migrations'"
    )
    return [name for (name,) in rows]


def files(folder: Path) -> list[str]:
    """What lies in a folder, without the log and its index, which SQLite keeps there to read, too."""
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(("-wal", "-shm")))

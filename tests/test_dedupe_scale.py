"""An engine gives the very opinions and groups that the built-in path gives: real exports, their copies, and crowds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_files import EVERY, body
from stores import begun, kept, opened

from db.opinion import Link, Ruling
from db.record import Author, Identifier, Record
from dedupe.cluster import group
from dedupe.keys import KINDS
from dedupe.processes import Processes
from dedupe.steps import deduplicate, regroup
from harvest import readers

duckdb = pytest.importorskip("duckdb", reason="the extra `scale` is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra `scale` is not installed")
sqlglot = pytest.importorskip("sqlglot", reason="the extra `scale` is not installed")
pytest.importorskip("splink", reason="the extra `scale` is not installed")

from dedupe.scale import batches, engines  # noqa: E402 - needs the extra, as all that follows
from dedupe.scale.engines import DuckDB, translated  # noqa: E402
from dedupe.scale.grouping import members  # noqa: E402
from dedupe.scale.linking import Linked, link  # noqa: E402

ROOT = Path(__file__).parent.parent
LARGEST = sorted({kind.largest for kind in KINDS})
SPARKS = ("EXPLODE(", "SEQUENCE(", "COLLECT_LIST(", "SHIFTRIGHT(", "ANTI JOIN")
DUCKDBS = ("UNNEST(", "GENERATE_SERIES(", "STRUCT_PACK(", "//", ">>")


def exported():
    """Every record of every export file."""
    for name in EVERY:
        yield from readers.read(body(name), name, f"file:{name}").records


def perturbed(record, random):
    """The same as another database might have it."""
    changes = [
        {"title": record.title.upper()},
        {"title": swapped(record.title, random)},
        {"title": record.title.partition(":")[0]},
        {"authors": tuple(replace(author, given="", initials=author.given[:1]) for author in record.authors)},
        {"identifiers": ()},
        {"abstract": ()},
        {"pages": record.pages.partition("-")[0]},
        {"journal": record.journal_abbreviation or record.journal, "issue": ""},
        {"year": (record.year or 2000) + 1, "date": "", "dates": {}},
    ]
    for change in random.sample(changes, random.randint(1, 4)):
        record = replace(record, **change)
    return record


def swapped(text, random):
    at = random.randrange(max(1, len(text) - 1))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def crowds():
    """More records under one title, and more that begin in the same way, than are compared each with each."""
    for year in range(1940, 1940 + LARGEST[1] + 12):
        yield Record(
            "", "", title="Editorial", year=year, authors=(Author("Hill", "Anna"),) * (year % 3 == 0)
        )
    for noun in range(LARGEST[0] + 9):
        title = f"Cognitive behavioural therapy for the relief of {noun * 'very '}long lasting tinnitus"
        yield Record("", "", title=title, year=2001, identifiers=(Identifier("doi", f"10.1000/{noun // 2}"),))


def collection():
    random, keys = Random(7), count(1)
    real = list(exported())
    copies = [perturbed(record, random) for record in real for _ in range(random.randint(0, 2))]
    every = [*real, *copies, *crowds()]
    random.shuffle(every)
    return [replace(record, source="file:test", key=str(next(keys))) for record in every]


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    """A review, deduplicated by the built-in path, with what that did."""
    with opened(tmp_path_factory.mktemp("scale") / "review.db") as store:
        begun(store)
        kept(store, *collection())
        yield store, deduplicate(store)


def rulings(store):
    return sorted(store.ruling(a, b) for a, b, _ in store.ruled())


def rows(linked, table):
    return sorted(linked.engine.rows(f"SELECT * FROM {table.physical_name}"))


class Spoken(DuckDB):
    """DuckDB that is asked in Spark's words, translated back: what they mean survives both ways."""

    def __init__(self, connection):
        super().__init__(connection)
        self.said = []

    def table(self, query):
        return super().table(self._back(query))

    def mapped(self, query, work, columns):
        return super().mapped(self._back(query), work, columns)

    def rows(self, query):
        return super().rows(self._back(query))

    def _back(self, query):
        self.said.append(translated(query, "spark"))
        return sqlglot.transpile(self.said[-1], read="spark", write="duckdb")[0]


# -- the same as the built-in path ---------------------------------------------------------------------


def agrees(found, store, done):
    assert sorted(found.opinions()) == rulings(store)
    assert (found.compared, found.crowds, found.skipped) == (done.compared, done.crowds, done.skipped)
    groups = {number: (report, study) for number, report, study in rows(found, members(found))}
    assert groups == store.membership()


def test_an_engine_says_what_the_built_in_path_says(review):
    store, done = review
    engine = DuckDB(duckdb.connect())
    agrees(link(engine, engine.hold("record", store.contents())), store, done)


def test_the_collection_is_worth_it(review):
    store, done = review
    found = Counter(ruling.relation for ruling in rulings(store))
    assert store.size() > 600
    assert min(found[relation] for relation in ("same report", "ask", "different")) > 10
    assert done.crowds > 2
    assert done.skipped > 1000


def test_the_same_said_in_the_words_of_spark(review):
    store, done = review
    engine = Spoken(duckdb.connect())
    agrees(link(engine, engine.hold("record", store.contents())), store, done)
    said = " ".join(engine.said)
    assert [word for word in SPARKS if word not in said] == []
    assert [word for word in DUCKDBS if word in said.upper()] == []


def test_several_processes_in_a_file_say_the_same(review, tmp_path, monkeypatch):
    store, _ = review
    monkeypatch.setattr(engines, "ROWS", 500)
    with duckdb.connect(tmp_path / "scratch.duckdb") as connection, Processes(2) as processes:
        engine = DuckDB(connection, processes)
        found = link(engine, engine.hold("record", store.contents()))
        assert sorted(found.opinions()) == rulings(store)


def test_what_an_engine_found_is_kept_in_a_review_and_the_next_run_finds_nothing_new(review, tmp_path):
    store, _ = review
    engine = DuckDB(duckdb.connect())
    found = link(engine, engine.hold("record", store.contents()))
    with opened(tmp_path / "review.db") as other:
        begun(other)
        kept(other, *collection())
        other.add_rulings(found.opinions())
        other.set_blocking(found.blocking())
        assert sorted(other.blocking()) == sorted(store.blocking())
        assert other.places_of(other.numbers()) == store.places_of(store.numbers())
        regroup(other)
        assert other.membership() == store.membership()
        assert deduplicate(other).opinions == 0
        assert rulings(other) == rulings(store)


def test_the_script_in_the_docs_makes_files_of_files(review, tmp_path):
    store, done = review
    (script,) = re.findall(
        r"```python\n(import duckdb.*?)```", (ROOT / "docs" / "scale.md").read_text("utf-8"), re.DOTALL
    )
    (tmp_path / "whole.py").write_text(script, "utf-8")
    DuckDB(connection := duckdb.connect()).hold("record", store.contents())
    connection.execute(f"COPY record TO '{tmp_path / 'records.parquet'}'")
    ran = subprocess.run(
        [sys.executable, "-P", "whole.py"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == f"{done.compared} pairs; {done.skipped} in {done.crowds} crowds not looked at\n", (
        ran.stderr
    )
    read = connection.execute(f"SELECT * FROM '{tmp_path / 'rulings.parquet'}'").fetchall()
    assert sorted(read) == rulings(store)
    (grouped,) = connection.execute(f"SELECT count(*) FROM '{tmp_path / 'members.parquet'}'").fetchone()
    assert grouped == store.size()


# -- groups ----------------------------------------------------------------------------------------------

opinions = st.lists(
    st.builds(
        lambda a, step, relation, score: Ruling(a, a + step, relation, "a rule", "1", score / 8, "{}", ""),
        st.integers(1, 9), st.integers(1, 4), st.sampled_from(["same report", "same study", "different", "ask"]),
        st.integers(1, 8),
    ),
    unique_by=lambda ruling: (ruling.a, ruling.b),
)  # fmt: skip


@settings(max_examples=25)
@given(opinions)
def test_grouped_component_by_component_is_grouped(given_opinions):
    numbers = range(1, 14)
    connection = duckdb.connect()
    engine = DuckDB(connection)
    for name, columns, held in (
        ("formed", batches.FORMED, [(number, b"", "", []) for number in numbers]),
        ("rulings", batches.RULINGS, given_opinions),
    ):
        table = pa.Table.from_batches([batches.batch(held, columns)])
        connection.from_arrow(table).create(name)
    found = Linked(engine, engine.api.register("formed"), engine.api.register("rulings"), 0, 0, 0)
    groups = group(numbers, [Link(x.a, x.b, x.relation, score=x.score) for x in given_opinions])
    assert rows(found, members(found)) == [
        (number, groups.reports[number], groups.studies[groups.reports[number]]) for number in numbers
    ]


# -- little, nothing, and what cannot be read ------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_who_is_alone_stands_for_itself(number):
    engine = DuckDB(duckdb.connect())
    records = [(5, Record("pubmed", "1", title="Sepsis in children").to_json())][:number]
    found = link(engine, engine.hold("record", records))
    assert list(found.opinions()) == []
    assert (found.compared, found.crowds, found.skipped) == (0, 0, 0)
    assert rows(found, members(found)) == [(5, 5, 5)][:number]


def test_a_second_time_takes_the_place_of_the_first():
    engine = DuckDB(duckdb.connect())
    paper = Record(
        "pubmed", "1", title="Sepsis in children", identifiers=(Identifier("pmid", "1"),)
    ).to_json()
    first = link(engine, engine.hold("record", [(1, paper), (2, paper)]))
    assert [ruling[:3] for ruling in first.opinions()] == [(1, 2, "same report")]
    second = link(engine, engine.hold("record", [(3, paper), (4, paper)]))
    assert [ruling[:3] for ruling in second.opinions()] == [(3, 4, "same report")]


def test_a_record_that_cannot_be_read_stops_it_with_what_our_reader_says():
    engine = DuckDB(duckdb.connect())
    engine.hold("record", [(1, "{")])
    with pytest.raises(json.JSONDecodeError):
        link(engine, "record")
    assert list(engine.rows("SELECT number FROM record")) == [(1,)]

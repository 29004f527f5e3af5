"""What is asked of an engine, and the one that needs nothing but this process.

Every engine stands behind Splink's own door to it, `api`. Queries are written in DuckDB's SQL; for others they are
translated by sqlglot, which Splink is built on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeAlias

import duckdb
import pyarrow as pa
import sqlglot
from splink import DuckDBAPI

from dedupe.processes import Processes
from dedupe.scale.batches import RECORDS, batch

Table: TypeAlias = Any
"""A `SplinkDataFrame`: a table in the engine, and its name there as `physical_name`."""
Work: TypeAlias = Callable[[pa.RecordBatch], pa.RecordBatch]
"""One of the functions in `dedupe.scale.batches`."""

ROWS = 2_000
"""Rows handed to a function of ours in one go; Spark has a setting of its own for that."""


class Engine(Protocol):
    """What is asked of an engine. A row is a tuple."""

    api: Any
    """Splink's `DatabaseAPI`."""

    def table(self, query: str) -> Table:
        """The answer to a query, kept in the engine."""
        ...

    def mapped(self, query: str, work: Work, columns: pa.Schema) -> Table:
        """What a function of ours makes of the answer to a query, batch by batch, kept in the engine."""
        ...

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The answer to a query, a part at a time."""
        ...


class DuckDB:
    """DuckDB within this process; our functions run in as many others as `processes` has."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, processes: Processes | None = None) -> None:
        """`connection` is to a database, in memory or in a file, that is ours for as long as this takes."""
        self.api = DuckDBAPI(connection)
        self._connection = connection
        self._processes = processes or Processes(1)

    def hold(self, name: str, records: Iterable[tuple[int, str]]) -> str:
        """Make a table of records, each with its number and as JSON (`Store.contents` gives them); returns its name."""
        waiting = iter(records)
        batches = iter(lambda: list(islice(waiting, ROWS)), [])
        self._fill(name, RECORDS, (batch(rows, RECORDS) for rows in batches))
        return name

    def table(self, query: str) -> Table:
        """The answer to a query, kept in the engine."""
        return self.api.query_sql(query)

    def mapped(self, query: str, work: Work, columns: pa.Schema) -> Table:
        """What a function of ours makes of the answer to a query, batch by batch, kept in the engine."""
        name = f"harvest_{work.__name__}"
        batches = self._connection.cursor().sql(query).to_arrow_reader(ROWS)
        self._fill(name, columns, self._processes.map(work, batches))
        return self.api.register(name)

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The answer to a query, a part at a time."""
        answer = self._connection.cursor().execute(query)
        while some := answer.fetchmany(ROWS):
            yield from some

    def _fill(self, name: str, columns: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """All or nothing, and in one transaction: many small ones take four times as long."""
        self._connection.begin()
        try:
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")
            self._connection.from_arrow(columns.empty_table()).create(name)
            for some in batches:
                self._connection.from_arrow(pa.Table.from_batches([some])).insert_into(name)
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()


def translated(query: str, dialect: str) -> str:
    """A query in the SQL of another engine, which has the name that sqlglot gives it."""
    return sqlglot.transpile(query, read="duckdb", write=dialect)[0]

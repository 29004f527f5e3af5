"""The same on Spark; needs pyspark besides the extra `scale`, and Harvest on every worker."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from splink import SparkAPI

from dedupe.scale.engines import Table, Work, translated


class Spark:
    """Spark, wherever the session leads. `spark.sql.execution.arrow.maxRecordsPerBatch` sets the size of a batch."""

    def __init__(self, session: SparkSession, **options: Any) -> None:
        """`options` are those of Splink's `SparkAPI`: where it keeps what it has found, above all."""
        self.api = SparkAPI(spark_session=session, **options)
        self._session = session

    def table(self, query: str) -> Table:
        """The answer to a query, kept in the engine."""
        return self._kept(self._answer(query))

    def mapped(self, query: str, work: Work, columns: pa.Schema) -> Table:
        """What a function of ours makes of the answer to a query, batch by batch, kept in the engine."""
        return self._kept(self._answer(query).mapInArrow(partial(map, work), from_arrow_schema(columns)))

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The answer to a query, a part at a time."""
        yield from map(tuple, self._answer(query).toLocalIterator())

    def _answer(self, query: str) -> DataFrame:
        return self._session.sql(translated(query, "spark"))

    def _kept(self, frame: DataFrame) -> Table:
        """Made at once, and once only: Spark would make it each time it is asked for."""
        frame.persist().count()
        return self.api.register(frame)

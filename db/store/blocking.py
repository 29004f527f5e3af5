"""What could be the same: the blocking keys of records, kept so that a newcomer finds its likes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from db.store.connection import Connection


class Blocking(Connection):
    """Keys and places; what they mean is told in `dedupe.keys`."""

    def set_blocking(self, rows: Iterable[tuple[int, bytes, str]]) -> None:
        """Keep the blocking keys of records: record, digests of 8 bytes one after another, place among others."""
        self._insert("INSERT OR REPLACE INTO blocking (record_id, keys, place)", rows)

    def blocking(self) -> Iterator[tuple[int, bytes]]:
        """Every record with its keys, in order of the numbers."""
        yield from self._each("SELECT record_id, keys FROM blocking ORDER BY record_id")

    def keys_of(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Blocking keys of these records, as far as they are kept."""
        sql = "SELECT record_id, keys FROM blocking WHERE record_id IN ({})"
        return {int(number): bytes(keys) for number, keys in self._among(sql, numbers)}

    def places_of(self, numbers: Iterable[int]) -> dict[int, str]:
        """Where these records stand among others, as far as it is kept."""
        sql = "SELECT record_id, place FROM blocking WHERE record_id IN ({})"
        return {int(number): str(place) for number, place in self._among(sql, numbers)}

"""What became of the papers: notices of retraction, concern and correction. Nothing here is ever overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace

from db.notice import Notice
from db.record import Identifier, Record
from db.store.connection import Connection

_NOTICE = "record_id, kind, said_by, word, citation, identifiers, date, evidence, standing, run_id, seen_at"
_SPEAKING = (
    "*etract*",
    "*ETRACT*",
    '*"kind":"[EeCc][xrol][pra]*',  # Expression, Erratum, Correct…, Corrigendum, clarification
    '*"kind":"[AaWw][di][dt]*',  # addendum, withdrawal
    '*"kind":"[Rr]e[mi]*',  # removal, reinstatement
)
"""Shapes in the JSON of a record that could be about a notice.

GLOB is quick when a plain letter follows the star: 100,000 records in two seconds, and five when JSON reads them.
"""


class Notices(Connection):
    """Notices about records."""

    def add_notices(
        self, said: Iterable[Notice], run: int | None, asked: Callable[[Notice], bool] = lambda _: False
    ) -> list[Notice]:
        """Append what is new or changed, and what is no longer said; returns what was appended.

        `asked` says of a standing notice whether its source was asked about this record again just now: if so,
        and it is not among `said`, it stands no longer.
        """
        with self.writing():
            before = {notice.key: notice for notice in self.notices()}
            now = {notice.key: notice for notice in said}
            fresh = [n for n in now.values() if n.key not in before or not n.same(before[n.key])]
            gone = [replace(n, standing=False) for n in before.values() if n.key not in now and asked(n)]
            at = self.now()
            told = [replace(notice, run=run, at=at) for notice in (*fresh, *gone)]
            self._insert(f"INSERT INTO notice (name, {_NOTICE})", [_row(notice) for notice in told])
        return told

    def notices(self) -> list[Notice]:
        """What stands today, in order of records and of time."""
        rows = self._rows(f"SELECT {_NOTICE} FROM noticed ORDER BY record_id, id")
        return [_as_notice(*row) for row in rows]

    def speaking_of_notices(self) -> Iterator[tuple[int, Record]]:
        """Records whose relations, types or title could say that a paper was retracted, doubted or corrected.

        A sieve with wide meshes, so that not every record of a review need be read.
        """
        shapes = " OR ".join(["content GLOB ?"] * len(_SPEAKING))
        sql = f"SELECT record_id, content FROM latest WHERE {shapes} ORDER BY record_id"
        for number, content in self._rows(sql, *_SPEAKING):
            yield int(number), Record.from_json(content)

    def identified(self, schemes: Iterable[str]) -> Iterator[tuple[int, str, str]]:
        """Every record's identifiers of these schemes that are its own: record, scheme, value.

        What stands in an abstract or a list of references names another document.
        """
        sql = (
            "SELECT record_id, scheme, value FROM identifier WHERE scheme IN ({}) "
            "AND origin NOT IN ('abstract', 'reference') ORDER BY record_id"
        )
        for number, scheme, value in self._among(sql, schemes):
            yield int(number), str(scheme), str(value)


def _row(notice: Notice) -> tuple[object, ...]:
    names = json.dumps([asdict(i) for i in notice.identifiers], sort_keys=True)
    return (
        notice.name, notice.record, notice.kind, notice.said_by, notice.word, notice.citation, names, notice.date,
        notice.evidence, int(notice.standing), notice.run, notice.at,
    )  # fmt: skip


def _as_notice(*row: object) -> Notice:
    record, kind, said_by, word, citation, names, date, evidence, standing, run, at = row
    identifiers = tuple(Identifier(**name) for name in json.loads(str(names)))
    return Notice(
        record, kind, str(said_by), str(word), str(citation), identifiers,  # type: ignore[arg-type]  # STRICT, CHECK
        str(date), str(evidence), bool(standing), run, str(at),  # type: ignore[arg-type]  # INTEGER or NULL
    )  # fmt: skip

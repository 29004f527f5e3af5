"""What is the same, and what we think of it: links, membership, rankings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from db.opinion import Link, Ranking
from db.store.connection import Connection

_LINK = "a, b, relation, by, rule, version, score, evidence, said_at, kind"


class Opinions(Connection):
    """Links between records, the groups that follow from them, orders of reading."""

    # -- links -------------------------------------------------------------------------------------

    def add_links(self, links: Iterable[Link]) -> int:
        """Keep opinions about pairs; returns how many."""
        at = self.now()
        rows = [
            (x.a, x.b, x.relation, x.by, x.rule, x.version, x.score, _json(dict(x.evidence)), at, x.kind)
            for x in links
        ]
        self._insert(f"INSERT INTO link ({_LINK})", rows)
        return len(rows)

    def links(self, *, current: bool = True) -> list[Link]:
        """Opinions in the order they were given; only those in force unless `current` is False."""
        table = "opinion" if current else "link"
        return [_link(*row) for row in self._rows(f"SELECT {_LINK} FROM {table} ORDER BY id")]

    def links_of(self, a: int, b: int) -> list[Link]:
        """Every opinion ever given about a pair, oldest first."""
        low, high = sorted((a, b))
        return [
            _link(*row)
            for row in self._rows(f"SELECT {_LINK} FROM link WHERE a = ? AND b = ? ORDER BY id", low, high)
        ]

    # -- what could be the same --------------------------------------------------------------------

    def set_blocking(self, rows: Iterable[tuple[int, bytes, str]]) -> None:
        """Keep the blocking keys of records: record, digests of 8 bytes one after another, place among others."""
        self._insert("INSERT OR REPLACE INTO blocking (record_id, keys, place)", rows)

    # -- groups ------------------------------------------------------------------------------------

    def membership(self) -> dict[int, tuple[int, int]]:
        """Record → (report, study), each named by its smallest record id."""
        return {
            int(record): (int(report), int(study))
            for record, report, study in self._rows("SELECT record_id, report_id, study_id FROM membership")
        }

    def set_membership(self, groups: Mapping[int, tuple[int, int]]) -> int:
        """Write the groups that follow from the links; returns how many records moved."""
        with self.writing():
            before = self.membership()
            moved = [(r, *groups[r]) for r in groups if before.get(r) != groups[r]]
            self._insert("INSERT OR REPLACE INTO membership (record_id, report_id, study_id)", moved)
            return len(moved)

    def reports(self) -> dict[int, list[int]]:
        """Report → its records, both in order. A record not yet grouped stands for itself."""
        groups: dict[int, list[int]] = {}
        for record, report in self._rows(
            "SELECT r.id, coalesce(m.report_id, r.id) FROM record r LEFT JOIN membership m ON m.record_id = r.id "
            "ORDER BY 2, 1"
        ):
            groups.setdefault(int(report), []).append(int(record))
        return groups

    def report_of(self, record: int) -> int:
        """The report a record belongs to today."""
        report = self._value("SELECT report_id FROM membership WHERE record_id = ?", record)
        return record if report is None else int(report)

    def records_of(self, report: int) -> list[int]:
        """The records of the report that this record belongs to."""
        lead = self.report_of(report)
        members = self._rows("SELECT record_id FROM membership WHERE report_id = ? ORDER BY 1", lead)
        return [int(row[0]) for row in members] or [report]

    # -- rankings ----------------------------------------------------------------------------------

    def add_ranking(self, ranking: Ranking) -> int:
        """Keep a ranking whole; the number of the newest one if that came from the very same input."""
        with self.writing():
            newest = self._row("SELECT id, input_digest FROM ranking ORDER BY id DESC LIMIT 1")
            if newest and newest[1] == ranking.input_digest:
                return int(newest[0])
            number = self._write(
                "INSERT INTO ranking (model, parameters, seed, versions, labels, input_digest, ranked_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                ranking.model, _json(dict(ranking.parameters)), ranking.seed, _json(dict(ranking.versions)),
                _json({str(k): v for k, v in ranking.labels.items()}), ranking.input_digest, self.now(),
            )  # fmt: skip
            self._insert(
                "INSERT INTO rank (ranking_id, position, report_id, score)",
                [(number, i, report, score) for i, (report, score) in enumerate(ranking.order, start=1)],
            )
            return number

    def newest_ranking(self) -> tuple[int, Ranking] | None:
        """The order in force, with its number."""
        row = self._row(
            "SELECT id, model, parameters, seed, versions, labels, input_digest FROM ranking ORDER BY id DESC LIMIT 1"
        )
        if row is None:
            return None
        number, model, parameters, seed, versions, labels, digest = row
        order = self._rows("SELECT report_id, score FROM rank WHERE ranking_id = ? ORDER BY position", number)
        return int(number), Ranking(
            model=str(model), parameters=json.loads(parameters), seed=int(seed), versions=json.loads(versions),
            labels={int(k): int(v) for k, v in json.loads(labels).items()}, input_digest=str(digest),
            order=tuple((int(report), float(score)) for report, score in order),
        )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _link(a: int, b: int, relation: str, by: str, rule: str, version: str, score: float, *rest: str) -> Link:
    evidence, at, kind = rest
    return Link(a, b, relation, by, rule, version, score, json.loads(evidence), at, kind)  # type: ignore[arg-type]

"""What is the same: links between records, and the groups that follow from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from db.opinion import RULES, Link, Ruling
from db.store.connection import Connection

MANY = 10_000
"""From so many records on, all rows are read instead of one by one."""
_BRIEF = "a, b, relation, by, rule, score, said_at"
_LINK = "a, b, relation, by, rule, version, score, evidence, said_at, kind"


class Opinions(Connection):
    """Links between records, and the groups that follow from them."""

    # -- links -------------------------------------------------------------------------------------

    def add_links(self, links: Iterable[Link]) -> int:
        """Keep opinions about pairs; returns how many."""
        at = self._not_before_the_last()
        rows = (
            (x.a, x.b, x.relation, x.by, x.rule, x.version, x.score, _json(dict(x.evidence)), at, x.kind)
            for x in links
        )
        return self._insert(f"INSERT INTO link ({_LINK})", rows)

    def add_rulings(self, rulings: Iterable[Ruling]) -> int:
        """Keep what the rules say, one by one as it comes; returns how many."""
        at = self._not_before_the_last()
        rows = ((a, b, relation, RULES, *rest, at, kind) for a, b, relation, *rest, kind in rulings)
        return self._insert(f"INSERT INTO link ({_LINK})", rows)

    def _not_before_the_last(self) -> str:
        """This moment, or that of the newest opinion when a clock was put back: what was said later stays later."""
        last = self._value("SELECT said_at FROM link ORDER BY id DESC LIMIT 1")
        return max(self.now(), str(last or ""))

    def links(self, *, current: bool = True) -> list[Link]:
        """Opinions in the order they were given; only those in force unless `current` is False."""
        table = "opinion" if current else "link"
        return [_link(*row) for row in self._rows(f"SELECT {_LINK} FROM {table} ORDER BY id")]

    def questions(self) -> list[Link]:
        """Questions of the rules that no person has answered, with their evidence."""
        return [_link(*row) for row in self._rows(f"SELECT {_LINK} FROM opinion WHERE relation = 'ask'")]

    def said(self) -> list[Link]:
        """What people say and have not taken back."""
        return [_link(*row) for row in self._rows(f"SELECT {_LINK} FROM opinion WHERE by <> 'rules'")]

    def links_of(self, a: int, b: int) -> list[Link]:
        """Every opinion ever given about a pair, oldest first."""
        low, high = sorted((a, b))
        return [
            _link(*row)
            for row in self._rows(f"SELECT {_LINK} FROM link WHERE a = ? AND b = ? ORDER BY id", low, high)
        ]

    def standing(self, numbers: Iterable[int] | None = None) -> Iterator[Link]:
        """Opinions in force that join or part, without their evidence: of all pairs, or of those with these records.

        A pair of two of these records comes twice.
        """
        sql = f"SELECT {_BRIEF} FROM opinion WHERE relation <> 'ask'"
        for a, b, relation, by, rule, score, at in self._touching(sql, numbers):
            yield Link(a, b, relation, by, rule, score=score, at=at)

    def ruled(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, int, str]]:
        """Pairs on which the rules have an opinion, with the newest rule: all, or those with these records."""
        sql = "SELECT a, b, rule, max(id) FROM link WHERE by = 'rules'"
        for a, b, rule, _ in self._touching(sql, numbers, "GROUP BY a, b"):
            yield int(a), int(b), str(rule)

    def _touching(
        self, sql: str, numbers: Iterable[int] | None, ending: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a query about pairs: of all, or of those with one of these records on either side."""
        if numbers is None:
            return self._each(f"{sql} {ending}")
        known = list(numbers)
        ends = (f"{sql} AND {end} IN ({{}}) {ending}" for end in ("a", "b"))
        return chain.from_iterable(self._among(each, known) for each in ends)

    def ruling(self, a: int, b: int) -> Ruling | None:
        """The newest opinion of the rules on a pair."""
        row = self._row(
            "SELECT a, b, relation, rule, version, score, evidence, kind FROM link "
            "WHERE a = ? AND b = ? AND by = 'rules' ORDER BY id DESC LIMIT 1", a, b,
        )  # fmt: skip
        return Ruling(*row) if row else None

    # -- groups ------------------------------------------------------------------------------------

    def membership(self, numbers: Iterable[int] | None = None) -> dict[int, tuple[int, int]]:
        """Record → (report, study), each named by its smallest record id: of all records, or of these."""
        sql = "SELECT record_id, report_id, study_id FROM membership"
        rows = (
            self._each(sql) if numbers is None else self._among(f"{sql} WHERE record_id IN ({{}})", numbers)
        )
        return {int(record): (int(report), int(study)) for record, report, study in rows}

    def set_membership(self, groups: Mapping[int, tuple[int, int]]) -> int:
        """Write the groups that follow from the links; returns how many records moved."""
        with self.writing():
            before = self.membership(None if len(groups) > MANY else groups)
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

    def study_of(self, record: int) -> list[int]:
        """The records of the study that this record belongs to."""
        members = self._rows(
            "SELECT record_id FROM membership WHERE study_id = (SELECT study_id FROM membership WHERE record_id = ?) "
            "ORDER BY 1",
            record,
        )
        return [int(row[0]) for row in members] or [record]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _link(a: int, b: int, relation: str, by: str, rule: str, version: str, score: float, *rest: str) -> Link:
    evidence, at, kind = rest
    return Link(a, b, relation, by, rule, version, score, json.loads(evidence), at, kind)  # type: ignore[arg-type]

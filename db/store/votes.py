"""What was said and what was shown: decisions, files that came back, queues and reports that went out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from db.opinion import Decision, Shown, Stage
from db.store.connection import Connection

_DECISION = "record_id, stage, reviewer, verdict, reason, note, decided_at"
_MINE = (
    "SELECT 1 FROM vote mine JOIN membership me ON me.record_id = mine.record_id "
    "JOIN membership it ON it.report_id = me.report_id "
    "WHERE mine.reviewer = ?2 AND mine.stage = d.stage AND it.record_id = d.record_id"
)
"""That reviewer ?2 has a vote in force on the report which decision d is about."""


class Votes(Connection):
    """Decisions, handovers, exports and showings. Nothing here is ever overwritten."""

    def add_decisions(self, decisions: Iterable[Decision], handover: int | None = None) -> int:
        """Append votes, all of them or none; a vote that repeats the reviewer's own newest one is no new vote.

        Returns how many were added.
        """
        added = 0
        with self.writing():
            for vote in decisions:
                newest = self._row(  # `+`: by the record's own index; a reviewer has thousands of votes
                    "SELECT verdict, reason, note FROM decision WHERE record_id = ? AND stage = ? AND +reviewer = ? "
                    "ORDER BY id DESC LIMIT 1", vote.record, vote.stage, vote.reviewer,
                )  # fmt: skip
                if newest == (vote.verdict, vote.reason, vote.note):
                    continue
                self._write(
                    f"INSERT INTO decision ({_DECISION}, handover_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    vote.record, vote.stage, vote.reviewer, vote.verdict, vote.reason, vote.note,
                    vote.at or self.now(), handover,
                )  # fmt: skip
                added += 1
        return added

    def decisions(self, stage: Stage, reviewer: str | None = None) -> list[Decision]:
        """Every vote at a stage, in the order given; of one reviewer only, when named."""
        rows = self._rows(
            f"SELECT {_DECISION}, id FROM decision WHERE stage = ?1 AND (?2 IS NULL OR reviewer = ?2) ORDER BY id",
            stage, reviewer,
        )  # fmt: skip
        return [Decision(*row) for row in rows]

    def decisions_seen_by(self, viewer: str, stage: Stage) -> list[Decision]:
        """What one reviewer may know of the votes at a stage, in the order given.

        All their own; others' only on reports they have voted on themselves, or once the stage is unblinded. Whatever
        works for one reviewer asks this, never `decisions`: it is where two people stay blind to each other.
        """
        rows = self._rows(
            f"SELECT {_DECISION}, id FROM decision d WHERE stage = ?1 AND (reviewer = ?2 "
            f"OR EXISTS (SELECT 1 FROM unblinding u WHERE u.stage = d.stage) OR EXISTS ({_MINE})) ORDER BY id",
            stage, viewer,
        )  # fmt: skip
        return [Decision(*row) for row in rows]

    def add_handover(self, path: str, sha256: str, reviewer: str, rows: int) -> int:
        """Note a file of decisions that came back."""
        return self._write(
            "INSERT INTO handover (path, sha256, reviewer, rows, came_at) VALUES (?, ?, ?, ?, ?)",
            path, sha256, reviewer, rows, self.now(),
        )  # fmt: skip

    def taken(self, sha256: str, reviewer: str, stage: Stage) -> str:
        """When a reviewer's file with these bytes came first, for this stage; empty when it never did."""
        first = self._value(
            "SELECT min(came_at) FROM handover h WHERE sha256 = ? AND reviewer = ? AND NOT EXISTS "
            "(SELECT 1 FROM decision WHERE handover_id = h.id AND stage <> ?)", sha256, reviewer, stage,
        )  # fmt: skip
        return str(first or "")

    def add_export(
        self, path: str, kind: str, reviewer: str, stage: Stage, ranking: int | None,
        reports: Sequence[int], sha256: str,
    ) -> int:  # fmt: skip
        """Note a queue that went out: to whom, which reports, in which order, which bytes."""
        return self._write(
            "INSERT INTO export (path, format, reviewer, stage, ranking_id, reports, sha256, went_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            path, kind, reviewer, stage, ranking, json.dumps(list(reports)), sha256, self.now(),
        )  # fmt: skip

    def add_showing(self, ranking: int, reviewer: str, stage: Stage, report: int, position: int) -> int:
        """Note a single report put before a reviewer: `position` is its place in their queue, from 1."""
        return self._write(
            "INSERT INTO showing (ranking_id, reviewer, stage, report_id, position, shown_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            ranking, reviewer, stage, report, position, self.now(),
        )  # fmt: skip

    def shown(self) -> list[Shown]:
        """What was put before whom, by queue; reports shown one by one stand together, with the last moment."""
        queues = [
            Shown(ranking, reviewer, stage, tuple(json.loads(reports)), at, path)
            for ranking, reviewer, stage, reports, at, path in self._rows(
                "SELECT ranking_id, reviewer, stage, reports, went_at, path FROM export ORDER BY id"
            )
        ]
        single: dict[tuple[int, str, Stage], list[tuple[int, str]]] = {}
        for ranking, reviewer, stage, report, at in self._rows(
            "SELECT ranking_id, reviewer, stage, report_id, shown_at FROM showing ORDER BY id"
        ):
            single.setdefault((ranking, reviewer, stage), []).append((report, at))
        one_by_one = [
            Shown(*key, tuple(report for report, _ in seen), seen[-1][1], "") for key, seen in single.items()
        ]
        return [*queues, *one_by_one]

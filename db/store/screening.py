"""What goes with the votes: resolutions, postponements, pilots, unblinding, full texts, studies. All only added."""

from __future__ import annotations

import json
from collections.abc import Iterable

from db.opinion import Pilot, Postponement, Resolution, Retrieval, Stage, StudyNote, Unblinding
from db.store.connection import Connection


class Screening(Connection):
    """Everything about reading and judging that is no vote."""

    # -- conflicts ---------------------------------------------------------------------------------

    def add_resolution(self, said: Resolution) -> int:
        """Note how the arbiter ends a conflict; the votes it settles are named by their ids."""
        return self._write(
            "INSERT INTO resolution (record_id, stage, arbiter, verdict, reason, note, votes, resolved_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            said.record, said.stage, said.arbiter, said.verdict, said.reason, said.note,
            json.dumps(sorted(said.votes)), said.at or self.now(),
        )  # fmt: skip

    def resolutions(self, stage: Stage) -> list[Resolution]:
        """Every resolution at a stage, in the order given."""
        return [
            Resolution(int(record), stage, str(arbiter), verdict, str(reason), str(note), tuple(json.loads(votes)), at)
            for record, arbiter, verdict, reason, note, votes, at in self._rows(
                "SELECT record_id, arbiter, verdict, reason, note, votes, resolved_at FROM resolution "
                "WHERE stage = ? ORDER BY id", stage,
            )
        ]  # fmt: skip

    def unblind(self, said: Unblinding) -> int:
        """Note that reviewers may see each other's votes at a stage from now on."""
        return self._write(
            "INSERT INTO unblinding (stage, by, because, at) VALUES (?, ?, ?, ?)",
            said.stage, said.by, said.because, said.at or self.now(),
        )  # fmt: skip

    def unblinded(self, stage: Stage) -> Unblinding | None:
        """Since when, by whom and why a stage is open; None while reviewers are blind to each other."""
        row = self._row(
            "SELECT stage, by, because, at FROM unblinding WHERE stage = ? ORDER BY id LIMIT 1", stage
        )
        return Unblinding(*row) if row else None

    # -- who reads what when -----------------------------------------------------------------------

    def postpone(self, said: Iterable[Postponement]) -> int:
        """Note that reports shall come later, or now again; returns how many."""
        return self._insert(
            "INSERT INTO postponement (record_id, stage, reviewer, until, note, postponed_at)",
            ((p.record, p.stage, p.reviewer, p.until, p.note, p.at or self.now()) for p in said),
        )

    def postponed(self, stage: Stage, reviewer: str) -> list[Postponement]:
        """What one reviewer put off and has neither taken up again nor voted on since."""
        rows = self._rows(
            "SELECT record_id, stage, reviewer, until, note, postponed_at FROM postponement p WHERE stage = ?1 "
            "AND reviewer = ?2 AND until <> 'now' AND id = (SELECT max(id) FROM postponement WHERE "
            "record_id = p.record_id AND stage = ?1 AND reviewer = ?2) AND NOT EXISTS (SELECT 1 FROM decision d "
            "WHERE d.record_id = p.record_id AND d.stage = ?1 AND d.reviewer = ?2 AND d.decided_at >= p.postponed_at) "
            "ORDER BY id", stage, reviewer,
        )  # fmt: skip
        return [Postponement(*row) for row in rows]

    def add_pilot(self, drawn: Pilot) -> int:
        """Keep a random sample that everybody reads first."""
        return self._write(
            "INSERT INTO pilot (stage, seed, reports, drawn_by, drawn_at) VALUES (?, ?, ?, ?, ?)",
            drawn.stage, drawn.seed, json.dumps(list(drawn.reports)), drawn.by, drawn.at or self.now(),
        )  # fmt: skip

    def pilots(self, stage: Stage) -> list[Pilot]:
        """Every pilot round of a stage, oldest first."""
        return [
            Pilot(stage, int(seed), tuple(json.loads(reports)), str(by), str(at), int(number))
            for number, seed, reports, by, at in self._rows(
                "SELECT id, seed, reports, drawn_by, drawn_at FROM pilot WHERE stage = ? ORDER BY id", stage
            )
        ]

    # -- full texts and studies --------------------------------------------------------------------

    def add_retrievals(self, said: Iterable[Retrieval]) -> int:
        """Note how far the search for full texts has come; returns how many."""
        return self._insert(
            "INSERT INTO retrieval (record_id, state, place, note, by, at)",
            ((r.record, r.state, r.place, r.note, r.by, r.at or self.now()) for r in said),
        )

    def retrievals(self) -> list[Retrieval]:
        """Everything said about full texts, in the order given."""
        return [
            Retrieval(int(record), state, str(by), str(place), str(note), str(at))
            for record, state, place, note, by, at in self._rows(
                "SELECT record_id, state, place, note, by, at FROM retrieval ORDER BY id"
            )
        ]

    def add_study_notes(self, said: Iterable[StudyNote]) -> int:
        """Note what a person says of studies; returns how many."""
        return self._insert(
            "INSERT INTO study_note (record_id, field, value, because, by, at)",
            ((n.record, n.field, n.value, n.because, n.by, n.at or self.now()) for n in said),
        )

    def study_notes(self) -> list[StudyNote]:
        """Everything people said of studies, in the order given."""
        return [
            StudyNote(int(record), field, str(value), str(by), str(because), str(at))
            for record, field, value, because, by, at in self._rows(
                "SELECT record_id, field, value, because, by, at FROM study_note ORDER BY id"
            )
        ]

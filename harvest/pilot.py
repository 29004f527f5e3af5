"""The pilot: a random sample that every reviewer reads first, to find out whether the criteria are understood alike."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from db.errors import WrongUse
from db.opinion import Pilot, Stage
from db.store import Store
from harvest.blind import told
from harvest.project import Project
from harvest.screening import states
from harvest.waiting import readable
from screen.agree import ReportState
from screen.plan import TITLE

_UNREAD = ReportState()


@dataclass(frozen=True, slots=True)
class Round:
    """How far a pilot round has come."""

    number: int
    """From 1, at its stage."""
    stage: str
    at: str
    by: str
    seed: int
    reports: int
    read: dict[str, int]
    """Reviewer → how many of its reports they have voted on."""
    settled: int
    """Reports on which everybody has voted."""
    conflicts: int
    """Of these, how many the reviewers judge differently, whether or not the arbiter has settled them since."""

    @property
    def complete(self) -> bool:
        """Whether everybody has voted on everything."""
        return self.settled == self.reports

    def to_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self) | {"complete": self.complete}


def draw(
    store: Store, project: Project, size: int, by: str, stage: Stage = TITLE, *, dry_run: bool = False
) -> Pilot:
    """Draw reports on which nobody has voted yet, and keep the draw.

    The seed is `[ranking] seed`; the lot is another one than that of the reports read twice and of the audits, so
    that these stay random samples of the rest. Raises `WrongUse` without a name, without reviewers, and when fewer
    reports are left than are to be drawn.
    """
    if not by.strip():
        raise WrongUse("A pilot is drawn by somebody: say --by NAME.")
    if not project.reviewers:
        raise WrongUse("Nobody screens yet: name them under [screening] reviewers in review.toml.")
    earlier = store.pilots(stage)
    left = _untouched(store, project, stage)
    if size > len(left):
        raise WrongUse(
            f"{len(left)} reports at {stage} have no vote and were in no pilot: draw no more than that."
        )
    seed = project.ranking.seed
    lots = sorted(left, key=lambda report: _lot(seed, len(earlier) + 1, report))
    drawn = Pilot(stage, seed, tuple(lots[:size]), by.strip())
    if not dry_run:
        store.add_pilot(drawn)
    return drawn


def _lot(seed: int, number: int, report: int) -> bytes:
    return hashlib.sha256(f"pilot {number}\n{seed}\n{report}".encode()).digest()


def _untouched(store: Store, project: Project, stage: Stage) -> frozenset[int]:
    """Reports that can be read at a stage, that nobody has ever voted on there, and that no pilot holds."""
    groups = store.membership()
    seen = {vote.record for vote in store.decisions(stage)}
    seen |= {record for pilot in store.pilots(stage) for record in pilot.reports}
    return readable(store, project, stage) - {groups[record][0] for record in seen if record in groups}


def rounds(store: Store, project: Project, stage: Stage = TITLE) -> list[Round]:
    """Every pilot round of a stage, oldest first; no verdict can be told from it before all are given."""
    groups = store.membership()
    voted, known = states(store, project, stage), told(store, project, stage)
    found = []
    for number, pilot in enumerate(store.pilots(stage), start=1):
        leads = {groups[record][0] for record in pilot.reports}
        read = {
            name: sum(name in voted.get(lead, _UNREAD).voters for lead in leads) for name in project.reviewers
        }
        settled = [known[lead] for lead in leads if voted.get(lead, _UNREAD).outcome != "open"]
        conflicts = sum(_disputed(state) for state in settled)
        found.append(
            Round(number, stage, pilot.at, pilot.by, pilot.seed, len(leads), read, len(settled), conflicts)
        )
    return found


def _disputed(state: ReportState) -> bool:
    """Whether the votes differ, also where the arbiter has ended it."""
    reasons = len(set(state.reasons.values())) > 1 and set(state.verdicts.values()) == {"exclude"}
    differ = len(set(state.verdicts.values())) > 1 or bool(state.second_look)
    return differ or ((state.outcome == "conflict" or state.resolution is not None) and reasons)

"""Who reads what next.

A queue is the ranked order, less what this reviewer has voted on and what enough others have. Nothing is
left out because of its rank, nobody is asked twice, and a queue depends on who has voted, never on what
they said: two reviewers stay blind to each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from db.errors import WrongUse
from screen.agree import ReportState
from screen.plan import Plan

_UNREAD = ReportState()


def queue(
    order: Sequence[int],
    states: Mapping[int, ReportState],
    reviewer: str,
    plan: Plan,
) -> tuple[int, ...]:
    """Reports this reviewer is to read, in order.

    A report without a state has no votes. A report with a state that the order does not hold (it came after
    the ranking) stands at the end. Where there are more reviewers than votes needed, the work is
    split: see `asked`.

    Raises:
        WrongUse: the reviewer is not one of the reviewers.
    """
    if reviewer not in plan.reviewers:
        raise WrongUse(f"{reviewer!r} is no reviewer of this review; they are {', '.join(plan.reviewers)}.")
    ranked = dict.fromkeys(order)
    late = sorted(states.keys() - ranked.keys())
    return tuple(
        report for report in (*ranked, *late) if reviewer in asked(report, states.get(report, _UNREAD), plan)
    )


def arranged(waiting: Sequence[int], first: Sequence[int], last: Sequence[int]) -> tuple[int, ...]:
    """What waits, with `first` in front and `last` at the end, each in its own order; nothing comes in or falls out."""
    there, off = set(waiting), set(last)
    front = [report for report in dict.fromkeys(first) if report in there - off]
    back = [report for report in dict.fromkeys(last) if report in there]
    moved = off.union(front)
    return (*front, *(report for report in waiting if report not in moved), *back)


def asked(report: int, state: ReportState, plan: Plan) -> tuple[str, ...]:
    """Who is still to vote on a report: as many as it lacks, of those who have not.

    Who they are depends on the report's number and the names alone (rendezvous hashing, Thaler & Ravishankar
    1998, doi 10.1109/90.663936): the same today and after another ranking, about the same number for
    everybody, and when somebody joins or leaves only their share moves. Votes of people who have left count.
    """
    lacking = plan.needed(report) - len(state.voters)
    free = [name for name in dict.fromkeys(plan.reviewers) if name not in state.voters]
    if lacking <= 0:
        return ()
    if lacking >= len(free):
        return tuple(free)
    return tuple(sorted(free, key=lambda name: _lot(report, name))[:lacking])


def workload(order: Sequence[int], states: Mapping[int, ReportState], plan: Plan) -> dict[str, int]:
    """Reviewer → how many reports they still have to read."""
    return {name: len(queue(order, states, name, plan)) for name in plan.reviewers}


def _lot(report: int, name: str) -> bytes:
    return hashlib.sha256(f"{report}\n{name}".encode()).digest()

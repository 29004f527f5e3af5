"""The public page of a living review: one line after every run, also when there was nothing new.

Cochrane's guidance on living reviews (2019) asks for a frequency and a trigger that are stated beforehand, for
the status after every search, and for a reason when the living mode ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from harvest import files
from harvest.outcome import Outcome
from harvest.project import Project
from harvest.schedule import following
from harvest.status import Status

PAGE = Path("reports", "STATUS.md")
_MOST = 50_000_000
_COLUMNS = (
    "searched (UTC)", "searches", "new records", "reports to screen", "included so far", "excluded so far",
    "next search",
)  # fmt: skip


def keep_page(project: Project, outcome: Outcome, status: Status, today: date) -> Path | None:
    """Add a run to the page; None when the project is no living review.

    Raises `StoreError` or `WrongUse` when the page cannot be written or read.
    """
    if not project.schedule.every or outcome.dry:
        return None
    path = project.folder / PAGE
    before = files.whole(path, _MOST).decode("utf-8", "replace") if path.exists() else _head(project)
    over = _over(project, today)
    if over and over in before:
        return None
    body = before + _row(_line(project, outcome, status, today)) + (f"\n{over}\n" if over else "")
    files.put(path, body.encode())
    return path


def _head(project: Project) -> str:
    """What stands above the lines; the page is the reviewers' from then on, and only added to."""
    plan, protocol = project.schedule, project.protocol
    registered = " ".join(said for said in (protocol.registration, protocol.url) if said)
    said = [
        f"# {project.title}: status of a living review",
        f"Protocol: {registered}." if registered else "",
        f"The searches are repeated {plan.every}.",
        f"The review is updated when: {plan.trigger}." if plan.trigger else "",
    ]
    table = _row(_COLUMNS) + _row(["---"] * len(_COLUMNS))
    return "\n\n".join([*(line for line in said if line), table])


def _line(project: Project, outcome: Outcome, status: Status, today: date) -> list[str]:
    failed = [search.name for search in outcome.searches if search.state == "failed"]
    searched = f"{len(outcome.searches) - len(failed)} of {len(outcome.searches)}"
    due = following(project, today)
    return [
        today.isoformat(),
        f"{searched}, failed: {', '.join(failed)}" if failed else "all",
        str(outcome.new or "none"),
        str(outcome.to_screen),
        str(status.included),
        str(status.excluded),
        due.isoformat() if due and not project.schedule.over(due) else "none",
    ]


def _over(project: Project, today: date) -> str:
    """That the living mode has ended, and why; empty while it goes on."""
    plan = project.schedule
    return f"The living mode ended on {plan.ended}: {plan.ended_because}." if plan.over(today) else ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"

"""What a report of a study is: a full article, an abstract, a registration …; and whether a trial is under way."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from db.record import Record
from dedupe.normal import form

ReportKind: TypeAlias = Literal[
    "article", "preprint", "follow-up", "conference abstract", "protocol", "registration"
]
FULLEST_FIRST: tuple[ReportKind, ...] = (
    "article", "preprint", "follow-up", "conference abstract", "protocol", "registration",
)  # fmt: skip
"""The earliest of the first kind there is, is the primary report where nobody has chosen another."""

_LATER = re.compile(
    r"\bfollow(?:ed)?[- ]?ups?\b|\blong[- ]term\b|\b(?:years?|months?) (?:later|after|on\b)", re.IGNORECASE
)
_RUNNING = re.compile(
    r"recruit|enrol|active|ongoing|authori[sz]ed|pending|\bopen|under way|in progress|continuing|suspended|halted",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"complet|terminat|withdrawn|stopped|unknown|expired|revoked|\bended|closed|finished|^not recruiting$",
    re.IGNORECASE,
)


def kind_of(record: Record) -> ReportKind:
    """What a report is, by the type of its record, its title, its pages and where it appeared.

    A title that tells of years later is a follow-up; where nothing says otherwise it is an article.
    """
    told = form(1, record)
    if told.registration:
        return "registration"
    if told.protocol:
        return "protocol"
    if told.preprint:
        return "preprint"
    if told.conference:
        return "conference abstract"
    return "follow-up" if _LATER.search(record.title) else "article"


def is_running(status: str) -> bool:
    """Whether a register's word means that the trial goes on: not begun, recruiting, following up, or interrupted.

    Registers have words of their own (`ACTIVE_NOT_RECRUITING`; `Ongoing, recruitment ended`; `Completed, Ongoing` for
    two countries): each part between commas is judged, and one that goes on is enough. `Not recruiting` alone, as in
    the WHO's portal, says that recruitment is over and nothing of the trial; it counts as over.
    """
    parts = [part.replace("_", " ").strip() for part in status.split(",")]
    return any(_RUNNING.search(part) and not _OVER.search(part) for part in parts)

"""The tables of a bundle: each with a question to the database, and what its columns mean.

A column of kind `person` holds a name, which may be a pseudonym. Moments are UTC, ISO 8601 with Z. Cells that a
spreadsheet would compute have an apostrophe in front (`screen.cells`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from screen.cells import neutral

Kind: TypeAlias = Literal["string", "integer", "number", "datetime", "person"]


class Column(NamedTuple):
    """One column."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    name: str
    about: str
    columns: tuple[Column, ...]
    sql: str = ""
    """What gives the rows; empty where they are put together."""

    @property
    def path(self) -> str:
        """Of the file in the bundle."""
        return f"data/{self.name}.csv"

    def csv(self, rows: Iterable[Sequence[object]]) -> bytes:
        """UTF-8, commas, lines ended by LF."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(column.name for column in self.columns)
        writer.writerows(["" if cell is None else neutral(str(cell)) for cell in row] for row in rows)
        return text.getvalue().encode()


def _columns(*told: tuple[str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(*each) for each in told)


_ID: tuple[str, Kind, str] = ("id", "integer", "number of the row")
_RECORD: tuple[str, Kind, str] = ("record", "integer", "number of the record; shown to people as H000123")
_STAGE: tuple[str, Kind, str] = ("stage", "string", "title and abstract, or full text")
_AT: tuple[str, Kind, str] = ("at", "datetime", "when it was said")
_REASON: tuple[str, Kind, str] = ("reason", "string", "code of a reason in review.json")
_NOTE: tuple[str, Kind, str] = ("note", "string", "remark, as it was written")
_VERDICT: tuple[str, Kind, str] = ("verdict", "string", "include, exclude or unsure")

RECORDS = Sheet(
    "records", "What the sources hold, one row a record: enough to find it again, without its abstract.",
    _columns(
        _RECORD, ("report", "integer", "smallest record of the same document"),
        ("study", "integer", "smallest report of the same investigation"), ("source", "string", "where it is from"),
        ("key", "string", "by which the source knows it"), ("kind", "string", "article, registration …"),
        ("title", "string", ""), ("authors", "string", "parted by semicolons"), ("journal", "string", ""),
        ("year", "integer", "of publication"), ("volume", "string", ""), ("issue", "string", ""),
        ("pages", "string", ""), ("identifiers", "string", "scheme:value, parted by blanks"),
        ("search", "string", "the search that counts it in the flow"),
        ("previous", "string", "yes: an earlier version of the review had included it"),
    ),
)  # fmt: skip
ABSTRACTS = Sheet(
    "abstracts", "Abstracts, left out unless asked for: they are the publishers' own.",
    _columns(_RECORD, ("abstract", "string", "as the source gives it")),
)  # fmt: skip
REPORTS = Sheet(
    "reports", "Documents and registrations, and how many people must vote on each.",
    _columns(
        ("report", "integer", ""), ("study", "integer", ""),
        ("needed_title", "integer", "votes needed at title and abstract"),
        ("needed_full_text", "integer", "votes needed on the full text"),
    ),
)  # fmt: skip
SEARCHES = Sheet(
    "searches", "The searches of the review; their texts stand in strategies/.",
    _columns(
        ("search", "string", "name in the review"), ("source", "string", ""),
        ("label", "string", "database or register"),
        ("platform", "string", ""), ("register", "string", "yes for a register"),
        ("method", "string", "of a search by other methods than databases and registers"),
        ("last_searched", "string", "day, UTC"), ("records", "integer", "ever found"),
        ("reports", "integer", "the same, duplicates taken together"),
    ),
)  # fmt: skip
VOTES = Sheet(
    "votes", "Every vote, oldest first; none was ever changed. Who changed their mind voted again.",
    _columns(
        _ID, _RECORD, _STAGE, ("reviewer", "person", "who voted"),
        ("verdict", "string", "include, exclude, unsure, withdrawn; held back: others have still to vote blind"),
        _REASON, _NOTE, _AT,
    ),
    "SELECT id, record_id, stage, reviewer, verdict, reason, note, decided_at FROM decision ORDER BY id",
)  # fmt: skip
RESOLUTIONS = Sheet(
    "resolutions", "How conflicts ended. A resolution holds as long as the votes it settled are the newest.",
    _columns(
        _ID, _RECORD, _STAGE, ("arbiter", "person", "who decided"), _VERDICT, _REASON, _NOTE,
        ("votes", "string", "ids of the votes settled, as JSON"), _AT,
    ),
    "SELECT id, record_id, stage, arbiter, verdict, reason, note, votes, resolved_at FROM resolution ORDER BY id",
)  # fmt: skip
RETRIEVALS = Sheet(
    "retrievals", "How far the search for full texts came; the newest word on a record counts.",
    _columns(_ID, _RECORD, ("state", "string", "sought, retrieved, not retrieved"), ("by", "person", ""), _NOTE, _AT),
    "SELECT id, record_id, state, by, note, at FROM retrieval ORDER BY id",
)  # fmt: skip
STUDIES = Sheet(
    "studies", "What people said of studies, by any record of theirs; the newest word counts.",
    _columns(
        _ID, _RECORD, ("field", "string", "label, primary or state"), ("value", "string", ""),
        ("because", "string", ""), ("by", "person", ""), _AT,
    ),
    "SELECT id, record_id, field, value, because, by, at FROM study_note ORDER BY id",
)  # fmt: skip
UNREADABLE = Sheet(
    "unreadable", "What came as a record and could not be read; the text itself is left out.",
    _columns(_ID, ("search", "string", "the search that counts it in the flow")),
)  # fmt: skip
FLOW = Sheet(
    "flow", "The boxes of the PRISMA 2020 flow diagram; `harvest bundle verify` counts them anew.",
    _columns(
        ("box", "string", "name as in the PRISMA2020 flow-diagram tool, where that has one"), ("label", "string", ""),
        ("unit", "string", "records, reports or studies"), ("n", "integer", ""),
        ("ids", "string", "parted by blanks; below 0: rows of unreadable.csv"),
    ),
)  # fmt: skip

FROM_THE_STORE: tuple[Sheet, ...] = (
    VOTES, RESOLUTIONS, RETRIEVALS, STUDIES,
    Sheet(
        "runs", "Every start of the program that asked or read something.",
        _columns(("run", "integer", ""), ("command", "string", ""), ("version", "string", "of Harvest"),
                 ("started_at", "datetime", ""), ("finished_at", "datetime", ""), ("exit_code", "integer", "")),
        "SELECT id, command, version, started_at, finished_at, exit_code FROM run ORDER BY id",
    ),
    Sheet(
        "askings", "Every asking of every search: what the source promised, listed and delivered, and how it read it.",
        _columns(("asking", "integer", ""), ("run", "integer", ""), ("search", "string", ""),
                 ("strategy", "string", "SHA-256 of the wording, as in strategies/"), ("state", "string", ""),
                 ("promised", "integer", "how many the source said match"), ("listed", "integer", ""),
                 ("stored", "integer", ""), ("missing", "string", "keys listed and not delivered, as JSON"),
                 ("translation", "string", "the source's own reading"), ("warnings", "string", "as JSON"),
                 ("failure", "string", ""), ("started_at", "datetime", ""), ("finished_at", "datetime", "")),
        "SELECT f.id, f.run_id, s.name, s.digest, f.state, f.promised, f.listed, f.stored, f.missing, f.translation, "
        "f.warnings, f.failure, f.started_at, f.finished_at FROM fetch f JOIN search s ON s.id = f.search_id "
        "ORDER BY f.id",
    ),
    Sheet(
        "answers", "Every answer of a source by its digest: who has the answer can prove that it is this one.",
        _columns(("answer", "integer", ""), ("asking", "integer", ""), ("kind", "string", ""),
                 ("request", "string", "JSON, without secrets"), ("missing", "string", "JSON"),
                 ("fetched_at", "datetime", ""), ("sha256", "string", "of the bytes that came")),
        "SELECT id, fetch_id, kind, request, missing, fetched_at, sha256 FROM page ORDER BY id",
    ),
    Sheet(
        "sightings", "When a search found a record, or no longer found it, and why.",
        _columns(_ID, ("search", "string", ""), ("asking", "integer", ""), _RECORD,
                 ("event", "string", "appeared, disappeared"), ("reason", "string", "why"), _AT),
        "SELECT g.id, s.name, g.fetch_id, g.record_id, g.event, g.reason, g.seen_at FROM sighting g "
        "JOIN search s ON s.id = g.search_id ORDER BY g.id",
    ),
    Sheet(
        "links", "Opinions on which records are the same: of the rules, and of people, whose word counts.",
        _columns(_ID, ("a", "integer", "record"), ("b", "integer", "record"), ("relation", "string", ""),
                 ("kind", "string", ""), ("by", "person", "or rules"), ("rule", "string", ""),
                 ("version", "string", "of the rules"), ("score", "number", ""), ("evidence", "string", "JSON"), _AT),
        "SELECT id, a, b, relation, kind, by, rule, version, score, evidence, said_at FROM link ORDER BY id",
    ),
    Sheet(
        "pilots", "Random samples that everybody read first.",
        _columns(_ID, _STAGE, ("seed", "integer", ""), ("reports", "string", "as drawn, JSON"),
                 ("by", "person", ""), _AT),
        "SELECT id, stage, seed, reports, drawn_by, drawn_at FROM pilot ORDER BY id",
    ),
    Sheet(
        "unblindings", "From when on reviewers could see each other's votes.",
        _columns(_ID, _STAGE, ("by", "person", ""), ("because", "string", ""), _AT),
        "SELECT id, stage, by, because, at FROM unblinding ORDER BY id",
    ),
    Sheet(
        "rankings", "Every order of reading that was made, and from what: it orders, and never excludes.",
        _columns(("ranking", "integer", ""), ("model", "string", ""), ("parameters", "string", "JSON"),
                 ("seed", "integer", ""), ("versions", "string", "of the libraries, JSON"),
                 ("labels", "integer", "how many votes' labels it learnt from"),
                 ("labels_digest", "string", "SHA-256"), ("input_digest", "string", "SHA-256"),
                 ("reports", "integer", "how many it ordered"), ("order_digest", "string", "SHA-256"),
                 ("because", "string", "what it was made for"), _AT),
        "SELECT g.id, g.model, g.parameters, g.seed, g.versions, (SELECT count(*) FROM json_each(g.labels)), "
        "g.labels_digest, g.input_digest, o.reports, o.digest, g.because, g.ranked_at "
        "FROM ranking g JOIN ordering o ON o.ranking_id = g.id ORDER BY g.id",
    ),
    Sheet(
        "queues", "What was put before whom, in which order.",
        _columns(_ID, ("reviewer", "person", ""), _STAGE, ("ranking", "integer", ""), ("format", "string", ""),
                 ("reports", "string", "in the order shown, JSON"), ("sha256", "string", "of the file"), _AT),
        "SELECT id, reviewer, stage, ranking_id, format, reports, sha256, went_at FROM export ORDER BY id",
    ),
    Sheet(
        "showings", "Reports put before a reviewer one by one.",
        _columns(_ID, ("reviewer", "person", ""), _STAGE, ("ranking", "integer", ""), ("report", "integer", ""),
                 ("position", "integer", "place in the queue"), _AT),
        "SELECT id, reviewer, stage, ranking_id, report_id, position, shown_at FROM showing ORDER BY id",
    ),
    Sheet(
        "notices", "What sources say became of papers: retracted, doubted, corrected.",
        _columns(_ID, _RECORD, ("kind", "string", ""), ("said_by", "string", ""), ("word", "string", ""),
                 ("citation", "string", ""), ("date", "string", "of the notice"),
                 ("standing", "integer", "0: no longer said"), _AT),
        "SELECT id, record_id, kind, said_by, word, citation, date, standing, seen_at FROM notice ORDER BY id",
    ),
)  # fmt: skip
"""Tables that are one question each."""

PUT_TOGETHER = (RECORDS, REPORTS, SEARCHES, UNREADABLE, FLOW)

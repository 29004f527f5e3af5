"""`harvest report notices`: papers that were retracted, doubted, corrected or replaced, each with its notice cited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.store import Store
from harvest.notices import WORDS
from harvest.notices_review import Paper, papers, said
from harvest.project import Project
from harvest.reports.document import Block, Cell, Paragraph, Report, Section, Table
from screen.export import harvest_id

NAME = "notices"
COLUMNS = (
    "report", "title", "what it comes to", "included by", "kind", "said by", "source's word", "citation", "notice",
    "date", "seen",
)  # fmt: skip
_HEADINGS = {
    "retraction": "Retracted",
    "replacement": "Retracted and republished",
    "concern": "Expression of concern",
    "correction": "Corrected",
    "reinstatement": "Reinstated after a retraction",
}


def build(store: Store, project: Project) -> Report:
    """Every paper of the review of which something is said, the gravest first."""
    found = papers(store, project)
    rows = [row for paper in found for row in _rows(paper)]
    return Report(
        NAME,
        f"Retractions and corrections: {project.title}",
        tuple(_blocks(found)),
        Table(COLUMNS, tuple(rows)),
    )


def _blocks(found: Sequence[Paper]) -> Iterator[Block]:
    yield Paragraph(
        "What the sources say became of the papers in this review. Cochrane lists a retracted study among the excluded "
        "ones, with the notice cited; a correction or an expression of concern is no retraction."
    )
    if not found:
        yield Paragraph("Nothing is said of any paper.")
    for kind in WORDS:
        of_kind = [paper for paper in found if paper.kind == kind]
        if of_kind:
            rows = tuple(_shown(paper) for paper in of_kind)
            yield Section(
                _HEADINGS[kind], (Table(("report", "title", "included by", "who says so, and where"), rows),)
            )


def _shown(paper: Paper) -> tuple[Cell, ...]:
    who = ", ".join(paper.included_by) or ("excluded" if paper.excluded else None)
    return harvest_id(paper.report), paper.title, who, "\n".join(map(said, paper.notices))


def _rows(paper: Paper) -> Iterator[tuple[Cell, ...]]:
    """One row a notice."""
    for notice in paper.notices:
        names = "; ".join(f"{i.scheme}:{i.value}" for i in notice.identifiers)
        yield (
            harvest_id(paper.report), paper.title, WORDS[paper.kind], ", ".join(paper.included_by), notice.kind,
            notice.said_by, notice.word, notice.citation, names, notice.date, notice.at[:10],
        )  # fmt: skip

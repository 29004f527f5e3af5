"""What became of a paper after it was published, as it is kept: notices, each with who said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from db.record import Identifier

NoticeKind: TypeAlias = Literal["retraction", "concern", "correction", "replacement", "reinstatement"]
"""retraction: do not rely on it · concern: its editors doubt it · correction: erratum, corrigendum, partial
retraction · replacement: retracted and republished in a corrected form · reinstatement: a retraction taken back."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one source says became of one record's paper."""

    record: int
    """The paper it is about, never the notice itself."""
    kind: NoticeKind
    said_by: str
    """A source (`pubmed`, `file:embase`), `Crossref` when it was asked by DOI, or `Retraction Watch`."""
    word: str = ""
    """The source's own word for it: RetractionIn, expression_of_concern, Retracted Publication …"""
    citation: str = ""
    """Where the notice stands, as the source cites it."""
    identifiers: tuple[Identifier, ...] = ()
    """PMID and DOI of the notice."""
    date: str = ""
    """Of the notice, as far as known, ISO 8601: 2010, 2010-02, 2010-02-06."""
    evidence: str = "{}"
    """JSON: what the source said, as it said it."""
    standing: bool = True
    """False: the source said so before, and says so no longer."""
    run: int | None = None
    at: str = ""
    """When it was seen first in this form; UTC, ISO 8601 with Z; empty until stored."""

    @property
    def name(self) -> str:
        """By which a notice is known again: its identifiers, else its citation, else the source's word."""
        names = sorted(f"{i.scheme}:{i.value}" for i in self.identifiers)
        return " ".join(names) or self.citation or self.word

    @property
    def key(self) -> tuple[int, str, str, str]:
        """Record, who said it, kind and name: of these the newest row counts."""
        return self.record, self.said_by, self.kind, self.name

    def same(self, other: Notice) -> bool:
        """Whether nothing was said anew."""
        return replace(self, run=None, at="") == replace(other, run=None, at="")

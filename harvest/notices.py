"""What became of a paper, as its sources say it: retraction, concern, correction, replacement, reinstatement; pure.

Four things are told apart, and only the first is a retraction:

============  ======================================  ====================================================
kind          PubMed (NLM) · Europe PMC               Crossref · Retraction Watch
============  ======================================  ====================================================
retraction    RetractionIn, Retracted Publication     retraction, withdrawal, removal · Retraction
replacement   RetractedandRepublishedIn               a retraction for the reason "Retract and Replace"
concern       ExpressionOfConcernIn                   expression_of_concern · Expression of concern
correction    ErratumIn, CorrectedandRepublishedIn,   correction, corrigendum, erratum, addendum,
              PartialRetractionIn                     clarification, partial_retraction · Correction
============  ======================================  ====================================================

A partial retraction is a correction, as for NLM since 2016 (Technical Bulletin 2016;412:e3). A *reinstatement*
(Retraction Watch) ends the retractions before it. A notice is about another paper: nothing here makes a retraction
notice a retracted paper. New versions and editions are no notices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TypeAlias

from db.notice import Notice, NoticeKind
from db.record import Identifier, Record, Relation

Carriers: TypeAlias = Mapping[tuple[str, str], Sequence[int]]
"""(scheme, value in lower case) → the records that carry this identifier as their own."""

CROSSREF, WATCH = "Crossref", "Retraction Watch"
"""Who says so when they were asked; Crossref adds in brackets from whom it has it."""
SCHEMES = ("doi", "pmid")
"""Identifiers by which papers and notices are found."""

WORDS: Mapping[NoticeKind, str] = {
    "retraction": "retracted",
    "replacement": "retracted and republished",
    "concern": "expression of concern",
    "correction": "corrected",
    "reinstatement": "reinstated after a retraction",
}
"""How each kind is called; the order is that of gravity."""

KINDS: Mapping[str, NoticeKind] = {
    "retraction": "retraction", "withdrawal": "retraction", "removal": "retraction",
    "retracted and republished": "replacement", "retraction and replacement": "replacement",
    "expression of concern": "concern",
    "erratum": "correction", "corrigendum": "correction", "correction": "correction", "addendum": "correction",
    "clarification": "correction", "partial retraction": "correction", "corrected and republished": "correction",
    "reinstatement": "reinstatement",
}  # fmt: skip
"""Every source's word, as `_word` writes it, and what it comes to."""

_RELAYED = frozenset({"publisher", "retraction-watch"})
"""From whom Crossref has an update: both may tell of the same one."""
_RETRACTED_TYPES = frozenset({"retracted publication", "retracted article"})
_MARKED = re.compile(
    r"\W*retracted(?P<again>\s+and\s+re(?:published|placed))?(?:\s+(?:article|paper))?\W*[:\]]", re.IGNORECASE
)
"""`RETRACTED: …`, `[Retracted] …`: the publisher's mark on the paper itself (a notice says `Retraction: …`)."""
_REGISTERED = re.compile(r"retracted: PMID (?P<pmid>\d*) \((?P<source>[^()]*)\)")
"""How the reader of ClinicalTrials.gov notes what NLM says of a paper that a registration refers to."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATED = re.compile(rf"\b((?:19|20)\d\d)(?: ({'|'.join(_MONTHS)})\w*(?: (\d{{1,2}})\b)?)?")


def stated(records: Iterable[tuple[int, Record]], carriers: Carriers) -> Iterator[Notice]:
    """What records say of themselves, and of other papers of the review.

    A paper names its notice (`RetractionIn`), and a notice names its paper (`RetractionOf`): the second says of a
    paper that is in the review what its own record may not say yet.
    """
    for number, record in records:
        own = [notice for relation in record.relations for notice in _incoming(number, record, relation)]
        yield from own
        yield from _marked(number, record, {notice.kind for notice in own})
        for relation in record.relations:
            yield from _outgoing(number, record, relation, carriers)
            yield from _registered(record, relation, carriers)


def kind_of(word: str) -> NoticeKind | None:
    """What a source's word comes to; None when it is about something else."""
    return KINDS.get(_word(word))


def _incoming(number: int, record: Record, relation: Relation) -> Iterator[Notice]:
    """The record names a notice about itself."""
    name = _word(relation.kind)
    kind = KINDS.get(name.removesuffix(" in"))
    if kind and (name.endswith(" in") or name in KINDS):
        date = _dated(relation.note) or _dated(relation.citation)
        said_by = f"{record.source} ({relation.note})" if relation.note in _RELAYED else record.source
        yield Notice(
            number, kind, said_by, relation.kind, relation.citation, relation.identifiers, date, _json(relation)
        )  # fmt: skip


def _outgoing(number: int, record: Record, relation: Relation, carriers: Carriers) -> Iterator[Notice]:
    """The record is a notice and names its paper: the notice is the record itself."""
    name = _word(relation.kind)
    stem = re.sub(r" (?:of|for|from)$", "", name)
    if stem == name or not (kind := KINDS.get(stem)):
        return
    citation = _citation(record)
    itself = tuple(
        i for i in record.identifiers if i.scheme in SCHEMES and i.origin not in ("abstract", "reference")
    )
    for paper in _carried(relation.identifiers, carriers):
        if paper != number:
            yield Notice(
                paper, kind, record.source, relation.kind, citation, itself, record.date or str(record.year or ""),
                _json(relation),
            )  # fmt: skip


def _registered(record: Record, relation: Relation, carriers: Carriers) -> Iterator[Notice]:
    """A registration says that a paper it refers to was retracted; the registration itself was not."""
    for match in _REGISTERED.finditer(relation.note):
        names = (Identifier("pmid", match["pmid"]),) if match["pmid"] else ()
        for paper in _carried(relation.identifiers, carriers):
            yield Notice(
                paper, "retraction", record.source, "retractions", match["source"], names, _dated(match["source"]),
                _json(relation),
            )  # fmt: skip


def _marked(number: int, record: Record, said: Iterable[NoticeKind]) -> Iterator[Notice]:
    """The record is typed or titled as retracted, and names no notice that would say so."""
    if not {"retraction", "replacement"}.isdisjoint(said):
        return
    typed = next((t for t in record.publication_types if t.casefold() in _RETRACTED_TYPES), "")
    marked = _MARKED.match(record.title)
    if typed or marked:
        kind: NoticeKind = "replacement" if marked and marked["again"] else "retraction"
        word = typed or f"title: {record.title[: marked.end() if marked else 0].strip()}"
        evidence = json.dumps({"publication_types": record.publication_types, "title": record.title})
        yield Notice(number, kind, record.source, word, evidence=evidence)


def _carried(names: Iterable[Identifier], carriers: Carriers) -> list[int]:
    found = (carriers.get((name.scheme, name.value.lower()), ()) for name in names)
    return list(dict.fromkeys(number for numbers in found for number in numbers))


def _word(said: str) -> str:
    """`RetractedandRepublishedIn`, `retracted_and_republished` → `retracted and republished in`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_|-", " ", said)
    apart = re.sub(r"(?<=ed)and\b", " and", apart)
    return " ".join(apart.lower().split())


def _dated(citation: str) -> str:
    """The first date in a citation as NLM writes it (`Lancet. 2010 Feb 6;375:445.`), or an ISO date."""
    if iso := re.search(r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b", citation):
        return iso[0]
    match = _DATED.search(citation)
    if not match:
        return ""
    parts = [match[1]]
    parts += [f"{_MONTHS.index(match[2]) + 1:02}"] if match[2] else []
    parts += [f"{int(match[3]):02}"] if match[3] else []
    return "-".join(parts)


def _citation(record: Record) -> str:
    """`Title. Journal. 2010-02-06. 375(9713):445`, as far as known."""
    issue = f"({record.issue})" if record.issue else ""
    place = f"{record.volume}{issue}:{record.pages or record.article_number}".strip(":")
    journal, when = record.journal or record.journal_abbreviation, record.date or str(record.year or "")
    return ". ".join(part for part in (record.title.rstrip("."), journal, when, place) if part)


def _json(relation: Relation) -> str:
    return json.dumps(asdict(relation), ensure_ascii=False, sort_keys=True)


# -- what it comes to --------------------------------------------------------------------------------


def fate(said: Sequence[Notice]) -> NoticeKind | None:
    """What became of one paper, from all that was said of it; None when nothing was.

    A retraction that was taken back later counts no more, nor one that somebody else calls retracted and republished,
    unless it came after that and is another notice. Dates that are not known speak for the milder reading, for the
    same notice is often dated by one source only.
    """
    retractions = [notice for notice in said if notice.kind == "retraction"]
    milder = [notice for notice in said if notice.kind in ("replacement", "reinstatement")]
    kinds = {notice.kind for notice in said}
    if any(not any(_ends(other, notice) for other in milder) for notice in retractions):
        return "retraction"
    return next((kind for kind in WORDS if kind != "retraction" and kind in kinds), None)


def _ends(milder: Notice, retraction: Notice) -> bool:
    """Whether a replacement or a reinstatement says the last word about a retraction."""
    if milder.kind == "replacement" and set(milder.identifiers) & set(retraction.identifiers):
        return True
    known = min(len(milder.date), len(retraction.date))
    return retraction.date[:known] <= milder.date[:known]


def by_paper(said: Iterable[Notice], paper: Mapping[int, int]) -> dict[int, list[Notice]]:
    """All that was said, by paper: `paper` tells which report a record belongs to."""
    placed = sorted(((paper.get(n.record, n.record), n) for n in said), key=lambda pair: pair[0])
    return {number: [n for _, n in group] for number, group in groupby(placed, key=lambda pair: pair[0])}

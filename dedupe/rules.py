"""From evidence to an opinion: a table of named rules, read from the top; the first that holds decides.

Merging wrongly loses a study, asking costs a minute. So a rule that merges needs two independent agreements
(title, people, place, abstract, identifier) and forgives at most one contradiction. What is alike without being
merged is either asked, or kept as `different` under the name of what tells the two apart: then it also stands
between the groups they belong to.

The rules were written by reading the errors on seven labelled sets (see `benchmarks/dedupe.py`), and name
no journal, source or paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.opinion import Kind, Link, RelationOfRecords
from dedupe import one_report, two_reports
from dedupe.compare import Evidence
from dedupe.signs import (
    LONG_TEXT,
    against,
    identified_apart,
    likeness,
    loose,
    near,
    one_paper,
    reworded,
    same_text,
    score,
    signed,
    telling,
    timely,
    two_documents,
)

VERSION = "2"
"""Raised with every change of a rule, a threshold or a normal form."""


# -- registrations: one study with their papers, never one report ------------------------------------


def same_registration(e: Evidence) -> bool:
    """Two records of one registration: the same number of the same register."""
    return e.registrations == 2 and e.trial == "own"


def registered_twice(e: Evidence) -> bool:
    """One registration names the other's number, of another register, among its secondary identifiers."""
    return e.registrations == 2 and e.trial == "secondary"


def report_of_registration(e: Evidence) -> bool:
    """The paper gives this registration number as its own, and no other; or the register names the paper (grade A)."""
    return e.registrations == 1 and e.grade == "A"


def perhaps_registration(e: Evidence) -> bool:
    """A registration and something like it: its number in the running text (B), its people and size (C), its title."""
    return e.registrations > 0 and (e.grade != "" or (near(e) and telling(e)))


def registration(e: Evidence) -> bool:
    """A registration, and nothing that ties the two."""
    return e.registrations > 0


# -- what nobody but a person can say ----------------------------------------------------------------


def two_identifiers(e: Evidence) -> bool:
    """Two DOIs or two PMIDs, and everything else agrees: one of them may be wrong."""
    others = against(e) - (e.doi is False) - (e.pmid is False)
    if not (e.title_exact and one_paper(e) and e.journal and others == 0 and identified_apart(e)):
        return False
    return (
        bool(e.start) if e.kind == "conference abstract" else e.kind == "" and (same_text(e) or bool(e.start))
    )


def perhaps_preprint(e: Evidence) -> bool:
    """A preprint and something like its article, under another title."""
    return e.kind == "preprint" and signed(e) and telling(e) and (reworded(e) or (same_text(e) and loose(e)))


def perhaps_protocol(e: Evidence) -> bool:
    """A protocol and something like its results."""
    known = signed(e) or e.authors is None
    return e.kind == "protocol" and telling(e) and (near(e) or (reworded(e) and known))


def perhaps_abstract(e: Evidence) -> bool:
    """One title by the same people, once as a contribution to a meeting; nothing says that they stand at two places."""
    return e.kind == "conference abstract" and one_paper(e)


def shared_identifier(e: Evidence) -> bool:
    """One DOI or PMID on two papers that look different."""
    return bool(e.pmid) or (bool(e.doi) and signed(e) and likeness(e) >= 0.6)


def same_volume(e: Evidence) -> bool:
    """The same people in one volume, and on no other page, under a title in which words are exchanged."""
    place = bool(e.journal) and bool(e.volume) and e.start is not False and against(e) <= 1
    return place and signed(e) and loose(e) and telling(e)


def same_abstract_elsewhere(e: Evidence) -> bool:
    """One abstract under two titles, or without names."""
    return same_text(e) and e.abstract_length >= LONG_TEXT and (signed(e) or e.authors is None)


def alike(e: Evidence) -> bool:
    """Much agrees, not enough."""
    known = signed(e) or e.authors is None or (bool(e.title_exact) and timely(e) and against(e) == 0)
    return telling(e) and near(e) and known


# -- the table ---------------------------------------------------------------------------------------


def never(_: Evidence) -> bool:
    """Nothing stands against it."""
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """What to say when a condition holds."""

    name: str
    relation: RelationOfRecords | None
    """None: nothing worth keeping, and no later rule is asked."""
    condition: Callable[[Evidence], bool]
    unless: Callable[[Evidence], bool] = never
    """The rule is passed over when this holds."""
    kind: Kind = ""
    """What the two are to each other when the evidence has no name for it."""

    @property
    def meaning(self) -> str:
        """One sentence for a person."""
        return self.condition.__doc__ or ""


TABLE: tuple[Rule, ...] = (
    Rule("same registration", "same report", same_registration),
    Rule("registered twice", "same study", registered_twice, kind="registration"),
    Rule("report of registration", "same study", report_of_registration),
    Rule("perhaps registration", "ask", perhaps_registration, kind="registration"),
    Rule("registration", None, registration),
    Rule("same PMID", "same report", one_report.same_pmid),
    Rule("said to be about", "different", two_reports.said_to_be_about),
    Rule("said to be updated", "same study", two_reports.said_to_be_updated),
    Rule("perhaps notice", "ask", two_reports.perhaps_notice),
    Rule("notice of", "different", two_reports.notice_of),
    Rule("notice", None, two_reports.notice),
    Rule("same DOI", "same report", one_report.same_doi),
    Rule("other number", "different", two_reports.other_number),
    Rule("same place", "same report", one_report.same_place, unless=two_documents),
    Rule("same pages", "same report", one_report.same_pages, unless=two_documents),
    Rule("translation", "same report", one_report.translation, unless=two_documents),
    Rule("unsigned", "same report", one_report.unsigned, unless=two_documents),
    Rule("same title and names", "same report", one_report.same_title_and_names, unless=two_documents),
    Rule("one slip", "same report", one_report.one_slip, unless=two_documents),
    Rule("same abstract", "same report", one_report.same_abstract, unless=two_documents),
    Rule("same words", "same report", one_report.same_words, unless=two_documents),
    Rule("two identifiers", "ask", two_identifiers),
    Rule("preprint", "same study", two_reports.preprint),
    Rule("protocol", "same study", two_reports.protocol),
    Rule("updated", "same study", two_reports.updated),
    Rule("other edition", "different", two_reports.other_edition),
    Rule("abstract of paper", "same study", two_reports.abstract_of_paper),
    Rule("translated", "same study", two_reports.translated),
    Rule("same trial", "same study", two_reports.same_trial, kind="trial"),
    Rule("perhaps preprint", "ask", perhaps_preprint),
    Rule("perhaps protocol", "ask", perhaps_protocol),
    Rule("printed twice", "same study", two_reports.printed_twice),
    Rule("other identifier", "different", two_reports.other_identifier),
    Rule("identified", None, two_reports.identified),
    Rule("perhaps abstract", "ask", perhaps_abstract),
    Rule("elsewhere", "different", two_reports.elsewhere),
    Rule("shared identifier", "ask", shared_identifier),
    Rule("same volume", "ask", same_volume),
    Rule("same abstract elsewhere", "ask", same_abstract_elsewhere),
    Rule("alike", "ask", alike),
)

_OF_OTHERS: frozenset[Kind] = frozenset(
    {"part", "edition", "erratum", "retraction", "concern", "comment", "reply"}
)
"""What two documents of different studies can be to each other."""


def decide(e: Evidence) -> Rule | None:
    """The first rule that holds, if any."""
    for rule in TABLE:
        if rule.condition(e) and not rule.unless(e):
            return rule
    return None


def judge(evidence: Evidence) -> Link | None:
    """The opinion of the rules on a pair; None when they are different and nobody would think otherwise."""
    rule = decide(evidence)
    if rule is None or rule.relation is None:
        return None
    return Link(
        a=evidence.a,
        b=evidence.b,
        relation=rule.relation,
        rule=rule.name,
        version=VERSION,
        score=score(evidence),
        evidence=evidence.features(),
        kind=kind(rule, evidence),
    )


def kind(rule: Rule, e: Evidence) -> Kind:
    """What the two are to each other under the rule that decided."""
    if rule.relation == "same report":
        return ""
    found = e.claim or e.kind or rule.kind
    return "" if rule.relation == "different" and found not in _OF_OTHERS else found

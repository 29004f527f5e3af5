"""From evidence to an opinion: a table of named rules, read from the top; the first that holds decides.

Merging wrongly loses a study, asking costs a minute. So a rule that merges needs two independent agreements
(title, people, place, abstract, identifier) and forgives at most one contradiction. What is alike without being
merged is either asked, or kept as `different` under the name of what tells the two apart: then it also stands
between the groups they belong to.

The rules were written by reading the errors on seven labelled sets (see `benchmarks/dedup_sets.py`), and name
no journal, source or paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.opinion import Link, RelationOfRecords
from dedupe.compare import Evidence
from dedupe.signs import (
    SAME_TEXT,
    against,
    agreeing,
    identified_apart,
    likeness,
    located,
    loose,
    near,
    placed,
    reworded,
    score,
    signed,
    strangers,
    telling,
    timely,
)

VERSION = "1"
"""Raised with every change of a rule, a threshold or a normal form."""


# -- registrations: one study with their papers, never one report ------------------------------------


def same_registration(e: Evidence) -> bool:
    """Two records of one registration: the same number of the same register."""
    return e.registrations == 2 and e.trial == "own"


def registered_twice(e: Evidence) -> bool:
    """One registration names the other's number among its secondary identifiers."""
    return e.registrations == 2 and e.trial == "secondary"


def report_of_registration(e: Evidence) -> bool:
    """The paper gives this registration number in its databank field, and no other (grade A)."""
    return e.registrations == 1 and e.trial == "databank"


def perhaps_registration(e: Evidence) -> bool:
    """A registration and something like it: its number in the running text, or its title."""
    return e.registrations > 0 and (e.trial != "" or (near(e) and telling(e)))


def registration(e: Evidence) -> bool:
    """A registration, and nothing that ties the two."""
    return e.registrations > 0


# -- what tells two papers apart ---------------------------------------------------------------------


def notice_of(e: Evidence) -> bool:
    """An erratum, a retraction or a comment, and the article it is about."""
    return e.notices is False and loose(e) and not strangers(e)


def notice(e: Evidence) -> bool:
    """Only one of them is a notice, or they are of two kinds."""
    return e.notices is False


def other_number(e: Evidence) -> bool:
    """Part I and part II, phase 2 and phase 3: alike but for a number, and not on the same pages."""
    same_pages = bool(e.start) and (bool(e.volume) or bool(e.end)) and e.end is not False
    return e.numbers is False and loose(e) and not same_pages


def other_identifier(e: Evidence) -> bool:
    """Alike, with two different DOIs or PMIDs."""
    return identified_apart(e) and loose(e) and telling(e) and not strangers(e)


def identified(e: Evidence) -> bool:
    """Two different DOIs or PMIDs, and nothing alike."""
    return identified_apart(e)


def abstract_and_paper(e: Evidence) -> bool:
    """One title by the same people, once as a contribution to a meeting: one study in two reports, perhaps."""
    return e.conferences == 1 and near(e) and telling(e) and signed(e)


def elsewhere(e: Evidence) -> bool:
    """Printed at two places: in two journals or volumes, and on other pages."""
    other_page = e.start is False or e.end is False
    two_places = against(e) > 2 or (other_page and (e.journal is False or e.volume is False))
    return near(e) and telling(e) and not strangers(e) and two_places


# -- what makes them one -----------------------------------------------------------------------------


def same_pmid(e: Evidence) -> bool:
    """One PMID, and titles that agree or a place that does."""
    return (
        bool(e.pmid) and e.registrations == 0 and (e.title is None or loose(e) or (signed(e) and located(e)))
    )


def same_doi(e: Evidence) -> bool:
    """One DOI, and titles that agree; the DOI of a supplement covers many abstracts."""
    worded = near(e) or (e.numbers is not False and loose(e) and not strangers(e))
    return bool(e.doi) and worded and against(e) <= 3


def same_place(e: Evidence) -> bool:
    """One title in one volume on one page; at most one particular is wrong."""
    worded = near(e) or (reworded(e) and signed(e))
    known = bool(e.journal) or (signed(e) if e.journal is False else not strangers(e))
    return worded and known and located(e) and timely(e) and against(e) <= (1 if telling(e) else 0)


def same_pages(e: Evidence) -> bool:
    """The same people on the same first and last page in the same year, under one title in two wordings."""
    extent = bool(e.start) and bool(e.end) and not e.single_page
    return (
        extent
        and e.years_apart == 0
        and loose(e)
        and signed(e)
        and against(e) == 0
        and e.numbers is not False
    )


def translation(e: Evidence) -> bool:
    """The title is missing or translated; people, journal, year, volume and pages agree."""
    extent = located(e) and bool(e.end) and not e.single_page
    if not (extent and e.journal and e.years_apart == 0 and signed(e) and against(e) == 0):
        return False
    return e.title is None or bool(e.issue) or e.authors_few > 1


def same_title_and_names(e: Evidence) -> bool:
    """One telling title by the same people at about the same time; nothing is against it."""
    if not (near(e) and telling(e) and signed(e) and timely(e) and against(e) == 0):
        return False
    if e.conferences == 1 and not e.journal:
        return False
    return placed(e) or same_bare(e)


def same_bare(e: Evidence) -> bool:
    """Where one says nothing of its place, as a preprint does: title, year and abstract must be equal."""
    return bool(e.title_exact) and e.years_apart == 0 and (e.abstract is None or e.abstract >= SAME_TEXT)


def unsigned(e: Evidence) -> bool:
    """Neither names an author; title, journal, volume, issue and year agree, nothing is against it."""
    place = bool(e.journal) and bool(e.volume) and bool(e.issue) and e.years_apart == 0
    return e.authors is None and bool(e.title_exact) and not e.generic and place and against(e) == 0


def one_slip(e: Evidence) -> bool:
    """Title and people agree and nearly all of the place; one particular is wrong."""
    if not (near(e) and telling(e) and signed(e) and against(e) == 1):
        return False
    other_page = e.start is False and not e.end
    other_journal = e.journal is False and (not e.volume or e.conferences == 1)
    series = (e.issue is False or e.volume is False) and not e.start
    sure = bool(e.title_exact) and (e.authors or 0.0) >= 0.9 and e.authors_few > 1
    return not (other_page or other_journal or series) and agreeing(e) >= (2 if sure else 3)


def same_abstract(e: Evidence) -> bool:
    """One abstract by the same people, under one title or at one place."""
    if (
        (e.abstract or 0.0) < SAME_TEXT
        or not signed(e)
        or not timely(e)
        or e.journal is False
        or against(e) > 1
    ):
        return False
    titled = reworded(e) and telling(e) and (placed(e) or bool(e.title_exact))
    other_page = e.start is False and not e.end
    return (titled and not other_page) or (located(e) and against(e) == 0)


# -- what nobody but a person can say ----------------------------------------------------------------


def same_trial(e: Evidence) -> bool:
    """Two papers that give one registration number in their databank fields, and no other."""
    return e.trial == "own"


def shared_identifier(e: Evidence) -> bool:
    """One DOI or PMID on two papers that look different."""
    return bool(e.pmid) or (bool(e.doi) and signed(e) and likeness(e) >= 0.6)


def alike(e: Evidence) -> bool:
    """Much agrees, not enough."""
    known = signed(e) or e.authors is None or (bool(e.title_exact) and timely(e) and against(e) == 0)
    return telling(e) and near(e) and known


# -- the table ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """What to say when a condition holds."""

    name: str
    relation: RelationOfRecords | None
    """None: nothing worth keeping, and no later rule is asked."""
    holds: Callable[[Evidence], bool]

    @property
    def meaning(self) -> str:
        """One sentence for a person."""
        return self.holds.__doc__ or ""


TABLE: tuple[Rule, ...] = (
    Rule("same registration", "same report", same_registration),
    Rule("registered twice", "same study", registered_twice),
    Rule("report of registration", "same study", report_of_registration),
    Rule("perhaps registration", "ask", perhaps_registration),
    Rule("registration", None, registration),
    Rule("same PMID", "same report", same_pmid),
    Rule("notice of", "different", notice_of),
    Rule("notice", None, notice),
    Rule("same DOI", "same report", same_doi),
    Rule("other number", "different", other_number),
    Rule("other identifier", "different", other_identifier),
    Rule("identified", None, identified),
    Rule("same place", "same report", same_place),
    Rule("same pages", "same report", same_pages),
    Rule("translation", "same report", translation),
    Rule("unsigned", "same report", unsigned),
    Rule("same title and names", "same report", same_title_and_names),
    Rule("one slip", "same report", one_slip),
    Rule("same abstract", "same report", same_abstract),
    Rule("same trial", "same study", same_trial),
    Rule("abstract and paper", "ask", abstract_and_paper),
    Rule("elsewhere", "different", elsewhere),
    Rule("shared identifier", "ask", shared_identifier),
    Rule("alike", "ask", alike),
)


def decide(e: Evidence) -> Rule | None:
    """The first rule that holds, if any."""
    return next((rule for rule in TABLE if rule.holds(e)), None)


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
    )

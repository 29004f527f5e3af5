"""What makes two records one report: conditions of the rules that merge (see `dedupe.rules`).

Each needs two independent agreements (title, people, place, abstract, identifier) and forgives at most one
contradiction. Abstracts of meetings, preprints and updates bear the title and the names of their paper, so these two
alone are never enough.
"""

from __future__ import annotations

from dedupe.compare import Evidence
from dedupe.signs import (
    EQUAL_TEXT,
    LONG_TEXT,
    OTHER_TEXT,
    against,
    agreeing,
    located,
    loose,
    near,
    one_paper,
    placed,
    reworded,
    same_text,
    signed,
    strangers,
    telling,
    timely,
)


def same_pmid(e: Evidence) -> bool:
    """One PMID, and titles that agree or a place that does."""
    agreed = e.title is None or loose(e) or (signed(e) and located(e))
    return bool(e.pmid) and e.registrations == 0 and agreed


def same_doi(e: Evidence) -> bool:
    """One DOI, and titles that agree; the DOI of a supplement covers many abstracts, also of the same people."""
    if not telling(e):
        return bool(e.doi) and near(e) and against(e) == 0 and not strangers(e)
    exchanged = e.swap and not e.start and not same_text(e)
    worded = near(e) or (e.numbers is not False and loose(e) and not strangers(e) and not exchanged)
    return bool(e.doi) and worded and against(e) <= 3


def same_place(e: Evidence) -> bool:
    """One title in one volume on one page; at most one particular is wrong."""
    worded = near(e) or (reworded(e) and signed(e))
    known = bool(e.journal) or (signed(e) if e.journal is False else not strangers(e))
    return worded and known and located(e) and timely(e) and against(e) <= (1 if telling(e) else 0)


def same_pages(e: Evidence) -> bool:
    """The same people on the same first and last page in the same year, under one title in two wordings."""
    extent = bool(e.start) and bool(e.end) and not e.single_page
    worded = loose(e) and e.numbers is not False
    return extent and worded and signed(e) and e.years_apart == 0 and against(e) == 0


def translation(e: Evidence) -> bool:
    """The title is missing or translated; people, journal, year, volume and pages agree."""
    extent = located(e) and bool(e.end) and not e.single_page
    if not (extent and e.journal and e.years_apart == 0 and signed(e) and against(e) == 0):
        return False
    return e.title is None or bool(e.issue) or e.authors_few > 1


def same_title_and_names(e: Evidence) -> bool:
    """One telling title by the same people at about the same time; nothing is against it."""
    if not (one_paper(e) and timely(e) and against(e) == 0):
        return False
    if e.kind == "conference abstract" or e.notices:
        as_bare = e.unplaced == 2 and e.years_apart == 0
        return bool(e.journal) and (bool(e.start) or (same_text(e) and (bool(e.volume) or as_bare)))
    if e.volume or e.start:
        return True
    return ahead_of_print(e) if e.journal else same_bare(e)


def ahead_of_print(e: Evidence) -> bool:
    """Where only the journal agrees, one may be an abstract of a meeting: the year must agree, and the text if any."""
    same_year = e.years_apart == 0 or (e.years_apart == 1 and (e.conferences == 2 or e.own_pages))
    other_text = e.abstract is not None and e.abstract < OTHER_TEXT and e.unplaced != 2
    return same_text(e) or (same_year and not other_text)


def same_bare(e: Evidence) -> bool:
    """Where no place agrees, title, year and abstract must be equal, for one may be the preprint of the other."""
    equal = bool(e.title_exact) and e.years_apart == 0 and (e.abstract is None or same_text(e))
    same_people = e.authors_few > 1 and (e.authors or 0.0) >= 0.9
    return equal and (e.bare != 1 or (e.same_type and same_people))


def unsigned(e: Evidence) -> bool:
    """Neither names an author; title, journal, volume, issue and year agree, nothing is against it."""
    place = bool(e.journal) and bool(e.volume) and bool(e.issue) and e.years_apart == 0
    nobody = e.authors is None and e.groups is not False
    return nobody and place and bool(e.title_exact) and not e.generic and against(e) == 0


def one_slip(e: Evidence) -> bool:
    """Title and people agree and nearly all of the place; one particular is wrong."""
    if not (near(e) and telling(e) and signed(e) and against(e) == 1):
        return False
    other_page = e.start is False and not e.end
    place = e.start or (e.volume and (e.issue or e.conferences == 2))
    other_journal = e.journal is False and (not place or e.kind == "conference abstract")
    series = (e.issue is False or e.volume is False) and not e.start
    sure = bool(e.title_exact) and (e.authors or 0.0) >= 0.9 and e.authors_few > 1
    return not (other_page or other_journal or series) and agreeing(e) >= (2 if sure else 3)


def same_abstract(e: Evidence) -> bool:
    """One abstract by the same people, under one title or at one place."""
    if not (same_text(e) and signed(e) and timely(e)) or e.journal is False or against(e) > 1:
        return False
    if e.bare == 1 or e.kind == "conference abstract":
        return located(e) and against(e) == 0
    titled = reworded(e) and telling(e) and (placed(e) or (bool(e.title_exact) and against(e) == 0))
    other_page = e.start is False and not e.end
    return (titled and not other_page) or (located(e) and against(e) == 0)


def same_words(e: Evidence) -> bool:
    """Title and abstract are equal, but for slips, and one of them names no author; nothing is against it."""
    text = (e.abstract or 0.0) >= EQUAL_TEXT and e.abstract_length >= LONG_TEXT
    equal = bool(e.title_exact) and telling(e) and text
    nobody = e.authors is None and e.groups is not False
    like_preprint = e.bare == 1 and e.years_apart is not None
    if not (equal and nobody) or like_preprint or e.years_apart:
        return False
    return against(e) == 0 and e.kind == "" and not e.notices

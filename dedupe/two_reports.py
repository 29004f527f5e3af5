"""What makes two records two reports: what tells papers apart, and what ties two reports of one study.

Conditions of the rules that keep two records apart (see `dedupe.rules`); the evidence says what they are to each other.
"""

from __future__ import annotations

from dedupe.compare import Evidence
from dedupe.signs import (
    LONG_TEXT,
    against,
    contained,
    identified_apart,
    loose,
    near,
    one_paper,
    printed_apart,
    reworded,
    same_text,
    signed,
    strangers,
    telling,
    two_documents,
)


def said_to_be_about(e: Evidence) -> bool:
    """The source of one says that it is an erratum, a retraction or a comment of the other."""
    return e.claim not in {"", "update", "preprint"}


def perhaps_notice(e: Evidence) -> bool:
    """A notice and what may be another record of it, its mark lost: a letter on its pages, a page in its issue."""
    if e.notices is not False or not (near(e) and signed(e) and e.journal and e.volume):
        return False
    letter = e.kind in {"comment", "reply"} and (bool(e.start) or e.overlap)
    return letter or (bool(e.issue) and e.extent == 1)


def notice_of(e: Evidence) -> bool:
    """An erratum, a retraction or a comment, and the article it is about."""
    named = bool(e.title_exact) and bool(e.journal) and telling(e)
    return e.notices is False and loose(e) and (named or not strangers(e))


def notice(e: Evidence) -> bool:
    """Only one of them is a notice, or they are of two kinds."""
    return e.notices is False


def other_number(e: Evidence) -> bool:
    """Part I and part II, phase 2 and phase 3: alike but for a number, and not on the same pages."""
    same_pages = bool(e.start) and (bool(e.volume) or bool(e.end)) and e.end is not False
    return e.numbers is False and loose(e) and not strangers(e) and not same_pages


def other_edition(e: Evidence) -> bool:
    """Two editions of one book."""
    return e.kind == "edition" and near(e) and not strangers(e)


def other_identifier(e: Evidence) -> bool:
    """Alike, with two different DOIs or PMIDs."""
    known = near(e) or (loose(e) and signed(e))
    return identified_apart(e) and known and telling(e) and not strangers(e)


def identified(e: Evidence) -> bool:
    """Two different DOIs or PMIDs, and nothing alike."""
    return identified_apart(e)


def elsewhere(e: Evidence) -> bool:
    """Printed at two places: in two journals or volumes, and on other pages."""
    other_page = e.start is False or e.end is False
    two_places = against(e) > 2 or (other_page and (e.journal is False or e.volume is False))
    return near(e) and telling(e) and not strangers(e) and two_places


# -- two reports of one study ------------------------------------------------------------------------


def said_to_be_updated(e: Evidence) -> bool:
    """The source of one says that it is another version of the other: a preprint and its article, an update."""
    return e.claim in {"update", "preprint"}


def preprint(e: Evidence) -> bool:
    """A preprint and its article: one title by the same people."""
    return e.kind == "preprint" and one_paper(e)


def protocol(e: Evidence) -> bool:
    """A protocol and its results: one title but for what announces a protocol, by the same people."""
    if e.kind != "protocol" or not two_documents(e) or not telling(e) or not signed(e):
        return False
    return near(e) or (reworded(e) and contained(e) and bool(e.first_author))


def updated(e: Evidence) -> bool:
    """Two versions of one review: the same title, or the same people."""
    return e.kind == "update" and loose(e) and (near(e) or not strangers(e))


def abstract_of_paper(e: Evidence) -> bool:
    """One title by the same people, once in an abstract of a meeting and once, at another place, in full."""
    return e.kind == "conference abstract" and one_paper(e) and (identified_apart(e) or printed_apart(e))


def translated(e: Evidence) -> bool:
    """One title by the same people, in English and in another language, at two places."""
    return e.kind == "translation" and one_paper(e) and (identified_apart(e) or printed_apart(e))


def printed_twice(e: Evidence) -> bool:
    """One abstract by the same people, at two places."""
    text = same_text(e) and e.abstract_length >= LONG_TEXT
    return text and signed(e) and (e.journal is False or elsewhere(e))


def same_trial(e: Evidence) -> bool:
    """Two papers that give one registration number as their own, and no other."""
    return e.trial == "own"

"""The words the rules are written in: what a piece of evidence amounts to.

Thresholds stand here, once. `score` decides nothing: it orders merges and the questions put to a person.
"""

from __future__ import annotations

from operator import attrgetter

from dedupe.compare import Evidence

NEAR, LOOSE = 0.92, 0.8
"""Similarity of titles: the same but for slips of the pen; the same with other words around."""
SHORT = 20
"""Titles of fewer letters are borne by many papers."""
CONTAINED = 0.95
"""How well a shorter title must fit into a longer one to be a part of it."""
SAME_TEXT = 0.9
"""Similarity of abstracts that are one text."""
EQUAL_TEXT = 0.95
"""Similarity of abstracts that differ by slips and by how a database writes signs."""
OTHER_TEXT = 0.6
"""Similarity of abstracts under which they are two texts."""
LONG_TEXT = 300
"""Signs of an abstract that belongs to one paper alone."""


def likeness(e: Evidence) -> float:
    """Of the titles, in the order given or sorted, whichever is greater; 0 when one is missing."""
    return max(e.title or 0.0, e.title_sorted or 0.0)


def near(e: Evidence) -> bool:
    """One title but for slips of the pen: no word and no number exchanged."""
    return bool(e.title_exact) or (likeness(e) >= NEAR and not e.swap and e.numbers is not False)


def loose(e: Evidence) -> bool:
    """One title in two wordings, or one cut short."""
    return near(e) or likeness(e) >= LOOSE or contained(e)


def contained(e: Evidence) -> bool:
    """One title stands in the other."""
    return (e.title_part or 0.0) >= CONTAINED and e.title_length >= SHORT


def reworded(e: Evidence) -> bool:
    """One title in two wordings that exchange no word and no number."""
    return loose(e) and not e.swap and e.numbers is not False


def telling(e: Evidence) -> bool:
    """The title belongs to one paper: neither generic nor very short."""
    return not e.generic and e.title_length >= SHORT


def signed(e: Evidence) -> bool:
    """The same people: the first author and half of the others, or three of four."""
    if e.authors is None:
        return False
    return e.authors >= 0.5 if e.first_author else e.authors >= 0.75 and e.authors_few > 1


def strangers(e: Evidence) -> bool:
    """Other people."""
    return e.first_author is False and (e.authors or 0.0) < 0.34


def located(e: Evidence) -> bool:
    """The same volume and first page."""
    return bool(e.volume) and bool(e.start)


def timely(e: Evidence) -> bool:
    """At most a year apart: online first and in print."""
    return e.years_apart is None or e.years_apart <= 1


def placed(e: Evidence) -> bool:
    """Journal, volume or first page agree: one place, as far as they say."""
    return bool(e.journal) or bool(e.volume) or bool(e.start)


def against(e: Evidence) -> int:
    """How many particulars contradict each other."""
    return [e.volume, e.issue, e.start, e.end, e.journal, e.pmid, e.doi, timely(e)].count(False)


def agreeing(e: Evidence) -> int:
    """How many particulars of the place agree."""
    return [e.volume, e.issue, e.start, e.end, e.journal, e.years_apart == 0].count(True)


def identified_apart(e: Evidence) -> bool:
    """Two PMIDs, or two DOIs, and none in common."""
    return e.pmid is False or (e.doi is False and not e.pmid)


def printed_apart(e: Evidence) -> bool:
    """In two journals, volumes or on two pages."""
    return not e.start and not e.end and False in (e.journal, e.volume, e.start)


def one_paper(e: Evidence) -> bool:
    """One title, one paper's own, by the same people."""
    return near(e) and telling(e) and signed(e)


def same_text(e: Evidence) -> bool:
    """One abstract."""
    return (e.abstract or 0.0) >= SAME_TEXT


def two_documents(e: Evidence) -> bool:
    """They have two identifiers, or are of two types that nobody prints as one."""
    if identified_apart(e):
        return True
    if e.kind == "protocol":
        return not (located(e) and e.journal)
    return e.kind in {"preprint", "update", "edition"}


WEIGHTS: dict[str, float] = {
    "pmid": 4,
    "doi": 3,
    "start": 2,
    "volume": 1.5,
    "journal": 2.5,
    "end": 1,
    "issue": 0.5,
    "numbers": 0.5,
    "notices": 0.5,
}
"""Weight of an agreement (added) or a contradiction (subtracted) beside title 6, people 3, abstract 2 and year 1."""
BARE, EXCHANGED = 2.0, 1.5
"""Subtracted when only one of the two stands in print, and for words exchanged in the titles."""
_particulars = attrgetter(*WEIGHTS)
_TOTAL = sum(WEIGHTS.values()) + 6 + 3 + 2 + 1


def score(e: Evidence) -> float:
    """0 to 1: how alike. What one of the two is silent about counts half: neither for nor against.

    A registration and a paper are never alike; they have a likelihood of their own (`dedupe.match_trials`).
    """
    if e.study is not None:
        return e.study
    title = None if e.title is None else likeness(e)
    total = 6 * _balance(title, 0.7) + 3 * _balance(e.authors, 0.4) + 2 * _balance(e.abstract, 0.7)
    total += 0.0 if e.years_apart is None else max(-1.0, 1.0 - e.years_apart)
    for value, weight in zip(_particulars(e), WEIGHTS.values(), strict=True):
        if value is not None:
            total += weight if value else -weight
    total -= BARE * (e.bare == 1) + EXCHANGED * e.swap
    return round(max(0.0, 0.5 + total / (2 * _TOTAL)), 4)


def _balance(similarity: float | None, middle: float) -> float:
    """-1 to 1; `middle` is the similarity that says nothing."""
    if similarity is None:
        return 0.0
    return (similarity - middle) / (1 - middle) if similarity >= middle else similarity / middle - 1

"""What a record says of trials: the numbers it claims, the papers a register names, and who, whom, what, how many.

A number means what its place says. In the databank field, in the title, or where an abstract states its registration,
it is the trial that the paper reports; elsewhere in the text it may be any trial. Reviews are about many trials, and
state none as theirs. A number whose digits cannot be right (`db.trial_digits`) is kept as a mention: nothing is
linked by it without being asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from db.record import Author, Identifier, Record
from db.trial_digits import sound
from db.trial_numbers import SCHEMES, Mention, find, mentions
from dedupe import places
from dedupe.names import surnames
from dedupe.sizes import sizes
from dedupe.text import words

# -- numbers -----------------------------------------------------------------------------------------


class Claims(NamedTuple):
    """Registration numbers by what they claim, each list sorted."""

    own: tuple[str, ...] = ()
    """Its own, for a registration; those of the databank field, for a paper."""
    secondary: tuple[str, ...] = ()
    """Other registers' numbers of the same trial, as the registration claims; universal trial numbers."""
    stated: tuple[str, ...] = ()
    """Those a paper names as its registration, in its title or its abstract."""
    mentioned: tuple[str, ...] = ()
    """Every one found in the running text, and those nothing may be built on."""


def claims(record: Record, *, registration: bool) -> Claims:
    """The registration numbers of a record, sorted by what they claim."""
    given = [i for i in record.identifiers if i.scheme in SCHEMES and i.origin != "reference"]
    if registration:
        return _of_registration(record, given)
    said = _said(record)
    return _of_paper(record, given, said) if given or said else Claims()


def _of_registration(record: Record, given: list[Identifier]) -> Claims:
    """The register's own field is believed whatever the digits: it is the register that gave them."""
    own = _names(i for i in given if i.origin in {"", "alias"} and i.scheme != "utn")
    own = own or _names(i for i in given if i.origin == "databank" and i.scheme != "utn")
    own = own or _names(find(record.key)) or _names(find(f"{record.journal} {record.title}"))
    other_names = (i for i in given if i.origin in {"secondary", "organization"} or i.scheme == "utn")
    secondary = _names(filter(sound, other_names)) - own
    mentioned = _names((*given, *find(record.title))) - own - secondary
    return Claims(*(tuple(sorted(names)) for names in (own, secondary, (), mentioned)))


def _of_paper(record: Record, given: list[Identifier], said: list[tuple[Mention, bool]]) -> Claims:
    trusted = not _about_many(record)
    universal = _names(i for i in (*given, *(mention.number for mention, _ in said)) if i.scheme == "utn")
    own = _names(i for i in given if i.origin == "databank" and trusted and sound(i)) - universal
    stated = _names(m.number for m, is_own in said if is_own and trusted and sound(m.number)) - universal
    mentioned = _names((*given, *(mention.number for mention, _ in said))) - universal - own
    return Claims(*(tuple(sorted(names)) for names in (own, universal, stated, mentioned | stated)))


def _names(numbers: Iterable[Identifier]) -> set[str]:
    """Values by which two records meet: the last part of a CTIS number counts how often it was submitted."""
    return {"-".join(i.value.split("-")[:3]) if i.scheme == "ctis" else i.value for i in numbers}


_MANY = re.compile(r"review|meta.?analys|editorial|comment|letter|news|guideline", re.IGNORECASE)
_MANY_TITLE = re.compile(r"\breview\b|\bmeta.?analys[ei]s\b|\bguidelines?\b", re.IGNORECASE)


def _about_many(record: Record) -> bool:
    """Reviews and comments speak of trials that are not theirs; protocols of reviews too."""
    return any(map(_MANY.search, record.publication_types)) or _MANY_TITLE.search(record.title) is not None


_LABEL = re.compile(r"regist|trial (?:number|id)|identifier|clinicaltrials", re.IGNORECASE)
_CUE = re.compile(
    r"regist|identif|trials?\.gov|controlled trials\b|trial (?:number|no\b|id\b)|trialregister|eudract|isrctn"
    r"|anzctr|chictr|drks|funded by",
    re.IGNORECASE,
)
"""In front of a number that is the paper's own: `Trial registration:`, `ClinicalTrials.gov number,`."""
_AFTER = re.compile(r"\W{0,3}(?:at |in |on )?(?:www\.)?clinical ?trials?\.gov", re.IGNORECASE)
_ANOTHER = re.compile(
    r"\b(?:on-?going|under ?way|planned|future|previous|earlier|another|other|parallel|companion|currently|being"
    r"|follow-?up of|extension of|will be)\b",
    re.IGNORECASE,
)
"""A sentence with one of these may speak of another trial."""
_REACH = 80
"""Signs in front of a number in which its cue stands."""


def _said(record: Record) -> list[tuple[Mention, bool]]:
    """Every number in title and abstract; True: stated as the paper's own."""
    found = [(mention, True) for mention in mentions(record.title)]
    for part in record.abstract:
        labelled = bool(part.label) and _LABEL.search(part.label) is not None
        found += [(mention, labelled or _is_stated(part.text, mention)) for mention in mentions(part.text)]
    return found


def _is_stated(text: str, mention: Mention) -> bool:
    before = text[max(0, mention.start - _REACH) : mention.start]
    printed = text[mention.start : mention.end]
    cue = _CUE.search(before + printed) or _AFTER.match(text, mention.end)
    sentence = text[max(0, mention.start - 200) : mention.start].rpartition(". ")[2]
    return bool(cue) and not _ANOTHER.search(sentence)


# -- papers a register names -------------------------------------------------------------------------


def references(record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """PMIDs and DOIs of the papers a registration names: as its results, and as anything else."""
    results, others = set[str](), set[str]()
    for relation in record.relations:
        known = results if relation.kind in {"result", "derived"} else others
        for i in relation.identifiers:
            if i.scheme in {"pmid", "doi"}:
                known.add(i.value.strip().lstrip("0") if i.scheme == "pmid" else places.doi(i.value))
    return tuple(sorted(results - {""})), tuple(sorted(others - results - {""}))


# -- who, whom, what, how many -----------------------------------------------------------------------


class Study(NamedTuple):
    """What tells one trial from others when no number does. Empty: the source does not say."""

    people: tuple[str, ...] = ()
    """Surnames of the investigators a registration names; a paper's stand in its authors."""
    conditions: tuple[str, ...] = ()
    """Telling words of whom a registered trial treats."""
    treatments: tuple[str, ...] = ()
    """Telling words of what it gives."""
    sizes: tuple[int, ...] = ()
    """How many take part: one number of a registration, every one in the abstract of a paper."""
    counted: bool = False
    """The size of a registration is no plan."""
    since: int | None = None
    """The year a registered trial began, or was registered."""


_TELLING = 5
"""Letters of a word that says what a trial is about."""
_COMMON = frozenset(
    words(
        "patient patients participants subject subjects people adult adults child children women healthy volunteers"
        " disease diseases disorder disorders syndrome condition conditions other group groups control controls"
        " controlled placebo treatment treatments treated usual standard therapy therapies drug drugs dose doses"
        " study studies trial trials clinical randomized randomised comparison comparative effect effects efficacy"
        " effectiveness safety evaluation double blind blinded phase pilot versus intervention interventions program"
        " programme based using among after before during between health medical hospital chronic acute severe"
        " management outcome outcomes quality procedure device behavioral injection tablet tablets solution"
    )
)
_OFFICE = re.compile(
    r"\b(?:cent(?:er|re)|director|clinical|medical|trials?|study|inc|ltd|gmbh|pharma\w*|call|information|team|office)\b",
    re.IGNORECASE,
)
"""Words of sponsors' switchboards, which registers take for investigators."""


def study(record: Record, *, registration: bool) -> Study | None:
    """What the record says of the trial itself; None when nothing."""
    if not registration:
        found = sizes(record.abstract_text) if _looks_like_a_trial(record) else ()
        return Study(sizes=found) if found else None
    trial = record.trial
    if trial is None:
        return None
    began = record.dates.get("start") or record.date or str(record.year or "")
    given = (name for each in trial.interventions for name in (each.name, *each.other_names))
    return Study(
        people=surnames(map(_official, trial.officials)),
        conditions=telling(trial.conditions),
        treatments=telling(given),
        sizes=(trial.enrollment,) if trial.enrollment else (),
        counted=trial.enrollment_kind.upper() == "ACTUAL",
        since=int(began[:4]) if began[:4].isdigit() else None,
    )


def telling(texts: Iterable[str]) -> tuple[str, ...]:
    """Words that say what a trial is about, sorted."""
    found = {word for text in texts for word in words(text) if len(word) >= _TELLING}
    return tuple(sorted(found - _COMMON))


def _looks_like_a_trial(record: Record) -> bool:
    """So that sizes are looked for in few abstracts only."""
    return any("random" in part.text or "trial" in part.text for part in record.abstract)


def _official(said: str) -> Author:
    """`David R. Freyer, DO, MS (STUDY_CHAIR, …)` → Freyer; an office gives nobody."""
    name = said.partition(" (")[0].partition(",")[0].strip()
    given, _, family = name.rpartition(" ")
    return Author() if _OFFICE.search(name) else Author(family=family, given=given)

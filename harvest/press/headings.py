"""S6: subject headings, subheadings and publication types."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from harvest.press.dialect import OVID, PUBMED
from harvest.press.finding import Check, Severity, Spot, Subject, Told
from harvest.press.text import Term, terms
from harvest.press.vocabulary import (
    HEADING_TAGS,
    HELP,
    PUBLICATION_TYPES,
    SUBHEADING_TAGS,
    SUBHEADINGS,
    TYPE_TAGS,
)
from harvest.strategy import Line

HEADINGS = "PRESS 2015, element 3: subject headings (doi:10.1016/j.jclinepi.2016.01.021)"
_READ = re.compile(r'"([^"]+)"\[(?:MeSH Terms|MeSH Major Topic)', re.IGNORECASE)
_OVID_TYPE = re.compile(r"[A-Za-z ,\"-]+(?=\.pt\b)", re.IGNORECASE)
_OPERATOR = re.compile(r"\b(?:or|and|not)\b", re.IGNORECASE)


def heading_terms(subject: Subject) -> Iterator[tuple[Line, Term]]:
    """Every term that is searched as a MeSH heading."""
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            if term.field in HEADING_TAGS and "*" not in term.text:
                yield line, term


def heading_of(term: Term) -> str:
    """The heading, without its subheading, in lower case."""
    return term.text.partition("/")[0].strip().lower()


def _read_as(told: Told) -> frozenset[str]:
    """The headings in PubMed's own reading of a search."""
    return frozenset(name.partition("/")[0].lower() for name in _READ.findall(told.translation))


def _not_there(subject: Subject) -> Iterator[Spot]:
    """Headings that were asked for alone, or that PubMed named among what it did not find."""
    lost = " ".join(subject.told.warnings).lower()
    for line, term in heading_terms(subject):
        heading = heading_of(term)
        alone = subject.told.headings.get(heading)
        gone = alone is not None and not _read_as(alone) and bool(alone.warnings)
        named = re.search(rf'(?:dropped|found no phrase) "+{re.escape(heading)}(?:/[^"]*)?["\[]', lost)
        if gone or (named and heading not in _read_as(subject.told)):
            sentence = f'PubMed found no heading "{term.text}" ({_when(subject.told)}).'
            hint = "Look it up in the MeSH database; headings are renamed every year."
            yield Spot(line, term.start, term.end, sentence, hint)


def _mapped(subject: Subject) -> Iterator[Spot]:
    """Headings that PubMed reads as another one: entry terms, or what was renamed."""
    for line, term in heading_terms(subject):
        heading = heading_of(term)
        alone = subject.told.headings.get(heading)
        read = _read_as(alone) if alone else _read_as(subject.told)
        if not read or heading in read or (alone is None and subject.told.headings):
            continue
        if alone:
            what = f'PubMed reads "{term.text}" as "{min(read)}".'
        elif re.search(rf'"?{re.escape(heading)}', " ".join(subject.told.warnings).lower()):
            continue  # it was not found at all, which is another check
        else:
            what = f'"{term.text}" does not stand in PubMed\'s own reading of the search as it is written.'
        yield Spot(
            line, term.start, term.end, f"{what} ({_when(subject.told)})", "Write the heading PubMed uses."
        )


def _when(told: Told) -> str:
    return told.when or "when it was last asked"


def _subheadings(subject: Subject) -> Iterator[Spot]:
    known = {*SUBHEADINGS, *SUBHEADINGS.values()}
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            if term.field in HEADING_TAGS and "/" in term.text:
                name = term.text.partition("/")[2]
            elif term.field in SUBHEADING_TAGS:
                name = term.text
            else:
                continue
            plain = " ".join(name.lower().replace("&", "and").split())
            if plain.rstrip("*") and not any(each.startswith(plain.rstrip("*")) for each in known):
                yield Spot(
                    line,
                    term.start,
                    term.end,
                    f'There is no subheading "{name}".',
                    _close(plain, SUBHEADINGS),
                )


def _types(subject: Subject) -> Iterator[Spot]:
    """Publication types that come close to one, and are none."""
    for line in subject.strategy.passages:
        if subject.dialect == PUBMED:
            said = [(t.text, t.start, t.end) for t in terms(subject, line) if t.field in TYPE_TAGS]
        else:
            said = [_last_operand(match) for match in _OVID_TYPE.finditer(line.text)]
        for name, start, end in said:
            plain = " ".join(name.lower().split())
            hint = _close(plain, PUBLICATION_TYPES, 0.85)
            if plain.rstrip("s") not in {known.rstrip("s") for known in PUBLICATION_TYPES} and hint:
                yield Spot(
                    line, start, end, f'There is no publication type "{name}": it finds nothing.', hint
                )


def _last_operand(match: re.Match[str]) -> tuple[str, int, int]:
    """What stands between the last operator and `.pt.`, and where."""
    name = _OPERATOR.split(match[0])[-1].lstrip()
    return name.strip('" '), match.end() - len(name), match.end()


def _close(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f'Did you mean "{close[0]}"?' if close else ""


_TOLD = Told(
    '"infant"[MeSH Terms]',
    (
        'PubMed dropped "Motherhood Bliss"[mh] because it is not in its index: the rest was searched without it.',
    ),
    when="in an example",
)

CHECKS = (
    Check(
        "S601",
        "A heading that does not exist",
        Severity.ERROR,
        "PubMed says that it did not find the heading: in the last run, or because `harvest check --ask` has asked for "
        "it alone.",
        "The heading is dropped and nothing is searched in its place.",
        wrong='"Motherhood Bliss"[mh] OR "Infant"[mh]\n',
        right='"Mothers"[mh] OR "Infant"[mh]\n',
        source=f"{HEADINGS}; PhraseNotFound of ESearch",
        look=_not_there,
        dialects=(PUBMED,),
        told=_TOLD,
    ),
    Check(
        "S602",
        "A heading PubMed reads as another",
        Severity.ADVICE,
        "The term is an entry term of a heading, or the heading was renamed: PubMed searches the present one.",
        "The strategy should name what is searched; an entry term may lead elsewhere next year.",
        wrong='"heart attack"[mh]\n',
        right='"Myocardial Infarction"[mh]\n',
        source=f"{HEADINGS}; QueryTranslation of ESearch",
        look=_mapped,
        dialects=(PUBMED,),
        told=Told('"myocardial infarction"[MeSH Terms]', when="in an example"),
    ),
    Check(
        "S603",
        "A subheading that does not exist",
        Severity.WARNING,
        "What stands behind the slash of a heading, or before [sh], is none of MeSH's subheadings.",
        "The term finds nothing.",
        wrong='"Depression/treatment"[mh]\n',
        right='"Depression/therapy"[mh]\n',
        source=f"{HELP}, “MeSH Subheadings”",
        look=_subheadings,
        dialects=(PUBMED,),
    ),
    Check(
        "S604",
        "A publication type that does not exist",
        Severity.WARNING,
        "The publication type comes close to one of MEDLINE's, and is none: most often it is in British spelling.",
        "It finds nothing, in the one line that should find most trials.",
        wrong="randomised controlled trial[pt]\n",
        right="randomized controlled trial[pt]\n",
        source=f"{HELP}, “Publication Types”; found in a published Cochrane strategy (CD012164)",
        look=_types,
        dialects=(PUBMED, OVID),
    ),
)

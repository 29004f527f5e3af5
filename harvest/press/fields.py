"""S4: field tags, and the syntax of other platforms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from harvest.press.dialect import (
    COCHRANE,
    EMBASE,
    NAMES,
    OTHER,
    OVID,
    PUBMED,
    PUBMED_TAG,
    SIGNS,
    TRIALS,
)
from harvest.press.finding import Check, Severity, Spot, Subject
from harvest.press.text import terms, unquoted
from harvest.press.vocabulary import HELP, PUBMED_TAGS, SEARCH_AREAS, is_tag

_FOREIGN = {
    PUBMED: (OVID, EMBASE, COCHRANE),
    TRIALS: (OVID, EMBASE, PUBMED),
    OTHER: (),
    OVID: (PUBMED,),
    EMBASE: (PUBMED, OVID),
    COCHRANE: (PUBMED, OVID),
}
"""Whose syntax is looked for in a strategy of each dialect."""
_PROXIMITY = re.compile(
    r"\b(?:adj\d*|near/\d+|next/\d+|w/\d+|pre/\d+|n\d{1,2}(?=\s+[\w(\"]))(?!\w)", re.IGNORECASE
)
_OVID_SET = re.compile(r"\b(?:or|and)/\d+(?:[-,]\d+)*", re.IGNORECASE)
_AREA = re.compile(r"\b(AREA|SEARCH)\[([^\]]*)\]")
_ADVICE = {
    OVID: "PubMed writes [tiab], [ti], [mh], [pt].",
    EMBASE: "PubMed writes [tiab], [mh].",
    COCHRANE: 'PubMed writes "…"[mh].',
}


def _foreign(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        text = unquoted(line.text)
        for platform in _FOREIGN.get(subject.dialect, ()):
            match = _first(text if platform != COCHRANE else line.text, platform, subject.dialect)
            if match:
                sentence = f'"{match[0].strip()}" looks like the syntax of {NAMES[platform]}.'
                yield Spot(line, *match.span(), sentence, _hint(subject.dialect, platform))
                break


def _first(text: str, platform: str, dialect: str) -> re.Match[str] | None:
    signs = (*SIGNS[platform], _OVID_SET) if platform == OVID and dialect == PUBMED else SIGNS[platform]
    if dialect == TRIALS and platform == PUBMED:
        signs = (re.compile(rf"(?<!AREA)(?<!RANGE)(?:{PUBMED_TAG.pattern})", re.IGNORECASE),)
    if dialect == COCHRANE and platform == PUBMED:
        signs = (re.compile(r"\[(?:tiab|ti|tw|pt)\]", re.IGNORECASE),)
    found = [match for sign in signs if (match := sign.search(text))]
    return min(found, key=lambda match: match.start(), default=None)


def _hint(dialect: str, platform: str) -> str:
    if dialect == PUBMED:
        return _ADVICE[platform]
    if dialect == TRIALS:
        return (
            "The register has no field tags in words: write AREA[Field]words, or use cond:, intr:, titles:."
        )
    return f"Write it as {NAMES[dialect]} does."


def _proximity(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        if match := _PROXIMITY.search(unquoted(line.text)):
            sentence = f'"{match[0]}" is a proximity operator of other platforms.'
            hint = 'PubMed writes "hip pain"[tiab:~3].' if subject.dialect == PUBMED else "Write it without."
            yield Spot(line, *match.span(), sentence, hint)


def _unknown_tag(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            if term.tag and not is_tag(term.tag) and not term.tag.startswith("mh "):
                sentence = f"PubMed has no field [{term.tag}] and searches the term without it."
                yield Spot(line, term.tag_start, term.tag_end, sentence, _meant(term.tag))


def _meant(tag: str) -> str:
    parts = [part.strip() for part in re.split(r"[,;/]", tag)]
    if len(parts) > 1 and set(parts) <= {"ti", "ab", "kw", "tiab"}:
        return "Write [tiab]: it searches title, abstract and authors' keywords."
    if tag == "ab":
        return "PubMed cannot search abstracts alone; write [tiab]."
    close = difflib.get_close_matches(tag.partition(":")[0], PUBMED_TAGS, n=1, cutoff=0.7)
    return f"Did you mean [{close[0]}]?" if close else "The PubMed User Guide lists the tags."


def _behind_bracket(subject: Subject) -> Iterator[Spot]:
    """A tag behind a closing bracket."""
    for line in subject.strategy.passages:
        for match in re.finditer(r"\)\s*(\[[^\]]*\])", unquoted(line.text)):
            sentence = (
                f"The tag {match[1]} stands behind a bracket; PubMed takes a tag behind each term only."
            )
            yield Spot(line, *match.span(1), sentence, "Write the tag behind every term.")


def _untagged(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        bare = [term for term in terms(subject, line) if not term.tag and re.search(r"[^\W\d]", term.text)]
        bare = [term for term in bare if term.text.lower() not in ("and", "or", "not", ":")]
        if bare:
            more = f", and {len(bare) - 1} more on this line" if len(bare) > 1 else ""
            sentence = f'"{bare[0].text}" has no field tag{more}.'
            yield Spot(line, bare[0].start, bare[0].end, sentence, "Tag each term: [tiab], [mh], …")


def _area(subject: Subject) -> Iterator[Spot]:
    known = {name.lower(): name for name in SEARCH_AREAS}
    for line in subject.strategy.passages:
        for match in _AREA.finditer(line.text):
            name = match[2].strip()
            close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.8)
            if name not in SEARCH_AREAS and close:
                sentence = f"{match[1]}[{name}] is most likely no field of the register."
                yield Spot(line, *match.span(2), sentence, f"Did you mean {match[1]}[{known[close[0]]}]?")


CHECKS = (
    Check(
        "S401",
        "A field tag PubMed does not know",
        Severity.ERROR,
        "The word in square brackets is no field of PubMed.",
        "PubMed drops the tag and searches the term in all fields, or not at all.",
        wrong="depression[ti,ab]\n",
        right="depression[tiab]\n",
        source=f"{HELP}, “Search field tags”; FieldNotFound of ESearch",
        look=_unknown_tag,
        dialects=(PUBMED,),
    ),
    Check(
        "S402",
        "Syntax of another platform",
        Severity.ERROR,
        "A field or a heading is written as another platform writes it: the strategy was pasted without translating "
        "it.",
        "The signs are read as words, or dropped: what is searched is something else.",
        wrong="exp Depression/ OR depress$.tw.\n",
        right='"Depression"[mh] OR depress*[tiab]\n',
        source="The syntax of each platform: docs/exports.md; PRESS 2015, element 5",
        look=_foreign,
    ),
    Check(
        "S403",
        "A proximity operator of another platform",
        Severity.ERROR,
        "adj3, NEAR/3, NEXT/3, W/3 and the like stand in the search.",
        "PubMed and ClinicalTrials.gov read them as words.",
        wrong="infant[tiab] adj3 mother[tiab]\n",
        right='"infant mother"[tiab:~3]\n',
        source=f"{HELP}, “Proximity searching”",
        look=_proximity,
        dialects=(PUBMED, TRIALS),
    ),
    Check(
        "S404",
        "A search area the register does not have",
        Severity.WARNING,
        "AREA[…] or SEARCH[…] names no field of the register, and comes close to one.",
        "An unknown area is an error of the API, or matches nothing.",
        wrong="advanced: AREA[StudyFirstPostedDate]RANGE[2020-01-01,MAX]\nterm: infant\n",
        right="advanced: AREA[StudyFirstPostDate]RANGE[2020-01-01,MAX]\nterm: infant\n",
        source="clinicaltrials.gov/data-api/about-api/study-data-structure (a list of names, not whole)",
        look=_area,
        dialects=(TRIALS,),
    ),
    Check(
        "S405",
        "A tag behind a bracket",
        Severity.WARNING,
        "One field tag is meant for everything in the bracket before it.",
        "A tag belongs to the one term before it: the others are searched untagged.",
        wrong="(depression OR anxiety)[tiab]\n",
        right="depression[tiab] OR anxiety[tiab]\n",
        source=f"{HELP}: “each term must be tagged individually”; what PubMed makes of it is not documented",
        look=_behind_bracket,
        dialects=(PUBMED,),
    ),
    Check(
        "S406",
        "Terms without a field tag",
        Severity.ADVICE,
        "A term is left to automatic term mapping.",
        "PubMed adds headings and synonyms to it by tables that change every year: the same string finds other "
        "records next year, and no reader can repeat it.",
        wrong="postpartum depression\n",
        right='"postpartum depression"[tiab] OR "Depression, Postpartum"[mh]\n',
        source=f"{HELP}, “Automatic Term Mapping”; PRISMA-S item 8",
        look=_untagged,
        dialects=(PUBMED,),
    ),
)

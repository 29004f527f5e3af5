"""S8: whether each concept is searched by headings and by words, in every spelling, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.press.dialect import OVID, OVID_HEADING, PUBMED
from harvest.press.finding import Check, Severity, Spot, Subject
from harvest.press.text import Concept, concepts, terms, unquoted
from harvest.press.vocabulary import HEADING_TAGS, TEXT_TAGS, TITLE_TAGS
from harvest.strategy import Line, read_strategy

WORDS = "PRESS 2015, elements 3 and 4: subject headings and text words (doi:10.1016/j.jclinepi.2016.01.021)"
SPELLING = "PRESS 2015, element 5: spelling, syntax and line numbers (doi:10.1016/j.jclinepi.2016.01.021)"
_DESIGN = re.compile(
    r"randomi[sz]ed|controlled clinical trial|\banimals?\b|\blimit\b|\{filter"
    r"|^[\s(\"]*(?:exp\s+)?humans?\"?(?:\[[^\]]*\]|/|\.\w\w\.?)?[\s)]*$",
    re.IGNORECASE,
)
_OVID_WORDS = re.compile(r"\.(?:tw|ti|ab|mp|kf|kw|af)(?:,\w\w)*(?:\.|\s|$)", re.IGNORECASE)
_OVID_HEADING = re.compile(rf"{OVID_HEADING.pattern}|[\w)]/(?:\w\w\b)?|\.(?:mp|af|sh|hw)\.", re.IGNORECASE)

_SPELLINGS = (
    ("behaviour", "behavior"), ("paediatri", "pediatri"), ("tumour", "tumor"), ("anaemi", "anemi"),
    ("haemorrhag", "hemorrhag"), ("haemato", "hemato"), ("leukaemi", "leukemi"), ("oedema", "edema"),
    ("oestrogen", "estrogen"), ("oesophag", "esophag"), ("foetal", "fetal"), ("foetus", "fetus"),
    ("anaesthe", "anesthe"), ("gynaecolog", "gynecolog"), ("orthopaedic", "orthopedic"),
    ("diarrhoea", "diarrhea"), ("caesarean", "cesarean"), ("ischaemi", "ischemi"), ("labour", "labor"),
    ("hospitalis", "hospitaliz"), ("immunis", "immuniz"), ("counselling", "counseling"),
    ("ageing", "aging"), ("colour", "color"), ("programme", "program"), ("fibre", "fiber"), ("sulph", "sulf"),
    ("haemoglobin", "hemoglobin"), ("glycaemi", "glycemi"), ("coeliac", "celiac"), ("faeces", "feces"),
)  # fmt: skip
"""British and American stems."""


def _ideas(subject: Subject) -> Iterator[Concept]:
    """Concepts of the question: no filter for the design, no limit."""
    return (concept for concept in concepts(subject) if not _DESIGN.search(concept.text))


def _has_headings(subject: Subject, concept: Concept) -> bool:
    if subject.dialect == OVID:
        return bool(_OVID_HEADING.search(concept.text))
    return bool(_tags(subject, concept) & {*HEADING_TAGS, ""})


def _has_words(subject: Subject, concept: Concept) -> bool:
    if subject.dialect == OVID:
        return bool(_OVID_WORDS.search(concept.text))
    return bool(_tags(subject, concept) & TEXT_TAGS)


def _tags(subject: Subject, concept: Concept) -> set[str]:
    """Fields of all terms of a concept."""
    alone = Line(1, concept.text, 1)
    plain = Subject(read_strategy(b"x", ""), subject.dialect)
    return {term.field for term in terms(plain, alone) if re.search(r"\w", term.text)}


def _no_headings(subject: Subject) -> Iterator[Spot]:
    for concept in _ideas(subject):
        if _has_words(subject, concept) and not _has_headings(subject, concept):
            sentence = "This concept is searched by words only."
            hint = "Add its MeSH headings, if there are any."
            yield Spot(concept.line, concept.start, concept.end, sentence, hint)


def _no_words(subject: Subject) -> Iterator[Spot]:
    for concept in _ideas(subject):
        if _has_headings(subject, concept) and not _has_words(subject, concept):
            sentence = "This concept is searched by headings only: what is not indexed yet is not found."
            yield Spot(
                concept.line, concept.start, concept.end, sentence, "Add its words in title and abstract."
            )


def _spelling(subject: Subject) -> Iterator[Spot]:
    whole = " ".join(line.text for line in subject.strategy.passages).lower()
    for pair in _SPELLINGS:
        there = [bool(re.search(rf"(?<![a-z]){stem}", whole)) for stem in pair]
        if there[0] != there[1]:
            yield from _only(subject, *(pair if there[0] else pair[::-1]))


def _only(subject: Subject, stem: str, other: str) -> Iterator[Spot]:
    """The first place among the words of titles and abstracts where only one spelling stands."""
    for line in subject.strategy.passages:
        for match in re.finditer(rf"(?<![a-z]){stem}[a-z]*[*$]?", line.text, re.IGNORECASE):
            if _is_word(subject, line, match.start()):
                sentence = f'"{match[0]}" is searched, and "{other}…" nowhere.'
                yield Spot(
                    line, *match.span(), sentence, "Add the other spelling, or truncate before they part."
                )
                return


def _is_word(subject: Subject, line: Line, place: int) -> bool:
    """True where titles and abstracts are searched, and no heading or publication type."""
    if subject.dialect == PUBMED:
        here = [term for term in terms(subject, line) if term.start <= place < max(term.end, term.tag_end)]
        return any(term.field in TITLE_TAGS for term in here)
    behind = re.match(r"[^/.]*(/|\.\w\w)", line.text[place:])
    return bool(behind and behind[1].lower() in (".tw", ".ti", ".ab", ".mp", ".kf", ".kw"))


def _twice(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        seen: set[tuple[str, str, str]] = set()
        for term in terms(subject, line):
            said = (term.text.casefold(), term.tag, str(_bracket(line.text, term.start)))
            if said in seen and re.search(r"\w", term.text):
                sentence = f'"{term.text}" stands twice in the same bracket.'
                yield Spot(line, term.start, max(term.end, term.tag_end), sentence, "Take one away.")
            seen.add(said)


def _bracket(text: str, place: int) -> int:
    """Where the bracket around a place was opened; -1 outside of all."""
    opened: list[int] = []
    for at, sign in enumerate(unquoted(text)[:place]):
        if sign == "(":
            opened.append(at)
        elif sign == ")" and opened:
            opened.pop()
    return opened[-1] if opened else -1


CHECKS = (
    Check(
        "S801",
        "A term given twice",
        Severity.ADVICE,
        "The same term with the same tag stands twice in one bracket.",
        "Harmless in itself, but often one of them should have been another word.",
        wrong="infant[tiab] OR baby[tiab] OR infant[tiab]\n",
        right="infant[tiab] OR baby[tiab] OR toddler[tiab]\n",
        source=SPELLING,
        look=_twice,
        dialects=(PUBMED,),
    ),
    Check(
        "S802",
        "A concept without headings",
        Severity.ADVICE,
        "One of the parts joined by AND has words, and no subject heading.",
        "Reports that name the idea in other words are found by their headings alone.",
        wrong='infant[tiab] AND ("Depression"[mh] OR depression[tiab])\n',
        right='("Infant"[mh] OR infant[tiab]) AND ("Depression"[mh] OR depression[tiab])\n',
        source=WORDS,
        look=_no_headings,
        dialects=(PUBMED, OVID),
    ),
    Check(
        "S803",
        "A concept without text words",
        Severity.ADVICE,
        "One of the parts joined by AND has subject headings, and no words.",
        "The newest records, and those that MEDLINE does not index, have no headings.",
        wrong='"Infant"[mh] AND ("Depression"[mh] OR depression[tiab])\n',
        right='("Infant"[mh] OR infant[tiab]) AND ("Depression"[mh] OR depression[tiab])\n',
        source=WORDS,
        look=_no_words,
        dialects=(PUBMED, OVID),
    ),
    Check(
        "S804",
        "One spelling of two",
        Severity.ADVICE,
        "A word is searched in British or in American spelling only.",
        "Words in titles and abstracts are found as their authors spelt them.",
        wrong="behavior[tiab]\n",
        right="behavior[tiab] OR behaviour[tiab]\n",
        source=SPELLING,
        look=_spelling,
        dialects=(PUBMED, OVID),
    ),
)

"""S5: truncation, phrases and proximity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.press.dialect import PUBMED, TRIALS
from harvest.press.finding import Check, Severity, Spot, Subject
from harvest.press.text import Term, terms, unquoted
from harvest.press.vocabulary import HEADING_TAGS, HELP, PROXIMITY_TAGS
from harvest.strategy import Line

SHORTEST = 4
"""Letters PubMed wants before an asterisk."""
_FOREIGN_WILDCARD = re.compile(r"\w+(?:\$\d*|\?)(?=\W|$|\w)|\w+#\w+")
_WORD = re.compile(r"[^\s\"]+")


def _each_term(subject: Subject) -> Iterator[tuple[Line, Term]]:
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            yield line, term


def _words(line: Line, term: Term) -> list[re.Match[str]]:
    """The words of a term, with their places in the line."""
    return [match for match in _WORD.finditer(line.text, term.start, term.end) if match[0]]


def _short(subject: Subject) -> Iterator[Spot]:
    for line, term in _each_term(subject):
        for word in _words(line, term):
            stem = word[0].removesuffix("*")
            if word[0].endswith("*") and stem and "*" not in stem and len(re.sub(r"\W", "", stem)) < SHORTEST:
                sentence = (
                    f'"{word[0]}" has fewer than {SHORTEST} letters before *, and PubMed does not expand it.'
                )
                yield Spot(line, *word.span(), sentence, "Write the words out, joined by OR.")


def _inside(subject: Subject) -> Iterator[Spot]:
    for line, term in _each_term(subject):
        words = _words(line, term) if "~" not in term.tag else []  # with a distance, another check speaks
        for word in words:
            if "*" in word[0].rstrip("*"):
                sentence = f'"{word[0]}": PubMed truncates at the end of a word only.'
                yield Spot(line, *word.span(), sentence, "Write the forms out, joined by OR.")
            elif word[0].endswith("*") and word is not words[-1] and (term.quoted or term.tag):
                sentence = f'"{word[0]}" is truncated inside a phrase: only its last word may be.'
                hint = f'Write the phrases out, or "… …"[tiab:~0] for each form of {word[0]}'
                yield Spot(line, *word.span(), sentence, hint)


def _foreign(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        if match := _FOREIGN_WILDCARD.search(line.text):
            sentence = f'"{match[0]}" truncates on other platforms; PubMed knows * at the end of a word only.'
            yield Spot(line, *match.span(), sentence, "Write *, or the forms joined by OR.")


def _heading(subject: Subject) -> Iterator[Spot]:
    for line, term in _each_term(subject):
        if term.field in HEADING_TAGS and "*" in term.text:
            sentence = f'"{term.text}" truncates a heading: PubMed then leaves out the narrower headings.'
            yield Spot(line, term.start, term.end, sentence, "Write each heading in full.")


def _proximity(subject: Subject) -> Iterator[Spot]:
    for line, term in _each_term(subject):
        if "~" not in term.tag:
            continue
        if term.field not in PROXIMITY_TAGS:
            what = f"[{term.tag}]: proximity works in [tiab], [ti] and [ad] only."
        elif not term.quoted or len(term.text.split()) < 2:
            what = f"[{term.tag}] needs two words or more in quotation marks before it."
        elif "*" in term.text:
            what = f'"{term.text}"[{term.tag}]: PubMed ignores the distance where a word is truncated.'
        else:
            continue
        yield Spot(line, term.start, term.tag_end, what, 'Write it as "hip pain"[tiab:~2].')


def _register(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        if match := re.search(r"\w+[*$]", unquoted(line.text)):
            sentence = f'"{match[0]}": the register knows no truncation; it adds word forms by itself.'
            yield Spot(line, *match.span(), sentence, "Write the word.")


CHECKS = (
    Check(
        "S501",
        "Truncation too short",
        Severity.WARNING,
        f"Fewer than {SHORTEST} letters stand before the asterisk.",
        "PubMed does not expand it: the search finds less than it seems to ask for.",
        wrong="(rat*[tiab])\n",
        right="(rat[tiab] OR rats[tiab])\n",
        source=f"{HELP}: “At least four characters must be provided in the truncated term”",
        look=_short,
        dialects=(PUBMED,),
    ),
    Check(
        "S502",
        "Truncation in the middle",
        Severity.ERROR,
        "An asterisk stands inside a word, before it, or in a word of a phrase that is not its last.",
        "PubMed truncates the last word of a phrase, at its end, and nothing else.",
        wrong='wom*n[tiab] OR "parent* training"[tiab]\n',
        right='woman[tiab] OR women[tiab] OR "parent training"[tiab] OR "parental training"[tiab]\n',
        source=f"{HELP}: “The truncated term must be the last word in the phrase”",
        look=_inside,
        dialects=(PUBMED,),
    ),
    Check(
        "S503",
        "A wildcard of another platform",
        Severity.ERROR,
        "$, ? or # stands in a word.",
        "PubMed drops the sign or reads the word as it is.",
        wrong="depress$[tiab] OR randomi?ed[tiab]\n",
        right="depress*[tiab] OR randomised[tiab] OR randomized[tiab]\n",
        source=f"{HELP}, “Truncating search terms”: * is the only wildcard",
        look=_foreign,
        dialects=(PUBMED,),
    ),
    Check(
        "S504",
        "A truncated heading",
        Severity.WARNING,
        "A MeSH heading is cut off with an asterisk.",
        "Truncation turns off the explosion: narrower headings are no longer found.",
        wrong="Depress*[mh]\n",
        right='"Depression"[mh] OR "Depressive Disorder"[mh]\n',
        source=f"{HELP}: “Truncation turns off automatic term mapping and the process that includes the MeSH term and "
        "any specific terms indented under that term”",
        look=_heading,
        dialects=(PUBMED,),
    ),
    Check(
        "S505",
        "Proximity that PubMed will not use",
        Severity.ERROR,
        "[field:~N] stands behind a single word, words without quotation marks, a truncated word, or in a field "
        "without proximity.",
        "PubMed ignores the distance.",
        wrong='"mother* infant"[tiab:~3]\n',
        right='"mother infant"[tiab:~3]\n',
        source=f"{HELP}, “Proximity searching”",
        look=_proximity,
        dialects=(PUBMED,),
    ),
    Check(
        "S506",
        "Truncation in a register without it",
        Severity.WARNING,
        "An asterisk or a $ stands at the end of a word.",
        "ClinicalTrials.gov looks for word forms by itself, and for nothing with an asterisk.",
        wrong="term: depress*\n",
        right="term: depression\n",
        source="clinicaltrials.gov/find-studies/constructing-complex-search-queries",
        look=_register,
        dialects=(TRIALS,),
    ),
)

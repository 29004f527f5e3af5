"""S7: filters for the design, and limits by date, language and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.press.dialect import NAMES, OVID, PUBMED
from harvest.press.finding import Check, Look, Severity, Spot, Subject
from harvest.press.signs import slips
from harvest.press.text import operators, terms
from harvest.press.vocabulary import DATE_TAGS, HEADING_TAGS, HELP
from harvest.strategy import filters_of
from harvest.strategy.filters import INCLUDE, known_filters

LIMITS = "PRESS 2015, element 6: limits and filters (doi:10.1016/j.jclinepi.2016.01.021)"
FILTERS = "MECIR C34 and PRISMA-S item 10"
_TRIALS = re.compile(
    r"randomi[sz]ed controlled trial|controlled clinical trial|\brandom(?:i[sz]ed|ly|\*|i[sz]\*)|\bplacebo\b"
    r"|AREA\[DesignAllocation\]\s*RANDOMIZED",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"\b(?:english|french|german|spanish|chinese)\s*\[(?:la|lang|language)\]|\b(?:english|french|german|spanish)\.(?:la|lg)\."
    r"|\blimit\b[^\n]*\b(?:english|language)\b|\[english\]/lim|\bLA\s+english\b|LANG:",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\blimit\b[^\n]*\b(?:yr\s*=|ed\s*=|dt\s*=|\d{4}\s*-\s*(?:\d{4}|current))", re.IGNORECASE)
_INDEXED = re.compile(
    r"\bhasabstract\b|\b(?:medline|full text|free full text|pubmed pmc)\s*\[(?:sb|filter|subset)\]",
    re.IGNORECASE,
)


def _everywhere(pattern: re.Pattern[str], sentence: str, suggestion: str) -> Look:
    def look(subject: Subject) -> Iterator[Spot]:
        for line in subject.strategy.passages:
            if match := pattern.search(line.text):
                yield Spot(line, *match.span(), sentence.format(match[0]), suggestion)

    return look


def _other_dialect(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        for match in INCLUDE.finditer(line.text):
            block = known_filters().get(match["name"].lower())
            if block and not subject.by_hand and block.dialect != subject.dialect:
                here = subject.label or NAMES.get(subject.dialect, "this source")
                sentence = f"{block.name} is written for {NAMES[block.dialect]}, and this is sent to {here}."
                yield Spot(line, *match.span(), sentence, "`harvest filters` lists them all.")


def _by_hand(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages if subject.by_hand else ():
        for match in INCLUDE.finditer(line.text):
            sentence = "This strategy is run by hand, and the file should be what was run."
            hint = f"Put in the lines that `harvest filters {match['name']}` prints."
            yield Spot(line, *match.span(), sentence, hint)


def _on_trials(subject: Subject) -> Iterator[Spot]:
    if not subject.trials_only:
        return
    here = subject.label or "This source"
    sentence = (
        f"{here} holds trials only, and this is a filter for trials: it loses those that do not say so."
    )
    named = any(block.designs for block in filters_of(subject.strategy))
    for line in subject.strategy.passages:
        match = next((m for m in INCLUDE.finditer(line.text)), None) if named else None
        if match := match or _TRIALS.search(line.text):
            yield Spot(line, *match.span(), sentence, "Search without it.")
            return


def _published(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            if term.field in DATE_TAGS:
                sentence = f"[{term.tag}] limits by the date of publication."
                hint = "Leave it out, or use [crdt], the day a record came into PubMed; the limit belongs in `limits`."
                yield Spot(line, term.start, term.tag_end, sentence, hint)
                break


def _people_only(subject: Subject) -> Iterator[Spot]:
    """humans[mh] joined by AND, and subsets that hold only a part of PubMed."""
    for line in subject.strategy.passages:
        if match := _INDEXED.search(line.text):
            sentence = f"{match[0]} leaves out what is not indexed yet, or has no abstract or free text."
            yield Spot(line, *match.span(), sentence, "Leave it out.")
        if re.search(r"\banimals?\b", line.text, re.IGNORECASE):
            continue  # a part of what spares people from NOT animals
        joined = operators(subject, line)
        for term in terms(subject, line):
            before = [operator.word.upper() for operator in joined if operator.end <= term.start]
            people = term.field in HEADING_TAGS and term.text.lower() in ("humans", "human")
            if people and before[-1:] == ["AND"]:
                sentence = "AND humans[mh] leaves out everything that has no headings yet."
                yield Spot(
                    line, term.start, term.tag_end, sentence, "Write: NOT (animals[mh] NOT humans[mh])"
                )


def _drug_therapy(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        for term in terms(subject, line):
            if term.text.lower() == "drug therapy" and term.field in HEADING_TAGS:
                sentence = (
                    'The Cochrane filter has "drug therapy" as a subheading, [sh]; this is the heading.'
                )
                yield Spot(
                    line,
                    term.start,
                    term.tag_end,
                    sentence,
                    "Write drug therapy[sh], if the filter is meant.",
                )


CHECKS = (
    Check(
        "S701",
        "A packaged filter that does not exist",
        Severity.ERROR,
        "{filter: NAME} names no filter that comes with Harvest.",
        "Nothing can be put in its place.",
        wrong="depression[tiab] AND {filter: cochrane-rct}\n",
        right="depression[tiab] AND {filter: cochrane-rct-pubmed-sensitive}\n",
        source="`harvest filters` lists them",
        look=slips("S701"),
        stops=True,
    ),
    Check(
        "S702",
        "A filter written for another platform",
        Severity.ERROR,
        "{filter: NAME} puts in a block whose syntax the source does not read.",
        "A filter is validated for one database on one platform; its signs mean nothing elsewhere.",
        wrong="depression[tiab] AND {filter: cochrane-rct-ovid-sensitive-2023}\n",
        right="depression[tiab] AND {filter: cochrane-rct-pubmed-sensitive}\n",
        source=FILTERS,
        look=_other_dialect,
        stops=True,
    ),
    Check(
        "S703",
        "A filter by name in a strategy run by hand",
        Severity.WARNING,
        "A search by hand names a packaged filter.",
        "Nothing is sent of it: the file is kept as the record of what was run, and nobody can run a name.",
        wrong="1. exp Depression/\n2. {filter: cochrane-rct-ovid-sensitive-2023}\n3. 1 and 2\n",
        right="1. exp Depression/\n2. exp randomized controlled trial/\n3. 1 and 2\n",
        source="PRISMA-S item 8: strategies are reported exactly as run",
        look=_by_hand,
        dialects=(OVID, "embase", "cochrane", "ebsco", "proquest", "other", PUBMED),
    ),
    Check(
        "S704",
        "A filter for trials where there are only trials",
        Severity.WARNING,
        "Terms of a filter for randomised trials stand in a search of a register, or of CENTRAL.",
        "Everything there is a trial already: the filter can only lose some.",
        wrong="term: depression AND randomized\n",
        right="term: depression\n",
        source=f"{FILTERS}; Cochrane Handbook 6.5, section 4.4.7: no trials filter on CENTRAL",
        look=_on_trials,
    ),
    Check(
        "S705",
        "A limit by date of publication",
        Severity.WARNING,
        "The strategy is limited by [dp] or another date of publication.",
        "Records come into PubMed before and after the date they bear: an update limited so loses the late ones. "
        "Every run asks for everything that matches and finds what is new by itself.",
        wrong="depression[tiab] AND 2020:2024[dp]\n",
        right="depression[tiab]\n",
        source=f"{HELP}, “Publication Date”; Cochrane Handbook, section 4.4.5",
        look=_published,
        dialects=(PUBMED,),
    ),
    Check(
        "S706",
        "A limit by language",
        Severity.ADVICE,
        "Only some languages are searched.",
        "Studies in other languages are lost before anybody could judge them; a limit must be justified in the report.",
        wrong="depression[tiab] AND english[la]\n",
        right="depression[tiab]\n",
        source="MECIR C35; PRISMA-S item 9",
        look=_everywhere(_LANGUAGE, '"{}" limits by language.', "Leave it out, or say why in `limits`."),
    ),
    Check(
        "S707",
        "A limit to what is indexed, free, or about people",
        Severity.WARNING,
        "humans[mh] is joined by AND, or a subset such as medline[sb] or free full text[sb] limits the search.",
        "The newest records have no headings yet, and what is free says nothing about what is relevant.",
        wrong="depression[tiab] AND humans[mh]\n",
        right="depression[tiab] NOT (animals[mh] NOT humans[mh])\n",
        source=f"{LIMITS}; Cochrane Handbook, Technical Supplement to chapter 4",
        look=_people_only,
        dialects=(PUBMED,),
    ),
    Check(
        "S708",
        "drug therapy as a heading",
        Severity.WARNING,
        'The Cochrane filter is written with "drug therapy"[mh] in place of drug therapy[sh].',
        "The subheading is meant: a well-known slip of translations from Ovid (.fs.).",
        wrong='randomized[tiab] OR "drug therapy"[mh]\n',
        right="randomized[tiab] OR drug therapy[sh]\n",
        source="Cochrane Handbook 6.5, Box 4.4.a",
        look=_drug_therapy,
        dialects=(PUBMED,),
    ),
    Check(
        "S709",
        "A limit by years in a strategy run by hand",
        Severity.ADVICE,
        "limit … to yr= or ed= stands in the strategy.",
        "What was indexed late is lost; the limit must be justified in the report.",
        wrong='1. depression.tw.\n2. limit 1 to yr="2000 - 2012"\n',
        right="1. depression.tw.\n2. depress$.tw.\n3. 1 or 2\n",
        source=f"{LIMITS}; PRISMA-S item 9",
        look=_everywhere(_YEARS, '"{}" limits by date.', "Leave it out, or say why in `limits`."),
        dialects=(OVID, "other"),
    ),
)

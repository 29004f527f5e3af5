"""S2: AND, OR, NOT, and what they join."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from harvest.press.dialect import OVID, PUBMED, TRIALS
from harvest.press.finding import Check, Severity, Spot, Subject
from harvest.press.signs import PRESS
from harvest.press.text import concepts, expanded, operators, split, unquoted
from harvest.press.vocabulary import HELP
from harvest.strategy import Line

MOST_CONCEPTS = 3
_LIMIT = re.compile(
    r"randomi[sz]ed controlled trial|controlled clinical trial|^\W*limit\b"
    r"|\[(?:dp|pdat|crdt|edat|mdat|date - \w+|la|lang|language|sb|filter|pt|publication type)\]",
    re.IGNORECASE,
)
"""A filter for the design, or a limit: no concept of the question."""
_ANIMALS = re.compile(r"\banimals?\b", re.IGNORECASE)
_HUMANS = re.compile(r"\bhumans?\b", re.IGNORECASE)


def _lower_case(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        for word, start, end, _ in operators(subject, line):
            if word != word.upper():
                sentence = f'"{word}" is an operator for certain only in capitals.'
                yield Spot(line, start, end, sentence, f"Write {word.upper()}.")
                break


def _mixed(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        inside = sorted(operators(subject, line), key=lambda operator: (operator.group, operator.start))
        for _, group in groupby(inside, key=lambda operator: operator.group):
            joined = list(group)
            words = {operator.word.upper() for operator in joined}
            if "OR" in words and len(words) > 1:
                other = next(o for o in joined if o.word.upper() != joined[0].word.upper())
                sentence = f"{joined[0].word} and {other.word} stand side by side without brackets."
                yield Spot(
                    line, other.start, other.end, sentence, "Put brackets around what belongs together."
                )


def _dangling(subject: Subject) -> Iterator[Spot]:
    for line in subject.strategy.passages:
        text = unquoted(line.text)
        for word, start, end, _ in operators(subject, line):
            if word != word.upper():
                continue
            before, after = text[:start].rstrip(), text[end:].lstrip()
            alone = not before or before.endswith("(") or re.search(r"\b(?:AND|OR|NOT)$", before)
            if alone and word != "NOT":  # NOT stands alone in some dialects, and behind AND in others
                yield Spot(
                    line,
                    start,
                    end,
                    f"{word} has nothing before it.",
                    "Take it away, or write what it joins.",
                )
            elif not after or after.startswith(")"):
                yield Spot(
                    line,
                    start,
                    end,
                    f"{word} has nothing behind it.",
                    "Take it away, or write what it joins.",
                )


def _taken_away(subject: Subject) -> Iterator[tuple[Line, int, int, str]]:
    """What stands behind each NOT, with its references replaced."""
    if not subject.strategy.query:
        return
    for line in subject.strategy.passages:
        for word, start, end, _ in operators(subject, line):
            if word.upper() == "NOT":
                stop = _end_of_operand(unquoted(line.text), end)
                text = expanded(subject.strategy, line, end, stop)
                yield line, start, stop, " ".join(text.split())


def _end_of_operand(text: str, start: int) -> int:
    """Where the operand that begins at `start` ends: at the next operator or bracket of its own level."""
    depth = 0
    for match in re.finditer(r"[()]|\b(?:AND|OR|NOT)\b", text[start:], re.IGNORECASE):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
        if depth < 0 or (depth == 0 and match[0] not in "()"):
            return start + match.start()
    return len(text)


def _animals(subject: Subject) -> Iterator[Spot]:
    for line, start, end, text in _taken_away(subject):
        if _ANIMALS.search(text) and not _HUMANS.search(text) and len(text) < 200:
            sentence = (
                "NOT animals takes away every study of people as well that is indexed with Animals, too."
            )
            yield Spot(line, start, end, sentence, _saved(subject.dialect))


def _saved(dialect: str) -> str:
    if dialect == OVID:
        return "Write: not (exp animals/ not humans.sh.)"
    return "Write: NOT (animals[mh] NOT humans[mh])"


def _concept_away(subject: Subject) -> Iterator[Spot]:
    for line, start, end, text in _taken_away(subject):
        spared = _ANIMALS.search(text) or _HUMANS.search(text)
        if not spared and len(split(text.strip("() "), 0, len(text.strip("() ")), "or")) >= 3:
            sentence = (
                "NOT takes away a whole list of terms: a relevant report that mentions one of them is lost."
            )
            yield Spot(
                line, start, end, sentence, "Screen these records instead, or say why none can be relevant."
            )


def _many(subject: Subject) -> Iterator[Spot]:
    ideas = [concept for concept in concepts(subject) if not _LIMIT.search(concept.text)]
    if len(ideas) > MOST_CONCEPTS:
        last = subject.strategy.passages[-1]
        sentence = f"{len(ideas)} concepts are joined by AND, besides any filter for the design."
        yield Spot(
            last, 0, len(last.text), sentence, "Leave out the concept that titles and abstracts name least."
        )


CHECKS = (
    Check(
        "S201",
        "An operator in lower case",
        Severity.WARNING,
        "and, or, not stand in small letters outside quotation marks.",
        "PubMed asks for capitals; ClinicalTrials.gov reads small ones as words to be found.",
        wrong="depression[tiab] or anxiety[tiab]\n",
        right="depression[tiab] OR anxiety[tiab]\n",
        source=f"{HELP}: “Enter Boolean operators in uppercase characters”",
        look=_lower_case,
        dialects=(PUBMED, TRIALS),
    ),
    Check(
        "S202",
        "OR mixed with AND or NOT without brackets",
        Severity.WARNING,
        "Two kinds of operators stand on the same level.",
        "PubMed works from left to right, whatever the operators are: a OR b AND c means (a OR b) AND c. Other "
        "platforms take AND first.",
        wrong="depression[tiab] OR anxiety[tiab] AND infant[tiab]\n",
        right="(depression[tiab] OR anxiety[tiab]) AND infant[tiab]\n",
        source=f"{HELP}: “PubMed processes searches in a left-to-right sequence”",
        look=_mixed,
        dialects=(PUBMED,),
    ),
    Check(
        "S203",
        "An operator with nothing to join",
        Severity.ERROR,
        "AND, OR or NOT stands at the beginning or end of a bracket or a line, or behind another operator.",
        "What it should have joined was lost.",
        wrong="(OR depression[tiab]) AND infant[tiab]\n",
        right="(anxiety[tiab] OR depression[tiab]) AND infant[tiab]\n",
        source=PRESS,
        look=_dangling,
    ),
    Check(
        "S204",
        "NOT animals without NOT humans",
        Severity.WARNING,
        "Records about animals are taken away, and with them those that are about animals and people.",
        "Studies of people are often indexed with Animals as well. The published filters spare them: animals NOT "
        "humans is what they take away.",
        wrong="depression[tiab] NOT animals[mh]\n",
        right="depression[tiab] NOT (animals[mh] NOT humans[mh])\n",
        source="Cochrane Handbook 6.5, Boxes 4.4.a and 4.4.b",
        look=_animals,
    ),
    Check(
        "S205",
        "NOT takes away a whole list",
        Severity.ADVICE,
        "Three terms or more are taken away by NOT.",
        "A report about both what is wanted and what is not is lost, and nobody will notice.",
        wrong="depression[tiab] NOT (review[pt] OR letter[pt] OR editorial[pt])\n",
        right="depression[tiab] AND infant[tiab]\n",
        source="Cochrane Handbook, section 4.4.4 and its Technical Supplement: NOT is to be avoided where possible",
        look=_concept_away,
    ),
    Check(
        "S206",
        "Many concepts joined by AND",
        Severity.ADVICE,
        f"More than {MOST_CONCEPTS} concepts are joined by AND, not counting a filter for the design.",
        "Every further AND loses the reports that do not name that concept in title, abstract or headings; outcomes "
        "and comparisons are often not named.",
        wrong="depression[tiab] AND infant[tiab] AND psychotherapy[tiab] AND attachment[tiab] AND sleep[tiab]\n",
        right="depression[tiab] AND infant[tiab] AND psychotherapy[tiab]\n",
        source="Cochrane Handbook, section 4.4.2: population, intervention and design are usually enough",
        look=_many,
    ),
)

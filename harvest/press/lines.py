"""S3: lines that refer to each other, and the whole they make."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import quote_plus

from harvest.press.dialect import TRIALS
from harvest.press.finding import Check, Severity, Spot, Subject
from harvest.press.signs import PRESS, slips
from harvest.strategy import FIELDS
from harvest.strategy.reading import FIELD_LINE

LONGEST_ADDRESS = 6_000
"""Encoded characters that still pass as an address: servers commonly refuse more than 8,000 (unconfirmed for
ClinicalTrials.gov)."""


def _twice(subject: Subject) -> Iterator[Spot]:
    """Lines that say the same as an earlier one."""
    if subject.strategy.layout != "lines":
        return
    seen: dict[str, int] = {}
    for line in subject.strategy.lines:
        said = " ".join(line.text.casefold().split())
        first = seen.setdefault(said, line.number)
        if first != line.number:
            sentence = f"Line {line.number} says the same as line {first}."
            yield Spot(
                line, 0, len(line.text), sentence, "Take one away, or correct what it should have said."
            )


def _no_field(subject: Subject) -> Iterator[Spot]:
    """Beginnings of lines that look like the name of a field, and are not quite one."""
    for line in subject.strategy.lines:
        match = FIELD_LINE.match(line.text)
        known = {name.lower(): name for name in (*FIELDS, *FIELDS.values()) if name}
        if not match or match[1] in known.values():
            continue
        if close := get_close_matches(match[1].lower(), known, n=1):
            sentence = f"{match[1]} is no field of the register: the line is read as words."
            yield Spot(line, 0, match.end(1), sentence, f"Did you mean {known[close[0]]}: …?")


def _too_long(subject: Subject) -> Iterator[Spot]:
    sent = (subject.strategy.query, *subject.strategy.options.values())
    length = sum(len(quote_plus(text)) for text in sent)
    if length > LONGEST_ADDRESS:
        sentence = f"The search is {length:,} characters long as an address; servers commonly refuse more than 8,000."
        yield Spot(None, 0, 0, sentence, "Divide it into two searches.")


CHECKS = (
    Check(
        "S301",
        "A reference to a line that is not there",
        Severity.ERROR,
        "A line combines others by their numbers and names one that does not exist.",
        "Nothing can be sent. In the history of a database the number would mean something else.",
        wrong="1. depression[tiab]\n2. infant[tiab]\n3. #1 AND #4\n",
        right="1. depression[tiab]\n2. infant[tiab]\n3. #1 AND #2\n",
        source=PRESS,
        look=slips("S301", "Name the line that was meant."),
        stops=True,
    ),
    Check(
        "S302",
        "A reference to the line itself or a later one",
        Severity.ERROR,
        "A line refers to itself, or to a line below it.",
        "A database makes its lines one after the other: there is nothing yet to refer to.",
        wrong="1. depression[tiab]\n2. #1 AND #2\n",
        right="1. depression[tiab]\n2. #1 AND infant[tiab]\n",
        source=PRESS,
        look=slips("S302", "Name an earlier line."),
        stops=True,
    ),
    Check(
        "S303",
        "Numbers that do not follow each other",
        Severity.ERROR,
        "A number is given twice, or one is left out.",
        "References may lead to another line than the one that was meant.",
        wrong="1. depression[tiab]\n2. infant[tiab]\n2. #1 AND #2\n",
        right="1. depression[tiab]\n2. infant[tiab]\n3. #1 AND #2\n",
        source=PRESS,
        look=slips("S303"),
        stops=True,
    ),
    Check(
        "S304",
        "A line that takes no part",
        Severity.WARNING,
        "The last line, which is what is searched, does not refer to this line, directly or through others.",
        "What it says is not searched.",
        wrong="1. depression[tiab]\n2. infant[tiab]\n3. mother[tiab]\n4. #1 AND #3\n",
        right="1. depression[tiab]\n2. infant[tiab]\n3. mother[tiab]\n4. #1 AND (#2 OR #3)\n",
        source=PRESS,
        look=slips("S304", "Combine it, or take it away."),
    ),
    Check(
        "S305",
        "A field of a form given twice",
        Severity.ERROR,
        "Two lines fill the same field of a register's form.",
        "The register takes one value for each field.",
        wrong="cond: depression\ncond: anxiety\n",
        right="cond: depression OR anxiety\n",
        source="ClinicalTrials.gov API, clinicaltrials.gov/data-api/api",
        look=slips("S305"),
        stops=True,
    ),
    Check(
        "S306",
        "A search that grows beyond measure",
        Severity.ERROR,
        "Replacing every reference makes more than a million characters: lines repeat each other over and over.",
        "No source takes it.",
        wrong="".join(
            f"{n}. #{n - 1} OR #{n - 1}\n" if n > 1 else "1. " + "a" * 2000 + "\n" for n in range(1, 12)
        ),
        right="1. depression[tiab]\n2. anxiety[tiab]\n3. #1 OR #2\n",
        source="harvest.strategy.LIMIT",
        look=slips("S306"),
        stops=True,
    ),
    Check(
        "S307",
        "A line that repeats another",
        Severity.ADVICE,
        "Two lines say the same.",
        "Harmless in itself, but often one of them should have said something else.",
        wrong="1. infant[tiab]\n2. infant[tiab]\n3. #1 OR #2\n",
        right="1. infant[tiab]\n2. baby[tiab]\n3. #1 OR #2\n",
        source=PRESS,
        look=_twice,
    ),
    Check(
        "S308",
        "Too long for an address",
        Severity.WARNING,
        "The register is asked by an address (GET), and this search makes it very long.",
        "Servers cut or refuse long addresses.",
        wrong="term: " + " OR ".join(f"disease{n}" for n in range(600)) + "\n",
        right="term: disease1 OR disease2\n",
        source="RFC 9110 section 4.1: 8,000 octets at least should be supported; the register's own limit is not known",
        look=_too_long,
        dialects=(TRIALS,),
    ),
    Check(
        "S309",
        "A field that the register's form does not have",
        Severity.WARNING,
        "A line begins with a word and a colon, and the word is almost the name of a field.",
        "The line is sent as words, or as a part of the field before it.",
        wrong="con: depression\n",
        right="cond: depression\n",
        source="ClinicalTrials.gov API, clinicaltrials.gov/data-api/api",
        look=_no_field,
        dialects=(TRIALS,),
    ),
)

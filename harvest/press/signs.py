"""S0 and S1: the file, and the signs in it that databases read differently or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvest.press.finding import Check, Look, Severity, Spot, Subject
from harvest.press.text import unquoted
from harvest.strategy import Line, Slip

PRESS = "PRESS 2015, element 5: spelling, syntax and line numbers (doi:10.1016/j.jclinepi.2016.01.021)"

_WIDE = r"[\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_NARROW = r"[\u00ad\u200b-\u200f\u2060\ufeff]"


def slips(code: str, suggestion: str = "") -> Look:
    """What reading the strategy has found under this code."""

    def look(subject: Subject) -> Iterator[Spot]:
        for slip in subject.strategy.problems:
            if isinstance(slip, Slip) and slip.code == code:
                line = Line(0, "", 0, slip.pieces) if slip.pieces else None
                yield Spot(line, slip.start, slip.end, slip.message, suggestion)

    return look


def _each(pattern: str, sentence: str, suggestion: str, *, in_quotes: bool = True) -> Look:
    """Every place that matches."""
    wanted = re.compile(pattern)

    def look(subject: Subject) -> Iterator[Spot]:
        for line in subject.strategy.passages:
            text = line.text if in_quotes else unquoted(line.text)
            for match in wanted.finditer(text):
                shown = f"U+{ord(match[0][0]):04X}"
                yield Spot(line, *match.span(), sentence.format(match[0], shown), suggestion)

    return look


def _invisible(subject: Subject) -> Iterator[Spot]:
    """Signs that nobody sees; one without a width stands for no blank."""
    for spot in _each(f"{_WIDE}|{_NARROW}", "An invisible sign ({1}) stands here.", "")(subject):
        narrow = spot.line and re.match(_NARROW, spot.line.text[spot.start])
        yield spot._replace(suggestion="Delete it." if narrow else "Delete it and type a blank.")


CHECKS = (
    Check(
        "S001",
        "A strategy that says nothing",
        Severity.ERROR,
        "The file holds nothing but blank lines and comments.",
        "A source that is asked nothing answers with an error, or with everything it has.",
        wrong="// to be written\n",
        right="depression[tiab]\n",
        source="The layouts in docs/review-toml.md",
        look=slips("S001"),
        stops=True,
    ),
    Check(
        "S002",
        "A file that is not UTF-8",
        Severity.WARNING,
        "The bytes of the file are no UTF-8; they were read as Windows-1252.",
        "An accent or a quotation mark that is read wrongly is sent wrongly.",
        wrong="caf\udce9[tiab]\n",
        right="café[tiab]\n",
        source="db.records are UTF-8 throughout; the stored bytes are kept as they are",
        look=slips("S002", "Save the file in your editor with the encoding UTF-8."),
    ),
    Check(
        "S101",
        "A bracket without its other half",
        Severity.ERROR,
        "A round bracket is opened and never closed, or closed and never opened.",
        "The source guesses where it belongs, and each guesses differently: AND and OR join other terms than was "
        "meant.",
        wrong="(depression[tiab] OR anxiety[tiab] AND infant[tiab]\n",
        right="(depression[tiab] OR anxiety[tiab]) AND infant[tiab]\n",
        source=PRESS,
        look=slips("S101"),
        stops=True,
    ),
    Check(
        "S102",
        "A quotation mark without its other half",
        Severity.ERROR,
        "A straight quotation mark is opened and never closed.",
        "Everything behind it becomes one phrase, operators and all.",
        wrong='"low mood[tiab] OR depression[tiab]\n',
        right='"low mood"[tiab] OR depression[tiab]\n',
        source=PRESS,
        look=slips("S102"),
        stops=True,
    ),
    Check(
        "S103",
        "A typographic quotation mark",
        Severity.WARNING,
        "“ ” „ « » stand where a straight quotation mark should: word processors put them in.",
        "Some sources take them for quotation marks, some for letters, some drop the phrase without a word.",
        wrong="“low mood”[tiab]\n",
        right='"low mood"[tiab]\n',
        source=PRESS,
        look=slips("S103", 'Type " in a plain text editor.'),
    ),
    Check(
        "S104",
        "A dash that is no hyphen",
        Severity.WARNING,
        "A dash (–, —, −) or a non-breaking hyphen stands inside a word or a range of the search.",
        "It is another sign than the hyphen of the indexed word, so the term may match nothing.",
        wrong="parent–infant[tiab]\n",
        right="parent-infant[tiab]\n",
        source=PRESS,
        look=_each(
            r"(?<=[^\W\d])[‐‑‒–—−](?=[^\W\d])",
            "{0} ({1}) is no hyphen.",
            "Type the hyphen of the keyboard: -",
        ),
    ),
    Check(
        "S105",
        "A blank that is no blank",
        Severity.WARNING,
        "A non-breaking, zero-width or other invisible sign stands in the search, pasted from a web page or a "
        "document.",
        "It glues two words to one that nobody has written, or hides an operator.",
        wrong="low\u00a0mood[tiab]\n",
        right="low mood[tiab]\n",
        source=PRESS,
        look=_invisible,
    ),
    Check(
        "S106",
        "A line that follows without an operator",
        Severity.WARNING,
        "One expression goes over several lines, and a line begins without AND, OR or NOT where the line before has "
        "ended.",
        "Both are read as one text: PubMed joins them by AND, or reads them as one phrase.",
        wrong="depression[tiab]\ninfant[tiab]\n",
        right="depression[tiab]\nAND infant[tiab]\n",
        source=PRESS,
        look=slips("S106"),
    ),
    Check(
        "S107",
        "Nothing between brackets or quotation marks",
        Severity.WARNING,
        'There is nothing between ( and ), or between " and ".',
        "Something was deleted or never filled in.",
        wrong='(depression[tiab] OR "")\n',
        right='(depression[tiab] OR "low mood"[tiab])\n',
        source=PRESS,
        look=_each(r'\(\s*\)|"\s*"', "{0} holds nothing.", "Fill it in or take it away."),
    ),
)

"""How many took part, as an abstract says it: `n = 123`, `1,234 patients were randomised`, `Forty-eight women`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedupe.text import words

LEAST, GREATEST = 10, 999_999
"""Fewer are too often something else, and more are no trial."""
MOST = 8
"""So many sizes of one text are kept, the first ones."""

_FIGURES = re.compile(r"[1-9]\d*(?:,\d{3})*(?= [a-zA-Z(])")
_EQUALS = re.compile(r"= ?([1-9]\d*(?:,\d{3})*)(?![\d.])")
_GLUED = frozenset("0123456789.,/-\u2013±<>=~")
"""In front of figures that are part of something longer."""
_ASSIGNED = re.compile(r"\b(?:randomi[sz]ed|enrolled|recruited|assigned|allocated) $", re.IGNORECASE)
_PEOPLE = re.compile(
    r"""\ (?!(?:mg|ml|kg|g|years?|weeks?|months?|days?|hours?|h|min|minutes|per|percent|to|or)\b)
    (?:[a-z][a-z-]*,?\ ){0,4}?
    (?:patients?|participants?|subjects?|women|men|mothers?|fathers?|parents|infants?|babies|newborns|neonates|children
    |adolescents|boys|girls|adults|volunteers|individuals|people|persons|students|pupils|couples|families|dyads|pairs
    |caregivers|carers|veterans|residents|workers|nurses|users)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_UNITS = {
    word: value
    for value, word in enumerate(
        words(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
            " eighteen nineteen"
        ),
        start=1,
    )
} | {
    word: 10 * value
    for value, word in enumerate(words("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
_SENTENCE = re.compile(r"\. (A|[A-Z][a-z]{2,8})(?=[ -])")
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_MULTIPLES = {"hundred": 100, "thousand": 1000}


def sizes(text: str) -> tuple[int, ...]:
    """Numbers of people the text speaks of, without repeats: first those in words, as sentences begin, then figures.

    At most `MOST`, each from `LEAST` to `GREATEST`.

    >>> sizes("Eighty mother-infant dyads were assigned (n = 40 each).")
    (80, 40)
    """
    found = [*_spelled(f". {text}"), *_in_figures(text)]
    return tuple(dict.fromkeys(size for size in found if LEAST <= size <= GREATEST))[:MOST]


def _in_figures(text: str) -> Iterator[int]:
    for match in _EQUALS.finditer(text):
        if text[max(0, match.start() - 3) : match.start()].rstrip()[-2:].lower() in {
            "n",
            " n",
            "(n",
            "[n",
            ";n",
            ",n",
        }:
            yield _count(match[1])
    for match in _FIGURES.finditer(text):
        start, end = match.span()
        if text[start - 1 : start] in _GLUED or _is_year(match[0]):
            continue
        if _PEOPLE.match(text, end) or _ASSIGNED.search(text[max(0, start - 12) : start]):
            yield _count(match[0])


def _count(figures: str) -> int:
    return int(figures.replace(",", ""))


def _is_year(figures: str) -> bool:
    return len(figures) == 4 and figures[:2] in {"19", "20"}


def _spelled(text: str) -> Iterator[int]:
    """`One hundred and twenty-three patients`, where a sentence begins with it: figures do not stand there."""
    for match in _SENTENCE.finditer(text):
        if match[1].lower() in _UNITS or match[1] == "A":
            size, end = _value(text, match.start(1))
            if size and _PEOPLE.match(text, end):
                yield size


def _value(text: str, start: int) -> tuple[int, int]:
    """The number whose words begin at `start`, 0 if none, and where they end."""
    thousands, rest, end = 0, 0, start
    for match in _WORD.finditer(text, start):
        word = match[0].lower()
        if text[end : match.start()] not in {"", " ", "-"} or not (
            word in _UNITS or word in _MULTIPLES or word in {"a", "and"}
        ):
            break
        if word == "thousand":
            thousands, rest = (rest or 1) * 1000, 0
        elif word == "hundred":
            rest = (rest or 1) * 100
        else:
            rest += _UNITS.get(word, 0)
        end = match.end()
    return thousands + rest, end

"""What a title says: the words to compare, the numbers in it, and whether it belongs to one paper alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.notices import read_notice, unmarked
from dedupe.text import fold, plain, words

LANGUAGES = "|".join(
    words(
        "afrikaans arabic bosnian bulgarian catalan chinese croatian czech danish dutch english estonian"
        " finnish flemish french georgian german greek hebrew hungarian icelandic indonesian italian japanese"
        " korean latvian lithuanian macedonian multilingual norwegian persian polish portuguese romanian"
        " russian serbian slovak slovene slovenian spanish swedish thai turkish ukrainian ukranian vietnamese"
    )
)
_NOTE = re.compile(
    rf"""\s*[\[(]\s*(?:
        (?:(?:{LANGUAGES})(?:\s*[;,/&-]\s*|\s+and\s+|\s+)?)+
        | articles?\ in\ [^\])]* | comment\ in\ [^\])]* | see\ comments? | comments? | discussion
        | \d+(?:\s+refs?)? | review | letters? | multiple\ letters | editorial | case\ reports?
        | (?:meeting\ )?abstract(?:\ no\.?\ ?\w+)? | conference\ paper | proceeding
        | clinical\ trial | multicenter\ study | preprint | electronic\ resource | duplicate\ publication
        | corrected | retracted(?:\ (?:article|paper))? | withdrawn
        | in\ process\ citation | record\ supplied\ by\ publisher
    )\s*[\])]\s*\.?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What databases append to a title: language, kind, number of references."""
_BRACKETED = re.compile(r"^\s*\[(.*)\]\s*\.?\s*$", re.DOTALL)
_NO_TITLE = frozenset(
    {"unknown", "untitled", "no title", "no title available", "title not available", "not available"}
)
_GENERIC = frozenset(
    words(
        "a an and the of in on from to this with abstract abstracts acknowledgement acknowledgements"
        " acknowledgment acknowledgments afterword announcement announcements answers appendix author authors"
        " board book case chair chairs chapter comment commentary comments conclusion conclusions contents"
        " correction correspondence corrigendum discussion editor editorial editorials editors errata erratum"
        " foreword guest highlights index introduction introductory invited issue keynote letter letters"
        " memoriam message minitrack news note notes number obituary opinion oral overview panel paper part"
        " perspective perspectives poster posters preface presentation presentations president presidents"
        " proceedings program programme question questions remarks replies reply report reports response"
        " responses review reviews session sessions special summary supplement table tutorial viewpoint vol"
        " volume welcome workshop"
    )
)
"""Words that any issue of any journal may put over a page."""

_NUMBERS = {
    word: str(value)
    for names in (
        "one two three four five six seven eight nine ten eleven twelve",
        "first second third fourth fifth sixth",
    )
    for value, word in enumerate(words(names), start=1)
}
_ROMAN = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "xi": "11",
    "xii": "12",
}
_LETTER = {"i": "1", "v": "5", "x": "10"}
_PARTS = frozenset(words("part parts paper section chapter episode"))
COUNTED = frozenset(words("phase type stage class study trial grade factor volume level series"))
_SPELLED = _NUMBERS.keys() | _ROMAN.keys()
_NUMERAL = _PARTS | COUNTED | _SPELLED | _LETTER.keys()
"""Without one of these words, and without digits, there is no number in a title."""
_DIGITS = re.compile(r"\d+")


class Title(NamedTuple):
    """A title in comparing form."""

    words: str = ""
    """Folded, without the notes of databases and without the words that make it a notice."""
    numbers: tuple[str, ...] = ()
    """Every number in it, sorted; Roman ones and number words as digits, numbers of parts as `part2`, `partb`."""
    notice: str = ""
    """See `dedupe.notices.read_notice`."""
    generic: bool = False
    """True for titles that many papers bear: Editorial, Book review, a journal's own name."""


def title(text: str, journal: str = "") -> Title:
    """Read a title; `journal` (folded) is taken out of titles that only repeat it."""
    notice, text = read_notice(_without_notes(plain(text).strip()))
    folded = fold(text)
    if folded in _NO_TITLE:
        return Title(notice=notice)
    return Title(folded, numbers(folded), notice, is_generic(folded, journal))


def _without_notes(text: str) -> str:
    """Without `[…].` around a translated title and without notes behind it, however many."""
    text = unmarked(text)
    while text.rstrip(" .").endswith(("]", ")")):
        shorter = _NOTE.sub("", text)
        if shorter.startswith("[") and "]" not in shorter.rstrip(" .")[:-1]:
            shorter = _BRACKETED.sub(r"\1", shorter)
        if shorter == text or not fold(shorter):
            break
        text = unmarked(shorter)
    return text


def numbers(folded: str) -> tuple[str, ...]:
    """The number signature of folded words: what tells part I from part II and phase 2 from phase 3."""
    tokens = folded.split()
    if _NUMERAL.isdisjoint(tokens) and folded.replace(" ", "").isalpha():
        return ()
    found: list[str] = []
    for at, token in enumerate(tokens):
        if len(token) > 1 and token not in _SPELLED and token.isalpha():
            continue
        before = tokens[at - 1] if at else ""
        part = "part" if before in _PARTS else ""
        last = at == len(tokens) - 1
        found += [part + number for number in _numbers(token, bool(part) or before in COUNTED, last)]
    return tuple(sorted(found))


def _numbers(token: str, counted: bool, last: bool) -> list[str]:
    """The numbers in one word; a lone letter is one only behind `phase`, `part` … or at the end."""
    if token.isdecimal():
        return [token.lstrip("0") or "0"]
    if not token.isalpha():
        return [digits.lstrip("0") or "0" for digits in _DIGITS.findall(token)]
    number = _NUMBERS.get(token) or _ROMAN.get(token)
    if number:
        return [number]
    if token in _LETTER and (counted or last):
        return [_LETTER[token]]
    return [token] if counted and len(token) == 1 else []


def is_generic(folded: str, journal: str = "") -> bool:
    """True when nothing in the title belongs to this paper alone."""
    rest = folded.replace(journal, " ") if len(journal) > 8 else folded
    return all(word in _GENERIC or word.isdigit() for word in rest.split())

"""Writing taken down to what can be compared: no mark-up, no accents, no punctuation, no capitals.

Every function here is pure, and `fold` of its own result changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,120}>")
_ACCENT = re.compile(r"\\[\"'`^~=.Hcuvbdkr]\s*\{?\\?([A-Za-z])\}?")
"""LaTeX accents: \\"u, \\'{e}, \\c{c}, \\'{\\i}."""
_COMMAND = re.compile(
    r"\\(?!(?:alpha|beta|gamma|delta|epsilon|kappa|lambda|mu|omega|sigma|theta)\b)(?:[a-zA-Z]+\b\s?|[,;:! ])|\\"
)
"""Any other LaTeX command; names of Greek letters lose only their backslash."""
_BRACES = str.maketrans("", "", "{}$")
_MARKS = re.compile("[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic. Marks of other scripts tell words apart, and stay."""
_WORD = re.compile(r"[^\W_]+")
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[\u03b1-\u03c9](?![\u0370-\u03ff])")
"""A Greek letter that is a symbol (TNF-α) and not part of a Greek word."""
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
    | dict.fromkeys("'`´‘’‛′ʹʼʻˈ\u200b\u200c\u200d\u00ad\ufeff", "")
)
"""Letters that Unicode does not take apart; apostrophes and invisible signs vanish without a gap."""


def plain(text: str) -> str:
    """Without HTML entities, tags and LaTeX."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        text = _COMMAND.sub("", _ACCENT.sub(r"\1", text))
    return text.translate(_BRACES) if "{" in text or "$" in text else text


def fold(text: str) -> str:
    """Words in lower case without accents, one blank between them; scripts other than Latin stay."""
    return " ".join(words(plain(text)))


def words(text: str) -> list[str]:
    """The words of a text without mark-up, folded."""
    if text.isascii():
        return _WORD.findall(text.replace("'", "").replace("`", "").lower())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = unicodedata.normalize("NFC", _MARKS.sub("", text).translate(_LETTERS))
    found = " ".join(_WORD.findall(text))
    return _LONE_GREEK.sub(lambda match: _spelled(match[0]), found).split()


def _spelled(letter: str) -> str:
    """`α` → alpha. Unicode spells the name of λ without its b."""
    return unicodedata.name(letter).rsplit(" ", 1)[-1].lower().replace("lamda", "lambda").replace("final", "")

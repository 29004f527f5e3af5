"""Writing taken down to what can be compared: no mark-up, no accents, no punctuation, no capitals.

Every function here is pure, and `fold` of its own result changes nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

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
_GAP = re.compile(r"[\W_]+")
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[\u03b1-\u03c9](?![\u0370-\u03ff])")
"""A Greek letter that is a symbol (TNF-α) and not part of a Greek word."""
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
    | dict.fromkeys("'`´‘’‛′ʹʼʻˈ\u200b\u200c\u200d\u00ad\ufeff", "")
)
"""Letters that Unicode does not take apart; apostrophes and invisible signs vanish without a gap."""

_BEYOND = re.compile(r"[^\x00-\x7f][^\x00-&(-_a-\x7f]*")
"""A stretch beyond ASCII. Apostrophes do not end it: they vanish, and what they part may grow together."""
_WITHIN = re.compile(r"[\x00-\x7f]+")
_LOWER = bytes.maketrans(ascii_uppercase.encode(), ascii_lowercase.encode())
_SPACED = bytes(_LOWER[sign] if chr(sign) in ascii_letters + digits else ord(" ") for sign in range(256))
_NO_LETTERS = bytes(sign for sign in range(128) if chr(sign) not in ascii_letters + digits)
"""Most texts are ASCII, and one pass with a table folds those many times faster than Unicode's rules do."""


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
    text = _transcribed(text)
    if text.isascii():
        return _spaced(text).split()
    return _WITHIN.sub(lambda stretch: _spaced(stretch[0]), text).split()


def letters(text: str) -> str:
    """The same words without blanks between them."""
    text = _transcribed(text)
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTERS).decode()
    return _WITHIN.sub(lambda stretch: letters(stretch[0]), text)


def _spaced(text: str) -> str:
    """ASCII in lower case, a blank for every sign that is no letter or digit; apostrophes vanish."""
    return text.encode().translate(_SPACED, b"'`").decode()


def _transcribed(text: str) -> str:
    """ASCII stays as it is; what is beyond it is folded, and becomes ASCII unless it is of another script."""
    return text if text.isascii() else _BEYOND.sub(lambda stretch: _folded(stretch[0]), text)


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    """One stretch beyond ASCII: most are a single letter, dash or quotation mark."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = unicodedata.normalize("NFC", _MARKS.sub("", text).translate(_LETTERS))
    return _LONE_GREEK.sub(lambda match: _spelled(match[0]), _GAP.sub(" ", text))


def _spelled(letter: str) -> str:
    """`α` → alpha. Unicode spells the name of λ without its b."""
    return unicodedata.name(letter).rsplit(" ", 1)[-1].lower().replace("lamda", "lambda").replace("final", "")

r"""Text with LaTeX in it, as BibTeX holds it: accents, braces, `\textit`, formulas; from that to plain text.

The work is pylatexenc's. What it cannot know is that exports of databases are no LaTeX documents: `%` begins no
comment there, `$5` no formula, and a macro nobody knows (a path of Windows, say) is text that must not vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

_ESCAPED = re.compile(r"\\([%&_#${}])")
_COMMAND = re.compile(r"\\[^%&_#${}\s]|\$")
_SIGN = re.compile(r"\\text[a-z]+")
_FORMULA = re.compile(r"(?<!\\)\$([^$\n]{1,200}?)(?<!\\)\$")
_IS_FORMULA = re.compile(r"[\\^_{]|^\s*(?:[A-Za-z]|[^\d\s][^$]*[<>=].*|[<>=])\s*$")
_LITERAL = re.compile(r"(?<!\\)[%&#$]")
_DOLLAR = re.compile(r"(?<!\\)\$")
_BRACE = re.compile(r"(?<!\\)[{}]")
_SPECIAL = re.compile(r"\\|\$|``|''|--|~")
_TOUCHED = re.compile(r"[\\{}$~`'-]")
_ACCENT = re.compile(r"\\[cvHukdbtr]$")
_LONGEST = 2_000
"""Characters; a longer piece without end is no LaTeX that anybody wrote."""
_MACROS = {
    "textless": "<",
    "textgreater": ">",
    "textregistered": "®",
    "texttrademark": "™",
    "copyright": "©",
    "textcopyright": "©",
    "textdegree": "°",
    "textpm": "±",
    "texttimes": "×",
    "textmu": "µ",
    **dict.fromkeys(("em", "it", "bf", "rm", "sl", "sc", "tt", "sf"), ""),
    **dict.fromkeys(("textsuperscript", "textsubscript", "ce", "path"), ""),
    "url": "%s",
}
"""What publishers write and pylatexenc's table leaves out; of fonts and the like only the text in braces stays."""


def decoded(value: str) -> str:
    """The text as a person reads it; as it stands, less its braces, where it is no LaTeX that can be read."""
    if not _COMMAND.search(value):
        return _unbraced(value)
    formulas = _FORMULA.sub(_formula, unwrapped(value))
    return " ".join(_piece(piece) if _TOUCHED.search(piece) else piece for piece in _pieces(formulas))


def unescaped(value: str) -> str:
    r"""Numbers and links: `\_`, `\&` and the like are resolved, and signs that have names (`{\textless}`)."""
    return decoded(value) if _SIGN.search(value) else _ESCAPED.sub(r"\1", unwrapped(value))


def unwrapped(value: str) -> str:
    """Without the second pair of braces that the Web of Science puts around a whole value."""
    depth = 0
    for brace in _BRACE.finditer(value) if value[:1] == "{" else ():
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return value[1:-1] if brace.end() == len(value) else value
    return value


def _unbraced(value: str) -> str:
    return _ESCAPED.sub(r"\1", _BRACE.sub("", value))


def _formula(match: re.Match[str]) -> str:
    """`$x^2$` and `$p$` are formulas; in `$5 and $10` the dollars are dollars."""
    return match[0] if _IS_FORMULA.search(match[1]) else rf"\${match[1]}\$"


def _pieces(value: str) -> Iterator[str]:
    """Words, several together where braces or a formula hold them: pylatexenc is slow, and most words are none."""
    words = value.split(" ")
    if not _balanced(value):
        yield from words
        return
    held: list[str] = []
    depth, dollars, accent = 0, 0, False
    for word in words:
        held.append(word)
        if _TOUCHED.search(word):
            depth += sum(1 if brace == "{" else -1 for brace in _BRACE.findall(word))
            dollars += len(_DOLLAR.findall(word))
            accent = bool(_ACCENT.search(word))
        elif word:
            accent = False
        if not (depth or dollars % 2 or accent):
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def _balanced(value: str) -> bool:
    depth = 0
    for brace in _BRACE.findall(value):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return not depth and not len(_DOLLAR.findall(value)) % 2


@lru_cache(maxsize=10_000)
def _piece(piece: str) -> str:
    if len(piece) > _LONGEST or not _SPECIAL.search(piece):
        return _unbraced(piece)
    parts = re.split(r"((?<!\\)\$[^$\n]{1,200}?(?<!\\)\$)", piece)  # formulas at the odd places
    literal = (part if place % 2 else _LITERAL.sub(r"\\\g<0>", part) for place, part in enumerate(parts))
    try:
        return str(_decoder().latex_to_text("".join(literal)))
    except RecursionError:
        return _unbraced(piece)


@cache
def _decoder() -> Any:
    from pylatexenc.latex2text import (  # noqa: PLC0415 (only BibTeX needs it, and it is slow to load)
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    known = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=text) for name, text in _MACROS.items()]
    known.add_context_category("exports", macros=macros, prepend=True)
    known.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: str(node.latex_verbatim())))
    return LatexNodes2Text(latex_context=known, math_mode="text", keep_comments=True)

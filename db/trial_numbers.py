"""Numbers by which registers know trials, found in free text and written in one way.

The shapes are the registers' own (primary registries of the WHO ICTRP; EudraCT and CTIS numbers of the
EMA). A number is recognised by its shape, never by the label in front of it, because sources file
numbers under wrong labels. Same number, same `Identifier`: `NCT 00012345` in an abstract and
`nct00012345` in a data bank both become `nct` / `NCT00012345`. Whether the digits can be right is another
question (`db.trial_digits`): what is misprinted is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from db.record import Identifier


class _Shape(NamedTuple):
    scheme: str
    prefix: str
    """In capitals. Empty: the digits speak for themselves."""
    rest: str
    """Pattern of what follows; its groups are the number."""
    form: str
    """Canonical spelling of the groups."""


_SIGN = r"[ :#/.,(-]{0,3}"
_GAP = rf"{_SIGN}(?:(?:NO|NR|NUMBER|ID|IDENTIFIER)\b{_SIGN})?"
"""What stands between a register and its number: `NCT: 0…`, `DRKS-ID 0…`, `ISRCTN No. 7…`."""
_DASH = r" ?- ?"
_EUROPEAN = rf"((?:199|20[0-4])\d){_DASH}"
_IN_DUTCH = r"[A-Z]{0,6}\b[^.;]{0,40}?\bNL" + _GAP

_SHAPES = (
    _Shape("nct", "NCT", _GAP + r"(?!0{8})(\d{8})", "NCT{}"),
    _Shape("isrctn", "ISRCTN", _GAP + r"(?!0{8})(\d{8})", "ISRCTN{}"),
    *(_Shape("isrctn", slip, r"(\d{8})", "ISRCTN{}") for slip in ("ISRTCN", "ISCRTN", "IRCTN")),
    _Shape("ctis", "", rf"{_EUROPEAN}(5\d{{5}}){_DASH}(\d\d)(?:{_DASH}(\d\d))?", "{}-{}-{}-{}"),
    _Shape("eudract", "", rf"{_EUROPEAN}([0-4]\d{{5}}){_DASH}(\d\d)", "{}-{}-{}"),
    _Shape("actrn", "ACTRN", _GAP + r"0?(126\d{11})P?", "ACTRN{}"),
    _Shape("actrn", "ANZCTR", "N?" + _GAP + r"0?(126\d{11})P?", "ACTRN{}"),
    _Shape("drks", "DRKS", _GAP + r"(0\d{7})", "DRKS{}"),
    _Shape("chictr", "CHICTR", _GAP + r"(\d{10})", "ChiCTR{}"),
    _Shape("chictr", "CHICTR", r"[ -]?([A-Z]{2,4})[ -]?(\d{8})", "ChiCTR-{}-{}"),
    _Shape("ctri", "CTRI", r"[ /:-]{0,2}(20\d\d) ?[/-] ?(\d{2,3}) ?[/-] ?(\d{6})", "CTRI/{}/{}/{}"),
    _Shape("jrct", "JRCT", _GAP + r"([A-Z0-9])-?(\d{9})", "jRCT{}{}"),
    _Shape("umin", "UMIN", _GAP + "(?:CTR" + _GAP + r")?(?:UMIN|C)?(0\d{8})", "UMIN{}"),
    _Shape("umin", "JPRN-C", r"(0\d{8})", "UMIN{}"),
    _Shape("japic", "JAPIC", r"[ -]?CTI" + _GAP + r"(\d{6})", "JapicCTI-{}"),
    _Shape("jma", "JMA", r"[ -]?IIA-?(\d{5})", "JMA-IIA{}"),
    _Shape("kct", "KCT", _GAP + r"(\d{7})", "KCT{}"),
    _Shape("irct", "IRCT", _GAP + r"(\d{8,14}N\d{1,3})", "IRCT{}"),
    _Shape("pactr", "PACTR", _GAP + r"(20\d{13,14})", "PACTR{}"),
    _Shape("tctr", "TCTR", _GAP + r"(20\d{9})", "TCTR{}"),
    _Shape("ntr", "NTR", _SIGN + r"(?:NTR)?(\d{3,4})", "NTR{}"),  # NTR1 to NTR3 are neurotensin receptors
    _Shape("ntr", "NL-OMON", r"-?(\d{4,6})", "NL-OMON{}"),
    _Shape(
        "ntr", "NL", r"(?<=\ANL)([1-9]\d{3})\Z", "NL{}"
    ),  # beside a register's name, or alone in its field:
    _Shape(
        "ntr", "TRIALREGISTER.NL", r"[^.;]{0,40}?\bNL([1-9]\d{3})", "NL{}"
    ),  # elsewhere it may be anything
    _Shape("ntr", "DUTCH TRIAL REGIST", _IN_DUTCH + r"([1-9]\d{3})", "NL{}"),
    _Shape("ntr", "NETHERLANDS TRIAL REGIST", _IN_DUTCH + r"([1-9]\d{3})", "NL{}"),
    _Shape("rebec", "RBR", r" ?- ?(\d[0-9A-Z]{4,8})", "RBR-{}"),
    _Shape("slctr", "SLCTR", r"[ /-](20\d\d)[/-](\d{3})", "SLCTR/{}/{}"),
    _Shape("lbctr", "LBCTR", _GAP + r"(20\d{8})", "LBCTR{}"),
    _Shape("itmctr", "ITMCTR", _GAP + r"(\d{10})", "ITMCTR{}"),
    _Shape("rpcec", "RPCEC", _GAP + r"(0\d{7})", "RPCEC{}"),
    _Shape("repec", "PER", r"-(\d{3}-\d\d)", "PER-{}"),
    # The WHO's universal trial number names a trial across registers; it is no registration.
    _Shape("utn", "U1111", r"[ -](\d{4})[ -](\d{4})", "U1111-{}-{}"),
)

SCHEMES = frozenset(shape.scheme for shape in _SHAPES)
"""Every scheme an `Identifier` of this module can have."""

_RUN_ON = frozenset({"nct", "isrctn"})
"""So distinct that a lost blank does not matter: `ClinicalTrials.govNCT00012345`, `NCT00012345Copyright`."""
_LOWER = frozenset({"rebec", "jrct"})
"""Registers that write the letters inside their numbers small."""


def _compiled(shape: _Shape) -> re.Pattern[str]:
    # The look-behind stands after the prefix: a pattern that begins with a literal is found many times
    # faster, and texts are long.
    glued = "[0-9]" if shape.scheme in _RUN_ON else "[A-Z0-9]"
    bare = r"(?:(?<=EUCTR)|(?<=EUDRACT)|(?<=CTIS)|(?<![A-Z0-9-]))"
    prefix = re.escape(shape.prefix)
    start = prefix + f"(?<!{glued}{prefix})" if prefix else bare
    return re.compile(start + shape.rest + f"(?!{glued}|-[0-9])", re.ASCII)


_EUROPEAN_PART = re.compile(r"- ?[0-9]{6} ?-")
"""What every number without a prefix holds."""
_PATTERNS = tuple((shape, _compiled(shape)) for shape in _SHAPES)

# -- which texts are looked at closely ---------------------------------------------------------------
#
# Most texts hold no number, and looking for digits with a pattern takes longer than everything else that is done
# with an abstract. Bytes are turned over many times faster: every digit becomes `0`, every letter small, every
# blank and separator `-`; then a number is a plain piece of text.

_ROUGH = bytes.maketrans(
    bytes(range(256)),
    bytes(
        ord("0") if chr(sign).isdigit() and sign < 128 else ord("-") if chr(sign) in " :#/.,(" else sign
        for sign in bytes(range(256)).lower()
    ),
)
_THREE_DIGITS, _SIX_DIGITS = b"000", b"000000"
_SHORT = (b"ntr0", b"ntr-0", b"ntr--0", b"slctr", b"u0000-0000", b"per-000-00", b"nl0000", b"nl-omon", b"jma")
"""Of numbers that have no six digits in a row, though three; Brazil's has only `rbr-`."""
_FULL_WIDTH = b"\xef\xbc"
"""First bytes of the wide letters and digits of Chinese and Japanese texts."""
_WIDE = re.compile("[\uff01-\uff5e]")
_DASHES, _BLANKS = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63", "\u00a0\u2007\u2009\u202f\u3000"
_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def _worth_a_look(text: str) -> bool:
    raw = text.encode(errors="replace")
    rough = raw.translate(_ROUGH)
    if _THREE_DIGITS in rough:
        return _SIX_DIGITS in rough or b"rbr-" in rough or _holds_short(rough)
    return b"rbr-" in rough or (len(raw) != len(text) and _FULL_WIDTH in raw)


def _holds_short(rough: bytes) -> bool:
    """Whether a number with fewer digits stands around one of the places with three: the rest need not be searched."""
    around, at = [], rough.find(_THREE_DIGITS)
    while at >= 0:
        around.append(rough[max(0, at - 12) : at + 8])
        at = rough.find(_THREE_DIGITS, at + 3)
    together = b" ".join(around)
    return any(number in together for number in _SHORT)


class Mention(NamedTuple):
    """A number and where it stands in the text."""

    start: int
    end: int
    number: Identifier


def find(text: str, origin: str = "") -> tuple[Identifier, ...]:
    """Every trial number in the text, in order, without repeats, in canonical spelling.

    >>> [number.value for number in find("Registered as nct 00923559 and ISRCTN12345678.")]
    ['NCT00923559', 'ISRCTN12345678']
    """
    if not _worth_a_look(text):
        return ()
    return tuple(dict.fromkeys(mention.number for mention in sorted(_mentions(text, origin))))


def mentions(text: str, origin: str = "") -> tuple[Mention, ...]:
    """The same with every repeat, and where in the text each stands, prefix included."""
    return tuple(sorted(_mentions(text, origin))) if _worth_a_look(text) else ()


def _mentions(text: str, origin: str) -> Iterator[Mention]:
    capitals = _capitals(text)
    european = _EUROPEAN_PART.search(capitals) is not None
    for shape, pattern in _PATTERNS:
        if shape.prefix in capitals if shape.prefix else european:
            for match in pattern.finditer(capitals):
                yield Mention(match.start(), match.end(), _identifier(shape, match, origin))


def _capitals(text: str) -> str:
    """The text in plain capitals, sign for sign, so that what is found stands at the same place."""
    plain = text if text.isascii() else _plain(text)
    capitals = plain.upper()
    return capitals if len(capitals) == len(text) else plain.translate(_CAPITALS)  # SS is longer than ß


def _plain(text: str) -> str:
    for sign in _DASHES:
        text = text.replace(sign, "-")
    for sign in _BLANKS:
        text = text.replace(sign, " ")
    return _WIDE.sub(lambda wide: chr(ord(wide[0]) - 0xFEE0), text)


def _identifier(shape: _Shape, match: re.Match[str], origin: str) -> Identifier:
    groups = [group.lower() if shape.scheme in _LOWER else group for group in match.groups("")]
    return Identifier(shape.scheme, shape.form.format(*groups).rstrip("-"), origin)

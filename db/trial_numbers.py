"""Numbers by which registers know trials, found in free text and written in one way.

The shapes are the registers' own (primary registries of the WHO ICTRP; EudraCT and CTIS numbers of the
EMA). A number is recognised by its shape, never by the label in front of it, because sources file
numbers under wrong labels. Same number, same `Identifier`: `NCT 00012345` in an abstract and
`nct00012345` in a data bank both become `nct` / `NCT00012345`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from db.record import Identifier


class _Shape(NamedTuple):
    scheme: str
    prefix: str
    """In capitals, as the text is when it is looked at."""
    rest: str
    """Pattern of what follows; its groups are the number."""
    form: str
    """Canonical spelling of the groups."""


_GAP = r"[ :#-]{0,2}"

_SHAPES = (
    _Shape("nct", "NCT", _GAP + r"(\d{8})", "NCT{}"),
    _Shape("isrctn", "ISRCTN", _GAP + r"(\d{8})", "ISRCTN{}"),
    _Shape("ctis", "", r"(20\d\d-5\d{5}-\d\d-\d\d)", "{}"),
    _Shape("eudract", "", r"((?:199|20[0-2])\d-[0-4]\d{5}-\d\d)", "{}"),
    _Shape("actrn", "ACTRN", _GAP + r"(\d{14})P?", "ACTRN{}"),
    _Shape("drks", "DRKS", _GAP + r"(\d{8})", "DRKS{}"),
    _Shape("chictr", "CHICTR", _GAP + r"(\d{10})", "ChiCTR{}"),
    _Shape("chictr", "CHICTR", r"[ -]?([A-Z]{2,4})[ -]?(\d{8})", "ChiCTR-{}-{}"),
    _Shape("ctri", "CTRI", r"[ /]{0,2}(20\d\d)/(\d{2,3})/(\d{6})", "CTRI/{}/{}/{}"),
    _Shape("jrct", "JRCT", _GAP + r"(S?)(\d{9,10})", "jRCT{}{}"),
    _Shape("umin", "UMIN", _GAP + r"(?:CTR" + _GAP + r")?(\d{9})", "UMIN{}"),
    _Shape("japic", "JAPICCTI", _GAP + r"(\d{6})", "JapicCTI-{}"),
    _Shape("jma", "JMA", r"[ -]?IIA(\d{5})", "JMA-IIA{}"),
    _Shape("kct", "KCT", _GAP + r"(\d{7})", "KCT{}"),
    _Shape("irct", "IRCT", _GAP + r"(\d{8,14}N\d{1,3})", "IRCT{}"),
    _Shape("pactr", "PACTR", _GAP + r"(\d{15,16})", "PACTR{}"),
    _Shape("tctr", "TCTR", _GAP + r"(\d{11})", "TCTR{}"),
    _Shape("ntr", "NTR", _GAP + r"(\d{3,4})", "NTR{}"),  # NTR1 to NTR3 are neurotensin receptors
    _Shape("ntr", "NL-OMON", r"(\d{4,6})", "NL-OMON{}"),
    _Shape("rebec", "RBR-", r"([0-9A-Z]{5,9})", "RBR-{}"),
    _Shape("slctr", "SLCTR/", r"(20\d\d)/(\d{3})", "SLCTR/{}/{}"),
    _Shape("lbctr", "LBCTR", r"(\d{10})", "LBCTR{}"),
    _Shape("itmctr", "ITMCTR", r"(\d{10})", "ITMCTR{}"),
    _Shape("rpcec", "RPCEC", r"(\d{8})", "RPCEC{}"),
    _Shape("repec", "PER-", r"(\d{3}-\d\d)", "PER-{}"),
    # The WHO's universal trial number names a trial across registers; it is no registration.
    _Shape("utn", "U1111-", r"(\d{4}-\d{4})", "U1111-{}"),
)

SCHEMES = frozenset(shape.scheme for shape in _SHAPES)
"""Every scheme an `Identifier` of this module can have."""

_RUN_ON = frozenset({"nct", "isrctn"})
"""So distinct that a lost blank in front of them (`ClinicalTrials.govNCT00012345`) does not matter."""
_LOWER = frozenset({"rebec", "jrct"})
"""Registers that write the letters inside their numbers small."""
_EUROPEAN = re.compile(r"-\d{6}-")
"""What every number without a prefix holds."""


def _compiled(shape: _Shape) -> re.Pattern[str]:
    # The look-behind stands after the prefix: a pattern that begins with a literal is found many times
    # faster, and texts are long.
    glued = "[0-9]" if shape.scheme in _RUN_ON else "[A-Z0-9]"
    bare = r"(?:(?<=EUCTR)|(?<![A-Z0-9-]))"
    start = shape.prefix + f"(?<!{glued}{re.escape(shape.prefix)})" if shape.prefix else bare
    return re.compile(start + shape.rest + r"(?![A-Z0-9]|-\d)")


_ANY = re.compile(r"\d{3}|[Rr][Bb][Rr]-")
"""Every number holds three digits in a row, but Brazil's, which may not."""

_PATTERNS = tuple((shape, _compiled(shape)) for shape in _SHAPES)


def find(text: str, origin: str = "") -> tuple[Identifier, ...]:
    """Every trial number in the text, in order, without repeats, in canonical spelling.

    >>> [number.value for number in find("Registered as nct 00923559 and ISRCTN12345678.")]
    ['NCT00923559', 'ISRCTN12345678']
    """
    if not _ANY.search(text):  # most texts hold no number that long
        return ()
    capitals = text.upper()
    european = _EUROPEAN.search(capitals) is not None
    found = [
        (match.start(), _identifier(shape, match, origin))
        for shape, pattern in _PATTERNS
        if (shape.prefix in capitals if shape.prefix else european)
        for match in pattern.finditer(capitals)
    ]
    return tuple(dict.fromkeys(identifier for _, identifier in sorted(found)))


def _identifier(shape: _Shape, match: re.Match[str], origin: str) -> Identifier:
    groups = (group.lower() if shape.scheme in _LOWER else group for group in match.groups())
    return Identifier(shape.scheme, shape.form.format(*groups), origin)

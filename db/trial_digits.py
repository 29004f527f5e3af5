"""Whether the digits of a trial number can be right: check digits, dates and first numbers, register by register.

No register publishes how its check digits are made. What stands here was found by looking at real numbers, and is
used because every one of them obeys:

- ClinicalTrials.gov: a multiple of 13. True of all 2,218 numbers from NCT00173563 on in stored answers, exports of
  the WHO ICTRP and abstracts, of a dozen more between 11,414 and 100,000, and not of the first six thousand
  (NCT00000419 is real), so nothing is said of numbers under 100,000.
- ANZCTR: the last three of fourteen digits. The first makes the sum of the five digits in front (126 and the year) a
  multiple of ten, the second the sum of the six that count, the third is the last digit of the sum of the two. True
  of 90 numbers of the years 2005 to 2023.

ISRCTN numbers are drawn by lot and have no check digit. EudraCT and CTIS numbers end in two check digits of which
nothing is known; no linear rule, and none of the usual ones (Luhn, Verhoeff, Damm, ISO 7064), fits 210 real numbers.
A date inside a number must be a date. The upper end of a year is generous, so that what is said of a number never
depends on the day it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from db.record import Identifier
from db.trial_numbers import find

_FIRST_CHECKED = 100_000
_YEAR = r"(?:199\d|20[0-4]\d)"
_SHORT_YEAR = r"(?:0[4-9]|[1-4]\d)"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"

_DATED: Mapping[str, re.Pattern[str]] = {
    scheme: re.compile(pattern, re.ASCII)
    for scheme, pattern in {
        "chictr": rf"ChiCTR(?:-[A-Z]+-)?(?:00|{_SHORT_YEAR})\d+",  # those of trials before 2004 begin with 00
        "ctri": rf"CTRI/20(?:0[7-9]|[1-4]\d)/(?:{_MONTH}|\d{{3}})/\d{{6}}",
        "irct": rf"IRCT(?:{_YEAR}|13[89]\d|14\d\d)(?:{_MONTH}{_DAY})?\d+N[1-9]\d*",  # or Iranian years
        "japic": rf"JapicCTI-{_SHORT_YEAR}\d{{4}}",
        "lbctr": rf"LBCTR{_YEAR}{_MONTH}\d{{4}}",
        "pactr": rf"PACTR{_YEAR}{_MONTH}\d+",
        "tctr": rf"TCTR{_YEAR}{_MONTH}{_DAY}\d{{3}}",
        "slctr": rf"SLCTR/{_YEAR}/\d{{3}}",
    }.items()
}


def sound(number: Identifier) -> bool:
    """False when the register cannot have given this number: a slip of the pen, a digit lost, or an invention.

    >>> sound(Identifier("nct", "NCT00923559")), sound(Identifier("nct", "NCT00923558"))
    (True, False)
    """
    if number not in find(number.value, number.origin):
        return False
    if number.scheme in _CHECKED:
        digits = [int(sign) for sign in number.value if sign.isdigit()]
        return _CHECKED[number.scheme](digits)
    dated = _DATED.get(number.scheme)
    return dated is None or dated.fullmatch(number.value) is not None


def _nct(digits: list[int]) -> bool:
    count = int("".join(map(str, digits)))
    return count < _FIRST_CHECKED or count % 13 == 0


def _actrn(digits: list[int]) -> bool:
    head, count, (first, second, third) = digits[:5], digits[5:11], digits[11:]
    sums = (sum(head) + first) % 10 == 0 and (sum(count) + second) % 10 == 0
    return sums and (first + second) % 10 == third


_CHECKED: Mapping[str, Callable[[list[int]], bool]] = {"nct": _nct, "actrn": _actrn}

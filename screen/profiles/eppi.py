"""EPPI-Reviewer: RIS in its own dialect (T1, A1, JF) out; back come lists in the same dialect.

Its export writes its item number in `U1`, the number the item was imported with in `U2`, the item's comments in `N1`,
and `KW  - eppi-reviewer` before the keywords; `AN` and `ID` are gone (ItemListService of its client, read in the
source). That its importer makes `N1` the comments could not be confirmed. Codes are not in a RIS export.
"""

from __future__ import annotations

import re

from screen.profiles import own
from screen.profiles.profile import Profile, by_row
from screen.returned import Form
from screen.ris import Dialect, write_ris

_OWN = re.compile(r"^eppi-reviewer4?$", re.MULTILINE)
_DIALECT = Dialect(title="T1", author="A1", journal="JF")


def _recognises(form: Form) -> bool:
    return form.kind == "ris" and any(_OWN.search(entry.first("keywords")) for entry in form.entries)


EPPI = Profile(
    "eppi",
    "EPPI-Reviewer",
    {"ris": lambda rows, _: write_ris(rows, _DIALECT)},
    _recognises,
    by_row(own.said),
    "Lists without decisions; notes are kept, AN and ID are not, U1 is its own number.",
    lists=True,
)

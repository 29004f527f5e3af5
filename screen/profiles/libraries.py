"""Zotero and EndNote: libraries, not screening tools. RIS out; back come collections or groups, or tags.

Who screens in a library tags what they decide: `harvest:include`, `harvest:exclude:design`, `harvest:unsure`. Zotero
writes a note as HTML and every tag as `KW`; EndNote one `KW` with a keyword a line. EndNote keeps a label in `LB`.
"""

from __future__ import annotations

from screen.profiles import own
from screen.profiles.profile import Profile, by_row
from screen.returned import Form
from screen.ris import Dialect, write_ris


def _any_ris(form: Form) -> bool:
    """A library's RIS has no mark of its own."""
    return form.kind == "ris"


ZOTERO = Profile(
    "zotero",
    "Zotero",
    {"ris": lambda rows, _: write_ris(rows)},
    _any_ris,
    by_row(own.said),
    "Tags and notes; a collection is a list without decisions.",
    lists=True,
)
ENDNOTE = Profile(
    "endnote",
    "EndNote",
    {"ris": lambda rows, _: write_ris(rows, Dialect(label="LB"))},
    _any_ris,
    by_row(own.said),
    "Keywords, notes and the label; a group is a list without decisions.",
    lists=True,
)

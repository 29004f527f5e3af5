"""Covidence: RIS out, at most 15 000 references and 50 MB a file; back come lists, as CSV or RIS.

Its exports (header `Title,Authors,…,Accession Number,DOI,Ref,Covidence #,Study,Notes,Tags`) keep the accession number,
drop KW and ID, and do not say what anybody decided: one exports the list of what is irrelevant, of what was excluded,
of what was included. An exclusion reason stands in the notes as `Exclusion reason: Wrong study design; `.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from screen.profiles import own
from screen.profiles.profile import Profile, by_row
from screen.returned import Entry, Form, Said
from screen.ris import write_ris

_REASON = re.compile(r"Exclusion reason:\s*([^;\n]*)", re.IGNORECASE)


def _recognises(form: Form) -> bool:
    if form.kind == "table":
        return {"covidence", "study"} <= form.columns
    return {"pd", "ns", "pg"} <= form.columns


def _said(entry: Entry) -> Iterator[Said]:
    yield from own.said(entry)
    if (given := _REASON.search(entry.first("notes"))) and (reason := given[1].strip()):
        yield Said(given[0], "exclude", "", reason)


COVIDENCE = Profile(
    "covidence",
    "Covidence",
    {"ris": lambda rows, _: write_ris(rows)},
    _recognises,
    by_row(_said),
    "Lists without decisions, a reason in the notes; the accession number is kept, KW and ID are not.",
    most_rows=15_000,
    most_bytes=50_000_000,
    lists=True,
)

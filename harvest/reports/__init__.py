"""Reports: what a review tells others. A report is a document without a form; writers give it one.

document.py   what a report is made of: sections, paragraphs, tables, texts that must not change by a byte
markdown.py   · word.py · sheet.py     writers: they know nothing of reviews
writing.py    which writer for which file, and how a file is put in its place
facts.py      what the store knows of the searches, put together for reports
citing.py     a report as it is cited
searches.py   · yields.py · notices.py · agreement.py · included.py · excluded.py · ongoing.py
              ai.py · methods.py
              one report each: from the store to a document

To add one: a module with `build(store, project) -> Report`, and its line in `REPORTS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from harvest.reports.document import Report

if TYPE_CHECKING:
    from db.store import Store
    from harvest.project import Project

REPORTS = {
    "searches": "harvest.reports.searches",
    "yield": "harvest.reports.yields",
    "notices": "harvest.reports.notices",
    "prisma": "harvest.reports.prisma",
    "agreement": "harvest.reports.agreement",
    "included": "harvest.reports.included",
    "excluded": "harvest.reports.excluded",
    "ongoing": "harvest.reports.ongoing",
    "ai": "harvest.reports.ai",
    "methods": "harvest.reports.methods",
}
"""Name of a report → the module that builds it."""


def builder(name: str) -> Callable[[Store, Project], Report]:
    """What builds a report of this name."""
    build: Callable[[Store, Project], Report] = importlib.import_module(REPORTS[name]).build
    return build

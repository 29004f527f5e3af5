"""The flow in the column format of the flow-diagram tool of PRISMA 2020, so that it can be drawn there, too.

The R package PRISMA2020 (Haddaway et al., Campbell Systematic Reviews 2022;18:e1230, doi 10.1002/cl2.1230) reads it
with `PRISMA_data(read.csv("prisma.csv"))`. Names, order and columns are those of its template
`inst/extdata/PRISMA.csv`; a row of the template that we do not count stands here as there. It has been compared with
the code that reads it, not run in R.

- The tool finds rows by searching for a name within the first column: no row of ours may hold another's name.
- Cells of several values are `Name, n; Name, n`, so a name has neither commas nor semicolons; released versions fail
  on a single one (issue 70 of the project), so there are two at least, the second a nought.
- The tool puts labels between single quotes: a name has typographic ones.
- It has no box for what is still to be done, and none for contacts with authors: these stand with organisations,
  and say so.
- Columns that a review does not need hold noughts: draw with `previous = FALSE` or `other = FALSE`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from harvest.reports.flow import Box, Flow

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
NONE = "NA"
"""As R writes a missing value."""

_REASONS = "[separate reasons and numbers using ; e.g. Reason1, xxx; Reason2, xxx; Reason3, xxx]"
_TEMPLATE: tuple[tuple[str, str, str, str, str, str], ...] = (
    (NONE, "node4", "prevstud", "Grey title box; Previous studies", "Previous studies", "prevstud"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review", "", "previous_studies"),
    ("previous_reports", NONE, "box1", "Reports of studies included in previous version of review",
     "", "previous_reports"),
    (NONE, "node6", "newstud", "Yellow title box; Identification of new studies via databases and registers",
     "Identification of new studies via databases and registers", "newstud"),
    ("database_results", "node7", "box2", "Records identified from: Databases", "Databases", "database_results"),
    ("database_specific_results", NONE, "box2", "Records identified from: specific databases",
     "Specific Databases", "database_results"),
    ("register_results", NONE, "box2", "Records identified from: Registers", "Registers", NONE),
    ("register_specific_results", NONE, "box2", "Records identified from: specific registers",
     "Specific Registers", "database_results"),
    (NONE, "node16", "othstud", "Grey title box; Identification of new studies via other methods",
     "Identification of new studies via other methods", "othstud"),
    ("website_results", "node17", "box11", "Records identified from: Websites", "Websites", "website_results"),
    ("organisation_results", NONE, "box11", "Records identified from: Organisations", "Organisations", NONE),
    ("citations_results", NONE, "box11", "Records identified from: Citation searching", "Citation searching", NONE),
    ("duplicates", "node8", "box3", "Duplicate records", "", "duplicates"),
    ("excluded_automatic", NONE, "box3", "Records marked as ineligible by automation tools", "", NONE),
    ("excluded_other", NONE, "box3", "Records removed for other reasons", "", NONE),
    ("records_screened", "node9", "box4", "Records screened (databases and registers)",
     "Records screened", "records_screened"),
    ("records_excluded", "node10", "box5", "Records excluded (databases and registers)",
     "Records excluded", "records_excluded"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval (databases and registers)",
     "Reports sought for retrieval", "dbr_sought_reports"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved (databases and registers)",
     "Reports not retrieved", "dbr_notretrieved_reports"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval (other)",
     "Reports sought for retrieval", "other_sought_reports"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved (other)",
     "Reports not retrieved", "other_notretrieved_reports"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility (databases and registers)",
     "Reports assessed for eligibility", "dbr_assessed"),
    ("dbr_excluded", "node14", "box9", f"Reports excluded (databases and registers): {_REASONS}",
     "Reports excluded", "dbrexcludedrecords"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility (other)",
     "Reports assessed for eligibility", "other_assessed"),
    ("other_excluded", "node21", "box15", f"Reports excluded (other): {_REASONS}",
     "Reports excluded", "other_excluded"),
    ("new_studies", "node15", "box10", "New studies included in review", "", "new_studies"),
    ("new_reports", NONE, "box10", "Reports of new included studies", "", NONE),
    ("total_studies", "node22", "box16", "Total studies included in review", "", "total_studies"),
    ("total_reports", NONE, "box16", "Reports of total included studies", "", NONE),
    ("identification", "node1", "identification", "Blue identification box", "Identification", "identification"),
    ("screening", "node2", "screening", "Blue screening box", "Screening", "screening"),
    ("included", "node3", "included", "Blue included box", "Included", "included"),
)  # fmt: skip
"""data, node, box, description, boxtext (empty: as the description), page that the box links to without its ending."""

_SEVERAL: Mapping[str, tuple[str, str]] = {
    "database_specific_results": ("database_results", "Other databases"),
    "register_specific_results": ("register_results", "Other registers"),
    "dbr_excluded": ("dbr_excluded", "Other reasons"),
    "other_excluded": ("other_excluded", "Other reasons"),
}
"""Row → the box whose parts it holds, and what to call a nought."""
_TWO = 2


def write(flow: Flow) -> bytes:
    """UTF-8 without a mark, which R would take for a part of the first name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for data, node, box, description, boxtext, page in _TEMPLATE:
        tooltip = NONE if node == NONE else description
        url = NONE if page == NONE else f"{page}.html"
        said = _text(data, boxtext or description, flow)
        writer.writerow((data, node, box, description, said, tooltip, url, _number(data, flow)))
    return text.getvalue().encode()


def _text(data: str, boxtext: str, flow: Flow) -> str:
    return (
        "Organisations and contacts"
        if data == "organisation_results" and flow["contacts_results"].n
        else boxtext
    )


def _number(data: str, flow: Flow) -> int | str:
    if data in _SEVERAL:
        whole, otherwise = _SEVERAL[data]
        return _several(flow.parts(whole), otherwise)
    if data == "organisation_results":
        return flow[data].n + flow["contacts_results"].n
    return flow[data].n if data in flow.boxes else 0


def _several(parts: Sequence[Box], otherwise: str) -> str:
    """`Name, n; Name, n`: two at least."""
    named = [(_plain(box.label), box.n) for box in parts]
    named += [(otherwise, 0), ("Others", 0)][: max(0, _TWO - len(named))]
    return "; ".join(f"{name}, {n}" for name, n in named)


def _plain(name: str) -> str:
    """A name that the tool takes apart in no other place than ours."""
    for sign, better in ((";", " /"), (",", " –"), ("'", "’"), ('"', "”"), ("\\", "/"), ("\n", " ")):
        name = name.replace(sign, better)
    return " ".join(name.split())

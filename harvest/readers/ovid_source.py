"""The line `SO` of Ovid: one printed citation, in a form that differs by database.

MEDLINE, BIOSIS, Zoological Record: `Forest Ecology & Management. 201(2-3):327-334, November 15, 2004.` · Embase:
`BMC Proceedings. Conference: … Spain. 12 (Supplement 3) (pp 1-9), 2018. Date of Publication: 2018.` · PsycINFO:
`Psychotherapy. Vol.43(5), Sep 2015, pp. 623-634.` · Journals@Ovid: `Acta Biochimica August 2011;43(8):647-653` ·
ERIC: `Child Development v62 n1 p199-209 Feb 1991`. What is none of these says nothing, but a name alone before
the first stop is the journal's.
"""

from __future__ import annotations

import re

from harvest.readers.citation import Citation

_LONGEST = 500
"""Characters; what is longer is no citation."""
_MONTHS = r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|Spring|Summer|Autumn|Fall|Winter)"
_JOURNAL = r"(?P<journal>[^.\[\]]{2,250}?)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # PsycINFO
        _JOURNAL + r"\.\s+Vol\.\s?(?P<volume>[\w-]+)\s?(?:\((?P<issue>[^()]*)\))?,\s+(?P<date>[^,;]*?\d{4})"
        r"(?:,\s+(?:pp?\.\s*(?P<pages>[\w.]+(?:-\w+)?)|ArtID (?P<number>[\w.-]*\w)|No Pagination Specified))?\.?\s*",
        # Embase
        _JOURNAL + r"\.(?:\s+Conference:.*?\.)?\s+(?P<volume>\d[\w-]*)\s(?:\((?P<issue>[^()]*)\)\s)?"
        r"\((?:pp (?P<pages>[^()]+)|no pagination)\),\s+(?P<year>\d{4})\.(?:\s+Article Number: (?P<number>[^.]+)\.)?"
        r"(?:\s+Date of Publication: (?P<date>[^.]+)\.)?.*",
        # MEDLINE, BIOSIS, Zoological Record, labelled text
        _JOURNAL + r"\.\s+(?P<volume>[\w-]+)\s?(?:\((?P<issue>[^()]*)\))?(?::\s?(?P<pages>[^,;]*))?,\s+"
        r"(?P<date>[^;]*\d{4}[^;]*?)\.?\s*",
        # Journals@Ovid
        _JOURNAL + r"\s+(?P<date>(?:" + _MONTHS + r"(?:/" + _MONTHS + r")?(?: \d{1,2})?,? )?\d{4});"
        r"(?P<volume>[\w-]+)(?:\((?P<issue>[^()]*)\))?(?::(?P<pages>[^,;.]*))?\.?\s*",
        # ERIC
        _JOURNAL + r",?\s+v(?P<volume>\w+)(?: n(?P<issue>[\w-]+))?(?: p(?P<pages>[\w-]+))?"
        r" (?P<date>" + _MONTHS + r"(?:-" + _MONTHS + r")? \d{4}|\d{4})\b.*",
        # not yet in an issue
        r"(?P<journal>[^.\[\]\d:;]{2,250})\.\s*",
    )
)


def understood(value: str) -> Citation:
    """The parts of a citation, as printed; empty when its form is not known for certain."""
    value = " ".join(value.split())
    if len(value) > _LONGEST:
        return Citation()
    match = next((match for form in _FORMS if (match := form.fullmatch(value))), None)
    if not match:
        return Citation()
    said = {name: (part or "").strip() for name, part in match.groupdict().items()}
    year = said.pop("year", "")
    return Citation(**{**said, "date": said.get("date") or year})

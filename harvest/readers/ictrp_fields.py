"""What the columns of a WHO ICTRP export say of a trial: one row of names and values becomes a registration.

The names are those of the portal's XML and CSV and of the full data CSV, compared as `columns.normal` compares
them; the meaning of each is that of the WHO Trial Registration Data Set (who.int/tools/
clinical-trials-registry-platform/network/who-data-set). The portal collects what eighteen registers send, and
leaves their words as they are; so does this reader. What it does by rule:

- **Dates.** `Date_registration3` is `YYYYMMDD` for every register. All others are as the register writes them:
  `2020-02-17`, `17/02/2020` (day first, also ClinicalTrials.gov's), `February 1, 2020`, `March 2020`.
- **Lists.** Registers join several conditions, outcomes and countries by `;`. Interventions are prose but for
  ClinicalTrials.gov (`Drug: x;Device: y`) and the EU register (`Trade Name: x`, line by line).
- **Size.** A plain number, or ChiCTR's `group one:30;group two:30;`, of which the sum is taken.
- **Left in the file, on purpose:** addresses, telephones and e-mail of contacts (names and affiliations are
  read), and the moment of the export, which would make every unchanged trial look changed.

Columns nobody knows are kept in `extra` under their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from db.record import Grant, Identifier, Intervention, Outcome, Record, Trial
from db.trial_numbers import find
from harvest.readers import columns, fields
from harvest.readers.dates import When, when
from harvest.readers.reading import Entry
from harvest.readers.text import paragraphs

NAMES: Mapping[str, tuple[str, ...]] = {
    # what we call it      what the exports call it, in comparing form
    "trial id": ("trialid", "trial id"),
    "secondary ids": ("secondary id", "secondaryids", "secondary ids"),
    "bridged": ("childs",),
    "title": ("scientific title",),
    "public title": ("public title",),
    "registered": ("date registration3",),
    "registered as printed": ("date registration",),
    "register": ("source register",),
    "links": ("web address", "url", "results url link", "results url protocol"),
    "status": ("recruitment status",),
    "study type": ("study type",),
    "design": ("study design",),
    "phase": ("phase",),
    "size": ("target size",),
    "actual size": ("results actual enrollment", "results actual enrolment"),
    "conditions": ("condition", "conditions"),
    "interventions": ("intervention", "interventions"),
    "primary": ("primary outcome", "primary outcomes"),
    "secondary": ("secondary outcome", "secondary outcomes"),
    "inclusion": ("inclusion criteria",),
    "exclusion": ("exclusion criteria",),
    "sex": ("inclusion gender", "gender"),
    "minimum age": ("inclusion agemin", "agemin", "age min"),
    "maximum age": ("inclusion agemax", "agemax", "age max"),
    "sponsor": ("primary sponsor",),
    "collaborators": ("secondary sponsor", "secondary sponsors"),
    "support": ("source support", "source name"),
    "countries": ("countries",),
    "results": ("results yes no",),
}
DATES: Mapping[str, tuple[str, ...]] = {
    "start": ("date enrollement", "date enrolment", "date enrollment"),
    "refreshed": ("last refreshed on", "last updated"),
    "completion": ("results date completed",),
    "results_posted": ("results date posted",),
    "results_published": ("results date first publication",),
    "ethics_approved": ("ethics review approval date", "ethics approval date"),
}
"""Key in `Record.dates` → columns. `refreshed`: the day on which the portal last took the trial over."""

_CONTACTS = ("contact", "scientific contact", "public contact")
_LEFT = re.compile(
    r"export date|(?:(?:public|scientific|ethics)(?: review)? )?contact (?:address|email|phone|tel)"
)
_MEANING = re.compile(r"\w")
_EXCEL_DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""What a spreadsheet makes of the phase `2-3`."""


def cleaned(value: str) -> str:
    """A value without markup, without Excel's spelling of a carriage return, and without padding."""
    return paragraphs(value.replace("_x000D_", "\n").replace("\r", "\n"))


def record(entry: Entry, source: str) -> Record:
    """The registration that a row describes; `entry` holds cleaned values under the columns' own names."""
    said = _Said.of(entry)
    _forget(said)
    number, title = said.first("trial id"), _line(said.first("title", "public title"))
    registered = _registered(said)
    dates = {name: date for name in DATES if (date := said.date(*DATES[name]))}
    return Record(
        source=source,
        key="",
        kind="registration",
        title=title,
        year=registered.year,
        date=registered.iso,
        date_text=registered.text,
        dates=dates,
        identifiers=tuple(dict.fromkeys((*_identifiers(number), *_others(said)))),
        grants=tuple(Grant(agency=agency) for agency in _list(said.first("support"))),
        urls=_links(said),
        trial=_trial(said),
        extra=entry.rest(),
    )


def is_spoilt_phase(entry: Entry) -> bool:
    """True when a spreadsheet has made a date of the phase; such a value stays in `extra`."""
    return _EXCEL_DAY.fullmatch(_Said.of(entry).look("phase")) is not None


# -- a row, asked by our names -----------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _normal(tag: str) -> str:
    return columns.normal(tag)


@dataclass(frozen=True, slots=True)
class _Said:
    """The values of a row under our names."""

    entry: Entry
    tags: Mapping[str, tuple[str, ...]]
    """Comparing form → the names as they stand in the file."""

    @classmethod
    def of(cls, entry: Entry) -> _Said:
        tags: dict[str, tuple[str, ...]] = {}
        for tag, _ in entry.pairs:
            normal = _normal(tag)
            tags[normal] = tuple(dict.fromkeys((*tags.get(normal, ()), tag)))
        return cls(entry, tags)

    def of_columns(self, *names: str) -> tuple[str, ...]:
        return tuple(tag for name in names for tag in self.tags.get(name, ()))

    def first(self, *ours: str) -> str:
        """Take the first value that says anything, with whatever repeats it; a lone dash says nothing."""
        tags = self.of_columns(*(name for our in ours for name in NAMES[our]))
        found = self.entry.first(*tags)
        return found if _MEANING.search(found) else ""

    def look(self, our: str) -> str:
        """The first value, which stays where it is."""
        return next(iter(self.entry.look(*self.of_columns(*NAMES[our]))), "")

    def date(self, *names: str) -> str:
        """Take a date; one that is not understood stays in `extra`."""
        tags = self.of_columns(*names)
        found = next((day.iso for value in self.entry.look(*tags) if (day := _day(value)).iso), "")
        self.entry.take(*tags, where=lambda value: (day := _day(value)).iso == found and not day.text)
        return found


def _forget(said: _Said) -> None:
    for normal, tags in said.tags.items():
        if _LEFT.fullmatch(normal):
            said.entry.take(*tags)


# -- dates -------------------------------------------------------------------------------------------

_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_WORDED = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00|(\d{1,2} \w+ \d{4})")


def _day(value: str) -> When:
    """A date of an ICTRP export, which is never written month first in digits."""
    numbers = _DAY_FIRST.fullmatch(value)
    if numbers:
        day, month, year = numbers.groups()
        return when(f"{year}-{month}-{day}")
    worded = _WORDED.fullmatch(value)
    return when(worded[1] or worded[2]) if worded else when(value)


def _registered(said: _Said) -> When:
    """The day of registration; the register's own spelling of the same day says nothing more."""
    exact = _day(said.look("registered"))
    printed = _day(said.look("registered as printed"))
    found = exact if exact.iso else printed
    for name in ("registered", "registered as printed"):
        said.entry.take(
            *said.of_columns(*NAMES[name]), where=lambda value: _day(value).iso == found.iso != ""
        )
    return found


# -- identifiers and links ---------------------------------------------------------------------------


def _identifiers(number: str) -> Iterator[Identifier]:
    """The trial's own number: as the export's key, and by the register it belongs to."""
    if number:
        yield Identifier("accession", number)
        yield from find(number)


def _others(said: _Said) -> Iterator[Identifier]:
    """Numbers of the same trial elsewhere: as the register has them, and as WHO has bridged them (unconfirmed)."""
    for value in _list(said.first("secondary ids")):
        yield from find(value, "secondary") or (Identifier("other", value, "secondary"),)
    yield from find(said.look("bridged"), "secondary")


def _links(said: _Said) -> tuple[str, ...]:
    tags = said.of_columns(*NAMES["links"])
    values = said.entry.take(*tags, where=fields.links)
    return tuple(dict.fromkeys(link for value in values for link in fields.links(value)))


# -- what only a registration says -------------------------------------------------------------------


def _trial(said: _Said) -> Trial:
    design = _line(said.first("design"))
    size, kind = _size(said)
    return Trial(
        status=said.first("status"),
        study_type=_line(said.first("study type")),
        phases=_phases(said),
        design={"study_design": design} if design else {},
        enrollment=size,
        enrollment_kind=kind,
        conditions=tuple(_conditions(said)),
        interventions=tuple(_interventions(said)),
        outcomes=(*_outcomes(said, "primary"), *_outcomes(said, "secondary")),
        eligibility="\n".join(filter(None, (said.first("inclusion"), said.first("exclusion")))),
        sex=", ".join(said.first("sex").split("\n")),
        minimum_age=said.first("minimum age"),
        maximum_age=said.first("maximum age"),
        sponsor=_line(said.first("sponsor")),
        collaborators=_list(said.first("collaborators")),
        officials=_officials(said),
        countries=_list(said.first("countries")),
        results_posted=said.first("results").casefold() == "yes",
    )


def _phases(said: _Said) -> tuple[str, ...]:
    if _EXCEL_DAY.fullmatch(said.look("phase")):
        return ()
    value = said.first("phase")
    if "(Phase I)" in value:  # the EU register's four questions
        answers = re.findall(r"^\s*(.+?):\s*yes\s*$", value, re.MULTILINE | re.IGNORECASE)
        return tuple(answers)
    return tuple(filter(None, re.split(r"\s*/\s*(?=Phase)", _line(value))))


_GROUP = re.compile(r".*?:\s*(\d{1,7})\s*", re.DOTALL)


def _size(said: _Said) -> tuple[int | None, str]:
    """Participants and whether they have been counted; a size in words stays in `extra`."""
    actual = said.look("actual size")
    if re.fullmatch(r"\d{1,9}", actual):
        said.first("actual size")
        return int(actual), "ACTUAL"
    planned = said.look("size")
    if re.fullmatch(r"\d{1,9}", planned):
        said.first("size")
        return int(planned), "TARGET"
    groups = [_GROUP.fullmatch(part) for part in planned.split(";") if part.strip()]
    counted = [int(group[1]) for group in groups if group]
    return (sum(counted), "TARGET") if counted and len(counted) == len(groups) else (None, "")


_CODING = re.compile(
    r"(?:MedDRA version|Level|Classification code|System Organ Class|SOC Term)\b", re.IGNORECASE
)


def _conditions(said: _Said) -> Iterator[str]:
    """Each once; how the EU register codes a condition stays in `extra`."""
    value = said.look("conditions")
    parts = [part for line in value.split("\n") for part in _list(line)]
    if not any(map(_CODING.match, parts)):
        said.first("conditions")
    yield from dict.fromkeys(part.removeprefix("Term: ") for part in parts if not _CODING.match(part))


_KINDS = (
    "Drug|Device|Biological|Procedure|Radiation|Behavioral|Genetic|Dietary Supplement|Combination Product"
    "|Diagnostic Test|Other"
)
_KIND = re.compile(rf"({_KINDS}): ?(.+)", re.DOTALL)
_PRODUCT = re.compile(r"^(Trade Name|Product Name|INN or Proposed INN): (.+)$", re.MULTILINE)


def _interventions(said: _Said) -> Iterator[Intervention]:
    value = said.look("interventions").strip("; \n")
    if _PRODUCT.search(value):  # strengths, routes and codes stay in `extra`
        yield from _products(value)
        return
    said.first("interventions")
    parts = [_KIND.fullmatch(part) for part in re.split(rf"\s*;\s*(?=(?:{_KINDS}):)", value)]
    known = [part for part in parts if part]
    if len(known) == len(parts):
        yield from (Intervention(_line(part[2]).rstrip(" ;"), part[1]) for part in known)
    elif _MEANING.search(value):
        yield Intervention(value)


def _products(value: str) -> Iterator[Intervention]:
    """Trade name, product name and substance of one product, product by product."""
    names: dict[str, str] = {}
    for kind, name in _PRODUCT.findall(value):
        if kind in names:
            yield _product(names)
            names = {}
        names[kind] = name
    yield _product(names)


def _product(names: Mapping[str, str]) -> Intervention:
    first, *others = dict.fromkeys(names.values())
    return Intervention(first, other_names=tuple(others))


_EU_OUTCOME = re.compile(
    r"(Timepoint\(s\) of evaluation of this end point|Primary end point\(s\)|Secondary end point\(s\)"
    r"|Secondary Objective|Main Objective): ?"
)


def _outcomes(said: _Said, kind: str) -> Iterator[Outcome]:
    value = said.look(kind)
    labelled = _EU_OUTCOME.split(value)
    if len(labelled) > 1:  # objectives stay in `extra`
        parts = {
            label: text.strip("; \n") for label, text in zip(labelled[1::2], labelled[2::2], strict=True)
        }
        time = parts.get("Timepoint(s) of evaluation of this end point", "")
        measure = parts.get(f"{kind.title()} end point(s)", "")
        yield from [Outcome(measure, kind, time_frame=time)] if measure else []
        return
    said.first(kind)
    yield from (Outcome(part, kind) for part in _list(value))


def _officials(said: _Said) -> tuple[str, ...]:
    """Contacts: `Name (contact, affiliation)`; the registers join several by `;`, column by column."""
    found: dict[str, None] = {}
    for role in _CONTACTS:
        taken = [
            said.entry.first(*said.of_columns(f"{role} {part}"))
            for part in ("firstname", "lastname", "affiliation")
        ]
        for first, last, where in zip_longest(*(_cells(value) for value in taken), fillvalue=""):
            name = " ".join(filter(None, (first, last)))
            place = ", ".join(filter(None, (role, where)))
            found |= {f"{name} ({place})": None} if name else {}
    return tuple(found)


# -- small things ------------------------------------------------------------------------------------


def _line(value: str) -> str:
    return " ".join(value.split())


def _cells(value: str) -> Sequence[str]:
    return [_line(part) for part in value.split(";")]


def _list(value: str) -> tuple[str, ...]:
    """Parts of a joined value, each once; parts without a letter or a digit say nothing."""
    said: Iterable[str] = (part for part in _cells(value) if _MEANING.search(part))
    return tuple(dict.fromkeys(said))

"""Reading ISRCTN: a `fullTrial` of the XML format `default` becomes a `Record` of kind `registration`.

The shape was taken from recorded answers of 2026 (`tests/data/isrctn`); there is no published schema. The same
element comes many at a time in `allTrials` (a query), and alone (one trial).

- **Title.** The scientific title, which is what the paper's title repeats; the public one stands in
  `extra["brief_title"]`.
- **Nothing is nothing.** "Not provided at time of registration" is the form's way of leaving a field empty, and
  so is a final enrolment of 0.
- **Status.** The register shows one on its pages and sends none. It is what somebody set by hand
  (`recruitmentStatusOverride` and the like), else *derived* from the dates, as they stood on the day of the last
  update and not today: the same bytes give the same record for ever. `extra["status_derived"]` says so.
- **Left in the page, on purpose:** telephones and addresses of contacts, addresses of centres, file names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from db.errors import BadAnswer, RecordError
from db.record import Grant, Identifier, Intervention, Outcome, Record, Relation, Section, Trial, Unreadable
from db.trial_numbers import find

SOURCE = "isrctn"
NAMESPACE = "{http://www.67bricks.com/isrctn}"
DEEPEST = 64
"""Levels of nesting. Real records need seven."""


class Entry(NamedTuple):
    """One `fullTrial`, as far as a listing needs it."""

    key: str
    """Empty when the record does not give its number."""
    stamp: str
    """`lastUpdated`, as given."""
    element: Element


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer."""

    total: int | None
    """How many match; None where one trial was asked for."""
    entries: tuple[Entry, ...]


def listed(body: bytes) -> Listed:
    """An answer. Raises `BadAnswer` when it is none, or when a trial in it has no number."""
    root = _tree(body)
    if root.tag not in ("allTrials", "fullTrial"):
        raise BadAnswer(
            SOURCE, f"isrctn: the answer is <{root.tag[:60]}> and no trials of the register", body
        )
    entries = tuple(map(_entry, root.findall("fullTrial") if root.tag == "allTrials" else (root,)))
    if not all(entry.key for entry in entries):
        raise BadAnswer(SOURCE, "isrctn: a trial came without its number", body)
    total = root.get("totalCount")
    if total is not None and not re.fullmatch(r"[0-9]{1,9}", total):
        raise BadAnswer(SOURCE, f"isrctn: totalCount is {total[:40]!r} and no number", body)
    return Listed(int(total) if total else None, entries)


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Every trial of an answer, in its order. Raises `BadAnswer` if nothing can be read."""
    for position, entry in enumerate(listed(body).entries, 1):
        try:
            yield _record(entry)
        except RecordError as error:
            raw = ET.tostring(entry.element, encoding="unicode")
            yield Unreadable(position, str(error), raw, entry.key)


def _tree(body: bytes) -> Element:
    """XML without the register's namespace; nothing is loaded, expanded, or nested without end."""
    if b"<!ENTITY" in body or b"\0" in body:  # a zero byte: an encoding in which the first would hide
        raise BadAnswer(SOURCE, "isrctn: the answer declares entities of its own; it was not read", body)
    try:
        root = ET.fromstring(body)  # noqa: S314 (no entity gets here, and expat loads nothing)
    except ET.ParseError as error:
        sentence = f"isrctn: the answer is no complete XML ({error.args[0]})"
        raise BadAnswer(SOURCE, sentence, body) from None
    level = [root]
    for _ in range(DEEPEST):
        for element in level:
            element.tag = element.tag.removeprefix(NAMESPACE)
        level = [child for parent in level for child in parent]
        if not level:
            return root
    raise BadAnswer(
        SOURCE, f"isrctn: the answer is nested deeper than {DEEPEST} levels; it was not read", body
    )


def _entry(full: Element) -> Entry:
    trial = full.find("trial")
    if trial is None:
        return Entry("", "", full)
    bare = (trial.findtext("isrctn") or "").strip()
    key = trial.get("publicIdentifierCanonical", "") or (f"ISRCTN{bare}" if bare else "")
    return Entry(key.strip().upper(), trial.get("lastUpdated", "").strip(), full)


# -- one trial ---------------------------------------------------------------------------------------

_UNSAID = re.compile(
    r"(?:[\w ]+ )?not provided at (?:the )?time of registration(?: and not expected to be (?:made )?available"
    r" in the future)?\.?",
    re.IGNORECASE,
)


def _said(parent: Element, path: str) -> str:
    """What a field says; empty when it is not there, or says that nothing was said."""
    return _text(parent.find(path))


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    lines = (" ".join(line.split()) for line in "".join(element.itertext()).splitlines())
    text = "\n".join(lines).strip()
    return "" if _UNSAID.fullmatch(text) else text


def _every(parent: Element, path: str) -> tuple[str, ...]:
    """What the fields of this name say, without repeats."""
    return tuple(dict.fromkeys(text for element in parent.findall(path) if (text := _text(element))))


def _day(text: str) -> str:
    """The day of a moment. Raises `RecordError` when it is none."""
    if text and not re.match(r"\d{4}-\d\d-\d\d", text):
        raise RecordError(f"{text[:40]!r} stands where a date should: the record is kept as it came.")
    return text[:10]


def _record(entry: Entry) -> Record:
    trial = entry.element.find("trial")
    assert trial is not None  # `listed` has seen its number
    public, scientific = (
        _said(trial, "trialDescription/title"),
        _said(trial, "trialDescription/scientificTitle"),
    )
    dates = _dates(trial, entry.stamp)
    created = dates.get("created", "")
    status = _status(trial, dates)
    return Record(
        source=SOURCE,
        key=entry.key,
        kind="registration",
        title=scientific or public,
        abstract=_abstract(trial),
        year=int(created[:4]) if created else None,
        date=created,
        dates=dates,
        identifiers=_identifiers(entry.key, trial),
        grants=tuple(Grant(agency=name) for name in _every(entry.element, "funder/name")),
        relations=tuple(map(_publication, _said(trial, "results/publicationDetails").splitlines())),
        urls=(f"https://www.isrctn.com/{entry.key}", *_every(trial, "trialDescription/trialWebsite")),
        trial=_trial(entry.element, trial, status),
        extra=_extra(trial, public, scientific, status),
    )


_DATES = {
    "recruitment_end": "participants/recruitmentEnd",
    "start": "participants/recruitmentStart",
    "study_start": "trialDesign/overallStartDate",
    "completion": "trialDesign/overallEndDate",
    "intent_to_publish": "results/intentToPublish",
}


def _dates(trial: Element, stamp: str) -> dict[str, str]:
    assigned = trial.get("publicIdentifierDateAssigned", "")
    number = trial.find("isrctn")
    if not assigned and number is not None:
        assigned = number.get("dateAssigned", "")
    _day(stamp)
    found = {"created": _day(assigned), "revised": stamp}
    found |= {name: _day(_said(trial, path)) for name, path in _DATES.items()}
    return {name: value for name, value in found.items() if value}


def _abstract(trial: Element) -> tuple[Section, ...]:
    fields = {"plainEnglishSummary": "Plain English summary", "studyHypothesis": "Study hypothesis"}
    said = ((_said(trial, f"trialDescription/{tag}"), label) for tag, label in fields.items())
    return tuple(Section(text, label) for text, label in said if text)


def _identifiers(key: str, trial: Element) -> tuple[Identifier, ...]:
    """The ISRCTN, the DOI of the registration, and every secondary number, recognised by its shape."""
    found = [Identifier("isrctn", key)]
    found += (Identifier("doi", doi) for doi in _every(trial, "externalRefs/doi"))
    for tag in ("clinicalTrialsGovNumber", "eudraCTNumber"):
        found += _numbers(_said(trial, f"externalRefs/{tag}"), "other")
    found += (Identifier("iras", value, "secondary") for value in _every(trial, "externalRefs/irasNumber"))
    secondary = trial.findall("externalRefs/secondaryNumbers/secondaryNumber")
    for number in secondary:
        kind = number.get("numberType", "").lower()
        found += _numbers(_text(number), kind if kind in ("iras", "cpms") else "other")
    serial = _said(trial, "externalRefs/protocolSerialNumber")
    found += find(serial, "secondary") if secondary else _numbers(serial, "other")
    return tuple(dict.fromkeys(number for number in found if number.value != key or number == found[0]))


def _numbers(value: str, scheme: str) -> tuple[Identifier, ...]:
    return find(value, "secondary") or ((Identifier(scheme, value, "secondary"),) if value else ())


_PUBMED = re.compile(r"(?:/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})")
_DOI = re.compile(r"doi\.org/(10\.\d{4,9}/\S+)")


def _publication(line: str) -> Relation:
    """A line such as `2011 Results article in http://www.ncbi.nlm.nih.gov/pubmed/21334061 results`."""
    words = line.casefold().partition("http")[0]
    kind = "result" if "result" in words else "protocol" if "protocol" in words else "reference"
    found = [Identifier("pmid", pmid, "reference") for pmid in _PUBMED.findall(line)]
    found += (Identifier("doi", doi.rstrip(".,;"), "reference") for doi in _DOI.findall(line))
    return Relation(kind, line.strip(), tuple(dict.fromkeys(found)))


# -- what only a registration says -------------------------------------------------------------------

_SET_BY_HAND = (
    "participants/recruitmentStatusOverride",
    "trialDesign/overallStatusOverride",
    "participants/recruitmentStartStatusOverride",
)


class _Status(NamedTuple):
    word: str
    derived: bool


def _status(trial: Element, dates: dict[str, str]) -> _Status:
    """What was set by hand; else how the dates stood when the record was last updated."""
    for path in _SET_BY_HAND:
        if said := _said(trial, path):
            return _Status(said, derived=False)
    then = dates.get("revised", "")[:10]
    if not then or not dates.get("start"):
        return _Status("", derived=False)
    for word, name in (("Completed", "completion"), ("No longer recruiting", "recruitment_end")):
        if dates.get(name, then) < then:
            return _Status(word, derived=True)
    return _Status("Not yet recruiting" if dates["start"] > then else "Recruiting", derived=True)


def _trial(full: Element, trial: Element, status: _Status) -> Trial:
    enrollment, kind = _enrollment(trial)
    sponsors = _every(full, "sponsor/organisation")
    return Trial(
        status=status.word,
        why_stopped=_said(trial, "trialDesign/reasonAbandoned"),
        study_type=_said(trial, "trialDesign/primaryStudyDesign"),
        phases=_every(trial, "interventions/intervention/phase"),
        design=_design(trial),
        enrollment=enrollment,
        enrollment_kind=kind,
        conditions=tuple(
            line
            for said in _every(trial, "conditions/condition/description")
            for line in said.splitlines()
            if line
        ),
        interventions=tuple(map(_intervention, trial.findall("interventions/intervention"))),
        outcomes=tuple(_outcomes(trial)),
        eligibility=_eligibility(trial),
        sex=_said(trial, "participants/gender"),
        minimum_age=_said(trial, "participants/lowerAgeLimit"),
        maximum_age=_said(trial, "participants/upperAgeLimit"),
        sponsor=sponsors[0] if sponsors else "",
        collaborators=sponsors[1:],
        officials=tuple(filter(None, map(_official, full.findall("contact")))),
        countries=_every(trial, "participants/recruitmentCountries/country"),
        results_posted=bool(_said(trial, "results/basicReport")),
    )


def _enrollment(trial: Element) -> tuple[int | None, str]:
    for tag, kind in (("totalFinalEnrolment", "ACTUAL"), ("targetEnrolment", "ESTIMATED")):
        said = _said(trial, f"participants/{tag}")
        if re.fullmatch(r"[0-9]{1,9}", said) and int(said):
            return int(said), kind
    return None, ""


def _design(trial: Element) -> dict[str, str]:
    structured = "trialDesign/interventionalTrialDesign"
    said = {
        "allocation": _said(trial, f"{structured}/allocation"),
        "masking": _said(trial, f"{structured}/masking"),
        "control": _said(trial, f"{structured}/control"),
        "intervention_model": _said(trial, f"{structured}/assignment"),
        "primary_purpose": ", ".join(
            _every(trial, f"{structured}/purposes/purpose")
            or _every(trial, "trialDesign/trialTypes/trialType")
        ),
        "design": _said(trial, "trialDesign/studyDesign"),
        "secondary_design": _said(trial, "trialDesign/secondaryStudyDesign"),
        "setting": ", ".join(_every(trial, "trialDesign/trialSettings/trialSetting")),
    }
    return {name: value for name, value in said.items() if value}


def _intervention(given: Element) -> Intervention:
    """Named by its drugs, else by the first line of its description."""
    description = _said(given, "description")
    first = description.partition("\n")[0]
    return Intervention(_said(given, "drugNames") or first, _said(given, "interventionType"), description)


def _outcomes(trial: Element) -> Iterator[Outcome]:
    """Those in fields of their own, then the text in which older records tell all of them."""
    for kind in ("primary", "secondary"):
        for measure in trial.findall(f"trialDescription/{kind}Outcomes/outcomeMeasure"):
            said = (_said(measure, tag) for tag in ("variable", "method", "timepoints"))
            variable, method, timepoints = said
            yield Outcome(variable, kind, method, timepoints)
        if told := _said(trial, f"trialDescription/{kind}Outcome"):
            yield Outcome(told, kind)


def _eligibility(trial: Element) -> str:
    criteria = {"Inclusion criteria": "inclusion", "Exclusion criteria": "exclusion"}
    said = ((label, _said(trial, f"participants/{tag}")) for label, tag in criteria.items())
    return "\n\n".join(f"{label}:\n{text}" for label, text in said if text)


def _official(contact: Element) -> str:
    """`Name (role)` of who answers for the science; who answers the telephone is left out."""
    roles = ", ".join(text for element in contact.iter("contactType") if (text := _text(element)))
    if not re.search(r"investigator|scientific", roles, re.IGNORECASE):
        return ""
    name = " ".join(filter(None, (_said(contact, "forename"), _said(contact, "surname"))))
    return f"{name} ({roles})" if name else ""


# -- everything else ---------------------------------------------------------------------------------

_READ = frozenset(
    {
        "isrctn", "externalRefs", "parties", "attachedFiles", "conditions/condition/description", "interventions",
        "trialDescription/title", "trialDescription/scientificTitle", "trialDescription/acronym",
        "trialDescription/plainEnglishSummary", "trialDescription/studyHypothesis", "trialDescription/trialWebsite",
        "trialDescription/primaryOutcomes", "trialDescription/primaryOutcome",
        "trialDescription/secondaryOutcomes", "trialDescription/secondaryOutcome",
        "trialDescription/acknowledgment", "results/publicationDetails",
        "trialDesign/primaryStudyDesign", "trialDesign/studyDesign", "trialDesign/secondaryStudyDesign",
        "trialDesign/interventionalTrialDesign", "trialDesign/trialTypes", "trialDesign/trialSettings",
        "trialDesign/reasonAbandoned", "participants/inclusion", "participants/exclusion", "participants/gender",
        "participants/lowerAgeLimit", "participants/upperAgeLimit", "participants/recruitmentCountries",
        "participants/trialCentres/trialCentre", *_DATES.values(), *_SET_BY_HAND,
    }
)  # fmt: skip
"""Paths that have a field of their own, or are left in the page on purpose (see above)."""


def _extra(trial: Element, public: str, scientific: str, status: _Status) -> dict[str, tuple[str, ...]]:
    named = {
        "brief_title": public if scientific else "",
        "acronym": _said(trial, "trialDescription/acronym"),
        "version": trial.get("version", ""),
        "status_derived": "from its dates, as of the last update" if status.derived else "",
        "centres": "; ".join(_every(trial, "participants/trialCentres/trialCentre/name")),
    }
    rest: dict[str, list[str]] = {}
    for path, said in _flat(trial, ""):
        rest.setdefault(path, []).append(said)
    return {name: (said,) for name, said in named.items() if said} | {
        path: tuple(dict.fromkeys(said)) for path, said in rest.items()
    }


def _flat(parent: Element, path: str) -> Iterator[tuple[str, str]]:
    """What stands below and has not been read, under its path; an element's attributes before its text."""
    for child in parent:
        here = f"{path}/{child.tag}" if path else child.tag
        if here in _READ:
            continue
        if here == "outputs/output":
            yield here, _output(child)
        elif len(child):
            yield from _flat(child, here)
        elif text := _text(child):
            yield here, text


def _output(output: Element) -> str:
    """`resultsarticle; dateCreated: …; https://…`: what the register links, as far as it names it."""
    told = [
        f"{name}: {value}"
        for name, value in output.attrib.items()
        if name not in ("id", "createdBy") and value
    ]
    links = [value for link in output.iter("externalLink") for value in link.attrib.values()]
    return "; ".join([*told, *links, *filter(None, map(_text, output))])

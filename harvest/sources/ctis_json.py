"""Reading CTIS, the register of clinical trials of the European Union: JSON of its public interface.

The interface is that of the register's own website and is documented nowhere; it changed altogether on
2024-06-17. The shape was taken from real trials (`tests/data/ctis`). What is looked for and not found is
therefore told by its path, and never taken for "nothing said", where a trial cannot be without it.

- **Title.** The full title; the one for the public stands in `extra["brief_title"]`.
- **Abstract.** CTIS has none; the objectives stand for it.
- **Codes.** States, phases and roles are numbers, whose meaning is that of the register's search page (as read
  from it in 2026 by others); a number nobody knows stays a number.
- **Participants.** The planned numbers of all countries together, those outside of the EU included.
- **Left in the page, on purpose:** translations, documents, contacts and sites with names, telephones and
  addresses, the history of applications, details of products that the product dictionary holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import BadAnswer, RecordError
from db.record import (
    Arm,
    Grant,
    Heading,
    Identifier,
    Intervention,
    Outcome,
    Record,
    Section,
    Trial,
    Unreadable,
)
from db.trial_numbers import find
from harvest.sources.json_shapes import column, flag, number, part, parts, text, texts
from harvest.sources.leftovers import leftovers

SOURCE = "ctis"

STATUS = {
    1: "Under evaluation", 2: "Authorised, recruitment pending", 3: "Authorised, recruiting", 4: "Ongoing, recruiting",
    5: "Ongoing, recruitment ended", 6: "Temporarily halted", 7: "Suspended", 8: "Ended", 9: "Expired", 10: "Revoked",
    11: "Not authorised", 12: "Cancelled",
}  # fmt: skip
PHASES = {
    "1": "Human Pharmacology (Phase I)- First administration to humans",
    "2": "Human Pharmacology (Phase I)- Bioequivalence Study",
    "3": "Human Pharmacology (Phase I)- Other",
    "4": "Therapeutic exploratory (Phase II)",
    "5": "Therapeutic confirmatory (Phase III)",
    "6": "Therapeutic use (Phase IV)",
    "7": "Phase I and Phase II (Integrated)- First administration to humans",
    "8": "Phase I and Phase II (Integrated)- Bioequivalence Study",
    "9": "Phase I and Phase II (Integrated)- Other",
    "10": "Phase II and Phase III (Integrated)",
    "11": "Phase III and phase IV (Integrated)",
}
_ROLES = {"1": "Test", "2": "Comparator", "3": "Placebo", "4": "Auxiliary"}
_AGES = {"1": "In utero", "2": "0-17 years", "3": "18-64 years", "4": "65+ years"}
_NUMBER = re.compile(r"\d{4}-5\d{5}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Overviews:
    """A page of a listing."""

    total: int
    stamps: tuple[tuple[str, str], ...]
    """Number of a trial, and the day its publication was last updated."""


def overviews(body: bytes) -> Overviews:
    """A page of a listing. Raises `BadAnswer`, naming the field, when its structure is another one."""
    try:
        answer = part({"answer": _document(body)}, "answer")
        total = number(part(answer, "pagination"), "totalRecords")
        listed = answer.get("data")
        rows = parts(answer, "data")
        stamps = tuple((text(row, "ctNumber"), _published(row)) for row in rows)
    except RecordError as error:
        raise _moved(str(error), body) from error
    if total is None or listed is None:
        raise _moved(f"`{'pagination.totalRecords' if total is None else 'data'}` is missing.", body)
    if wrong := [key for key, _ in stamps if not _NUMBER.fullmatch(key)]:
        raise _moved(f"`data.ctNumber` is {wrong[0]!r}.", body)
    return Overviews(total, stamps)


def _published(row: Mapping[str, Any]) -> str:
    """The day of the last publication; of the last change where there is none."""
    return _day(text(row, "lastPublicationUpdate") or text(row, "lastUpdated"))


def trial_number(body: bytes) -> str:
    """Which trial an answer is; empty for `{}`, which is how CTIS says that there is none. Raises `BadAnswer`."""
    document = _document(body)
    if document == {}:
        return ""
    if not isinstance(document, dict) or not _NUMBER.fullmatch(str(document.get("ctNumber"))):
        raise _moved("`ctNumber` is missing.", body)
    return str(document["ctNumber"])


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """The trial of an answer, or nothing. Raises `BadAnswer` if nothing can be read."""
    if not (key := trial_number(body)):
        return
    document = _document(body)
    try:
        yield _record(document)
    except RecordError as error:
        yield Unreadable(1, str(error), json.dumps(document, ensure_ascii=False), key)


def _document(body: bytes) -> Any:
    if not body.strip():
        raise BadAnswer(SOURCE, "ctis: the answer is empty", body)
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        looks = "a web page" if body.lstrip()[:1] == b"<" else "something that is not whole JSON"
        raise BadAnswer(SOURCE, f"ctis: {looks} came instead of trials ({error})", body) from error


def _moved(what: str, body: bytes) -> BadAnswer:
    return BadAnswer(SOURCE, f"ctis: the structure of the register's answers has changed: {what}", body)


# -- one trial ---------------------------------------------------------------------------------------


def _record(document: Mapping[str, Any]) -> Record:
    """One trial. Raises `RecordError` when a part is missing that every trial has, or has an unknown shape."""
    application = _must(document, "authorizedApplication")
    plan = _must(application, "authorizedPartI", "authorizedApplication.")
    details = _must(plan, "trialDetails", "authorizedApplication.authorizedPartI.")
    names, information = part(details, "clinicalTrialIdentifiers"), part(details, "trialInformation")
    key, title, public = text(document, "ctNumber"), text(names, "fullTitle"), text(names, "publicTitle")
    dates = _dates(document, application, information)
    created = dates.get("created", "")
    condition = part(information, "medicalCondition")
    return Record(
        source=SOURCE,
        key=key,
        kind="registration",
        title=title or public,
        abstract=_objectives(part(information, "trialObjective")),
        year=int(created[:4]) if created else None,
        date=created,
        dates=dates,
        headings=tuple(
            Heading(term, text(row, "classificationCode"))
            for row in parts(condition, "meddraConditionTerms")
            if (term := text(row, "termName"))
        ),
        keywords=column(parts(plan, "therapeuticAreas"), "name"),
        identifiers=_identifiers(key, application, names),
        grants=tuple(map(_grant, column(parts(information, "sourceOfMonetarySupport"), "organisationName"))),
        urls=(f"https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT={key}",),
        trial=_trial(document, application, plan, details),
        extra=_extra(names, details, public if title else "", information),
    )  # fmt: skip


def _grant(organisation: str) -> Grant:
    return Grant(agency=organisation)


def _must(parent: Mapping[str, Any], name: str, path: str = "") -> Mapping[str, Any]:
    found = part(parent, name)
    if not found:
        raise RecordError(
            f"CTIS sent a trial without `{path}{name}`: the structure of its answers may have changed."
        )
    return found


def _day(said: str) -> str:
    """ISO 8601 of `2026-10-07T15:43:07.693` or `07/10/2026`. Raises `RecordError` when it is neither."""
    if european := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", said):
        return "-".join(reversed(european.groups()))
    if said and not re.match(r"\d{4}-\d\d-\d\d", said):
        raise RecordError(f"{said[:40]!r} stands where a date should.")
    return said[:10]


def _dates(
    document: Mapping[str, Any], application: Mapping[str, Any], information: Mapping[str, Any]
) -> dict[str, str]:
    """`created` is the first decision of a country; `start` and `completion` are plans until CTIS says otherwise."""
    decided = re.findall(r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}", text(document, "decisionDate"))
    duration = part(information, "trialDuration")
    initial = [row for row in parts(application, "applicationInfo") if text(row, "type") == "INITIAL"]
    said = {
        "created": min(map(_day, decided), default=""),
        "revised": _day(text(document, "publishDate")),
        "submitted": _day(text(initial[0], "submissionDate")) if initial else "",
        "start": _day(text(document, "startDateEU") or text(duration, "estimatedRecruitmentStartDate")),
        "completion": _day(
            text(document, "endDateEU")
            or text(duration, "estimatedGlobalEndDate")
            or text(duration, "estimatedEndDate")
        ),
    }
    return {name: day for name, day in said.items() if day}


def _objectives(objective: Mapping[str, Any]) -> tuple[Section, ...]:
    secondary = _numbered(parts(objective, "secondaryObjectives"), "secondaryObjective")
    said = {"Main objective": text(objective, "mainObjective"), "Secondary objectives": secondary}
    return tuple(Section(words, label) for label, words in said.items() if words)


def _numbered(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    """Items in their order, one a line, with their numbers where there are several."""
    said = [words for row in rows if (words := text(row, name))]
    return "\n".join(f"{n}. {words}" for n, words in enumerate(said, 1)) if len(said) > 1 else "".join(said)


def _identifiers(
    key: str, application: Mapping[str, Any], names: Mapping[str, Any]
) -> tuple[Identifier, ...]:
    """The EU CT number, the EudraCT number of a trial that was moved here, and what other registers call it."""
    found = [Identifier("ctis", key)]
    found += find(text(part(application, "eudraCt"), "eudraCtCode"), "secondary")
    others = part(names, "secondaryIdentifyingNumbers")
    for name in others:
        listed = isinstance(others[name], list)
        for row in parts(others, name) if listed else (part(others, name),):
            if value := text(row, "number"):
                found += find(value, "secondary") or (Identifier("other", value, "secondary"),)
    return tuple(dict.fromkeys(found))


# -- what only a registration says -------------------------------------------------------------------


def _trial(
    document: Mapping[str, Any],
    application: Mapping[str, Any],
    plan: Mapping[str, Any],
    details: Mapping[str, Any],
) -> Trial:
    information = part(details, "trialInformation")
    population = part(information, "populationOfTrialSubjects")
    states = [part(row, "mscInfo") for row in parts(application, "authorizedPartsII")]
    sponsors = sorted(parts(plan, "sponsors"), key=lambda sponsor: not flag(sponsor, "primary"))
    names = column([part(sponsor, "organisation") for sponsor in sponsors], "name")
    enrollment = _planned(application, plan)
    phase = _code(part(information, "trialCategory"), "trialPhase")
    sexes = {"Female": "isFemaleSubjects", "Male": "isMaleSubjects"}
    return Trial(
        status=_status(document),
        phases=(PHASES.get(phase, phase),) if phase else (),
        design={"low_intervention": "yes"} if flag(plan, "isLowIntervention") else {},
        enrollment=enrollment,
        enrollment_kind="ESTIMATED" if enrollment is not None else "",
        conditions=column(parts(part(information, "medicalCondition"), "partIMedicalConditions"), "medicalCondition"),
        interventions=tuple(map(_intervention, parts(plan, "products"))),
        arms=tuple(_arms(part(details, "protocolInformation"))),
        outcomes=tuple(_outcomes(part(information, "endPoint"))),
        eligibility=_eligibility(part(information, "eligibilityCriteria")),
        sex=", ".join(sex for sex, name in sexes.items() if flag(population, name)),
        sponsor=names[0] if names else "",
        collaborators=names[1:],
        countries=tuple(
            dict.fromkeys((*column(states, "countryName"), *column(parts(plan, "rowCountriesInfo"), "name")))
        ),
        results_posted=any(bool(listed) for listed in part(document, "results").values()),
    )  # fmt: skip


def _status(document: Mapping[str, Any]) -> str:
    """The state of the whole trial: what the code means, else the code, else CTIS's own coarser word."""
    code = _code(document, "ctPublicStatusCode")
    if code:
        return STATUS.get(int(code), code) if code.isdecimal() else code
    return _code(document, "ctStatus")


def _code(parent: Mapping[str, Any], name: str) -> str:
    """A code, which comes as a number or as a text."""
    found = parent.get(name)
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else text(parent, name)


def _planned(application: Mapping[str, Any], plan: Mapping[str, Any]) -> int | None:
    counts = [_code(row, "recruitmentSubjectCount") for row in parts(application, "authorizedPartsII")]
    said = [int(count) for count in (*counts, _code(plan, "rowSubjectCount")) if count.isdecimal()]
    return sum(said) if said else None


def _intervention(product: Mapping[str, Any]) -> Intervention:
    known = part(product, "productDictionaryInfo")
    substance, name = (
        text(known, "activeSubstanceName"),
        text(product, "productName") or text(known, "prodName"),
    )
    role = _code(product, "part1MpRoleTypeCode")
    form = text(product, "pharmaceuticalFormDisplay") or text(known, "pharmForm")
    return Intervention(
        name=name or substance,
        kind=_ROLES.get(role, role),
        description="; ".join(filter(None, (form, ", ".join(texts(product, "routes"))))),
        other_names=(substance,) if substance and name else (),
    )


def _arms(protocol: Mapping[str, Any]) -> Iterator[Arm]:
    for period in parts(part(protocol, "studyDesign"), "periodDetails"):
        for arm in parts(period, "armDetails"):
            yield Arm(text(arm, "title"), text(period, "title"), text(arm, "description"))


def _outcomes(end_points: Mapping[str, Any]) -> Iterator[Outcome]:
    for kind in ("primary", "secondary"):
        for row in parts(end_points, f"{kind}EndPoints"):
            if measure := text(row, "endPoint"):
                yield Outcome(measure, kind)


def _eligibility(criteria: Mapping[str, Any]) -> str:
    labels = {
        "Inclusion criteria": "principalInclusionCriteria",
        "Exclusion criteria": "principalExclusionCriteria",
    }
    said = ((label, _numbered(parts(criteria, name), name)) for label, name in labels.items())
    return "\n\n".join(f"{label}:\n{words}" for label, words in said if words)


_READ = frozenset(
    {
        "clinicalTrialIdentifiers",
        "trialInformation.trialCategory.trialPhase",
        "trialInformation.trialCategory.trialCategoryId",
        "trialInformation.medicalCondition",
        "trialInformation.trialObjective",
        "trialInformation.eligibilityCriteria",
        "trialInformation.endPoint",
        "trialInformation.trialDuration",
        "trialInformation.sourceOfMonetarySupport",
        "trialInformation.populationOfTrialSubjects",
        "protocolInformation",
        "scientificAdviceAndPip.scientificAdvices",
    }
)
"""Paths below `trialDetails` that have a field of their own, or are left in the page on purpose (see above)."""


def _extra(
    names: Mapping[str, Any], details: Mapping[str, Any], public: str, information: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    population = part(information, "populationOfTrialSubjects")
    codes = (_code(row, "ageRangeCategoryCode") for row in parts(population, "ageRanges"))
    said = {
        "brief_title": (public,) if public else (),
        "short_title": tuple(filter(None, (text(names, "shortTitle"),))),
        "age_groups": tuple(_AGES.get(code, code) for code in codes if code),
        "participants": column(parts(population, "clinicalTrialGroups"), "name"),
    }
    return {name: values for name, values in said.items() if values} | leftovers(details, _READ)

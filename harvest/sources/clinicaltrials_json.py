"""Reading ClinicalTrials.gov: a study in the JSON of API v2 becomes a `Record` of kind `registration`.

The same shape comes from `/studies` (an object with `studies`), from `/studies/{nct}` (one study) and from
the JSON download of the website (a bare array). Structure: clinicaltrials.gov/data-api/about-api.

- **Title.** `title` is the official (scientific) title, because it names design, population and
  comparison, which is what a screener reads and what the paper's title repeats; the brief title, written
  for the public, stands in `extra["brief_title"]`. A study without an official title has the brief one.
- **Nothing is thrown away.** Whatever part of the protocol has no field of its own goes to `extra` under
  its path in the JSON (`oversightModule.oversightHasDmc`), also parts the register adds in years to come.
- **Left in the page, on purpose:** posted results (tables, not a description), names, telephones and
  addresses of contacts and sites (countries are read), the ancestors of MeSH terms (they follow from the
  terms), and `versionHolder`, the day the whole register was built: it differs every day for every study,
  so keeping it would make each unchanged study look revised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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
    Relation,
    Section,
    Trial,
    Unreadable,
)
from db.trial_numbers import find
from harvest.sources.json_shapes import column, flag, number, part, parts, text, texts

SOURCE = "clinicaltrials"


def document(body: bytes) -> Any:
    """The JSON of an answer. Raises `BadAnswer` with the body when there is none."""
    if not body.strip():
        raise BadAnswer(SOURCE, "ClinicalTrials.gov sent an empty answer", body)
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        looks = "a web page" if body.lstrip()[:1] == b"<" else "something that is not whole JSON"
        sentence = f"ClinicalTrials.gov sent {looks} instead of studies ({error})"
        raise BadAnswer(SOURCE, sentence, body) from error


def studies(body: bytes) -> Sequence[Any]:
    """The studies of an answer, a single study or a website download, as they stand. Raises `BadAnswer`."""
    data = document(body)
    if isinstance(data, dict) and "protocolSection" in data:
        return [data]
    found = data.get("studies") if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise BadAnswer(SOURCE, "ClinicalTrials.gov sent JSON without a list of studies", body)
    return found


def names(study: Any) -> tuple[str, ...]:
    """The NCT number of a study, then the retired ones it answers to; empty when it has none."""
    try:
        module = part(part(study, "protocolSection"), "identificationModule")
        numbers = (text(module, "nctId"), *texts(module, "nctIdAliases"))
    except RecordError:
        return ()
    return tuple(name.upper() for name in numbers) if numbers[0] else ()


def stamp(study: Any) -> str:
    """The day the register last posted a change of this study, as given; empty when not said."""
    try:
        status = part(part(study, "protocolSection"), "statusModule")
        return text(part(status, "lastUpdatePostDateStruct"), "date")
    except RecordError:
        return ""


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Every study of an answer, in its order. Raises `BadAnswer` if nothing can be read."""
    for position, study in enumerate(studies(body), 1):
        try:
            yield record(study)
        except RecordError as error:
            raw = json.dumps(study, ensure_ascii=False)
            yield Unreadable(position, str(error), raw, key=next(iter(names(study)), ""))


def record(study: Any) -> Record:
    """One study. Raises `RecordError` when it has no NCT number or a part has an unknown shape."""
    protocol = part(study, "protocolSection")
    identity = part(protocol, "identificationModule")
    key = text(identity, "nctId").upper()
    if not key:
        raise RecordError("A study without an NCT number cannot be told from others; it is kept as it came.")
    dates = _dates(part(protocol, "statusModule"))
    posted = dates.get("first_posted") or dates.get("created", "")
    return Record(
        source=SOURCE,
        key=key,
        kind="registration",
        title=text(identity, "officialTitle") or text(identity, "briefTitle"),
        abstract=_abstract(part(protocol, "descriptionModule")),
        year=int(posted[:4]) if re.match(r"\d{4}", posted) else None,
        date=posted,
        dates=dates,
        headings=_headings(part(study, "derivedSection")),
        keywords=texts(part(protocol, "conditionsModule"), "keywords"),
        identifiers=_identifiers(identity),
        grants=_grants(identity),
        relations=_relations(protocol),
        urls=_links(part(protocol, "referencesModule")),
        trial=_trial(protocol, results_posted=flag(study, "hasResults")),
        extra=_extra(study, identity),
    )


# -- the parts of a record ---------------------------------------------------------------------------

_DATES = {
    "created": "studyFirstSubmitDate",
    "first_posted": "studyFirstPostDateStruct",
    "revised": "lastUpdatePostDateStruct",
    "start": "startDateStruct",
    "primary_completion": "primaryCompletionDateStruct",
    "completion": "completionDateStruct",
    "results_posted": "resultsFirstPostDateStruct",
}
"""Our name → the register's. A date is kept as given, which is also `YYYY-MM`."""


def _dates(status: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, tag in _DATES.items():
        value = text(part(status, tag), "date") if tag.endswith("Struct") else text(status, tag)
        if value:
            found[name] = value
    return found


def _abstract(description: Mapping[str, Any]) -> tuple[Section, ...]:
    labels = {"briefSummary": "Brief summary", "detailedDescription": "Detailed description"}
    said = ((_prose(description, tag), label) for tag, label in labels.items())
    return tuple(Section(prose, label) for prose, label in said if prose)


def _headings(derived: Mapping[str, Any]) -> tuple[Heading, ...]:
    """MeSH terms of the conditions, then of the interventions, as the register derived them."""
    modules = (part(derived, name) for name in ("conditionBrowseModule", "interventionBrowseModule"))
    meshes = (mesh for module in modules for mesh in parts(module, "meshes"))
    return tuple(dict.fromkeys(Heading(text(mesh, "term"), text(mesh, "id")) for mesh in meshes))


def _identifiers(identity: Mapping[str, Any]) -> tuple[Identifier, ...]:
    """The NCT number, retired ones, the sponsor's own number, and every secondary number.

    Registry numbers are recognised by pattern, because their type is unreliable: EU numbers are found
    under EUDRACT_NUMBER, REGISTRY and OTHER.
    """
    found = [Identifier("nct", text(identity, "nctId").upper())]
    found += (Identifier("nct", alias.upper(), "alias") for alias in texts(identity, "nctIdAliases"))
    found += _named(part(identity, "orgStudyIdInfo"), "org_study_id", "organization")
    for info in parts(identity, "secondaryIdInfos"):
        found += _named(info, "other", "secondary")
    return tuple(dict.fromkeys(found))


def _named(info: Mapping[str, Any], scheme: str, origin: str) -> tuple[Identifier, ...]:
    value = text(info, "id")
    if not value:
        return ()
    return find(value, origin) or (Identifier(text(info, "type").lower() or scheme, value, origin),)


_FUNDERS = frozenset({"NIH", "FDA", "VA", "CDC", "AHRQ", "SAMHSA", "OTHER_GRANT"})
"""Types of a secondary number that name money, not a registration."""


def _grants(identity: Mapping[str, Any]) -> tuple[Grant, ...]:
    infos = [info for info in parts(identity, "secondaryIdInfos") if text(info, "type") in _FUNDERS]
    return tuple(Grant(text(info, "id"), text(info, "domain") or text(info, "type")) for info in infos)


def _relations(protocol: Mapping[str, Any]) -> tuple[Relation, ...]:
    references = parts(part(protocol, "referencesModule"), "references")
    access = part(part(protocol, "statusModule"), "expandedAccessInfo")
    related = [_reference(reference) for reference in references]
    if nct := text(access, "nctId"):
        note = text(access, "statusForNctId")
        related.append(Relation("expanded_access", "", (Identifier("nct", nct.upper()),), note))
    return tuple(related)


def _reference(reference: Mapping[str, Any]) -> Relation:
    """A paper: `result` and `background` are the sponsor's words; NLM adds `derived` by the NCT number."""
    pmid = text(reference, "pmid")
    retractions = (
        f"retracted: PMID {text(item, 'pmid')} ({text(item, 'source')})"
        for item in parts(reference, "retractions")
    )
    return Relation(
        kind=text(reference, "type").lower() or "reference",
        citation=text(reference, "citation"),
        identifiers=(Identifier("pmid", pmid, "reference"),) if pmid else (),
        note="; ".join(retractions),
    )


def _links(references: Mapping[str, Any]) -> tuple[str, ...]:
    links = (text(link, "url") for link in parts(references, "seeAlsoLinks"))
    return tuple(dict.fromkeys(link for link in links if link))


# -- what only a registration says -------------------------------------------------------------------


def _trial(protocol: Mapping[str, Any], *, results_posted: bool) -> Trial:
    status, design = part(protocol, "statusModule"), part(protocol, "designModule")
    arms, eligibility = part(protocol, "armsInterventionsModule"), part(protocol, "eligibilityModule")
    sponsors = part(protocol, "sponsorCollaboratorsModule")
    people = part(protocol, "contactsLocationsModule")
    enrollment = part(design, "enrollmentInfo")
    return Trial(
        status=text(status, "overallStatus"),
        why_stopped=text(status, "whyStopped"),
        study_type=text(design, "studyType"),
        phases=texts(design, "phases"),
        design=_design(part(design, "designInfo")),
        enrollment=number(enrollment, "count"),
        enrollment_kind=text(enrollment, "type"),
        conditions=texts(part(protocol, "conditionsModule"), "conditions"),
        interventions=tuple(map(_intervention, parts(arms, "interventions"))),
        arms=tuple(map(_arm, parts(arms, "armGroups"))),
        outcomes=tuple(_outcomes(part(protocol, "outcomesModule"))),
        eligibility=_prose(eligibility, "eligibilityCriteria"),
        sex=text(eligibility, "sex"),
        minimum_age=text(eligibility, "minimumAge"),
        maximum_age=text(eligibility, "maximumAge"),
        sponsor=text(part(sponsors, "leadSponsor"), "name"),
        collaborators=column(parts(sponsors, "collaborators"), "name"),
        officials=tuple(map(_official, parts(people, "overallOfficials"))),
        countries=column(parts(people, "locations"), "country"),
        results_posted=results_posted,
    )


def _design(info: Mapping[str, Any]) -> dict[str, str]:
    masking = part(info, "maskingInfo")
    said = {
        "allocation": text(info, "allocation"),
        "intervention_model": text(info, "interventionModel"),
        "intervention_model_description": _prose(info, "interventionModelDescription"),
        "observational_model": text(info, "observationalModel"),
        "time_perspective": text(info, "timePerspective"),
        "primary_purpose": text(info, "primaryPurpose"),
        "masking": text(masking, "masking"),
        "masking_description": _prose(masking, "maskingDescription"),
        "who_masked": ", ".join(texts(masking, "whoMasked")),
    }
    return {name: value for name, value in said.items() if value}


def _intervention(given: Mapping[str, Any]) -> Intervention:
    return Intervention(
        name=text(given, "name"),
        kind=text(given, "type"),
        description=_prose(given, "description"),
        other_names=texts(given, "otherNames"),
    )


def _arm(group: Mapping[str, Any]) -> Arm:
    return Arm(
        label=text(group, "label"),
        kind=text(group, "type"),
        description=_prose(group, "description"),
        interventions=texts(group, "interventionNames"),
    )


def _outcomes(module: Mapping[str, Any]) -> Iterator[Outcome]:
    for kind in ("primary", "secondary", "other"):
        for outcome in parts(module, f"{kind}Outcomes"):
            yield Outcome(
                measure=text(outcome, "measure"),
                kind=kind,
                description=_prose(outcome, "description"),
                time_frame=text(outcome, "timeFrame"),
            )


def _official(person: Mapping[str, Any]) -> str:
    """`Name (role, affiliation)`, as far as said."""
    place = ", ".join(filter(None, (text(person, "role"), text(person, "affiliation"))))
    return f"{text(person, 'name')} ({place})" if place else text(person, "name")


# -- everything else ---------------------------------------------------------------------------------

_READ = frozenset(
    {
        "identificationModule.nctId",
        "identificationModule.nctIdAliases",
        "identificationModule.briefTitle",
        "identificationModule.officialTitle",
        "identificationModule.acronym",
        "statusModule.overallStatus",
        "statusModule.whyStopped",
        "statusModule.studyFirstSubmitDate",
        *(f"statusModule.{tag}.date" for tag in _DATES.values()),
        "statusModule.expandedAccessInfo.nctId",
        "statusModule.expandedAccessInfo.statusForNctId",
        "sponsorCollaboratorsModule.leadSponsor.name",
        "descriptionModule.briefSummary",
        "descriptionModule.detailedDescription",
        "conditionsModule.conditions",
        "conditionsModule.keywords",
        "designModule.studyType",
        "designModule.phases",
        "designModule.designInfo",
        "designModule.enrollmentInfo",
        "armsInterventionsModule.armGroups",
        "armsInterventionsModule.interventions",
        "outcomesModule.primaryOutcomes",
        "outcomesModule.secondaryOutcomes",
        "outcomesModule.otherOutcomes",
        "eligibilityModule.eligibilityCriteria",
        "eligibilityModule.sex",
        "eligibilityModule.minimumAge",
        "eligibilityModule.maximumAge",
        "contactsLocationsModule",
        "referencesModule.references",
        "miscInfoModule.versionHolder",
    }
)
"""Paths that have a field of their own, or are left in the page on purpose (see above)."""


def _extra(study: Mapping[str, Any], identity: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    named = {"brief_title": text(identity, "briefTitle"), "acronym": text(identity, "acronym")}
    sections = (
        part(study, "protocolSection"),
        part(study, "annotationSection"),
        part(study, "documentSection"),
        {"miscInfoModule": part(part(study, "derivedSection"), "miscInfoModule")},
    )
    rest = {path: said for section in sections for path, said in _flat(section) if said}
    return {name: (value,) for name, value in named.items() if value} | rest


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Everything below `value` that has not been read, as (path, values)."""
    if path in _READ or value is None:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, tuple(filter(None, map(_line, value)))
    else:
        yield path, (_line(value),) if value != "" else ()


def _line(value: Any) -> str:
    """A value as one line of text; the parts of an object keep their names: `id: U10; type: NIH`."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_line(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    return json.dumps(value)


def _prose(parent: Mapping[str, Any], name: str) -> str:
    r"""A text in the register's Markdown, without its escapes: `\[rHGG\]` → `[rHGG]`, `\>` → `>`."""
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!<>~|&^=$])", r"\1", text(parent, name))

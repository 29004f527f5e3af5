"""The small parts of a PubMed record: texts, dates, people, identifiers, abstracts.

Element names and their meaning: https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd and
https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html. Every element is reached by its direct
path: `ReferenceList` holds article identifiers of its own, which belong to the papers that are cited.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from xml.etree.ElementTree import Element

from db.record import Author, Grant, Heading, Identifier, Relation, Section
from db.trial_numbers import find

# -- text --------------------------------------------------------------------------------------------


def text_of(element: Element | None) -> str:
    """Whole text content without markup (`<i>`, `<sub>`, MathML …), each run of blanks made one."""
    if element is None:
        return ""
    said = "".join(element.itertext()) if len(element) else element.text
    if not said:
        return ""
    if said.isprintable() and "  " not in said and said == said.strip():
        return said  # as nearly every text: of all blanks only the plain one is printable
    return " ".join(said.split())


def text(parent: Element | None, path: str) -> str:
    """Text of the first element at a path, or nothing."""
    return text_of(parent.find(path)) if parent is not None else ""


def texts(parent: Element | None, path: str) -> tuple[str, ...]:
    """Texts of all elements at a path, empty ones left out."""
    return texts_of(parent.findall(path)) if parent is not None else ()


def texts_of(elements: Iterable[Element]) -> tuple[str, ...]:
    """Texts of the elements, empty ones left out."""
    return tuple(filter(None, map(text_of, elements)))


def items(parent: Element | None, tag: str) -> Iterable[Element]:
    """What is in the first element of this tag: the items of a list."""
    found = parent.find(tag) if parent is not None else None
    return found if found is not None else ()


def within(parent: Element | None, outer: str, inner: str) -> list[Element]:
    """Every `inner` of every `outer`. A path says the same, at three times the cost."""
    if parent is None:
        return []
    return [element for each in parent.findall(outer) for element in each.findall(inner)]


def leaves(element: Element) -> str:
    """A structure as one text: `Smith Jane S` for a name, `Aspirin (R16CO5Y76E)` for a chemical."""
    if element.tag == "Chemical":
        number = text(element, "RegistryNumber")
        name = text(element, "NameOfSubstance")
        return f"{name} ({number})" if number not in ("", "0") else name
    return " ".join(filter(None, map(text_of, element))) if len(element) else text_of(element)


# -- dates -------------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


class Printed(NamedTuple):
    """A date of publication."""

    year: int | None = None
    iso: str = ""
    text: str = ""
    """As printed, when that says more than the calendar date."""


def iso_date(element: Element | None) -> str:
    """`Year`, `Month` (name or number) and `Day` as ISO 8601, as far as they make sense."""
    if element is None:
        return ""
    return _iso_date(element.findtext("Year", ""), element.findtext("Month", ""), element.findtext("Day", ""))


@lru_cache(maxsize=16384)  # a record has eight dates, and they are those of other records
def _iso_date(year: str, name: str, day: str) -> str:
    year, name = year.strip(), name.strip()
    if not _YEAR.fullmatch(year):
        return ""
    month = int(name) if name.isascii() and name.isdigit() else _MONTHS.get(name[:3].lower(), 0)
    if not 1 <= month <= 12:
        return year
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return f"{year}-{month:02}"


def printed(element: Element | None) -> Printed:
    """Date of an issue: a calendar date, a year with a season, or free text (`1998 Dec-1999 Jan`)."""
    iso = iso_date(element)
    free = text(element, "MedlineDate")
    season = text(element, "Season")
    if season:
        free = f"{text(element, 'Year')} {season}".strip()
    elif not free and len(iso) < 7:
        parts = (text(element, name) for name in ("Year", "Month", "Day"))
        free = " ".join(filter(None, parts))
        free = "" if free == iso else free
    year = _YEAR.search(iso or free)
    return Printed(int(year[0]) if year else None, iso or (year[0] if year else ""), free)


_HISTORY = {"entrez": "created", "pubmed": "entry", "medline": "indexed", "revised": "manuscript revised"}
"""`entrez` is the day the record was added (CRDT), `pubmed` the entry date (EDAT), although the DTD's note
says otherwise; `revised` is the authors' revision, not the record's."""


def dates(citation: Element, data: Element | None) -> dict[str, str]:
    """Every other date, by name. The record's own last change is `revised`."""
    found: dict[str, str] = {}
    for moment in within(data, "History", "PubMedPubDate"):
        status = moment.get("PubStatus", "")
        found[_HISTORY.get(status, status)] = iso_date(moment)
    for moment in within(citation, "Article", "ArticleDate"):
        found[moment.get("DateType", "Electronic").lower()] = iso_date(moment)
    found.setdefault("created", iso_date(citation.find("DateCreated")))
    found["completed"] = iso_date(citation.find("DateCompleted"))
    found["revised"] = iso_date(citation.find("DateRevised"))
    found["contributed"] = iso_date(citation.find("ContributionDate"))
    return {name: day for name, day in found.items() if day}


# -- people ------------------------------------------------------------------------------------------

_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])/?$")


def author(element: Element) -> Author:
    """A person or a group."""
    said: dict[str, str] = {}
    affiliations: list[str] = []
    orcid = ""
    for part in element:  # the most frequent element by far: one look at each part
        if part.tag == "AffiliationInfo":
            affiliations += texts(part, "Affiliation")
        elif part.tag == "Identifier" and part.get("Source") == "ORCID":
            orcid = orcid or _orcid(part)
        else:
            said[part.tag] = text_of(part)
    if group := said.get("CollectiveName"):
        return Author(family=group, affiliations=tuple(affiliations), collective=True)
    return Author(
        family=said.get("LastName", ""),
        given=said.get("ForeName", ""),
        initials=said.get("Initials", ""),
        suffix=said.get("Suffix", ""),
        orcid=orcid,
        affiliations=tuple(affiliations),
    )


def _orcid(element: Element) -> str:
    """Bare and hyphenated, whether an address, digits only or as it should be."""
    match = _ORCID.search(text_of(element))
    return "-".join(match.groups()).upper() if match else ""


def is_valid(element: Element) -> bool:
    """False for what NLM keeps beside its correction (`ValidYN="N"`)."""
    return element.get("ValidYN", "Y") != "N"


# -- abstracts and subjects --------------------------------------------------------------------------


def sections(parent: Element | None, label: str = "") -> tuple[Section, ...]:
    """The parts of an abstract that say something, in order."""
    if parent is None:
        return ()
    return tuple(
        [
            Section(said, _joined(label, part.get("Label", "")), part.get("NlmCategory", ""))
            for part in parent.findall("AbstractText")
            if (said := text_of(part))
        ]
    )


def _joined(*labels: str) -> str:
    return ", ".join(filter(None, labels))


def other_sections(citation: Element) -> tuple[Section, ...]:
    """Abstracts in other languages and for other readers; the label says whose (`Publisher, ger`)."""
    return tuple(
        chain.from_iterable(
            sections(other, _joined(other.get("Type", ""), other.get("Language", "")))
            for other in citation.findall("OtherAbstract")
        )
    )


def headings(citation: Element) -> tuple[Heading, ...]:
    """MeSH headings with their qualifiers, then the supplementary concepts (protocols, diseases …)."""
    found = [_heading(element) for element in items(citation, "MeshHeadingList")]
    found += [Heading(text_of(name), name.get("UI", "")) for name in items(citation, "SupplMeshList")]
    return tuple(found)


def _heading(element: Element) -> Heading:
    name = element.find("DescriptorName")
    qualifiers = [
        text_of(qualifier) + "*" * (qualifier.get("MajorTopicYN") == "Y")
        for qualifier in element.findall("QualifierName")
    ]
    if name is None:
        return Heading("", qualifiers=tuple(qualifiers))
    return Heading(text_of(name), name.get("UI", ""), name.get("MajorTopicYN") == "Y", tuple(qualifiers))


# -- relations and money -----------------------------------------------------------------------------


def relations(citation: Element) -> tuple[Relation, ...]:
    """Retractions, errata, comments, updates, citations. The PMID of the other paper may be missing."""
    return tuple(map(_relation, within(citation, "CommentsCorrectionsList", "CommentsCorrections")))


def _relation(element: Element) -> Relation:
    return Relation(
        kind=element.get("RefType", ""),
        citation=text(element, "RefSource"),
        identifiers=tuple([Identifier("pmid", pmid) for pmid in texts(element, "PMID")]),
        note=text(element, "Note"),
    )


def grants(article: Element) -> tuple[Grant, ...]:
    """Grants; their texts come escaped twice (`R&amp;amp;D`), which is undone here and nowhere else."""
    return tuple(map(_grant, within(article, "GrantList", "Grant")))


def _grant(element: Element) -> Grant:
    return Grant(*[html.unescape(text(element, name)) for name in ("GrantID", "Agency", "Country")])


# -- identifiers -------------------------------------------------------------------------------------

_DOI = re.compile(r"10\.\d{4,9}/\S+", re.IGNORECASE)
_DOI_LEAD = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_SCHEMES = {"pubmed": "pmid", "pmc": "pmcid"}


def doi_of(said: str) -> str:
    """A DOI in lower case and without what people put in front of it; empty when it is none."""
    match = _DOI.fullmatch(_DOI_LEAD.sub("", said))
    return match[0].lower() if match else ""


class Identified(NamedTuple):
    """Identifiers, and what stood in their places and is none."""

    identifiers: tuple[Identifier, ...]
    refused: tuple[str, ...]


def identifiers(pmid: str, locations: Iterable[Element], listed: Iterable[Element]) -> Identified:
    """From `ELocationID` (origin `elocation`) and the record's own `ArticleIdList` (origin `idlist`).

    The same identifier in both places is one. Two different DOIs are both kept: the origin tells them
    apart. What is marked invalid or is no DOI by its shape is refused.
    """
    found = {("pmid", pmid): ""}
    refused: list[str] = []
    places = [(element, element.get("EIdType", ""), "elocation") for element in locations]
    places += [(element, element.get("IdType", ""), "idlist") for element in listed]
    for element, kind, origin in places:
        said = text_of(element)
        value = doi_of(said) if kind == "doi" else said
        if value and is_valid(element):
            found.setdefault((_SCHEMES.get(kind) or kind.lower(), value), origin)
        elif said:
            refused.append(f"{kind} {said}".strip())
    kept = [Identifier(scheme, value, origin) for (scheme, value), origin in found.items()]
    return Identified(tuple(kept), tuple(dict.fromkeys(refused)))


def accessions(bank: Element) -> Iterator[Identifier]:
    """Trial numbers by their shape, whatever the bank is called; else the bank's name is the scheme."""
    name = text(bank, "DataBankName")
    for number in texts_of(within(bank, "AccessionNumberList", "AccessionNumber")):
        # ISRCTN numbers also come without their prefix.
        yield from (
            find(number, "databank")
            or find(name + number, "databank")
            or (Identifier(name.lower(), number, "databank"),)
        )


def trial_numbers(banks: Iterable[Element], title: str, abstract: str) -> tuple[Identifier, ...]:
    """Accession numbers, and trial numbers in the texts; the first place counts."""
    found: dict[tuple[str, str], Identifier] = {}
    everywhere = chain.from_iterable(map(accessions, banks))
    for number in chain(everywhere, find(title, "title"), find(abstract, "abstract")):
        found.setdefault((number.scheme, number.value), number)
    return tuple(found.values())

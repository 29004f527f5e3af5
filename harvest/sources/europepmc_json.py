"""Reading Europe PMC's JSON: pure, the same bytes give the same records for ever.

Shapes as in recorded answers of 2025 and 2026 (resultType `core`, version 6.9). Described by others and not
seen there: a preprint's `commentCorrectionList` ("Preprint of"), `bookOrReportDetails`, an envelope that
holds nothing but `version` for a question that Europe PMC could not read.

Left in the page, on purpose: counts of citations, flags such as `hasPDF` and `inEPMC`, the day on which a
full text came. They change without the document changing, and each record would look revised every week.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import BadAnswer, RecordError, Refused
from db.record import Author, Grant, Heading, Identifier, Record, Relation, Section, Unreadable
from db.trial_numbers import find
from harvest.readers.text import plain
from harvest.sources.json_shapes import column, number, part, parts, text, texts

SOURCE = "europepmc"

KINDS = {"PPR": "preprint", "PAT": "patent", "ETH": "thesis", "NBK": "book"}
"""Part of Europe PMC → kind of its records; all others (MED, PMC, AGR, CBA, CTX, HIR) hold articles."""

_DATES = {
    "created": "dateOfCreation",
    "revised": "dateOfRevision",
    "completed": "dateOfCompletion",
    "electronic": "electronicPublicationDate",
    "indexed": "firstIndexDate",
}
"""Name in `Record.dates` → theirs. `revised` is what a later run compares with."""

_EXTRA = ("affiliation", "license", "manuscriptId", "pubModel", "bookid")
_BOOK = ("comprisingTitle", "edition", "extraInformation", "isbn10", "isbn13", "seriesName")
_PRINTED = re.compile(r"\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?")
"""A date as printed that says no more than the ISO date beside it: 2025 Dec."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as far as listing and fetching need it."""

    total: int
    mark: str
    """Where the listing goes on; empty when it does not say."""
    query: str
    """The question that was run, as Europe PMC repeats it."""
    reading: str
    """The question as Europe PMC understood it; the same, unless it tells (`internalQuery`)."""
    synonyms: bool
    results: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        """One for each result; empty where it has none."""
        return tuple(map(key, self.results))


def answer(body: bytes) -> Answer:
    """An answer of any kind.

    Raises:
        Refused: Europe PMC says that the question is wrong (an `errCode`, with status 200).
        BadAnswer: this is no answer, or it tells of trouble at their side.
    """
    try:
        said = part({"answer": json.loads(body)}, "answer")
        asked = part(said, "request")
        refusal, code, total = text(said, "errMsg"), number(said, "errCode"), number(said, "hitCount")
        mark, query = text(said, "nextCursorMark"), text(asked, "queryString")
        reading, results = text(asked, "internalQuery") or query, parts(part(said, "resultList"), "result")
    except (ValueError, RecursionError, RecordError) as error:
        raise BadAnswer(SOURCE, f"europepmc: the answer cannot be read ({error})", body) from error
    if refusal or code:
        raise _refused(code or 400, refusal, body)
    if total is None:
        sentence = "europepmc: the answer does not say how many match; a question it cannot read is one cause"
        raise BadAnswer(SOURCE, sentence, body)
    return Answer(total, mark, query, reading, asked.get("synonym") is True, results)


def _refused(code: int, said: str, body: bytes) -> Refused | BadAnswer:
    """What an `errCode` means: trouble that may pass, or a mistake of ours."""
    if code == 429 or code >= 500:
        return BadAnswer(SOURCE, f"europepmc: Europe PMC cannot answer now ({code}: {said})", body)
    return Refused(SOURCE, f"europepmc: Europe PMC refused the question: {said or code}")


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
    for position, result in enumerate(answer(body).results, 1):
        try:
            yield record(result)
        except RecordError as error:
            raw = json.dumps(result, ensure_ascii=False)
            yield Unreadable(position, str(error), raw, key=key(result))


def key(result: Mapping[str, Any]) -> str:
    """`MED:39709209`; empty when one of the two is missing."""
    source, identifier = result.get("source"), result.get("id")
    return f"{source}:{identifier}" if source and identifier else ""


def record(result: Mapping[str, Any]) -> Record:
    """One result of type `core`. Raises `RecordError` when a part has an unknown shape."""
    if not key(result):
        raise RecordError("A result without source and number cannot be told from others.")
    issue, book = part(result, "journalInfo"), part(result, "bookOrReportDetails")
    journal, year = part(issue, "journal"), text(result, "pubYear")
    title, abstract = plain(text(result, "title")), text(result, "abstractText")
    printed = text(issue, "dateOfPublication")
    return Record(
        source=SOURCE,
        key=key(result),
        kind=KINDS.get(text(result, "source"), "article"),
        title=title,
        abstract=sections(abstract),
        authors=_authors(result),
        journal=text(journal, "title"),
        journal_abbreviation=text(journal, "isoabbreviation") or text(journal, "medlineAbbreviation"),
        issns=tuple(issn for tag in ("issn", "essn") if (issn := text(journal, tag))),
        publisher=text(book, "publisher"),
        year=int(year) if re.fullmatch(r"\d{4}", year) else None,
        date=text(result, "firstPublicationDate"),
        date_text="" if _PRINTED.fullmatch(printed) else printed,
        dates=_dates(result, issue),
        volume=text(issue, "volume"),
        issue=text(issue, "issue"),
        pages=text(result, "pageInfo"),
        languages=tuple(filter(None, (text(result, "language"),))),
        publication_types=texts(part(result, "pubTypeList"), "pubType"),
        headings=tuple(map(_heading, parts(part(result, "meshHeadingList"), "meshHeading"))),
        keywords=texts(part(result, "keywordList"), "keyword"),
        identifiers=_identifiers(result, title, abstract),
        grants=tuple(map(_grant, parts(part(result, "grantsList"), "grant"))),
        relations=tuple(map(_relation, parts(part(result, "commentCorrectionList"), "commentCorrection"))),
        status=text(result, "publicationStatus"),
        urls=column(parts(part(result, "fullTextUrlList"), "fullTextUrl"), "url"),
        extra=_extra(result, journal, book),
    )


def sections(markup: str) -> tuple[Section, ...]:
    """The parts of an abstract, which begin with `<h4>`; what comes before the first has no label."""
    before, *rest = re.split(r"<h4>(.*?)</h4>", markup.replace("\u00ad", ""))
    labelled = [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    return tuple(Section(prose, plain(label)) for label, said in labelled if (prose := plain(said)))


def _dates(result: Mapping[str, Any], issue: Mapping[str, Any]) -> dict[str, str]:
    found = {name: text(result, tag) for name, tag in _DATES.items()}
    found["print"] = text(issue, "printPublicationDate")
    return {name: day for name, day in found.items() if day}


def _authors(result: Mapping[str, Any]) -> tuple[Author, ...]:
    """The list, else the one line (`Lee MS, Green R.`), of which no name is split."""
    if listed := parts(part(result, "authorList"), "author"):
        return tuple(map(_author, listed))
    line = text(result, "authorString").removesuffix(".")
    return tuple(Author(family=name) for name in line.split(", ") if name)


def _author(author: Mapping[str, Any]) -> Author:
    if group := text(author, "collectiveName"):
        return Author(family=group, collective=True)
    known = part(author, "authorId")
    places = parts(part(author, "authorAffiliationDetailsList"), "authorAffiliation")
    return Author(
        family=text(author, "lastName") or text(author, "fullName"),
        given=text(author, "firstName"),
        initials=text(author, "initials"),
        orcid=text(known, "value") if text(known, "type") == "ORCID" else "",
        affiliations=column(places, "affiliation"),
    )


def _heading(heading: Mapping[str, Any]) -> Heading:
    """Flags are the texts Y and N."""
    qualifiers = parts(part(heading, "meshQualifierList"), "meshQualifier")
    return Heading(
        text(heading, "descriptorName"),
        major=text(heading, "majorTopic_YN") == "Y",
        qualifiers=tuple(
            text(qualifier, "qualifierName") + ("*" if text(qualifier, "majorTopic_YN") == "Y" else "")
            for qualifier in qualifiers
        ),
    )


def _identifiers(result: Mapping[str, Any], title: str, abstract: str) -> tuple[Identifier, ...]:
    named = ((scheme, text(result, scheme)) for scheme in ("pmid", "pmcid", "doi"))
    article = (Identifier(scheme, value, "article") for scheme, value in named if value)
    own = Identifier("accession", key(result))
    return tuple(dict.fromkeys((*article, own, *find(title, "title"), *find(abstract, "abstract"))))


def _grant(grant: Mapping[str, Any]) -> Grant:
    return Grant(text(grant, "grantId"), text(grant, "agency"))


def _relation(said: Mapping[str, Any]) -> Relation:
    """A correction, a comment, or the article of a preprint (`Preprint of`), which may be none of PubMed's."""
    part_of, named = text(said, "source"), text(said, "id")
    known = {
        "MED": Identifier("pmid", named),
        "PMC": Identifier("pmcid", named),
    }.get(part_of, Identifier("accession", f"{part_of}:{named}"))
    return Relation(
        text(said, "type"), text(said, "reference"), (known,) if named else (), text(said, "note")
    )


def _extra(
    result: Mapping[str, Any], journal: Mapping[str, Any], book: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    version = number(result, "versionNumber")
    found: dict[str, tuple[str, ...]] = {tag: (text(result, tag),) for tag in _EXTRA}
    found |= {tag: (text(book, tag),) for tag in _BOOK}
    found["nlmid"] = (text(journal, "nlmid"),)
    found["version"] = ("" if version is None else str(version),)
    found["chemical"] = tuple(map(_chemical, parts(part(result, "chemicalList"), "chemical")))
    found["subset"] = column(parts(part(result, "subsetList"), "subset"), "name")
    return {tag: said for tag, said in found.items() if any(said)}


def _chemical(chemical: Mapping[str, Any]) -> str:
    """`Aspirin (R16CO5Y76E)`; a registry number 0 means that there is none."""
    name, registered = text(chemical, "name"), text(chemical, "registryNumber")
    return f"{name} ({registered})" if registered not in ("", "0") else name

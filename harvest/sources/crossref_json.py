"""Reading Crossref's JSON: pure, the same bytes give the same records for ever.

Shapes as in recorded answers of 2022, 2023 and 2026 and in github.com/CrossRef/rest-api-doc/blob/master/api_format.md.
What stands in lists may be missing, empty, or hold `null`; a date is `[[1998, 2]]` or `[[null]]`.

Left in the page, on purpose: what is cited (`reference`), counts of citations, `score`, `indexed`, links to
full texts, `assertion`. Some change without the work changing; the rest says nothing about the work itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import BadAnswer, RecordError
from db.record import Author, Grant, Identifier, Record, Relation, Section, Unreadable
from db.trial_numbers import find
from harvest.readers.text import plain
from harvest.sources.json_shapes import number, part, parts, text, texts

SOURCE = "crossref"

_KINDS = {"journal-article": "article", "dissertation": "thesis", "monograph": "book"}
"""Crossref's type → kind; other types keep Crossref's word with blanks for hyphens."""

_DATES = {
    "print": "published-print",
    "electronic": "published-online",
    "posted": "posted",
    "accepted": "accepted",
    "approved": "approved",
    "created": "created",
    "revised": "deposited",
}
"""Name in `Record.dates` → theirs. `created`: the DOI was registered; `deposited`: the publisher sent metadata."""

_EXTRA = ("original-title", "alternative-id", "ISBN", "archive", "subject", "degree")
_JATS = re.compile(r"</?(?:jats|mml|m|xlink):[\w-]+(?:\s[^<>]*)?/?>")
_JATS_BLOCK = re.compile(r"</?jats:(?:p|sec|list|list-item|disp-formula|disp-quote)(?:\s[^<>]*)?/?>")
_JATS_TITLE = re.compile(r"<jats:title(?:\s[^<>]*)?>(.*?)</jats:title>", re.DOTALL)
_BARE_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A list of works, or one work, as far as listing and fetching need it."""

    total: int
    mark: str
    """Where the listing goes on (`next-cursor`); it keeps coming after the last page."""
    terms: str
    """The search terms as Crossref repeats them."""
    works: Sequence[Mapping[str, Any]]

    @property
    def keys(self) -> tuple[str, ...]:
        """A DOI for each work, in small letters; empty where it has none."""
        return tuple(map(key, self.works))


def answer(body: bytes) -> Answer:
    """An answer of type `work-list` or `work`. Raises `BadAnswer`."""
    try:
        said = part({"answer": json.loads(body)}, "answer")
        message, kind = part(said, "message"), text(said, "message-type")
        if kind == "work":
            return Answer(1, "", "", [message])
        total, mark = number(message, "total-results"), text(message, "next-cursor")
        terms, works = text(part(message, "query"), "search-terms"), parts(message, "items")
    except (ValueError, RecursionError, RecordError) as error:
        raise BadAnswer(SOURCE, f"crossref: the answer cannot be read ({error})", body) from error
    if kind != "work-list" or total is None:
        raise BadAnswer(SOURCE, "crossref: the answer does not say how many works match", body)
    return Answer(total, mark, terms, works)


def not_there(body: bytes) -> bool:
    """Whether this is what Crossref says, with status 404, to a single DOI that it does not have."""
    return body.strip() == b"Resource not found."


def mistakes(body: bytes) -> str:
    """What Crossref says is wrong with a question (`validation-failure`); empty when it says nothing."""
    try:
        said = parts(part({"answer": json.loads(body)}, "answer"), "message")
        return " ".join(filter(None, (text(mistake, "message") for mistake in said)))
    except (ValueError, RecursionError, RecordError):
        return ""


def read(body: bytes) -> Iterator[Record | Unreadable]:
    """Records of a page in its order. Raises `BadAnswer` if nothing can be read."""
    if not_there(body):
        return
    for position, work in enumerate(answer(body).works, 1):
        try:
            yield record(work)
        except RecordError as error:
            raw = json.dumps(work, ensure_ascii=False)
            yield Unreadable(position, str(error), raw, key=key(work))


def key(work: Mapping[str, Any]) -> str:
    """The DOI in small letters, as DOIs are compared (doi.org/doi-handbook, 2.4); empty when there is none."""
    doi = work.get("DOI")
    return doi.strip().lower() if isinstance(doi, str) else ""


def record(work: Mapping[str, Any]) -> Record:
    """One work. Raises `RecordError` when a part has an unknown shape."""
    if not key(work):
        raise RecordError("A work without a DOI cannot be told from others.")
    kind, within = text(work, "type"), text(work, "subtype")
    title, abstract = _title(work), sections(text(work, "abstract"))
    dates = {name: day for name, tag in _DATES.items() if (day := iso_date(work, tag))}
    day = _published(work, dates)
    return Record(
        source=SOURCE,
        key=key(work),
        kind="preprint" if within == "preprint" else _KINDS.get(kind, kind.replace("-", " ") or "article"),
        title=title,
        abstract=abstract,
        authors=tuple(filter(None, map(_author, parts(work, "author")))),
        journal=_first(work, "container-title"),
        journal_abbreviation=_first(work, "short-container-title"),
        issns=texts(work, "ISSN"),
        publisher=text(work, "publisher"),
        year=int(day[:4]) if day else None,
        date=day,
        dates=dates,
        volume=text(work, "volume"),
        issue=text(work, "issue"),
        pages=text(work, "page"),
        article_number=text(work, "article-number"),
        languages=tuple(filter(None, (text(work, "language"),))),
        publication_types=tuple(filter(None, (kind, within))),
        identifiers=_identifiers(work, title, abstract),
        grants=tuple(_grants(work)),
        relations=(*_updates(work), *_relations(work)),
        urls=tuple(filter(None, (text(part(part(work, "resource"), "primary"), "URL"), text(work, "URL")))),
        extra=_extra(work),
    )


def iso_date(parent: Mapping[str, Any], name: str) -> str:
    """A partial date as 1998, 1998-02 or 1998-02-06; empty for `[[null]]` and for what is no date."""
    written = part(parent, name).get("date-parts")
    if not isinstance(written, list) or not written or not isinstance(written[0], list):
        return ""
    numbers = [value for value in written[0] if isinstance(value, int) and not isinstance(value, bool)]
    if not numbers or len(numbers) != len(written[0]) or not 1000 <= numbers[0] <= 2999:
        return ""
    return "-".join((f"{numbers[0]:04}", *(f"{value:02}" for value in numbers[1:3])))


def sections(markup: str) -> tuple[Section, ...]:
    """The parts of an abstract in JATS, which begin with a title; the title `Abstract` is no label."""
    before, *rest = _JATS_TITLE.split(markup)
    labelled = [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    said = ((_plain(label).rstrip(":"), _plain(prose)) for label, prose in labelled)
    return tuple(
        Section(prose, "" if label.casefold() == "abstract" else label) for label, prose in said if prose
    )


def _plain(markup: str) -> str:
    return plain(_JATS.sub("", _JATS_BLOCK.sub(" ", markup)))


def _title(work: Mapping[str, Any]) -> str:
    """The title and the first subtitle, which other databases print as one."""
    title, subtitle = _plain(_first(work, "title")), _plain(_first(work, "subtitle"))
    if not subtitle or subtitle.casefold() in title.casefold():
        return title
    return f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {subtitle}"


def _first(work: Mapping[str, Any], name: str) -> str:
    return next(iter(texts(work, name)), "")


def _published(work: Mapping[str, Any], dates: Mapping[str, str]) -> str:
    """The earliest publication; what Crossref does not call issued may have been posted or approved."""
    return iso_date(work, "issued") or dates.get("posted", "") or dates.get("approved", "")


def _author(author: Mapping[str, Any]) -> Author | None:
    places = tuple(name for place in parts(author, "affiliation") if (name := text(place, "name")))
    family, given, name = text(author, "family"), text(author, "given"), text(author, "name")
    if not (family or given or name):
        return None
    if not (family or given):
        return Author(family=name, collective=True, affiliations=places)
    orcid = text(author, "ORCID").rstrip("/").rpartition("/")[2]
    return Author(
        family or given,
        given if family else "",
        suffix=text(author, "suffix"),
        orcid=orcid,
        affiliations=places,
    )


def _identifiers(work: Mapping[str, Any], title: str, abstract: Sequence[Section]) -> tuple[Identifier, ...]:
    prose = "\n".join(section.text for section in abstract)
    numbers = (number for said in (*_registered(work), key(work)) for number in find(said, "databank"))
    found = (
        Identifier("doi", key(work), "article"),
        *numbers,
        *find(title, "title"),
        *find(prose, "abstract"),
    )
    return tuple(dict.fromkeys(found))


def _registered(work: Mapping[str, Any]) -> list[str]:
    """Numbers of trials as the publisher deposited them; some have no register's shape."""
    return [text(said, "clinical-trial-number") for said in parts(work, "clinical-trial-number")]


def _grants(work: Mapping[str, Any]) -> Iterator[Grant]:
    for funder in parts(work, "funder"):
        for award in texts(funder, "award") or ("",):
            yield Grant(award, text(funder, "name"))


def _updates(work: Mapping[str, Any]) -> Iterator[Relation]:
    """Retractions, corrections, concerns: Crossref's type as `kind`, who says so as `note`.

    The work that was changed says `updated-by` and gets the bare type (`retraction`); the notice says `update-to`
    and gets `retraction of`, so that nobody takes the notice for what it withdraws. `note` is `publisher` or
    `retraction-watch`, and the same event may be told by both
    (crossref.org/documentation/retrieve-metadata/retraction-watch).
    """
    for tag, form in (("updated-by", "{}"), ("update-to", "{} of")):
        for said in parts(work, tag):
            names = (text(said, "label"), iso_date(said, "updated"), text(said, "record-id"))
            yield Relation(
                form.format(text(said, "type") or "update"),
                ", ".join(filter(None, names)),
                _doi(text(said, "DOI")),
                text(said, "source"),
            )


def _relations(work: Mapping[str, Any]) -> Iterator[Relation]:
    """`is-preprint-of`, `has-review` and so on; `note` says who asserts it (subject or object)."""
    relation = part(work, "relation")
    for kind in relation:
        for said in parts(relation, kind):
            named, scheme = text(said, "id"), text(said, "id-type")
            known = _doi(named) if scheme == "doi" else (Identifier(scheme or "other", named),)
            yield Relation(kind, "", known if named else (), text(said, "asserted-by"))


def _doi(named: str) -> tuple[Identifier, ...]:
    bare = _BARE_DOI.sub("", named).lower()
    return (Identifier("doi", bare),) if bare else ()


def _extra(work: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = {tag: texts(work, tag) for tag in _EXTRA}
    found["title"] = tuple(map(_plain, texts(work, "title")[1:]))
    found["subtitle"] = tuple(map(_plain, texts(work, "subtitle")[1:]))
    found["container-title"] = texts(work, "container-title")[1:]
    found["editor"] = tuple(person.name for said in parts(work, "editor") if (person := _author(said)))
    found["institution"] = tuple(name for said in parts(work, "institution") if (name := text(said, "name")))
    found["license"] = tuple(
        dict.fromkeys(url for said in parts(work, "license") if (url := text(said, "URL")))
    )
    found["event"] = tuple(filter(None, (text(part(work, "event"), "name"),)))
    found["group-title"] = tuple(filter(None, (text(work, "group-title"),)))
    found["clinical-trial-number"] = tuple(said for said in _registered(work) if said and not find(said))
    return {tag: said for tag, said in found.items() if said}

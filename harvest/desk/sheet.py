"""A report as it lies on the desk: everything a reviewer judges by, and nobody's opinion of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote, urlsplit

from db.opinion import Retrieval
from db.record import Identifier, Record, Section, Trial
from db.store import Store
from screen.export import harvest_id
from screen.steps import report

AUTHORS = 12
"""How many are named before the rest is counted."""

LETTERS = 6
"""A longer name of a scheme is a word, and no abbreviation in capitals."""

_PAGES = {
    "pmid": ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    "pmcid": ("PubMed Central", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
    "doi": ("DOI", "https://doi.org/{}"),
    "nct": ("ClinicalTrials.gov", "https://clinicaltrials.gov/study/{}"),
    "isrctn": ("ISRCTN", "https://www.isrctn.com/{}"),
    "eudract": ("EU CTR", "https://www.clinicaltrialsregister.eu/ctr-search/search?query={}"),
    "ctis": ("CTIS", "https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT={}"),
}
"""Scheme of an identifier → what its page is called, and where it stands."""


@dataclass(frozen=True, slots=True)
class Link:
    """A name by which a report is known elsewhere, or a place where it can be read."""

    label: str
    text: str
    url: str = ""
    """Empty where there is no page, or none that a browser should open."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One report, ready to be shown."""

    id: str
    """H000123."""
    title: str
    vernacular: str
    kind: str
    authors: str
    venue: str
    """Journal, year, volume, pages: `Lancet 2015;1(2):3-9`."""
    abstract: tuple[Section, ...]
    others: tuple[Section, ...]
    """Abstracts in other languages, plain-language summaries."""
    facts: tuple[tuple[str, str], ...]
    """What only a registration says: name of the fact, and the fact."""
    keywords: tuple[str, ...]
    links: tuple[Link, ...]
    searches: tuple[str, ...]
    """Names of the searches that found it."""
    full_text: tuple[Link, ...]
    """How far the search for its full text has come; empty when nobody said."""


def sheet(store: Store, number: int) -> Sheet:
    """A report as its records together tell it."""
    members = store.records_of(number)
    told = report(store, members)
    searches = sorted({name for names in store.sources_of(members).values() for name in names})
    headings = (heading.term for heading in told.headings)
    return Sheet(
        id=harvest_id(number),
        title=told.title or told.vernacular_title or "(without a title)",
        vernacular=told.vernacular_title if told.title else "",
        kind="registration" if told.trial else told.kind,
        authors=_authors(told),
        venue=_venue(told),
        abstract=told.abstract,
        others=told.other_abstracts,
        facts=tuple(_facts(told.trial)) if told.trial else (),
        keywords=tuple(dict.fromkeys((*told.keywords, *headings))),
        links=tuple(_links(told)),
        searches=tuple(searches),
        full_text=tuple(_full_text(store, members)),
    )


def _authors(told: Record) -> str:
    names = [author.name for author in told.authors if author.name]
    more = len(names) - AUTHORS
    some = "; ".join(islice(names, AUTHORS))
    return f"{some}; and {more} more" if more > 0 else some


def _venue(told: Record) -> str:
    place = told.journal or told.journal_abbreviation or told.publisher
    issue = f"({told.issue})" if told.issue else ""
    pages = told.pages or told.article_number
    where = f"{told.volume}{issue}{f':{pages}' if pages else ''}"
    year = str(told.year or told.date_text or "")
    return " ".join(part for part in (place, ";".join(part for part in (year, where) if part)) if part)


# -- where else --------------------------------------------------------------------------------------


def _links(told: Record) -> Iterator[Link]:
    for name in dict.fromkeys((i.scheme, i.value) for i in told.identifiers):
        yield _named(Identifier(*name))
    for address in dict.fromkeys(told.urls):
        yield Link("Page", address, _openable(address))


def _named(name: Identifier) -> Link:
    known = name.scheme.upper() if len(name.scheme) <= LETTERS else name.scheme.capitalize()
    label, page = _PAGES.get(name.scheme, (known, ""))
    return Link(label, name.value, page.format(quote(name.value, safe="/()")))


def _openable(address: str) -> str:
    """The address, when it is one of the web: a record may say `javascript:` as well."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.netloc else ""


def _full_text(store: Store, members: list[int]) -> Iterator[Link]:
    said: list[Retrieval] = [word for word in store.retrievals() if word.record in set(members)]
    for word in said[-1:]:
        yield Link(word.state, word.place or word.note, _openable(word.place))


# -- registrations -----------------------------------------------------------------------------------


def _facts(trial: Trial) -> Iterator[tuple[str, str]]:
    """What a register says of a trial, in its own words and in the order in which one asks."""
    people = f"{trial.enrollment} {trial.enrollment_kind}".strip() if trial.enrollment is not None else ""
    ages = " to ".join(age for age in (trial.minimum_age, trial.maximum_age) if age)
    design = (f"{name}: {word}" for name, word in trial.design.items())
    said = {
        "Status": "; ".join(part for part in (trial.status, trial.why_stopped) if part),
        "Design": "; ".join(part for part in (trial.study_type, *trial.phases, *design) if part),
        "Conditions": "; ".join(trial.conditions),
        "Interventions": "; ".join(intervention.name for intervention in trial.interventions),
        "Arms": "; ".join(arm.label for arm in trial.arms),
        "Primary outcomes": "; ".join(o.measure for o in trial.outcomes if o.kind == "primary"),
        "Other outcomes": "; ".join(o.measure for o in trial.outcomes if o.kind != "primary"),
        "Participants": "; ".join(part for part in (people, trial.sex, ages) if part),
        "Eligibility": trial.eligibility,
        "Sponsor": "; ".join(part for part in (trial.sponsor, *trial.collaborators) if part),
        "Countries": "; ".join(trial.countries),
    }
    yield from ((name, text) for name, text in said.items() if text)

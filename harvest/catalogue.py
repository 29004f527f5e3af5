"""Which sources there are, and how one is made. A source from elsewhere is an entry point like ours."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from db.errors import WrongUse
from harvest import exports_only
from harvest.source import Source
from harvest.transport import Transport

GROUP = "harvest.sources"

BUILT_IN = {
    "pubmed": "harvest.sources.pubmed:PubMed",
    "clinicaltrials": "harvest.sources.clinicaltrials:ClinicalTrials",
    "europepmc": "harvest.sources.europepmc:EuropePmc",
    "crossref": "harvest.sources.crossref:Crossref",
    "eric": "harvest.sources.eric:Eric",
    "isrctn": "harvest.sources.isrctn:Isrctn",
    "ctis": "harvest.sources.ctis:Ctis",
    "openalex": "harvest.sources.openalex:OpenAlex",
    "doaj": "harvest.sources.doaj:Doaj",
}
"""Ours are known even where the program runs from its source folder and announces nothing."""


def names() -> list[str]:
    """Every source that can be asked, in order."""
    return sorted(_entries())


def kind(name: str) -> Any:
    """The class behind a name. Raises `WrongUse`, listing the known names."""
    entry = _entries().get(name)
    if entry is None:
        raise WrongUse(unknown(name))
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise WrongUse(f"The source '{name}' ({entry.value}) cannot be loaded: {error}.") from error


def unknown(name: str) -> str:
    """What to say of a name that no source has: what may be meant, what there is, or that it comes as a file."""
    entry = exports_only.by_name(name)
    meant = "" if entry else exports_only.close_to(name, names())
    close = f"; did you mean '{meant}'?" if meant else ";"
    if entry:
        said = f". {entry.label} comes as an export file: see `harvest sources {entry.name}`."
    else:
        said = ", and what comes as export files: `harvest sources`."
    return f"There is no source '{name}'{close} there are {', '.join(names())}{said}"


def make(name: str, transport: Transport, settings: Mapping[str, str]) -> Source:
    """A source that is ready to be asked."""
    return cast(Source, kind(name)(transport, settings))


def _entries() -> dict[str, EntryPoint]:
    ours = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    return {entry.name: entry for entry in entry_points(group=GROUP)} | ours

"""Which sources there are, and how one is made. A source from elsewhere is an entry point like ours."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from db.errors import WrongUse
from harvest.source import Source
from harvest.transport import Transport

GROUP = "harvest.sources"

BUILT_IN = {
    "pubmed": "harvest.sources.pubmed:PubMed",
    "clinicaltrials": "harvest.sources.clinicaltrials:ClinicalTrials",
}
"""Ours are known even where the program runs from its source folder and announces nothing."""


def names() -> list[str]:
    """Every source that can be asked, in order."""
    return sorted(_entries())


def kind(name: str) -> Any:
    """The class behind a name. Raises `WrongUse`, listing the known names."""
    entry = _entries().get(name)
    if entry is None:
        raise WrongUse(f"There is no source '{name}'; there are {', '.join(names())}.")
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise WrongUse(f"The source '{name}' ({entry.value}) cannot be loaded: {error}.") from error


def make(name: str, transport: Transport, settings: Mapping[str, str]) -> Source:
    """A source that is ready to be asked."""
    return cast(Source, kind(name)(transport, settings))


def _entries() -> dict[str, EntryPoint]:
    ours = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    return {entry.name: entry for entry in entry_points(group=GROUP)} | ours

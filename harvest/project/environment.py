"""What the environment adds to `review.toml` or overrules in it: addresses, patience, secrets.

================================================  =====================================================
HARVEST_TIMEOUT, _DEADLINE, _ATTEMPTS, _BACKOFF    the keys of `[network]`
HARVEST_PUBMED_URL, HARVEST_CLINICALTRIALS_URL …   `url` of `[sources.pubmed]`, `[sources.clinicaltrials]` …
NCBI_EMAIL                                         `email` of `[sources.pubmed]`, else of `[contact]`
NCBI_API_KEY, OPENALEX_API_KEY, or the name in     the key itself, which never stands in a file
`api_key_env`
================================================  =====================================================

NCBI gives a key to each person and asks programs to name an e-mail address with every request:
https://support.nlm.nih.gov/kbArticle/?pn=KA-05317
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping

from db.errors import Problem
from harvest.project.reading import Finding, validated
from harvest.project.settings import Network, ReviewFile, SourceTable

FILE = "environment"

_KEY_VARIABLE = {"pubmed": "NCBI_API_KEY", "openalex": "OPENALEX_API_KEY"}
_EMAIL_VARIABLE = {"pubmed": "NCBI_EMAIL"}


def secrets(review: ReviewFile) -> tuple[str, ...]:
    """Names of the environment variables that the searches of a review can need, sorted."""
    asked = {table.source for table in review.search}
    own = {name: table.api_key_env for name, table in review.sources.items() if table.api_key_env}
    keys = {**_KEY_VARIABLE, **own}
    return tuple(
        sorted({found for name in asked for found in (keys.get(name), _EMAIL_VARIABLE.get(name)) if found})
    )


def network(review: ReviewFile, environ: Mapping[str, str]) -> tuple[Network, list[Problem]]:
    """`[network]` with what the environment overrules, and what of the environment cannot be used."""
    variables = {name: f"HARVEST_{name.upper()}" for name in Network.model_fields}
    said = {name: _number(environ[variable]) for name, variable in variables.items() if environ.get(variable)}
    settings, findings = validated(Network, review.network.model_dump() | said)
    return settings, [Problem(FILE, variables[str(f.path[0])], f.message) for f in findings]


def problems(review: ReviewFile, sources: Collection[str], environ: Mapping[str, str]) -> list[Problem]:
    """What of the environment cannot be used for the sources."""
    return [problem for name in sorted(sources) for problem in _overruled(review, name, environ)[1]]


def unsaid(review: ReviewFile, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What should stand in the file unless the environment says it."""
    asked = {table.source for table in review.search}
    if "pubmed" in asked and not (review.contact.email or _overruled(review, "pubmed", environ)[0].email):
        message = (
            "is missing: NCBI asks to be told an address, here or in the environment variable NCBI_EMAIL"
        )
        yield Finding(("contact", "email"), message, warning=True)


def source_settings(review: ReviewFile, name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What a source needs to be told, as texts: url, requests_per_second, email, api_key; only what is set.

    The key comes from the environment, else from the system's keyring if the package `keyring` is there
    (service `harvest`, user name = the source).
    """
    table, _ = _overruled(review, name, environ)
    variable = table.api_key_env or _KEY_VARIABLE.get(name, "")
    key = environ.get(variable, "").strip() or (_from_keyring(name) if variable else "")
    settings = {
        "url": table.url,
        "requests_per_second": str(table.requests_per_second or ""),
        "email": table.email or review.contact.email,
        "api_key": key,
    }
    return {name: value for name, value in settings.items() if value}


def _overruled(
    review: ReviewFile, name: str, environ: Mapping[str, str]
) -> tuple[SourceTable, list[Problem]]:
    variables = {
        "url": f"HARVEST_{name.upper().replace('-', '_')}_URL",
        "email": _EMAIL_VARIABLE.get(name, ""),
    }
    said = {key: environ[variable] for key, variable in variables.items() if environ.get(variable)}
    table = review.sources.get(name, SourceTable())
    settings, findings = validated(SourceTable, table.model_dump() | said)
    return settings, [Problem(FILE, variables[str(f.path[0])], f.message) for f in findings]


def _number(text: str) -> float | int | str:
    """The number a variable spells, or the text itself, which is then refused with a sentence."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _from_keyring(name: str) -> str:
    """The key kept by the system; a system without a keyring, or one that is locked, keeps none."""
    try:
        keyring = importlib.import_module("keyring")
        errors = importlib.import_module("keyring.errors")
    except ImportError:  # the package is optional
        return ""
    try:
        return keyring.get_password("harvest", name) or ""
    except (
        errors.KeyringError
    ):  # no desktop session, as under cron: sources answer without a key, more slowly
        return ""

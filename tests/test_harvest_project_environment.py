"""What the environment adds to review.toml, and the page that explains every key."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
import types
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pydantic import BaseModel
from review_folders import DATA, SMALL, make, only

from harvest.patience import Patience
from harvest.project import load, problems
from harvest.project.reading import _inner
from harvest.project.settings import Network, ReviewFile


@pytest.fixture
def write(tmp_path):
    return partial(make, tmp_path)


@pytest.fixture
def example(tmp_path):
    folder = Path(shutil.copytree(DATA / "parent-infant", tmp_path / "parent-infant"))
    (folder / "imports").mkdir()
    return folder


# -- environment --------------------------------------------------------------------------------------


def test_the_environment_overrules_the_network(example):
    environ = {
        "HARVEST_TIMEOUT": "5",
        "HARVEST_DEADLINE": "7.5",
        "HARVEST_ATTEMPTS": "2",
        "HARVEST_BACKOFF": "0",
    }
    assert load(example, environ).patience == Patience(timeout=5, deadline=7.5, attempts=2, backoff=0)
    assert load(example, {}).patience == Patience(timeout=20, backoff=0)
    assert Network() == Network(**{name: getattr(Patience(), name) for name in Network.model_fields})


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HARVEST_TIMEOUT", "soon", "must be a number, without quotes"),
        ("HARVEST_BACKOFF", "-1", "must be 0 or more"),
        ("HARVEST_ATTEMPTS", "2.5", "must be a whole number, without quotes"),
        (
            "HARVEST_PUBMED_URL",
            "eutils",
            "is no web address: it must begin with https:// (or http://) and name a host",
        ),
        (
            "HARVEST_CLINICALTRIALS_URL",
            "http://",
            "is no web address: it must begin with https:// (or http://) and name a host",
        ),
        ("NCBI_EMAIL", "ana", "'ana' is no e-mail address: write it as name@example.org"),
    ],
)
def test_a_wrong_variable_is_a_problem_of_the_environment(write, variable, value, message):
    assert only(write(), {variable: value}) == f"error: environment: {variable}: {message}"


def test_settings_of_a_source_come_from_file_and_environment(example):
    project = load(example, {})
    assert project.source_settings("pubmed", {}) == {
        "requests_per_second": "2.5",
        "email": "library@example.org",
    }
    assert project.source_settings("clinicaltrials", {}) == {
        "url": "https://clinicaltrials.example.org/api/v2",
        "email": "ana@example.org",
    }
    environ = {
        "HARVEST_PUBMED_URL": "http://localhost:8000/eutils/",
        "NCBI_EMAIL": "ben@example.org",
        "REVIEW_KEY": "k3y\n",
        "NCBI_API_KEY": "not asked for",
    }
    assert project.source_settings("pubmed", environ) == {
        "url": "http://localhost:8000/eutils/",
        "requests_per_second": "2.5",
        "email": "ben@example.org",
        "api_key": "k3y",
    }


def test_ncbi_variables_are_the_usual_ones(write):
    project = load(write(), {})
    assert project.source_settings("pubmed", {"NCBI_API_KEY": "k"})["api_key"] == "k"
    assert "api_key" not in project.source_settings("clinicaltrials", {"NCBI_API_KEY": "k"})


def test_an_address_in_the_environment_is_enough(write):
    assert problems(write(SMALL.replace("ana@example.org", "")), {"NCBI_EMAIL": "ana@example.org"}) == ()


@pytest.fixture
def keyring(monkeypatch):
    class KeyringError(Exception):
        pass

    package, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    errors.KeyringError = KeyringError
    package.get_password = lambda service, name: {("harvest", "pubmed"): "from the keyring"}.get(
        (service, name)
    )
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return package


def test_the_keyring_is_asked_last(write, keyring):
    project = load(write(), {})
    assert project.source_settings("pubmed", {})["api_key"] == "from the keyring"
    assert project.source_settings("pubmed", {"NCBI_API_KEY": "k"})["api_key"] == "k"
    assert "api_key" not in project.source_settings("clinicaltrials", {})


def test_a_locked_keyring_holds_no_key(write, keyring):
    def locked(service, name):
        raise sys.modules["keyring.errors"].KeyringError

    keyring.get_password = locked
    assert "api_key" not in load(write(), {}).source_settings("pubmed", {})


def test_without_the_package_there_is_no_keyring(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "api_key" not in load(write(), {}).source_settings("pubmed", {})


# -- the page about it ---------------------------------------------------------------------------------


def keys(model: type[BaseModel], here: str = "") -> Iterator[str]:
    """Every key of a model and of the models in it: `search.query`."""
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is None or name == "exclude":
            yield f"{here}{name}"
        if inner is not None:
            yield from keys(inner, f"{here}{name}.")


def test_every_key_is_explained_in_the_docs_and_no_other(request):
    page = (request.config.rootpath / "docs" / "review-toml.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE) == list(keys(ReviewFile))


def test_defaults_in_the_docs_are_those_of_the_models(request):
    page = (request.config.rootpath / "docs" / "review-toml.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `((?!sources)[a-z_.]+)` \|.*\| `([^`|]+)` \|$", page, re.MULTILINE))
    assert len(said) == 15
    for key, value in said.items():
        default: object = ReviewFile()
        for name in key.split("."):
            default = getattr(default, name)
        assert tomllib.loads(f"x = {value}")["x"] == default, key

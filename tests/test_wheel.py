"""The wheel: what goes to people who install Harvest, and nothing else."""

from __future__ import annotations

import configparser
import email
import subprocess
import zipfile
from pathlib import Path

import pytest
from wheels import built

from harvest import catalogue

ROOT = Path(__file__).parent.parent
PACKAGES = ("harvest", "dedupe", "screen", "db")
INFORMATION = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    with zipfile.ZipFile(built(ROOT, tmp_path_factory.mktemp("wheel"))) as opened:
        yield opened


def parts(wheel):
    """Names in the packages, and names in the folder of information."""
    names = set(wheel.namelist())
    about = {name for name in names if name.partition("/")[0].endswith(".dist-info")}
    return names - about, {name.partition("/")[2] for name in about}


def metadata(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def test_it_holds_the_four_packages_and_nothing_else(wheel):
    names, about = parts(wheel)
    assert {name.partition("/")[0] for name in names} == set(PACKAGES)
    assert about == INFORMATION
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_every_file_of_the_packages_is_in_it_byte_for_byte(wheel):
    names, _ = parts(wheel)
    there = {
        str(path.relative_to(ROOT)): path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == set(there)
    assert [name for name, path in there.items() if wheel.read(name) != path.read_bytes()] == []


@pytest.mark.parametrize(
    "name",
    [
        "db/schema.sql",
        "harvest/templates/review.toml",
        "harvest/templates/gitignore",
        "harvest/templates/searches/pubmed.txt",
        "harvest/demo/data/review/review.toml",
        "harvest/demo/data/answers/pubmed.xml",
        "harvest/demo/data/LICENSES.md",
    ],
)
def test_what_is_no_python_and_needed_all_the_same(wheel, name):
    assert wheel.read(name).strip()


def test_it_is_called_harvest_review_and_says_what_it_imports(wheel):
    about = metadata(wheel)
    assert about["Name"] == "harvest-review"
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Requires-Python"] == ">=3.11"
    assert set(about.get_all("Import-Name")) == set(PACKAGES)


def test_it_starts_through_its_console_script_and_announces_its_sources(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    announced = configparser.ConfigParser()
    announced.read_string(wheel.read(name).decode())
    assert dict(announced["console_scripts"]) == {"harvest": "harvest.cli:main"}
    assert dict(announced[catalogue.GROUP]) == catalogue.BUILT_IN


def test_nothing_in_it_is_ignored_by_git(wheel):
    """What a clone does not bring, a wheel built from a clone would not hold."""
    names, _ = parts(wheel)
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    asked = subprocess.run(
        ["git", "check-ignore", "--stdin"], input="\n".join(names), capture_output=True, text=True, cwd=ROOT,
        check=False,
    )  # fmt: skip
    assert asked.stdout == ""

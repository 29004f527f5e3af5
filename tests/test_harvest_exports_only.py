"""What comes as an export file only: every entry is whole, known by its names, and tells how to get it in."""

from __future__ import annotations

import shlex
import tomllib

import pytest

from harvest import catalogue
from harvest.cli import cli
from harvest.exports_only import by_name, close_to, entries, holds_only_trials, is_register, of_database
from harvest.imports import Origin
from harvest.project.checks import unknown_source
from harvest.project.settings import SearchTable

NAMES = [entry.name for entry in entries()]


def test_every_source_of_the_house_plan_is_there_once_and_in_order():
    assert sorted(set(NAMES)) == NAMES
    assert {
        *("anzctr", "biosis", "central", "chictr", "cinahl", "drks", "embase", "eric-proquest", "euctr", "ictrp"),
        *("medline-ovid", "metaregister", "psycinfo", "scopus", "sociological-abstracts", "web-of-science"),
    } == set(NAMES)  # fmt: skip
    assert not set(NAMES) & set(catalogue.BUILT_IN), "what can be asked needs no export"


@pytest.mark.parametrize("entry", entries(), ids=NAMES)
def test_an_entry_is_whole(entry):
    assert entry.why.endswith(".")
    assert entry.sure
    assert bool(entry.steps) == bool(entry.format) == bool(entry.add) == (not entry.retired)
    assert all(step.endswith(".") for step in entry.steps)
    assert {*entry.instead} <= {*NAMES, *catalogue.BUILT_IN, "eric"}
    assert by_name(entry.name) is entry
    text = entry.text()
    assert text.startswith(entry.label)
    assert all(step in text for step in entry.steps)


@pytest.mark.parametrize("entry", [e for e in entries() if not e.retired], ids=lambda entry: entry.name)
def test_what_to_type_can_be_typed_and_what_to_write_can_be_written(entry):
    words = shlex.split(entry.add)[1:]
    command = cli.get_command(None, words[0])
    assert command is not None
    assert words[-5::2] == ["--database", "--platform", "--date"] or "--database" in words
    (table,) = tomllib.loads(entry.toml)["search"]
    search = SearchTable(**table)
    assert (search.source, search.database, search.platform) == ("file", entry.database, entry.platform)
    assert Origin(database=entry.database).slug == entry.slug
    assert Origin(entry.database, entry.platform, "2026-11-22").file_name.startswith(
        f"2026-11-22_{entry.slug}_"
    )


@pytest.mark.parametrize(
    ("database", "platform", "name"),
    [
        ("Embase", "Ovid", "embase"), ("EMBASE", "Embase.com", "embase"), ("MEDLINE", "Ovid", "medline-ovid"), ("Ovid MEDLINE", "", "medline-ovid"),
        ("MEDLINE", "PubMed", None), ("PubMed", "", None), ("cinahl plus", "ebscohost", "cinahl"), ("Social Sciences Citation Index", "", "web-of-science"),
        ("BIOSIS Citation Index", "Web of Science", "biosis"), ("ERIC", "ProQuest", "eric-proquest"), ("ERIC", "IES", None), ("WHO ICTRP", "WHO", "ictrp"),
        ("ICTRP", "", "ictrp"), ("EU Clinical Trials Register", "", "euctr"), ("APA PsycInfo", "APA PsycNet", "psycinfo"), ("", "", None),
        ("Cochrane Central Register of Controlled Trials", "", "central"), ("metaRegister of Controlled Trials", "", "metaregister"),
    ],
)  # fmt: skip
def test_a_database_is_known_as_reviewers_write_it(database, platform, name):
    found = of_database(database, platform)
    assert (found.name if found else None) == name


def test_registers_and_what_holds_only_trials():
    assert is_register("WHO ICTRP")
    assert is_register("ClinicalTrials.gov")
    assert is_register("PROSPERO")
    assert not is_register("CENTRAL")
    assert not is_register("Embase", "Ovid")
    assert holds_only_trials("CENTRAL", "Cochrane Library")
    assert holds_only_trials("ISRCTN")
    assert not holds_only_trials("PROSPERO")
    assert not holds_only_trials("Embase")


def test_a_retired_source_says_what_to_search_and_to_write_instead():
    entry = by_name("mRCT")
    assert entry is not None
    assert entry.instead == ("isrctn", "ictrp")
    assert "is no longer available; we searched ISRCTN and the WHO ICTRP" in entry.text()
    assert (entry.add, entry.toml) == ("", "")


def test_a_slip_of_the_pen_is_understood():
    assert close_to("ictpr") == "ictrp"
    assert close_to("Web of Scince") == "web-of-science"
    assert close_to("pubmde", ("pubmed",)) == "pubmed"
    assert close_to("zzz") == ""


def test_an_unknown_source_is_told_what_it_may_be():
    assert "did you mean 'pubmed'?" in catalogue.unknown("pubmd")
    assert "comes as an export file: see `harvest sources scopus`" in catalogue.unknown("scopus")
    assert "did you mean" not in catalogue.unknown("scopus")
    assert catalogue.unknown("zzz").startswith("There is no source 'zzz'; there are ")


def test_a_review_that_names_one_as_a_source_is_told_what_to_write():
    said = unknown_source("scopus", ["pubmed"])
    assert said == (
        'Scopus comes as an export file: write source = "file", database = "Scopus", platform = "Scopus"'
        " (see `harvest sources scopus`)"
    )
    assert "did you mean 'pubmed'?" in unknown_source("pubmde", ["pubmed"])

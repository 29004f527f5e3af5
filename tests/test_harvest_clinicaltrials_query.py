"""What looks wrong in a search string for ClinicalTrials.gov, before anybody is asked."""

import re

import pytest

from harvest.source import Search
from harvest.sources import clinicaltrials_query
from harvest.sources.clinicaltrials import ClinicalTrials
from harvest.transport import Transport


@pytest.fixture
def source():
    return ClinicalTrials(Transport(), {})


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "would match every study"),
        ("depression[tiab]", r"\[tiab\] is a field tag of PubMed"),
        ('"Depressive Disorder"[Mesh] AND women', r"\[Mesh\] is a field tag"),
        ("depress*.tw.", r"\.tw\. is a field tag of Ovid"),
        ("depression.ti,ab.", r"\.ti,ab\. is a field tag"),
        ("parent adj3 training", "adj3 is an operator"),
        ("exp Depression/", "exp Depression/ is an operator"),
        ("#1 AND #2", "#1 points to a line"),
        ("or/1-5", "or/1-5 points to a line"),
        ("depress*", r"depress\*: the register knows no truncation"),
        ("“postnatal depression”", "typographic"),
        ("mothers or fathers", "`or` is an operator only in capitals"),
        ('"postnatal', "is opened and not closed"),
        ("(a AND (b)", "bracket is opened"),
        ("a) AND (b", "bracket is closed"),
    ],
)
def test_doubts_about_a_string(source, query, words):
    assert any(re.search(words, doubt) for doubt in source.check(Search("s", "clinicaltrials", query)))


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ('(depression OR "low mood (mild or severe)") AND NOT men', {}),
        ("AREA[Phase]PHASE2 AND SEARCH[Location](Oslo) AND EXPANSION[None]x", {}),
        (
            "",
            {
                "query.cond": "e.g. depression",
                "filter.advanced": "AREA[LastUpdatePostDate]RANGE[2026-01-15,MAX]",
            },
        ),
    ],
)
def test_no_doubts_about_the_registers_own_syntax(source, query, options):
    assert source.check(Search("s", "clinicaltrials", query, options=options)) == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("filter.phase", "AREA.Phase.PHASE2"),
        ("query.condition", "did you mean query.cond"),
        ("pageSize", "leave it out"),
        ("zzz", "known are"),
    ],
)
def test_doubts_about_options(source, name, words):
    (doubt,) = source.check(Search("s", "clinicaltrials", "x", options={name: "y"}))
    assert re.search(words, doubt)


def test_help_names_every_option():
    assert all(option in " ".join(ClinicalTrials.help) for option in clinicaltrials_query.OPTIONS)

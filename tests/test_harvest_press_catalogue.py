"""The catalogue of checks: each finds its fault, and none finds one in strategies that have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from harvest.press import CHECKS, Severity, Subject, Told, check_named, explanation, look, page
from harvest.press.dialect import NAMES, looks_like, of_platform, of_source
from harvest.sources import pubmed_answers
from harvest.strategy import read_strategy
from harvest.strategy.filters import known_filters

FOLDER = Path(__file__).parent / "data" / "strategies"
WITH_EXAMPLES = [check for check in CHECKS.values() if check.wrong]
TRUE_FAULTS = {
    "CD007868": {"S302"},  # two lines that refer to themselves, as printed
    "CD012930": {"S301", "S302"},  # or/11-77 in a strategy of 24 lines
}
"""Errors and warnings that are right: faults of the published strategies."""


def subject(text, dialect="pubmed", **more):
    body = text.encode("utf-8", "surrogateescape")
    return Subject(read_strategy(body, "s.txt"), dialect, "s.txt", **more)


def found(text, dialect="pubmed", **more):
    return look(subject(text, dialect, **more))


def codes(text, dialect="pubmed", **more):
    return {f.code for f in found(text, dialect, **more) if f.severity is not Severity.ADVICE}


def as_meant(check, text, told):
    """An example, looked at where its check applies."""
    dialect = "clinicaltrials" if text.startswith(("term:", "cond:")) else (*check.dialects, "pubmed")[0]
    more = {"trials_only": check.code == "S704", "by_hand": check.code == "S703"}
    return found(text, dialect, told=told, **more)


# -- the catalogue itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("check", WITH_EXAMPLES, ids=lambda check: check.code)
def test_every_check_finds_its_own_example_and_not_the_right_one(check):
    wrong = [f for f in as_meant(check, check.wrong, check.told) if f.code == check.code]
    assert wrong
    assert all(f.sentence.endswith((".", "?", ")")) for f in wrong)
    assert [f.code for f in as_meant(check, check.right, Told()) if f.code == check.code] == []


@pytest.mark.parametrize("check", WITH_EXAMPLES, ids=lambda check: check.code)
def test_the_right_example_has_no_other_error(check):
    assert [f.code for f in as_meant(check, check.right, Told()) if f.severity is Severity.ERROR] == []


def test_the_catalogue_is_in_order():
    assert [check.code for check in CHECKS.values()] == sorted(CHECKS)
    assert all(re.fullmatch(r"S\d{3}", code) for code in CHECKS)
    assert all(check.means and check.why and check.source for check in CHECKS.values())
    assert len({check.title for check in CHECKS.values()}) == len(CHECKS)
    assert all(check.severity is Severity.ERROR for check in CHECKS.values() if check.stops)


def test_what_stops_a_run_and_what_does_not():
    for check in WITH_EXAMPLES:
        errors = (
            as_meant(check, check.wrong, check.told)
            and read_strategy(check.wrong.encode("utf-8", "surrogateescape"), "").errors
        )
        if check.code != "S702":  # whether a filter is for this source is known where the source is
            assert bool(errors) == check.stops


def test_explanations():
    text = explanation(check_named("s204"))
    assert text.startswith("S204 NOT animals without NOT humans\n\nWarning; applies to every strategy.")
    assert "    depression[tiab] NOT animals[mh]" in text
    assert "No run begins" in explanation(check_named("S101"))
    assert "PubMed, ClinicalTrials.gov" in explanation(check_named("S201"))
    whole = page()
    assert all(f"### {check.code} {check.title}\n" in whole for check in CHECKS.values())
    with pytest.raises(WrongUse, match="no check 'S999'"):
        check_named("S999")
    with pytest.raises(WrongUse, match="lists them all"):
        check_named("quotes")


# -- published strategies ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FOLDER.glob("CD*.txt")), ids=lambda path: path.stem)
def test_nothing_is_wrong_with_published_strategies_but_what_is(path):
    strategy = read_strategy(path.read_bytes(), path.name)
    wrong = {f.code for f in look(Subject(strategy, "ovid")) if f.severity is not Severity.ADVICE}
    assert wrong == TRUE_FAULTS.get(path.stem, set())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("CD*.txt")), ids=lambda path: path.stem)
def test_a_published_strategy_pasted_into_pubmed_is_seen_at_once(path):
    strategy = read_strategy(path.read_bytes(), path.name)
    assert "S402" in {f.code for f in look(Subject(strategy, "pubmed"))}
    assert "S402" in {f.code for f in look(Subject(strategy, "clinicaltrials"))}
    assert looks_like("\n".join(line.text for line in strategy.lines)) == "ovid"


CLEAN = [
    """(myopia[Title/Abstract] OR "refractive error"[Title/Abstract])
    AND
    ("Mendelian randomization"[Title/Abstract] OR colocali*[Title/Abstract] OR transcriptome-wide[Title/Abstract])""",
    """((("Multiple Sclerosis"[Mesh]) AND "Sleep Wake Disorders"[Mesh])) AND (("Behavior Therapy"[Mesh]) OR
    "Psychotherapy"[Mesh]) AND (("Randomized Controlled Trial"[Publication Type]) OR random*[tiab])""",
    """(sensitiv*[tiab] OR sensitivity and specificity[MeSH Terms] OR diagnosis[MeSH:noexp] OR
    diagnosis,differential[MeSH:noexp] OR diagnosis[Subheading:noexp]) NOT (animals[mh] NOT humans[mh])""",
    """(cortico-steroid*[tiab] OR "adrenal cortex hormone*"[tiab] OR "Solu-Medrol"[tiab] OR CAP[tiab]) AND
    (randomized controlled trial[pt] OR randomised[tiab]) NOT (animals[mh] NOT (animals[mh] AND humans[mh]))""",
    """"hip pain"[Title/Abstract:~2] OR "Fatty Acids, Omega-3"[Mesh] OR "Depression/therapy"[Majr:NoExp] OR 2022136[uid]""",
]
"""As strategies in PubMed's syntax are written."""


@pytest.mark.parametrize("text", CLEAN)
def test_nothing_is_wrong_with_clean_strategies_for_pubmed(text):
    assert codes(text) == set()


@pytest.mark.parametrize("block", known_filters().values(), ids=lambda block: block.name)
def test_nothing_is_wrong_with_the_packaged_filters(block):
    assert codes("\n".join(block.lines), block.dialect) == set()
    assert {f.code for f in found("\n".join(block.lines), block.dialect)} == set()


def test_the_template_and_the_demonstration_are_clean():
    root = Path(__file__).parent.parent / "harvest"
    for path in (*root.glob("templates/searches/*.txt"), *root.glob("demo/data/review/searches/*.txt")):
        dialect = of_source(path.stem)
        assert codes(path.read_text("utf-8"), dialect) == set()


# -- more faults than the examples -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "dialect", "code", "place"),
    [
        ("a[tiab] AND AND b[tiab]", "pubmed", "S203", "line 1, column 13"),
        ("(a[tiab] OR) AND b[tiab]", "pubmed", "S203", "line 1, column 10"),
        ("#1 a[tiab]\n#2 b[tiab]\n#3 #1 AND #2 AND", "pubmed", "S203", "line 3, column 14"),
        ('"a b"[ab]', "pubmed", "S401", "line 1, column 6"),
        ("depression[tiabb]", "pubmed", "S401", "line 1, column 11"),
        ("depression[zzzzzz]", "pubmed", "S401", "line 1, column 11"),
        ("a[tiab] OR (b[tiab] AND c[mh:exp])", "pubmed", "S401", "line 1, column 26"),
        ("'low mood':ti,ab OR x[tiab]", "pubmed", "S402", "line 1, column 11"),
        ('[mh ^"Depression"] OR x[tiab]', "pubmed", "S402", "line 1, column 1"),
        ("or/1-4", "pubmed", "S302", "line 1, column 1"),
        ("depression[tiab]", "clinicaltrials", "S402", "line 1, column 11"),
        ("depression.tw.", "clinicaltrials", "S402", "line 1, column 11"),
        ("exp Depression/ or sad[tiab]", "ovid", "S402", "line 1, column 23"),
        ("depression[tiab] NEAR/3 x:ti", "cochrane", "S402", "line 1, column 11"),
        ("(a NEAR/3 b) AND c", "clinicaltrials", "S403", "line 1, column 4"),
        ("*depression[tiab]", "pubmed", "S502", "line 1, column 1"),
        ('"hip"[tiab:~2]', "pubmed", "S505", "line 1, column 1"),
        ('"hip pain"[mh:~2]', "pubmed", "S505", "line 1, column 1"),
        ("hip pain[tiab:~2]", "pubmed", "S505", "line 1, column 1"),
        ("treatment[sh]", "pubmed", "S603", "line 1, column 1"),
        ("1. x.tw.\n2. (Randomised Controlled Trial or y).pt.", "ovid", None, ""),
        ("1. x.tw.\n2. x.ti. or randomised controlled trial.pt.", "ovid", "S604", "line 2, column 13"),
        ("a[tiab] AND medline[sb]", "pubmed", "S707", "line 1, column 13"),
        ("1. exp animals/\n2. x.tw.\n3. 2 not 1", "ovid", "S204", "line 3, column 6"),
        ("search:\n", "pubmed", None, ""),
    ],
)
def test_seeded_faults(text, dialect, code, place):
    wrong = [f for f in found(text, dialect) if f.code == code]
    assert [f.place for f in wrong] == ([place] if code else [])


def test_places_are_those_of_the_file():
    (one,) = [f for f in found("// note\n\n  (depression[tiab] OR\n    wom*n[tiab])\n") if f.code == "S502"]
    assert (one.line, one.file_line, one.column, one.end_column) == (2, 4, 5, 10)
    (two,) = [f for f in found("#1  a[tiab] OR\n    wom*n[tiab]\n#2  #1 AND b[tiab]\n") if f.code == "S502"]
    assert (two.line, two.file_line, two.column, two.end_column) == (1, 2, 5, 10)
    (three,) = [f for f in found("cond: depress*\nintr: x\n", "clinicaltrials") if f.code == "S506"]
    assert (three.line, three.file_line, three.column, three.end_column) == (1, 1, 7, 15)
    (four,) = [f for f in found('"low\nmood"[xyz]\n') if f.code == "S401"]
    assert (four.file_line, four.column, four.end_column) == (2, 6, 11)


def test_what_a_person_ran_is_doubted_and_never_condemned():
    text = "1. exp Depression/\n2. 1 and 7\n"
    assert {f.severity for f in found(text, "ovid") if f.code == "S301"} == {Severity.ERROR}
    assert {f.severity for f in found(text, "ovid", by_hand=True) if f.code == "S301"} == {Severity.WARNING}


def test_concepts_are_seen_through_references_and_brackets():
    text = '1. "Infant"[mh]\n2. baby[tiab]\n3. #1 OR #2\n4. "Mothers"[mh]\n5. ((#3 AND #4)) NOT x[tiab]\n'
    (only,) = [f for f in found(text) if f.code == "S803"]
    assert (only.file_line, only.column) == (4, 4)
    ranged = "1. infant[tiab]\n2. mother[tiab]\n3. and/1-2\n"
    assert [f.file_line for f in found(ranged) if f.code == "S802"] == [1, 2]
    five = " AND ".join(f"word{n}[tiab]" for n in range(5))
    assert "S206" in {f.code for f in found(five)}
    three = "a[tiab] AND b[tiab] AND c[tiab] AND 2020:2024[dp] AND english[la] AND {filter: cochrane-rct-pubmed-precise}"
    assert "S206" not in {f.code for f in found(three)}


def test_a_filter_on_a_register_is_seen_by_its_name_too():
    text = "x[tiab] AND {filter: cochrane-rct-pubmed-precise}"
    (one,) = [f for f in found(text, trials_only=True, label="CENTRAL") if f.code == "S704"]
    assert (one.column, one.sentence.split(" holds")[0]) == (13, "CENTRAL")
    assert "S704" not in codes("term: depression", "clinicaltrials", trials_only=True)
    assert "S704" not in codes("term: depression AND randomized", "clinicaltrials")


def test_spelling_is_asked_about_words_and_not_about_headings():
    assert [f.sentence for f in found('"Behavior Therapy"[mh] OR tumor*[tiab]') if f.code == "S804"] == [
        '"tumor*" is searched, and "tumour…" nowhere.'
    ]
    assert [
        f.column for f in found("1. Behavior Therapy/\n2. paediatric.tw.", "ovid") if f.code == "S804"
    ] == [4]


# -- what PubMed says --------------------------------------------------------------------------------

ANSWER = (
    "<eSearchResult><Count>7</Count><RetMax>0</RetMax><RetStart>0</RetStart><IdList/>"
    "<QueryTranslation>{}</QueryTranslation><ErrorList>{}</ErrorList><WarningList>{}</WarningList></eSearchResult>"
)


def answered(translation="", errors="", warnings="", **more):
    """What the reader of PubMed's answers makes of one: its sentences are what the checks read."""
    said = pubmed_answers.found(ANSWER.format(translation, errors, warnings).encode())
    return Told(said.translation, said.warnings, when="in a test", **more)


@pytest.mark.parametrize(
    "phrase", ['"Motherhood Bliss"[mh]', "Motherhood Bliss[mh]", '"Motherhood Bliss"[MeSH Terms]']
)
def test_a_heading_that_pubmed_dropped(phrase):
    told = answered('"infant"[MeSH Terms]', f"<PhraseNotFound>{phrase}</PhraseNotFound>")
    wrong = [f for f in found('"Motherhood Bliss"[mh] OR "Infant"[mh]', told=told) if f.code[1] in "69"]
    assert [(f.code, f.column) for f in wrong] == [("S601", 1)]
    assert "(in a test)" in wrong[0].sentence


def test_headings_asked_for_one_by_one():
    headings = {
        "infant": answered('"infant"[MeSH Terms]'),
        "heart attack": answered('"myocardial infarction"[MeSH Terms]'),
        "motherhood bliss": answered("", '<PhraseNotFound>"motherhood bliss"[mh]</PhraseNotFound>'),
    }
    text = '"Infant"[mh] OR "Motherhood Bliss"[majr] OR "Heart Attack/therapy"[mh:noexp] OR Depress*[mh]'
    wrong = [f for f in found(text, told=Told(headings=headings)) if f.code in ("S601", "S602")]
    assert [(f.code, f.column) for f in wrong] == [("S601", 17), ("S602", 45)]
    assert 'reads "Heart Attack/therapy" as "myocardial infarction"' in wrong[1].sentence


def test_phrases_and_words_pubmed_did_not_take():
    told = answered(
        "x",
        "<PhraseNotFound>parent-infant zzz[tiab]</PhraseNotFound><FieldNotFound>tia</FieldNotFound>",
        '<PhraseIgnored>about</PhraseIgnored><QuotedPhraseNotFound>"low blue mood"[tiab]</QuotedPhraseNotFound>'
        "<OutputMessage>Wildcard search for 'a*' used only the first 600 variations.</OutputMessage>",
    )
    text = '"low blue mood"[tiab] OR\nparent-infant zzz[tiab] OR\nabout[tiab] OR a[tia]'
    wrong = [f for f in found(text, told=told) if f.code.startswith("S9")]
    assert sorted((f.code, f.file_line, f.column) for f in wrong if f.file_line) == [
        ("S901", 1, 2), ("S901", 2, 1), ("S902", 3, 1), ("S902", 3, 18),
    ]  # fmt: skip
    assert [f.sentence for f in wrong if not f.file_line] == [
        "PubMed says: Wildcard search for 'a*' used only the first 600 variations (in a test)."
    ]


def test_a_heading_that_is_read_as_written_is_left_alone():
    told = answered('"depression"[MeSH Terms] OR "infant"[MeSH Terms]')
    assert not {"S601", "S602"} & {f.code for f in found('"Depression"[mh] OR Infant[mesh]', told=told)}


# -- whose syntax ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "database", "text", "dialect"),
    [
        ("Ovid", "Embase", "x", "ovid"),
        ("EBSCOhost", "CINAHL", "x", "ebsco"),
        ("Wiley", "CENTRAL", "x", "cochrane"),
        ("Elsevier", "Embase", "x", "embase"),
        ("ProQuest", "ERIC", "x", "proquest"),
        ("", "Embase", "exp depression/ and sad.tw.", "embase"),
        ("", "", "exp depression/ and sad.tw.", "ovid"),
        ("", "", "'depression'/exp OR sad:ti,ab", "embase"),
        ("", "", 'TI ("low mood") OR AB (sad)', "ebsco"),
        ("", "", "depression", "other"),
        ("a platform of its own", "", "depression[tiab]", "pubmed"),
    ],
)
def test_whose_syntax_a_strategy_by_hand_is_written_in(platform, database, text, dialect):
    assert of_platform(platform, database, read_strategy(text.encode(), "")) == dialect
    assert dialect in {*NAMES, "other"}


def test_sources_and_their_dialects():
    assert [of_source(name) for name in ("pubmed", "clinicaltrials", "europepmc")] == [
        "pubmed", "clinicaltrials", "other",
    ]  # fmt: skip
    assert codes('TITLE:"low mood" AND SRC:PPR', "other") == set()


# -- always ------------------------------------------------------------------------------------------

SIGNS = st.text(alphabet='ab1#*$?"()[]{}:/.~-–“ \n\torandtiabmhOANDR', max_size=80)


@given(SIGNS, st.sampled_from([*NAMES, "other"]))
def test_any_text_is_looked_at_and_every_place_lies_in_it(text, dialect):
    rows = read_strategy(text.encode(), "s").stored.decode().replace("\r", "\n").split("\n")
    for finding in found(text, dialect):
        assert finding.code in CHECKS
        if finding.file_line:
            assert 1 <= finding.column <= len(rows[finding.file_line - 1]) + 1
            assert finding.column < finding.end_column


@given(
    st.lists(
        st.sampled_from(["a[tiab]", '"b c"[mh]', "d*[tiab]", "(e[ti] OR f[ti])"]), min_size=1, max_size=6
    )
)
def test_balanced_strategies_never_draw_errors(words):
    text = " AND ".join(f"({word})" for word in words)
    assert {f.code for f in found(text) if f.severity is Severity.ERROR} == set()

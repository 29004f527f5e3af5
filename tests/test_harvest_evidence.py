"""Evidence in words: every feature is told once, in plain words, and none that is new is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import PAPER, doi, evidence, paper, registration, trial

from db.opinion import Link
from harvest.evidence import in_words, signs
from harvest.pairs import Pair


def told(a, b):
    return in_words(evidence(a, b).features(), a, b)


def test_what_agrees_comes_first_and_what_does_not_with_its_values():
    other = paper(
        pages="641-5", title=PAPER.title.replace("controlled", "control"), identifiers=doi("10.1000/b")
    )
    said = told(paper(identifiers=doi("10.1000/a")), other)
    assert "same first author; all 3 authors in common; same journal; same year; same volume" in said
    assert said.endswith("pages differ (412-419 / 641-5); DOIs differ (10.1000/a / 10.1000/b)")


@pytest.mark.parametrize(("a", "b", "words"), [
    (PAPER, paper(), "same title; same first author"),
    (PAPER, paper(), "same pages"),
    (PAPER, paper(pages="412"), "same first page"),
    (PAPER, paper(year=2004), "a year apart (2003 / 2004)"),
    (PAPER, paper(year=2009), "6 years apart (2003 / 2009)"),
    (PAPER, paper(authors=PAPER.authors[1:]), "other first author (Cooper / Murray)"),
    (PAPER, paper(journal="Infancy"), "other journal (British Journal of Psychiatry / Infancy)"),
    (PAPER, paper(volume="9"), "volumes differ (182 / 9)"),
    (PAPER, paper(title=f"{PAPER.title}, part 2"), "numbers in the titles differ"),
    (paper(title=f"Erratum: {PAPER.title}"), PAPER, "one is a notice, and the other none or another"),
    (paper(identifiers=trial("NCT00000013")), registration("NCT00000013"), "in its databank field (grade A)"),
])  # fmt: skip
def test_every_feature_has_words(a, b, words):
    assert words in told(a, b)


def test_no_likeness_is_rounded_up_to_all():
    assert in_words({"title": 0.999, "title_exact": False}, PAPER, PAPER) == "titles 99 % alike"


def test_features_of_newer_rules_are_told_too():
    assert (
        in_words({"same_sponsor": True, "weight": 0.5, "nothing": False}, PAPER, PAPER)
        == "same sponsor; weight: 0.5"
    )


features = st.dictionaries(
    st.sampled_from([*evidence(PAPER, PAPER).features(), "trial", "new"]),
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.floats(0, 1)
    | st.sampled_from(("own", "databank", "?")),
)


@given(features)
def test_any_evidence_can_be_told_each_thing_once(given_):
    found = [sign.text for sign in signs(given_, PAPER, PAPER)]
    assert len(found) == len(set(found))
    assert all(found)
    pair = Pair(Link(1, 2, "ask", evidence=given_), PAPER, PAPER)
    assert {row.name for row in pair.rows()} >= {"title", "authors", "year"}


def test_rows_agree_as_the_rules_see_it_and_where_they_saw_nothing_as_it_is_written():
    same = paper(pages="412-9", title=PAPER.title.upper())
    judged = Pair(Link(1, 2, "ask", evidence=evidence(PAPER, same).features()), PAPER, same)
    plain = Pair(Link(1, 2, "ask"), PAPER, same)
    assert {row.name: row.agree for row in judged.rows()}["pages"] is True
    assert {row.name: row.agree for row in plain.rows()}["pages"] is False
    assert {row.name: row.agree for row in plain.rows()}["title"] is True

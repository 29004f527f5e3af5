"""What each source brought: identities that hold for any membership, and figures worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviews import write
from stores import TITLE, answer, article, begun, opened

from db.errors import WrongUse
from db.facts import Search
from db.opinion import Decision
from harvest.project import load
from harvest.reports.yields import COLUMNS, build, of_searches, without, yields

REPORTS = st.sets(st.integers(1, 30))
FOUND = st.dictionaries(st.sampled_from("abcdef"), REPORTS, min_size=1)


@given(FOUND, REPORTS, REPORTS)
def test_identities_hold_for_any_membership(found, at_title, at_full):
    included = (frozenset(at_title), frozenset(at_full))
    made = {each.name: each for each in yields(found, {}, included, 1)}
    union = set().union(*found.values())
    shared = {report for report in union if sum(report in reports for reports in found.values()) > 1}
    assert sum(each.unique for each in made.values()) + len(shared) == len(union)
    assert sum(each.unique_includes for each in made.values()) <= len(union & at_full)
    for name, each in made.items():
        assert 0 <= each.unique <= each.reports == len(found[name])
        assert 0 <= each.unique_includes <= min(each.includes, each.unique)
        assert each.by_stage == (len(found[name] & at_title), len(found[name] & at_full))
        lost, includes = without(found, [name], at_full)
        assert (len(lost), len(includes)) == (each.unique, each.unique_includes)
        if each.includes:
            assert each.precision * each.needed_to_read == pytest.approx(1)
            assert 0 < each.recall <= 1
        else:
            assert not each.precision
            assert each.needed_to_read is None


@given(FOUND, REPORTS, st.data())
def test_dropping_more_never_loses_less_and_dropping_all_loses_all(found, wanted, data):
    dropped = data.draw(st.sets(st.sampled_from(sorted(found))))
    more = dropped | data.draw(st.sets(st.sampled_from(sorted(found))))
    assert without(found, dropped, wanted)[0] <= without(found, more, wanted)[0]
    union = set().union(*found.values())
    assert without(found, found, wanted) == (union, union & wanted)
    assert without(found, [], wanted) == (frozenset(), frozenset())


def test_figures_by_hand():
    found = {"pubmed": {1, 2, 3, 4}, "embase": {3, 4, 5, 6, 7}, "eric": set()}
    pubmed, embase, eric = yields(found, {"pubmed": 5}, ({1, 3, 5, 9}, set()), 0)
    assert (pubmed.records, pubmed.reports, pubmed.unique, pubmed.includes, pubmed.unique_includes) == (
        5,
        4,
        2,
        2,
        1,
    )
    assert (pubmed.precision, pubmed.needed_to_read, pubmed.recall) == (
        0.5,
        2,
        pytest.approx(2 / 3),
    )  # 9 nobody found
    assert (embase.unique, embase.unique_includes, embase.needed_to_read) == (3, 1, 2.5)
    assert (eric.reports, eric.precision, eric.needed_to_read, eric.recall) == (0, None, None, 0)
    assert without(found, ["pubmed", "embase"], {3}) == ({1, 2, 3, 4, 5, 6, 7}, {3})


# -- from a review -----------------------------------------------------------------------------------


@pytest.fixture
def review(tmp_path):
    """Three searches, two of one source; records 1 and 4 are one report."""
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        for search, keys in (
            (Search("pubmed", "pubmed", "the"), "12"),
            (Search("register", "clinicaltrials", "trial"), "3"),
            (Search("other", "pubmed", "a"), "14"),
        ):
            fetch = begun(store, search)
            with store.writing():
                kept = store.add_records(
                    store.add_page(fetch, answer()), "r 1", [article(key) for key in keys]
                )
            number = store.search_id(search)
            store.add_sightings(fetch, number, "appeared", [(n, "first search") for n in sorted(kept.all)])
            store.move_fetch(fetch, "complete", promised=len(keys))
        store.set_membership({1: (1, 1), 2: (2, 2), 3: (3, 3), 4: (1, 1)})
        yield store, project


def vote(store, record, verdict, stage=TITLE):
    store.add_decisions([Decision(record, stage, who, verdict) for who in ("ana", "ben")])


def by_name(report, level="search"):
    return {row["name"]: row for row in report.rows.to_dicts() if row["level"] == level}


def test_searches_of_one_source_are_one_source(review):
    """Record 1, found by two searches of PubMed, is one record that PubMed sent."""
    store, project = review
    vote(store, 1, "include")
    report = build(store, project)
    sources = by_name(report, "source")
    assert sources["PubMed"] == dict(zip(COLUMNS, (
        "source", "PubMed", None, 3, 2, 2, 1, 0, 1, 0.5, 2.0, 1.0,
    ), strict=True))  # fmt: skip
    searches = by_name(report)
    assert (searches["pubmed"]["unique"], searches["pubmed"]["unique includes"]) == (1, 0)
    assert (searches["other"]["records"], searches["other"]["reports"], searches["other"]["unique"]) == (
        2,
        1,
        0,
    )
    assert searches["register"]["NNR"] is None


def test_the_last_stage_that_anybody_judged_counts(review):
    store, project = review
    vote(store, 1, "include")
    vote(store, 2, "include")
    vote(store, 2, "include", "full text")
    searches = by_name(build(store, project))
    assert (
        searches["pubmed"]["includes (title and abstract)"],
        searches["pubmed"]["includes (full text)"],
    ) == (2, 1)
    assert searches["pubmed"]["unique includes"] == 1


def test_without_includes_it_says_that_nothing_is_known(review):
    store, project = review
    report = build(store, project)
    assert any(getattr(block, "warns", False) for block in report.walk())
    assert by_name(report)["pubmed"]["recall"] is None


def test_what_would_be_lost_is_told_and_strangers_are_refused(review):
    store, project = review
    vote(store, 1, "include")
    told = [
        block.text
        for block in of_searches(store, project, ["pubmed", "other"]).walk()
        if hasattr(block, "text")
    ]
    assert "Without pubmed, other: 2 reports fewer to read, and 1 of 1 includes lost." in told
    with pytest.raises(WrongUse, match="no search nobody; there are pubmed, register, other"):
        of_searches(store, project, ["nobody"])

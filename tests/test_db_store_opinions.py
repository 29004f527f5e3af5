"""What is the same: links and groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stores import article, begun, kept, opened

from db.errors import StoreError
from db.opinion import Link


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        begun(store)
        kept(store, *(article(str(key)) for key in range(1, 6)))
        yield store


def said(links):
    return [(x.a, x.b, x.relation, x.by) for x in links]


def test_a_link_comes_back_as_it_was_given(store):
    link = Link(
        1,
        2,
        "same report",
        rule="doi",
        version="3",
        score=0.5,
        evidence={"title": 0.9, "doi": True, "x": None, "ü": "é"},
    )
    assert store.add_links([link]) == 1
    (again,) = store.links()
    assert replace(again, at="") == link
    assert again.at.endswith("Z")


def test_the_newest_opinion_counts(store):
    store.add_links([Link(1, 2, "ask"), Link(2, 3, "same study")])
    store.add_links([Link(1, 2, "same report")])
    assert said(store.links()) == [(2, 3, "same study", "rules"), (1, 2, "same report", "rules")]
    assert len(store.links(current=False)) == 3


def test_a_person_outranks_a_newer_rule_and_a_newer_person(store):
    store.add_links(
        [Link(1, 2, "same report"), Link(1, 2, "different", by="ana"), Link(1, 2, "same report", version="2")]
    )
    assert said(store.links()) == [(1, 2, "different", "ana")]
    store.add_links([Link(1, 2, "same study", by="ben")])
    assert said(store.links()) == [(1, 2, "same study", "ben")]
    assert store.links()[0].by_person
    assert [x.relation for x in store.links_of(2, 1)] == [
        "same report",
        "different",
        "same report",
        "same study",
    ]
    assert store.links_of(1, 3) == []


def test_links_are_kept_all_or_none(store):
    with pytest.raises(StoreError, match="nothing was kept"):
        store.add_links([Link(1, 2, "ask"), Link(1, 99, "ask")])
    with pytest.raises(StoreError, match="CHECK"):
        store.add_links([Link(1, 2, "ask"), Link(3, 2, "ask")])
    assert store.links() == []


def test_groups_are_written_where_they_moved(store):
    assert store.reports() == {n: [n] for n in range(1, 6)}
    assert store.set_membership({1: (1, 1), 2: (1, 1), 3: (3, 1)}) == 3
    assert store.set_membership({1: (1, 1), 2: (2, 2), 3: (3, 1)}) == 1
    assert store.membership() == {1: (1, 1), 2: (2, 2), 3: (3, 1)}
    store.set_membership({4: (1, 1)})
    assert store.reports() == {1: [1, 4], 2: [2], 3: [3], 5: [5]}
    assert (store.report_of(4), store.report_of(5)) == (1, 5)
    assert (store.records_of(4), store.records_of(1), store.records_of(5)) == ([1, 4], [1, 4], [5])
    assert (store.study_of(4), store.study_of(5)) == (store.study_of(1), [5])

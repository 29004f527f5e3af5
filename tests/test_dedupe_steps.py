"""Groups follow from what is stored, whatever the order in which it came; opinions are only ever added."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.facts import Page, Request, Search
from db.opinion import Link
from db.record import Author, Identifier, Record, Section
from db.store import Store
from dedupe import block, keys, steps, tasks
from dedupe.steps import WITHDRAWN, deduplicate, regroup

TITLES = (
    "Parent-infant psychotherapy for mothers with postnatal depression: a randomised trial",
    "Parent infant psychotherapy for mothers with postnatal depression - a randomized trial",
    "Parent-infant psychotherapy for mothers with postnatal depression, part 2: a randomised trial",
    "Video feedback for fathers of preterm infants: protocol of a cluster trial",
    "Video feedback for fathers of preterm infants",
    "",
)
PEOPLE = (
    (Author("Cicchetti", "Dante"), Author("Rogosch", "Fred A"), Author("Toth", "Sheree L")),
    (Author("Cicchetti", initials="D"), Author("Rogosch", initials="FA"), Author("Toth", initials="SL")),
    (Author("Murray", "Lynne"), Author("Cooper", "Peter")),
)
ABSTRACT = (
    "Two hundred mothers were allocated at random to psychotherapy or to usual care and followed for a year. "
    * 3
)
DOIS = ("10.1000/one", "10.1000/two")

records = st.builds(
    lambda title, people, doi, pmid, year, page, abstract: Record(
        "", "", title=TITLES[title], authors=PEOPLE[people], year=year, journal="Journal of Trials", volume="12", issue="3",
        pages=page, abstract=(Section(ABSTRACT),) if abstract else (),
        identifiers=tuple(Identifier(*i) for i in (("doi", doi), ("pmid", pmid)) if i[1]),
    ),
    st.integers(0, 5), st.integers(0, 2), st.sampled_from(("", *DOIS)), st.sampled_from(("", "", "101", "102")), st.sampled_from((2010, 2011)),
    st.sampled_from(("", "637-41", "9-19")), st.booleans(),
)  # fmt: skip
"""Few enough values that many records are alike in one way or another."""

arrivals = st.lists(
    st.lists(st.tuples(st.integers(0, 9), records), min_size=1, max_size=5), min_size=1, max_size=5
)
"""Batches of (which record, what it says now): a record may come again and say something else."""


@contextmanager
def opened(folder):
    folder.mkdir(exist_ok=True)
    with Store.open(folder / "review.db") as store:
        store.begin_fetch(store.begin_run("run", "test"), store.search_id(Search("main", "pubmed", "x")))
        yield store


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path) as store:
        yield store


def keep(store, *contents: tuple[object, Record]):
    """One page of records, each under its key; every third comes from an export file."""
    page = store.add_page(1, Page("records", b"x", Request("GET", "https://example.org")))
    named = [_named(str(key), record) for key, record in contents]
    return [store.add_records(page, "test 1", [record]).numbers[record.key] for record in named]


def _named(key, record):
    fields = {name: getattr(record, name) for name in record.__slots__}
    return Record(**(fields | {"source": "pubmed" if int(key) % 3 else "file:embase", "key": key}))


def groups(store):
    """Reports and studies as sets of keys, whatever their numbers."""
    names = {
        number: key for source in ("pubmed", "file:embase") for key, number in store.keys(source).items()
    }
    reports, studies = defaultdict(set), defaultdict(set)
    for number, (report, study) in store.membership().items():
        reports[report].add(names[number])
        studies[study].add(names[number])
    return {frozenset(g) for g in reports.values()}, {frozenset(g) for g in studies.values()}


def in_force(store):
    """What the rules say now, without what they took back."""
    return {(link.a, link.b): (link.relation, link.rule) for link in store.links() if link.rule != WITHDRAWN}


# -- all at once, or one by one ------------------------------------------------------------------------


@contextmanager
def crowded(largest):
    """Blocks are too large to be paired in full from so few records on, and only next neighbours are compared."""
    with pytest.MonkeyPatch.context() as patch:
        if largest:
            patch.setattr(block, "LARGEST", np.full(len(keys.KINDS), largest))
            patch.setattr(block, "WINDOW", 1)
        yield


@pytest.mark.parametrize("largest", [None, 2, 3])
@settings(max_examples=30)
@given(arrivals)
def test_bit_by_bit_gives_what_all_at_once_gives(tmp_path_factory, largest, batches):
    with crowded(largest):
        bit_by_bit_gives_what_all_at_once_gives(tmp_path_factory, batches)


def bit_by_bit_gives_what_all_at_once_gives(tmp_path_factory, batches):
    first_seen = dict.fromkeys(key for batch in batches for key, _ in batch)
    last = {key: record for batch in batches for key, record in batch}
    with opened(tmp_path_factory.mktemp("bits")) as bits, opened(tmp_path_factory.mktemp("once")) as once:
        for batch in batches:
            keep(bits, *batch)
            deduplicate(bits)
        keep(once, *((key, last[key]) for key in first_seen))
        deduplicate(once)
        assert in_force(bits) == in_force(once)
        assert bits.membership() == once.membership()
        before = bits.links(current=False)
        assert deduplicate(bits) == steps.Deduplicated(0, 0, 0)
        assert bits.links(current=False) == before


@settings(max_examples=30)
@given(st.lists(records, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(tmp_path_factory, contents, random):
    named = list(enumerate(contents))
    shuffled = random.sample(named, len(named))
    with opened(tmp_path_factory.mktemp("one")) as one, opened(tmp_path_factory.mktemp("other")) as other:
        keep(one, *named)
        for arrival in shuffled:
            keep(other, arrival)
            deduplicate(other)
        deduplicate(one)
        assert groups(one) == groups(other)


@settings(max_examples=20)
@given(
    arrivals,
    st.lists(
        st.tuples(
            st.integers(0, 6), st.integers(0, 6), st.sampled_from(["same report", "different", "same study"])
        ),
        max_size=4,
    ),
)
def test_a_persons_word_survives_whatever_comes(tmp_path_factory, batches, words):
    with opened(tmp_path_factory.mktemp("people")) as store:
        for batch in batches:
            keep(store, *batch)
            deduplicate(store)
            numbers = store.numbers()
            for a, b, relation in words:
                if max(a, b) < len(numbers) and a < b:
                    store.add_links([Link(numbers[a], numbers[b], relation, by="ana")])
                    regroup(store)
        theirs = {(link.a, link.b): link for link in store.links() if link.by_person}
        for (a, b), link in theirs.items():
            if link.relation == "different":
                assert store.report_of(a) != store.report_of(b)
        said = {(numbers[a], numbers[b]) for a, b, _ in words if a < b < len(numbers)}
        assert said <= theirs.keys()


# -- one step after another ----------------------------------------------------------------------------

PAPER = Record(
    "",
    "",
    title=TITLES[0],
    authors=PEOPLE[0],
    year=2010,
    journal="Journal of Trials",
    volume="12",
    pages="637-41",
)
COPY = Record(
    "",
    "",
    title=TITLES[1],
    authors=PEOPLE[1],
    year=2010,
    journal="Journal of Trials",
    volume="12",
    pages="637-41",
)
OTHER = Record(
    "", "", title=TITLES[4], authors=PEOPLE[2], year=2015, journal="Infancy", volume="2", pages="1-9"
)


def test_what_the_rules_find_is_kept_with_its_evidence(store):
    a, b, c = keep(store, (1, PAPER), (2, COPY), (4, OTHER))
    done = deduplicate(store)
    assert (done.opinions, done.moved) == (1, 3)
    (link,) = store.links()
    assert (link.a, link.b, link.relation, link.by_person, link.version) == (
        a,
        b,
        "same report",
        False,
        steps.VERSION,
    )
    assert link.evidence
    assert store.reports() == {a: [a, b], c: [c]}


def test_a_record_that_changed_takes_the_rules_opinion_back_and_gives_it_again(store):
    a, b = keep(store, (1, PAPER), (2, COPY))
    deduplicate(store)
    keep(store, (2, OTHER))
    assert deduplicate(store).opinions == 1
    assert store.report_of(a) != store.report_of(b)
    assert store.links()[0].rule == WITHDRAWN
    keep(store, (2, OTHER), (4, OTHER))
    deduplicate(store)
    assert [link.relation for link in store.links_of(a, b)] == ["same report", "different"]  # taken back once
    keep(store, (2, COPY))
    deduplicate(store)
    assert store.report_of(a) == store.report_of(b)
    assert [link.rule for link in store.links_of(a, b)][1:] == [WITHDRAWN, store.links_of(a, b)[0].rule]


def test_a_change_that_tells_the_rules_nothing_adds_no_opinion_and_one_that_does_is_kept(store):
    a, b = keep(store, (1, PAPER), (2, COPY))
    deduplicate(store)
    keep(store, (1, replace(PAPER, status="MEDLINE", keywords=("psychotherapy",))))
    assert deduplicate(store) == steps.Deduplicated(1, 0, 0)
    keep(
        store,
        (1, replace(PAPER, abstract=(Section(ABSTRACT),))),
        (2, replace(COPY, abstract=(Section(ABSTRACT),))),
    )
    assert deduplicate(store).opinions == 1
    first, second = store.links_of(a, b)
    assert first.relation == second.relation
    assert first.evidence != second.evidence


def test_what_is_taken_back_does_not_stand_between_others(store):
    a, b, c = keep(store, (1, PAPER), (2, COPY), (3, PAPER))
    deduplicate(store)
    keep(store, (2, OTHER))
    deduplicate(store)
    store.add_links([Link(b, c, "same report", by="ana")])
    regroup(store)
    assert store.reports() == {a: [a, b, c]}


def test_new_rules_look_at_everything_again_and_leave_a_persons_word_alone(store, monkeypatch):
    a, b, c = keep(store, (1, PAPER), (2, COPY), (4, OTHER))
    deduplicate(store)
    store.add_links([Link(a, b, "different", by="ana")])
    regroup(store)
    first = steps.VERSION
    monkeypatch.setattr(steps, "VERSION", "next")
    monkeypatch.setattr(tasks, "judge", lambda e: Link(e.a, e.b, "ask", rule="new", version="next"))
    done = deduplicate(store)
    assert done.compared >= 1
    assert [(link.by, link.version) for link in store.links_of(a, b)] == [
        ("rules", first),
        ("ana", ""),
        ("rules", "next"),
    ]
    assert store.reports() == {a: [a], b: [b], c: [c]}
    assert deduplicate(store) == steps.Deduplicated(0, 0, 0)


def test_words_that_contradict_each_other_are_handed_back(store):
    a, b, c = keep(store, (1, PAPER), (2, OTHER), (4, OTHER))
    store.add_links(
        [
            Link(a, b, "same report", by="ana"),
            Link(b, c, "same report", by="ana"),
            Link(a, c, "different", by="ben"),
        ]
    )
    (conflict,) = regroup(store).conflicts
    assert conflict.veto == (a, c)
    assert conflict.link.by == "ana"


def test_an_empty_review_has_no_groups(store):
    assert deduplicate(store) == steps.Deduplicated(0, 0, 0)
    assert store.membership() == {}
    assert store.last_note("deduplicated") == {}


def test_many_records_are_worked_on_in_several_processes_with_the_same_result(tmp_path, monkeypatch):
    with opened(tmp_path / "few") as few, opened(tmp_path / "many") as many:
        for store in (few, many):
            keep(store, *((key, PAPER if key % 2 else COPY) for key in range(12)), (13, OTHER))
        deduplicate(few)
        monkeypatch.setattr(steps, "MANY", 5)
        monkeypatch.setattr(steps, "RECORDS_AT_ONCE", 2)
        monkeypatch.setattr(steps, "PAIRS_AT_ONCE", 7)
        deduplicate(many)
        assert in_force(many) == in_force(few)
        assert many.membership() == few.membership()
        keep(many, *((key, OTHER) for key in range(7)))
        keep(few, *((key, OTHER) for key in range(7)))
        deduplicate(many)
        monkeypatch.undo()
        deduplicate(few)
        assert in_force(many) == in_force(few)
        assert many.membership() == few.membership()


def test_what_is_passed_over_in_a_crowd_is_counted(store):
    editorials = (replace(OTHER, title="Editorial", year=1900 + n, pages="", volume="") for n in range(70))
    keep(store, *enumerate(editorials))
    done = deduplicate(store)
    assert done.crowds > 0
    assert done.skipped >= 70 * 69 // 2 - done.compared > 0
    assert len(store.reports()) == 70

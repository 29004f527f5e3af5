"""In which order to read, what each order was made of, and what of it was shown to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import TITLE, article, begun, kept, opened, raw

from db.errors import CheckFailed, StoreError
from db.opinion import Ranking, Shown
from db.packed import (
    corpus_bytes,
    corpus_of,
    digest_of,
    labels_digest,
    order_bytes,
    order_digest,
    order_of,
    packed,
    unpacked,
)

RANKING = Ranking(
    "bm25 1", {"k": 1.2, "stem": True}, 7, {"sklearn": "1.5"}, {1: 1.0, 2: 0.25}, "d1", ((2, 0.9), (1, 0.125)),
    features=12, because="import",
)  # fmt: skip
NUMBERS = st.integers(1, 2**62)


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        begun(store)
        kept(store, *(article(str(key)) for key in range(1, 6)))
        yield store


# -- bytes -------------------------------------------------------------------------------------------


@given(st.dictionaries(NUMBERS, st.lists(NUMBERS).map(tuple)))
def test_a_corpus_comes_back_from_its_bytes_in_order_of_the_reports(corpus):
    content = corpus_bytes(corpus)
    assert corpus_of(content) == corpus
    assert list(corpus_of(content)) == sorted(corpus)
    assert corpus_bytes(dict(reversed(corpus.items()))) == content
    assert unpacked(packed(content), digest_of(content)) == content


@given(st.lists(st.tuples(NUMBERS, st.floats(allow_nan=False))))
def test_an_order_comes_back_to_the_last_bit(order):
    assert order_of(order_bytes(order)) == tuple(order)


def test_digests_see_places_scores_and_labels_and_no_spelling():
    order = ((2, 0.5), (1, 0.25))
    assert len({order_digest(o) for o in (order, order[::-1], ((2, 0.5), (1, 0.26)), order[:1])}) == 4
    assert labels_digest({2: 0, 1: 1}) == labels_digest({1: 1.0, 2: 0.0})
    assert len({labels_digest(labels) for labels in ({}, {1: 1}, {1: 0.5}, {2: 1})}) == 4


def test_damaged_bytes_are_told():
    for spoilt in (b"", packed(b"other"), packed(b"content")[:-1]):
        with pytest.raises(CheckFailed, match="not what was stored: restore a backup"):
            unpacked(spoilt, digest_of(b"content"))


# -- corpora and topics ------------------------------------------------------------------------------


def test_todays_texts_are_the_newest_revisions_through_the_groups(store):
    assert store.texts() == {number: (number,) for number in range(1, 6)}
    store.set_membership({1: (1, 1), 2: (2, 2), 3: (1, 1)})
    kept(store, article("1", "Told anew"))
    assert store.texts() == {1: (3, 6), 2: (2,), 4: (4,), 5: (5,)}
    assert [number for number, _ in store.contents_of([6, 2, 99])] == [2, 6]


def test_what_was_ranked_and_asked_is_kept_once(store):
    corpus = store.texts()
    first = store.keep_corpus(corpus)
    assert store.keep_corpus(dict(reversed(corpus.items()))) == first
    assert store.corpus(first) == corpus
    topic = store.keep_topic('{"title": "Ü \ud800"}')
    assert store.keep_topic('{"title": "Ü \ud800"}') == topic != store.keep_topic("{}")
    assert store.topic(topic) == '{"title": "Ü \ud800"}'
    assert (store.corpus("none"), store.topic("none")) == (None, None)
    with raw(store.path) as db:
        assert db.execute(
            "SELECT (SELECT count(*) FROM corpus), (SELECT count(*) FROM topic)"
        ).fetchone() == (1, 2)


# -- rankings ----------------------------------------------------------------------------------------


def test_a_ranking_comes_back_whole(store):
    assert store.newest_ranking() is None
    assert store.ranking(1) is None
    ranking = replace(RANKING, corpus=store.keep_corpus(store.texts()), topic=store.keep_topic("{}"))
    number = store.add_ranking(ranking)
    assert store.newest_ranking() == (number, ranking)
    assert store.ranking(number) == ranking


def test_the_log_tells_everything_but_the_order_newest_first(store):
    store.add_ranking(RANKING)
    store.add_ranking(replace(RANKING, input_digest="d2", order=()))
    newest, oldest = store.rankings()
    assert (newest.number, oldest.number, newest.reports, oldest.reports) == (2, 1, 0, 2)
    assert oldest.ranking == replace(RANKING, order=())
    assert oldest.order_digest == order_digest(RANKING.order) != newest.order_digest
    assert oldest.labels_digest == labels_digest(RANKING.labels)
    assert oldest.at.endswith("Z")
    assert store.rankings(1) == [newest]


def test_the_same_input_is_not_ranked_twice_in_a_row(store):
    first = store.add_ranking(RANKING)
    assert store.add_ranking(replace(RANKING, order=(), because="run")) == first
    second = store.add_ranking(replace(RANKING, input_digest="d2"))
    assert store.add_ranking(RANKING) == second + 1 == first + 2


def test_a_ranking_that_breaks_off_leaves_the_old_one(store):
    store.add_ranking(RANKING)
    with pytest.raises(StoreError):
        store.add_ranking(replace(RANKING, input_digest="d2", corpus="never kept"))
    assert store.newest_ranking() == (1, RANKING)


# -- what was shown ------------------------------------------------------------------------------------


def test_queues_and_single_reports_that_were_shown_are_told_together(store):
    store.add_ranking(RANKING)
    assert store.shown() == []
    store.add_showing(1, "ben", TITLE, 2, 1)
    store.add_export("queues/ana.csv", "csv", "ana", TITLE, 1, [2, 1], "ab")
    store.add_showing(1, "ben", TITLE, 1, 2)
    store.add_export("queues/early.csv", "csv", "ana", TITLE, None, [3], "cd")
    queue, early, desk = store.shown()
    assert (queue.ranking, queue.reviewer, queue.reports, queue.by) == (1, "ana", (2, 1), "queues/ana.csv")
    assert (early.ranking, early.reports) == (None, (3,))
    assert desk == Shown(1, "ben", TITLE, (2, 1), desk.at, "")
    assert desk.at > queue.at
    with pytest.raises(StoreError):
        store.add_showing(99, "ben", TITLE, 1, 1)

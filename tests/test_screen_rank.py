from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import WrongUse
from screen import models
from screen.document import Document
from screen.rank import Ranker, Settings, Topic, rank

HARVEST = (
    Document(1, "Parent-infant psychotherapy for depressed mothers", "A randomised trial of dyadic therapy."),
    Document(
        2, "Video feedback for mothers and infants", "A randomised trial of video interaction guidance."
    ),
    Document(3, "Toddler-parent psychotherapy", "Attachment after dyadic therapy of mothers and toddlers."),
    Document(4, "Soil nitrogen in wheat", "Fertiliser and yield of wheat."),
    Document(5, "Wheat rust resistance", "Genes of wheat and rust."),
    Document(6, "Fertiliser runoff", "Nitrogen in rivers near wheat fields."),
)
TOPIC = Topic(
    title="Parent-infant psychotherapy",
    question="Does psychotherapy of mother and infant help?",
    include=("dyadic therapy",),
    exclude=("wheat",),
)


def ids(ranking):
    return [report for report, _ in ranking.order]


def scores(ranking):
    return dict(ranking.order)


def test_before_any_vote_the_question_orders():
    assert set(ids(rank(HARVEST, {}, TOPIC))[:3]) == {1, 2, 3}
    assert set(ids(rank(HARVEST, {}, TOPIC))[:2]) == {1, 3}


def test_a_known_study_orders_where_no_question_is_written():
    known = Topic(known=(Document(-1, "Rust of wheat", "Genes of wheat"),))
    assert ids(rank(HARVEST, {}, known))[0] == 5


def test_a_known_study_in_the_harvest_counts_as_included_until_somebody_votes():
    known = Topic(known=(HARVEST[3],))
    assert set(ids(rank(HARVEST, {}, known))[:3]) == {4, 5, 6}
    voted_out = scores(rank(HARVEST, {1: 1, 4: 0}, known))
    assert voted_out[4] < min(voted_out[1], voted_out[3])


@pytest.mark.parametrize("model", sorted(models.MODELS))
def test_votes_outweigh_a_misleading_question(model):
    misleading = Topic(title="wheat")
    ranked = ids(rank(HARVEST, {1: 1, 2: 1, 4: 0, 5: 0}, misleading, Settings(model, parameters={})))
    assert ranked.index(3) < ranked.index(6) or model == "topic-2"


@pytest.mark.parametrize("model", sorted(models.MODELS))
def test_only_includes_draw_their_likes_up(model):
    assert set(ids(rank(HARVEST, {4: 1}, Topic(), Settings(model)))[:3]) == {4, 5, 6}


@pytest.mark.parametrize("model", sorted(models.MODELS))
def test_only_excludes_push_their_likes_down(model):
    assert set(ids(rank(HARVEST, {4: 0}, Topic(), Settings(model)))[3:]) == {4, 5, 6}


@pytest.mark.parametrize("model", sorted(models.MODELS))
def test_the_same_input_gives_the_same_ranking_in_whatever_order_it_comes(model):
    labels = {1: 1, 2: 1, 4: 0, 5: 0}
    shuffled = list(HARVEST)
    random.Random(0).shuffle(shuffled)
    backwards = dict(reversed(labels.items()))
    first = rank(HARVEST, labels, TOPIC, Settings(model, seed=7))
    assert rank(shuffled, backwards, TOPIC, Settings(model, seed=7)) == first


def test_a_ranker_forgets_the_votes_of_the_ranking_before():
    ranker = Ranker(HARVEST, TOPIC)
    before = ranker.rank({1: 1, 4: 0})
    ranker.rank({4: 1, 1: 0})
    assert ranker.rank({1: 1, 4: 0}) == before == rank(HARVEST, {1: 1, 4: 0}, TOPIC)


def test_everything_needed_to_rank_again_stands_in_the_ranking():
    made = rank(HARVEST, {4: 0, 1: 1}, TOPIC, Settings(seed=3, parameters={"C": 0.2}), {"harvest": "0.1.0"})
    assert (made.model, made.seed, made.labels) == (models.DEFAULT, 3, {1: 1, 4: 0})
    assert made.parameters["C"] == 0.2
    assert {"title_times", "heading_weight", "ratio", "patience"} <= made.parameters.keys()
    assert made.versions.keys() == {"python", "numpy", "scipy", "harvest"}
    assert (
        rank(HARVEST, made.labels, TOPIC, Settings(made.model, made.seed, made.parameters)).order
        == made.order
    )


def test_the_digest_changes_with_every_input():
    base = {"documents": HARVEST, "labels": {1: 1}, "topic": TOPIC, "settings": Settings(), "versions": {}}
    changes = [
        {"documents": (Document(1, "Another title"), *HARVEST[1:])},
        {"labels": {1: 0}},
        {"topic": Topic()},
        {"settings": Settings(seed=1)},
        {"settings": Settings("topic-2")},
        {"settings": Settings(parameters={"C": 1.0})},
        {"versions": {"harvest": "2"}},
    ]
    digests = {rank(**{**base, **change}).input_digest for change in [{}, *changes]}
    assert len(digests) == len(changes) + 1


def test_equal_scores_stand_in_the_order_of_ids():
    twins = [Document(number, "The same title") for number in (9, 2, 5)]
    assert ids(rank(twins, {}, TOPIC)) == [2, 5, 9]
    assert ids(rank(HARVEST, {}, Topic())) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "documents", [(), (HARVEST[0],), (Document(1), Document(2)), (Document(1, "母子精神療法"),)]
)
def test_little_to_read_is_ranked_all_the_same(documents):
    assert sorted(ids(rank(documents, {}, TOPIC))) == [item.id for item in documents]
    labels = {item.id: number % 2 for number, item in enumerate(documents)}
    assert sorted(ids(rank(documents, labels, TOPIC))) == [item.id for item in documents]


def test_other_scripts_are_told_apart():
    harvest = [Document(1, "小麦の窒素"), Document(2, "母子精神療法の効果"), Document(3, "Мать и дитя")]
    assert ids(rank(harvest, {}, Topic(title="母子療法")))[0] == 2
    assert ids(rank(harvest, {}, Topic(title="дитя")))[0] == 3


def test_the_parts_of_all_terms_add_up_to_the_score():
    ranker = Ranker(HARVEST, TOPIC)
    labels = {1: 1, 2: 1, 4: 0}
    parts = ranker.why(3, labels, most=10_000).reasons
    assert sum(reason.part for reason in parts) == pytest.approx(scores(ranker.rank(labels))[3], abs=1e-6)
    assert [abs(reason.part) for reason in parts] == sorted((abs(r.part) for r in parts), reverse=True)
    assert "psychotherapy" in {reason.term for reason in ranker.why(3, labels, most=5).reasons}


def test_what_was_not_ranked_has_no_reasons():
    with pytest.raises(WrongUse, match="Report 99 is not among"):
        Ranker(HARVEST, TOPIC).why(99, {})


def test_likely_reports_lend_their_words_before_anything_is_included():
    harvest = [Document(n, "psychotherapy dyadic", "attachment") for n in range(1, 41)]
    harvest += [Document(50, "attachment"), *(Document(n, "wheat") for n in range(51, 95))]
    assert scores(rank(harvest, {}, Topic(title="psychotherapy")))[50] > 0
    without = Settings(parameters={"feedback": 0.0})
    assert scores(rank(harvest, {}, Topic(title="psychotherapy"), without))[50] == 0


@pytest.mark.parametrize("model", sorted(models.MODELS))
def test_the_quick_way_gives_the_same_order(model):
    ranker = Ranker(HARVEST, TOPIC, Settings(model))
    for labels in ({}, {1: 1}, {4: 0}, {1: 1, 4: 0, 2: 0.5}):
        assert ranker.order(labels) == ids(ranker.rank(labels))


def test_an_include_of_less_weight_pulls_less():
    votes = {1: 1, 2: 0}
    weak, strong = (scores(rank(HARVEST, {**votes, 4: weight}, TOPIC)) for weight in (0.05, 1.0))
    assert weak[1] - weak[4] > strong[1] - strong[4]


@pytest.mark.parametrize(
    ("chosen", "labels", "sentence"),
    [
        (
            Settings("oracle"),
            {},
            "no ranking model 'oracle'; the models are fields-ridge-1, topic-2",
        ),
        (Settings(parameters={"c": 1}), {}, "no parameter c; it has C, "),
        (Settings(parameters={"C": 0}), {}, "'C' is a number from 1e-06 to 1000000, not 0"),
        (Settings(parameters={"ratio": -1}), {}, "'ratio' is a number from "),
        (Settings(parameters={"likely": 1.5}), {}, "'likely' is a whole number from 0 to "),
        (Settings(parameters={"title_times": 0}), {}, "'title_times' is a whole number from 1 to "),
        (Settings(parameters={"words": 3}), {}, "'words' is a whole number from 1 to 2, not 3"),
        (Settings(parameters={"unwanted": 1e308}), {}, "'unwanted' is a number from 0 to 1000000, not 1e"),
        (Settings(), {99: 1}, "not to be ranked: \\[99\\]"),
        (Settings(), {1: 2}, "A label is 1"),
    ],
)
def test_wrong_use_is_told(chosen, labels, sentence):
    with pytest.raises(WrongUse, match=sentence):
        rank(HARVEST, labels, TOPIC, chosen)


@pytest.mark.parametrize("name", sorted(models.MODELS[models.DEFAULT].parameters))
@pytest.mark.parametrize("end", ["least", "most"])
def test_whatever_a_parameter_is_within_its_range_there_is_an_order(name, end):
    value = models.LEAST.get(name, 0) if end == "least" else 2 if name == "words" else 1e6
    ranked = rank(HARVEST, {1: 1, 4: 0, 3: 0.5}, TOPIC, Settings(parameters={name: value}))
    assert all(math.isfinite(score) for _, score in ranked.order)


words = st.sampled_from(["infant", "mother", "wheat", "療法", "", "trial randomised", "?"])
harvests = st.lists(
    st.builds(Document, st.integers(1, 50), words, words), unique_by=lambda item: item.id, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(harvests, st.data())
def test_nothing_is_ever_left_out(documents, data):
    voted = data.draw(
        st.lists(st.sampled_from([item.id for item in documents]), unique=True) if documents else st.just([])
    )
    labels = {report: data.draw(st.integers(0, 1)) for report in voted}
    ranking = rank(documents, labels, TOPIC)
    assert sorted(ids(ranking)) == sorted(item.id for item in documents)
    ordered = [score for _, score in ranking.order]
    assert ordered == sorted(ordered, reverse=True)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screen.document import Document
from screen.models import MODELS, Leaning, Linear
from screen.ridge import Votes
from screen.stem import stem
from screen.text import Features, features
from screen.topic import Topic, extremes, texts

BABIES = (
    Document(1, "Parent-infant psychotherapy for depressed mothers", "A randomised trial of dyadic therapy."),
    Document(2, "Video feedback for mothers and infants", "A trial of video interaction guidance."),
    Document(
        3, "Toddler-parent psychotherapies", "Attachment of mothers and toddlers after dyadic therapies."
    ),
)
WHEAT = (
    Document(4, "Soil nitrogen in wheat", "Fertiliser and yield of wheat in dry years."),
    Document(5, "Wheat rust resistance", "Genes of wheat and rust."),
    Document(6, "Fertiliser runoff", "Nitrogen in rivers near wheat fields."),
)
HARVEST = (*BABIES, *WHEAT)
TOPIC = Topic(title="Parent-infant psychotherapy", include=("dyadic therapy of mothers",))


def features_of(topic: Topic, documents: Sequence[Document]) -> Features:
    return features(documents, beside=(Document(0, abstract=texts(topic)), *topic.known))


def leaning(
    topic: Topic,
    documents: Sequence[Document] = HARVEST,
    included: Mapping[int, float] | None = None,
    excluded: Sequence[int] = (),
    **set_to: float,
) -> Leaning:
    made = features_of(topic, documents)
    parameters = {**MODELS["topic-2"].parameters, **set_to}
    linear = Linear(MODELS["topic-2"], made, topic, made.project(topic.known), parameters)
    told = {**(included or {}), **dict.fromkeys(excluded, 0.0)}
    if not told:
        return linear.leaning(None)
    places = [made.ids.index(report) for report in told]
    values = np.array([*told.values()])
    weights = np.where(values > 0, values, 1.0)
    return linear.leaning(
        Votes(made.matrix[places], made.own[places], np.where(values > 0, 1.0, -1.0), weights)
    )


def scores(topic: Topic, documents: Sequence[Document] = HARVEST, **votes: Any) -> dict[int, float]:
    ids = sorted(item.id for item in documents)
    return dict(zip(ids, leaning(topic, documents, **votes).scores.tolist(), strict=True))


@pytest.mark.parametrize("topic", [Topic(), Topic(title="volcano"), Topic(exclude=("volcano",))])
def test_a_topic_that_says_nothing_of_the_harvest_gives_zeros(topic):
    assert set(scores(topic).values()) == {0.0}


def test_words_of_the_topic_lift():
    found = scores(TOPIC)
    assert min(found[report] for report in (1, 2, 3)) > max(found[report] for report in (4, 5, 6))


@pytest.mark.parametrize(
    "field", ["title", "question", "population", "intervention", "comparison", "outcomes", "design"]
)
def test_every_field_of_the_topic_is_read(field):
    found = scores(Topic(**{field: "wheat rust"}))
    assert max(found, key=found.__getitem__) == 5


def test_another_form_of_a_word_is_found():
    found = scores(Topic(title="fertilisers"))
    assert found[4] > 0
    assert found[6] > 0
    assert found[4] > found[5]


def test_an_exclusion_criterion_that_names_the_topic_does_not_sink_it():
    with_exclusion = scores(replace(TOPIC, exclude=("psychotherapy without the mother",)))
    assert {report for report in with_exclusion if with_exclusion[report] > 0} == {
        report for report, score in scores(TOPIC).items() if score > 0
    }


def test_an_exclusion_criterion_lowers_what_it_names():
    wanted = Topic(title="wheat")
    against = replace(wanted, exclude=("rust",))
    assert scores(against, feedback=0.0)[5] < scores(wanted, feedback=0.0)[5]


def test_design_lifts_but_less_than_what_is_studied():
    mixed = (*HARVEST, Document(7, "A randomised trial", "A randomised trial of something else."))
    asked = replace(TOPIC, design="randomised trial")
    found = scores(asked, mixed)
    assert found[7] > scores(TOPIC, mixed)[7]
    assert found[1] > found[7]


def test_a_known_study_orders_where_no_question_is_written():
    found = scores(Topic(known=(Document(-1, "Rust of wheat", "Genes of wheat"),)))
    assert max(found, key=found.__getitem__) == 5


def test_a_known_study_lifts_its_likes_above_the_question_alone():
    known = replace(Topic(title="wheat"), known=(Document(-1, "Fertiliser runoff in rivers"),))
    asked, with_known = scores(Topic(title="wheat")), scores(known)
    assert asked[5] > asked[6]
    assert with_known[6] > with_known[5]


def test_votes_move_their_likes():
    before, after = scores(TOPIC), scores(TOPIC, included={4: 1.0}, excluded=[1])
    moved = {report: after[report] - before[report] for report in before}
    assert min(moved[5], moved[6]) > max(moved[2], moved[3])


def test_an_include_of_little_weight_moves_little():
    moves = [scores(TOPIC, included={4: weight})[4] for weight in (0.01, 0.25, 1.0)]
    assert moves == sorted(moves)
    assert moves[0] < moves[2]


def test_without_a_topic_the_votes_order():
    only_in, only_out = scores(Topic(), included={4: 1.0}), scores(Topic(), excluded=[4])
    assert min(only_in[report] for report in (4, 5, 6)) > max(only_in[report] for report in (1, 2, 3))
    assert max(only_out[report] for report in (4, 5, 6)) < min(only_out[report] for report in (1, 2, 3))


@pytest.mark.parametrize("votes", [{}, {"included": {1: 1.0, 2: 0.5}, "excluded": [5]}])
def test_scores_are_rows_times_direction(votes):
    found = leaning(TOPIC, **votes)
    assert np.allclose(features_of(TOPIC, HARVEST).matrix @ found.direction, found.scores, atol=1e-12)


@settings(max_examples=20)
@given(st.permutations(HARVEST))
def test_the_order_of_the_documents_says_nothing(documents):
    assert scores(TOPIC, documents) == scores(TOPIC)


def test_a_record_without_a_word_scores_nothing_and_stands_below_what_is_near():
    empty = tuple(Document(number) for number in range(7, 10))
    found = scores(TOPIC, (*HARVEST, *empty))
    assert {found[report] for report in (7, 8, 9)} == {0.0}
    assert min(found[report] for report in (1, 2, 3)) > 0


def test_a_title_on_the_topic_without_abstract_stays_above_abstracts_off_it():
    found = scores(TOPIC, (*HARVEST, Document(7, "Psychotherapy of parent and infant"), Document(8, "Reply")))
    assert found[7] > max(found[report] for report in (4, 5, 6))
    assert found[8] < found[7]


def test_titles_in_another_language_are_read_in_that_language():
    other = (
        Document(
            7, "Psychotherapie für Mütter und Säuglinge", "Behandlung der Bindung zwischen Mutter und Kind."
        ),
        Document(8, "母親と乳児の心理療法", "母親と乳児の治療"),
    )
    for title, report in (("Psychotherapien für Mütter", 7), ("乳児の心理療法", 8)):
        found = scores(Topic(title=title), (*HARVEST, *other))
        assert max(found, key=found.__getitem__) == report


def test_one_document_no_document_and_no_word_at_all_are_ranked_without_complaint():
    assert scores(TOPIC, HARVEST[:1]).keys() == {1}
    assert scores(TOPIC, ()) == {}
    assert scores(TOPIC, (Document(1), Document(2))) == {1: 0.0, 2: 0.0}


def test_weights_can_be_set():
    alone = leaning(TOPIC, feedback=0.0).scores
    assert alone[5] == 0.0, "without feedback a report with no word of the topic has no score"
    assert leaning(TOPIC).scores[5] < 0


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=60), st.integers(1, 10))
def test_likely_reports_stand_above_the_lower_half_and_share_the_last_places(values, most):
    likely, lower = extremes(np.array(values), most)
    assert not (likely * lower).any()
    assert likely.sum() <= most + 1e-9
    assert (
        likely.any() == lower.any() == (len(set(values)) > 1 and max(values, default=0) > np.median(values))
    )
    for value in set(values):
        assert len({*likely[np.array(values) == value]}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("polymorphism", "polymorphisms"),
        ("therapy", "therapies"),
        ("metric", "metrics"),
        ("predict", "predicted"),
        ("randomisation", "random"),
        ("biopsy", "biopsies"),
    ],
)
def test_forms_of_a_word_have_one_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["wheat", "zinc", "copd", "status", "sepsis", "rna", "il6", "心"])
def test_names_and_short_words_keep_their_letters(word):
    assert stem(word) == word


@given(st.text(alphabet="abcdefghilmnorstyzxé", min_size=2, max_size=14))
def test_a_stem_keeps_the_beginning_of_its_word(word):
    assert stem(word)[:2] == word[:2]

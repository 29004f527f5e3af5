"""Rankers from elsewhere, and the example of one: built as a wheel, found, loaded, asked; nothing is installed."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wheels import built

from db.errors import WrongUse
from screen import plugins
from screen.document import Document
from screen.plugins import GROUP, Plugin, Rankers, rankers
from screen.rank import Topic

EXAMPLE = Path(__file__).parent.parent / "examples" / "naive_bayes"
HARVEST = (
    Document(7, "Wheat rust", "Genes of wheat and rust."),
    Document(2, "Video feedback for mothers and infants", "A randomised trial of video guidance."),
    Document(3, "Toddler-parent psychotherapy", "Attachment of mothers and toddlers after psychotherapy."),
    Document(5, "Soil nitrogen", "Fertiliser and yield of wheat."),
)
TOPIC = Topic(title="Parent-infant psychotherapy", include=("mothers and infants",))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(EXAMPLE, tmp_path_factory.mktemp("site"))


@pytest.fixture
def ranker(site, monkeypatch):
    """The wheel of the example on Python's path: what an installation comes to, without installing."""
    monkeypatch.syspath_prepend(str(site))
    yield rankers()["naive-bayes"]
    sys.modules.pop("harvest_naive_bayes")


def ready(ranker, harvest=HARVEST, topic=TOPIC):
    return ranker.ready(harvest, topic, ranker.parameters, 0)


def best(scores, harvest=HARVEST):
    return [item.id for _, item in sorted(zip(scores, harvest, strict=True), key=lambda pair: -pair[0])]


# -- the example -------------------------------------------------------------------------------------


def test_without_the_wheel_nobody_knows_it():
    assert "naive-bayes" not in rankers()
    with pytest.raises(KeyError):
        rankers()["naive-bayes"]


def test_with_the_wheel_it_is_known_by_its_name(ranker):
    assert isinstance(ranker, Plugin)
    assert "naive-bayes" in rankers()
    assert (ranker.name, ranker.version) == ("naive-bayes", "1")


def test_before_any_vote_it_goes_by_the_question(ranker):
    assert set(best(ready(ranker)({}))[:2]) == {2, 3}


def test_votes_teach_it(ranker):
    scores = ready(ranker)
    assert best(scores({7: 1.0, 2: 0.0, 3: 0.0}))[:2] == [7, 5]
    wheat, mothers = scores({7: 1.0}), scores({2: 1.0})
    assert wheat[3] > mothers[3]


@given(st.dictionaries(st.sampled_from([2, 3, 5, 7]), st.sampled_from([0.0, 0.25, 0.5, 1.0])))
def test_it_gives_one_finite_score_a_document_and_always_the_same(site, labels):
    sys.path.insert(0, str(site))
    try:
        scores = ready(rankers()["naive-bayes"])
    finally:
        sys.path.remove(str(site))
    first = scores(labels)
    assert len(first) == 4
    assert all(abs(score) < float("inf") for score in first)
    scores({7: 1.0, 5: 0.0})
    assert scores(dict(reversed(labels.items()))) == first


@pytest.mark.parametrize("harvest", [(), (Document(1),), (Document(1), Document(2, "the of and"))])
def test_a_harvest_without_words(ranker, harvest):
    assert ready(ranker, harvest)({}) == [0.0] * len(harvest)


# -- others ------------------------------------------------------------------------------------------

MODULE = """
class Odd:
    name, version, parameters = "odd", "1", {}

    def ready(self, documents, topic, parameters, seed):
        return lambda labels: [0.0 for _ in documents]


right, other = Odd(), Odd()
other.name = "something else"
fails = property(lambda self: 1 / 0)
"""


@pytest.fixture
def odd(tmp_path, monkeypatch):
    (tmp_path / "odd_ranker.py").write_text(MODULE)
    (tmp_path / "fallen_ranker.py").write_text("raise RuntimeError('no licence')")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda value: Rankers({"odd": EntryPoint("odd", value, GROUP)})
    sys.modules.pop("odd_ranker", None)


def test_one_that_keeps_the_protocol_is_used(odd):
    assert odd("odd_ranker:right")["odd"].ready([], Topic(), {}, 0)({}) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("nowhere:right", "ModuleNotFoundError: No module named 'nowhere'"),
        ("odd_ranker:missing", "AttributeError"),
        ("fallen_ranker:right", "RuntimeError: no licence"),
        ("odd_ranker:Odd", "or is a class, not an object"),
        ("odd_ranker:fails", "it has no name, version, parameters and ready"),
        ("odd_ranker:other", "it calls itself 'something else'"),
    ],
)
def test_one_that_is_broken_is_told_in_one_sentence_when_it_is_asked_for(odd, value, problem):
    found = odd(value)
    assert list(found) == ["odd"]
    assert len(found) == 1
    assert "odd" in found
    with pytest.raises(WrongUse, match="The ranker 'odd'") as raised:
        found["odd"]
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_package_that_is_broken_is_named(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    (entry,) = plugins.entry_points(group=GROUP, name="naive-bayes")
    monkeypatch.setattr(type(entry), "load", lambda self: None)  # keyring brings a class of its own for these
    with pytest.raises(WrongUse, match="of the package harvest-naive-bayes cannot be used"):
        plugins.rankers()["naive-bayes"]

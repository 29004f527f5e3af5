from __future__ import annotations

from screen.document import Document
from screen.rank import Ranker, Topic
from screen.why import Near, Reason, Why, brief

TEXTS = ("dyadic psychotherapy", "psychotherapy for dyads", "wheat in the field", "field trials of wheat", "")
HARVEST = [Document(number, text) for number, text in enumerate(TEXTS, start=1)]


def test_what_lifted_and_what_lowered_stand_apart_and_in_their_order():
    up, down, most = (
        Reason("text", "sepsis", 0.2),
        Reason("text", "adult", -0.3),
        Reason("title", "child", 0.5),
    )
    told = Why(7, 0.4, 1, (most, down, up))
    assert (told.lifted, told.lowered) == ((most, up), (down,))


def test_a_line_names_terms_once_and_none_within_another():
    parts = [
        ("sepsis bundle", 0.5),
        ("sepsis", 0.4),
        ("child", 0.3),
        ("bundle", 0.2),
        ("antibiotics", 0.1),
        ("late", 0.05),
    ]
    reasons = [Reason("text", term, part) for term, part in parts]
    reasons += [Reason("headings", "child", 0.2), Reason("text", "cohort", -0.1)]
    assert brief(Why(1, 1.0, 1, tuple(reasons))) == "sepsis bundle, child, antibiotics; lowered by: cohort"
    assert brief(Why(1, 1.0, 1, tuple(reasons[:1]))) == "sepsis bundle"
    assert brief(Why(1, 0.0, 1, (Reason("text", "cohort", -0.1),))) == "lowered by: cohort"
    assert brief(Why(1, 0.0, 1, ())) == ""


def test_a_report_is_told_with_its_place_its_score_and_its_likes():
    ranker, labels = Ranker(HARVEST, Topic()), {1: 1.0, 3: 0.0, 5: 0.5}
    ranked = ranker.rank(labels)
    for place, (report, score) in enumerate(ranked.order, start=1):
        told = ranker.why(report, labels)
        assert (told.report, told.place, told.score) == (report, place, score)
    (near,) = ranker.why(2, labels).nearest
    assert near == Near(1, near.likeness, 1.0)
    assert 0 < near.likeness < 1
    assert ranker.why(1, labels).nearest == ()  # nothing is like itself
    assert ranker.why(5, labels).nearest == ranker.why(5, labels).reasons == ()
    assert ranker.why(2, {}).nearest == ()

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.opinion import Link
from dedupe.cluster import Conflict, group


def same(a, b, by="rules", score=0.9, at=""):
    return Link(a, b, "same report", by=by, score=score, at=at)


def study(a, b, by="rules", at=""):
    return Link(a, b, "same study", by=by, at=at)


def different(a, b, by="rules", at=""):
    return Link(a, b, "different", by=by, at=at)


def test_records_become_reports_and_reports_studies():
    groups = group([1, 2, 3, 4, 5], [same(2, 4), study(4, 5)])
    assert groups.reports == {1: 1, 2: 2, 3: 3, 4: 2, 5: 5}
    assert groups.studies == {1: 1, 2: 2, 3: 3, 5: 2}
    assert groups.conflicts == ()


def test_without_links_everybody_stands_alone():
    assert group([3, 1], []).reports == {1: 1, 3: 3}
    assert group([], [same(1, 2)]).reports == {}


def test_links_to_unknown_records_are_passed_over():
    assert group([1, 2], [same(2, 9), study(1, 9)]).reports == {1: 1, 2: 2}


def test_a_question_joins_nothing():
    assert group([1, 2], [Link(1, 2, "ask")]).reports == {1: 1, 2: 2}


@pytest.mark.parametrize("veto", [different(1, 3), study(1, 3), different(1, 3, by="ana")])
def test_one_veto_stands_between_whole_groups(veto):
    groups = group([1, 2, 3], [same(1, 2, score=0.9), same(2, 3, score=0.8), veto])
    assert groups.reports == {1: 1, 2: 1, 3: 3}
    assert groups.conflicts == ()


def test_the_surer_link_is_followed_first():
    assert group([1, 2, 3], [same(1, 2, score=0.7), same(2, 3, score=0.8), different(1, 3)]).reports == {
        1: 1,
        2: 2,
        3: 2,
    }


def test_a_veto_moves_with_the_groups():
    links = [
        same(1, 2, score=0.9),
        same(3, 4, score=0.8),
        same(2, 3, score=0.7),
        different(1, 4),
        different(5, 4),
        same(5, 3, score=0.6),
    ]
    assert group(range(1, 6), links).reports == {1: 1, 2: 1, 3: 3, 4: 3, 5: 5}


def test_a_person_outranks_the_rules_both_ways():
    assert group([1, 2], [same(1, 2), different(1, 2, by="ana")]).reports == {1: 1, 2: 2}
    assert group([1, 2], [different(1, 2), same(1, 2, by="ana")]).reports == {1: 1, 2: 1}
    assert group([1, 2], [same(1, 2, by="ana"), different(1, 2)]).reports == {1: 1, 2: 1}


def test_a_rules_veto_between_groups_does_not_stop_a_person():
    links = [same(1, 2, by="ana"), different(1, 3), same(2, 3, by="ana"), same(3, 4)]
    assert set(group(range(1, 5), links).reports.values()) == {1}


def test_a_rules_same_gives_way_to_a_rules_veto_against_what_a_person_joined():
    links = [same(1, 2), different(1, 3), same(2, 3, by="ana")]
    assert group([1, 2, 3], links).reports == {1: 1, 2: 2, 3: 2}


def test_the_newest_opinion_counts():
    assert group([1, 2], [same(1, 2, by="ana"), different(1, 2, by="ben")]).reports == {1: 1, 2: 2}
    late, early = (
        same(1, 2, by="ana", at="2026-02-01T00:00:00Z"),
        different(1, 2, by="ben", at="2026-01-01T00:00:00Z"),
    )
    assert group([1, 2], [late, early]).reports == {1: 1, 2: 1}
    assert group([1, 2], [same(1, 2), different(1, 2)]).reports == {1: 1, 2: 2}


def test_a_persons_same_against_a_persons_different_is_told():
    refused = same(2, 3, by="ben", at="2026-01-02T00:00:00Z")
    links = [same(1, 2, by="ana", at="2026-01-01T00:00:00Z"), refused, different(1, 3, by="cy")]
    groups = group([1, 2, 3], links)
    assert groups.reports == {1: 1, 2: 1, 3: 3}
    assert groups.conflicts == (Conflict(refused, (1, 3)),)


def test_a_persons_different_holds_between_studies_too():
    groups = group([1, 2, 3], [study(1, 2), study(2, 3), different(1, 3, by="ana")])
    assert groups.studies == {1: 1, 2: 1, 3: 3}
    assert group([1, 2], [study(1, 2), different(1, 2)]).studies == {1: 1, 2: 2}


def test_a_rules_different_does_not_hold_between_studies():
    groups = group([1, 2, 3], [different(1, 3), study(1, 2), study(2, 3)])
    assert set(groups.studies.values()) == {1}


def test_a_persons_study_against_a_persons_different_is_told():
    refused = study(2, 3, by="ben")
    groups = group([1, 2, 3], [study(1, 2, by="ana"), refused, different(1, 3, by="cy")])
    assert groups.conflicts == (Conflict(refused, (1, 3)),)


NUMBERS = range(1, 9)


@st.composite
def opinions(draw):
    pairs = draw(st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), max_size=20))
    ordered = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    relation = st.sampled_from(["same report", "same study", "ask", "different"])
    by = st.sampled_from(["rules", "rules", "ana"])
    return [
        Link(a, b, draw(relation), by=draw(by), score=draw(st.sampled_from([0.5, 0.7, 0.9])))
        for a, b in ordered
    ]


@given(opinions(), st.data())
def test_the_order_of_links_makes_no_difference(links, data):
    shuffled = data.draw(st.permutations(links))
    groups, again = group(NUMBERS, links), group(reversed(NUMBERS), shuffled)
    assert groups == again


@given(opinions())
def test_what_is_kept_apart_is_never_in_one_report(links):
    by_rules = [replace(link, by="rules") for link in links]
    for kept in (by_rules, [link for link in links if link.relation != "same report" or not link.by_person]):
        reports = group(NUMBERS, kept).reports
        assert not any(
            reports[link.a] == reports[link.b]
            for link in kept
            if link.relation in {"different", "same study"}
        )
    everything = group(NUMBERS, links)
    apart = [link for link in links if link.relation == "different" and link.by_person]
    assert not any(everything.reports[link.a] == everything.reports[link.b] for link in apart)
    assert not any(
        everything.studies[everything.reports[link.a]] == everything.studies[everything.reports[link.b]]
        for link in apart
    )


@given(opinions())
def test_ids_are_the_smallest_of_their_members(links):
    groups = group(NUMBERS, links)
    for record, report in groups.reports.items():
        assert report == min(other for other, of in groups.reports.items() if of == report) <= record
    for report, of in groups.studies.items():
        assert of == min(other for other, whose in groups.studies.items() if whose == of) <= report


@given(opinions())
def test_every_refusal_to_a_person_is_told(links):
    groups = group(NUMBERS, links)
    told = [conflict.link for conflict in groups.conflicts]
    for link in links:
        if link.by_person and link.relation == "same report":
            assert (groups.reports[link.a] == groups.reports[link.b]) or link in told

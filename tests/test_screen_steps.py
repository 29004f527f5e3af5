"""Votes hang on records and are read through the groups of today; a ranking is kept once for the same input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import raw

from db.errors import CheckFailed, WrongUse
from db.facts import Page, Request, Search
from db.opinion import Decision, Link
from db.record import Identifier, Record, Section
from db.store import Store
from dedupe.steps import regroup
from screen.plan import TITLE, Plan
from screen.steps import (
    Choice,
    Question,
    made_again,
    must_exist,
    rank_reports,
    report,
    reports,
    states,
    votes_for,
)

QUESTION = Question({"title": "Sepsis in children", "question": "Do antibiotics help children with sepsis?"})


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db") as opened:
        opened.begin_fetch(opened.begin_run("run", "test"), opened.search_id(Search("main", "pubmed", "x")))
        keep(
            opened,
            "Sepsis in children",
            "Antibiotics for sepsis in the newborn",
            "Knitting for adults",
            "Gardening for adults",
        )
        yield opened


def keep(store, *titles, first=1):
    page = store.add_page(1, Page("records", b"x", Request("GET", "https://example.org")))
    said = [
        Record("pubmed", str(number), title=title, abstract=(Section(f"We studied {title.lower()}."),), identifiers=(Identifier("pmid", str(number)),))
        for number, title in enumerate(titles, start=first)
    ]  # fmt: skip
    store.add_records(page, "test 1", said)
    regroup(store)


def say(store, a, b, relation):
    store.add_links([Link(a, b, relation, by="ana")])
    regroup(store)


def vote(record, verdict, reviewer="ana"):
    return Decision(record, TITLE, reviewer, verdict)


def outcomes(store, per_record=2):
    return {
        lead: (state.outcome, dict(state.verdicts), state.second_look)
        for lead, state in states(store, Plan(per_record)).items()
    }


# -- votes through groups ------------------------------------------------------------------------------


def test_joining_what_two_people_judged_differently_shows_a_conflict_and_splitting_takes_it_away(store):
    store.add_decisions([vote(1, "include"), vote(2, "exclude", "ben")])
    before = outcomes(store)
    assert before == {1: ("open", {"ana": "include"}, ()), 2: ("open", {"ben": "exclude"}, ())}
    say(store, 1, 2, "same report")
    assert outcomes(store) == {1: ("conflict", {"ana": "include", "ben": "exclude"}, ())}
    say(store, 1, 2, "different")
    assert outcomes(store) == before


def test_who_judged_two_records_differently_is_asked_to_look_again_and_settles_it_with_one_vote(store):
    store.add_decisions([vote(1, "include"), vote(2, "exclude")])
    say(store, 1, 2, "same report")
    assert outcomes(store, 1) == {1: ("conflict", {"ana": "exclude"}, ("ana",))}
    spread = votes_for(store, [vote(2, "include")])
    assert sorted(v.record for v in spread) == [1, 2]
    assert store.add_decisions(spread) == 1  # on 1 she had said so before
    assert outcomes(store, 1) == {1: ("include", {"ana": "include"}, ())}
    say(store, 1, 2, "different")
    assert outcomes(store, 1) == {
        1: ("include", {"ana": "include"}, ()),
        2: ("include", {"ana": "include"}, ()),
    }


def test_a_vote_is_written_where_the_reviewer_judged_before_and_nowhere_else(store):
    for other in (2, 3):
        say(store, 1, other, "same report")
    store.add_decisions(
        [vote(2, "include"), vote(3, "include", "ben"), Decision(3, "full text", "ana", "include")]
    )
    assert [v.record for v in votes_for(store, [vote(1, "exclude")])] == [1, 2]
    assert [v.record for v in votes_for(store, [vote(1, "exclude", "cem")])] == [1]
    assert [v.record for v in votes_for(store, [Decision(1, "full text", "ana", "exclude")])] == [1, 3]


def test_a_file_that_names_two_records_of_one_report_keeps_both_and_repeats_nothing(store):
    say(store, 1, 2, "same report")
    both = [vote(1, "include"), vote(2, "exclude")]
    assert store.add_decisions(votes_for(store, both)) == 2
    assert store.add_decisions(votes_for(store, both)) == 0
    assert outcomes(store, 1)[1][2] == ("ana",)


verdicts = st.sampled_from(["include", "exclude", "unsure"])
acts = st.one_of(
    st.tuples(st.just("vote"), st.integers(1, 4), verdicts, st.sampled_from(["ana", "ben"])),
    st.tuples(
        st.just("say"), st.integers(1, 3), st.integers(2, 4), st.sampled_from(["same report", "different"])
    ),
)


@settings(max_examples=25)
@given(st.lists(acts, max_size=12))
def test_no_vote_is_lost_and_the_newest_one_holds_whatever_is_joined_and_split(tmp_path_factory, done):
    with Store.open(tmp_path_factory.mktemp("acts") / "review.db") as store:
        store.begin_fetch(store.begin_run("run", "test"), store.search_id(Search("main", "pubmed", "x")))
        keep(store, "One", "Two", "Three", "Four")
        said = []
        for act in done:
            if act[0] == "vote":
                given_vote = vote(*act[1:])
                store.add_decisions(votes_for(store, [given_vote]))
                said.append(given_vote)
                state = states(store, Plan(1))[store.report_of(given_vote.record)]
                assert state.verdicts[given_vote.reviewer] == given_vote.verdict
                assert given_vote.reviewer not in state.second_look
            elif act[1] < act[2]:
                say(store, *act[1:])
        newest = {(v.record, v.reviewer): v.verdict for v in store.decisions(TITLE)}
        assert {(v.record, v.reviewer) for v in said} <= newest.keys()
        for v in said:
            assert v.reviewer in states(store, Plan(1))[store.report_of(v.record)].verdicts


# -- reports -------------------------------------------------------------------------------------------


def test_a_report_is_what_its_records_together_tell(store):
    say(store, 1, 2, "same report")
    whole = reports(store)
    assert whole.keys() == {1, 3, 4}
    assert whole[1].identifiers_of("pmid") == ("1", "2")
    assert report(store, [1, 2]) == whole[1]
    assert report(store, [3]).title == "Knitting for adults"


# -- rankings ------------------------------------------------------------------------------------------


def rank(store, question=QUESTION, **more):
    return rank_reports(store, question, more.pop("choice", Choice()), Plan(2), "0.1", **more)


def test_the_same_input_is_ranked_alike_and_kept_once(store):
    first = rank(store)
    number, kept = store.newest_ranking()
    assert kept == first
    assert {report for report, _ in first.order} == {1, 2, 3, 4}
    assert {report for report, _ in first.order[:2]} == {1, 2}
    assert rank(store) == first
    assert store.newest_ranking()[0] == number


@pytest.mark.parametrize(
    "change", ["a vote", "a record", "a group", "the question", "the model", "a known record"]
)
def test_another_input_is_another_ranking(store, change):
    rank(store)
    question, more = QUESTION, {}
    if change == "a vote":
        store.add_decisions([vote(3, "include"), vote(1, "exclude")])
    elif change == "a record":
        keep(store, "Sepsis in old age", first=5)
    elif change == "a group":
        say(store, 3, 4, "same report")
    elif change == "the question":
        question = Question({"title": "Knitting"})
    elif change == "the model":
        more["choice"] = Choice("topic-2")
    else:
        question = Question(QUESTION.texts, known=(("pmid", "4"),))
    ranked = rank(store, question, **more)
    assert store.newest_ranking()[0] == 2
    assert {report for report, _ in ranked.order} == store.reports().keys()
    if change == "a vote":
        assert dict(ranked.labels) == {1: 0, 3: 1}


def test_what_is_only_tried_is_not_kept(store):
    assert rank(store, keep=False).order
    assert store.newest_ranking() is None


def test_records_known_to_be_relevant_lead_to_others_like_them(store):
    keep(store, "Knitting for children", first=5)
    plain = [lead for lead, _ in rank(store, Question({"title": "A review"})).order]
    for known in (("pmid", "3"), ("title", "Knitting for everybody")):
        order = [lead for lead, _ in rank(store, Question({"title": "A review"}, known=(known,))).order]
        assert order != plain
        assert {3, 5} == set(order[:2])
    absent = rank(store, Question({"title": "A review"}, known=(("pmid", "999"), ("doi", "10.1/none"))))
    assert [lead for lead, _ in absent.order] == plain


def test_nothing_can_be_ranked_before_there_is_anything(tmp_path):
    with Store.open(tmp_path / "review.db") as empty:
        assert rank(empty) is None
        assert states(empty, Plan(2)) == {}
        assert reports(empty) == {}


# -- the log -----------------------------------------------------------------------------------------


def again(store, number):
    ranking = store.ranking(number)
    return made_again(store, ranking, "0.1").rank(ranking.labels).order


def test_every_ranking_is_made_again_from_the_log_whatever_came_after_it(store):
    everything = Question(
        QUESTION.texts,
        ("children",),
        ("adults",),
        (("pmid", "2"), ("title", "Sepsis nursing")),
        (EARLIER, OTHER),
    )
    store.add_decisions([vote(1, "include"), vote(3, "exclude"), vote(4, "unsure")])
    rank(store, everything, because="run")
    store.add_decisions([vote(1, "exclude", "ben"), vote(2, "include", "ben")])
    rank(store, everything, choice=Choice("topic-2", 7, {"criteria": 1.5}), because="import")
    before = {number: store.ranking(number).order for number in (1, 2)}
    keep(store, "Sepsis in old age", "Septic shock in the young", first=5)
    keep(store, "Knitting for babies", first=2)  # record 2 has other words now
    say(store, 3, 4, "same report")
    rank(store)
    say(store, 3, 4, "different")
    say(store, 1, 5, "same report")
    assert {number: again(store, number) for number in before} == before
    assert again(store, 3) == store.newest_ranking()[1].order
    assert [line.ranking.because for line in store.rankings()] == ["", "import", "run"]
    with raw(store.path) as db:
        assert db.execute("SELECT count(*) FROM corpus").fetchone() == (2,)  # votes cost no second one


def test_a_ranking_whose_texts_are_gone_says_so(store):
    rank(store)
    kept = store.ranking(1)
    with pytest.raises(CheckFailed, match="does not say which texts"):
        made_again(store, replace(kept, corpus=""), "0.1")
    with pytest.raises(CheckFailed, match="This version cannot make it: There is no ranking model 'oracle'"):
        made_again(store, replace(kept, model="oracle"), "0.1")
    with raw(store.path) as db:
        db.execute("DROP TRIGGER revision_refuses_delete")
        db.execute("DELETE FROM revision WHERE id = 3")
    with pytest.raises(CheckFailed, match="Revision 3 is gone from the database: restore a backup"):
        made_again(store, kept, "0.1")


EARLIER = (
    Record("file:old", "a", title="Knitting for fathers", abstract=(Section("Wool and needles."),)),
    True,
)
OTHER = (Record("file:old", "b", title="Gardening for adults", identifiers=(Identifier("pmid", "4"),)), False)


def test_what_an_earlier_version_decided_is_learnt_from(store):
    plain = Question({"title": "A review"})
    warm = [lead for lead, _ in rank(store, replace(plain, earlier=(EARLIER, OTHER))).order]
    assert (warm[0], warm[-1]) == (3, 4)  # knitting is wanted; the very report that was excluded stands last
    known = rank(store, replace(plain, known=(("pmid", "4"),), earlier=(OTHER,)))
    assert known.order[0][0] == 4  # what is listed as known is known, whatever was decided then


def test_what_is_chosen_must_exist():
    must_exist(Choice())
    must_exist(Choice("topic-2", parameters={"criteria": 1}))
    with pytest.raises(WrongUse, match=r"no ranking model 'oracle'; the models are .*topic-2"):
        must_exist(Choice("oracle"))
    with pytest.raises(WrongUse, match=r"no parameter colour; it has .*criteria"):
        must_exist(Choice("topic-2", parameters={"colour": 1}))

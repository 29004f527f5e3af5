"""The flow of a review: every number is a list, everything adds up at every moment, and the past can be asked again."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_folders import SMALL, make, only
from review_histories import REVIEWERS, SEARCHES, TOML, History, history, small

from db.errors import CheckFailed, WrongUse
from harvest.past import past
from harvest.reports.flow import Flow, flow
from harvest.reports.flow.identities import IDENTITIES, broken, proved
from harvest.reports.prisma import listed
from screen.export import report_of
from screen.plan import FULL_TEXT, TITLE

APART = (
    ("duplicates", "excluded_other", "records_screened", "records_pending"),
    ("records_pending", "records_excluded", "dbr_sought_reports"),
    ("dbr_notretrieved_reports", "dbr_awaiting_retrieval", "dbr_undecided", "dbr_excluded", "dbr_ongoing",
     "dbr_unclassified", "dbr_included"),
    ("records_screened", "other_records_screened", "records_pending", "other_records_pending"),
    ("new_studies", "ongoing_studies", "unclassified_studies"),
)  # fmt: skip
"""Boxes of which no two hold the same thing."""


def numbers(made: Flow) -> dict[str, int]:
    return {name: box.n for name, box in made.boxes.items() if box.n}


# -- a history worked out by hand --------------------------------------------------------------------


def test_the_flow_of_a_small_history_is_what_counting_by_hand_gives(tmp_path):
    with history(tmp_path) as told:
        small(told)
        made = proved(flow(told.store, told.project))
    assert numbers(made) == {
        "database_results": 9, "database_results:PubMed": 6, "database_results:Embase": 3,
        "register_results": 2, "register_results:ClinicalTrials.gov": 2,
        "duplicates": 1, "excluded_other": 1, "records_screened": 7, "records_pending": 2, "records_excluded": 1,
        "dbr_sought_reports": 6, "dbr_notretrieved_reports": 1, "dbr_assessed": 5,
        "dbr_excluded": 2, "dbr_excluded:population": 1, "dbr_excluded:design": 1,
        "dbr_ongoing": 1, "dbr_included": 2,
        "other_results": 2, "citations_results": 2, "other_duplicates": 1, "other_records_screened": 1,
        "other_sought_reports": 1, "other_assessed": 1, "other_included": 1,
        "new_studies": 2, "new_reports": 3, "ongoing_studies": 1, "total_studies": 2, "total_reports": 3,
    }  # fmt: skip
    assert made["dbr_included"].ids == {1, 9}
    assert [box.name for box in made.parts("dbr_excluded")] == [
        "dbr_excluded:population",
        "dbr_excluded:design",
    ]


def test_a_box_lists_what_it_counts_by_number_and_title(tmp_path):
    with history(tmp_path) as told:
        small(told)
        made = flow(told.store, told.project)
        found = listed(made, "DBR_included", told.store)
        assert [(each.id, each.title) for each in found] == [("H000001", "Paper 11"), ("H000009", "Paper 31")]
        assert [each.id for each in listed(made, "excluded_other", told.store)] == ["U000001"]
        with pytest.raises(WrongUse, match="There is no box records"):
            listed(made, "records", told.store)


def test_databases_outrank_other_methods_whichever_found_it_first(tmp_path):
    with history(tmp_path) as told:
        (cited,) = told.arrive("citations", "1")
        before = flow(told.store, told.project)
        (found,) = told.arrive("pubmed", "1")
        told.say(cited, found, "same report")
        after = flow(told.store, told.project)
    assert (before["other_records_pending"].ids, before["records_pending"].ids) == ({cited}, set())
    assert (after["other_records_pending"].ids, after["records_pending"].ids) == (set(), {cited})
    assert (after["other_duplicates"].ids, after["duplicates"].ids) == ({cited}, set())
    assert broken(after) == ()


def test_a_vote_on_the_full_text_shows_that_it_was_there(tmp_path):
    with history(tmp_path) as told:
        (record,) = told.arrive("pubmed", "1")
        told.agree(record, TITLE, "include")
        waiting = flow(told.store, told.project)
        told.retrieve(record, "not retrieved")
        lost = flow(told.store, told.project)
        told.vote(record, FULL_TEXT, "ana", "include")
        read = flow(told.store, told.project)
    names = ("dbr_awaiting_retrieval", "dbr_notretrieved_reports", "dbr_undecided")
    assert [[made[name].n for name in names] for made in (waiting, lost, read)] == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]


def test_exclusions_for_no_reason_or_one_the_project_does_not_list_are_counted_too(tmp_path):
    with history(tmp_path) as told:
        for record, reason in zip(told.arrive("pubmed", "1", "2"), ("", "language"), strict=True):
            told.agree(record, TITLE, "include")
            told.agree(record, FULL_TEXT, "exclude", reason)
        made = proved(flow(told.store, told.project))
    assert [(box.name, box.label) for box in made.parts("dbr_excluded")] == [
        ("dbr_excluded:no-reason", "No reason given"),
        ("dbr_excluded:language", "language"),
    ]


def test_what_cannot_be_read_counts_once_however_often_it_comes(tmp_path):
    with history(tmp_path) as told:
        told.arrive("embase", "1", broken=2, raw="the same")
        told.arrive("embase", broken=2, raw="the same")
        made = flow(told.store, told.project)
    assert numbers(made)["excluded_other"] == 2
    assert broken(made) == ()


UPDATE = TOML + '\n[previous]\nstudies = 8\nreports = 19\nfile = "previous.csv"\n'
BEFORE = "title,abstract,pmid\nPaper 1,What was included before,1\n"


def test_what_the_previous_version_included_is_not_new_when_it_is_found_again(tmp_path):
    with history(tmp_path, UPDATE, **{"previous.csv": BEFORE}) as told:
        old, late, new = told.arrive("pubmed", "1", "2", "3")
        told.say(old, late, "same study")
        for record in (old, late, new):
            told.agree(record, TITLE, "include")
            told.agree(record, FULL_TEXT, "include")
        made = proved(flow(told.store, told.project))
        with pytest.raises(WrongUse, match=r"stated in review\.toml"):
            listed(made, "previous_studies", told.store)
    assert (made["dbr_again"].ids, made["dbr_further"].ids, made["dbr_included"].ids) == (
        {old},
        {late},
        {new},
    )
    assert (made["total_studies"].n, made["total_reports"].n) == (9, 21)
    assert made.updated


def test_a_file_of_the_previous_version_that_is_not_there_is_a_problem(tmp_path):
    make(tmp_path, SMALL + '\n[previous]\nfile = "previous.ris"\n')
    assert only(tmp_path).startswith(
        "error: review.toml: previous.file (line 14): there is no file previous.ris"
    )


def test_a_flow_that_does_not_add_up_is_not_shown(tmp_path):
    with history(tmp_path) as told:
        small(told)
        made = flow(told.store, told.project)
    sought = made["dbr_sought_reports"]
    one_less = Flow({**made.boxes, sought.name: replace(sought, ids=frozenset(sorted(sought.ids)[1:]))})
    with pytest.raises(CheckFailed, match=r"screened = excluded \+ sought .* 7 is not 6"):
        proved(one_less)
    doubled = replace(made["records_excluded"], ids=frozenset(sorted(sought.ids)[:1]))
    assert broken(Flow({**made.boxes, "records_excluded": doubled}))


def test_identities_name_boxes_that_there_are(tmp_path):
    with history(tmp_path) as told:
        made = flow(told.store, told.project)
    named = {name for identity in IDENTITIES for name in (*identity.left, *identity.right)}
    assert {name for name in named if not name.endswith(":*")} <= made.boxes.keys()
    assert broken(made) == ()


# -- random histories --------------------------------------------------------------------------------

_RECORD = st.integers(0, 14)
_STAGE = st.sampled_from([TITLE, TITLE, FULL_TEXT])
_REASON = st.sampled_from(["", "population", "design", "language"])
_EVENT = st.one_of(
    st.tuples(st.just("arrive"), st.sampled_from(SEARCHES), st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
              st.integers(0, 1), st.booleans()),
    st.tuples(st.just("say"), _RECORD, _RECORD, st.sampled_from(["same report", "same study", "different", "ask"])),
    st.tuples(st.just("vote"), _RECORD, _STAGE, st.sampled_from(REVIEWERS),
              st.sampled_from(["include", "exclude", "unsure", "withdrawn"]), _REASON),
    st.tuples(st.just("agree"), _RECORD, _STAGE, st.sampled_from(["include", "include", "exclude"]), _REASON),
    st.tuples(st.just("judge"), _RECORD, st.sampled_from(["include", "exclude"]), _REASON),
    st.tuples(st.just("judge"), _RECORD, st.just("include"), st.just("")),
    st.tuples(st.just("resolve"), _RECORD, _STAGE, st.sampled_from(["include", "exclude", "unsure"]), _REASON),
    st.tuples(st.just("retrieve"), _RECORD, st.sampled_from(["sought", "retrieved", "not retrieved"])),
    st.tuples(st.just("note"), _RECORD, st.sampled_from(["ongoing", "awaiting classification", ""])),
)  # fmt: skip


def happen(told: History, event: tuple) -> None:
    """One event; what it is about is chosen among the records there are."""
    name, *rest = event
    if name == "arrive":
        search, keys, spoilt, ended = rest
        told.arrive(search, *map(str, keys), broken=spoilt, ended=ended)
        return
    there = told.store.numbers()
    if there:
        about = 2 if name == "say" else 1
        getattr(told, name)(*(there[n % len(there)] for n in rest[:about]), *rest[about:])


def holds(made: Flow, told: History) -> None:
    """All that must be true of a flow."""
    assert broken(made) == ()
    for boxes in APART:
        together = [n for name in boxes for n in made[name].ids]
        assert len(together) == len(set(together))
    for name, box in made.boxes.items():
        found = [each.id for each in listed(made, name, told.store)]
        assert len(found) == box.n
        assert {-int(i[1:]) if i[0] == "U" else report_of(i) for i in found} == box.ids
    every = made["database_results"].ids | made["register_results"].ids | made["other_results"].ids
    assert {n for n in every if n > 0} == set(told.store.numbers())


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_EVENT, min_size=12, max_size=40), st.randoms(use_true_random=False))
def test_at_every_moment_of_every_history_it_adds_up_and_can_be_told_again_later(events, chance):
    with tempfile.TemporaryDirectory() as folder, history(Path(folder)) as told:
        told.arrive("pubmed", "1", "2", "3", "4", "5", "6")
        told.arrive("citations", "1", "2", "3")
        told.arrive("register", "1", "2")
        printed = {}
        for event in events:
            happen(told, event)
            made = flow(told.store, told.project)
            holds(made, told)
            printed[told.store.now()] = made
        for moment in chance.sample(sorted(printed), min(4, len(printed))):
            with past(told.store.path, moment) as store:
                assert flow(store, told.project) == printed[moment]

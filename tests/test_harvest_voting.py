"""Votes at both stages, taking them back, putting them off, and a design that is agreed on in advance."""

from __future__ import annotations

import pytest
from reviews import harvest, rows, told
from screenings import FULL_TEXT, TITLE, both, designed, screening, vote
from stores import opened

from db.errors import WrongUse
from db.opinion import Retrieval
from harvest.project import load, problems
from harvest.screening import states
from harvest.voting import decide, design_changes, postpone, withdraw
from harvest.waiting import at_stage, waiting_for


@pytest.fixture
def folder(tmp_path):
    return screening(tmp_path / "review")


@pytest.fixture
def project(folder):
    return load(folder, environ={})


@pytest.fixture
def store(folder):
    with opened(folder / "review.db") as store:
        yield store


# -- two stages ----------------------------------------------------------------------------------------


def test_what_both_include_goes_on_to_full_text_and_what_cannot_be_had_waits_for_nobody(store, project):
    both(store, project, 1, "include", "include")
    both(store, project, 2, "include", "include")
    both(store, project, 3, "include", "exclude")
    both(store, project, 4, "unsure", "unsure")
    assert at_stage(store, project, FULL_TEXT) == {1, 2}
    assert waiting_for(store, project, "ana", FULL_TEXT) == (1, 2)
    store.add_retrievals([Retrieval(2, "not retrieved", "ana")])
    assert at_stage(store, project, FULL_TEXT) == {1, 2}
    assert waiting_for(store, project, "ana", FULL_TEXT) == (1,)
    assert 1 not in waiting_for(store, project, "ana")


def test_a_full_text_is_excluded_for_a_reason_of_its_stage(store, project):
    both(store, project, 1, "include", "include")
    with pytest.raises(WrongUse, match="needs its reason, one of design, population"):
        decide(store, project, "H1", "exclude", "ana", stage=FULL_TEXT)
    with pytest.raises(WrongUse, match="There is no exclusion reason 'age' at full text"):
        decide(store, project, "H1", "exclude", "ana", "age", stage=FULL_TEXT)
    with pytest.raises(WrongUse, match="'design' is a reason to exclude"):
        decide(store, project, "H1", "include", "ana", "design", stage=FULL_TEXT)
    with pytest.raises(WrongUse, match="H2 is not judged at full text"):
        decide(store, project, "H2", "include", "ana", stage=FULL_TEXT)
    both(store, project, 1, "exclude design", "exclude population", FULL_TEXT)
    assert states(store, project, FULL_TEXT)[1].outcome == "conflict"
    decide(store, project, "H1", "exclude", "ben", "design", stage=FULL_TEXT)
    state = states(store, project, FULL_TEXT)[1]
    assert (state.outcome, state.reason) == ("exclude", "design")


def test_without_any_reason_in_the_project_the_sentence_says_where_to_write_them(folder, store):
    toml = folder / "review.toml"
    text = toml.read_text()
    start, end = text.index("[[criteria.exclude]]"), text.index("[[search]]")
    toml.write_text(text[:start] + text[end:])
    bare = load(folder, environ={})
    both(store, bare, 1, "include", "include")
    with pytest.raises(WrongUse, match=r"write \[\[criteria.exclude\]\]"):
        decide(store, bare, "H1", "exclude", "ana", stage=FULL_TEXT)


def test_a_vote_taken_back_stays_on_record_and_is_asked_for_again(store, project):
    with pytest.raises(WrongUse, match="ana has no vote on H1"):
        withdraw(store, project, "H1", "ana")
    both(store, project, 1, "include", "exclude")
    withdraw(store, project, "H1", "ana", "wrong record")
    assert states(store, project)[1].outcome == "open"
    assert 1 in waiting_for(store, project, "ana")
    assert 1 not in waiting_for(store, project, "ben")
    assert [d.verdict for d in store.decisions(TITLE, "ana")] == ["include", "withdrawn"]
    with pytest.raises(WrongUse, match="nothing to take back"):
        withdraw(store, project, "H1", "ana")
    with pytest.raises(WrongUse, match="without a reason"):
        decide(store, project, "H1", "withdrawn", "ben", "design")


def test_votes_at_the_command_line(folder):
    for reviewer in ("ana", "ben"):
        harvest(folder, "decide", "H3", "include", "--reviewer", reviewer)
    said = harvest(
        folder, "decide", "H3", "exclude", "--reviewer", "ana", "--stage", "full-text", "--reason", "design"
    )
    assert said.stdout == "Noted: ana says exclude to H000003 at full text.\n"
    again = harvest(
        folder, "decide", "H3", "withdraw", "--reviewer", "ana", "--stage", "full-text", "--dry-run"
    )
    assert again.stdout == "Would note: ana takes back what they said of H000003 at full text.\n"
    assert rows(folder, "SELECT verdict FROM decision WHERE stage = 'full text'") == [("exclude",)]


# -- later ---------------------------------------------------------------------------------------------


def test_what_is_put_off_goes_to_the_end_of_ones_own_queue_until_its_day(store, project):
    first, *others = waiting_for(store, project, "ana")
    postpone(store, project, [f"H{first}", f"H{others[0]}"], "ana", until="2026-12-01")
    assert waiting_for(store, project, "ana") == (*others[1:], first, others[0])
    assert waiting_for(store, project, "ben") == (first, *others)
    postpone(store, project, [f"H{others[0]}"], "ana", until="now")
    assert waiting_for(store, project, "ana") == (*others, first)
    store.now = lambda: "2026-12-01T00:00:00.000Z"
    assert waiting_for(store, project, "ana") == (first, *others)


@pytest.mark.parametrize("day", ["2026-11-22", "2020-01-01", "tomorrow", "20261201", "2026-02-30"])
def test_only_a_day_to_come_can_be_waited_for(store, project, day):
    with pytest.raises(WrongUse, match="is no day to come"):
        postpone(store, project, ["H1"], "ana", until=day)


def test_all_or_none_is_put_off_and_only_what_waits(store, project):
    vote(store, 2, "include", "ana")
    with pytest.raises(WrongUse, match="H2 does not wait for ana"):
        postpone(store, project, ["H1", "H2"], "ana")
    assert store.postponed(TITLE, "ana") == []
    postpone(store, project, ["H1"], "ana", dry_run=True)
    assert store.postponed(TITLE, "ana") == []


def test_postponing_at_the_command_line(folder):
    said = harvest(folder, "postpone", "H1", "H2", "--reviewer", "ana", "--until", "2999-01-01")
    assert said.stdout == "Are until 2999-01-01: 2 reports of ana.\n"
    (title, _) = told(folder, "status")["stages"]
    assert [(r["name"], r["to_read"], r["postponed"]) for r in title["reviewers"]] == [
        ("ana", 12, 2),
        ("ben", 12, 0),
    ]


# -- in advance ----------------------------------------------------------------------------------------


def test_a_design_changed_after_the_first_vote_draws_a_warning(folder, store, project):
    assert list(design_changes(store, project)) == []
    other = designed(folder, 'reviewers = ["ana", "ben"]\nper_record = 1\ndoubled = 0.1\n')
    assert list(design_changes(store, other)) == []  # nobody has voted yet
    decide(store, project, "H1", "include", "ana")
    (warning,) = design_changes(store, other)
    assert "per_record was 2, now 1; doubled was 0.0, now 0.1" in warning
    assert "MECIR C39" in warning
    decide(store, other, "H1", "include", "ben")
    assert list(design_changes(store, project)) == []  # changed back
    assert any("MECIR C39 wants it decided in advance" in alarm for alarm in told(folder, "status")["alarms"])


@pytest.mark.parametrize(
    ("design", "place"),
    [
        ('reviewers = ["ana"]\nper_record = 1\ndoubled = 0.1\n', "screening.doubled"),
        ('reviewers = ["ana"]\nper_record = 1\nper_record_full_text = 2\n', "screening.per_record_full_text"),
    ],
)
def test_a_design_that_nobody_is_left_to_read_is_refused(folder, design, place):
    with pytest.raises(WrongUse, match=place):
        designed(folder, design)


def test_one_reader_of_full_texts_draws_the_warning_of_mecir(folder):
    designed(folder, 'reviewers = ["ana", "ben"]\nper_record = 2\nper_record_full_text = 1\n')
    found = [p for p in problems(folder, {}) if p.place.startswith("screening.per_record_full_text")]
    assert [(p.warning, "MECIR C39" in p.message) for p in found] == [(True, True)]


# -- somebody leaves -----------------------------------------------------------------------------------


def test_when_a_reviewer_leaves_nothing_is_lost_and_nobody_is_asked_twice(folder, store):
    team = designed(folder, 'reviewers = ["ana", "ben", "dee"]\nper_record = 2\n')
    for reviewer, many in (("ana", 4), ("ben", 3), ("dee", 5)):
        for number in waiting_for(store, team, reviewer)[:many]:
            decide(store, team, f"H{number}", "include", reviewer)
    given = {(d.record, d.reviewer) for d in store.decisions(TITLE)}
    left = designed(folder, 'reviewers = ["ana", "ben"]\nper_record = 2\n')
    asked = {(number, name) for name in ("ana", "ben") for number in waiting_for(store, left, name)}
    assert not asked & given
    assert {(d.record, d.reviewer) for d in store.decisions(TITLE)} == given
    for number in range(1, 13):
        assert sum(record == number for record, _ in given | asked) == 2  # Dee's votes count
    for number, name in sorted(asked):
        decide(store, left, f"H{number}", "include", name)
    assert {state.outcome for state in states(store, left).values()} == {"include"}
    (title, _) = told(folder, "status")["stages"]
    assert [(r["name"], r["to_read"]) for r in title["reviewers"]] == [("ana", 0), ("ben", 0), ("dee", 0)]

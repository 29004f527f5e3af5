from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from screen.document import Document
from screen.simulate import Reading, Schedule, drawn, replay, shuffled

TRUTH = {number: int(number % 5 == 0) for number in range(1, 31)}


def test_a_replay_reads_everything_once_but_the_priors():
    priors = {5: 1.0, 1: 0.0}
    reading = replay(TRUTH, lambda labels: sorted(TRUTH), priors)
    assert sorted(reading.ids) == sorted(TRUTH.keys() - priors.keys())
    assert reading.ids == tuple(sorted(reading.ids))
    assert reading.found == tuple(TRUTH[number] for number in reading.ids)
    assert sum(reading.found) == 5


def test_the_ranker_is_asked_after_every_record_until_all_includes_are_found():
    told = []
    best = sorted(TRUTH, key=lambda number: -TRUTH[number])

    def order(labels):
        told.append(dict(labels))
        return best

    reading = replay(TRUTH, order)
    assert [len(labels) for labels in told] == [0, 1, 2, 3, 4, 5]
    assert told[-1] == dict.fromkeys((5, 10, 15, 20, 25), 1)
    assert len(reading.ids) == 30
    assert len(reading.seconds) == len(reading.cpu) == 6


def test_a_cold_start_begins_with_no_label():
    first = []
    replay(TRUTH, lambda labels: first.append(len(labels)) or sorted(TRUTH))
    assert first[0] == 0


def test_records_nobody_labelled_are_passed_over():
    reading = replay(TRUTH, lambda labels: [99, *sorted(TRUTH), 100])
    assert set(reading.ids) == TRUTH.keys()


def test_a_ranker_that_leaves_records_out_is_told():
    with pytest.raises(WrongUse, match="leaves 25 records out of its order"):
        replay(TRUTH, lambda labels: [1, 2, 3, 4, 5])


def test_the_time_of_an_order_is_that_between_two_looks_at_the_clock():
    clock, cpu = itertools.count(step=2), itertools.count(step=1)
    reading = replay(
        {1: 1, 2: 1, 3: 0}, lambda labels: [1, 2, 3], None, None, lambda: next(clock), lambda: next(cpu)
    )
    assert (reading.seconds, reading.cpu) == ((2, 2), (1, 1))
    assert (reading.milliseconds, reading.cpu_milliseconds) == (2000, 1000)
    assert Reading((), ()).milliseconds == 0


@pytest.mark.parametrize(
    ("text", "batches"), [("1", (1, 1)), ("10", (10, 10)), ("2%", (1, 10)), ("2.5 %", (1, 12))]
)
def test_how_often_it_is_ranked_again(text, batches):
    schedule = Schedule.of(text)
    assert (schedule.batch(0), schedule.batch(500)) == batches
    assert Schedule.of(str(schedule)) == schedule


@pytest.mark.parametrize("text", ["0", "0%", "-1", "often", "", "1.5", "%"])
def test_what_says_no_such_thing(text):
    with pytest.raises(WrongUse, match="write 1, 10 or 2%"):
        Schedule.of(text)


@given(st.integers(1, 40), st.sampled_from(["1", "7", "10%", "300%"]), st.randoms())
def test_every_record_is_read_once_however_often_it_is_ranked(size, every, dice):
    truth = {number: dice.randint(0, 1) for number in range(size)} | {size: 1}

    def order(labels):
        mixed = list(truth)
        dice.shuffle(mixed)
        return mixed

    reading = replay(truth, order, None, Schedule.of(every))
    assert sorted(reading.ids) == sorted(truth)
    assert sum(reading.found) == sum(truth.values())


def test_a_shuffle_hides_where_a_record_stood():
    documents = [Document(number, f"title {number}") for number in (*TRUTH, 99)]
    mixed, truth = shuffled(documents, TRUTH, "a")
    assert [item.id for item in mixed] == list(range(1, 32))
    assert {(item.title, truth.get(item.id)) for item in mixed} == {
        (item.title, TRUTH.get(item.id)) for item in documents
    }
    assert [item.title for item in mixed] != [item.title for item in documents]
    assert shuffled(documents, TRUTH, "a") == (mixed, truth)
    assert shuffled(documents, TRUTH, "b") != (mixed, truth)


def test_priors_are_as_many_of_each_kind_and_the_same_for_a_seed():
    priors = drawn(TRUTH, 2, "a")
    assert sorted(priors.values()) == [0, 0, 1, 1]
    assert all(TRUTH[number] == label for number, label in priors.items())
    assert priors == drawn(dict(reversed(TRUTH.items())), 2, "a")
    assert drawn(TRUTH, 0, "a") == {}


@pytest.mark.parametrize(
    ("truth", "each", "told"),
    [
        ({1: 0, 2: 0}, 0, "0 of 2 labelled records are included"),
        ({1: 1, 2: 1}, 0, "0 of 2 labelled records are excluded"),
        ({1: 1, 2: 0, 3: 0}, 1, "1 of 3 labelled records are included"),
        ({}, 0, "0 of 0"),
    ],
)
def test_priors_that_leave_nothing_to_find(truth, each, told):
    with pytest.raises(WrongUse, match=told):
        drawn(truth, each, "a")

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.stop.sample import Sample, at_most, by_lot, of_harvest, of_unread, size_for


def history(reports, includes=()):
    return [(report, report in includes) for report in reports]


def test_the_lots_are_the_same_on_every_computer():
    assert by_lot(range(1, 9), seed=0) == by_lot([8, 1, 7, 2, 6, 3, 5, 4], seed=0)
    assert by_lot(range(1, 9), seed=0) != by_lot(range(1, 9), seed=1)
    assert sorted(by_lot(range(1, 9), seed=0)) == list(range(1, 9))


def test_a_report_that_joins_or_leaves_changes_nobody_elses_turn():
    before = by_lot(range(100), seed=3)
    assert [report for report in by_lot(range(101), seed=3) if report < 100] == before


def test_who_reads_by_lot_has_read_a_sample_of_the_harvest():
    drawn = by_lot(range(1000), seed=5)
    sample = of_harvest(history(drawn[:300], drawn[::2]), drawn[300:], seed=5)
    assert (sample.size, sample.found, sample.of) == (300, 150, 1000)


def test_however_the_others_were_read():
    drawn = by_lot(range(1000), seed=5)
    others = sorted(drawn[301:600])
    unread = {drawn[300], *drawn[600:]}
    sample = of_harvest(history([*others, *drawn[:300]]), unread, seed=5)
    assert (sample.size, sample.of) == (300, 1000)


def test_what_is_read_last_by_lot_is_a_sample_of_what_was_unread():
    ranked = list(range(500))
    audit = by_lot(range(500, 1000), seed=5)
    sample = of_unread(history([*ranked, *audit[:60]], audit[:2]), audit[60:], seed=5)
    assert sample.found == 2
    assert 60 <= sample.size <= 63  # a report or two that the ranking had brought may have been next by lot
    assert sample.of == sample.size + 440


def test_when_everything_is_read_the_sample_is_the_harvest():
    assert of_harvest(history([1, 2, 3], [2]), [], seed=0) == Sample(3, 1, 3)
    assert of_unread([], [], seed=0) == Sample(0, 0, 0)
    assert at_most(Sample(3, 1, 3), 0.95) == 1


def test_the_bound_of_an_empty_sample_is_everything():
    assert at_most(Sample(0, 0, 40), 0.95) == 40


@pytest.mark.parametrize("size", [1, 3, 5])
def test_the_bound_holds_in_so_many_of_all_samples(size):
    """All samples of 9 reports, for every number of includes: a proof by counting."""
    for includes in range(10):
        samples = list(combinations(range(9), size))
        held = sum(
            at_most(Sample(size, sum(report < includes for report in drawn), 9), 0.8) >= includes
            for drawn in samples
        )
        assert held / len(samples) >= 0.8


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.5, 0.99))
def test_how_many_to_draw_is_the_smallest_that_shows_it(of, most, confidence):
    size = size_for(most, of, confidence)
    assert 0 <= size <= of
    assert at_most(Sample(size, 0, of), confidence) <= most or size == of
    assert size == 0 or at_most(Sample(size - 1, 0, of), confidence) > most


def test_to_show_that_none_is_left_takes_nearly_all():
    assert size_for(0, 1000, 0.95) in {950, 951}  # the chance is .05 at 950, but for the last bit
    assert size_for(10, 1000, 0.95) < 300

"""Slices of a listing tile it: nothing twice, nothing lost."""

from hypothesis import given
from hypothesis import strategies as st

from harvest.sources import pubmed_slices as slices

DAYS = st.dates(slices.FIRST, slices.LAST)


@given(st.lists(DAYS, min_size=1, max_size=3), st.tuples(DAYS, DAYS, DAYS))
def test_what_remains_is_exactly_what_comes_after_a_place(place, point):
    """A record lies in one remaining slice if it stands at or after the place, else in none."""
    inside = [part for part in slices.remaining(tuple(place)) if all(
        low <= day <= high for day, (low, high) in zip(point, part.ranges, strict=False)
    )]  # fmt: skip
    assert len(inside) == (point[: len(place)] >= tuple(place))


@given(st.tuples(DAYS, DAYS), st.tuples(DAYS, DAYS))
def test_halves_are_the_whole_and_do_not_overlap(span, point):
    low, high = sorted(span)
    part = slices.Slice(((low, high),))
    left, right = part.halves(2)

    def holds(part):
        return all(a <= day <= b for day, (a, b) in zip(point, part.ranges, strict=False))

    assert holds(left) + holds(right) == holds(part)


def test_the_last_day_has_no_place_after_it():
    end = slices.LAST
    assert slices.after(slices.Slice(((end, end), (end, end)))) is None
    assert slices.Slice(((end, end),)).halves(1) is None
    assert slices.remaining((end, slices.FIRST)) == [slices.Slice(((end, end), (slices.FIRST, end)))]

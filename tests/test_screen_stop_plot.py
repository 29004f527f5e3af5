from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.stop.plot import LEFT, LOW_BOTTOM, LOW_TOP, MIDDLE, RIGHT, TOP, Drawing, draw, ticks
from screen.stop.rules import trace

SVG = "{http://www.w3.org/2000/svg}"


def picture(found, total, title="A & B <review>"):
    at = list(range(len(found) + 1))
    usual, strict = (trace(rule, found, total, 0.95, at) for rule in ("curve", "strict"))
    return ET.fromstring(draw(Drawing(title, total, found, at, usual, strict, 0.05)))


def lines(root):
    """Every curve as its points."""
    found = [line.attrib["points"].split() for line in root.iter(f"{SVG}polyline")]
    return [[tuple(map(float, point.split(","))) for point in points] for points in found]


def test_both_fields_are_drawn_and_every_axis_has_its_name():
    root = picture([1, 0, 1, 0, 0, 0], 20)
    words = [word.text for word in root.iter(f"{SVG}text")]
    assert words[0] == "A & B <review>"
    assert {"includes", "p (log scale)", "includes found: 2", "chance that the target is missed"} <= set(
        words
    )
    assert "reports read, of 20 (grey: not read)" in words
    assert "below 0.05 the rule would let you stop" in words


def test_the_curve_of_what_is_found_climbs_one_step_an_include_and_ends_where_the_reading_ends():
    found, *_ = lines(picture([1, 0, 1, 0], 8))
    heights = [y for _, y in found]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (MIDDLE, TOP)
    assert found[-1][0] == (LEFT + RIGHT) / 2


@pytest.mark.parametrize(("found", "total"), [([], 0), ([], 5), ([0.0] * 5, 5), ([1.0] * 5, 5), ([0.5], 9)])
def test_the_smallest_harvests_have_a_picture(found, total):
    assert len(lines(picture(found, total))) == 3


@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=40), st.integers(0, 40))
def test_nothing_leaves_its_field(found, unread):
    upper, *lower = lines(picture(found, len(found) + unread))
    assert all(LEFT <= x <= RIGHT and TOP <= y <= MIDDLE for x, y in upper)
    assert all(LEFT <= x <= RIGHT and LOW_TOP <= y <= LOW_BOTTOM for curve in lower for x, y in curve)


@given(st.integers(0, 10**7))
def test_scales_have_a_few_round_steps(most):
    steps = ticks(most)
    assert steps[0] == 0
    assert len(steps) <= 7
    assert steps[-1] <= most

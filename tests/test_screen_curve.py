from __future__ import annotations

import random
from xml.etree import ElementTree as ET

import pytest

from db.errors import WrongUse
from screen.curve import BOTTOM, LEFT, RIGHT, STROKES, TOP, Curve, recall_at, recall_plot

SVG = "{http://www.w3.org/2000/svg}"


def reading(seed, size=200):
    dice = random.Random(seed)
    return [int(dice.random() < 0.5 * (1 - place / size) ** 4) for place in range(size)]


def polylines(svg):
    """Of the rankers; the first one of all is that of the perfect order."""
    return ET.fromstring(svg).findall(f"{SVG}polyline")[1:]


def points(line):
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def test_recall_in_equal_steps():
    assert recall_at([1, 0, 1, 0], 4) == [0, 0.5, 0.5, 1, 1]
    assert recall_at([1, 0], 4) == [0, 0, 1, 1, 1]


def test_each_ranker_has_its_mean_in_front_of_its_readings():
    lines = polylines(
        recall_plot([Curve("ours", [reading(1), reading(2)]), Curve("theirs", [reading(3)])], "t")
    )
    assert [line.get("stroke-width") for line in lines] == ["0.8", "0.8", "2.4", "2.4"]
    assert [line.get("stroke") for line in lines[2:]] == [colour for colour, _ in STROKES[:2]]


def test_many_readings_can_be_told_by_their_mean_alone():
    svg = recall_plot([Curve("ours", [reading(1), reading(2)])], "t", singly=False)
    assert [line.get("stroke-width") for line in polylines(svg)] == ["2.4"]


def test_the_perfect_order_bounds_them():
    svg = recall_plot([Curve("ours", [[0, 0, 1, 0]])], "t")
    perfect = ET.fromstring(svg).find(f"{SVG}polyline")
    quarter = LEFT + (RIGHT - LEFT) // 4
    assert points(perfect)[1:3] == [(quarter, BOTTOM), (quarter + 1, TOP)]


def test_curves_begin_at_nothing_rise_and_end_with_everything():
    for line in polylines(recall_plot([Curve("ours", [reading(1), reading(2)])], "t")):
        told = points(line)
        assert (told[0], told[-1]) == ((LEFT, BOTTOM), (RIGHT, TOP))
        assert told == sorted(told, key=lambda point: (point[0], -point[1]))


def test_a_curve_without_its_straight_parts_is_the_same_curve():
    (line,) = polylines(recall_plot([Curve("ours", [[1] + [0] * 99])], "t"))
    assert points(line) == [(LEFT, BOTTOM), (76, BOTTOM), (77, TOP), (RIGHT, TOP)]


def test_curves_can_be_told_apart_without_colours():
    dashes = [dash for _, dash in STROKES]
    assert len(set(dashes)) == len(dashes)
    lines = polylines(recall_plot([Curve(str(number), [reading(number)]) for number in range(5)], "t"))
    assert [line.get("stroke-dasharray", "") for line in lines] == dashes


def test_text_is_text():
    svg = recall_plot([Curve("<b>&amp", [reading(1)])], '"A" < B & C')
    tree = ET.fromstring(svg)
    assert tree.find(f"{SVG}title").text == '"A" < B & C'
    assert "<b>&amp" in [word.text for word in tree.iter(f"{SVG}text")]
    assert "script" not in svg


def test_the_stopping_rule_is_marked_where_it_ends_the_reading():
    svg = recall_plot([Curve("ours", [[1, 1, 0, 0]], [2])], "t")
    marks = [mark.find(f"{SVG}title").text for mark in ET.fromstring(svg).iter(f"{SVG}path")]
    assert marks == [
        "ours: the stopping rule ends the reading after 50% of the records (mean)",
        "stopping rule",
    ]
    assert "stopping rule" not in recall_plot([Curve("ours", [[1, 1, 0, 0]])], "t")


@pytest.mark.parametrize("readings", [[], [[]], [[0, 0]], [[1, 0], [0, 0]]])
def test_nothing_to_draw(readings):
    with pytest.raises(WrongUse, match="no recall to draw"):
        recall_plot([Curve("ours", readings)], "t")


def test_the_same_readings_give_the_same_picture():
    assert recall_plot([Curve("ours", [reading(1)])], "t") == recall_plot([Curve("ours", [reading(1)])], "t")

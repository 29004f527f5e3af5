"""What sources share: spans of time that tile, places in a listing, manners, and what a reader leaves over."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import TokenExpired, WrongUse
from harvest.sources import manners
from harvest.sources.leftovers import leftovers
from harvest.sources.places import cursor_of, place_at
from harvest.sources.spans import Span

moments = st.integers(946_684_800, 4_070_908_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(moments, st.integers(0, 10_000_000), st.sampled_from([timedelta(seconds=1), timedelta(days=1)]))
def test_halves_tile_what_they_are_cut_from(start, seconds, grain):
    span = Span(start, start + timedelta(seconds=seconds))
    halves = span.halves(grain)
    if halves is None:
        assert span.end - span.start < 2 * grain
        return
    left, right = halves
    assert (left.start, left.end, right.end) == (span.start, right.start, span.end)
    assert (left.end - left.start) % grain == timedelta(0)
    assert min(left.end - left.start, right.end - right.start) >= grain


@dataclass(frozen=True, slots=True)
class Place:
    query: str
    page: int = 1


def test_a_place_is_found_again_by_its_cursor():
    assert place_at("", Place("q"), "x") == Place("q")
    assert place_at(cursor_of(Place("q", 7)), Place("q"), "x") == Place("q", 7)


@pytest.mark.parametrize(
    "cursor", ["{", "[]", '{"query": "other"}', '{"query": "q", "unknown": 1}', "1", "null"]
)
def test_a_cursor_of_something_else_is_no_place(cursor):
    with pytest.raises(TokenExpired, match="x: the place kept in this listing is of another search"):
        place_at(cursor, Place("q"), "x")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "https://example.org/api"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api"),
        ("http://127.0.0.1:8000/mirror/", "http://127.0.0.1:8000/mirror"),
    ],
)
def test_an_address_that_names_only_a_host_keeps_the_path_of_the_api(url, expected):
    assert manners.address({"url": url}, "https://example.org/api/") == expected


def test_a_pace_is_what_the_settings_say_or_what_is_usual():
    assert manners.pace({}, "x", 4).interval == 0.25
    assert manners.pace({"requests_per_second": "0.5"}, "x", 4).interval == 2


@pytest.mark.parametrize("said", ["soon", "0", "-1", "inf", "nan"])
def test_a_pace_that_is_no_number_above_0_is_refused(said):
    with pytest.raises(WrongUse, match=r"sources\.x\.requests_per_second"):
        manners.pace({"requests_per_second": said}, "x", 1)


def test_what_was_not_read_is_left_under_its_path():
    value = {
        "a": {"b": 1, "c": [{"x": "one", "y": None}, "two", [3, False]]},
        "d": "",
        "e": None,
        "read": {"f": 1},
    }
    assert leftovers(value, {"read"}) == {"a.b": ("1",), "a.c": ("x: one", "two", "3, false")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1), json_values))
def test_no_text_is_lost_between_an_object_and_its_leftovers(value):
    def strings(node):
        if isinstance(node, dict):
            return [text for inner in node.values() for text in strings(inner)]
        if isinstance(node, list):
            return [text for inner in node for text in strings(inner)]
        return [node] if isinstance(node, str) and node else []

    told = json.dumps(list(leftovers(value, ()).values()), ensure_ascii=False)
    assert all(json.dumps(text, ensure_ascii=False)[1:-1] in told for text in strings(value))

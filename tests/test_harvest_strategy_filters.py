"""Packaged filters that a strategy names, and what each line of a strategy sends by itself."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import WrongUse
from harvest.strategy import filters_of, line_queries, read_strategy
from harvest.strategy.filters import described, filter_named, known_filters, put_in
from harvest.strategy.reading import file_lines

NAME = "cochrane-rct-pubmed-sensitive"
LONG = (
    "((randomized controlled trial [pt]) OR (controlled clinical trial [pt]) OR (randomized [tiab]) OR (placebo [tiab]) "
    "OR (drug therapy [sh]) OR (randomly [tiab]) OR (trial [tiab]) OR (groups [tiab])) NOT (animals [mh] NOT humans [mh])"
)


def read(*lines):
    return read_strategy("\n".join(lines).encode(), "s.txt")


# -- filters -----------------------------------------------------------------------------------------


def test_the_filter_of_the_handbook():
    block = filter_named(NAME.upper())
    assert block.query == LONG
    assert (block.version, block.dialect, block.modified) == ("2008", "pubmed", False)
    assert "Box 4.4.a" in block.citation
    assert block.digest == hashlib.sha256("\n".join(block.lines).encode()).hexdigest()


@pytest.mark.parametrize("block", known_filters().values(), ids=lambda block: block.name)
def test_every_filter_says_what_it_is_and_can_be_expanded(block):
    assert all((block.title, block.version, block.citation, block.checked, block.advice, block.designs))
    assert block.dialect in ("pubmed", "ovid")
    assert len(block.lines) > 1
    assert not re.search(r"#\d|\b\d+ (?:or|not)\b", block.query)
    assert block.query.count("(") == block.query.count(")")


def test_a_name_that_is_nearly_right():
    with pytest.raises(WrongUse, match="did you mean cochrane-rct-pubmed-sensitive"):
        filter_named("cochrane-rct-pubmed-sensitve")
    with pytest.raises(WrongUse, match="there are cochrane-rct-ovid-precise-2008, "):
        filter_named("zzz")


@pytest.mark.parametrize(
    "words", [f"{{filter: {NAME}}}", f"{{filter {NAME}}}", f"{{ Filter : {NAME.upper()} }}"]
)
def test_a_strategy_names_a_filter_and_the_file_keeps_the_name(words):
    found = read("a[tiab]", f"AND {words}")
    assert found.query == f"a[tiab] AND ({LONG})"
    assert found.stored == f"a[tiab]\nAND {words}".encode()
    assert words in found.lines[1].text
    assert [block.name for block in filters_of(found)] == [NAME]
    assert found.problems == ()


def test_filters_line_by_line_and_in_forms():
    found = read(
        "1. a",
        f"2. {{filter: {NAME}}}",
        "3. #1 AND #2",
        "4. #3 OR (#1 AND {filter: cochrane-rct-pubmed-precise})",
    )
    assert found.problems == ()
    assert f"(a) AND (({LONG}))" in found.query
    assert [block.name for block in filters_of(found)] == [NAME, "cochrane-rct-pubmed-precise"]
    assert read(f"cond: {{filter: {NAME}}}").options == {"query.cond": f"({LONG})"}
    assert filters_of(read("a", "b")) == ()


def test_what_is_recorded_tells_wording_from_wording():
    block = filter_named(NAME)
    assert described((block, block)) == "; ".join([f"{NAME} (2008) sha256:{block.digest}"] * 2)


def test_a_name_nobody_knows_stops_the_search():
    for lines in (
        ["a AND {filter: zzz}"],
        ["1. a", "2. {filter: zzz}", "3. #1 AND #2"],
        ["term: {filter: zzz}"],
    ):
        (error,) = read(*lines).errors
        assert error.code == "S701"
        assert error.message.startswith('No packaged filter is called "zzz"; there are cochrane-rct-')
    assert put_in("{filter: zzz}") == "{filter: zzz}"


# -- lines -------------------------------------------------------------------------------------------


def test_each_line_by_itself():
    found = read("1. a OR b", "2. c", "3. 1 and 2", f"4. #3 AND {{filter: {NAME}}}")
    assert [(line.number, query) for line, query in line_queries(found)] == [
        (1, "a OR b"),
        (2, "c"),
        (3, "(a OR b) AND (c)"),
        (4, f"((a OR b) AND (c)) AND ({LONG})"),
    ]


def test_only_lines_that_can_be_asked_have_queries():
    assert line_queries(read("a[tiab]", "OR b[tiab]")) == ()
    assert line_queries(read("cond: a", "term: b")) == ()
    assert line_queries(read("1. a", "2. #1 AND #7")) == ()
    assert line_queries(read("")) == ()


def test_sets_written_with_a_word():
    assert read("a", "b", "OR 1-2").query == "(a) OR (b)"
    assert read("1. a", "2. b", "3. and 1,2").query == "(a) AND (b)"
    assert read("a OR 3").query == "a OR 3"


def test_several_wrong_numbers_are_one_fault():
    found = read("1. a", "2. or/1-9", "3. #2 OR #7 OR #8", "4. 3 or 6-8/or")
    assert [(p.code, p.message) for p in found.errors] == [
        ("S302", "Line 2 refers to itself."),
        ("S302", "Line 2 refers to lines 3 to 4, which come later."),
        ("S301", "Line 2 refers to lines 5 to 9, which are not there."),
        ("S301", "Line 3 refers to line 7, which is not there."),
        ("S301", "Line 3 refers to line 8, which is not there."),
        ("S301", "Line 4 refers to lines 6 to 8, which are not there."),
    ]
    (gap,) = read("1. a", "2. {OR #5,#9}").errors
    assert gap.message == "Line 2 refers to lines 5, 9, which are not there."


def test_the_lines_of_the_file_are_as_they_were_read():
    assert file_lines(read("// x", "", "a")) == ["// x", "", "a"]


PIECES = st.sampled_from(["a[tiab]", "b*[ti]", '"c d"[mh]', f"{{filter: {NAME}}}"])


@given(st.lists(PIECES, min_size=2, max_size=6), st.sampled_from(["or/1-{}", "{{AND #1-#{}}}", "OR 1-{}"]))
def test_the_last_line_by_itself_is_the_search(words, last):
    found = read(*(f"{n}. {text}" for n, text in enumerate([*words, last.format(len(words))], 1)))
    queries = line_queries(found)
    assert queries[-1][1] == found.query
    assert len(queries) == len(words) + 1
    assert all(query.count("(") == query.count(")") and "filter" not in query for _, query in queries)

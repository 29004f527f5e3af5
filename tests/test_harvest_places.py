"""The line of every key of a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.project.places import line_of, lines_of, spelled

EXAMPLE = (Path(__file__).parent / "data" / "projects" / "parent-infant" / "review.toml").read_text(
    encoding="utf-8"
)

TOML = '''\
# a comment
title = """
[not.a.table]
key = 1
"""   # another
'quoted key' = 1

[table]  # [comment]
list = [
  "a = 1", # b = 2
  { inside = 1 },
]
dotted.key = { "x" = 1, y = [2] }

[[search]]
name = 'one'
[search.options]
deep.er = 1
[[search.part]]
n = 1
[[search.part]]
n = 2
[[search]]
name = "two"
[[search.part]]
n = 3
'''


def test_every_place_has_its_line():
    lines = lines_of(TOML)
    assert {spelled(path): line for path, line in lines.items()} == {
        "title": 2,
        "quoted key": 6,
        "table": 8,
        "table.list": 9,
        "table.list[1]": 9,
        "table.list[2]": 9,
        "table.list[2].inside": 9,
        "table.dotted": 13,
        "table.dotted.key": 13,
        "table.dotted.key.x": 13,
        "table.dotted.key.y": 13,
        "table.dotted.key.y[1]": 13,
        "search": 15,
        "search[1]": 15,
        "search[1].name": 16,
        "search[1].options": 17,
        "search[1].options.deep": 18,
        "search[1].options.deep.er": 18,
        "search[1].part": 19,
        "search[1].part[1]": 19,
        "search[1].part[1].n": 20,
        "search[1].part[2]": 21,
        "search[1].part[2].n": 22,
        "search[2]": 23,
        "search[2].name": 24,
        "search[2].part": 25,
        "search[2].part[1]": 25,
        "search[2].part[1].n": 26,
    }


def test_lines_of_windows_are_counted_alike():
    assert lines_of(TOML.replace("\n", "\r\n")) == lines_of(TOML)


@pytest.mark.parametrize(
    ("path", "line"),
    [(("table", "list", 0, "x"), 9), (("search", 1, "query"), 23), (("nowhere",), None), ((), None)],
)
def test_what_is_not_there_has_the_line_of_what_is_around_it(path, line):
    assert line_of(lines_of(TOML), path) == line


def everything(value, here=()):
    if here:
        yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from everything(item, (*here, key))


@pytest.mark.parametrize("text", [TOML, EXAMPLE])
def test_nothing_of_a_file_is_without_a_line_and_nothing_else_has_one(text):
    assert set(everything(tomllib.loads(text))) == set(lines_of(text))


values = st.sampled_from(
    ["1", '"a = 1"', '"""\nb = 2\n\n[x]\n"""', "[\n1,\n]", "{ a = 1 }", "'''\n#'''", "1979-05-27"]
)
comments = st.sampled_from(["", "\n", "# c = 3\n", "\n# [y]\n\n"])


@given(st.lists(st.tuples(comments, values), max_size=8), st.booleans())
def test_the_line_is_where_the_key_was_written(entries, as_list):
    text, expected = "[[t]]\n" if as_list else "[t]\n", {}
    for number, (comment, value) in enumerate(entries):
        text += comment
        expected[f"k{number}"] = text.count("\n") + 1
        text += f"k{number} = {value}\n"
    table = ("t", 0) if as_list else ("t",)
    lines = lines_of(text)
    assert {key: lines[*table, key] for key in expected} == expected

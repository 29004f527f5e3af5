"""Stored search strings: kept as they are, numbered, checked, and turned into what is sent."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ProjectError
from harvest.strategy import LIMIT, difference, load, read_strategy, same_but_for_layout

FOLDER = Path(__file__).parent / "data" / "strategies"


def read(*lines):
    return read_strategy("\n".join(lines).encode(), "s.txt")


def told(strategy):
    return [str(problem) for problem in strategy.problems]


# -- the strategies of real reviews ------------------------------------------------------------------


def test_the_41_lines_of_the_example_review():
    body = (FOLDER / "CD010534_ovid_medline.txt").read_bytes()
    found = read_strategy(body, "medline.txt")
    assert [line.number for line in found.lines] == list(range(1, 42))
    assert found.problems == ()
    assert found.stored == body
    by_number = {line.number: line.text for line in found.lines}
    block_5 = " OR ".join(f"({by_number[n]})" for n in range(1, 5))
    filter_38 = " OR ".join(f"({by_number[n]})" for n in range(30, 38))
    assert found.query.startswith(f"((({block_5}) AND (")
    assert found.query.endswith(f"(({filter_38}) NOT (exp animals/ not humans.sh.))")
    assert all(
        by_number[n] in found.query
        for n in by_number
        if "or/" not in by_number[n] and " and " not in by_number[n] and n not in (29, 38, 40)
    )


@pytest.mark.parametrize(
    ("name", "lines"),
    [("CD010355", 18), ("CD010778", 18), ("CD008170", 60), ("CD006715", 5), ("CD008018", 32)],
)
def test_strategies_without_numbers_that_refer_to_each_other(name, lines):
    found = load(FOLDER / f"{name}.txt")
    assert (len(found.lines), found.errors) == (lines, ())
    assert found.query.startswith("limit (")


def test_a_published_strategy_that_cannot_be_run_as_printed():
    assert told(load(FOLDER / "CD012930.txt"))[0] == "CD012930.txt: line 18: Line 18 refers to itself."
    assert [p.place for p in load(FOLDER / "CD007868.txt").errors] == ["line 26", "line 27"]
    assert load(FOLDER / "CD007868.txt").query == ""


# -- one expression ----------------------------------------------------------------------------------


def test_one_expression_over_several_lines():
    found = read(
        "// for PubMed",
        "(depression[tiab] OR",
        '   "low mood"[tiab])',
        "",
        "AND infant*[tiab]",
        "; end",
        "# note",
    )
    assert found.query == '(depression[tiab] OR "low mood"[tiab]) AND infant*[tiab]'
    assert [line.file_line for line in found.lines] == [2, 3, 5]
    assert found.problems == ()


def test_a_line_that_follows_without_an_operator_is_doubted():
    found = read("depression", "infant*")
    assert found.query == "depression infant*"
    assert told(found) == [
        "s.txt: line 2: This line follows the one before it without AND, OR or NOT; both are read as one text."
    ]
    assert found.errors == ()


def test_numbers_that_are_words_stay_words():
    for text in ("12 months AND covid 19", "type 1 or 2 diabetes", "2 OR 3", "(grade (1 or 2) AND x)"):
        assert read(text).query == text


# -- line by line ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["{}. ", "{} ", "#{} ", "{}) ", "{}\t", "# {} ", "  {}. ", "#{}: "])
def test_numbers_in_every_spelling(mark):
    lines = ["infant*", "depress*", "#1 AND #2"]
    found = read(*(mark.format(n) + text for n, text in enumerate(lines, 1)))
    assert [line.text for line in found.lines] == lines
    assert found.query == "(infant*) AND (depress*)"


@pytest.mark.parametrize(
    ("last", "query"),
    [
        ("#1 OR #2", "(a) OR (b)"),
        ("1 or 2", "(a) OR (b)"),
        ("or/1-3", "(a) OR (b) OR (c)"),
        ("OR/#1-#3", "(a) OR (b) OR (c)"),
        ("1-3/or", "(a) OR (b) OR (c)"),
        ("and/1,3", "(a) AND (c)"),
        ("or/1–2", "(a) OR (b)"),
        ("{OR #1-#3}", "(a) OR (b) OR (c)"),
        ("or/3-1", "(c) OR (a)"),
        ("#1 NOT (#2 and #3)", "(a) NOT ((b) AND (c))"),
        ("1 and (2 or 3)", "(a) AND ((b) OR (c))"),
        ("x.tw. and or/1-2", "x.tw. and ((a) OR (b))"),
        ("limit 3 to yr=2013", "limit (c) to yr=2013"),
        ("1 and humans[mh]", "(a) and humans[mh]"),
        ("#3 adj3 x", "(c) adj3 x"),
    ],
)
def test_references_in_every_spelling(last, query):
    assert read("a", "b", "c", last).query == query


@pytest.mark.parametrize("quoted", ['"#1 or 2"', '"or/1-2"', "'#1'", "“#2”"])
def test_quoted_text_is_never_a_reference(quoted):
    found = read("a", "b", f"#1 OR #2 OR {quoted}")
    assert found.query == f"(a) OR (b) OR {quoted}"


def test_lines_that_go_on_are_indented_or_have_no_number():
    found = read("1. a OR", "   12 months OR", "b", "2. c", "3. 1 AND 2")
    assert found.query == "(a OR 12 months OR b) AND (c)"
    assert found.lines[0].file_line == 1


def test_a_single_numbered_line():
    assert read("1. depression").query == "depression"
    assert read("1 depression").query == "1 depression"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["a", "#1 OR #7"], "line 2: Line 2 refers to line 7, which is not there."),
        (["a", "#2 OR #1"], "line 2: Line 2 refers to itself."),
        (["a", "#1 OR #3", "#1 OR #2"], "line 2: Line 2 refers to line 3, which comes later."),
        (["1. a", "2. b", "2. c", "3. or/1-2"], "line 3: Number 2 is given twice; number the lines anew."),
        (
            ["1. a", "2. b", "4. 1 or 2"],
            "line 3: Number 4 follows number 2; number the lines anew. A line that goes on with the one before is indented.",
        ),
        (["#1 OR #2"], "line 1: Line 1 refers to itself."),
        (
            ["1. infant[tiab]", "3. mother[tiab]", "4. #1 OR #3"],
            "line 2: Number 3 follows number 1; number the lines anew. A line that goes on with the one before is indented.",
        ),
        (
            ["#1 infant[tiab]", "#3 mother[tiab]", "#4 #1 OR #3"],
            "line 2: Number 3 follows number 1; number the lines anew. A line that goes on with the one before is indented.",
        ),
        (
            ["1 infant", "3 mother", "4 1 or 3"],
            "line 2: Number 3 follows number 1; number the lines anew. A line that goes on with the one before is indented.",
        ),
        (["S1 infant", "S2 S1 OR S4"], "line 2: Line 2 refers to line 4, which is not there."),
    ],
)
def test_what_leads_nowhere_is_told_with_its_line_and_nothing_is_sent(lines, problem):
    found = read(*lines)
    assert f"s.txt: {problem}" in told(found)
    assert found.query == ""
    with pytest.raises(ProjectError, match="line"):
        found.check()


def test_a_gap_in_the_numbers_is_all_that_is_wrong():
    assert len(told(read("1. infant[tiab]", "3. mother[tiab]", "4. #1 OR #3"))) == 1
    assert told(read("#1 infant[tiab]", "mother[tiab]")) == []
    assert read("2. a", "3. b", "4. #2 OR #3").query == "(a) OR (b)"


@pytest.mark.parametrize("mark", ["S{} ", "S{}. ", "S{}\t", "  S{}) "])
def test_the_histories_of_ebscohost_and_proquest(mark):
    lines = ["TI infant OR", '(MH "S1")', "depression", "x AND y", "(S1 OR S2) AND or/S2-S3 AND #1"]
    numbers = [1, None, 2, 3, 4]
    found = read(*((mark.format(n) if n else "") + text for n, text in zip(numbers, lines, strict=True)))
    assert [line.number for line in found.lines] == [1, 2, 3, 4]
    assert told(found) == []
    assert found.query == '((TI infant OR (MH "S1")) OR (depression)) AND ((depression) OR (x AND y)) AND #1'


@pytest.mark.parametrize(
    "lines",
    [["S1 nerve root", "AND pain"], ["S1 sound OR", "S2 sound"], ["S1 AND S2", "S3 OR S4"], ["S1 pocket"]],
)
def test_s1_is_a_word_where_the_lines_are_not_numbered_so(lines):
    assert read(*lines).layout == "expression"
    assert read("1. S1", "2. pain", "3. S1 AND #2").query == "S1 AND (pain)"


def test_lines_that_take_no_part_are_doubted():
    found = read("1. a", "2. forgotten", "3. b", "4. 1 and 3")
    assert told(found) == [
        "s.txt: line 2: Line 2 does not take part in the last line, which is what is searched."
    ]
    assert found.warnings == found.problems
    found.check()


def test_a_search_that_explodes_is_stopped():
    lines = ["a" * 100, *(f"#{n} OR #{n}" for n in range(1, 20))]
    found = read(*lines)
    assert found.query == ""
    assert f"{LIMIT:,}" in told(found)[0]


# -- fields ------------------------------------------------------------------------------------------


def test_the_fields_of_a_register():
    found = read(
        "// ClinicalTrials.gov",
        "cond: depression OR",
        "  low mood",
        "query.intr: psychotherapy",
        "advanced: AREA[Phase]PHASE3",
        "term: infant",
    )
    assert found.query == "infant"
    assert found.options == {
        "query.cond": "depression OR low mood",
        "query.intr": "psychotherapy",
        "filter.advanced": "AREA[Phase]PHASE3",
    }
    assert found.problems == ()


def test_fields_without_a_term_and_given_twice():
    assert read("cond: depression").query == ""
    assert read("query.term: x").query == "x"
    assert told(read("cond: a", "cond: b")) == [
        "s.txt: line 2: The field cond is given twice; join them with AND or OR."
    ]
    assert told(read("cond: (a", "term:")) == ["s.txt: line 1, column 7: This bracket is never closed."]


def test_a_colon_alone_makes_no_field():
    assert read("dinosaur:ti OR x").options == {}
    assert read("unknown: x").query == "unknown: x"


# -- what can be wrong with any of them --------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ["(a OR b", "AND (c"],
            [
                "line 1, column 1: This bracket is never closed.",
                "line 2, column 5: This bracket is never closed.",
            ],
        ),
        (
            ["a) AND b"],
            ["line 1, column 2: This bracket closes nothing; take it away or open one before it."],
        ),
        (['a AND "b'], ["line 1, column 7: This quotation mark has no second one."]),
        (["1. a", "2. (b", "3. 1 and 2"], ["line 2, column 4: This bracket is never closed."]),
    ],
)
def test_halves_without_their_other_half(lines, problem):
    assert told(read(*lines)) == [f"s.txt: {one}" for one in problem]


def test_brackets_in_quotes_are_text():
    assert read('"a) b" AND c').problems == ()


def test_curly_quotation_marks_are_doubted():
    found = read("a OR", "“low mood”")
    assert told(found) == [
        's.txt: line 2, column 1: “ is no straight quotation mark ("), and databases read it in different ways.',
        's.txt: line 2, column 10: ” is no straight quotation mark ("), and databases read it in different ways.',
    ]
    assert found.errors == ()


@pytest.mark.parametrize("body", [b"", b"\n \n", b"// nothing\n; here\n# yet\n", b"\xef\xbb\xbf"])
def test_a_strategy_that_says_nothing(body):
    assert told(read_strategy(body, "s.txt")) == [
        "s.txt: The strategy says nothing; write the search string into it."
    ]


def test_encodings():
    for body in ("é OR b".encode(), "\ufeffé OR b".encode(), "é OR b".encode("utf-16")):
        assert (read_strategy(body, "s").query, read_strategy(body, "s").problems) == ("é OR b", ())
    found = read_strategy("é OR b".encode("cp1252"), "s")
    assert (found.query, found.warnings) == ("é OR b", found.problems)
    assert "Windows-1252" in told(found)[0]


def test_files(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x\r\nOR y\r\n")
    assert load(tmp_path / "a.txt").query == "x OR y"
    assert told(load(tmp_path / "none.txt", "searches/none.txt")) == [
        "searches/none.txt: The strategy file cannot be read: no such file or directory."
    ]


# -- comparing two wordings --------------------------------------------------------------------------


def test_layout_is_no_change():
    a = read("1. a", "2. b", "3. 1 or 2")
    assert same_but_for_layout(a, read("a", "// why", "b", "", "#1 OR #2"))
    assert not same_but_for_layout(a, read("a", "c", "#1 OR #2"))
    assert not same_but_for_layout(read("cond: a"), read("cond: b"))
    assert not same_but_for_layout(read("a", "#9"), read("b", "#9"))


def test_a_change_is_shown_line_by_line():
    a, b = read("1. a", "2. b", "3. 1 or 2"), read("1. a", "2. bb", "3. 1 or 2")
    assert difference(a, b) == "--- before\n+++ now\n@@ -1,3 +1,3 @@\n 1. a\n-2. b\n+2. bb\n 3. 1 or 2"
    assert difference(a, read("a", "b", "1  or 2")) == ""


# -- always ------------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes_are_kept_and_never_raise(body):
    assert read_strategy(body, "s").stored == body


WORDS = st.from_regex(r"[a-z]{1,8}\*?(\[ti\])?", fullmatch=True)


@given(st.lists(WORDS, min_size=2, max_size=12), st.data())
def test_numbered_or_not_the_same_is_sent_and_no_reference_is_left(words, data):
    n = len(words)
    last = data.draw(
        st.sampled_from(
            [f"or/1-{n}", f"1-{n}/or", f"{{OR #1-#{n}}}", " OR ".join(f"#{k}" for k in range(1, n + 1))]
        )
    )
    plain = read(*words, last)
    numbered = read(*(f"{k}. {text}" for k, text in enumerate([*words, last], 1)))
    assert plain.query == numbered.query == " OR ".join(f"({word})" for word in words)
    assert same_but_for_layout(plain, numbered)


@given(st.lists(WORDS, min_size=3, max_size=8), st.data())
def test_brackets_of_what_is_sent_are_balanced(words, data):
    lines = list(words)
    for _ in range(data.draw(st.integers(1, 5))):
        picked = data.draw(st.lists(st.integers(1, len(lines)), min_size=2, max_size=3))
        lines.append(data.draw(st.sampled_from([" AND ", " or ", " NOT "])).join(f"#{n}" for n in picked))
    found = read(*lines)
    assert found.errors == ()
    assert found.query.count("(") == found.query.count(")")
    assert "#" not in found.query

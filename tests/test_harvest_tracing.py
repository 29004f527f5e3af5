"""By which line a known record is lost: the walk down from the last line, on strategies of every shape."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import Ledger

from db.errors import Unreachable
from db.facts import Search
from db.record import Identifier
from harvest import tracing
from harvest.known import Item
from harvest.progress import Quiet
from harvest.project.searches import SearchPlan
from harvest.strategy import line_queries, read_strategy
from harvest.tracing import trace


class Words(Ledger):
    """A ledger that reads queries: words in titles, AND, OR, NOT and brackets; `word=…` in options."""

    def matching(self, query):
        return [key for key, item in self.items.items() if truth(query, {*item.title.split(), f"key={key}"})]

    def count(self, search):
        joined = " AND ".join(f"({part})" for part in (search.query, *search.options.values()) if part)
        return super().count(Search(search.name, search.source, joined))


def truth(query, words):
    """AND, OR and NOT are worked off from left to right, as PubMed does."""
    tokens = query.replace("(", " ( ").replace(")", " ) ").split()

    def operand():
        token = tokens.pop(0)
        if token == "(":
            value = expression()
            assert tokens.pop(0) == ")"
            return value
        return token in words

    def expression():
        value = operand()
        while tokens and tokens[0] != ")":
            operator, right = tokens.pop(0), operand()
            value = {"AND": value and right, "OR": value or right, "NOT": value and not right}[operator]
        return value

    return expression()


@pytest.fixture
def ledger():
    ledger = Words()
    ledger.put("1", title="sepsis child trial")
    ledger.put("2", title="sepsis adult trial animal")
    ledger.put("3", title="fever child trial")
    return ledger


def traced(monkeypatch, ledger, stored, *keys, query="", **options):
    strategy = read_strategy(stored.encode(), "main.txt")
    search = Search("main", "shelf", query or strategy.query, stored.encode(), options)
    project = SimpleNamespace(plans=[SearchPlan(search)])
    monkeypatch.setattr(tracing, "items", lambda _project: [Item((Identifier("pmid", key),)) for key in keys])
    return list(trace(project, lambda _name: ledger, Quiet()))


def lost(monkeypatch, ledger, stored, key, **more):
    (found,) = traced(monkeypatch, ledger, stored, key, **more)
    assert found.outcome == "not matched"
    return [(c.line, ("NOT " if c.takes_away else "") + c.text) for c in found.lost_by]


LINES = "1. sepsis\n2. septic\n3. #1 OR #2\n4. child\n5. trial\n6. animal\n7. #3 AND #4 AND #5 NOT #6\n"


def test_found_and_not_there(monkeypatch, ledger):
    found = traced(monkeypatch, ledger, LINES, "1", "99")
    assert [(each.item, each.outcome) for each in found] == [
        ("pmid:1", "found"), ("pmid:99", "not in this source"),
    ]  # fmt: skip
    assert len(ledger.counted) == 3  # the name and both together; the name alone


@pytest.mark.parametrize(("stored", "key", "expected"), [
    (LINES, "3", [(3, "#1 OR #2")]),
    (LINES, "2", [(4, "child")]),
    ("1. sepsis\n2. trial\n3. animal\n4. 1 and 2\n5. 4 not 3\n", "2", [(5, "NOT 3")]),
    ("1. sepsis\n2. child\n3. rare\n4. #1 AND (#2 OR #3)\n", "2", [(4, "(#2 OR #3)")]),
    ("1. sepsis\n2. child\n3. rare\n4. #1 AND #2\n5. #4 AND #3\n", "2", [(2, "child"), (3, "rare")]),
    ("1. sepsis\n2. child\n3. {AND #1-#2}\n", "2", [(2, "child")]),
    ("1. fever\n2. child\n3. and/1-2\n", "2", [(1, "fever"), (2, "child")]),
    ("1. sepsis AND child\n2. trial\n3. #1 AND #2\n", "2", [(1, "child")]),
    ("1. fever\n2. child\n3. #1 OR rare AND #2\n", "2", [(3, "#1 OR rare AND #2")]),
    ("1. sepsis\n2. #1\n3. child\n4. (#2) AND (#3)", "3", [(1, "sepsis")]),
])  # fmt: skip
def test_the_line_that_loses_it_is_named(monkeypatch, ledger, stored, key, expected):
    assert lost(monkeypatch, ledger, stored, key) == expected


def test_one_expression_is_taken_apart_where_all_must_match(monkeypatch, ledger):
    stored = "(sepsis OR septic) AND\n(child OR infant) NOT (animal)"
    assert lost(monkeypatch, ledger, stored, "3") == [(None, "(sepsis OR septic)")]
    assert lost(monkeypatch, ledger, "sepsis AND trial NOT animal", "2") == [(None, "NOT animal")]
    assert lost(monkeypatch, ledger, "fever OR rare", "2") == [(None, "fever OR rare")]


def test_options_of_a_form_are_parts_of_the_search(monkeypatch, ledger):
    found = lost(monkeypatch, ledger, "", "2", query="sepsis", cond="adult", term="rare")
    assert found == [(None, "term: rare")]
    assert lost(monkeypatch, ledger, "", "3", query="trial", cond="adult") == [(None, "cond: adult")]


def test_a_source_that_cannot_be_asked_says_so(monkeypatch, ledger):
    ledger.naming = lambda _identifier: None
    (found,) = traced(monkeypatch, ledger, LINES, "1")
    assert (found.outcome, found.because) == ("not found", "shelf cannot be asked for pmid")
    del ledger.naming
    ledger.refused.add("(key=1)")
    (found,) = traced(monkeypatch, ledger, LINES, "1")
    assert found.outcome == "not found"
    assert "does not understand" in found.because
    assert found.to_dict()["lost_by"] == ()


def test_a_source_that_is_silent_is_not_asked_for_the_records_that_are_left(monkeypatch, ledger):
    asked = []

    def silent(search):
        asked.append(search.query)
        raise Unreachable("shelf", "shelf: no answer.")

    ledger.count = silent
    found = traced(monkeypatch, ledger, LINES, "1", "2", "3")
    assert [(each.outcome, each.because, each.failed) for each in found] == [
        ("not found", "shelf: no answer.", True)
    ] * 3
    assert len(asked) == 1


def test_a_name_that_the_source_drops_from_a_longer_query_is_no_answer(monkeypatch, ledger):
    """PubMed runs the rest without a phrase that it does not know: the count is that of the rest."""
    honest = ledger.matching
    ledger.matching = lambda query: (
        honest(query.partition(" AND key=")[0].strip("()")) if "AND" in query else honest(query)
    )
    (found,) = traced(monkeypatch, ledger, "1. sepsis\n2. trial\n3. #1 AND #2\n", "3")
    assert found.outcome == "not matched"


WORDS = ("sepsis", "septic", "child", "trial", "animal")


@st.composite
def strategies(draw):
    """Line by line, each later line joining earlier ones in its own way."""
    number = draw(st.integers(2, 5))
    lines = [draw(st.sampled_from(WORDS)) for _ in range(number)]
    for _ in range(draw(st.integers(1, 3))):
        a, b = (draw(st.integers(1, len(lines))) for _ in range(2))
        lines.append(f"#{a} {draw(st.sampled_from(('AND', 'OR', 'NOT')))} #{b}")
    return "\n".join(f"{place}. {text}" for place, text in enumerate(lines, 1))


@given(strategies(), st.sets(st.sampled_from(WORDS)))
def test_whatever_is_named_does_keep_the_record_out(stored, words):
    ledger = Words()
    ledger.put("1", title=" ".join(sorted(words)) or "nothing")
    with pytest.MonkeyPatch.context() as monkeypatch:
        (found,) = traced(monkeypatch, ledger, stored, "1")
    queries = {line.number: query for line, query in line_queries(read_strategy(stored.encode(), "main.txt"))}
    assert (found.outcome == "found") == truth(queries[max(queries)], words)
    if found.outcome == "not matched":
        assert found.lost_by
        for culprit in found.lost_by:
            if not culprit.takes_away:
                assert not truth(queries[culprit.line], words)

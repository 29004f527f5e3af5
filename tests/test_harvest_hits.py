"""Hits per line: each line alone, once a wording, kept with the answer; and what happens when a source will not."""

from __future__ import annotations

import pytest
from shelf import Clock, Ledger, Shelf

from db.errors import Unreachable
from db.facts import Search
from db.record import Identifier
from db.store import Store
from db.verify import verify
from harvest.guarded import Guarded
from harvest.hits import count_lines, lines_of
from harvest.progress import Quiet

STRATEGY = b"1. sepsis\n2. septic\n3. #1 OR #2\n4. child\n5. #3 AND #4\n"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "review.db", now=Clock()) as opened:
        opened.begin_run("run", "test")
        yield opened


@pytest.fixture
def ledger():
    ledger = Ledger()
    ledger.put("1", "2", "3", "4")
    ledger.queries |= {"sepsis": ["1", "2"], "septic": ["2", "3"], "(sepsis) OR (septic)": ["1", "2", "3"]}
    ledger.queries |= {"child": ["3", "4"], "((sepsis) OR (septic)) AND (child)": ["3"]}
    return ledger


def search(stored=STRATEGY, **options):
    return Search("main", "shelf", "the last line", stored, options)


def counted(store, ledger, wanted=None, **how):
    return count_lines(store, ledger, wanted or search(), 1, Quiet(), **how)


def test_every_line_is_counted_alone_and_kept_with_its_answer(store, ledger):
    assert counted(store, ledger) == ()
    lines = store.tallies("main")
    assert [(line.line, line.text, line.hits) for line in lines] == [
        (1, "sepsis", 2), (2, "septic", 2), (3, "#1 OR #2", 3), (4, "child", 2), (5, "#3 AND #4", 1),
    ]  # fmt: skip
    assert [line.query for line in lines] == ledger.counted
    assert lines[2].translation == "<(sepsis) OR (septic)>"
    assert {(line.run, line.search, line.purpose, line.warnings) for line in lines} == {
        (1, "main", "line", ())
    }
    assert list(verify(store.path)) == []


def test_lines_are_counted_again_only_when_the_string_changes_or_somebody_asks(store, ledger):
    counted(store, ledger)
    counted(store, ledger)
    assert len(ledger.counted) == 5
    counted(store, ledger, again=True)
    assert len(ledger.counted) == 10
    edited = search(STRATEGY.replace(b"4. child", b"4. kid"))
    ledger.queries |= {"kid": [], "((sepsis) OR (septic)) AND (kid)": []}
    counted(store, ledger, edited)
    assert len(ledger.counted) == 15
    assert [line.hits for line in store.tallies("main")] == [2, 2, 3, 0, 0]
    assert [line.hits for line in store.tallies("main", search=store.search_id(search()))] == [2, 2, 3, 2, 1]


def test_options_that_go_along_with_the_search_go_along_with_each_line(store, ledger):
    seen = []
    ledger.count = lambda asked: seen.append(asked) or Ledger.count(ledger, asked)
    counted(store, ledger, search(limit="humans"))
    assert [asked.options for asked in seen] == [{"limit": "humans"}] * 5


def test_a_line_that_is_refused_stops_none_of_the_others_and_is_asked_for_again(store, ledger):
    ledger.refused.add("septic")
    (complaint,) = counted(store, ledger)
    assert complaint == (
        "hits of line 2 could not be counted: The shelf does not understand septic: correct it."
    )
    assert [line.line for line in store.tallies("main")] == [1, 3, 4, 5]
    ledger.refused.clear()
    assert counted(store, ledger) == ()
    assert ledger.counted[-1] == "septic"
    assert [line.line for line in store.tallies("main")] == [1, 2, 3, 4, 5]


def test_a_source_that_does_not_answer_is_asked_no_further(store, ledger):
    def silent(_search):
        ledger.counted.append("?")
        raise Unreachable("shelf", "shelf: no answer")

    ledger.count = silent
    assert counted(store, ledger) == ("hits of line 1 could not be counted: shelf: no answer",)
    assert ledger.counted == ["?"]
    assert store.tallies("main") == []


@pytest.mark.parametrize(
    "stored", [b"", b"sepsis AND child", b"cond: sepsis\nterm: child", b"1. sepsis\n2. #7 AND #1\n"]
)
def test_a_strategy_without_lines_has_none_to_count(store, ledger, stored):
    assert lines_of(search(stored)) == ()
    assert counted(store, ledger, search(stored)) == ()
    assert ledger.counted == []


def test_a_changed_answer_is_found_by_verify(store, ledger):
    counted(store, ledger)
    store._db.execute("DROP TRIGGER tally_refuses_update")
    store._db.execute("UPDATE tally SET body = x'00' WHERE id = 3")
    said = list(verify(store.path))
    assert "The answer to count 3 is not what was stored: restore a backup of the database." in said


def test_a_fault_of_the_source_itself_is_told_like_a_refusal(store, ledger):
    fenced = Guarded(ledger).counting
    assert fenced.naming(Identifier("pmid", "1")) == "key=1"
    assert fenced.as_of(search(), "2020-01-01").query == "the last line until 2020-01-01"

    def broken(_search):
        raise KeyError("hitCount")

    ledger.count = broken
    (complaint,) = counted(store, fenced)
    assert "hits of line 1 could not be counted: The shelf: counting met something" in complaint
    assert Guarded(Shelf()).counting is None

"""The exit code says the gravest thing that happened, and nothing is lost on the way to JSON."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from db.record import Unreadable
from db.store.records import Reported
from harvest.outcome import Outcome, SearchOutcome


def search(code=0, state="complete", **said):
    return SearchOutcome("main", "pubmed", state=state, exit_code=code, **said)


FAILED = search(3, "failed")


@pytest.mark.parametrize(("searches", "lost", "code"), [
    ([], (), 0),
    ([search()], (), 0),
    ([search(), search()], (), 0),
    ([search(state="already read")], (), 0),
    ([search(), FAILED], (), 3),
    ([search(3)], (), 3),  # complete, with records that nobody could read
    ([search(3, "failed", fetched=200)], (), 3),  # cut off, and what came is kept
    ([FAILED], (), 1),
    ([FAILED, FAILED], (), 1),
    ([search(4, "failed")], (), 4),
    ([search(4, "failed"), FAILED, search()], (), 4),
    ([search()], ("H000001 A trial",), 4),
    ([FAILED], ("H000001 A trial",), 4),
])  # fmt: skip
def test_the_gravest_thing_is_the_exit_code(searches, lost, code):
    assert Outcome(searches=searches, lost_includes=lost).exit_code == code


def test_what_is_told_as_json():
    one = search(
        3, new=2, appeared=Counter({"first search": 2}), disappeared=Counter({"no longer matching": 1})
    )
    one.disappeared["withdrawn by the source"] += 2
    told = json.loads(
        json.dumps(Outcome(run=7, searches=[one, search(new=5)], lost_includes=("H1",)).to_dict())
    )
    assert told["run"] == 7
    assert told["exit_code"] == 4
    assert told["lost_includes"] == ["H1"]
    first = told["searches"][0]
    assert first["appeared"] == {"first search": 2}
    assert first["disappeared"] == {"no longer matching": 1, "withdrawn by the source": 2}
    assert first["no_longer_matching"] == 3


def test_new_records_are_counted_over_all_searches():
    assert Outcome(searches=[search(new=2), search(new=5), FAILED]).new == 7


def test_records_that_could_not_be_read_are_counted_and_named():
    one = search()
    one.report([])
    assert (one.unreadable, one.exit_code) == (0, 0)
    one.report([Unreadable(3, "torn", "<x"), Reported(1, 4, 17, "99", "no title")])
    assert (one.unreadable, one.exit_code) == (2, 3)
    assert one.reported == ("record 3: torn", "99 (line 17): no title")
    graver = search(4, "failed")
    graver.report([Unreadable(1, "torn", "<x")])
    assert graver.exit_code == 4

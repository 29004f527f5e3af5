"""Crossref, asked by DOI: what is sent, what comes back, and what a bad answer does."""

from __future__ import annotations

import json

import pytest
import responses
from wire import FakeClock

from db.errors import BadAnswer, Refused, SearchError
from harvest.notices import fate
from harvest.notices_crossref import BATCH, CrossrefNotices
from harvest.patience import Patience
from harvest.transport import Transport

WORKS = "https://api.crossref.org/v1/works"
PAPER = "10.1016/s0140-6736(97)11096-0"
CARRIERS = {("doi", PAPER): [3]}


def update(kind, doi=PAPER, source="retraction-watch", **more):
    return {"DOI": doi, "type": kind, "label": kind.title(), "source": source, **more}


def work(doi, *updates):
    """Shape as Crossref answers for `filter=updates:…`, looked up by others with the same paper."""
    return {"DOI": doi, "title": ["Retraction"], "container-title": ["The Lancet"], "volume": "375",
            "issued": {"date-parts": [[2010, 2]]}, "update-to": list(updates)}  # fmt: skip


def asked(*works, dois=(PAPER,), settings=(), carriers=CARRIERS, **answer):
    """What is said of these DOIs, and the questions that were asked."""
    clock = FakeClock()
    crossref = CrossrefNotices(Transport(Patience(attempts=1), clock), dict(settings))
    with responses.RequestsMock() as mocked:
        body = {"status": "ok", "message": {"items": list(works)}}
        mocked.get(WORKS, **({"json": body} | answer))
        batches = list(crossref.ask(list(dois), carriers))
        return batches, [call.request for call in mocked.calls], clock


def test_two_notices_of_one_paper_are_told_apart():
    """The paper of 1998 was corrected in 2004 ("retraction of an interpretation") and retracted in 2010."""
    correction = work(
        "10.1016/S0140-6736(04)15715-2", update("correction", updated={"date-parts": [[2004, 3, 6]]})
    )
    retraction = work(
        "10.1016/s0140-6736(10)60175-4", update("retraction", updated={"date-time": "2010-02-06T00:00:00Z"})
    )
    ((dois, said),), requests, _ = asked(correction, retraction)
    assert list(dois) == [PAPER]
    assert [(n.kind, n.date, n.record) for n in said] == [
        ("correction", "2004-03-06", 3),
        ("retraction", "2010-02-06", 3),
    ]
    assert said[1].said_by == "Crossref (retraction-watch)"
    assert said[1].citation == "Retraction. The Lancet. 2010-02. 375"
    assert said[1].identifiers[0].value == "10.1016/s0140-6736(10)60175-4"
    assert json.loads(said[1].evidence)["update-to"]["label"] == "Retraction"
    assert fate(said) == "retraction"
    assert fate(said[:1]) == "correction"
    assert requests[0].params == {"filter": f"updates:{PAPER}", "rows": "1000"}


@pytest.mark.parametrize(("word", "kind"), [
    ("retraction", "retraction"), ("withdrawal", "retraction"), ("removal", "retraction"),
    ("expression_of_concern", "concern"), ("corrigendum", "correction"), ("erratum", "correction"),
    ("partial_retraction", "correction"), ("addendum", "correction"), ("new_version", None), ("new_edition", None),
])  # fmt: skip
def test_types_come_to_what_they_mean(word, kind):
    ((_, said),), _, _ = asked(work("10.5555/n", update(word)))
    assert [notice.kind for notice in said] == ([kind] if kind else [])


def test_papers_nobody_asked_for_are_left_out_and_strange_parts_passed_over():
    strange = work("10.5555/n", update("retraction", doi="10.5555/other"), update("retraction", source=None))
    strange["update-to"].append("nonsense")
    strange |= {"title": [], "container-title": None, "issued": {"date-parts": [[None]]}}
    ((_, said),), _, _ = asked(strange, "nonsense", {"DOI": "10.5555/m", "update-to": {}})
    assert [(n.record, n.said_by, n.date, n.citation) for n in said] == [
        (3, "Crossref (publisher)", "", "375")
    ]


def test_many_are_asked_in_batches_at_a_polite_pace_with_an_address_that_is_kept_nowhere():
    dois = [f"10.5555/{n}" for n in range(BATCH + 1)]
    batches, requests, clock = asked(dois=dois, carriers={}, settings={"email": "ana@example.org"})
    assert [len(batch) for batch, _ in batches] == [BATCH, 1]
    assert requests[0].params["mailto"] == "ana@example.org"
    assert requests[1].params["filter"] == f"updates:10.5555/{BATCH}"
    assert clock.slept == [pytest.approx(0.2)]


def test_a_mirror_is_asked_when_one_is_named():
    crossref = CrossrefNotices(Transport(Patience(attempts=1)), {"url": "https://mirror.example/api/"})
    with responses.RequestsMock() as mocked:
        mocked.get("https://mirror.example/api/works", json={"message": {"items": []}})
        assert list(crossref.ask(["10.5555/1"], {})) == [(["10.5555/1"], [])]


@pytest.mark.parametrize(("answer", "error"), [
    ({"body": "<html>busy</html>"}, BadAnswer),
    ({"json": {"message": {"items": 7}}}, BadAnswer),
    ({"json": {"status": "failed"}}, BadAnswer),
    ({"body": "[" * 100_000}, BadAnswer),
    ({"status": 400, "json": {"status": "failed"}}, Refused),
    ({"status": 503}, SearchError),
])  # fmt: skip
def test_an_answer_that_is_none_is_an_error_and_never_an_all_clear(answer, error):
    crossref = CrossrefNotices(Transport(Patience(attempts=1)), {})
    with responses.RequestsMock() as mocked:
        mocked.get(WORKS, **answer)
        with pytest.raises(error):
            list(crossref.ask([PAPER], CARRIERS))

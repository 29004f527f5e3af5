"""A review of Europe PMC, Crossref and ERIC together: asked, proved, asked again, and on bad days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import server_crossref
import server_eric
import server_europepmc
import server_faults as faults
from reviews import contents, harvest, rows, told
from server import Server
from server_wire import Asked, Reply

NAMES = ("europepmc", "crossref", "eric")
REVIEW = """
title = "Parenting support after birth"
question = "Does support for parents improve mental health?"
contact.email = "ana@example.org"
screening.reviewers = ["ana", "ben"]
network = {{ backoff = 0, attempts = 2 }}
{searches}
"""
SEARCH = """
[[search]]
name = "{name}"
source = "{name}"
query = "searches/{name}.txt"

[sources.{name}]
requests_per_second = 10000
url = "{url}"
"""


@dataclass
class Shelf:
    """The review, and who answers it."""

    folder: Path
    server: Server
    there: dict[str, Any]

    def run(self, code: int = 0) -> dict[str, Any]:
        """One run; what it says of each search."""
        result = harvest(self.folder, "run", "--json", code=code)
        return {search["name"]: search for search in json.loads(result.stdout)["searches"]}

    def spoil(self, name: str, fault: faults.Fault, **when: Any) -> None:
        """Spoil what this source answers."""
        path = {"europepmc": "/europepmc", "crossref": "/crossref", "eric": "/eric"}[name]
        self.server.inject(fault, on=lambda asked: asked.path.startswith(path), **when)


@pytest.fixture
def shelf(tmp_path) -> Iterator[Shelf]:
    with Server() as server:
        there = {
            "europepmc": server_europepmc.EuropePmc(server_europepmc.results(12)),
            "crossref": server_crossref.Crossref(),
            "eric": server_eric.Eric(),
        }
        for position in range(12):
            there["crossref"].put(server_crossref.work(position))
            there["eric"].put(server_eric.doc(position))
        paths = {
            "europepmc": server_europepmc.PATH,
            "crossref": server_crossref.PATH,
            "eric": server_eric.PATH,
        }
        urls = {name: server.mount(paths[name], there[name].answer) for name in NAMES}
        (tmp_path / "searches").mkdir()
        for name in NAMES:
            there[name].match("parents", there[name].keys)
            (tmp_path / "searches" / f"{name}.txt").write_text("parents")
        searches = "".join(SEARCH.format(name=name, url=url) for name, url in urls.items())
        (tmp_path / "review.toml").write_text(REVIEW.format(searches=searches))
        yield Shelf(tmp_path, server, there)


# -- good days ---------------------------------------------------------------------------------------


def test_all_three_are_asked_and_proved(shelf):
    assert told(shelf.folder, "check") == []
    searches = shelf.run()
    found = {name: (s["matched"], s["new"], s["state"]) for name, s in searches.items()}
    assert found == dict.fromkeys(NAMES, (12, 12, "complete"))
    assert rows(shelf.folder, "SELECT DISTINCT promised, listed, stored FROM fetch") == [(12, 12, 12)]
    assert searches["europepmc"]["translation"] == "parents"
    assert not any(search["warnings"] for search in searches.values())
    assert harvest(shelf.folder, "db", "verify").stdout == ""
    assert "0 records read differently" in harvest(shelf.folder, "db", "reread").stdout


def test_the_next_run_fetches_what_was_changed_and_nothing_else(shelf):
    shelf.run()
    before, asked = contents(shelf.folder), len(shelf.server.requests)
    shelf.there["europepmc"].put(
        server_europepmc.result(3, revised="2027-03-01") | {"title": "Another title"}
    )
    shelf.there["crossref"].put(server_crossref.work(4, touched="2027-03-01") | {"volume": "99"})
    shelf.there["eric"].put(server_eric.doc(5) | {"description": "Another abstract."})
    searches = shelf.run()
    assert {name: (s["new"], s["changed"]) for name, s in searches.items()} == dict.fromkeys(NAMES, (0, 1))
    assert len(contents(shelf.folder) ^ before) == 6
    fetched = [asked.params for asked in shelf.server.requests[asked:] if _fetches(asked)]
    assert [" ".join(params.values()).count(key) for params, key in zip(fetched, _CHANGED, strict=True)] == [
        1,
        1,
        1,
    ]


_CHANGED = ("EXT_ID:50000004", "doi:10.5555/cr.4", "id:EJ1000006")


def _fetches(asked: Asked) -> bool:
    return any(sign in " ".join(asked.params.values()) for sign in ("EXT_ID:", "doi:", "id:EJ"))


def test_nothing_changed_is_nothing_fetched_where_stamps_are_listed(shelf):
    shelf.run()
    asked = len(shelf.server.requests)
    shelf.run()
    assert not [a for a in shelf.server.requests[asked:] if _fetches(a) and a.path.startswith("/eric")]


def test_no_address_is_kept(shelf):
    shelf.run()
    kept = rows(shelf.folder, "SELECT request FROM page")
    assert kept
    assert not [request for (request,) in kept if "ana@example.org" in request]
    sent = [asked.params for asked in shelf.server.requests]
    assert {params.get("mailto", params.get("email")) for params in sent} == {"ana@example.org", None}


# -- bad days ----------------------------------------------------------------------------------------

BAD_DAYS: dict[str, faults.Fault] = {
    "429": faults.too_many_requests("0"),
    "a web page": faults.html_page,
    "half an answer": faults.truncated,
    "a broken connection": faults.reset,
}


@pytest.mark.parametrize("day", BAD_DAYS)
@pytest.mark.parametrize("name", NAMES)
def test_one_source_fails_the_others_run_and_the_next_run_repairs_it(shelf, name, day):
    shelf.spoil(name, BAD_DAYS[day], nth=2, times=99)
    searches = shelf.run(code=3)
    assert [n for n, search in searches.items() if search["state"] == "failed"] == [name]
    assert name in searches[name]["failure"]
    shelf.server.heal()
    assert shelf.run()[name]["state"] == "complete"
    assert rows(shelf.folder, "SELECT count(*) FROM record") == [(36,)]


def _listed(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What an answer lists, whoever gave it."""
    message = answer.get("message") or answer.get("response") or answer.get("resultList") or {}
    return message.get("items") or message.get("docs") or message.get("result") or []


def edited(change: Callable[[list[dict[str, Any]]], None]) -> faults.Fault:
    """An answer in which what it lists was changed."""

    def edit(asked: Asked, reply: Reply) -> Reply:
        answer = json.loads(reply.body)
        change(_listed(answer))
        return replace(reply, body=json.dumps(answer).encode())

    return edit


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_that_grew_changes_nothing(shelf, name):
    shelf.run()
    before = contents(shelf.folder)
    shelf.spoil(name, edited(lambda listed: [item.update(newField={"a": [1]}) for item in listed]), times=99)
    assert shelf.run()[name]["state"] == "complete"
    assert contents(shelf.folder) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_record_of_another_shape_is_kept_and_reported_and_spoils_no_other(shelf, name):
    def spoil(listed: list[dict[str, Any]]) -> None:
        for item in listed[:1]:
            if "title" in item:
                item["title"] = {"text": "now an object"}

    shelf.spoil(name, edited(spoil), times=99)
    search = shelf.run(code=3)[name]
    assert (search["state"], search["new"]) == ("complete", 11)
    assert [len(key) > 0 for (key,) in rows(shelf.folder, "SELECT key FROM unreadable")] == [True]
    shelf.server.heal()
    assert shelf.run()[name]["new"] == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_same_record_twice_is_no_match_of_the_count(shelf, name):
    shelf.spoil(name, edited(lambda listed: listed.__setitem__(0, listed[1])), nth=1)
    assert shelf.run(code=4)[name]["state"] == "failed"
    assert shelf.run()[name]["state"] == "complete"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_listed_and_not_delivered_is_named(shelf, name):
    lost = shelf.there[name].keys[4]

    def leave_out(listed: list[dict[str, Any]]) -> None:
        named = lost.split(":")[-1]
        listed[:] = [item for item in listed if named not in (item.get("id"), item.get("DOI"))]

    shelf.server.inject(edited(leave_out), on=_fetches, times=99)
    search = shelf.run(code=4)[name]
    assert search["state"] == "failed"
    assert f"1 of 12 listed records were not delivered: {lost}" in search["failure"]

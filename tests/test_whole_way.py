"""The whole way once, as a reviewer goes it: strings in, queue out, decisions back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import server_corpus as corpus
from reviews import contents, harvest, rows, told, write
from server import Server


@pytest.fixture
def server():
    with Server(corpus.articles(230), corpus.created(230), corpus.studies(12)) as running:
        running.pubmed.match("the", corpus.articles(230))
        running.trials.match("trial", corpus.studies(12))
        yield running


@pytest.fixture
def review(tmp_path, server):
    return write(tmp_path / "review", server.pubmed_url, server.trials_url)


def by_name(outcome):
    return {search["name"]: search for search in outcome["searches"]}


def test_first_run_stores_what_the_sources_have_and_proves_it(review):
    outcome = told(review, "run")
    searches = by_name(outcome)
    assert searches["pubmed"]["matched"] == searches["pubmed"]["new"] == 230
    assert searches["register"]["matched"] == searches["register"]["new"] == 12
    assert searches["pubmed"]["appeared"] == {"first search": 230}
    assert rows(review, "SELECT promised, listed, stored FROM fetch ORDER BY id") == [
        (230, 230, 230),
        (12, 12, 12),
    ]
    assert outcome["records"] == 242
    assert harvest(review, "db", "verify").stdout == ""


def test_second_run_changes_nothing_and_fetches_nothing(review, server):
    harvest(review, "run")
    before, asked = contents(review), len(server.requests)
    rankings = rows(review, "SELECT count(*) FROM ranking")
    outcome = told(review, "run")
    assert [(s["new"], s["changed"], s["no_longer_matching"]) for s in outcome["searches"]] == [(0, 0, 0)] * 2
    assert contents(review) == before
    assert not [r for r in server.requests[asked:] if "filter.ids" in r.params]
    assert rows(review, "SELECT count(*) FROM ranking") == rankings
    assert rows(review, "SELECT count(*) FROM sighting") == [(242,)]


def test_each_new_record_is_explained(review, server):
    harvest(review, "run")
    today = datetime.now(UTC).date()
    fresh, old = (today - corpus.FIRST_DAY).days * 7, 501
    server.pubmed.put(corpus.article(fresh), today)
    server.pubmed.put(corpus.article(old))
    server.pubmed.match("the", [*corpus.articles(230), corpus.pmid(fresh), corpus.pmid(old)])
    outcome = told(review, "run")
    ids = {key: told(review, "find", key)[0]["id"] for key in (corpus.pmid(fresh), corpus.pmid(old))}
    reasons = {news["id"]: news["reason"] for news in outcome["news"] if news["search"] == "pubmed"}
    assert reasons == {ids[corpus.pmid(fresh)]: "new in the source", ids[corpus.pmid(old)]: "newly matching"}
    assert by_name(outcome)["pubmed"]["to_screen"] == 232
    shown = harvest(review, "status", "--run", outcome["run"]).stdout
    assert all(name in shown and reason in shown for name, reason in reasons.items())


def test_an_edited_strategy_is_the_reason(review, server):
    harvest(review, "run")
    old = corpus.articles(5, first=300)
    for article in old.values():
        server.pubmed.put(article, date(2009, 5, 1))
    server.pubmed.match("the or a", [*corpus.articles(200), *old])
    (review / "searches" / "pubmed.txt").write_text("the or a")
    search = by_name(told(review, "run"))["pubmed"]
    assert search["new"] == 5
    assert search["appeared"] == {"strategy edited": 5}
    assert search["disappeared"] == {"strategy edited": 30}
    assert len(rows(review, "SELECT 1 FROM search WHERE name = 'pubmed'")) == 2


def test_a_changed_record_is_one_more_revision_and_back_again_another(review, server):
    harvest(review, "run")
    for version in (
        corpus.study(3, updated=date(2026, 1, 1), titled="Another title"),
        corpus.study(3),
    ):
        server.trials.put(version)
        server.trials.match("trial", corpus.studies(12))
        assert by_name(told(review, "run"))["register"]["changed"] == 1
    revisions = rows(review, f"SELECT digest FROM revision v JOIN record r ON r.id = v.record_id "
                             f"WHERE r.key = '{corpus.nct(3)}' ORDER BY v.id")  # fmt: skip
    assert len(revisions) == 3
    assert revisions[0] == revisions[2] != revisions[1]


def test_losing_an_included_record_is_an_alarm(review, server):
    harvest(review, "run")
    name = told(review, "find", corpus.pmid(7))[0]["id"]
    for reviewer in ("ana", "ben"):
        harvest(review, "decide", name, "include", "--reviewer", reviewer)
    server.pubmed.remove(corpus.pmid(7))
    result = harvest(review, "run", code=4)
    assert "ALARM" in result.stderr
    assert name in result.stderr
    assert rows(review, "SELECT reason FROM sighting WHERE event = 'disappeared'") == [
        ("withdrawn by the source",)
    ]
    assert told(review, "find", name)  # gone from the search, never from the review


def test_a_rehearsal_writes_nothing(review):
    outcome = told(review, "run", "--dry-run")
    assert by_name(outcome)["pubmed"]["new"] == 230
    assert not (review / "review.db").exists()
    harvest(review, "run")
    before = (review / "review.db").read_bytes()
    told(review, "run", "--dry-run")
    assert (review / "review.db").read_bytes() == before


def test_only_asks_one_search(review, server):
    harvest(review, "run", "--only", "register")
    assert {r.path for r in server.requests} == {"/api/v2/studies"}
    assert "no such search" in harvest(review, "run", "--only", "nobody", code=2).stderr


def test_exit_code_10_tells_of_news(review):
    harvest(review, "run", "--exit-code", code=10)
    harvest(review, "run", "--exit-code", code=0)


def test_queue_goes_out_in_order_and_decisions_come_back(review):
    harvest(review, "run")
    path = told(review, "queue", "export", "--reviewer", "ana", "--format", "csv", "--limit", "20")["path"]
    lines = _read(path)
    order = [line["id"] for line in told(review, "rank", "--top", "20")["order"]]
    assert [line["harvest_id"] for line in lines] == order
    for line in lines[:6]:
        line["decision"] = "include" if line is lines[0] else "exclude"
    _write(path, lines)
    assert told(review, "queue", "import", path, "--reviewer", "ana")["added"] == 6
    assert told(review, "queue", "import", path, "--reviewer", "ana")["added"] == 0
    assert rows(review, "SELECT count(*) FROM decision") == [(6,)]
    assert told(review, "rank")["labels"] == 6
    status = told(review, "status")
    assert {r["name"]: r["voted"] for r in status["stages"][0]["reviewers"]} == {"ana": 6, "ben": 0}


def test_a_file_with_one_strange_row_is_refused_whole(review):
    harvest(review, "run")
    path = told(review, "queue", "export", "--reviewer", "ana", "--format", "csv", "--limit", "3")["path"]
    lines = _read(path)
    lines[0]["decision"] = "include"
    lines[1] |= {"decision": "exclude", "harvest_id": "H999999"}
    lines[2]["decision"] = "perhaps"
    _write(path, lines)
    told_wrong = harvest(review, "queue", "import", path, "--reviewer", "ana", code=2).stderr
    assert "H999999" in told_wrong
    assert "perhaps" in told_wrong
    assert rows(review, "SELECT count(*) FROM decision") == [(0,)]


def test_a_person_outranks_the_rules_and_can_change_their_mind(review):
    harvest(review, "run")
    a, b = (line["id"] for line in told(review, "rank", "--top", "2")["order"])
    before = rows(review, "SELECT * FROM membership")
    harvest(review, "same", "join", a, b, "--by", "ana", "--dry-run")
    assert rows(review, "SELECT * FROM membership") == before
    harvest(review, "same", "join", a, b, "--by", "ana")
    assert {a, b} <= {m for group in told(review, "same", "list") for m in group["members"]}
    harvest(review, "run")
    assert rows(review, "SELECT * FROM membership") != before
    harvest(review, "same", "split", a, b, "--by", "ana", "--because", "two trials")
    assert rows(review, "SELECT * FROM membership") == before
    shown = told(review, "same", "show", a, b)
    assert [o["relation"] for o in shown["opinions"] if o["by"] == "ana"] == ["same report", "different"]


def test_reading_again_what_is_kept_changes_nothing(review):
    harvest(review, "run")
    before = contents(review)
    assert "0 records read differently" in harvest(review, "db", "reread").stdout
    assert contents(review) == before


def test_backup_is_whole_and_is_refused_over_a_file(review, tmp_path):
    harvest(review, "run")
    copy = tmp_path / "copy" / "review.db"
    copy.parent.mkdir()
    harvest(review, "db", "backup", copy)
    assert contents(copy.parent) == contents(review)
    harvest(review, "db", "backup", copy, code=2)


def _read(path):
    return list(csv.DictReader(io.StringIO(Path(path).read_text("utf-8-sig"))))


def _write(path, lines):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    Path(path).write_bytes(text.getvalue().encode("utf-8-sig"))

"""The appendix after PRISMA-S: sixteen items in order, what is missing named, strategies to the byte."""

from __future__ import annotations

import io
import re
from hashlib import sha256

import pytest
import server_corpus as corpus
from docx import Document
from report_reading import from_csv, from_markdown, from_word
from reviews import harvest, rows, told, write
from server import Server
from server_pubmed import Complaints
from stores import begun, opened

from db.facts import Search
from harvest.project import load
from harvest.reports.searches import build

TITLES = [
    "Database name", "Multi-database searching", "Study registries", "Online resources and browsing",
    "Citation searching", "Contacts", "Other methods", "Full search strategies", "Limits and restrictions",
    "Search filters", "Prior work", "Updates", "Dates of searches", "Peer review", "Total records", "Deduplication",
]  # fmt: skip
PUBMED = b'#1 "parent  child"[tiab]\r\n#2 mother*[tiab] OR *_`x`|y\r\n#3 #1 OR #2\r\n'
OVID = b"1 exp Mothers/px\n2 mother$.tw.\n3 or/1-2\n"
WHOLE = """
[methods]
browsing = "Not done"
citations = "Reference lists of included studies"
contacts = "Authors were asked"
other = "not done"
prior_work = "None"
peer_review = "PRESS by a second librarian on {digest}"
"""
EMBASE = """
[[search]]
name = "embase"
source = "file"
database = "Embase"
platform = "Ovid"
query = "searches/embase.txt"
files = "imports/*embase*"
date = "2014-01-13"
limits = "None"
filters = "None"
"""


@pytest.fixture
def server():
    with Server(corpus.articles(5), corpus.created(5), corpus.studies(2)) as running:
        sent = '("parent  child"[tiab]) OR (mother*[tiab] OR *_`x`|y)'
        running.pubmed.match(sent, corpus.articles(5), translation='"parent child"[Title] OR *')
        for line in ('"parent  child"[tiab]', "mother*[tiab] OR *_`x`|y"):
            running.pubmed.match(line, corpus.articles(3))
        running.trials.match("trial", corpus.studies(2))
        yield running


@pytest.fixture
def review(tmp_path, server):
    folder = write(
        tmp_path / "review", server.pubmed_url, server.trials_url, register="term: trial\ncond: attachment\n"
    )
    (folder / "searches" / "pubmed.txt").write_bytes(PUBMED)
    (folder / "searches" / "embase.txt").write_bytes(OVID)
    (folder / "imports" / "2014-01-13_embase_ovid.ris").write_text(
        "TY  - JOUR\nTI  - Mothers and their infants in a trial of psychotherapy\nPY  - 2001\nER  - \n"
    )
    return folder


def add(review, text):
    path = review / "review.toml"
    path.write_text(path.read_text() + text)


def limits(review):
    path = review / "review.toml"
    stated = 'limits = "No limits"\nfilters = "None"\n'
    path.write_text(
        re.sub(r'(query = "searches/(?:pubmed|register).txt"\n)', rf"\1{stated}", path.read_text())
    )


@pytest.fixture
def complete(review):
    limits(review)
    add(review, EMBASE + WHOLE.format(digest=sha256(PUBMED).hexdigest()[:12]))
    harvest(review, "run")
    return review


def test_all_sixteen_items_stand_in_their_order(complete):
    text = harvest(complete, "report", "searches").stdout
    assert re.findall(r"^## (\d+)\. (.+)$", text, re.MULTILINE) == [
        (str(n), t) for n, t in enumerate(TITLES, 1)
    ]
    listed = told(complete, "report", "searches")["rows"]
    assert {row["item"]: row["topic"] for row in listed} == dict(enumerate(TITLES, 1))


def test_a_complete_review_passes_the_check_and_each_blank_fails_it(complete):
    harvest(complete, "report", "searches", "--check")
    toml = (complete / "review.toml").read_text()
    for key, item in {
        "browsing": 4,
        "citations": 5,
        "contacts": 6,
        "other": 7,
        "prior_work": 11,
        "peer_review": 14,
    }.items():
        (complete / "review.toml").write_text(re.sub(rf"^{key} = .*$", "", toml, flags=re.MULTILINE))
        said = harvest(complete, "report", "searches", "--check", code=4).stderr
        assert f"Item {item} ({TITLES[item - 1]}): not stated: write methods.{key} in review.toml" in said
    (complete / "review.toml").write_text(toml.replace('limits = "No limits"\n', "", 1))
    assert "Item 9 (Limits and restrictions): pubmed: not stated: write limits below its [[search]]" in (
        harvest(complete, "report", "searches", "--check", code=4).stderr
    )


def test_what_is_missing_is_named_where_it_belongs_and_counted_at_the_top(review):
    add(review, EMBASE.replace('query = "searches/embase.txt"\n', "").replace('date = "2014-01-13"\n', ""))
    (review / "imports" / "2014-01-13_embase_ovid.ris").rename(review / "imports" / "embase.ris")
    harvest(review, "run")
    missing = told(review, "report", "searches")["missing"]
    assert [sentence.split(":")[0] for sentence in missing] == [
        "Item 4 (Online resources and browsing)", "Item 5 (Citation searching)", "Item 6 (Contacts)",
        "Item 7 (Other methods)", "Item 8 (Full search strategies)", "Item 9 (Limits and restrictions)",
        "Item 10 (Search filters)", "Item 11 (Prior work)", "Item 13 (Dates of searches)", "Item 14 (Peer review)",
    ]  # fmt: skip
    text = harvest(review, "report", "searches").stdout
    assert "**10 statements are still missing; each is named where it belongs.**" in text
    assert "**pubmed, register: not stated: write limits below its [[search]] in review.toml" in text


def test_strategies_stand_in_every_form_to_the_last_byte(complete, server, tmp_path):
    (query,) = rows(complete, "SELECT query FROM search WHERE name = 'pubmed'")[0]
    (asked,) = {
        r.params["term"]
        for r in server.requests
        if r.params.get("term", "").startswith("(")
        and "mother" in r.params["term"]
        and "parent" in r.params["term"]
    }
    assert asked == query  # what the appendix calls sent is what went over the wire
    wanted = [
        PUBMED,
        query.encode(),
        b'"parent child"[Title] OR *',
        b"term: trial\ncond: attachment\n",
        b"trial",
        b"attachment",
        OVID,
    ]
    for kind, read in (("md", from_markdown), ("docx", from_word)):
        path = tmp_path / f"appendix.{kind}"
        harvest(complete, "report", "searches", "--out", path)
        assert read(path.read_bytes()) == wanted
    path = tmp_path / "appendix.csv"
    harvest(complete, "report", "searches", "--out", path)
    listed = [
        row
        for row in from_csv(path.read_bytes())
        if row["item"] == "8" and not row["what"].startswith("hits")
    ]
    assert [row["text"].encode() for row in listed] == wanted
    assert [row["what"] for row in listed] == [
        "stored", "sent", "as pubmed read it", "stored", "sent", "sent as query.cond", "as it was run on ovid",
    ]  # fmt: skip


def test_databases_registers_dates_and_numbers_are_those_of_the_runs(complete):
    listed = told(complete, "report", "searches")["rows"]
    says = {(row["item"], row["search"], row["what"]): row["text"] for row in listed}
    (day,) = rows(complete, "SELECT substr(started_at, 1, 10) FROM run")[0]
    assert says[1, "pubmed", "database"] == "PubMed"
    assert says[3, "register", "register"] == "ClinicalTrials.gov"
    assert says[1, "embase", "platform"] == "Ovid"
    assert says[13, "pubmed", "last searched"] == day
    assert says[13, "embase", "last searched"] == "2014-01-13"
    assert says[15, "", "all"] == "6 records, 6 reports after deduplication, 6 studies"
    assert says[15, "pubmed", "records before · after deduplication"] == "5 · 5"
    assert "GET http" in says[1, "pubmed", "asked at"]
    text = harvest(complete, "report", "searches").stdout
    assert f"| pubmed | 1 | {day} | 5 | 5 | 5 |" in text


def test_hits_per_line_stand_beside_the_lines(complete):
    listed = told(complete, "report", "searches")["rows"]
    counted = {
        row["what"]: row["text"]
        for row in listed
        if row["search"] == "pubmed" and row["what"].startswith("hits")
    }
    stored = rows(
        complete, "SELECT line, hits FROM tally t JOIN search s ON s.id = t.search_id WHERE s.name = 'pubmed'"
    )
    assert counted == {f"hits of line {line}": str(hits) for line, hits in stored}
    assert len(counted) == 3


def test_an_edit_after_the_run_and_after_the_peer_review_shows(complete):
    (complete / "searches" / "pubmed.txt").write_bytes(PUBMED + b"\n")
    said = harvest(complete, "report", "searches", "--check", code=4).stderr
    assert (
        said.strip()
        == "Item 8 (Full search strategies): pubmed: the strategy was edited since it was run: start `harvest run`"
    )
    harvest(complete, "run")
    said = harvest(complete, "report", "searches", "--check", code=4).stderr
    assert re.fullmatch(
        r"Item 14 \(Peer review\): the strategy [0-9a-f]{12} that was reviewed is none of today's: .*\n", said
    )


def test_a_packaged_filter_cites_itself(review, server):
    (review / "searches" / "pubmed.txt").write_text(
        "#1 mother[tiab]\n#2 {filter: cochrane-rct-pubmed-sensitive}\n#3 #1 AND #2\n"
    )
    harvest(review, "run")
    listed = told(review, "report", "searches")["rows"]
    (used,) = [row["text"] for row in listed if row["item"] == 10 and row["search"] == "pubmed"]
    assert "as published, not modified. Lefebvre C" in used


def test_runs_are_told_one_by_one_and_imports_nobody_planned_too(complete, server, tmp_path):
    server.pubmed.put(corpus.article(40))
    (asked,) = rows(complete, "SELECT query FROM search WHERE name = 'pubmed'")[0]
    server.pubmed.match(asked, [*corpus.articles(5), corpus.pmid(40)])
    other = tmp_path / "cinahl.ris"
    other.write_text("TY  - JOUR\nTI  - Nurses on the care of newborn infants at home\nPY  - 2003\nER  - \n")
    harvest(complete, "run")
    harvest(complete, "add", other, "--database", "CINAHL; PsycINFO", "--platform", "EBSCOhost")
    report = told(complete, "report", "searches")
    says = {(row["item"], row["search"], row["what"]): row["text"] for row in report["rows"]}
    assert "There were 3 runs." in says[12, "", "updates"]
    assert says[2, "cinahl-psycinfo", "databases searched together"] == "CINAHL; PsycINFO on EBSCOhost"
    assert any(
        "cinahl-psycinfo: not stated: write a [[search]] for it, with limits," in m for m in report["missing"]
    )
    assert "| pubmed | 2 |" in harvest(complete, "report", "searches").stdout


def test_the_word_file_has_its_headings_and_tables(complete):
    harvest(complete, "report", "searches", "--format", "docx")
    document = Document(io.BytesIO((complete / "reports" / "searches.docx").read_bytes()))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == [*(f"{n}. {title}" for n, title in enumerate(TITLES, 1)), "Notes"]
    assert document.tables[0].rows[1].cells[1].text == "PubMed"


def test_before_the_first_run_nothing_is_made_up(review):
    said = harvest(review, "report", "searches", code=2).stderr
    assert "start `harvest run`" in said


def test_a_search_that_was_never_asked_to_the_end_is_missing(review, server):
    harvest(review, "run", "--only", "register")
    missing = " ".join(told(review, "report", "searches")["missing"])
    assert "Item 13 (Dates of searches): pubmed: never searched to the end: start `harvest run`" in missing
    assert "Item 15 (Total records): pubmed: no records came in: start `harvest run`" in missing


# -- where it goes -----------------------------------------------------------------------------------


def test_a_rehearsal_names_the_file_and_writes_none(complete, tmp_path):
    out = tmp_path / "out"
    said = harvest(complete, "report", "searches", "--format", "docx", "--out", out, "--dry-run").stdout
    assert said == f"{out / 'searches.docx'}\n"
    assert not out.exists()


def test_csv_goes_to_the_terminal_as_bytes(complete):
    body = harvest(complete, "report", "searches", "--format", "csv").stdout_bytes
    assert from_csv(body)[0]["topic"] == "Database name"
    assert harvest(complete, "report", "yield", "--without", "pubmed").stdout.count("Without pubmed") == 1
    assert "no search nobody" in harvest(complete, "report", "yield", "--without", "nobody", code=2).stderr


def test_what_the_source_said_of_the_string_is_told(complete, server):
    (asked,) = rows(complete, "SELECT query FROM search WHERE name = 'pubmed'")[0]
    server.pubmed.complain(asked, Complaints(quoted_phrase_not_found=('"parent  child"[tiab]',)))
    harvest(complete, "run")
    text = harvest(complete, "report", "searches").stdout
    assert "PubMed said of it:\n\n- " in text
    assert 'found no phrase "parent child"[tiab]' in text.partition("PubMed said of it:")[2]


def test_a_source_that_is_no_longer_installed_and_a_search_without_words_are_told_as_they_are(tmp_path):
    project = load(write(tmp_path / "review"), environ={})
    with opened(project.database) as store:
        gone = begun(store, Search("gone", "retired", "the"))
        store.move_fetch(gone, "complete", promised=0)
        bare = begun(store, Search("bare", "file:unknown", "", b""))
        store.move_fetch(bare, "complete", promised=0)
        report = build(store, project)
    rows_of = {(row["search"], row["what"]): row["text"] for row in report.rows.to_dicts()}
    assert rows_of["gone", "database"] == "retired"
    assert rows_of["bare", "strategy"].startswith("not stated: put the strategy")
    assert ("gone", "asked at") not in rows_of


def test_a_schedule_and_its_trigger_are_told(complete):
    add(complete, '\n[schedule]\nevery = "monthly"\ntrigger = "A large trial reports."\n')
    (said,) = [
        row["text"] for row in told(complete, "report", "searches")["rows"] if row["what"] == "updates"
    ]
    assert said.endswith("Searches are scheduled monthly. The review is updated when: A large trial reports.")

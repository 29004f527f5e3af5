"""The desk: what lies on it, what is taken, what it never shows, and what happens when something goes wrong."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from threading import Event

import pytest
from desks import Reader
from reviews import harvest, rows, told
from terminal import copied, harvested

from db.errors import CheckFailed, StoreError
from db.opinion import Retrieval
from db.record import Author, Identifier, Record, Section
from db.store import Store
from harvest.desk import renewal as renewing
from harvest.desk import sitting
from harvest.desk.sheet import sheet
from harvest.project import load
from harvest.waiting import waiting_for
from screen.plan import FULL_TEXT

NOTE = "A remark that nobody but Ana may see"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    toml = (review / "review.toml").read_text().replace('["ana", "ben"]', '["anastasia", "ben"]')
    (review / "review.toml").write_text(toml.replace("per_record", 'arbiter = "cleo"\nper_record'))
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def queue_of(review, reviewer):
    with Store.open(review / "review.db") as store:
        return [f"H{number:06d}" for number in waiting_for(store, load(review), reviewer)]


def votes(review):
    return rows(review, "SELECT record_id, stage, reviewer, verdict, reason, note FROM decision ORDER BY id")


# -- reading and voting ------------------------------------------------------------------------------


def test_the_first_of_the_queue_lies_on_the_desk_and_a_vote_brings_the_next(review):
    first, second, *_ = queue_of(review, "ben")
    ben = Reader(review, "ben")
    assert ben.lying() == first
    assert "0 read · 11 left · 0 today" in ben.get()
    ben.vote(first, "exclude", reason="design", note=" no control ")
    assert ben.lying() == second
    assert "1 read · 10 left · 1 today" in ben.get()
    assert votes(review) == [(int(first[1:]), "title and abstract", "ben", "exclude", "design", "no control")]


def test_everything_is_read_in_the_order_of_the_queue_and_then_nothing_is_left(review):
    ben, order, seen = Reader(review, "ben"), queue_of(review, "ben"), []
    for _ in order:
        seen.append(ben.lying())
        ben.vote(seen[-1], "unsure")
    assert seen == order
    assert "Nothing is left to read." in ben.get()
    assert "You have voted on 11 reports" in ben.get()


def test_a_reason_goes_with_an_exclusion_only(review):
    ben = Reader(review, "ben")
    ben.vote("H1", "include", reason="design")
    ben.vote("H2", "unsure", reason="design")
    assert [vote[3:5] for vote in votes(review)] == [("include", ""), ("unsure", "")]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"report": "H1", "verdict": "exclude", "reason": "nonsense"},
            "no exclusion reason &#39;nonsense&#39;",
        ),
        ({"report": "H1", "verdict": "withdrawn"}, "choose include, exclude or unsure"),
        ({"report": "H1"}, "choose include, exclude or unsure"),
        ({"report": "H999", "verdict": "include"}, "There is no record H999"),
        ({"report": "<b>", "verdict": "include"}, "There is no record &lt;b&gt;"),
    ],
)
def test_what_is_no_vote_comes_back_with_a_sentence_and_the_form_as_it_was(review, said, sentence):
    page = Reader(review, "ben").post("/vote", 422, note="my remark", **said)
    assert sentence in page
    assert "my remark" in page
    assert votes(review) == []


def test_the_last_vote_is_taken_back_and_its_report_lies_there_again(review):
    ben = Reader(review, "ben")
    first, second, *_ = queue_of(review, "ben")
    assert "Take back" not in ben.get()
    ben.vote(first, "include")
    ben.vote(second, "exclude")
    ben.post("/back")
    assert ben.lying() == second
    ben.post("/back")
    assert ben.lying() == first
    assert [vote[3] for vote in votes(review)] == ["include", "exclude", "withdrawn", "withdrawn"]
    assert "no vote of this sitting to take back" in ben.post("/back", 422)
    assert "0 read · 11 left" in ben.get()
    assert queue_of(review, "ben")[:2] == [first, second]


def test_a_report_put_off_comes_at_the_end_also_in_another_sitting(review):
    ben, order = Reader(review, "ben"), queue_of(review, "ben")
    ben.vote(order[0], "later", note="ask Ana")
    assert ben.lying() == order[1]
    assert votes(review) == []
    assert queue_of(review, "ben") == [*order[1:], order[0]]
    for name in order[1:]:
        ben.vote(name, "include")
    assert ben.lying() == Reader(review, "ben").lying() == order[0]


def test_a_change_of_mind_is_another_vote_and_the_own_one_is_shown(review):
    ben = Reader(review, "ben")
    assert "None yet" in ben.get("/mine")
    ben.vote("H1", "exclude", reason="design", note="hm")
    assert "H000001" in ben.get("/mine")
    page = ben.get("/report/H1")
    assert "You said <strong>exclude</strong>" in page
    assert re.search(r'value="design"[^>]* checked', page)
    assert ">hm</textarea>" in page
    ben.vote("H1", "include")
    assert [vote[3] for vote in votes(review)] == ["exclude", "include"]
    assert "1 read" in ben.get()


def test_what_is_voted_or_joined_elsewhere_is_not_asked_again(review):
    ben, order = Reader(review, "ben"), queue_of(review, "ben")
    assert ben.lying() == order[0]
    harvest(review, "decide", order[0], "include", "--reviewer", "ben")
    assert ben.lying() == order[1]
    harvest(review, "same", "join", order[0], order[1], "--by", "ben")
    assert ben.lying() == order[2]


def test_at_full_text_an_exclusion_has_its_reason_and_the_place_of_the_text_is_told(review):
    for who in ("anastasia", "ben"):
        harvest(review, "decide", "H1", "include", "--reviewer", who)
    with Store.open(review / "review.db") as store:
        store.add_retrievals([Retrieval(1, "retrieved", "ben", "https://example.org/a.pdf")])
    ben = Reader(review, "ben", FULL_TEXT)
    assert ben.lying() == "H000001"
    assert 'href="https://example.org/a.pdf"' in ben.get()
    assert "no reason given" not in ben.get()
    page = ben.vote("H1", "exclude", 422, note="seen")
    assert "An exclusion at full text needs its reason" in page
    assert ">seen</textarea>" in page
    ben.vote("H1", "exclude", reason="population")
    assert votes(review)[-1] == (1, "full text", "ben", "exclude", "population", "")
    assert "Nothing is left" in ben.get()


# -- blindness ---------------------------------------------------------------------------------------


def test_the_desk_is_the_same_whatever_anybody_else_has_said(review, tmp_path):
    """Letter by letter, before and after the reviewer's own vote."""
    alone = copied(review, tmp_path / "alone")
    for number in range(1, 6):
        reason = ("--reason", "population") if number % 2 else ()
        verdict = "exclude" if number % 2 else "include"
        harvest(review, "decide", f"H{number}", verdict, "--reviewer", "anastasia", "--note", NOTE, *reason)
    ben, ben_alone = Reader(review, "ben"), Reader(alone, "ben")
    pages = ("/", "/report/H1", "/report/H2", "/report/H7", "/mine")
    for number in range(1, 8):
        assert [_still(ben.get(page)) for page in pages] == [_still(ben_alone.get(page)) for page in pages]
        for reader in (ben, ben_alone):
            reader.vote(f"H{number}", "unsure", note="mine")
    assert "7 read · 4 left" in ben.get()


def _still(page):
    """A page without the pass of its sitting."""
    return re.sub(r'name="form" value="[^"]+"', "", page)


# -- what is shown -----------------------------------------------------------------------------------


def test_what_was_shown_is_noted_once_with_its_place(review):
    harvest(review, "rank")
    ben = Reader(review, "ben")
    for _ in range(3):
        first = ben.lying()
    ben.vote(first, "include")
    second = ben.lying()
    noted = rows(review, "SELECT reviewer, stage, report_id, position FROM showing ORDER BY id")
    assert noted == [
        ("ben", "title and abstract", int(first[1:]), 1),
        ("ben", "title and abstract", int(second[1:]), 2),
    ]


def test_a_hostile_record_is_text_and_nothing_else(review, tmp_path):
    (tmp_path / "bad.ris").write_text(
        'TY  - JOUR\nTI  - <script>alert(1)</script> "quoted" \'{{ 7*7 }}\'\nAU  - "><img src=x onerror=alert(2)>\n'
        "AB  - </p><script>alert(3)</script>\nKW  - <svg onload=alert(4)>\nUR  - javascript:alert(5)\n"
        'UR  - https://example.org/"onmouseover="alert(6)\nDO  - 10.1000/"><script>alert(7)</script>\nER  - \n'
    )
    harvest(review, "add", tmp_path / "bad.ris")
    ben = Reader(review, "ben")
    ben.vote("H12", "unsure", note="</textarea><script>alert(8)</script>")
    for page in (ben.get("/report/H12"), ben.get("/mine")):
        assert set(re.findall(r"<(script|img|svg)([^>]*)>", page)) == {
            ("script", ' src="/static/desk.js" defer')
        }
        assert "&lt;script&gt;alert(1)" in page
        assert "49" not in page
        assert not re.search(r"<[^>]*\son\w+=", page)
        assert 'href="javascript' not in page


def test_a_sheet_has_links_words_and_the_searches_that_found_it(review):
    with Store.open(review / "review.db") as store:
        article, trial = sheet(store, 1), sheet(store, 9)
    assert article.searches == ("pubmed",)
    assert article.links[0].url == f"https://pubmed.ncbi.nlm.nih.gov/{article.links[0].text}/"
    assert trial.kind == "registration"
    assert any(link.url.startswith("https://clinicaltrials.gov/study/NCT") for link in trial.links)
    assert dict(trial.facts)["Status"]


class OneRecord:
    """A store with one record."""

    def __init__(self, record):
        self._record = record

    def records_of(self, number):
        return [number]

    def record(self, _):
        return self._record

    def sources_of(self, numbers):
        return {number: [] for number in numbers}

    def retrievals(self):
        return []


def test_a_sheet_names_a_dozen_authors_and_opens_addresses_of_the_web_only():
    record = Record(
        "file:x", "1", title="", vernacular_title="Ein Titel", journal="Lancet", year=2015, volume="1", issue="2",
        pages="3-9", authors=tuple(Author(f"A{n}") for n in range(14)), abstract=(Section("So.", "AIM"),),
        identifiers=(
            Identifier("doi", "10.1000/a<b>(c)"), Identifier("accession", "X1"), Identifier("pii", "S1"),
            Identifier("doi", "10.1000/a<b>(c)", "reference"),
        ),
        urls=("http://[broken", "ftp://example.org/x", "https://example.org/x"),
    )  # fmt: skip
    told = sheet(OneRecord(record), 7)
    assert (told.id, told.title, told.vernacular) == ("H000007", "Ein Titel", "")
    assert told.authors.endswith("A11; and 2 more")
    assert told.venue == "Lancet 2015;1(2):3-9"
    assert [(link.label, link.url) for link in told.links] == [
        ("DOI", "https://doi.org/10.1000/a%3Cb%3E(c)"), ("Accession", ""), ("PII", ""), ("Page", ""), ("Page", ""),
        ("Page", "https://example.org/x"),
    ]  # fmt: skip
    assert sheet(OneRecord(Record("file:x", "1")), 7).title == "(without a title)"


# -- the order ---------------------------------------------------------------------------------------


def test_after_so_many_votes_the_order_is_made_anew_with_its_reasons(review, monkeypatch):
    monkeypatch.setattr(sitting, "EVERY", 2)
    ben = Reader(review, "ben")
    made = len(told(review, "rank", "log"))
    ben.vote("H1", "include")
    assert ben.desk.renewal.reasons is None
    ben.vote("H2", "exclude")
    ben.desk.renewal.wait()
    assert len(told(review, "rank", "log")) == made + 1
    left = queue_of(review, "ben")
    assert ben.lying() == left[0]
    assert "Why here" in ben.get()


def test_without_a_new_order_the_old_one_goes_on_and_the_page_says_so(review):
    ben = Reader(review, "ben")
    ben.desk.renewal._opened = _refused
    ben.desk.renewal.start()
    ben.desk.renewal.wait()
    assert "The order could not be made anew; the last one goes on. The disk is gone." in ben.get()
    assert ben.lying() == queue_of(review, "ben")[0]


def test_no_second_order_is_made_while_one_is_in_the_making(review):
    ben = Reader(review, "ben")
    renewal, may = ben.desk.renewal, Event()
    opened, times = renewal._opened, []

    def slowly():
        times.append(may.wait())
        return opened()

    renewal._opened = slowly
    renewal.wait()  # for nothing
    renewal.start()
    renewal.start()
    may.set()
    renewal.wait()
    assert times == [True]
    assert renewal.taken()
    assert not renewal.taken()


def test_there_may_be_an_order_without_reasons(review, monkeypatch):
    ben = Reader(review, "ben")

    def gone(_):
        raise CheckFailed("A library has changed.")

    monkeypatch.setattr(renewing.Reasons, "in_force", gone)
    ben.desk.renewal.start()
    ben.desk.renewal.wait()
    assert ben.desk.renewal.taken()
    assert "Why here" not in ben.get()
    with (review / "review.toml").open("a") as toml:
        toml.write("\n[ranking]\nwhy = false\n")
    ben = Reader(review, "ben")
    ben.desk.renewal.start()
    ben.desk.renewal.wait()
    assert ben.desk.renewal.taken()
    assert (ben.desk.renewal.reasons, ben.desk.renewal.remark) == (None, "")


def test_a_vote_is_taken_back_across_a_new_order(review):
    ben = Reader(review, "ben")
    name = ben.lying()
    ben.vote(name, "include")
    ben.desk.renewal.start()
    ben.desk.renewal.wait()
    assert ben.lying() != name
    ben.post("/back")
    assert ben.lying() == name
    assert "11 left" in ben.get()


def _refused():
    raise StoreError("The disk is gone.")


# -- what goes wrong ---------------------------------------------------------------------------------


def test_a_vote_that_cannot_be_stored_is_shown_and_can_be_sent_again(review):
    ben = Reader(review, "ben")
    name = ben.lying()
    with closing(sqlite3.connect(review / "review.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = ben.vote(name, "exclude", 503, reason="design", note="precious")
    assert "This was not stored." in page
    assert "is being written by somebody else" in page
    assert votes(review) == []
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    assert fields == {
        "form": ben.key.form, "report": name, "verdict": "exclude", "reason": "design", "note": "precious",
    }  # fmt: skip
    ben.post("/vote", **{key: text for key, text in fields.items() if key != "form"})
    assert votes(review)[0][3:] == ("exclude", "design", "precious")


def test_what_cannot_be_taken_back_now_can_be_later(review):
    ben = Reader(review, "ben")
    ben.vote("H1", "include")
    with closing(sqlite3.connect(review / "review.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = ben.post("/back", 503)
    assert "Send it again" in page
    ben.post("/back")
    assert "Send it again" not in ben.post("/back", 422)
    assert [vote[3] for vote in votes(review)] == ["include", "withdrawn"]


def test_a_page_that_cannot_be_shown_says_why(review):
    ben = Reader(review, "ben")
    (review / "review.db").rename(review / "elsewhere.db")
    page = ben.get(code=503)
    assert "This cannot be shown." in page
    assert "does not exist yet" in page
    assert "There is no record X1" in Reader(review_back(review), "ben").get("/report/X1", 422)


def review_back(review):
    (review / "elsewhere.db").rename(review / "review.db")
    return review


# -- the arbiter -------------------------------------------------------------------------------------


def test_the_arbiter_sees_both_votes_and_ends_the_conflict(review):
    for number in (1, 2):
        harvest(review, "decide", f"H{number}", "include", "--reviewer", "anastasia", "--note", NOTE)
    harvest(review, "decide", "H1", "exclude", "--reviewer", "ben", "--reason", "design")
    cleo = Reader(review, "cleo")
    assert cleo.browser.get("/", **cleo.here).location == "/conflicts"
    page = cleo.get("/conflicts")
    assert "1 report to resolve" in page
    assert "1 include, 1 exclude" in page
    assert "H000002" not in page  # Ben has not voted on it
    assert NOTE in cleo.get("/conflicts/H1")
    assert "does not wait for the arbiter" in cleo.get("/conflicts/H2", 422)
    assert "choose include or exclude" in cleo.post(
        "/resolve", 422, report="H1", verdict="unsure", note="keep"
    )
    cleo.post("/resolve", report="H1", verdict="include", reason="design", note="RCT after all")
    assert rows(review, "SELECT record_id, arbiter, verdict, reason, note FROM resolution") == [
        (1, "cleo", "include", "", "RCT after all")
    ]
    assert "0 reports to resolve" in cleo.get("/conflicts")
    cleo.vote("H1", "include", 422)


def test_nobody_else_gets_to_the_conflicts(review):
    ben = Reader(review, "ben")
    assert "Conflicts" not in ben.get()
    for page in ("/conflicts", "/conflicts/H1"):
        assert "&#39;ben&#39; is not the arbiter" in ben.get(page, 422)
    ben.post("/resolve", 422, report="H1", verdict="include")
    assert rows(review, "SELECT count(*) FROM resolution") == [(0,)]

"""After a run: the page of a living review, and whoever wants to be told."""

from __future__ import annotations

import sys

import pytest
import server_corpus as corpus
from reviews import harvest, write
from server import Server

from db.errors import WrongUse
from harvest import notify
from harvest.outcome import Outcome, SearchOutcome

RIS = "TY  - JOUR\nTI  - A trial of mothers | and infants\nPY  - 2016\nER  - \n"
LIVING = '\n[schedule]\nevery = "monthly"\nday = 3\ntrigger = "a trial with 100 families"\n'


@pytest.fixture
def review(tmp_path):
    with Server(corpus.articles(5), corpus.created(5), corpus.studies(2)) as server:
        server.pubmed.match("the", corpus.articles(5))
        server.trials.match("trial", corpus.studies(2))
        yield write(tmp_path / "review", server.pubmed_url, server.trials_url)


def living(review, more=""):
    toml = (review / "review.toml").read_text("utf-8")
    (review / "review.toml").write_text(toml.partition("\n[schedule]")[0] + LIVING + more, "utf-8")


def page(review):
    return (review / "reports" / "STATUS.md").read_text("utf-8")


def lines(review):
    """Cells of the lines below the head of the table."""
    rows = [line.strip("| ").split(" | ") for line in page(review).splitlines() if line.startswith("| 2")]
    return [row[1:] for row in rows]


def test_a_review_that_is_not_living_has_no_page(review):
    harvest(review, "run")
    assert not (review / "reports" / "STATUS.md").exists()


def test_every_run_adds_a_line_also_when_there_was_nothing_new(review):
    living(review)
    assert "reports/STATUS.md has one more line" in harvest(review, "run").stderr
    harvest(review, "decide", "H1", "exclude", "--reviewer", "ana", "--reason", "design")
    harvest(review, "decide", "H1", "exclude", "--reviewer", "ben", "--reason", "design")
    harvest(review, "run")
    assert "The review is updated when: a trial with 100 families." in page(review)
    assert [row[:-1] for row in lines(review)] == [
        ["all", "7", "7", "0", "0"],
        ["all", "none", "6", "0", "1"],
    ]
    assert all(row[-1].endswith("-03") for row in lines(review))


def test_a_search_that_failed_is_named(tmp_path):
    review = write(tmp_path / "review")
    living(review)
    (review / "imports" / "one.ris").write_text(RIS)
    harvest(review, "run", code=3)
    assert lines(review)[0][0] == "1 of 3, failed: pubmed, register"


def test_a_rehearsal_adds_nothing(review):
    living(review)
    harvest(review, "run", "--dry-run")
    assert not (review / "reports").exists()


def test_the_end_of_the_living_mode_is_said_once(review):
    living(review)
    harvest(review, "run")
    living(review, 'ended = "2020-01-31"\nended_because = "the question is answered"\n')
    harvest(review, "run")
    harvest(review, "run")
    assert page(review).endswith(
        "| none |\n\nThe living mode ended on 2020-01-31: the question is answered.\n"
    )
    assert len(lines(review)) == 2
    assert "delete `ended`" in harvest(review, "schedule", code=2).stderr


def test_an_end_that_is_still_to_come_ends_nothing(review):
    living(review, 'ended = "9999-01-31"\nended_because = "the money ends"\n')
    harvest(review, "run")
    assert "The living mode" not in page(review)
    assert "will end on 9999-01-31" in harvest(review, "schedule").stderr


def test_an_end_without_a_reason_is_refused(review):
    living(review, 'ended = "2027-01-31"\n')
    assert "say when the living mode ended, and why" in harvest(review, "check", code=2).stdout


def test_what_people_wrote_into_the_page_stays(review):
    living(review)
    harvest(review, "run")
    (review / "reports" / "STATUS.md").write_text(page(review) + "\nOur own words.\n", "utf-8")
    harvest(review, "run")
    assert "\nOur own words.\n" in page(review)
    assert len(lines(review)) == 2


def test_a_page_that_cannot_be_written_does_not_undo_the_run(review):
    living(review)
    (review / "reports").write_text("a file")
    assert "The status page was not written:" in harvest(review, "run").stderr


# -- telling somebody --------------------------------------------------------------------------------

WRITES = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(' '.join(sys.argv[2:]) + chr(10) + sys.stdin.read())"


def test_news_start_the_command_with_a_summary_and_no_news_do_not(review, tmp_path):
    told = tmp_path / "told.txt"
    template = notify.shlex.join(
        [sys.executable, "-c", WRITES, str(told), "{title}; $(echo) {new} new", "{exit_code}"]
    )
    harvest(review, "run", "--exit-code", "--notify", template, code=10)
    said = told.read_text().splitlines()
    assert said[0] == "Parenting support after birth; $(echo) 7 new 0"
    assert "Run 1: 7 new records; 7 reports to screen." in said
    assert "pubmed: complete, 5 found, 5 new" in said
    told.unlink()
    harvest(review, "run", "--exit-code", "--notify", template)
    assert not told.exists()


def test_a_failure_is_news_and_stands_in_the_summary():
    failed = SearchOutcome("pubmed", "pubmed", state="failed", failure="PubMed did not answer.", exit_code=3)
    outcome = Outcome(run=2, searches=[failed], lost_includes=("H000001 A trial",))
    assert notify.worth_telling(outcome)
    said = notify.summary("A review", outcome)
    assert "  PubMed did not answer.\n" in said
    assert "ALARM: an included record is no longer found: H000001 A trial" in said
    assert not notify.worth_telling(Outcome(run=3))


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("mail -s '{news}' ana", r"knows no \{news\}; what may stand in braces: \{title\}"),
        ("mail 'ana", "cannot be read as a command"),
        ("  ", "names no command"),
    ],
)
def test_a_command_that_cannot_be_is_refused_before_anything_is_asked(review, template, said):
    with pytest.raises(WrongUse, match=said):
        notify.check(template)
    harvest(review, "run", "--notify", template, code=2)
    assert not (review / "review.db").exists()


@pytest.mark.parametrize("program", ["raise SystemExit('no such address')", "import time; time.sleep(30)"])
def test_a_command_that_fails_is_told_and_the_run_is_kept(review, program, monkeypatch):
    monkeypatch.setattr(notify, "PATIENCE", 0.2)
    template = notify.shlex.join([sys.executable, "-c", program])
    assert "The run itself is kept." in harvest(review, "run", "--notify", template).stderr

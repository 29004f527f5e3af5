"""What a reviewer sees of it: hits per line, known records, reasons, an old run asked again; and what a script reads."""

from __future__ import annotations

import pytest
import server_corpus as corpus
import server_faults as faults
from reviews import harvest, rows, told, write
from server import Server
from server_pubmed import Complaints
from terminal import sentence

from harvest.cli.proving import _tell
from harvest.reproduction import Drifted, Repeated, Reproduction

NUMBER = 30
STRATEGY = "1. trial[tiab]\n2. stroke[tiab]\n3. #1 AND #2\n"


@pytest.fixture
def server():
    with Server(corpus.articles(NUMBER), corpus.created(NUMBER), corpus.studies(3)) as running:
        running.trials.match("trial", corpus.studies(3))
        running.pubmed.match("the", corpus.articles(NUMBER))
        yield running


@pytest.fixture
def review(tmp_path, server):
    return write(tmp_path / "review", server.pubmed_url, server.trials_url)


def lined(review, server):
    """The review with a strategy in lines, of which each means something."""
    (review / "searches" / "pubmed.txt").write_text(STRATEGY)
    server.pubmed.match("trial[tiab]", corpus.articles(20))
    server.pubmed.match("stroke[tiab]", corpus.articles(12, first=10))


def know(review, *pmids):
    with (review / "review.toml").open("a") as toml:
        toml.write(f"\n[known]\npmids = {[int(pmid) for pmid in pmids]}\n")


# -- hits per line -------------------------------------------------------------------------------------


def test_hits_per_line_come_with_the_run_and_are_shown(review, server):
    lined(review, server)
    server.pubmed.complain("stroke[tiab]", Complaints(quoted_phrase_not_found=('"stroke"',)))
    harvest(review, "run")
    lines = told(review, "status", "--lines", "pubmed")["pubmed"]
    assert [(line["line"], line["hits"]) for line in lines] == [(1, 20), (2, 12), (3, 10)]
    shown = harvest(review, "status", "--lines")
    assert "#1 AND #2" in shown.stdout
    assert 'pubmed, line 2: PubMed found no phrase "stroke"' in shown.stderr
    assert harvest(review, "db", "verify").stdout == ""


def test_they_are_counted_once_a_wording_and_again_when_asked(review, server):
    lined(review, server)
    harvest(review, "run")

    def asked():
        return sum(request.params.get("retmax") == "0" for request in server.requests)

    first = asked()
    harvest(review, "run", "--only", "pubmed")
    assert asked() == first == 3
    harvest(review, "run", "--count-lines")
    assert asked() == 6
    assert rows(review, "SELECT run_id, count(*) FROM tally GROUP BY run_id") == [(1, 3), (3, 3)]


def test_a_count_that_fails_is_told_and_fails_nothing(review, server):
    lined(review, server)
    server.inject(faults.html_page, on=lambda asked: asked.params.get("retmax") == "0", times=99)
    result = harvest(review, "run")
    assert "pubmed: hits of line 1 could not be counted" in result.stderr
    assert told(review, "status", "--lines") == {}
    server.heal()
    harvest(review, "run")
    assert len(told(review, "status", "--lines")["pubmed"]) == 3


def test_no_lines_and_no_such_search(review):
    harvest(review, "run")
    assert "No lines were counted yet" in harvest(review, "status", "--lines").stderr
    assert "There is no search 'embase'; there are" in sentence(
        harvest(review, "status", "--lines", "embase", code=2).stderr
    )


# -- known records -------------------------------------------------------------------------------------


def test_every_run_and_status_say_what_became_of_known_records(review, server):
    lined(review, server)
    know(review, corpus.pmid(12), corpus.pmid(3), "99")
    outcome = told(review, "run")
    assert {(k["search"], k["item"]): k["outcome"] for k in outcome["known"]} == {
        ("pubmed", f"pmid:{corpus.pmid(12)}"): "found",
        ("pubmed", f"pmid:{corpus.pmid(3)}"): "not matched",
        ("pubmed", "pmid:99"): "not in this source",
        ("register", f"pmid:{corpus.pmid(12)}"): "not found",
        ("register", f"pmid:{corpus.pmid(3)}"): "not found",
        ("register", "pmid:99"): "not found",
    }
    shown = harvest(review, "status")
    assert "1 of 3 known records found" in shown.stdout
    assert "harvest check --known" in shown.stderr
    assert told(review, "status", "--run", 1)["known"] == outcome["known"]


def test_check_names_the_line_that_lost_it(review, server):
    lined(review, server)
    know(review, corpus.pmid(12), corpus.pmid(3), corpus.pmid(21))
    found = told(review, "check", "--known", code=4)
    lost = {
        each["item"]: [c["line"] for c in each["lost_by"]] for each in found if each["search"] == "pubmed"
    }
    assert lost == {
        f"pmid:{corpus.pmid(12)}": [], f"pmid:{corpus.pmid(3)}": [2], f"pmid:{corpus.pmid(21)}": [1],
    }  # fmt: skip
    assert not (review / "review.db").exists()
    shown = harvest(review, "check", "--known", code=4)
    assert "line 2: stroke[tiab]" in shown.stdout
    assert "register: clinicaltrials cannot be asked for pmid." in shown.stderr


def test_a_trial_is_asked_for_at_its_register(review, server):
    with (review / "review.toml").open("a") as toml:
        toml.write(f'\n[known]\nnct = ["{corpus.nct(1)}"]\n')
    found = told(review, "check", "--known")
    assert {each["search"]: each["outcome"] for each in found} == {
        "pubmed": "not in this source", "register": "found",
    }  # fmt: skip


def test_a_source_that_does_not_answer_is_named_once(tmp_path):
    review = write(tmp_path / "review")
    know(review, 11, 12)
    shown = harvest(review, "check", "--known", code=3)
    (line,) = [
        line for line in shown.stderr.splitlines() if line.startswith("pubmed: ") and "gave no answer" in line
    ]
    assert line.endswith("try again later; what is stored stays.")


def test_without_known_records_there_is_nothing_to_look_for(review, server):
    assert "name some below [known]" in harvest(review, "check", "--known").stderr
    assert server.requests == []


# -- reasons -------------------------------------------------------------------------------------------


def test_a_run_explains_the_first_twenty_and_says_where_the_others_are(review, server):
    harvest(review, "run")
    server.pubmed.match("the", corpus.articles(5))
    result = harvest(review, "run")
    assert result.stdout.count("disappeared") == 20
    assert "5 records more: `harvest status --run 2`." in result.stderr
    whole = harvest(review, "status", "--run", 2).stdout
    assert whole.count("disappeared") == 25
    assert "still in the source on" in whole.replace("\n", " ")
    news = told(review, "status", "--run", 2)["news"][0]
    assert news["title"]
    assert news["key"].startswith("4000")


def test_an_alarm_stays_in_status_until_it_is_found_again(review, server):
    harvest(review, "run")
    harvest(review, "decide", "H000001", "include", "--reviewer", "ana")
    harvest(review, "decide", "H000001", "include", "--reviewer", "ben")
    key = rows(review, "SELECT key FROM record WHERE id = 1")[0][0]
    server.pubmed.match("the", [pmid for pmid in corpus.articles(NUMBER) if pmid != key])
    harvest(review, "run", code=4)
    harvest(review, "run")
    assert "ALARM: an included record is no longer found: H000001" in harvest(review, "status").stderr
    server.pubmed.match("the", corpus.articles(NUMBER))
    harvest(review, "run")
    assert "ALARM" not in harvest(review, "status").stderr


@pytest.mark.parametrize("verdict", ["include", "exclude"])
def test_a_record_that_is_being_judged_raises_the_same_alarm_whatever_was_said(review, server, verdict):
    """Who has not voted yet learns from it that somebody has, and not what."""
    harvest(review, "run")
    harvest(
        review,
        "decide",
        "H000001",
        verdict,
        "--reviewer",
        "ana",
        *(["--reason", "design"] if verdict == "exclude" else []),
    )
    key = rows(review, "SELECT key FROM record WHERE id = 1")[0][0]
    server.pubmed.match("the", [pmid for pmid in corpus.articles(NUMBER) if pmid != key])
    alarm = "ALARM: a record that reviewers are judging is no longer found: H000001"
    said = harvest(review, "run", code=4).stderr
    assert alarm in said
    assert "being judged at title and abstract" in said
    assert "included" not in said
    assert alarm in harvest(review, "status").stderr
    harvest(review, "decide", "H000001", verdict, "--reviewer", "ben")
    told_now = harvest(review, "status").stderr
    assert ("an included record is no longer found" in told_now) == (verdict == "include")
    assert alarm not in told_now


def test_an_edit_that_changes_no_line_is_said_so(review, server):
    harvest(review, "run")
    (review / "searches" / "pubmed.txt").write_text("// a comment\nthe\n")
    assert "its lines are the same" in harvest(review, "run").stdout


# -- an old run asked again ------------------------------------------------------------------------------


def test_a_run_is_asked_again(review, server):
    harvest(review, "run")
    gone = [corpus.pmid(position) for position in range(4)]
    server.pubmed.remove(*gone)
    done = told(review, "reproduce", 1, code=4)
    by_name = {search["name"]: search for search in done["searches"]}
    assert (by_name["pubmed"]["then"], by_name["pubmed"]["now"]) == (NUMBER, NUMBER - 4)
    assert by_name["pubmed"]["drift_percent"] == -13.33
    assert [each["key"] for each in by_name["pubmed"]["vanished"]] == gone
    assert by_name["register"]["within_10_percent"] is True
    shown = harvest(review, "reproduce", 1, code=4)
    assert "withdrawn by the source" in shown.stdout
    assert "NO" in shown.stdout
    assert "Nothing was stored but a note" in shown.stderr
    only = harvest(review, "reproduce", 1, "--only", "register")
    assert "pubmed" not in only.stdout
    assert rows(review, "SELECT count(*) FROM event WHERE kind = 'reproduced'") == [(3,)]


def test_many_vanished_ones_are_counted(review, server):
    harvest(review, "run")
    server.pubmed.remove(*corpus.articles(NUMBER))
    shown = harvest(review, "reproduce", 1, "--only", "pubmed", code=4)
    assert "pubmed: 10 records more vanished: `--json` names all." in shown.stderr


def test_a_source_that_is_away_is_exit_3(review, server):
    harvest(review, "run")
    server.inject(faults.html_page, times=99)
    shown = harvest(review, "reproduce", 1, "--only", "pubmed", code=3)
    assert "failed" in shown.stdout
    assert "pubmed: " in shown.stderr


def test_a_file_is_proved(review, tmp_path):
    (tmp_path / "one.ris").write_text("TY  - JOUR\nTI  - One\nER  - \n")
    harvest(review, "add", tmp_path / "one.ris", "--database", "Embase", "--platform", "Ovid")
    assert "its file, byte for byte" in harvest(review, "reproduce", 1).stdout


def test_a_source_that_cannot_go_back_says_so(capsys):
    added = (Drifted("1", "", "new in the source"),)
    search = Repeated("eric", "eric", "asked", then=0, now=1, added=added)
    _tell(Reproduction(3, "2020-01-01T00:00:00Z", (search,)))
    shown = capsys.readouterr()
    assert "nothing: all of today" in shown.out
    assert "from none" in shown.out
    assert "eric: the source cannot go back to a day" in shown.err


def test_a_string_that_is_read_differently_is_shown(review, server):
    server.pubmed.match("the", corpus.articles(NUMBER), translation='"the"[All Fields]')
    harvest(review, "run")
    server.pubmed.match("the", corpus.articles(NUMBER), translation='"the"[MeSH Terms]')
    shown = harvest(review, "reproduce", 1, "--only", "pubmed").stderr
    assert 'the source read the string as: "the"[All Fields]' in shown
    assert 'it reads the same string as:    "the"[MeSH Terms]' in shown

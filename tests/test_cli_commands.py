"""What is typed in a review that is well: every command once more, for what no other test types."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from reviews import contents, harvest, rows, told, write
from terminal import copied, files, harvested, sentence, served

from db.errors import BadAnswer
from harvest.sources.pubmed import PubMed


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return harvested(tmp_path_factory.mktemp("once") / "review")


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


# -- the folder ----------------------------------------------------------------------------------------


def test_a_new_review_is_written_where_it_was_said_to_be(tmp_path):
    folder = tmp_path / "my review"
    said = harvest(tmp_path, "new", folder, "--dry-run").stdout.splitlines()
    assert not folder.exists()
    result = harvest(tmp_path, "new", folder, "--title", "Sepsis")
    assert result.stdout.splitlines() == said
    assert f"`harvest -C '{folder}' check`" in result.stderr
    assert "Sepsis" in (folder / "review.toml").read_text()
    assert harvest(folder, "check").stderr.startswith("0 errors, ")
    assert "is a review already" in sentence(harvest(tmp_path, "new", folder, code=2).stderr)


def test_a_check_tells_errors_from_warnings(review):
    assert harvest(review, "check").stderr.startswith("Nothing is wrong.")
    (review / "searches" / "register.txt").write_text("trial")
    toml = (review / "review.toml").read_text()
    model = 'per_record = 1\n[ranking]\nmodel = "magic"\n'
    (review / "review.toml").write_text(toml.replace("per_record = 2", model))
    found = told(review, "check", code=2)
    assert [(p["place"].split(" ")[0], p["warning"]) for p in found] == [
        ("screening.per_record", True),
        ("ranking", False),
    ]
    assert harvest(review, "check", code=2).stderr.startswith("1 error, 1 warning.")
    assert "There is no ranking model 'magic'" in sentence(harvest(review, "run", code=2).stderr)


def test_searches_by_hand_are_nobodys_to_doubt(review):
    toml = (review / "review.toml").read_text()
    search = '\n[[search]]\nname = "embase"\nsource = "file"\ndatabase = "Embase"\nplatform = "Ovid"\nquery = "searches/embase.txt"\nfiles = "imports/*embase*"\n'
    (review / "review.toml").write_text(toml + search)
    (review / "searches" / "embase.txt").write_text("exp sepsis/ adj3 child*")
    assert [p["place"] for p in told(review, "check")] == ["search[3].files (line 51)"]  # no such file yet


def test_doubts_of_a_source_are_warnings(review):
    (review / "searches" / "pubmed.txt").write_text("child[tiab] and sep*[tiab]")
    found = told(review, "check")
    assert [p["code"] for p in found] == ["S201", "S501"]
    assert all(p["warning"] and p["file"] == "searches/pubmed.txt" for p in found)
    assert harvest(review, "check").stdout.startswith("warning: searches/pubmed.txt: line 1, column 13: ")


def test_a_schedule_is_printed_and_nothing_is_installed(review):
    assert "below [schedule]" in harvest(review, "schedule", code=2).stderr
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml + '\n[schedule]\nevery = "weekly"\n')
    for system in ("cron", "systemd", "github", "windows"):
        assert "run" in harvest(review, "schedule", system).stdout


def test_every_source_says_how_it_is_asked(once):
    kinds = {line["name"]: line["kind"] for line in told(once, "sources")}
    assert {"clinicaltrials": "asked", "pubmed": "asked", "ictrp": "export"}.items() <= kinds.items()
    begins = {"asked": "Query: ", "export": "Not asked by Harvest: "}
    for name, kind in kinds.items():
        assert harvest(once, "sources", name).stdout.splitlines()[2].startswith(begins[kind])
    assert [line["label"] for line in told(once, "sources", "SSCI")] == [
        "Web of Science (Science and Social Sciences Citation Index …)"
    ]
    assert "comes as an export file" not in harvest(once, "sources", "zzz", code=2).stderr
    assert "web-of-science" in harvest(once, "sources").stdout


# -- trials --------------------------------------------------------------------------------------------


def test_the_trial_of_a_study_is_shown_in_every_registers_words(review):
    export = review.parent / "ictrp.csv"
    (found,) = [line for line in told(review, "find", "NCT07000001") if line["source"] == "clinicaltrials"]
    export.write_text(
        "TrialID,Public title,Recruitment Status,Primary sponsor,Secondary ID\n"
        "NCT07000001,Passed on,Somewhere else,Passed on,ISRCTN62918594\n"
    )
    harvest(review, "add", export)
    shown = told(review, "same", "trial", found["id"])
    assert shown["numbers"] == ["NCT07000001"]
    assert shown["elsewhere"] == ["ISRCTN62918594"]
    assert "status" in shown["disputed"]
    assert [each["source"] for each in shown["said"]["status"]] == ["clinicaltrials", "file:ictrp"]
    assert len(shown["records"]) == 2
    result = harvest(review, "same", "trial", found["id"])
    assert "Somewhere else" in result.stdout
    assert "Registered elsewhere, too, and not here: ISRCTN62918594." in result.stderr
    (paper,) = rows(
        review,
        "SELECT min(record_id) FROM membership WHERE study_id NOT IN (SELECT study_id FROM membership JOIN record "
        "ON record.id = record_id WHERE source <> 'pubmed')",
    )[0]
    said = harvest(review, "same", "trial", f"H{paper:06}", code=2)
    assert "nothing has come from a register about its study" in sentence(said.stderr)


# -- rehearsals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [
    ["rank", "--dry-run"], ["queue", "export", "--reviewer", "ana", "--dry-run"], ["decide", "H1", "include", "--reviewer", "ana", "--dry-run"],
    ["same", "join", "H1", "H2", "--by", "ana", "--dry-run"], ["same", "split", "H1", "H2", "--by", "ana", "--dry-run"], ["db", "reread", "--dry-run"],
    ["queue", "import", "{decisions}", "--reviewer", "ana", "--dry-run"], ["add", "{export}", "--dry-run"],
], ids=lambda words: " ".join(words[:2]))  # fmt: skip
def test_a_rehearsal_says_what_it_would_do_and_leaves_everything_as_it_was(review, tmp_path, words):
    decisions, export = tmp_path / "decisions.csv", tmp_path / "export.ris"
    decisions.write_text("harvest_id,decision\nH000001,include\nH000002,exclude\nH000003,\n")
    export.write_text("TY  - JOUR\nTI  - A trial\nER  - \n")
    before = _all(review)
    said = harvest(review, *(word.format(decisions=decisions, export=export) for word in words))
    assert said.stdout
    assert _all(review) == before


def _all(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        return list(db.iterdump()), files(review) - {"review.db-shm", "review.db-wal"}


def test_a_rehearsal_counts_what_the_real_thing_then_does(review, tmp_path):
    decisions = tmp_path / "decisions.csv"
    decisions.write_text("harvest_id,decision\nH000001,include\nH000002,exclude\nH000003,\n")
    words = ["queue", "import", decisions, "--reviewer", "ana"]
    assert (
        harvest(review, *words, "--dry-run").stdout
        == "2 decisions of ana at title and abstract, from Excel: 2 votes would be added; 1 row still open.\n"
    )
    assert harvest(review, *words).stdout.endswith(": 2 votes added; 1 row still open.\n")
    assert (
        harvest(review, *words, "--dry-run").stdout
        == "2 decisions of ana at title and abstract, from Excel: 0 votes would be added; 1 row still open.\n"
    )
    assert "1 vote" not in harvest(review, "rank").stderr
    waiting = told(review, "queue", "export", "--reviewer", "ana", "--limit", 4, "--dry-run")
    assert waiting == {"path": None, "reports": 4, "left": 5, "more": []}
    done = told(review, "queue", "export", "--reviewer", "ana", "--limit", 4)
    assert (done["reports"], done["left"]) == (4, 5)
    assert (
        harvest(review, "queue", "export", "--reviewer", "ana", "--dry-run").stdout
        == "9 reports for ana; 0 more wait.\n"
    )


def test_where_nothing_was_found_nothing_can_be_ranked(tmp_path):
    with served() as server:
        server.pubmed.match("the", [])
        server.trials.match("trial", [])
        review = write(tmp_path / "review", server.pubmed_url, server.trials_url)
        harvest(review, "run")
    result = harvest(review, "rank")
    assert result.stderr == "There is nothing to rank yet.\n"
    assert told(review, "rank") == {"model": None, "labels": 0, "order": []}
    assert told(review, "queue", "export", "--reviewer", "ana", "--format", "csv")["reports"] == 0


# -- sameness ------------------------------------------------------------------------------------------


def test_two_records_are_shown_side_by_side_with_all_that_was_said(review):
    harvest(review, "same", "join", "H000001", "H000002", "--by", "ana", "--because", "one cohort")
    harvest(review, "same", "split", "H000001", "H000002", "--by", "ben")
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("INSERT INTO link (a, b, relation, by, rule, version, score, evidence, said_at) VALUES "
                   "(1, 2, 'ask', 'rules', 'alike', '1', 0.5, '{\"title\": 0.75}', '2026-01-01T00:00:00Z')")  # fmt: skip
        db.commit()
    said = harvest(review, "same", "show", "h1", "H000002").stdout
    assert "ana: same report (one cohort, 1.0)" in said
    assert "ben: different\n" in said
    assert "rules: ask (alike, 0.5)" in said
    assert "0.75" in said


def test_open_questions_and_studies_are_listed(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("INSERT INTO link (a, b, relation, by, rule, version, score, evidence, said_at) VALUES "
                   "(1, 2, 'ask', 'rules', 'alike', '1', 0.5, '{}', '2026-01-01T00:00:00Z')")  # fmt: skip
        db.commit()
    result = harvest(review, "same", "list", "--ask")
    asked = len(told(review, "same", "list", "--ask"))
    assert "H000001  H000002" in result.stdout
    assert result.stderr.endswith(". `harvest same review` asks one after the other.\n")
    assert (
        f"{asked} pair{'' if asked == 1 else 's'} to ask a person about" in harvest(review, "status").stdout
    )
    harvest(review, "same", "join", "H000001", "H000002", "--study", "--by", "ana")
    assert len(told(review, "same", "list", "--ask")) == asked - 1
    assert harvest(review, "same", "list", "--studies").stderr == "1 of more than one report.\n"
    assert harvest(review, "same", "list").stderr == "0 of more than one record.\n"


# -- looking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "found"), [
    ("40000001", 1), ("10.5555/corpus.0", 1), ("https://doi.org/10.5555/CORPUS.0.", 1), ("nct07000001", 1), ("H000011", 1), ("h11", 1),
    ("H000099", 0), ("40000099", 0), ("10.5555/none", 0), ("NCT07999999", 0), ("trial Oslo", 2), ('"', 0), ("", 0), ("* (", 0),
])  # fmt: skip
def test_a_record_is_found_by_any_of_its_names(once, words, found):
    assert len(told(once, "find", words)) == found


def test_a_review_without_reviewers_has_a_status_and_no_queue(review):
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml.replace('reviewers = ["ana", "ben"]\n', ""))
    result = harvest(review, "status")
    assert "11 open" in result.stdout
    assert "reviewer" not in result.stdout
    assert "names nobody yet" in sentence(
        harvest(review, "decide", "H1", "include", "--reviewer", "ana", code=2).stderr
    )
    assert "[screening] reviewers names nobody yet" in sentence(
        harvest(review, "queue", "export", "--reviewer", "ana", code=2).stderr
    )


def test_a_run_is_told_about_by_its_number(review):
    harvest(review, "run", code=1)
    assert {s["name"]: s["new"] for s in told(review, "status", "--run", 1)["searches"]} == {
        "pubmed": 8,
        "register": 3,
    }
    assert {s["name"]: s["new"] for s in told(review, "status")["searches"]} == {"pubmed": 0, "register": 0}


def test_a_search_of_last_year_is_told_to_be_old(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("UPDATE fetch SET started_at = '2020-01-01T00:00:00.000Z'")
        db.commit()
    assert "MECIR C37 allows twelve months" in harvest(review, "status").stderr


# -- the database --------------------------------------------------------------------------------------


def test_a_database_that_is_not_what_was_stored_is_told_and_exit_4(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.execute("DROP TRIGGER page_refuses_update")
        db.execute("UPDATE page SET sha256 = 'x' WHERE id = 1")
        db.commit()
    result = harvest(review, "db", "verify", code=4)
    assert "Page 1 is not what was stored" in result.stdout
    assert sentence(result.stderr).startswith("2 things wrong in ")
    assert len(told(review, "db", "verify", code=4)) == 2


def test_a_page_that_can_be_read_no_more_is_told_and_keeps_its_records(review, monkeypatch):
    before = contents(review)

    def unreadable(_self, _body):
        raise BadAnswer("pubmed", "It is no XML.")

    monkeypatch.setattr(PubMed, "records", unreadable)
    result = harvest(review, "db", "reread", code=3)
    assert "It is no XML." in result.stderr
    assert result.stdout.endswith("0 records read differently.\n")
    assert contents(review) == before


def test_a_better_reader_makes_one_more_revision_and_asks_nobody(review, monkeypatch):
    read = PubMed.records
    monkeypatch.setattr(PubMed, "records", lambda self, body: (_titled(r) for r in read(self, body)))
    (review / "imports" / "one.ris").write_text("TY  - JOUR\nTI  - A trial\nER  - \n")
    harvest(review, "run", code=3)
    assert harvest(review, "db", "reread", "--dry-run").stdout.endswith("8 records read differently.\n")
    assert rows(review, "SELECT count(*) FROM revision") == [(12,)]
    assert harvest(review, "db", "reread").stdout.endswith("8 records read differently.\n")
    assert harvest(review, "db", "reread").stdout.endswith("0 records read differently.\n")
    assert rows(review, "SELECT count(*) FROM revision") == [(20,)]
    assert len(told(review, "find", "better")) == 8


def _titled(record):
    return replace(record, title=f"{record.title} (better)")


def test_a_search_is_chosen_where_none_asks_a_source(tmp_path):
    folder = write(tmp_path / "review")
    toml = (folder / "review.toml").read_text()
    head, _, tail = toml.partition("[[search]]")
    (folder / "review.toml").write_text(head + tail[tail.index("[screening]") :])
    said = sentence(harvest(folder, "run", "--only", "pubmed", code=2).stderr)
    assert said.endswith("the project has no such search; it has none that asks a source.")

"""The log of the rankings: what it says of each, that each is made again from it, and what is said when it is not."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from reviews import harvest, told
from terminal import copied, harvested, sentence

from db.store import Store
from screen import models


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    csv = review.parent / "decisions.csv"
    csv.write_text("harvest_id,decision\nH000001,include\nH000002,exclude\nH000003,unsure\n")
    harvest(review, "queue", "import", csv, "--reviewer", "ana")
    harvest(review, "queue", "export", "--reviewer", "ben", "--format", "csv", "--limit", 4)
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def spoil(review, *statements):
    with closing(sqlite3.connect(review / "review.db")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_the_log_says_when_what_for_learnt_from_what_and_shown_to_whom(once):
    newest, first = told(once, "rank", "log")
    assert (newest["ranking"], newest["because"], first["ranking"], first["because"]) == (
        2,
        "import",
        1,
        "run",
    )
    assert (newest["labels"], newest["labels_withheld"]) == ({}, 3)  # one of two has voted on each
    assert newest["counts"] == {"included": 1, "excluded": 1, "between": 1}
    assert (newest["model"], newest["seed"], newest["reports"]) == (models.DEFAULT, 1, 11)
    assert newest["features"] > 0
    assert {"python", "numpy", "scipy", "harvest"} <= newest["versions"].keys()
    assert newest["corpus"] == first["corpus"] != ""
    (shown,) = newest["shown"]
    assert (shown["reviewer"], len(shown["reports"]), shown["by"][:7]) == ("ben", 4, "queues/")
    assert first["shown"] == []
    table = harvest(once, "rank", "log").stdout
    assert "1 in, 1 out, 1 between" in table
    assert "ben 4" in table
    assert [line["ranking"] for line in told(once, "rank", "log", "--last", 1)] == [2]
    assert harvest(once, "rank", "log", 1).stdout.count("run") == 1


def test_one_ranking_is_told_with_everything_that_is_kept(once):
    kept = told(once, "rank", "log", 2)
    assert [line["rank"] for line in kept["order"]] == list(range(1, 12))
    assert kept["order"][0]["id"] == told(once, "rank", "--dry-run")["order"][0]["id"]
    assert kept["asked"]["title"] == "Parenting support after birth"
    assert "no ranking 9" in sentence(harvest(once, "rank", "log", 9, "--json", code=2).stderr)


def test_reports_shown_one_by_one_stand_in_the_log_beside_queues(review):
    with Store.open(review / "review.db") as store:
        for position, report in enumerate((5, 7, 5), start=1):
            store.add_showing(2, "ana", "title and abstract", report, position)
    assert "ana 2, ben 4" in harvest(review, "rank", "log").stdout
    desk = told(review, "rank", "log")[0]["shown"][1]
    assert (desk["reviewer"], desk["reports"], desk["by"]) == ("ana", ["H000005", "H000007", "H000005"], "")


def test_rankings_come_out_the_same_after_new_records_changed_ones_and_joined_ones(review, tmp_path):
    (tmp_path / "late.ris").write_text("TY  - JOUR\nTI  - Late support for parents\nER  - \n")
    harvest(review, "add", tmp_path / "late.ris")
    harvest(review, "same", "join", "H000001", "H000004", "--by", "ana")
    harvest(review, "rank")
    found = told(review, "rank", "check", "--all")
    assert [one["number"] for one in found] == [4, 3, 2, 1]
    assert all(one["same"] and one["other_versions"] == [] for one in found)
    result = harvest(review, "rank", "check")
    assert result.stdout.startswith("Ranking 4 is the same, bit for bit: 11 reports")
    assert result.stderr == ""
    assert told(review, "rank", "check", 1)[0]["number"] == 1


@pytest.mark.parametrize(("change", "finding"), [
    ("UPDATE ranking SET model = 'oracle' WHERE id = 2", "cannot be made again. This version cannot make it: There is no ranking model 'oracle'"),
    ("UPDATE ranking SET corpus = NULL WHERE id = 2", "cannot be made again. It does not say which texts it was made of"),
    ("UPDATE ranking SET labels = '{\"4\": 1.0}' WHERE id = 2", "comes out differently from place"),
    ("UPDATE ranking SET parameters = json_insert(parameters, '$.colour', 1) WHERE id = 2", "has no parameter colour"),
])  # fmt: skip
def test_what_differs_is_said_in_a_sentence_and_exit_4(review, change, finding):
    spoil(review, "DROP TRIGGER ranking_refuses_update", change)
    result = harvest(review, "rank", "check", code=4)
    assert finding in result.stdout
    assert result.stdout.count("\n") == 1
    assert [one["same"] for one in told(review, "rank", "check", "--all", code=4)] == [False, True]


def test_a_revision_that_is_gone_is_said(review):
    spoil(review, "DROP TRIGGER revision_refuses_delete", "DELETE FROM revision WHERE id = 3")
    assert (
        "Revision 3 is gone from the database: restore a backup."
        in harvest(review, "rank", "check", code=4).stdout
    )


def test_other_versions_are_told_and_the_order_is_compared_all_the_same(review):
    change = "UPDATE ranking SET versions = json_set(versions, '$.numpy', '0.9') WHERE id = 2"
    spoil(review, "DROP TRIGGER ranking_refuses_update", change)
    result = harvest(review, "rank", "check")
    assert "Ranking 2 was made with numpy 0.9, now " in result.stderr
    assert "is the same, bit for bit" in result.stdout


def test_scores_that_differ_in_the_last_bit_are_seen(review):
    from dataclasses import replace

    with Store.open(review / "review.db") as store:
        _, kept = store.newest_ranking()
        (report, score), *rest = kept.order
        store.add_ranking(replace(kept, input_digest="other", order=((report, score + 1e-12), *rest)))
        store.add_ranking(replace(kept, input_digest="fewer", order=kept.order[:-1]))
    assert (
        "has the same order with other scores, by 1.0e-12"
        in harvest(review, "rank", "check", 3, code=4).stdout
    )
    assert "held 10 reports, and now holds 11" in harvest(review, "rank", "check", 4, code=4).stdout


def test_before_there_is_a_ranking_there_is_nothing_to_check(review):
    spoil(review, "DROP TABLE ordering", "CREATE TABLE ordering (ranking_id, reports, digest, content)")
    assert told(review, "rank", "log") == []
    assert "Nothing is ranked yet" in sentence(harvest(review, "rank", "check", code=2).stderr)
    assert "There is no ranking 7" in sentence(harvest(review, "rank", "check", 7, code=2).stderr)
    assert "There is no ranking 7" in sentence(harvest(review, "rank", "log", 7, code=2).stderr)


def test_earlier_decisions_are_kept_in_the_log_and_learnt_from_again(review):
    (review / "imports" / "old.csv").write_text(
        "title,abstract,included\nHome visits,Parents at home,1\nWheat,Soil,0\n"
    )
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml + '\n[ranking]\nearlier = ["imports/old.csv"]\n')
    harvest(review, "rank")
    (review / "imports" / "old.csv").unlink()
    kept = told(review, "rank", "log", 3)
    assert [text["title"] for text in kept["asked"]["known"]] == ["Home visits"]
    assert [text["title"] for text in kept["asked"]["rejected"]] == ["Wheat"]
    assert json.dumps(kept["order"]) != json.dumps(told(review, "rank", "log", 2)["order"])
    assert told(review, "rank", "check")[0]["same"]
    assert "there is no file imports/old.csv" in sentence(harvest(review, "rank", code=2).stderr)


def test_what_the_template_left_in_the_project_file_says_nothing_of_the_review(review):
    toml = (review / "review.toml").read_text()
    left = 'population = "<who>"\ninclude = ["<anything else>", "Infants"]'
    (review / "review.toml").write_text(toml.replace('population = "parents and infants"', left))
    harvest(review, "rank")
    asked = told(review, "rank", "log", 3)["asked"]
    assert (asked["population"], asked["include"]) == ("", ["Infants"])

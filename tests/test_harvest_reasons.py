"""Why a report stands where it stands: what is told to whom, and what never is."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook
from reviews import harvest, told
from terminal import copied, harvested, sentence


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    for number, (ana, ben) in enumerate([("include", "include"), ("exclude", "include"), ("exclude", "")], 1):
        harvest(review, "decide", f"H{number}", ana, "--reviewer", "ana")
        if ben:
            harvest(review, "decide", f"H{number}", ben, "--reviewer", "ben")
    harvest(review, "rank")
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def exported(review, kind="csv"):
    return Path(told(review, "queue", "export", "--reviewer", "ben", "--format", kind)["path"])


def whys(path):
    with io.StringIO(path.read_text("utf-8-sig"), newline="") as text:
        return [row["why"] for row in csv.DictReader(text)]


def configure(review, line):
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(f"{toml}\n[ranking]\n{line}\n")


# -- harvest rank why ----------------------------------------------------------------------------------


def test_place_score_terms_and_likes_are_those_of_the_order_in_force(once):
    order = told(once, "rank", "--top", 99, "--dry-run")["order"]
    for line in order:
        why = told(once, "rank", "why", line["id"])
        assert (why["place"], round(why["score"], 4), why["of"]) == (line["rank"], line["score"], 11)
        assert all(reason["part"] > 0 for reason in why["lifted"])
        assert all(reason["part"] < 0 for reason in why["lowered"])
        parts = [reason["part"] for reason in (*why["lifted"], *why["lowered"])]
        assert sum(parts) + why["others"] == pytest.approx(why["score"])
        assert {near["id"] for near in why["nearest"]} <= {"H000001", "H000002", "H000003"} - {line["id"]}
    text = harvest(once, "rank", "why", order[0]["id"]).stdout
    assert "Place 1 of 11 in ranking 2 (" in text
    assert "lifted by" in text
    assert "most like" in text


def test_only_what_is_settled_is_told_of_the_likes(once):
    def nearest(*words):
        return {
            near["id"]: (near["outcome"], near["own"])
            for near in told(once, "rank", "why", "H5", *words)["nearest"]
        }

    settled = {"H000001": "include", "H000002": "conflict", "H000003": "open"}
    assert nearest() == {name: (outcome, "") for name, outcome in settled.items()}
    mine = {"H000001": "include", "H000002": "exclude", "H000003": "exclude"}
    assert nearest("--reviewer", "ana") == {name: (settled[name], mine[name]) for name in settled}
    # Ana has excluded H000003 and Ben has not voted on it: nothing of hers is told to him, in text or JSON.
    assert nearest("--reviewer", "ben")["H000003"] == ("open", "")
    text = harvest(once, "rank", "why", "H5", "--reviewer", "ben").stdout
    assert "exclude" not in next(line for line in text.splitlines() if line.startswith("H000003"))


@pytest.mark.parametrize(("words", "said"), [
    (["H000099"], "There is no record H000099"), (["wheat"], "There is no record wheat"),
    (["H1", "--reviewer", "eve"], "'eve' is no reviewer of this review"),
])  # fmt: skip
def test_who_and_what_must_exist(once, words, said):
    assert said in sentence(harvest(once, "rank", "why", *words, code=2).stderr)


def test_a_record_that_was_joined_to_a_report_is_told_with_it_and_one_that_is_new_is_not_ranked(
    review, tmp_path
):
    harvest(review, "same", "join", "H000004", "H000005", "--by", "ana")
    harvest(review, "rank")
    assert told(review, "rank", "why", "H5") == told(review, "rank", "why", "H4")
    harvest(review, "same", "split", "H000004", "H000005", "--by", "ana")
    assert "H5 came after ranking 3: `harvest rank` makes a new order." in sentence(
        harvest(review, "rank", "why", "H5", code=2).stderr
    )


def test_without_a_ranking_there_is_no_why(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.executescript("DROP TABLE ordering; DROP TRIGGER ranking_refuses_delete; DELETE FROM ranking;"
                         "CREATE TABLE ordering (ranking_id, reports, digest, content)")  # fmt: skip
    assert "Nothing is ranked yet" in sentence(harvest(review, "rank", "why", "H1", code=2).stderr)
    assert set(whys(exported(review))) == {""}


# -- the column of the queues --------------------------------------------------------------------------


def test_queues_name_terms_and_a_file_that_comes_back_is_not_read_there(review):
    path = exported(review)
    found = whys(path)
    assert all(found)
    assert all(word not in why for why in found for word in ("include", "exclude", "ana", "H0"))
    sheet = load_workbook(exported(review, "xlsx"))["Queue"]
    column = [cell.value for cell in sheet[1]].index("why") + 1
    assert [sheet.cell(row, column).value or "" for row in range(2, sheet.max_row + 1)] == found
    rows = path.read_text("utf-8-sig").replace(found[0], "include; exclude")
    path.write_text(rows)
    assert told(review, "queue", "import", path, "--reviewer", "ben", "--dry-run")["decided"] == 0


def test_the_column_can_be_switched_off(review):
    configure(review, "why = false")
    assert set(whys(exported(review))) == {""}


def test_a_queue_goes_out_without_reasons_when_the_order_cannot_be_made_again(review):
    with closing(sqlite3.connect(review / "review.db")) as db:
        db.executescript("DROP TRIGGER ranking_refuses_update; UPDATE ranking SET model = 'oracle'")
    result = harvest(review, "queue", "export", "--reviewer", "ben", "--format", "csv")
    assert "The column `why` is empty: Ranking 2 cannot be made again." in result.stderr
    assert "There is no ranking model 'oracle'; the models are" in result.stderr
    assert set(whys(Path(result.stdout.strip()))) == {""}

"""`harvest simulate`, as it is typed, on a file and on a review that has been screened."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from reviews import harvest, told
from wheels import built

from harvest.simulation import stated
from screen.models import DEFAULT, MODELS

SYNTHETIC = Path(__file__).parent / "data" / "screen" / "ranking" / "synthetic.csv"
OTHER = next(name for name in MODELS if name != DEFAULT)
EXAMPLE = Path(__file__).parent.parent / "examples" / "naive_bayes"
QUICK = ("--seeds", 2, "--every", "20%")
REVIEW = """
title = "Parent-infant psychotherapy"
question = "Does dyadic psychotherapy of mother and infant help?"
contact.email = "ana@example.org"
[criteria]
intervention = "dyadic psychotherapy"
[[search]]
name = "synthetic"
source = "file"
database = "Synthetic"
platform = "None"
files = "imports/*synthetic*"
[screening]
reviewers = ["ana"]
per_record = 1
"""


@pytest.fixture
def file(tmp_path):
    return Path(shutil.copy(SYNTHETIC, tmp_path / "labelled.csv"))


@pytest.fixture
def review(tmp_path):
    """A review whose only export file has been read and screened as its labels say."""
    folder = tmp_path / "review"
    folder.mkdir()
    (folder / "imports").mkdir()
    (folder / "review.toml").write_text(REVIEW)
    harvest(folder, "add", SYNTHETIC, "--database", "Synthetic")
    return folder


def screen(folder, most=None):
    """Fill in the queue from the labels of the file, or its first rows only."""
    labels = {row["title"]: row["label"] for row in csv.DictReader(SYNTHETIC.read_text("utf-8").splitlines())}
    harvest(folder, "queue", "export", "--reviewer", "ana", "--format", "csv")
    (queue,) = (folder / "queues").glob("*.csv")
    table = list(csv.DictReader(io.StringIO(queue.read_text("utf-8-sig"))))
    for row in table[:most]:
        row["decision"] = "include" if labels[row["title"]] == "1" else "exclude"
    with queue.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    harvest(folder, "queue", "import", queue, "--reviewer", "ana")
    return len(table)


def test_a_file_is_replayed_beside_random_order(tmp_path, file):
    found = told(tmp_path, "simulate", file, *QUICK)
    assert (found["set"], found["records"], found["included"], found["unlabelled"]) == ("labelled", 60, 10, 0)
    assert (found["seeds"], found["priors"], found["every"]) == (2, 1, "20%")
    (ranker,) = found["rankers"]
    assert [run["seed"] for run in ranker["runs"]] == [0, 1]
    assert ranker["mean"]["loss"] < found["random"]["loss"] == 0.5
    for run in ranker["runs"]:
        assert run["stop"]["read"] <= 58
        assert run["oracle"]["recall"] >= 0.95


def test_it_is_told_as_a_table(tmp_path, file):
    result = harvest(tmp_path, "simulate", file, *QUICK)
    head, ranker, chance = result.stdout.splitlines()[:3]
    assert head.split()[:3] == ["recall@10", "recall@20", "recall@50"]
    assert " ± " in ranker
    assert chance.startswith("random order")
    assert "labelled: 10 of 60 records included; mean ± standard deviation of 2 replays" in result.stdout
    assert "Stopping rule: target 95% recall, 95% confidence" in result.stdout
    assert "Labels are taken from label." in result.stderr
    assert "No title and no criteria were given" in result.stderr
    assert "replaying" in result.stderr


def test_the_same_seeds_give_the_same_figures(tmp_path, file):
    first, second = (told(tmp_path, "simulate", file, *QUICK)["rankers"][0]["runs"] for _ in range(2))
    assert first == second


def test_a_cold_start_goes_by_title_and_criteria(tmp_path, file):
    words = (
        "--priors",
        0,
        "--title",
        "Dyadic psychotherapy of mother and infant",
        "--criteria",
        "Exclude wheat.",
    )
    found = told(tmp_path, "simulate", file, *QUICK, *words)
    assert found["priors"] == 0
    assert found["rankers"][0]["mean"]["first"] <= 2 / 60


def test_several_models_get_the_same_priors_and_one_picture(tmp_path, file):
    picture = tmp_path / "recall.svg"
    models = ("--model", "default", "--model", OTHER, "--set", "title_weight=0.2", "--plot", picture)
    found = told(tmp_path, "simulate", file, *QUICK, *models)
    assert len({ranker["ranker"] for ranker in found["rankers"]}) == 2
    words = [word.text for word in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert "labelled: 10 of 60 records included" in words
    assert {ranker["ranker"] for ranker in found["rankers"]} < set(words)


def test_a_long_name_stays_inside_its_picture_and_figures_are_told_where_it_cannot_be_drawn(tmp_path, file):
    long = tmp_path / f"{'the_review_of_everything_' * 4}.csv"
    shutil.copy(file, long)
    picture = tmp_path / "recall.svg"
    done = harvest(tmp_path, "simulate", long, *QUICK, "--plot", picture)
    assert (
        "ranked again after every 10 records" in done.stdout or "when the labels had grown by" in done.stdout
    )
    words = [word.text for word in ET.parse(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert max(map(len, words)) < 90
    refused = harvest(tmp_path, "simulate", long, *QUICK, "--plot", long / "recall.svg", code=1)
    assert "random order" in refused.stdout


def test_a_ranker_from_elsewhere_is_replayed_like_ours(tmp_path, file, monkeypatch):
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(str(built(EXAMPLE, tmp_path / "site")))
    models = ("--model", "default", "--model", "naive-bayes", "--set", "alpha=1.0")
    refused = harvest(tmp_path, "simulate", file, *QUICK, *models, code=2)
    assert "has no parameter alpha" in refused.stderr
    found = told(tmp_path, "simulate", file, *QUICK, *models[:4])
    sys.modules.pop("harvest_naive_bayes")
    ours, theirs = found["rankers"]
    assert theirs["ranker"].startswith("naive-bayes")
    assert theirs["mean"]["loss"] < 0.5 > ours["mean"]["loss"]


def test_labels_from_another_column_and_rows_without_one(tmp_path, file):
    file.write_text(file.read_text().replace("label", "chosen", 1) + "one more title,and text,,\n")
    result = harvest(tmp_path, "simulate", file, *QUICK, "--label", "chosen")
    assert "10 of 60 records included" in result.stdout
    assert "Without a label, and left out of the figures: 1 of the records." in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("none.csv",), "none.csv cannot be read"),
        (("labelled.csv", "--every", "often"), "write 1, 10 or 2%"),
        (("labelled.csv", "--set", "C"), "write NAME=VALUE"),
        (("labelled.csv", "--set", "nothing=1"), "has no parameter nothing"),
        (("labelled.csv", "--model", "gone-7"), "gone-7"),
        (("labelled.csv", "--model", OTHER, "--model", OTHER), "A ranker is named twice"),
        (("labelled.csv", "--priors", "10"), "a replay that is told 10 of them has none left to find"),
        (("labelled.csv", "--label", "elsewhere"), "no column 'elsewhere'"),
        ((), "is no review folder"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_one_sentence(tmp_path, file, words, sentence, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = harvest(tmp_path, "simulate", *words, code=2)
    assert sentence in result.stderr


def test_the_review_itself_is_replayed_with_its_own_question(review):
    reports = screen(review)
    found = told(review, "simulate", *QUICK)
    assert (found["set"], found["included"], found["unlabelled"]) == ("Parent-infant psychotherapy", 10, 0)
    assert found["records"] == reports
    assert "No title" not in harvest(review, "simulate", *QUICK).stderr


def test_the_review_says_model_parameters_and_target(review):
    screen(review)
    (review / "review.toml").write_text(
        REVIEW + f'[ranking]\nmodel = "{OTHER}"\nparameters = {{ title_weight = 0.1 }}\ntarget = 0.8\n'
    )
    found = told(review, "simulate", *QUICK)
    assert ([ranker["ranker"] for ranker in found["rankers"]], found["target"]) == ([OTHER], 0.8)
    other = told(review, "simulate", *QUICK, "--set", "title_weight=3")
    assert other["rankers"][0]["mean"] != found["rankers"][0]["mean"]


def test_what_is_not_settled_is_left_out_of_the_figures(review):
    reports = screen(review, 30)
    found = told(review, "simulate", *QUICK)
    assert found["records"] - found["unlabelled"] == 30 < reports


def test_a_review_that_has_decided_nothing_cannot_be_replayed(review):
    result = harvest(review, "simulate", code=2)
    assert "0 reports are settled as included and 0 as excluded: a replay needs both" in result.stderr


def test_criteria_in_one_text():
    topic = stated(
        "A title", "Adults with asthma. Excluded: case reports; exclude letters.\nRandomised trials"
    )
    assert topic.title == "A title"
    assert topic.include == ("Adults with asthma.", "Randomised trials")
    assert topic.exclude == ("Excluded: case reports;", "exclude letters.")
    assert stated("", "").include == ()

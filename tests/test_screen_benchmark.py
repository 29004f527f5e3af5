"""`benchmarks/ranking.py` and what it starts (`run_ranking`, `run_ranking_size`, `run_asreview`): run once, small.

The peer is a stand-in: ASReview is no part of us.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
SAMPLE = Path(__file__).parent / "data" / "screen" / "ranking"
RANKERS = ["ours", "no protocol", "ELAS u4, written again", "cold start", "no learning"]


def run(*arguments, code=0):
    command = [sys.executable, str(BENCHMARKS / "ranking.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    picture = tmp_path_factory.mktemp("plot") / "recall.svg"
    words = (
        "--json",
        "--seeds",
        2,
        "--every",
        "20%",
        "--jobs",
        2,
        "--plot",
        picture,
        "--sizes",
        300,
        "--labels",
        40,
    )
    return json.loads(run(SAMPLE, *words).stdout) | {"picture": picture.read_text("utf-8")}


def test_every_ranker_reads_every_set(found):
    (seeds, every), contests = (found["sets"]["seeds"], found["sets"]["every"]), found["sets"]["sets"]
    assert (seeds, every) == (2, "20%")
    assert [contest["ranker"] for contest in contests] == RANKERS
    assert [(c["records"], c["included"]) for c in contests] == [
        (58, 9),
        (58, 9),
        (58, 9),
        (60, 10),
        (60, 10),
    ]
    assert all(len(contest["runs"]) == 2 for contest in contests)
    assert all(contest["cpu_ms"] > 0 and contest["peak_mb"] > 0 for contest in contests)
    assert all(0 <= run["loss"] <= 1 for contest in contests for run in contest["runs"])


def test_means_stand_beside_chance(found):
    means = {line["ranker"]: line for line in found["sets"]["means"]}
    assert list(means) == [*RANKERS, "random"]
    assert means["random"]["mean"]["loss"] == 0.5
    assert means["ours"]["mean"]["loss"] < 0.3


def test_differences_are_paired_by_set(found):
    differences = {line["ranker"]: line for line in found["sets"]["differences"]}
    means = {line["ranker"]: line["mean"] for line in found["sets"]["means"]}
    assert list(differences) == [name for name in RANKERS if "u4" not in name]
    less = differences["ours"]["less"]["loss"]
    assert less["mean"] == pytest.approx(means["ours"]["loss"] - means["ELAS u4, written again"]["loss"])
    assert (less["half"], less["pairs"]) == (None, 1)


def test_stopping_is_told_of_every_ranker(found):
    rules = ["curve", "strict", "200 in a row", "oracle"]
    told = found["sets"]["stopping"]
    assert [(line["ranker"], line["rule"]) for line in told] == [
        (name, rule) for name in RANKERS for rule in rules
    ]
    saved = {line["ranker"]: line["saved"]["median"] for line in told if line["rule"] == "oracle"}
    for line in told:
        assert line["runs"] == 2
        assert 0 <= line["met"] <= 1
        assert line["saved"]["median"] <= saved[line["ranker"]] or line["met"] < 1


def test_a_picture_is_drawn(found):
    assert "Recall by records read (1 sets)" in found["picture"]
    assert "written again" in found["picture"]


def test_a_harvest_of_any_size_is_ranked_and_ranked_again(found):
    (size,) = found["sizes"]
    assert (size["documents"], size["labels"]) == (300, 50)
    assert size["first"]["seconds"] > 0
    assert size["again"]["cpu"] >= 0
    assert len(size["costs"]) == 10
    assert size["peak_mb"] > 0


def test_tables_are_read_by_people_and_a_set_without_a_protocol_has_no_cold_start(tmp_path):
    (tmp_path / "synthetic.csv").write_bytes((SAMPLE / "synthetic.csv").read_bytes())
    (tmp_path / "SETS.csv").write_text("set,records\nsynthetic,60\n")
    lines = run(tmp_path, "--seeds", 1, "--every", "50%", "--set", "C=0.1", "--sizes", 50).stdout.splitlines()
    assert lines[0] == "1 seeds, ranked again every 50%; N and R without the priors"
    assert lines[1].split()[:5] == ["set", "N", "R", "ranker", "recall@10"]
    assert lines[2].split()[:4] == ["synthetic", "58", "9", "ours"]
    assert [line for line in lines if line.startswith(("cold start", "no learning"))] == []
    assert any(line.startswith("stopping rule: target 95%") for line in lines)
    assert any(line.split()[:2] == ["50", "50"] for line in lines)


def test_sizes_alone():
    assert run(SAMPLE, "--sizes", 20, "--sets").stdout.startswith(" documents")


def test_a_set_that_is_not_there_is_told():
    assert "no set in" in run(SAMPLE, "--sets", "nothing", code=1).stderr


def test_a_peer_without_asreview_is_told(tmp_path):
    for python in (sys.executable, tmp_path / "nobody"):
        assert "has no ASReview 3" in run(SAMPLE, "--peer", python, code=1).stderr


# -- made-up abstracts -------------------------------------------------------------------------------


def in_benchmarks(code):
    head = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(BENCHMARKS)!r}]\n"
    done = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_abstracts_are_made_whoever_asks_for_more():
    code = (
        "import json; from abstracts import abstracts\n"
        "few, many = list(abstracts(30)), list(abstracts(2300))\n"
        "texts = [(d.title, d.abstract) for d, _ in many]\n"
        "print(json.dumps([few == many[:30], len(set(texts)), [d.id for d, _ in many] == list(range(1, 2301)),\n"
        "    sum(label for _, label in many), sum(len(t) + len(a) for t, a in texts) / len(texts)]))"
    )
    same, different, numbered, included, characters = in_benchmarks(code)
    assert (same, different, numbered) == (True, 2300, True)
    assert 10 < included < 40
    assert 1200 < characters < 1500


# -- the peer ----------------------------------------------------------------------------------------

LEARNER = """
class ActiveLearningCycle:
    n_query = 1

    @classmethod
    def from_meta(cls, meta):
        assert meta == "u4"
        return cls()

    def fit(self, rows, labels):
        return self

    def rank(self, rows):
        return rows
"""
SIMULATE = '''
class Simulate:
    """Reads from the last record to the first, as many at a time as the cycle says."""

    def __init__(self, texts, labels, cycles, print_progress):
        self.size, self.labels, (self.cycle,) = len(texts["title"]), labels, cycles
        self._results = {"record_id": []}

    def label(self, rows):
        self._results["record_id"] += rows

    def review(self):
        read = self._results["record_id"]
        while sum(self.labels[row] for row in read) < sum(self.labels):
            self.cycle.fit([], [])
            left = self.cycle.rank([row for row in reversed(range(self.size)) if row not in read])
            ask = self.cycle.n_query
            self.label(left[: ask(read) if callable(ask) else ask])
'''


@pytest.fixture
def asreview(tmp_path):
    """What `run_asreview.py` asks of ASReview, NumPy and pandas, and no more."""
    files = {
        "asreview/__init__.py": "",
        "asreview/learner.py": LEARNER,
        "asreview/models/__init__.py": "",
        "asreview/models/models.py": "def get_ai_config(name):\n    return {'value': name.removeprefix('elas_')}",
        "asreview/simulation/__init__.py": "",
        "asreview/simulation/simulate.py": SIMULATE,
        "asreview-3.0.8.dist-info/METADATA": "Metadata-Version: 2.1\nName: asreview\nVersion: 3.0.8\n",
        "pandas.py": "def DataFrame(rows):\n    return {name: [row[name] for row in rows] for name in rows[0]}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("every", ["1", "20%"])
def test_the_peer_gets_the_same_task_and_gives_its_reading_back(asreview, every, tmp_path):
    code = (
        "import json, pathlib, review_sets\n"
        f"(one,) = review_sets.sets(pathlib.Path({str(SAMPLE)!r}))\n"
        f"(task,) = review_sets.tasks(one, 1, 1, {every!r}, pathlib.Path({str(tmp_path)!r}), {{}})\n"
        "print(json.dumps([str(task.path), list(task.truth.items()), list(task.priors)]))"
    )
    path, truth, priors = in_benchmarks(code)
    out = tmp_path / "out.jsonl"
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run_asreview.py"), str(out), path],
        env={"PYTHONPATH": str(asreview)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (told,) = map(json.loads, out.read_text().splitlines())
    assert told["tool"] == "ASReview 3.0.8 ELAS u4"
    assert sorted([*told["ids"], *priors]) == [number for number, _ in truth]
    last = min(number for number, label in truth if label and number not in priors)
    asked = len(told["seconds"])
    assert told["ids"][0] == max(number for number, _ in truth if number not in priors)
    assert told["ids"].index(last) + 1 == asked if every == "1" else asked < len(truth) / 2
    assert len(told["cpu"]) == asked

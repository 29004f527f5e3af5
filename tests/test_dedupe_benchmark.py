"""The measuring of the deduplication: reading, counting, and `dedupe.py` as one starts it."""

import gzip
import importlib.util
import json
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from importlib import import_module
from itertools import combinations
from pathlib import Path

import labelled_papers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_papers import BENCHMARKS, papers

from db.record import Identifier

SAMPLE = Path(__file__).parent / "data" / "dedupe"
ABSENT = ["--peer", "/there/is/no/python"]


@pytest.fixture(scope="module", autouse=True)
def _beside_each_other():
    with labelled_papers.found():
        yield


@pytest.fixture
def part(_beside_each_other):
    return import_module


@pytest.fixture
def written(part, tmp_path):
    """Writes a labelled set."""
    return labelled_papers.writer(tmp_path / "sets")


@pytest.fixture
def benchmark(_beside_each_other):
    """`dedupe.py`, under another name than the package's."""
    spec = importlib.util.spec_from_file_location("dedupe_benchmark", BENCHMARKS / "dedupe.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- counting -------------------------------------------------------------------------------------------

TRUTH = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"}


def test_pairs_and_records_removed_and_papers_lost(part):
    counting = part("counting")
    grouped = counting.Grouped(TRUTH, {"a1": 1, "a2": 1, "b1": 3, "b2": 4, "c1": 3})
    assert grouped.pairs() == counting.Count(right=1, wrong=1, missed=1)
    assert grouped.removed() == counting.Count(right=1, wrong=1, missed=1)  # c has vanished into b
    assert grouped.wrong_pairs() == [("b1", "c1")]
    assert grouped.missed_pairs() == [("b1", "b2")]


def test_a_paper_is_not_lost_while_one_of_its_records_is_kept(part):
    counting = part("counting")
    kept_elsewhere = counting.Grouped(TRUTH, {"a1": 1, "a2": 1, "b1": 1, "b2": 4, "c1": 5})
    assert kept_elsewhere.removed() == counting.Count(right=2, wrong=0, missed=0)
    assert kept_elsewhere.pairs() == counting.Count(right=1, wrong=2, missed=1)


def test_what_questions_are_worth(part):
    counting = part("counting")
    truth = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "c1": "c"}
    grouped = counting.Grouped(truth, {"a1": 1, "a2": 1, "a3": 3, "b1": 4, "c1": 5})
    asked = [("a1", "a2", 1.0), ("a3", "b1", 0.9), ("a2", "a3", 0.8), ("b1", "c1", 0.7)]
    queue = grouped.queue(asked)
    assert (queue.asked, queue.ranks, queue.missed, queue.closed) == (3, (2,), 2, 2)
    assert queue.average_precision == 0.5
    assert (queue + queue).to_dict() == {
        "asked": 6, "true": 2, "missed": 4, "closed": 4, "average_precision": 0.5,
        "mean_rank_of_true": 2, "last_rank_of_true": 2,
    }  # fmt: skip
    assert counting.Queue().average_precision is None


def test_figures(part):
    count = part("counting").Count
    both = count(8, 2, 0) + count(0, 0, 8)
    assert (both.precision, both.recall) == (0.8, 0.5)
    assert both.f1 == pytest.approx(16 / 26)
    assert count().f1 == count().precision == count().recall == 1


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=14))
def test_counting_is_what_counting_one_by_one_gives(labels):
    grouped = import_module("counting").Grouped(
        {str(n): str(true) for n, (true, _) in enumerate(labels)},
        {str(n): said for n, (_, said) in enumerate(labels)},
    )
    true, said = (
        {p for p in combinations(range(len(labels)), 2) if labels[p[0]][of] == labels[p[1]][of]}
        for of in (0, 1)
    )
    pairs, removed = grouped.pairs(), grouped.removed()
    assert (pairs.right, pairs.wrong, pairs.missed) == (len(true & said), len(said - true), len(true - said))
    assert (len(grouped.wrong_pairs()), len(grouped.missed_pairs())) == (pairs.wrong, pairs.missed)
    assert removed.right + removed.missed == len(labels) - len({true for true, _ in labels})
    assert removed.right + removed.wrong == len(labels) - len({said for _, said in labels})


# -- reading --------------------------------------------------------------------------------------------


def test_packed_tables_and_corrected_labels(part, tmp_path):
    labelled = part("labelled")
    (tmp_path / "stroke").mkdir()
    with gzip.open(tmp_path / "stroke" / "records.csv.gz", "wb") as packed:
        packed.write((SAMPLE / "small" / "records.csv").read_bytes())
    shutil.copy(SAMPLE / "small" / "truth.csv", tmp_path / "stroke" / "truth_adj.csv")
    (one,) = labelled.sets(tmp_path)
    assert (one.starred, len(one.truth)) == ("stroke*", 22)
    assert next(iter(labelled.rows(one.records)))["id"] == "s001"


def test_a_record_without_a_label_is_told(part, written):
    folder = written("one", papers(2), "ab")
    (folder / "one" / "truth.csv").write_text("id,cluster\nr000,a\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"r001 of records\.csv has no label"):
        list(part("labelled").sets(folder))


def test_rows_become_records_with_the_trial_numbers_in_their_words(part):
    labelled = part("labelled")
    (row,) = papers(1)
    row |= {"source": "", "pmid": "77", "entrytype": "", "abstract": "Registered as NCT01234567."}
    known = labelled.record(row)
    assert (known.source, known.key, known.kind, known.year) == ("file", "r000", "article", 1990)
    assert [author.family for author in known.authors] == ["Quillaa", "Reedaa"]
    assert Identifier("nct", "NCT01234567", "abstract") in known.identifiers
    registered = labelled.record(row | {"id": "NCT07654321", "entrytype": "registration"})
    assert Identifier("nct", "NCT07654321") in registered.identifiers


def test_hard_cases_are_rows(part):
    cases = part("labelled").hard_cases(SAMPLE)
    assert len(cases) == 3
    assert all(
        row["id"] == id_ and row["title"] for case in cases for id_, row in zip("ab", case.rows, strict=True)
    )


# -- as one starts it -----------------------------------------------------------------------------------


def test_the_sample_is_sorted_out_completely(benchmark, capsys):
    assert benchmark.main([str(SAMPLE), *ABSENT]) == 0
    said, progress = capsys.readouterr()
    assert "bib-dedupe was not measured: /there/is/no/python does not have it" in said
    assert said.count("1.0000 1.0000 1.0000") == 4  # pairs and records removed, of the set and of all
    assert re.search(r"hard cases\*: harvest \S+ rules \d+ [12] of 3; otherwise: .*nobody can know", said)
    assert "harvest: small" in progress


def test_the_same_as_json(benchmark, capsys):
    assert benchmark.main([str(SAMPLE), "--json", *ABSENT]) == 0
    found = json.loads(capsys.readouterr().out)
    small, together = found["sets"]["results"]
    assert (small["set"], small["records"], together["set"]) == ("small", 22, "all")
    assert small["pairs"] == {
        "right": 18,
        "wrong": 0,
        "missed": 0,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
    }
    assert (small["removed"]["right"], small["lost"]) == (12, 0)
    assert small["cpu_seconds"] >= 0 < small["peak_mb"]
    assert found["hard"][0]["otherwise"][-1] == "nobody can know"
    assert found["peer"].startswith("bib-dedupe was not measured")


def test_a_run_of_ours_tells_groups_opinions_and_cost(part, written, tmp_path, capfd):
    twice = [papers(1)[0] | {"id": "r00"}, *papers(3)]
    table = written("one", twice, "aabc") / "one" / "records.csv"
    out, database = tmp_path / "out.jsonl", tmp_path / "kept.db"
    run = part("run_dedupe").main
    assert run([str(out), "--store", str(database), str(table)]) == 0
    (told,) = map(json.loads, out.read_text("utf-8").splitlines())
    group = dict(told["groups"])
    assert list(group) == ["r00", "r000", "r001", "r002"]
    assert (group["r00"] == group["r000"], len(set(group.values()))) == (True, 3)
    assert ["r00", "r000", "same report"] in [link[:3] for link in told["links"]]
    assert float(capfd.readouterr().out) > 0  # megabytes, for whoever watches
    assert run([str(out), "--brief", "--store", str(database), str(table)]) == 0
    again = json.loads(out.read_text("utf-8"))
    assert (dict(again["groups"]), again["compared"], "links" in again) == (group, 0, False)


PEER = """
import csv, sys
sys.path.append({folder!r})
from measuring import keep, measured, timed

def outcome(table):
    ids = [row["id"] for row in csv.DictReader(open(table, encoding="utf-8"))]
    _, figures = timed(lambda: sum(range(1000)))
    measured()
    asked = [[ids[0], ids[-1], 0.5]]
    return {{"tool": "peer 1", **figures, "load_seconds": 0, "groups": [[i, {group}] for i in ids], "asked": asked}}

keep(sys.argv[1], map(outcome, sys.argv[2:]))
"""


@pytest.fixture
def peer(part, benchmark, monkeypatch, tmp_path):
    """Another tool: it takes all records for one, or for different ones."""

    def made(group):
        script = tmp_path / "peer.py"
        script.write_text(PEER.format(folder=str(BENCHMARKS), group=group), encoding="utf-8")
        tool = part("tools").Tool("bib-dedupe", sys.executable, script)
        monkeypatch.setattr(benchmark, "bib_dedupe", lambda _: tool)

    return made


def test_a_peer_stands_beside_ours(benchmark, peer, written, capsys):
    peer(group="'one'")
    twice = [papers(1)[0] | {"id": "r00"}, *papers(3)]
    folder = written("one", twice, "aabc")
    assert benchmark.main([str(folder), "--errors", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    ours, theirs, *_ = found["sets"]["results"]
    assert (ours["pairs"]["right"], ours["pairs"]["wrong"], ours["lost"]) == (1, 0, 0)
    assert (theirs["pairs"]["right"], theirs["pairs"]["wrong"], theirs["lost"]) == (1, 5, 2)
    assert theirs["removed"] | {"f1": 0} == {
        "right": 1, "wrong": 2, "missed": 0, "precision": round(1 / 3, 6), "recall": 1.0, "f1": 0,
    }  # fmt: skip
    assert Counter(error["what"] for error in found["sets"]["errors"]) == {"false merge": 5}
    assert found["peer"] is None


def test_every_disagreement_is_cited(benchmark, peer, written, capsys):
    peer(group="i")
    folder = written("one", [papers(1)[0] | {"id": "r00"}, *papers(3)], "aabc")
    assert benchmark.main([str(folder), "--errors"]) == 0
    said = capsys.readouterr().out
    assert "missed · one · peer 1\n    r00 " in said
    assert "10.5555/x.0" in said
    assert "false merge" not in said


def test_related_papers_are_told_by_kind(benchmark, peer, written, capsys):
    peer(group="'one'")
    folder = written("one", papers(20), map(str, range(20)))
    asked = [str(folder), "--related", "--per-kind", "1"]
    assert benchmark.main([*asked, "--json"]) == 0
    related = json.loads(capsys.readouterr().out)["related"]
    ours, theirs = (tool["kinds"] for tool in related["tools"])
    assert [sum(counts.values()) for counts in ours.values()] == [1] * 11
    assert theirs == {kind: {"merged": 1} for kind in ours}
    assert ours["erratum"] == {"typed": 1}
    assert benchmark.main(asked) == 0
    assert "related papers: 11 pairs, 1 of each kind, seed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("merged", "link", "asked", "shown"),
    [
        (True, ("same report", ""), False, "merged"),
        (False, ("different", "erratum"), False, "typed"),
        (False, ("same study", "trial"), False, "other type"),
        (False, ("same study", ""), False, "other type"),
        (False, ("ask", ""), True, "asked"),
        (False, ("different", ""), False, "kept apart"),
        (False, None, False, "not seen"),
        (False, None, True, "asked"),
        (False, ("ask", "erratum"), True, "asked typed"),
        (False, ("ask", "reply"), False, "asked"),
    ],
)
def test_what_counts_as_shown(benchmark, merged, link, asked, shown):
    assert benchmark._shown(merged, link, asked, "erratum") == shown


def test_size_and_arriving_records(benchmark, peer, written, tmp_path, capsys):
    peer(group="i")
    folder = written("one", papers(40), map(str, range(40)))
    sizes = ["--scale", "60", "120", "--peer-limit", "60", "--plot", str(tmp_path / "curve.svg")]
    assert benchmark.main([str(folder), *sizes, "--incremental", "80", "10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["set"], one["tool"][:4]) for one in found["scale"]["results"]] == [
        ("synthetic-60", "harv"), ("synthetic-60", "peer"), ("synthetic-120", "harv"),
    ]  # fmt: skip
    assert found["scale"]["results"][0]["pairs"]["recall"] > 0.5
    assert found["scale"]["results"][1]["removed"]["right"] == 0
    assert (found["incremental"]["stored"], found["incremental"]["result"]["records"]) == (80, 90)
    assert found["incremental"]["first"]["compared"] > 0
    assert "sets" not in found
    assert ET.parse(tmp_path / "curve.svg").getroot().tag.endswith("svg")
    assert benchmark.main([str(folder), "--scale", "60", "--incremental", "50", "5"]) == 0
    assert "5 new ones:" in capsys.readouterr().out


def test_an_empty_folder_is_told(benchmark, tmp_path):
    with pytest.raises(SystemExit, match="holds no set"):
        benchmark.main([str(tmp_path), *ABSENT])
    with pytest.raises(SystemExit, match="holds no records to learn from"):
        benchmark.main([str(tmp_path), "--scale", "10", *ABSENT])


def test_a_tool_that_fails_says_why(part, tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("raise ValueError('no such column')", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"broken could not be measured\. broken\.py .* no such column"):
        part("tools").Tool("broken", sys.executable, script).run(tmp_path / "records.csv")


@pytest.mark.skipif(importlib.util.find_spec("bib_dedupe") is None, reason="bib-dedupe is not installed here")
def test_bib_dedupe_itself(benchmark, capsys):
    """Through `run_bib_dedupe.py`, under this very interpreter."""
    assert benchmark.main([str(SAMPLE), "--json"]) == 0
    theirs = json.loads(capsys.readouterr().out)["sets"]["results"][1]
    assert theirs["tool"].startswith("bib-dedupe")
    assert theirs["pairs"]["right"] > 0

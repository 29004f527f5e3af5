from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = Path(__file__).parent / "data" / "screen" / "ranking"


@pytest.fixture
def benchmark(monkeypatch):
    spec = importlib.util.spec_from_file_location("ranking_sets", ROOT / "benchmarks" / "ranking_sets.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "ranking_sets", module)
    spec.loader.exec_module(module)
    return module


def test_figures_of_a_perfect_and_of_the_worst_reading(benchmark):
    best = benchmark.measure([1, 1] + [0] * 18)
    assert (best.loss, best.recall10, best.last) == (0.0, 1.0, 0.1)
    assert best.wss95 == pytest.approx(0.85)
    worst = benchmark.measure([0] * 18 + [1, 1])
    assert (worst.loss, worst.recall10, worst.recall20, worst.last) == (1.0, 0.0, 0.0, 1.0)


def test_a_replay_reads_everything_once_but_the_priors(benchmark):
    truth = {number: int(number % 5 == 0) for number in range(1, 31)}
    found, _ = benchmark.replay(lambda labels: sorted(truth), truth, "seed")
    assert len(found) == 28
    assert sum(found) == 5


def test_the_benchmark_runs_from_end_to_end(benchmark, capsys):
    benchmark.main([str(SAMPLE), "--seeds", "1", "--sets", "synthetic", "--set", "C=0.1"])
    out = capsys.readouterr().out
    assert "synthetic: 60 records, 10 included; cold start: recall@10" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ")][:3] == [
        "loss",
        "u4",
        "ours",
    ]
    assert "ours+topic (1)" in out


def test_a_set_that_is_not_there_is_told(benchmark, capsys):
    with pytest.raises(SystemExit):
        benchmark.main([str(SAMPLE), "--sets", "nothing"])
    assert "no such set" in capsys.readouterr().err

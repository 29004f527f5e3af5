import gzip
import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = Path(__file__).parent / "data" / "dedupe"


@pytest.fixture
def benchmark(monkeypatch):
    spec = importlib.util.spec_from_file_location("dedup_sets", ROOT / "benchmarks" / "dedup_sets.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "dedup_sets", module)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(module)
    return module


def test_pairs_follow_from_groups(benchmark):
    assert benchmark.pairs_of("abab") == {(0, 2), (1, 3)}
    assert benchmark.pairs_of("aaa") == {(0, 1), (0, 2), (1, 2)}


def test_a_removed_record_is_right_when_one_of_its_cluster_was_there_before(benchmark):
    assert benchmark.removed("xxyy", "aabb") == benchmark.Count(2, 0, 0)
    assert benchmark.removed("xxyy", "aaaa") == benchmark.Count(2, 1, 0)
    assert benchmark.removed("xxyy", "abcd") == benchmark.Count(0, 0, 2)


def test_figures(benchmark):
    count = benchmark.Count(8, 2, 0) + benchmark.Count(0, 0, 8)
    assert (count.precision, count.recall) == (0.8, 0.5)
    assert count.f1 == pytest.approx(16 / 26)
    assert (
        benchmark.Count(0, 0, 0).f1
        == benchmark.Count(0, 0, 0).precision
        == benchmark.Count(0, 0, 0).recall
        == 1
    )


def test_the_sample_is_sorted_out_completely(benchmark, capsys):
    assert benchmark.main([str(SAMPLE)]) == 0
    said = capsys.readouterr().out
    assert "1.0000 1.0000 1.0000" in said
    assert "hard cases* 2 of 3" in said
    assert "otherwise: nobody can know" in said
    assert "small*" not in said
    ((_, records, truth),) = benchmark.sets(SAMPLE)
    result = benchmark.measure("stroke", records, truth)
    assert result.pairs == benchmark.Count(18, 0, 0)
    assert result.removed == benchmark.Count(12, 0, 0)
    assert benchmark.line(result).startswith("stroke* 22")


def test_packed_tables_and_corrected_labels(benchmark, tmp_path):
    (tmp_path / "one").mkdir()
    with gzip.open(tmp_path / "one" / "records.csv.gz", "wb") as packed:
        packed.write((SAMPLE / "small" / "records.csv").read_bytes())
    shutil.copy(SAMPLE / "small" / "truth.csv", tmp_path / "one" / "truth_adj.csv")
    assert [(name, len(records)) for name, records, _ in benchmark.sets(tmp_path)] == [("one", 22)]
    assert benchmark.main([str(tmp_path)]) == 0


def test_an_empty_folder_is_told(benchmark, tmp_path, capsys):
    assert benchmark.main([str(tmp_path)]) == 2
    assert "holds no set" in capsys.readouterr().err

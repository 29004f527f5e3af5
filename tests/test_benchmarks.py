"""Every benchmark runs once, small, so that none of them rots. What they say of speed is nobody's business here."""

from __future__ import annotations

import importlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"

TESTED_ELSEWHERE = {
    "dedupe": "test_dedupe_benchmark.py",
    "lookalikes": "test_dedupe_benchmark_made.py",
    "ranking": "test_screen_benchmark.py",
    "related": "test_dedupe_benchmark_made.py",
    "run_bib_dedupe": "test_dedupe_benchmark.py",
    "run_dedupe": "test_dedupe_benchmark.py",
    "round_trip": "test_screen_profiles.py",
    "run_asreview": "test_screen_benchmark.py",
    "run_asreview_trip": "test_screen_profiles.py",
    "run_transcripts": "test_transcripts.py",
    "run_ranking": "test_screen_benchmark.py",
    "run_ranking_size": "test_screen_benchmark.py",
}
PARTS = {
    *("corpus", "counting", "curve", "labelled", "measuring", "tables", "tools"),
    *("abstracts", "contests", "entries", "ranking_tables", "review_sets", "screeners", "u4"),
}
"""Of the benchmarks that are tested elsewhere; nobody starts them."""
STARTED = [path for path in sorted(BENCHMARKS.glob("*.py")) if path.stem not in PARTS]


def run(name: str, *arguments: str) -> list[str]:
    """A benchmark as one starts it; the lines it prints."""
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_benchmark_is_run_by_some_test():
    here = {"pubmed_parse", "run_whole", "build_demo", "stopping", "places", "dialects"}
    assert {path.stem for path in STARTED} == here | TESTED_ELSEWHERE.keys()


@pytest.mark.parametrize("name", TESTED_ELSEWHERE)
def test_those_of_other_rooms_have_their_tests(name):
    assert name in (ROOT / "tests" / TESTED_ELSEWHERE[name]).read_text("utf-8")


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_says_of_what(part):
    assert "a part of `" in (BENCHMARKS / f"{part}.py").read_text("utf-8").partition('"""\n\n')[0]


@pytest.mark.parametrize("path", STARTED, ids=lambda path: path.stem)
def test_every_benchmark_says_how_it_is_started(path):
    assert f"python benchmarks/{path.name}" in path.read_text("utf-8").partition('"""\n\n')[0]


def test_what_made_the_demonstration_still_starts():
    """Its originals are not in the checkout; that what it made is whole is told by `test_harvest_demo.py`."""
    assert "ORIGINALS" in " ".join(run("build_demo", "--help")).upper()


def test_parsing_packaged_articles():
    head, ours, theirs, ratio = run("pubmed_parse", "--articles", "10", "--repeat", "1")
    assert head.split()[:2] == ["reader", "articles"]
    assert ours.split()[:2] == ["ours", "10"]
    assert theirs.split()[:2] == ["Bio.Entrez.read", "10"]
    assert re.fullmatch(r"ours is [\d.]+ times as fast as Bio\.Entrez\.read\.", ratio)


def test_parsing_files(capsys):
    benchmark = runpy.run_path(str(BENCHMARKS / "pubmed_parse.py"))
    sample = ROOT / "tests" / "data" / "pubmed" / "nlm_sample_2018.xml"
    figures = benchmark["measure"]("ours", [sample, sample], 0, 0, 1)
    assert figures.articles == 44
    assert benchmark["main"]([str(sample), "--only", "ours", "--repeat", "1"]) == 0
    assert '"articles": 22' in capsys.readouterr().out


def test_pages_are_made_as_large_as_asked():
    pages = list(runpy.run_path(str(BENCHMARKS / "pubmed_parse.py"))["pages"]([], 10, 4))
    assert [page.count(b"<PubmedArticle>") for page in pages] == [4, 4, 2]


def test_a_whole_run_is_whole():
    lines = run("run_whole", "--records", "10")
    assert "10 records, 10 reports" in lines
    steps = [re.split(r" {2,}", line)[0] for line in lines if "  " in line]
    assert steps == ["step", "parse", "store and index", "deduplicate", "rank", "parse to index", "all"]
    assert "aim: 120 s" in lines[-1]


def test_stopping_rules_stand_side_by_side():
    lines = run("stopping", str(ROOT / "tests" / "data" / "screen" / "ranking"), "--seeds", "1")
    end = lines.index("")
    cells = [[cell.strip() for cell in line.split("|")[1:4]] for line in lines[2:end]]
    assert {order for order, *_ in cells} == {
        "as ranked",
        "8 includes",
        "random order",
        "8 includes, random order",
    }
    assert {rule for _, rule, _ in cells} >= {"curve", "strict", "50 in a row"}
    assert [line.split("|")[1].strip() for line in lines[end + 3 :]] == ["5%", "10%", "20%", "30%", "50%"]


def test_records_that_are_not_like_the_others_have_their_places_told():
    rows = json.loads("\n".join(run("places", str(ROOT / "tests" / "data" / "screen" / "ranking"), "--json")))
    assert {row["when"] for row in rows} == {"before any vote", "after 10 %"}
    assert all(0 <= row[where] <= 1 for row in rows for where in ("place", "others"))


def test_dialects_counts_what_the_readers_read():
    folder = ROOT / "tests" / "data" / "readers"
    lines = run("dialects", str(folder))
    assert "| embase.ris | RIS of Embase.com | Embase | Embase.com | 10 | 10 | 0 | 0 |" in "\n".join(lines)
    assert "### BROKEN" not in lines
    found = json.loads(
        "\n".join(run("dialects", str(folder), "--api", str(ROOT / "tests" / "data"), "--json"))
    )
    by_name = {line["name"]: line for line in found["files"]}
    assert by_name["abstrackr.csv"]["reported"] == 1
    assert by_name["no_title.csv"]["refused"].startswith("no_title.csv: no column of titles")
    assert sum(line["read"] for line in found["answers"] if line["dialect"] == "pubmed") > 20
    assert not any(line["broken"] for line in found["answers"])


def test_dialects_ends_with_1_where_the_promise_is_broken(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    dialects = importlib.import_module("dialects")
    (tmp_path / "x.ris").write_bytes(b"TY  - JOUR\nTI  - One\nER  - \n")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 xl/")
    assert dialects.main([str(tmp_path)]) == 0
    assert "book.xlsx is no workbook" in capsys.readouterr().out
    monkeypatch.setattr(dialects, "counted", lambda _body: 2)
    assert dialects.main([str(tmp_path)]) == 1
    assert "x.ris: 2 records are in it, 1 were read or reported" in capsys.readouterr().out

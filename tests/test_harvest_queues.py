"""Queues out and decisions in: whose they are, what they never show, and what happens to files that are in use."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from reviews import harvest, rows, told
from terminal import copied, harvested

NOTE = "A remark that nobody but Ana may see"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    review = harvested(tmp_path_factory.mktemp("once") / "review")
    toml = (review / "review.toml").read_text()
    (review / "review.toml").write_text(toml.replace('["ana", "ben"]', '["anastasia", "ben"]'))
    return review


@pytest.fixture
def review(once, tmp_path):
    return copied(once, tmp_path / "review")


def export(review, reviewer, kind="csv", **more):
    words = [word for name, value in more.items() for word in (f"--{name}", value)]
    return Path(told(review, "queue", "export", "--reviewer", reviewer, "--format", kind, *words)["path"])


def unpacked(path: Path) -> bytes:
    """Everything in a file, also what a workbook packs away."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ris"])
def test_a_queue_tells_nothing_of_what_anybody_else_said(review, kind):
    before = unpacked(export(review, "ben", kind))
    for number in range(1, 6):
        reason = ("--reason", "design") if number % 2 else ()
        verdict = "exclude" if number % 2 else "include"
        harvest(review, "decide", f"H{number}", verdict, "--reviewer", "anastasia", "--note", NOTE, *reason)
    path = export(review, "ben", kind)
    after = unpacked(path)
    assert NOTE.encode() not in after
    assert b"anastasia" not in after
    assert after.count(b"ben") == before.count(b"ben")
    # Not even by its bytes: Ben's queue is the same whether Ana has voted or not.
    assert kind == "xlsx" or after == before  # a workbook holds the time of its making
    ids = re.compile(rb"H0000\d\d")
    assert sorted(set(ids.findall(after))) == sorted(set(ids.findall(before)))


def test_who_has_voted_is_not_asked_again_and_who_has_not_is(review):
    for number in range(1, 4):
        harvest(review, "decide", f"H{number}", "include", "--reviewer", "ben")
    assert told(review, "queue", "export", "--reviewer", "ben", "--dry-run")["reports"] == 8
    assert told(review, "queue", "export", "--reviewer", "anastasia", "--dry-run")["reports"] == 11
    status = told(review, "status")
    assert {r["name"]: (r["voted"], r["to_read"]) for r in status["stages"][0]["reviewers"]} == {
        "anastasia": (0, 11),
        "ben": (3, 8),
    }


def test_a_file_in_use_is_never_written_over_and_the_same_queue_has_one_file(review):
    first = export(review, "ben", limit=3)
    assert export(review, "ben", limit=3) == first
    first.write_text(first.read_text() + "\n")  # somebody works in it
    second = export(review, "ben", limit=3)
    assert second.name == first.name.replace(".csv", "_2.csv")
    assert rows(review, "SELECT count(DISTINCT path) FROM export") == [(2,)]
    assert harvest(review, "db", "verify").stdout == ""


def test_what_came_after_the_ranking_stands_at_the_end_and_never_outside(review, tmp_path):
    (tmp_path / "late.ris").write_text("TY  - JOUR\nTI  - Late\nER  - \n")
    before = [row["id"] for row in told(review, "rank", "--top", "99")["order"]]
    harvest(review, "add", tmp_path / "late.ris")
    from db.store import Store
    from harvest.project import load
    from harvest.queues import waiting_for

    with Store.open(review / "review.db") as store:
        newest = store.newest_ranking
        store.newest_ranking = lambda: (
            1,
            newest()[1].__class__("m", {}, 1, {}, {}, "d", tuple((int(i[1:]), 0.0) for i in before)),
        )
        assert waiting_for(store, load(review), "ben") == tuple(
            int(name[1:]) for name in [*before, "H000012"]
        )


def test_decisions_travel_by_any_file_and_back_into_joined_reports(review):
    path = export(review, "ben", "xlsx", limit=2)
    harvest(review, "same", "join", "H000001", "H000002", "--by", "ben")
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = next(
        s for s in book.worksheets if any(c.value == "decision" for row in s.iter_rows() for c in row)
    )
    header = next(row for row in sheet.iter_rows() if any(c.value == "decision" for c in row))
    column = next(c.column for c in header if c.value == "decision")
    for offset in (1, 2):
        sheet.cell(header[0].row + offset, column).value = "include"
    book.save(path)
    done = told(review, "queue", "import", path, "--reviewer", "ben")
    assert (done["decided"], done["added"], done["blank"], done["tool"]) == (2, 2, 0, "Excel")
    assert told(review, "queue", "import", path, "--reviewer", "ben")["added"] == 0
    assert rows(review, "SELECT path, reviewer, rows FROM handover") == [(path.name, "ben", 2)] * 2


def test_a_queue_is_mixed_on_request_and_the_ranking_is_not(review):
    import json

    from screen.mix import mixed

    plain = [line["id"] for line in told(review, "rank", "--top", "99")["order"]]
    first = exported_ids(export(review, "ben"))
    assert first == plain
    with (review / "review.toml").open("a") as toml:
        toml.write("\n[ranking]\nmix_random = 0.4\nmix_uncertain = 0.2\nseed = 3\n")
    harvest(review, "rank")
    order = told(review, "rank", "log", 2)["order"]
    path = export(review, "ben")
    scores = [line["score"] for line in order]
    expected = mixed([int(line["id"][1:]) for line in order], scores, 3, 0.4, 0.2)
    assert exported_ids(path) == [f"H{number:06d}" for number in expected] != plain
    assert [line["id"] for line in order] == plain
    (detail,) = rows(review, "SELECT detail FROM event WHERE kind = 'queue mixed'")
    assert json.loads(detail[0]) == {
        "path": f"queues/{path.name}",
        "random": 0.4,
        "uncertain": 0.2,
        "seed": 3,
    }
    assert exported_ids(export(review, "anastasia")) == exported_ids(path)  # the same for everybody


def test_a_random_sample_of_what_is_not_settled_is_handed_out_to_whoever_is_to_read_it(review):
    import json

    for number in (1, 2):
        for reviewer in ("anastasia", "ben"):
            harvest(review, "decide", f"H{number}", "exclude", "--reviewer", reviewer)
    named = harvest(review, "rank", "status", "--audit", 4).stdout.split()
    path = export(review, "ben", audit=4)
    assert exported_ids(path) == named
    assert "_audit_" in path.name
    assert not {"H000001", "H000002"} & set(named)
    (detail,) = rows(review, "SELECT detail FROM event WHERE kind = 'queue drawn by lot'")
    assert json.loads(detail[0]) == {"path": f"queues/{path.name}", "audit": 4, "seed": 1}
    harvest(review, "decide", named[1], "exclude", "--reviewer", "ben")
    assert exported_ids(export(review, "ben", audit=4)) == [
        named[0],
        *named[2:],
    ]  # what is read is not drawn anew
    assert exported_ids(export(review, "anastasia", audit=4)) == named
    assert told(review, "queue", "export", "--reviewer", "ben", "--audit", 4, "--dry-run")["reports"] == 3


def test_no_vote_is_taken_in_where_the_model_of_an_old_project_is_gone(review):
    path = export(review, "ben")
    filled = re.sub(r"^(H\d{6},\d+),", r"\1,exclude", path.read_text("utf-8-sig"), flags=re.MULTILINE)
    path.write_text(filled)
    with (review / "review.toml").open("a") as toml:
        toml.write('\n[ranking]\nmodel = "gone-1"\n')
    wrong = harvest(review, "queue", "import", path, "--reviewer", "ben", code=2).stderr
    assert "There is no ranking model 'gone-1'" in wrong
    assert rows(review, "SELECT count(*) FROM decision") == [(0,)]
    assert exported_ids(export(review, "ben"))  # the order in force still serves


def exported_ids(path):
    return re.findall(r"^(H\d{6}),", path.read_text("utf-8-sig"), re.MULTILINE)

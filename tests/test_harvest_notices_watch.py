"""The Retraction Watch file: its columns, its dates, its four natures, and whom it is about."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from db.errors import WrongUse
from harvest.notices import fate
from harvest.notices_watch import read_watch

SAMPLE = Path(__file__).parent / "data" / "notices" / "retraction_watch_litstudy.csv"
COLUMNS = next(csv.reader(SAMPLE.read_text("utf-8").splitlines()))
ROW = dict.fromkeys(COLUMNS, "") | {
    "Record ID": "4036", "Title": "Ileal-lymphoid-nodular hyperplasia", "Journal": "The Lancet",
    "RetractionDate": "2/6/2010 0:00", "RetractionDOI": "10.1016/S0140-6736(10)60175-4", "RetractionPubMedID": "20137807",
    "OriginalPaperDate": "2/28/1998 0:00", "OriginalPaperDOI": "10.1016/S0140-6736(97)11096-0",
    "OriginalPaperPubMedID": "9500320", "RetractionNature": "Retraction", "Reason": "+Ethical Violations by Author;",
}  # fmt: skip
CARRIERS = {("doi", "10.1016/s0140-6736(97)11096-0"): [3], ("pmid", "9500320"): [3, 8]}


def written(path, *changes, columns=COLUMNS, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.DictWriter(file, columns, extrasaction="ignore")
        rows.writeheader()
        rows.writerows(ROW | change for change in changes)
    return path


def test_the_sample_that_others_test_with_is_read():
    (notice,) = read_watch(SAMPLE, {("doi", "10.4242/2024/00"): [1]})
    assert (notice.record, notice.kind, notice.date, notice.word) == (
        1,
        "retraction",
        "2024-07-31",
        "Retraction",
    )
    assert [(i.scheme, i.value) for i in notice.identifiers] == [("doi", "10.4242/2024/01")]
    assert list(read_watch(SAMPLE, {("doi", "10.4242/2024/01"): [1]})) == []  # that is the notice
    assert list(read_watch(SAMPLE, {("pmid", "0"): [1]})) == []


def test_a_paper_is_found_by_either_of_its_names_and_told_once(tmp_path):
    first, second = read_watch(written(tmp_path / "rw.csv", {}), CARRIERS)
    assert [first.record, second.record] == [3, 8]
    assert first.citation == (
        "Retraction Watch Database, record 4036: Retraction of Ileal-lymphoid-nodular hyperplasia. The Lancet"
    )
    assert first.date == "2010-02-06"
    assert [(i.scheme, i.value) for i in first.identifiers] == [
        ("doi", "10.1016/s0140-6736(10)60175-4"), ("pmid", "20137807"),
    ]  # fmt: skip
    assert "Ethical Violations" in first.evidence


@pytest.mark.parametrize(("nature", "reason", "kind"), [
    ("Retraction", "+Fake Peer Review;", "retraction"),
    ("Retraction", "+Error in Data;+Retract and Replace;", "replacement"),
    ("Expression of concern", "+Concerns/Issues About Data;", "concern"),
    ("Expression of Concern", "", "concern"),
    ("Correction", "+Error in Data;", "correction"),
    ("Reinstatement", "", "reinstatement"),
])  # fmt: skip
def test_four_natures_and_a_reason_are_told_apart(tmp_path, nature, reason, kind):
    path = written(tmp_path / "rw.csv", {"RetractionNature": nature, "Reason": reason})
    (notice, _) = read_watch(path, CARRIERS)
    assert notice.kind == fate([notice]) == kind


def test_a_notice_under_the_doi_of_the_paper_is_about_the_paper(tmp_path):
    path = written(tmp_path / "rw.csv", {"RetractionDOI": ROW["OriginalPaperDOI"]})
    assert [notice.kind for notice in read_watch(path, CARRIERS)] == ["retraction"] * 2


def test_what_it_does_not_know_is_not_made_up(tmp_path):
    unknown = {"RetractionDOI": "unavailable", "RetractionPubMedID": "0.0", "RetractionDate": ""}
    path = written(tmp_path / "rw.csv", unknown, {"RetractionNature": "Something new"}, encoding="cp1252")
    (notice, _) = read_watch(path, CARRIERS)
    assert (notice.identifiers, notice.date) == ((), "")


def test_older_copies_are_windows_1252(tmp_path):
    (notice, _) = read_watch(written(tmp_path / "rw.csv", {"Title": "Café"}, encoding="cp1252"), CARRIERS)
    assert "Café" in notice.citation


def test_another_file_is_refused_with_what_to_do(tmp_path):
    short = written(tmp_path / "rw.csv", {}, columns=["Title", "RetractionDate"])
    with pytest.raises(WrongUse, match=r"no column RetractionNature, OriginalPaperDOI.*gitlab.com/crossref"):
        list(read_watch(short, CARRIERS))
    huge = tmp_path / "huge.csv"
    huge.write_text(",".join(COLUMNS) + "\n" + "x" * 200_000 + "\n")
    with pytest.raises(WrongUse, match="no table that can be read"):
        list(read_watch(huge, CARRIERS))
    with pytest.raises(WrongUse, match="cannot be read"):
        list(read_watch(tmp_path / "absent.csv", CARRIERS))

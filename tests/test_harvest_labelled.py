from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from db.errors import WrongUse
from harvest.labelled import read_labelled
from screen.export import Cover, QueueRow
from screen.sheets import write_csv, write_xlsx

DATA = Path(__file__).parent / "data"
SYNTHETIC = DATA / "screen" / "ranking" / "synthetic.csv"


def put(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(folder, column, *labels):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("title", column), *((f"title {n}", label) for n, label in enumerate(labels))])
    return put(folder, "set.csv", out.getvalue())


def test_a_published_set():
    read = read_labelled(SYNTHETIC)
    assert (read.title, len(read.documents), read.included, read.unlabelled) == ("synthetic", 60, 10, 0)
    assert read.documents[0].title == "depression video sensitivity infant mother"
    assert read.documents[0].keywords == ("dyadic", "psychotherapy")
    assert [item.id for item in read.documents] == list(range(1, 61))
    assert len(read.records) == 60
    assert read.notes == ("Labels are taken from label.",)


def test_packed_it_is_the_same(tmp_path):
    packed = put(tmp_path, "synthetic.csv.gz", gzip.compress(SYNTHETIC.read_bytes()))
    assert read_labelled(packed) == read_labelled(SYNTHETIC)


def test_as_a_workbook_it_is_the_same(tmp_path):
    book = Workbook()
    for row in csv.reader(SYNTHETIC.read_text().splitlines()):
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(tmp_path / "synthetic.xlsx")
    read = read_labelled(tmp_path / "synthetic.xlsx")
    assert (read.documents, read.labels) == (
        read_labelled(SYNTHETIC).documents,
        read_labelled(SYNTHETIC).labels,
    )


@pytest.mark.parametrize(
    "column", ["label", "Included", "label_included", "asreview_label", "Decision", "final decision"]
)
@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("1.0", "0.0"), ("Include", "exclude"), ("TRUE", "FALSE")]
)
def test_columns_and_words_of_labels(tmp_path, column, yes, no):
    read = read_labelled(table(tmp_path, column, yes, no, "", no, "-1", "nan"))
    assert dict(read.labels) == {1: 1, 2: 0, 4: 0}
    assert read.unlabelled == 3


def test_the_column_that_says_something_counts(tmp_path):
    path = put(tmp_path, "set.csv", "title,included,asreview_label\na,1,\nb,0,\n")
    assert dict(read_labelled(path).labels) == {1: 1, 2: 0}
    path = put(tmp_path, "set.csv", "title,included,asreview_label\na,1,0\nb,0,1\n")
    assert dict(read_labelled(path).labels) == {1: 0, 2: 1}
    assert dict(read_labelled(path, "Included").labels) == {1: 1, 2: 0}


def test_what_is_no_label_is_told_and_left_out(tmp_path):
    read = read_labelled(table(tmp_path, "decision", "include", "exclude", "unsure", "later", "later"))
    assert dict(read.labels) == {1: 1, 2: 0}
    assert read.unlabelled == 3
    assert read.notes == (
        "Labels are taken from decision.",
        "Somebody is unsure, which counts as unlabelled: 1 of the records.",
        "'later' is no label and counts as unlabelled: 2 of the records.",
    )


@pytest.mark.parametrize(("writer", "name"), [(write_csv, "queue.csv"), (write_xlsx, "queue.xlsx")])
def test_our_own_queues(tmp_path, writer, name):
    rows = [
        QueueRow(
            harvest_id=f"H00000{n}", rank=n, title=f"Title {n}", abstract="Text", authors=(), year=2020,
            journal="", doi="", pmid="", registry_numbers=(), urls=(), sources=(), keywords=("infant",),
            kind="article", decision=decision,
        )
        for n, decision in enumerate(("include", "exclude", ""), start=1)
    ]  # fmt: skip
    cover = Cover("Review", "Question?", "title and abstract", "ana", (), (), {})
    read = read_labelled(put(tmp_path, name, writer(rows, cover)))
    assert dict(read.labels) == {1: 1, 2: 0}
    assert read.documents[0].keywords == ("infant",)


def test_ris_of_asreview():
    read = read_labelled(DATA / "readers" / "labels.ris")
    said = {
        number: [note for note in record.extra.get("N1", ()) if "ASReview_" in note]
        for number, record in enumerate(read.records, start=1)
    }
    assert read.labels == {
        number: int("ASReview_relevant" in notes[0])
        for number, notes in said.items()
        if notes and "not_seen" not in notes[0]
    }
    assert 0 < read.included < len(read.labels) < len(read.documents)


RIS = """TY  - JOUR\nTI  - One\nN1  - {one}\nER  - \n\nTY  - JOUR\nTI  - Two\nN1  - {two}\nER  - \n"""
RAYYAN = "Original note | RAYYAN-INCLUSION: {%s} | RAYYAN-LABELS: a,b"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ASReview_relevant", "ASReview_irrelevant"),
        ("harvest_decision: include", "harvest_decision: exclude"),
        (RAYYAN % '"Ann"=>"Included"', RAYYAN % '"Ann"=>"Excluded", "Bob"=>"Excluded"'),
        (RAYYAN % '"Ann"=>"Included", "Bob"=>"Excluded"', RAYYAN % '"Ann"=>"Excluded"'),
    ],
)
def test_labels_in_notes(tmp_path, one, two):
    read = read_labelled(put(tmp_path, "set.ris", RIS.format(one=one, two=two)))
    assert dict(read.labels) == {1: 1, 2: 0}
    disputed = "Included" in one and "Excluded" in one
    assert ("People differ" in " ".join(read.notes)) == disputed


def test_votes_of_abstrackr_are_1_0_and_minus_1(tmp_path):
    path = put(
        tmp_path, "a.csv", "(internal) id,(source) id,title,consensus\n1,1,a,1\n2,2,b,-1\n3,3,c,0\n4,4,d,o\n"
    )
    read = read_labelled(path)
    assert dict(read.labels) == {1: 1, 2: 0}
    assert read.notes[-1] == "'o' is no label and counts as unlabelled: 1 of the records."


def test_a_list_of_included_records_is_one_on_request(tmp_path):
    path = put(tmp_path, "known.ris", RIS.format(one="", two=""))
    assert dict(read_labelled(path, all_included=True).labels) == {1: 1, 2: 1}
    with pytest.raises(WrongUse, match="holds no labels"):
        read_labelled(path)


def test_what_is_labelled_stays_so_where_a_list_was_expected(tmp_path):
    path = table(tmp_path, "included", "1", "0", "")
    assert dict(read_labelled(path, all_included=True).labels) == {1: 1, 2: 0}
    assert dict(read_labelled(table(tmp_path, "included", "1", ""), all_included=True).labels) == {1: 1}


@pytest.mark.parametrize("labels", [("", ""), ("perhaps", "later"), ("unsure", "unsure"), ("not_seen", "-1")])
def test_a_column_of_labels_that_says_nothing_makes_nothing_included(tmp_path, labels):
    with pytest.raises(WrongUse, match="no label says included or excluded \\(decision\\)"):
        read_labelled(table(tmp_path, "decision", *labels), all_included=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title,abstract\na,b\n", "holds no labels: name their column"),
        ("title,label\na,\nb,\n", "holds no labels"),
        (
            "title,label\na,1\nb,1\n",
            "every label says included \\(label\\); a replay needs records of both kinds",
        ),
        ("title,label\na,0\n", "every label says excluded"),
        ("title,label\na,perhaps\n", "no label says included or excluded"),
        ("title,authors,label\n,Meyer,1\n,Kim,0\n", "no record has a title or an abstract"),
        ("name,label\na,1\n", 'name the one that holds them "title"'),
        ("", "the file is empty"),
        (b"\x1f\x8b\x08garbage", "cannot be unpacked"),
        (b"PK\x03\x04 xl/ garbage", "no workbook that can be read"),
        (b"%PDF-1.7", "seems to be a PDF"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(tmp_path, text, told):
    with pytest.raises(WrongUse, match=told) as raised:
        read_labelled(put(tmp_path, "set.csv", text))
    assert "\n" not in str(raised.value)
    assert "set.csv" in str(raised.value)


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(
        WrongUse, match="no column 'verdict' to take labels from; columns of its own are label"
    ):
        read_labelled(table(tmp_path, "label", "1", "0"), "verdict")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WrongUse, match=r"none\.csv cannot be read"):
        read_labelled(tmp_path / "none.csv")


def test_a_packed_file_may_not_be_endless(tmp_path, monkeypatch):
    monkeypatch.setattr("harvest.labelled.MAX_BYTES", 1000)
    with pytest.raises(WrongUse, match="unpacks to more than 0 MB"):
        read_labelled(put(tmp_path, "set.csv.gz", gzip.compress(b"a" * 2000)))


def test_rows_that_cannot_be_read_are_counted(tmp_path):
    path = put(tmp_path, "set.csv", "title,abstract,label\na,b,1\nc,d,0\n,,1\n")
    assert read_labelled(path).notes[-1] == "Could not be read and is left out: 1 of the records."

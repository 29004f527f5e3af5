"""Questions in SQL are answered, and nothing else is done."""

from __future__ import annotations

import pytest
from stores import article, files, filled, kept, opened

from db.errors import StoreError, WrongUse
from db.question import ask


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


@pytest.mark.parametrize(("query", "columns", "rows"), [
    ("SELECT source, count(*) AS records FROM record GROUP BY source", ["source", "records"], [("pubmed", 2)]),
    ("SELECT key FROM latest WHERE key > ' ' ORDER BY 1;", ["key"], [("11",), ("12",)]),
    ("WITH w AS (SELECT 1 AS one) SELECT * FROM w", ["one"], [(1,)]),
    ("SELECT title FROM word WHERE word MATCH 'sepsis'", ["title"], [("Sepsis in children",)]),
    ("SELECT name FROM finding WHERE false", ["name"], []),
    ("SELECT '\udce9'", ["'\\udce9'"], [("\\udce9",)]),
    ("SELECT CAST(x'ff41' AS TEXT) AS t", ["t"], [("\ufffdA",)]),
])  # fmt: skip
def test_a_question_is_answered_with_columns_and_rows(path, query, columns, rows):
    assert ask(path, query) == (columns, rows)


@pytest.mark.parametrize("query", [
    "UPDATE run SET version = '2'", "DELETE FROM membership", "INSERT INTO stray VALUES (9, 1, 1, 'x')",
    "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "DROP VIEW latest", "PRAGMA user_version = 9", "ATTACH 'other.db' AS other",
    "VACUUM", "VACUUM INTO 'copy.db'", "REINDEX", "SELECT 1; SELECT 2", "SELEKT", "SELECT nothing FROM record", "SELECT 1\x00",
    "SELECT load_extension('x')", "", "-- only a remark", "BEGIN",
])  # fmt: skip
def test_everything_else_is_refused_and_changes_nothing(path, query, monkeypatch):
    monkeypatch.chdir(path.parent)
    before = path.read_bytes()
    with pytest.raises(WrongUse, match=r"docs/schema\.md"):
        ask(path, query)
    assert path.read_bytes() == before
    assert files(path.parent) == ["review.db"]


def test_a_question_is_answered_while_somebody_writes(path):
    with opened(path) as store, store.writing():
        kept(store, article("13"))
        assert ask(path, "SELECT count(*) FROM record")[1] == [(2,)]


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        ask(tmp_path / "review.db", "SELECT 1")

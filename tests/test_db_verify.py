"""Every damage that can be done to a review database from outside is found and named."""

from __future__ import annotations

import pytest
from stores import files, filled, raw

from db.errors import StoreError
from db.verify import verify


@pytest.fixture
def path(tmp_path):
    return filled(tmp_path / "review.db")


def damaged(path, *statements):
    with raw(path) as db:
        for statement in statements:
            db.execute(statement)
    return list(verify(path))


def put_back(path, guard):
    """Drop a guard, and what makes it again: damage that is not seen by its missing guard."""
    with raw(path) as db:
        (statement,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (guard,)).fetchone()
    return f"DROP TRIGGER {guard}", statement


def test_a_whole_database_has_nothing_wrong_and_stays_as_it_is(path):
    before = path.read_bytes()
    assert list(verify(path)) == []
    assert path.read_bytes() == before
    assert files(path.parent) == ["review.db"]


@pytest.mark.parametrize(("guard", "change", "sentence"), [
    ("page_refuses_update", "UPDATE page SET sha256 = 'ab'", "Page 1 is not what was stored"),
    ("page_refuses_update", "UPDATE page SET body = zeroblob(20)", "Page 1 is not what was stored"),
    ("revision_refuses_update", "UPDATE revision SET content = replace(content, 'Sepsis', 'sepsis')", "Revision 1 is not what"),
    ("revision_refuses_delete", "DELETE FROM revision WHERE record_id = 2", "Record 2 has no content"),
    ("record_refuses_delete", "DELETE FROM record WHERE id = 2", "of revision points to a row of record that does not"),
    ("ranking_refuses_delete", "DELETE FROM ranking", "Row 1 of ordering points to a row of ranking that does not exist"),
    ("ordering_refuses_update", "UPDATE ordering SET content = zeroblob(20)", "The order of ranking 1 is not what was stored"),
    ("corpus_refuses_update", "UPDATE corpus SET content = x'789c'", "is not what was stored: restore a backup"),
    ("topic_refuses_update", "UPDATE topic SET content = zeroblob(20)", "is not what was stored: restore a backup"),
    ("ranking_refuses_update", "UPDATE ranking SET labels = '{\"1\": 1.0}'", "The labels of ranking 1 are not what was stored"),
    ("decision_refuses_update", "UPDATE decision SET record_id = 99", "Row 1 of decision points to a row of record"),
])  # fmt: skip
def test_a_changed_fact_is_found_though_its_guard_is_back(path, guard, change, sentence):
    drop, make = put_back(path, guard)
    found = damaged(path, drop, change, make)
    assert any(sentence in line for line in found), found
    assert not any("guard" in line for line in found)


def test_a_flipped_byte_inside_a_body_is_found(path):
    whole = path.read_bytes()
    with raw(path) as db:
        (body,) = db.execute("SELECT body FROM page").fetchone()
    at = whole.index(body) + len(body) - 1  # the last byte of zlib's checksum
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert list(verify(path)) == ["Page 1 is not what was stored: restore a backup of the database."]


def test_a_guard_that_is_gone_or_guards_nothing_is_found(path):
    harmless = "CREATE TRIGGER page_refuses_delete BEFORE DELETE ON page BEGIN SELECT 1; END"
    found = damaged(
        path, "DROP TRIGGER decision_refuses_update", "DROP TRIGGER page_refuses_delete", harmless
    )
    assert found == [
        "The guard page_refuses_delete is changed: facts could have been changed.",
        "The guard decision_refuses_update is gone: facts could have been changed.",
    ]


def test_a_count_that_does_not_add_up_is_found(path):
    assert damaged(path, "UPDATE fetch SET stored = 1") == [
        "Fetch 1 of 'main' is marked complete with 2 promised, 2 listed, 1 stored."
    ]
    assert damaged(path, "UPDATE fetch SET state = 'failed'") == []


def test_a_record_that_the_search_box_forgot_is_found(path):
    assert damaged(path, "DELETE FROM word_docsize WHERE id = 2") == [
        "Record 2 cannot be found by its words."
    ]


def test_a_file_among_the_queues_that_nobody_exported_is_found(path):
    (path.parent / "queues" / "old").mkdir(parents=True)
    for name in ("ana.csv", "stray.csv", ".hidden", "old/ben.csv"):
        (path.parent / "queues" / name).touch()
    assert list(verify(path)) == [
        "queues/old/ben.csv lies among the queues, but was never recorded as exported.",
        "queues/stray.csv lies among the queues, but was never recorded as exported.",
    ]


def test_an_index_that_does_not_fit_its_table_is_found(path):
    found = damaged(
        path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'event', 'reason') WHERE name = 'sighting_fetch'",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX fetch_run ON fetch (search_id, state)' WHERE name = 'fetch_run'",
    )
    assert any("SQLite finds the file damaged" in line for line in found), found


def test_a_file_torn_in_the_middle_is_told_as_damaged(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="damaged"):
        list(verify(path))

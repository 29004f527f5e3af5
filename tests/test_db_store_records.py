"""What it says: records, revisions, identifiers, words; a source may change its mind, and change it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import SEARCH, answer, article, begun, kept, opened, raw

from db.facts import Search
from db.record import Identifier, Record, Section, Unreadable
from db.store import Store
from db.store.records import Reported


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "review.db") as store:
        begun(store)
        yield store


def words_fit(store: Store) -> bool:
    """Whether the search box holds exactly the words of the newest contents, each in its place."""
    with raw(store.path) as db:
        db.execute(
            "CREATE VIRTUAL TABLE temp.fresh USING fts5 (title, abstract, tokenize = 'unicode61 remove_diacritics 2')"
        )
        db.execute("INSERT INTO fresh (rowid, title, abstract) SELECT record_id, title, abstract FROM words")
        db.execute("CREATE VIRTUAL TABLE temp.held USING fts5vocab (main, word, instance)")
        db.execute("CREATE VIRTUAL TABLE temp.wanted USING fts5vocab (temp, fresh, instance)")
        held, wanted = (sorted(db.execute(f"SELECT * FROM {table}")) for table in ("held", "wanted"))
        return held == wanted != []


def test_a_page_of_records_is_counted_by_what_it_did(store):
    kept(store, article("1"), article("2"))
    told = kept(
        store, article("2"), article("1", "Another title"), article("3"), Unreadable(4, "torn", "<x", "9", 12)
    )
    assert (told.new, told.changed, told.same, told.unreadable) == ([3], [1], [2], 1)
    assert told.all == [3, 1, 2]
    assert told.numbers == {"1": 1, "2": 2, "3": 3}
    assert store.numbers() == [1, 2, 3]


def test_a_source_may_change_its_mind_back(store):
    one, two = article("1", "A"), article("1", "B")
    assert [kept(store, said).changed for said in (one, two, one, one)] == [[], [1], [1], []]
    assert store.revisions(1) == [one, two, one]
    assert store.record(1) == one
    assert store.with_words("A") == [1]
    assert store.with_words("B") == []
    assert words_fit(store)


def test_the_same_key_twice_in_one_page_is_one_record_with_two_contents(store):
    told = kept(store, article("1", "alpha"), article("1", "beta"), article("1", "beta"))
    assert (told.new, told.changed, told.same) == ([1], [1], [1])
    assert [record.title for record in store.revisions(1)] == ["alpha", "beta"]
    assert store.with_words("beta") == [1]
    assert store.with_words("alpha") == []
    kept(store, article("1", "gamma"), article("1", "delta"))
    assert store.with_words("beta") == store.with_words("gamma") == []
    assert words_fit(store)


def test_sources_may_call_different_records_by_the_same_key(store):
    told = kept(store, Record("file:embase", "1", title="E"), Record("file:psycinfo", "1", title="P"))
    assert told.new == [1, 2]
    assert store.keys("file:psycinfo") == {"1": 2}
    assert store.keys("pubmed") == {}


def test_identifiers_follow_the_newest_content(store):
    def named(*values):
        return Record("pubmed", "1", identifiers=tuple(Identifier("doi", v, o) for v, o in values))

    kept(store, named(("10.1/a", "article"), ("10.1/b", ""), ("10.1/b", "")))
    assert store.with_identifier("doi", "10.1/b") == [1]
    kept(store, named(("10.1/a", "reference"), ("10.1/a", "article")))
    assert store.with_identifier("doi", "10.1/b") == []
    assert store.with_identifier("doi", "10.1/a") == [1]
    assert store.with_identifier("pmid", "10.1/a") == []


def test_the_search_box_finds_words_and_phrases_whatever_their_accents(store):
    kept(
        store,
        article("1", "Éclampsie sévère", "A fine line"),
        article("2", "Line dancing is fine"),
        article("3"),
    )
    assert store.with_words("eclampsie") == [1]
    assert set(store.with_words("fine LINE")) == {1, 2}
    assert store.with_words('"fine line"') == [1]
    assert store.with_words('"fine line') == [1]
    assert store.with_words("fine", limit=1) == [2]  # the title weighs no more, but the text is shorter
    assert words_fit(store)


def test_the_abstract_is_found_over_its_parts(store):
    record = Record(
        "s", "k", abstract=(Section("Sepsis kills.", "BACKGROUND"), Section("We asked.", "METHODS"))
    )
    kept(store, record)
    assert store.with_words("asked") == [1]
    assert words_fit(store)


@given(
    st.one_of(
        st.text(max_size=12),
        st.lists(st.sampled_from(['"', " ", "a", "\0", "*", "NOT", "(", ":", "\ud800", "^", "-"])).map(
            "".join
        ),
    )
)
def test_no_text_breaks_the_search_box(text):
    assert SHARED.with_words(text) in ([], [1])


SHARED: Store


@pytest.fixture(scope="module", autouse=True)
def _shared(tmp_path_factory):
    """One store for all examples: hypothesis wants no fixture that is made anew for each."""
    global SHARED
    with opened(tmp_path_factory.mktemp("shared") / "review.db") as SHARED:
        begun(SHARED)
        kept(SHARED, article("1", "a not b"))
        yield


ODD = "half \udce9 \ud83d\ude00 nul \x00 end"
PLAIN = "half \\udce9 😀 nul \x00 end"


def test_no_text_is_lost_for_its_characters(store):
    record = Record(
        "pubmed", ODD, title=ODD, abstract=(Section(ODD),), identifiers=(Identifier("doi", ODD, ODD),)
    )
    told = kept(store, record, Unreadable(2, ODD, ODD, ODD))
    assert told.numbers == {ODD: 1}
    assert store.keys("pubmed") == {PLAIN: 1}
    assert store.record(1).title == ODD.replace("\ud83d\ude00", "😀")
    assert store.unreadable() == [Reported(1, 2, None, PLAIN, PLAIN)]
    assert store.with_identifier("doi", ODD) == [1]
    assert store.with_words("end") == [1]
    assert kept(store, record).same == [1]
    assert kept(store, Record("pubmed", ODD, title="new")).changed == [1]
    assert store.with_words("end") == []
    store.add_strays(1, [(3, ODD)])
    assert store.with_words("new") == [1]


def test_more_records_at_once_than_sqlite_takes_variables(store):
    records = [article(str(key)) for key in range(2_500)]
    assert len(kept(store, *records).new) == 2_500
    assert len(kept(store, *records).same) == 2_500
    assert len(list(store.records(range(2_600)))) == 2_500
    assert store.existing(range(2_490, 2_510)) == set(range(2_490, 2_501))


def test_numbers_that_name_nothing(store):
    kept(store, article("1"))
    assert store.record(2) is None
    assert store.revisions(2) == []
    assert store.record(2**80) is None
    assert store.existing([1, 2, 0, -1, 2**80]) == {1}
    assert store.sources_of([2]) == {2: []}
    assert list(store.records([2, 1])) == [(1, article("1"))]


def test_all_records_in_order_of_their_numbers(store):
    kept(store, article("b"), article("a"))
    assert [(n, r.key) for n, r in store.records()] == [(1, "b"), (2, "a")]


def test_what_is_new_or_changed_since(store):
    assert store.newest_revision() == 0
    kept(store, article("1"), article("2"))
    since = store.newest_revision()
    kept(store, article("2", "new"), article("3"), article("1"))
    assert store.changed_since(since) == [2, 3]
    assert store.changed_since(0) == [1, 2, 3]


def test_the_source_s_own_dates_of_change_and_digests_where_it_gives_none(store):
    undated = article("2")
    kept(store, article("1", dates={"revised": "2020-01-02"}), undated)
    assert store.stamps("pubmed") == {"1": "2020-01-02", "2": undated.digest}
    kept(store, article("1", dates={"revised": "2021-01-02"}), changed := article("2", "new"))
    assert store.stamps("pubmed") == {"1": "2021-01-02", "2": changed.digest}


def test_what_could_not_be_read_is_told_by_fetch(store):
    kept(store, Unreadable(1, "torn", "<", "7"))
    second = begun(store, Search("other", "pubmed", "x"))
    kept(store, Unreadable(1, "empty", "", "8", 3), fetch=second)
    assert [u.key for u in store.unreadable()] == ["7", "8"]
    assert store.unreadable(second) == [Reported(2, 1, 3, "8", "empty")]
    assert store.unreadable_keys(1) == {"7"}


def test_which_searches_ever_found_a_record(store):
    kept(store, article("1"), article("2"))
    other = store.search_id(Search("another", "pubmed", "x"))
    mine = store.search_id(SEARCH)
    store.add_sightings(1, mine, "appeared", [(1, "first search"), (2, "first search")])
    store.add_sightings(1, other, "appeared", [(1, "first search")])
    store.add_sightings(1, mine, "disappeared", [(2, "no longer matching")])
    assert store.sources_of([2, 1]) == {2: ["main"], 1: ["another", "main"]}


def test_a_page_that_breaks_off_leaves_nothing(store):
    def half():
        yield article("1")
        raise RuntimeError

    def broken():
        with store.writing():
            store.add_records(store.add_page(1, answer("list", cursor="200")), "r", half())

    with pytest.raises(RuntimeError):
        broken()
    assert store.numbers() == []
    assert list(store.pages(1, "list", "records")) == []
    assert store.fetch(1).cursor == ""

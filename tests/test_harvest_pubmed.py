"""Asking PubMed: listings of any size, cut at every place; settings and search strings."""

import pytest
import responses
from fake_pubmed import KEY, SEARCH, Clock, FakePubMed, corpus, day, keys, pubmed, serve

from db.errors import CountMismatch, SearchError, TokenExpired, WrongUse
from harvest.source import LISTED, Search, Source
from harvest.sources.pubmed import PubMed
from harvest.transport import Patience, Transport

GOOD = b"<eSearchResult><Count>1</Count><IdList><Id>5</Id></IdList></eSearchResult>"


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


# -- listings ----------------------------------------------------------------------------------------


def test_it_is_a_source():
    source: Source = pubmed()
    assert (source.name, source.label) == ("pubmed", "PubMed")
    assert all(isinstance(line, str) for line in source.help)


def test_a_small_listing_is_one_page(net):
    fake = serve(net, FakePubMed(corpus(30)))
    source = pubmed(email="ana@example.org", api_key=KEY)
    (page,) = source.list(SEARCH)
    assert keys(source, [page]) == list(fake.articles)
    assert (page.kind, page.promised, page.cursor, page.counts) == ("list", 30, LISTED, True)
    assert page.translation == "neoplasms OR tumour"
    ((method, sent),) = fake.asked
    assert (method, sent["tool"], sent["email"], sent["api_key"]) == (
        "GET",
        "harvest",
        "ana@example.org",
        KEY,
    )
    assert page.request.params == {
        "db": "pubmed", "retmode": "xml", "retmax": "9999", "tool": "harvest", "term": SEARCH.query,
    }  # fmt: skip
    assert list(source.list(SEARCH, LISTED)) == []


def test_a_long_query_is_posted(net):
    fake = serve(net, FakePubMed({}))
    (page,) = pubmed().list(Search("main", "pubmed", "(cancer OR tumour)" + " OR cancer" * 200))
    assert page.request.method == fake.asked[0][0] == "POST"
    assert page.promised == 0


@pytest.mark.parametrize("number", [9_999, 10_000])
def test_the_ceiling_exactly(net, number):
    serve(net, FakePubMed(corpus(number)))
    source = pubmed()
    pages = list(source.list(SEARCH))
    assert len(set(keys(source, pages))) == number
    assert (len(pages) == 1) == (number == 9_999)


def test_a_large_listing_is_complete_and_every_cut_goes_on(net):
    fake = serve(net, FakePubMed(corpus(25_000)))
    source = pubmed()
    whole = list(source.list(SEARCH, since="2026-09-01"))
    assert sorted(keys(source, whole)) == sorted(fake.articles)
    first, *rest = [page for page in whole if page.kind == "list"]
    assert (first.counts, first.promised, source.hits(first.body)) == (False, 25_000, [])
    assert first.translation == "neoplasms OR tumour"
    assert {page.promised for page in rest} == {25_000}
    assert whole[-1].cursor == LISTED
    assert len({page.cursor for page in whole}) == len(whole)

    touched = {pmid for pmid, dates in fake.articles.items() if dates["MDAT"] >= "2026/08/25"}
    assert sorted(keys(source, whole, "changed")) == sorted(touched)

    for cut in range(1, len(whole)):
        kept = whole[:cut]
        kept += source.list(SEARCH, kept[-1].cursor, since="2026-11-11")
        assert sorted(keys(source, kept)) == sorted(fake.articles), f"cut after page {cut}"
        assert set(keys(source, kept, "changed")) == touched
        assert kept[-1].cursor == LISTED


def test_killed_after_every_single_page(net):
    fake = serve(net, FakePubMed(corpus(14_000, one_day=11_000)))
    source, kept, cursor = pubmed(), [], ""
    while cursor != LISTED:
        kept.append(next(source.list(SEARCH, cursor)))
        cursor = kept[-1].cursor
    assert sorted(keys(source, kept)) == sorted(fake.articles)


def test_a_day_too_large_is_cut_by_the_entry_date(net):
    fake = serve(net, FakePubMed(corpus(15_000, one_day=13_000)))
    source = pubmed()
    pages = list(source.list(SEARCH))
    assert sorted(keys(source, pages)) == sorted(fake.articles)
    assert any("[EDAT]" in page.request.params["term"] for page in pages)


def test_a_day_too_large_in_every_date_is_told(net):
    same = dict.fromkeys(("CRDT", "EDAT", "MDAT"), day(2009, 1, 5))
    serve(net, FakePubMed({str(n): same for n in range(10_500)}))
    with pytest.raises(SearchError, match="10,500 records that match share one day in CRDT and EDAT"):
        list(pubmed().list(SEARCH))


def test_known_counts_save_questions(net):
    fake = serve(net, FakePubMed(corpus(25_000)))
    pages = list(pubmed().list(SEARCH))
    assert len(fake.asked) <= len(pages) + 4


def test_many_changes_are_cut_too(net):
    articles = corpus(12_000)
    for dates in articles.values():
        dates["MDAT"] = day(2026, 11, 1)
    fake = serve(net, FakePubMed(articles))
    source = pubmed()
    pages = list(source.list(SEARCH, since="2026-10"))
    assert sorted(keys(source, pages, "changed")) == sorted(fake.articles)
    assert {page.promised for page in pages if page.kind == "changed"} == {None}
    cursor = next(page.cursor for page in pages if page.kind == "changed")
    assert keys(source, source.list(SEARCH, cursor), "changed") == keys(source, pages, "changed")


# -- counts that move --------------------------------------------------------------------------------


def drifting(net, at, change):
    """A PubMed that changes before the n-th question: of 12,000, 4,000 are listed before the fourth."""
    fake = serve(net, FakePubMed(corpus(12_000)))
    fake.before = lambda count: change(fake.articles) if count == at else None
    return fake


def lose_two(articles):
    """The oldest, which is listed by then, and the newest, which is not."""
    in_order = sorted(articles, key=lambda pmid: articles[pmid]["CRDT"])
    del articles[in_order[0]], articles[in_order[-1]]


def test_a_total_that_moved_while_listing_is_asked_again(net):
    new = dict.fromkeys(("CRDT", "EDAT", "MDAT"), day(2022, 11, 5))
    fake = drifting(net, 4, lambda articles: articles.update({"7": new}))
    source = pubmed()
    pages = list(source.list(SEARCH))
    assert sorted(keys(source, pages)) == sorted(fake.articles)
    assert pages[-1].promised == 12_001


def test_parts_that_do_not_add_up_are_told_with_both_numbers(net):
    drifting(net, 4, lose_two)
    kept = []
    with pytest.raises(CountMismatch, match="hold 11,999 records together, but PubMed says that 11,998"):
        kept.extend(pubmed().list(SEARCH))
    assert LISTED not in {page.cursor for page in kept}


def test_parts_that_do_not_add_up_after_an_interruption_are_listed_again(net):
    fake = serve(net, FakePubMed(corpus(12_000)))
    source = pubmed()
    kept = list(source.list(SEARCH))
    lose_two(fake.articles)
    with pytest.raises(TokenExpired, match="11,999 records together"):
        list(source.list(SEARCH, kept[-2].cursor))


@pytest.mark.parametrize(
    "cursor", ["?", "[]", '{"nonsense": 1}', '{"query": "other"}', '{"query": "x", "place": "?"}']
)
def test_a_cursor_that_is_not_ours_begins_again(cursor):
    with pytest.raises(TokenExpired, match="another query"):
        list(pubmed().list(SEARCH, cursor))


# -- settings ----------------------------------------------------------------------------------------


def test_another_address_and_pace(net):
    net.get("http://localhost:8/eutils/esearch.fcgi", body=GOOD)
    (page,) = pubmed(url="http://localhost:8/eutils", requests_per_second="500").list(SEARCH)
    assert page.request.url == "http://localhost:8/eutils/esearch.fcgi"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"requests_per_second": "4"}, "NCBI allows 3 a second without an API key, not 4"),
        ({"requests_per_second": "11", "api_key": KEY}, "NCBI allows 10 a second with an API key, not 11"),
        ({"requests_per_second": "many"}, '"many" is no number above 0'),
        ({"requests_per_second": "0"}, "no number above 0"),
        ({"requests_per_second": "inf"}, "no number above 0"),
    ],
)
def test_a_pace_that_ncbi_does_not_allow_is_refused(settings, said):
    with pytest.raises(WrongUse, match=said):
        pubmed(**settings)


@pytest.mark.parametrize(("settings", "interval"), [({}, 1 / 3), ({"api_key": KEY}, 1 / 10)])
def test_requests_keep_the_pace_of_the_source(net, settings, interval):
    serve(net, FakePubMed({}))
    clock = Clock()
    source = PubMed(Transport(Patience(), clock), settings)
    list(source.fetch([str(n) for n in range(801)]))
    assert clock.seconds == pytest.approx(4 * interval)


# -- search strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "empty"),
        ("infant adj3 mother", '"adj3" is a proximity operator'),
        ("infant NEAR/3 mother", '"NEAR/3"'),
        ("psychotherap*.tw.", '".tw." is a field of Ovid'),
        ("infant.ti,ab.", '".ti,ab."'),
        ("exp psychotherapy/", '"exp psychotherapy/" is a heading of Ovid'),
        ("or/1-4", '"or/1-4" combines lines'),
        ("infant:ti,ab", '":ti,ab" is a field of Embase'),
        ("psychotherap$", '"psychotherap$" truncates in Ovid'),
        ("mother or father", '"or" is an operator for certain only in capitals'),
        ("mum*", '"mum*" is too short'),
    ],
)
def test_syntax_of_other_platforms_is_doubted(query, said):
    assert any(said in sentence for sentence in pubmed().check(Search("main", "pubmed", query)))


def test_a_good_search_string_is_not_doubted():
    query = '("Infant"[mh] OR infant*[tiab] OR "mother or father"[tiab:~3]) AND psychotherap*[tiab] NOT "adj3 or/1-4"'
    assert pubmed().check(Search("main", "pubmed", query)) == []

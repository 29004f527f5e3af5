"""Asking PubMed: listings of any size, every cut and every shape of error; without a network."""

import random
import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from db.errors import BadAnswer, CountMismatch, Refused, SearchError, TokenExpired, WrongUse
from db.record import Record
from harvest.source import LISTED, Search, Source
from harvest.sources import pubmed_slices as slices
from harvest.sources.pubmed import PubMed
from harvest.transport import Patience, Transport

DATA = Path(__file__).parent / "data" / "pubmed"
SEARCH = Search("main", "pubmed", "cancer OR tumour")
ESEARCH = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"
EFETCH = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"
KEY = "0123456789abcdef"


class Clock:
    """Time passes only by sleeping."""

    def __init__(self):
        self.seconds = 0.0

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds


class FakePubMed:
    """ESearch and EFetch over a list of articles: PMID → its CRDT, EDAT and MDAT."""

    def __init__(self, articles):
        self.articles = articles
        self.asked = []
        self.gone = set()
        self.late = set()
        self.strangers = []
        self.before = lambda _count: None

    def esearch(self, request):
        params = asked(request)
        self.asked.append((request.method, params))
        self.before(len(self.asked))
        assert "(cancer OR tumour)" in params["term"] or params["term"] == "cancer OR tumour"
        ranges = re.findall(r'"([\d/]+)"\[(\w+)\] : "([\d/]+)"\[\2\]', params["term"])
        found = list(self.articles)
        for low, field, high in ranges:
            found = [pmid for pmid in found if low <= self.articles[pmid][field] <= high]
        listed = found[: min(int(params["retmax"]), 9_999)]
        ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in listed)
        return (
            200,
            {},
            (
                f"<eSearchResult><Count>{len(found)}</Count><RetMax>{len(listed)}</RetMax><RetStart>0</RetStart>"
                f"<IdList>{ids}</IdList><QueryTranslation>{params['term'].replace('cancer', 'neoplasms')}"
                "</QueryTranslation></eSearchResult>"
            ),
        )

    def efetch(self, request):
        params = asked(request)
        self.asked.append((request.method, params))
        wanted = params["id"].split(",")
        come = [p for p in wanted if p not in self.gone and not (p in self.late and len(wanted) > 5)]
        strangers = [self.strangers.pop()] if self.strangers else []
        return 200, {}, articles_xml([*come, *strangers])


def asked(request):
    text = urlsplit(request.url).query if request.method == "GET" else request.body
    return {name: values[0] for name, values in parse_qs(text).items()}


def day(year, month, of_month):
    return f"{year}/{month:02}/{of_month:02}"


def articles_xml(pmids):
    inside = "".join(
        f"<PubmedArticle><MedlineCitation><PMID Version='1'>{pmid}</PMID><Article/></MedlineCitation></PubmedArticle>"
        for pmid in pmids
    )
    return f"<PubmedArticleSet>{inside}</PubmedArticleSet>"


def corpus(number, *, one_day=0):
    """So many articles added between 1990 and 2022, `one_day` of them on one day."""
    rng = random.Random(1)
    articles = {}
    for n in range(number):
        crdt = date(2009, 1, 5) if n < one_day else date(1990, 1, 1) + timedelta(days=rng.randrange(12_000))
        edat = crdt - timedelta(days=rng.choice((0, 1, rng.randrange(6000), rng.randrange(6000))))
        mdat = date(2026, 1, 1) + timedelta(days=n % 300)
        articles[str(1000 + n)] = {
            "CRDT": f"{crdt:%Y/%m/%d}",
            "EDAT": f"{edat:%Y/%m/%d}",
            "MDAT": f"{mdat:%Y/%m/%d}",
        }
    return articles


def pubmed(attempts=2, **settings):
    return PubMed(Transport(Patience(attempts=attempts, backoff=0), Clock()), settings)


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def serve(net, fake):
    for method in ("GET", "POST"):
        net.add_callback(method, ESEARCH, fake.esearch)
        net.add_callback(method, EFETCH, fake.efetch)
    return fake


def keys(source, pages, kind="list"):
    return [hit.key for page in pages if page.kind == kind and page.counts for hit in source.hits(page.body)]


def answer(name):
    return (DATA / name).read_bytes()


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
    fake = serve(net, FakePubMed(corpus(25_000, one_day=15_000)))
    source, kept, cursor = pubmed(), [], ""
    while cursor != LISTED:
        kept.append(next(source.list(SEARCH, cursor)))
        cursor = kept[-1].cursor
    assert sorted(keys(source, kept)) == sorted(fake.articles)


def test_a_day_too_large_is_cut_by_the_entry_date(net):
    fake = serve(net, FakePubMed(corpus(25_000, one_day=22_000)))
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
    with pytest.raises(
        CountMismatch, match=r"hold 11,999 records together, but PubMed says that 11,998 match"
    ):
        for page in pubmed().list(SEARCH):
            assert page.cursor != LISTED


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


# -- slices ------------------------------------------------------------------------------------------

DAYS = st.dates(slices.FIRST, slices.LAST)


@given(st.lists(DAYS, min_size=1, max_size=3), st.tuples(DAYS, DAYS, DAYS))
def test_what_remains_is_exactly_what_comes_after_a_place(place, point):
    """A record lies in one remaining slice if it stands at or after the place, else in none."""
    inside = [part for part in slices.remaining(tuple(place)) if all(
        low <= day <= high for day, (low, high) in zip(point, part.ranges, strict=False)
    )]  # fmt: skip
    assert len(inside) == (point[: len(place)] >= tuple(place))


@given(st.tuples(DAYS, DAYS), st.tuples(DAYS, DAYS))
def test_halves_are_the_whole_and_do_not_overlap(span, point):
    low, high = sorted(span)
    part = slices.Slice(((low, high),))
    left, right = part.halves(2)

    def holds(part):
        return all(a <= day <= b for day, (a, b) in zip(point, part.ranges, strict=False))

    assert holds(left) + holds(right) == holds(part)


def test_the_last_day_has_no_place_after_it():
    end = slices.LAST
    assert slices.after(slices.Slice(((end, end), (end, end)))) is None
    assert slices.Slice(((end, end),)).halves(1) is None


# -- warnings and errors -----------------------------------------------------------------------------


def listing(net, body, *more, status=200, attempts=2, **settings):
    for each in (body, *more):
        net.get(ESEARCH, body=each, status=status)
    return list(pubmed(attempts, **settings).list(SEARCH))


def test_nothing_found_is_an_answer_with_its_warnings(net):
    (page,) = listing(net, answer("esearch_phrase_not_found.xml"))
    assert (page.promised, page.cursor) == (0, LISTED)
    assert page.warnings == (
        'PubMed dropped "abcXYZ" because it is not in its index: the rest was searched without it.',
        "PubMed says: No items found.",
    )


def test_every_warning_is_a_sentence(net):
    (page,) = listing(
        net,
        "<eSearchResult><Count>1</Count><IdList><Id>5</Id></IdList><ErrorList><FieldNotFound>tw</FieldNotFound>"
        '</ErrorList><WarningList><PhraseIgnored>the</PhraseIgnored><QuotedPhraseNotFound>"a b"'
        "</QuotedPhraseNotFound></WarningList></eSearchResult>",
    )
    assert page.warnings == (
        'PubMed does not know the field "tw": the rest was searched without that field tag.',
        'PubMed ignored "the".',
        'PubMed found no phrase "a b" and searched its words without the quotes: the search became broader.',
    )


GOOD = b"<eSearchResult><Count>1</Count><IdList><Id>5</Id></IdList></eSearchResult>"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (answer("error_rate_limit.json"), "API rate limit exceeded"),
        (answer("error_raw_newline.json"), "'retstart'"),
        (answer("error_outage.html"), "a web page came instead of data"),
        (answer("efetch_page.html"), "a web page came instead of data"),
        (answer("esearch_biopython.xml"), "says that 63 records match and holds 20"),
        (answer("esearch_translated.xml")[:-30], "no complete XML"),
        (b"", "the answer is empty"),
        (b"{", "PubMed answered with an error"),
        (b"[1]", "PubMed answered with an error"),
        (b"<PubmedArticleSet/>", "came instead of <eSearchResult>"),
        (b"<eSearchResult><IdList/></eSearchResult>", "does not say how many"),
        (
            b"<eSearchResult><ERROR>Search Backend failed: read timeout</ERROR></eSearchResult>",
            "read timeout",
        ),
        (b"<eSearchResult><ERROR>" + b"x" * 400 + b"</ERROR></eSearchResult>", "x…"),
        (b"<eSearchResult><Count>2</Count><IdList><Id>5</Id><Id>5</Id></IdList></eSearchResult>", "holds 1"),
    ],
)
def test_what_is_no_listing_is_asked_again_and_is_never_nothing_found(net, body, said):
    if b"retstart" not in body:
        assert listing(net, body, GOOD)[0].promised == 1
        net.reset()
        with pytest.raises(BadAnswer, match=re.escape(said)) as caught:
            listing(net, body)
        assert caught.value.body == body
        assert len(net.calls) == 2
        assert str(caught.value).endswith("2 attempts): start the run again later; what is stored stays.")
    else:
        with pytest.raises(Refused, match=re.escape(said)):
            listing(net, body)


@pytest.mark.parametrize(
    "body",
    [
        answer("error_backend.xml"),
        b"<eSearchResult><ERROR>Empty term and query_key - nothing todo</ERROR></eSearchResult>",
    ],
)
def test_a_question_that_is_wrong_is_asked_once(net, body):
    with pytest.raises(Refused, match="PubMed refused the question"):
        listing(net, body)
    assert len(net.calls) == 1


def test_a_key_that_is_not_valid_says_what_to_correct_and_not_the_key(net):
    body = f'{{"error":"API key invalid","api-key":"{KEY}","type":"invalid","status":"unknown"}}'
    with pytest.raises(Refused, match="correct NCBI_API_KEY") as caught:
        listing(net, body, status=400, api_key=KEY)
    assert KEY not in str(caught.value)
    with pytest.raises(Refused, match="refused the request with 400"):
        net.reset()
        listing(net, "Something else", status=400)


def test_a_rate_limit_that_names_the_key_is_kept_without_it(net):
    body = f'{{"error":"API rate limit exceeded","api-key":"{KEY}","count":"11","limit":"10"}}'
    with pytest.raises(BadAnswer) as caught:
        listing(net, body, api_key=KEY)
    assert KEY.encode() not in caught.value.body
    assert b"count" in caught.value.body


def test_hits_of_something_else_are_a_bad_answer():
    with pytest.raises(BadAnswer):
        pubmed().hits(answer("error_outage.html"))
    with pytest.raises(Refused, match="Empty ID list"):
        pubmed().hits(answer("epost_two_errors.xml"))


# -- fetching ----------------------------------------------------------------------------------------


def test_records_come_in_pages_of_two_hundred(net):
    fake = serve(net, FakePubMed({}))
    source = pubmed()
    wanted = [str(n) for n in range(1, 451)]
    pages = list(source.fetch([*wanted, "1", "2"]))
    assert [len(page.asked) for page in pages] == [200, 200, 50]
    assert [record.key for page in pages for record in source.records(page.body)] == wanted
    assert all(page.kind == "records" and not page.missing for page in pages)
    assert {method for method, _ in fake.asked} == {"POST"}
    assert list(source.fetch([])) == []


def test_what_does_not_come_is_asked_for_once_more_and_then_named(net):
    fake = serve(net, FakePubMed({}))
    fake.gone, fake.late = {"3"}, {"4", "5"}
    source = pubmed()
    first, second = source.fetch([str(n) for n in range(1, 11)])
    assert first.missing == second.missing == ("3",)
    assert second.asked == ("3", "4", "5")
    assert [r.key for r in source.records(second.body)] == ["4", "5"]
    assert len(fake.asked) == 2


def test_a_deleted_record_is_named_missing_by_a_genuine_empty_answer(net):
    net.post(EFETCH, body=answer("efetch_37909814_deleted.xml"))
    (page,) = pubmed().fetch(["37909814"])
    assert page.missing == ("37909814",)
    assert list(pubmed().records(page.body)) == []


def test_records_that_nobody_asked_for_are_a_bad_answer(net):
    fake = serve(net, FakePubMed({}))
    fake.strangers = ["999"]
    (page,) = pubmed().fetch(["1"])
    assert len(fake.asked) == 2
    fake.strangers = ["999", "999"]
    with pytest.raises(BadAnswer, match=r"not asked for \(PMID 999\)"):
        list(pubmed().fetch(["1"]))
    assert isinstance(next(pubmed().records(page.body)), Record)


def test_a_page_that_broke_off_is_asked_for_again(net):
    whole = answer("efetch_38866711.xml")
    net.post(EFETCH, body=whole[:-50])
    net.post(EFETCH, body=whole)
    (page,) = pubmed().fetch(["38866711"])
    assert page.body == whole


def test_books_and_articles_both_count(net):
    net.post(EFETCH, body=answer("efetch_book.xml"))
    (page,) = pubmed().fetch(["21413195"])
    assert not page.missing


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
        ("psychotherap$", '"p$" truncates in Ovid'),
        ("mother or father", '"or" is an operator only in capitals'),
        ("mum*", '"mum*" is too short'),
    ],
)
def test_syntax_of_other_platforms_is_doubted(query, said):
    assert any(said in sentence for sentence in pubmed().check(Search("main", "pubmed", query)))


def test_a_good_search_string_is_not_doubted():
    query = '("Infant"[mh] OR infant*[tiab] OR "mother or father"[tiab:~3]) AND psychotherap*[tiab] NOT "adj3 or/1-4"'
    assert pubmed().check(Search("main", "pubmed", query)) == []

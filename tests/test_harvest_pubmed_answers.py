"""What PubMed answers: warnings, every shape of error, records that do not come."""

import re

import pytest
import responses
from fake_pubmed import EFETCH, ESEARCH, KEY, SEARCH, FakePubMed, answer, pubmed, serve

from db.errors import BadAnswer, Refused
from db.record import Record
from harvest.source import LISTED


@pytest.fixture
def net():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


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
        assert str(caught.value).endswith("2 attempts): try again later; what is stored stays.")
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
    net.reset()
    with pytest.raises(Refused, match="refused the request with 400"):
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

"""The local test server itself: what is tested against it can only be as right as it is."""

import json
import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import date, timedelta

import pytest
import requests
import server_corpus as corpus
from server import Server
from server_pubmed import Complaints

TERM = "yoga[tiab] AND trial"


@pytest.fixture
def server():
    with Server(corpus.articles(30), corpus.created(30), corpus.studies(25)) as server:
        yield server


def get(url, **params):
    return requests.get(url, params=params, timeout=5)


def esearch(server, term, **params):
    answer = requests.post(
        server.pubmed_url + "/esearch.fcgi", {"db": "pubmed", "term": term, **params}, timeout=5
    )
    return ET.fromstring(answer.content)


def ids(found):
    return [node.text for node in found.iter("Id")]


def efetch(server, pmids):
    answer = get(server.pubmed_url + "/efetch.fcgi", db="pubmed", id=",".join(pmids), retmode="xml")
    return [node.text for node in ET.fromstring(answer.content).findall("PubmedArticle/MedlineCitation/PMID")]


def studies(server, **params):
    return get(server.trials_url + "/studies", **params).json()


def keys(answer):
    return [study["protocolSection"]["identificationModule"]["nctId"] for study in answer["studies"]]


# -- E-utilities -------------------------------------------------------------------------------------


def test_every_word_outside_tags_must_stand_in_title_or_abstract(server):
    expected = [
        corpus.pmid(n)
        for n in reversed(range(30))
        if all(w in corpus.title(n).lower() for w in ("yoga", "trial"))
    ]
    assert ids(esearch(server, TERM)) == expected
    assert ids(esearch(server, "nowhere")) == []


def test_esearch_counts_and_pages_newest_first(server):
    server.pubmed.match("corpus OR anything", server.pubmed.pmids)
    found = esearch(server, "corpus OR anything", retstart="5", retmax="4")
    assert [found.findtext(tag) for tag in ("Count", "RetMax", "RetStart")] == ["30", "4", "5"]
    assert ids(found) == [corpus.pmid(n) for n in (24, 23, 22, 21)]


def test_a_search_that_finds_nothing_says_so_as_pubmed_does(server):
    found = esearch(server, "nowhere")
    assert found.findtext("Count") == "0"
    assert found.findtext("WarningList/OutputMessage") == "No items found."


@pytest.mark.parametrize("field", ["CRDT", "EDAT"])
@pytest.mark.parametrize(
    "shape",
    [
        '({term}) AND ("{low}"[{field}] : "{high}"[{field}])',
        "(({term}) AND {low}[{field}]:{high}[{field}])",
        '("{low}"[{field}] : "{high}"[{field}]) AND ({term})',
        '(({term}) AND ("1900"[MDAT] : "3000"[MDAT])) AND ("{low}"[{field}] : "{high}"[{field}])',
    ],
)
def test_date_ranges_are_inclusive_and_leave_the_term_alone(server, shape, field):
    server.pubmed.match("all of them OR not", server.pubmed.pmids)
    low, high = "2015/01/02", "2015/01/03"
    found = esearch(
        server, shape.format(term="all of them OR not", low=low, high=high, field=field), retmax="99"
    )
    assert ids(found) == [corpus.pmid(n) for n in range(20, 6, -1)]


def test_halves_of_a_range_tile(server):
    server.pubmed.match("any OR thing", server.pubmed.pmids)
    counts = [
        int(esearch(server, f'(any OR thing) AND ("{low}"[CRDT] : "{high}"[CRDT])').findtext("Count"))
        for low, high in [("1900/01/01", "2015/01/02"), ("2015/01/03", "2100/12/31"), ("1900", "3000")]
    ]
    assert counts == [14, 16, 30]


def test_the_parameters_mindate_and_maxdate_are_understood(server):
    server.pubmed.match("x OR y", server.pubmed.pmids)
    found = esearch(server, "x OR y", datetype="crdt", mindate="2015/01", maxdate="2015/01/01", retmax="99")
    assert len(ids(found)) == 7


def test_what_cannot_be_matched_honestly_is_an_error_of_the_test():
    def ask():
        with Server(corpus.articles(1)) as server, suppress(requests.RequestException):
            esearch(server, "psycho*")

    with pytest.raises(AssertionError, match="register the term"):
        ask()


def test_json_says_the_same_as_xml(server):
    server.pubmed.complain(TERM, Complaints(phrase_not_found=("trial",), quoted_phrase_not_found=('"x"',)))
    server.pubmed.match(TERM, server.pubmed.pmids, translation='"yoga"[MeSH Terms]')
    said = get(server.pubmed_url + "/esearch.fcgi", term=TERM, retmode="json", retmax="2").json()[
        "esearchresult"
    ]
    found = esearch(server, TERM, retmax="2")
    assert said["idlist"] == ids(found)
    assert said["count"] == found.findtext("Count") == "30"
    assert said["querytranslation"] == found.findtext("QueryTranslation") == '"yoga"[MeSH Terms]'
    assert said["errorlist"]["phrasesnotfound"] == [found.findtext("ErrorList/PhraseNotFound")] == ["trial"]
    assert said["warninglist"]["quotedphrasesnotfound"] == ['"x"']
    assert found.findtext("WarningList/QuotedPhraseNotFound") == '"x"'


def test_a_bare_count_can_be_asked_for(server):
    found = esearch(server, TERM, rettype="count")
    assert [node.tag for node in found] == ["Count"]


@pytest.fixture(scope="module")
def full():
    """PubMed with a query that finds more than can be reached."""
    template = corpus.article(0)
    with Server({str(n): template for n in range(1, 10_011)}) as server:
        server.pubmed.match("all OR all", server.pubmed.pmids)
        yield server


def test_no_more_than_9999_at_once(full):
    found = esearch(full, "all OR all", retmax="100000")
    assert (found.findtext("Count"), len(ids(found))) == ("10010", 9_999)


def test_the_last_place_gives_one_and_a_message(full):
    found = esearch(full, "all OR all", retstart="9998", retmax="10")
    assert len(ids(found)) == 1
    assert "adjusted" in found.findtext("WarningList/OutputMessage")


def test_behind_the_ceiling_there_is_an_error_inside_a_200(full):
    assert "cannot be larger than 9998" in esearch(full, "all OR all", retstart="9999").findtext("ERROR")
    said = get(full.pubmed_url + "/esearch.fcgi", term="all OR all", retstart="9999", retmode="json")
    with pytest.raises(json.JSONDecodeError):  # a raw newline: as the real one
        json.loads(said.text)
    assert "9998" in json.loads(said.text, strict=False)["esearchresult"]["ERROR"]


def test_efetch_keeps_the_order_asked_and_leaves_out_what_is_gone(server):
    server.pubmed.remove(corpus.pmid(2))
    assert efetch(server, [corpus.pmid(n) for n in (3, 2, 9)]) == [corpus.pmid(3), corpus.pmid(9)]


def test_efetch_by_form_and_without_retmode(server):
    url = server.pubmed_url + "/efetch.fcgi"
    by_form = requests.post(url, {"id": f"{corpus.pmid(1)},99", "retmode": "xml"}, timeout=5)
    assert [node.tag for node in ET.fromstring(by_form.content)] == ["PubmedArticle"]
    assert not get(url, id=corpus.pmid(1)).content.startswith(b"<?xml")


def test_contents_may_change_between_requests(server):
    zumba = corpus.article(40, titled="Zumba in Graz")
    server.pubmed.put(zumba, date(2020, 2, 29))
    assert ids(esearch(server, "zumba AND (2020/02/29[CRDT] : 2020/02[CRDT])")) == [corpus.pmid(40)]
    server.pubmed.put(zumba, modified=date(2026, 5, 5))
    assert ids(esearch(server, 'zumba AND ("2026/05/01"[MDAT] : "3000"[MDAT])')) == [corpus.pmid(40)]
    server.pubmed.remove(corpus.pmid(40))
    assert ids(esearch(server, "zumba")) == []


# -- ClinicalTrials.gov ------------------------------------------------------------------------------


def test_pages_hold_everything_once_and_count_on_the_first_page_only(server):
    first = studies(server, pageSize="10", countTotal="true")
    second = studies(server, pageSize="10", countTotal="true", pageToken=first["nextPageToken"])
    third = studies(server, pageSize="10", pageToken=second["nextPageToken"])
    assert first["totalCount"] == 25
    assert "totalCount" not in second
    assert "nextPageToken" not in third
    assert keys(first) + keys(second) + keys(third) == server.trials.keys


@pytest.mark.parametrize(("size", "expected"), [("", 10), ("0", 10), ("7", 7), ("5000", 25)])
def test_page_sizes(server, size, expected):
    assert len(studies(server, pageSize=size)["studies"]) == expected


def test_a_token_is_good_for_its_query_and_its_build_only(server):
    token = studies(server)["nextPageToken"]
    other = get(server.trials_url + "/studies", **{"query.term": "yoga", "pageToken": token})
    server.trials.rebuild()
    later = get(server.trials_url + "/studies", pageToken=token)
    broken = get(server.trials_url + "/studies", pageToken="é")
    for answer in (other, later, broken):
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/plain; charset=UTF-8")


def test_fields_are_cut_and_unknown_ones_refused(server):
    cut = studies(server, fields="NCTId|LastUpdatePostDate", pageSize="1")["studies"]
    assert cut == [
        {
            "protocolSection": {
                "identificationModule": {"nctId": corpus.nct(24)},
                "statusModule": {"lastUpdatePostDateStruct": {"date": "2015-01-04"}},
            }
        }
    ]
    assert get(server.trials_url + "/studies", fields="NCTid").status_code == 400


def test_studies_are_found_by_words_by_number_by_alias_and_by_filter(server):
    found = keys(studies(server, **{"query.term": "Lima", "pageSize": "99"}))
    assert found == [corpus.nct(n) for n in reversed(range(25)) if "Lima" in corpus.title(n)]
    assert keys(studies(server, **{"query.titles": "Lima AND AREA[Phase]PHASE2", "pageSize": "99"})) == found
    server.trials.match("a OR b", [corpus.nct(3)])
    assert keys(studies(server, **{"query.term": "a OR b"})) == [corpus.nct(3)]
    aliased = corpus.study(30)
    aliased["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000001"]
    server.trials.put(aliased)
    assert keys(studies(server, **{"filter.ids": "NCT00000001|NCT07000002,NCT99999999"})) == [
        corpus.nct(30),
        corpus.nct(1),
    ]
    since = "AREA[LastUpdatePostDate]RANGE[2015-01-04,MAX]"
    assert keys(studies(server, **{"filter.advanced": since})) == [
        corpus.nct(n) for n in (30, 24, 23, 22, 21)
    ]
    assert keys(studies(server, **{"filter.overallStatus": "RECRUITING"})) == []
    assert keys(studies(server, **{"filter.advanced": "AREA[Phase]PHASE3", "pageSize": "1"})) == [
        corpus.nct(30)
    ]


@pytest.mark.parametrize(
    "params", [{"filter.phase": "PHASE2"}, {"filter.ids": "NCT1,12"}, {"filter.advanced": "?"}]
)
def test_what_the_register_refuses_it_refuses_in_plain_text(server, params):
    answer = get(server.trials_url + "/studies", **params)
    assert (answer.status_code, answer.text.startswith(("{", "<"))) == (400, False)


def test_one_study_an_alias_and_the_build(server):
    aliased = corpus.study(30)
    aliased["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000001"]
    server.trials.put(aliased)
    one = get(f"{server.trials_url}/studies/{corpus.nct(4)}")
    moved = get(f"{server.trials_url}/studies/NCT00000001")
    assert one.json() == corpus.study(4)
    assert moved.json() == aliased
    assert moved.history[0].status_code == 301
    assert get(f"{server.trials_url}/studies/NCT99999999").status_code == 404
    assert get(f"{server.trials_url}/version").json()["dataTimestamp"] == "2026-01-01T09:00:05"


@pytest.mark.parametrize("path", ["/", "/entrez/eutils/elink.fcgi", "/api/v2/stats/size"])
def test_other_addresses_do_not_exist(server, path):
    assert get(server.url + path).status_code == 404


def test_requests_are_logged_whichever_way_they_come(server):
    esearch(server, "yoga", api_key="k")
    get(server.trials_url + "/studies", fields="NCTId")
    first, second = server.requests
    assert (first.number, first.method, first.params["api_key"]) == (1, "POST", "k")
    assert (second.number, second.path, second.params) == (2, "/api/v2/studies", {"fields": "NCTId"})
    assert second.at >= first.at
    assert first.headers["Host"] in server.url


# -- the corpus --------------------------------------------------------------------------------------


def test_a_corpus_has_no_two_equal_titles_and_is_always_the_same():
    titles = [corpus.title(n) for n in range(50_000)]
    assert len(set(titles)) == len(titles)
    assert corpus.article(17) == corpus.article(17)
    assert corpus.study(17) == corpus.study(17)


def test_an_article_of_the_corpus_is_whole_and_its_own():
    for n in range(6):
        article = ET.fromstring(corpus.article(n))
        assert article.findtext("MedlineCitation/PMID") == corpus.pmid(n)
        assert article.findtext(".//ArticleTitle") == corpus.title(n) + "."
        assert {i.text for i in article.findall("PubmedData/ArticleIdList/ArticleId")} == {
            corpus.pmid(n),
            f"10.5555/corpus.{n}",
        }
        assert not re.search(rb"@[A-Z]+@", corpus.article(n))


def test_days_of_the_corpus_agree_with_its_articles():
    with Server(corpus.articles(9)) as server:
        server.pubmed.match("p OR q", server.pubmed.pmids)
        day = corpus.day(8)
        assert day == corpus.created(9)[corpus.pmid(8)] == corpus.FIRST_DAY + timedelta(days=1)
        assert len(ids(esearch(server, f'(p OR q) AND ("{day:%Y/%m/%d}"[CRDT] : "3000"[CRDT])'))) == 2


def test_a_study_can_be_given_another_title_and_day():
    study = corpus.study(1, updated=date(2026, 1, 5), titled="Zumba")["protocolSection"]
    assert study["identificationModule"]["briefTitle"] == "Zumba"
    assert study["statusModule"]["lastUpdatePostDateStruct"]["date"] == "2026-01-05"

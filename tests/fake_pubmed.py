"""ESearch and EFetch over a list of articles, behind the library that fakes answers."""

import random
import re
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from harvest.source import Search
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


def serve(net, fake):
    for method in ("GET", "POST"):
        net.add_callback(method, ESEARCH, fake.esearch)
        net.add_callback(method, EFETCH, fake.efetch)
    return fake


def keys(source, pages, kind="list"):
    return [hit.key for page in pages if page.kind == kind and page.counts for hit in source.hits(page.body)]


def answer(name):
    return (DATA / name).read_bytes()

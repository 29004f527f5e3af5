"""Pages of PubMed records: those that are kept, and small ones made on the spot."""

from pathlib import Path

from db.record import Record
from harvest.sources import pubmed_xml

DATA = Path(__file__).parent / "data" / "pubmed"


def body(name):
    return (DATA / name).read_bytes()


def records(name):
    return {record.key: record for record in pubmed_xml.read(body(name)) if isinstance(record, Record)}


def one(inside, *, root="PubmedArticleSet"):
    """The only thing read from a page with this inside."""
    (record,) = pubmed_xml.read(f"<{root}>{inside}</{root}>".encode())
    return record


def article(inside="", *, pmid="1", citation="", data="", journal=""):
    return one(
        f"<PubmedArticle><MedlineCitation Status='MEDLINE'><PMID Version='1'>{pmid}</PMID><Article>"
        f"<Journal>{journal}</Journal>{inside}</Article>{citation}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )

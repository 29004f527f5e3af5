"""How fast PubMed's XML becomes records, beside `Bio.Entrez.read` on the same bytes.

    python benchmarks/pubmed_parse.py FILE…              answers of EFetch, or files of NLM, as they are
    python benchmarks/pubmed_parse.py --articles 2000    real articles of the tests and the demo, again and again

With `--articles` they come in pages of 200, as a run fetches them (`--page` says otherwise). Each reader works in
a process of its own, page by page, and drops what it has read; every page is read `--repeat` times, of which the
quickest pass counts. Printed: articles a second of CPU time, and by how much the process grew over what it
needed before the first page (peak resident size).

They do not give the same: ours gives `Record`s, as they are stored; Biopython gives the XML as nested
dictionaries, from which a record would still have to be made. That both say the same is a test
(`tests/test_harvest_pubmed_xml.py`), not measured here. Biopython validates and would fetch a DTD it does not hold;
`--articles` names one that it does.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

REAL = (
    "tests/data/pubmed/nlm_sample_2018.xml",
    "tests/data/pubmed/efetch_29768149.xml",
    "tests/data/pubmed/efetch_38763967.xml",
    "tests/data/pubmed/efetch_38866711.xml",
    "harvest/demo/data/answers/pubmed.xml",
)
"""Packaged answers, complete and unchanged; their origin stands beside them."""

HEAD = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
_ARTICLE = re.compile(rb"<PubmedArticle>.*?</PubmedArticle>", re.DOTALL)
_PMID = re.compile(rb"<PMID[^>]*>\d+</PMID>")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one reader did."""

    reader: str
    articles: int
    seconds: float
    """CPU, of the quickest pass over all pages."""
    growth: float
    """Megabytes."""

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds if self.seconds else 0.0


# -- what is read ------------------------------------------------------------------------------------


def pages(files: Sequence[Path], articles: int, size: int) -> Iterator[bytes]:
    """The files as they are, or pages made of the packaged articles, one in memory at a time."""
    for file in files:
        yield file.read_bytes()
    if not files:
        real = [article for name in REAL for article in _ARTICLE.findall((ROOT / name).read_bytes())]
        endless = itertools.cycle(real)
        for start in range(0, articles, size):
            some = (
                _renumbered(next(endless), number) for number in range(start, min(start + size, articles))
            )
            yield HEAD + b"\n".join(some) + b"\n</PubmedArticleSet>\n"


def _renumbered(article: bytes, number: int) -> bytes:
    """The article under a PMID of its own: two versions of one record would be read as the newer one."""
    return _PMID.sub(b'<PMID Version="1">%d</PMID>' % (50_000_000 + number), article, count=1)


# -- who reads ---------------------------------------------------------------------------------------


def ours() -> Callable[[bytes], int]:
    """The reader of `harvest/sources/pubmed_xml.py`."""
    from harvest.sources import pubmed_xml

    return lambda body: sum(1 for _ in pubmed_xml.read(body))


def biopython() -> Callable[[bytes], int]:
    """`Bio.Entrez.read`; it does not mind elements that its DTD does not know."""
    from Bio import Entrez

    def read(body: bytes) -> int:
        return len(Entrez.read(io.BytesIO(body), validate=False)["PubmedArticle"])

    return read


READERS = {"ours": ours, "Bio.Entrez.read": biopython}


def measure(reader: str, files: Sequence[Path], articles: int, size: int, repeat: int) -> Figures:
    """One reader over all pages, in this process."""
    read = READERS[reader]()
    before = _peak()
    passes = [_one_pass(read, pages(files, articles, size)) for _ in range(repeat)]
    return Figures(reader, passes[0][0], min(seconds for _, seconds in passes), _peak() - before)


def _one_pass(read: Callable[[bytes], int], bodies: Iterator[bytes]) -> tuple[int, float]:
    count, seconds = 0, 0.0
    for body in bodies:
        started = time.process_time()
        count += read(body)
        seconds += time.process_time() - started
    return count, seconds


def _peak() -> float:
    """Megabytes this process ever held; Linux counts in kilobytes, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 if sys.platform == "darwin" else 1 / 1024) / 1024**2


# -- telling -----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; with `--only`, one reader's figures as JSON."""
    parser = argparse.ArgumentParser(description="Measure reading PubMed's XML.")
    parser.add_argument("files", nargs="*", type=Path, help="PubmedArticleSet files")
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--page", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=READERS)
    chosen = parser.parse_args(arguments)
    if chosen.only:
        figures = measure(chosen.only, chosen.files, chosen.articles, chosen.page, chosen.repeat)
        print(json.dumps(asdict(figures)))
        return 0
    again = list(sys.argv[1:] if arguments is None else arguments)
    table([_elsewhere(reader, again) for reader in READERS])
    return 0


def _elsewhere(reader: str, arguments: Sequence[str]) -> Figures:
    """One reader in a process of its own, so that neither pays for the other's memory."""
    command = [sys.executable, __file__, *arguments, "--only", reader]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Figures(**json.loads(done.stdout))


def table(results: Sequence[Figures]) -> None:
    """A line a reader, and how they compare."""
    print(f"{'reader':16} {'articles':>9} {'CPU s':>8} {'articles/s':>11} {'grew by MB':>11}")
    for result in results:
        print(
            f"{result.reader:16} {result.articles:9,} {result.seconds:8.2f} {result.rate:11,.0f} {result.growth:11.1f}"
        )
    first, second = results
    if first.articles != second.articles:
        print(f"They do not read the same number of articles: {first.articles} and {second.articles}.")
    if second.rate:
        print(f"{first.reader} is {first.rate / second.rate:.1f} times as fast as {second.reader}.")


if __name__ == "__main__":
    sys.exit(main())

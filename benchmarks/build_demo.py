"""Make the packaged example of `harvest demo` from the originals.

    python benchmarks/build_demo.py ORIGINALS harvest/demo/data

ORIGINALS holds `screening/AppenzellerHerzog_2020.csv.gz` (columns title, abstract, label; 1 = included) and
`payloads/` with answers of APIs and export files as they were published, listed in `payloads/PROVENANCE.csv`
(file, repo, path, commit, licence_of_repo). What is done to them, and nothing else:

wilson.csv            rows sorted by title, so that their order says nothing of the label; each gets an accession
                      number; the label goes to labels.csv. Titles and abstracts are not touched.
other exports         copied byte for byte.
pubmed.xml            the articles of several EFetch answers, each byte for byte, in one set.
clinicaltrials.json   the studies of several API answers in one list, each as the register sent it (most were asked for
                      a selection of fields); what ctrdata had added to two of them is left out.
searches/*.txt        the numbers of these articles and studies.
SOURCES.csv           every original with repository, commit, licence and SHA-256.

The same originals give the same content. `review.toml`, PROVENANCE.md and LICENSES.md are written by hand.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

REVIEW = "screening/AppenzellerHerzog_2020.csv.gz"
REVIEW_SOURCE = (
    "asreview/paper-evaluating-models-across-research-areas", "datasets/sim_datasets/wilson.csv",
    "b541016fb61a5ded4f1d0fa72b58066ff732635a", "CC-BY 4.0 (doi 10.5281/zenodo.3625931)",
)  # fmt: skip
"""Repository, path, commit, licence."""

FORMATTING = "asreview/citation-file-formatting"
EXPORTS = {
    "Datasets/RIS/_baseline_cinahl.ris": "ebsco.ris",
    "Datasets/RIS/_baseline_cochrane_endnote.ris": "cochrane.ris",
    "Datasets/RIS/_baseline_embase.ris": "embase.ris",
    "Datasets/RIS/_baseline_endnote.ris": "endnote.ris",
    "Datasets/RIS/_baseline_pubmed.ris": "pubmed-export.ris",
    "Datasets/RIS/_baseline_scopus.ris": "2024-08-05_scopus_scopus.ris",
    "Datasets/RIS/_baseline_webofscience.ris": "web-of-science.ris",
}
"""Path in that repository → name in imports/."""

ARTICLES = (
    *("11618220", "11873782", "32160763", "32294727", "33786689", "34529508", "34709863", "35679569"),
    *("35726897", "36577847", "38048813", "38833988", "38884108", "39159658"),
)
"""Of metapub's EFetch answers those without an abstract, and one under a Creative Commons licence."""

ADDED_BY_CTRDATA = ("ctrname", "record_last_import")
"""Its own notes beside what the register said."""

_ARTICLE = re.compile(rb"<PubmedArticle>.*</PubmedArticle>", re.DOTALL)
_SET = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n%s\n</PubmedArticleSet>\n'
)


class Originals:
    """The folder of originals; remembers what was taken from it and where it went."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with (folder / "payloads/PROVENANCE.csv").open(encoding="utf-8", newline="") as handle:
            self._rows = list(csv.DictReader(handle))
        self.taken: list[tuple[str, ...]] = []

    def at(self, repository: str, end: str) -> dict[str, str]:
        """The one payload of a repository whose path ends so."""
        (row,) = (row for row in self._rows if row["repo"] == repository and row["path"].endswith(end))
        return row

    def below(self, folder: str) -> list[dict[str, str]]:
        """The payloads in a folder, in order of their names; notes about payloads are none."""
        rows = (row for row in self._rows if row["file"].startswith(folder) and "receipts" not in row["file"])
        return sorted(rows, key=lambda row: row["file"])

    def payload(self, row: Mapping[str, str], target: str) -> bytes:
        """One payload, byte for byte."""
        body = (self._folder / "payloads" / row["file"]).read_bytes()
        self._note(target, (row["repo"], row["path"], row["commit"], row["licence_of_repo"]), body)
        return body

    def review(self, target: str) -> list[dict[str, str]]:
        """The rows of the labelled review."""
        body = (self._folder / REVIEW).read_bytes()
        self._note(target, REVIEW_SOURCE, body)
        return list(csv.DictReader(io.StringIO(gzip.decompress(body).decode("utf-8"), newline="")))

    def _note(self, target: str, source: Sequence[str], body: bytes) -> None:
        self.taken.append((target, *source, hashlib.sha256(body).hexdigest()))


def build(originals: Originals) -> dict[str, bytes]:
    """Path inside the data folder → content."""
    made = _review(originals) | _exports(originals) | _articles(originals) | _studies(originals)
    columns = ("file", "repository", "path", "commit", "licence", "sha256_of_original")
    return made | {"SOURCES.csv": _csv(columns, sorted(originals.taken))}


def _review(originals: Originals) -> dict[str, bytes]:
    target = "review/imports/wilson.csv.gz"
    rows = sorted(
        originals.review(target), key=lambda row: (row["title"].casefold(), row["title"], row["abstract"])
    )
    named = [(f"WD{number:04}", row) for number, row in enumerate(rows, start=1)]
    records = _csv(
        ("accession number", "title", "abstract"), [(key, r["title"], r["abstract"]) for key, r in named]
    )
    labels = _csv(("accession number", "included"), [(key, row["label"]) for key, row in named])
    return {target: gzip.compress(records, compresslevel=9, mtime=0), "review/labels.csv": labels}


def _exports(originals: Originals) -> dict[str, bytes]:
    made = {}
    for path, name in EXPORTS.items():
        target = f"review/imports/{name}"
        made[target] = originals.payload(originals.at(FORMATTING, path), target)
    return made


def _articles(originals: Originals) -> dict[str, bytes]:
    target = "answers/pubmed.xml"
    found = []
    for pmid in ARTICLES:
        match = _ARTICLE.search(originals.payload(originals.at("metapub/metapub", f"/{pmid}.xml"), target))
        assert match is not None
        found.append(match[0])
    query = _words("PubMed", (f"{pmid}[pmid]" for pmid in ARTICLES))
    return {target: _SET % b"\n".join(found), "review/searches/pubmed.txt": query}


def _studies(originals: Originals) -> dict[str, bytes]:
    target = "answers/clinicaltrials.json"
    studies: dict[str, dict[str, Any]] = {}
    for row in originals.below("ctgov_v2/"):
        answer = json.loads(originals.payload(row, target))
        for study in answer.get("studies", [answer]):
            for added in ADDED_BY_CTRDATA:
                study.pop(added, None)
            number = study["protocolSection"]["identificationModule"]["nctId"]
            # Of several answers with the same study the one that says most.
            studies[number] = max(studies.get(number, {}), study, key=lambda said: len(json.dumps(said)))
    body = json.dumps({"studies": [studies[key] for key in sorted(studies)]}, ensure_ascii=False, indent=1)
    query = _words("ClinicalTrials.gov", sorted(studies), "id: ")
    return {target: body.encode() + b"\n", "review/searches/clinicaltrials.txt": query}


def _words(source: str, numbers: Iterable[str], field: str = "") -> bytes:
    comment = f"// Asks {source} for the records of this example, by their numbers."
    return f"{comment}\n{field}{' OR '.join(numbers)}\n".encode()


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()


def main() -> None:
    """Write everything that is made from the originals."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("originals", type=Path)
    parser.add_argument("data", type=Path, help="the data folder of the demonstration")
    given = parser.parse_args()
    for name, body in build(Originals(given.originals)).items():
        path = given.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        print(f"{len(body):>9,}  {path}")


if __name__ == "__main__":
    main()

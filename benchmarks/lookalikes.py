"""Synthetic sets of any size, with known duplicates: `python benchmarks/lookalikes.py FOLDER OUT --records 100000`.

Papers are put together from real parts (`corpus.py`); no two have one title, but many share half of one, as papers of
one field do. Each is in one to five databases (43 % of all records are duplicates), and every database writes it in its
own way: full names or initials, the journal in full, abbreviated or in capitals, 637-41 or 637-641, the abstract
whole, cut or missing, a DOI or none; some lose the diacritics, drop the subtitle, mistype a word, are a year off.
Records are written as they are made, so that a million need no memory; those of one paper lie some thousands apart.
The first n records of a larger set are not those of a smaller one, but the same arguments make the same file.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # in front: there is a dedupe.py beside this file

from corpus import Corpus, learned
from labelled import Row, rows, write

SEED = 20_261_122
COPIES, WEIGHTS = (0, 1, 2, 3, 4), (59.0, 20.5, 10.5, 6.0, 4.0)
"""Further records of a paper, and how many papers in a hundred have so many: 43 % of all records."""
WINDOW = 5_000
"""Records that wait while others pass them."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is true of a paper; databases tell it in their ways."""

    number: int
    title: str
    names: tuple[tuple[str, str], ...]
    """Family and given name."""
    journal: str
    year: int
    volume: int
    issue: int
    first: int
    last: int
    """0: an article number stands in the place of pages."""
    doi: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Database:
    """How one database writes, as shares of its records."""

    name: str
    full_names: bool
    journal: Callable[[str], str]
    title: Callable[[str], str]
    pages: Callable[[int, int], str]
    doi: float
    abstract: float
    cut: int = 0
    """Letters after which abstracts end; 0: whole."""
    plain: bool = False
    """Diacritics are lost."""


# -- papers ---------------------------------------------------------------------------------------------


def papers(corpus: Corpus, random: Random) -> Iterator[Paper]:
    """One after the other, no two under one title."""
    seen: set[int] = set()
    number = 0
    while True:
        title = corpus.title(random)
        if (mark := hash_of(title)) not in seen:
            seen.add(mark)
            number += 1
            yield _paper(number, title, corpus, random)


def hash_of(title: str) -> int:
    """The same in every process, unlike `hash`; small, for a million are kept."""
    return int.from_bytes(blake2b(title.casefold().encode(), digest_size=8).digest())


def _paper(number: int, title: str, corpus: Corpus, random: Random) -> Paper:
    year, first = random.choice(corpus.years), random.randint(1, 2400)
    names = [
        (random.choice(corpus.families), random.choice(corpus.givens))
        for _ in range(random.choice(corpus.crews))
    ]
    return Paper(
        number=number,
        title=title,
        names=tuple(names),
        journal=random.choice(corpus.journals),
        year=year,
        volume=max(1, year - random.randint(1940, 2000)),
        issue=random.randint(1, 12),
        first=first,
        last=0 if random.random() < 0.12 else first + random.randint(1, 14),
        doi=f"10.{random.randint(1002, 1200)}/{_code(title)}.{year}.{number:07}"
        if random.random() < 0.8
        else "",
        abstract=_abstract(corpus, random),
    )


def _abstract(corpus: Corpus, random: Random) -> str:
    """An aim of its own, then sentences of others."""
    if not corpus.sentences:
        return ""
    aim = random.choice(_AIMS) + " " + corpus.title(random)
    return ". ".join([aim, *random.choices(corpus.sentences, k=random.randint(3, 7))])


_AIMS = (
    "OBJECTIVE: To evaluate", "The aim of this study was to assess", "We examined", "Background: Little is known about",
    "This paper describes", "PURPOSE: To determine",
)  # fmt: skip


def _code(title: str) -> str:
    return (
        "".join(word[0] for word in title.lower().split() if word[0].isascii() and word[0].isalpha())[:6]
        or "x"
    )


# -- records --------------------------------------------------------------------------------------------


def records(corpus: Corpus, wanted: int, seed: int = SEED) -> Iterator[tuple[Row, int]]:
    """So many records, each with the number of its paper, in no order."""
    random = Random(seed)
    waiting: list[tuple[Row, int]] = []
    for made in _limited(corpus, wanted, random):
        waiting.append(made)
        if len(waiting) > WINDOW:
            yield _drawn(waiting, random)
    while waiting:
        yield _drawn(waiting, random)


def _limited(corpus: Corpus, wanted: int, random: Random) -> Iterator[tuple[Row, int]]:
    count = 0
    for paper in papers(corpus, random):
        copies = random.choices(COPIES, WEIGHTS)[0]
        for database in random.sample(DATABASES, copies + 1):
            if count == wanted:
                return
            count += 1
            yield told(paper, database, random) | {"id": f"s{count:08}"}, paper.number


def _drawn(waiting: list[tuple[Row, int]], random: Random) -> tuple[Row, int]:
    place = random.randrange(len(waiting))
    waiting[place], waiting[-1] = waiting[-1], waiting[place]
    return waiting.pop()


def told(paper: Paper, database: Database, random: Random) -> Row:
    """The record that a database has of a paper."""
    abstract = paper.abstract if random.random() < database.abstract else ""
    row = {
        "id": "",
        "source": database.name,
        "doi": paper.doi if random.random() < database.doi else "",
        "pmid": str(10_000_000 + paper.number) if database.name == "pubmed" else "",
        "title": database.title(_slipped(paper.title, random)),
        "abstract": abstract[: database.cut or None],
        "authors": "; ".join(_name(*name, full=database.full_names) for name in paper.names),
        "journal": database.journal(paper.journal),
        "year": str(paper.year + (random.random() < 0.03)),
        "volume": str(paper.volume) if random.random() < 0.96 else "",
        "issue": str(paper.issue) if random.random() < 0.85 else "",
        "pages": database.pages(paper.first, paper.last) if random.random() < 0.95 else "",
        "entrytype": "article",
    }
    return {name: without_diacritics(value) for name, value in row.items()} if database.plain else row


def _slipped(title: str, random: Random) -> str:
    """Now and then without its subtitle, or with a slip of the pen."""
    if random.random() < 0.03 and ": " in title and len(title.partition(": ")[0]) > 30:
        title = title.partition(": ")[0]
    if random.random() < 0.06:
        place = random.randrange(1, len(title) - 1)
        a, b = title[place - 1], title[place]
        slip = random.choice((a, b + a, a + b + b, a + random.choice("aeinorst")))
        title = title[: place - 1] + slip + title[place + 1 :]
    return title


def _name(family: str, given: str, *, full: bool) -> str:
    return f"{family}, {given}" if full else f"{family}, {given[0]}."


def without_diacritics(text: str) -> str:
    """Letters as some databases keep them."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def abbreviated(journal: str) -> str:
    """Much as the list of title word abbreviations (ISO 4) has it: `Journal of Clinical Oncology` → `J Clin Oncol`."""
    words = [word for word in journal.replace(",", "").split() if word.lower() not in _LITTLE]
    if len(words) < 2:
        return journal
    return " ".join(_SHORT.get(word.lower(), word if len(word) < 6 else _stem(word)) for word in words)


def _stem(word: str) -> str:
    """The beginning of a word, up to a consonant."""
    end = next((place for place in range(4, len(word)) if word[place - 1].lower() not in "aeiouy"), len(word))
    return word[:end]


_LITTLE = frozenset({"of", "the", "and", "for", "in", "on", "&", "de", "und", "et", "der", "fur", "für"})
_SHORT = {
    "journal": "J", "american": "Am", "european": "Eur", "international": "Int", "british": "Br", "annals": "Ann",
    "archives": "Arch", "review": "Rev", "reviews": "Rev", "medicine": "Med", "medical": "Med", "science": "Sci",
}  # fmt: skip


def _whole(first: int, last: int) -> str:
    return f"{first}-{last}" if last else f"e{first:05}"


def _short(first: int, last: int) -> str:
    """As MEDLINE prints them: 637-41."""
    if not last:
        return f"e{first:05}"
    a, b = str(first), str(last)
    same = next((place for place in range(len(a)) if a[place] != b[place]), 0) if len(a) == len(b) else 0
    return f"{a}-{b[same:]}"


def _only_first(first: int, last: int) -> str:
    return str(first) if last else f"e{first:05}"


def _as_it_is(text: str) -> str:
    return text


DATABASES = (
    Database("pubmed", False, abbreviated, lambda title: f"{title}.", _short, doi=0.85, abstract=0.9),
    Database("embase", False, _as_it_is, _as_it_is, _whole, doi=0.8, abstract=0.9, plain=True),
    Database("scopus", True, _as_it_is, str.title, _whole, doi=0.9, abstract=0.95),
    Database("wos", False, str.upper, str.upper, _whole, doi=0.75, abstract=0.7, cut=1200, plain=True),
    Database("psycinfo", True, _as_it_is, str.capitalize, _only_first, doi=0.3, abstract=0.6, cut=400),
)


# -- sets -----------------------------------------------------------------------------------------------


def write_set(folder: Path, corpus: Corpus, wanted: int, seed: int = SEED) -> None:
    """A labelled set, both files at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", encoding="utf-8") as truth:
        truth.write("id,cluster\n")

        def labelled() -> Iterator[Row]:
            for row, paper in records(corpus, wanted, seed):
                truth.write(f"{row['id']},p{paper:08}\n")
                yield row

        write(folder / "records.csv", labelled())


def parted(table: Path, new: int, seed: int = SEED) -> tuple[Path, Path]:
    """The records of a table that are there already, and so many, drawn at random, that arrive later."""
    total = sum(1 for _ in rows(table))
    late = set(Random(seed).sample(range(total), new))
    stored, arriving = table.with_name("stored.csv"), table.with_name("arriving.csv")
    write(stored, (row for place, row in enumerate(rows(table)) if place not in late))
    write(arriving, (row for place, row in enumerate(rows(table)) if place in late))
    return stored, arriving


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a set."""
    parser = argparse.ArgumentParser(description="Make a synthetic set with known duplicates.")
    parser.add_argument("folder", type=Path, help="holds one folder per set, to learn from")
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument(
        "--titles", type=Path, nargs="*", default=[], help="folders of tables with further titles"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    said = parser.parse_args(arguments)
    corpus = learned(said.folder, said.titles)
    write_set(said.out, corpus, said.records, said.seed)
    print(f"{said.records} records learned from {corpus.titles} titles, seed {said.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

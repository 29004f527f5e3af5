"""What synthetic records are made of, learned from real ones; a part of `lookalikes.py`.

Titles: a chain of words of order two over all real titles, which now and then goes on after one word only; else it
would say the real titles again. Names, journals, years and sentences are real, each drawn by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from labelled import Row, rows, sets

from db.trial_numbers import find
from dedupe.names import split

LONGEST = 24
"""Words of a title."""
_FORGET = 0.12
"""How often the chain goes on after one word instead of two."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_BRACKETED = re.compile(r"\s*\[[^\]]*\]\.?")
"""[Review] [33 refs]: notes of a database."""
_END = ""
Words = tuple[str, str]


@dataclass(slots=True)
class Corpus:
    """Real parts. `families`, `givens`, `journals`, `years`, `sentences` hold each as often as it was met."""

    titles: int = 0
    families: list[str] = field(default_factory=list)
    givens: list[str] = field(default_factory=list)
    crews: list[int] = field(default_factory=list)
    """How many authors a paper has."""
    journals: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    _starts: list[Words] = field(default_factory=list)
    _after_two: dict[Words, list[str]] = field(default_factory=lambda: defaultdict(list))
    _after_one: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add_title(self, title: str) -> None:
        """Learn from a title of four words or more."""
        said = [word for word in _BRACKETED.sub("", title).rstrip(" .").split() if not word.isdecimal()]
        if len(said) < 4:
            return
        self.titles += 1
        self._starts.append((said[0], said[1]))
        for a, b, c in zip(said, said[1:], [*said[2:], _END], strict=False):
            self._after_two[a, b].append(c)
            self._after_one[b].append(c)

    def add_row(self, row: Row) -> None:
        """Learn from a record."""
        self.add_title(row["title"])
        self.add_abstract(row["abstract"])
        names = [name for name in split(row["authors"]) if 2 < len(name) < 40]
        self.crews.append(min(len(names), 12))
        for name in names:
            family, _, given = name.partition(", ")
            if family.replace("-", "").replace(" ", "").isalpha():
                self.families.append(family.title() if family.isupper() else family)
            if given.isalpha() and len(given) > 3:
                self.givens.append(given)
        if row["journal"]:
            self.journals.append(row["journal"])
        if row["year"].isdecimal():
            self.years.append(int(row["year"]))

    def add_abstract(self, text: str) -> None:
        """Learn its sentences, with any label in front; none that names a trial, for that belongs to one study."""
        self.sentences += [said for said in _SENTENCE.split(text) if 40 < len(said) < 400 and not find(said)]

    def title(self, random: Random) -> str:
        """A title that nobody has written, most likely."""
        while True:
            said = self._walk(random)
            if 5 <= len(said) <= LONGEST:
                return " ".join(said)

    def _walk(self, random: Random) -> list[str]:
        a, b = random.choice(self._starts)
        said = [a, b]
        while len(said) <= LONGEST:
            after = self._after_one[b] if random.random() < _FORGET else self._after_two[a, b]
            a, b = b, random.choice(after)
            if b == _END:
                break
            said.append(b)
        return said


def learned(folder: Path, more: Iterable[Path] = ()) -> Corpus:
    """From the sets of a folder (one record per cluster), and from tables with titles in other folders."""
    corpus = Corpus()
    for one in sets(folder):
        for row in _one_each(rows(one.records), one.truth):
            corpus.add_row(row)
    for path in (path for other in more for path in sorted(other.glob("*.csv*"))):
        for row in rows(path):
            corpus.add_title(row.get("title", ""))
            corpus.add_abstract(row.get("abstract", ""))
    if not (corpus.titles and corpus.families and corpus.journals and corpus.years):
        raise SystemExit(f"{folder} holds no records to learn from (…/records.csv with truth.csv).")
    corpus.givens = corpus.givens or corpus.families
    return corpus


def _one_each(table: Iterator[Row], truth: Mapping[str, str]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in table:
        if truth[row["id"]] not in seen:
            seen.add(truth[row["id"]])
            yield row

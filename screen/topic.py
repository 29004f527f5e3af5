"""What the review asks, and how near a report stands to it before anybody has voted.

`Topic` is the question in the reviewers' words. `Prior` holds a harvest beside it: a report's score is its
row of features times one direction, so it is explained by its terms, as every model is. Votes are not
needed; where there are some, they are used. Three steps lead to the direction:

1. *Asked.* The words of title and criteria, weighted by how rare they are (idf, Spärck Jones 1972,
   doi 10.1108/eb026526). Words of one stem count as one word ("polymorphism", "polymorphisms"), as rare as
   all its forms together. Exclusion criteria subtract little: what they name is often the topic, negated.
2. *Likely.* The reports that stand first stand in for includes, the lower half for excludes; the direction
   from the middle of these to the middle of those brings in the words that the question does not use.
   Rocchio's relevance feedback (1971; Manning, Raghavan & Schütze 2008, ch. 9) on what is not yet judged,
   as in the relevance models of Lavrenko & Croft 2001 (doi 10.1145/383952.383972).
3. *Voted.* Includes, known studies and excludes join those two groups. One include weighs as much as all
   that only seemed likely; ten excludes as much as the lower half.

How the constants were chosen, on which sets, and what did not help: `docs/ranking.md`. No sum here depends
on the number of threads. Loads scipy: import it where a ranking is made.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from screen.document import Document
from screen.lexicon import UNKNOWN, WORD, Keys, pair
from screen.ridge import Votes
from screen.stem import stem
from screen.text import Block, Features, rarity

Vector = NDArray[np.float64]

DIGITS = 9
"""Likeness is rounded to so many decimals before reports are told apart by it."""

TINY = 1e-300
"""In place of a sum of weights that is 0, so that nothing divided by it is nothing."""

SEEMING = 0.1
"""A report that only seems in or out counts for so much of a vote, at most: few reports, little weight.

A matter of sense, not of measurement: it binds in small harvests only, and no labelled set is so small."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What the review asks, in the reviewers' words. Empty fields are simply not used."""

    title: str = ""
    question: str = ""
    population: str = ""
    intervention: str = ""
    comparison: str = ""
    outcomes: str = ""
    design: str = ""
    include: tuple[str, ...] = ()
    """Inclusion criteria, one sentence each."""
    exclude: tuple[str, ...] = ()
    """Exclusion criteria."""
    known: tuple[Document, ...] = ()
    """Studies known to be relevant. One that is in the harvest has its report's id, others an id below 0."""
    rejected: tuple[Document, ...] = ()
    """Reports that an earlier version of the review excluded, with ids likewise."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part says: chosen on the development sets, which figures for them flatter."""

    criteria: float = 5.0
    """Of the criteria; title and question weigh 1."""
    design: float = 0.5
    """Of the wording of the design among the criteria; every other field weighs 1."""
    pairs: float = 0.5
    """Of two words that follow each other; a word weighs 1."""
    unwanted: float = 0.1
    """Of the exclusion criteria, subtracted."""
    likely: int = 60
    """Reports that stand in for includes: so many at most, and never more than a twentieth of the harvest."""
    feedback: float = 2.0
    """Of likely and voted reports, when what is asked weighs 1."""
    likely_votes: float = 1.0
    """Includes that all likely reports together weigh as much as."""
    unlikely_votes: float = 10.0
    """Excludes that the lower half of the harvest weighs as much as."""


class Prior:
    """A harvest beside a topic. Its cost is paid when it is made: six products with the whole matrix."""

    def __init__(
        self, topic: Topic, harvest: Features, known: sparse.csr_matrix, weights: Weights | None = None
    ) -> None:
        """`known` holds the rows of the known studies: they tell which reports are likely.

        To count as votes too, they must be among the votes that `contrast` is given.
        """
        self.weights = weights or Weights()
        rows = harvest.matrix
        self.asked = asked(topic, harvest, self.weights)
        spread = deviation(rows @ self.asked)
        self.asked = self.asked / spread if spread else self.asked
        self.first = rows @ self.asked
        """The score of every report from the question alone."""
        order = self.first
        if known.shape[0]:
            order = order + self.weights.feedback * even(rows @ _middle(known, np.ones(known.shape[0])))
        start = order
        for _ in range(2):  # a third time gained nothing
            likely, unlikely = extremes(order, self.weights.likely)
            self._votes = (
                min(self.weights.likely_votes, float(likely.sum()) * SEEMING),
                min(self.weights.unlikely_votes, float(unlikely.sum()) * SEEMING),
            )
            self._likely, self._unlikely = _middle(rows, likely), _middle(rows, unlikely)
            order = start + self.weights.feedback * even(rows @ (self._likely - self._unlikely))

    def contrast(self, votes: Votes | None) -> Vector:
        """From the middle of what is out, or seems so, to the middle of what is in: one weight a term."""
        inside, outside = self._votes
        if votes is not None:
            inside, outside = inside + votes.included.sum(), outside + votes.excluded.sum()
        inside, outside = max(inside, TINY), max(outside, TINY)
        seeming = self._votes[0] / inside * self._likely - self._votes[1] / outside * self._unlikely
        if votes is None:
            return np.asarray(seeming)
        return np.asarray(seeming + votes.rows.T @ (votes.included / inside - votes.excluded / outside))


def extremes(likeness: Vector, most: int) -> tuple[Vector, Vector]:
    """How far each row belongs to those that stand first, and to the lower half: 1, 0, or a share.

    Rows that tie for the last places among the first share them, so the order of the rows says nothing.
    All zeros, twice, where nothing stands out.
    """
    values = np.round(likeness, DIGITS)
    nobody = np.zeros(len(values))
    places = min(most, -(-len(values) // 20))
    if not places or values.max() <= np.median(values):
        return nobody, nobody
    lower = values <= np.median(values)
    border = np.partition(values, -places)[-places]
    above, tied = values > border, (values == border) & ~lower
    likely = above + tied * (places - above.sum()) / max(tied.sum(), 1)
    return np.asarray(np.minimum(likely, 1.0), dtype=np.float64), lower.astype(np.float64)


def asked(topic: Topic, harvest: Features, weights: Weights) -> Vector:
    """Title and criteria as one direction: one weight a column; zeros when nothing that is asked occurs."""
    heading = f"{topic.title} . {topic.question}"
    fields = (
        topic.population,
        topic.intervention,
        topic.comparison,
        topic.outcomes,
        " . ".join(topic.include),
    )
    columns = _Columns(harvest, texts(topic), weights.pairs)
    criteria = sum((columns.direction(text) for text in fields), np.zeros(harvest.matrix.shape[1]))
    criteria = unit(criteria + weights.design * columns.direction(topic.design))
    wanted = unit(columns.direction(heading) + weights.criteria * criteria)
    return np.asarray(wanted - weights.unwanted * columns.direction(" . ".join(topic.exclude)))


def texts(topic: Topic) -> str:
    """All words of a topic, the texts of known studies left out."""
    parts = (topic.title, topic.question, topic.population, topic.intervention, topic.comparison)
    return " . ".join((*parts, topic.outcomes, topic.design, *topic.include, *topic.exclude))


class _Columns:
    """The columns that some text could mean: of its words in all their forms, and of its pairs of words."""

    def __init__(self, harvest: Features, text: str, pairs: float) -> None:
        self._harvest, self._pairs = harvest, pairs
        stems = {stem(word) for word in _words(text)}
        begins = {base[:2] for base in stems}  # a stem keeps the first two letters of its words
        self._forms: dict[str, list[int]] = {}
        for number, word in enumerate(harvest.lexicon.words):
            if word[:2] in begins and (base := stem(word)) in stems:
                self._forms.setdefault(base, []).append(number)

    def direction(self, text: str) -> Vector:
        """A text, at length 1; zeros when none of its words occur."""
        vector = np.zeros(self._harvest.matrix.shape[1])
        words = _words(text)
        for base, times in Counter(stem(word) for word in words).items():
            forms = np.array(self._forms.get(base, []), dtype=np.int64)
            for block in self._harvest.blocks:
                columns, values = self._family(block, forms)
                vector[columns] = (1 + np.log(times)) * values
        numbers = self._harvest.lexicon.read(text)
        met = {pair(*two) for two in pairwise(numbers) if UNKNOWN not in two}
        keys = np.array(sorted(met), dtype=np.int64)
        for block in self._harvest.blocks:
            places = block.places(keys)
            places = places[places >= 0]
            vector[block.first + places] = self._pairs * block.weight * block.rarity[places]
        return unit(vector)

    def _family(self, block: Block, forms: Keys) -> tuple[Keys, Vector]:
        """The columns of one stem in one block, and their values.

        A row holds the rarity of its own form; that of the family takes its place.
        """
        places = block.places(forms)
        places = places[places >= 0]
        reports = len(self._harvest.ids)
        having = np.minimum(block.reports[places].sum(keepdims=True), reports)
        together = rarity(having, reports)
        return block.first + places, block.weight * together**2 / block.rarity[places]


def unit(vector: Vector) -> Vector:
    """The same direction at length 1; zeros stay zeros."""
    # no BLAS here: its sums depend on the number of threads
    length = float(np.sqrt(np.sum(vector * vector)))
    return np.asarray(vector / length) if length > 0 else vector


def deviation(scores: Vector) -> float:
    """Standard deviation; 0 when it is nothing but rounding."""
    spread = float(np.std(scores)) if len(scores) else 0.0
    return spread if spread > 10.0**-DIGITS else 0.0


def even(scores: Vector) -> Vector:
    """Scores at standard deviation 1; zeros where they do not differ."""
    spread = deviation(scores)
    return np.asarray(scores / spread) if spread else np.zeros_like(scores)


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _middle(rows: sparse.csr_matrix, weights: Vector) -> Vector:
    """The mean row, each with its weight; zeros when none has any."""
    return np.asarray(rows.T @ weights / max(float(weights.sum()), 1.0))

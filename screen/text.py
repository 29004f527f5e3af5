"""A harvest as numbers: one row a report, one column a term.

`features` turns documents into one sparse matrix of weighted terms, computed once and used for every ranking of
that harvest. Fields matter more than algorithms (`docs/ranking.md`): one block of columns holds the abstract
together with the title three times over, a second the title again with a small weight, a third keywords,
subject headings and publication types. Within a block the weights are TF-IDF of words and pairs of words with a
sublinear term frequency (Salton & Buckley 1988, doi 10.1016/0306-4573(88)90021-0), each row scaled to length 1.

A term that only one report has can lift no other report, so it gets no column: that leaves out most pairs of
words and changes no order. What such terms weigh in their report is kept beside the matrix, since a learner has
to know how much of a report is its own. Terms of the texts that are compared with the harvest keep their column.

This module loads scipy: import it where a ranking is made, not at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from db.errors import WrongUse
from screen.document import Document
from screen.lexicon import WORD, Counts, Keys, Lexicon, Piece, count, is_pair, name
from screen.stem import stem

Vector = NDArray[np.float64]

CHUNK = 4_000
"""Documents counted at a time."""

FIELDS = ("text", "title", "headings")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How texts become numbers: the part of a ranking's parameters that `features` needs."""

    words: int = 2
    """Longest run of words that counts as one term, 1 or 2."""
    title_times: int = 3
    """How often the title stands in front of the abstract."""
    title_weight: float = 0.3
    """Weight of the block that holds the title alone; the block with the abstract has weight 1."""
    heading_weight: float = 0.5
    """Weight of the block of keywords, headings and publication types."""

    def weight(self, field: str) -> float:
        """Of one block."""
        return {"text": 1.0, "title": self.title_weight, "headings": self.heading_weight}[field]


@dataclass(frozen=True, slots=True)
class Block:
    """One group of columns: one field of the documents."""

    field: str
    """text, title or headings."""
    weight: float
    first: int
    """Its first column."""
    keys: Keys
    """The key of the term of each column, ascending."""
    reports: NDArray[np.int64]
    """How many reports of the harvest have it."""
    rarity: Vector
    """Inverse document frequency, smoothed."""

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Where each of these terms stands in the block, from 0; -1 where it does not."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


@dataclass(frozen=True, slots=True)
class Features:
    """A harvest as numbers. Rows stand in the order of `ids`."""

    ids: tuple[int, ...]
    """Reports, ascending."""
    matrix: sparse.csr_matrix
    """One row a report, one column a term of a block; float64."""
    own: Vector
    """For each report: the squared length of what has no column, because no other report has it."""
    blocks: tuple[Block, ...]
    lexicon: Lexicon
    recipe: Recipe

    def project(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        """Documents from outside, one row each, in the columns of this harvest; new terms count nothing."""
        if not documents or not self.blocks:
            return sparse.csr_matrix((len(documents), self.matrix.shape[1]))
        return sparse.hstack([self._projected(documents, block) for block in self.blocks], format="csr")

    def _projected(self, documents: Sequence[Document], block: Block) -> sparse.csr_matrix:
        texts = [_pieces(item, block.field, self.recipe, self.lexicon.read) for item in documents]
        counts = count(texts, pairs=self.recipe.words > 1)
        known = block.places(counts.keys) >= 0
        counts = Counts(counts.keys[known], counts.times[:, np.flatnonzero(known)])
        return _weighted(block, counts, once=0.0)[0]

    def term(self, column: int) -> tuple[str, str]:
        """(block, term) of a column."""
        block = next(block for block in reversed(self.blocks) if block.first <= column)
        return block.field, name(int(block.keys[column - block.first]), self.lexicon.words)

    def terms(self) -> Iterator[tuple[str, str]]:
        """(block, term) of every column, in order."""
        words = self.lexicon.words
        for block in self.blocks:
            for key in block.keys.tolist():
                yield block.field, name(key, words)


def features(
    documents: Iterable[Document], recipe: Recipe | None = None, beside: Sequence[Document] = ()
) -> Features:
    """A harvest as numbers. The same documents give the same numbers, in whatever order they come.

    `beside` are texts that the harvest will be compared with (the question, known studies): what they have in
    common with one report only is kept.

    Raises:
        WrongUse: two documents have the same id, or the recipe asks for more than pairs of words.
    """
    recipe = recipe or Recipe()
    if recipe.words not in (1, 2):
        raise WrongUse(f"The parameter 'words' is 1 or 2, not {recipe.words}.")
    ordered = sorted(documents, key=lambda item: item.id)
    ids = tuple(item.id for item in ordered)
    if twice := next((a for a, b in pairwise(ids) if a == b), None):
        raise WrongUse(f"Report {twice} stands twice among the documents to rank; give each report once.")
    lexicon = Lexicon()
    fields = [field for field in FIELDS if recipe.weight(field)]
    counted = [list(_counted(ordered, field, recipe, lexicon)) for field in fields]
    spared = _spared(beside, lexicon, recipe)
    blocks: list[Block] = []
    for field, chunks in zip(fields, counted, strict=True):
        first = blocks[-1].first + len(blocks[-1].keys) if blocks else 0
        blocks.append(_block(field, recipe.weight(field), chunks, len(ids), first, spared))
    matrix, own = _assembled(blocks, counted, len(ids))
    return Features(ids, matrix, own, tuple(block for block in blocks if len(block.keys)), lexicon, recipe)


def rarity(reports: NDArray[np.int64], harvest: int) -> Vector:
    """Inverse document frequency of terms that so many of the harvest's reports have, smoothed.

    1 + ln((1 + harvest) / (1 + reports)), as in scikit-learn's TfidfTransformer.
    """
    return np.asarray(np.log((1 + harvest) / (1.0 + reports)) + 1.0)


def _counted(documents: Sequence[Document], field: str, recipe: Recipe, lexicon: Lexicon) -> Iterator[Counts]:
    """The terms of one field, some thousand documents at a time."""
    for start in range(0, len(documents), CHUNK):
        chunk = documents[start : start + CHUNK]
        texts = [_pieces(item, field, recipe, lexicon.learn) for item in chunk]
        yield count(texts, pairs=recipe.words > 1)


def _pieces(item: Document, field: str, recipe: Recipe, read: Callable[[str], list[int]]) -> list[Piece]:
    """One field of a document as numbers."""
    if field == "text":
        return [(read(item.title), recipe.title_times), (read(item.abstract), 1)]
    if field == "title":
        return [(read(item.title), 1)]
    return [(read(text), 1) for text in (*item.keywords, *item.publication_types)]


def _spared(beside: Sequence[Document], lexicon: Lexicon, recipe: Recipe) -> Keys:
    """Keys of the terms of other texts: their words in every form that the harvest has, and their pairs."""
    whole = [(item.title, item.abstract, *item.keywords, *item.publication_types) for item in beside]
    stems = {stem(word) for parts in whole for part in parts for word in WORD.findall(part.lower())}
    begins = {base[:2] for base in stems}  # a stem keeps the first two letters of its words
    forms = [
        number for number, word in enumerate(lexicon.words) if word[:2] in begins and stem(word) in stems
    ]
    read = [[(lexicon.read(part), 1) for part in parts] for parts in whole]
    keys = count(read, pairs=recipe.words > 1).keys
    return np.union1d(np.array(forms, dtype=np.int64), keys[is_pair(keys)])


def _block(
    field: str, weight: float, chunks: Sequence[Counts], harvest: int, first: int, spared: Keys
) -> Block:
    """One block of columns: the terms that two reports have, or one report and a text beside the harvest."""
    every = np.concatenate([chunk.keys for chunk in chunks] or [np.zeros(0, dtype=np.int64)])
    having = np.concatenate([chunk.times.getnnz(axis=0) for chunk in chunks] or [np.zeros(0, dtype=np.int64)])
    order = np.argsort(every, kind="stable")
    every, having = every[order], having[order]
    starts = np.flatnonzero(np.diff(every, prepend=-1))
    keys, reports = every[starts], np.add.reduceat(having, starts) if len(starts) else having
    kept = (reports > 1) | np.isin(keys, spared)
    keys, reports = keys[kept], np.asarray(reports[kept], dtype=np.int64)
    return Block(field, weight, first, keys, reports, rarity(reports, harvest))


def _assembled(
    blocks: Sequence[Block], counted: Sequence[list[Counts]], harvest: int
) -> tuple[sparse.csr_matrix, Vector]:
    """All blocks side by side, chunk by chunk; and what each report has for itself. Empties `counted`."""
    width = sum(len(block.keys) for block in blocks)
    once = float(rarity(np.ones(1, dtype=np.int64), harvest)[0])
    chunks, own = [], []
    for _ in range(-(-harvest // CHUNK)):
        parts = [_weighted(block, counts.pop(0), once) for block, counts in zip(blocks, counted, strict=True)]
        chunks.append(sparse.hstack([part for part, _ in parts], format="csr"))
        own.append(np.sum([alone for _, alone in parts], axis=0))
    if not chunks or not width:
        return sparse.csr_matrix((harvest, width)), np.concatenate([*own, np.zeros(0)])
    return sparse.vstack(chunks, format="csr"), np.concatenate(own)


def _weighted(block: Block, counts: Counts, once: float) -> tuple[sparse.csr_matrix, Vector]:
    """One block of one chunk: rows of the block's length, and the squared length of what has no column."""
    places = block.places(counts.keys)
    known = places >= 0
    rare = np.full(len(places), once)
    rare[known] = block.rarity[places[known]]
    rows = _scaled(counts.times, rare) * block.weight
    alone = rows[:, np.flatnonzero(~known)]
    rows = rows[:, np.flatnonzero(known)]
    shape = (rows.shape[0], len(block.keys))
    indices = places[known][rows.indices]
    placed = sparse.csr_matrix((rows.data, indices, rows.indptr), shape=shape)
    return placed, np.asarray(alone.multiply(alone).sum(axis=1), dtype=np.float64).ravel()


def _scaled(times: sparse.csr_matrix, rare: Vector) -> sparse.csr_matrix:
    """Sublinear counts times rarity, each row at length 1; an empty row stays empty."""
    weights = (1.0 + np.log(times.data)) * rare[times.indices]
    row = np.repeat(np.arange(times.shape[0]), np.diff(times.indptr))
    squared = np.bincount(row, weights=weights * weights, minlength=times.shape[0])
    weights /= np.sqrt(squared)[row]
    return sparse.csr_matrix((weights, times.indices, times.indptr), shape=times.shape)
